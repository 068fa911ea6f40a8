"""What is asked of the columns: the filters of a selection as the keys, codes and days that the arrays hold."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from agreements.domain.partial_dates import OPEN_END

NONE: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Period:
    """A period of signature; None is open on that side."""

    start: date | None
    end: date | None
    certainly: bool


@dataclass(frozen=True)
class Asked:
    """The filters that narrow something, each named as its parameter is; an empty or absent one leaves all.

    `day` matters to the status and to the end of the term alone. `area` and `party` are keys, of which each stands for
    what lies under it too. `found` are the keys of the agreements that a search finds, None if nothing is searched for;
    `left_out` are those that it must not find, and `ahead` those that stand before the others because they have all
    words in their title.
    """

    day: date = OPEN_END
    status: Collection[str] = NONE
    kind: Collection[str] = NONE
    legal_nature: Collection[str] = NONE
    verification: Collection[str] = NONE
    area: Collection[int] = field(default_factory=frozenset)
    party: Collection[int] = field(default_factory=frozenset)
    country: Collection[str] = NONE
    signed: Period | None = None
    expires_within: int | None = None
    has_document: bool | None = None
    found: NDArray[np.int64] | None = None
    left_out: NDArray[np.int64] | None = None
    ahead: NDArray[np.int64] | None = None
