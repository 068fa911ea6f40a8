"""Writes rows by the million, in the fastest way each database offers.

Indexes, and the triggers that maintain SQLite's full-text table, are dropped first and recreated afterwards from the
database's own definitions: one sort is quicker than a million insertions all over a tree.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from itertools import count
from typing import Any

from django.core.management.color import no_style
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from agreements.search import rebuild_full_text
from benchmarks.generating.tables import TABLES, Row, Rows, Table

_FULL_TEXT_SOURCE = "agreements_searchentry"
# A page cache of 64 MB (negative: KiB), and no waiting for the disk: an interrupted generation starts over.
# Referenced rows exist by construction, and a test checks it.
_SQLITE_SETTINGS = {"cache_size": -65_536, "synchronous": 0, "foreign_keys": 0}
_POSTGRESQL_SETTINGS = {"maintenance_work_mem": "256MB", "synchronous_commit": "off"}


class Writer:
    """Writes blocks of rows, each in one transaction, and numbers the rows without a key."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self._connection = connection
        self._numbers = {table: count(1) for table in TABLES if table.is_numbered}

    def write(self, rows: Rows) -> None:
        with transaction.atomic(using=self._connection.alias):
            for table in TABLES:
                if found := rows[table]:
                    completed = [table.completed(row) for row in found]
                    self._write(table, self._numbered(table, completed))

    def _numbered(self, table: Table, rows: Sequence[Row]) -> Iterator[Row] | Sequence[Row]:
        if not table.is_numbered:
            return rows
        return ((number, *row) for number, row in zip(self._numbers[table], rows, strict=False))

    def _write(self, table: Table, rows: Iterable[Row]) -> None:
        raise NotImplementedError


class SqliteWriter(Writer):
    def _write(self, table: Table, rows: Any) -> None:
        columns, places = ", ".join(table.written), ", ".join(["%s"] * len(table.written))
        with self._connection.cursor() as cursor:
            cursor.executemany(f"INSERT INTO {table.name} ({columns}) VALUES ({places})", rows)  # noqa: S608


class PostgresqlWriter(Writer):
    def _write(self, table: Table, rows: Iterable[Row]) -> None:
        statement = f"COPY {table.name} ({', '.join(table.written)}) FROM STDIN"
        with self._connection.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)


Progress = Callable[[str], object]


@contextmanager
def bulk_writer(connection: BaseDatabaseWrapper, progress: Progress) -> Iterator[Writer]:
    """Yield a writer for this database; afterwards indexes and triggers are back and statistics are refreshed.

    Not within a transaction. `progress` gets the name of each step after the last row.
    """
    writer, around = _KINDS[connection.vendor]
    with around(connection, progress):
        yield writer(connection)


@contextmanager
def _around_sqlite(connection: BaseDatabaseWrapper, progress: Progress) -> Iterator[None]:
    with ExitStack() as stack:
        cursor = stack.enter_context(connection.cursor())
        stack.enter_context(_set(cursor, _SQLITE_SETTINGS, show="PRAGMA {}", set="PRAGMA {} = {}"))
        stack.enter_context(_resting(cursor, _sqlite_definitions(cursor), progress))
        yield
        progress("full text")
        rebuild_full_text(connection.alias)
    with connection.cursor() as cursor:
        progress("statistics")
        cursor.execute("ANALYZE")


@contextmanager
def _around_postgresql(connection: BaseDatabaseWrapper, progress: Progress) -> Iterator[None]:
    with ExitStack() as stack:
        cursor = stack.enter_context(connection.cursor())
        stack.enter_context(_set(cursor, _POSTGRESQL_SETTINGS, show="SHOW {}", set="SET {} = '{}'"))
        stack.enter_context(_resting(cursor, _postgresql_definitions(cursor), progress))
        yield
        models = [table.model for table in TABLES]
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)
    with connection.cursor() as cursor:
        progress("statistics")
        cursor.execute("VACUUM ANALYZE")


@contextmanager
def _set(
    cursor: CursorWrapper, settings: Mapping[str, object], *, show: str, set: str
) -> Iterator[None]:
    """Apply these connection settings for the block, then restore the former ones."""
    former = {}
    for name in settings:
        cursor.execute(show.format(name))
        former[name] = cursor.fetchone()[0]
    try:
        for name, value in settings.items():
            cursor.execute(set.format(name, value))
        yield
    finally:
        for name, value in former.items():
            cursor.execute(set.format(name, value))


# An index, trigger or foreign key that is dropped while rows are written: (how to drop it, how to recreate it, its name)

Definition = tuple[str, str, str]


@contextmanager
def _resting(
    cursor: CursorWrapper, definitions: Sequence[Definition], progress: Progress
) -> Iterator[None]:
    """Drop these and always recreate them: even after a failure the database is complete, with what was written."""
    for drop, _make, _name in definitions:
        cursor.execute(drop)
    try:
        yield
    finally:
        for _drop, make, name in definitions:
            progress(name)
            cursor.execute(make)


def _sqlite_definitions(cursor: CursorWrapper) -> list[Definition]:
    cursor.execute(
        "SELECT type, name, tbl_name, sql FROM sqlite_master "
        "WHERE type IN ('index', 'trigger') AND sql IS NOT NULL ORDER BY type, name"
    )
    names = {table.name for table in TABLES}
    return [
        (f'DROP {kind} "{name}"', sql, name)
        for kind, name, table, sql in cursor.fetchall()
        if table in names and (kind == "index" or table == _FULL_TEXT_SOURCE)
    ]


def _postgresql_definitions(cursor: CursorWrapper) -> list[Definition]:
    """The indexes that back no constraint, and the foreign keys, which would otherwise be checked row by row."""
    names = [table.name for table in TABLES]
    cursor.execute(
        "SELECT c.relname, t.relname, con.conname, pg_get_constraintdef(con.oid) FROM pg_constraint con "
        "JOIN pg_class t ON t.oid = con.conrelid JOIN pg_class c ON c.oid = con.confrelid "
        "WHERE con.contype = 'f' AND t.relname = ANY(%s) ORDER BY con.conname",
        [names],
    )
    keys = [
        (
            f'ALTER TABLE {table} DROP CONSTRAINT "{name}"',
            f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}',
            name,
        )
        for _target, table, name, definition in cursor.fetchall()
    ]
    cursor.execute(
        "SELECT i.relname, pg_get_indexdef(i.oid) FROM pg_index x "
        "JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid "
        "WHERE t.relname = ANY(%s) AND NOT EXISTS "
        "(SELECT 1 FROM pg_constraint con WHERE con.conindid = i.oid) ORDER BY i.relname",
        [names],
    )
    indexes = [(f'DROP INDEX "{name}"', sql, name) for name, sql in cursor.fetchall()]
    return [*keys, *indexes]


_Around = Callable[[BaseDatabaseWrapper, Progress], AbstractContextManager[None]]
_KINDS: dict[str, tuple[type[Writer], _Around]] = {
    "sqlite": (SqliteWriter, _around_sqlite),
    "postgresql": (PostgresqlWriter, _around_postgresql),
}
