"""Columns as files contain them: the database formats the text, so that no value is parsed only to be written again.

Unknown values are NULL: an empty text, an unknown date, the open side of a period. `blocks` reads its rows through
these expressions.
"""

from typing import Any

from django.db import models
from django.db.models import ExpressionWrapper, F, Func, TextField, Value
from django.db.models.functions import NullIf
from django.db.models.sql.compiler import SQLCompiler

from agreements.domain.partial_dates import OPEN_END, OPEN_START, DayColumn

Expression = Any


def written(model: type[models.Model], path: str) -> Expression:
    """Return the expression for a column of `model`, or of what it points to by `path`, as files contain it.

    Days are `YYYY-MM-DD`, timestamps ISO 8601 in UTC to the second, partial dates EDTF texts, exact decimals texts,
    other numbers numbers.
    """
    field = _field(model, path)
    if isinstance(field, models.DateTimeField):
        return _Moment(path)
    if isinstance(field, DayColumn):
        return _unless(_unless(_Day(path), OPEN_START.isoformat()), OPEN_END.isoformat())
    if isinstance(field, models.DateField):
        return _Day(path)
    if isinstance(field, models.DecimalField):
        return _Exact(path, decimals=field.decimal_places)
    if isinstance(field, models.CharField | models.TextField):
        # Declared as text, a partial date is not parsed into a `PartialDate`.
        text = ExpressionWrapper(F(path), output_field=TextField())
        return _unless(text, "") if field.blank else text
    return F(path)


def _field(model: type[models.Model], path: str) -> Any:
    *steps, name = path.split("__")
    for step in steps:
        model = model._meta.get_field(step).related_model  # type: ignore[assignment]
    return model._meta.get_field(name)


def _unless(text: Expression, nothing: str) -> NullIf:
    return NullIf(text, Value(nothing), output_field=TextField())


class _Day(Func):
    """A day as the text that SQLite stores; a bare date column would be parsed on reading."""

    output_field = TextField()

    def as_sqlite(self, compiler: SQLCompiler, connection: Any, **context: Any) -> Any:
        template = "CAST(%(expressions)s AS text)"
        return self.as_sql(compiler, connection, template=template, **context)

    def as_postgresql(self, compiler: SQLCompiler, connection: Any, **context: Any) -> Any:
        return self.as_sql(
            compiler, connection, template="to_char(%(expressions)s, 'YYYY-MM-DD')", **context
        )


class _Exact(Func):
    """An exact decimal with all its decimal places; numbers in JSON and SQLite are not exact."""

    output_field = TextField()

    def as_sqlite(self, compiler: SQLCompiler, connection: Any, **context: Any) -> Any:
        # otherwise NULL would become a text as well
        template = "CASE WHEN %(expressions)s IS NOT NULL THEN printf('%%%%.%(decimals)sf', %(expressions)s) END"
        return self.as_sql(compiler, connection, template=template, **context)

    def as_postgresql(self, compiler: SQLCompiler, connection: Any, **context: Any) -> Any:
        return self.as_sql(
            compiler, connection, template="CAST(%(expressions)s AS text)", **context
        )


class _Moment(Func):
    """A timestamp in UTC, as SQLite stores it, without fractions of a second."""

    output_field = TextField()

    def as_sqlite(self, compiler: SQLCompiler, connection: Any, **context: Any) -> Any:
        template = "replace(substr(%(expressions)s, 1, 19), ' ', 'T') || 'Z'"
        return self.as_sql(compiler, connection, template=template, **context)

    def as_postgresql(self, compiler: SQLCompiler, connection: Any, **context: Any) -> Any:
        template = "to_char(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"
        return self.as_sql(compiler, connection, template=template, **context)
