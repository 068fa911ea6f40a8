"""Who agreed, in a line of a list: “India – Papua New Guinea”, and the bodies that acted for the states.

The staff's list and home use this. The participations must have been fetched, as `with_parties` does.
"""

from functools import lru_cache

from django.utils.text import Truncator
from django.utils.translation import get_language, ngettext
from django_countries import countries

from agreements.models import Agreement, Party

NAME_SHOWN = 60
PARTIES_SHOWN = 3


def state_of(party: Party) -> str:
    """Return the name of the state that the party is or belongs to, empty if it has none."""
    return _name_of(str(party.country), get_language()) if party.country else ""


@lru_cache(maxsize=1_000)
def _name_of(country: str, language: str) -> str:
    return str(countries.name(country))


def partners_of(agreement: Agreement) -> str:
    """Return who takes part, each once: the states, and the bodies that belong to none by their names."""
    parties = (row.party for row in agreement.participations.all())
    names = (state_of(party) or _cut(party.short_name or party.name) for party in parties)
    return " – ".join(_first(list(dict.fromkeys(names))))


def bodies_of(agreement: Agreement) -> str:
    """Return the parties that belong to a state without being it, the first few by name."""
    parties = (row.party for row in agreement.participations.all())
    return "; ".join(
        _first([_cut(party.name) for party in parties if state_of(party) not in ("", party.name)])
    )


def _cut(name: str) -> str:
    return str(Truncator(name).chars(NAME_SHOWN))


def _first(names: list[str]) -> list[str]:
    more = len(names) - PARTIES_SHOWN
    if more <= 0:
        return names
    return [*names[:PARTIES_SHOWN], ngettext("%(n)d more", "%(n)d more", more) % {"n": more}]
