"""What a search has found, marked on the pages in the letters it is written in."""

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from agreements.search import Piece, SearchQuery, excerpt, pieces

register = template.Library()


@register.simple_tag
def marked(text: str, query: SearchQuery | None) -> SafeString:
    """Write the text with the words of the query in `mark` elements; without a query, as it is."""
    return _written(pieces(text, query or SearchQuery()))


@register.simple_tag
def marked_excerpt(text: str, query: SearchQuery) -> SafeString:
    """Write the part of a text around the first match; nothing if nothing in it matches."""
    return _written(excerpt(text, query))


def _written(text: list[Piece]) -> SafeString:
    return format_html_join("", "{}", ((_piece(piece),) for piece in text))


def _piece(piece: Piece) -> SafeString | str:
    return format_html("<mark>{}</mark>", piece.text) if piece.is_match else piece.text
