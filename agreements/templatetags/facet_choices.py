"""The choices of a facet and the years of signature as HTML.

The list page of a large register has six hundred of them. Including a template for each took three quarters of the time
of the whole page, so they are formatted here.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django import template
from django.template import Context
from django.utils.formats import number_format
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from agreements.selection.facets import Choice, Facet

register = template.Library()

_CHOICE = (
    '<div class="choice facet-depth-{depth}"{spelled}>'
    '<input type="{type}" name="{name}" value="{value}" id="id_{name}-{value}"{checked}>'
    '<label for="id_{name}-{value}"><span dir="auto">{label}</span> '
    '<span class="facet-count">{count}</span></label></div>\n'
)
_YEAR = '<li><a href="?{query}"{current}>{year}</a> <span class="facet-count">{count}</span></li>\n'


@register.simple_tag
def choices(facet: Facet, shown: Iterable[Choice]) -> SafeString:
    """Render these choices of a facet, each a checkbox or radio button with its label and count."""
    language = get_language()
    drawn = (
        _CHOICE.format(
            depth=choice.depth,
            spelled=f' data-spelled="{escape(choice.spelled)}"' if choice.spelled else "",
            type=facet.input_type,
            name=facet.parameter,
            value=escape(choice.value),
            checked=" checked" if choice.is_chosen else "",
            label=escape(choice.label),
            count=_grouped(choice.count, language),
        )
        for choice in shown
    )
    return mark_safe("".join(drawn))  # noqa: S308 - all text in it is escaped above


@register.simple_tag(takes_context=True)
def years(context: Context, shown: Iterable[Choice]) -> SafeString:
    """Render these years, each a link to the same selection narrowed to what was signed in it."""
    language = get_language()
    rest: Any = context["request"].GET.copy()
    for name in ("signed_from", "signed_to", "page"):
        rest.pop(name, None)
    before = f"{rest.urlencode()}&" if rest else ""
    drawn = (
        _YEAR.format(
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
