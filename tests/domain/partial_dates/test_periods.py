"""Asking the database for a period gives the rows of which the value itself says that they lie in it."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agreements.domain.partial_dates import PartialDate, certain, possible
from tests.domain.partial_dates.letters import Letter
from tests.domain.partial_dates.strategies import partial_dates

bounds = st.one_of(st.none(), st.dates(date(1000, 1, 1), date(2999, 12, 31)))
# Close together, so that they touch and overlap.
near_days = st.dates(date(2022, 12, 1), date(2023, 2, 28))


def signed_of(rows: object) -> list[str]:
    return sorted(str(letter.signed) for letter in rows)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("from_day", "to_day", "may", "must"),
    [
        (date(2023, 8, 15), date(2023, 8, 20), ["2023", "2023-08", "2023/.."], []),
        (date(2023, 8, 1), date(2023, 8, 31), ["2023", "2023-08", "2023/.."], ["2023-08"]),
        (date(2023, 9, 1), None, ["2023", "2023/.."], []),
        (None, date(2022, 12, 31), ["../2022"], ["../2022"]),
        (date(2023, 1, 1), None, ["2023", "2023-08", "2023/.."], ["2023", "2023-08", "2023/.."]),
        (None, None, *[["../2022", "2023", "2023-08", "2023/.."]] * 2),
    ],
)
def test_a_period_finds_what_can_and_what_must_lie_in_it(
    letters: None, from_day: date | None, to_day: date | None, may: list[str], must: list[str]
) -> None:
    texts = ["", "2023-08", "2023", "2023/..", "../2022"]
    Letter.objects.bulk_create([Letter(signed=text) for text in texts])
    found = Letter.objects.filter(possible("signed", from_day, to_day))
    assert signed_of(found) == may
    found = Letter.objects.filter(certain("signed", from_day, to_day))
    assert signed_of(found) == must


def test_a_letter_without_a_date_is_on_the_other_side_of_a_negation(letters: None) -> None:
    Letter.objects.create()
    assert Letter.objects.filter(~possible("signed", None, date(2023, 1, 1))).count() == 1
    assert Letter.objects.filter(~certain("signed", None, None)).count() == 1


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    values=st.lists(partial_dates, max_size=12),
    days=st.lists(near_days, max_size=6),
    from_day=st.one_of(bounds, near_days),
    to_day=st.one_of(bounds, near_days),
)
def test_the_database_agrees_with_the_value(
    letters: None,
    values: list[PartialDate],
    days: list[date],
    from_day: date | None,
    to_day: date | None,
) -> None:
    values = [*values, *map(PartialDate.from_date, days), *(cut(day) for day in days)]
    Letter.objects.all().delete()
    Letter.objects.bulk_create([Letter(signed=value) for value in [None, *values]])

    may = Letter.objects.filter(possible("signed", from_day, to_day))
    must = Letter.objects.filter(certain("signed", from_day, to_day))

    assert signed_of(may) == sorted(str(v) for v in values if v.overlaps(from_day, to_day))
    assert signed_of(must) == sorted(str(v) for v in values if v.within(from_day, to_day))


def cut(day: date) -> PartialDate:
    return PartialDate.of(day.year, day.month)


def test_the_database_sorts_as_the_values_do(letters: None) -> None:
    texts = ["2021", "2020/..", "2020", "2020-01", "../2021", "2020-01-01", "2020-02"]
    Letter.objects.bulk_create([Letter(signed=text) for text in texts])
    in_order = Letter.objects.order_by("signed_earliest", "signed_latest")
    assert [letter.signed for letter in in_order] == sorted(map(PartialDate.parse, texts))
