"""Columns computed from other columns of their row whenever it is saved, one by one or in bulk, but not by `update()`.

`manage.py rebuild_search` computes them again after rows were written without the application, and `manage.py verify`
says how many are out of date.
"""

from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models.signals import pre_save
from django.dispatch import receiver

from agreements.domain.alphabet import sort_key
from agreements.search import BOUNDARY, spellings

_CHUNK = 500
_FIXED = {"editable": False, "blank": True, "default": "", "serialize": False}


class Derived(models.Field):
    """A text computed from the columns `of`; fixtures may leave it out."""

    of: tuple[str, ...] = ()

    def computed(self, *values: str) -> str:
        """Return the value for these values of the columns `of`."""
        raise NotImplementedError

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        value = self.computed(*(getattr(model_instance, column) for column in self.of))
        setattr(model_instance, self.attname, value)
        return value


class DerivedField(Derived, models.TextField):
    def __init__(self, *, of: Sequence[str] = (), **options: Any) -> None:
        self.of = tuple(of)
        super().__init__(**{**options, **_FIXED})

    def deconstruct(self) -> Any:
        name, path, args, options = super().deconstruct()
        own = {key: value for key, value in options.items() if key not in _FIXED}
        return name, path, args, {**own, "of": self.of}


class SpellingsField(DerivedField):
    """The columns in all spellings that the search knows, for lists and pickers: "¶ eliyev ¶ aliyev ¶"."""

    def computed(self, *values: str) -> str:
        spelled = dict.fromkeys(each for value in values for each in spellings(value))
        return f"{BOUNDARY} {f' {BOUNDARY} '.join(spelled)} {BOUNDARY}" if spelled else ""


class WordsField(DerivedField):
    """Each word of long texts once, in all its spellings and in alphabetical order, between spaces."""

    def computed(self, *values: str) -> str:
        words = {word for value in values for each in spellings(value) for word in each.split()}
        return f" {' '.join(sorted(words))} " if words else ""


class SortKeyField(DerivedField):
    """The key by which a column is sorted in alphabetical order; see `agreements.domain.alphabet`."""

    def computed(self, *values: str) -> str:
        return sort_key(" ".join(values))


class Derives(models.Model):
    """A row with derived columns: saving a column also saves what is computed from it."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **options: Any) -> None:
        if (written := options.get("update_fields")) is not None:
            also = (f.name for f in derived_fields(type(self)) if {*f.of} & {*written})
            options["update_fields"] = {*written, *also}
        super().save(*args, **options)


def derived_fields(model: type[models.Model]) -> list[Any]:
    return [field for field in model._meta.concrete_fields if isinstance(field, Derived)]


@receiver(pre_save, dispatch_uid="fixture_leaves_out_derived_columns")
def _about_to_be_loaded(
    sender: type[models.Model], instance: models.Model, raw: bool, **kwargs: object
) -> None:
    """Compute what a fixture leaves out, as fixtures are saved raw, without the field's `pre_save`."""
    if raw:
        for field in derived_fields(sender):
            field.pre_save(instance, add=True)


# Bringing all rows up to date


def refresh_derived_columns(*, dry_run: bool = False) -> int:
    """Compute the derived columns of all rows again and return how many rows were (or would be) written.

    A chunk of rows at a time, in a transaction each unless one is open.
    """
    models_with_some = (
        m for m in apps.get_app_config("agreements").get_models() if derived_fields(m)
    )
    return sum(
        refresh_rows(model._base_manager.all(), derived_fields(model), dry_run=dry_run)
        for model in models_with_some
    )


def refresh_rows(rows: Any, fields: Sequence[Any], *, dry_run: bool = False) -> int:
    """Compute these columns of the rows, also of a migration's models, in constant memory."""
    columns = dict.fromkeys(name for field in fields for name in (*field.of, field.name))
    written, last = 0, 0
    while chunk := list(rows.filter(pk__gt=last).order_by("pk").only("pk", *columns)[:_CHUNK]):
        stale = [row for row in chunk if _is_changed(row, fields)]
        if stale and not dry_run:
            rows.model._base_manager.using(rows.db).bulk_update(stale, [f.name for f in fields])
        written, last = written + len(stale), chunk[-1].pk
    return written


def _is_changed(row: Any, fields: Sequence[Any]) -> bool:
    before = [getattr(row, field.name) for field in fields]
    return before != [field.pre_save(row, add=False) for field in fields]
