"""The rows of a brief: a bounded number of each kind, in a number of queries that does not depend on the selection."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from agreements.counting.column_store import SORTS, Condition
from agreements.domain.choices import Basis, Status
from agreements.models import Agreement, Commitment, Event, Evidence, LanguageVersion, Signatory
from agreements.models.querysets import OPEN_PROGRESS
from agreements.selection.declarations import DEFAULT_SORT
from agreements.selection.listing import part_of
from agreements.selection.selection import Selection

MOST_LISTED = 60
MOST_POINTS = 5
MOST_EVENTS = 3
MOST_SIGNINGS = 2
MOST_PROMISES = 40
SOON = 365
ENDED = (Status.EXPIRED, Status.TERMINATED, Status.SUPERSEDED, Status.ABANDONED)
TALKS = (Status.PROPOSED, Status.NEGOTIATION)
CURRENT = tuple(status for status in Status if status not in ENDED)


@dataclass(frozen=True)
class Found:
    """Some agreements of a selection, and how many there are in all."""

    agreements: Sequence[Agreement] = ()
    count: int = 0


def narrowed(
    selection: Selection,
    most: int,
    *,
    statuses: Iterable[Status],
    sort: str = "",
    ending_within: int | None = None,
) -> Found:
    """Return the first agreements of the selection that also have one of these statuses, and end within so many days.

    Three queries.
    """
    asked = selection.canonical.getlist("status")
    wanted = [status for status in statuses if not asked or status.value in asked]
    if not wanted:
        return Found()
    conditions: dict[str, Condition] = {"status": lambda seen: seen.having_status(wanted)}
    if ending_within is not None:
        conditions["expires_within"] = lambda seen: seen.ending_within(ending_within)
    counts = selection.counts.also(**conditions)
    order = sort or (selection.sort if selection.sort in SORTS else DEFAULT_SORT)
    rows = part_of(selection, counts, order, size=most).with_parties().with_areas()
    return Found(list(rows), counts.total())


@dataclass(frozen=True)
class Rows:
    """What the brief of a selection shows, fetched as it is needed."""

    selection: Selection
    language: str

    @cached_property
    def listed(self) -> list[Agreement]:
        """The agreements of the list: those that have not ended, then as many of the others as there is room for."""
        current = narrowed(self.selection, MOST_LISTED, statuses=CURRENT).agreements
        room = MOST_LISTED - len(current)
        ended = narrowed(self.selection, room, statuses=ENDED).agreements if room else ()
        return [*current, *ended]

    @cached_property
    def ending(self) -> Found:
        """Those that run and end soon, the next first."""
        soon = min(SOON, self.selection.form.cleaned_data["expires_within"] or SOON)
        return narrowed(
            self.selection, MOST_POINTS, statuses=CURRENT, sort="ends", ending_within=soon
        )

    @cached_property
    def signed_only(self) -> Found:
        """Those that were signed, while no source says that they are in force."""
        return narrowed(self.selection, MOST_POINTS, statuses=[Status.SIGNED])

    @cached_property
    def in_talks(self) -> Found:
        return narrowed(self.selection, MOST_POINTS, statuses=TALKS)

    @cached_property
    def _keys(self) -> list[int]:
        return [agreement.pk for agreement in self.listed]

    @cached_property
    def inferred(self) -> set[tuple[int, str]]:
        """The facts of the listed agreements that a source only lets one infer, as key and code of the fact."""
        rows = Evidence.objects.in_public().filter(
            agreement__in=self._keys, fact__in=("signed", "expires")
        )
        bases: dict[tuple[int, str], set[str]] = defaultdict(set)
        for key, fact, basis in rows.values_list("agreement_id", "fact", "basis").distinct():
            bases[key, fact].add(basis)
        return {
            fact
            for fact, known in bases.items()
            if Basis.INFERRED in known and Basis.STATED not in known
        }

    @cached_property
    def sources(self) -> int:
        """How many sources the listed agreements rest on."""
        rows = Evidence.objects.in_public().filter(agreement__in=self._keys, source__isnull=False)
        return rows.order_by().values("source").distinct().count()

    @cached_property
    def versions(self) -> dict[int, LanguageVersion]:
        """The title and summary of agreements in the language of the brief, by key."""
        shown = {*self._keys, *(a.pk for found in self._points for a in found.agreements)}
        rows = LanguageVersion.objects.filter(agreement__in=shown, language=self.language)
        return {row.agreement_id: row for row in rows}

    @property
    def _points(self) -> tuple[Found, ...]:
        return (self.ending, self.signed_only, self.in_talks)

    def events(self, day: date) -> list[Event]:
        """Return the latest events of the listed agreements that have certainly happened, the last first."""
        rows = Event.objects.filter(agreement__in=self._keys, date_latest__lte=day)
        return list(rows.order_by("-date_latest", "-date_earliest", "-pk")[:MOST_EVENTS])

    @cached_property
    def signings(self) -> list[tuple[Agreement, list[Signatory]]]:
        """The agreements signed last, of those whose signatories are known."""
        dated = [agreement for agreement in self.listed if agreement.signed]
        signed = Signatory.objects.filter(agreement__in=[a.pk for a in dated])
        people: dict[int, list[Signatory]] = defaultdict(list)
        for row in signed.select_related("party").order_by("position", "id")[:1000]:
            people[row.agreement_id].append(row)
        known = [agreement for agreement in dated if agreement.pk in people]
        known.sort(key=_day_of_signature, reverse=True)
        return [(agreement, people[agreement.pk]) for agreement in known[:MOST_SIGNINGS]]

    def commitments(self) -> list[Commitment]:
        """Return the open commitments of the listed agreements, public or not, the next due first.

        They are for staff alone: the caller asks whether the reader is one.
        """
        rows = Commitment.objects.filter(agreement__in=self._keys, progress__in=OPEN_PROGRESS)
        return list(rows.select_related("party")[: MOST_PROMISES + 1])


def _day_of_signature(agreement: Agreement) -> tuple[date, date, str]:
    signed = agreement.signed
    days = (signed.latest, signed.earliest) if signed else (date.min, date.min)
    return (*days, agreement.ref)
