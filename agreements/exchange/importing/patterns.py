"""Texts made of several columns, such as "{Type} with {Partner}".

What joins a part to another, such as "with", stands in the text only if both parts are filled in.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

_PART = re.compile(r"\{([^{}]+)\}")
_CLOSING = re.compile(r"[)\]»”’]+")
_OPENING = re.compile(r"[(\[«“‘]+$")
# The words and signs that lead to what follows, so that none of them may end a text.
_LEADING = frozenset((
    "a", "an", "and", "as", "at", "between", "by", "concerning", "for", "from", "in", "no", "nr", "number", "of", "on",
    "regarding", "the", "to", "with",
    "arasında", "haqqında", "ilə", "nömrə", "üçün", "və",
    "в", "для", "за", "и", "из", "между", "на", "номер", "о", "об", "от", "по", "с", "со",
    "", "№", "-", "–", "—", "/", "+", "&",
))  # fmt: skip


class _Part(NamedTuple):
    """A column of a pattern, with the brackets or quotation marks around it, and what joins it to the part before."""

    joint: str
    before: str
    column: str
    after: str


def columns_of(pattern: str) -> tuple[str, ...]:
    """Return the columns that a pattern names, each once."""
    return tuple(dict.fromkeys(name.strip() for name in _PART.findall(pattern)))


def is_well_formed(pattern: str) -> bool:
    """Return whether the pattern names a column and each of its braces belongs to one."""
    return bool(_PART.search(pattern)) and not set("{}") & set(_PART.sub("", pattern))


def filled_in(pattern: str, texts: Mapping[str, str]) -> str:
    """Return the text that a pattern makes of the texts of its columns; empty if all of them are."""
    parts, end = _parts(pattern)
    if not any(texts.get(part.column) for part in parts):
        return ""
    first, *_others, last = (parts[0], *parts)
    beginning = first.joint if texts.get(first.column) else without_leading_words(first.joint)
    made = beginning
    for part in parts:
        if text := texts.get(part.column):
            joint = part.joint if made.strip() and part is not first else ""
            # a cell of several lines names several
            listed = ", ".join(filter(None, map(str.strip, text.splitlines())))
            made += f"{joint}{part.before}{listed}{part.after}"
    return " ".join((made + (end if texts.get(last.column) else "")).split())


def without_leading_words(text: str) -> str:
    """Return the text without the words and signs at its end that lead to something more."""
    words = text.split()
    while words and words[-1].casefold().rstrip(".:,;") in _LEADING:
        words.pop()
    return " ".join(words).rstrip(" ,:;–—-")


def _parts(pattern: str) -> tuple[list[_Part], str]:
    """Return the parts of a pattern, and what stands behind the last one."""
    pieces = _PART.split(pattern)
    parts: list[_Part] = []
    joint = pieces[0]
    for column, behind in zip(pieces[1::2], pieces[2::2], strict=True):
        opening, closing = _OPENING.search(joint), _CLOSING.match(behind)
        before, after = opening[0] if opening else "", closing[0] if closing else ""
        joint = joint.removesuffix(before)
        parts.append(_Part(joint, before, column.strip(), after))
        joint = behind.removeprefix(after)
    return parts, joint
