"""What in a PDF acts by itself: scripts, commands that start programs, files packed into it (ISO 32000-1, 12.6 and 7.11).

`document_contents` asks it about uploads. The names of such actions are looked for in the file itself and in its object
streams, into which most programs pack the objects of a PDF; both may write a letter as #xx. What cannot be looked
through, because it is locked or packed in an unusual way, counts as unsound, for nobody knows what it does.
"""

import re
import zlib
from collections.abc import Iterator

# All object streams of a file together; those of a treaty of a thousand pages unpack to some megabytes.
MOST_UNPACKED = 48 * 1024 * 1024
# Bytes given to the unpacker: a file may claim one piece for many streams.
MOST_READ = 64 * 1024 * 1024

_BLANK = rb"[\x00\t\n\x0c\r ]"
_ENDS = rb"(?=[\x00\t\n\x0c\r ()<>\[\]{}/%]|\Z)"


def _name(name: str) -> bytes:
    """Return a pattern for a name of PDF, each letter of which may be written as itself or as #xx."""
    letters = (rb"(?:%b|#(?i:%02x))" % (letter.encode(), ord(letter)) for letter in name)
    return b"/" + b"".join(letters) + _ENDS


_ACTING = re.compile(
    b"|".join(map(_name, ("JavaScript", "Launch", "EmbeddedFile", "XFA")))
    # two letters come up by chance in a picture; there, they count only with what they refer to
    + rb"|" + _name("JS") + rb"(?=" + _BLANK + rb"*\d+" + _BLANK + rb"+\d+" + _BLANK + rb"+R)"
)  # fmt: skip
_SCRIPT = re.compile(_name("JS"))
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_MARK = re.compile(rb"(obj)|endstream|stream(?= *[\r\n]) *\r?\n?")
_PACKS_OBJECTS = re.compile(rb"/(?:ObjStm|First)" + _ENDS)
_FILTER = re.compile(rb"/(\w*Decode|Crypt|Fl|LZW|AHx|A85|RL)" + _ENDS)
_PREDICTED = re.compile(rb"/Predictor" + _BLANK + rb"*(?!1\b)")


class UnreadablePdfError(Exception):
    """Objects are packed away so that nobody can look through them."""


def acting_name(content: bytes) -> str | None:
    """Return the name, such as "/JavaScript", of something in this PDF that acts by itself; None if there is nothing.

    Raises `UnreadablePdfError`. Unpacks 48 MB at most, one stream at a time.
    """
    found = _ACTING.search(content)
    if found:
        return _plain(found[0]).decode("latin-1")
    for text in _texts(content):
        found = _ACTING.search(text) or _SCRIPT.search(text)
        if found:
            return _plain(found[0]).decode("latin-1")
    return None


def _texts(content: bytes) -> Iterator[bytes]:
    """Yield what stands between the streams, and what the object streams hold."""
    unpacked = read = at = 0
    for mark in _MARK.finditer(content):
        before, at = content[at : mark.start()], mark.end()
        if mark[0] == b"endstream":
            continue
        yield before
        if mark[1] or not _PACKS_OBJECTS.search(said := _plain(before)):
            continue
        end = content.find(b"endstream", at)
        packed = content[at : end if end >= 0 else len(content)]
        read += len(packed)
        text = _unpacked(said, packed, MOST_UNPACKED - unpacked)
        unpacked += len(text)
        if read > MOST_READ:
            raise UnreadablePdfError
        yield text
    yield content[at:]


def _unpacked(said: bytes, packed: bytes, most: int) -> bytes:
    """Return what an object stream holds, whose dictionary says `said`."""
    filters = _FILTER.findall(said)
    if not filters and b"/Filter" not in said:
        return packed
    if filters != [b"FlateDecode"] or _PREDICTED.search(said) or most <= 0:
        raise UnreadablePdfError
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(packed, most)
    except zlib.error as error:
        raise UnreadablePdfError from error
    if not unpacker.eof:
        raise UnreadablePdfError
    return text


def _plain(text: bytes) -> bytes:
    return _ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), text)
