"""The baseline for CSV: Python's csv module over SQLite, with the columns of our file and nothing else.

No permissions, no streaming, no cells made safe for spreadsheets: the least that any program needs.
"""

import csv
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from benchmarks.timing import Answer

_JOINED = {
    "parties": (
        "SELECT group_concat(name, '; ') FROM (SELECT p.name || CASE s.role WHEN 'party' THEN '' "
        "ELSE ' [' || s.role || ']' END AS name FROM agreements_participation s JOIN agreements_party p "
        "ON p.id = s.party_id WHERE s.agreement_id = a.id ORDER BY s.position, s.id)"
    ),
    "countries": (
        "SELECT group_concat(country, '; ') FROM (SELECT DISTINCT p.country FROM agreements_participation s "
        "JOIN agreements_party p ON p.id = s.party_id WHERE s.agreement_id = a.id AND p.country <> '' "
        "ORDER BY p.country)"
    ),
    "areas": (
        "SELECT group_concat(slug, '; ') FROM (SELECT r.slug FROM agreements_agreement_areas l "
        "JOIN agreements_area r ON r.id = l.area_id WHERE l.agreement_id = a.id ORDER BY r.slug)"
    ),
    "signatories": (
        "SELECT group_concat(name, '; ') FROM (SELECT name FROM agreements_signatory s "
        "WHERE s.agreement_id = a.id ORDER BY position, id)"
    ),
    "sources": (
        "SELECT group_concat(url, '; ') FROM (SELECT DISTINCT s.url FROM agreements_evidence e "
        "JOIN agreements_source s ON s.id = e.source_id WHERE e.agreement_id = a.id ORDER BY e.id)"
    ),
}
_STATEMENT = (
    "SELECT ref, title, kind, legal_nature, stage, CASE "  # noqa: S608 - fixed texts
    "WHEN stage <> 'concluded' THEN stage WHEN terminated_latest <= :day THEN 'terminated' "
    "WHEN superseded_on <= :day THEN 'superseded' WHEN expires_latest < :day THEN 'expired' "
    "WHEN in_force_latest <= :day THEN 'in_force' ELSE 'signed' END, :day, signed, signed_earliest, signed_latest, "
    f"in_force, expires, terminated, ({_JOINED['parties']}), ({_JOINED['countries']}), ({_JOINED['areas']}), "
    f"({_JOINED['signatories']}), place, verification, ({_JOINED['sources']}), summary, "
    "'http://127.0.0.1/agreements/' || ref || '/', updated_at FROM agreements_agreement a "
    "WHERE publication = 'published' ORDER BY signed_earliest IS NULL, signed_earliest DESC, "
    "signed_latest IS NULL, signed_latest DESC, ref"
)


def written(database: Path, to: Path, day: str) -> Answer:
    """Write the CSV of all published agreements and return its duration and its length."""
    began = time.perf_counter()
    address = f"file:{database}?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as rows, to.open("w", newline="") as file:
        csv.writer(file).writerows(rows.execute(_STATEMENT, {"day": day}))
    return Answer(time.perf_counter() - began, 200, to.stat().st_size)
