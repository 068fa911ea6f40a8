"""A length of time as agreements name it, as a value: a number of months, or a number of days.

It is a subset of ISO 8601 durations in one form for each length: `P3Y` for whole years, `P18M` for other months, `P120D`
for days. Months and days are not converted into each other, because no two months need be equally long.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from agreements.domain.partial_dates import PartialDate, add_months

# 200 years: longer than any term, and short enough to be computed with.
LONGEST_MONTHS = 12 * 200
LONGEST_DAYS = 366 * 200

_ISO = re.compile(
    r"P(?:(?P<years>[0-9]{1,6})Y)?(?:(?P<months>[0-9]{1,6})M)?"
    r"(?:(?P<weeks>[0-9]{1,6})W)?(?:(?P<days>[0-9]{1,6})D)?"
)


class DurationError(ValueError):
    """Not a length of time. The text tells the person who typed it why, and what to write instead."""


@dataclass(frozen=True, slots=True)
class Duration:
    """A number of months or of days; the other is 0. `str()` returns its ISO 8601 text.

    Raises `DurationError` if both are given: which of them comes first would change the end.
    """

    months: int = 0
    days: int = 0

    def __post_init__(self) -> None:
        if self.months and self.days:
            raise DurationError(
                _(
                    "A length in both months and days has no certain end: write it in years and months, or in days."
                )
            )
        if not (0 <= self.months <= LONGEST_MONTHS and 0 <= self.days <= LONGEST_DAYS):
            raise DurationError(
                _(
                    "That is longer than 200 years: correct the length, or leave it empty if there is no end."
                )
            )

    @classmethod
    def parse(cls, text: str) -> "Duration":
        """Return the value of an ISO 8601 text: `P3Y`, `P1Y6M`, `P18M`, `P2W`, `P120D`. Raises `DurationError`."""
        found = _ISO.fullmatch(text)
        if not found or text == "P":
            raise DurationError(
                _("“%(text)s” is not an ISO 8601 duration: write P3Y, P18M or P120D.")
                % {"text": text[:40]}
            )
        parts = {name: int(digits or 0) for name, digits in found.groupdict().items()}
        return cls(12 * parts["years"] + parts["months"], 7 * parts["weeks"] + parts["days"])

    def __str__(self) -> str:
        if not self.months:
            return f"P{self.days}D"
        return f"P{self.months}M" if self.months % 12 else f"P{self.months // 12}Y"

    def after(self, start: PartialDate, times: int = 1) -> PartialDate:
        """Return the last day of `times` such periods that follow each other from `start`, as precisely as that is known.

        They end on the corresponding day of the last month, its last day where there is none (ETS 76, art. 4); all are
        counted from the start at once, so that a short month does not shorten the later ones. Raises `PartialDateError`.
        """
        if self.days:
            return start.plus_days(self.days * times)
        return start.plus_months(self.months * times)

    def before(self, end: date) -> date:
        """Return the day so long before this one: the corresponding day of the earlier month, or its last."""
        return add_months(end, -self.months) - timedelta(days=self.days)
