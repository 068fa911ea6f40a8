"""Registers that take long to make: made once per process, and copied back for every test that needs them."""

from collections.abc import Callable

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, models, transaction

from agreements.models import RevisionShard, TouchedAgreement, search_refreshed_once

Rows = dict[type[models.Model], list[tuple[object, ...]]]
_made: dict[Callable[[], None], Rows] = {}


def put_back(make: Callable[[], None]) -> None:
    """Fill the register, which must be empty, with the rows that `make` creates; from the second call on in a few
    milliseconds.
    """
    if make in _made:
        _write(_made[make])
    else:
        with search_refreshed_once():
            make()
        _made[make] = _read()


def _tables() -> list[type[models.Model]]:
    """All tables except those that the database's own triggers write."""
    everything = apps.get_app_config("agreements").get_models(include_auto_created=True)
    return [model for model in everything if model not in (RevisionShard, TouchedAgreement)]


def _read() -> Rows:
    rows: Rows = {}
    with connection.cursor() as cursor:
        for model in _tables():
            cursor.execute(f'SELECT {_columns(model)} FROM "{model._meta.db_table}"')
            rows[model] = cursor.fetchall()
    return {model: found for model, found in rows.items() if found}


def _write(rows: Rows) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for model, found in rows.items():
            places = ", ".join(["%s"] * len(found[0]))
            statement = (
                f'INSERT INTO "{model._meta.db_table}" ({_columns(model)}) VALUES ({places})'
            )
            cursor.executemany(statement, found)
        for statement in connection.ops.sequence_reset_sql(no_style(), list(rows)):
            cursor.execute(statement)


def _columns(model: type[models.Model]) -> str:
    return ", ".join(
        f'"{field.column}"' for field in model._meta.local_concrete_fields if not field.generated
    )
