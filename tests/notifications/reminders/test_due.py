"""What is due on a day, and what was missed since the last run."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agreements.domain.partial_dates import PartialDate
from agreements.models import Agreement
from agreements.notifications.reminders.due import everything_due, last_anniversary
from tests.factories import AgreementFactory, CommitmentFactory, EventFactory, PeriodFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 21)


def in_days(days: int) -> str:
    return str(TODAY + timedelta(days=days))


def looked_after(**facts: Any) -> Agreement:
    agreement = AgreementFactory(**facts)
    agreement.responsible.add(User.objects.get_or_create(username="clerk")[0])
    return agreement


def due(*, since: date = TODAY) -> list[tuple[str, date]]:
    return [(found.rule.value, found.day) for found in everything_due(since, TODAY)]


@pytest.mark.parametrize(
    ("days", "rules"),
    [
        (-1, []),
        (0, ["ends_30"]),
        (1, ["ends_30"]),
        (30, ["ends_30"]),
        (31, ["ends_90"]),
        (90, ["ends_90"]),
        (91, ["ends_180"]),
        (180, ["ends_180"]),
        (181, []),
    ],
)
def test_of_the_windows_before_an_end_the_narrowest_counts(days: int, rules: list[str]) -> None:
    looked_after(expires_stated=in_days(days))

    assert due() == [(rule, TODAY + timedelta(days=days)) for rule in rules]


@pytest.mark.parametrize(
    ("days", "rules"),
    [(-11, []), (-10, ["ends_30"]), (-9, ["ends_30"]), (0, ["ends_30"])],
)
def test_end_that_came_while_nobody_ran_it_is_told(days: int, rules: list[str]) -> None:
    looked_after(expires_stated=in_days(days))

    assert [rule for rule, _day in due(since=TODAY - timedelta(days=10))] == rules


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param({"terminated": "2025"}, id="terminated before"),
        pytest.param({"stage": "abandoned"}, id="given up"),
        pytest.param({"publication": "withdrawn"}, id="withdrawn"),
        pytest.param({"expires_stated": None}, id="without an end"),
    ],
)
def test_nothing_is_said_of_the_end_of(facts: dict[str, Any]) -> None:
    looked_after(**{"signed": "2026", "expires_stated": in_days(10), **facts})

    assert due() == []


@pytest.mark.parametrize(
    ("notice", "told"), [(71, False), (70, True), (40, True), (39, False)], ids=str
)
def test_last_day_for_notice_within_thirty_days(notice: int, told: bool) -> None:
    looked_after(expires_stated=in_days(70), notice_days=notice)

    days = [day for rule, day in due() if rule == "notice"]

    assert days == ([TODAY + timedelta(days=70 - notice)] if told else [])


def test_undated_agreement_is_told_of_although_the_last_run_was_days_ago() -> None:
    """On that past day nobody can say where it stood, but what is due today is judged by what is stated today."""
    looked_after(expires_stated=in_days(70), notice_days=60)

    found = due(since=TODAY - timedelta(days=3))

    assert found == [
        ("ends_90", TODAY + timedelta(days=70)),
        ("notice", TODAY + timedelta(days=10)),
    ]


def test_suspended_and_provisionally_applied_agreements_end_as_others_do() -> None:
    for kind in ("suspension", "provisional_application"):
        agreement = looked_after(signed="2025", expires_stated=in_days(5))
        PeriodFactory(agreement=agreement, kind=kind, first="2025-06")

    ends = [each for each in due() if each[0] != "dormant"]

    assert ends == [("ends_30", TODAY + timedelta(days=5))] * 2


def test_each_period_of_a_renewed_agreement_has_its_own_last_day_for_notice() -> None:
    looked_after(
        in_force="2020-03-01", term_kind="automatic_renewal", term_months=12, notice_days=90
    )
    event = EventFactory(agreement=Agreement.objects.get(), date="2026-01-01")

    assert due() == [("notice", date(2026, 12, 1))]
    assert event.agreement.period_end(TODAY).latest == date(2027, 3, 1)


@pytest.mark.parametrize(
    ("days", "rules"),
    [
        (-4000, ["commitment_overdue"]),
        (-1, ["commitment_overdue"]),
        (0, ["commitment_due"]),
        (14, ["commitment_due"]),
        (15, []),
    ],
)
def test_commitments_are_told_before_and_after(days: int, rules: list[str]) -> None:
    agreement = looked_after()
    CommitmentFactory(agreement=agreement, due=in_days(days))
    CommitmentFactory(agreement=agreement, due=in_days(days), progress="fulfilled")

    assert [rule for rule, _day in due()] == rules


def test_two_commitments_of_one_day_are_one_mail() -> None:
    agreement = looked_after()
    for _number in range(2):
        CommitmentFactory(agreement=agreement, due=in_days(3))
    CommitmentFactory(agreement=agreement, due=in_days(4))

    assert [day for _rule, day in due()] == [TODAY + timedelta(days=n) for n in (3, 4)]


@pytest.mark.parametrize(
    ("last", "today", "expected"),
    [
        ("2024-11-21", "2026-11-21", "2026-11-21"),
        ("2024-11-22", "2026-11-21", "2025-11-22"),
        ("2020-02-29", "2026-02-28", "2026-02-28"),
        ("2020-02-29", "2024-02-28", "2023-02-28"),
    ],
)
def test_last_anniversary(last: str, today: str, expected: str) -> None:
    assert str(last_anniversary(date.fromisoformat(last), date.fromisoformat(today))) == expected


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        pytest.param({"review_due": "2026-12-21"}, True, id="within 30 days"),
        pytest.param({"review_due": "2026-12-22"}, False, id="later"),
        pytest.param({"review_due": "2020"}, True, id="long overdue"),
        pytest.param({"review_due": "2020", "stage": "abandoned"}, False, id="given up"),
        pytest.param({"review_due": "2020", "terminated": "2021"}, False, id="terminated"),
    ],
)
def test_reviews_are_told(facts: dict[str, Any], told: bool) -> None:
    looked_after(**facts)

    assert [rule for rule, _day in due()] == (["review"] if told else [])


def test_silence_is_told_once_a_year() -> None:
    agreement = looked_after(signed="2020-05-01")
    EventFactory(agreement=agreement, date="2023-06")

    assert due() == [("dormant", date(2026, 6, 30))]
    assert [day for _rule, day in due(since=date(2026, 1, 1))] == [date(2026, 6, 30)]


def test_renewal_breaks_the_silence() -> None:
    agreement = looked_after(signed="2018-09-22", in_force="2018-10-22")
    period = PeriodFactory(agreement=agreement, first="2024-11-22", last="2028-11-21")
    renewed_lately = due()
    period.first = PartialDate.parse("2022-10-23")
    period.save()

    assert renewed_lately == []
    assert due() == [("dormant", date(2026, 10, 23))]


def test_only_what_somebody_looks_after_is_due() -> None:
    AgreementFactory(expires_stated=in_days(5))

    assert due() == []


def test_queries_do_not_grow_with_the_agreements() -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            due()
        return len(captured)

    none = queries()
    for days in range(1, 20):
        CommitmentFactory(agreement=looked_after(expires_stated=in_days(days)), due=in_days(days))

    assert none == queries() == 5
