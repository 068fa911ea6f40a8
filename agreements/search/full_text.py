"""The triggers that keep SQLite's full-text table in step with the entries.

`migrate` creates them after its last migration. No migration can, because a later one that alters the table of entries
rebuilds it without its triggers. PostgreSQL needs none: its generated columns stay.
"""

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from agreements.search.matching import ENTRIES, FTS5
from agreements.search.refreshing import rebuild_full_text

_ADD = f"INSERT INTO {FTS5}(rowid, title, body) VALUES (new.agreement_id, new.title, new.body);"  # noqa: S608
_REMOVE = (
    f"INSERT INTO {FTS5}({FTS5}, rowid, title, body) "  # noqa: S608
    "VALUES ('delete', old.agreement_id, old.title, old.body);"
)
# Name and action of each.
FULL_TEXT_TRIGGERS = {
    f"{ENTRIES}_added": f"AFTER INSERT ON {ENTRIES} BEGIN {_ADD} END",
    f"{ENTRIES}_removed": f"AFTER DELETE ON {ENTRIES} BEGIN {_REMOVE} END",
    f"{ENTRIES}_changed": f"AFTER UPDATE ON {ENTRIES} BEGIN {_REMOVE} {_ADD} END",
}


def install_full_text(connection: BaseDatabaseWrapper) -> bool:
    """Create missing triggers and fill the full-text table again; return whether any were missing.

    Reads every entry if so: seconds for a hundred thousand agreements.
    """
    if connection.vendor != "sqlite":
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master")
        there = {name for (name,) in cursor.fetchall()}
        if FTS5 not in there or there >= FULL_TEXT_TRIGGERS.keys():
            return False
        with transaction.atomic(using=connection.alias):
            for name, action in FULL_TEXT_TRIGGERS.items():
                cursor.execute(f"CREATE TRIGGER IF NOT EXISTS {name} {action}")
            rebuild_full_text(connection.alias)
    return True
