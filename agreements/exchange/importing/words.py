"""Puts what an import changes in words: fields by their labels, values as people read them, rows by what they name."""

from collections.abc import Sequence
from functools import cache, cached_property, lru_cache

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from agreements.domain.choices import EventKind, PeriodKind, RelationKind, Role
from agreements.domain.facts import ENTERED, EvidenceCode
from agreements.domain.identifiers import IMPORTED_ROW
from agreements.domain.languages import language_in_words
from agreements.domain.partial_dates import in_words
from agreements.exchange.importing.differences import RowChanges
from agreements.exchange.importing.reconciling import PartyBook
from agreements.exchange.importing.records import FACETS, Facet, Snapshot, Values
from agreements.exchange.importing.sources import SourceBook
from agreements.models import Agreement, Area

MOST_SHOWN = 12
LONGEST_SHOWN = 500
MOST_REMEMBERED = 5_000


def field_label(name: str) -> str:
    """Return a field's label with a capital, as the admin shows it."""
    return capfirst(str(Agreement._meta.get_field(name).verbose_name))  # type: ignore[union-attr]


def fact_in_words(name: str, value: object) -> str:
    """Return a fact as people read it, empty if unknown, and cut to what a preview shows."""
    shown = "" if value in (None, "") else ENTERED[name].type.words(value)
    return shown if len(shown) <= LONGEST_SHOWN else f"{shown[:LONGEST_SHOWN]}…"


class RowWords:
    """Puts rows in words, with names instead of ids."""

    def __init__(self, book: PartyBook, sources: SourceBook) -> None:
        self.book = book
        self.sources = sources
        self._refs: dict[int, str] = {}
        # the language stays the same
        self._label = cache(field_label)
        self._facet_label = cache(lambda name: str(FACETS[name].label))
        self._fact = lru_cache(MOST_REMEMBERED, typed=True)(fact_in_words)

    def look_up(self, found: Sequence[Snapshot]) -> None:
        """Fetch the references of the related agreements that changes may name."""
        targets = {row["target_id"] for one in found for row in one.rows["relations"]}
        targets |= {row["by_id"] for one in found for row in one.rows["periods"] if row["by_id"]}
        self._refs |= dict(Agreement.objects.filter(pk__in=targets).values_list("pk", "ref"))

    def of_fact(self, name: str, before: object, after: object) -> list[str]:
        """Return the label of a fact, and two of its values."""
        return [self._label(name), self._fact(name, before), self._fact(name, after)]

    def of_changes(self, facet: Facet, changes: RowChanges) -> list[str]:
        after = self.of_rows(facet.name, changes.written)
        if changes.order and not after and not changes.delete:
            after = _("in another order")
        return [self._facet_label(facet.name), self.of_rows(facet.name, changes.delete), after]

    def of_rows(self, facet: str, rows: list[Values]) -> str:
        """Return rows by what they name, joined; of many, the first few and how many more there are.

        The digest by which an import recognises a row says nothing to people.
        """
        rows = [row for row in rows if row.get("scheme") != IMPORTED_ROW]
        shown = [self._of_row(facet, row) for row in rows[:MOST_SHOWN]]
        more = len(rows) - len(shown)
        return "; ".join([*shown, _("and %(n)d more") % {"n": more}] if more else shown)

    def _of_row(self, facet: str, row: Values) -> str:
        party = self.book.name_of(row.get("party_id"))
        match facet:
            case "parties":
                role = "" if row["role"] == Role.PARTY else f" ({Role(row['role']).label})"
                return f"{party}{role}"
            case "areas":
                return self._areas.get(row["area_id"], "")
            case "events":
                day = in_words(row["date"]) if row.get("date") else ""
                parts = (str(EventKind(row["kind"]).label), day, party, row.get("note", ""))
                return " ".join(filter(None, parts))
            case "periods":
                days = (in_words(row[name]) if row.get(name) else "" for name in ("first", "last"))
                label = PeriodKind(row["kind"]).label
                return (
                    f"{label} {'–'.join(days)} {self._refs.get(row.get('by_id') or 0, '')}".strip()
                )
            case "evidence":
                source = self.sources.label(row["source_id"]) if row.get("source_id") else ""
                source = source or (_("a document") if row.get("document_id") else "")
                label = EvidenceCode(row["fact"]).label
                return f"{label}: {source} {row.get('locator', '')}".strip()
            case "relations":
                target = self._refs.get(row["target_id"], "")
                return f"{RelationKind(row['kind']).label} {target}"
            case "identifiers":
                return f"{row['scheme']} {row['value']}"
            case "languages":
                return language_in_words(row["language"])
        return str(row.get("text") or row.get("name") or "")

    @cached_property
    def _areas(self) -> dict[int, str]:
        return dict(Area.objects.values_list("pk", "name"))
