"""Columns as files write them: the database hands over the very text, so that nothing is parsed to be written again.

What is not known is NULL: an empty text, a date that nobody knows, the open side of a period. `blocks` reads its rows
through these expressions.
"""

from typing import Any

from django.db import models
from django.db.models import ExpressionWrapper, F, Func, TextField, Value
from django.db.models.functions import NullIf
from django.db.models.sql.compiler import SQLCompiler

from agreements.domain.partial_dates import OPEN_END, OPEN_START, DayColumn

Expression = Any


def written(model: type[models.Model], path: str) -> Expression:
    """Return the expression of a column of `model`, or of what it points to by `path`, as a file writes it.

    Days are `YYYY-MM-DD`, moments ISO 8601 in UTC to the second, dates known in part EDTF texts, exact decimals texts,
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
        # Said to be text, a date known in part is not read into one.
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
    """A day as the text that SQLite stores it as; a bare column of days is parsed as soon as it is read."""

    output_field = TextField()

    def as_sqlite(self, compiler: SQLCompiler, connection: Any, **context: Any) -> Any:
        template = "CAST(%(expressions)s AS text)"
        return self.as_sql(compiler, connection, template=template, **context)

    def as_postgresql(self, compiler: SQLCompiler, connection: Any, **context: Any) -> Any:
        return self.as_sql(
            compiler, connection, template="to_char(%(expressions)s, 'YYYY-MM-DD')", **context
        )


class _Exact(Func):
    """An exact decimal with all its places; a number in JSON, and in SQLite, is not exact."""

    output_field = TextField()

    def as_sqlite(self, compiler: SQLCompiler, connection: Any, **context: Any) -> Any:
        # a text would be made of NULL as well
        template = "CASE WHEN %(expressions)s IS NOT NULL THEN printf('%%%%.%(decimals)sf', %(expressions)s) END"
        return self.as_sql(compiler, connection, template=template, **context)

    def as_postgresql(self, compiler: SQLCompiler, connection: Any, **context: Any) -> Any:
        return self.as_sql(
            compiler, connection, template="CAST(%(expressions)s AS text)", **context
        )


class _Moment(Func):
    """A moment in UTC, in which SQLite stores it, without what lies behind the second."""

    output_field = TextField()

    def as_sqlite(self, compiler: SQLCompiler, connection: Any, **context: Any) -> Any:
        template = "replace(substr(%(expressions)s, 1, 19), ' ', 'T') || 'Z'"
        return self.as_sql(compiler, connection, template=template, **context)

    def as_postgresql(self, compiler: SQLCompiler, connection: Any, **context: Any) -> Any:
        template = "to_char(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"
        return self.as_sql(compiler, connection, template=template, **context)
