"""Further databases: a backup's own file as a database of this process, and rows copied from one into another."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.management.color import no_style
from django.db import connections, models, transaction

from agreements.counting.register_version.triggers import install, uninstall
from agreements.upkeep.backups.manifest import tables

_ALIAS = "backup"
_ROWS = 1000


@contextmanager
def opened(file: Path) -> Iterator[str]:
    """Let this process read a SQLite file, under the alias given."""
    settings = connections["default"].settings_dict
    connections.settings[_ALIAS] = {
        **settings,
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": f"file:{file}?mode=ro&immutable=1",
        "OPTIONS": {"uri": True},
        "CONN_HEALTH_CHECKS": False,
    }
    try:
        yield _ALIAS
    finally:
        connections[_ALIAS].close()
        del connections[_ALIAS]
        del connections.settings[_ALIAS]


def copy_rows(source: str, target: str) -> None:
    """Replace all rows of the target by those of the source, in one transaction and in constant memory.

    Both have the same migrations. Values go through the models' fields, because the databases store some differently.
    """
    connection = connections[target]
    uninstall(connection)
    with transaction.atomic(using=target), connection.constraint_checks_disabled():
        with connection.cursor() as cursor:
            for model in reversed(tables()):
                cursor.execute(f"DELETE FROM {connection.ops.quote_name(model._meta.db_table)}")  # noqa: S608
        for model in tables():
            _copy_table(model, source, connection)
        connection.check_constraints()
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), tables()):
                cursor.execute(statement)
    install(connection)


def _copy_table(model: type[models.Model], source: str, connection: Any) -> None:
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(field.column) for field in fields)
    places = ", ".join("%s" for _field in fields)
    insert = f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ({places})"  # noqa: S608
    rows = (
        model._base_manager.using(source)
        .order_by()
        .values_list(*(field.attname for field in fields))
        .iterator(chunk_size=_ROWS)
    )
    with connection.cursor() as cursor:
        while block := list(islice(rows, _ROWS)):
            cursor.executemany(
                insert,
                [
                    [
                        field.get_db_prep_save(value, connection)
                        for field, value in zip(fields, row, strict=True)
                    ]
                    for row in block
                ],
            )
