"""Reads JSON one record at a time: the register's own export, or any list of objects.

The list is split into objects while the file is read, so a document of any length needs only a few megabytes.
"""

import json
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from django.utils.translation import gettext as _

from agreements.exchange.importing.readers.heads import checked
from agreements.exchange.importing.readers.tables import Row, Table
from agreements.exchange.importing.refusals import FileRefusedError, Problem

LIST_OF_REGISTER = "agreements"
_CHUNK = 1 << 20
LONGEST_RECORD = 16 << 20
# The register's own records have three levels; code that reads, compares and keeps values must not recurse for ever.
MOST_LEVELS = 50
# As JSON writes them: the escaped NUL character, and half of a surrogate pair, which has no meaning.
_NO_TEXT = re.compile(r"(?<!\\)(?:\\\\)*\\u0000|[\ud800-\udfff]")
_BEGINNING = re.compile(r"[^\s,]")


class JsonTable(Table):
    """A JSON document whose list of objects is the table: the top-level list, or the one under `agreements`."""

    def __init__(self, path: Path) -> None:
        """Raises `FileRefusedError` for any other document."""
        super().__init__(path, "json", [])
        first = islice(self.rows(), 101)
        names = dict.fromkeys(name for row in first for name in row.cells)
        self.headings = checked([name.strip() for name in names])

    def rows(self) -> Iterator[Row]:
        """Yield the objects; the first one is row 1."""
        for number, record in enumerate(_records(self.path), start=1):
            if not isinstance(record, dict):
                sentence = _("Entry %(n)d of the list is not a record with named values.")
                raise FileRefusedError(sentence % {"n": number})
            yield _row(number, record)


def _row(number: int, record: dict[str, Any]) -> Row:
    """Return the row of this record; values that no text can hold become problems and are left out."""
    if _is_deeper(record, MOST_LEVELS):
        raise FileRefusedError(_("The JSON is nested too deeply."))
    if _is_no_text(list(record)):
        sentence = _(
            "Entry %(n)d has a name with characters that text cannot contain. Export the file again."
        )
        raise FileRefusedError(sentence % {"n": number})
    broken = [name for name, value in record.items() if _is_no_text(value)]
    remedy = _(
        "The value contains a NUL character or half a character, which text cannot contain. Type "
        "it again."
    )
    problems = [Problem(number, name, "", remedy) for name in broken]
    return Row(number, {**record, **dict.fromkeys(broken)}, problems)


def _is_no_text(value: object) -> bool:
    return bool(_NO_TEXT.search(json.dumps(value, ensure_ascii=False)))


def _is_deeper(value: object, levels: int) -> bool:
    if not isinstance(value, (dict, list)):
        return False
    within = value.values() if isinstance(value, dict) else value
    return any(levels == 0 or _is_deeper(each, levels - 1) for each in within)


def _records(path: Path) -> Iterator[object]:
    decoder = json.JSONDecoder()
    with path.open(encoding="utf-8-sig") as file:
        try:
            buffer, place = _start_of_list(file)
            while True:
                buffer, place = _next_place(file, buffer, place)
                if buffer[place] == "]":
                    return
                buffer, record, place = _decoded(decoder, file, buffer, place)
                yield record
        except UnicodeError as error:
            raise FileRefusedError(_("The file is not JSON in UTF-8. Export it again.")) from error


def _start_of_list(file: TextIO) -> tuple[str, int]:
    """Return what has been read so far, and where in it the first record may begin."""
    buffer = ""
    wanted = re.compile(rf'\s*\[|\s*\{{.*?"{LIST_OF_REGISTER}"\s*:\s*\[', re.DOTALL)
    while len(buffer) <= LONGEST_RECORD and (chunk := file.read(_CHUNK)):
        buffer += chunk
        if found := wanted.match(buffer):
            return buffer, found.end()
    sentence = _(
        "The JSON contains no list of records. Use a file exported by the register, or a list of "
        "objects: [{…}, {…}]."
    )
    raise FileRefusedError(sentence)


def _next_place(file: TextIO, buffer: str, place: int) -> tuple[str, int]:
    """Return where the next record begins, or the bracket that ends the list."""
    while not (found := _BEGINNING.search(buffer, place)):
        buffer, place = file.read(_CHUNK), 0
        if not buffer:
            sentence = _(
                "The JSON ends in the middle of its list, so the file is incomplete. Export it again."
            )
            raise FileRefusedError(sentence)
    return buffer, found.start()


def _decoded(
    decoder: json.JSONDecoder, file: TextIO, buffer: str, place: int
) -> tuple[str, object, int]:
    """Return the record that begins here, having read as much more as it needs, and where it ends."""
    while True:
        try:
            record, end = decoder.raw_decode(buffer, place)
        except RecursionError as error:
            raise FileRefusedError(_("The JSON is nested too deeply.")) from error
        except json.JSONDecodeError as error:
            more = file.read(_CHUNK)
            buffer, place = buffer[place:] + more, 0
            if not more or len(buffer) > LONGEST_RECORD:
                sentence = _("The JSON cannot be read (%(why)s). Export it again.")
                raise FileRefusedError(sentence % {"why": error.msg}) from error
        except ValueError as error:
            sentence = _(
                "The JSON contains a number with too many digits. Shorten it, or write it as text."
            )
            raise FileRefusedError(sentence) from error
        else:
            return buffer, record, end
