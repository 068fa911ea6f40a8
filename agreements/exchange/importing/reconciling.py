"""Finds the party that a file means by a name, and says what to do where that is unclear.

It knows the names and spellings in the register, the countries by their ISO names, and the answers staff have given. A
name that only resembles one of these is offered as a choice, or becomes a new party if the user asks for that.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from django.core.exceptions import ValidationError
from django.utils.text import slugify
from django.utils.translation import gettext as _
from rapidfuzz import fuzz, process

from agreements.curation.party_guesses import kind_of
from agreements.domain.choices import NameKind, PartyKind
from agreements.domain.states import current_code, states
from agreements.exchange.importing.names import (
    countries_of,
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
    pk: int | None = None

    def as_row(self) -> Party:
        """Return the party, unsaved."""
        return self.party

    def names(self) -> list[PartyName]:
        """Return the spellings under which the file knows the party, other than its name, unsaved."""
        return [
            PartyName(party=self.party, name=name, kind=NameKind.AS_PUBLISHED)
            for name in sorted(self.spellings)
            if name != self.party.name and len(name) <= LONGEST_NAME
        ]


@dataclass(frozen=True)
class Unknown:
    """A name that no party has, or several have; `offered` are the ids and names of the closest parties.

    `meant` are the names of all that an ambiguous name may mean, whether the register has them or not. `refusal` is why
    no party can be created with this name; empty if one can.
    """

    name: str
    offered: tuple[tuple[int, str], ...] = ()
    is_ambiguous: bool = False
    meant: tuple[str, ...] = ()
    refusal: str = ""

    @property
    def remedy(self) -> str:
        if self.refusal:
            return _("This cannot be the name of a new party. %(why)s") % {"why": self.refusal}
        sentence = _("No party has this name or a similar one. Correct it, or create a new party.")
        if self.is_ambiguous:
            sentence = _("Several parties have this name: %(names)s. Choose the right one.")
            return sentence % {"names": ", ".join(self.meant)}
        if self.offered:
            sentence = _(
                "No party has this name. Is it one of these: %(names)s? Choose it, or create a new party."
            )
        return sentence % {"names": ", ".join(name for _key, name in self.offered)}


Key = int | NewParty
Meant = Key | Unknown


class PartyBook:
    """Every name of every party, in memory during an import: a register has few parties compared with its agreements.

    `parties` are the stored ones by id, with their names, kind and country alone; `made` are those that the import will
    create, and `unknown` are the names that no party has. `chosen` has the party that staff chose for each spelling, to
    be stored with the party; `answered` has the names for which staff gave an answer, as the file writes them.
    """

    def __init__(
        self,
        rules: PartyRules | None = None,
        *,
        answers: Mapping[str, int | str] | None = None,
        creates: bool = False,
    ) -> None:
        """`answers` maps a spelling's key to the id of a party or `NEW`; with `creates` every unknown name becomes a
        new party.
        """
        self.rules = PartyRules() if rules is None else rules
        self.answers = answers or {}
        self.creates = creates
        self.known = {key_of(spelling): name for spelling, name in self.rules.known.items()}
        self.parties: dict[int, Party] = {}
        self.unknown: dict[str, Unknown] = {}
        self.made: list[NewParty] = []
        self.chosen: dict[str, int] = {}
        self.answered: dict[str, str] = {}
        self._by_key: dict[str, set[Key]] = defaultdict(set)
        self._states: dict[str, set[Key]] = defaultdict(set)
        self._by_slug: dict[str, int] = dict(FormerPartySlug.objects.values_list("slug", "row_id"))
        self._found: dict[Named, Meant] = {}
        self._load()
        self._slugs = set(self._by_slug)

    def _load(self) -> None:
        stored = Party.objects.order_by().values(
            "pk", "slug", "name", "short_name", "kind", "country"
        )
        for values in stored.iterator():
            party = self.parties[values["pk"]] = Party(**values)
            self._by_slug[party.slug] = party.pk
            self._index(party.pk, party, party.short_name)
        for key, name in PartyName.objects.order_by().values_list("party_id", "name").iterator():
            self._index_names(key, [name])

    def _index(self, key: Key, party: Party, *spellings: str) -> None:
        self._index_names(key, [party.name, *spellings])
        if party.kind == PartyKind.STATE and party.country:
            self._states[str(party.country)].add(key)

    def _index_names(self, key: Key, names: Iterable[str]) -> None:
        for spelling in {each for name in names for each in keys_of(name)}:
            self._by_key[spelling].add(key)

    def party(self, key: Key) -> Party:
        return key.party if isinstance(key, NewParty) else self.parties[key]

    def name_of(self, key: Key | None) -> str:
        """Return the name of a party for people, empty for none."""
        is_known = isinstance(key, NewParty) or key in self.parties
        return self.party(key).name if key and is_known else ""

    def has(self, name: str) -> bool:
        """Return whether a party has exactly this name or spelling."""
        return name in map(self.name_of, self._by_key.get(key_of(name), ()))

    def knows(self, name: str) -> bool:
        """Return whether this is the name of a party or a state, or a spelling that the profile lists."""
        return bool(
            key_of(name) in self.known or self._of_that_name(Named(name)) or countries_of(name)
        )

    def find(self, named: Named, among: Iterable[int] = ()) -> Meant:
        """Return the party that is meant, a new one, or an `Unknown`.

        `among` are the record's present parties: if several have the same name, one of these is meant. A slug alone
        can only mean one of these, because another register may use it for a different party: the name or the country
        must agree.
        """
        if named.country != current_code(named.country):
            named = replace(named, country=current_code(named.country))
        of_slug = self._by_slug.get(named.slug)
        if of_slug and self._is_meant(of_slug, named):
            return of_slug
        if of_slug and of_slug in among and not self._of_that_name(named):
            return of_slug
        own = {
            key
            for key in among
            if self.name_of(key) == named.name and self._is_of(named.country, key)
        }
        if len(own) == 1:
            return own.pop()
        if named not in self._found:
            self._found[named] = self._look_up(named)
        return self._found[named]

    def _is_of(self, country: str, key: Key) -> bool:
        """Whether the party may be of this country: one of them is not stated, or both are the same."""
        own = str(self.party(key).country)
        return not (country and own) or country == own

    def _is_meant(self, key: int, named: Named) -> bool:
        """Whether the name or country given with the slug fits this party."""
        party = self.parties[key]
        if named.name in ("", named.slug):
            return True
        if named.country and party.country:
            return named.country == str(party.country)
        spelled = (self._by_key.get(spelling, ()) for spelling in keys_of(named.name))
        return named.name == party.name or any(key in parties for parties in spelled)

    def _look_up(self, named: Named) -> Meant:
        answer = self.answers.get(key_of(named.name))
        if answer is not None:
            self.answered.setdefault(key_of(named.name), named.name)
        if answer == NEW:
            return self._made(named)
        if answer in self.parties:
            self.chosen[named.name] = int(answer)
            return int(answer)
        found = self._of_that_name(named)
        if len(found) == 1:
            [one] = found
            if isinstance(one, NewParty):
                one.spellings.add(named.name)
            return one
        if found:
            stored = sorted(key for key in found if isinstance(key, int))
            meant = sorted({self.name_of(key) for key in found})
            return self._none(named, stored, meant)
        if states_meant := self._states_meant(named):
            stored = sorted(
                key for code in states_meant for key in self._states[code] if isinstance(key, int)
            )
            return self._none(named, stored, sorted(map(country_name, states_meant)))
        if self.creates:
            return self._made(named)
        close = self._close(named.name)
        refusal = "" if close else _why_no_party(self._party(named))
        return self._none(named, close, refusal=refusal)

    def _of_that_name(self, named: Named) -> set[Key]:
        name = self._usual(named.name)
        keys = (*keys_of(name), *turned_keys(name))
        candidates = next((self._by_key[key] for key in keys if self._by_key.get(key)), set())
        if not candidates:
            codes = countries_of(name)
            if len(codes) == 1 or named.country in codes:
                code = named.country if named.country in codes else next(iter(codes))
                candidates = self._states.get(code, set())
        if named.country:
            candidates = {key for key in candidates if self._is_of(named.country, key)}
        # of several, the one whose main name it is
        own = {key for key in candidates if self.name_of(key) == named.name}
        return own if len(own) == 1 and not self._states_meant(named) else candidates

    def _states_meant(self, named: Named) -> frozenset[str]:
        """Return the codes of the states that share this name, unless the country says which is meant."""
        codes = frozenset() if named.country else countries_of(self._usual(named.name))
        return codes if len(codes) > 1 else frozenset()

    def _usual(self, name: str) -> str:
        return self.known.get(key_of(name), name)

    def _close(self, name: str) -> list[int]:
        close = process.extract(
            key_of(name),
            list(self._by_key),
            scorer=fuzz.ratio,
            score_cutoff=CLOSE,
            limit=MOST_OFFERED * 2,
        )
        keys = (key for text, _score, _place in close for key in self._by_key[text])
        return [key for key in dict.fromkeys(keys) if isinstance(key, int)][:MOST_OFFERED]

    def _none(
        self, named: Named, offered: list[int], meant: Iterable[str] = (), refusal: str = ""
    ) -> Unknown:
        choices = tuple((key, self.parties[key].name) for key in offered)
        unknown = Unknown(named.name, choices, bool(meant), tuple(meant), refusal)
        self.unknown.setdefault(key_of(named.name), unknown)
        return unknown

    def _made(self, named: Named) -> Meant:
        resembled = tuple(self.parties[key].name for key in self._close(named.name))
        new = NewParty(self._party(named), {named.name}, resembled)
        if refusal := _why_no_party(new.party):
            return Unknown(named.name, refusal=refusal)
        self._slugs.add(new.party.slug)
        self.made.append(new)
        self._index(new, new.party, named.name, self._usual(named.name))
        return new

    def _party(self, named: Named) -> Party:
        usual = self._usual(named.name)
        name = presentable(usual, tidies_capitals=self.rules.tidy_capitals)
        country = named.country or (country_of(usual) if not named.kind else "")
        kind = named.kind or self.rules.kind or kind_of(name)
        if country and not named.kind:
            name = country_name(country)
            kind = states()[country].kind
        slug = self._free_slug(named.slug or name, country)
        return Party(name=name, kind=kind, country=country, slug=slug)

    def _free_slug(self, name: str, country: str) -> str:
        plain = slugify(name)[:100].strip("-") or "party"
        national = f"{plain}-{country.lower()}" if country else plain
        numbered = (f"{national}-{n}" for n in range(2, len(self._slugs) + 3))
        return next(slug for slug in (plain, national, *numbered) if slug not in self._slugs)


def _why_no_party(party: Party) -> str:
    """Return why the register cannot have this party; empty if it can."""
    try:
        party.clean_fields()
    except ValidationError as error:
        return " ".join(error.messages)
    return ""
