"""No published record loses what it had to have to be published, whichever way somebody takes it from it.

`recorded` asks here at the end of every block, when the record stands as it would stay. What a record lacked before,
it may go on lacking: records from elsewhere are corrected a step at a time.
"""

from collections import defaultdict
from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.curation.history.states import State
from agreements.domain.choices import Publication, Role
from agreements.domain.completeness import Need, needs_of

_MOST_NAMED = 20

_SENTENCES = {
    Need.TITLE: gettext_lazy(
        "%(refs)s: a published record has a title. Keep it, or give another; or withdraw the record first."
    ),
    Need.PARTIES: gettext_lazy(
        "%(refs)s: a published record names two parties, or says why it cannot. "
        "Keep two, or write on its page why there are fewer; or withdraw it first."
    ),
    Need.SOURCE: gettext_lazy(
        "%(refs)s: a published record rests on a source. "
        "Keep one, or give another in its place; or withdraw the record first."
    ),
}


class IncompleteError(Exception):
    """A published record would lose what the public has a right to; the text names it and says what to do."""


def sentence(need: Need, refs: Iterable[str]) -> str:
    """Return why these published records, by their references, cannot be left without what they need."""
    named = list(refs)
    shown = ", ".join(named[:_MOST_NAMED])
    if len(named) > _MOST_NAMED:
        shown = _("%(refs)s and %(n)d more") % {"refs": shown, "n": len(named) - _MOST_NAMED}
    return str(_SENTENCES[need]) % {"refs": shown}


def refuse_losses(changes: Iterable[tuple[State | None, State]]) -> None:
    """Raise `IncompleteError` for agreements, before and after, that stay published with less than they need."""
    refs: dict[Need, list[str]] = defaultdict(list)
    for before, after in changes:
        if before is not None and _is_public(before) and _is_public(after):
            had_not = _needs(before)
            for need in _needs(after):
                if need not in had_not:
                    refs[need].append(str(after.values["ref"]))
    if refs:
        raise IncompleteError(" ".join(sentence(need, sorted(of)) for need, of in refs.items()))


def _is_public(state: State) -> bool:
    return state.values["publication"] == Publication.PUBLISHED


def _needs(state: State) -> list[Need]:
    parties = [row.values for row in state.rows.get("participations", [])]
    return needs_of(
        title=str(state.values.get("title") or ""),
        parties=sum(values["role"] == Role.PARTY for values in parties),
        parties_note=str(state.values.get("parties_note") or ""),
        evidence=len(state.rows.get("evidence", [])),
    )
