"""The places of parties in the alphabet, by which the columns sort agreements by party."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from agreements.counting.column_store.segments import NEVER, Days, Segment
from agreements.models import Party


@dataclass(frozen=True)
class PartyNames:
    """The place of each party by its key, and the same without the parties asked for, each `NEVER` if it has none."""

    places: Days
    of_others: Days

    @classmethod
    def read(cls, asked: Collection[int]) -> "PartyNames":
        """Read the names of all parties, as the search folds them; one query."""
        names = dict(Party.objects.order_by().values_list("pk", "folded_name"))
        alphabet = {name: place for place, name in enumerate(sorted({*names.values()}))}
        places = np.full(max(names, default=0) + 1, NEVER, np.int32)
        for key, name in names.items():
            places[key] = alphabet[name]
        others = places.copy()
        others[[key for key in asked if key < len(others)]] = NEVER
        return cls(places, others)

    def first(self, segment: Segment) -> Days:
        """Return the place of the first party of each agreement other than those asked for; of these if it has no other."""
        others, all_parties = (_lowest(segment, each) for each in (self.of_others, self.places))
        return np.where(others == NEVER, all_parties, others)


def _lowest(segment: Segment, places: Days) -> Days:
    sides = segment.links["side"].on(None)
    return np.minimum.reduce([links.lowest(places, len(segment)) for links in sides])
