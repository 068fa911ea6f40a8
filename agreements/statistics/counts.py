"""The statistics of a selection: by year, status, kind, area and country, and how long signing took.

Every count covers only agreements of the selection, and links to them if a query string can select them. Adding a second
value of the same parameter would mean "or", so some counts of a filtered selection have no link. The statistics page and
its CSV files show the same tables.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from statistics import median_low
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django_countries import countries

from agreements.counting.column_store import Years
from agreements.domain.choices import Kind, Status
from agreements.models import Agreement, Area, Party, as_tree
from agreements.selection.declarations import PERIODS, SIGNED
from agreements.selection.selection import Selection
from agreements.statistics.charts import Bar, bars_of
from agreements.statistics.time_bars import MOST_LINES, TimeBars

WIDEST_HEAT_TABLE = 12
HEAT_LEVELS = 6
MOST_PARTNERS = 10


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


@dataclass(frozen=True)
class Cell:
    count: int
    level: int
    query: str | None


@dataclass(frozen=True)
class HeatTable:
    """Areas as rows, countries as columns; a cell counts the agreements that have both."""

    countries: list[tuple[str, str]]
    rows: list[tuple[str, str, list[Cell]]]
    left_out: int = 0


@dataclass
class Statistics:
    """All tables of one selection; each is counted on first use."""

    selection: Selection

    # By year

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
        areas = [area for area in self._all_areas if area.parent_id is None]
        most = [(row.code, row.label) for row in self.countries.rows[:WIDEST_HEAT_TABLE]]
        count = self.selection.counts.by_area_and_country()
        by_country = {code: count(code) for code, _label in most}
        top = max((n[a.pk] for n in by_country.values() for a in areas), default=0)
        rows = [
            (
                area.slug,
                area.name,
                [self._cell(area.slug, code, n[area.pk], top) for code, n in by_country.items()],
            )
            for area in areas
            if any(n[area.pk] for n in by_country.values())
        ]
        return HeatTable(most, rows, left_out=len(self.countries.rows) - len(most))

    def _cell(self, area: str, country: str, count: int, top: int) -> Cell:
        level = -(-count * HEAT_LEVELS // top) if count else 0
        is_free = None not in (self._further("area", area), self._further("country", country))
        query = self.selection.query_with(area=area, country=country) if count and is_free else None
        return Cell(count, level, query)

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
        """Return the query for the selection with this value only; None if it already has another one.

        An agreement may have several values of the parameter, but a second one in the query would mean "or".
        """
        given = self.selection.form.cleaned_data[parameter]
        return self.selection.query_with(**{parameter: value}) if given in ([], [value]) else None

    @property
    def tables(self) -> dict[str, Table]:
        """The tables that can be downloaded as CSV, by name."""
        tables = (self.years, self.statuses, self.kinds, self.areas, self.countries)
        return {table.name: table for table in tables}


def _rows(counted: Iterable[tuple[Any, ...]]) -> list[Row]:
    """Return the rows for tuples of code, label, count, query and, in a tree, depth."""
    entries = list(counted)
    most = max((entry[2] for entry in entries), default=0) or 1
    return [
        Row(code, label, n, f"{100 * n / most:.1f}%", query if n else None, *depth)
        for code, label, n, query, *depth in entries
    ]
