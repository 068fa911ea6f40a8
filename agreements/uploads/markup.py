"""Reads XML of any size in constant memory; refuses what only attackers write: entities, endless names, deep nesting."""

from collections.abc import Callable, Generator, Iterable
from typing import Any
from xml.parsers import expat

from django.utils.translation.trans_null import gettext_noop as _

from agreements.uploads.archives import malformed

Attributes = dict[str, str]
MOST_LEVELS = 256
# The length of a tag with all its attributes. Programs embed at most a preview in one.
LONGEST_TAG = 1 << 20


def scan(chunks: Iterable[bytes], **handlers: Any) -> bool:
    """Report all of an XML document, as `scanning` does, and return whether it is one.

    If not, the elements before the mistake have been reported, and the rest of the chunks is read all the same.
    """
    steps = scanning(chunks, **handlers)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return bool(end.value)


def scanning(
    chunks: Iterable[bytes],
    *,
    started: Callable[[str, Attributes], object],
    ended: Callable[[str], object] = lambda name: None,
    text: Callable[[str], object] | None = None,
    fed: Callable[[int], object] = lambda place: None,
) -> Generator[None, None, bool]:
    """Call `started` and `ended` for each element, with its name without prefix, and `text` for what is in between.

    `fed` is called now and then with the number of bytes read, and the caller can take over after that. The generator
    returns whether this is XML. Raises `ContentError`.
    """
    level = length = 0

    def start(name: str, attributes: Attributes) -> None:
        nonlocal level
        level += 1
        if level > MOST_LEVELS:
            raise malformed(_("its XML is nested too deeply"))
        started(name.rpartition(":")[2], attributes)

    def end(name: str) -> None:
        nonlocal level
        level -= 1
        ended(name.rpartition(":")[2])

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _refuse_definitions
    pieces = iter(chunks)
    try:
        for piece in pieces:
            length += len(piece)
            parser.Parse(piece)
            if length - parser.CurrentByteIndex > LONGEST_TAG:
                raise malformed(_("an element of its XML is too long"))
            fed(length)
            yield
        parser.Parse(b"", True)
    except (expat.ExpatError, ValueError, LookupError):
        # an unknown encoding is a LookupError or a ValueError
        for _piece in pieces:
            pass
        return False
    return True


def _refuse_definitions(
    name: str, system_id: str | None, public_id: str | None, has_internal_subset: int
) -> None:
    # old programs declare a document type; only an internal subset can define entities
    if has_internal_subset:
        raise malformed(_("its XML defines entities, which no office program does"))
