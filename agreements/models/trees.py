"""Rows in a tree, known by slugs: bodies under their state, areas under their field.

Once public, a URL always leads to its party or area. When a row changes its slug, the old one is stored in the same
transaction. A row can take over another's former slug. Pages redirect from former slugs, and filters understand them.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Self, TypeVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from agreements.models.edit_tokens import Tokened

MAX_DEPTH = 20

_Row = TypeVar("_Row", bound="Tree")


class FormerSlug(models.Model):
    """A slug that `row` had and that no row has now."""

    slug = models.SlugField(_("slug"), max_length=120, unique=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.slug


class FormerPartySlug(FormerSlug):
    row = models.ForeignKey("Party", on_delete=models.CASCADE, related_name="former_slugs")

    class Meta:
        default_permissions = ()
        verbose_name = _("former slug of a party")
        verbose_name_plural = _("former slugs of parties")


class FormerAreaSlug(FormerSlug):
    row = models.ForeignKey("Area", on_delete=models.CASCADE, related_name="former_slugs")

    class Meta:
        default_permissions = ()
        verbose_name = _("former slug of a cooperation area")
        verbose_name_plural = _("former slugs of cooperation areas")


class Slugged(Tokened):
    """A row with a `slug`, to which its `former_slugs` still lead."""

    slug: Any
    former_slugs: Any

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the row and store its former slug if it changed; one extra query if it did not."""
        written = kwargs.get("update_fields")
        is_written = written is None or "slug" in written
        with transaction.atomic():
            stored: Any = type(self)._default_manager.select_for_update().filter(pk=self.pk or 0)
            slugs = stored.values_list("slug", flat=True)
            given_up = slugs.first() if is_written and self.pk else None
            super().save(*args, **kwargs)
            if is_written and given_up != self.slug:
                former = self.former_slugs.model.objects
                former.filter(slug=self.slug).delete()
                if given_up:
                    former.update_or_create(slug=given_up, defaults={"row": self})


class Tree(Slugged):
    """A row with a slug that may be part of another row."""

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
