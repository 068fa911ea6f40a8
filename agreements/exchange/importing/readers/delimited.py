"""Reads CSV as people receive it: any separator, UTF-8 or UTF-16 with or without a byte order mark, Windows-1252.

The encoding and the separator are detected, and the preview says so where that is a guess.
"""

import codecs
import csv
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation import gettext as _

from agreements.domain.partial_dates.values import quoted
from agreements.exchange.importing.readers.tables import (
    LONGEST_CELL,
    Row,
    Table,
    checked_headings,
    row_of,
)
from agreements.exchange.importing.refusals import FileRefusedError

DELIMITERS = (",", ";", "\t")
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_CHUNK = 1 << 20


class DelimitedTable(Table):
    """A CSV file, read line by line."""

    def __init__(self, path: Path, encoding: str = "") -> None:
        """`encoding` is one the user chose; if empty, it is detected. Raises `FileRefusedError`."""
        self.encoding = encoding or encoding_of(path)
        self.delimiter = max(DELIMITERS, key=lambda each: len(self._first(path, each)))
        super().__init__(path, "csv", checked_headings(self._first(path, self.delimiter)))
        if not encoding and self.encoding == "cp1252":
            note = _(
                "The file is not UTF-8 and was read as Windows-1252. Check that accented letters are "
                "right; if not, choose its encoding."
            )
            self.notes.append(note)

    def rows(self) -> Iterator[Row]:
        lines = self._lines(self.path, self.delimiter)
        next(lines, None)
        for number, cells in lines:
            if any(cell.strip() for cell in cells):
                yield row_of(number, self.headings, cells)

    def _first(self, path: Path, delimiter: str) -> list[str]:
        for _number, cells in self._lines(path, delimiter):
            return cells
        raise FileRefusedError(_("The file is empty."))

    def _lines(self, path: Path, delimiter: str) -> Iterator[tuple[int, list[str]]]:
        """Yield the records with their numbers, the header being 1, however many lines each has."""
        csv.field_size_limit(LONGEST_CELL)
        number = 0
        try:
            with path.open(encoding=self.encoding, newline="") as file:
                for number, cells in enumerate(csv.reader(file, delimiter=delimiter), start=1):
                    yield number, cells
        except UnicodeError as error:
            sentence = _(
                "After row %(row)d the file contains bytes that are not valid %(encoding)s. Save the file"
                " as CSV in UTF-8."
            )
            raise FileRefusedError(sentence % {"row": number, "encoding": self.encoding}) from error
        except csv.Error as error:
            sentence = _("Row %(row)d cannot be read as CSV (%(why)s).")
            if "field limit" in str(error):
                sentence = _(
                    "Row %(row)d has a cell of more than %(most)d characters. Look for an unclosed quotation "
                    "mark, or shorten the text."
                )
            names = {"row": number + 1, "most": LONGEST_CELL, "why": error}
            raise FileRefusedError(sentence % names) from error


def encoding_of(path: Path) -> str:
    """Return the encoding the file can be read in, by its Python name. Raises `FileRefusedError`."""
    with path.open("rb") as file:
        head = file.read(_CHUNK)
    for mark, encoding in _MARKS.items():
        if head.startswith(mark):
            return encoding
    if b"\x00" in head:
        return _wide_encoding_of(head)
    return "utf-8" if _is_utf8(path) else "cp1252"


def known_encoding(name: str) -> str:
    """Return the Python name of a text encoding, empty for none. Raises `FileRefusedError`."""
    try:
        # try it on empty text, since Python also calls byte codecs such as base64 encodings
        "".encode(name or "utf-8")
        return codecs.lookup(name).name if name else ""
    except (LookupError, UnicodeError) as error:
        sentence = _("There is no encoding “%(name)s”. Use one such as utf-8, utf-16 or cp1252.")
        raise FileRefusedError(sentence % {"name": quoted(name)}) from error


def _wide_encoding_of(head: bytes) -> str:
    """Recognise UTF-16 without a byte order mark by the position of its zero bytes; anything else with zeros is not
    text.
    """
    even, odd = head[::2].count(0), head[1::2].count(0)
    if odd > len(head) // 4 and even * 8 < odd:
        return "utf-16-le"
    if even > len(head) // 4 and odd * 8 < even:
        return "utf-16-be"
    if max(even, odd) * 100 > len(head):
        raise FileRefusedError(
            _("The file is not text. Upload a CSV file, an Excel workbook (.xlsx) or a JSON file.")
        )
    return "utf-8"


def _is_utf8(path: Path) -> bool:
    try:
        with path.open(encoding="utf-8") as file:
            while file.read(_CHUNK):
                pass
    except UnicodeDecodeError:
        return False
    return True
