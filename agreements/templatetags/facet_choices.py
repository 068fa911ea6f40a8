"""The choices of a facet and the years of signature as HTML.

A page has up to two hundred of them. Including a template for each took three quarters of the time of the whole page, so
they are formatted here.
"""

from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import quote, urlencode

from django import template
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext

from agreements.selection.choices import Choice
from agreements.selection.facets import Facet
from agreements.selection.fields import WITHOUT
from agreements.selection.selection import Selection

register = template.Library()

_CHOICE = (
    '<div class="choice facet-depth-{depth}">'
    '<input type="{type}" name="{name}" value="{value}" id="id_{name}-{id}"{checked}>'
    '<label for="id_{name}-{id}"><span dir="auto">{label}</span> '
    '<span class="facet-count">{count}</span></label>{without}</div>\n'
)
_WITHOUT = (
    '<input type="checkbox" class="facet-without" name="{name}" value="{sign}{value}" '
    'id="id_{name}-{sign}{id}" aria-label="{label}" title="{label}"{checked}>'
)
_YEAR = '<li><a href="{page}?{query}"{current}>{year}</a> <span class="facet-count">{count}</span></li>\n'


@register.simple_tag
def choices(facet: Facet, shown: Iterable[Choice]) -> SafeString:
    """Render these choices of a facet, each with its label, its count and, if it has one, the box that leaves it out."""
    language, without = get_language(), gettext("without %(value)s")
    drawn = (
        _CHOICE.format(
            depth=choice.depth,
            type=facet.input_type,
            name=facet.parameter,
            value=escape(choice.value),
            id=quote(choice.value, safe=""),
            checked=" checked" if choice.is_chosen else "",
            label=escape(choice.label),
            count=_grouped(choice.count, language),
            without=_without(facet, choice, without % {"value": choice.label}),
        )
        for choice in shown
    )
    return mark_safe("".join(drawn))  # noqa: S308 - all text in it is escaped above


def _without(facet: Facet, choice: Choice, label: str) -> str:
    """Return the box that leaves out a choice; empty if its facet has none."""
    if not facet.can_leave_out:
        return ""
    return _WITHOUT.format(
        name=facet.parameter,
        sign=WITHOUT,
        value=escape(choice.value),
        id=quote(choice.value, safe=""),
        label=escape(label),
        checked=" checked" if choice.is_left_out else "",
    )


@register.simple_tag
def years(selection: Selection, shown: Iterable[Choice]) -> SafeString:
    """Render these years, each a link to the same selection narrowed to what was signed in it."""
    language, page = get_language(), reverse("agreements:agreement_list")
    rest = selection.canonical.copy()
    for name in ("signed_from", "signed_to"):
        rest.pop(name, None)
    before = f"{rest.urlencode()}&" if rest else ""
    drawn = (
        _YEAR.format(
            page=page,
            query=escape(
                before + urlencode({"signed_from": choice.value, "signed_to": choice.value})
            ),
            current=' aria-current="true"' if choice.is_chosen else "",
            year=escape(choice.label),
            count=_grouped(choice.count, language),
        )
        for choice in shown
    )
    return mark_safe("".join(drawn))  # noqa: S308 - as above


@lru_cache(maxsize=5_000)
def _grouped(count: int, language: str | None) -> str:
    """Return a count with the separators of the active language, which the cache needs as a key."""
    return number_format(count, force_grouping=True)
