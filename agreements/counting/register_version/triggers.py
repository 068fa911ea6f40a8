"""The triggers that increment the register version, on every table of which the public sees some part.

Only what the public sees increments it. A change does not count if it is to a draft or a row that belongs to one, a row
that relates a published agreement to a draft, a private document or commitment, a party or source that only drafts name,
or a column that only staff see, or if it changes no value. All areas have a page. The version does not record previous
values.

`migrate` creates the triggers after the last migration, never within one: SQLite cannot rebuild a table that a trigger
on another table names. On SQLite they are dropped before `migrate`; on PostgreSQL they stay, because servers go on
writing, and are created again afterwards.
"""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, NamedTuple

from agreements.domain.facts import VALUES
from agreements.domain.identifiers import IMPORTED_ROW
from agreements.search import FULL_TEXT_TRIGGERS

# Stands for all agreements in the list of changed ones.
ALL = 0
# How many changes of a shard are recorded one by one.
KEPT = 10_000

SHARDS = {"sqlite": 1, "postgresql": 16}

_AGREEMENTS = "agreements_agreement"
_RELATIONS = "agreements_relation"
_BOTH_ENDS = (("agreement_id", "target_id"), ("target_id", "agreement_id"))
_SHARDS = "agreements_revisionshard"
_TOUCHED = "agreements_touchedagreement"

# Tables whose rows belong to an agreement, with the columns that name it. The public sees a row if every agreement that
# it names is published and the row itself meets the condition in `_SEEN_ROWS`, if there is one for its table.
_BELONGING = {
    "agreements_agreement_areas": ["agreement_id"],
    "agreements_change": ["agreement_id"],
    "agreements_commitment": ["agreement_id"],
    "agreements_document": ["agreement_id"],
    "agreements_event": ["agreement_id"],
    "agreements_evidence": ["agreement_id"],
    "agreements_externalidentifier": ["agreement_id"],
    "agreements_languageversion": ["agreement_id"],
    "agreements_participation": ["agreement_id"],
    "agreements_period": ["agreement_id"],
    "agreements_relation": ["agreement_id", "target_id"],
    # what a search finds
    "agreements_searchentry": ["agreement_id"],
    "agreements_signatory": ["agreement_id"],
}
# On SQLite, what follows the name of the row; `_OF_ROW` has the same for PostgreSQL.
_SEEN_ROWS = {
    "agreements_commitment": ".is_public",
    "agreements_document": ".is_public",
    "agreements_externalidentifier": f".scheme <> '{IMPORTED_ROW}'",
    "agreements_period": ".is_public",
}


def _names_it(table: str, column: str, key: str) -> str:
    return (
        f"EXISTS (SELECT 1 FROM {table} named JOIN {_AGREEMENTS} its ON its.id = named.agreement_id "  # noqa: S608
        f"WHERE named.{column} = {key} AND its.publication = 'published')"
    )


# SQL conditions, each with a placeholder for the value of one column: whether a published agreement names this source;
# this party or one under it; a page at this URL.
_SOURCE = " OR ".join(
    _names_it(table, "source_id", "{0}") for table in ("agreements_evidence", "agreements_event")
)
_PARTY = (
    "EXISTS (WITH RECURSIVE below(id) AS (SELECT {0} UNION SELECT child.id FROM agreements_party "  # noqa: S608
    "child JOIN below ON child.parent_id = below.id) SELECT 1 FROM below WHERE "
    + " OR ".join(
        _names_it(f"agreements_{rows}", column, "below.id")
        for rows, column in (
            ("participation", "party_id"),
            ("signatory", "party_id"),
            ("signatory", "second_party_id"),
            ("signatory", "third_party_id"),
            ("event", "party_id"),
            ("commitment", "is_public AND named.party_id"),
        )
    )
    + ")"
)
_PAGE = (
    f"EXISTS (SELECT 1 FROM agreements_source linked WHERE linked.url = {{0}} AND ({_SOURCE.format('linked.id')})) "  # noqa: S608
    f"OR {_names_it('agreements_document', 'is_public AND named.address', '{0}')}"
)
_PERSON = _names_it("agreements_signatory", "person_id", "{0}")
_ANY = "TRUE"


class _Shared(NamedTuple):
    """When the public sees a row, and by which column; and the columns on which the counts of agreements depend."""

    is_seen: str
    column: str = "id"
    counted: tuple[str, ...] = ()


# Tables whose rows are shared, or belong to no agreement. By the time a row is deleted, the rows that named it have already
# changed.
_SHARED = {
    "agreements_area": _Shared(_ANY, counted=("parent_id",)),
    "agreements_formerareaslug": _Shared(_ANY),
    "agreements_formerpartyslug": _Shared(_PARTY, "row_id"),
    "agreements_linkcheck": _Shared(_PAGE, "url"),
    "agreements_formerpersonslug": _Shared(_PERSON, "row_id"),
    "agreements_membership": _Shared(_PARTY, "organisation_id"),
    "agreements_party": _Shared(_PARTY, counted=("parent_id", "country", "binds_members")),
    "agreements_partyname": _Shared(_PARTY, "party_id"),
    "agreements_person": _Shared(_PERSON),
    "agreements_personname": _Shared(_PERSON, "person_id"),
    "agreements_source": _Shared(_SOURCE),
    "agreements_succession": _Shared(_ANY),
    "agreements_tombstone": _Shared(_ANY),
}
# Columns that the public does not see, in whatever table.
_HIDDEN = [
    *(value.name for value in VALUES.values() if not value.is_public),
    *(
        "edit_token",
        "folded_name",
        "kept_apart",
        "searched",
        "title_sort",
        "claimed_at",
        "link_checked_at",
        "link_problem",
    ),
]
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
    tables: _Tables = {table: [] for table in (_AGREEMENTS, *_BELONGING, *_SHARED)}
    is_sqlite = vendor == "sqlite"
    statements = _sqlite(tables) if is_sqlite else _postgresql(tables)
    made = (statement.split()[2] for statement in statements if "CREATE TRIGGER" in statement)
    return frozenset([*made, *(FULL_TEXT_TRIGGERS if is_sqlite else ())])


def _statements(connection: Any) -> Iterator[str]:
    with connection.cursor() as cursor:
        names = connection.introspection.table_names(cursor)
        tables = {
            name: [
                column.name
                for column in connection.introspection.get_table_description(cursor, name)
            ]
            for name in names
            if name in {_AGREEMENTS, *_BELONGING, *_SHARED}
        }
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


# The tables that exist, with their columns: while an earlier migration runs, those of later ones may not exist yet.
_Tables = dict[str, list[str]]


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


def _sqlite(tables: _Tables) -> Iterator[str]:
    for event, rows in _EVENTS.items():
        published = " OR ".join(f"{row}.publication = 'published'" for row in rows)
        changed = _changed(event, tables[_AGREEMENTS])
        yield _sqlite_trigger(_AGREEMENTS, event, f"({published}){changed}", f"{rows[-1]}.id")
    # Of a related agreement, the public begins or ceases to see the relation.
    became = "OLD.publication IS NOT NEW.publication AND 'published' IN (OLD.publication, NEW.publication)"
    for own, other in _BOTH_ENDS if _RELATIONS in tables else ():
        related = f"{_RELATIONS} related WHERE related.{own} = NEW.id"
        yield _sqlite_trigger(
            _AGREEMENTS, "UPDATE", became, f"related.{other}", own, f", {related}"
        )
    for table in _BELONGING.keys() & tables.keys():
        for event, rows in _EVENTS.items():
            changed = _changed(event, tables[table])
            for row in rows:
                keys = [f"{row}.{column}" for column in _BELONGING[table]]
                public = [
                    f"EXISTS (SELECT 1 FROM {_AGREEMENTS} "  # noqa: S608
                    f"WHERE id = {key} AND publication = 'published')"
                    for key in keys
                ]
                public += [f"{row}{_SEEN_ROWS[table]}"] if table in _SEEN_ROWS else []
                for key in keys:
                    suffix = key.replace(".", "_").lower()
                    condition = f"{' AND '.join(public)}{changed}"
                    yield _sqlite_trigger(table, event, condition, key, suffix)
    for table in _SHARED.keys() & tables.keys():
        shared = _SHARED[table]
        for event, rows in _EVENTS.items():
            seen = " OR ".join(shared.is_seen.format(f"{row}.{shared.column}") for row in rows)
            condition = f"({seen}){_changed(event, tables[table])}"
            yield _sqlite_trigger(table, event, condition, None)
            if event == "UPDATE":
                counted = f"({seen}){_changed(event, shared.counted)}"
                yield _sqlite_trigger(table, event, counted, str(ALL), "counted")


def _changed(event: str, columns: Iterable[str]) -> str:
    """Return one more condition: an update must change one of these columns, which the public sees."""
    if event != "UPDATE":
        return ""
    compared = (f"OLD.{name} IS NOT NEW.{name}" for name in columns if name not in _HIDDEN)
    return f" AND ({' OR '.join(compared) or 'FALSE'})"


def _sqlite_trigger(
    table: str,
    event: str,
    condition: str,
    agreement: str | None,
    suffix: str = "",
    joined: str = "",
) -> str:
    name = "_".join(filter(None, [f"{_PREFIX}{table}", event.lower(), suffix]))
    noted = (
        f"INSERT OR IGNORE INTO {_TOUCHED} (shard, number, agreement) "  # noqa: S608
        f"SELECT shard, number, {agreement} FROM {_SHARDS}{joined};"
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


def _postgresql(tables: _Tables) -> Iterator[str]:
    yield _MOVE
    yield _NOTE
    yield _OF_AGREEMENT
    yield _OF_ROW
    yield _OF_SHARED
    yield _postgresql_trigger(_AGREEMENTS, "agreements_revision_of_agreement()")
    for table in _BELONGING.keys() & tables.keys():
        arguments = _quoted(_BELONGING[table])
        yield _postgresql_trigger(table, f"agreements_revision_of_row({arguments})")
    for table in _SHARED.keys() & tables.keys():
        shared = _SHARED[table]
        of = "text" if shared.column == "url" else "bigint"
        is_seen = shared.is_seen.format(f"($1 ->> '{shared.column}')::{of}")
        arguments = _quoted([is_seen, *shared.counted])
        yield _postgresql_trigger(table, f"agreements_revision_of_shared({arguments})")


def _postgresql_trigger(table: str, function: str) -> str:
    return (
        f"CREATE TRIGGER {_PREFIX}{table} AFTER INSERT OR UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {function}"
    )


def _quoted(texts: list[str]) -> str:
    return ", ".join("'" + text.replace("'", "''") + "'" for text in texts)


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

# What a trigger compares: the row before and after, without the columns that the public does not see.
_STATES = f"""
    before jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) - ARRAY[{_quoted(_HIDDEN)}] END;
    after jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) - ARRAY[{_quoted(_HIDDEN)}] END;
"""

_OF_AGREEMENT = f"""
CREATE FUNCTION agreements_revision_of_agreement() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    {_STATES}
BEGIN
    IF before IS DISTINCT FROM after
        AND 'published' IN (before ->> 'publication', after ->> 'publication')
    THEN
        PERFORM agreements_revision_note((COALESCE(after, before) ->> 'id')::bigint);
        -- of a related agreement, the public begins or ceases to see the relation
        IF TG_OP = 'UPDATE' AND before ->> 'publication' IS DISTINCT FROM after ->> 'publication' THEN
            PERFORM agreements_revision_note(target_id) FROM {_RELATIONS} WHERE agreement_id = NEW.id;
            PERFORM agreements_revision_note(agreement_id) FROM {_RELATIONS} WHERE target_id = NEW.id;
        END IF;
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
    {_STATES}
    state jsonb;
    keys bigint[];
    key bigint;
    its_publication text;
    is_seen boolean;
BEGIN
    IF before IS NOT DISTINCT FROM after THEN
        RETURN NULL;
    END IF;
    FOREACH state IN ARRAY ARRAY[before, after] LOOP
        CONTINUE WHEN state IS NULL OR state ->> 'is_public' = 'false'
            OR state ->> 'scheme' = '{IMPORTED_ROW}';
        keys := ARRAY(SELECT (state ->> key_column)::bigint FROM unnest(TG_ARGV) AS key_column);
        is_seen := true;
        FOREACH key IN ARRAY keys LOOP
            SELECT publication INTO its_publication FROM {_AGREEMENTS} WHERE id = key;
            is_seen := is_seen AND its_publication IS NOT DISTINCT FROM 'published';
        END LOOP;
        IF is_seen THEN
            PERFORM agreements_revision_note(named) FROM unnest(keys) AS named;
        END IF;
    END LOOP;
    RETURN NULL;
END $$
"""  # noqa: S608

# The first argument is SQL that says whether the public sees the row $1.
_OF_SHARED = f"""
CREATE FUNCTION agreements_revision_of_shared() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    {_STATES}
    state jsonb;
    is_seen boolean := false;
BEGIN
    IF before IS NOT DISTINCT FROM after THEN
        RETURN NULL;
    END IF;
    FOREACH state IN ARRAY ARRAY[before, after] LOOP
        IF state IS NOT NULL AND NOT is_seen THEN
            EXECUTE 'SELECT ' || TG_ARGV[0] INTO is_seen USING state;
        END IF;
    END LOOP;
    IF NOT is_seen THEN
        RETURN NULL;
    END IF;
    PERFORM agreements_revision_move();
    FOR place IN 1..TG_NARGS - 1 LOOP
        IF TG_OP = 'UPDATE' AND before -> TG_ARGV[place] IS DISTINCT FROM after -> TG_ARGV[place] THEN
            PERFORM agreements_revision_note({ALL});
        END IF;
    END LOOP;
    RETURN NULL;
END $$
"""  # noqa: S608
