"""Finds parties that may be one body entered twice: the same name, or one as like it as a slip of the pen.

Only parties of one country are compared. The pairs are stored, for staff to go through: the party's screen keeps its
own up to date, `manage.py find_duplicate_parties` all of them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django_countries import countries
from rapidfuzz import fuzz, process

from agreements.models import LikelyDuplicate, Party, PartyName
from agreements.search import fold

# "Ministry of Labor" and "Ministry of Labour" are 97 alike, those of culture and of agriculture 89.
ALIKE = 92
_MOST_ALIKE = 5
# In one request; the command has no such limit.
_MOST_COMPARED = 5_000
_FILLERS = frozenset(["a", "an", "and", "for", "in", "of", "on", "republic", "the"])

Pair = tuple[int, int]


@dataclass
class Counts:
    """What became of the stored pairs."""

    created: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.created + other.created,
            self.changed + other.changed,
            self.removed + other.removed,
            self.unchanged + other.unchanged,
        )


@dataclass(frozen=True)
class _Name:
    """A name of a party, as names are compared: its words in alphabetical order, without those that say little."""

    party: int
    compared: str

    @property
    def numbers(self) -> list[str]:
        return [word for word in self.compared.split() if word[0].isdigit()]


def namesakes(party: Party) -> QuerySet[Party]:
    """Return the other parties that have its very name, also as another spelling, unless their country is another."""
    names = PartyName.objects.filter(folded_name=party.folded_name).values("party")
    named = Q(folded_name=party.folded_name) | Q(pk__in=names)
    found = Party.objects.filter(named).exclude(pk=party.pk)
    if party.country:
        found = found.filter(country__in=["", str(party.country)])
    return found if party.folded_name else Party.objects.none()


def pairs_of(party: Party) -> QuerySet[LikelyDuplicate]:
    """Return the stored pairs of this party that nobody has dismissed, the most alike first."""
    pairs = LikelyDuplicate.objects.filter(Q(first=party) | Q(second=party), is_dismissed=False)
    return pairs.select_related("first", "second")


def pair(one: Party, other: Party) -> Pair:
    """Return the keys of two parties in the order in which a pair is stored."""
    return (min(one.pk, other.pk), max(one.pk, other.pk))


def dismiss(one: Party, other: Party) -> None:
    """Keep in mind that these two are different bodies: they are not suggested again."""
    first, second = pair(one, other)
    LikelyDuplicate.objects.update_or_create(
        first_id=first,
        second_id=second,
        defaults={"is_dismissed": True},
        create_defaults={"is_dismissed": True, "likeness": 0},
    )


def refresh_party(party: Party) -> Counts:
    """Find anew to which parties of its country this one is alike, and store that; about six queries."""
    names = _names(str(party.country), most=_MOST_COMPARED)
    own = list(_names_of(Party.objects.filter(pk=party.pk)))
    others = [name for name in names if name.party != party.pk]
    found = _best(_alike(name, others) for name in own)
    stored = LikelyDuplicate.objects.filter(Q(first=party) | Q(second=party))
    return _store(_without_family(found), stored)


def refresh_country(code: str, *, dry_run: bool = False) -> Counts:
    """Compare all parties of a country, or those of none, with each other and store which are alike.

    Holds the names of one country; ten thousand of them take about half a minute.
    """
    names = list(_names(code))
    found = _best(_alike(name, names[place + 1 :]) for place, name in enumerate(names))
    stored = LikelyDuplicate.objects.filter(first__country=code, second__country=code)
    return _store(_without_family(found), stored, dry_run=dry_run)


def forget_strangers(*, dry_run: bool = False) -> Counts:
    """Remove the pairs of parties that are of different countries by now, as far as nobody dismissed them."""
    apart = LikelyDuplicate.objects.filter(is_dismissed=False).exclude(
        first__country=F("second__country")
    )
    return Counts(removed=apart.count() if dry_run else apart.delete()[0])


# Names and how they are compared


def _names(code: str, most: int | None = None) -> Iterator[_Name]:
    return _names_of(Party.objects.filter(country=code), code=code, most=most)


def _names_of(
    parties: "QuerySet[Party]", code: str | None = None, most: int | None = None
) -> Iterator[_Name]:
    """Yield the names and spellings of these parties, which are of one country."""
    own = parties.order_by("pk").values_list("pk", "folded_name", "country")
    spelled = PartyName.objects.filter(party__in=parties.order_by().values("pk"))
    others = spelled.order_by("pk").values_list("party", "folded_name", "party__country")
    for rows in (own, others):
        for party, folded, country in rows[:most].iterator(chunk_size=2000):
            if folded:
                yield _Name(party, _compared(folded, country))


def _compared(folded: str, code: str) -> str:
    said = _FILLERS | _words_of(code)
    words = sorted(word for word in folded.split() if word not in said)
    return " ".join(words) or folded


_COUNTRY_WORDS: dict[str, frozenset[str]] = {}


def _words_of(code: str) -> frozenset[str]:
    """The words of a country's name, which its bodies may have in theirs or not."""
    if code not in _COUNTRY_WORDS:
        _COUNTRY_WORDS[code] = frozenset(fold(countries.name(code) or "").split())
    return _COUNTRY_WORDS[code]


def _alike(name: _Name, others: list[_Name]) -> Iterator[tuple[Pair, int]]:
    """Yield the pairs that this name makes with others, and how alike they are in per cent."""
    compared = [other.compared for other in others]
    found = process.extract(
        name.compared, compared, scorer=fuzz.ratio, score_cutoff=ALIKE, limit=_MOST_ALIKE
    )
    for _text, likeness, place in found:
        other = others[place]
        if other.party != name.party and other.numbers == name.numbers:
            first, second = sorted((name.party, other.party))
            yield (first, second), int(likeness)


def _best(found: Iterable[Iterable[tuple[Pair, int]]]) -> dict[Pair, int]:
    best: dict[Pair, int] = {}
    for pairs in found:
        for keys, likeness in pairs:
            best[keys] = max(likeness, best.get(keys, 0))
    return best


def _without_family(found: dict[Pair, int]) -> dict[Pair, int]:
    """Leave out a body and the one it is part of: they cannot be merged."""
    keys = {key for pair in found for key in pair}
    parents = dict(Party.objects.filter(pk__in=keys).values_list("pk", "parent"))
    return {
        (first, second): likeness
        for (first, second), likeness in found.items()
        if parents.get(first) != second and parents.get(second) != first
    }


# What is stored of it


@transaction.atomic
def _store(
    found: dict[Pair, int], stored: "QuerySet[LikelyDuplicate]", *, dry_run: bool = False
) -> Counts:
    known: dict[Pair, LikelyDuplicate] = {(row.first_id, row.second_id): row for row in stored}
    new = [keys for keys in found if keys not in known]
    changed = [row for keys, row in known.items() if keys in found and row.likeness != found[keys]]
    gone = [row.pk for keys, row in known.items() if keys not in found and not row.is_dismissed]
    if not dry_run:
        _write(new, changed, gone, found)
    return Counts(len(new), len(changed), len(gone), len(known) - len(changed) - len(gone))


def _write(new: list[Pair], changed: list[Any], gone: list[int], found: dict[Pair, int]) -> None:
    rows = (LikelyDuplicate(first_id=a, second_id=b, likeness=found[a, b]) for a, b in new)
    LikelyDuplicate.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)
    for row in changed:
        row.likeness = found[row.first_id, row.second_id]
    LikelyDuplicate.objects.bulk_update(changed, ["likeness"], batch_size=500)
    for start in range(0, len(gone), 500):
        LikelyDuplicate.objects.filter(pk__in=gone[start : start + 500]).delete()
