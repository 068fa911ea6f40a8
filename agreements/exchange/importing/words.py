"""Puts what an import changes in words: fields by their labels, codes and dates as people read them, rows by what they
name.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from agreements.domain.choices import EventKind, RelationKind, Role
from agreements.domain.facts import ENTERED, EvidenceCode
from agreements.domain.partial_dates import in_words
from agreements.models import Agreement

MOST_SHOWN = 12
LONGEST_SHOWN = 500

Names = Mapping[str, Callable[[Any], str]]
Values = dict[str, Any]


def field_label(name: str) -> str:
    """Return a field's label with a capital, as the admin shows it."""
    label = str(Agreement._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
    return label[:1].upper() + label[1:]


def fact_in_words(name: str, value: Any) -> str:
    """Return a fact as people read it, empty if unknown, and cut to what a preview shows."""
    if value in (None, ""):
        return ""
    shown = ENTERED[name].type.words(value)
    return shown if len(shown) <= LONGEST_SHOWN else f"{shown[:LONGEST_SHOWN]}…"


def row_in_words(facet: str, rows: list[Values], names: Names) -> str:
    """Return rows by what they name, joined; of many, the first few and how many more there are."""
    shown = [_one(facet, row, names) for row in rows[:MOST_SHOWN]]
    more = len(rows) - len(shown)
    return "; ".join([*shown, _("and %(n)d more") % {"n": more}] if more else shown)


def _one(facet: str, row: Values, names: Names) -> str:
    def named(column: str) -> str:
        return names[column](row.get(column)) if row.get(column) else ""

    if facet == "parties":
        role = "" if row["role"] == Role.PARTY else f" ({Role(row['role']).label})"
        return f"{named('party_id')}{role}"
    if facet == "areas":
        return named("area_id")
    if facet == "events":
        day = in_words(row["date"]) if row.get("date") else ""
        parts = (str(EventKind(row["kind"]).label), day, named("party_id"), row.get("note", ""))
        return " ".join(filter(None, parts))
    if facet == "evidence":
        return f"{EvidenceCode(row['fact']).label}: {named('source_id')} {row.get('locator', '')}".strip()
    if facet == "relations":
        return f"{RelationKind(row['kind']).label} {named('target_id')}"
    if facet == "identifiers":
        return f"{row['scheme']} {row['value']}"
    return str(row.get("text") or row.get("name") or "")
