"""The arithmetic of time: one table of cases for Python, SQL and the column store, and random agreements on which all
agree.
"""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agreements.counting.column_store.loading import load
from agreements.counting.column_store.segments import STATUSES as CODES
from agreements.counting.column_store.segments import Seen
from agreements.domain.choices import PeriodKind, Publication, Stage, TermKind
from agreements.domain.deadlines import notice_deadline, notice_deadline_in_words
from agreements.domain.lifecycle import RUNNING, end_of_current_period
from agreements.domain.partial_dates import PartialDate, add_months
from agreements.models import Agreement, Period
from tests.domain.cases_of_time import (
    NOTICES,
    PERIODS,
    STATUSES,
    NoticeCase,
    PeriodCase,
    StatusCase,
)
from tests.factories import AgreementFactory, PeriodFactory

pytestmark = pytest.mark.django_db
LENGTHS = ["P1M", "P6M", "P7M", "P1Y", "P18M", "P3Y", "P1D", "P30D", "P120D", "P400D"]
DATES = ["", "2019", "2020-01-31", "2020-02-29", "2021-02", "2019-12~", "2018/2020", "2031-05-30", "../2020", "1999-08-31", "2020-06/..", "1000-01-01"]  # fmt: skip


def made(**facts: Any) -> Agreement:
    """Return a stored agreement with these facts, as the database has them."""
    superseded_on, periods = facts.pop("superseded_on", None), facts.pop("periods", ())
    agreement = AgreementFactory(**facts)
    for kind, first, last in periods:
        PeriodFactory(agreement=agreement, kind=kind, first=first, last=last)
    Agreement.objects.update(superseded_on=superseded_on)
    agreement.refresh_from_db()
    return agreement


@pytest.mark.parametrize("case", STATUSES, ids=lambda case: case.id)
def test_status_on_a_day(case: StatusCase) -> None:
    agreement, day = made(**case.facts), date.fromisoformat(case.day)
    runs = case.status in RUNNING

    assert agreement.standing(day).status == case.status
    assert Agreement.objects.with_status(day).get().status == case.status
    assert Agreement.objects.running(day).exists() is runs
    [code] = Seen(load(), day).statuses
    assert CODES[code] == case.status


@pytest.mark.parametrize("case", STATUSES, ids=lambda case: case.id)
def test_what_ends_within_no_days_ends_today(case: StatusCase) -> None:
    agreement, day = made(**case.facts), date.fromisoformat(case.day)
    ends = case.status in RUNNING and agreement.expires and agreement.expires.latest == day

    assert Agreement.objects.ending_within(days=0, day=day).exists() is ends
    [code] = Seen(load(), day).ending_within(0)
    assert code == ends


@pytest.mark.parametrize("case", PERIODS, ids=lambda case: case.id)
def test_periods_do_not_drift(case: PeriodCase) -> None:
    agreement = made(**case.facts, notice="P0D")

    for text, end in case.ends:
        day = date.fromisoformat(text)
        assert str(end_of_current_period(agreement, day)) == end
        [in_sql] = Agreement.objects.with_notice_deadline(day)
        assert in_sql.notice_deadline == PartialDate.parse(end).earliest


@pytest.mark.parametrize("case", NOTICES, ids=lambda case: case.id)
def test_last_day_for_notice(case: NoticeCase) -> None:
    agreement, day = made(**case.facts), date.fromisoformat(case.day)
    expected = date.fromisoformat(case.deadline) if case.deadline else None

    assert notice_deadline(agreement, day) == expected
    assert notice_deadline_in_words(agreement, day) == case.words
    [in_sql] = Agreement.objects.with_notice_deadline(day)
    assert in_sql.notice_deadline == expected


def test_python_sql_and_the_columns_agree_on_two_thousand_random_agreements_and_days() -> None:
    chance = random.Random(4)
    Agreement.objects.bulk_create(_random(chance, number) for number in range(2000))
    keys = list(Agreement.objects.values_list("pk", flat=True))
    Period.objects.bulk_create(row for key in keys for row in _random_periods(chance, key))
    Agreement.objects.all().refresh_derived()
    for end in (date(2021, 12, 31), date(2022, 1, 1)):
        replaced = Agreement.objects.filter(pk__in=chance.sample(keys, 300))
        replaced.update(superseded_on=end)
    agreements = list(Agreement.objects.order_by("ref").prefetch_related("periods"))
    segment = load()
    deadlines = 0

    @settings(max_examples=15)
    @given(day=st.dates(date(2018, 1, 1), date(2033, 1, 1)))
    def check(day: date) -> None:
        nonlocal deadlines
        found = Agreement.objects.with_notice_deadline(day).with_status(day).order_by("ref")
        in_sql = {row.pk: (row.notice_deadline, row.status) for row in found}
        deadlines += sum(deadline is not None for deadline, _status in in_sql.values())

        assert in_sql == {
            row.pk: (notice_deadline(row, day), row.standing(day).status) for row in agreements
        }
        running = set(Agreement.objects.running(day).values_list("pk", flat=True))
        assert running == {key for key, (_deadline, status) in in_sql.items() if status in RUNNING}
        by_column = zip(segment.keys, Seen(segment, day).statuses, strict=True)
        assert {key: CODES[code] for key, code in by_column} == {
            key: status for key, (_deadline, status) in in_sql.items()
        }

    check()

    assert deadlines > 1000


def test_the_last_day_of_a_period_belongs_to_it_and_the_next_begins_the_day_after() -> None:
    agreement = AgreementFactory.build(
        in_force="2020-01-31", term_kind="automatic_renewal", term="P1M"
    )
    day = date(2020, 2, 1)

    for _month in range(60):
        end = end_of_current_period(agreement, day)
        assert end
        assert end.latest >= day
        assert end_of_current_period(agreement, end.latest) == end
        day = end.latest + timedelta(days=1)

    assert day == date(2025, 2, 1)


def _random(chance: random.Random, number: int) -> Agreement:
    kind = chance.choice([*TermKind.values, "fixed", "automatic_renewal", "automatic_renewal"])
    has_length = kind in ("fixed", "automatic_renewal")
    return Agreement(
        ref=f"AGR-{number:04}",
        title="Any",
        publication=Publication.PUBLISHED,
        stage=chance.choice([*Stage.values, *[Stage.CONCLUDED] * 8]),
        stage_reported=chance.choice([None, None, _date(chance)]),
        signed=chance.choice([None, _date(chance), _date(chance)]),
        in_force=_date(chance),
        expires_stated=chance.choice([None, _date(chance)]),
        terminated=chance.choice([None, None, _date(chance)]),
        term_kind=kind,
        term=_length(chance) if has_length else None,
        renewal=_length(chance) if kind == "automatic_renewal" else None,
        notice=chance.choice([None, "P0D", "P30D", "P90D", "P400D", "P1M", "P6M", "P2Y"]),
    )


def _random_periods(chance: random.Random, agreement: int) -> Iterator[Period]:
    """Yield up to two periods of any kind, often without their first or their last day."""
    for kind in chance.sample(PeriodKind.values, chance.choice([0, 0, 1, 2])):
        first, last = sorted(date(chance.randint(2016, 2030), month, 1) for month in (2, 11))
        yield Period(
            agreement_id=agreement,
            kind=kind,
            first=chance.choice([str(first), str(first)[:7]]),
            last=chance.choice([None, str(last), str(last)[:4]]),
        )


def _length(chance: random.Random) -> str | None:
    """Return a length, often one that many agreements have."""
    months, days = f"P{chance.randint(1, 60)}M", f"P{chance.randint(1, 800)}D"
    return chance.choice([None, *LENGTHS, months, days])


def _date(chance: random.Random) -> str | None:
    """Return a date in one of its forms, often at the end of a month."""
    day = date(chance.randint(2015, 2026), chance.randint(1, 12), chance.choice([1, 15, 28]))
    last = add_months(day.replace(day=1), 1) - timedelta(days=1)
    return (
        chance.choice([*DATES, str(day), str(last), str(last), str(day)[:7], str(day)[:4]]) or None
    )
