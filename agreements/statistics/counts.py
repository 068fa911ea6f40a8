"""What a selection amounts to: by year, status, kind, area, country, area and country, and how long signing took.

Every count is taken from the selection's own agreements, and carries the query string of the selection behind it where
one can be written: a second value of the same parameter would mean "or", so some counts of a narrowed selection stand
without a link. The statistics page and its CSV files show the same tables.
"""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from statistics import median_low
from typing import Any

from django.utils.translation import gettext as _
from django_countries import countries

from agreements.domain.choices import Kind, Status
from agreements.models import Agreement, Area, Party, as_tree
from agreements.selection.selection import Selection
from agreements.statistics.charts import Bar, Signatures
from agreements.statistics.time_bars import MOST_LINES, Lifelines

WIDEST_HEAT_TABLE = 12
HEAT_LEVELS = 6
MOST_PARTNERS = 10


@dataclass(frozen=True)
class Row:
    """One line of a table: what is counted, how often, its share of the longest bar in per cent, and its selection."""

    code: str
    label: str
    count: int
    share: str
    query: str | None
    depth: int = 0


@dataclass(frozen=True)
class Table:
    """Counts under a heading. `name` is its place in addresses; `note` says what a reader should know."""

    name: str
    heading: str
    first_column: str
    rows: list[Row]
    note: str = ""


@dataclass(frozen=True)
class Cell:
    count: int
    level: int
    query: str | None


@dataclass(frozen=True)
class HeatTable:
    """Areas down, countries across; a cell counts the agreements that have both."""

    countries: list[tuple[str, str]]
    rows: list[tuple[str, str, list[Cell]]]
    left_out: int = 0


@dataclass(frozen=True)
class TimeToSign:
    """Days from the first recorded talks to the signature, where both are known to the day."""

    known: int
    median_days: int | None


@dataclass(frozen=True)
class Partner:
    """A party, in how many of the agreements it or a body of it takes part, and their selection."""

    party: Party
    count: int
    query: str | None


@dataclass
class Statistics:
    """All tables of one selection; each is counted when it is asked for."""

    selection: Selection

    # By year

    @cached_property
    def signatures(self) -> Signatures:
        return Signatures.of(self.selection.counts)

    @cached_property
    def year_bars(self) -> list[tuple[Bar, str | None]]:
        """The bars of the years, each with the query string of what it counts."""
        return [
            (bar, self._years_query(bar.first_year, bar.last_year) if bar.count else None)
            for bar in self.signatures.bars
        ]

    @cached_property
    def years(self) -> Table:
        found = self.signatures
        rest = {
            "several": (_("Several years possible"), found.in_several_years),
            "unknown": (_("Date of signature not known"), found.undated),
            "unsigned": (_("Not signed"), found.unsigned),
        }
        counted = [
            (str(year), str(year), n, self._years_query(year, year))
            for year, n in sorted(found.years.items())
        ]
        counted += [(code, label, n, None) for code, (label, n) in rest.items()]
        return Table("years", _("By year of signature"), _("Year"), _rows(counted))

    def _years_query(self, first: int, last: int) -> str | None:
        """Return the query of what certainly was signed in these years, within the selection's own period.

        A period that cuts through the years cannot be met with one that is certain, unless it is certain itself.
        """
        asked = self.selection.form.cleaned_data
        start, end = asked["signed_from"], asked["signed_to"]
        first_day, last_day = date(first, 1, 1), date(last, 12, 31)
        covered = (start is None or start.earliest <= first_day) and (
            end is None or end.latest >= last_day
        )
        if not covered and asked["certainty"] != "certain":
            return None
        first_day = max(first_day, start.earliest) if start else first_day
        last_day = min(last_day, end.latest) if end else last_day
        if covered:
            days = {"signed_from": str(first), "signed_to": str(last)}
        else:
            days = {"signed_from": first_day.isoformat(), "signed_to": last_day.isoformat()}
        return self.selection.query_with(**days, certainty="certain")

    # By what an agreement is

    @cached_property
    def statuses(self) -> Table:
        counted = self.selection.counts.by_status()
        return self._of_codes("statuses", "status", _("By status"), _("Status"), Status, counted)

    @cached_property
    def kinds(self) -> Table:
        counted = self.selection.counts.by_column("kind")
        return self._of_codes("kinds", "kind", _("By kind of instrument"), _("Kind"), Kind, counted)

    def _of_codes(
        self,
        name: str,
        parameter: str,
        heading: str,
        column: str,
        codes: Any,
        counted: Counter[str],
    ) -> Table:
        rows = [
            (code.value, str(code.label), counted[code.value], self._only(parameter, code.value))
            for code in codes
            if counted[code.value]
        ]
        return Table(name, heading, column, _rows(rows))

    # By what it is about and who takes part

    @cached_property
    def areas(self) -> Table:
        counted = self.selection.counts.by_area()
        rows = [
            (area.slug, area.name, counted[area.pk], self._further("area", area.slug), depth)
            for area, depth in as_tree(self._all_areas)
            if counted[area.pk]
        ]
        without = self.selection.counts.without_area()
        rows.append(("", _("Not known"), without, None, 0))
        return Table(
            "areas",
            _("By cooperation area"),
            _("Area"),
            _rows(rows),
            _("An agreement counts in each of its areas, and in the area above."),
        )

    @cached_property
    def countries(self) -> Table:
        counted = self.selection.counts.by_country()
        names = dict(countries)
        rows = [
            (code, str(names.get(code, code)), n, self._further("country", code))
            for code, n in sorted(counted.items(), key=lambda item: (-item[1], item[0]))
        ]
        return Table(
            "countries",
            _("By country"),
            _("Country"),
            _rows(rows),
            _("An agreement counts for every country that takes part in it."),
        )

    @cached_property
    def heat(self) -> HeatTable:
        """The outermost areas against the countries with the most agreements."""
        areas = [area for area in self._all_areas if area.parent_id is None]
        most = [(row.code, row.label) for row in self.countries.rows[:WIDEST_HEAT_TABLE]]
        count = self.selection.counts.by_area_and_country()
        by_country = {code: count(code) for code, _label in most}
        shown = {(a.pk, code): by_country[code][a.pk] for a in areas for code, _label in most}
        top = max(shown.values(), default=0)
        rows = [
            (
                area.slug,
                area.name,
                [self._cell(area.slug, code, shown[area.pk, code], top) for code, _label in most],
            )
            for area in areas
            if any(shown[area.pk, code] for code, _label in most)
        ]
        return HeatTable(most, rows, left_out=len(self.countries.rows) - len(most))

    def _cell(self, area: str, country: str, count: int, top: int) -> Cell:
        level = -(-count * HEAT_LEVELS // top) if count else 0
        free = (
            self._further("area", area) is not None
            and self._further("country", country) is not None
        )
        query = self.selection.query_with(area=area, country=country) if count and free else None
        return Cell(count, level, query)

    @cached_property
    def _all_areas(self) -> list[Area]:
        return list(Area.objects.all())

    # How long it took

    @cached_property
    def time_to_sign(self) -> TimeToSign:
        """The median over agreements whose first talks and signature are both known to the day."""
        days = self.selection.counts.days_to_sign()
        return TimeToSign(known=len(days), median_days=median_low(days) if days else None)

    # With whom, and from when to when

    def partners(self, party: Party) -> list[Partner]:
        """Return the parties outside of this one's own house that appear most beside it; three queries."""
        house = {above.pk for above in party.ancestors()}
        house.update(Party.objects.at_or_below([party.slug]).values_list("pk", flat=True))
        return self._most_frequent(house)

    @cached_property
    def most_frequent_parties(self) -> list[Partner]:
        """The parties that appear most, each with its bodies; two queries."""
        return self._most_frequent(set())

    def _most_frequent(self, left_out: Collection[int]) -> list[Partner]:
        counted = self.selection.counts.by_party()
        candidates = {key: n for key, n in counted.items() if key not in left_out}
        most = sorted(candidates.items(), key=lambda item: (-item[1], item[0]))[:MOST_PARTNERS]
        rows = Party.objects.in_bulk([key for key, _n in most])
        # one that was counted may be gone by now, or not yet have come to a replica
        known = [(rows[key], n) for key, n in most if key in rows]
        return [Partner(party, n, self._further("party", party.slug)) for party, n in known]

    @cached_property
    def lifelines(self) -> Lifelines:
        """The newest agreements from their start to their end; one query."""
        newest = self.selection.counts.page(0, MOST_LINES, "-signed").keys
        return Lifelines.of(Agreement.objects.filter(pk__in=newest), self.selection.as_of)

    @cached_property
    def first_signed(self) -> Agreement | None:
        soonest = self.selection.counts.soonest("signed_earliest", 1)
        return self._dated(soonest).order_by("signed_earliest", "signed_latest", "ref").first()

    @cached_property
    def last_signed(self) -> Agreement | None:
        newest = self.selection.counts.page(0, 1, "-signed").keys
        return self._dated(newest).order_by("-signed_earliest", "-signed_latest", "ref").first()

    def _dated(self, keys: list[int]) -> Any:
        return Agreement.objects.filter(pk__in=keys, signed_earliest__isnull=False)

    # The selections behind the counts

    def _only(self, parameter: str, value: str) -> str:
        """The selection narrowed to one value of a parameter of which every agreement has one."""
        return self.selection.query_with(**{parameter: value})

    def _further(self, parameter: str, value: str) -> str | None:
        """The selection narrowed by a value of a parameter of which an agreement may have many, if that can be said."""
        given = self.selection.form.cleaned_data[parameter]
        return self._only(parameter, value) if given in ([], [value]) else None

    @property
    def tables(self) -> dict[str, Table]:
        """The tables that have a CSV of their own, by name."""
        return {
            table.name: table
            for table in (self.years, self.statuses, self.kinds, self.areas, self.countries)
        }


def _rows(counted: list[Any]) -> list[Row]:
    most = max((entry[2] for entry in counted), default=0) or 1
    return [
        Row(e[0], e[1], e[2], f"{100 * e[2] / most:.1f}%", e[3] if e[2] else None, *e[4:])
        for e in counted
    ]


def as_records(table: Table) -> Iterator[tuple[str, str, int]]:
    """Yield the lines of a table's CSV: code, label, count."""
    return ((row.code, row.label, row.count) for row in table.rows)
