"""What an import replaced that no longer exists: a party deleted or merged since, an identifier given to another
record.

Undoing checks this before it restores anything, so that it can name what is in the way.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from agreements.exchange.importing.records import FACETS, Facet
from agreements.exchange.importing.removal import in_few
from agreements.models import ExternalIdentifier, ImportedRecord, Removal

_Named = tuple[type[models.Model], int]


def missing_of(lines: Iterable[ImportedRecord]) -> dict[int, str]:
    """Return, by line id, why the rows a line replaced cannot be restored; one query for each kind of row."""
    found: dict[int, str] = {}
    named = [(line.pk, each) for line in lines for each in _named_in(line.before or {})]
    gone = _gone({each for _line, each in named})
    for key, (model, other) in named:
        if (model, other) in gone:
            found.setdefault(key, _reason(model, gone[model, other]))
    return {**_given_away(lines), **found}


def _named_in(before: dict[str, Any]) -> Iterator[_Named]:
    """Yield the rows that were linked to."""
    for facet, rows in _rows_in(before):
        links = [
            f for f in facet.model._meta.fields if f.attname in facet.columns and f.is_relation
        ]
        for row in rows:
            yield from ((f.related_model, row[f.attname]) for f in links if row.get(f.attname))


def _rows_in(before: dict[str, Any]) -> Iterator[tuple[Facet, list[dict[str, Any]]]]:
    for facet in FACETS.values():
        if rows := before.get(f"rows:{facet.name}"):
            yield facet, rows


def _gone(named: set[_Named]) -> dict[_Named, str]:
    """Return which of these are deleted, with the names they had."""
    keys: dict[type[models.Model], set[int]] = defaultdict(set)
    for model, key in named:
        keys[model].add(key)
    gone = {(model, key): "" for model, some in keys.items() for key in some - _stored(model, some)}
    for model in {model for model, _key in gone}:
        removed = [key for of, key in gone if of is model]
        removals = Removal.objects.filter(record=model._meta.label_lower, key__in=removed)
        gone |= {(model, key): name for key, name in removals.values_list("key", "name")}
    return gone


def _stored(model: type[models.Model], keys: set[int]) -> set[int]:
    found: set[int] = set()
    for some in in_few(keys):
        found |= set(model._base_manager.filter(pk__in=some).values_list("pk", flat=True))
    return found


def _reason(model: type[models.Model], name: str) -> str:
    return _(
        "it used to name something that has since been deleted or merged: %(what)s “%(name)s”. "
        "Restore that first, or correct the record by hand."
    ) % {"what": model._meta.verbose_name, "name": name or "?"}


def _given_away(lines: Iterable[ImportedRecord]) -> dict[int, str]:
    """Return which lines would restore an identifier that now belongs to another record."""
    had = {
        (row["scheme"], row["value"]): line
        for line in lines
        for row in (line.before or {}).get("rows:identifiers", ())
    }
    owners = ExternalIdentifier.objects.filter(value__in={value for _scheme, value in had})
    reason = _("its identifier %(identifier)s now belongs to %(ref)s. Remove it there first.")
    return {
        had[one.scheme, one.value].pk: reason % {"identifier": str(one), "ref": one.agreement.ref}
        for one in (owners.select_related("agreement") if had else ())
        if (one.scheme, one.value) in had
        and had[one.scheme, one.value].agreement_id != one.agreement_id
    }
