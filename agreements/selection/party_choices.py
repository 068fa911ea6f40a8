"""The parties as the choices of a facet: there may be as many as agreements, so only those shown are read."""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from heapq import nlargest
from typing import Any

import numpy as np

from agreements.models import Party
from agreements.models.querysets import PartyQuerySet
from agreements.selection.choices import MOST_DRAWN, Choice, Choices, words_typed
from agreements.selection.fields import WITHOUT


class PartyChoices(Choices):
    """The parties that count, the most frequent first and then by name; one query for any part of them."""

    def __init__(
        self, counted: Mapping[int, int], given: Sequence[str], among: Collection[int] | None = None
    ) -> None:
        """`given` are the slugs asked for, some with a sign; `among` are the keys of the parties that were found."""
        self._counted = counted
        self._given = given
        self._keys = counted.keys() if among is None else among

    def __len__(self) -> int:
        return len(self._keys)

    def __getitem__(self, places: Any) -> Any:
        if isinstance(places, int):
            return self._part(places, places + 1)[0]
        start, stop, _step = places.indices(len(self))
        return self._part(start, stop) if start < stop else []

    @property
    def drawn(self) -> Sequence[Choice]:
        """At most ten, in order: those used, however many they are, then the most frequent; one query."""
        numbers = nlargest(MOST_DRAWN, self._counted.values())
        least = numbers[-1] if numbers else 0
        most = [key for key, count in self._counted.items() if count >= least]
        above = [key for key in most if self._counted[key] > least]
        wanted = Party.objects.with_keys(_array(most)) | Party.objects.filter(slug__in=self._slugs)
        ahead = wanted.by_name(_array(above), slugs=self._slugs)
        rows = self._read(ahead[: MOST_DRAWN + len(self._slugs)])
        used = [choice for choice in rows if choice.is_used]
        others = [choice for choice in rows if not choice.is_used]
        kept = [*used, *others[: max(0, MOST_DRAWN - len(used))]]
        return [choice for choice in rows if choice in kept]

    @cached_property
    def used(self) -> Sequence[Choice]:
        """Those that are chosen or left out, also without agreements; one query if there are any."""
        return self._read(Party.objects.filter(slug__in=self._slugs)) if self._slugs else []

    def found(self, text: str) -> Choices:
        """Return those with a name that contains every word of a text, in any spelling; one query for the keys."""
        wanted = words_typed(text)
        named = Party.objects.all() if wanted else Party.objects.none()
        for word in wanted:
            named = named.named(word)
        keys = named.order_by().values_list("pk", flat=True).iterator()
        return PartyChoices(self._counted, self._given, [k for k in keys if k in self._counted])

    @cached_property
    def _ranked(self) -> list[int]:
        return sorted(self._keys, key=self._rank)

    def _rank(self, key: int) -> int:
        return -self._counted[key]

    def _part(self, start: int, stop: int) -> list[Choice]:
        """Read some of them: the database sorts those that have as many agreements as the first or the last one."""
        first, last = (self._rank(self._ranked[place]) for place in (start, stop - 1))
        begin = bisect_left(self._ranked, first, key=self._rank)
        after_first = bisect_right(self._ranked, first, key=self._rank)
        before_last = bisect_left(self._ranked, last, key=self._rank)
        end = bisect_right(self._ranked, last, key=self._rank)
        ahead = [self._ranked[begin:after_first], self._ranked[after_first:before_last]]
        read = Party.objects.with_keys(_array(self._ranked[begin:end])).by_name(
            *(_array(keys) for keys in ahead)
        )
        return self._read(read[start - begin : stop - begin])

    def _read(self, parties: PartyQuerySet) -> list[Choice]:
        rows = parties.values_list("pk", "slug", "name", "folded_name")
        ordered = sorted(rows, key=lambda row: (-self._counted.get(row[0], 0), row[3], row[0]))
        return [
            Choice(
                slug,
                name,
                self._counted.get(key, 0),
                is_chosen=slug in self._given,
                is_left_out=f"{WITHOUT}{slug}" in self._given,
            )
            for key, slug, name, _folded in ordered
        ]

    @cached_property
    def _slugs(self) -> list[str]:
        return list(dict.fromkeys(value.removeprefix(WITHOUT) for value in self._given))


def _array(keys: Sequence[int]) -> Any:
    return np.array(keys, np.int64)
