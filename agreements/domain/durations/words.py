"""Lengths of time as people read them: “3 years”, “18 months”, “120 days”, and “3-year” before a noun."""

from django.utils.formats import number_format
from django.utils.translation import ngettext

from agreements.domain.durations.values import Duration


def duration_in_words(length: Duration) -> str:
    """Return the length in years if it is whole years, else in months or days; it can be typed again."""
    if not length.months:
        words = ngettext("%(shown)s day", "%(shown)s days", length.days)
        return words % {"shown": number_format(length.days, force_grouping=True)}
    if length.months % 12 == 0:
        years = length.months // 12
        return ngettext("%(n)d year", "%(n)d years", years) % {"n": years}
    return ngettext("%(n)d month", "%(n)d months", length.months) % {"n": length.months}


def as_adjective(length: Duration) -> str:
    """Return the length as an adjective: "3-year", "18-month", "120-day"."""
    if not length.months:
        return ngettext("%(n)d-day", "%(n)d-day", length.days) % {"n": length.days}
    if length.months % 12 == 0:
        years = length.months // 12
        return ngettext("%(n)d-year", "%(n)d-year", years) % {"n": years}
    return ngettext("%(n)d-month", "%(n)d-month", length.months) % {"n": length.months}
