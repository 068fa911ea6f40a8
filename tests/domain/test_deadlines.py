"""The last day for notice: one table of cases, and random agreements on which Python and SQL must agree."""

import random
from datetime import date, timedelta
from typing import Any

import pytest

from agreements.domain.deadlines import days_before, notice_deadline
from agreements.models import Agreement
from tests.factories import AgreementFactory

pytestmark = pytest.mark.django_db
RENEWED = {"term_kind": "automatic_renewal", "notice_days": 90}
FIXED = {"term_kind": "fixed", "notice_days": 30}


@pytest.mark.parametrize(
    ("facts", "day", "expected"),
    [
        pytest.param({**FIXED, "in_force": "2024-01-31", "term_months": 13}, "2024-06-01", "2025-01-29", id="counted end"),
        pytest.param({**FIXED, "expires_stated": "2025-03-31"}, "2030-01-01", "2025-03-01", id="long past"),
        pytest.param({**FIXED, "expires_stated": "2025-03"}, "2024-01-01", "2025-03-01", id="known to the month"),
        pytest.param({**FIXED, "expires_stated": "2025"}, "2024-01-01", None, id="known to the year"),
        pytest.param({**FIXED, "expires_stated": "2025-01/2025-03"}, "2024-01-01", None, id="an interval"),
        pytest.param({**FIXED, "expires_stated": "2025-03-31~"}, "2024-01-01", "2025-03-01", id="about a day"),
        pytest.param({"term_kind": "fixed", "expires_stated": "2025-03-31"}, "2024-01-01", None, id="no notice known"),
        pytest.param({**FIXED, "notice_days": 0, "expires_stated": "2025-03-31"}, "2024-01-01", "2025-03-31", id="none needed"),
        pytest.param({"term_kind": "indefinite", "notice_days": 90, "in_force": "2020-01-01"}, "2024-01-01", None, id="without end"),
        pytest.param({**RENEWED, "in_force": "2020-03-01", "term_months": 12}, "2026-11-21", "2026-12-01", id="this period"),
        pytest.param({**RENEWED, "in_force": "2020-03-01", "term_months": 12}, "2026-12-02", "2026-12-01", id="its day is past"),
        pytest.param({**RENEWED, "in_force": "2020-03-01", "term_months": 12}, "2027-03-01", "2027-12-02", id="the next period"),
        pytest.param({**RENEWED, "in_force": "2030-03-01", "term_months": 12}, "2026-11-21", "2030-12-01", id="yet to begin"),
        pytest.param({**RENEWED, "expires_stated": "2020-02-29", "term_months": 12}, "2024-02-01", "2023-12-01", id="named, leap day"),
        pytest.param({**RENEWED, "expires_stated": "2020-02-29", "term_months": 12}, "2023-02-01", "2022-11-30", id="named, no leap day"),
        pytest.param({**RENEWED, "in_force": "2020-01-31", "term_months": 1, "notice_days": 7}, "2026-04-05", "2026-04-22", id="first end shortens all"),
        pytest.param({**RENEWED, "in_force": "2020-02", "term_months": 12}, "2023-12-01", "2023-12-01", id="a month ends with its last day"),
        pytest.param({**RENEWED, "in_force": "2020-02"}, "2023-12-01", None, id="renewed, length unknown"),
        pytest.param({**RENEWED, "in_force": "2020", "term_months": 12}, "2023-12-01", None, id="renewed, year alone"),
    ],
)  # fmt: skip
def test_last_day_for_notice(facts: dict[str, Any], day: str, expected: str | None) -> None:
    today = date.fromisoformat(day)
    agreement = AgreementFactory(**facts)

    [in_sql] = Agreement.objects.with_notice_deadline(today)

    deadline = notice_deadline(agreement, today)
    assert deadline == in_sql.notice_deadline == (expected and date.fromisoformat(expected))


@pytest.mark.parametrize(("days", "expected"), [(365, date(1, 1, 1)), (366, None), (10**12, None)])
def test_no_day_lies_before_the_calendar_begins(days: int, expected: date | None) -> None:
    assert days_before(date(2, 1, 1), days) == expected


def test_python_and_sql_agree_on_a_thousand_random_agreements() -> None:
    chance = random.Random(4)
    dates = ["", "2019", "2020-01-31", "2020-02-29", "2021-02", "2019-12~", "2018/2020", "2031-05-30", "../2020", "1999-08-31"]  # fmt: skip
    rows = [
        Agreement(
            ref=f"AGR-{number:04}",
            title="Any",
            in_force=chance.choice(dates) or None,
            expires_stated=chance.choice(["", "", *dates]) or None,
            term_kind=kind,
            term_months=chance.choice([None, 1, 7, 12, 18, 36])
            if kind in ("fixed", "automatic_renewal")
            else None,
            notice_days=chance.choice([None, 0, 30, 90, 400]),
        )
        for number in range(1000)
        for kind in [chance.choice(["fixed", "automatic_renewal", "automatic_renewal", "unknown"])]
    ]
    Agreement.objects.bulk_create(rows)
    for offset in range(0, 4000, 373):
        day = date(2019, 1, 1) + timedelta(days=offset)

        found = Agreement.objects.with_notice_deadline(day).order_by("ref")

        told = [(row.ref, row.notice_deadline) for row in found]
        assert told == [(row.ref, notice_deadline(row, day)) for row in found]
        assert any(deadline for _ref, deadline in told)
