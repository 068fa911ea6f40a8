"""What a brief says, in the words of one language: plain data, which a page and a Word file only lay out.

The names of these fields are those that an operator's own Word template uses; docs/operating.md lists them.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """A key figure and what it counts."""

    number: str
    label: str


@dataclass(frozen=True)
class Point:
    """One thing to know about an agreement, such as when it ends."""

    subject: str
    ref: str
    url: str
    words: str


@dataclass(frozen=True)
class Points:
    """Points of one kind; `rest` says how many more there are, empty if none."""

    heading: str
    points: tuple[Point, ...]
    rest: str


@dataclass(frozen=True)
class Line:
    """One agreement of the list. `group` is empty where it is that of the line above."""

    group: str
    subject: str
    summary: str
    ref: str
    url: str
    signed: str
    ends: str
    status: str
    status_code: str


@dataclass(frozen=True)
class Signing:
    """Who signed one agreement, and when."""

    subject: str
    ref: str
    url: str
    signed: str
    people: str


@dataclass(frozen=True)
class Promise:
    """An open commitment; `late` is empty unless it is overdue."""

    text: str
    ref: str
    words: str
    late: str


@dataclass(frozen=True)
class Promises:
    """The open commitments of one side; `rest` says how many more there are, empty if none."""

    heading: str
    promises: tuple[Promise, ...]
    rest: str


@dataclass(frozen=True)
class Brief:
    """The whole brief. Only staff get `commitments`, and `internal` then says so; for others both are empty."""

    language: str
    title: str
    subtitle: str
    day: str
    as_of: str
    internal: str
    figures: tuple[Figure, ...]
    points: tuple[Points, ...]
    events: tuple[Point, ...]
    lines: tuple[Line, ...]
    notes: tuple[str, ...]
    signings: tuple[Signing, ...]
    commitments: tuple[Promises, ...]
    sources: str
    url: str
    headings: dict[str, str]
    is_long: bool
