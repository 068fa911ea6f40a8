"""Conditions on a period, for the two day columns of a partial date.

Querysets combine these conditions with their own. `PartialDate.overlaps` and `PartialDate.within`
say the same of a single value.
"""

from datetime import date

from django.db.models import Q


def possible(name: str, from_day: date | None, to_day: date | None) -> Q:
    """Return the condition that the date in `name` can be in the period, both days included.

    None is unbounded; a row without a date never matches. `name` may span relations.
    """
    return _between(name, from_day, "latest", to_day, "earliest")


def certain(name: str, from_day: date | None, to_day: date | None) -> Q:
    """Return the condition that the date in `name` must be in the period, both days included.

    None is unbounded; a row without a date never matches. `name` may span relations.
    """
    return _between(name, from_day, "earliest", to_day, "latest")


def _between(
    name: str, from_day: date | None, from_side: str, to_day: date | None, to_side: str
) -> Q:
    condition = Q(**{f"{name}_earliest__isnull": False})
    if from_day:
        condition &= Q(**{f"{name}_{from_side}__gte": from_day})
    if to_day:
        condition &= Q(**{f"{name}_{to_side}__lte": to_day})
    return condition
