"""Counts over the column store: how many agreements a selection has, and how many each further choice would leave."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, reduce
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from agreements.counting.column_store.memberships import BoundMember, organisations_of
from agreements.counting.column_store.party_names import PartyNames
from agreements.counting.column_store.segments import (
    CODED,
    NEVER,
    STATUSES,
    SUBJECTS,
    Codes,
    Columns,
    Keys,
    Links,
    Mask,
    Seen,
    Segment,
)
from agreements.domain.partial_dates import OPEN_END, OPEN_START
from agreements.models.querysets import SORTED_BY_DATE

# The sort orders of the contract for which the columns know every position; the database sorts the others.
SORTS = (*SORTED_BY_DATE, "status", "party", "relevance")

# So many agreements are compared at once, which bounds the memory.
_BLOCK = 20_000

# The part of a segment that a filter leaves.
Condition = Callable[[Seen], Mask]


@dataclass(frozen=True)
class Page:
    """The keys that contain a page, in no particular order; `ahead` are those that sort before the others.

    Agreements that changed lately are always included, wherever they belong. Once the keys are sorted, the page begins
    after `skip` of them.
    """

    keys: list[int]
    ahead: list[int]
    skip: int


@dataclass(frozen=True)
class Years:
    """By year of signature: certainly in `one` year, somewhere between the first and last of `several`, or in none.

    Without a date, a concluded agreement is undated and any other is unsigned.
    """

    one: Counter[int]
    several: Counter[tuple[int, int]]
    undated: int
    unsigned: int


class Counts:
    """One selection over the columns. `without` names conditions to leave out of a count, as facets need."""

    def __init__(
        self,
        columns: Columns,
        conditions: Mapping[str, Condition] = MappingProxyType({}),
        *,
        day: date | None = None,
        today: date | None = None,
        ahead: Keys | None = None,
        through: Sequence[BoundMember] = (),
        asked: Collection[int] = (),
    ) -> None:
        """Status and parties are those of `day`, as of `today` (the register's calendar day if not given).

        Without a day, parties count that take part on any day. `ahead` are the keys that come first when sorting by
        relevance. Countries also count in the agreements of organisations that bind them, for the members in `through`.
        By party, agreements are sorted by others than the parties `asked` for.
        """
        self._columns = columns
        self._conditions = conditions
        self._day = day
        self._today = today
        self._ahead = ahead
        self._through = through
        self._asked = asked
        self._seen = [
            Seen(segment, day or OPEN_END, today, is_on_any_day=day is None)
            for segment in columns.segments
        ]
        self._kept: dict[frozenset[str], list[Mask]] = {}

    @classmethod
    def of_nothing(cls) -> "Counts":
        return cls(Columns(()))

    def also(self, **conditions: Condition) -> "Counts":
        """Return the counts over the same columns with these conditions added."""
        both = {**self._conditions, **conditions}
        return Counts(
            self._columns,
            both,
            day=self._day,
            today=self._today,
            through=self._through,
            asked=self._asked,
        )

    @property
    def of_all(self) -> "Counts":
        """The counts over the same columns and for the same day, without any condition."""
        return Counts(self._columns, day=self._day, today=self._today, through=self._through)

    def on(self, day: date | None, *without: str) -> "Counts":
        """Return the counts of the same question asked of another day, with the conditions of these names left out.

        Without a day, parties count that take part on any day.
        """
        left = {name: holds for name, holds in self._conditions.items() if name not in without}
        return Counts(
            self._columns,
            left,
            day=day,
            today=self._today,
            through=self._through,
            asked=self._asked,
        )

    # How many

    def total(self, *without: str) -> int:
        return sum(int(mask.sum()) for _segment, mask in self._masked(without))

    def by_status(self, *without: str) -> Counter[str]:
        masks = (mask for _segment, mask in self._masked(without))
        return _count_codes(zip((seen.statuses for seen in self._seen), masks), STATUSES)  # noqa: B905

    def by_column(self, column: str, *without: str) -> Counter[str]:
        codes = ((segment.codes[column], mask) for segment, mask in self._masked(without))
        return _count_codes(codes, CODED[column])

    def by_whether(self, holds: Condition, *without: str) -> Counter[str]:
        """Return for how many a condition holds ("true"), and for how many it does not ("false")."""
        masks = [mask for _segment, mask in self._masked(without)]
        holding = sum(int((holds(s) & m).sum()) for s, m in zip(self._seen, masks, strict=True))
        return Counter({"true": holding, "false": self.total(*without) - holding})

    def by_mark(
        self, marks: Iterable[str], *without: str, is_missing: bool = False
    ) -> Counter[str]:
        """Return how many have each of these marks, or how many do not."""
        marks = list(marks)
        counted: Counter[str] = Counter()
        for segment, mask in self._masked(without):
            having = Counter({each: int((segment.marked(each) & mask).sum()) for each in marks})
            total = int(mask.sum())
            counted.update({each: total - n if is_missing else n for each, n in having.items()})
        return counted

    def by_subject(self, *without: str) -> Counter[str]:
        counted: Counter[str] = Counter()
        for segment, mask in self._masked(without):
            numbers = np.bincount(segment.subjects[mask])
            texts = SUBJECTS.known
            counted.update({texts[code]: n for code, n in _occurring(numbers) if code})
        return counted

    def by_area(self, *without: str) -> Counter[int]:
        """Return the number of agreements on each area, including the areas below it, by the area's key."""
        return self._by_node("area", without)

    def by_party(self, *without: str) -> Counter[int]:
        """Return the number of agreements each party takes part in, itself or through a body under it, by the party's
        key.
        """
        return self._by_node("party", without)

    def by_country(self, *without: str) -> Counter[str]:
        """Return the number of agreements each country takes part in, by code; several bodies of it count
        once.
        """
        counted = self._by_node("country", without)
        by_code = Counter({_letters(code): n for code, n in counted.items()})
        for code, organisations in organisations_of(self._through, self._day).items():
            by_code[code] += self._only_through(code, organisations, without)
        return +by_code

    def _only_through(
        self, code: str, organisations: frozenset[int], without: tuple[str, ...]
    ) -> int:
        """Return how many a country takes part in only through one of these organisations."""
        return sum(
            int(
                (
                    mask
                    & seen.binding(organisations)
                    & ~seen.linked("country", [country_number(code)])
                ).sum()
            )
            for seen, (_segment, mask) in zip(self._seen, self._masked(without), strict=True)
        )

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
        """Return the number of days from the first talks to the signature where both days are known, sorted."""
        days = [segment.days["days_to_sign"][mask] for segment, mask in self._masked(())]
        found = np.sort(np.concatenate([np.zeros(0, np.int32), *days]))
        return found[found != NEVER].tolist()

    def days_between(self, first: str, last: str) -> list[int]:
        """Return the days from one date to another, by their names in `DAYS`, where both are known to the day; sorted.

        Those whose dates contradict each other are left out.
        """
        found = [np.zeros(0, np.int32)]
        for segment, mask in self._masked(()):
            (start, late_start), (end, late_end) = (
                (segment.days[f"{name}_earliest"][mask], segment.days[f"{name}_latest"][mask])
                for name in (first, last)
            )
            is_known = (start == late_start) & (end == late_end) & (start <= end) & (end != NEVER)
            found.append((end - start)[is_known])
        return np.sort(np.concatenate(found)).tolist()

    def by_area_and_country(self) -> Callable[[str], Counter[int]]:
        """Return a function that counts the areas of the agreements a country takes part in."""

        through = organisations_of(self._through, self._day)

        def of_country(code: str) -> Counter[int]:
            counted: Counter[int] = Counter()
            for seen, (_segment, mask) in zip(self._seen, self._masked(()), strict=True):
                of = _of_country(seen, code, through)
                counted.update(_counted(seen.links("area"), mask & of))
            return counted

        return of_country

    def by_pair(self, countries: Sequence[str]) -> list[list[int]]:
        """Return in how many agreements each of these countries takes part together with each other one.

        The rows and columns are in the order given; the diagonal has each country's own number.
        """
        through = organisations_of(self._through, self._day)
        counted = np.zeros((len(countries), len(countries)), np.int64)
        for seen, (_segment, mask) in zip(self._seen, self._masked(()), strict=True):
            taking_part = [_of_country(seen, code, through)[mask] for code in countries]
            for start in range(0, int(mask.sum()), _BLOCK):
                # as floats, which are exact here, because numpy multiplies integers slowly
                among = np.zeros((len(countries), min(_BLOCK, int(mask.sum()) - start)), np.float32)
                for row, each in zip(among, taking_part, strict=True):
                    row[:] = each[start : start + _BLOCK]
                counted += (among @ among.T).astype(np.int64)
        return counted.tolist()

    def without_area(self) -> int:
        """Return how many have no area."""
        having = 0
        for segment, mask in self._masked(()):
            on_any = np.zeros(len(segment), np.bool_)
            on_any[segment.links["area"].places] = True
            having += int((mask & on_any).sum())
        return self.total() - having

    # Which

    def keys(self, *without: str) -> Keys:
        """Return the keys of the selection, in no particular order."""
        found = [segment.keys[mask] for segment, mask in self._masked(without)]
        return np.concatenate([np.zeros(0, np.int64), *found])

    def page(self, start: int, size: int, sort: str) -> "Page":
        """Return where this page is in one of the orders in `SORTS`; by party with one query."""
        names = PartyNames.read(self._asked) if sort == "party" else None
        ahead = self._ahead if sort == "relevance" else None
        ordered = []
        for seen, (segment, mask) in zip(self._seen, self._masked(()), strict=True):
            keys = segment.keys[_in_order(seen, np.flatnonzero(mask), sort, names)]
            if ahead is not None:
                is_ahead = np.isin(keys, ahead)
                keys = np.concatenate([keys[is_ahead], keys[~is_ahead]])
            ordered.append(keys)
        # at most this many of the lately changed agreements can be on the page
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

    def earliest(self, *names: str) -> date | None:
        """Return the first day on which one of these dates may lie for any of the selection; None without such a date.

        A date that is open at its start has no first day.
        """
        days = [
            segment.days[f"{name}_earliest"][mask]
            for segment, mask in self._masked(())
            for name in names
        ]
        found = np.concatenate([np.zeros(0, np.int32), *days])
        found = found[(found != NEVER) & (found > OPEN_START.toordinal())]
        return date.fromordinal(int(found.min())) if len(found) else None

    def soonest(self, column: str, n: int) -> list[int]:
        """Return the keys of the `n` with the earliest day in a column, and of all that tie with the last one."""
        found = [
            (segment.days[column][mask], segment.keys[mask]) for segment, mask in self._masked(())
        ]
        days = np.concatenate([np.zeros(0, np.int32), *(days for days, _keys in found)])
        keys = np.concatenate([np.zeros(0, np.int64), *(keys for _days, keys in found)])
        keys, days = keys[days != NEVER], days[days != NEVER]
        if len(days) > n:
            keys = keys[days <= np.partition(days, n - 1)[n - 1]]
        return keys.tolist()

    # Masks: one for each condition, and all of them combined

    def _masked(self, without: tuple[str, ...]) -> Iterator[tuple[Segment, Mask]]:
        names = frozenset(self._conditions) - set(without)
        if names not in self._kept:
            self._kept[names] = [
                reduce(np.logical_and, (self._masks[name][place] for name in names), segment.alive)
                for place, segment in enumerate(self._columns.segments)
            ]
        return zip(self._columns.segments, self._kept[names], strict=True)

    @cached_property
    def _masks(self) -> dict[str, list[Mask]]:
        """The mask of each segment that each condition leaves."""
        return {
            name: [condition(seen) for seen in self._seen]
            for name, condition in self._conditions.items()
        }

    def _by_node(self, kind: str, without: tuple[str, ...]) -> Counter[int]:
        counted: Counter[int] = Counter()
        for seen, (_segment, mask) in zip(self._seen, self._masked(without), strict=True):
            counted.update(_counted(seen.links(kind), mask))
        return counted


def _of_country(seen: Seen, code: str, through: Mapping[str, frozenset[int]]) -> Mask:
    """Return a mask of those a country takes part in, itself or through an organisation that binds it."""
    mask = seen.linked("country", [country_number(code)])
    return mask | seen.binding(through[code]) if code in through else mask


def _in_order(
    seen: Seen, places: NDArray[np.int64], sort: str, names: PartyNames | None
) -> NDArray[np.int64]:
    """Return the positions in this order, unknown dates last; ties keep their order, which is latest signed first."""
    segment, name = seen.segment, sort.removeprefix("-")
    if sort == "status":
        return places[np.argsort(seen.statuses[places], kind="stable")]
    if names is not None:
        return places[np.argsort(names.first(segment)[places], kind="stable")]
    if sort == "-signed" or name not in SORTED_BY_DATE:
        return places
    first, last = (segment.days[f"{name}_{end}"][places] for end in ("earliest", "latest"))
    days = first.astype(np.int64) << 32 | last
    if sort != name:
        days = np.where(first == NEVER, days, -days)
    return places[np.argsort(days, kind="stable")]


def _within(first: int, last: int) -> range:
    """Return the years between the two; if one side is open, only the known year."""
    if first == OPEN_START.year:
        return range(last, last + 1)
    return range(first, first + 1 if last == OPEN_END.year else last + 1)


def _count_codes(coded: Iterable[tuple[Codes, Mask]], codes: tuple[str, ...]) -> Counter[str]:
    counted: Counter[str] = Counter()
    for column, mask in coded:
        # values that SQL wrote outside the known codes are not counted
        known = np.bincount(column[mask])[: len(codes)]
        counted.update({codes[place]: n for place, n in _occurring(known)})
    return counted


def _counted(parts: Iterable[Links], mask: Mask) -> Counter[int]:
    counted: Counter[int] = Counter()
    for links in parts:
        counts = links.count(mask)
        occurring = np.flatnonzero(counts)
        nodes, numbers = links.nodes[occurring].tolist(), counts[occurring].tolist()
        counted.update(dict(zip(nodes, numbers, strict=True)))
    return counted


def _occurring(counts: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Yield each value that occurs, and how often."""
    occurring = np.flatnonzero(counts)
    return zip(occurring.tolist(), counts[occurring].tolist(), strict=True)


def country_number(code: str) -> int:
    """Return the node of a country in `Segment.links`: the two or four letters of its code, a byte each."""
    return int.from_bytes(code.encode("ascii"))


def _letters(number: int) -> str:
    return number.to_bytes(4).lstrip(b"\0").decode("latin-1")
