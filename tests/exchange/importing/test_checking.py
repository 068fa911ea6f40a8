"""An import asks the models once for each value, and refuses what they refuse."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from agreements.domain.durations import Duration
from agreements.domain.facts import ENTERED
from agreements.domain.partial_dates import PartialDate
from agreements.exchange.importing import checking
from agreements.exchange.importing.checking import Checks
from agreements.exchange.importing.differences import RowChanges
from agreements.exchange.importing.statements import Statement
from agreements.models import Agreement, LanguageVersion, Participation


def checked(facts: dict[str, Any], **rows: Any) -> Statement:
    statement = Statement(2, facts=facts, new_facts=facts)
    statement.new_rows = {name: RowChanges(create=[row]) for name, row in rows.items()}
    Checks().check(statement)
    return statement


def refused(row: Any, **how: Any) -> str:
    """Return what the model itself says about a row."""

    def ask() -> None:
        row.clean_fields(**how)
        row.clean()

    with pytest.raises(ValidationError) as error:
        ask()
    return " ".join(message for some in error.value.message_dict.values() for message in some)


TITLE = {"title": "Memorandum"}


@pytest.mark.parametrize(
    "facts",
    [
        {"title": ""},
        {**TITLE, "kind": "no such kind"},
        {**TITLE, "funding_amount": Decimal(0)},
        {**TITLE, "funding_currency": "EUR"},
        {**TITLE, "funding_amount": Decimal("1.005"), "funding_currency": "EUR"},
        {
            **TITLE,
            "term_kind": "fixed",
            "term": Duration(months=2_400),
            "in_force": PartialDate.parse("2900"),
        },
    ],
)
@pytest.mark.django_db
def test_facts_are_refused_as_the_model_refuses_them(facts: dict[str, Any]) -> None:
    told = " ".join(problem.remedy for problem in checked(facts).problems)

    assert (
        refused(
            Agreement(**facts),
            exclude={each.name for each in Agreement._meta.fields} - ENTERED.keys(),
        )
        in told
    )


@pytest.mark.parametrize(
    ("model", "facet", "row"),
    [
        (Participation, "parties", {"role": "no such role"}),
        (
            Participation,
            "parties",
            {
                "in_force_from": PartialDate.parse("2020"),
                "in_force_until": PartialDate.parse("2010"),
            },
        ),
        (LanguageVersion, "languages", {"language": "no such language"}),
        (
            LanguageVersion,
            "languages",
            {"language": "en", "status": "translation", "prevails": True},
        ),
    ],
)
@pytest.mark.django_db
def test_rows_are_refused_as_the_model_refuses_them(
    model: Any, facet: str, row: dict[str, Any]
) -> None:
    linked = {column.name for column in model._meta.fields if column.is_relation}

    told = " ".join(problem.remedy for problem in checked(TITLE, **{facet: row}).problems)

    assert refused(model(**row), exclude=linked) in told


def test_a_value_is_checked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = list[object]()
    refusal_of = checking.refusal_of
    monkeypatch.setattr(
        checking,
        "refusal_of",
        lambda column, value: asked.append(value) or refusal_of(column, value),
    )
    checks = Checks()

    for row in range(2, 12):
        checks.check(Statement(row, new_facts={**TITLE, "kind": "treaty"}))

    assert asked.count("treaty") == asked.count("Memorandum") == 1
