"""How many agreements stood where at the end of each year, laid out as stacked columns.

A column counts what the same selection would find on its day: those certainly in force, those signed whose entry into
force nobody has recorded, and those whose dates cannot say where they stood.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.utils.translation import gettext as _

from agreements.domain.choices import Status
from agreements.selection.selection import Selection

# From the bottom up; what is least certain is on top.
BANDS = (Status.IN_FORCE, Status.SIGNED, Status.UNDETERMINED)

MOST_COLUMNS = 60
STEPS = (1, 2, 5, 10, 20, 25, 50, 100, 200)
MOST_LABELS = 6
MOST_GRIDLINES = 5
PLOT_HEIGHT = 180


@dataclass(frozen=True)
class Gridline:
    """A horizontal line at a round number; `y` is in pixels from the top of the plot."""

    count: int
    y: int


@dataclass(frozen=True)
class Piece:
    """The part of a column that is one band: its count, its place in pixels, and the query for what it counts."""

    status: Status
    count: int
    y: float
    height: float
    query: str


@dataclass(frozen=True)
class Column:
    """One day. Horizontal positions are in per cent of the width."""

    day: date
    pieces: list[Piece]
    left: str
    middle: str
    width: str
    is_labelled: bool

    @property
    def label(self) -> str:
        return str(self.day.year)

    @property
    def anchor(self) -> str:
        """The SVG text-anchor that keeps the label inside the picture."""
        middle = float(self.middle.rstrip("%"))
        return "start" if middle < 3 else "end" if middle > 97 else "middle"


class Stock:
    """The bands of one selection over the years; each count is that of the selection on that day.

    A filter by status is left out, because the bands are statuses.
    """

    name = "in-force"
    bands = BANDS

    def __init__(self, selection: Selection) -> None:
        self.selection = selection

    @property
    def heading(self) -> str:
        return _("In force, year by year")

    @property
    def leaves_out_status(self) -> bool:
        return "status" in self.selection.canonical

    @cached_property
    def days(self) -> list[date]:
        """The last days of years from the first known year on, at most `MOST_COLUMNS`, and last the selection's own day."""
        last = self.selection.as_of
        first = self.selection.counts.on(None, "status").earliest("in_force", "signed")
        if first is None or first > last:
            return []
        step = next(n for n in STEPS if (last.year - first.year) // n < MOST_COLUMNS - 1)
        start = -(-first.year // step) * step
        return [*(date(year, 12, 31) for year in range(start, last.year, step)), last]

    @cached_property
    def counted(self) -> list[tuple[date, list[int]]]:
        """The days, each with the number of agreements in each of `BANDS`."""
        found = []
        for day in self.days:
            by_status = self.selection.counts.on(day, "status").by_status()
            found.append((day, [by_status[status] for status in BANDS]))
        return found

    @property
    def has_any(self) -> bool:
        return self.most > 0

    @property
    def most(self) -> int:
        return max((sum(counts) for _day, counts in self.counted), default=0)

    @cached_property
    def gridlines(self) -> list[Gridline]:
        """Round numbers from 0 to at least the highest column."""
        return [
            Gridline(count, round(PLOT_HEIGHT * (1 - count / self._top)))
            for count in range(0, self._top + 1, self._step)
        ]

    @cached_property
    def _step(self) -> int:
        return next(n for n in _round_numbers() if n * MOST_GRIDLINES >= self.most)

    @cached_property
    def _top(self) -> int:
        return self._step * max(1, -(-self.most // self._step))

    @cached_property
    def columns(self) -> list[Column]:
        slot = 100 / max(1, len(self.counted))
        labels_apart = -(-len(self.counted) // MOST_LABELS)
        return [
            Column(
                day=day,
                pieces=self._pieces(day, counts),
                left=f"{index * slot:.2f}%",
                middle=f"{(index + 0.5) * slot:.2f}%",
                # columns overlap by a hair, so that no gap shines through
                width=f"{slot + 0.05:.2f}%",
                is_labelled=(len(self.counted) - 1 - index) % labels_apart == 0,
            )
            for index, (day, counts) in enumerate(self.counted)
        ]

    def _pieces(self, day: date, counts: list[int]) -> list[Piece]:
        pieces, below = [], 0
        for status, count in zip(BANDS, counts, strict=True):
            top = PLOT_HEIGHT * (1 - (below + count) / self._top)
            height = PLOT_HEIGHT * count / self._top
            query = self._query(day, status)
            pieces.append(Piece(status, count, round(top, 1), round(height, 1), query))
            below += count
        return pieces

    def _query(self, day: date, status: Status) -> str:
        if day == self.selection.as_of:
            return self.selection.query_with(status=status.value)
        return self.selection.query_with(as_of=day.isoformat(), status=status.value)

    # As a file

    @property
    def header(self) -> list[str]:
        return ["day", *(status.value for status in BANDS)]

    @property
    def lines(self) -> Iterator[list[str | int]]:
        for day, counts in self.counted:
            yield [day.isoformat(), *counts]


def _round_numbers() -> Iterator[int]:
    """Yield 1, 2, 5, 10, 20, 50 and so on."""
    power = 1
    while True:
        yield from (power, 2 * power, 5 * power)
        power *= 10
