"""The open commitments of a brief, by the side that made them. They are internal: only the briefs of staff have them."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from django.utils.translation import gettext as _

from agreements.briefs import words
from agreements.briefs.asking import Asked
from agreements.briefs.brief import Promise, Promises
from agreements.models import Commitment

MOST_OF_A_SIDE = 6
LONGEST = 120


def promises_of(
    asked: Asked, commitments: Iterable[Commitment], refs: Mapping[int, str], day: date
) -> Iterator[Promises]:
    """Yield the commitments of our side, of the party that the brief is about, and of all others.

    `refs` are the references of their agreements by key.
    """
    own, theirs = _countries(asked)
    by_side: dict[str, list[Commitment]] = {own: [], theirs: [], "": []}
    for commitment in commitments:
        country = str(commitment.party.country) if commitment.party else ""
        by_side[country if country in by_side else ""].append(commitment)
    for country, made in by_side.items():
        if made:
            promises = tuple(_promise(one, refs[one.agreement_id], day) for one in made)
            rest = words.more(len(made) - MOST_OF_A_SIDE)
            yield Promises(_heading(country, asked), promises[:MOST_OF_A_SIDE], rest)


def _countries(asked: Asked) -> tuple[str, str]:
    return asked.side, str(asked.party.country) if asked.party else ""


def _heading(country: str, asked: Asked) -> str:
    if country:
        return _("Open commitments: %(side)s") % {"side": words.country(country)}
    if any(_countries(asked)):
        return _("Open commitments: joint or of others")
    return _("Open commitments")


def _promise(commitment: Commitment, ref: str, day: date) -> Promise:
    text = words.shortened(commitment.text, LONGEST)
    return Promise(text, ref, words.due(commitment), words.late(commitment, day))
