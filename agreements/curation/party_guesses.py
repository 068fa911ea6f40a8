"""Guesses what a new party is from its name: its kind, its country, and the state that it is a body of.

It fills in a form that somebody looks at before saving, so a wrong guess costs a correction and a missing one nothing.
"""

from dataclasses import dataclass
from functools import cache

from django.db.models import Q

from agreements.domain.capitals import AMBIGUOUS, CAPITALS
from agreements.domain.choices import PartyKind
from agreements.domain.states import State, states
from agreements.models import Party, PartyName
from agreements.search import fold

# Shorter names of states, such as "US", are words of other names too.
_SHORTEST_NAME = 4
_LONGEST_NAME = 8
# "Moldovan" is "Moldova" with another ending; so short a difference is never another country's name.
_LONGEST_ENDING = 2
_SHORTEST_STEM = 5
_MOST_RUNS = 200

_STATE_BODIES = frozenset(
    {"ministry", "agency", "court", "parliament", "subnational", "city", "central_bank"}
)
# the first kind of which the name has a word, folded as the search folds it; kinds that the register lacks are skipped
_WORDS = {
    "trade_union": "trade union; unions; profsoyuz; hemkarlar",
    "employers_organisation": "employers; employer",
    "chamber": "chamber of commerce; chamber of industry; chamber",
    "central_bank": "central bank; national bank; merkezi bank; merkezi banki",
    "research_institute": "research institute; research centre; research center",
    "ministry": "ministry; ministries; ministerstvo; nazirlik; nazirliyi; bakanligi; ministerium",
    "parliament": "parliament; meclisi; milli mejlis; duma; senate; assembly",
    "court": "court; tribunal; sud; mehkemesi",
    "university": "university; universitet; universitesi; institute; academy; college",
    "company": "company; corporation; ltd; llc; jsc; ojsc; cjsc; inc; gmbh; plc; asc; mmc; qsc; holding",
    "agency": (
        "agency; committee; service; authority; administration; directorate; inspectorate; commission; fund; "
        "department; office; agentlik; agentliyi; komitesi; xidmeti; agentstvo; komitet; sluzhba"
    ),
    "city": "city; municipality; belediyesi",
    "subnational": "region; province; oblast; governorate; prefecture; city; municipality",
    "international_organisation": (
        "organisation; organization; union; commonwealth; league; council; conference; united nations; world bank; "
        "development bank; monetary fund; teskilati; organizaciya"
    ),
    "ngo": "association; foundation; society; ngo; federation",
}
# The organisations of the United Nations system and other well-known ones between states, by the short names that they
# use themselves, folded: in English, then in Azerbaijani and Russian.
_ORGANISATIONS = frozenset((
    *("fao", "iaea", "icao", "ifad", "ilo", "imf", "imo", "iom", "itu", "unctad", "undp", "unece", "unep", "unesco"),
    *("unfpa", "unhabitat", "unhcr", "unicef", "unido", "unodc", "unops", "unrwa", "unwto", "upu", "wfp", "who", "wipo"),
    *("wmo", "wto", "adb", "aiib", "bsec", "cern", "ebrd", "eib", "guam", "icesco", "isdb", "issa", "nato", "oecd", "oic"),
    *("opec", "osce", "sco", "turksoy", "turkpa", "traceca"),
    *("bmt", "yunesko", "yunisef"),
    *("oon", "obse", "shos"),
))  # fmt: skip


@dataclass(frozen=True)
class Guess:
    """What to fill in for a new party: codes, and the state; empty where the name says nothing."""

    kind: str
    country: str = ""
    parent: Party | None = None


def guess(name: str) -> Guess:
    """Return what a name says about a party; up to two queries."""
    typed = fold(name).split()
    state = _names().get(_without_article(typed))
    if state is not None:
        return Guess(state.kind, state.code)
    is_capital = " ".join(typed) in _capitals()
    kind = PartyKind.CITY.value if is_capital else _kind(typed)
    code = _country_of(typed, is_capital=is_capital)
    is_body = bool(code) and kind in _STATE_BODIES
    return Guess(kind, code, _state_party(code) if is_body else None)


def _country_of(typed: list[str], *, is_capital: bool) -> str:
    """Return the code of the state that the words name, of a known party that they name, or of a capital; or nothing."""
    if found := _country_in(typed):
        return found.code
    runs = _runs(typed)
    capitals = (_capitals()[run] for run in runs if run in _capitals())
    is_told = is_capital or not set(runs) & {fold(name) for name in AMBIGUOUS}
    return _country_of_known(runs) or (next(capitals, "") if is_told else "")


def _runs(typed: list[str]) -> list[str]:
    """Return all runs of these words, the longest first, each also as “Skopje” for the folded “Skopjes”."""
    lengths = range(min(_LONGEST_NAME, len(typed)), 0, -1)
    runs = [" ".join(typed[at : at + n]) for n in lengths for at in range(len(typed) - n + 1)]
    bare = (form for run in runs for form in (run, run.removesuffix("s")))
    return [form for form in dict.fromkeys(bare) if len(form) >= _SHORTEST_NAME]


def _country_of_known(runs: list[str]) -> str:
    """Return the country of the party with the longest name among these, empty if there is none."""
    other = PartyName.objects.filter(folded_name__in=runs[:_MOST_RUNS]).values("party")
    named = Party.objects.filter(Q(folded_name__in=runs[:_MOST_RUNS]) | Q(pk__in=other))
    rows = named.exclude(country="").order_by("pk").values_list("folded_name", "country")
    found = sorted(rows, key=lambda row: runs.index(row[0]) if row[0] in runs else len(runs))
    return str(found[0][1]) if found else ""


@cache
def _capitals() -> dict[str, str]:
    """Return the code of the state by the folded name of its capital."""
    return {fold(name): code for code, names in CAPITALS.items() for name in names}


def _state_party(code: str) -> Party | None:
    found = Party.objects.filter(kind=PartyKind.STATE, country=code, parent=None)
    return found.order_by("pk").first()


def kind_of(name: str) -> str:
    """Return the kind of party that a name suggests."""
    return _kind(fold(name).split())


def _kind(typed: list[str]) -> str:
    text = f" {' '.join(typed)} "
    for kind, told in _WORDS.items():
        if kind in PartyKind.values and any(f" {word} " in text for word in told.split("; ")):
            return kind
    is_known = not _ORGANISATIONS.isdisjoint(typed)
    return (PartyKind.INTERNATIONAL_ORGANISATION if is_known else PartyKind.OTHER).value


def _country_in(typed: list[str]) -> State | None:
    """Return the state whose name stands in these words, the longest name first; then by a word made from a name."""
    for length in range(_LONGEST_NAME, 0, -1):
        for start in range(len(typed) - length + 1):
            if found := _names().get(tuple(typed[start : start + length])):
                return found
    for word in typed:
        for cut in range(1, _LONGEST_ENDING + 1):
            stem = word[:-cut]
            if len(stem) >= _SHORTEST_STEM and (found := _names().get((stem,))):
                return found
    return None


@cache
def _names() -> dict[tuple[str, ...], State]:
    """Return today's states by every name they go by, in folded words."""
    found: dict[tuple[str, ...], State] = {}
    for state in states().values():
        if state.existed_until:
            continue
        for name in (state.name, *state.labels.values(), *(each.name for each in state.names)):
            words = _without_article(fold(name).split())
            if len("".join(words)) >= _SHORTEST_NAME:
                found.setdefault(words, state)
    return found


def _without_article(typed: list[str]) -> tuple[str, ...]:
    return tuple(typed[1:] if typed[:1] == ["the"] else typed)
