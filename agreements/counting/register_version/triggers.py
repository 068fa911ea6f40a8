"""The triggers that increment the register version, on every table that the public sees part of.

Changes to a draft, or to a row that belongs to one, do not increment it. Rows that many agreements share (parties,
areas, sources) increment it whatever they belong to. The version does not record previous values. `migrate` creates
the triggers after the last migration, never within one: SQLite cannot rebuild a table that a trigger on another table
names. On SQLite they are dropped before `migrate`; on PostgreSQL they stay, because servers go on writing, and are
created again afterwards.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from agreements.search import FULL_TEXT_TRIGGERS

# Stands for all agreements in the list of changed ones.
ALL = 0
# How many changes of a shard are recorded one by one.
KEPT = 10_000

SHARDS = {"sqlite": 1, "postgresql": 16}

_AGREEMENTS = "agreements_agreement"
_SHARDS = "agreements_revisionshard"
_TOUCHED = "agreements_touchedagreement"

# Tables whose rows belong to an agreement, with the columns that name it.
_BELONGING = {
    "agreements_agreement_areas": ["agreement_id"],
    "agreements_change": ["agreement_id"],
    "agreements_commitment": ["agreement_id"],
    "agreements_document": ["agreement_id"],
    "agreements_event": ["agreement_id"],
    "agreements_evidence": ["agreement_id"],
    "agreements_externalidentifier": ["agreement_id"],
    "agreements_participation": ["agreement_id"],
    "agreements_relation": ["agreement_id", "target_id"],
    # what a search finds
    "agreements_searchentry": ["agreement_id"],
    "agreements_signatory": ["agreement_id"],
}
# Tables whose rows are shared. If one of these columns changes, agreements are counted differently; before a row is
# deleted, the rows that named it have changed.
_SHARED: dict[str, list[str]] = {
    "agreements_area": ["parent_id"],
    "agreements_formerareaslug": [],
    "agreements_formerpartyslug": [],
    "agreements_linkcheck": [],
    "agreements_party": ["parent_id", "country"],
    "agreements_partyname": [],
    "agreements_source": [],
}
_NAMES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
}
_PREFIX = "revision_"
_EVENTS = {"INSERT": ("NEW",), "UPDATE": ("OLD", "NEW"), "DELETE": ("OLD",)}


def install(connection: Any) -> None:
    """Create the triggers and the shards again."""
    uninstall(connection)
    with connection.cursor() as cursor:
        for statement in _statements(connection):
            cursor.execute(statement)
    start(connection)


def are_missing(connection: Any) -> bool:
    """Whether triggers (including those of the search) or shards are missing; one query.

    They are missing after a failed `migrate`.
    """
    query = f"{_NAMES[connection.vendor]} UNION SELECT '{_SHARDS}' FROM {_SHARDS}"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(query)
        there = {name for (name,) in cursor.fetchall()}
    return not {_SHARDS, *_names(connection.vendor)} <= there


@cache
def _names(vendor: str) -> frozenset[str]:
    """Return the names of all triggers that exist once every migration has run."""
    tables = {_AGREEMENTS, *_BELONGING, *_SHARED}
    is_sqlite = vendor == "sqlite"
    statements = _sqlite(tables) if is_sqlite else _postgresql(tables)
    made = (statement.split()[2] for statement in statements if "CREATE TRIGGER" in statement)
    return frozenset([*made, *(FULL_TEXT_TRIGGERS if is_sqlite else ())])


def _statements(connection: Any) -> Iterator[str]:
    tables = set(connection.introspection.table_names())
    return _sqlite(tables) if connection.vendor == "sqlite" else _postgresql(tables)


def start(connection: Any) -> None:
    """Create the shards again: changes recorded so far are gone, and the version has never been used before."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {_TOUCHED}")  # noqa: S608 - a name of our own
        cursor.execute(f"DELETE FROM {_SHARDS}")  # noqa: S608
        # Higher than every earlier number, so that a process that remembers one of those notices the change.
        number = time.time_ns()
        for shard in range(SHARDS[connection.vendor]):
            cursor.execute(
                f"INSERT INTO {_SHARDS} (shard, number, nonce) VALUES (%s, %s, {_nonce(connection)})",  # noqa: S608
                [shard, number],
            )


def uninstall(connection: Any) -> None:
    """Drop the triggers, if there are any."""
    if connection.vendor == "sqlite":
        _uninstall_sqlite(connection)
        return
    with connection.cursor() as cursor:
        for name in ("of_agreement()", "of_row()", "of_shared()", "note(bigint)", "move()"):
            # with the triggers that call it
            cursor.execute(f"DROP FUNCTION IF EXISTS agreements_revision_{name} CASCADE")


def renew(connection: Any) -> None:
    """Make everything cached outdated, after a change to the search index, which no trigger sees."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {_SHARDS} SET number = number + %s, nonce = {_nonce(connection)}",  # noqa: S608
            [KEPT + 1],
        )


@contextmanager
def dropped(connection: Any) -> Iterator[None]:
    """Write many rows without recording each; afterwards any agreement may have changed. For bulk writers."""
    uninstall(connection)
    try:
        yield
    finally:
        install(connection)


def _existing(watched: dict[str, list[str]], tables: set[str]) -> Iterator[tuple[str, list[str]]]:
    """Leave out tables that a later migration will create, while an earlier one runs."""
    return ((table, columns) for table, columns in watched.items() if table in tables)


def _nonce(connection: Any) -> str:
    return _SQLITE_NONCE if connection.vendor == "sqlite" else _POSTGRESQL_NONCE


# SQLite: one trigger per table and event, all with the same few statements

_SQLITE_NONCE = "random()"


def _uninstall_sqlite(connection: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_NAMES["sqlite"])
        for (name,) in cursor.fetchall():
            if name.startswith(_PREFIX):
                cursor.execute(f'DROP TRIGGER "{name}"')


def _sqlite(tables: set[str]) -> Iterator[str]:
    for event, rows in _EVENTS.items():
        published = " OR ".join(f"{row}.publication = 'published'" for row in rows)
        yield _sqlite_trigger(_AGREEMENTS, event, published, f"{rows[-1]}.id")
    for table, columns in _existing(_BELONGING, tables):
        for column in columns:
            for event, rows in _EVENTS.items():
                for row in rows:
                    key = f"{row}.{column}"
                    public = (
                        f"EXISTS (SELECT 1 FROM {_AGREEMENTS} "  # noqa: S608
                        f"WHERE id = {key} AND publication = 'published')"
                    )
                    yield _sqlite_trigger(table, event, public, key, f"{row}_{column}".lower())
    for table, columns in _existing(_SHARED, tables):
        changed = " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in columns) or "FALSE"
        yield _sqlite_trigger(table, "INSERT", "TRUE", None)
        yield _sqlite_trigger(table, "UPDATE", "TRUE", None)
        yield _sqlite_trigger(table, "UPDATE", changed, str(ALL), "counted")
        yield _sqlite_trigger(table, "DELETE", "TRUE", None)


def _sqlite_trigger(
    table: str, event: str, condition: str, agreement: str | None, suffix: str = ""
) -> str:
    name = "_".join(filter(None, [f"{_PREFIX}{table}", event.lower(), suffix]))
    noted = (
        f"INSERT OR IGNORE INTO {_TOUCHED} (shard, number, agreement) "  # noqa: S608
        f"SELECT shard, number, {agreement} FROM {_SHARDS};"
        if agreement
        else ""
    )
    return f"""
        CREATE TRIGGER {name} AFTER {event} ON {table} WHEN {condition} BEGIN
            UPDATE {_SHARDS} SET number = number + 1, nonce = {_SQLITE_NONCE};
            {noted}
            DELETE FROM {_TOUCHED} WHERE shard = 0
                AND number <= (SELECT number - {KEPT} FROM {_SHARDS} WHERE shard = 0);
        END
    """  # noqa: S608


# PostgreSQL: functions that all triggers call

_POSTGRESQL_NONCE = "(random() * 9e18)::bigint"


def _postgresql(tables: set[str]) -> Iterator[str]:
    yield _MOVE
    yield _NOTE
    yield _OF_AGREEMENT
    yield _OF_ROW
    yield _OF_SHARED
    yield _postgresql_trigger(_AGREEMENTS, "agreements_revision_of_agreement()")
    for table, columns in _existing(_BELONGING, tables):
        yield _postgresql_trigger(table, f"agreements_revision_of_row({_quoted(columns)})")
    for table, columns in _existing(_SHARED, tables):
        yield _postgresql_trigger(table, f"agreements_revision_of_shared({_quoted(columns)})")


def _postgresql_trigger(table: str, function: str) -> str:
    return (
        f"CREATE TRIGGER {_PREFIX}{table} AFTER INSERT OR UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {function}"
    )


def _quoted(names: list[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)


# Returns the shard that this transaction holds, and the number it gave it. The first call takes a shard that nobody
# holds; the setting is rolled back with a savepoint, as the row is. The holder of a shard also deletes its outdated
# records.
_MOVE = f"""
CREATE FUNCTION agreements_revision_move(OUT own integer, OUT moved bigint) LANGUAGE plpgsql AS $$
DECLARE
    held text[] := string_to_array(current_setting('agreements.revision', true), ' ');
BEGIN
    IF held[1] = pg_current_xact_id()::text THEN
        own := held[2]; moved := held[3];
        RETURN;
    END IF;
    SELECT shard INTO own FROM {_SHARDS} LIMIT 1 FOR UPDATE SKIP LOCKED;
    IF own IS NULL THEN
        SELECT shard INTO own FROM {_SHARDS} ORDER BY random() LIMIT 1 FOR UPDATE;
    END IF;
    UPDATE {_SHARDS} SET number = number + 1, nonce = {_POSTGRESQL_NONCE}
        WHERE shard = own RETURNING number INTO moved;
    DELETE FROM {_TOUCHED} WHERE shard = own AND number <= moved - {KEPT};
    PERFORM set_config(
        'agreements.revision', concat_ws(' ', pg_current_xact_id(), own, moved), true
    );
END $$
"""  # noqa: S608

_NOTE = f"""
CREATE FUNCTION agreements_revision_note(changed bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO {_TOUCHED} (shard, number, agreement)
        SELECT own, moved, changed FROM agreements_revision_move() WHERE own IS NOT NULL
        ON CONFLICT DO NOTHING;
END $$
"""  # noqa: S608

_OF_AGREEMENT = """
CREATE FUNCTION agreements_revision_of_agreement() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (TG_OP <> 'INSERT' AND OLD.publication = 'published')
        OR (TG_OP <> 'DELETE' AND NEW.publication = 'published')
    THEN
        PERFORM agreements_revision_note(CASE WHEN TG_OP = 'DELETE' THEN OLD.id ELSE NEW.id END);
    END IF;
    RETURN NULL;
END $$
"""

# Plans are made once per session, when there may be next to no rows, and kept for all the rows that follow: if the
# planner could choose anything but the key, a first import would read the whole table for each row it writes.
_OF_ROW = f"""
CREATE FUNCTION agreements_revision_of_row() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off AS $$
DECLARE
    key bigint;
    its_publication text;
BEGIN
    FOR key IN
        SELECT DISTINCT (changed.record ->> key_column)::bigint
        FROM unnest(ARRAY[
            CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END,
            CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END
        ]) AS changed(record), unnest(TG_ARGV) AS key_column
        WHERE changed.record IS NOT NULL
    LOOP
        SELECT publication INTO its_publication FROM {_AGREEMENTS} WHERE id = key;
        IF its_publication = 'published' THEN
            PERFORM agreements_revision_note(key);
        END IF;
    END LOOP;
    RETURN NULL;
END $$
"""  # noqa: S608

_OF_SHARED = f"""
CREATE FUNCTION agreements_revision_of_shared() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    column_name text;
BEGIN
    PERFORM agreements_revision_move();
    IF TG_OP = 'UPDATE' AND TG_NARGS > 0 THEN
        FOREACH column_name IN ARRAY TG_ARGV LOOP
            IF to_jsonb(OLD) ->> column_name IS DISTINCT FROM to_jsonb(NEW) ->> column_name THEN
                PERFORM agreements_revision_note({ALL});
            END IF;
        END LOOP;
    END IF;
    RETURN NULL;
END $$
"""
