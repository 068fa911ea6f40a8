"""Reads the words of uploaded documents, so that staff can search and compare them, in a process with limits.

Run by `own_process`, it answers with the text and whether it is cut. The text is for finding things, not for quoting: the
file is what was signed.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO, NamedTuple

from agreements.uploads.archives import Archive
from agreements.uploads.markup import scan
from agreements.uploads.own_process import NoAnswerError, answer, ask
from agreements.uploads.texts import texts_of

READABLE = frozenset({"pdf", "docx", "odt", "txt"})
MOST_CHARACTERS = 200_000
MOST_PAGES = 500
_CPU_SECONDS = 10
# in real time, on a machine that is busy with other things
_SECONDS = 40
_MEGABYTES = 400
# The parts of office documents that people read, in that order.
_PARTS = re.compile(r"word/(header|document|footnotes|endnotes|footer)\d*\.xml$|content\.xml$")
_LINES = frozenset({"p", "h", "tr", "table-row", "br", "cr", "line-break"})
_BETWEEN_CELLS = frozenset({"tc", "table-cell", "tab"})
_CUT_OFF = "…" * (MOST_CHARACTERS + 1)
_SPACES = re.compile(r"[^\S\n]+")
_EMPTY_LINES = re.compile(r"\n\s*\n+")


class UnreadError(Exception):
    """The text could not be read within the limits, or the file is damaged."""


class Read(NamedTuple):
    """The text of a document, and whether more follows that was left out."""

    text: str
    is_cut: bool


def read(file: BinaryIO, extension: str) -> Read:
    """Return the text of a document of a readable kind, by a process with limits; raises `UnreadError`."""
    try:
        return Read(*ask(__name__, file, extension))
    except NoAnswerError as error:
        raise UnreadError from error


def text_in(file: BinaryIO, extension: str) -> Read:
    """Do the same in this process, without limits on time and memory."""
    file.seek(0)
    if extension == "pdf":
        return _bounded(_of_pdf(file))
    if extension in ("docx", "odt"):
        return _bounded(_of_office(file))
    # the first piece is longer than what is kept
    return _bounded(iter([next(texts_of(file), "")]))


def _bounded(pieces: Iterable[str]) -> Read:
    """Put the pieces together until there are enough, with one space between words and no empty lines."""
    kept: list[str] = []
    length = 0
    for piece in pieces:
        # PostgreSQL cannot store a null character; a lone half of a character cannot be encoded
        plain = piece.replace("\0", " ").encode("utf-8", "ignore").decode()
        tidy = _EMPTY_LINES.sub("\n", _SPACES.sub(" ", plain)).strip()
        if tidy:
            kept.append(tidy)
            length += len(tidy) + 1
        if length > MOST_CHARACTERS:
            break
    is_cut = length > MOST_CHARACTERS
    text = "\n".join(each for each in kept if each != _CUT_OFF)
    return Read(text[:MOST_CHARACTERS], is_cut)


def _of_pdf(file: BinaryIO) -> Iterator[str]:
    # loading takes longer than reading a small file
    from pypdf import PdfReader

    for number, page in enumerate(PdfReader(file).pages):
        if number == MOST_PAGES:
            # more than is kept of any text, so that this one counts as cut
            yield _CUT_OFF
            return
        yield page.extract_text()


def _of_office(file: BinaryIO) -> Iterator[str]:
    archive = Archive(file)
    for part in archive.parts:
        if _PARTS.match(part.filename):
            yield _of_part(archive, part)


def _of_part(archive: Archive, part: Any) -> str:
    said: list[str] = []

    def ended(name: str) -> None:
        if name in _LINES:
            said.append("\n")
        elif name in _BETWEEN_CELLS:
            said.append(" ")

    scan(
        archive.chunks(part), started=lambda _name, _attributes: None, ended=ended, text=said.append
    )
    return "".join(said)


if __name__ == "__main__":
    answer(text_in, seconds=_SECONDS, cpu_seconds=_CPU_SECONDS, megabytes=_MEGABYTES)
