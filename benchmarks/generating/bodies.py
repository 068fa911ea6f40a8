"""The areas and parties of a generated register: states with their ministries, agencies and other bodies.

Both lists start with the busiest, as `Draws.rank` expects. A larger register has more bodies in each state.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count

from django.utils import translation
from django.utils.encoding import force_str
from django.utils.text import slugify
from django_countries.data import COUNTRIES

from agreements.domain.choices import NameKind, PartyKind
from benchmarks.generating.draws import Draws, shares
from benchmarks.generating.phrases import NOTHING, Phrase, phrase
from benchmarks.generating.tables import AREAS, NAMES, PARTIES, Rows
from benchmarks.generating.vocabulary import AGENCIES, FIELDS, PORTFOLIOS, rare_word

STATES = 200
# How many agreements a body takes part in on average, over busy and quiet ones.
_AGREEMENTS_A_BODY = 220
_MOST_BODIES_A_STATE = 24

_OTHERS = shares(
    {
        PartyKind.UNIVERSITY.value: 30,
        PartyKind.SUBNATIONAL.value: 25,
        PartyKind.INTERNATIONAL_ORGANISATION.value: 15,
        PartyKind.NGO.value: 12,
        PartyKind.COMPANY.value: 10,
        PartyKind.OTHER.value: 8,
    }
)
_OTHER_NAMES = {
    PartyKind.UNIVERSITY.value: "University of {}",
    PartyKind.SUBNATIONAL.value: "City of {}",
    PartyKind.INTERNATIONAL_ORGANISATION.value: "International {} Organisation",
    PartyKind.NGO.value: "{} Foundation",
    PartyKind.COMPANY.value: "{} Holding",
    PartyKind.OTHER.value: "{} Council",
}


@dataclass(frozen=True, slots=True)
class Node:
    """An area or a party: its key, its name, and every name it is searched by, including its ancestors'."""

    key: int
    name: Phrase
    searched: frozenset[str]
    called: dict[str, Phrase]

    def name_in(self, language: str) -> Phrase:
        return self.called.get(language, self.name)


@dataclass(frozen=True)
class World:
    """The areas and parties of a register, the busiest first."""

    areas: list[Node]
    parties: list[Node]


def world(draws: Draws, agreements: int, rows: Rows) -> World:
    """Return the areas and parties for this many agreements, and add their rows."""
    areas = list(_areas(draws, rows))
    parties = list(_Parties(draws, rows).made(agreements))
    draws.shuffle(areas)
    # States sign more than their ministries, and these more than universities.
    parties.sort(key=lambda ranked: (ranked[0] + draws.random(), ranked[1].key))
    return World(areas, [party for _weight, party in parties])


def token(draws: Draws) -> str:
    """Return an edit token that no other record has."""
    return f"{draws.getrandbits(128):032x}"


def _areas(draws: Draws, rows: Rows) -> Iterator[Node]:
    keys = count(1)
    for name, below in FIELDS.items():
        parent = _area(draws, rows, next(keys), name, None)
        yield parent
        for narrower in below.split(", "):
            yield _area(draws, rows, next(keys), narrower, parent)


def _area(draws: Draws, rows: Rows, key: int, name: str, parent: Node | None) -> Node:
    above = parent.key if parent else None
    rows[AREAS].append((key, token(draws), above, slugify(name), name, "", key * 10))
    searched = {phrase(name).indexed} | (parent.searched if parent else frozenset())
    return Node(key, phrase(name), frozenset(searched), {})


class _Parties:
    """Makes the parties one after another, with their rows."""

    def __init__(self, draws: Draws, rows: Rows) -> None:
        self._draws, self._rows = draws, rows
        self._keys = count(1)

    def made(self, agreements: int) -> Iterator[tuple[float, Node]]:
        """Yield the parties, each with a weight: the lower the weight, the busier the party."""
        codes = sorted(COUNTRIES)
        self._draws.shuffle(codes)
        names = {language: _country_names(language) for language in ("en", "az", "ru", "tr", "de")}
        bodies = max(400, agreements // _AGREEMENTS_A_BODY)
        for place, code in enumerate(codes[:STATES]):
            state = self._state(code, {language: names[language][code] for language in names})
            yield place / STATES, state
            most = min(_MOST_BODIES_A_STATE, 1 + bodies // (place + 20))
            for ministry in self._ministries(code, state, most):
                yield 0.4 + place / STATES, ministry
        for number in range(bodies // 5):
            yield 1.2, self._other(number, codes[self._draws.rank(STATES)])

    def _state(self, code: str, names: dict[str, str]) -> Node:
        aliases = {language: names[language] for language in names if language != "en"}
        return self._party(names["en"], PartyKind.STATE, code, aliases=aliases)

    def _ministries(self, code: str, state: Node, most: int) -> Iterator[Node]:
        ministry = state
        for number, (portfolio, aliases) in enumerate(PORTFOLIOS.items()):
            if number >= most:
                return
            name = f"Ministry of {portfolio} of {state.name.text}"
            known = dict(zip(("az", "ru"), aliases, strict=True)) if number % 2 else {}
            ministry = self._party(
                name, PartyKind.MINISTRY, code, parent=state, aliases=known, translated=False
            )
            yield ministry
        for agency in AGENCIES[: most - len(PORTFOLIOS)]:
            name = f"{agency} of {state.name.text}"
            yield self._party(
                name, PartyKind.AGENCY, code, parent=self._draws.of((state, ministry))
            )

    def _other(self, number: int, code: str) -> Node:
        kind = self._draws.of(_OTHERS)
        word = rare_word(50_000 + number).title()
        country = "" if kind == PartyKind.INTERNATIONAL_ORGANISATION else code
        return self._party(
            _OTHER_NAMES[kind].format(word), kind, country, short=f"{word[:3].upper()}{number}"
        )

    def _party(
        self,
        name: str,
        kind: str,
        country: str,
        *,
        parent: Node | None = None,
        short: str = "",
        aliases: dict[str, str] | None = None,
        translated: bool = True,
    ) -> Node:
        """Add a party with its names in other languages; titles use those of states too."""
        key = next(self._keys)
        self._rows[PARTIES].append(
            (
                key, token(self._draws), parent.key if parent else None, f"{slugify(name)[:100]}-{key}", name, short,
                kind, country, f"https://{key}.body.example.org/", False,
            )
        )  # fmt: skip
        others = {language: phrase(alias) for language, alias in (aliases or {}).items()}
        self._name(key, name, others)
        names = (phrase(name), phrase(short) if short else NOTHING, *others.values())
        searched = {own.indexed for own in names} | (parent.searched if parent else frozenset())
        return Node(key, phrase(name), frozenset(searched), others if translated else {})

    def _name(self, key: int, name: str, others: dict[str, Phrase]) -> None:
        seen = {name}
        for language, other in others.items():
            if other.text not in seen:
                seen.add(other.text)
                row = (key, other.text, NameKind.TRANSLATION.value, language, "", "", "")
                self._rows[NAMES].append(row)


def _country_names(language: str) -> dict[str, str]:
    with translation.override(language):
        return {code: force_str(name) for code, name in _without_separators(COUNTRIES.items())}


def _without_separators(names: Iterable[tuple[str, object]]) -> Iterator[tuple[str, str]]:
    return ((code, force_str(name).replace(";", ",")) for code, name in names)
