"""Agreements as arrays: one position in each array per agreement, in the order in which lists show them.

A `Segment` never changes. When agreements change, they are read again into a new segment, and their old positions are
masked out; so a count in progress never sees half a change.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, reduce
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from agreements.counting.column_store.marks import BITS
from agreements.domain.choices import (
    Kind,
    LegalNature,
    PeriodKind,
    Plurality,
    Stage,
    Status,
    TermKind,
    Verification,
)
from agreements.domain.lifecycle import (
    ENDINGS,
    PROLONGING,
    RUNNING,
    Reading,
    ends_with,
    is_past,
    status_rule,
)

Mask = NDArray[np.bool_]
Days = NDArray[np.int32]
Codes = NDArray[np.uint8]
# The first or last year that a date may be in; 0 without a date.
Years = NDArray[np.uint16]
Keys = NDArray[np.int64]
# A bit for each of `MARKS`.
Marks = NDArray[np.uint32]

# Days are counted as in `date.toordinal`. An unknown day is never reached.
NEVER = np.int32(2**31 - 1)

STATUSES: tuple[str, ...] = tuple(Status.values)
_STATUS: dict[str, np.uint8] = {value: np.uint8(place) for place, value in enumerate(STATUSES)}

# The columns, declared once: `loading` reads them, and `Segment` holds them under these names.
CODED: dict[str, tuple[str, ...]] = {
    "stage": tuple(Stage.values),
    "kind": tuple(Kind.values),
    "legal_nature": tuple(LegalNature.values),
    "verification": tuple(Verification.values),
    "term_kind": tuple(TermKind.values),
    # where no source says it, `loading` counts the parties
    "plurality": tuple(Plurality.values),
}
DAYS = (
    "signed_earliest",
    "signed_latest",
    "in_force_earliest",
    "in_force_latest",
    "expires_earliest",
    "expires_latest",
    "terminated_earliest",
    "terminated_latest",
    "superseded_on",
    "stage_reported_latest",
    "term_end_latest",
)


class Texts:
    """Texts that agreements share, each with a code from 1; a text keeps its code for as long as the process lives."""

    def __init__(self) -> None:
        self._codes: dict[str, int] = {"": 0}
        self._lock = Lock()

    def code(self, text: str) -> int:
        if (code := self._codes.get(text)) is None:
            with self._lock:
                code = self._codes.setdefault(text, len(self._codes))
        return code

    def codes_of(self, text: str) -> list[int]:
        """Return the codes of this text in capital and small letters."""
        wanted = text.casefold()
        return [code for each, code in list(self._codes.items()) if each.casefold() == wanted]

    @property
    def known(self) -> list[str]:
        """The texts by their codes."""
        return list(self._codes)


SUBJECTS = Texts()
_CONCLUDED = CODED["stage"].index(Stage.CONCLUDED)
PERIOD_KINDS: tuple[str, ...] = tuple(PeriodKind.values)


@dataclass(frozen=True)
class Links:
    """The agreements of each node of a kind: `places[starts[n]:starts[n + 1]]` are those of `nodes[n]`.

    Nodes are areas, parties or countries, in ascending order; each agreement occurs once per node. `dated` are further
    links, which hold only on some days; almost all registers have few, and most have none.
    """

    nodes: NDArray[np.int32]
    starts: NDArray[np.int64]
    places: NDArray[np.uint32]
    dated: "DatedLinks | None" = None

    @classmethod
    def of(cls, nodes: NDArray[np.int32], places: NDArray[np.uint32]) -> "Links":
        """Build from pairs in any order, which may include duplicates."""
        return cls.of_sorted(np.sort(_paired(nodes, places)))

    @classmethod
    def of_sorted(cls, pairs: NDArray[np.int64]) -> "Links":
        # numpy's `unique` takes ten times as long, because it hashes before it sorts
        pairs = pairs[np.diff(pairs, prepend=-1) > 0]
        sorted_nodes = (pairs >> 32).astype(np.int32)
        known, starts = np.unique(sorted_nodes, return_index=True)
        return cls(known, np.append(starts, len(pairs)), pairs.astype(np.uint32))

    @property
    def pairs(self) -> NDArray[np.int64]:
        return _paired(np.repeat(self.nodes, np.diff(self.starts)), self.places)

    def with_dated(
        self, nodes: NDArray[np.int32], places: NDArray[np.uint32], first: Days, last: Days
    ) -> "Links":
        """Return these links with others that hold from the first to the last day, in any order."""
        pairs = _paired(nodes, places)
        order = np.argsort(pairs, kind="stable")
        # a country whose ministry takes part without dates takes part on every day
        order = order[~np.isin(pairs[order], self.pairs)]
        if not len(order):
            return self
        return replace(self, dated=DatedLinks(pairs[order], first[order], last[order]))

    def on(self, day: date | None) -> "tuple[Links, ...]":
        """Return the links that hold on a day, or on any day, in parts that have no link in common."""
        return (self,) if self.dated is None else (self, self.dated.on(day))

    def count(self, mask: Mask) -> NDArray[np.int64]:
        """Return the number of masked agreements of each node."""
        if not len(self.nodes):
            return np.zeros(0, np.int64)
        return np.add.reduceat(mask[self.places], self.starts[:-1], dtype=np.int64)

    def lowest(self, values: Days, size: int) -> Days:
        """Return for each of `size` agreements the lowest value of its nodes, given by node; `NEVER` without any."""
        known = np.append(values, NEVER)
        of_nodes = known[np.minimum(self.nodes, len(values))]
        found = np.full(size, NEVER, np.int32)
        np.minimum.at(found, self.places, np.repeat(of_nodes, np.diff(self.starts)))
        return found

    def at(self, wanted: Iterable[int], size: int) -> Mask:
        """Return a mask of `size` agreements that is true for those at one of these nodes."""
        mask = np.zeros(size, np.bool_)
        keys = np.fromiter(wanted, np.int64)
        for n in np.flatnonzero(np.isin(self.nodes, keys)):
            mask[self.places[self.starts[n] : self.starts[n + 1]]] = True
        return mask


def _paired(nodes: NDArray[np.int32], places: NDArray[np.uint32]) -> NDArray[np.int64]:
    return nodes.astype(np.int64) << 32 | places


@dataclass(frozen=True)
class DatedLinks:
    """Links that hold from a first to a last day, sorted; a link occurs once for each of its periods."""

    pairs: NDArray[np.int64]
    first: Days
    last: Days

    def on(self, day: date | None) -> Links:
        if day is None:
            return Links.of_sorted(self.pairs)
        number = day.toordinal()
        return Links.of_sorted(self.pairs[(self.first <= number) & (number <= self.last)])


@dataclass(frozen=True)
class Periods:
    """The periods that count: parallel arrays of the position of each one's agreement, its kind as an index into
    `PERIOD_KINDS`, and its days.

    An unknown first day is `NEVER` in `first_latest` and 0 in `first_earliest`; an unknown last day is `NEVER`.
    """

    places: NDArray[np.uint32]
    kinds: Codes
    first_earliest: Days
    first_latest: Days
    last_latest: Days

    def on(self, day: np.int32, kinds: Iterable[str], begun: Days, size: int) -> Mask:
        """Return a mask of `size` agreements, true where the day lies in a period of these kinds."""
        wanted = np.isin(self.kinds, [PERIOD_KINDS.index(kind) for kind in kinds])
        mask = np.zeros(size, np.bool_)
        mask[self.places[wanted & (begun <= day) & (day <= self.last_latest)]] = True
        return mask


_NO_DAYS = np.zeros(0, np.int32)
NO_PERIODS = Periods(np.zeros(0, np.uint32), np.zeros(0, np.uint8), _NO_DAYS, _NO_DAYS, _NO_DAYS)


@dataclass(frozen=True)
class Segment:
    """Published agreements, latest signed first, each a position in every array.

    `codes` and `days` hold the columns in `CODED` and `DAYS`. `ends_earliest` and `ends_latest` (the days that bound
    the first ending) and `days_to_sign` (the days from the first recorded talks to the signature, `NEVER` unless both
    days are known) are computed on first use. `links` are those to areas, parties and countries; to sides: the parties
    themselves, in no other role and without what is above them; and to organisations: those of them that bind members.
    """

    keys: Keys
    alive: Mask
    codes: Mapping[str, Codes]
    days: Mapping[str, Days]
    ending: Codes
    marks: Marks
    # codes of `SUBJECTS`
    subjects: NDArray[np.int32]
    first_year: Years
    last_year: Years
    links: Mapping[str, Links]
    periods: Periods = NO_PERIODS

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def is_concluded(self) -> Mask:
        return self.codes["stage"] == _CONCLUDED

    @property
    def is_undated(self) -> Mask:
        return self.days["signed_earliest"] == NEVER

    def without(self, gone: Iterable[int]) -> "Segment":
        """Return the segment with these agreements masked out."""
        dark = np.isin(self.keys, np.fromiter(gone, np.int64))
        return replace(self, alive=self.alive & ~dark) if dark.any() else self

    def marked(self, mark: str) -> Mask:
        """Return a mask of those that have one of `MARKS`."""
        return (self.marks & np.uint32(BITS[mark])) != 0

    def having(self, column: str, values: Iterable[str]) -> Mask:
        """Return a mask of those that have one of these values in a column of `CODED`."""
        return np.isin(self.codes[column], [CODED[column].index(value) for value in values])

    def in_period(
        self, name: str, start: date | None, end: date | None, *, certainly: bool
    ) -> Mask:
        """Return a mask of those whose date of this name is in the period, possibly or certainly; None leaves a side
        open.
        """
        first, last = self.days[f"{name}_earliest"], self.days[f"{name}_latest"]
        mask = first != NEVER
        if not certainly:
            first, last = last, first
        if start:
            mask = mask & (first >= start.toordinal())
        if end:
            mask = mask & (last <= end.toordinal())
        return mask


@dataclass(frozen=True)
class Seen:
    """A segment as it is on a given day, which is past if it is before `today`, the register's calendar day.

    Parties count on every day, past or future, if it `is_on_any_day`.
    """

    segment: Segment
    day: date
    today: date | None = None
    is_on_any_day: bool = False

    def links(self, kind: str) -> tuple[Links, ...]:
        """Return the links to areas, parties or countries that hold on the day, in parts without a link in common."""
        if kind not in self._links:
            day = None if self.is_on_any_day else self.day
            self._links[kind] = self.segment.links[kind].on(day)
        return self._links[kind]

    def binding(self, organisations: frozenset[int]) -> Mask:
        """Return a mask of those to which one of these organisations is a party on the day, binding its members."""
        if organisations not in self._binding:
            self._binding[organisations] = self.linked("organisation", organisations)
        return self._binding[organisations]

    @cached_property
    def _binding(self) -> dict[frozenset[int], Mask]:
        return {}

    @cached_property
    def _links(self) -> dict[str, tuple[Links, ...]]:
        return {}

    def linked(self, kind: str, nodes: Iterable[int]) -> Mask:
        """Return a mask of those linked to one of these areas, parties or countries on the day."""
        wanted = list(nodes)
        masks = [links.at(wanted, len(self.segment)) for links in self.links(kind)]
        return reduce(np.logical_or, masks)

    def only_of(self, parties: Iterable[int]) -> Mask:
        """Return a mask of those to which nobody but these parties is a party on the day."""
        own = np.fromiter(parties, np.int64)
        others = np.zeros(len(self.segment), np.bool_)
        for links in self.links("side"):
            is_other = np.repeat(~np.isin(links.nodes, own), np.diff(links.starts))
            others[links.places[is_other]] = True
        return ~others

    @cached_property
    def statuses(self) -> Codes:
        """The status of each on the day, as an index into `STATUSES`."""
        day = np.int32(self.day.toordinal())
        rule, otherwise = status_rule(
            _InColumns(self.segment, day), is_past=is_past(self.day, self.today)
        )
        codes = [_STATUS[status] for status, _holds in rule]
        return np.select([holds for _status, holds in rule], codes, _STATUS[otherwise])

    def having_status(self, values: Iterable[str]) -> Mask:
        return np.isin(self.statuses, [_STATUS[value] for value in values])

    def ending_within(self, days: int) -> Mask:
        """Return a mask of those that run on the day and end by their terms within `days` days, that day included."""
        expires, today = self.segment.days["expires_latest"], self.day.toordinal()
        until = min(date.max.toordinal() - 1, today + days)
        return (expires >= today) & (expires <= until) & self.having_status(RUNNING)


@dataclass(frozen=True)
class _InColumns(Reading[Mask]):
    """The status rule, applied to a whole segment."""

    segment: Segment
    day: np.int32

    def is_at(self, stage: Stage) -> Mask:
        return self.segment.codes["stage"] == CODED["stage"].index(stage)

    def is_reported_at(self, stage: Stage) -> Mask:
        return self.is_at(stage) & self.has_reached("stage_reported")

    def is_before_conclusion(self) -> Mask:
        return ~self.segment.is_concluded

    def has_ended(self, ending: Status) -> Mask:
        ends = self.segment.days["ends_latest"]
        passed = ends < self.day if ends_with(ending) else ends <= self.day
        return passed & (self.segment.ending == _STATUS[ending])

    def has_lapsed(self) -> Mask:
        is_over = self.segment.days["term_end_latest"] < self.day
        if not is_over.any():
            return is_over
        periods = self.segment.periods
        return is_over & ~periods.on(
            self.day, PROLONGING, periods.first_earliest, len(self.segment)
        )

    def is_within(self, kind: PeriodKind) -> Mask:
        periods = self.segment.periods
        return periods.on(self.day, [kind], periods.first_latest, len(self.segment))

    def has_reached(self, name: str) -> Mask:
        return self.segment.days[f"{name}_latest"] <= self.day

    def is_before(self, name: str) -> Mask:
        earliest = self.segment.days[f"{name}_earliest"]
        return (earliest > self.day) & (earliest != NEVER)

    def is_undated(self) -> Mask:
        return self.segment.is_undated


@dataclass(frozen=True)
class Columns:
    """The published register: segments, with each agreement alive in exactly one."""

    segments: tuple[Segment, ...]

    def with_changed(self, keys: Iterable[int], now: Segment) -> "Columns":
        """Return the columns with these agreements as they are in `now`, or removed if they are not in it."""
        keys = list(keys)
        older = (segment.without(keys) for segment in self.segments)
        return Columns((*(segment for segment in older if segment.alive.any()), now))

    @property
    def changed(self) -> int:
        """The number of positions outside the first segment."""
        return sum(len(segment) for segment in self.segments[1:])

    @cached_property
    def size(self) -> int:
        return sum(len(segment) for segment in self.segments)


def derived_days(
    codes: Mapping[str, Codes], days: Mapping[str, Days]
) -> tuple[Codes, dict[str, Days]]:
    """Return which ending of each agreement comes first, as an index into `STATUSES`, and the days of that ending.

    Agreements that were never concluded have no end.
    """
    latest = np.stack([days[column] for column in ENDINGS.values()])
    latest[:, codes["stage"] != _CONCLUDED] = NEVER
    endings = np.array([_STATUS[status] for status in ENDINGS], np.uint8)
    first = latest.argmin(axis=0)
    # the day of a supersession is always exact, so it has one column
    earliest = [days[column.replace("latest", "earliest")] for column in ENDINGS.values()]
    ends_latest = latest.min(axis=0)
    ends_earliest = np.where(ends_latest == NEVER, NEVER, np.choose(first, earliest))
    return endings[first], {"ends_earliest": ends_earliest, "ends_latest": ends_latest}
