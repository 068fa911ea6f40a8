"""Finds what prevents undoing an import: records that have been edited since, records that others refer to, and former
values that name something that no longer exists.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Model
from django.utils.translation import gettext as _

from agreements.curation.history.past import latest_versions
from agreements.curation.history.states import State
from agreements.domain.choices import RowOutcome
from agreements.domain.chunks import in_chunks
from agreements.domain.permissions import Person, may_change
from agreements.exchange.importing.records import FACETS
from agreements.exchange.importing.removal import held
from agreements.models import (
    Agreement,
    ExternalIdentifier,
    Import,
    ImportedRecord,
    Relation,
    Removal,
)

MOST_OBSTACLES = 50
WRITTEN = (RowOutcome.CREATED, RowOutcome.CHANGED)


@dataclass(frozen=True)
class Obstacle:
    """A record that prevents undoing an import, with the reason; `key` is None if it is gone."""

    key: int | None
    ref: str
    reason: str


def obstacles(run: Import, *, by: Person | None, lock: bool = False) -> list[Obstacle]:
    """Return the first fifty records that prevent undoing this import; `by` is None for an operator.

    `lock` keeps all its records from other writers until the transaction ends.
    """
    found: list[Obstacle] = []
    for lines in written_lines(run):
        found += _obstacles(run, lines, by, lock=lock)
        if len(found) >= MOST_OBSTACLES:
            break
    return found[:MOST_OBSTACLES]


def written_lines(run: Import) -> Iterator[list[ImportedRecord]]:
    """Yield the lines of the records that an import created or changed, a few hundred at a time."""
    last = 0
    lines = run.records.filter(outcome__in=WRITTEN).order_by("pk")
    while some := list(lines.filter(pk__gt=last)[:500]):
        yield some
        last = some[-1].pk


def _obstacles(
    run: Import, lines: Sequence[ImportedRecord], by: Person | None, *, lock: bool
) -> Iterator[Obstacle]:
    keys = [line.agreement_id for line in lines if line.agreement_id]
    # in the order in which merges and imports lock them
    wanted = Agreement.objects.filter(pk__in=keys).order_by("pk")
    wanted = wanted.only("pk", "edit_token", "publication")
    if lock:
        wanted = wanted.select_for_update(of=("self",))
    stored = {agreement.pk: agreement for agreement in wanted}
    edited = _edited(lines, stored)
    created = [line.agreement_id for line in lines if line.agreement_id and line.before is None]
    referred, missing = _referred_to(run, created), _missing(lines)
    for line in lines:
        agreement = stored.get(line.agreement_id or 0)
        if agreement is None:
            if line.before is not None:
                yield Obstacle(None, line.ref, _("it has been deleted since."))
        elif agreement.pk in edited:
            yield Obstacle(agreement.pk, line.ref, _("it has been edited since."))
        elif agreement.pk in referred:
            yield Obstacle(agreement.pk, line.ref, _("other records refer to it."))
        elif line.pk in missing:
            yield Obstacle(agreement.pk, line.ref, missing[line.pk])
        elif by is not None and not may_change(by, agreement):
            yield Obstacle(agreement.pk, line.ref, _("only a publisher may change it."))


def _edited(lines: Sequence[ImportedRecord], stored: Mapping[int, Agreement]) -> set[int]:
    """Return the agreements edited since the import; one that was saved without a change does not count.

    The latest version of a record that was saved without a change holds both tokens. A record written without history
    has a version that does not know its token.
    """
    differing: dict[int, set[str]] = {}
    for line in lines:
        agreement = stored.get(line.agreement_id or 0)
        if agreement and agreement.edit_token != line.token:
            differing[agreement.pk] = {line.token, agreement.edit_token}
    versions = latest_versions(Agreement, differing)
    tokens = {int(v.object_id): State.read(v.serialized_data).tokens for v in versions}
    return {key for key, both in differing.items() if not both <= set(tokens.get(key, ()))}


def _referred_to(run: Import, created: Collection[int]) -> set[int]:
    others = Relation.objects.filter(target__in=created).exclude(
        agreement__imported_records__in=run.records.filter(before=None, outcome__in=WRITTEN)
    )
    return held(Agreement, created) | set(others.values_list("target_id", flat=True))


def _missing(lines: Sequence[ImportedRecord]) -> dict[int, str]:
    """Return, by line id, why the rows a line replaced cannot be restored; one query for each kind of row."""
    # the lines that would link to a row, by its model and id
    linking: dict[type[Model], dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for facet in FACETS.values():
        for name, column in facet.links.items():
            for line in lines:
                for row in (line.before or {}).get(f"rows:{facet.name}", ()):
                    if row.get(name):
                        linking[column.related_model][row[name]].append(line.pk)
    found = _given_away(lines)
    sentence = _(
        "it used to refer to something that has since been deleted or merged: %(what)s “%(name)s”. "
        "Restore that first, or correct the record by hand."
    )
    for model, by_key in linking.items():
        for gone, name in _gone(model, by_key).items():
            what = {"what": model._meta.verbose_name, "name": name or "?"}
            found |= dict.fromkeys(by_key[gone], sentence % what)
    return found


def _gone(model: type[Model], keys: Collection[int]) -> dict[int, str]:
    """Return which of these rows are deleted, with the names they had."""
    gone = set(keys)
    for some in in_chunks(keys):
        gone -= set(model._base_manager.filter(pk__in=some).values_list("pk", flat=True))
    removals = Removal.objects.filter(record=model._meta.label_lower, key__in=gone)
    return dict.fromkeys(gone, "") | dict(removals.values_list("key", "name"))


def _given_away(lines: Sequence[ImportedRecord]) -> dict[int, str]:
    """Return which lines would restore an identifier that now belongs to another record."""
    had = {
        (row["scheme"], row["value"]): line
        for line in lines
        for row in (line.before or {}).get("rows:identifiers", ())
    }
    owners = ExternalIdentifier.objects.filter(value__in={value for _scheme, value in had})
    reason = _("its identifier %(identifier)s now belongs to %(ref)s. Remove it there first.")
    found = {}
    for one in owners.select_related("agreement"):
        line = had.get((one.scheme, one.value))
        if line and line.agreement_id != one.agreement_id:
            found[line.pk] = reason % {"identifier": str(one), "ref": one.agreement.ref}
    return found
