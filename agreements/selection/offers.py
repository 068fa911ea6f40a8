"""The choices of the filter form when the selection is invalid and nothing can be counted."""

from collections.abc import Sequence

from django_countries import countries

from agreements.domain.choices import Publication
from agreements.models import Area, Participation, Party, as_tree
from agreements.selection.fields import is_slug

MOST_LISTED_PARTIES = 200

Offer = list[tuple[str, str]]


def areas(chosen: Sequence[str]) -> Offer:
    """Return every area, each under its parent, in tree order; one query."""
    return [
        (area.slug, "\u2003" * depth + area.name) for area, depth in as_tree(Area.objects.all())
    ]


def parties(chosen: Sequence[str]) -> Offer:
    """Return all public parties if there are few, otherwise only the selected ones."""
    public = Party.objects.in_public()
    offered = list(public.values_list("slug", "name")[: MOST_LISTED_PARTIES + 1])
    if len(offered) > MOST_LISTED_PARTIES:
        slugs = [slug for slug in chosen if is_slug(slug)]
        offered = list(public.filter(slug__in=slugs).values_list("slug", "name"))
    return offered


def countries_that_occur(chosen: Sequence[str]) -> Offer:
    codes = Participation.objects.filter(agreement__publication=Publication.PUBLISHED)
    occurring = {*codes.order_by().values_list("party__country", flat=True).distinct(), *chosen}
    return [(code, name) for code, name in countries if code in occurring]
