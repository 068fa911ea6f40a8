"""Recognises the encoding of a text file by its bytes, letters and words.

A file without a byte order mark that is not UTF-8 is in one of the Windows encodings that spreadsheet programs write
where this register's files come from: 1251 for Cyrillic, 1254 for Turkish, 1252 for the west. The same bytes mean
something in each, so the letters they would be decide, and the reader tells what was guessed.
"""

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from agreements.domain.partial_dates.values import quoted
from agreements.exchange.importing.refusals import FileRefusedError

_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_CHUNK = 1 << 20
SAMPLES = 3
_NAMES = {"cp1251": "Windows-1251", "cp1252": "Windows-1252", "cp1254": "Windows-1254"}
# a word with at least one letter that is not ASCII
_TELLING_WORD = re.compile(r"[^\W\d_]*[^\W\d_\x00-\x7f][^\W\d_]*")
_CYRILLIC_WORD = re.compile(r"[Ѐ-ӿ]?[а-яё-џґә-ӿ]+|[Ѐ-ЯҐ-ӿ]+")
# The letters that Windows-1254 has where 1252 has the Icelandic ones, and those by which the two languages differ besides.
_TURKISH_OR_ICELANDIC = "ğĞıİşŞ"
_TURKISH = "çüÇÜ"
_ICELANDIC = "áíúóæÁÍÚÓÆ"


@dataclass(frozen=True)
class Encoding:
    """The Python name of an encoding; `note` says why it was taken, if it was guessed.

    `is_broken` if some bytes are no text in it, so that they are read as replacement characters.
    """

    name: str
    note: str = ""
    is_broken: bool = False

    @property
    def errors(self) -> str:
        return "replace" if self.is_broken else "strict"


def known_encoding(name: str) -> str:
    """Return the Python name of a text encoding, empty for none. Raises `FileRefusedError`."""
    try:
        # try it on empty text, since Python also calls byte codecs such as base64 encodings
        "".encode(name or "utf-8")
        return codecs.lookup(name).name if name else ""
    except (LookupError, UnicodeError) as error:
        sentence = _("There is no encoding “%(name)s”. Use one such as utf-8, utf-16 or cp1252.")
        raise FileRefusedError(sentence % {"name": quoted(name)}) from error


def encoding_of(path: Path) -> Encoding:
    """Return the encoding that the file can be read in. Raises `FileRefusedError`."""
    with path.open("rb") as file:
        head = file.read(_CHUNK)
    for mark, name in _MARKS.items():
        if head.startswith(mark):
            return Encoding(name)
    if b"\x00" in head:
        return Encoding(_wide_encoding_of(head))
    if _is_utf8(path):
        return Encoding("utf-8")
    sound, broken = _utf8_letters(head)
    # letters of another encoding hardly ever look like sound UTF-8
    if sound > broken:
        note = _(
            "The file is UTF-8, but some of its bytes are not. Each row that has such bytes is refused."
        )
        return Encoding("utf-8", note, is_broken=True)
    return _guessed(head)


def _guessed(head: bytes) -> Encoding:
    name = _windows_encoding_of(head)
    sentence = _(
        "The file is not UTF-8. By its letters it was read as %(encoding)s: %(samples)s. If they are wrong, choose its "
        "encoding."
    )
    said = {"encoding": _NAMES[name], "samples": ", ".join(_samples(head.decode(name, "replace")))}
    return Encoding(name, sentence % said)


def _samples(text: str) -> list[str]:
    """Return the first few lines that have letters which other encodings read differently."""
    lines = (line.strip() for line in text.splitlines() if not line.isascii())
    return [
        f"“{quoted(line)}”" for line, _n in zip(dict.fromkeys(lines), range(SAMPLES), strict=False)
    ]


def _windows_encoding_of(head: bytes) -> str:
    words = _TELLING_WORD.findall(head.decode("cp1251", "replace"))
    cyrillic = sum(bool(_CYRILLIC_WORD.fullmatch(word)) for word in words)
    if cyrillic * 2 > len(words):
        return "cp1251"
    text = head.decode("cp1254", "replace")
    if not _count(text, _TURKISH_OR_ICELANDIC):
        return "cp1252"
    return "cp1252" if _count(text, _ICELANDIC) > _count(text, _TURKISH) else "cp1254"


def _count(text: str, letters: str) -> int:
    return sum(map(text.count, letters))


def _utf8_letters(head: bytes) -> tuple[int, int]:
    """Return how many letters beyond ASCII are sound UTF-8, and how many bytes are not."""
    text = head.decode("utf-8", "surrogateescape")
    broken = sum("\udc80" <= letter <= "\udcff" for letter in text)
    return sum(not letter.isascii() for letter in text) - broken, broken


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
            _("The file is not text. Upload a CSV file, a workbook (.xlsx or .ods) or a JSON file.")
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
