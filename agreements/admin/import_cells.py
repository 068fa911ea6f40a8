"""The rows of an import's preview with their cells, which staff correct in place, and the rows that they leave out.

The cells are those that the import stored when the file was read: the server does not open the file.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from agreements.admin.saving import is_key
from agreements.admin.screens import Screen
from agreements.domain.choices import ImportState, ImportWork, RowOutcome
from agreements.domain.partial_dates.values import quoted
from agreements.exchange.importing import working
from agreements.exchange.importing.kept_cells import CUT, KeptCell, KeptRow, rows_of
from agreements.exchange.importing.readers import where
from agreements.exchange.importing.refusals import ImportRefusedError
from agreements.exchange.importing.report import LOOKS_ALIKE
from agreements.models import Import, ImportedRecord
from agreements.security import security_log
from agreements.security.people import logged_in

# a longer cell is shown in part and corrected in the file
LONGEST_EDITABLE = 500
LONGEST_TYPED = 2_000
MOST_CORRECTED = 2_000
MOST_LEFT_OUT = 2_000
LINES_A_PAGE = 50
# the button that leaves out what is like stored records
LEAVE_OUT_ALIKE = "leave_out_alike"
# what the outcomes are called before the import has run
_PLANNED: dict[str, str | Promise] = {
    RowOutcome.CREATED: _("To be created"),
    RowOutcome.CHANGED: _("To be changed"),
    RowOutcome.KEPT: _("Staff's version to be kept"),
    RowOutcome.REFUSED: _("Refused so far"),
    RowOutcome.LEFT_OUT: _("To be left out"),
}
# how many fields a page has at most, whatever the file: a form may have ten thousand
MOST_FIELDS = 4_000


def outcome_label(run: Import, outcome: str) -> str:
    """Return what an import did with a row, or will do as long as it has not run."""
    is_planned = run.state == ImportState.PREVIEWED
    label = _PLANNED.get(outcome) if is_planned else None
    return str(label or RowOutcome(outcome).label)


@dataclass
class ShownCell:
    """A cell on the page: what the file has, what stands there now, and why it cannot be corrected here."""

    name: str
    kept: KeptCell
    text: str
    is_corrected: bool
    problems: list[str] = field(default_factory=list)

    @property
    def heading(self) -> str:
        return self.kept.heading

    @property
    def is_editable(self) -> bool:
        return self.is_corrected or not (self.kept.state or len(self.kept.text) > LONGEST_EDITABLE)

    @property
    def is_long(self) -> bool:
        """Whether a field of one line would lose or hide something."""
        return "\n" in self.text or "\r" in self.text or len(self.text) > 80

    @property
    def start(self) -> str:
        """As much of a cell that cannot be corrected as the page shows."""
        is_whole = len(self.kept.text) <= LONGEST_EDITABLE and self.kept.state != CUT
        return self.kept.text if is_whole else f"{self.kept.text[:LONGEST_EDITABLE]}…"


@dataclass
class ShownRow:
    """A row on the page, with the name of the box that leaves it out."""

    kept: KeptRow
    cells: list[ShownCell]
    is_left_out: bool

    @property
    def number(self) -> int:
        return self.kept.number

    @property
    def box(self) -> str:
        return f"out-{self.number}"


@dataclass
class ShownLine:
    """A line of the preview with its rows, and what becomes, or became, of it."""

    record: ImportedRecord
    rows: list[ShownRow]
    outcome: str = ""

    @property
    def fields(self) -> int:
        return sum(len(row.cells) + 1 for row in self.rows)

    @property
    def is_open(self) -> bool:
        return self.record.outcome == "refused" or any(
            cell.is_corrected for row in self.rows for cell in row.cells
        )


def shown(
    run: Import, records: Iterable[ImportedRecord], typed: QueryDict | None
) -> list[ShownLine]:
    """Return the lines with their cells; `typed` is what was sent and refused, to be shown again."""
    lines, fields = [], 0
    for record in records:
        label = outcome_label(run, record.outcome)
        line = ShownLine(record, list(_rows(run, record, typed)), label)
        fields += line.fields
        if fields > MOST_FIELDS:
            line.rows = []
        lines.append(line)
    return lines


def _rows(run: Import, record: ImportedRecord, typed: QueryDict | None) -> Iterator[ShownRow]:
    problems: dict[tuple[str, str], list[str]] = {}
    for number, column, _value, remedy in record.problems:
        # an entry that reads several columns names them all
        for name in {column, *column.split(" / ")}:
            problems.setdefault((number, name), []).append(remedy)
    is_typed = typed is not None and str(record.pk) in typed.getlist("line")
    for kept in rows_of(record.cells):
        corrected = run.corrections.get(str(kept.number), {})
        texts = kept.texts(run.corrections)
        cells = [
            ShownCell(
                name := f"cell-{kept.number}-{place}",
                cell,
                typed.get(name, texts[cell.heading]) if is_typed and typed else texts[cell.heading],
                cell.heading in corrected,
                problems.get((str(kept.number), cell.heading), []),
            )
            for place, cell in enumerate(kept.cells)
        ]
        row = ShownRow(kept, cells, kept.number in run.left_out)
        if is_typed and typed:
            row.is_left_out = row.box in typed
        yield row


@dataclass
class Sent:
    """What staff have corrected and left out on one page, with all that they did on others."""

    corrections: dict[str, dict[str, str]]
    left_out: set[int]
    sheets: Sequence[str] = ()
    refusals: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, run: Import, lines: Iterable[ShownLine], data: QueryDict) -> "Sent":
        sent = cls(deepcopy(run.corrections), set(run.left_out), run.survey.get("sheets", ()))
        for line in lines:
            for row in line.rows:
                sent._take(row, data)
        sent._refuse_too_many()
        return sent

    def leave_out(self, rows: Iterable[int]) -> None:
        """Leave these rows out too."""
        self.left_out.update(rows)
        self._refuse_too_many()

    def _take(self, row: ShownRow, data: QueryDict) -> None:
        if row.box in data:
            self.left_out.add(row.number)
        else:
            self.left_out.discard(row.number)
        cells = self.corrections.setdefault(str(row.number), {})
        for cell in row.cells:
            if not cell.is_editable or cell.name not in data:
                continue
            text = _lines_as_in(cell.kept.text, str(data[cell.name]))
            if text == cell.kept.text:
                cells.pop(cell.heading, None)
            elif why := _why_not(text):
                place = where(row.number, self.sheets)
                said = {"row": place, "column": quoted(cell.heading), "why": why}
                self.refusals.append(gettext("Row %(row)s, “%(column)s”: %(why)s") % said)
            else:
                cells[cell.heading] = text
        if not cells:
            del self.corrections[str(row.number)]

    def _refuse_too_many(self) -> None:
        count = sum(map(len, self.corrections.values()))
        if count > MOST_CORRECTED:
            sentence = gettext(
                "At most %(most)d cells can be corrected here, and this would be %(n)d. Correct the file and upload it "
                "again."
            )
            self.refusals.append(sentence % {"most": MOST_CORRECTED, "n": count})
        if len(self.left_out) > MOST_LEFT_OUT:
            sentence = gettext(
                "At most %(most)d rows can be left out here, and this would be %(n)d. Delete them in the file and upload "
                "it again."
            )
            self.refusals.append(sentence % {"most": MOST_LEFT_OUT, "n": len(self.left_out)})


def _look_alikes(run: Import) -> Iterator[int]:
    """Yield the rows of the new records that are like stored ones."""
    for line in run.notes:
        if line["kind"] == LOOKS_ALIKE:
            yield from line["rows"]


def _lines_as_in(text: str, typed: str) -> str:
    """Return what was typed, or the file's text if only the line breaks differ: browsers send their own."""
    plain = typed.replace("\r\n", "\n")
    return text if plain == text.replace("\r\n", "\n").replace("\r", "\n") else plain


def _why_not(text: str) -> str:
    if "\x00" in text:
        return gettext(
            "The text contains a NUL character, which text cannot contain. Type it again."
        )
    if len(text) > LONGEST_TYPED:
        sentence = ngettext(
            "The text has %(n)d character, and at most %(most)d fit here. Shorten it, or correct the file.",
            "The text has %(n)d characters, and at most %(most)d fit here. Shorten it, or correct the file.",
            len(text),
        )
        return sentence % {"n": len(text), "most": LONGEST_TYPED}
    return ""


class ImportCells(Screen):
    """Takes the cells that staff correct in the preview, and the rows that they leave out."""

    pages = {"cells": "<int:pk>/cells/"}

    def cells_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Store the corrections, and preview again; nothing is stored if one of them is refused."""
        screen: Any = self
        run: Import = screen.run_of(request, pk, posted=True)
        keys = {int(key) for key in request.POST.getlist("line")[:LINES_A_PAGE] if is_key(key)}
        records = list(run.records.filter(pk__in=keys).order_by("pk"))
        try:
            if len(records) < len(keys):
                raise ImportRefusedError(
                    gettext(
                        "The preview has been made again since, so your corrections were not stored. Look at it and "
                        "correct the cells again."
                    )
                )
            sent = Sent.of(run, shown(run, records, None), request.POST)
            if LEAVE_OUT_ALIKE in request.POST:
                sent.leave_out(_look_alikes(run))
            if sent.refusals:
                for told in sent.refusals[:LINES_A_PAGE]:
                    messages.error(request, told)
                again: HttpResponse = screen.preview_again(request, run)
                return again
            self._preview_corrected(request, run, sent)
        except ImportRefusedError as error:
            security_log.note_refusal("import_refused", of=str(run), why=str(error))
            messages.error(request, str(error))
        query = request.META.get("QUERY_STRING", "")
        return redirect(self.url_of("change", run.pk) + (f"?{query}" if query else ""))

    def _preview_corrected(self, request: HttpRequest, run: Import, sent: Sent) -> None:
        left_out = sorted(sent.left_out)
        if (sent.corrections, left_out) == (run.corrections, sorted(run.left_out)):
            messages.info(request, gettext("Nothing was changed."))
            return
        changed: Mapping[str, Any] = {"corrections": sent.corrections, "left_out": left_out}
        by, at = logged_in(request), timezone.now()
        working.start(run, ImportWork.PREVIEW, by=by, at=at, **changed)
        if not run.work and not run.problem:
            messages.success(
                request, gettext("The file was previewed again with your corrections.")
            )
