"""The value itself: its texts, its days, its sort order, and adding months to it."""

import copy
import pickle
from datetime import date, datetime

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from agreements.domain.partial_dates import (
    OPEN_END,
    OPEN_START,
    PartialDate,
    PartialDateError,
    add_months,
)
from tests.domain.partial_dates.strategies import days, partial_dates, qualifiers, simple_dates

parse = PartialDate.parse


# ------------------------------------------------------------------ the days it can be


@pytest.mark.parametrize(
    ("text", "earliest", "latest", "precision"),
    [
        ("2022-05-25", date(2022, 5, 25), date(2022, 5, 25), "day"),
        ("2024-02-29", date(2024, 2, 29), date(2024, 2, 29), "day"),
        ("2023-08", date(2023, 8, 1), date(2023, 8, 31), "month"),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29), "month"),
        ("1900-02", date(1900, 2, 1), date(1900, 2, 28), "month"),
        ("2018", date(2018, 1, 1), date(2018, 12, 31), "year"),
        ("1000", date(1000, 1, 1), date(1000, 12, 31), "year"),
        ("2999-12-31", date(2999, 12, 31), date(2999, 12, 31), "day"),
        ("2023-10~", date(2023, 10, 1), date(2023, 10, 31), "month"),
        ("2018?", date(2018, 1, 1), date(2018, 12, 31), "year"),
        ("2020-05/2021", date(2020, 5, 1), date(2021, 12, 31), "interval"),
        ("2020~/2021-06-15?", date(2020, 1, 1), date(2021, 6, 15), "interval"),
        ("2020-06/2020", date(2020, 6, 1), date(2020, 12, 31), "interval"),
        ("2020/2020-06", date(2020, 1, 1), date(2020, 6, 30), "interval"),
        ("2020/..", date(2020, 1, 1), OPEN_END, "interval"),
        ("../2021", OPEN_START, date(2021, 12, 31), "interval"),
    ],
)
def test_a_text_says_which_days_it_can_be(
    text: str, earliest: date, latest: date, precision: str
) -> None:
    value = parse(text)
    assert (value.earliest, value.latest, value.precision) == (earliest, latest, precision)


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("2022-05-25", {"is_exact"}),
        ("2022-05-25?", {"is_uncertain"}),
        ("2022-05-25~", {"is_approximate"}),
        ("2022-05-25%", {"is_approximate", "is_uncertain"}),
        ("2022-05", set()),
        ("2022", set()),
        ("2020/2021", {"is_interval"}),
        ("2022-05-25/2022-05-25", {"is_interval"}),
        ("2020~/2021", {"is_interval", "is_approximate"}),
        ("2020/2021?", {"is_interval", "is_uncertain"}),
        ("2020/..", {"is_interval", "is_open"}),
        ("../2021%", {"is_interval", "is_open", "is_approximate", "is_uncertain"}),
    ],
)
def test_facts_about_a_date(text: str, facts: set[str]) -> None:
    names = ["is_exact", "is_approximate", "is_uncertain", "is_interval", "is_open"]
    assert {name for name in names if getattr(parse(text), name)} == facts


def test_a_day_is_taken_from_the_calendar() -> None:
    assert PartialDate.from_date(date(2022, 5, 25)) == parse("2022-05-25")
    assert PartialDate.from_date(datetime(2022, 5, 25, 23, 59)) == parse("2022-05-25")  # noqa: DTZ001


def test_a_day_before_the_year_1000_is_refused() -> None:
    with pytest.raises(PartialDateError, match="0999"):
        PartialDate.from_date(date(999, 12, 31))


# ------------------------------------------------------------------ what is refused, and why


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "There is no date: write 2022-05-25"),
        ("2023-13", "no month 13: months run from 1 to 12"),
        ("2023-00", "no month 0"),
        ("2023-02-30", "February 2023 has 28 days, so there is no day 30: write 2023-02"),
        ("2023-02-29", "February 2023 has 28 days"),
        ("2024-02-30", "February 2024 has 29 days"),
        ("2022-04-31", "April 2022 has 30 days"),
        ("2022-04-00", "no day 0"),
        ("0999", "The year 0999 is not between 1000 and 2999"),
        ("3000-01-01", "The year 3000 is not between 1000 and 2999"),
        ("20222", "“20222” is not EDTF: write 2022-05-25"),
        ("22", "“22” is not EDTF"),
        ("2022-5", "“2022-5” is not EDTF"),
        ("2022-05-25T10:00", "is not EDTF"),
        ("2022-05-2x", "is not EDTF"),
        ("2022??", "is not EDTF"),
        ("?2022", "is not EDTF"),
        (" 2022", "is not EDTF"),
        ("2022\n", "is not EDTF"),
        ("٢٠٢٢", "is not EDTF"),
        ("２０２２", "is not EDTF"),
        ("..", "“..” is not EDTF"),
        ("2020/2021/2022", "“2021/2022” is not EDTF"),
        ("2020/", "One side of the interval is missing: write .."),
        ("/2020", "One side of the interval is missing"),
        ("/", "One side of the interval is missing"),
        ("../..", "cannot be open at both ends: write 2020/.. or ../2021"),
        ("2021/2020", "The end 2020 is before the start 2021: write the earlier date first"),
        ("2021-05/2021-04-30", "The end 2021-04-30 is before the start 2021-05"),
        ("2020-02-30/2021", "February 2020 has 29 days"),
    ],
)
def test_an_impossible_text_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(PartialDateError) as refused:
        parse(text)
    assert reason in str(refused.value)


def test_a_refusal_repeats_neither_a_long_text_nor_what_cannot_be_printed() -> None:
    with pytest.raises(PartialDateError) as refused:
        parse("a\x00\u202e\ud800" + "b" * 1000)
    assert "a���bbb" in str(refused.value)
    assert len(str(refused.value)) < 120


def test_a_refusal_is_in_the_language_of_the_reader() -> None:
    with translation.override("az"), pytest.raises(PartialDateError, match="13 nömrəli ay yoxdur"):
        parse("2023-13")


@given(st.text(alphabet="0123456789-/?~%. x\x00٣", max_size=30))
def test_any_text_is_a_date_or_refused_with_a_sentence(text: str) -> None:
    try:
        value = parse(text)
    except PartialDateError as refused:
        assert str(refused)  # noqa: PT017
    else:
        assert str(value) == text


# ------------------------------------------------------------------ from text to value and back


@given(partial_dates)
def test_the_text_of_a_date_gives_the_date(value: PartialDate) -> None:
    assert parse(str(value)) == value
    assert hash(parse(str(value))) == hash(value)


@given(partial_dates)
def test_a_date_survives_copying_and_pickling(value: PartialDate) -> None:
    assert copy.deepcopy(value) == value
    assert pickle.loads(pickle.dumps(value)) == value  # noqa: S301


@given(partial_dates)
def test_the_earliest_day_is_never_after_the_latest(value: PartialDate) -> None:
    assert value.earliest <= value.latest


def test_a_date_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        parse("2022").start = None  # type: ignore[misc]


def test_the_same_days_said_differently_are_not_equal() -> None:
    assert len({parse("2020"), parse("2020~"), parse("2020/2020"), parse("2020-01/2020-12")}) == 4


# ------------------------------------------------------------------ order


def test_dates_sort_by_earliest_then_latest_then_text() -> None:
    in_order = [
        *("../2019", "../2021", "2020-01-01", "2020-01", "2020-01~", "2020", "2020/2020"),
        *("2020?", "2020~", "2020/2021", "2020/..", "2020-02-01", "2021"),
    ]
    assert sorted(map(parse, reversed(in_order))) == list(map(parse, in_order))


@given(partial_dates, partial_dates)
def test_order_follows_the_days(one: PartialDate, other: PartialDate) -> None:
    if (one.earliest, one.latest) < (other.earliest, other.latest):
        assert one < other
    assert (one < other) + (one == other) + (one > other) == 1


def test_a_date_does_not_compare_with_a_text() -> None:
    text: object = "2022"
    assert parse("2022") != text
    with pytest.raises(TypeError):
        _ = parse("2022") < "2023"


# ------------------------------------------------------------------ counting months


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2022, 5, 25), 0, date(2022, 5, 25)),
        (date(2022, 5, 25), 36, date(2025, 5, 25)),
        (date(2023, 1, 31), 1, date(2023, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2022, 12, 31), 2, date(2023, 2, 28)),
        (date(2022, 3, 31), -1, date(2022, 2, 28)),
        (date(2022, 1, 15), -1, date(2021, 12, 15)),
        (OPEN_END, 5, OPEN_END),
        (OPEN_START, -5, OPEN_START),
    ],
)
def test_months_are_added_to_a_day(day: date, months: int, expected: date) -> None:
    assert add_months(day, months) == expected


@pytest.mark.parametrize(("day", "months"), [(date(9999, 1, 1), 12), (date(1, 1, 2), -1)])
def test_a_day_cannot_leave_the_calendar(day: date, months: int) -> None:
    with pytest.raises(PartialDateError, match="outside the calendar"):
        add_months(day, months)


@pytest.mark.parametrize(
    ("text", "months", "expected"),
    [
        ("2023-01-31", 1, "2023-02-28"),
        ("2024-02-29?", 12, "2025-02-28?"),
        ("2023-08", 6, "2024-02"),
        ("2023-10~", 3, "2024-01~"),
        ("2018", 36, "2021"),
        ("2018%", -12, "2017%"),
        ("2018", 6, "2018-07/2019-06"),
        ("2018~", 6, "2018-07~/2019-06~"),
        ("2018", -1, "2017-12/2018-11"),
        ("2020/2021", 12, "2021/2022"),
        ("2020/2021", 6, "2020-07/2022-06"),
        ("2020-05?/2021-01-31", 1, "2020-06?/2021-02-28"),
        ("2020-05/..", 12, "2021-05/.."),
        ("../2021", 12, "../2022"),
        ("../2021~", 1, "../2022-01~"),
        ("2020/2020", 12, "2021/2021"),
        ("2999-11", 1, "2999-12"),
    ],
)
def test_months_are_added_to_a_partial_date(text: str, months: int, expected: str) -> None:
    assert str(parse(text).plus_months(months)) == expected


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("2999-12-31", 1),
        ("2999", 12),
        ("2999", 1),
        ("2020/2999", 1),
        ("1000", -1),
        ("2020", 10**30),
    ],
)
def test_a_date_cannot_leave_its_years(text: str, months: int) -> None:
    with pytest.raises(PartialDateError, match="is not between 1000 and 2999"):
        parse(text).plus_months(months)


@given(partial_dates, st.integers(-24_000, 24_000))
def test_a_moved_date_lies_where_its_days_were_moved(value: PartialDate, months: int) -> None:
    first = add_months(value.earliest, months) if _fits(value.earliest, months) else None
    last = add_months(value.latest, months) if _fits(value.latest, months) else None
    if first is None or last is None:
        with pytest.raises(PartialDateError):
            value.plus_months(months)
        return

    moved = value.plus_months(months)

    assert moved.earliest == first
    assert (moved.latest.year, moved.latest.month) == (last.year, last.month)
    assert moved.latest >= last
    assert moved.is_open == value.is_open
    assert moved.is_approximate == value.is_approximate
    assert moved.is_uncertain == value.is_uncertain


def _fits(day: date, months: int) -> bool:
    """Whether the day stays in the years 1000 to 2999, or never moves."""
    month = day.year * 12 + day.month - 1 + months
    return day in (OPEN_START, OPEN_END) or 1000 * 12 <= month < 3000 * 12


@given(simple_dates, st.integers(-100, 100))
def test_a_year_moved_by_whole_years_stays_a_year(value: PartialDate, years: int) -> None:
    year = (value.start.year if value.start else 0) + years
    if 1000 <= year <= 2999:
        assert value.plus_months(12 * years).precision == value.precision


@given(days, qualifiers)
def test_no_months_leave_a_date_as_it_is(day: date, qualifier: str) -> None:
    value = PartialDate.of(day.year, day.month, day.day, qualifier)
    assert value.plus_months(0) == value
