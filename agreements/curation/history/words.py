"""The values of a state in words: labels for codes, dates in words, names for what is pointed to."""

from collections.abc import Mapping

from django.db import models
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.curation.history.states import Named, Value
from agreements.domain.value_types import type_of
from agreements.models import Participation

_ROW_NAMES: dict[type[models.Model], Promise] = {Participation: gettext_lazy("party")}


def label(column: "models.Field") -> str:
    return capfirst(str(column.verbose_name))


def row_name(row: type[models.Model]) -> str:
    """Return the name of this kind of row, such as “Signatory”."""
    return capfirst(str(_ROW_NAMES.get(row, row._meta.verbose_name)))


def value_in_words(column: "models.Field", value: Value, others: Mapping[str, Value]) -> str:
    """Return a value in words, empty for none; `others` are the other values of its row."""
    if isinstance(value, Named):
        return value.name
    if isinstance(value, tuple):
        return ", ".join(named.name for named in value)
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(column, models.FileField):
        return str(others.get("file_name") or _("a file"))
    kind = type_of(column)
    return kind.words(kind.restored(value))
