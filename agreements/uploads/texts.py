"""The words in an uploaded file, to find out whether a name stands in it: tables, texts, and office documents.

Nothing is laid out: the pieces come in the order of the file. Pictures and PDF hold no words that a program can trust to
find, so people have to look at those.
"""

import codecs
import re
from collections.abc import Iterator
from typing import IO

from agreements.uploads.archives import Archive
from agreements.uploads.markup import scan
from agreements.uploads.refusals import ContentError

_TOGETHER = 1 << 20
# so that no name is cut in two where a piece ends
_OVERLAP = 2_000
_ZIP = b"PK\x03\x04"
_UNREADABLE = (
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"II*\x00",
    b"MM\x00*",
    b"\xd0\xcf\x11\xe0",
    b"\x1f\x8b",
)
# One byte per letter: the old encodings of the register's languages. A name is looked for in each.
_OLD_ENCODINGS = ("cp1254", "cp1251")
# Parts in which a word may be split among elements that follow each other: only these elements end a line there.
_RUNNING = re.compile(r"(word/|content\.xml$|styles\.xml$|xl/sharedstrings\.xml$)", re.IGNORECASE)
_LINES = frozenset(
    [
        *("p", "h", "si", "c", "is", "tr", "row", "table-cell", "br", "tab", "cr", "s"),
        *("line-break", "footnote", "author", "date"),
    ]
)
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")


class UnreadableError(Exception):
    """No program can tell which words this file contains."""


def texts_of(file: IO[bytes]) -> Iterator[str]:
    """Yield the text of the file in pieces, which overlap; raises `UnreadableError`. Constant memory."""
    file.seek(0)
    head = file.read(8)
    file.seek(0)
    if head.startswith(_UNREADABLE):
        raise UnreadableError
    return _of_archive(file) if head.startswith(_ZIP) else _of_plain_text(file, head)


def _of_plain_text(file: IO[bytes], head: bytes) -> Iterator[str]:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings: tuple[str, ...] = ("utf-16",)
    elif _is_in(file, "utf-8-sig"):
        encodings = ("utf-8-sig",)
    else:
        encodings = _OLD_ENCODINGS
    for encoding in encodings:
        file.seek(0)
        decoder = codecs.getincrementaldecoder(encoding)("replace")
        yield from _overlapping(
            decoder.decode(piece) for piece in iter(lambda: file.read(_TOGETHER), b"")
        )


def _is_in(file: IO[bytes], encoding: str) -> bool:
    file.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for piece in iter(lambda: file.read(_TOGETHER), b""):
            decoder.decode(piece)
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        return False
    return True


def _overlapping(pieces: Iterator[str]) -> Iterator[str]:
    """Yield the pieces, each with the end of the one before; escapes of JSON are read."""
    end = ""
    for piece in pieces:
        text = end + piece
        yield _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
        end = text[-_OVERLAP:]


def _of_archive(file: IO[bytes]) -> Iterator[str]:
    try:
        archive = Archive(file)
        for part in archive.parts:
            yield part.filename
            if part.filename.lower().endswith((".xml", ".rels")):
                yield from _of_part(archive, part)
    except ContentError as error:
        raise UnreadableError from error


def _of_part(archive: Archive, part: object) -> Iterator[str]:
    """Yield the text of a part at once: office programs keep a whole document in one, which `Archive` bounds."""
    said: list[str] = []
    is_running = _RUNNING.search(part.filename) is not None  # type: ignore[attr-defined]

    def started(_name: str, attributes: dict[str, str]) -> None:
        # addresses of links and the like
        if attributes and not is_running:
            said.extend(f"{value}\n" for value in attributes.values())

    def ended(name: str) -> None:
        if not is_running or name in _LINES:
            said.append("\n")

    scan(archive.chunks(part), started=started, ended=ended, text=said.append)  # type: ignore[arg-type]
    yield "".join(said)
