"""Parties and areas as the API returns them: plain values, null if unknown.

The records of agreements come from `agreements.exchange.exporting.records`.
"""

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from agreements.domain.urls import permanent
from agreements.models import Area, Party, PartyName
from agreements.statistics.portfolios import published

Record = dict[str, Any]


def parties_by_slug(slugs: list[str]) -> dict[str, Record]:
    """Return the public parties with these slugs; three queries, however many there are."""
    rows = Party.objects.in_public().filter(slug__in=slugs)
    counts = published().by_party()
    return {
        party.slug: _party(party, counts.get(party.pk, 0))
        for party in rows.select_related("parent").prefetch_related("names")
    }


def areas_by_slug(slugs: list[str]) -> dict[str, Record]:
    """Return the areas with these slugs; two queries, however many there are."""
    counts = published().by_area()
    rows = Area.objects.filter(slug__in=slugs).select_related("parent")
    return {area.slug: _area(area, counts.get(area.pk, 0)) for area in rows}


def _party(party: Party, count: int) -> Record:
    return {
        "slug": party.slug,
        "name": party.name,
        "short_name": party.short_name or None,
        "kind": party.kind,
        "country": str(party.country) or None,
        "parent": party.parent.slug if party.parent else None,
        "website": party.website or None,
        "names": [_name(name) for name in party.names.all()],
        **_agreements("party", party, count),
    }


def _name(name: PartyName) -> Record:
    return {
        "name": name.name,
        "kind": name.kind,
        "language": name.language or None,
        "note": name.note or None,
    }


def _area(area: Area, count: int) -> Record:
    return {
        "slug": area.slug,
        "name": area.name,
        "description": area.description or None,
        "parent": area.parent.slug if area.parent else None,
        **_agreements("area", area, count),
    }


def _agreements(parameter: str, row: Party | Area, count: int) -> Record:
    listed = f"{reverse('agreements:api_agreements')}?{urlencode({parameter: row.slug})}"
    return {
        "agreement_count": count,
        "agreements": permanent(listed),
        "url": permanent(row.get_absolute_url()),
    }
