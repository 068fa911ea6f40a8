"""The size of the register at a glance, for the home page."""

from dataclasses import dataclass

from agreements.counting.column_store import Counts
from agreements.models import Party


@dataclass(frozen=True)
class KeyFigures:
    """Counts of published agreements; a party or an area counts if it, or one below it, has any."""

    agreements: int
    parties: int
    countries: int
    areas: int


def key_figures(counts: Counts) -> KeyFigures:
    """Return the key figures from the counts of the whole register; one query."""
    parties = counts.by_party()
    with_country = Party.objects.exclude(country="").order_by().values_list("pk", "country")
    return KeyFigures(
        agreements=counts.total(),
        parties=len(parties),
        countries=len({country for key, country in with_country if parties[key]}),
        areas=len(counts.by_area()),
    )
