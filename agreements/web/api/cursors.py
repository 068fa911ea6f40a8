"""Cursor pagination: the next page starts after the last row of this one, even if rows were added or withdrawn since.

A cursor holds the values by which its row is sorted. It is signed together with its query, so it can be neither forged
nor used with another query.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.db.models import F, Model, Q, QuerySet
from django.db.models.expressions import OrderBy

Row = tuple[Any, ...]

_NOTHING = Q(pk__in=[])


@dataclass(frozen=True)
class Page:
    """The keys of a page's rows, in order, and the cursors of the next and previous pages, if any."""

    keys: list[str]
    next: str | None
    previous: str | None


class Pages:
    """The pages of `rows`, whose order must be total and say `nulls_last` where nulls come last.

    `key` is the unique column that the pages list; `query` is the query string without the position in the list.
    """

    def __init__(self, rows: QuerySet[Model], *, key: str, query: str, size: int) -> None:
        self.order = [_as_order(given) for given in rows.query.order_by]
        self.names = [f"sorted_by_{place}" for place in range(len(self.order))]
        self.rows = rows.annotate(
            **{name: order.expression for name, order in zip(self.names, self.order, strict=True)}
        )
        self.key, self.query, self.size = key, query, size

    def numbered(self, number: int) -> Page:
        """Return a page by its number, counted from 1; a page beyond the end is empty."""
        start = (number - 1) * self.size
        found = list(self._listed(self.order)[start : start + self.size + 1])
        return self._page(found[: self.size], is_more=len(found) > self.size, is_first=number == 1)

    def at(self, cursor: str) -> Page:
        """Return the page that a cursor points to. Raises `BadSignature` if it is not a cursor of this list and query."""
        is_backwards, values = self._read(cursor)
        order = [_reversed(each) for each in self.order] if is_backwards else self.order
        beyond = _beyond(self.names, order, values)
        found = list(self._listed(order).filter(beyond)[: self.size + 1])
        rows, is_more = found[: self.size], len(found) > self.size
        if is_backwards:
            return self._page(rows[::-1], is_more=True, is_first=not is_more)
        return self._page(rows, is_more=is_more, is_first=False)

    def _listed(self, order: Sequence[OrderBy]) -> QuerySet[Model, Row]:
        return self.rows.order_by(*order).values_list(self.key, *self.names)

    def _page(self, rows: list[Row], *, is_more: bool, is_first: bool) -> Page:
        return Page(
            keys=[key for key, *_values in rows],
            next=self._written(rows[-1], is_backwards=False) if rows and is_more else None,
            previous=self._written(rows[0], is_backwards=True) if rows and not is_first else None,
        )

    def _written(self, row: Row, *, is_backwards: bool) -> str:
        # isoformat keeps the microseconds, which Django's own encoder would cut off
        values = [value.isoformat() if hasattr(value, "isoformat") else value for value in row[1:]]
        return signing.dumps([is_backwards, values], salt=self._salt, compress=True)

    def _read(self, cursor: str) -> tuple[bool, list[object]]:
        is_backwards, values = signing.loads(cursor, salt=self._salt)
        fields = [self.rows.query.annotations[name].output_field for name in self.names]
        return is_backwards, [f.to_python(value) for f, value in zip(fields, values, strict=True)]

    @property
    def _salt(self) -> str:
        return f"{__name__}:{self.query}"


def _as_order(given: Any) -> OrderBy:
    """Return one item of a queryset's ordering as an expression with its direction."""
    if isinstance(given, str):
        return OrderBy(F(given.lstrip("-")), descending=given.startswith("-"))
    return given if isinstance(given, OrderBy) else OrderBy(given)


def _reversed(order: OrderBy) -> OrderBy:
    other = order.copy()
    other.reverse_ordering()
    return other


def _beyond(names: Sequence[str], order: Sequence[OrderBy], values: Sequence[object]) -> Q:
    """Return what follows a row with these values: later in one column and equal in all columns before it."""
    beyond, same = _NOTHING, Q()
    for name, each, value in zip(names, order, values, strict=True):
        beyond |= same & _past(name, each, value)
        same &= Q(**{f"{name}__isnull": True}) if value is None else Q(**{name: value})
    return beyond


def _past(name: str, order: OrderBy, value: object) -> Q:
    is_null = Q(**{f"{name}__isnull": True})
    if value is None:
        return ~is_null if order.nulls_first else _NOTHING
    past = Q(**{f"{name}__{'lt' if order.descending else 'gt'}": value})
    return past | is_null if order.nulls_last else past
