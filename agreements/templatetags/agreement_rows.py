"""The rows of a list of agreements, for every template that shows one."""

from collections.abc import Iterable

from django import template

from agreements.models import Agreement
from agreements.selection.rows import Row, rows
from agreements.selection.selection import Selection

register = template.Library()


@register.simple_tag
def rows_of(agreements: Iterable[Agreement], selection: Selection) -> list[Row]:
    """Return the agreements as rows, each of which leads with the side that the selection does not name."""
    return rows(agreements, selection)


@register.simple_tag
def partner_heading(selection: Selection) -> str:
    """Return the name of the one side that the selection names, for the head of the column; empty without one."""
    named = [chip.value for chip in selection.chips if chip.parameter in ("country", "party")]
    return named[0] if len(named) == 1 else ""
