"""Partial dates of every kind, for property tests."""

from datetime import date

from hypothesis import strategies as st

from agreements.domain.partial_dates import PartialDate

days = st.dates(date(1000, 1, 1), date(2999, 12, 31))
qualifiers = st.sampled_from(["", "?", "~", "%"])


def _simple(day: date, parts: int, qualifier: str) -> PartialDate:
    month = day.month if parts > 1 else None
    return PartialDate.of(day.year, month, day.day if parts > 2 else None, qualifier)


simple_dates = st.builds(_simple, days, st.integers(1, 3), qualifiers)


def _interval(one: PartialDate, other: PartialDate) -> PartialDate:
    start, end = sorted([one, other])
    return PartialDate.between(start, end)


intervals = st.one_of(
    st.builds(_interval, simple_dates, simple_dates),
    # the start lies within the end
    st.builds(lambda day: PartialDate.parse(f"{day}/{day.year}"), days),
    st.builds(PartialDate.between, simple_dates, st.none()),
    st.builds(PartialDate.between, st.none(), simple_dates),
)
partial_dates = st.one_of(simple_dates, intervals)
