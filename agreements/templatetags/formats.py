"""The file formats of a list or a record with their URLs, for the head and the body of pages."""

from datetime import date

from django import template
from django.urls import reverse

from agreements.exchange.exporting.formats import (
    FOR_PEOPLE,
    LIST_FORMATS,
    RECORD_FORMATS,
    Format,
    ListFormat,
)

register = template.Library()

Files = list[tuple[Format, str]]


@register.simple_tag
def list_files(query: str = "") -> Files:
    """Return every format of the list with its URL for this query string."""
    behind = f"?{query}" if query else ""
    return [(kind, reverse(f"agreements:{kind.name}") + behind) for kind in LIST_FORMATS]


@register.simple_tag
def files_for_people(query: str = "") -> list[tuple[ListFormat, str]]:
    """Return the formats in words with their URLs for this query string."""
    labelled = f"{query}&labels=1" if query else "labels=1"
    return [(kind, f"{reverse(f'agreements:{kind.name}')}?{labelled}") for kind in FOR_PEOPLE]


@register.simple_tag
def record_files(ref: str, day: date | None = None) -> Files:
    """Return every format of one agreement with its URL, with the status on `day` if it is not today."""
    behind = f"?as_of={day.isoformat()}" if day else ""
    return [
        (kind, reverse("agreements:agreement_file", args=[ref, kind.extension]) + behind)
        for kind in RECORD_FORMATS
    ]
