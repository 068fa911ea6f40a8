"""What must always hold: forms report a breach in a sentence, and the database refuses it in any case."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from agreements.domain.choices import Kind, PublicationVerb, RelationKind, TermKind
from agreements.domain.durations import Duration
from agreements.domain.partial_dates import PartialDate
from agreements.models import (
    Agreement,
    Commitment,
    Document,
    Evidence,
    ExternalIdentifier,
    Follow,
    LanguageVersion,
    Membership,
    Participation,
    Party,
    PartyMerge,
    Period,
    Person,
    PublicationStep,
    Relation,
    Reminder,
    Sighting,
    Source,
    Succession,
)
from tests.factories import (
    AgreementFactory,
    AreaFactory,
    CommitmentFactory,
    DocumentFactory,
    EvidenceFactory,
    LanguageVersionFactory,
    MembershipFactory,
    ParticipationFactory,
    PartyFactory,
    PartyNameFactory,
    PersonNameFactory,
    RelationFactory,
    SignatoryFactory,
    SourceFactory,
)

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def a_term(**fields: Any) -> Agreement:
    return Agreement(title="On labour", ref="AGR-7777", kind=Kind.MOU, **fields)


def succession(predecessor: Party, successor: Party) -> Succession:
    return Succession.objects.create(predecessor=predecessor, successor=successor, date="1992")


def of_itself(party: Party) -> Succession:
    return Succession(predecessor=party, successor=party)


def member_of_itself(party: Party) -> Membership:
    return Membership(organisation=party, member=party)


def a_member(**dates: str) -> Membership:
    return Membership(organisation=PartyFactory(), member=PartyFactory(), **dates)


def a_participation(**fields: str) -> Participation:
    return Participation(agreement=AgreementFactory(), party=PartyFactory(), **fields)


def under_itself(row: Any) -> Any:
    row.parent = row
    return row


def somebody() -> User:
    return User.objects.get_or_create(username="somebody")[0]


def a_follow(**of: Any) -> Follow:
    return Follow.objects.create(user=somebody(), since=NOON, **of)


def an_identifier() -> ExternalIdentifier:
    return ExternalIdentifier.objects.create(
        agreement=AgreementFactory(), scheme="un", value="5535"
    )


def by_document() -> Evidence:
    document = DocumentFactory()
    return EvidenceFactory(agreement=document.agreement, source=None, document=document)


def again(row: Any) -> Any:
    """The same row again, as if it were new."""
    row.pk = None
    row._state.adding = True
    return row


def into_itself() -> PartyMerge:
    party = PartyFactory()
    return PartyMerge(kept=party, other_key=party.pk, other={}, at=timezone.now())


def without_a_reason() -> PublicationStep:
    return PublicationStep(
        agreement=AgreementFactory(), verb=PublicationVerb.RETURN, by=somebody(), at=NOON
    )


def to_itself() -> Relation:
    agreement = AgreementFactory()
    return Relation(agreement=agreement, target=agreement, kind=RelationKind.AMENDS)


def with_file_and_address() -> Document:
    document = DocumentFactory(uploaded=True)
    document.address = "https://documents.example/text"
    return document


def too_long() -> Duration:
    """A length that no text can state."""
    length = Duration()
    object.__setattr__(length, "months", 2401)
    return length


def with_address_of(source: Source) -> Source:
    return Source(publisher="Another", url=source.url, slug="another")


BREACHES: dict[str, tuple[Callable[[], Any], str]] = {
    "agreement_has_title": (
        lambda: Agreement(title="", ref="AGR-7777"),
        "An agreement needs a title.",
    ),
    "agreement_funding_has_currency": (
        lambda: a_term(funding_amount=5),
        "Give both an amount and its currency, or neither.",
    ),
    "agreement_term_length_possible": (
        lambda: a_term(term_kind=TermKind.FIXED, term=Duration()),
        "A term lasts from 1 day to 200 years.",
    ),
    "agreement_renewal_only_if_renewed": (
        lambda: a_term(term_kind=TermKind.FIXED, renewal=Duration(12)),
        "Only an agreement that is renewed automatically has a length of each renewal.",
    ),
    "agreement_notice_possible": (
        lambda: a_term(notice=too_long()),
        "Notice is given at most 200 years ahead.",
    ),
    "agreement_length_only_of_a_term": (
        lambda: a_term(term_kind=TermKind.INDEFINITE, term=Duration(12)),
        "A length goes with a fixed term or an automatic renewal.",
    ),
    "merge_of_two_parties": (
        into_itself,
        "A party cannot be merged with itself.",
    ),
    "publication_step_says_why": (
        without_a_reason,
        "Say why, for the next person who works on this record.",
    ),
    "participation_once_per_role": (
        lambda: again(ParticipationFactory()),
        "This party is entered twice in the same role.",
    ),
    "signatory_once": (lambda: again(SignatoryFactory()), "This signatory is entered twice."),
    "area_not_its_own_parent": (
        lambda: under_itself(AreaFactory()),
        "An area cannot be part of itself.",
    ),
    "party_has_name": (lambda: Party(name="", slug="nameless"), "A party needs a name."),
    "party_not_its_own_parent": (
        lambda: under_itself(PartyFactory()),
        "A party cannot be part of itself.",
    ),
    "party_name_once": (
        lambda: again(PartyNameFactory()),
        "This party already has that name.",
    ),
    "succession_once": (
        lambda: again(succession(PartyFactory(), PartyFactory())),
        "This successor is entered twice.",
    ),
    "succession_of_another": (
        lambda: of_itself(PartyFactory()),
        "A party cannot succeed itself.",
    ),
    "membership_once": (
        lambda: again(MembershipFactory(since="1993")),
        "This member is entered twice with the same beginning.",
    ),
    "membership_of_another": (
        lambda: member_of_itself(PartyFactory()),
        "An organisation cannot be its own member.",
    ),
    "participation_end_has_a_day": (
        lambda: a_participation(ended_by="withdrawal"),
        "Enter the last day as well",
    ),
    "person_has_name": (lambda: Person(name="", slug="nobody"), "A person needs a name."),
    "person_name_once": (
        lambda: again(PersonNameFactory()),
        "This person already has that name.",
    ),
    "document_file_or_address": (
        with_file_and_address,
        "Enter either a file or a URL, not both.",
    ),
    "relation_once": (lambda: again(RelationFactory()), "This relation has already been entered."),
    "relation_to_another": (to_itself, "An agreement cannot be related to itself."),
    "source_has_publisher": (
        lambda: Source(publisher="", url="https://news.example/nobody", slug="nobody"),
        "A source needs a publisher.",
    ),
    "source_can_be_found": (
        lambda: Source(publisher="The Daily", slug="the-daily"),
        "A source needs a URL or a title.",
    ),
    "source_address_once": (
        lambda: with_address_of(SourceFactory()),
        "There is already a source with this URL.",
    ),
    "evidence_once": (
        lambda: again(EvidenceFactory()),
        "This place in this source is already entered for the same fact.",
    ),
    "follow_agreement_once": (
        lambda: again(a_follow(agreement=AgreementFactory())),
        "You already follow this agreement.",
    ),
    "follow_selection_once": (
        lambda: again(a_follow(query="kind=mou")),
        "You already follow this selection.",
    ),
    "follow_agreement_or_selection": (
        lambda: Follow(user=somebody(), agreement=AgreementFactory(), query="a=b", since=NOON),
        "Follow either an agreement or a selection.",
    ),
    "sighting_once": (
        lambda: again(
            Sighting.objects.create(
                follow=a_follow(), agreement=AgreementFactory(), updated_at=NOON
            )
        ),
        "There is already a sighting of this agreement.",
    ),
    "reminder_once": (
        lambda: again(
            Reminder.objects.create(
                agreement=AgreementFactory(),
                rule="notice",
                due=NOON.date(),
                recipient=somebody(),
                claimed_at=NOON,
            )
        ),
        "This person has already been reminded of this.",
    ),
    "external_identifier_once": (
        lambda: again(an_identifier()),
        "Another agreement already has this identifier.",
    ),
    "external_identifier_filled": (
        lambda: ExternalIdentifier(agreement=AgreementFactory(), scheme="un", value=""),
        "An identifier needs the name of its register and a value.",
    ),
    "period_is_dated": (
        lambda: Period(
            agreement=AgreementFactory(), kind="suspension", last=PartialDate.parse("2020")
        ),
        "Give the first day of the period",
    ),
    "period_ends_after_it_begins": (
        lambda: Period(
            agreement=AgreementFactory(),
            kind="renewal",
            first=PartialDate.parse("2021"),
            last=PartialDate.parse("2020-12-31"),
        ),
        "The last day of a period cannot be before the first.",
    ),
    "evidence_of_document_once": (
        lambda: again(by_document()),
        "This place in this document is already entered for the same fact.",
    ),
    "evidence_rests_on_one": (
        lambda: Evidence(agreement=AgreementFactory(), fact="title"),
        "Choose either a source or one of the agreement's documents.",
    ),
    "language_version_once": (
        lambda: again(LanguageVersionFactory()),
        "This language is entered twice.",
    ),
    "language_version_has_language": (
        lambda: LanguageVersion(agreement=AgreementFactory(), language=""),
        "A language version needs its language.",
    ),
    "language_version_prevails_if_authentic": (
        lambda: LanguageVersion(
            agreement=AgreementFactory(), language="az", status="translation", prevails=True
        ),
        "A translation cannot prevail.",
    ),
    "commitment_says_something": (
        lambda: Commitment(agreement=AgreementFactory(), text=""),
        "Say what was promised.",
    ),
}


@pytest.mark.parametrize(("make", "sentence"), BREACHES.values(), ids=BREACHES)
def test_breach_is_told_in_a_sentence(make: Callable[[], Any], sentence: str) -> None:
    with pytest.raises(ValidationError) as refused:
        make().validate_constraints()

    assert any(message.startswith(sentence) for message in refused.value.messages)


@pytest.mark.parametrize(("make", "sentence"), BREACHES.values(), ids=BREACHES)
def test_breach_is_refused_by_the_database(make: Callable[[], Any], sentence: str) -> None:
    row = make()

    with pytest.raises(IntegrityError), transaction.atomic():
        models.Model.save_base(row)


# Periods whose two dates are compared by their days, which only saved rows have; `clean` tells of these.
REVERSED: dict[str, tuple[Callable[[], Any], str]] = {
    "membership_in_order": (
        lambda: a_member(since="2010", until="2009"),
        "The membership ends before it begins.",
    ),
    "participation_ends_after_it_began": (
        lambda: a_participation(in_force_from="2010", in_force_until="2009"),
        "The last day is before the entry into force for this party.",
    ),
    "participation_provisional_in_order": (
        lambda: a_participation(provisional_from="2010-02", provisional_until="2010-01"),
        "The provisional application ends before it begins.",
    ),
}


@pytest.mark.parametrize(("make", "sentence"), REVERSED.values(), ids=REVERSED)
def test_reversed_period_is_refused_in_a_sentence_and_by_the_database(
    make: Callable[[], Any], sentence: str
) -> None:
    row = make()
    row.clean_fields()

    with pytest.raises(ValidationError, match=sentence):
        row.clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        models.Model.save_base(row)


def test_neither_file_nor_address_is_refused() -> None:
    document = Document(agreement=AgreementFactory(), title="Text", kind="annex")

    with pytest.raises(ValidationError, match="Enter either a file or a URL"):
        document.validate_constraints()
    with pytest.raises(IntegrityError), transaction.atomic():
        document.save()


@pytest.mark.parametrize("term", [None, "P1M", "P200Y", "P1D", "P73200D"])
def test_possible_lengths_are_taken(term: str | None) -> None:
    agreement = AgreementFactory(term_kind=TermKind.FIXED, term=term)

    agreement.full_clean()
    stored = Agreement.objects.get().term
    assert (stored and str(stored)) == term


@pytest.mark.parametrize("day", [date(999, 12, 31), date(3000, 1, 1)])
def test_days_outside_the_years_of_the_register_are_refused_with_the_reason(day: date) -> None:
    for row in (SourceFactory.build(retrieved=day), CommitmentFactory.build(reviewed=day)):
        with pytest.raises(ValidationError, match="Give a day in the years 1000 to 2999"):
            row.clean_fields(exclude={"agreement"})


def test_what_is_alike_but_not_the_same_is_taken() -> None:
    participation = ParticipationFactory()
    ParticipationFactory(
        agreement=participation.agreement, party=participation.party, role="witness"
    )
    evidence = EvidenceFactory()
    EvidenceFactory(agreement=evidence.agreement, source=evidence.source, locator="paragraph 2")
    SourceFactory(url="")
    SourceFactory(url="")

    assert (Participation.objects.count(), Evidence.objects.count()) == (2, 2)
    assert Source.objects.filter(url="").count() == 2


def test_every_constraint_is_broken_here() -> None:
    """Except those that come with every partial date, which have their own tests."""
    named = {
        constraint.name
        for model in apps.get_app_config("agreements").get_models()
        for constraint in model._meta.constraints
        if not constraint.name.endswith("_days")
    }

    of_bookkeeping = {
        "document_version_of_one_file",
        "erasure_says_what_instead",
        "erasure_says_why",
        "likely_duplicate_in_order",
        "likely_duplicate_once",
        "merged_row_once",
        "one_account_per_subject",
        "one_subject_per_account",
        "proposal_returned_says_why",
        "seeded_record_once",
        "touched_once_by_a_change",
    }
    assert named == {*BREACHES, *REVERSED, *of_bookkeeping}
