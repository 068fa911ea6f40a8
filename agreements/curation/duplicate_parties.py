"""Finds parties that may be one body entered twice: their names are the same, or differ by no more than a typo.

Only parties of one country are compared. The pairs are stored for staff to review: a party's page keeps its own pairs
up to date, and `manage.py find_duplicate_parties` updates all of them.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import chain
from typing import NamedTuple

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django_countries import countries
from rapidfuzz import fuzz, process

from agreements.domain.chunks import in_chunks
from agreements.models import LikelyDuplicate, Party, PartyName
from agreements.search import fold

# "Ministry of Labor" and "Ministry of Labour" score 97, the ministries of culture and of agriculture 89.
ALIKE = 92
_MOST_ALIKE = 5
# In one request; the command has no such limit.
_MOST_COMPARED = 5_000
_CHUNK = 500
_FILLERS = frozenset(["a", "an", "and", "for", "in", "of", "on", "republic", "the"])

Pair = tuple[int, int]
# How many of the stored pairs were created, changed, removed and left unchanged.
Counts = Counter[str]


class _Name(NamedTuple):
    """A name of a party in the form used for comparison: its words in alphabetical order, without the common ones."""

    party: int
    compared: str

    @property
    def numbers(self) -> list[str]:
        return [word for word in self.compared.split() if word[0].isdigit()]


def namesakes(party: Party) -> QuerySet[Party]:
    """Return the other parties with exactly its name, even as a spelling, unless their country differs."""
    names = PartyName.objects.filter(folded_name=party.folded_name).values("party")
    named = Q(folded_name=party.folded_name) | Q(pk__in=names)
    found = Party.objects.filter(named).exclude(pk=party.pk)
    if party.country:
        found = found.filter(country__in=["", str(party.country)])
    return found if party.folded_name else Party.objects.none()


def alike_to(names: Iterable[str], country: str, own: int | None) -> list[Party]:
    """Return the parties whose names are the same as one of these or like it, five at most, the most alike first.

    `own` is the id of the party that is being changed, None for a new one; about five queries.
    """
    found: dict[int, Party] = {}
    others = list(_names(Party.objects.filter(country=country), most=_MOST_COMPARED))
    for name in names:
        same = namesakes(Party(pk=own, country=country, folded_name=fold(name)))
        found |= {other.pk: other for other in same[:_MOST_ALIKE]}
        alike = _alike(_Name(own or 0, _compared(fold(name), country)), others)
        keys = [key for pair, _likeness in alike for key in pair if key != (own or 0)]
        stored = Party.objects.in_bulk(keys)
        found |= {key: stored[key] for key in keys if key in stored}
    return list(found.values())[:_MOST_ALIKE]


def pairs_of(party: Party) -> QuerySet[LikelyDuplicate]:
    """Return the stored pairs of this party that nobody has dismissed, the most alike first."""
    return _pairs_with(party).filter(is_dismissed=False).select_related("first", "second")


def _pairs_with(party: Party) -> QuerySet[LikelyDuplicate]:
    return LikelyDuplicate.objects.filter(Q(first=party) | Q(second=party))


def _pair(one: int, other: int) -> Pair:
    """Return the keys of two parties in the order in which a pair is stored."""
    return (min(one, other), max(one, other))


def dismiss(one: Party, other: Party) -> None:
    """Remember that these two are different bodies, so that they are not suggested again."""
    first, second = _pair(one.pk, other.pk)
    LikelyDuplicate.objects.update_or_create(
        first_id=first,
        second_id=second,
        defaults={"is_dismissed": True},
        create_defaults={"is_dismissed": True, "likeness": 0},
    )


def refresh_party(party: Party) -> Counts:
    """Find the parties of its country whose names are like this one's, and store the pairs; about six queries."""
    names = _names(Party.objects.filter(country=str(party.country)), most=_MOST_COMPARED)
    others = [name for name in names if name.party != party.pk]
    own = _names(Party.objects.filter(pk=party.pk))
    return _store(_best(_alike(name, others) for name in own), _pairs_with(party))


def refresh_country(code: str, *, dry_run: bool = False) -> Counts:
    """Compare all parties of a country (or those without one) with each other and store the pairs that are alike.

    Holds the names of one country in memory; ten thousand of them take about half a minute.
    """
    names = list(_names(Party.objects.filter(country=code)))
    found = _best(_alike(name, names[place + 1 :]) for place, name in enumerate(names))
    stored = LikelyDuplicate.objects.filter(first__country=code, second__country=code)
    return _store(found, stored, dry_run=dry_run)


def remove_pairs_across_countries(*, dry_run: bool = False) -> Counts:
    """Remove the pairs whose parties now belong to different countries, except dismissed ones."""
    apart = LikelyDuplicate.objects.filter(is_dismissed=False).exclude(
        first__country=F("second__country")
    )
    return Counts(removed=apart.count() if dry_run else apart.delete()[0])


# Names and how they are compared


def _names(parties: QuerySet[Party], most: int | None = None) -> Iterator[_Name]:
    """Yield the names and spellings of these parties, which are of one country."""
    own = parties.order_by("pk").values_list("pk", "folded_name", "country")
    spelled = PartyName.objects.filter(party__in=parties.order_by().values("pk"))
    others = spelled.order_by("pk").values_list("party", "folded_name", "party__country")
    for rows in (own, others):
        for party, folded, country in rows[:most].iterator(chunk_size=2000):
            if folded:
                yield _Name(party, _compared(folded, country))


def _compared(folded: str, country: str) -> str:
    said = _FILLERS | _words_of(country)
    return " ".join(sorted(word for word in folded.split() if word not in said)) or folded


@cache
def _words_of(code: str) -> frozenset[str]:
    """Return the words of a country's name, which the names of its bodies may or may not contain."""
    return frozenset(fold(countries.name(code) or "").split())


def _alike(name: _Name, others: list[_Name]) -> Iterator[tuple[Pair, int]]:
    """Yield the pairs of this name with others, and their likeness in per cent."""
    compared = [other.compared for other in others]
    found = process.extract(
        name.compared, compared, scorer=fuzz.ratio, score_cutoff=ALIKE, limit=_MOST_ALIKE
    )
    for _text, likeness, place in found:
        other = others[place]
        if other.party != name.party and other.numbers == name.numbers:
            yield _pair(name.party, other.party), int(likeness)


def _best(found: Iterable[Iterable[tuple[Pair, int]]]) -> dict[Pair, int]:
    """Return the highest likeness of each pair; leave out a body and its parent, which cannot be merged."""
    best: dict[Pair, int] = {}
    for keys, likeness in chain.from_iterable(found):
        best[keys] = max(likeness, best.get(keys, 0))
    parties = Party.objects.filter(pk__in=set(chain.from_iterable(best)))
    family = set(parties.values_list("pk", "parent"))
    return {
        (first, second): likeness
        for (first, second), likeness in best.items()
        if not {(first, second), (second, first)} & family
    }


# Stored pairs


@transaction.atomic
def _store(
    found: dict[Pair, int], stored: QuerySet[LikelyDuplicate], *, dry_run: bool = False
) -> Counts:
    known: dict[Pair, LikelyDuplicate] = {(row.first_id, row.second_id): row for row in stored}
    new = [keys for keys in found if keys not in known]
    changed = [row for keys, row in known.items() if keys in found and row.likeness != found[keys]]
    gone = [row.pk for keys, row in known.items() if keys not in found and not row.is_dismissed]
    if not dry_run:
        pairs = LikelyDuplicate.objects
        rows = (LikelyDuplicate(first_id=a, second_id=b, likeness=found[a, b]) for a, b in new)
        pairs.bulk_create(rows, batch_size=_CHUNK, ignore_conflicts=True)
        for row in changed:
            row.likeness = found[row.first_id, row.second_id]
        pairs.bulk_update(changed, ["likeness"], batch_size=_CHUNK)
        for chunk in in_chunks(gone):
            pairs.filter(pk__in=chunk).delete()
    return Counts(
        created=len(new),
        changed=len(changed),
        removed=len(gone),
        unchanged=len(known) - len(changed) - len(gone),
    )
