"""A filled register is upgraded from the first edition through the state of every release since, and keeps everything.

The rows are generated, migrated back to the first edition's schema, and read at every release: existing rows stay as
they were. `benchmarks/upgrade.py` does the same with a database that the first edition itself has filled.
"""

from collections.abc import Callable
from hashlib import sha256
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import StateApps

from agreements.models import Agreement, Commitment
from benchmarks.generating import generate

pytestmark = pytest.mark.django_db(transaction=True)
FIRST_EDITION = "0015_orders"
PUBLISHED = 1_000
# What a migration rewrites on purpose, and the register version, which advances when the triggers are made again.
REWRITTEN = {
    ("agreements_agreement", "superseded_on"),
    # now in `term` and `notice`, which the test compares
    ("agreements_agreement", "term_months"),
    ("agreements_agreement", "notice_days"),
    ("agreements_revisionshard", "number"),
    ("agreements_revisionshard", "nonce"),
}
Rows = dict[str, tuple[int, dict[str, str]]]


def releases() -> list[str]:
    """The register's migrations since the first edition, in order; any may be the newest in somebody's database."""
    graph = MigrationLoader(None).graph
    [newest] = graph.leaf_nodes("agreements")
    names = [name for app, name in graph.forwards_plan(newest) if app == "agreements"]
    return names[names.index(FIRST_EDITION) :]


def rows_of(apps: StateApps) -> Rows:
    """For each table, how many rows it has, and a digest of each column in the order of the keys."""
    models = [model for model in apps.get_models() if model._meta.app_label == "agreements"]
    found = {}
    for model in models:
        table, key = model._meta.db_table, model._meta.pk.column
        columns = [field.column for field in model._meta.concrete_fields]
        with connection.cursor() as cursor:
            quoted = ", ".join(map(connection.ops.quote_name, columns))
            cursor.execute(f"SELECT {quoted} FROM {table} ORDER BY {key}")
            rows = cursor.fetchall()
        digests = {
            column: sha256(repr(values).encode()).hexdigest()
            for column, *values in zip(columns, *rows, strict=False)
        }
        found[table] = (len(rows), digests)
    return found


def lengths_of(apps: StateApps) -> dict[str, tuple[int | None, int | None]]:
    """By reference: the months of the term and the days of notice, as the first edition has them."""
    agreements = apps.get_model("agreements", "Agreement").objects
    rows = agreements.values_list("ref", "term_months", "notice_days")
    return {ref: (months, days) for ref, months, days in rows}


def lost(before: Rows, after: Rows) -> list[str]:
    """The tables, rows and columns that are no longer as they were."""
    gone = [table for table in before if table not in after]
    return gone + [
        f"{table}.{column or 'rows'}"
        for table, (count, digests) in before.items()
        if table in after
        for column, was, now in [
            ("", count, after[table][0]),
            *((name, digest, after[table][1].get(name)) for name, digest in digests.items()),
        ]
        if was != now and (table, column) not in REWRITTEN
    ]


def test_nothing_is_lost_from_the_first_edition_on(migrate: Callable[[str], StateApps]) -> None:
    generate(PUBLISHED)
    first = migrate(FIRST_EDITION)
    before, lengths = rows_of(first), lengths_of(first)
    assert before["agreements_agreement"][0] > PUBLISHED
    assert sum(count > 0 for count, _ in before.values()) > 12

    for name in releases()[1:]:
        after = rows_of(migrate(name))
        assert not lost(before, after), name

    kept = {
        agreement.ref: (
            agreement.term and agreement.term.months,
            None if agreement.notice is None else agreement.notice.days,
        )
        for agreement in Agreement.objects.all()
    }
    assert kept == lengths
    assert len(set(lengths.values())) > 10
    # commitments that everybody could read before there were internal ones
    assert {*Commitment.objects.values_list("is_public", flat=True)} == {True}
    # raises CommandError if anything is missing, stale or broken
    call_command("verify", stdout=StringIO())
