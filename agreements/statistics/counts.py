"""The statistics of a selection: by year, status, kind, area and country, and how long signing took.

Every count covers only agreements of the selection, and links to them if a query string can select them. A second value
of a parameter is asked for together with the first; where that would change what others mean, there is no link. The
statistics page and its CSV files show the same tables.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from statistics import median_low
from typing import Any, NamedTuple, Protocol

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django_countries import countries

from agreements.counting.column_store import Years
from agreements.domain.choices import Kind, Status
from agreements.models import Agreement, Area, Party, as_tree
from agreements.selection.declarations import PERIODS, SIGNED
from agreements.selection.fields import divided
from agreements.selection.reading import changed
from agreements.selection.selection import Selection
from agreements.statistics.charts import Bar, bars_of
from agreements.statistics.stock import Stock
from agreements.statistics.time_bars import MOST_LINES, TimeBars

WIDEST_HEAT_TABLE = 12
HEAT_LEVELS = 6
LONGEST_TABLE = 20
FIRST_ROWS = 15
MOST_PARTNERS = 10


# Classes of lengths of time: the first day of each, its code in files and its label.
WAITS = (
    (0, "P0D", _lazy("On the same day")),
    (1, "P1D", _lazy("Within 30 days")),
    (31, "P31D", _lazy("31 days to half a year")),
    (183, "P183D", _lazy("Half a year to a year")),
    (366, "P1Y", _lazy("1 to 2 years")),
    (731, "P2Y", _lazy("2 to 5 years")),
    (1827, "P5Y", _lazy("More than 5 years")),
)
LIFETIMES = (
    (0, "P0D", _lazy("Up to a year")),
    (367, "P1Y", _lazy("1 to 3 years")),
    (1097, "P3Y", _lazy("3 to 5 years")),
    (1828, "P5Y", _lazy("5 to 10 years")),
    (3654, "P10Y", _lazy("10 to 20 years")),
    (7306, "P20Y", _lazy("20 to 50 years")),
    (18264, "P50Y", _lazy("More than 50 years")),
)


@dataclass(frozen=True)
class Row:
    """One row of a table. `share` is its bar's length in per cent of the longest bar; `query` selects what it counts."""

    code: str
    label: str
    count: int
    share: str
    query: str | None
    depth: int = 0


@dataclass(frozen=True)
class Table:
    """Counts under a heading. `name` identifies the table in URLs; `note` explains the counts to readers."""

    name: str
    heading: str
    first_column: str
    rows: list[Row]
    note: str = ""

    @property
    def first_rows(self) -> list[Row]:
        """What a page shows at first: all rows, or the first ones of a long table."""
        return self.rows if len(self.rows) <= LONGEST_TABLE else self.rows[:FIRST_ROWS]

    @property
    def further_rows(self) -> list[Row]:
        return self.rows[len(self.first_rows) :]

    # As a file

    @property
    def header(self) -> list[str]:
        return ["code", "label", "agreements"]

    @property
    def lines(self) -> Iterator[list[str | int]]:
        for row in self.rows:
            yield [row.code, row.label, row.count]


@dataclass(frozen=True)
class Cell:
    count: int
    level: int
    query: str | None


@dataclass(frozen=True)
class HeatTable:
    """Areas or countries as rows, countries as columns; a cell counts the agreements that have both.

    `levels` shades the cells by rank, so that one large count does not make all others look alike. A cell of a country
    with itself is None.
    """

    name: str
    heading: str
    caption: str
    region: str
    first_column: str
    countries: list[tuple[str, str]]
    rows: list[tuple[str, str, list[Cell | None]]]
    left_out: int = 0


class LongTable(NamedTuple):
    """A table that is only a file: its header and its lines, which are counted as they are read."""

    header: list[str]
    lines: Iterator[list[str | int]]


class AsFile(Protocol):
    """What can be downloaded as CSV."""

    @property
    def header(self) -> list[str]: ...

    @property
    def lines(self) -> Iterator[list[str | int]]: ...


@dataclass
class Statistics:
    """All tables of one selection; each is counted on first use."""

    selection: Selection

    # By year

    @cached_property
    def stock(self) -> Stock:
        return Stock(self.selection)

    @cached_property
    def signatures(self) -> Years:
        return self.selection.counts.years_of_signature()

    @property
    def in_one_year(self) -> int:
        return self.signatures.one.total()

    @property
    def in_several_years(self) -> int:
        return self.signatures.several.total()

    @cached_property
    def year_bars(self) -> list[tuple[Bar, str | None]]:
        """The bars by year, each with the query string of what it counts."""
        return [
            (bar, self._years_query(bar.first_year, bar.last_year) if bar.count else None)
            for bar in bars_of(self.signatures.one)
        ]

    @cached_property
    def years(self) -> Table:
        found = self.signatures
        counted = [
            (str(year), str(year), n, self._years_query(year, year))
            for year, n in sorted(found.one.items())
        ]
        counted += [
            ("several", _("Several years possible"), self.in_several_years, None),
            ("unknown", _("Date of signature unknown"), found.undated, None),
            ("unsigned", _("Not signed"), found.unsigned, None),
        ]
        return Table("years", _("By year of signature"), _("Year"), _rows(counted))

    def _years_query(self, first: int, last: int) -> str | None:
        """Return the query for the agreements certainly signed in these years and in the selection's own period.

        The link adds `certainty=certain`. Unless the selection already has it, return None if it would change the
        meaning of other filters by date, or if the selection's own period begins or ends within these years.
        """
        asked = self.selection.form.cleaned_data
        is_certain = asked["certainty"] == "certain"
        others = (name for period in PERIODS if period is not SIGNED for name in period.parameters)
        if not is_certain and any(asked[name] for name in others):
            return None
        start, end = asked["signed_from"], asked["signed_to"]
        first_day, last_day = date(first, 1, 1), date(last, 12, 31)
        since = max(first_day, start.earliest) if start else first_day
        until = min(last_day, end.latest) if end else last_day
        if (since, until) == (first_day, last_day):
            days = {"signed_from": str(first), "signed_to": str(last)}
        elif is_certain:
            days = {"signed_from": since.isoformat(), "signed_to": until.isoformat()}
        else:
            return None
        return self.selection.query_with(**days, certainty="certain")

    # By what an agreement is

    @cached_property
    def statuses(self) -> Table:
        rows = self._of_codes("status", Status, self.selection.counts.by_status())
        return Table("statuses", _("By status"), _("Status"), rows)

    @cached_property
    def kinds(self) -> Table:
        rows = self._of_codes("kind", Kind, self.selection.counts.by_column("kind"))
        return Table("kinds", _("By kind of instrument"), _("Kind"), rows)

    def _of_codes(
        self, parameter: str, codes: type[Kind] | type[Status], counted: Counter[str]
    ) -> list[Row]:
        query = self.selection.query_with
        return _rows(
            (code.value, str(code.label), counted[code.value], query(**{parameter: code.value}))
            for code in codes
            if counted[code.value]
        )

    # By subject and participants

    @cached_property
    def areas(self) -> Table:
        counted = self.selection.counts.by_area()
        rows = [
            (area.slug, area.name, counted[area.pk], self._further("area", area.slug), depth)
            for area, depth in as_tree(self._all_areas)
            if counted[area.pk]
        ]
        rows.append(("", _("Unknown"), self.selection.counts.without_area(), None, 0))
        note = _("An agreement counts once in each of its areas, and once in each area above them.")
        return Table("areas", _("By cooperation area"), _("Area"), _rows(rows), note)

    @cached_property
    def countries(self) -> Table:
        counted = self.selection.counts.by_country()
        names = dict(countries)
        rows = [
            (code, str(names.get(code, code)), n, self._further("country", code))
            for code, n in sorted(counted.items(), key=lambda item: (-item[1], item[0]))
        ]
        note = _("An agreement counts once for each country that takes part.")
        return Table("countries", _("By country"), _("Country"), _rows(rows), note)

    @cached_property
    def heat(self) -> HeatTable:
        """The top-level areas by the countries with the most agreements."""
        count = self.selection.counts.by_area_and_country()
        by_country = {code: count(code) for code, _label in self._most_countries}
        areas = [
            area
            for area in self._all_areas
            if area.parent_id is None and any(n[area.pk] for n in by_country.values())
        ]
        level = levels(n[area.pk] for n in by_country.values() for area in areas)
        rows: list[tuple[str, str, list[Cell | None]]] = [
            (
                area.slug,
                area.name,
                [
                    self._cell({"area": area.slug, "country": code}, n[area.pk], level)
                    for code, n in by_country.items()
                ],
            )
            for area in areas
        ]
        return HeatTable(
            "areas-countries",
            _("Areas and countries"),
            _("%(words)s, by cooperation area and country") % {"words": self.selection.words},
            _("Table of areas and countries, scrolls horizontally"),
            _("Area"),
            self._most_countries,
            rows,
            left_out=len(self.countries.rows) - len(self._most_countries),
        )

    @cached_property
    def pairs(self) -> HeatTable:
        """The countries with the most agreements by each other; empty unless two of them have one in common."""
        codes = [code for code, _label in self._most_countries]
        counted = self.selection.counts.by_pair(codes)
        level = levels(n for a, row in enumerate(counted) for b, n in enumerate(row) if a != b)
        rows = [
            (
                code,
                label,
                [
                    None if other == code else self._pair(code, other, n, level)
                    for other, n in zip(codes, row, strict=True)
                ],
            )
            for (code, label), row in zip(self._most_countries, counted, strict=True)
        ]
        has_any = any(cell and cell.count for _code, _label, cells in rows for cell in cells)
        return HeatTable(
            "country-pairs",
            _("Countries together"),
            _("%(words)s, by pairs of countries") % {"words": self.selection.words},
            _("Table of pairs of countries, scrolls horizontally"),
            _("Country"),
            self._most_countries,
            rows if has_any else [],
            left_out=len(self.countries.rows) - len(self._most_countries),
        )

    @property
    def _most_countries(self) -> list[tuple[str, str]]:
        return [(row.code, row.label) for row in self.countries.rows[:WIDEST_HEAT_TABLE]]

    def _cell(self, values: dict[str, str], count: int, level: Callable[[int], int]) -> Cell:
        return Cell(count, level(count), self._with_further(values) if count else None)

    def _pair(self, code: str, other: str, count: int, level: Callable[[int], int]) -> Cell:
        """Return the cell of two countries; its link asks for both, unless the selection asks for countries already."""
        query = None
        if count and not self.selection.form.cleaned_data["country"]:
            query = self._with_all("country", [code, other])
        return Cell(count, level(count), query)

    def _pairs_as_lines(self) -> Iterator[list[str | int]]:
        codes = [row.code for row in self.countries.rows]
        counted = self.selection.counts.by_pair(codes)
        for place, code in enumerate(codes):
            for other, n in zip(codes[place + 1 :], counted[place][place + 1 :], strict=True):
                if n:
                    yield [code, other, n]

    def _areas_and_countries_as_lines(self) -> Iterator[list[str | int]]:
        count = self.selection.counts.by_area_and_country()
        for row in self.countries.rows:
            counted = count(row.code)
            for area in self._all_areas:
                if n := counted[area.pk]:
                    yield [area.slug, row.code, n]

    @cached_property
    def _all_areas(self) -> list[Area]:
        return list(Area.objects.all())

    # How long signing took

    @cached_property
    def days_to_sign(self) -> list[int]:
        """The days from the first recorded talks to signature, where both are known to the day."""
        return self.selection.counts.days_to_sign()

    @property
    def median_days_to_sign(self) -> int | None:
        return median_low(self.days_to_sign) if self.days_to_sign else None

    @cached_property
    def to_entry_into_force(self) -> Table:
        """How long after its signature each entered into force."""
        return _by_length(
            "to-entry-into-force",
            _("From signature to entry into force"),
            self.selection.counts.days_between("signed", "in_force"),
            WAITS,
        )

    @cached_property
    def lifetimes(self) -> Table:
        """How long after its entry into force each ended, or is to end."""
        return _by_length(
            "lifetimes",
            _("From entry into force to the end"),
            self.selection.counts.days_between("in_force", "ends"),
            LIFETIMES,
        )

    # With whom, and from when to when

    def partners(self, party: Party | None = None) -> list[tuple[Party, int, str | None]]:
        """Return the most frequent parties, each with the number of its and its bodies' agreements, and their query.

        With `party`, return its partners: the party itself and all bodies above or below it are left out. Two queries,
        three with `party`.
        """
        own: set[int] = set()
        if party:
            own.update(above.pk for above in party.ancestors())
            own.update(Party.objects.at_or_below([party.slug]).values_list("pk", flat=True))
        counted = [item for item in self.selection.counts.by_party().items() if item[0] not in own]
        most = sorted(counted, key=lambda item: (-item[1], item[0]))[:MOST_PARTNERS]
        rows = Party.objects.in_bulk([key for key, _n in most])
        # a party may have been deleted since it was counted, or not have reached a replica yet
        return [
            (rows[key], n, self._further("party", rows[key].slug)) for key, n in most if key in rows
        ]

    @property
    def are_many(self) -> bool:
        """Whether there are too many agreements to draw a line for each."""
        return self.selection.count > MOST_LINES

    @cached_property
    def time_bars(self) -> TimeBars:
        """The newest agreements from start to end; two queries."""
        newest = self.selection.counts.page(0, MOST_LINES, "-signed").keys
        rows = Agreement.objects.filter(pk__in=newest).in_order("-signed")
        asked = self.selection
        return TimeBars.drawn(rows.prefetch_related("periods"), asked.as_of, asked.today)

    @cached_property
    def first_signed(self) -> Agreement | None:
        soonest = self.selection.counts.soonest("signed_earliest", 1)
        return self._dated(soonest).order_by("signed_earliest", "signed_latest", "ref").first()

    @cached_property
    def last_signed(self) -> Agreement | None:
        newest = self.selection.counts.page(0, 1, "-signed").keys
        return self._dated(newest).order_by("-signed_earliest", "-signed_latest", "ref").first()

    def _dated(self, keys: list[int]) -> QuerySet[Agreement]:
        return Agreement.objects.filter(pk__in=keys, signed_earliest__isnull=False)

    # Links from the counts to their selections

    def _further(self, parameter: str, value: str) -> str | None:
        return self._with_further({parameter: value})

    def _with_further(self, values: dict[str, str]) -> str | None:
        """Return the query for what of the selection also has these values; None if no query can say so."""
        query: QueryDict | None = self.selection.canonical.copy()
        for parameter, value in values.items():
            query = None if query is None else self._also(query, parameter, value)
        return None if query is None else changed(query, {})

    def _also(self, query: QueryDict, parameter: str, value: str) -> QueryDict | None:
        """Add a value, of which an agreement may have several: a second one must not mean "or"."""
        asked = self.selection.form.cleaned_data
        given, left_out = divided(asked[parameter])
        if left_out:
            return None
        if given not in ([], [value]):
            is_all = len(given) == 1 or asked[f"{parameter}_match"] == "all"
            if not is_all or asked["no_other_parties"]:
                return None
            query[f"{parameter}_match"] = "all"
        query.setlist(parameter, sorted({*given, value}))
        return query

    def _with_all(self, parameter: str, values: list[str]) -> str | None:
        """Return the query for what of the selection has all of these values; None if no query can say so."""
        if self.selection.form.cleaned_data["no_other_parties"]:
            return None
        query = self.selection.canonical.copy()
        query[f"{parameter}_match"] = "all"
        query.setlist(parameter, values)
        return changed(query, {})

    @property
    def tables(self) -> dict[str, Table]:
        """The tables that the page draws with bars, by name."""
        tables = (
            self.years,
            self.statuses,
            self.kinds,
            self.areas,
            self.countries,
            self.to_entry_into_force,
            self.lifetimes,
        )
        return {table.name: table for table in tables}

    def file(self, name: str) -> AsFile | None:
        """Return what can be downloaded as CSV under this name; None if nothing can."""
        match name:
            case self.stock.name:
                return self.stock
            case "areas-countries":
                lines = self._areas_and_countries_as_lines()
                return LongTable(["area", "country", "agreements"], lines)
            case "country-pairs":
                return LongTable(["country", "other_country", "agreements"], self._pairs_as_lines())
        return self.tables.get(name)


def levels(counts: Iterable[int]) -> Callable[[int], int]:
    """Return a function that shades a count of these by its rank: 0 for none, `HEAT_LEVELS` for the highest."""
    known = sorted({count for count in counts if count})
    return lambda count: -(-bisect_right(known, count) * HEAT_LEVELS // len(known)) if count else 0


def _by_length(
    name: str, heading: str, days: list[int], classes: tuple[tuple[int, str, Any], ...]
) -> Table:
    """Count lengths of time, sorted, in classes of a first day (each up to the next class), a code and a label."""
    starts = [bisect_left(days, first) for first, _code, _label in classes] + [len(days)]
    counted = [
        (code, str(label), until - since, None)
        for (_first, code, label), since, until in zip(classes, starts, starts[1:], strict=False)
    ]
    note = _("Only where both dates are known to the day.")
    if days:
        median = number_format(median_low(days), force_grouping=True)
        note += " " + _("The median is %(days)s days.") % {"days": median}
    return Table(name, heading, _("Length"), _rows(counted) if days else [], note)


def _rows(counted: Iterable[tuple[Any, ...]]) -> list[Row]:
    """Return the rows for tuples of code, label, count, query and, in a tree, depth."""
    entries = list(counted)
    most = max((entry[2] for entry in entries), default=0) or 1
    return [
        Row(code, label, n, f"{100 * n / most:.1f}%", query if n else None, *depth)
        for code, label, n, query, *depth in entries
    ]
