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

from agreements.exchange.importing.readers.footers import Repeats
from agreements.exchange.importing.readers.heads import checked
from agreements.exchange.importing.readers.tables import Row, Table
from agreements.exchange.importing.refusals import FileRefusedError, Problem
from agreements.exchange.importing.remarks import Remarks

LIST_OF_REGISTER = "agreements"
# what the list of records may be called in an object
LISTS = (LIST_OF_REGISTER, "rows", "records", "items", "data", "results")
_CHUNK = 1 << 20
LONGEST_RECORD = 16 << 20
# The register's own records have three levels; code that reads, compares and keeps values must not recurse for ever.
MOST_LEVELS = 50
# As JSON writes them: the escaped NUL character, and half of a surrogate pair, which has no meaning.
_NO_TEXT = re.compile(r"(?<!\\)(?:\\\\)*\\u0000|[\ud800-\udfff]")
_BEGINNING = re.compile(r"[^\s,]")


class JsonTable(Table):
    """A JSON document whose list of objects is the table: the top-level list, or the one under a name in `LISTS`."""

    def __init__(self, path: Path) -> None:
        """Raises `FileRefusedError` for any other document."""
        super().__init__(path, "json", [])
        first = islice(self.rows(), 101)
        names = dict.fromkeys(name for row in first for name in row.cells)
        self.headings = checked([*names])

    def rows(self) -> Iterator[Row]:
        """Yield the objects; the first one is row 1."""
        self.remarks = Remarks()
        repeats = Repeats(self.remarks)
        for number, record in enumerate(_records(self.path), start=1):
            if not isinstance(record, dict):
                sentence = _("Entry %(n)d of the list is not a record with named values.")
                raise FileRefusedError(sentence % {"n": number})
            row = _row(number, record)
            repeats.note(row)
            yield row


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
    cells = {name.strip(): value for name, value in record.items()}
    if len(cells) < len(record):
        checked([name.strip() for name in record])
    return Row(number, {**cells, **{name.strip(): None for name in broken}}, problems)


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
            buffer, place = _start_of_list(decoder, file)
            while True:
                buffer, place = _next_place(file, buffer, place)
                if buffer[place] == "]":
                    return
                buffer, record, place = _decoded(decoder, file, buffer, place)
                yield record
        except UnicodeError as error:
            raise FileRefusedError(_("The file is not JSON in UTF-8. Export it again.")) from error


def _start_of_list(decoder: json.JSONDecoder, file: TextIO) -> tuple[str, int]:
    """Return what has been read so far, and where in it the first record may begin."""
    buffer, place = _next_sign(file, "", 0)
    if buffer[place : place + 1] == "[":
        return buffer, place + 1
    if buffer[place : place + 1] == "{":
        # one name of the object after the other, until that of the list
        buffer, place = _next_sign(file, buffer, place + 1)
        while buffer[place : place + 1] == '"':
            buffer, name, place = _decoded(decoder, file, buffer, place)
            buffer, place = _next_sign(file, buffer, place)
            if buffer[place : place + 1] != ":":
                break
            buffer, place = _next_sign(file, buffer, place + 1)
            if name in LISTS and buffer[place : place + 1] == "[":
                return buffer, place + 1
            buffer, _value, place = _decoded(decoder, file, buffer, place)
            buffer, place = _next_sign(file, buffer, place)
    sentence = _(
        "The JSON contains no list of records. Use a file exported by the register, or a list of "
        "objects: [{…}, {…}], which may be under one of these names: %(names)s."
    )
    raise FileRefusedError(sentence % {"names": ", ".join(LISTS)})


def _next_sign(file: TextIO, buffer: str, place: int) -> tuple[str, int]:
    """Return where the next sign of the document is, reading on as needed; at the end of the file, there is none."""
    while not (found := _BEGINNING.search(buffer, place)):
        buffer, place = file.read(_CHUNK), 0
        if not buffer:
            return buffer, 0
    return buffer, found.start()


def _next_place(file: TextIO, buffer: str, place: int) -> tuple[str, int]:
    """Return where the next record begins, or the bracket that ends the list."""
    buffer, place = _next_sign(file, buffer, place)
    if not buffer:
        sentence = _(
            "The JSON ends in the middle of its list, so the file is incomplete. Export it again."
        )
        raise FileRefusedError(sentence)
    return buffer, place


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
            if end < len(buffer) or isinstance(record, (dict, list, str)):
                return buffer, record, end
            # a number, of which more digits may follow
            more = file.read(_CHUNK)
            if not more:
                return buffer, record, end
            buffer, place = buffer[place:] + more, 0
