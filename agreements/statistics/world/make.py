"""Makes `shapes.json` from Natural Earth's countries: `python -m agreements.statistics.world.make countries-50m.json`.

The input is the TopoJSON file of that name from the npm package world-atlas 2.0.2, which holds version 4.1 of Natural
Earth's map at 1:50,000,000; Natural Earth is in the public domain. Coordinates become those of the Equal Earth projection
in a picture `WIDTH` wide, rounded to whole units, so that the file stays small.
"""

import json
import sys
from collections.abc import Iterator
from math import asin, cos, radians, sin, sqrt
from pathlib import Path
from typing import Any

from django_countries import countries

WIDTH = 1600
# Antarctica takes part in nothing.
LEFT_OUT = {"010"}
# Smaller parts are dropped, in square units, unless they are all there is of a country.
SMALLEST = 4.0
# Countries narrower and lower than this are marked with a dot too, because they are too small to be hit.
SMALL = 12
WITHOUT_NUMBER = {"Kosovo": "XK"}

Place = tuple[float, float]
Point = tuple[int, int]
Ring = list[Point]


def equal_earth(longitude: float, latitude: float) -> tuple[float, float]:
    """Project degrees as Šavrič, Patterson and Jenny describe it (2018); x lies between -2.71 and 2.71."""
    a1, a2, a3, a4 = 1.340264, -0.081106, 0.000893, 0.003796
    angle = asin(sqrt(3) / 2 * sin(radians(latitude)))
    squared = angle * angle
    sixth = squared**3
    x = (
        2 * sqrt(3) * radians(longitude) * cos(angle)
        / (3 * (9 * a4 * sixth * squared + 7 * a3 * sixth + 3 * a2 * squared + a1))
    )  # fmt: skip
    return x, angle * (a1 + a2 * squared + sixth * (a3 + a4 * squared))


def arcs_of(topology: dict[str, Any]) -> list[list[Place]]:
    """Return the arcs, which are stored as differences, as longitudes and latitudes."""
    (scale_x, scale_y), (left, bottom) = (topology["transform"][k] for k in ("scale", "translate"))
    arcs = []
    for stored in topology["arcs"]:
        x = y = 0
        places: list[Place] = []
        for step_x, step_y in stored:
            x, y = x + step_x, y + step_y
            places.append((x * scale_x + left, y * scale_y + bottom))
        arcs.append(places)
    return arcs


def rings_of(geometry: dict[str, Any], arcs: list[list[Place]]) -> Iterator[Ring]:
    polygons = [geometry["arcs"]] if geometry["type"] == "Polygon" else geometry["arcs"]
    for polygon in polygons:
        for numbers in polygon:
            ring: list[Place] = []
            for number in numbers:
                # a negative number is that arc backwards, counted from -1
                places = arcs[number] if number >= 0 else arcs[~number][::-1]
                ring += places[1:] if ring else places
            for part in parts_of(ring):
                yield drawn(part)


def parts_of(ring: list[Place]) -> list[list[Place]]:
    """Cut a ring at the 180th meridian, if it crosses it, so that no part reaches from one edge to the other."""
    turned, turns = [], 0
    for place, before in zip(ring, [ring[0], *ring], strict=False):
        step = place[0] - before[0]
        turns += (step < -180) - (step > 180)
        turned.append((place[0] + 360 * turns, place[1]))
    if all(-180 <= longitude <= 180 for longitude, _latitude in turned):
        return [ring]
    edges = (180, -180) if max(turned)[0] > 180 else (-180, 180)
    inside, beyond = (cut(turned, edges[0], side) for side in (edges[0] < 0, edges[0] > 0))
    moved = [(longitude + edges[1] * 2, latitude) for longitude, latitude in beyond]
    return [part for part in (inside, moved) if part]


def cut(ring: list[Place], at: float, is_above: bool) -> list[Place]:
    """Return the part of a ring on one side of a meridian (Sutherland and Hodgman's way)."""

    def holds(place: Place) -> bool:
        return place[0] >= at if is_above else place[0] <= at

    kept: list[Place] = []
    for place, following in zip(ring, [*ring[1:], ring[0]], strict=True):
        if holds(place):
            kept.append(place)
        if holds(place) != holds(following):
            share = (at - place[0]) / (following[0] - place[0])
            kept.append((at, place[1] + share * (following[1] - place[1])))
    return kept


def drawn(part: list[Place]) -> Ring:
    """Return a ring as points of the picture, each once in a row."""
    half = equal_earth(180, 0)[0]
    unit, top = WIDTH / (2 * half), equal_earth(0, 84)[1]
    ring: Ring = []
    for longitude, latitude in part:
        across, up = equal_earth(longitude, latitude)
        point = (round((across + half) * unit), round((top - up) * unit))
        if ring[-1:] != [point]:
            ring.append(point)
    return ring[:-1] if len(ring) > 1 and ring[0] == ring[-1] else ring


def area(ring: Ring) -> float:
    turned = zip(ring, [*ring[1:], *ring[:1]], strict=True)
    return abs(sum(x * v - u * y for (x, y), (u, v) in turned)) / 2


def path_of(rings: list[Ring]) -> str:
    """Write rings as an SVG path, in relative steps."""
    written = []
    for ring in rings:
        (x, y), *others = ring
        steps = [f"M{x} {y}"]
        for u, v in others:
            steps.append(f"l{u - x} {v - y}")
            x, y = u, v
        written.append("".join(steps) + "z")
    return "".join(written)


def shape_of(rings: list[Ring]) -> dict[str, Any]:
    """Return the path of a country and, if it is small, the place of its dot."""
    largest = max(rings, key=area)
    kept = [ring for ring in rings if ring is largest or area(ring) >= SMALLEST]
    xs, ys = zip(*largest, strict=True)
    shape: dict[str, Any] = {"path": path_of(kept)}
    if max(xs) - min(xs) < SMALL and max(ys) - min(ys) < SMALL:
        shape["dot"] = [(max(xs) + min(xs)) // 2, (max(ys) + min(ys)) // 2]
    return shape


def made(topology: dict[str, Any]) -> dict[str, Any]:
    codes = {f"{countries.numeric(code, padded=True)}": code for code, _name in countries}
    arcs = arcs_of(topology)
    shapes: dict[str, Any] = {}
    others = []
    for geometry in topology["objects"]["countries"]["geometries"]:
        if geometry.get("id") in LEFT_OUT or "arcs" not in geometry:
            continue
        name = geometry["properties"]["name"]
        code = codes.get(geometry.get("id"), "") or WITHOUT_NUMBER.get(name, "")
        shape = shape_of([ring for ring in rings_of(geometry, arcs) if ring])
        if code and code not in shapes:
            shapes[code] = shape
        else:
            others.append(shape["path"])
    _x, bottom = equal_earth(0, -58)
    height = round((equal_earth(0, 84)[1] - bottom) * WIDTH / (2 * equal_earth(180, 0)[0]))
    return {"width": WIDTH, "height": height, "countries": shapes, "others": others}


if __name__ == "__main__":
    topology = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    text = json.dumps(made(topology), separators=(",", ":"), sort_keys=True)
    Path(__file__).with_name("shapes.json").write_text(text + "\n", encoding="utf-8")
