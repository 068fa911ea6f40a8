"""Questions about a period, asked of the two day columns of a partial date.

Querysets combine these conditions with their own. `PartialDate.overlaps` and `PartialDate.within`
say the same of a single value.
"""

from datetime import date

from django.db.models import Q


def possible(name: str, from_day: date | None, to_day: date | None) -> Q:
    """Return the condition that the date in `name` can lie in the period, both days included.

    None is unbounded; a row without a date never meets it. `name` may lead over relations.
    """
    return (
        _known(name)
        & _not_before(f"{name}_latest", from_day)
        & _not_after(f"{name}_earliest", to_day)
    )


def certain(name: str, from_day: date | None, to_day: date | None) -> Q:
    """Return the condition that the date in `name` must lie in the period, both days included.

    None is unbounded; a row without a date never meets it. `name` may lead over relations.
    """
    return (
        _known(name)
        & _not_before(f"{name}_earliest", from_day)
        & _not_after(f"{name}_latest", to_day)
    )


def _known(name: str) -> Q:
    return Q(**{f"{name}_earliest__isnull": False})


def _not_before(column: str, day: date | None) -> Q:
    return Q(**{f"{column}__gte": day}) if day else Q()


def _not_after(column: str, day: date | None) -> Q:
    return Q(**{f"{column}__lte": day}) if day else Q()
