"""Every filter, order and facet of the public selection again, in plain Python, one agreement at a time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import prefetch_related_objects
from django.http import QueryDict
from django.utils import timezone
from hypothesis import strategies as st

from agreements.counting.column_store import FACTS_KNOWN
from agreements.domain.choices import Basis, Kind, LegalNature, Status, Verification
from agreements.domain.facts import FACTS
from agreements.domain.lifecycle import RUNNING
from agreements.domain.partial_dates import PartialDate, read
from agreements.domain.participation import days_of
from agreements.models import Agreement, Participation, Signatory
from agreements.models.querysets import SORTS
from agreements.search import fold, words

FAR = date.max
# Days before it are past.
TODAY = date(2026, 11, 21)


# From the first to the last day, both None where there is no limit.
Days = tuple[date | None, date | None]


def is_within(days: Days, day: date) -> bool:
    first, last = days
    return (first is None or first <= day) and (last is None or day <= last)


@dataclass(frozen=True)
class Taking:
    """A participant: the slugs of the party and of those above it, its country, and when it takes part."""

    slugs: set[str]
    country: str
    days: Days
    members: list[tuple[str, Days]]
    is_party: bool = True
    name: str = ""


@dataclass(frozen=True)
class Facts:
    """An agreement with the values that filters compare, looked up row by row."""

    agreement: Agreement
    areas: set[str]
    takings: list[Taking]
    has_document: bool
    identifiers: set[str]
    signatories: list[Signatory]
    text: str
    has_commitment: bool
    has_relation: bool
    bases: set[str]
    unknown: set[str]
    publishers: list[str]

    @classmethod
    def of(cls, agreement: Agreement) -> "Facts":
        areas = [tree for area in agreement.areas.all() for tree in (area, *area.ancestors())]
        own = list(agreement.participations.all())
        names = [participation.party.name for participation in own]
        prefetch_related_objects([agreement], "periods")
        return cls(
            agreement,
            areas={area.slug for area in areas},
            takings=[_taking(participation) for participation in own],
            has_document=agreement.documents.filter(is_public=True).exists(),
            identifiers={
                name.lower()
                for row in agreement.identifiers.all()
                for name in (row.value, f"{row.scheme}:{row.value}")
            },
            signatories=list(agreement.signatories.all()),
            text=" ".join(
                [agreement.ref, agreement.title, agreement.place, *names, *(a.name for a in areas)]
            ),
            has_commitment=agreement.commitments.filter(is_public=True).exists(),
            has_relation=any(
                other.publication == "published"
                for other in (
                    *(relation.target for relation in agreement.relations_out.all()),
                    *(relation.agreement for relation in agreement.relations_in.all()),
                )
            ),
            bases={row.basis for row in agreement.evidence.in_public()},
            unknown={code for code in FACTS_KNOWN if not _is_known(agreement, code)},
            publishers=[row.source.publisher for row in agreement.evidence.all() if row.source],
        )

    @property
    def plurality(self) -> str:
        """What is stated or, without that, how many parties there are, former ones included."""
        parties = sum(taking.is_party for taking in self.takings)
        counted = "" if parties < 2 else "bilateral" if parties == 2 else "multilateral"
        return self.agreement.plurality_stated or counted

    def parties(self, day: date) -> set[str]:
        on_day = (taking.slugs for taking in self.takings if is_within(taking.days, day))
        return set().union(*on_day)

    def countries(self, day: date, asked: QueryDict) -> set[str]:
        on_day = [taking for taking in self.takings if is_within(taking.days, day)]
        found = {taking.country for taking in on_day if taking.country}
        if asked.get("through_organisation") == "true":
            found |= {
                country
                for taking in on_day
                for country, days in taking.members
                if is_within(days, day)
            }
        return found

    @property
    def end(self) -> PartialDate | None:
        """The first known end of a concluded agreement."""
        agreement = self.agreement
        superseded = agreement.superseded_on and PartialDate.from_date(agreement.superseded_on)
        ends = [end for end in (agreement.terminated, superseded, agreement.expires) if end]
        if agreement.stage != "concluded" or not ends:
            return None
        return min(ends, key=lambda end: end.latest)

    def status(self, day: date) -> str:
        return self.agreement.standing(day, TODAY).status.value


def _taking(participation: Participation) -> Taking:
    party = participation.party
    binds = party.binds_members and participation.role == "party"
    members = [
        (
            str(membership.member.country),
            (
                membership.since and membership.since.earliest,
                membership.until and membership.until.latest,
            ),
        )
        for membership in (party.memberships.all() if binds else ())
    ]
    slugs = {tree.slug for tree in (party, *party.ancestors())}
    is_party = participation.role == "party"
    return Taking(slugs, str(party.country), days_of(participation), members, is_party, party.name)


def _is_known(agreement: Agreement, code: str) -> bool:
    """Whether the page would say more of a fact than that it is not known."""
    [fact] = [fact for fact in FACTS if fact.code == code]
    said = fact.said_of(agreement) if fact.page and fact.page.is_row else None
    is_too_early = agreement.stage != "concluded" and code in (
        "signed",
        "in_force",
        "place",
        "signatories",
    )
    return is_too_early or (said.is_known if said else fact.says_something(agreement))


def stands_in(q: str, text: str) -> bool:
    """Return whether a text contains all words, the last one at least as the beginning of a word."""
    present = {key for word in words(text) for key in word.keys}
    *whole, last = [word.keys for word in words(q)] or [()]
    return all(present & {*keys} for keys in whole) and any(p.startswith(last) for p in present)


def in_period(value: PartialDate | None, asked: QueryDict, name: str) -> bool:
    start, end = (
        read(asked[key]) if key in asked else None for key in (f"{name}_from", f"{name}_to")
    )
    if value is None:
        return False
    meets = must_be_within if asked.get("certainty") == "certain" else may_be_within
    return meets(value, start and start.earliest, end and end.latest)


def may_be_within(value: PartialDate, start: date | None, end: date | None) -> bool:
    return (end is None or value.earliest <= end) and (start is None or value.latest >= start)


def must_be_within(value: PartialDate, start: date | None, end: date | None) -> bool:
    return (start is None or value.earliest >= start) and (end is None or value.latest <= end)


def ends_within(facts: Facts, days: int, day: date) -> bool:
    expires = facts.agreement.expires
    until = day + timedelta(days=days)
    is_running = facts.status(day) in RUNNING
    return is_running and expires is not None and day <= expires.latest <= until


def moment(given: str) -> datetime:
    """Read a moment, or a day on the register's clock."""
    read_at = datetime.fromisoformat(given)
    return read_at if read_at.tzinfo else timezone.make_aware(read_at)


def has(found: set[str], given: list[str], asked: QueryDict, name: str) -> bool:
    """Whether any of the values given is among those found or, if asked, all are; and none of those with a sign."""
    wanted = {value for value in given if not value.startswith("-")}
    unwanted = {value[1:] for value in given if value.startswith("-")}
    is_exact = name in ("party", "country") and asked.get("no_other_parties") == "true"
    if found & unwanted:
        return False
    if is_exact or asked.get(f"{name}_match") == "all":
        return wanted <= found
    return not wanted or bool(wanted & found)


def is_only_of(facts: Facts, asked: QueryDict, day: date) -> bool:
    """Whether every party on the day is, or belongs to, one that is asked for."""
    codes, slugs = ({*asked.getlist(name)} for name in ("country", "party"))
    if not {value for value in codes | slugs if not value.startswith("-")}:
        return True
    is_through = asked.get("through_organisation") == "true"
    return all(
        taking.country in codes
        or taking.slugs & slugs
        or (
            is_through
            and any(code in codes and is_within(days, day) for code, days in taking.members)
        )
        for taking in facts.takings
        if taking.is_party and is_within(taking.days, day)
    )


def _is_named(row: Signatory, text: str) -> bool:
    """Whether a row is of the person with this slug; without one, whether its names or position have these words."""
    if text == "nigar-aliyeva":
        return bool(row.person and row.person.slug == text)
    names = [row.name, row.as_published, row.title, row.person.name if row.person else ""]
    names += [each.name for each in row.person.names.all()] if row.person else []
    present = {key for name in names for word in words(name) for key in word.keys}
    wanted = [word.keys for word in words(text)]
    return bool(wanted) and all(
        any(each.startswith(key) for each in present for key in keys) for keys in wanted
    )


Holds = Callable[[Facts, list[str], QueryDict, date], bool]


def _signed(facts: Facts, given: list[str], asked: QueryDict, day: date) -> bool:
    return in_period(facts.agreement.signed, asked, "signed")


def _in_force(facts: Facts, given: list[str], asked: QueryDict, day: date) -> bool:
    return in_period(facts.agreement.in_force, asked, "in_force")


def _ends(facts: Facts, given: list[str], asked: QueryDict, day: date) -> bool:
    return in_period(facts.end, asked, "ends")


# By parameter: the values to try, and a check that an agreement has one of them; None if another filter or the list uses it.
TRIED: dict[str, tuple[Any, Holds | None]] = {
    "q": (
        st.sampled_from(["care", "ministry 1", "zzz"]),
        lambda facts, given, asked, day: stands_in(given[0], facts.text),
    ),
    "status": (
        st.lists(st.sampled_from([*Status.values, "-signed", "-in_force"]), max_size=3),
        lambda facts, given, asked, day: has({facts.status(day)}, given, asked, "status"),
    ),
    "kind": (
        st.lists(st.sampled_from([*Kind.values[:3], "-mou"]), max_size=2),
        lambda facts, given, asked, day: has({facts.agreement.kind}, given, asked, "kind"),
    ),
    "legal_nature": (
        st.lists(st.sampled_from(LegalNature.values), max_size=2),
        lambda facts, given, asked, day: has({facts.agreement.legal_nature}, given, asked, ""),
    ),
    "verification": (
        st.lists(st.sampled_from(Verification.values), max_size=2),
        lambda facts, given, asked, day: has({facts.agreement.verification}, given, asked, ""),
    ),
    "area": (
        st.lists(st.sampled_from(["top", "below", "other", "-below"]), max_size=2),
        lambda facts, given, asked, day: has(facts.areas, given, asked, "area"),
    ),
    "area_match": (st.sampled_from(["any", "all"]), None),
    "party": (
        st.lists(st.sampled_from(["state", "body", "partner", "-body"]), max_size=2),
        lambda facts, given, asked, day: has(facts.parties(day), given, asked, "party"),
    ),
    "party_match": (st.sampled_from(["any", "all"]), None),
    "country": (
        st.lists(st.sampled_from(["AZ", "UZ", "JP", "-JP"]), max_size=2),
        lambda facts, given, asked, day: has(facts.countries(day, asked), given, asked, "country"),
    ),
    "country_match": (st.sampled_from(["any", "all"]), None),
    "through_organisation": (st.sampled_from(["true", "false"]), None),
    "no_other_parties": (
        st.sampled_from(["true", "false"]),
        lambda facts, given, asked, day: given[0] == "false" or is_only_of(facts, asked, day),
    ),
    "plurality": (
        st.lists(st.sampled_from(["bilateral", "multilateral", "-bilateral"]), max_size=2),
        lambda facts, given, asked, day: has({facts.plurality}, given, asked, ""),
    ),
    "subject": (
        st.lists(st.sampled_from(["POSTAL", "fish & chips", "-Postal", "none"]), max_size=2),
        lambda facts, given, asked, day: has(
            {facts.agreement.subject.lower()}, [value.lower() for value in given], asked, ""
        ),
    ),
    "term": (
        st.lists(st.sampled_from(["fixed", "unknown", "indefinite", "-fixed"]), max_size=2),
        lambda facts, given, asked, day: has({facts.agreement.term_kind}, given, asked, ""),
    ),
    "basis": (
        st.lists(st.sampled_from([*Basis.values, "-inferred"]), max_size=2),
        lambda facts, given, asked, day: has(facts.bases, given, asked, ""),
    ),
    "unknown": (
        st.lists(st.sampled_from([*FACTS_KNOWN, "-signed", "-areas"]), max_size=2),
        lambda facts, given, asked, day: has(facts.unknown, given, asked, ""),
    ),
    "has_commitment": (
        st.sampled_from(["true", "false"]),
        lambda facts, given, asked, day: facts.has_commitment == (given[0] == "true"),
    ),
    "has_relation": (
        st.sampled_from(["true", "false"]),
        lambda facts, given, asked, day: facts.has_relation == (given[0] == "true"),
    ),
    "place": (
        st.sampled_from(["tashkent", "Şək", "new york", "york", "."]),
        lambda facts, given, asked, day: stands_in(given[0], facts.agreement.place),
    ),
    "publisher": (
        st.sampled_from(["azernews", "trend", "trend-daily", "daily", "."]),
        lambda facts, given, asked, day: any(
            each == "Trend" if given[0] == "trend" else stands_in(given[0].replace("-", " "), each)
            for each in facts.publishers
        ),
    ),
    "has_document": (
        st.sampled_from(["true", "false"]),
        lambda facts, given, asked, day: facts.has_document == (given[0] == "true"),
    ),
    "identifier": (
        st.sampled_from(["un-registration:i-7", "I-7", "7", "other:7", "none"]),
        lambda facts, given, asked, day: given[0].lower() in facts.identifiers,
    ),
    "signatory": (
        st.sampled_from(["əliyev", "minister", "Nigar Ali", "nigar-aliyeva", "nobody-2", "."]),
        lambda facts, given, asked, day: any(_is_named(row, given[0]) for row in facts.signatories),
    ),
    "expires_within": (
        st.sampled_from(["0", "400", "4000"]),
        lambda facts, given, asked, day: ends_within(facts, int(given[0]), day),
    ),
    "signed_from": (st.sampled_from(["2010", "2015-06", "2018-01-01"]), _signed),
    "signed_to": (st.sampled_from(["2018-02", "2022", "2024-05-05"]), _signed),
    "in_force_from": (st.sampled_from(["2010", "2016", "2020-05"]), _in_force),
    "in_force_to": (st.sampled_from(["2012", "2018", "2024"]), _in_force),
    "ends_from": (st.sampled_from(["2013-01-05", "2019", "2019-01-01"]), _ends),
    "ends_to": (st.sampled_from(["2019-01-01", "2021", "2030"]), _ends),
    "updated_since": (
        st.sampled_from(["2026-01-10T00:00:00Z", "2026-02-01", "2026-03-05T12:00:00Z"]),
        lambda facts, given, asked, day: facts.agreement.updated_at >= moment(given[0]),
    ),
    "certainty": (st.sampled_from(["possible", "certain"]), None),
    "as_of": (
        st.sampled_from(["2012-01-01", "2017-03-05", "2019-06-30", "2026-11-21", "2031-01-01"]),
        None,
    ),
    "sort": (st.sampled_from([*SORTS]), None),
}


def selected(
    register: list[Facts], asked: QueryDict, day: date, *, of_facet: str = ""
) -> list[Facts]:
    """Return what the query selects; the facet of the status also counts what is not yet concluded on a past day."""
    return [
        facts
        for facts in register
        if (
            facts.status(day) != "not_yet_concluded"
            or any(not value.startswith("-") for value in asked.getlist("status"))
            or of_facet == "status"
        )
        and all(
            holds(facts, asked.getlist(name), asked, day)
            for name, (_values, holds) in TRIED.items()
            if holds and asked.getlist(name)
        )
    ]


def _first_party(facts: Facts, asked: QueryDict) -> tuple[bool, str]:
    """The name by which a list sorted by party has it: of those not asked for, if there are any."""
    codes, slugs = ({*asked.getlist(name)} for name in ("country", "party"))
    parties = [taking for taking in facts.takings if taking.is_party]
    others = [each for each in parties if each.country not in codes and not each.slugs & slugs]
    names = sorted(fold(each.name) for each in others or parties)
    return (not names, names[0] if names else "")


def in_order(found: list[Facts], asked: QueryDict, sort: str, day: date) -> list[Facts]:
    q = asked.get("q", "")
    found = sorted(found, key=lambda facts: facts.agreement.ref)
    match sort:
        case "title":
            return sorted(found, key=lambda facts: facts.agreement.title.lower())
        case "-updated":
            return sorted(found, key=lambda facts: facts.agreement.updated_at, reverse=True)
        case "ref":
            return found
    found = by_date(found, "signed", is_reversed=sort != "signed")
    if sort.endswith(("in_force", "ends")):
        return by_date(found, sort.removeprefix("-"), is_reversed=sort.startswith("-"))
    if sort == "party":
        return sorted(found, key=lambda facts: _first_party(facts, asked))
    if sort == "status":
        return sorted(found, key=lambda facts: Status.values.index(facts.status(day)))
    if sort == "relevance" and q:
        return sorted(
            found,
            key=lambda facts: not stands_in(q, f"{facts.agreement.ref} {facts.agreement.title}"),
        )
    return found  # fmt: skip


def by_date(found: list[Facts], name: str, *, is_reversed: bool = False) -> list[Facts]:
    """Sort by a partial date, unknown ones last; equal dates keep their order."""

    def key(facts: Facts) -> tuple[bool, int, int]:
        value = facts.end if name == "ends" else getattr(facts.agreement, name)
        if value is None:
            return (True, 0, 0)
        sign = -1 if is_reversed else 1
        return (False, sign * value.earliest.toordinal(), sign * value.latest.toordinal())

    return sorted(found, key=key)


def values(facts: Facts, facet: str, day: date, asked: QueryDict) -> set[str]:
    """Return the values of a facet under which an agreement is counted."""
    found: dict[str, Callable[[], set[str]]] = {
        "status": lambda: {facts.status(day)},
        "has_document": lambda: {_yes_or_no(facts.has_document)},
        "has_commitment": lambda: {_yes_or_no(facts.has_commitment)},
        "has_relation": lambda: {_yes_or_no(facts.has_relation)},
        "country": lambda: facts.countries(day, asked),
        "area": lambda: facts.areas,
        "party": lambda: facts.parties(day),
        "plurality": lambda: {facts.plurality} - {""},
        "subject": lambda: {facts.agreement.subject} - {""},
        "term": lambda: {facts.agreement.term_kind},
        "basis": lambda: facts.bases,
        "unknown": lambda: facts.unknown,
        "signed_year": lambda: _years(facts.agreement.signed),
    }
    return found[facet]() if facet in found else {getattr(facts.agreement, facet)}


def _yes_or_no(has_it: bool) -> str:
    return "true" if has_it else "false"


def _years(signed: PartialDate | None) -> set[str]:
    if signed is None:
        return set()
    first, last = signed.earliest.year, signed.latest.year
    if first == 1:
        return {str(last)}
    if last == FAR.year:
        return {str(first)}
    return {str(year) for year in range(first, last + 1)}
