"""Whether the pages that sources and documents point to are still there, an address a row.

`agreements.upkeep.link_checking` alone writes here. It stands apart from sources and documents so that a check changes no
record, and an address that several name is asked once.
"""

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class LinkCheckQuerySet(models.QuerySet[Any]):
    def dead(self) -> "LinkCheckQuerySet":
        """Addresses whose page was not there, or could not be reached, when they were last asked."""
        return self.exclude(link_problem="")

    def alive(self) -> "LinkCheckQuerySet":
        """Addresses that showed their page when they were last asked."""
        return self.filter(link_problem="", last_seen_alive=F("link_checked_at"))

    def unreadable(self) -> "LinkCheckQuerySet":
        """Addresses that answered when they were last asked, yet show their page to people alone."""
        asked = self.filter(link_problem="", link_checked_at__isnull=False)
        return asked.filter(Q(last_seen_alive=None) | Q(last_seen_alive__lt=F("link_checked_at")))

    def by_address(self, addresses: Iterable[str]) -> "dict[str, LinkCheck]":
        """Return what is known of these addresses, by address; one query."""
        return {check.url: check for check in self.filter(url__in=set(addresses))}


class LinkCheck(models.Model):
    url = models.URLField(_("address"), max_length=1000, unique=True)
    last_seen_alive = models.DateTimeField(_("last seen alive"), null=True)
    link_checked_at = models.DateTimeField(_("last asked"), null=True, db_index=True)
    # In words, of the last time it was asked; empty if it answered. It was seen alive then if the two moments are one.
    link_problem = models.CharField(_("problem"), max_length=200, blank=True)
    # Whoever asks an address says so first, lest another run asks it as well.
    claimed_at = models.DateTimeField(null=True)

    objects = LinkCheckQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name = _("state of an address")
        verbose_name_plural = _("states of addresses")
        ordering = ("url",)
        indexes = [
            # few are dead, and staff ask for these
            models.Index(fields=["url"], name="link_dead", condition=~models.Q(link_problem="")),
        ]

    def __str__(self) -> str:
        return self.url

    @property
    def is_unreadable(self) -> bool:
        is_asked = self.link_checked_at is not None and not self.link_problem
        return is_asked and self.last_seen_alive != self.link_checked_at
