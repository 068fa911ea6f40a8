"""Counts over the columns: how many agreements a selection has, and how many each further choice would leave."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agreements.counting.column_store.asked import Asked
from agreements.counting.column_store.segments import NEVER, STATUSES, Columns, Links, Mask, Segment
from agreements.domain.choices import Kind, LegalNature, Verification
from agreements.domain.partial_dates import OPEN_END, OPEN_START

# The orders of the contract in which the columns know every place; others are the database's.
SORTS = ("-signed", "signed", "relevance")

_COLUMNS: dict[str, tuple[str, ...]] = {
    "kind": tuple(Kind.values),
    "legal_nature": tuple(LegalNature.values),
    "verification": tuple(Verification.values),
}


@dataclass(frozen=True)
class Page:
    """The keys among which a page stands, in whatever order; `ahead` are those that go before the others.

    Agreements that changed lately are all among them, wherever they belong. Once the keys are put in order, the page
    begins after `skip` of them.
    """

    keys: list[int]
    ahead: list[int]
    skip: int


@dataclass(frozen=True)
class Years:
    """By the year of signature: in `one` year for certain, within the first and last of `several`, or in none.

    Without a date a concluded agreement is undated, any other unsigned.
    """

    one: Counter[int]
    several: Counter[tuple[int, int]]
    undated: int
    unsigned: int


class Counts:
    """One selection over the columns. `without` names filters that are left out of a count, as facets want it."""

    def __init__(self, columns: Columns, asked: Asked) -> None:
        self._columns = columns
        self._asked = asked
        self._kept: dict[frozenset[str], list[Mask]] = {}

    @classmethod
    def of_nothing(cls) -> "Counts":
        return cls(Columns(()), Asked())

    def also(self, **asked: Any) -> "Counts":
        """Return the counts of the same columns where this is asked as well, in the words of `Asked`."""
        return Counts(self._columns, replace(self._asked, **asked))

    @property
    def of_all(self) -> "Counts":
        """The counts of the same columns where nothing is asked."""
        return Counts(self._columns, Asked())

    # How many

    def total(self, *without: str) -> int:
        return sum(int(mask.sum()) for _segment, mask in self._masked(without))

    def by_status(self, *without: str) -> Counter[str]:
        codes = (
            (statuses, mask)
            for statuses, (_segment, mask) in zip(
                self._statuses, self._masked(without), strict=True
            )
        )
        return _count_codes(codes, STATUSES)

    def by_column(self, column: str, *without: str) -> Counter[str]:
        codes = ((getattr(segment, column), mask) for segment, mask in self._masked(without))
        return _count_codes(codes, _COLUMNS[column])

    def by_document(self, *without: str) -> Counter[str]:
        """Return how many have a public document ("true") and how many have none ("false")."""
        having = sum(int((s.has_document & mask).sum()) for s, mask in self._masked(without))
        return Counter({"true": having, "false": self.total(*without) - having})

    def by_area(self, *without: str) -> Counter[int]:
        """Return how many each area has, with the areas under it, by the area's key."""
        return self._by_node(lambda segment: segment.areas, without)

    def by_party(self, *without: str) -> Counter[int]:
        """Return how many each party takes part in, by itself or by a body under it, by the party's key."""
        return self._by_node(lambda segment: segment.parties, without)

    def by_country(self, *without: str) -> Counter[str]:
        """Return how many each country takes part in, once for all its bodies, by alpha-2 code."""
        counted = self._by_node(lambda segment: segment.countries, without)
        return Counter({_letters(code): n for code, n in counted.items()})

    def by_year(self, *without: str) -> Counter[int]:
        """Return how many may have been signed in each year; a date of several years counts in each of them.

        An open side counts in the year of its known end only: nobody knows how far it reaches.
        """
        found = self.years_of_signature(*without)
        counted = found.one.copy()
        for (first, last), n in found.several.items():
            for year in _within(first, last):
                counted[year] += n
        return counted

    def years_of_signature(self, *without: str) -> "Years":
        one: Counter[int] = Counter()
        several: Counter[tuple[int, int]] = Counter()
        undated = unsigned = 0
        for segment, mask in self._masked(without):
            first, last = segment.first_year[mask], segment.last_year[mask]
            is_one = first == last
            one.update(dict(_occurring(np.bincount(first[is_one]))))
            spans = first[~is_one].astype(np.int64) << 16 | last[~is_one]
            for span, n in zip(*np.unique(spans, return_counts=True), strict=True):
                several[int(span) >> 16, int(span) & 0xFFFF] += int(n)
            without_date = mask & segment.is_undated
            concluded = int((without_date & segment.is_concluded).sum())
            undated += concluded
            unsigned += int(without_date.sum()) - concluded
        del one[0]
        return Years(one, several, undated, unsigned)

    def days_to_sign(self) -> list[int]:
        """Return the days from the first talks to the signature where both are known to the day, in order."""
        days = [segment.days_to_sign[mask] for segment, mask in self._masked(())]
        found = np.sort(np.concatenate([np.zeros(0, np.int32), *days]))
        return found[found != NEVER].tolist()

    def by_area_and_country(self) -> Callable[[str], Counter[int]]:
        """Return a function that counts the areas of the agreements which a country takes part in."""

        def of_country(code: str) -> Counter[int]:
            counted: Counter[int] = Counter()
            for segment, mask in self._masked(()):
                of = segment.countries.at([_number(code)], len(segment))
                counted.update(_counted(segment.areas, mask & of))
            return counted

        return of_country

    def without_area(self) -> int:
        """Return how many have no area."""
        having = 0
        for segment, mask in self._masked(()):
            on_any = np.zeros(len(segment), np.bool_)
            on_any[segment.areas.places] = True
            having += int((mask & on_any).sum())
        return self.total() - having

    # Which

    def page(self, start: int, size: int, sort: str) -> "Page":
        """Return where this page stands in one of the orders in `SORTS`."""
        ahead = self._asked.ahead if sort == "relevance" else None
        in_order = _earliest_signed_first if sort == "signed" else _latest_signed_first
        ordered = []
        for segment, mask in self._masked(()):
            places = in_order(segment, np.flatnonzero(mask))
            keys = segment.keys[places]
            if ahead is not None:
                is_ahead = np.isin(keys, ahead)
                keys = np.concatenate([keys[is_ahead], keys[~is_ahead]])
            ordered.append(keys)
        # of what changed lately no more can stand on the page than come first among themselves
        late = np.concatenate(
            [np.zeros(0, np.int64), *(keys[: start + size] for keys in ordered[1:])]
        )
        first = max(0, start - len(late))
        keys = np.concatenate([ordered[0][first : start + size], late]) if ordered else late
        return Page(
            keys=keys.tolist(),
            ahead=[] if ahead is None else keys[np.isin(keys, ahead)].tolist(),
            skip=start - first,
        )

    def soonest(self, column: str, n: int) -> list[int]:
        """Return the keys of the `n` with the earliest day in a column, and of all that share the last one's day."""
        found = [
            (getattr(segment, column)[mask], segment.keys[mask])
            for segment, mask in self._masked(())
        ]
        days = np.concatenate([np.zeros(0, np.int32), *(days for days, _keys in found)])
        keys = np.concatenate([np.zeros(0, np.int64), *(keys for _days, keys in found)])
        keys, days = keys[days != NEVER], days[days != NEVER]
        if len(days) > n:
            keys = keys[days <= np.partition(days, n - 1)[n - 1]]
        return keys.tolist()

    # Masks: one for each filter that narrows something, and all of them together

    def _masked(self, without: tuple[str, ...]) -> Iterator[tuple[Segment, Mask]]:
        names = frozenset(self._filters) - set(without)
        if names not in self._kept:
            self._kept[names] = [
                reduce(
                    np.logical_and, (self._filters[name][place] for name in names), segment.alive
                )
                for place, segment in enumerate(self._columns.segments)
            ]
        return zip(self._columns.segments, self._kept[names], strict=True)

    @cached_property
    def _filters(self) -> dict[str, list[Mask]]:
        """The masks of the filters that narrow something, one for each segment, by parameter."""
        return {
            name: [narrow(segment) for segment in self._columns.segments]
            for name, narrow in self._narrowing()
        }

    def _narrowing(self) -> Iterator[tuple[str, Callable[[Segment], Mask]]]:
        asked = self._asked
        if asked.status:
            chosen = _places(asked.status, STATUSES)
            by_segment = dict(zip(map(id, self._columns.segments), self._statuses, strict=True))
            yield "status", lambda segment: np.isin(by_segment[id(segment)], chosen)
        for column, codes in _COLUMNS.items():
            if values := getattr(asked, column):
                yield column, _having(column, _places(values, codes))
        if asked.area:
            yield "area", lambda segment: segment.areas.at(asked.area, len(segment))
        if asked.party:
            yield "party", lambda segment: segment.parties.at(asked.party, len(segment))
        if asked.country:
            numbers = [_number(code) for code in asked.country]
            yield "country", lambda segment: segment.countries.at(numbers, len(segment))
        yield from self._narrowing_by_dates_and_texts()

    def _narrowing_by_dates_and_texts(self) -> Iterator[tuple[str, Callable[[Segment], Mask]]]:
        asked = self._asked
        if (period := asked.signed) is not None:
            yield (
                "signed",
                lambda segment: segment.signed_between(
                    period.start, period.end, certainly=period.certainly
                ),
            )
        if (days := asked.expires_within) is not None:
            yield "expires_within", lambda segment: segment.ending_within(days, asked.day)
        if (wanted := asked.has_document) is not None:
            yield "has_document", lambda segment: segment.has_document == wanted
        if asked.found is not None or asked.left_out is not None:
            yield "q", self._is_found

    def _is_found(self, segment: Segment) -> Mask:
        found, left_out = self._asked.found, self._asked.left_out
        mask = segment.alive if found is None else np.isin(segment.keys, found)
        return mask if left_out is None else mask & ~np.isin(segment.keys, left_out)

    @cached_property
    def _statuses(self) -> list[NDArray[np.uint8]]:
        return [segment.statuses(self._asked.day) for segment in self._columns.segments]

    def _by_node(self, links: Callable[[Segment], Links], without: tuple[str, ...]) -> Counter[int]:
        counted: Counter[int] = Counter()
        for segment, mask in self._masked(without):
            counted.update(_counted(links(segment), mask))
        return counted


def _latest_signed_first(segment: Segment, places: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the places as they are: in a segment agreements stand so."""
    return places


def _earliest_signed_first(segment: Segment, places: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the places with the earliest date first and none last; of the same date they keep their order."""
    days = segment.signed_earliest[places].astype(np.int64) << 32 | segment.signed_latest[places]
    return places[np.argsort(days, kind="stable")]


def _within(first: int, last: int) -> range:
    """Return the years between the two, or the known one if a side is open."""
    if first == OPEN_START.year:
        return range(last, last + 1)
    return range(first, first + 1 if last == OPEN_END.year else last + 1)


def _having(column: str, chosen: NDArray[np.uint8]) -> Callable[[Segment], Mask]:
    return lambda segment: np.isin(getattr(segment, column), chosen)


def _places(values: object, codes: tuple[str, ...]) -> NDArray[np.uint8]:
    return np.array([codes.index(value) for value in values], np.uint8)  # type: ignore[attr-defined]


def _count_codes(
    coded: "Iterator[tuple[NDArray[np.uint8], Mask]]", codes: tuple[str, ...]
) -> Counter[str]:
    counted: Counter[str] = Counter()
    for column, mask in coded:
        # what SQL has written beside the known codes is counted nowhere
        known = np.bincount(column[mask])[: len(codes)]
        counted.update({codes[place]: n for place, n in _occurring(known)})
    return counted


def _counted(links: Links, mask: Mask) -> dict[int, int]:
    counts = links.count(mask)
    occurring = np.flatnonzero(counts)
    return dict(zip(links.nodes[occurring].tolist(), counts[occurring].tolist(), strict=True))


def _occurring(counts: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Yield what occurs at all, and how often."""
    occurring = np.flatnonzero(counts)
    return zip(occurring.tolist(), counts[occurring].tolist(), strict=True)


def _number(code: str) -> int:
    return ord(code[0]) * 256 + ord(code[1])


def _letters(number: int) -> str:
    return chr(number >> 8) + chr(number & 0xFF)
