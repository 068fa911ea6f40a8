"""Agreements as arrays: one place in each array for an agreement, in the order in which lists show them.

A `Segment` is never changed. When agreements change, they are read again into a segment of their own, and their old places
go dark; so nobody who is counting sees half a change.
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
# The first or the last year a date may lie in, 0 where there is no date.
Years = NDArray[np.uint16]
Keys = NDArray[np.int64]

# Days are counted as `date.toordinal` does. An unknown one is never reached.
NEVER = np.int32(2**31 - 1)

STATUSES: tuple[str, ...] = tuple(Status.values)
_STATUS: dict[str, np.uint8] = {value: np.uint8(place) for place, value in enumerate(STATUSES)}

# The columns, declared once: `loading` reads them, `Segment` holds them under these names.
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
    """Which agreements a node has, for every node of a kind: `places[starts[n]:starts[n + 1]]` are those of `nodes[n]`.

    Nodes are areas, parties or countries, in ascending order; an agreement stands once at a node.
    """

    nodes: NDArray[np.int32]
    starts: NDArray[np.int64]
    places: NDArray[np.uint32]

    @classmethod
    def of(cls, nodes: NDArray[np.int32], places: NDArray[np.uint32]) -> "Links":
        """Make them of pairs in any order, some of them twice."""
        pairs = np.unique(nodes.astype(np.int64) << 32 | places)
        sorted_nodes = (pairs >> 32).astype(np.int32)
        known, starts = np.unique(sorted_nodes, return_index=True)
        return cls(known, np.append(starts, len(pairs)), pairs.astype(np.uint32))

    def count(self, mask: Mask) -> NDArray[np.int64]:
        """Return for each node how many of the masked agreements it has."""
        if not len(self.nodes):
            return np.zeros(0, np.int64)
        return np.add.reduceat(mask[self.places], self.starts[:-1], dtype=np.int64)

    def at(self, wanted: Iterable[int], size: int) -> Mask:
        """Return which of `size` agreements stand at one of these nodes."""
        mask = np.zeros(size, np.bool_)
        keys = np.fromiter(wanted, np.int64)
        for n in np.flatnonzero(np.isin(self.nodes, keys)):
            mask[self.places[self.starts[n] : self.starts[n + 1]]] = True
        return mask


@dataclass(frozen=True)
class Segment:
    """Published agreements in the order of the latest signed first, each a place in every array.

    `codes` and `days` hold the columns in `CODED` and `DAYS`. Computed when they are read, there are also `ends_earliest`
    and `ends_latest`, the days that the first ending can be, and `days_to_sign`, the days from the first recorded talks
    to the signature, `NEVER` unless both are known to the day. `links` are those to areas, parties and countries.
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
        """Return the segment with these agreements dark."""
        dark = np.isin(self.keys, np.fromiter(gone, np.int64))
        return replace(self, alive=self.alive & ~dark) if dark.any() else self

    def having(self, column: str, values: Iterable[str]) -> Mask:
        """Return which have one of these values in a column of `CODED`."""
        return np.isin(self.codes[column], [CODED[column].index(value) for value in values])

    def linked(self, kind: str, nodes: Iterable[int]) -> Mask:
        """Return which stand at one of these areas, parties or countries."""
        return self.links[kind].at(nodes, len(self))

    def in_period(
        self, name: str, start: date | None, end: date | None, *, certainly: bool
    ) -> Mask:
        """Return whose date of this name lies in the period, possibly or certainly; None is open on that side."""
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
    """A segment as it is seen on a day."""

    segment: Segment
    day: date

    @cached_property
    def statuses(self) -> Codes:
        """The status of each on the day, as its place in `STATUSES`."""
        rule = status_rule(_InColumns(self.segment, np.int32(self.day.toordinal())))
        codes = [_STATUS[status] for status, _holds in rule]
        return np.select([holds for _status, holds in rule], codes, _STATUS[OTHERWISE])

    def having_status(self, values: Iterable[str]) -> Mask:
        return np.isin(self.statuses, [_STATUS[value] for value in values])

    def ending_within(self, days: int) -> Mask:
        """Return which run on the day and end by their terms in the `days` days after it."""
        expires, today = self.segment.days["expires_latest"], self.day.toordinal()
        until = min(date.max.toordinal() - 1, today + days)
        return (expires > today) & (expires <= until) & self.having_status(RUNNING)


@dataclass(frozen=True)
class _InColumns(Reading[Mask]):
    """The rule of the status, asked of a whole segment."""

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
    """The published register: segments of which each agreement is alive in one."""

    segments: tuple[Segment, ...]

    def with_changed(self, keys: Iterable[int], now: Segment) -> "Columns":
        """Return the columns in which these agreements stand in `now`, or not at all."""
        keys = list(keys)
        older = (segment.without(keys) for segment in self.segments)
        return Columns((*(segment for segment in older if segment.alive.any()), now))

    @property
    def changed(self) -> int:
        """How many places there are beside those of the first segment."""
        return sum(len(segment) for segment in self.segments[1:])

    @cached_property
    def size(self) -> int:
        return sum(len(segment) for segment in self.segments)


def derived_days(
    codes: Mapping[str, Codes], days: Mapping[str, Days]
) -> tuple[Codes, dict[str, Days]]:
    """Return which ending of each agreement comes first, as a place in `STATUSES`, and the days computed from others.

    What was never concluded has no end.
    """
    latest = np.stack([days[column] for column in ENDINGS.values()])
    latest[:, codes["stage"] != _CONCLUDED] = NEVER
    endings = np.array([_STATUS[status] for status in ENDINGS], np.uint8)
    first = latest.argmin(axis=0)
    # a supersession is known to the day, and has one column
    earliest = [days[column.replace("latest", "earliest")] for column in ENDINGS.values()]
    ends_latest = latest.min(axis=0)
    ends_earliest = np.where(ends_latest == NEVER, NEVER, np.choose(first, earliest))
    return endings[first], {"ends_earliest": ends_earliest, "ends_latest": ends_latest}
