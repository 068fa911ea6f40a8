"""The countries of a selection on a map of the world: the darker, the more agreements they take part in."""

from dataclasses import dataclass
from functools import cached_property

from agreements.statistics.counts import Row, Statistics, levels
from agreements.statistics.world import Shape, World, world


@dataclass(frozen=True)
class Place:
    """A country with agreements: its row in the table, its shape and its shade."""

    row: Row
    shape: Shape
    level: int


class CountryMap:
    """What the table of countries counts, drawn; what has no place on the map, such as a former state, is listed."""

    def __init__(self, statistics: Statistics) -> None:
        self.rows = statistics.countries.rows

    @property
    def world(self) -> World:
        return world()

    @cached_property
    def places(self) -> list[Place]:
        """The countries with agreements, the most frequent last, so that their dots lie on top."""
        shapes, level = self.world.shapes, levels(row.count for row in self.rows)
        placed = [row for row in self.rows if row.code in shapes]
        return [Place(row, shapes[row.code], level(row.count)) for row in reversed(placed)]

    @property
    def empty(self) -> list[str]:
        """The outlines of all other places."""
        taking_part = {row.code for row in self.rows}
        shapes = self.world.shapes.items()
        return [*(s.path for code, s in shapes if code not in taking_part), *self.world.others]

    @property
    def elsewhere(self) -> list[Row]:
        return [row for row in self.rows if row.code not in self.world.shapes]
