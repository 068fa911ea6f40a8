"""The rows of a list of agreements, for every template that shows one.

The names in a row are formatted here: loops over them in the template took a quarter of the time of the page.
"""

from collections.abc import Iterable

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import ngettext

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


@register.simple_tag
def sides(row: Row) -> SafeString | str:
    """Name the two sides of an agreement, or say how many there are; empty if none is known."""
    if row.is_of_many:
        count = len(row.sides)
        return ngettext("%(n)d party", "%(n)d parties", count) % {"n": count}
    return _named((side.name for side in row.sides), " – ")


@register.simple_tag
def beneath(row: Row) -> SafeString | str:
    """Name the bodies that take part or, of many sides, the first ones."""
    if not row.is_of_many:
        return _named(row.bodies, "; ")
    names = _named(row.named, ", ")
    if not row.beyond:
        return names
    more = ngettext("and %(more)d more", "and %(more)d more", row.beyond) % {"more": row.beyond}
    return format_html("{} {}", names, more)


def _named(names: Iterable[str], between: str) -> SafeString:
    return format_html_join(between, "<bdi>{}</bdi>", ((name,) for name in names))
