"""Rows inserted with the columns that a file fills are those that `bulk_create` would write."""

from typing import Any

import pytest
from django.db.models import Model

from agreements.domain.durations import Duration
from agreements.domain.partial_dates import PartialDate
from agreements.exchange.importing.inserting import insert
from agreements.models import Agreement, Participation, Signatory
from tests.factories import AgreementFactory, PartyFactory

pytestmark = pytest.mark.django_db


def stored(model: type[Model]) -> list[dict[str, Any]]:
    """Return all columns of the stored rows but those that differ each time, and delete the rows."""
    rows = list(model._default_manager.order_by("pk").values())
    model._default_manager.all().delete()
    differing = {"id", "edit_token", "created_at", "updated_at"}
    return [{name: value for name, value in row.items() if name not in differing} for row in rows]


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


def test_agreements_are_those_of_bulk_create_in_the_order_of_their_ids() -> None:
    rows: list[dict[str, Any]] = [
        {"ref": "MOU-9001", "title": "Əmək haqqında", "signed": PartialDate.parse("2020-05")},
        {
            "ref": "MOU-9002",
            "title": "On trade",
            "summary": "About trade",
            "signed": PartialDate.parse("2020-05-04"),
            "in_force": PartialDate.parse("2021"),
            "term_kind": "fixed",
            "term": Duration(months=36),
        },
        {"ref": "MOU-9003", "title": "On health", "expires_stated": PartialDate.parse("2031")},
    ]
    Agreement.objects.bulk_create(Agreement(**row) for row in rows)
    expected = stored(Agreement)

    keys = insert(Agreement, rows)

    assert keys == list(Agreement.objects.order_by("ref").values_list("pk", flat=True))
    assert len(set(Agreement.objects.values_list("edit_token", flat=True))) == 3
    assert stored(Agreement) == expected


def test_many_rows_take_few_statements(django_assert_max_num_queries: Any) -> None:
    agreement = AgreementFactory.create(parties=[])
    parties = [PartyFactory.create() for _n in range(40)]
    rows = [{"agreement_id": agreement.pk, "party_id": each.pk} for each in parties]

    with django_assert_max_num_queries(2):
        insert(Participation, rows)

    assert agreement.participations.count() == 40
