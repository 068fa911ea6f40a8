"""Each type of value: reading it from text, storing it as JSON, writing it to a cell, wording and comparing it."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import models

from agreements.domain.choices import Kind
from agreements.domain.partial_dates import PartialDate, PartialDateField
from agreements.domain.value_types import (
    DAY,
    FLAG,
    MOMENT,
    NAME,
    PART_DATE,
    TEXT,
    WHOLE,
    Amount,
    Codes,
    ValueType,
    same,
    type_of,
)

AMOUNT, KIND = Amount(), Codes(Kind.choices)
AUGUST = PartialDate.parse("2023-08")
NOON = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)

CASES = [
    pytest.param(TEXT, "Baku", "Baku", "Baku", "Baku", id="text"),
    pytest.param(NAME, "AGR-0001", "AGR-0001", "AGR-0001", "AGR-0001", id="name"),
    pytest.param(KIND, "mou", "mou", "mou", "Memorandum of understanding", id="code"),
    pytest.param(WHOLE, 1000, 1000, "1000", "1000", id="whole number"),
    pytest.param(WHOLE, 0, 0, "0", "0", id="nought"),
    pytest.param(AMOUNT, Decimal("1000"), "1000.00", "1000.00", "1,000", id="amount"),
    pytest.param(AMOUNT, Decimal("0"), "0.00", "0.00", "0", id="no money"),
    pytest.param(AMOUNT, Decimal("1234567.5"), "1234567.50", "1234567.50", "1,234,567.50", id="decimals"),
    pytest.param(FLAG, False, False, "False", "no", id="flag"),
    pytest.param(PART_DATE, AUGUST, "2023-08", "2023-08", "August 2023", id="part of a date"),
    pytest.param(DAY, date(2026, 1, 2), "2026-01-02", "2026-01-02", "2 January 2026", id="day"),
    pytest.param(MOMENT, NOON, NOON.isoformat(), NOON.isoformat(), None, id="moment"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "value", "kept", "cell", "words"), CASES)
def test_value_is_kept_and_written_and_said(
    kind: ValueType, value: Any, kept: Any, cell: str, words: str | None
) -> None:
    assert kind.json(value) == kept
    assert kind.cell(value) == cell
    assert words is None or kind.words(value) == words
    assert kind.restored(kept) == value
    assert same(kind.json(value), kind.json(kind.restored(kept)))


@pytest.mark.parametrize("kind", [TEXT, KIND, WHOLE, AMOUNT, PART_DATE, DAY, MOMENT])
def test_nothing_is_nothing_however_it_is_written(kind: ValueType) -> None:
    assert kind.cell(None) == kind.words(None) == ""
    assert same(kind.json(None), kind.json(kind.nothing))
    assert not kind.restored(None)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (KIND, "Memorandum of understanding", "mou"),
        (KIND, "MOU", "mou"),
        (WHOLE, "0", 0),
        (PART_DATE, "August 2023", AUGUST),
        *((AMOUNT, text, Decimal("1000.00")) for text in ("1000", "1000.0", "1,000", "1 000.00")),
    ],
)
def test_text_is_read(kind: ValueType, text: str, value: Any) -> None:
    assert kind.read(text) == value
    assert kind.json(kind.read(text)) == kind.json(value)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (KIND, "pact"), (WHOLE, "-1"), (WHOLE, "1.5"), (WHOLE, "٣"), (PART_DATE, "31/02/2020"),
        *((AMOUNT, text) for text in ("-1", "1,50", "1.000,00", "NaN", "Infinity", "ten", "٣", "1e9999")),
    ],
)  # fmt: skip
def test_text_that_says_no_such_value_is_refused(kind: ValueType, text: str) -> None:
    with pytest.raises(ValueError, match=r":|“"):
        kind.read(text)


def test_amount_with_more_decimals_is_left_for_the_model_to_refuse() -> None:
    assert AMOUNT.read("1.005") == Decimal("1.005")


def test_same_compares_what_is_said() -> None:
    assert same(AMOUNT.json(Decimal("1000")), AMOUNT.json(Decimal("1000.00")))
    assert same(AMOUNT.json("1000"), AMOUNT.json(Decimal("1000.00")))
    assert not same(WHOLE.json(0), WHOLE.json(None))
    assert same(TEXT.json(""), TEXT.json(None))


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        (models.DecimalField(max_digits=9, decimal_places=3), Amount),
        (models.PositiveSmallIntegerField(), type(WHOLE)),
        (models.BooleanField(), type(FLAG)),
        (PartialDateField(), type(PART_DATE)),
        (models.DateField(), type(DAY)),
        (models.DateTimeField(), type(MOMENT)),
        (models.CharField(choices=Kind), Codes),
        (models.TextField(), type(TEXT)),
    ],
    ids=lambda given: type(given).__name__ if isinstance(given, models.Field) else "",
)
def test_column_has_the_type_of_what_it_holds(column: Any, kind: type[ValueType]) -> None:
    column.set_attributes_from_name("any")

    assert type(type_of(column)) is kind
