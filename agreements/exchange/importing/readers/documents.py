"""JSON, a record at a time: the register's own export, or any list of objects.

The list is cut into its objects while the file is read, so that a document of any length passes through a few megabytes.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from agreements.exchange.importing.readers.tables import Row, Table, checked_headings
from agreements.exchange.importing.refusals import FileRefusedError, Problem

LIST_OF_REGISTER = "agreements"
_CHUNK = 1 << 20
LONGEST_RECORD = 16 << 20
# The register's own records have three; what reads, compares and keeps a value cannot go down for ever.
MOST_LEVELS = 50
# In JSON anew: the NUL character, which is escaped, and half of a surrogate pair, which stands for nothing.
_NO_TEXT = re.compile(r"(?<!\\)(?:\\\\)*\\u0000|[\ud800-\udfff]")
_BLANKS = re.compile(r"[\s,]*")


class JsonTable(Table):
    """A JSON document whose list of objects is the table: its own, or that under `agreements`."""

    def __init__(self, path: Path) -> None:
        """Raises `FileRefusedError` for what is no such document."""
        super().__init__(path, "json", [])
        names: dict[str, None] = {}
        for row in self.rows():
            names |= dict.fromkeys(row.cells)
            if row.number > 100:
                break
        self.headings = checked_headings(list(names)) if names else []

    def rows(self) -> Iterator[Row]:
        """Yield the objects; the first one is row 1."""
        for number, record in enumerate(_records(self.path), start=1):
            if not isinstance(record, dict):
                raise FileRefusedError(
                    _("Entry %(n)d of the list is no record with named values.") % {"n": number}
                )
            yield _row(number, record)


def _row(number: int, record: dict[str, Any]) -> Row:
    """Return the row of this record; what no text holds is a problem, and left out of it."""
    if _is_deeper(record, MOST_LEVELS):
        raise FileRefusedError(_("The JSON is nested too deeply."))
    if _NO_TEXT.search(json.dumps(list(record), ensure_ascii=False)):
        raise FileRefusedError(
            _("Entry %(n)d has a name with characters that no text has. Export the file anew.") % {"n": number}
        )  # fmt: skip
    broken = [
        name
        for name, value in record.items()
        if _NO_TEXT.search(json.dumps(value, ensure_ascii=False))
    ]
    remedy = _(
        "The value holds a NUL character or half a character, which no text has. Type it anew."
    )
    problems = [Problem(number, name, "", remedy) for name in broken]
    return Row(number, {**record, **dict.fromkeys(broken)}, problems)


def _is_deeper(value: Any, levels: int) -> bool:
    within = value.values() if isinstance(value, dict) else value
    if not isinstance(value, (dict, list)) or not within:
        return False
    return levels == 0 or any(_is_deeper(each, levels - 1) for each in within)


def _records(path: Path) -> Iterator[Any]:
    decoder = json.JSONDecoder()
    with path.open(encoding="utf-8-sig") as file:
        try:
            buffer, place = _start_of_list(file)
            while True:
                buffer, place, is_end = _next_place(file, buffer, place)
                if is_end:
                    return
                buffer, record, place = _decoded(decoder, file, buffer, place)
                yield record
        except UnicodeError as error:
            raise FileRefusedError(_("The file is no JSON in UTF-8. Export it anew.")) from error


def _start_of_list(file: Any) -> tuple[str, int]:
    """Return what was read so far, and where in it the first record may begin."""
    buffer = ""
    wanted = re.compile(rf'\s*\[|\s*\{{.*?"{LIST_OF_REGISTER}"\s*:\s*\[', re.DOTALL)
    while chunk := file.read(_CHUNK):
        buffer += chunk
        if found := wanted.match(buffer):
            return buffer[found.end() :], 0
        if len(buffer) > LONGEST_RECORD:
            break
    raise FileRefusedError(
        _(
            "The JSON holds no list of records. Take a file that the register has exported, "
            "or a list of objects: [{…}, {…}]."
        )
    )


def _next_place(file: Any, buffer: str, place: int) -> tuple[str, int, bool]:
    """Return where the next record begins, or that the list has ended."""
    while True:
        found = _BLANKS.match(buffer, place)
        place = found.end() if found else place
        if place < len(buffer):
            return buffer, place, buffer[place] == "]"
        buffer, place = file.read(_CHUNK), 0
        if not buffer:
            raise FileRefusedError(
                _("The JSON ends in the middle of its list: it was cut off. Export it anew.")
            )


def _decoded(decoder: json.JSONDecoder, file: Any, buffer: str, place: int) -> tuple[str, Any, int]:
    while True:
        try:
            record, end = decoder.raw_decode(buffer, place)
        except RecursionError as error:
            raise FileRefusedError(_("The JSON is nested too deeply.")) from error
        except json.JSONDecodeError as error:
            more = file.read(_CHUNK)
            buffer, place = buffer[place:] + more, 0
            if not more or len(buffer) > LONGEST_RECORD:
                raise FileRefusedError(
                    _("The JSON cannot be read (%(why)s). Export it anew.") % {"why": error.msg}
                ) from error
        except ValueError as error:
            raise FileRefusedError(
                _(
                    "The JSON holds a number of more digits than are read. Shorten it, or write it as text."
                )
            ) from error
        else:
            return buffer, record, end
