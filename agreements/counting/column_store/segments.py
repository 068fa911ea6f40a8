"""Agreements as arrays: one position in each array per agreement, in the order in which lists show them.

A `Segment` never changes. When agreements change, they are read again into a new segment, and their old positions are
masked out; so a count in progress never sees half a change.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from agreements.domain.choices import Kind, LegalNature, Stage, Status, Verification
from agreements.domain.lifecycle import ENDINGS, OTHERWISE, Reading, status_rule

Mask = NDArray[np.bool_]
Days = NDArray[np.int32]
Codes = NDArray[np.uint8]
# The first or last year that a date may be in; 0 without a date.
Years = NDArray[np.uint16]
Keys = NDArray[np.int64]

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
)
_CONCLUDED = CODED["stage"].index(Stage.CONCLUDED)
RUNNING = (Status.SIGNED, Status.IN_FORCE)


@dataclass(frozen=True)
class Links:
    """The agreements of each node of a kind: `places[starts[n]:starts[n + 1]]` are those of `nodes[n]`.

    Nodes are areas, parties or countries, in ascending order; each agreement occurs once per node.
    """

    nodes: NDArray[np.int32]
    starts: NDArray[np.int64]
    places: NDArray[np.uint32]

    @classmethod
    def of(cls, nodes: NDArray[np.int32], places: NDArray[np.uint32]) -> "Links":
        """Build from pairs in any order, which may include duplicates."""
        # numpy's `unique` takes ten times as long, because it hashes before it sorts
        pairs = np.sort(nodes.astype(np.int64) << 32 | places)
        pairs = pairs[np.diff(pairs, prepend=-1) > 0]
        sorted_nodes = (pairs >> 32).astype(np.int32)
        known, starts = np.unique(sorted_nodes, return_index=True)
        return cls(known, np.append(starts, len(pairs)), pairs.astype(np.uint32))

    def count(self, mask: Mask) -> NDArray[np.int64]:
        """Return the number of masked agreements of each node."""
        if not len(self.nodes):
            return np.zeros(0, np.int64)
        return np.add.reduceat(mask[self.places], self.starts[:-1], dtype=np.int64)

    def at(self, wanted: Iterable[int], size: int) -> Mask:
        """Return a mask of `size` agreements that is true for those at one of these nodes."""
        mask = np.zeros(size, np.bool_)
        keys = np.fromiter(wanted, np.int64)
        for n in np.flatnonzero(np.isin(self.nodes, keys)):
            mask[self.places[self.starts[n] : self.starts[n + 1]]] = True
        return mask


@dataclass(frozen=True)
class Segment:
    """Published agreements, latest signed first, each a position in every array.

    `codes` and `days` hold the columns in `CODED` and `DAYS`. `ends_earliest` and `ends_latest` (the days that bound
    the first ending) and `days_to_sign` (the days from the first recorded talks to the signature, `NEVER` unless both
    days are known) are computed on first use. `links` are those to areas, parties and countries.
    """

    keys: Keys
    alive: Mask
    codes: Mapping[str, Codes]
    days: Mapping[str, Days]
    ending: Codes
    has_document: Mask
    first_year: Years
    last_year: Years
    links: Mapping[str, Links]

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

    def having(self, column: str, values: Iterable[str]) -> Mask:
        """Return a mask of those that have one of these values in a column of `CODED`."""
        return np.isin(self.codes[column], [CODED[column].index(value) for value in values])

    def linked(self, kind: str, nodes: Iterable[int]) -> Mask:
        """Return a mask of those linked to one of these areas, parties or countries."""
        return self.links[kind].at(nodes, len(self))

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
    """A segment as it is on a given day."""

    segment: Segment
    day: date

    @cached_property
    def statuses(self) -> Codes:
        """The status of each on the day, as an index into `STATUSES`."""
        rule = status_rule(_InColumns(self.segment, np.int32(self.day.toordinal())))
        codes = [_STATUS[status] for status, _holds in rule]
        return np.select([holds for _status, holds in rule], codes, _STATUS[OTHERWISE])

    def having_status(self, values: Iterable[str]) -> Mask:
        return np.isin(self.statuses, [_STATUS[value] for value in values])

    def ending_within(self, days: int) -> Mask:
        """Return a mask of those that run on the day and end by their terms in the `days` days after it."""
        expires, today = self.segment.days["expires_latest"], self.day.toordinal()
        until = min(date.max.toordinal() - 1, today + days)
        return (expires > today) & (expires <= until) & self.having_status(RUNNING)


@dataclass(frozen=True)
class _InColumns(Reading[Mask]):
    """The status rule, applied to a whole segment."""

    segment: Segment
    day: np.int32

    def is_at(self, stage: Stage) -> Mask:
        return self.segment.codes["stage"] == CODED["stage"].index(stage)

    def has_ended(self, ending: Status) -> Mask:
        ends = self.segment.days["ends_latest"]
        return (ends <= self.day) & (self.segment.ending == _STATUS[ending])

    def has_reached(self, name: str) -> Mask:
        return self.segment.days[f"{name}_latest"] <= self.day

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
