"""Former slugs: a URL that was ever public keeps leading to its party or area.

When a row changes its slug, the old one is stored in the same transaction. A row can take over another's former slug.
Pages redirect from former slugs, and filters understand them.
"""

from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _


class FormerSlug(models.Model):
    """A slug that `row` had and that no row has now."""

    slug = models.SlugField(_("slug"), max_length=120, unique=True)
    row: Any

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


class Slugged(models.Model):
    """A row that people know by its `slug`, and to which its `former_slugs` still lead."""

    slug: Any
    former_slugs: Any

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the row and store its former slug if it changed; one query more if it did not."""
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
