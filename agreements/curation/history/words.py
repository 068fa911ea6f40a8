"""The values of a state as people read them: labels for codes, dates in words, names for what is pointed to."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.curation.history.states import Named, Value
from agreements.domain.partial_dates import PartialDate, PartialDateField, in_words
from agreements.models import Participation

_ROW_NAMES: dict[type[models.Model], Any] = {Participation: gettext_lazy("party")}


def label(column: "models.Field") -> str:
    return capfirst(str(column.verbose_name))


def row_name(row: type[models.Model]) -> str:
    """Return what such a row is called, such as “Signatory”."""
    return capfirst(str(_ROW_NAMES.get(row, row._meta.verbose_name)))


def value_in_words(column: "models.Field", value: Value, beside: Mapping[str, Value]) -> str:
    """Return a value as people read it, empty for none; `beside` are the other values of its row."""
    if isinstance(value, Named):
        return value.name
    if isinstance(value, tuple):
        return ", ".join(named.name for named in value)
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(column, models.FileField):
        return str(beside.get("file_name") or _("a file"))
    return _text_in_words(column, value)


def _text_in_words(column: "models.Field", value: str | int) -> str:
    labels = dict(column.flatchoices)
    if value in labels:
        return str(labels[value])
    if isinstance(column, PartialDateField):
        return in_words(PartialDate.parse(str(value)))
    moment = _moment(column, str(value))
    return date_format(moment, _format(moment)) if moment else str(value)


def _moment(column: "models.Field", text: str) -> date | None:
    if isinstance(column, models.DateTimeField):
        read = parse_datetime(text)
        return timezone.localtime(read) if read else None
    return parse_date(text) if isinstance(column, models.DateField) else None


def _format(moment: date) -> str:
    return "DATETIME_FORMAT" if isinstance(moment, datetime) else "DATE_FORMAT"
