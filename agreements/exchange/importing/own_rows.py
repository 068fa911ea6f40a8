"""Turns the register's CSV and XLSX lists into statements: what was edited there, and nothing else."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from agreements.domain.choices import Role
from agreements.domain.facts import COLUMNS, ENTERED
from agreements.domain.plain_text import legible
from agreements.domain.value_types import Codes, Holds
from agreements.exchange.exporting.csv import defuse, rearm
from agreements.exchange.exporting.rows import SEPARATOR, row_blocks
from agreements.exchange.exporting.xlsx import fitting
from agreements.exchange.importing.foreign import facts_stated
from agreements.exchange.importing.own import OwnMapping, day_or_none
from agreements.exchange.importing.readers import Row
from agreements.exchange.importing.reconciling import PartyBook
from agreements.exchange.importing.records import Snapshot
from agreements.exchange.importing.statements import Cited, Named, Statement
from agreements.exchange.importing.values import plain
from agreements.models import Agreement, Source

_READ = {
    "ref": "ref",
    **{column.name: column.name for column in COLUMNS if column.name in ENTERED},
    "parties": "parties",
    "areas": "areas",
    "signatories": "signatories",
    "sources": "evidence",
}
_NEVER_COMPARED = frozenset({"ref", "url", "updated_at", "status_as_of"})
_FREE_TEXT = frozenset(column.name for column in COLUMNS if column.type.holds is Holds.TEXT)


class OwnRows(OwnMapping):
    """Rows of the CSV or XLSX."""

    def __init__(
        self,
        headings: Sequence[str],
        book: PartyBook,
        areas: dict[str, int],
        day: date,
        *,
        is_xlsx: bool,
    ):
        super().__init__(headings, book, areas, day)
        self.is_xlsx = is_xlsx
        known = {column.name for column in COLUMNS}
        for heading in headings:
            if heading not in known:
                self.remarks.note(
                    _("column “%(name)s” is not one of the register's; left out")
                    % {"name": heading},
                    1,
                )

    def statements(
        self, groups: Sequence[Sequence[Row]], found: Sequence[Snapshot | None]
    ) -> list[Statement]:
        rows = [group[0] for group in groups]
        exported = self._exported(rows, [one.key for one in found if one])
        sources = _SourceLabels([one for one in found if one])
        return [
            self._statement(row, one, exported.get(one.ref) if one else None, sources)
            for row, one in zip(rows, found, strict=True)
        ]

    def _exported(self, rows: Sequence[Row], keys: list[int]) -> dict[str, dict[str, str]]:
        """Return the register's own row for each of these agreements, by reference."""
        if not keys:
            return {}
        day = day_or_none(rows[0].cells.get("status_as_of")) or self.day
        names = [column.name for column in COLUMNS]
        blocks = row_blocks(Agreement.objects.filter(pk__in=keys), day)
        return {
            cells[0]: dict(zip(names, cells, strict=True)) for block in blocks for cells in block
        }

    def _statement(
        self, row: Row, found: Snapshot | None, exported: dict[str, str] | None, sources: "_SourceLabels"
    ) -> Statement:  # fmt: skip
        statement = self.begun(row, found)
        statement.columns = {field: name for name, field in _READ.items()}
        for name, cell in row.cells.items():
            if not plain(cell) and self._leaves_as_it_is(name, statement, found):
                continue
            if name in _READ and name != "ref" and self._says_something(name, cell, exported):
                self._state_cell(statement, name, self._text(name, cell), found, sources)
            elif exported and self._is_changed_by_hand(name, cell, exported):
                self.remarks.note(
                    _("column “%(name)s” differs from what the register computes; not imported")
                    % {"name": name},
                    row.number,
                )
        return statement

    def _says_something(self, name: str, cell: str, exported: dict[str, str] | None) -> bool:
        if exported is None:
            return bool(plain(cell))
        return cell not in self._as_written(name, exported[name])

    def _leaves_as_it_is(self, name: str, statement: Statement, found: Snapshot | None) -> bool:
        """Whether an empty cell states nothing: the row that created the record left it empty, and it holds the
        default.
        """
        if found is None or not statement.ref:
            return True
        field = _READ.get(name, "")
        if field not in ENTERED or not isinstance(ENTERED[field].type, Codes):
            return False
        column: Any = Agreement._meta.get_field(field)
        return bool(found.facts[field] == column.get_default())

    def _as_written(self, name: str, text: str) -> set[str]:
        """Return every form in which the register, or a spreadsheet that saved its file, writes this text."""
        free = name in _FREE_TEXT
        safe = defuse(text) if free else text
        forms = (
            {text, safe, legible(text), legible(safe)} if self.is_xlsx else {safe, legible(safe)}
        )
        return forms | {fitting(form) for form in forms} if self.is_xlsx else forms

    def _is_changed_by_hand(self, name: str, cell: str, exported: dict[str, str]) -> bool:
        is_computed = name in exported and name not in _READ and name not in _NEVER_COMPARED
        return is_computed and plain(cell) != plain(exported[name])

    def _text(self, name: str, cell: str) -> str:
        return plain(cell if self.is_xlsx or name not in _FREE_TEXT else rearm(cell))

    def _state_cell(
        self, statement: Statement, name: str, text: str, found: Snapshot | None, sources: "_SourceLabels"
    ) -> None:  # fmt: skip
        if name == "parties":
            statement.rows["parties"] = [
                self._party(part) for part in _split(text, self._names_of(found))
            ]
        elif name == "areas":
            statement.rows["areas"] = self.area_rows(statement, _split(text))
        elif name == "signatories":
            known = [row["name"] for row in found.rows["signatories"]] if found else []
            statement.rows["signatories"] = [
                {"name": part} for part in dict.fromkeys(_split(text, known))
            ]
        elif name == "sources":
            statement.rows["evidence"] = list(self._evidence(statement, text, found, sources))
        else:
            self.state(statement, name, text)

    def _names_of(self, found: Snapshot | None) -> list[str]:
        rows = found.rows["parties"] if found else []
        return [self.book.name_of(row["party_id"]) for row in rows]

    def _party(self, text: str) -> dict[str, Any]:
        """Read "name [role]", unless the whole text is a name."""
        name, bracket, role = text.removesuffix("]").rpartition(" [")
        is_role = bracket and text.endswith("]") and role in Role.values
        if is_role and not self.book.has(text):
            return {"party": Named(name), "role": role}
        return {"party": Named(text), "role": Role.PARTY.value}

    def _evidence(
        self, statement: Statement, text: str, found: Snapshot | None, sources: "_SourceLabels"
    ) -> Iterator[dict[str, Any]]:  # fmt: skip
        """Yield the evidence that stays, and for each further source that it states what the row states."""
        rows = found.rows["evidence"] if found else []
        labels = _split(text, [sources.label(row["source_id"]) for row in rows])
        there = set()
        for row in rows:
            label = sources.label(row["source_id"])
            there.add(label)
            if label in labels:
                yield {
                    name: row[name] for name in ("fact", "source_id", "locator", "basis", "note")
                }
        facts = _facts_given(statement, found)
        for label in labels:
            if label not in there:
                cited = self._cited(statement, label)
                yield from (
                    {"fact": fact, "source": cited, "locator": ""} for fact in facts if cited
                )

    def _cited(self, statement: Statement, label: str) -> Cited | None:
        host = urlsplit(label).hostname if label.startswith(("http://", "https://")) else None
        if host:
            return Cited(publisher=host.removeprefix("www."), url=label)
        known = (
            Source.objects.filter(title=label)
            .exclude(title="")
            .order_by("pk")
            .values_list("slug", flat=True)
        )
        slugs = list(known[:2])
        if len(slugs) == 1:
            return Cited(slug=slugs[0], title=label)
        statement.refuse(
            "evidence", label, _(
                                     "No source, or more than one, has this title. Give its URL, or enter the source first."
                                 )
        )  # fmt: skip
        return None


class _SourceLabels:
    """The titles by which files name the sources of these agreements."""

    def __init__(self, found: Sequence[Snapshot]) -> None:
        keys = {row["source_id"] for one in found for row in one.rows["evidence"]}
        rows = Source.objects.filter(pk__in=keys).values_list("pk", "url", "title") if keys else ()
        self._labels = {key: url or title for key, url, title in rows}

    def label(self, key: int) -> str:
        return self._labels[key]


def _facts_given(statement: Statement, found: Snapshot | None) -> list[str]:
    """Return the facts that an added source is recorded as stating: all facts the record will have."""
    whole = Statement(
        row=statement.row,
        facts={**(found.facts if found else {}), **statement.facts},
        rows={**(found.rows if found else {}), **statement.rows},
    )
    constant = {"internal_notes", "evidence", "identifiers", "legal_nature", "stage", "term_kind"}
    return facts_stated(whole, constant)


def _split(text: str, known: Iterable[str] = ()) -> list[str]:
    """Split what the register has joined; a `known` name may contain the separator."""
    whole = sorted(
        (name for name in set(known) if SEPARATOR in name or name.startswith(" ")),
        key=len,
        reverse=True,
    )
    parts = []
    rest = text
    while rest:
        part = next((n for n in whole if rest == n or rest.startswith(n + SEPARATOR)), None)
        part = part if part is not None else rest.partition(";")[0]
        rest = rest[len(part) :].removeprefix(";").lstrip()
        if part.strip():
            parts.append(part.strip())
    return parts
