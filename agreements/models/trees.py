"""Rows in a tree: bodies under their state, areas under their field."""

from collections.abc import Iterable, Iterator
from typing import Any, Self, TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from agreements.models.edit_tokens import Tokened
from agreements.models.slugs import Slugged

MAX_DEPTH = 20

_Row = TypeVar("_Row", bound="Tree")


class Tree(Slugged, Tokened):
    parent_id: int | None
    parent: Any = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("part of"),
    )

    class Meta:
        abstract = True

    def ancestors(self) -> list[Self]:
        """Return the rows above this one, the outermost first; one query per level unless `parent` is fetched."""
        found: list[Self] = []
        above = self.parent
        while above is not None and above != self and len(found) < MAX_DEPTH:
            found.insert(0, above)
            above = above.parent
        return found

    def clean(self) -> None:
        super().clean()
        above = self.parent
        for _level in range(MAX_DEPTH):
            if above is None:
                return
            if self.pk is not None and above.pk == self.pk:
                looped = _("%(name)s cannot be part of itself. Choose another entry.")
                raise ValidationError({"parent": looped % {"name": self}})
            above = above.parent
        too_deep = _("That is more than %(n)d levels deep. Choose an entry higher up.")
        raise ValidationError({"parent": too_deep % {"n": MAX_DEPTH}})


def as_tree(rows: Iterable[_Row]) -> Iterator[tuple[_Row, int]]:
    """Yield each row with its depth, every row after its parent and siblings in the order given; no query.

    A row whose parent is not among the rows given counts as a top-level row.
    """
    given = list(rows)
    known = {row.pk for row in given}
    below: dict[int | None, list[_Row]] = {}
    for row in given:
        below.setdefault(row.parent_id if row.parent_id in known else None, []).append(row)

    def branch(parent: int | None, depth: int) -> Iterator[tuple[_Row, int]]:
        for row in below.pop(parent, []):
            yield row, depth
            yield from branch(row.pk, depth + 1)

    return branch(None, 0)
