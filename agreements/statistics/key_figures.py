"""The register at a glance: how much of it there is. The home page shows it."""

from dataclasses import dataclass

from agreements.counting.column_store import Counts
from agreements.models import Party


@dataclass(frozen=True)
class KeyFigures:
    """Counts over published agreements; a party or an area counts if it, or one under it, has any."""

    agreements: int
    parties: int
    countries: int
    areas: int


def key_figures(counts: Counts) -> KeyFigures:
    """Sum up the counts of the whole register; one query."""
    parties = counts.by_party()
    with_country = Party.objects.exclude(country="").order_by().values_list("pk", "country")
    return KeyFigures(
        agreements=counts.total(),
        parties=len(parties),
        countries=len({country for key, country in with_country if parties[key]}),
        areas=len(counts.by_area()),
    )
