"""Puts names that are like each other next to each other, so that staff see at once that they may mean one party."""

from collections.abc import Collection, Iterator

from rapidfuzz import fuzz, process

from agreements.exchange.importing.reconciling import CLOSE

# Every name is compared with every other; beyond these, names are listed as they come.
MOST_COMPARED = 1_000


def groups_of(keys: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield the keys of names, those that are like an earlier one behind it, each with that one; "" for the first."""
    listed = list(keys)
    waiting = dict.fromkeys(listed[:MOST_COMPARED])
    while waiting:
        first = next(iter(waiting))
        del waiting[first]
        yield first, ""
        close = process.extract(
            first, list(waiting), scorer=fuzz.ratio, score_cutoff=CLOSE, limit=None
        )
        for key, _score, _place in close:
            del waiting[key]
            yield key, first
    for key in listed[MOST_COMPARED:]:
        yield key, ""
