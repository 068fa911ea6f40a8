"""Who agreed, in a line of a list: the states, and the bodies that acted for them.

The staff's list and home use this. The participations must have been fetched, as `with_parties` does.
"""

from collections.abc import Iterable
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


def states_of(agreement: Agreement) -> str:
    """Return the states that take part, each once: “India – Papua New Guinea”; the first few if there are many."""
    parties = (row.party for row in agreement.participations.all())
    return " – ".join(_first(list(dict.fromkeys(filter(None, map(state_of, parties))))))


def bodies_of(agreement: Agreement) -> str:
    """Return the parties that are not states themselves, the first few by name."""
    parties = (row.party for row in agreement.participations.all())
    return _in_brief(party.name for party in parties if party.name != state_of(party))


def partners_of(agreement: Agreement) -> str:
    """Return the states, or the bodies if no state takes part."""
    return states_of(agreement) or bodies_of(agreement)


def _in_brief(names: Iterable[str]) -> str:
    return "; ".join(_first([Truncator(name).chars(NAME_SHOWN) for name in names]))


def _first(names: list[str]) -> list[str]:
    more = len(names) - PARTIES_SHOWN
    if more <= 0:
        return names
    return [*names[:PARTIES_SHOWN], ngettext("%(n)d more", "%(n)d more", more) % {"n": more}]
