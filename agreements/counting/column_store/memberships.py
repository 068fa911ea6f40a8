"""The members that an organisation's agreements bind, as the columns count countries through them."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date
from typing import NamedTuple

from agreements.models import Membership


class BoundMember(NamedTuple):
    """A country that is bound by an organisation's agreements from the first to the last day, both `toordinal`."""

    country: str
    organisation: int
    first: int
    last: int


def bound_members(countries: Collection[str] | None = None) -> list[BoundMember]:
    """Return the members of these countries, or all, in organisations whose agreements bind them; one query.

    A beginning or end that is known in part counts on every day that it may be.
    """
    found = Membership.objects.filter(organisation__binds_members=True).exclude(member__country="")
    if countries is not None:
        found = found.filter(member__country__in=countries)
    columns = ("member__country", "organisation", "since_earliest", "until_latest")
    return [
        BoundMember(
            country, organisation, (since or date.min).toordinal(), (until or date.max).toordinal()
        )
        for country, organisation, since, until in found.order_by().values_list(*columns)
    ]


def organisations_of(members: Iterable[BoundMember], day: date | None) -> dict[str, frozenset[int]]:
    """Return the organisations that bind each country on the day, or on any day, by country."""
    number = None if day is None else day.toordinal()
    by_country: dict[str, set[int]] = defaultdict(set)
    for member in members:
        if number is None or member.first <= number <= member.last:
            by_country[member.country].add(member.organisation)
    return {country: frozenset(keys) for country, keys in by_country.items()}
