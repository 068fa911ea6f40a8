"""What must always hold: forms report a breach in a sentence, and the database refuses it in any case."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from agreements.domain.choices import Kind, PublicationVerb, RelationKind, TermKind
from agreements.models import (
    Agreement,
    Commitment,
    Document,
    Evidence,
    ExternalIdentifier,
    Follow,
    Participation,
    Party,
    PartyMerge,
    PublicationStep,
    Relation,
    Reminder,
    Sighting,
    Source,
)
from tests.factories import (
    AgreementFactory,
    AreaFactory,
    DocumentFactory,
    EvidenceFactory,
    ParticipationFactory,
    PartyFactory,
    PartyNameFactory,
    RelationFactory,
    SignatoryFactory,
    SourceFactory,
)

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def a_term(**fields: Any) -> Agreement:
    return Agreement(title="On labour", ref="AGR-7777", kind=Kind.MOU, **fields)


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
        lambda: a_term(term_kind=TermKind.FIXED, term_months=2401),
        "A term lasts from 1 to 2,400 months.",
    ),
    "agreement_length_only_of_a_term": (
        lambda: a_term(term_kind=TermKind.INDEFINITE, term_months=12),
        "Months go with a fixed term or an automatic renewal.",
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


def test_neither_file_nor_address_is_refused() -> None:
    document = Document(agreement=AgreementFactory(), title="Text", kind="annex")

    with pytest.raises(ValidationError, match="Enter either a file or a URL"):
        document.validate_constraints()
    with pytest.raises(IntegrityError), transaction.atomic():
        document.save()


@pytest.mark.parametrize("months", [None, 1, 2400])
def test_possible_lengths_are_taken(months: int | None) -> None:
    agreement = AgreementFactory(term_kind=TermKind.FIXED, term_months=months)

    agreement.full_clean()
    assert Agreement.objects.get().term_months == months


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
        "likely_duplicate_in_order",
        "likely_duplicate_once",
        "merged_row_once",
        "one_account_per_subject",
        "one_subject_per_account",
        "seeded_record_once",
        "touched_once_by_a_change",
    }
    assert named == {*BREACHES, *of_bookkeeping}
