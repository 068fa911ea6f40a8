"""Columns as files contain them: the database formats the text, so that no value is parsed only to be written again.

Unknown values are NULL: an empty text, an unknown date, the open side of a period. `blocks` reads its rows through
these expressions.
"""

from typing import Any

from django.contrib.admin.utils import get_fields_from_path
from django.db import models
from django.db.models import Case, Expression, ExpressionWrapper, F, Func, TextField, Value
from django.db.models.functions import NullIf
from django.db.models.sql.compiler import SQLCompiler

from agreements.domain.durations import DurationField
from agreements.domain.partial_dates import OPEN_END, OPEN_START, DayColumn


def written(model: type[models.Model], path: str) -> Expression | F:
    """Return the expression for a column of `model`, or of what it points to by `path`, as files contain it.

    Days are `YYYY-MM-DD`, timestamps ISO 8601 in UTC to the second, partial dates EDTF texts, lengths ISO 8601 durations,
    exact decimals texts, other numbers numbers.
    """
    field = get_fields_from_path(model, path)[-1]
    if isinstance(field, models.DateTimeField):
        return _Moment(path)
    if isinstance(field, DayColumn):
        return written_day(path)
    if isinstance(field, models.DateField):
        return _Day(path)
    if isinstance(field, models.DecimalField):
        return _Exact(path, decimals=field.decimal_places)
    if isinstance(field, DurationField):
        return _Length(ExpressionWrapper(F(path), output_field=models.IntegerField()))
    if isinstance(field, models.CharField | models.TextField):
        # Declared as text, a partial date is not parsed into a `PartialDate`.
        text = ExpressionWrapper(F(path), output_field=TextField())
        return _unless(text, "") if field.blank else text
    return F(path)


def written_day(day: Case | Expression | F | str) -> Expression:
    """Return the expression for a first or last possible day as files contain it; NULL where that side is open."""
    return _unless(_unless(_Day(day), OPEN_START.isoformat()), OPEN_END.isoformat())


def _unless(text: Expression, nothing: str) -> NullIf:
    return NullIf(text, Value(nothing), output_field=TextField())


class _Written(Func):
    """A value that each database writes as text with its own template."""

    output_field = TextField()
    sqlite = postgresql = ""

    def as_sqlite(self, compiler: SQLCompiler, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template=self.sqlite, **context)

    def as_postgresql(self, compiler: SQLCompiler, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template=self.postgresql, **context)


class _Day(_Written):
    """A day as the text that SQLite stores; a bare date column would be parsed on reading."""

    sqlite = "CAST(%(expressions)s AS text)"
    postgresql = "to_char(%(expressions)s, 'YYYY-MM-DD')"


class _Length(_Written):
    """A length as ISO 8601 text, as `str` of a `Duration` writes it."""

    sqlite = postgresql = (
        "CASE WHEN %(expressions)s <= 0 THEN 'P' || -%(expressions)s || 'D' "
        "WHEN %(expressions)s %%%% 12 <> 0 THEN 'P' || %(expressions)s || 'M' "
        "WHEN %(expressions)s IS NOT NULL THEN 'P' || (%(expressions)s / 12) || 'Y' END"
    )


class _Exact(_Written):
    """An exact decimal with all its decimal places; numbers in JSON and SQLite are not exact."""

    # otherwise NULL would become a text as well
    sqlite = "CASE WHEN %(expressions)s IS NOT NULL THEN printf('%%%%.%(decimals)sf', %(expressions)s) END"
    postgresql = "CAST(%(expressions)s AS text)"


class _Moment(_Written):
    """A timestamp in UTC, as SQLite stores it, without fractions of a second."""

    sqlite = "replace(substr(%(expressions)s, 1, 19), ' ', 'T') || 'Z'"
    postgresql = "to_char(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"
