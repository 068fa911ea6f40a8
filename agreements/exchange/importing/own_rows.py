"""Turns the register's CSV and XLSX lists into statements: what was edited there, and nothing else."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from agreements.domain.choices import Role
from agreements.domain.facts import COLUMNS, ENTERED
from agreements.domain.identifiers import code_of
from agreements.domain.languages import language_tag
from agreements.domain.lifecycle import is_past
from agreements.domain.partial_dates.values import quoted
from agreements.domain.plain_text import legible
from agreements.domain.value_types import Codes
from agreements.exchange.exporting.csv import defuse, rearm
from agreements.exchange.exporting.rows import SEPARATOR, counted_plurality, row_blocks
from agreements.exchange.exporting.xlsx import fitting
from agreements.exchange.importing.foreign import facts_stated
from agreements.exchange.importing.own import OwnMapping, own_identifiers, shown_evidence
from agreements.exchange.importing.readers import Row, Table
from agreements.exchange.importing.reconciling import PartyBook
from agreements.exchange.importing.records import FACETS, Snapshot, Values
from agreements.exchange.importing.statements import Cited, Named, Statement
from agreements.exchange.importing.values import day_or_none, plain
from agreements.models import Agreement, Source

_NAMES = [column.name for column in COLUMNS]
# the fact or facet of each column that is read
READ = {
    **{name: name for name in _NAMES if name in ENTERED},
    "parties": "parties",
    "areas": "areas",
    "signatories": "signatories",
    "sources": "evidence",
    "identifiers": "identifiers",
    "languages": "languages",
    "plurality": "plurality_stated",
}
# the columns that tell what the register concludes; of a new record, only the end can be taken from them
_COMPUTED = (
    frozenset(_NAMES) - READ.keys() - {"ref", "url", "updated_at", "status_as_of", "created_at"}
)
_SAY_THE_END = ("expires_stated", "term")
_NEVER_COMPARED = frozenset({"ref", "url", "updated_at", "status_as_of"})
_FREE_TEXT = frozenset(column.name for column in COLUMNS if column.is_free_text)
# every record has these, whatever its sources say
_WITHOUT_EVIDENCE = {"internal_notes", "legal_nature", "stage", "term_kind"}


class OwnRows(OwnMapping):
    """Rows of the CSV or XLSX."""

    def __init__(self, table: Table, book: PartyBook, areas: dict[str, int], day: date) -> None:
        super().__init__(table, book, areas, day)
        # the register's own rows by reference, and the URL or title by which a file names each source
        self._exported: dict[str, dict[str, str]] = {}
        # the status of each as a file says that was written on the day of its statuses
        self._status_then: dict[str, str] = {}
        self._labels: dict[int, str] = {}
        # the number of parties that the row names, without other roles: the register works out the plurality of these
        self._sides = 0
        self._shown: set[int] = set()
        for name in table.headings:
            if name not in _NAMES:
                remark = _("column “%(name)s” is not one of the register's; left out")
                self.remarks.note(remark % {"name": name}, 1)

    def reads(self, column: str) -> bool:
        return column in READ or column == "ref"

    def look_up(self, rows: Sequence[Row], found: Sequence[Snapshot]) -> None:
        """Fetch the register's own rows for these agreements, and what files call their sources."""
        day = day_or_none(rows[0].cells.get("status_as_of")) or self.day
        stored = Agreement.objects.filter(pk__in=[one.key for one in found])
        cells = (row for block in row_blocks(stored, day) for row in block)
        self._exported = {row[0]: dict(zip(_NAMES, row, strict=True)) for row in cells}
        then = stored.with_status(day, today=day).values_list("ref", "status")
        self._status_then = dict(then) if is_past(day) else {}
        cited = {row["source_id"] for one in found for row in one.rows["evidence"]}
        keys = cited - {None}
        self._shown = shown_evidence(found)
        sources = Source.objects.filter(pk__in=keys).values_list("pk", "url", "title")
        self._labels = {key: url or title for key, url, title in sources}

    def statement(self, group: Sequence[Row], found: Snapshot | None) -> Statement:
        [row] = group
        statement = self.begun(row, found)
        exported = self._exported.get(found.ref) if found else None
        statement.columns = {"ref": "ref", **{field: name for name, field in READ.items()}}
        named = (part.strip() for part in plain(row.cells.get("parties")).split(SEPARATOR.strip()))
        self._sides = sum(bool(part) and not part.endswith("]") for part in named)
        for name, cell in row.cells.items():
            if not plain(cell) and _leaves_as_it_is(name, statement):
                continue
            if name in READ and self._says_something(name, cell, exported):
                self._state_cell(statement, name, self._text(name, cell))
            elif name == "status" and found and cell == self._status_then.get(found.ref):
                continue
            elif exported and _is_changed_by_hand(name, cell, exported):
                remark = _(
                    "column “%(name)s” differs from what the register computes; not imported"
                )
                self.remarks.note(remark % {"name": name}, row.number)
            elif exported is None and name in _COMPUTED:
                self._take_computed(statement, name, row)
        return statement

    def _take_computed(self, statement: Statement, name: str, row: Row) -> None:
        """Take the end of a new record if nothing else in the row says it; note that other columns are not read."""
        if name == "expires" and not any(plain(row.cells.get(each)) for each in _SAY_THE_END):
            self._state_cell(statement, "expires_stated", plain(row.cells[name]))
            return
        remark = _("column “%(name)s” of a new record is not read: the register computes it")
        self.remarks.note(remark % {"name": name}, row.number)

    def _says_something(self, name: str, cell: str, exported: dict[str, str] | None) -> bool:
        if exported is None:
            return bool(plain(cell))
        return cell not in self._as_written(name, exported[name])

    def _as_written(self, name: str, text: str) -> set[str]:
        """Return every form in which the register, or a spreadsheet that saved its file, writes this text."""
        safe = defuse(text) if name in _FREE_TEXT else text
        if self.table.format != "xlsx":
            return {safe, legible(safe)}
        forms = {text, safe, legible(text), legible(safe)}
        return forms | {fitting(form) for form in forms}

    def _text(self, name: str, cell: str) -> str:
        return plain(rearm(cell) if self.table.format == "csv" and name in _FREE_TEXT else cell)

    def _state_cell(self, statement: Statement, name: str, text: str) -> None:
        rows = statement.found.rows if statement.found else {}
        if name == "parties":
            names = [self.book.name_of(row["party_id"]) for row in rows.get("parties", ())]
            statement.rows["parties"] = [
                {"party": Named(each, row=statement.row), "role": role}
                for part in _split(text, names)
                for name, role in [self._party(statement, part)]
                for each in self.book.names_meant(name, statement.row)
            ]
        elif name == "areas":
            self.state_areas(statement, _split(text))
        elif name == "signatories":
            parts = _split(text, [row["name"] for row in rows.get("signatories", ())])
            statement.rows["signatories"] = [{"name": part} for part in dict.fromkeys(parts)]
        elif name == "identifiers":
            known = [f"{row['scheme']}:{row['value']}" for row in rows.get("identifiers", ())]
            statement.rows["identifiers"] = [
                *own_identifiers(statement),
                *_identifiers(statement, _split(text, known)),
            ]
        elif name == "languages":
            tags = (language_tag(part) or part for part in _split(text))
            statement.rows["languages"] = [{"language": tag} for tag in dict.fromkeys(tags)]
        elif name == "plurality":
            if statement.found or text != counted_plurality(self._sides):
                self.state(statement, "plurality_stated", text)
        elif name == "sources":
            evidence = self._evidence(statement, text, rows.get("evidence", []))
            statement.rows["evidence"] = list(evidence)
        else:
            self.state(statement, name, text)

    def _party(self, statement: Statement, text: str) -> tuple[str, str]:
        """Read "name [role]", unless the whole text is a name."""
        name, bracket, role = text.removesuffix("]").rpartition(" [")
        if not bracket or not text.endswith("]") or self.book.has(text):
            return text, Role.PARTY.value
        if role not in Role.values:
            remedy = _("“%(role)s” is not a role. The roles are: %(known)s.")
            known = {"role": quoted(role), "known": ", ".join(Role.values)}
            statement.refuse("parties", text, remedy % known)
        return name, role

    def _evidence(self, statement: Statement, text: str, rows: list[Values]) -> Iterator[Values]:
        """Yield the evidence that stays, and evidence from each added source for all that the row states.

        What rests on documents stays, as the column names only sources; so does what the column does not show.
        """
        columns = FACETS["evidence"].columns
        for row in rows:
            if row["id"] not in self._shown:
                yield {name: row[name] for name in columns}
        rows = [row for row in rows if row["id"] in self._shown]
        there = [self._labels[row["source_id"]] for row in rows]
        labels = _split(text, there)
        for row, label in zip(rows, there, strict=True):
            if label in labels:
                yield {name: row[name] for name in columns}
        for label in labels:
            if label not in there and (cited := _cited(statement, label)):
                for fact in _facts_given(statement):
                    yield {"fact": fact, "source": cited, "locator": ""}


def _leaves_as_it_is(name: str, statement: Statement) -> bool:
    """Whether an empty cell states nothing: the row that created the record left it empty, and it holds the default."""
    found, field = statement.found, READ.get(name, "")
    if found is None or not statement.ref:
        return True
    if field not in ENTERED or not isinstance(ENTERED[field].type, Codes):
        return False
    column: Any = Agreement._meta.get_field(field)
    return bool(found.facts[field] == column.get_default())


def _is_changed_by_hand(name: str, cell: str, exported: dict[str, str]) -> bool:
    is_computed = name in exported and name not in READ and name not in _NEVER_COMPARED
    return is_computed and plain(cell) != plain(exported[name])


def _identifiers(statement: Statement, parts: Iterable[str]) -> Iterator[Values]:
    """Read each "scheme:value", and refuse what has no scheme."""
    for part in parts:
        scheme, colon, value = part.partition(":")
        if colon and scheme.strip() and value.strip():
            yield {"scheme": code_of(scheme), "value": value.strip()}
        else:
            remedy = _("Write the scheme, a colon and the value, such as celex:22021A0430(01).")
            statement.refuse("identifiers", part, remedy)


def _cited(statement: Statement, label: str) -> Cited | None:
    host = urlsplit(label).hostname if label.startswith(("http://", "https://")) else None
    if host:
        return Cited(publisher=host.removeprefix("www."), url=label)
    slugs = list(Source.objects.filter(title=label).values_list("slug", flat=True)[:2])
    if len(slugs) == 1:
        return Cited(slug=slugs[0], title=label)
    remedy = _(
        "No source, or more than one, has this title. Give its URL, or enter the source first."
    )
    statement.refuse("evidence", label, remedy)
    return None


def _facts_given(statement: Statement) -> list[str]:
    """Return the facts that an added source becomes evidence for: all that the record will have."""
    found = statement.found
    facts = {**(found.facts if found else {}), **statement.facts}
    rows = {**(found.rows if found else {}), **statement.rows}
    return facts_stated(facts, rows, _WITHOUT_EVIDENCE)


def _split(text: str, known: Iterable[str] = ()) -> list[str]:
    """Split what the register has joined; a `known` name may contain the separator."""
    joined = {name for name in known if SEPARATOR in name or name.startswith(" ")}
    whole = sorted(joined, key=len, reverse=True)
    parts = []
    rest = text
    while rest:
        part = next((n for n in whole if rest == n or rest.startswith(n + SEPARATOR)), None)
        part = part if part is not None else rest.partition(";")[0]
        rest = rest[len(part) :].removeprefix(";").lstrip()
        if part.strip():
            parts.append(part.strip())
    return parts
