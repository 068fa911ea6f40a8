"""What the public log says about a change: which of the facts on the page of a published record changed.

It says nothing about internal notes, private documents and commitments, identifiers that only imports use, relations to
unpublished records, or changes made while the record was not public. Anything not named here is not public.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from agreements.curation.history.past import latest_versions
from agreements.curation.history.states import Named, State, Value
from agreements.domain.choices import ChangeKind, Publication
from agreements.domain.declarations import Fact
from agreements.domain.facts import LOGGED
from agreements.domain.identifiers import IMPORTED_ROW
from agreements.domain.value_types import same
from agreements.models import Agreement, Change

# The rows that name another agreement, and the column that does.
_NAMING = {"relations_out": "target", "periods": "by"}


class Written(NamedTuple):
    """An agreement by its id, with its previous and its present state."""

    key: int
    before: State | None
    after: State


def log_changes(written: Iterable[Written], at: datetime) -> list[Change]:
    """Add the public part of these changes to the public log, with the time `at`, and return it; two queries.

    At most one entry for each agreement.
    """
    shown = [each for each in written if each.after.is_public]
    if not shown:
        return []
    states = [state for each in shown for state in (each.before, each.after) if state]
    named = {
        _key(row.values[name])
        for state in states
        for accessor, name in _NAMING.items()
        for row in state.rows.get(accessor, [])
    }
    public = _published_among(named - {0})
    told = [change for each in shown for change in _changes(each, public, at)]
    return list(Change.objects.bulk_create(told))


def _changes(written: Written, public: set[int], at: datetime) -> Iterator[Change]:
    before, after = written.before, written.after
    if before is None or not before.is_public:
        again = before is not None and before.values.get("published_at")
        kind = ChangeKind.PUBLISHED_AGAIN if again else ChangeKind.PUBLISHED
        yield Change(agreement_id=written.key, at=at, kind=kind)
        return
    facts = [code for code, fact in LOGGED.items() if _changed(fact, before, after, public)]
    if facts:
        yield Change(agreement_id=written.key, at=at, kind=ChangeKind.CHANGED, facts=facts)


def _changed(fact: Fact, before: State, after: State, public: set[int]) -> bool:
    names = [value.name for value in fact.entered if value.is_public]
    # the links of a record are among its values
    names += [fact.rows] if fact.rows in after.values else []
    return any(
        not same(before.values.get(name), after.values.get(name)) for name in names
    ) or _visible(before, fact.rows, public) != _visible(after, fact.rows, public)


def _visible(state: State, accessor: str, public: set[int]) -> list[dict[str, Value]]:
    """Return what the public sees of the rows; a row entered again under another id counts as unchanged."""
    rows = [row.values for row in state.rows.get(accessor, [])]
    match accessor:
        case "documents" | "commitments":
            return [values for values in rows if values["is_public"]]
        case "relations_out" | "periods":
            others = {0, *public} if accessor == "periods" else public
            return [values for values in rows if _key(values[_NAMING[accessor]]) in others]
        case "identifiers":
            return [values for values in rows if values["scheme"] != IMPORTED_ROW]
        case "evidence":
            return list(_evidence_shown(state, public))
    return rows


def _evidence_shown(state: State, public: set[int]) -> Iterator[dict[str, Value]]:
    """Yield the evidence as the public sees it; `EvidenceQuerySet.in_public` has the same rules.

    Relations of others to this record are not part of its state: they count as hidden.
    """
    is_shown = {
        fact: bool(_visible(state, accessor, public))
        for fact, accessor in (
            ("relations", "relations_out"),
            ("periods", "periods"),
            ("commitments", "commitments"),
        )
    }
    documents = {row.key: row.values["is_public"] for row in state.rows.get("documents", [])}
    for row in state.rows.get("evidence", []):
        values = row.values
        if not is_shown.get(str(values["fact"]), True):
            continue
        document = values["document"]
        if document and not documents.get(_key(document), False):
            values = {**values, "document": None, "locator": ""}
        yield values


def _key(value: object) -> int:
    return value.key if isinstance(value, Named) else 0


def _published_among(keys: set[int]) -> set[int]:
    """Return which of these agreements the public sees, or saw until they were deleted."""
    if not keys:
        return set()
    there = dict(Agreement.objects.filter(pk__in=keys).values_list("pk", "publication"))
    public = {key for key, publication in there.items() if publication == Publication.PUBLISHED}
    if gone := keys - there.keys():
        last = latest_versions(Agreement, gone).values_list("object_id", "serialized_data")
        public.update(int(key) for key, data in last if State.read(data).is_public)
    return public
