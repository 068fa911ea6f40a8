"""Reads JSON one record at a time: the register's own export, or any list of objects.

The list is split into objects while the file is read, so a document of any length needs only a few megabytes.
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
# The register's own records have three levels; code that reads, compares and keeps values must not recurse for ever.
MOST_LEVELS = 50
# As JSON writes them: the escaped NUL character, and half of a surrogate pair, which has no meaning.
_NO_TEXT = re.compile(r"(?<!\\)(?:\\\\)*\\u0000|[\ud800-\udfff]")
_BLANKS = re.compile(r"[\s,]*")


class JsonTable(Table):
    """A JSON document whose list of objects is the table: the top-level list, or the one under `agreements`."""

    def __init__(self, path: Path) -> None:
        """Raises `FileRefusedError` for any other document."""
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
                    _("Entry %(n)d of the list is not a record with named values.") % {"n": number}
                )
            yield _row(number, record)


def _row(number: int, record: dict[str, Any]) -> Row:
    """Return the row of this record; values that no text can hold become problems and are left out."""
    if _is_deeper(record, MOST_LEVELS):
        raise FileRefusedError(_("The JSON is nested too deeply."))
    if _NO_TEXT.search(json.dumps(list(record), ensure_ascii=False)):
        raise FileRefusedError(
            _(
                  "Entry %(n)d has a name with characters that text cannot contain. Export the file again."
              ) % {"n": number}
        )  # fmt: skip
    broken = [
        name
        for name, value in record.items()
        if _NO_TEXT.search(json.dumps(value, ensure_ascii=False))
    ]
    remedy = _(
        "The value contains a NUL character or half a character, which text cannot contain. Type "
        "it again."
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
            raise FileRefusedError(_("The file is not JSON in UTF-8. Export it again.")) from error


def _start_of_list(file: Any) -> tuple[str, int]:
    """Return what has been read so far, and where in it the first record may begin."""
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
            "The JSON contains no list of records. Use a file exported by the register, or a list of "
            "objects: [{…}, {…}]."
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
                _(
                    "The JSON ends in the middle of its list, so the file is incomplete. Export it again."
                )
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
                    _("The JSON cannot be read (%(why)s). Export it again.") % {"why": error.msg}
                ) from error
        except ValueError as error:
            raise FileRefusedError(
                _(
                    "The JSON contains a number with too many digits. Shorten it, or write it as text."
                )
            ) from error
        else:
            return buffer, record, end
