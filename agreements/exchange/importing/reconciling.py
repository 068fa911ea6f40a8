"""Finds the party that a file means by a name, and says what to do where that is unclear.

It knows the names and spellings in the register, the countries by their ISO names, and the answers staff have given. A
name that only resembles one of these is offered as a choice, or becomes a new party if the user asks for that.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.text import slugify
from django.utils.translation import gettext as _
from rapidfuzz import fuzz, process

from agreements.domain.choices import NameKind, PartyKind
from agreements.exchange.importing.names import (
    country_name,
    country_of,
    key_of,
    keys_of,
    presentable,
    turned_keys,
)
from agreements.exchange.importing.profiles import PartyRules
from agreements.exchange.importing.statements import Named
from agreements.models import FormerPartySlug, Party, PartyName

MOST_OFFERED = 3
CLOSE = 82.0
LONGEST_NAME = 255
# An answer in the preview: a new party is meant.
NEW = "new"


@dataclass(eq=False)
class NewParty:
    """A party that an import will create, with its `pk` once created. `spellings` are the names the file uses for it."""

    party: Party
    spellings: set[str] = field(default_factory=set)
    resembles: tuple[str, ...] = ()

    @property
    def pk(self) -> int | None:
        return self.party.pk


@dataclass(frozen=True)
class Unknown:
    """A name that no party has; `offered` are the ids and names of the closest parties."""

    name: str
    offered: tuple[tuple[int, str], ...] = ()
    is_ambiguous: bool = False

    @property
    def remedy(self) -> str:
        names = ", ".join(name for _key, name in self.offered)
        if self.is_ambiguous:
            return _("Several parties have this name: %(names)s. Choose the one that is meant.") % {
                "names": names
            }
        if names:
            return _(
                "No party has this name. Is it one of these: %(names)s? Choose it, or create a new party."
            ) % {"names": names}
        return _("No party has this name or a similar one. Correct it, or create a new party.")


Meant = int | NewParty | Unknown


class PartyBook:
    """Every name of every party, in memory during an import: a register has few parties compared with its agreements."""

    def __init__(
        self,
        rules: PartyRules | None = None,
        *,
        answers: Mapping[str, Any] | None = None,
        creates: bool = False,
    ) -> None:
        """`answers` maps a spelling's key to the id of a party or `NEW`; with `creates` every unknown name becomes a
        new party.
        """
        self.rules = rules or PartyRules()
        self.answers = dict(answers or {})
        self.creates = creates
        self.known = {key_of(spelling): name for spelling, name in self.rules.known.items()}
        self.names: dict[int, str] = {}
        self._outlines: dict[int, tuple[str, str]] = {}
        self.unknown: dict[str, Unknown] = {}
        self.made: list[NewParty] = []
        # the party that staff chose for a spelling, to be remembered with the party
        self.chosen: dict[str, int] = {}
        # the names that staff have answered, as the file writes them
        self.answered: dict[str, str] = {}
        self._by_key: dict[str, set[int | NewParty]] = defaultdict(set)
        self._states: dict[str, set[int | NewParty]] = defaultdict(set)
        self._by_slug: dict[str, int] = {}
        self._found: dict[Named, Meant] = {}
        self._slugs: set[str] = set()
        self._load()

    def _load(self) -> None:
        parties = Party.objects.order_by().values_list(
            "pk", "slug", "name", "short_name", "kind", "country"
        )
        for key, slug, name, short_name, kind, country in parties.iterator():
            self.names[key] = name
            self._outlines[key] = (kind, str(country))
            self._by_slug[slug] = key
            self._index(key, [name, short_name])
            if kind == PartyKind.STATE and country:
                self._states[str(country)].add(key)
        for key, name in PartyName.objects.order_by().values_list("party_id", "name").iterator():
            self._index(key, [name])
        former = dict(FormerPartySlug.objects.values_list("slug", "row_id"))
        self._by_slug = {**former, **self._by_slug}
        self._slugs = set(self._by_slug)

    def _index(self, key: "int | NewParty", names: Iterable[str]) -> None:
        for spelling in {each for name in names for each in keys_of(name)}:
            self._by_key[spelling].add(key)

    def name_of(self, key: "int | NewParty | None") -> str:
        """Return the name of a party for people, empty for none."""
        if isinstance(key, NewParty):
            return str(key.party.name)
        return self.names.get(key, "") if key else ""

    def outline_of(self, key: int) -> Party:
        """Return a party with its name, kind and country alone."""
        kind, country = self._outlines[key]
        return Party(pk=key, name=self.names[key], kind=kind, country=country)

    def has(self, name: str) -> bool:
        """Return whether a party has exactly this name or spelling."""
        return key_of(name) in self._by_key and name in self._spelled(name)

    def _spelled(self, name: str) -> set[str]:
        return {self.name_of(key) for key in self._by_key[key_of(name)]}

    def find(self, named: Named, among: Iterable[int] = ()) -> Meant:
        """Return the party that is meant, a new one, or an `Unknown`.

        `among` are the record's present parties: of several with the same name, one of these is meant. A slug alone
        can only name one of these, because another register may use it for a different party: the name or the country
        must agree.
        """
        of_slug = self._by_slug.get(named.slug)
        if of_slug and self._is_meant(of_slug, named):
            return of_slug
        if of_slug and of_slug in among and not self._of_that_name(named):
            return of_slug
        own = [key for key in among if self.names.get(key) == named.name]
        if len(set(own)) == 1:
            return own[0]
        if named not in self._found:
            self._found[named] = self._look_up(named)
        return self._found[named]

    def _is_meant(self, key: int, named: Named) -> bool:
        """Whether the name or country given with the slug fits this party."""
        if named.name in ("", named.slug):
            return True
        country = self._outlines[key][1]
        if named.country and country:
            return named.country == country
        spelled = (self._by_key.get(spelling, ()) for spelling in keys_of(named.name))
        return named.name == self.names[key] or any(key in parties for parties in spelled)

    def _look_up(self, named: Named) -> Meant:
        answer = self.answers.get(key_of(named.name))
        if answer is not None:
            self.answered.setdefault(key_of(named.name), named.name)
        if answer == NEW:
            return self._made(named)
        if answer in self.names:
            self.chosen[named.name] = int(answer)
            return int(answer)
        found = self._of_that_name(named)
        if len(found) == 1:
            [one] = found
            if isinstance(one, NewParty):
                one.spellings.add(named.name)
            return one
        if found:
            return self._nobody(
                named, sorted(k for k in found if isinstance(k, int)), ambiguous=True
            )
        if self.creates:
            return self._made(named)
        return self._nobody(named, self._close(named.name))

    def _of_that_name(self, named: Named) -> set[Any]:
        name = self._usual(named.name)
        candidates: set[Any] = set()
        for key in (*keys_of(name), *turned_keys(name)):
            candidates = candidates or self._by_key.get(key, set())
        if not candidates and (country := country_of(name)):
            candidates = self._states.get(country, set())
        return self._narrowed(candidates, named)

    def _narrowed(self, candidates: set[Any], named: Named) -> set[Any]:
        """Leave out parties of another country than the one given; of several, take the one whose main name it is."""
        if named.country:
            fitting = {"", named.country}
            candidates = {key for key in candidates if self._country_of(key) in fitting}
        if len(candidates) > 1:
            own = {key for key in candidates if self.name_of(key) == named.name}
            candidates = own if len(own) == 1 else candidates
        return candidates

    def _country_of(self, key: "int | NewParty") -> str:
        return str(key.party.country) if isinstance(key, NewParty) else self._outlines[key][1]

    def _usual(self, name: str) -> str:
        return self.known.get(key_of(name), name)

    def _close(self, name: str) -> list[int]:
        wanted = key_of(name)
        close = process.extract(
            wanted,
            list(self._by_key),
            scorer=fuzz.ratio,
            score_cutoff=CLOSE,
            limit=MOST_OFFERED * 2,
        )
        keys = (k for text, _score, _place in close for k in self._by_key[text])
        return [k for k in dict.fromkeys(keys) if isinstance(k, int)][:MOST_OFFERED]

    def _nobody(self, named: Named, offered: list[int], *, ambiguous: bool = False) -> Unknown:
        choices = tuple((key, self.names[key]) for key in offered)
        unknown = Unknown(named.name, choices, is_ambiguous=ambiguous)
        self.unknown.setdefault(key_of(named.name), unknown)
        return unknown

    def _made(self, named: Named) -> Meant:
        new = NewParty(self._party(named), {named.name}, self._resembled(named.name))
        try:
            new.party.clean_fields()
        except ValidationError as error:
            return Unknown(f"{named.name} ({' '.join(error.messages)})")
        self._slugs.add(new.party.slug)
        self.made.append(new)
        self._index(new, [new.party.name, *new.spellings, self._usual(named.name)])
        if new.party.kind == PartyKind.STATE and new.party.country:
            self._states[str(new.party.country)].add(new)
        return new

    def _resembled(self, name: str) -> tuple[str, ...]:
        return tuple(self.names[key] for key in self._close(name))

    def _party(self, named: Named) -> Party:
        usual = self._usual(named.name)
        name = presentable(usual, tidies_capitals=self.rules.tidies_capitals)
        country = named.country or (country_of(usual) if not named.kind else "")
        kind = named.kind or self.rules.kind
        if country and not named.kind:
            name = country_name(country)
            kind = PartyKind.OTHER if country in _NO_STATES else PartyKind.STATE
        return Party(
            name=name, kind=kind, country=country, slug=self._free_slug(named.slug or name, country)
        )

    def _free_slug(self, name: str, country: str) -> str:
        plain = slugify(name)[:100].strip("-") or "party"
        national = f"{plain}-{country.lower()}" if country else plain
        numbered = (f"{national}-{n}" for n in range(2, len(self._slugs) + 3))
        return next(slug for slug in (plain, national, *numbered) if slug not in self._slugs)

    def settle(self, new: NewParty) -> None:
        """Register a newly created party under its id too."""
        if new.pk is not None:
            self.names[new.pk] = new.party.name
            self._outlines[new.pk] = (new.party.kind, str(new.party.country))

    def spellings_to_keep(self, new: NewParty) -> list[PartyName]:
        """Return the spellings under which the file knows a new party, other than its name."""
        return [
            PartyName(party=new.party, name=name, kind=NameKind.AS_PUBLISHED)
            for name in sorted(new.spellings)
            if name != new.party.name and len(name) <= LONGEST_NAME
        ]


# Entries of ISO 3166-1 that the standard itself does not list as independent.
_NO_STATES = frozenset({
    "AX", "AS", "AI", "AQ", "AW", "BM", "BQ", "BV", "IO", "KY", "CX", "CC", "CK", "CW", "FK", "FO", "GF", "PF",
    "TF", "GI", "GL", "GP", "GU", "GG", "HM", "HK", "IM", "JE", "MO", "MQ", "YT", "MS", "NC", "NU", "NF", "MP",
    "PN", "PR", "PS", "RE", "BL", "SH", "MF", "PM", "SX", "GS", "SJ", "TW", "TK", "TC", "UM", "VG", "VI", "WF",
    "EH",
})  # fmt: skip
