"""Marks the matches of a query in a text, in its original letters; called by the template tags.

Folded words are compared, whole words of the original text are marked.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from agreements.search.folding import Word, words
from agreements.search.queries import SearchQuery, Term

# The number of words in an excerpt, and how many of them precede the first match.
EXCERPT_WORDS = 36
_LEAD = 8
_ELLIPSIS = "…"

_Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text that matches the query, or one that does not."""

    text: str
    is_match: bool = False


def pieces(text: str, query: SearchQuery) -> list[Piece]:
    """Return the text split at the edges of its matches; joined again, the pieces are the unchanged text."""
    found: list[Piece] = []
    done = 0
    for start, end in _matches(list(words(text)), query):
        found += [Piece(text[done:start]), Piece(text[start:end], is_match=True)]
        done = end
    return [piece for piece in [*found, Piece(text[done:])] if piece.text]


def excerpt(text: str, query: SearchQuery) -> list[Piece]:
    """Return the pieces of the part of a text around its first match; none if nothing matches.

    The text is cut between words, with an ellipsis for what was left out.
    """
    present = list(words(text))
    matches = _matches(present, query)
    if not matches:
        return []
    start, end = _window(text, present, matches[0])
    before = [Piece(_ELLIPSIS)] if start > 0 else []
    after = [Piece(_ELLIPSIS)] if end < len(text) else []
    return [*before, *pieces(text[start:end], query), *after]


def _window(text: str, present: Sequence[Word], match: _Span) -> _Span:
    first = next(n for n, word in enumerate(present) if word.start == match[0])
    start = max(0, min(first - _LEAD, len(present) - EXCERPT_WORDS))
    last = start + EXCERPT_WORDS - 1
    end = max(match[1], present[last].end) if last < len(present) - 1 else len(text)
    return (present[start].start if start else 0), end


def _matches(present: Sequence[Word], query: SearchQuery) -> list[_Span]:
    """Return where the wanted terms occur, in order and without overlaps."""
    spans: list[_Span] = []
    for n, word in enumerate(present):
        length = max((len(t.words) for t in query.wanted if _stands_at(t, present, n)), default=0)
        if not length:
            continue
        end = present[n + length - 1].end
        if spans and word.start < spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((word.start, end))
    return spans


def _stands_at(term: Term, present: Sequence[Word], position: int) -> bool:
    here = present[position : position + len(term.words)]
    return len(here) == len(term.words) and any(
        _is_spelled(spelling, here, is_prefix=term.is_prefix) for spelling in term.spellings
    )


def _is_spelled(spelling: Sequence[str], here: Sequence[Word], *, is_prefix: bool) -> bool:
    *whole, last = spelling
    if any(key not in word.keys for key, word in zip(whole, here, strict=False)):
        return False
    keys = here[-1].keys
    return any(key.startswith(last) for key in keys) if is_prefix else last in keys
