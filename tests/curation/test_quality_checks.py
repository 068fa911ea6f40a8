"""Quality checks: each warns in a sentence that names the field, and what is usual causes no warning."""

from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agreements.curation.quality_checks import findings_of
from agreements.domain.choices import PartyKind, RelationKind, Role, Stage, TermKind
from agreements.domain.facts import FACTS, EvidenceCode
from agreements.models import Agreement, Party
from tests.factories import (
    AgreementFactory,
    DocumentFactory,
    EvidenceFactory,
    ParticipationFactory,
    PartyFactory,
    RelationFactory,
    SignatoryFactory,
)

pytestmark = pytest.mark.django_db


def ordinary(**fields: Any) -> Agreement:
    """A dated agreement between two parties with a country, with a source for every fact: no check finds anything."""
    fields = {"signed": "2022-05-25", "parties": PartyFactory.create_batch(2), **fields}
    agreement = AgreementFactory(**fields)
    Party.objects.filter(country="").update(country="AZ")
    agreement.refresh_from_db()
    for fact in FACTS:
        if fact.has_evidence and (fact.rows or fact.says_something(agreement)):
            EvidenceFactory(agreement=agreement, fact=fact.code)
    agreement.refresh_from_db()
    return agreement


def codes(agreement: Agreement) -> list[str]:
    return [finding.code for finding in findings_of(agreement)]


FIXED, AUTOMATIC = TermKind.FIXED, TermKind.AUTOMATIC_RENEWAL


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, []),
        ({"title": "x" * 255}, []),
        ({"title": "x" * 256}, ["long_title"]),
        ({"parties": []}, ["no_party"]),
        ({"in_force": "2022-05-25"}, []),
        ({"in_force": "2022-05-24"}, ["in_force_before_signed"]),
        ({"in_force": "2022-05"}, []),
        ({"in_force": "2022-04"}, ["in_force_before_signed"]),
        ({"in_force": "../2022-05-24"}, ["in_force_before_signed"]),
        ({"in_force": "../2023"}, []),
        ({"terminated": "2022-05-25"}, []),
        ({"terminated": "2021"}, ["terminated_before_signed"]),
        ({"stage": Stage.PROPOSED}, ["signed_before_conclusion"]),
        ({"stage": Stage.NEGOTIATION}, ["signed_before_conclusion"]),
        ({"stage": Stage.ABANDONED}, []),
        ({"stage": Stage.ABANDONED, "in_force": "2023"}, ["in_force_before_conclusion"]),
        (
            {"stage": Stage.NEGOTIATION, "signed": None, "in_force": "2023"},
            ["in_force_before_conclusion"],
        ),
        (
            {"stage": Stage.PROPOSED, "signed": None, "terminated": "2023"},
            ["in_force_before_conclusion"],
        ),
        ({"stage": Stage.PROPOSED, "signed": None}, []),
        ({"signed": None}, ["concluded_without_date"]),
        ({"signed": None, "in_force": "2022"}, []),
        ({"expires_stated": "2022-05-24"}, ["end_before_start"]),
        ({"in_force": "2023", "expires_stated": "2022-12-31"}, ["end_before_start"]),
        ({"in_force": "2023", "expires_stated": "2023"}, []),
        ({"term_kind": FIXED}, ["fixed_without_length"]),
        ({"term_kind": FIXED, "expires_stated": "2025"}, []),
        ({"term_kind": FIXED, "term_months": 36}, ["fixed_without_start"]),
        ({"term_kind": FIXED, "term_months": 36, "in_force": "2022-06"}, []),
        ({"term_kind": AUTOMATIC}, []),
        ({"term_kind": AUTOMATIC, "term_months": 12}, []),
        ({"term_kind": TermKind.INDEFINITE}, []),
        ({"term_kind": TermKind.INDEFINITE, "expires_stated": "2030"}, ["indefinite_with_end"]),
        ({"term_kind": AUTOMATIC, "expires_stated": "2030"}, []),
    ],
    ids=lambda value: (
        ", ".join(f"{k}={v!s:.12}" for k, v in value.items()) if isinstance(value, dict) else ""
    ),
)
def test_facts_of_an_agreement(facts: dict[str, Any], expected: list[str]) -> None:
    assert codes(ordinary(**facts)) == expected


@pytest.mark.parametrize(
    ("term_kind", "named", "is_found"),
    [
        (FIXED, "2026-07-28", False),
        (FIXED, "2026-07-27", False),
        (FIXED, "2026-07", False),
        (FIXED, "2026-07-26", True),
        (FIXED, "2026-07-30", True),
        (FIXED, "2027", True),
        (AUTOMATIC, "2026-07-28", False),
        (AUTOMATIC, "2029-07-28", False),
        (AUTOMATIC, "2025", True),
    ],
)
def test_named_end_is_the_counted_one(term_kind: TermKind, named: str, is_found: bool) -> None:
    agreement = ordinary(
        in_force="2023-07-28", term_kind=term_kind, term_months=36, expires_stated=named
    )

    assert codes(agreement) == ["named_end_is_not_the_counted"] * is_found


@pytest.mark.parametrize(
    ("notice_days", "term_months", "is_found"),
    [(365, 12, False), (366, 12, False), (367, 12, True), (90, None, False), (31, 1, True)],
)
def test_notice_is_shorter_than_the_term(
    notice_days: int, term_months: int | None, is_found: bool
) -> None:
    agreement = ordinary(term_kind=AUTOMATIC, term_months=term_months, notice_days=notice_days)

    assert codes(agreement) == ["notice_longer_than_term"] * is_found


@pytest.mark.parametrize("role", [Role.PARTY, Role.WITNESS])
def test_one_party_is_odd_and_a_witness_is_none(role: Role) -> None:
    agreement = ordinary(parties=[PartyFactory()])
    ParticipationFactory(agreement=agreement, role=role, party=PartyFactory(country="AZ"))

    assert codes(agreement) == ([] if role == Role.PARTY else ["one_party"])


def test_missing_source() -> None:
    agreement = ordinary()
    agreement.evidence.all().delete()

    assert codes(agreement) == ["no_source"]


def test_facts_without_a_source_are_named() -> None:
    agreement = ordinary(in_force="2022-06-01", place="Baku")
    agreement.evidence.filter(
        fact__in=[EvidenceCode.IN_FORCE, EvidenceCode.PLACE, EvidenceCode.TERMINATED]
    ).delete()

    (finding,) = findings_of(agreement)

    assert finding.code == "facts_without_source"
    assert "Place of signature and Entry into force" in finding.message


def test_evidence_of_what_says_nothing_is_named() -> None:
    agreement = ordinary(in_force="2022-06-01", term_kind=TermKind.FIXED, term_months=12)
    for fact in (EvidenceCode.LEGAL_NATURE, EvidenceCode.TEXT, EvidenceCode.PLACE):
        EvidenceFactory(agreement=agreement, fact=fact)

    (finding,) = findings_of(agreement)

    assert finding.code == "source_of_nothing"
    # the end of the term is worked out
    assert "Sources: Legal nature, Place of signature and Text: nothing" in finding.message


def test_contradicting_source_is_none() -> None:
    agreement = ordinary()
    agreement.evidence.filter(fact=EvidenceCode.SIGNED).update(basis="contradicted")

    assert codes(agreement) == ["facts_without_source"]


@pytest.mark.parametrize(
    ("kind", "is_found"),
    [
        (PartyKind.STATE, True),
        (PartyKind.MINISTRY, True),
        (PartyKind.INTERNATIONAL_ORGANISATION, False),
    ],
)
def test_party_that_no_country_finds(kind: PartyKind, is_found: bool) -> None:
    agreement = ordinary()
    Party.objects.filter(pk=agreement.participations.all()[0].party_id).update(
        kind=kind, country=""
    )

    assert codes(agreement) == ["party_without_country"] * is_found


def test_signature_to_come() -> None:
    assert codes(ordinary(signed="2090")) == ["signed_in_the_future"]


@pytest.mark.parametrize(
    ("shown_at", "is_found"),
    [
        pytest.param("2026-11-30T19:59:59+00:00", True, id="the day before in Baku"),
        pytest.param("2026-11-30T20:00:00+00:00", False, id="midnight in Baku, evening in UTC"),
    ],
)
def test_the_future_begins_at_the_registers_midnight_and_is_judged_when_shown(
    settings: Any, shown_at: str, is_found: bool
) -> None:
    settings.TIME_ZONE = "Asia/Baku"
    with time_machine.travel("2026-11-01T12:00:00+00:00", tick=False):
        agreement = ordinary(signed="2026-12-01")

    with time_machine.travel(shown_at, tick=False):
        assert codes(agreement) == ["signed_in_the_future"] * is_found


@pytest.mark.parametrize(
    ("signed_for", "is_found"),
    [
        ("nobody", False),
        ("party", False),
        ("body of it", False),
        ("body of that", False),
        ("state above it", False),
        ("state above that", False),
        ("another ministry", True),
        ("another state", True),
    ],
)
def test_signatory_signs_for_a_party_or_its_own(signed_for: str, is_found: bool) -> None:
    union = PartyFactory()
    state = PartyFactory(parent=union)
    party = PartyFactory(parent=state)
    department = PartyFactory(parent=party)
    bodies = {
        "nobody": None,
        "party": party,
        "body of it": department,
        "body of that": PartyFactory(parent=department),
        "state above it": state,
        "state above that": union,
        "another ministry": PartyFactory(parent=state),
        "another state": PartyFactory(),
    }
    agreement = ordinary(parties=[party, PartyFactory()])
    SignatoryFactory(agreement=agreement, party=bodies[signed_for])

    assert codes(agreement) == ["signed_for_a_stranger"] * is_found


@pytest.mark.parametrize(
    ("other", "is_found"),
    [
        ({"title": "On Labour", "signed": "2022"}, True),
        ({"title": "on labour", "signed": "2022"}, True),
        ({"title": "On labour", "signed": "2022-05"}, False),
        ({"title": "On health", "signed": "2022"}, False),
    ],
    ids=["same", "but for a capital", "another date", "another title"],
)
def test_same_title_and_date(other: dict[str, str], is_found: bool) -> None:
    duplicate = AgreementFactory(**other)
    agreement = ordinary(title="On Labour", signed="2022")

    found = findings_of(agreement)

    assert [finding.code for finding in found] == ["likely_duplicate"] * is_found
    assert all(duplicate.ref in finding.message for finding in found)


def test_undated_agreements_of_one_title_are_usual() -> None:
    AgreementFactory(title="On labour", stage=Stage.PROPOSED)

    assert codes(ordinary(title="On labour", stage=Stage.PROPOSED, signed=None)) == []


@pytest.mark.parametrize(
    ("kind", "facts", "is_found"),
    [
        (RelationKind.SUPERSEDES, {"signed": None, "stage": Stage.ABANDONED}, True),
        (RelationKind.SUPERSEDES, {"signed": "2022"}, False),
        (RelationKind.SUPERSEDES, {"signed": None, "in_force": "2022"}, False),
        (RelationKind.AMENDS, {"signed": None, "stage": Stage.ABANDONED}, False),
    ],
)
def test_superseding_agreement_has_a_date(
    kind: RelationKind, facts: dict[str, Any], is_found: bool
) -> None:
    agreement = ordinary(**facts)
    RelationFactory(agreement=agreement, kind=kind)

    assert codes(agreement) == ["superseding_without_date"] * is_found


TERMINATES = RelationKind.TERMINATES


@pytest.mark.parametrize(
    ("kind", "later", "terminated", "found"),
    [
        (TERMINATES, {"signed": "2022-05-25", "in_force": "2023-01-01"}, "2023-01-01", ""),
        (TERMINATES, {"signed": "2022-05-25", "in_force": "2023"}, "2023-01-01", ""),
        (TERMINATES, {"signed": "2022-05-25"}, "", "without_end"),
        (TERMINATES, {"signed": "2022-05-25"}, "2022-05-24", "on_another_day"),
        (TERMINATES, {"signed": "2022-05-25"}, "2022-05-26", "on_another_day"),
        (TERMINATES, {"signed": "2022-05-25", "stage": Stage.PROPOSED}, "", ""),
        (TERMINATES, {"signed": "2022-05-25", "draft": True}, "", ""),
        (RelationKind.SUPERSEDES_IN_PART, {"signed": "2022-05-25"}, "", ""),
        (RelationKind.CORRECTS, {"signed": "2022-05-25"}, "", ""),
    ],
)
def test_what_is_terminated_has_the_day_on_which_it_ended(
    kind: RelationKind, later: dict[str, Any], terminated: str, found: str
) -> None:
    one = AgreementFactory(**later)
    earlier = ordinary(signed="2010-01-01", terminated=terminated)
    RelationFactory(agreement=one, target=earlier, kind=kind)

    assert codes(earlier) == [f"terminated_{found}"] * bool(found)
    assert [code for code in codes(one) if code.startswith("terminating")] == (
        [f"terminating_{found}"] * bool(found)
    )


def test_termination_is_told_with_the_day_and_the_other_agreement() -> None:
    later = AgreementFactory(signed="2022-05-25")
    earlier = ordinary(signed="2010-01-01")
    RelationFactory(agreement=later, target=earlier, kind=RelationKind.TERMINATES)

    [finding] = findings_of(earlier)

    assert finding.message == (
        f"Terminated: {later.ref} terminates this agreement, but there is no date. Enter 25 May 2022, "
        "if the termination took effect when that agreement did."
    )
    assert finding.other == (later.pk, later.ref)


def test_publisher_is_told_of_a_relation_that_the_page_does_not_show() -> None:
    agreement = ordinary()
    draft = AgreementFactory(draft=True)
    RelationFactory(agreement=agreement, target=draft)
    RelationFactory(agreement=agreement, target=AgreementFactory())

    [finding] = findings_of(agreement)

    assert finding.code == "relation_not_shown"
    assert finding.message.startswith(f"Related agreements: {draft.ref} is not public")


@pytest.mark.parametrize(
    ("availability", "is_public", "is_found"),
    [("confidential", True, True), ("confidential", False, False), ("public", True, False)],
)
def test_confidential_text_is_not_public(
    availability: str, is_public: bool, is_found: bool
) -> None:
    agreement = ordinary(text_availability=availability)
    DocumentFactory(agreement=agreement, kind="signed_text", is_public=is_public)

    assert codes(agreement) == ["text_is_confidential_and_public"] * is_found


def everything_found() -> Agreement:
    AgreementFactory(title="x" * 256, signed="2022")
    agreement = AgreementFactory(
        title="x" * 256,
        signed="2022",
        in_force="2021",
        terminated="2020",
        expires_stated="2019",
        stage=Stage.PROPOSED,
        term_kind=TermKind.INDEFINITE,
    )
    SignatoryFactory(agreement=agreement, party=PartyFactory())
    return agreement


def test_each_sentence_begins_with_the_field_and_says_what_to_do() -> None:
    sentences = [finding.message for finding in findings_of(everything_found())]

    assert len(sentences) == 10
    for sentence in sentences:
        field, _colon, rest = sentence.partition(": ")
        assert field[0].isupper()
        assert rest.endswith(".")
        assert rest.count(".") >= 1


def test_sentence_names_what_it_is_about() -> None:
    messages = {finding.code: str(finding) for finding in findings_of(everything_found())}

    assert messages["in_force_before_signed"] == (
        "Entered into force: 2021 is before the signature, 2022. Check both dates."
    )
    assert messages["signed_before_conclusion"] == (
        "Stage: it says “Proposed” although a date of signature is given. "
        "Choose “Concluded”, or remove the date."
    )


@pytest.mark.parametrize(
    ("signed", "shared", "expected"),
    [
        ("2022-05-25", 2, ["likely_duplicate"]),
        ("2022-05", 2, ["likely_duplicate"]),
        ("2022-05-26", 2, []),
        ("2022-05-25", 1, []),
        ("", 2, []),
    ],
    ids=["same day", "month of the day", "another day", "one party in common", "undated"],
)
def test_two_parties_in_common_and_a_date_that_can_be_the_same_are_told(
    signed: str, shared: int, expected: list[str]
) -> None:
    agreement = ordinary()
    parties = [row.party for row in agreement.participations.all()][:shared]
    other = AgreementFactory(signed=signed, parties=[*parties, PartyFactory(country="AZ")])

    found = [finding for finding in findings_of(agreement) if finding.other]

    assert [finding.code for finding in found] == expected
    assert [finding.other for finding in found] == [(other.pk, other.ref)] * len(expected)


@pytest.mark.parametrize(
    ("signed", "expected"), [("2022-05-25", ["likely_duplicate"]), ("2022", [])]
)
def test_the_same_source_with_the_same_date_is_told(signed: str, expected: list[str]) -> None:
    agreement = ordinary()
    other = AgreementFactory(signed=signed)
    EvidenceFactory(agreement=other, source=agreement.evidence.first().source)

    assert codes(agreement) == expected


def test_duplicate_is_told_once_with_everything_that_it_has_in_common_and_what_to_do() -> None:
    draft = ordinary(title="On labour", draft=True)
    duplicate = AgreementFactory(
        title="on LABOUR",
        signed="2022-05-25",
        parties=[row.party for row in draft.participations.all()],
    )
    EvidenceFactory(agreement=duplicate, source=draft.evidence.first().source)

    [finding] = findings_of(draft)

    assert finding.message == (
        f"Perhaps entered twice: {duplicate.ref} has the same title, has the same parties, "
        "was signed on the same day, 25 May 2022 and rests on the same source. "
        "If it is the same agreement, open the other record, add to it, and delete this draft. "
        "If you cannot, ask a publisher to do it."
    )


def test_cost_does_not_grow_with_the_rows() -> None:
    def queries(make: Callable[[], Agreement]) -> int:
        agreement = make()
        with CaptureQueriesContext(connection) as captured:
            findings_of(agreement)
        return len(captured)

    def crowded() -> Agreement:
        agreement = ordinary(parties=PartyFactory.create_batch(60))
        for row in agreement.participations.all():
            SignatoryFactory(agreement=agreement, party=row.party)
            EvidenceFactory(agreement=agreement)
        return agreement

    def small() -> Agreement:
        agreement = ordinary()
        SignatoryFactory(agreement=agreement, party=agreement.participations.all()[0].party)
        return agreement

    assert queries(crowded) == queries(small) <= 10
