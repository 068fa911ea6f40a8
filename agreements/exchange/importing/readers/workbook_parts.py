"""Bounds what reading a workbook will cost, before the library that reads it holds any of it in memory.

The library builds objects from styles, shared texts, names and merged ranges, and keeps a whole row at a time. Content
types, not names, say which part is which, so every part is read once, in constant memory, to count its elements.
"""

import re
from functools import lru_cache
from pathlib import Path, PurePosixPath

from django.utils.translation.trans_null import gettext_noop as _
from openpyxl.xml.constants import (
    ARC_CONTENT_TYPES,
    ARC_CORE,
    ARC_CUSTOM,
    ARC_STYLE,
    ARC_THEME,
    SHARED_STRINGS,
    WORKSHEET_TYPE,
)

from agreements.exchange.importing.readers.heads import MOST_COLUMNS
from agreements.exchange.importing.readers.sheets import Area, Marks
from agreements.exchange.importing.readers.tables import column_of
from agreements.uploads.archives import Archive
from agreements.uploads.markup import Attributes, scan
from agreements.uploads.refusals import ContentError

MOST_CELL_ELEMENTS = 20_000_000
MOST_TEXT_ELEMENTS = 1_000_000
MOST_OTHER_ELEMENTS = 100_000
MOST_ATTRIBUTES = 1_000_000
MOST_ELEMENTS_OF_A_ROW = 100_000
MOST_BYTES_OF_A_ROW = 16 << 20
MOST_BYTES_OF_TEXTS = 64 << 20
MOST_BYTES_OF_OTHERS = 16 << 20
# Excel's last row
LAST_ROW = 1_048_576
_YES = frozenset(("1", "true"))

# The library opens these by name, whatever the content types say.
_BY_NAME = {
    name.lower() for name in (ARC_CONTENT_TYPES, ARC_CORE, ARC_CUSTOM, ARC_STYLE, ARC_THEME)
}
_OF_CELLS = frozenset(("row", "c", "v", "f", "is", "t", "r", "rPr"))
_OF_TEXTS = frozenset(("si", "t", "r", "rPr"))
_ATTRIBUTES_OF_CELLS = frozenset(
    ("r", "s", "t", "spans", "ht", "customHeight", "customFormat", "xml:space", "cm", "vm", "ph", "ref", "si")
)  # fmt: skip
_NUMBER = re.compile(r"\d{1,7}")
_PLACE = r"\$?([A-Z]{1,3})\$?(\d{1,7})"
_RANGE = re.compile(rf"{_PLACE}(?::{_PLACE})?")
_LETTERS = re.compile("[A-Z]{1,3}")
_DIGITS = "0123456789"

_REMEDY = _("Save the sheet as CSV and import that.")
_TOO_MUCH = _(
    "The workbook is too large to open safely: it has more than %(most)s %(what)s. %(remedy)s"
)


class Counts:
    """What has been counted so far, in all parts together."""

    def __init__(self) -> None:
        self.left = {
            _("cells"): MOST_CELL_ELEMENTS,
            _("texts"): MOST_TEXT_ELEMENTS,
            _("styles, names, merged cells and other objects"): MOST_OTHER_ELEMENTS,
            _("attributes"): MOST_ATTRIBUTES,
            _("hidden rows"): LAST_ROW,
        }
        self._most = dict(self.left)

    def add(self, what: str, count: int = 1) -> None:
        self.left[what] -= count
        if self.left[what] < 0:
            raise too_much(self._most[what], what)


class _Part:
    """Counts one part, which content types call a sheet (`WORKSHEET_TYPE`), shared texts, or something else."""

    def __init__(self, counts: Counts, kind: str) -> None:
        self.types: dict[str, set[str]] = {}
        self.relations: dict[str, set[str]] = {}
        # where each relation leads that is a link
        self.addresses: dict[str, str] = {}
        # the names of the parts that a part has of its own, such as the comments of a sheet
        self.own_parts: list[str] = []
        self.comments = 0
        # the cells of each link, and the relation that says where it leads
        self.links: list[tuple[Area, str]] = []
        self._counts = counts
        self._kind = kind
        self._elements_of_row: int | None = None
        self._place = self._place_of_row = 0
        self.marks = Marks()
        self._row = 0
        self._column = 0
        self._is_filled = False

    def started(self, name: str, attributes: Attributes) -> None:
        if name == "Override":
            part = attributes.get("PartName", "").lower()
            self.types.setdefault(part, set()).add(attributes.get("ContentType", ""))
        elif name == "Relationship":
            target = PurePosixPath(attributes.get("Target", "").lower()).name
            self.relations.setdefault(target, set()).add(attributes.get("Type", ""))
            if attributes.get("TargetMode") == "External":
                self.addresses[attributes.get("Id", "")] = attributes.get("Target", "")
            else:
                self.own_parts.append(target)
        elif name == "comment":
            self.comments += 1
        if not attributes.keys() <= _ATTRIBUTES_OF_CELLS:
            self._counts.add("attributes", len(attributes))
        if self._kind == WORKSHEET_TYPE and name in _OF_CELLS:
            self._cell(name, attributes)
        elif self._kind == SHARED_STRINGS and name in _OF_TEXTS:
            self._counts.add("texts")
        else:
            self._counts.add("styles, names, merged cells and other objects")
            if self._kind == WORKSHEET_TYPE:
                self._mark(name, attributes)

    def _mark(self, name: str, attributes: Attributes) -> None:
        if name == "col" and attributes.get("hidden") in _YES:
            self.marks.hidden_columns.update(_columns(attributes))
        elif name in ("mergeCell", "hyperlink") and (area := _area(attributes.get("ref", ""))):
            if name == "mergeCell":
                self.marks.merged.append(area)
            else:
                relation = next((attributes[n] for n in attributes if n.endswith(":id")), "")
                self.links.append((area, relation))

    def _cell(self, name: str, attributes: Attributes) -> None:
        self._counts.add("cells")
        if name == "c":
            self._column = _column(attributes.get("r", "").rstrip(_DIGITS)) or self._column + 1
        elif name in ("v", "f", "is"):
            self.marks.has_formulas |= name == "f"
            self.marks.width = max(self.marks.width, self._column)
            self._is_filled = True
        if name == "row":
            self._column, self._is_filled = 0, False
            number = attributes.get("r", "1")
            if not _NUMBER.fullmatch(number) or int(number) > LAST_ROW:
                raise too_much(LAST_ROW, _("rows"))
            self._elements_of_row, self._place_of_row = 0, self._place
            self._row = int(number) if "r" in attributes else self._row + 1
            if attributes.get("hidden") in _YES:
                self._counts.add("hidden rows")
                self.marks.hidden_rows.add(self._row)
        elif self._elements_of_row is None:
            self._counts.add("styles, names, merged cells and other objects")
        else:
            self._elements_of_row += 1
            if self._elements_of_row > MOST_ELEMENTS_OF_A_ROW:
                raise too_much(MOST_ELEMENTS_OF_A_ROW, _("cells in a row"))

    def ended(self, name: str) -> None:
        if name == "row":
            self._elements_of_row, self._place_of_row = None, self._place
            self.marks.rows += self._is_filled

    def fed(self, place: int) -> None:
        """Bound what must be held in memory at once: one row of a sheet, and any other part as a whole."""
        self._place = place
        if self._kind == WORKSHEET_TYPE:
            if (
                place - self._place_of_row > MOST_BYTES_OF_A_ROW
                and self._elements_of_row is not None
            ):
                raise too_much(MOST_BYTES_OF_A_ROW, _("bytes in a row"))
        else:
            most = MOST_BYTES_OF_TEXTS if self._kind == SHARED_STRINGS else MOST_BYTES_OF_OTHERS
            if place > most:
                raise too_much(most, _("bytes in one part"))


def inspected(path: Path) -> dict[str, Marks]:
    """Read every part of a workbook, and return the marks of its sheets by the names of their parts in lower case.

    Raises `ContentError` if opening it would take too much memory or time.
    """
    counts = Counts()
    marks = {}
    links: dict[str, list[tuple[Area, str]]] = {}
    addresses: dict[str, dict[str, str]] = {}
    own_parts: dict[str, list[str]] = {}
    comments: dict[str, int] = {}
    types: dict[str, set[str]] = {}
    relations: dict[str, set[str]] = {}
    with path.open("rb") as file:
        archive = Archive(file)
        # first the parts that say how the others are used
        for part in sorted(
            archive.parts, key=lambda part: _is_description(part.filename), reverse=True
        ):
            name = part.filename.lower()
            counted = _Part(counts, _kind(name, types, relations))
            scan(
                archive.chunks(part), started=counted.started, ended=counted.ended, fed=counted.fed
            )
            marks[name] = counted.marks
            links[name] = counted.links
            if counted.comments:
                comments[PurePosixPath(name).name] = counted.comments
            if name == ARC_CONTENT_TYPES.lower():
                types = counted.types
            elif name.endswith(".rels"):
                addresses[name], own_parts[name] = counted.addresses, counted.own_parts
                for target, uses in counted.relations.items():
                    relations.setdefault(target, set()).update(uses)
    for name, some in links.items():
        folder, _slash, base = name.rpartition("/")
        relations_of = f"{folder}/_rels/{base}.rels"
        led = addresses.get(relations_of, {})
        marks[name].comments = sum(comments.get(own, 0) for own in own_parts.get(relations_of, ()))
        marks[name].links = [(area, led[relation]) for area, relation in some if relation in led]
    return marks


@lru_cache(maxsize=1_000)
def _column(letters: str) -> int:
    """Return the number of a column, 0 if these are not the letters of one."""
    return column_of(letters) if _LETTERS.fullmatch(letters) else 0


def _area(cells: str) -> Area | None:
    """Return the cells of a range such as A1:C3; None for anything else."""
    found = _RANGE.fullmatch(cells)
    if not found:
        return None
    left, top, right, bottom = found.groups()
    rows = sorted((int(top), int(bottom or top)))
    return Area(*rows, *sorted((column_of(left), column_of(right or left))))


def _columns(attributes: Attributes) -> range:
    """Return the numbers of the columns that a `col` element is about."""
    ends = [attributes.get(name, "") for name in ("min", "max")]
    if not all(map(_NUMBER.fullmatch, ends)):
        return range(0)
    return range(int(ends[0]), min(int(ends[1]), MOST_COLUMNS) + 1)


def _is_description(name: str) -> bool:
    return name.lower() == ARC_CONTENT_TYPES.lower() or name.lower().endswith(".rels")


def _kind(name: str, types: dict[str, set[str]], relations: dict[str, set[str]]) -> str:
    """Return the content type of a part that is read as a stream; empty if the library may hold it as a whole."""
    if name in _BY_NAME or name.endswith(".rels"):
        return ""
    uses = {use.rpartition("/")[2] for use in relations.get(PurePosixPath(name).name, ())}
    for kind, use in ((WORKSHEET_TYPE, "worksheet"), (SHARED_STRINGS, "sharedStrings")):
        if types.get(f"/{name}") == {kind} and uses <= {use}:
            return kind
    return ""


def too_much(most: int, what: str) -> ContentError:
    return ContentError(_TOO_MUCH, most=f"{most:,}", what=what, remedy=_REMEDY)
