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
# Objects that lie in one another are read so many times the file's length, all together.
_MOST_TIMES = 3

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
_MARK = re.compile(rb"obj|endstream|stream(?= *[\r\n]) *\r?\n?")
_OBJECT = re.compile(rb"(?<=[0-9\x00\t\n\x0c\r ])obj" + _ENDS)
# What a program that reads an object stops at: brackets, what it reads past, and words that may end the object.
_TOKEN = re.compile(
    rb"<<|>>|[\[\](<%]|(?<![^\x00\t\n\x0c\r ()<>\[\]{}])(?:stream|endobj|obj)" + _ENDS + rb"|\Z"
)
_CLOSED_BY = {b"<<": b">>", b"[": b"]"}
_IN_STRING = re.compile(rb"\\.|[()]", re.DOTALL)
_LINE_END = re.compile(rb"[\r\n]")
_BEGINS_STREAM = re.compile(rb" *(?:\r\n?|\n)")
_PACKS_OBJECTS = re.compile(rb"/(?:ObjStm|First)" + _ENDS)
_FILTER = re.compile(rb"/(\w*Decode|Crypt|Fl|LZW|AHx|A85|RL)" + _ENDS)
_PREDICTED = re.compile(
    rb"/Predictor" + _BLANK + rb"*(?!1\b)"
    # what stands elsewhere may say so there
    rb"|/(?:DecodeParms|DP)" + _BLANK + rb"*\[?" + _BLANK + rb"*\d"
)  # fmt: skip
_LOCKED = re.compile(_name("Encrypt"))


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
    """Yield what stands between the streams, what each object says, and what the object streams hold."""
    at = 0
    for mark in _MARK.finditer(content):
        if mark[0] != b"endstream":
            yield content[at : mark.start()]
        at = mark.end()
    yield content[at:]
    unpacked = read = 0
    is_locked = _LOCKED.search(content) is not None
    for text, stream_at in _objects(content):
        yield text
        said = _plain(text)
        if stream_at is None or not _PACKS_OBJECTS.search(said):
            continue
        packed = _stream(content, stream_at)
        read += len(packed)
        held = _unpacked(said, packed, MOST_UNPACKED - unpacked, is_locked=is_locked)
        unpacked += len(held)
        if read > MOST_READ:
            raise UnreadablePdfError
        yield held


def _objects(content: bytes) -> Iterator[tuple[bytes, int | None]]:
    """Yield what each object says, and where the word `stream` behind it ends, if it has a stream.

    What looks like the beginning of an object counts as one, wherever it stands; what follows is read as programs do.
    """
    read = 0
    for beginning in _OBJECT.finditer(content):
        start = beginning.end()
        for word in _ends(content, start):
            read += word.start() - start
            if read > _MOST_TIMES * len(content):
                raise UnreadablePdfError
            is_stream = word[0] == b"stream"
            yield content[start : word.start()], word.end() if is_stream else None


def _ends(content: bytes, at: int) -> Iterator[re.Match[bytes]]:
    """Yield the words that may end the object which begins here, none in a string or comment; at last the file's end.

    Where a bracket is open, some programs read over such a word as rubbish: then more than one may end it.
    """
    closing: list[bytes] = []
    while token := _TOKEN.search(content, at):
        mark, at = token[0], _past(content, token)
        if mark in _CLOSED_BY:
            closing.append(_CLOSED_BY[mark])
        elif closing and mark == closing[-1]:
            closing.pop()
        elif mark in (b"stream", b"") or (mark in (b"endobj", b"obj") and not closing):
            yield token
            if not closing or not mark:
                return


def _past(content: bytes, token: re.Match[bytes]) -> int:
    """Return where the string or comment ends that begins with this token; where the token does, if none begins."""
    if token[0] == b"(":
        return _past_string(content, token.end())
    if token[0] == b"<":
        return content.find(b">", token.end()) + 1 or len(content)
    if token[0] == b"%":
        line_end = _LINE_END.search(content, token.end())
        return line_end.end() if line_end else len(content)
    return token.end()


def _past_string(content: bytes, at: int) -> int:
    depth = 1
    for found in _IN_STRING.finditer(content, at):
        depth += {b"(": 1, b")": -1}.get(found[0], 0)
        if not depth:
            return found.end()
    return len(content)


def _stream(content: bytes, at: int) -> bytes:
    """Return what stands between `stream`, which ends here, and the next `endstream`."""
    begins = _BEGINS_STREAM.match(content, at)
    if begins is None:
        raise UnreadablePdfError
    end = content.find(b"endstream", begins.end())
    return content[begins.end() : end if end >= 0 else len(content)]


def _unpacked(said: bytes, packed: bytes, most: int, *, is_locked: bool) -> bytes:
    """Return what an object stream holds, whose dictionary says `said`."""
    filters = _FILTER.findall(said)
    if not filters and b"/Filter" not in said:
        if is_locked:
            raise UnreadablePdfError
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
