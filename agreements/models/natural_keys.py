"""Natural keys: the values by which fixtures name a row, since its id differs from one database to the next."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any, TypeVar

from django.db import models

_Row = TypeVar("_Row", bound=models.Model)


class NaturalKeyManager(models.Manager[_Row]):
    """A manager of rows whose model has a `natural_key` made by `key_of`."""

    def get_by_natural_key(self, *values: object) -> _Row:
        lookups: list[str] = vars(self.model)["natural_key"].lookups
        return self.get(**dict(zip(lookups, values, strict=True)))


def key_of(*columns: str, after: tuple[str, ...] = ()) -> Callable[[Any], tuple[str, ...]]:
    """Return a `natural_key` method made of these columns, such as "agreement.ref"; None becomes an empty text.

    `after` names the models that must be loaded first from a fixture.
    """
    values = [attrgetter(column) for column in columns]

    def natural_key(row: Any) -> tuple[str, ...]:
        return tuple(str(value(row) or "") for value in values)

    vars(natural_key).update(
        lookups=[column.replace(".", "__") for column in columns],
        dependencies=[f"agreements.{model}" for model in after],
    )
    return natural_key
