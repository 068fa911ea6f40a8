"""Agreements as arrays: one place in each array for an agreement, in the order in which lists show them.

A `Segment` is never changed. When agreements change, they are read again into a segment of their own, and their old places
go dark; so nobody who is counting sees half a change.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from agreements.domain.choices import Stage, Status

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
_CONCLUDED = np.uint8(255)
_BEFORE_CONCLUSION = {
    Stage.PROPOSED.value: _STATUS[Status.PROPOSED],
    Stage.NEGOTIATION.value: _STATUS[Status.NEGOTIATION],
    Stage.ABANDONED.value: _STATUS[Status.ABANDONED],
}
# In the order in which they go before each other when reached on the same day.
_ENDINGS = (Status.TERMINATED, Status.SUPERSEDED, Status.EXPIRED)


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
        return self.stage == _CONCLUDED

    def without(self, gone: Iterable[int]) -> "Segment":
        """Return the segment with these agreements dark."""
        dark = np.isin(self.keys, np.fromiter(gone, np.int64))
        return replace(self, alive=self.alive & ~dark) if dark.any() else self

    def statuses(self, day: date) -> Codes:
        """Return the status of each on `day`, as its place in `STATUSES`: the rule of `agreements.domain.lifecycle`."""
        reached = np.int32(day.toordinal())
        concluded = np.where(
            self.ended_on <= reached,
            self.ending,
            np.where(
                self.in_force_latest <= reached,
                _STATUS[Status.IN_FORCE],
                np.where(
                    self.is_undated | (self.signed_latest <= reached),
                    _STATUS[Status.SIGNED],
                    _STATUS[Status.NEGOTIATION],
                ),
            ),
        )
        return np.where(self.is_concluded, concluded, self.stage)

    def ending_within(self, days: int, day: date) -> Mask:
        """Return which run on `day` and end by their terms in the `days` days after it."""
        today = day.toordinal()
        until = min(date.max.toordinal() - 1, today + days)
        begun = (self.in_force_latest <= today) | (self.signed_latest <= today) | self.is_undated
        runs = self.is_concluded & (self.ended_on > today) & begun
        return runs & (self.expires_latest > today) & (self.expires_latest <= until)

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


def endings(dates: Sequence[Days]) -> tuple[Days, Codes]:
    """Return the day of the first ending of each agreement, and which it is as a place in `STATUSES`.

    `dates` are the days of termination, supersession and expiry, of which on the same day the first goes before.
    """
    first = np.stack(dates).argmin(axis=0)
    codes = np.array([_STATUS[status] for status in _ENDINGS], np.uint8)
    return np.stack(dates).min(axis=0).astype(np.int32), codes[first]


def stage_code(stage: str) -> int:
    """Return how a stage stands in `Segment.stage`: the status it means on every day, or that it is concluded."""
    return int(_BEFORE_CONCLUSION.get(stage, _CONCLUDED))
