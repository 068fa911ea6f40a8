"""Rows inserted with the columns that a file fills are those that `bulk_create` would write."""

from typing import Any

import pytest
from django.db.models import Model

from agreements.domain.partial_dates import PartialDate
from agreements.exchange.importing.inserting import insert
from agreements.models import Participation, Signatory
from tests.factories import AgreementFactory, PartyFactory

pytestmark = pytest.mark.django_db


def stored(model: type[Model]) -> list[dict[str, Any]]:
    """Return all columns of the stored rows but their ids, and delete them."""
    rows = list(model._default_manager.order_by("pk").values())
    model._default_manager.all().delete()
    return [{name: value for name, value in row.items() if name != "id"} for row in rows]


@pytest.mark.parametrize(
    ("model", "filled"),
    [
        (Participation, {"role": "party", "signed": PartialDate.parse("2020-05"), "position": 3}),
        (Participation, {"role": "witness"}),
        (
            Signatory,
            {"name": "Əli Əliyev", "title": "Minister", "signed": PartialDate.parse("2021")},
        ),
    ],
)
def test_rows_are_those_of_bulk_create(model: type[Model], filled: dict[str, Any]) -> None:
    party = PartyFactory.create()
    rows = [
        {"agreement_id": AgreementFactory.create(parties=[]).pk, "party_id": party.pk, **filled}
        for _n in range(3)
    ]
    model._default_manager.bulk_create(model(**row) for row in rows)
    expected = stored(model)

    insert(model, rows)

    assert len(expected) == 3
    assert stored(model) == expected


def test_many_rows_take_few_statements(django_assert_max_num_queries: Any) -> None:
    agreement = AgreementFactory.create(parties=[])
    parties = [PartyFactory.create() for _n in range(40)]
    rows = [{"agreement_id": agreement.pk, "party_id": each.pk} for each in parties]

    with django_assert_max_num_queries(2):
        insert(Participation, rows)

    assert agreement.participations.count() == 40
