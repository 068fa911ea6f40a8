"""The columns find the same dates in a period as the date values themselves."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements.counting.column_store.segments import NEVER, Segment
from agreements.domain.partial_dates import PartialDate
from tests.domain.partial_dates.strategies import partial_dates
from tests.selection.by_hand import may_be_within, must_be_within

bounds = st.one_of(st.none(), st.dates(date(1000, 1, 1), date(2999, 12, 31)))
# Close together, so that they touch and overlap.
near_days = st.dates(date(2022, 12, 1), date(2023, 2, 28))


def signed(values: list[PartialDate | None]) -> Segment:
    def column(name: str) -> np.ndarray:
        days = [getattr(value, name).toordinal() if value else NEVER for value in values]
        return np.array(days, np.int32)

    days = {f"signed_{name}": column(name) for name in ("earliest", "latest")}
    return Segment(
        keys=np.arange(len(values)),
        alive=np.ones(len(values), np.bool_),
        codes={},
        days=days,
        ending=np.zeros(0, np.uint8),
        marks=np.zeros(0, np.uint32),
        subjects=np.zeros(0, np.int32),
        first_year=np.zeros(0, np.uint16),
        last_year=np.zeros(0, np.uint16),
        links={},
    )


def found(
    values: list[PartialDate | None], start: date | None, end: date | None, *, certainly: bool
) -> list[str]:
    mask = signed(values).in_period("signed", start, end, certainly=certainly)
    return sorted(str(values[place]) for place in np.flatnonzero(mask))


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
    from_day: date | None, to_day: date | None, may: list[str], must: list[str]
) -> None:
    values = [None, *map(PartialDate.parse, ["2023-08", "2023", "2023/..", "../2022"])]

    assert found(values, from_day, to_day, certainly=False) == may
    assert found(values, from_day, to_day, certainly=True) == must


@given(
    values=st.lists(partial_dates, max_size=12),
    days=st.lists(near_days, max_size=6),
    from_day=st.one_of(bounds, near_days),
    to_day=st.one_of(bounds, near_days),
)
def test_the_columns_agree_with_the_value(
    values: list[PartialDate], days: list[date], from_day: date | None, to_day: date | None
) -> None:
    months = [PartialDate.of(day.year, day.month) for day in days]
    values = [*values, *map(PartialDate.from_date, days), *months]

    may = found([None, *values], from_day, to_day, certainly=False)
    must = found([None, *values], from_day, to_day, certainly=True)

    assert may == sorted(str(value) for value in values if may_be_within(value, from_day, to_day))
    assert must == sorted(str(value) for value in values if must_be_within(value, from_day, to_day))
