"""Finds parties that may be one body entered twice: their names are the same, or differ by no more than a typo.

Only parties of one country are compared. The pairs are stored for staff to review: a party that is new or has changed
is compared at once, and `manage.py find_duplicate_parties` compares all of them. While a party is being typed, its page
asks `alike_to`, which stores nothing.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cache
from itertools import chain
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import F, Max, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django_countries import countries
from rapidfuzz import fuzz, process

from agreements.domain.chunks import in_chunks
from agreements.models import LikelyDuplicate, Party, PartyComparison, PartyName
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
    country: str

    @property
    def numbers(self) -> list[str]:
        return [word for word in self.compared.split() if word[0].isdigit()]


def namesakes(party: Party) -> QuerySet[Party]:
    """Return the other parties with exactly its name, even as a spelling, unless their country differs."""
    if not party.folded_name:
        return Party.objects.none()
    return _namesakes([party.folded_name], str(party.country)).exclude(pk=party.pk)


def _namesakes(folded: list[str], country: str) -> QuerySet[Party]:
    names = PartyName.objects.filter(folded_name__in=folded).values("party")
    found = Party.objects.filter(Q(folded_name__in=folded) | Q(pk__in=names)).order_by("pk")
    return found.filter(country__in=["", country]) if country else found


def pairs_of(party: Party) -> QuerySet[LikelyDuplicate]:
    """Return the stored pairs of this party that nobody has dismissed, the most alike first."""
    return _pairs_with([party.pk]).filter(is_dismissed=False).select_related("first", "second")


def _pairs_with(keys: list[int]) -> QuerySet[LikelyDuplicate]:
    return LikelyDuplicate.objects.filter(Q(first__in=keys) | Q(second__in=keys))


def _pair(one: int, other: int) -> Pair:
    """Return the keys of two parties in the order in which a pair is stored."""
    return (min(one, other), max(one, other))


def pairs_kept_apart(party: Party) -> QuerySet[LikelyDuplicate]:
    """Return the pairs of this party that are different bodies, the latest first."""
    found = _pairs_with([party.pk]).filter(is_dismissed=True).order_by("-dismissed_at", "-pk")
    return found.select_related("first", "second", "dismissed_by")


def dismiss(one: Party, other: Party, *, by: Any, at: datetime) -> None:
    """Remember that these two are different bodies, so that they are not suggested again; `by` is the user."""
    first, second = _pair(one.pk, other.pk)
    said = {"is_dismissed": True, "dismissed_by": by, "dismissed_at": at}
    LikelyDuplicate.objects.update_or_create(
        first_id=first,
        second_id=second,
        defaults=said,
        create_defaults={**said, "likeness": 0},
    )


def suggest_again(one: Party, other: Party) -> None:
    """Let these two count as one body again if their names are still alike."""
    first, second = _pair(one.pk, other.pk)
    LikelyDuplicate.objects.filter(first=first, second=second).update(
        is_dismissed=False, dismissed_by=None, dismissed_at=None
    )
    refresh_parties([one.pk])


def alike_to(names: Iterable[str], country: str, own: int | None) -> list[Party]:
    """Return the parties whose names are the same as one of these or like it, five at most, the most alike first.

    `own` is the id of the party that is being changed, None for a new one. Those it is kept apart from, its parent and
    its own bodies are left out. Without a country, only equal names of other countries count.
    """
    folded = [name for name in map(fold, names) if name]
    others = list(
        _names(Party.objects.filter(country=country).exclude(pk=own or 0), _MOST_COMPARED)
    )
    named = (_Name(own or 0, _compared(name, country), country) for name in folded)
    best = _best(_alike(name, others) for name in named)
    likeness = {max(pair) if min(pair) == (own or 0) else min(pair): best[pair] for pair in best}
    for key in (
        _namesakes(folded, country).exclude(pk=own or 0).values_list("pk", flat=True)[:_MOST_ALIKE]
    ):
        likeness[key] = 100
    if own:
        apart = _pairs_with([own]).filter(is_dismissed=True)
        for pair in apart.values_list("first", "second"):
            for key in pair:
                likeness.pop(key, None)
    keys = sorted(likeness, key=lambda key: (-likeness[key], key))[:_MOST_ALIKE]
    found = Party.objects.in_bulk(keys)
    return [found[key] for key in keys if key in found]


def compared_at() -> datetime | None:
    """Return when all parties were last compared with each other; None if they never were."""
    return PartyComparison.objects.aggregate(at=Max("at"))["at"]


def note_comparison(at: datetime) -> None:
    """Remember that all parties have now been compared with each other."""
    PartyComparison.objects.update_or_create(pk=1, defaults={"at": at})


def refresh_parties(keys: Iterable[int]) -> Counts:
    """Find the parties whose names are like those of these in the same country, and store the pairs.

    Takes about nine queries for every 500 parties, and holds the names of their countries in memory.
    """
    counts = Counts()
    for chunk in in_chunks(sorted(keys)):
        own = _by_country(_names(Party.objects.filter(pk__in=chunk)))
        names = _by_country(_names(Party.objects.filter(country__in=[*own]), most=_MOST_COMPARED))
        found = _best(
            _alike(name, [other for other in names[code] if other.party != name.party])
            for code in own
            for name in own[code]
        )
        counts += _store(found, _pairs_with(chunk))
    return counts


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
    """Yield the names of these parties, then their spellings; with `most`, only so many of either in each country."""
    own = parties.values_list("pk", "folded_name", "country")
    spelled = PartyName.objects.filter(party__in=parties.values("pk"))
    others = spelled.values_list("party", "folded_name", "party__country")
    for rows, country in ((own, "country"), (others, "party__country")):
        if most is not None:
            place = Window(RowNumber(), partition_by=country, order_by="pk")
            rows = rows.alias(place=place).filter(place__lte=most)
        for party, folded, code in rows.order_by("pk").iterator(chunk_size=2000):
            if folded:
                yield _Name(party, _compared(folded, code), code)


def _by_country(names: Iterable[_Name]) -> dict[str, list[_Name]]:
    grouped: dict[str, list[_Name]] = defaultdict(list)
    for name in names:
        grouped[name.country].append(name)
    return grouped


def _compared(folded: str, country: str) -> str:
    """Return a folded name of a body of this country as it is compared."""
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
