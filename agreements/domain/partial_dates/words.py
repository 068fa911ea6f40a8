"""Partial dates as people read them, in the language of the page: “August 2023”, “since 2020”.

Templates, the reasons of the lifecycle and the descriptions of selections call `in_words`. Its
result can be typed again: `reading.read` reads it as the same date.
"""

from collections.abc import Mapping
from datetime import date

from django.utils.dateformat import format as formatted
from django.utils.functional import Promise
from django.utils.translation import pgettext, pgettext_lazy

from agreements.domain.partial_dates.values import PartialDate, Point

# Format letters of the `date` template filter. E is the month in the form that the language uses next to a day or
# after a word: Russian has август 2023, but около августа 2023.
_ALONE = {
    "day": pgettext_lazy("format of a day on its own", "j E Y"),
    "month": pgettext_lazy("format of a month on its own", "F Y"),
    "year": pgettext_lazy("format of a year on its own", "Y"),
}
_AFTER_A_WORD = {
    "day": pgettext_lazy("format of a day after about, since, until, to", "j E Y"),
    "month": pgettext_lazy("format of a month after about, since, until, to", "F Y"),
    "year": pgettext_lazy("format of a year after about, since, until, to", "Y"),
}


def in_words(value: PartialDate) -> str:
    """Return the date in the active language, such as “25 May 2022” or “about 2018 (uncertain)”."""
    start, end = value.start, value.end
    if start and not value.is_interval:
        return _point_in_words(start, _ALONE)
    first = start and _point_in_words(start, _AFTER_A_WORD)
    last = end and _point_in_words(end, _AFTER_A_WORD)
    if first and last:
        return pgettext("interval", "%(first)s to %(last)s") % {"first": first, "last": last}
    if first:
        return pgettext("interval", "since %(first)s") % {"first": first}
    return pgettext("interval", "until %(last)s") % {"last": last}


def day_in_words(day: date) -> str:
    """Return the day in the same form, also outside the years that a partial date can have."""
    return formatted(day, str(_ALONE["day"]))


def _point_in_words(point: Point, formats: Mapping[str, str | Promise]) -> str:
    chosen = _AFTER_A_WORD if point.is_approximate else formats
    words = formatted(point.earliest, str(chosen[point.precision]))
    if point.is_approximate:
        words = pgettext("partial date", "about %(date)s") % {"date": words}
    if point.is_uncertain:
        words = pgettext("partial date", "%(date)s (uncertain)") % {"date": words}
    return words


def machine_readable(value: PartialDate) -> str | None:
    """Return the value for HTML's `<time datetime>`: a day, month or year; None for an interval."""
    return None if value.is_interval or not value.start else value.start.bare
