"""The register at a glance: how much of it there is. The home page shows it."""

from dataclasses import dataclass

from agreements.models import Agreement, Area, Party


@dataclass(frozen=True)
class KeyFigures:
    """Counts over published agreements; a party counts if it or a body of it takes part in one."""

    agreements: int
    parties: int
    countries: int
    areas: int


def key_figures() -> KeyFigures:
    """Count what the public can see; four queries."""
    published = Agreement.objects.published()
    parties = Party.objects.in_public()
    named = Area.objects.filter(agreements__in=published)
    return KeyFigures(
        agreements=published.count(),
        parties=parties.count(),
        countries=parties.exclude(country="").order_by().values("country").distinct().count(),
        areas=named.distinct().count(),
    )
