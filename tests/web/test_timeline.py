"""The timeline: the agreement's own dates and its events in one order, and which steps are still to come."""

from datetime import date

import pytest

from agreements.domain.choices import EventKind
from agreements.domain.facts import EvidenceCode
from agreements.models import Agreement
from agreements.web.timeline import Step, timeline
from tests.factories import AgreementFactory, EventFactory, PeriodFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 21)


def steps(agreement: Agreement, day: date = TODAY) -> list[Step]:
    return timeline(agreement, agreement.events.all(), day)


def test_own_dates_and_events_stand_in_one_order() -> None:
    agreement = AgreementFactory(
        signed="2023-07-28", in_force="2023-07-28", term_kind="fixed", term_months=36
    )
    EventFactory(agreement=agreement, kind=EventKind.APPROVED, date="2023-10-11")
    EventFactory(agreement=agreement, kind=EventKind.DISCUSSED, date="2023")

    assert [(step.label, str(step.when)) for step in steps(agreement)] == [
        ("Discussed", "2023"),
        ("Signed", "2023-07-28"),
        ("Entered into force", "2023-07-28"),
        ("Approved", "2023-10-11"),
        ("End of term", "2026-07-28"),
    ]


def test_unknown_dates_come_last() -> None:
    agreement = AgreementFactory(signed="2999")
    EventFactory(agreement=agreement, kind=EventKind.RATIFIED)

    assert [step.label for step in steps(agreement)] == ["Signed", "Ratified"]


def test_on_one_day_talks_come_before_the_signature_and_the_end_comes_last() -> None:
    day = "2024-05-01"
    agreement = AgreementFactory(signed=day, in_force=day, terminated=day)
    for kind in (EventKind.MEETING, EventKind.INITIALLED):
        EventFactory(agreement=agreement, kind=kind, date=day)

    assert [step.label for step in steps(agreement)] == [
        "Initialled",
        "Signed",
        "Entered into force",
        "Meeting",
        "Terminated",
    ]


@pytest.mark.parametrize(
    ("when", "is_ahead", "may_be_ahead"),
    [
        pytest.param("2026-11-20", False, False, id="yesterday"),
        pytest.param("2026-11-21", False, False, id="today"),
        pytest.param("2026-11-22", True, False, id="tomorrow"),
        pytest.param("2026-11", False, True, id="this month"),
        pytest.param("2026", False, True, id="this year"),
        pytest.param("2027", True, False, id="next year"),
        pytest.param("2020/..", False, True, id="open end"),
        pytest.param("../2020", False, False, id="open start"),
    ],
)
def test_what_lies_ahead_is_marked(when: str, is_ahead: bool, may_be_ahead: bool) -> None:
    (step,) = steps(AgreementFactory(signed=when))

    assert (step.is_ahead, step.may_be_ahead) == (is_ahead, may_be_ahead)


@pytest.mark.parametrize(
    ("kind", "fact"),
    [
        pytest.param(EventKind.ENTERED_INTO_FORCE, EvidenceCode.IN_FORCE, id="entry into force"),
        pytest.param(EventKind.TERMINATED, EvidenceCode.TERMINATED, id="termination"),
    ],
)
def test_event_that_tells_an_own_date_takes_its_place(kind: EventKind, fact: EvidenceCode) -> None:
    agreement = AgreementFactory(in_force="2024-01-01", terminated="2024-01-01")
    event = EventFactory(agreement=agreement, kind=kind, date="2024-01-01", note="By notes.")

    told = [step for step in steps(agreement) if step.fact == fact]

    assert [step.event for step in told] == [event]


def test_event_of_another_date_stands_beside_the_own_one() -> None:
    agreement = AgreementFactory(in_force="2024-01-01")
    EventFactory(agreement=agreement, kind=EventKind.ENTERED_INTO_FORCE, date="2024-02-01")

    assert [step.fact for step in steps(agreement)] == [EvidenceCode.IN_FORCE, None]


def test_no_dates_and_no_events_give_an_empty_timeline() -> None:
    assert steps(AgreementFactory()) == []


@pytest.mark.parametrize(
    ("kind", "facts", "is_untold"),
    [
        ("entered_into_force", {}, True),
        ("entered_into_force", {"in_force": "2022"}, True),
        ("entered_into_force", {"in_force": "2021"}, False),
        ("suspended", {}, True),
        ("renewed", {"expires_stated": "2021-06-30"}, True),
        ("meeting", {}, False),
    ],
)
def test_event_that_the_facts_do_not_say_is_marked(
    kind: str, facts: dict[str, str], is_untold: bool
) -> None:
    agreement = AgreementFactory(**facts)
    EventFactory(agreement=agreement, kind=kind, date="2021-05-01")

    [step] = [step for step in steps(agreement) if step.event]

    assert step.is_untold is is_untold


def test_first_term_ends_before_the_renewal_of_the_same_day() -> None:
    agreement = AgreementFactory(in_force="2018-10-22", term_kind="fixed", term="P2Y")
    PeriodFactory(agreement=agreement, kind="renewal", first="2020-10-22", last="2022-10-22")
    agreement.refresh_from_db()

    labels = [str(step.label) for step in steps(agreement)]

    assert labels == ["Entered into force", "End of the first term", "Renewed", "End of term"]


def test_end_that_was_brought_forward_has_no_later_end_beside_it() -> None:
    agreement = AgreementFactory(in_force="2016", expires_stated="2030")
    PeriodFactory(agreement=agreement, kind="extension", first="", last="2022")
    agreement.refresh_from_db()

    labels = [(str(step.label), str(step.when)) for step in steps(agreement)]

    assert labels == [("Entered into force", "2016"), ("End of term", "2022")]
