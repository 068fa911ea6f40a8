"""Reads agreements from the database into a segment: all published ones, or some that changed.

Raw SQL, because a million rows are read when a server starts: codes and days arrive as the integers that the arrays
hold. Apart from the arrays themselves, memory use is constant.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from django.db import connections, router
from numpy.typing import NDArray

from agreements.counting.column_store import marks
from agreements.counting.column_store.segments import (
    CODED,
    DAYS,
    NEVER,
    PERIOD_KINDS,
    SUBJECTS,
    Codes,
    Days,
    Links,
    Marks,
    Mask,
    Periods,
    Segment,
    Years,
    derived_days,
)
from agreements.domain.choices import EventKind, Plurality, Publication, Role
from agreements.models import Agreement, Area, Event, Participation, Party, Period
from agreements.models.trees import MAX_DEPTH

_ROWS = 20_000
_UNKNOWN_CODE = 255
_TALKS = (EventKind.DISCUSSED, EventKind.NEGOTIATION_ROUND, EventKind.MEETING, EventKind.INITIALLED)
_AREA_LINKS = Agreement.areas.through._meta.db_table

Numbers = NDArray[np.int64]
Nodes = NDArray[np.int32]
_Links = tuple[Nodes, NDArray[np.uint32]]


def load(keys: Collection[int] | None = None) -> Segment:
    """Return the published agreements, or only those with one of these keys; twelve queries."""
    reader = _Reader(router.db_for_read(Agreement), keys)
    agreements, marked, codes, days = reader.agreements()
    order = _latest_signed_first(days["signed_earliest"], days["signed_latest"])
    codes = {name: values[order] for name, values in codes.items()}
    days = {name: values[order] for name, values in days.items()}
    found = _Places(agreements[order])
    ending, derived = derived_days(codes, days)
    days |= derived
    days["days_to_sign"] = _days_to_sign(days, found.days(reader.first_talks()))
    areas = found.linked(reader.links(_AREA_LINKS, "area_id"))
    parties, is_side = found.flagged(reader.participations())
    dated, is_dated_side = found.dated(reader.dated_participations())
    sides = (parties[0][is_side], parties[1][is_side])
    dated_sides = dated.only(is_dated_side)
    above, countries = reader.parents(Party), reader.countries()
    marked = marked[order] | found.marks(reader.marks())
    marked[areas[1]] |= marks.BITS[marks.known("areas")]
    for places in (parties[1], dated.places):
        marked[places] |= marks.BITS[marks.known("parties")]
    number = np.bincount(np.concatenate([sides[1], dated_sides.places]), minlength=len(found.keys))
    return Segment(
        keys=found.keys,
        alive=np.ones(len(found.keys), np.bool_),
        codes=codes | {"plurality": _plurality(codes["plurality"], number)},
        days=days,
        ending=ending,
        marks=marked,
        subjects=found.codes(reader.subjects()),
        first_year=_year(days["signed_earliest"]),
        last_year=_year(days["signed_latest"]),
        links={
            "side": dated_sides.added(Links.of(*sides)),
            "organisation": found.dated(reader.organisations())[0].added(_no_links()),
            "area": Links.of(*_upwards(areas, reader.parents(Area))),
            "party": dated.added(Links.of(*_upwards(parties, above)), _upwards(dated.links, above)),
            "country": dated.added(
                Links.of(*_to_countries(parties, countries)), _to_countries(dated.links, countries)
            ),
        },
        periods=found.periods(reader.periods()),
    )


_PARTICIPATIONS = Participation._meta.db_table
_ON_EVERY_DAY = "first_day IS NULL AND last_day IS NULL"
_IS_PARTY = f"CASE role WHEN '{Role.PARTY.value}' THEN 1 ELSE 0 END"


class _Reader:
    """The queries, each answered as columns of integers."""

    def __init__(self, alias: str, keys: Collection[int] | None) -> None:
        self.connection = connections[alias]
        # our own integers, and possibly more of them than a statement may have parameters
        self.among = None if keys is None else ",".join(str(int(key)) for key in keys) or "NULL"

    def agreements(self) -> tuple[Numbers, Marks, dict[str, Codes], dict[str, Days]]:
        """Return key, marks, codes and days of the agreements in order of reference."""
        wanted = ["id", marks.of_columns(), *_coded_columns(), *map(self._day, DAYS)]
        keys, marked, *values = self._columns(
            f"SELECT {', '.join(wanted)} FROM {Agreement._meta.db_table} "  # noqa: S608
            f"WHERE publication = '{Publication.PUBLISHED.value}'{self._and('id')} ORDER BY ref",
            [np.int64, np.uint32, *(np.uint8 for _ in CODED), *(np.int32 for _ in DAYS)],
        )
        codes, days = values[: len(CODED)], values[len(CODED) :]
        return (
            keys,
            marked,
            dict(zip(CODED, codes, strict=True)),
            dict(zip(DAYS, days, strict=True)),
        )

    def links(self, table: str, column: str) -> Iterator[Numbers]:
        """Yield pairs of an agreement (drafts included) and what it is linked to, in blocks."""
        return self._blocks(
            f"SELECT agreement_id, {column} FROM {table} WHERE TRUE{self._and('agreement_id')}",  # noqa: S608
            2,
        )

    def participations(self) -> Iterator[Numbers]:
        """Yield agreement, party, and whether it is that in no other role, of those that take part on every day."""
        return self._blocks(
            f"SELECT agreement_id, party_id, {_IS_PARTY} FROM {_PARTICIPATIONS} "  # noqa: S608
            f"WHERE {_ON_EVERY_DAY}{self._and('agreement_id')}",
            3,
        )

    def dated_participations(self) -> list[Numbers]:
        """Return agreement, party, first and last day, and whether it is that in no other role, of the others."""
        return self._columns(
            f"SELECT agreement_id, party_id, {self._first_day}, {self._day('last_day')}, {_IS_PARTY} "  # noqa: S608
            f"FROM {_PARTICIPATIONS} WHERE NOT ({_ON_EVERY_DAY}){self._and('agreement_id')}",
            [np.int64, np.int64, np.int32, np.int32, np.bool_],
        )

    def organisations(self) -> list[Numbers]:
        """Return agreement, party, first and last day of the organisations that bind their members."""
        party, taken = Party._meta.db_table, _PARTICIPATIONS
        return self._columns(
            f"SELECT agreement_id, party_id, {self._first_day}, {self._day('last_day')}, 1 FROM {taken} "  # noqa: S608
            f"WHERE role = '{Role.PARTY.value}' AND party_id IN "
            f"(SELECT id FROM {party} WHERE binds_members){self._and('agreement_id')}",
            [np.int64, np.int64, np.int32, np.int32, np.bool_],
        )

    @property
    def _first_day(self) -> str:
        return f"CASE WHEN first_day IS NULL THEN 0 ELSE {self._day('first_day')} END"

    def marks(self) -> list[Numbers]:
        """Return agreements (drafts included) with the marks that follow from their rows, one at a time."""
        return self._columns(marks.of_rows(self.among), [np.int64, np.uint32])

    def subjects(self) -> list[NDArray[Any]]:
        """Return agreements with the codes of their subjects, where they have one."""
        table, keys, codes = Agreement._meta.db_table, [], []
        with self.connection.chunked_cursor() as cursor:
            cursor.execute(
                f"SELECT id, subject FROM {table} "  # noqa: S608
                f"WHERE publication = '{Publication.PUBLISHED.value}' AND subject <> ''{self._and('id')}"
            )
            while rows := cursor.fetchmany(_ROWS):
                keys += [key for key, _subject in rows]
                codes += [SUBJECTS.code(subject) for _key, subject in rows]
        return [np.array(keys, np.int64), np.array(codes, np.int32)]

    def first_talks(self) -> list[Numbers]:
        """Return agreements with the day of their first talks, where that day is known."""
        kinds = ", ".join(f"'{kind.value}'" for kind in _TALKS)
        return self._columns(
            f"SELECT agreement_id, {self._day('MIN(date_earliest)')} FROM {Event._meta.db_table} "  # noqa: S608
            f"WHERE kind IN ({kinds}) AND date_earliest = date_latest{self._and('agreement_id')} "
            "GROUP BY agreement_id",
            [np.int64, np.int64],
        )

    def periods(self) -> list[Numbers]:
        """Return agreement, kind and days of the periods that count (drafts' included), as `Periods` holds them."""
        kinds = " ".join(f"WHEN '{kind}' THEN {n}" for n, kind in enumerate(PERIOD_KINDS))
        begun = f"CASE WHEN first_earliest IS NULL THEN 0 ELSE {self._day('first_earliest')} END"
        return self._columns(
            f"SELECT agreement_id, CASE kind {kinds} ELSE {_UNKNOWN_CODE} END, {begun}, "  # noqa: S608
            f"{self._day('first_latest')}, {self._day('last_latest')} "
            f"FROM {Period._meta.db_table} WHERE is_public{self._and('agreement_id')}",
            [np.int64, np.uint8, np.int32, np.int32, np.int32],
        )

    def parents(self, tree: Any) -> Nodes:
        """Return the key of the row above each row of a tree, by key; -1 where there is none."""
        query = f"SELECT id, COALESCE(parent_id, -1) FROM {tree._meta.db_table}"  # noqa: S608
        return _by_key(self._columns(query, [np.int64, np.int32]))

    def countries(self) -> Nodes:
        """Return the code of the country of each party, by key; -1 where there is none."""
        # SQLite and PostgreSQL have different names for the function that returns a letter's number
        letter = "unicode" if self.connection.vendor == "sqlite" else "ascii"
        pairs = [
            f"({letter}(substr(country, {n}, 1)) * 256 + {letter}(substr(country, {n + 1}, 1)))"
            for n in (1, 3)
        ]
        code = (
            f"CASE length(country) WHEN 2 THEN {pairs[0]} ELSE {pairs[0]} * 65536 + {pairs[1]} END"
        )
        rows = self._columns(
            f"SELECT id, {code} FROM {Party._meta.db_table} WHERE length(country) IN (2, 4)",  # noqa: S608
            [np.int64, np.int32],
        )
        return _by_key(rows)

    def _and(self, column: str) -> str:
        return "" if self.among is None else f" AND {column} IN ({self.among})"

    def _day(self, column: str) -> str:
        """Number the days as `date.toordinal` does."""
        if self.connection.vendor == "sqlite":
            number = f"CAST(julianday({column}) - 1721424.5 AS INTEGER)"
        else:
            number = f"({column} - DATE '0001-01-01') + 1"
        return f"COALESCE({number}, {NEVER})"

    def _columns(self, query: str, types: Sequence[Any]) -> list[NDArray[Any]]:
        """Return the columns of a result, each as an array of its type."""
        columns: list[list[NDArray[Any]]] = [[np.zeros(0, of)] for of in types]
        for block in self._blocks(query, len(types)):
            for parts, values, of in zip(columns, block.T, types, strict=True):
                parts.append(values.astype(of))
        return [np.concatenate(parts) for parts in columns]

    def _blocks(self, query: str, width: int) -> Iterator[Numbers]:
        with self.connection.chunked_cursor() as cursor:
            cursor.execute(query)
            while rows := cursor.fetchmany(_ROWS):
                yield np.array(rows, np.int64).reshape(-1, width)


def _coded_columns() -> Iterator[str]:
    """Yield the SQL of each of `CODED`; what a source may state has a column of its own."""
    for name, codes in CODED.items():
        yield _coded("plurality_stated" if name == "plurality" else name, codes)


def _coded(column: str, codes: Sequence[str]) -> str:
    cases = " ".join(f"WHEN '{value}' THEN {code}" for code, value in enumerate(codes))
    return f"CASE {column} {cases} ELSE {_UNKNOWN_CODE} END"


def _by_key(rows: list[NDArray[Any]]) -> Nodes:
    keys, values = rows
    by_key = np.full(int(keys.max(initial=0)) + 1, -1, np.int32)
    by_key[keys] = values
    return by_key


def _latest_signed_first(earliest: Days, latest: Days) -> Numbers:
    """Return the register's default sort order; the input is in order of reference, which settles ties."""
    days = np.where(earliest == NEVER, np.int64(-1), earliest.astype(np.int64) << 32 | latest)
    return np.argsort(-days, kind="stable")


def _days_to_sign(days: dict[str, Days], talks: Days) -> Days:
    signed = days["signed_earliest"]
    known = (signed == days["signed_latest"]) & (signed != NEVER) & (talks <= signed)
    return np.where(known, signed - talks, NEVER).astype(np.int32)


def _plurality(stated: Codes, parties: Numbers) -> Codes:
    """Return whether each is bilateral or multilateral: what is stated or, without that, by the number of its parties."""
    bilateral, multilateral = (CODED["plurality"].index(each) for each in Plurality.values)
    counted = np.select([parties == 2, parties > 2], [bilateral, multilateral], _UNKNOWN_CODE)
    return np.where(stated == _UNKNOWN_CODE, counted, stated).astype(np.uint8)


def _year(days: Days) -> Years:
    known = days != NEVER
    # numpy counts days from 1970
    counted = np.where(known, days - np.int32(719_163), 0).astype("datetime64[D]")
    years = counted.astype("datetime64[Y]").astype(np.int64) + 1970
    return np.where(known, years, 0).astype(np.uint16)


def _upwards(links: _Links, parents: Nodes) -> _Links:
    """Add to each link the links to all rows above; the walk ends even if the tree contains a loop."""
    nodes, places = links
    walked = [(nodes, places)]
    for _level in range(MAX_DEPTH):
        # the links were read first: a row may have been deleted since
        known = nodes < len(parents)
        nodes, places = nodes[known], places[known]
        above = parents[nodes]
        nodes, places = above[above >= 0], places[above >= 0]
        if not len(nodes):
            break
        walked.append((nodes, places))
    return tuple(np.concatenate(part) for part in zip(*walked, strict=True))  # type: ignore[return-value]


def _to_countries(links: _Links, countries: Nodes) -> _Links:
    parties, places = links
    known = parties < len(countries)
    codes = np.where(known, countries[np.where(known, parties, 0)], np.int32(-1))
    return codes[codes >= 0], places[codes >= 0]


def _no_links() -> Links:
    return Links.of(np.zeros(0, np.int32), np.zeros(0, np.uint32))


class _Places:
    """The position of each agreement in the segment."""

    def __init__(self, keys: Numbers) -> None:
        self.keys = keys
        self._order = np.argsort(keys)
        self._sorted = keys[self._order]

    def of(self, agreements: Numbers) -> tuple[Numbers, Mask]:
        """Return the positions of these agreements, and a mask of those that are in the segment."""
        if not len(self.keys):
            return np.zeros(0, np.int64), np.zeros(len(agreements), np.bool_)
        at = np.searchsorted(self._sorted, agreements).clip(max=len(self.keys) - 1)
        here = self._sorted[at] == agreements
        return self._order[at[here]], here

    def marks(self, pairs: list[NDArray[Any]]) -> Marks:
        """Return all marks of each agreement."""
        agreements, bits = pairs
        places, here = self.of(agreements)
        marked = np.zeros(len(self.keys), np.uint32)
        np.bitwise_or.at(marked, places, bits[here])
        return marked

    def codes(self, pairs: list[NDArray[Any]]) -> NDArray[np.int32]:
        """Return the code of each agreement that has one, otherwise 0."""
        agreements, numbers = pairs
        places, here = self.of(agreements)
        codes = np.zeros(len(self.keys), np.int32)
        codes[places] = numbers[here]
        return codes

    def days(self, pairs: list[Numbers]) -> Days:
        """Return the day of each agreement that has one, otherwise `NEVER`."""
        agreements, numbers = pairs
        places, here = self.of(agreements)
        days = np.full(len(self.keys), NEVER, np.int32)
        days[places] = numbers[here]
        return days

    def periods(self, columns: list[NDArray[Any]]) -> Periods:
        """Return the periods of the agreements in this segment."""
        agreements, *values = columns
        places, here = self.of(agreements)
        return Periods(places.astype(np.uint32), *(column[here] for column in values))

    def dated(self, rows: list[NDArray[Any]]) -> tuple["_Dated", Mask]:
        """Return the dated links of the agreements in this segment, and whether each is one of a party."""
        agreements, nodes, first, last, is_party = rows
        places, here = self.of(agreements)
        links = _Dated(
            nodes[here].astype(np.int32), places.astype(np.uint32), first[here], last[here]
        )
        return links, is_party[here]

    def linked(self, blocks: Iterable[Numbers]) -> _Links:
        """Return the links of the agreements in this segment: the nodes, and for each the position of its agreement."""
        return self.flagged(blocks)[0]

    def flagged(self, blocks: Iterable[Numbers]) -> tuple[_Links, Mask]:
        """Return the links, and the flag that comes with each; where none comes, its node."""
        nodes, places = [np.zeros(0, np.int32)], [np.zeros(0, np.uint32)]
        flags = [np.zeros(0, np.bool_)]
        for rows in blocks:
            at, here = self.of(rows[:, 0])
            nodes.append(rows[here, 1].astype(np.int32))
            places.append(at.astype(np.uint32))
            flags.append(rows[here, -1].astype(np.bool_))
        return (np.concatenate(nodes), np.concatenate(places)), np.concatenate(flags)


class _Dated(NamedTuple):
    """Rows that link an agreement to a party from a first to a last day."""

    nodes: Nodes
    places: NDArray[np.uint32]
    first: Days
    last: Days

    @property
    def links(self) -> _Links:
        """The rows as links of the parties to the positions of the rows."""
        return self.nodes, np.arange(len(self.nodes), dtype=np.uint32)

    def only(self, mask: Mask) -> "_Dated":
        return _Dated(self.nodes[mask], self.places[mask], self.first[mask], self.last[mask])

    def added(self, links: Links, dated: _Links | None = None) -> Links:
        """Return the links with the dated ones, each of which leads to the position of its row."""
        if not len(self.nodes):
            return links
        nodes, rows = dated or self.links
        return links.with_dated(nodes, self.places[rows], self.first[rows], self.last[rows])
