"""The public log of changes as an Atom feed (RFC 4287): an entry is one change of one published agreement.

It tells which facts changed, never what they were before. The page of changes shows the same.
"""

from datetime import UTC, date, datetime, time
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from agreements.domain.plain_text import one_line
from agreements.domain.urls import permanent
from agreements.exchange.exporting.extracts import LICENCE, LICENCE_ADDRESS, REGISTER
from agreements.exchange.feeds.atom import Feed
from agreements.models import Change

MOST_ENTRIES = 50


def changes_atom(day: date) -> bytes:
    """Return the feed of the latest public changes, fifty at most; one query. An empty one last changed on `day`."""
    address = permanent(reverse("agreements:changes_atom"))
    feed = Feed(
        title=_("MoU Tracker: changes"),
        link=permanent(reverse("agreements:changes")),
        description=None,
        subtitle=_("Which facts of published agreements changed, and when."),
        language=get_language(),
        author_name=REGISTER,
        author_link=permanent("/"),
        feed_url=address,
        feed_guid=address,
        feed_copyright=f"{LICENCE}, {LICENCE_ADDRESS}",
        unchanged_since=datetime.combine(day, time.min, tzinfo=UTC),
    )
    for change in Change.objects.in_public().select_related("agreement")[:MOST_ENTRIES]:
        feed.add_item(**_entry(change))
    return bytes(feed.writeString("utf-8"), "utf-8")


def _entry(change: Change) -> dict[str, Any]:
    agreement = change.agreement
    address = permanent(agreement.get_absolute_url())
    return {
        "title": one_line(f"{agreement.ref} {agreement.title}"),
        "link": address,
        "unique_id": f"{address}#change-{change.pk}",
        "description": str(change),
        "pubdate": change.at,
        "updateddate": change.at,
    }
