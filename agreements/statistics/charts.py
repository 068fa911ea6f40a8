"""The number of agreements signed in each year, laid out as bars.

The home page, the statistics and the pages of parties and areas draw them. Dates that may lie in several years have no
bar. They are counted separately, as are agreements without a date, so that all counts add up to the total.
"""

from collections import Counter
from dataclasses import dataclass

from django.utils.translation import gettext as _

MOST_BARS = 40
MOST_LABELS = 6
MOST_COUNTED_BARS = 16
PLOT_HEIGHT = 150
WIDEST_BAR = 9.0
FILLED = 0.72


@dataclass(frozen=True)
class Bar:
    """One bar. Its horizontal position is in per cent of the width, its height in pixels."""

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


def bars_of(years: Counter[int]) -> list[Bar]:
    """Return the bars from the first to the last of these years, without gaps and at most `MOST_BARS`."""
    if not years:
        return []
    first, last = min(years), max(years)
    step = next(n for n in (1, 10, 100, 1000) if last // n - first // n < MOST_BARS)
    start = first // step * step
    counts = [
        sum(years[year] for year in range(first, first + step))
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
