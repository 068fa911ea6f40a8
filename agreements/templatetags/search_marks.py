"""Search matches, marked on the pages in their original spelling."""

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from agreements.search import Piece, SearchQuery, excerpt, pieces

register = template.Library()


@register.simple_tag
def marked(text: str, query: SearchQuery | None) -> SafeString:
    """Return the text with the words of the query in `mark` elements; unchanged without a query."""
    return _written(pieces(text, query or SearchQuery()))


@register.simple_tag
def marked_excerpt(text: str, query: SearchQuery) -> SafeString:
    """Return the part of a text around the first match, empty if there is none."""
    return _written(excerpt(text, query))


def _written(text: list[Piece]) -> SafeString:
    marks = (format_html("<mark>{}</mark>", p.text) if p.is_match else p.text for p in text)
    return format_html_join("", "{}", ((mark,) for mark in marks))
