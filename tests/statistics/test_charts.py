"""Agreements by year of signature: every agreement is counted once, in a bar or beside them."""

from collections import Counter

import pytest

from agreements.counting.column_store import Counts, current_columns
from agreements.statistics.charts import MOST_BARS, Signatures
from tests.factories import AgreementFactory


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({"signed": "2022-05-25"}, Signatures(Counter({2022: 1})), id="day"),
        pytest.param({"signed": "2023-08"}, Signatures(Counter({2023: 1})), id="month"),
        pytest.param({"signed": "2018~"}, Signatures(Counter({2018: 1})), id="about a year"),
        pytest.param(
            {"signed": "2020-02/2020-03"}, Signatures(Counter({2020: 1})), id="interval in a year"
        ),
        pytest.param(
            {"signed": "2020/2021"}, Signatures(in_several_years=1), id="interval over years"
        ),
        pytest.param({"signed": "2020/.."}, Signatures(in_several_years=1), id="open end"),
        pytest.param({"signed": "../2020"}, Signatures(in_several_years=1), id="open start"),
        pytest.param({}, Signatures(undated=1), id="concluded, no date"),
        pytest.param({"stage": "proposed"}, Signatures(unsigned=1), id="proposed"),
        pytest.param({"stage": "abandoned"}, Signatures(unsigned=1), id="abandoned"),
    ],
)
def test_every_agreement_is_counted_once(facts: dict[str, str], expected: Signatures) -> None:
    AgreementFactory(**facts)

    assert Signatures.of(Counts(current_columns())) == expected


def test_years_without_agreements_keep_their_place() -> None:
    bars = Signatures(Counter({2018: 1, 2021: 4})).bars

    assert [(bar.label, bar.count) for bar in bars] == [
        ("2018", 1),
        ("2019", 0),
        ("2020", 0),
        ("2021", 4),
    ]


def test_height_is_in_proportion_and_small_counts_stay_visible() -> None:
    bars = Signatures(Counter({2018: 1, 2019: 500, 2020: 1000})).bars

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
    bars = Signatures(Counter({first: 1, last: 1})).bars

    assert [bars[0].label, bars[-1].label] == labels
    assert len(bars) <= MOST_BARS
    assert sum(bar.count for bar in bars) == 2


def test_labels_do_not_crowd() -> None:
    bars = Signatures(Counter({1987: 1, 2026: 1})).bars

    assert sum(bar.is_labelled for bar in bars) <= 6
    assert bars[-1].is_labelled


def test_nothing_signed_gives_no_bars() -> None:
    assert Signatures(undated=3).bars == []
