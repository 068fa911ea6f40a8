"""Natural keys: the values by which fixtures name a row, since its id differs from one database to the next."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any, TypeVar

from django.db import models

_Row = TypeVar("_Row", bound=models.Model)


class NaturalKeyManager(models.Manager[_Row]):
    """A manager of rows whose model has a `natural_key` made by `key_of`."""

    def get_by_natural_key(self, *values: Any) -> _Row:
        key: Any = self.model.natural_key  # type: ignore[attr-defined]
        return self.get(**dict(zip(key.lookups, values, strict=True)))


def key_of(*columns: str, after: tuple[str, ...] = ()) -> Callable[[Any], tuple[str, ...]]:
    """Return a `natural_key` method made of these columns, such as "agreement.ref"; None becomes an empty text.

    `after` names the models that must be loaded first from a fixture.
    """
    values = [attrgetter(column) for column in columns]

    def natural_key(row: Any) -> tuple[str, ...]:
        return tuple(str(value(row) or "") for value in values)

    natural_key.lookups = [column.replace(".", "__") for column in columns]  # type: ignore[attr-defined]
    natural_key.dependencies = [f"agreements.{model}" for model in after]  # type: ignore[attr-defined]
    return natural_key
