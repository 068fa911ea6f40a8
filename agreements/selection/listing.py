"""The agreements of a selection for a paginator, and the filters to remove if there are none."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from agreements.counting.column_store import SORTS, Counts
from agreements.models import Agreement
from agreements.models.querysets import AgreementQuerySet
from agreements.selection.declarations import PERIODS
from agreements.selection.fields import WITHOUT, divided
from agreements.selection.wording import Chip

if TYPE_CHECKING:
    from agreements.selection.selection import Selection


@dataclass(frozen=True)
class Listed:
    """The agreements of a selection, for a paginator to take pages from.

    For most sort orders the column store finds any page directly. For the others the database counts rows up to the page,
    from the end if that is nearer.
    """

    selection: "Selection"

    def __len__(self) -> int:
        return self.selection.count

    def __iter__(self) -> Iterator[Agreement]:
        return iter(self[0 : len(self)])

    def __getitem__(self, places: Any) -> list[Agreement]:
        start, stop = places.start or 0, min(places.stop, len(self))
        if start >= stop:
            return []
        if self.selection.sort in SORTS:
            return self._by_columns(start, stop - start)
        return self._by_database(start, stop)

    def _by_columns(self, start: int, size: int) -> list[Agreement]:
        asked = self.selection
        return self._fetched(part_of(asked, asked.counts, asked.sort, start=start, size=size))

    def _by_database(self, start: int, stop: int) -> list[Agreement]:
        rows, count = self.selection.agreements.all(), len(self)
        if start <= count - stop:
            return self._fetched(rows[start:stop])
        return self._fetched(rows.reverse()[count - stop : count - start])[::-1]

    def _fetched(self, rows: AgreementQuerySet) -> list[Agreement]:
        return list(rows.with_parties().with_areas())


def part_of(
    selection: "Selection", counts: Counts, sort: str, *, start: int = 0, size: int
) -> AgreementQuerySet:
    """Return some agreements that the counts find, in one of the orders in `SORTS`, with their status on its day.

    The counts are those of the selection, or narrower.
    """
    page = counts.page(start, size, sort)
    found = Agreement.objects.published().filter(pk__in=page.keys)
    rows = found.with_status(selection.as_of, selection.today)
    ordered = rows.first_then(page.ahead, sort, selection.filterset.asked_for)
    return ordered[page.skip : page.skip + size]


@dataclass(frozen=True)
class WayOut:
    """A filter to remove from an empty selection: its words, how many agreements that leaves, and their query string."""

    label: str
    value: str
    count: int
    query: str


def ways_out(selection: "Selection") -> list[WayOut]:
    """Return the conditions whose removal would leave some agreements, in the order of the form."""
    keys = dict.fromkeys(_key_of(selection, chip) for chip in selection.chips)
    counted = (
        (key, selection.counts.total(key)) for key in keys if key in selection.filterset.conditions
    )
    return [_way_out(selection, key, count) for key, count in counted if count]


def _key_of(selection: "Selection", chip: Chip) -> str:
    """Return the name of the condition that a chip stands for."""
    declared = selection.filters[chip.parameter]
    return declared.key_without if chip.is_left_out else declared.key


def _way_out(selection: "Selection", key: str, count: int) -> WayOut:
    chips = [chip for chip in selection.chips if _key_of(selection, chip) == key]
    dropped = [
        declared
        for declared in selection.filters.values()
        if key in (declared.key, declared.key_without)
    ]
    rest = selection.canonical.copy()
    for declared in dropped:
        given = rest.getlist(declared.name)
        kept, left_out = divided(given) if declared.can_leave_out else (given, [])
        without = [f"{WITHOUT}{value}" for value in left_out]
        rest.setlist(declared.name, kept if key == declared.key_without else without)
        if not rest.getlist(declared.name):
            del rest[declared.name]
    bounds = {name for period in PERIODS for name in period.parameters}
    if bounds & {declared.name for declared in dropped} and not bounds & rest.keys():
        rest.pop("certainty", None)
    for declared in selection.filters.values():
        if declared.qualifies and not any(name in rest for name in declared.qualifies):
            rest.pop(declared.name, None)
    values = get_text_list([chip.value for chip in chips], chips[-1].joint or _("or"))
    return WayOut(str(dropped[0].label), values, count, rest.urlencode())
