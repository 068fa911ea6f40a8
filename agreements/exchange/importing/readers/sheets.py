"""The sheets of a workbook as one table, whatever program wrote it: what `workbooks` and `opendocument` have in common.

A reader describes its sheets and yields their cells; the rest is here: which sheets are read, where each table begins,
what merged cells mean, and what is told about cells that are hidden, struck through or lost.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements.domain.partial_dates.values import quoted
from agreements.exchange.importing.readers.footers import without_footers
from agreements.exchange.importing.readers.heads import (
    MOST_COLUMNS,
    Head,
    NumberedCells,
    checked,
    folded,
    found_head,
)
from agreements.exchange.importing.readers.tables import (
    LONGEST_CELL,
    ROWS_OF_A_SHEET,
    Row,
    SheetInfo,
    Table,
    letter_of,
    row_of,
)
from agreements.exchange.importing.refusals import FileRefusedError, Problem
from agreements.exchange.importing.remarks import Remarks

ALL = "*"
MOST_SHEETS = 250
MOST_NAMED = 10
# One more than a table may have, so that a wider one can be told.
WIDEST = MOST_COLUMNS + 1
LONGEST_LINK = 2_000
_WEB_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)
# What the formula leads to that writes a link: in OOXML and, with its prefix, in OpenDocument.
_LINK_FORMULA = re.compile(r'(?:of:|msoxl:)?=HYPERLINK\(\s*"((?:[^"]|"")*)"', re.IGNORECASE)
# A text that is merged over at least this share of the columns stands for no record.
_LEAST_SHARE_OF_A_TITLE = 0.6


class Said(NamedTuple):
    """What a cell says: its text, why it says nothing, whether it is a real date, and where it leads."""

    text: str = ""
    loss: str = ""
    is_date: bool = False
    is_struck: bool = False
    link: str = ""


NOTHING = Said()


class Area(NamedTuple):
    """A rectangle of cells, by its first and last row and column."""

    first_row: int
    last_row: int
    first_column: int
    last_column: int


@dataclass
class Marks:
    """What a sheet marks beside its cells, and about how large it is."""

    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    has_formulas: bool = False
    merged: list[Area] = field(default_factory=list)
    links: list[tuple[Area, str]] = field(default_factory=list)
    comments: int = 0
    rows: int = 0
    width: int = 0


@dataclass
class Sheet:
    """A sheet by its name; `place` is where the workbook has it."""

    name: str
    place: int
    is_hidden: bool
    marks: Marks


@dataclass
class _Part:
    """A sheet that is read, the number of its first row less one, and the headings of its columns."""

    sheet: Sheet
    offset: int
    head: Head
    headings: list[str]

    @property
    def named(self) -> int:
        return sum(map(bool, self.headings))


class SheetTable(Table):
    """The sheets of a workbook that are wanted, one after another: by their names, or the first that is not hidden.

    A subclass gives the first rows of sheets (`_beginnings`) and all their cells (`_cells`).
    """

    def __init__(
        self, path: Path, form: str, sheets: Sequence[Sheet], wanted: Sequence[str], head: int
    ) -> None:
        """Raises `FileRefusedError` if a wanted sheet is not there, or no sheet has a table."""
        super().__init__(path, form, [])
        self.all_sheets = [
            SheetInfo(sheet.name, sheet.marks.rows, sheet.is_hidden) for sheet in sheets
        ]
        chosen = _chosen(sheets, wanted)
        self._parts = self._parts_of(chosen, head)
        self.sheets = [part.sheet.name for part in self._parts]
        self.headings = self._united()
        self.head_row = self._parts[0].head.row if len(self._parts) == 1 else 0
        for part in self._parts:
            self.notes += part.head.notes
        self._note_others(sheets, chosen)

    def _beginnings(self, sheets: Sequence[Sheet], head: int) -> list[list[NumberedCells]]:
        """Return the rows of each sheet among which its head is, as `heads.beginning` does."""
        raise NotImplementedError

    def _cells(self, sheets: Sequence[Sheet]) -> Iterator[tuple[int, int, Sequence[Said]]]:
        """Yield the place of a sheet among these, the number of a row and its cells; rows without any may be missing."""
        raise NotImplementedError

    def _parts_of(self, chosen: Sequence[Sheet], head: int) -> list[_Part]:
        parts: list[_Part] = []
        for sheet, first in zip(chosen, self._beginnings(chosen, head), strict=True):
            if not first and len(chosen) > 1:
                sentence = _("The sheet “%(name)s” is empty, so it was left out.")
                self.notes.append(sentence % {"name": quoted(sheet.name)})
                continue
            if not first and not head:
                break
            if sheet.marks.width > WIDEST:
                sentence = _(
                    "Cells beyond column %(letter)s of the sheet “%(name)s” were not read. Move what you need to the left."
                )
                said = {"letter": letter_of(WIDEST), "name": quoted(sheet.name)}
                self.notes.append(sentence % said)
            if count := sheet.marks.comments:
                remark = ngettext(
                    "The sheet “%(name)s” has %(n)d comment on a cell. Comments are not read: copy what you need into a "
                    "column.",
                    "The sheet “%(name)s” has %(n)d comments on cells. Comments are not read: copy what you need into a "
                    "column.",
                    count,
                )
                self.notes.append(remark % {"name": quoted(sheet.name), "n": count})
            found = found_head(first, head=head, sheet=sheet.name if len(chosen) > 1 else "")
            parts.append(_Part(sheet, ROWS_OF_A_SHEET * len(parts), found, found.headings))
        if not parts:
            sentence = _("The sheet “%(name)s” of the workbook is empty.")
            raise FileRefusedError(sentence % {"name": quoted(chosen[0].name)})
        return parts

    def _united(self) -> list[str]:
        """Return the headings of all parts, and call the columns of each part alike."""
        if len(self._parts) == 1:
            return self._parts[0].headings
        called: dict[str, str] = {}
        for part in self._parts:
            part.headings = [
                name and called.setdefault(folded(name), name) for name in part.headings
            ]
        united = checked(list(called.values()))
        for part in self._parts:
            if missing := [name for name in united if name not in set(part.headings)]:
                sentence = _(
                    "The sheet “%(sheet)s” has no column %(names)s, so its rows have nothing there."
                )
                named = {"sheet": quoted(part.sheet.name), "names": _listed(missing)}
                self.notes.append(sentence % named)
        return united

    def _note_others(self, sheets: Sequence[Sheet], chosen: Sequence[Sheet]) -> None:
        others = [sheet.name for sheet in sheets if sheet not in chosen]
        # a workbook of the register has one other sheet, which describes it
        if not others or (self._parts[0].head.is_own and len(others) == 1):
            return
        read = self.sheets
        sentence = _("Only the sheet %(read)s was read. The workbook has others: %(others)s.")
        if len(read) > 1:
            sentence = _("Only the sheets %(read)s were read. The workbook has others: %(others)s.")
        self.notes.append(sentence % {"read": _listed(read), "others": _listed(others)})

    # Rows

    def rows(self) -> Iterator[Row]:
        self.remarks = Remarks()
        yield from without_footers(self._read(), self.headings, self.remarks)

    def _read(self) -> Iterator[Row]:
        parts = self._parts
        absent = dict.fromkeys(self.headings, "") if len(parts) > 1 else {}
        # the columns that have no heading because the table ends before them
        titles = [
            [*part.headings, *[""] * (min(part.sheet.marks.width, WIDEST) - len(part.headings))]
            for part in parts
        ]
        merged = [_Merged(part) for part in parts]
        links = [_Links(part.sheet.marks.links) for part in parts]
        for place, number, said in self._cells([part.sheet for part in parts]):
            part = parts[place]
            if number <= part.head.row:
                continue
            cells = [*said[: len(titles[place])]]
            cells += [NOTHING] * (len(titles[place]) - len(cells))
            if not any(cell.text.strip() or cell.loss for cell in cells):
                continue
            where = part.offset + number
            if title := merged[place].title(number, cells):
                remark = _("“%(text)s” is merged over the columns, so its row was left out")
                further = _(
                    "further texts that are merged over the columns; their rows were left out"
                )
                told = remark % {"text": quoted(title)}
                self.remarks.note_text("merged", title, told, further, where)
                continue
            self._carry(merged[place].carried(number, cells), cells, where)
            links[place].put(number, cells)
            row = self._row(part, number, titles[place], cells)
            yield Row(**{**vars(row), "cells": {**absent, **row.cells}}) if absent else row

    def _carry(self, carried: dict[int, Said], cells: list[Said], where: int) -> None:
        for column, cell in carried.items():
            cells[column - 1] = cell
            remark = _(
                "cells merged over several rows in column %(letter)s; each of the rows has their text"
            )
            self.remarks.note(remark % {"letter": letter_of(column)}, where)

    def _row(self, part: _Part, number: int, titles: Sequence[str], said: Sequence[Said]) -> Row:
        where = part.offset + number
        row = row_of(where, titles, [cell.text for cell in said], self.remarks)
        named = [(name, cell) for name, cell in zip(titles, said, strict=True) if name]
        marks = part.sheet.marks
        if number in marks.hidden_rows:
            self.remarks.note(_("rows that the sheet hides; they were read"), where)
        if marks.hidden_columns or any(cell.is_struck or cell.link for cell in said):
            self._remark_on(where, said, marks)
        too_long = _("The cell's text is too long. Shorten it.")
        problems = [
            Problem(where, name, quoted(cell.text), too_long)
            for name, cell in named
            if len(cell.text) > LONGEST_CELL
        ]
        return Row(
            where,
            row.cells,
            [*row.problems, *problems],
            lost=[Problem(where, name, "", cell.loss) for name, cell in named if cell.loss],
            dates=frozenset(name for name, cell in named if cell.is_date),
            links={name: cell.link for name, cell in named if is_web_address(cell.link)},
        )

    def _remark_on(self, where: int, said: Sequence[Said], marks: Marks) -> None:
        for place, cell in enumerate(said, start=1):
            letter = {"letter": letter_of(place)}
            if cell.link and not is_web_address(cell.link):
                remark = _(
                    "links in column %(letter)s that lead to no web address, such as to a file; they were not read"
                )
                self.remarks.note(remark % letter, where)
            if not cell.text:
                continue
            if cell.is_struck:
                remark = _("struck-through text in column %(letter)s; it was read")
                self.remarks.note(remark % letter, where)
            if place in marks.hidden_columns:
                remark = _("column %(letter)s, which the sheet hides; it was read")
                self.remarks.note(remark % letter, where, is_trivial=True)


class _Merged:
    """The merged cells of a sheet below its head, as its rows come by."""

    def __init__(self, part: _Part) -> None:
        self._areas = sorted(
            area
            for area in part.sheet.marks.merged
            if area.first_row > part.head.row and area.first_column <= WIDEST
        )
        self._next = 0
        # by the column: the last row, and the cell that counts until there
        self._open: dict[int, tuple[int, Said]] = {}
        self._least = part.named * _LEAST_SHARE_OF_A_TITLE
        self._headings = part.headings

    def title(self, number: int, cells: Sequence[Said]) -> str:
        """Return the only text of the row if it is merged over most of the columns; empty if there is none."""
        filled = [place for place, cell in enumerate(cells, start=1) if cell.text.strip()]
        self._skip_to(number)
        if len(filled) != 1:
            return ""
        for area in self._starting(number):
            covered = self._headings[area.first_column - 1 : area.last_column]
            is_wide = area.last_column > area.first_column
            if (
                area.first_column == filled[0]
                and is_wide
                and sum(map(bool, covered)) >= self._least
            ):
                return cells[filled[0] - 1].text.strip()
        return ""

    def carried(self, number: int, cells: Sequence[Said]) -> dict[int, Said]:
        """Return what cells merged over several rows say in this one, by the columns that are empty in it."""
        for area in self._starting(number):
            self._next += 1
            if area.last_row > number and area.first_column <= len(cells):
                self._open[area.first_column] = (area.last_row, cells[area.first_column - 1])
        carried = {}
        for column, (last, cell) in [*self._open.items()]:
            if number > last:
                del self._open[column]
            elif cell.text and not cells[column - 1].text and not cells[column - 1].loss:
                carried[column] = cell
        return carried

    def _skip_to(self, number: int) -> None:
        """Leave out the areas that began in rows without cells, which say nothing."""
        while self._next < len(self._areas) and self._areas[self._next].first_row < number:
            self._next += 1

    def _starting(self, number: int) -> Iterator[Area]:
        place = self._next
        while place < len(self._areas) and self._areas[place].first_row == number:
            yield self._areas[place]
            place += 1


class _Links:
    """The links that a sheet keeps beside its cells, as its rows come by."""

    def __init__(self, links: Iterable[tuple[Area, str]]) -> None:
        self._links = sorted(links)
        self._next = 0
        # by the column: the last row, and where its cells lead until there
        self._open: dict[int, tuple[int, str]] = {}

    def put(self, number: int, cells: list[Said]) -> None:
        """Put the links of this row into its cells."""
        while self._next < len(self._links) and self._links[self._next][0].first_row <= number:
            area, link = self._links[self._next]
            self._next += 1
            if area.last_row >= number:
                for column in range(area.first_column, min(area.last_column, len(cells)) + 1):
                    self._open[column] = (area.last_row, link)
        for column, (last, link) in [*self._open.items()]:
            if number > last:
                del self._open[column]
            elif not cells[column - 1].link:
                cells[column - 1] = leading(cells[column - 1], link)


def leading(cell: Said, link: str) -> Said:
    """Return the cell with the link that is behind it."""
    return Said(cell.text, cell.loss, cell.is_date, cell.is_struck, link)


def is_web_address(link: str) -> bool:
    return len(link) <= LONGEST_LINK and bool(_WEB_ADDRESS.fullmatch(link))


def link_of_formula(formula: Any) -> str:
    """Return where the formula leads that writes a link; empty for any other."""
    found = _LINK_FORMULA.match(formula) if isinstance(formula, str) else None
    return found[1].replace('""', '"').strip() if found else ""


def number_in_words(number: float) -> str:
    """Return a number as a CSV file would have it: whole ones without a decimal point."""
    return str(int(number)) if isinstance(number, float) and number.is_integer() else str(number)


def _chosen(sheets: Sequence[Sheet], wanted: Sequence[str]) -> list[Sheet]:
    """Return the sheets with these names, in the order of the workbook. Raises `FileRefusedError`."""
    if not sheets:
        raise FileRefusedError(_("The workbook has no sheet with cells."))
    shown = [sheet for sheet in sheets if not sheet.is_hidden]
    if not wanted:
        return (shown or [*sheets])[:1]
    by_name = {folded(sheet.name): sheet for sheet in reversed(sheets)}
    if missing := [name for name in wanted if name != ALL and folded(name) not in by_name]:
        sentence = _("The workbook has no sheet %(names)s. Its sheets are: %(sheets)s.")
        all_names = _listed([sheet.name for sheet in sheets])
        raise FileRefusedError(sentence % {"names": _listed(missing), "sheets": all_names})
    places = {by_name[folded(name)].place for name in wanted if name != ALL}
    if ALL in wanted:
        places |= {sheet.place for sheet in shown or sheets}
    return [sheet for sheet in sheets if sheet.place in places]


def _listed(names: Sequence[str]) -> str:
    """Return the first of these names, quoted, and how many there are beyond."""
    listed = ", ".join(f"“{quoted(name)}”" for name in names[:MOST_NAMED])
    if len(names) <= MOST_NAMED:
        return listed
    return _("%(names)s and %(n)d more") % {"names": listed, "n": len(names) - MOST_NAMED}


def refuse_too_many(sheets: Sequence[object]) -> None:
    """Raises `FileRefusedError` for more sheets than one workbook of agreements can have."""
    if len(sheets) > MOST_SHEETS:
        sentence = _("The workbook has more than %(most)d sheets. Remove those you do not need.")
        raise FileRefusedError(sentence % {"most": MOST_SHEETS})
