"""What a profile can say about a file: its columns, and how each becomes a value of the register.

The classes have the entries of a TOML file as their fields; `profile_reading` reads and checks them, and `foreign`
applies them. docs/importing.md explains every entry.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import cached_property
from itertools import islice
from typing import NamedTuple

from django.utils.translation import gettext as _

from agreements.domain.choices import Basis, PartyKind, Role
from agreements.domain.facts import ENTERED, FORMER
from agreements.exchange.exporting.rows import SEPARATOR
from agreements.exchange.importing.patterns import filled_in
from agreements.exchange.importing.refusals import ProfileError
from agreements.exchange.importing.values import parted, plain

# What may stand around a word without being a part of it.
_SIGNS = ".,:;()[]“”\"'‘’"
TAKES = ("first", "earliest", "latest")
# what comes first in a date in digits
DAY_FIRST, MONTH_FIRST = "day-first", "month-first"
ORDERS = (DAY_FIRST, MONTH_FIRST)
UNITS = ("years", "months", "weeks", "days")
# Entries under [fields] that are no facts: facts follow from them.
DURATION, STATUS = "duration", "status"


class Reading(NamedTuple):
    """What an entry reads from a row: a text, and the column it comes from, if any.

    `is_assumed` if the row does not say it: the entry's `otherwise` stands for a text `unknown` to the profile, or for none.
    """

    text: str = ""
    column: str = ""
    is_assumed: bool = False
    unknown: str = ""


@dataclass(frozen=True)
class Cell:
    """Where a value comes from, and how it is made from the text there.

    `columns` are tried in order and the first whose text means something counts; `always` is a value that no column
    gives, and `before` is put in front of one that a column gives.
    """

    columns: tuple[str, ...] = ()
    always: str = ""
    before: str = ""
    otherwise: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    beginning: Mapping[str, str] = field(default_factory=dict)
    # the words that say what a title names, wherever they stand before one of `naming_until`: the last of them counts
    naming: Mapping[str, str] = field(default_factory=dict)
    naming_until: tuple[str, ...] = ()
    replace: Mapping[str, str] = field(default_factory=dict)
    separators: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    take: str = "first"
    # every filled column after its heading, each on a line of its own
    labelled: bool = False
    # a text made of several columns, as `patterns` says
    pattern: str = ""
    # of a length in digits alone
    unit: str = ""
    # of a date: the field that gets the end if the cell holds a period, what comes first, and the last year that two
    # digits can mean
    until: str = ""
    order: str = ""
    two_digit_years: int = 0

    def __bool__(self) -> bool:
        return bool(self.columns or self.always)

    @property
    def heading(self) -> str:
        return " / ".join(self.columns)

    def text(self, cells: Mapping[str, object]) -> str:
        """Return the text that this entry reads from a row, empty if there is none."""
        return self.read(cells).text

    def read(self, cells: Mapping[str, object]) -> Reading:
        """Return what this entry reads from a row: of its columns, the first whose text means something counts."""
        if self.is_composed:
            return self.composed(self.filled(cells))
        for name in self.columns:
            written = self._written(cells, name)
            if not written:
                continue
            meant = self._meant(written)
            if not meant and self.otherwise and not self._is_known(written):
                return Reading(self.otherwise, name, is_assumed=True, unknown=written)
            if meant and self.separators:
                meant = SEPARATOR.join(parted(meant, self.separators))
            if meant:
                return Reading(f"{self.before}{meant}", name)
        return Reading(self.always or self.otherwise, is_assumed=not self.always)

    @property
    def is_composed(self) -> bool:
        """Whether it makes one text of several columns."""
        return bool(self.labelled or self.pattern)

    def filled(self, cells: Mapping[str, object]) -> dict[str, str]:
        """Return the text of each of its columns that is filled in."""
        texts = {name: self._written(cells, name) for name in self.columns}
        meant = {name: self._meant(text) for name, text in texts.items() if text}
        return {name: text for name, text in meant.items() if text}

    def composed(self, texts: Mapping[str, str]) -> Reading:
        """Return the text made of those of its columns."""
        if self.pattern:
            made = filled_in(self.pattern, texts)
        else:
            made = "\n".join(f"{name}: {text}" for name, text in texts.items())
        if not made:
            return Reading(self.always or self.otherwise, is_assumed=not self.always)
        return Reading(f"{self.before}{made}", self.heading, is_assumed=bool(self.pattern))

    def parts(self, cells: Mapping[str, object]) -> list[str]:
        """Return the parts of the text as the row has them, each once."""
        written = (self._written(cells, name) for name in self.columns)
        return parted(next(filter(None, written), self.always), self.separators)

    def _written(self, cells: Mapping[str, object], column: str) -> str:
        found = plain(cells.get(column))
        for old, new in self.replace.items():
            found = found.replace(old, new)
        return found

    def _is_known(self, text: str) -> bool:
        """Whether the profile says what this text means, be it nothing."""
        return text.casefold() in self.values or self._implied(text) is not None

    def _implied(self, text: str) -> str | None:
        """Return what the text means by how it begins or, if that says nothing, by what it names."""
        begun = self._begun(text)
        return self._named(text) if begun is None else begun

    def _named(self, text: str) -> str | None:
        if not self.naming:
            return None
        words = [word.strip(_SIGNS) for word in text.casefold().split()]
        until = next((n for n, word in enumerate(words) if word in self.naming_until), len(words))
        told = f" {' '.join(words[:until])} "
        places = [(told.rfind(f" {name} "), len(name), code) for name, code in self.naming.items()]
        last = max(places, default=(-1, 0, ""))
        return last[2] if last[0] >= 0 else None

    def _begun(self, text: str) -> str | None:
        # the text may end where a beginning has its blank
        wanted = " ".join(text.casefold().split()) + " "
        begun = (value for start, value in self.beginning.items() if wanted.startswith(start))
        return next(begun, None)

    def _meant(self, text: str) -> str:
        """Return the value that the profile gives this text; without one, the text, or nothing if there is `otherwise`."""
        if not (self.values or self.beginning or self.naming):
            return text
        value = self.values.get(text.casefold(), self._implied(text))
        return value if value is not None else "" if self.otherwise else text


@dataclass(frozen=True)
class FileRules:
    """Where in a file the table stands, and the encoding of a text file; what is empty is found out.

    `sheets` are the names of the sheets to read, or "*" for all; `head` is the number of the row with the headings.
    """

    sheets: tuple[str, ...] = ()
    head: int = 0
    encoding: str = ""


@dataclass(frozen=True)
class RowRules:
    """Which rows count, and how they are grouped into agreements."""

    filled: tuple[str, ...] = ()
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    group_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Identifier(Cell):
    """What the other register calls an agreement."""

    scheme: str = ""


@dataclass(frozen=True)
class DateRules:
    """How the file writes dates: its formats for `strptime`; without any, dates are read as staff type them.

    `order` says what comes first in a date in digits, and `two_digit_years` which is the last year that two digits can
    mean. Without these, the import asks.
    """

    formats: tuple[str, ...] = ()
    order: str = ""
    two_digit_years: int = 0


@dataclass(frozen=True)
class PartyRules(Cell):
    """How a row names parties, and what to do with those the register does not know.

    `kind` is that of new parties; an empty one is what the name suggests. `like` is a pattern for headings, as in a
    shell: every column that matches names a party.
    """

    role: str = Role.PARTY.value
    known: Mapping[str, str] = field(default_factory=dict)
    kind: str = PartyKind.OTHER.value
    country: Cell = Cell()
    tidy_capitals: bool = False
    like: str = ""

    def __bool__(self) -> bool:
        return bool(self.like) or super().__bool__()

    @property
    def heading(self) -> str:
        return self.like or super().heading

    def resolved(self, headings: Iterable[str], taken: Iterable[str]) -> "PartyRules":
        """Return the rules with the columns that are `like` these; columns that other entries read are left out."""
        if not self.like:
            return self
        wanted, others = self.like.casefold(), set(taken)
        there = (name for name in headings if fnmatchcase(name.casefold(), wanted))
        return replace(self, columns=tuple(name for name in there if name and name not in others))

    def parts(self, cells: Mapping[str, object]) -> list[str]:
        """Return the names, as the profile's `values` give them: one mapped to "" is no name."""
        written = filter(None, (self._written(cells, name) for name in self.columns))
        # without `like`, the first column that is filled in counts
        counted = written if self.like else islice(written, 1)
        texts = [f"{self.before}{text}" for each in counted if (text := self._named(each))]
        names: dict[str, None] = {}
        for text in texts or [self.always or self.otherwise]:
            parts = parted(text, self.separators, cuts_brackets=False)
            names |= dict.fromkeys(filter(None, map(self._named, parts)))
        return list(names)

    def countries(self, cells: Mapping[str, object], count: int) -> list[str]:
        """Return the text that says the country of each of `count` parties, if any does.

        As many countries as parties belong to one each; a single one belongs to all of them.
        """
        text = self.country.text(cells)
        if not text:
            return [""] * count
        each = [part.strip() for part in _cut(text, self.country.separators or self.separators)]
        return each if len(each) == count else [text] * count

    def _named(self, text: str) -> str:
        return self.values.get(text.casefold(), text)


@dataclass(frozen=True)
class EventRules:
    """An event that each row reports if its date is filled in."""

    kind: Cell = Cell()
    date: Cell = Cell()
    party: Cell = Cell()
    place: Cell = Cell()
    note: Cell = Cell()


@dataclass(frozen=True)
class SourceRules:
    """The source of a row's statements."""

    publisher: Cell = Cell()
    title: Cell = Cell()
    url: Cell = Cell()
    where: Cell = Cell()
    basis: str = Basis.STATED.value
    language: str = ""
    inferred: tuple[str, ...] = ()


@dataclass(frozen=True)
class Profile:
    """What a file's columns mean; `name` is the name of its TOML file."""

    name: str
    title: str = ""
    about: str = ""
    recognised_by: tuple[str, ...] = ()
    # the name under which rows without an identifier are remembered, if it is not that of the profile
    remembered_as: str = ""
    file: FileRules = FileRules()
    rows: RowRules = RowRules()
    identifier: Identifier = Identifier()
    identifiers: tuple[Identifier, ...] = ()
    dates: DateRules = DateRules()
    fields: Mapping[str, Cell] = field(default_factory=dict)
    parties: tuple[PartyRules, ...] = ()
    areas: Cell = Cell()
    events: tuple[EventRules, ...] = ()
    source: SourceRules = SourceRules()

    @cached_property
    def facts(self) -> dict[str, Cell]:
        """The entries of the facts, without those from which facts follow."""
        return {n: cell for n, cell in self.fields.items() if n in ENTERED or n in FORMER}

    @property
    def duration(self) -> Cell:
        """What says in words how long the agreement lasts: its term, the kind of term and the renewal."""
        return self.fields.get(DURATION, Cell())

    @property
    def status(self) -> Cell:
        """What says the status, which the register computes: the stage follows from it."""
        return self.fields.get(STATUS, Cell())

    @property
    def party_rules(self) -> PartyRules:
        """What holds for all parties: the spellings of every table, and the kind of new ones if all say the same."""
        kinds = {each.kind for each in self.parties}
        known = {name: meant for each in self.parties for name, meant in each.known.items()}
        tidies = bool(self.parties) and all(each.tidy_capitals for each in self.parties)
        kind = kinds.pop() if len(kinds) == 1 else PartyKind.OTHER.value
        return PartyRules(kind=kind, known=known, tidy_capitals=tidies)

    def resolved(self, headings: Iterable[str]) -> "Profile":
        """Return the profile for a file with these headings, to which its patterns for columns apply."""
        there, taken = list(headings), self.columns
        return replace(self, parties=tuple(one.resolved(there, taken) for one in self.parties))

    @property
    def columns(self) -> list[str]:
        """Every column it reads, in the order in which the profile names them."""
        cells = [self.identifier, *self.fields.values(), *self.parties, self.areas]
        cells += [each.country for each in self.parties]
        cells += [
            cell
            for each in (*self.events, self.source)
            for cell in vars(each).values()
            if isinstance(cell, Cell)
        ]
        cells += self.identifiers
        named = (name for cell in cells for name in cell.columns)
        return list(
            dict.fromkeys([*self.rows.filled, *self.rows.only, *self.rows.group_by, *named])
        )

    def check_headings(self, headings: Iterable[str]) -> None:
        """Raise `ProfileError` if the file lacks a column that the profile reads."""
        headings = list(headings)
        there = set(headings)
        missing = [name for name in self.columns if name not in there]
        if missing:
            sentence = _(
                "The file lacks the column “%(missing)s”, which the profile %(profile)s reads. Its "
                "columns are: %(there)s."
            )
            names = {"missing": "”, “".join(missing), "profile": self.name}
            raise ProfileError(sentence % {**names, "there": ", ".join(headings)})
        for rules in self.resolved(headings).parties:
            if rules.like and not rules.columns:
                sentence = _(
                    "No column of the file is like “%(pattern)s”, which the profile %(profile)s reads for the parties. "
                    "Its columns are: %(there)s."
                )
                said = {"pattern": rules.like, "profile": self.name, "there": ", ".join(headings)}
                raise ProfileError(sentence % said)


def _cut(text: str, separators: tuple[str, ...]) -> Iterator[str]:
    """Yield the parts of a text, with repeated ones: each may belong to another party."""
    for separator in separators:
        text = text.replace(separator, SEPARATOR)
    yield from text.split(SEPARATOR.strip())
