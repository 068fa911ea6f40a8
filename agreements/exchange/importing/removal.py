"""Deletes records without signals, with everything that goes with them, a few hundred at a time.

Django's own deletion loads every row and sends a signal for each, which thousands of records untouched since their
import do not need. Undoing an import calls this and refreshes what depends on the records.
"""

from collections.abc import Collection, Iterator

from django.db import models
from django.db.models import ManyToOneRel, Model, QuerySet

from agreements.domain.chunks import in_chunks


def held(model: type[Model], keys: Collection[int]) -> set[int]:
    """Return which of these rows cannot be deleted because something refers to them."""
    found: set[int] = set()
    for relation in _relations(model):
        if relation.on_delete is models.PROTECT:
            for some in in_chunks(keys):
                rows = _pointing(relation, some)
                found |= set(rows.values_list(relation.field.attname, flat=True))
    return found


def remove(model: type[Model], keys: Collection[int]) -> None:
    """Delete these rows and what is deleted with them; one query per kind of row for every few hundred keys."""
    for some in in_chunks(keys):
        for relation in _relations(model):
            # rows without a constraint outlive what they refer to, because they have their own record of it
            if getattr(relation.field, "db_constraint", True):
                _let_go(relation, _pointing(relation, some))
        _delete(model._base_manager.filter(pk__in=some))


def _let_go(relation: ManyToOneRel, rows: QuerySet[Model]) -> None:
    """Delete these rows, which point to deleted ones, or clear their link."""
    if relation.on_delete is models.SET_NULL:
        rows.update(**{relation.field.attname: None})
    elif relation.on_delete in (models.CASCADE, models.DO_NOTHING):
        if any(_relations(relation.related_model)):
            remove(relation.related_model, list(rows.values_list("pk", flat=True)))
        else:
            _delete(rows)


def _pointing(relation: ManyToOneRel, keys: list[int]) -> QuerySet[Model]:
    rows = relation.related_model._base_manager
    return rows.filter(**{f"{relation.field.attname}__in": keys})


def _relations(model: type[Model]) -> Iterator[ManyToOneRel]:
    """Yield the relations from other tables to this one, hidden many-to-many tables included."""
    for relation in model._meta.get_fields(include_hidden=True):
        if isinstance(relation, ManyToOneRel):
            yield relation


def _delete(rows: QuerySet[Model]) -> None:
    rows._raw_delete(rows.db)  # noqa: SLF001 - the one way past the signals
