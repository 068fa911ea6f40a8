"""The outlines of countries in one picture of the world, from Natural Earth; `make` says how they were made."""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Shape:
    """A country's outline as an SVG path; one that is too small to be hit also has the place of a dot."""

    path: str
    dot: tuple[int, int] | None = None


@dataclass(frozen=True)
class World:
    """The shapes by country code, and the outlines of places without a code, in a picture of this size."""

    width: int
    height: int
    shapes: dict[str, Shape]
    others: list[str]


@cache
def world() -> World:
    stored = json.loads((files(__package__) / "shapes.json").read_text(encoding="utf-8"))
    shapes = {
        code: Shape(each["path"], tuple(each["dot"]) if "dot" in each else None)
        for code, each in stored["countries"].items()
    }
    return World(stored["width"], stored["height"], shapes, stored["others"])
