"""The model field for a partial date: its EDTF text, and two columns with the first and last day it can be.

`signed = PartialDateField()` gives a model the attribute `signed`, a `PartialDate` or
None, and the columns `signed_earliest` and `signed_latest`. Queries compare and sort by those; they
are computed from the text and never set directly. Without a date the text is empty and both are
NULL; an open side is `OPEN_START` or `OPEN_END`, so that plain comparisons find it.
"""

from collections.abc import Iterable
from contextlib import suppress
from datetime import date
from functools import cached_property, wraps
from typing import TYPE_CHECKING, Any

from django.core.exceptions import FieldError, ValidationError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Q
from django.db.models.query_utils import DeferredAttribute
from django.db.models.sql import InsertQuery, UpdateQuery
from django.db.models.sql.compiler import SQLCompiler
from django.forms import Field as FormField
from django.utils.translation import gettext_lazy as _

from agreements.domain.partial_dates.forms import PartialDateFormField
from agreements.domain.partial_dates.values import PartialDate, PartialDateError

if TYPE_CHECKING:
    _TextField = models.CharField[str | PartialDate | None, PartialDate | None]
    _DateField = models.DateField[Any, Any]
else:
    _TextField = models.CharField
    _DateField = models.DateField

_LONGEST_TEXT = len("2022-05-25%/2022-05-26%")


class _DateOnInstance(DeferredAttribute):
    """A date on an instance; setting it sets its two days as well.

    A text that is not a date is kept as it is: validation says what is wrong with it, and saving refuses it.
    """

    field: "PartialDateField"

    def __set__(self, instance: models.Model, value: object) -> None:
        held, (earliest, latest) = instance.__dict__, self.field.day_names
        # most rows have no date, and rows are made by the thousand
        if value is None or value == "":
            held[self.field.attname] = held[earliest] = held[latest] = None
            return
        with suppress(PartialDateError):
            value = _value_of(value)
        held[self.field.attname] = value
        held |= _days_of(self.field.attname, value)


class _DayOnInstance(DeferredAttribute):
    """A day on an instance: it is set with its date, and separately only if the date is deferred."""

    field: "DayColumn"

    def __set__(self, instance: models.Model, value: object) -> None:
        if self.field.date_name not in instance.__dict__:
            instance.__dict__[self.field.attname] = value


class DayColumn(_DateField):
    """The earliest or latest day of a partial date, named like the date with the side appended.

    `PartialDateField` creates it. Migrations name it, so that their models keep it correct as well;
    fixtures do not contain it.
    """

    descriptor_class = _DayOnInstance

    @cached_property
    def date_name(self) -> str:
        return self.name.rpartition("_")[0]


class PartialDateField(_TextField):
    """A `PartialDate`, or None, stored as EDTF text of at most 23 characters, with its two days.

    An EDTF text can be assigned instead. `save`, `bulk_create` and fixtures write the days with the
    text, and so does `save(update_fields=["signed"])`. `update`, `bulk_update` and the
    `update_fields` of `bulk_create` need all three columns, and refuse the text alone.
    """

    description = _("A date that may be known only in part")
    descriptor_class = _DateOnInstance

    def __init__(
        self,
        *args: Any,
        has_day_columns: bool = False,
        are_days_indexed: bool = True,
        **kwargs: Any,
    ) -> None:
        """With `has_day_columns` the model declares the days itself, as in a migration; forms may leave it empty.

        Days that no query compares need no index: say so with `are_days_indexed`.
        """
        self.has_day_columns = has_day_columns
        self.are_days_indexed = are_days_indexed
        super().__init__(*args, **{"max_length": _LONGEST_TEXT, "blank": True, **kwargs})

    @staticmethod
    def columns(name: str, value: PartialDate | str | None) -> dict[str, Any]:
        """Return the values of the three columns for a date, as `QuerySet.update` takes them."""
        known = _value_of(value)
        return {name: known, **_days_of(name, known)}

    @staticmethod
    def constraint(name: str) -> models.CheckConstraint:
        """Return the constraint that the text and both days, in order, are all present or all missing."""
        earliest, latest = f"{name}_earliest", f"{name}_latest"
        nothing = Q(**{name: "", f"{earliest}__isnull": True, f"{latest}__isnull": True})
        both_days = Q(**{f"{earliest}__isnull": False, f"{latest}__isnull": False})
        in_order = Q(**{f"{earliest}__lte": F(latest)})
        return models.CheckConstraint(
            name=f"%(app_label)s_%(class)s_{name}_days",
            condition=nothing | (~Q(**{name: ""}) & both_days & in_order),
            violation_error_message=_("The stored days do not match the date."),
        )

    def contribute_to_class(
        self, cls: type[models.Model], name: str, private_only: bool = False
    ) -> None:
        super().contribute_to_class(cls, name, private_only)
        if not self.has_day_columns:
            for column in self.day_names:
                day = DayColumn(
                    null=True,
                    blank=True,
                    editable=False,
                    serialize=False,
                    db_index=self.are_days_indexed,
                )
                day.contribute_to_class(cls, column)
        _write_days_with_their_dates(cls)

    @cached_property
    def day_names(self) -> list[str]:
        """Return the names of the two columns with the days, the earliest first."""
        return list(_days_of(self.name, None))

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        """Describe the field for migrations, where the day columns are separate fields."""
        name, path, args, kwargs = super().deconstruct()
        return name, path, list(args), {**kwargs, "has_day_columns": True}

    def to_python(self, value: object) -> PartialDate | None:
        try:
            return _value_of(value)
        except PartialDateError as refused:
            raise ValidationError(str(refused), code="invalid") from refused

    def run_validators(self, value: PartialDate | None) -> None:
        super().run_validators(str(value or ""))

    def from_db_value(self, value: str | None, *_: object) -> PartialDate | None:
        return _value_of(value)

    def get_prep_value(self, value: object) -> str:
        """Return the EDTF text, as lookups and `update` need it. Raises `PartialDateError`."""
        return str(_value_of(value) or "")

    def pre_save(self, model_instance: models.Model, add: bool) -> PartialDate | None:
        """Return the date to store. Raises `PartialDateError` for anything else, even F()."""
        return _value_of(super().pre_save(model_instance, add))

    def get_placeholder(
        self, value: object, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> str:
        """Refuse a statement that would change the text but not the days."""
        if isinstance(compiler.query, InsertQuery) and not compiler.query.update_fields:  # type: ignore[attr-defined]
            return "%s"
        written = _names_written_by(compiler.query)
        if self.name in written and not written.issuperset(self.day_names):
            names = ", ".join([self.name, *self.day_names])
            raise FieldError(f"Write {names} together: see PartialDateField.columns.")
        return "%s"

    def value_to_string(self, obj: models.Model) -> str:
        return str(self.value_from_object(obj) or "")

    def formfield(self, **kwargs: Any) -> FormField | None:
        # Not CharField's own, which passes on max_length: people may type something longer.
        return models.Field.formfield(self, **{"form_class": PartialDateFormField, **kwargs})


def _value_of(value: object) -> PartialDate | None:
    """Return the date that is assigned or stored, None for the empty text."""
    if value is None or isinstance(value, PartialDate):
        return value
    text = str(value)
    return PartialDate.parse(text) if text else None


def _days_of(name: str, value: object) -> dict[str, date | None]:
    """Return the names of the day columns with the days that belong to the value."""
    known = value if isinstance(value, PartialDate) else None
    return {
        f"{name}_earliest": known.earliest if known else None,
        f"{name}_latest": known.latest if known else None,
    }


def _names_written_by(query: object) -> set[str]:
    """Return the names of the fields that a statement changes in existing rows."""
    if isinstance(query, UpdateQuery):
        return {field.name for field, _model, _value in query.values}  # type: ignore[attr-defined]
    if isinstance(query, InsertQuery):
        return {field.name for field in query.update_fields}  # type: ignore[attr-defined]
    return set()


def _write_days_with_their_dates(cls: Any) -> None:
    """Make `save(update_fields=["signed"])` write the days of `signed` as well."""
    save_base = cls.save_base
    if hasattr(save_base, "writes_days"):
        return

    @wraps(save_base)
    def save_base_with_days(
        self: models.Model, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any
    ) -> None:
        if update_fields is not None:
            update_fields = _with_days(set(update_fields), self._meta.fields)
        save_base(self, *args, update_fields=update_fields, **kwargs)

    cls.save_base = save_base_with_days
    cls.save_base.writes_days = True


def _with_days(names: set[str], fields: Iterable[object]) -> set[str]:
    days = (field for field in fields if isinstance(field, DayColumn))
    return names | {day.name for day in days if day.date_name in names}
