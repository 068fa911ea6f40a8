"""Columns, constraints and natural keys that many models share.

A natural key names a row in fixtures, since its id differs from one database to the next.
"""

from collections.abc import Callable, Sequence
from datetime import date
from functools import reduce
from typing import TYPE_CHECKING, Any, TypeVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agreements.domain.partial_dates import PartialDate
from agreements.domain.partial_dates.values import FIRST_YEAR, LAST_YEAR

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.utils.functional import _StrPromise as Text

    from agreements.models.agreements import Agreement

_Row = TypeVar("_Row", bound=models.Model)


# More than anybody types: a title as long as a page, and a text as long as a book chapter.
LONGEST_TITLE = 2_000
LONGEST_TEXT = 100_000


def supported_day(day: date) -> None:
    """Refuse a day outside the years in which the register has dates."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValidationError(
            gettext("Give a day in the years %(first)d to %(last)d.")
            % {"first": FIRST_YEAR, "last": LAST_YEAR},
            code="year",
        )


class _Bounded(models.Field):
    """A text of at most `max_length` characters, which both databases check."""

    def db_check(self, connection: Any) -> str:
        column = connection.ops.quote_name(self.column)
        return f"length({column}) <= {self.max_length}"


class Line(_Bounded, models.CharField):
    """A line of text; SQLite does not enforce its length by itself."""


class LongText(_Bounded, models.TextField):
    """Text of several lines."""

    def __init__(self, *args: Any, max_length: int = LONGEST_TEXT, **options: Any) -> None:
        super().__init__(*args, max_length=max_length, **options)  # type: ignore[misc]
        self.default_validators = [MaxLengthValidator(max_length)]


def of_agreement(rows: str) -> "models.ForeignKey[Agreement, Agreement]":
    """Return the column that says which agreement a row belongs to; `rows` is the accessor of all its rows."""
    return models.ForeignKey(
        "Agreement", on_delete=models.CASCADE, related_name=rows, verbose_name=_("agreement")
    )


def link(
    to: type[_Row], rows: str, label: "Text", help_text: "Text | str" = ""
) -> "models.ForeignKey[_Row | None, _Row | None]":
    """Return a column for a row that may be unknown; that row cannot be deleted while this column links to it."""
    return models.ForeignKey(
        to,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name=rows,
        verbose_name=label,
        help_text=help_text,
    )


def text(
    label: "Text", max_length: int, help_text: "Text | str" = ""
) -> "models.CharField[str, str]":
    """Return a column for a line of text that may be left empty."""
    return Line(label, max_length=max_length, blank=True, help_text=help_text)


def code(
    label: "Text",
    choices: type[models.TextChoices],
    default: str | type[models.NOT_PROVIDED] = models.NOT_PROVIDED,
    help_text: "Text | str" = "",
    **options: Any,
) -> "models.CharField[str, str]":
    """Return a column for one code of a vocabulary."""
    return models.CharField(
        label,
        choices=choices,
        default=default,
        help_text=help_text,
        **{"max_length": 20, **options},
    )


def by_user(label: "Text", **options: Any) -> "models.ForeignKey[User | None, User | None]":
    """Return the column that says who did something; by default, deleting the account empties it."""
    forgotten = {"on_delete": models.SET_NULL, "related_name": "+"}
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, verbose_name=label, **{**forgotten, **options}
    )


def rule(name: str, condition: Q, message: "Text") -> models.CheckConstraint:
    """Return a constraint that every row meets the condition, with the error message."""
    return models.CheckConstraint(name=name, condition=condition, violation_error_message=message)


def once(
    name: str, fields: Sequence[str], message: "Text", condition: Q | None = None
) -> models.UniqueConstraint:
    """Return a constraint that no two rows have the same values, with the error message."""
    return models.UniqueConstraint(
        name=name, fields=fields, condition=condition, violation_error_message=message
    )


def in_order(
    name: str, start: str, end: str, message: "Text"
) -> tuple[models.CheckConstraint, Callable[[models.Model], None]]:
    """Return the constraint that the end of a period is not before its start, both partial dates, and its `clean`.

    Django leaves the constraint to the database in forms, because these do not have the columns that it compares.
    """
    either_unknown = Q(**{start: ""}) | Q(**{end: ""})
    condition = either_unknown | Q(**{f"{start}_earliest__lte": models.F(f"{end}_latest")})

    def clean(row: models.Model) -> None:
        first, last = getattr(row, start), getattr(row, end)
        # a text that is no date has an error of its own
        are_dates = isinstance(first, PartialDate) and isinstance(last, PartialDate)
        if are_dates and first.earliest > last.latest:
            raise ValidationError({end: message})

    return rule(name, condition, message), clean


class NaturalKeyManager(models.Manager[_Row]):
    """A manager of rows whose model has a `natural_key` made by `key_of`."""

    def get_by_natural_key(self, *values: object) -> _Row:
        lookups: list[str] = vars(self.model)["natural_key"].lookups
        return self.get(**dict(zip(lookups, values, strict=True)))


def _part(whole: object, name: str) -> object:
    return None if whole is None else getattr(whole, name)


def _value_of(row: object, path: Sequence[str]) -> object:
    return reduce(_part, path, row)


def key_of(*columns: str, after: tuple[str, ...] = ()) -> Callable[[models.Model], tuple[str, ...]]:
    """Return a `natural_key` method made of these columns, such as "agreement.ref"; None becomes an empty text.

    `after` names the models that must be loaded first from a fixture.
    """
    paths = [column.split(".") for column in columns]

    def natural_key(row: models.Model) -> tuple[str, ...]:
        return tuple(str(_value_of(row, path) or "") for path in paths)

    vars(natural_key).update(
        lookups=[column.replace(".", "__") for column in columns],
        dependencies=[f"agreements.{model}" for model in after],
    )
    return natural_key
