"""No published record may lose what it needed to be published, whatever would remove it.

`recorded` checks this at the end of every block, in the state that the record would have. A record may go on lacking
what it lacked before: imported records are corrected step by step.
"""

from collections import defaultdict
from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.curation.history.states import State
from agreements.domain.choices import Role
from agreements.domain.completeness import Need, needs_of

_MOST_NAMED = 20

_SENTENCES = {
    Need.TITLE: gettext_lazy(
        "%(refs)s: a published record needs a title. Keep it, enter another, or withdraw the record first."
    ),
    Need.PARTIES: gettext_lazy(
        "%(refs)s: a published record names two parties, or says why it cannot. "
        "Keep two, say on its page why there are fewer, or withdraw the record first."
    ),
    Need.SOURCE: gettext_lazy(
        "%(refs)s: a published record rests on a source. "
        "Keep one, enter another in its place, or withdraw the record first."
    ),
}


class IncompleteError(Exception):
    """A published record would lose what it must have; the text names it and says what to do."""


def sentence(need: Need, refs: Iterable[str]) -> str:
    """Return the sentence for this need, naming the published records that would lose it."""
    named = list(refs)
    shown = ", ".join(named[:_MOST_NAMED])
    if len(named) > _MOST_NAMED:
        shown = _("%(refs)s and %(n)d more") % {"refs": shown, "n": len(named) - _MOST_NAMED}
    return str(_SENTENCES[need]) % {"refs": shown}


def refuse_losses(changes: Iterable[tuple[State | None, State]]) -> None:
    """Raise `IncompleteError` if agreements, given before and after, stay published but lose what they need."""
    refs: dict[Need, list[str]] = defaultdict(list)
    for before, after in changes:
        if before is not None and before.is_public and after.is_public:
            for need in set(_needs(after)) - set(_needs(before)):
                refs[need].append(str(after.values["ref"]))
    if refs:
        raise IncompleteError(
            " ".join(sentence(need, sorted(refs[need])) for need in Need if need in refs)
        )


def _needs(state: State) -> list[Need]:
    parties = [row.values for row in state.rows.get("participations", [])]
    return needs_of(
        title=str(state.values.get("title") or ""),
        parties=sum(values["role"] == Role.PARTY for values in parties),
        parties_note=str(state.values.get("parties_note") or ""),
        evidence=len(state.rows.get("evidence", [])),
    )
