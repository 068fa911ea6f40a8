"""Agreements by year of signature: every agreement is counted once, in a bar or outside the bars."""

from collections import Counter

import pytest

from agreements.counting.column_store import Counts, current_columns
from agreements.statistics.charts import MOST_BARS, bars_of
from tests.factories import AgreementFactory


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({"signed": "2022-05-25"}, ({2022: 1}, 0, 0, 0), id="day"),
        pytest.param({"signed": "2023-08"}, ({2023: 1}, 0, 0, 0), id="month"),
        pytest.param({"signed": "2018~"}, ({2018: 1}, 0, 0, 0), id="about a year"),
        pytest.param({"signed": "2020-02/2020-03"}, ({2020: 1}, 0, 0, 0), id="interval in a year"),
        pytest.param({"signed": "2020/2021"}, ({}, 1, 0, 0), id="interval over years"),
        pytest.param({"signed": "2020/.."}, ({}, 1, 0, 0), id="open end"),
        pytest.param({"signed": "../2020"}, ({}, 1, 0, 0), id="open start"),
        pytest.param({}, ({}, 0, 1, 0), id="concluded, no date"),
        pytest.param({"stage": "proposed"}, ({}, 0, 0, 1), id="proposed"),
        pytest.param({"stage": "abandoned"}, ({}, 0, 0, 1), id="abandoned"),
    ],
)
def test_every_agreement_is_counted_once(
    facts: dict[str, str], expected: tuple[dict[int, int], int, int, int]
) -> None:
    AgreementFactory(**facts)

    found = Counts(current_columns()).years_of_signature()
    counted = (found.one, found.several.total(), found.undated, found.unsigned)
    assert counted == expected


def test_years_without_agreements_keep_their_place() -> None:
    bars = bars_of(Counter({2018: 1, 2021: 4}))

    assert [(bar.label, bar.count) for bar in bars] == [
        ("2018", 1),
        ("2019", 0),
        ("2020", 0),
        ("2021", 4),
    ]


def test_height_is_in_proportion_and_small_counts_stay_visible() -> None:
    bars = bars_of(Counter({2018: 1, 2019: 500, 2020: 1000}))

    assert [bar.height for bar in bars] == [2, 75, 150]
    assert [bar.top + bar.height for bar in bars] == [150, 150, 150]


@pytest.mark.parametrize(
    ("first", "last", "labels"),
    [
        pytest.param(1987, 2026, ["1987", "2026"], id="forty years"),
        pytest.param(1986, 2026, ["1980s", "2020s"], id="decades"),
        pytest.param(1500, 2026, ["1500–1599", "2000–2099"], id="centuries"),
        pytest.param(1000, 2999, ["1000–1099", "2900–2999"], id="all the years there are"),
    ],
)
def test_many_years_are_drawn_in_fewer_bars(first: int, last: int, labels: list[str]) -> None:
    bars = bars_of(Counter({first: 1, last: 1}))

    assert [bars[0].label, bars[-1].label] == labels
    assert len(bars) <= MOST_BARS
    assert sum(bar.count for bar in bars) == 2


def test_labels_do_not_crowd() -> None:
    bars = bars_of(Counter({1987: 1, 2026: 1}))

    assert sum(bar.is_labelled for bar in bars) <= 6
    assert bars[-1].is_labelled


def test_nothing_signed_gives_no_bars() -> None:
    assert bars_of(Counter()) == []
