"""Deletes records without signals, with everything that goes with them, a few hundred at a time.

Django's own deletion loads every row and sends a signal for each, which thousands of records untouched since their
import do not need. Undoing an import calls this and refreshes what depends on the records.
"""

from collections.abc import Collection, Iterator
from typing import Any

from django.db import models

_FEW = 500


def in_few(keys: Collection[int]) -> Iterator[list[int]]:
    """Yield the keys in order, as many at a time as one statement may name."""
    ordered = list(keys)
    for start in range(0, len(ordered), _FEW):
        yield ordered[start : start + _FEW]


def held(model: Any, keys: Collection[int]) -> set[int]:
    """Return which of these rows cannot be deleted because something refers to them."""
    found: set[int] = set()
    for relation in _relations(model):
        if relation.on_delete is models.PROTECT:
            name = relation.field.attname
            for some in in_few(keys):
                rows = relation.related_model._base_manager.filter(**{f"{name}__in": some})
                found |= set(rows.values_list(name, flat=True))
    return found


def remove(model: Any, keys: Collection[int]) -> None:
    """Delete these rows and what is deleted with them; one query for each kind of row and few hundred keys."""
    for some in in_few(keys):
        _remove(model, some)


def _remove(model: Any, keys: list[int]) -> None:
    for relation in _relations(model):
        if not relation.field.db_constraint:
            continue  # a memory of its own, which outlives what it names
        name = relation.field.attname
        rows = relation.related_model._base_manager.filter(**{f"{name}__in": keys})
        if relation.on_delete is models.SET_NULL:
            rows.update(**{name: None})
        elif relation.on_delete in (models.CASCADE, models.DO_NOTHING):
            below = list(rows.values_list("pk", flat=True)) if _has_own(relation) else []
            if below:
                remove(relation.related_model, below)
            else:
                _delete(rows)
    _delete(model._base_manager.filter(pk__in=keys))


def _has_own(relation: Any) -> bool:
    return any(True for _each in _relations(relation.related_model))


def _relations(model: Any) -> Iterator[Any]:
    """Yield the relations from other tables to this one, hidden many-to-many tables included."""
    for relation in model._meta.get_fields(include_hidden=True):
        is_pointing = relation.auto_created and not relation.concrete
        if is_pointing and (relation.one_to_many or relation.one_to_one):
            yield relation


def _delete(rows: "models.QuerySet[Any]") -> None:
    rows._raw_delete(rows.db)  # noqa: SLF001 - the one way past the signals
