"""The latest changes as Atom feeds (RFC 4287), for feed readers: those to a selection, and the public change log.

In a selection's feed each entry is an agreement and its id is the permanent URL, so that a change shows as an update of
the same entry. The status is left out: it depends on the day, and would make every entry look changed. In the feed of
the log each entry is one change to one agreement. It says which facts changed, never what they were before.
"""

from datetime import UTC, date, datetime, time
from typing import Any

from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import format_html_join
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from agreements.domain.plain_text import legible, one_line
from agreements.domain.urls import permanent
from agreements.exchange.citations import Citation
from agreements.exchange.exporting.extracts import LICENCE, LICENCE_ADDRESS, REGISTER, Extract
from agreements.models import Change, Tombstone

MOST_ENTRIES = 50


def atom(extract: Extract) -> bytes:
    """Return the feed of the agreements in this extract that changed most recently; three queries."""
    subtitle = _("Agreements added or changed most recently, at most %(most)d.")
    feed = RegisterFeed(
        title=one_line(extract.words),
        link=extract.page,
        subtitle=" ".join(filter(None, [subtitle % {"most": MOST_ENTRIES}, extract.remark])),
        url=extract.address("agreement_atom"),
        day=extract.day,
    )
    newest = extract.agreements.in_order("-updated").with_parties().with_areas()[:MOST_ENTRIES]
    for agreement in newest:
        citation = Citation(agreement, extract.day)
        paragraphs = [
            (text,) for text in (citation.description, legible(agreement.summary)) if text
        ]
        feed.add_item(
            title=citation.title,
            link=citation.url,
            unique_id=citation.url,
            description=format_html_join("", "<p>{}</p>", paragraphs),
            pubdate=agreement.published_at,
            updateddate=agreement.updated_at,
            categories=[area.slug for area in agreement.areas.all()],
        )
    return bytes(feed.writeString("utf-8"), "utf-8")


def changes_atom(day: date) -> bytes:
    """Return the feed of the latest public changes and withdrawals, at most fifty; two queries.

    An empty one last changed on `day`.
    """
    feed = RegisterFeed(
        title=_("MoU Tracker: changes"),
        link=permanent(reverse("agreements:changes")),
        subtitle=_("Which facts of published agreements changed, and when."),
        url=permanent(reverse("agreements:changes_atom")),
        day=day,
    )
    changes = Change.objects.in_public().select_related("agreement")[:MOST_ENTRIES]
    entries = [
        *map(_of_change, changes),
        *map(_of_tombstone, Tombstone.objects.all()[:MOST_ENTRIES]),
    ]
    entries.sort(key=lambda entry: entry["updateddate"], reverse=True)
    for entry in entries[:MOST_ENTRIES]:
        feed.add_item(pubdate=entry["updateddate"], **entry)
    return bytes(feed.writeString("utf-8"), "utf-8")


def _of_change(change: Change) -> dict[str, Any]:
    url = permanent(change.agreement.get_absolute_url())
    return {
        "title": one_line(f"{change.agreement.ref} {change.agreement.title}"),
        "link": url,
        "unique_id": f"{url}#change-{change.pk}",
        "description": str(change),
        "updateddate": change.at,
    }


def _of_tombstone(tombstone: Tombstone) -> dict[str, Any]:
    """Return the entry of a record that is gone; it says no more than its page does."""
    url = permanent(tombstone.get_absolute_url())
    said = _("Withdrawn: %(why)s") if tombstone.reason else _("Withdrawn")
    return {
        "title": one_line(str(tombstone)),
        "link": url,
        "unique_id": f"{url}#withdrawn-{tombstone.pk}",
        "description": one_line(said % {"why": tombstone.reason} if tombstone.reason else said),
        "updateddate": tombstone.withdrawn_at,
    }


class RegisterFeed(Atom1Feed):
    """A feed of the register at `url`. An empty one last changed on `day`; Django would say that it just changed."""

    def __init__(self, *, title: str, link: str, subtitle: str, url: str, day: date) -> None:
        super().__init__(
            title=title,
            link=link,
            description=None,
            subtitle=subtitle,
            language=get_language(),
            author_name=REGISTER,
            author_link=permanent("/"),
            feed_url=url,
            feed_guid=url,
            feed_copyright=f"{LICENCE}, {LICENCE_ADDRESS}",
        )
        self.day = day

    def latest_post_date(self) -> datetime:
        if self.items:
            return super().latest_post_date()
        return datetime.combine(self.day, time.min, tzinfo=UTC)
