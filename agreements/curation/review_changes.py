"""What a reviewer has to read: how a record differs from the version that was last decided about, fact by fact.

That version is the one that a publisher last published, returned or withdrew. A record that nobody has decided about
yet is read as a whole, so only what its public page does not show is listed. Nothing here writes.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from agreements.curation.history.differences import (
    Differences,
    FieldChange,
    RowChange,
    contents,
    differences,
)
from agreements.curation.history.past import versions_of
from agreements.curation.history.states import Named, Row, State, state_of, whole_records
from agreements.domain.choices import Basis, PublicationVerb
from agreements.domain.facts import FACTS, VALUES
from agreements.models import Agreement, PublicationStep

DECISIONS = (PublicationVerb.PUBLISH, PublicationVerb.RETURN, PublicationVerb.WITHDRAW)
# shown in words at the top of the page, or by rows of their own
_SHOWN_ELSEWHERE = {"publication", "verification"}
_FACT_OF = {value.name: fact for fact in FACTS for value in fact.values}
_FACT_OF_ROWS = {fact.rows: fact for fact in FACTS if fact.rows}
_FACTS = {fact.code: fact for fact in FACTS}


@dataclass(frozen=True)
class Ground:
    """Evidence that was added or removed: on which source or document it rests, where in it, how, and with which note."""

    is_new: bool
    basis: str
    source: str
    locator: str
    note: str


@dataclass
class FactChange:
    """A fact with what changed in it; `bases` says how the fact rests on its sources now.

    `is_internal` is whether the public sees nothing of this change.
    """

    code: str
    label: str
    fields: list[FieldChange] = field(default_factory=list)
    rows: list[RowChange] = field(default_factory=list)
    grounds: list[Ground] = field(default_factory=list)
    bases: list[str] = field(default_factory=list)
    is_internal: bool = False


@dataclass(frozen=True)
class Reading:
    """What there is to read about a record in review.

    `submitted` and `decided` are the last steps of their kind. `version` is the id of the version that was decided
    about; `is_kept` is False if there was a decision whose version was not kept.
    """

    submitted: PublicationStep | None
    decided: PublicationStep | None
    version: int | None
    is_kept: bool
    changes: list[FactChange]

    @property
    def is_new(self) -> bool:
        """Whether no publisher has decided about it before."""
        return self.decided is None

    @property
    def public(self) -> list[FactChange]:
        return [change for change in self.changes if not change.is_internal]


def reading_of(agreement: Agreement) -> Reading:
    """Return what there is to read about a stored agreement; some twenty queries, whatever its size."""
    steps = list(agreement.publication_steps.select_related("by"))
    submitted = _last(steps, (PublicationVerb.SUBMIT,))
    decided = _last(steps, DECISIONS)
    version, before = _decided_about(agreement, decided) if decided else (None, None)
    now = present_state(agreement)
    if before is None:
        changes = [change for change in changes_between(None, now) if change.is_internal]
    else:
        changes = changes_between(before, now)
    is_kept = decided is None or before is not None
    return Reading(submitted, decided, version, is_kept, changes)


def present_state(agreement: Agreement) -> State:
    """Return the stored state of the record, read as a whole."""
    return state_of(next(whole_records(Agreement, [agreement.pk])))


def changes_between(before: State | None, after: State) -> list[FactChange]:
    """Return what changed, in the order in which the facts are declared; without `before`, all that there is."""
    changed = differences(Agreement, before, after) if before else contents(Agreement, after)
    found: dict[str, FactChange] = {}
    _add_fields(found, changed)
    _add_rows(found, changed.rows)
    _add_grounds(found, before or State({}, {}), after)
    order = {fact.code: number for number, fact in enumerate(FACTS)}
    ordered = sorted(found.values(), key=lambda change: order.get(change.code, len(order)))
    return [replace(change, bases=_bases(change.code, after)) for change in ordered]


def _last(steps: list[PublicationStep], verbs: Iterable[PublicationVerb]) -> PublicationStep | None:
    return next((step for step in reversed(steps) if step.verb in tuple(verbs)), None)


def _decided_about(agreement: Agreement, step: PublicationStep) -> tuple[int | None, State | None]:
    """Return the version that was kept when the step was taken; (None, None) if there is none."""
    begins = f'[{step.pk}, "{step.verb}", {step.by_id}, '
    kept = versions_of(Agreement, agreement.pk).filter(serialized_data__contains=begins)
    found = kept.order_by("pk").first()
    if found is None:
        return None, None
    state = State.read(found.serialized_data)
    is_it = any(kept_step.pk == step.pk for kept_step in state.steps)
    return (found.pk, state) if is_it else (None, None)


def _add_fields(found: dict[str, FactChange], changed: Differences) -> None:
    for each in changed.fields:
        if each.name in _SHOWN_ELSEWHERE:
            continue
        fact = _FACT_OF.get(each.name)
        is_internal = each.name not in VALUES or not VALUES[each.name].is_public
        code = fact.code if fact else each.name
        label = str(fact.label) if fact else each.label
        change = found.setdefault(code, FactChange(code, label, is_internal=True))
        change.fields.append(each)
        change.is_internal &= is_internal


def _add_rows(found: dict[str, FactChange], rows: list[RowChange]) -> None:
    for row in rows:
        if row.accessor == "evidence":
            continue
        fact = _FACT_OF_ROWS.get(row.accessor)
        code = fact.code if fact else row.accessor
        label = str(fact.label) if fact else row.what
        change = found.setdefault(code, FactChange(code, label, is_internal=True))
        change.rows.append(row)
        change.is_internal &= not row.is_public


def _add_grounds(found: dict[str, FactChange], before: State, after: State) -> None:
    old, new = before.rows.get("evidence", []), after.rows.get("evidence", [])
    for is_new, rows, others in ((True, new, old), (False, old, new)):
        kept = [row.values for row in others]
        for row in rows:
            if row.values not in kept:
                code = str(row.values.get("fact"))
                label = str(_FACTS[code].label) if code in _FACTS else code
                change = found.setdefault(code, FactChange(code, label))
                change.grounds.append(_ground(row, is_new=is_new))


def _ground(row: Row, *, is_new: bool) -> Ground:
    values = row.values
    rests_on = values.get("source") or values.get("document")
    return Ground(
        is_new=is_new,
        basis=str(Basis(str(values["basis"])).label),
        source=rests_on.name if isinstance(rests_on, Named) else "",
        locator=str(values.get("locator") or ""),
        note=str(values.get("note") or ""),
    )


def _bases(code: str, state: State) -> list[str]:
    """Return how the fact rests on its sources: the labels, each once."""
    held: Iterator[object] = (
        row.values.get("basis")
        for row in state.rows.get("evidence", [])
        if row.values.get("fact") == code
    )
    return [str(Basis(str(basis)).label) for basis in dict.fromkeys(held) if basis]
