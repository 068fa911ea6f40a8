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

from agreements.domain.choices import Stage, Status
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
_STATUS = {value: np.uint8(place) for place, value in enumerate(STATUSES)}
STAGES: tuple[str, ...] = tuple(Stage.values)
RUNNING = np.array([_STATUS[Status.SIGNED], _STATUS[Status.IN_FORCE]])


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

    `days_to_sign` are the days from the first recorded talks to the signature, `NEVER` unless both are known to the day.
    """

    keys: Keys
    alive: Mask
    stage: Codes
    kind: Codes
    legal_nature: Codes
    verification: Codes
    has_document: Mask
    is_undated: Mask
    signed_earliest: Days
    signed_latest: Days
    first_year: Years
    last_year: Years
    in_force_latest: Days
    expires_earliest: Days
    expires_latest: Days
    days_to_sign: Days
    ended_on: Days
    ending: Codes
    areas: Links
    parties: Links
    countries: Links

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def is_concluded(self) -> Mask:
        return self.stage == STAGES.index(Stage.CONCLUDED)

    def without(self, gone: Iterable[int]) -> "Segment":
        """Return the segment with these agreements dark."""
        dark = np.isin(self.keys, np.fromiter(gone, np.int64))
        return replace(self, alive=self.alive & ~dark) if dark.any() else self

    def statuses(self, day: date) -> Codes:
        """Return the status of each on `day`, as its place in `STATUSES`: the rule of `agreements.domain.lifecycle`."""
        rule = status_rule(_InColumns(self, np.int32(day.toordinal())))
        codes = [_STATUS[status] for status, _holds in rule]
        return np.select([holds for _status, holds in rule], codes, _STATUS[OTHERWISE])

    def ending_within(self, days: int, day: date) -> Mask:
        """Return which run on `day` and end by their terms in the `days` days after it."""
        until = min(date.max.toordinal() - 1, day.toordinal() + days)
        ends = (self.expires_latest > day.toordinal()) & (self.expires_latest <= until)
        return ends & np.isin(self.statuses(day), RUNNING)

    def signed_between(self, start: date | None, end: date | None, *, certainly: bool) -> Mask:
        """Return which were signed in the period, possibly or certainly; None is open on that side."""
        first, last = self.signed_earliest, self.signed_latest
        if not certainly:
            first, last = last, first
        mask = self.signed_earliest != NEVER
        if start:
            mask = mask & (first >= start.toordinal())
        if end:
            mask = mask & (last <= end.toordinal())
        return mask


@dataclass(frozen=True)
class _InColumns(Reading[Mask]):
    """The rule of the status, asked of a whole segment."""

    segment: Segment
    day: np.int32

    def is_at(self, stage: Stage) -> Mask:
        return self.segment.stage == STAGES.index(stage)

    def has_ended(self, ending: Status) -> Mask:
        return (self.segment.ended_on <= self.day) & (self.segment.ending == _STATUS[ending])

    def has_reached(self, name: str) -> Mask:
        reached: Mask = getattr(self.segment, f"{name}_latest") <= self.day
        return reached

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


def endings(dates: Mapping[str, Days]) -> tuple[Days, Codes]:
    """Return the day of the first ending of each agreement, and which it is as a place in `STATUSES`.

    `dates` hold the last day that each ending can be, by its column in `ENDINGS`.
    """
    days = np.stack([dates[column] for column in ENDINGS.values()])
    codes = np.array([_STATUS[status] for status in ENDINGS], np.uint8)
    return days.min(axis=0), codes[days.argmin(axis=0)]
