"""Parties and areas as the API returns them.

The records of agreements come from `agreements.exchange.exporting.json`.
"""

from urllib.parse import urlencode

from django.urls import reverse

from agreements.domain.urls import permanent
from agreements.exchange.exporting.json import Record
from agreements.models import Area, Party
from agreements.models.querysets import TreeQuerySet
from agreements.statistics.portfolios import area_counts, party_counts
from agreements.web.api.serializers import AreaSerializer, FilledSerializer, PartySerializer


def parties_by_slug(slugs: list[str]) -> dict[str, Record]:
    """Return the public parties with these slugs; three queries, however many there are."""
    rows = Party.objects.in_public().filter(slug__in=slugs).prefetch_related("names")
    return _by_slug(rows, party_counts(), PartySerializer)


def areas_by_slug(slugs: list[str]) -> dict[str, Record]:
    """Return the areas with these slugs; two queries, however many there are."""
    return _by_slug(Area.objects.filter(slug__in=slugs), area_counts(), AreaSerializer)


def _by_slug(
    rows: TreeQuerySet, counts: dict[int, int], serializer: type[FilledSerializer]
) -> dict[str, Record]:
    parameter, listed = rows.model._meta.model_name, reverse("agreements:api_agreements")
    found = {}
    for row in rows.select_related("parent"):
        row.agreement_count = counts.get(row.pk, 0)
        row.list_url = permanent(f"{listed}?{urlencode({parameter: row.slug})}")
        row.url = permanent(row.get_absolute_url())
        found[row.slug] = serializer(row).data
    return found
