"""Whether the pages that sources and documents link to still exist; one row for each URL.

Only `agreements.upkeep.link_checking` writes here. The rows are separate from sources and documents so that a check
changes no record, and a URL that several of them name is checked once.
"""

from collections.abc import Iterable

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class LinkCheckQuerySet(models.QuerySet["LinkCheck"]):
    def dead(self) -> "LinkCheckQuerySet":
        """Return the URLs whose page did not exist, or could not be reached, at the last check."""
        return self.exclude(link_problem="")

    def alive(self) -> "LinkCheckQuerySet":
        """Return the URLs whose page was there at the last check."""
        return self.filter(link_problem="", last_seen_alive=F("link_checked_at"))

    def unreadable(self) -> "LinkCheckQuerySet":
        """Return the URLs that answered at the last check, but show their page only to people, not programs."""
        asked = self.filter(link_problem="", link_checked_at__isnull=False)
        return asked.filter(Q(last_seen_alive=None) | Q(last_seen_alive__lt=F("link_checked_at")))

    def by_url(self, urls: Iterable[str]) -> "dict[str, LinkCheck]":
        """Return the checks of these URLs, by URL; one query."""
        return {check.url: check for check in self.filter(url__in=set(urls))}


class LinkCheck(models.Model):
    url = models.URLField(_("URL"), max_length=1000, unique=True)
    last_seen_alive = models.DateTimeField(_("last seen alive"), null=True)
    link_checked_at = models.DateTimeField(_("last checked"), null=True, db_index=True)
    # What the last check found, in words; empty if the URL answered. If both moments are equal, the page was seen then.
    link_problem = models.CharField(_("problem"), max_length=200, blank=True)
    # A run claims a URL before checking it, so that no other run checks it too.
    claimed_at = models.DateTimeField(null=True)

    objects = LinkCheckQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name = _("link check")
        verbose_name_plural = _("link checks")
        ordering = ("url",)
        indexes = [
            # few links are dead, and staff look for these
            models.Index(fields=["url"], name="link_dead", condition=~models.Q(link_problem=""))
        ]

    def __str__(self) -> str:
        return self.url

    @property
    def is_unreadable(self) -> bool:
        is_asked = self.link_checked_at is not None and not self.link_problem
        return is_asked and self.last_seen_alive != self.link_checked_at
