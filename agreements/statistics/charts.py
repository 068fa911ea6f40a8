"""How many agreements were signed in each year, laid out as bars.

The home page, the statistics and the pages of parties and areas draw them. Dates that may lie in several years have no
bar: they are counted separately, as are agreements without a date, so that everything adds up to the total.
"""

from collections import Counter
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from agreements.counting.column_store import Counts

MOST_BARS = 40
MOST_LABELS = 6
MOST_COUNTED_BARS = 16
PLOT_HEIGHT = 150
WIDEST_BAR = 9.0
FILLED = 0.72


@dataclass(frozen=True)
class Bar:
    """One bar, with its position in per cent of the width and pixels of the height."""

    first_year: int
    last_year: int
    count: int
    left: str
    middle: str
    width: str
    height: int
    is_labelled: bool
    shows_count: bool

    @property
    def top(self) -> int:
        return PLOT_HEIGHT - self.height

    @property
    def label(self) -> str:
        if self.first_year == self.last_year:
            return str(self.first_year)
        if self.last_year - self.first_year == 9:
            return _("%(year)ss") % {"year": self.first_year}
        return f"{self.first_year}–{self.last_year}"


@dataclass(frozen=True)
class Signatures:
    """Agreements by year of signature, and those without a single known year."""

    years: Counter[int] = field(default_factory=Counter)
    in_several_years: int = 0
    undated: int = 0
    unsigned: int = 0

    @classmethod
    def of(cls, counts: Counts) -> "Signatures":
        """Take the years from the counts of a selection."""
        found = counts.years_of_signature()
        return cls(found.one, found.several.total(), found.undated, found.unsigned)

    @property
    def in_one_year(self) -> int:
        return self.years.total()

    @property
    def bars(self) -> list[Bar]:
        """The bars from the first year to the last without gaps, at most `MOST_BARS`."""
        if not self.years:
            return []
        first, last = min(self.years), max(self.years)
        step = next(n for n in (1, 10, 100, 1000) if last // n - first // n < MOST_BARS)
        start = first // step * step
        counts = [
            sum(self.years[year] for year in range(first, first + step))
            for first in range(start, last + 1, step)
        ]
        slot, most = 100 / len(counts), max(counts)
        width = min(slot * FILLED, WIDEST_BAR)
        labels_apart = -(-len(counts) // MOST_LABELS)
        return [
            Bar(
                first_year=start + index * step,
                last_year=start + (index + 1) * step - 1,
                count=count,
                left=f"{(index + 0.5) * slot - width / 2:.2f}%",
                middle=f"{(index + 0.5) * slot:.2f}%",
                width=f"{width:.2f}%",
                height=max(2, round(PLOT_HEIGHT * count / most)) if count else 0,
                is_labelled=(len(counts) - 1 - index) % labels_apart == 0,
                shows_count=count > 0 and (len(counts) <= MOST_COUNTED_BARS or count == most),
            )
            for index, count in enumerate(counts)
        ]
