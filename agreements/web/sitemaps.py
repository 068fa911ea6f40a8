"""The sitemaps for search engines: every public page and when it last changed.

`/sitemap.xml` lists these sections. Each file needs two queries, and the index some more, however large the register.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.db.models import F, Max, Model, QuerySet
from django.urls import reverse

from agreements.domain.choices import Publication
from agreements.models import Agreement, Area, Participation, Party, Person, Tombstone
from agreements.models.trees import MAX_DEPTH


class Entry(NamedTuple):
    """A page: the argument of its URL, and when its content last changed."""

    key: str
    changed: datetime | None


class _Section(Sitemap):
    """Pages of one kind. Their URLs begin with BASE_URL, whatever the host of the request."""

    view_name: str
    # The protocol allows 50,000, but smaller files are written before the client times out.
    limit = 5_000

    def get_protocol(self, protocol: str | None = None) -> str:
        return urlsplit(settings.BASE_URL).scheme

    def get_domain(self, site: object = None) -> str:
        return urlsplit(settings.BASE_URL).netloc

    def location(self, item: Entry) -> str:
        return reverse(f"agreements:{self.view_name}", args=[item.key])

    def lastmod(self, item: Entry) -> datetime | None:
        return item.changed

    def get_latest_lastmod(self) -> datetime | None:
        return _last_change()


class PageSitemap(_Section):
    """Pages that are not about a single record."""

    of_agreements = ("home", "agreement_list", "party_list", "area_list", "statistics", "changes")
    of_texts = ("about", "data", "api_root")

    def items(self) -> list[Entry]:
        changed = _last_change()
        return [
            *(Entry(name, changed) for name in self.of_agreements),
            *(Entry(name, None) for name in self.of_texts),
        ]

    def location(self, item: Entry) -> str:
        return reverse(f"agreements:{item.key}")


class AgreementSitemap(_Section):
    view_name = "agreement_detail"

    def items(self) -> Iterable[Entry]:
        """Return rows with the attributes of `Entry`."""
        published = Agreement.objects.published().order_by("ref")
        rows = published.annotate(key=F("ref"), changed=F("updated_at"))
        return rows.values_list("key", "changed", named=True)


class PartySitemap(_Section):
    view_name = "party_detail"

    def items(self) -> list[Entry]:
        """Only parties to published agreements, and the parties above them, have a page."""
        entries = _entries(Party.objects.all(), Participation.objects.all(), "party")
        return [entry for entry in entries if entry.changed]


class PersonSitemap(_Section):
    view_name = "person_detail"

    def items(self) -> Iterable[Entry]:
        """Return rows with the attributes of `Entry`: the people whom published agreements name."""
        signed = Person.objects.filter(signatures__agreement__publication=Publication.PUBLISHED)
        rows = signed.order_by("slug").values(key=F("slug"))
        dated = rows.annotate(changed=Max("signatures__agreement__updated_at"))
        return dated.values_list("key", "changed", named=True)


class AreaSitemap(_Section):
    view_name = "area_detail"

    def items(self) -> list[Entry]:
        return _entries(Area.objects.all(), Agreement.areas.through.objects.all(), "area")


SITEMAPS: dict[str, type[Sitemap]] = {
    "pages": PageSitemap,
    "agreements": AgreementSitemap,
    "parties": PartySitemap,
    "people": PersonSitemap,
    "areas": AreaSitemap,
}


def _last_change() -> datetime | None:
    """Return when a published record changed or one was withdrawn; two queries.

    Without the withdrawals the moment would go back, and who kept a sitemap with a withdrawn record be told that it is
    still as it was.
    """
    changed = Agreement.objects.published().aggregate(at=Max("updated_at"))["at"]
    withdrawn = Tombstone.objects.aggregate(at=Max("withdrawn_at"))["at"]
    return max(filter(None, (changed, withdrawn)), default=None)


def _entries(tree: QuerySet[Model], links: QuerySet[Model], row: str) -> list[Entry]:
    """Return the rows by slug, each with the last change of a published agreement at or below it; two queries."""
    published = Agreement.objects.published().order_by()
    of_rows = links.filter(agreement__in=published).order_by().values(row)
    latest = of_rows.annotate(at=Max("agreement__updated_at")).values_list(row, "at")
    rows = list(tree.order_by("slug").values_list("pk", "parent", "slug"))
    parents = {key: parent for key, parent, _slug in rows}
    changed: dict[int, datetime] = {}
    for key, at in latest:
        above = key
        # the date of each row is passed up to all rows above it; each keeps the latest
        for _level in range(MAX_DEPTH + 1):
            if above is None:
                break
            changed[above] = max(at, changed.get(above, at))
            above = parents.get(above)
    return [Entry(slug, changed.get(key)) for key, _parent, slug in rows]
