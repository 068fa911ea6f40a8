"""The public change log as an Atom feed (RFC 4287): an entry is one change to one published agreement.

It says which facts changed, never what they were before. The page of changes shows the same.
"""

from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from agreements.domain.plain_text import one_line
from agreements.domain.urls import permanent
from agreements.exchange.feeds.atom import RegisterFeed
from agreements.models import Change

MOST_ENTRIES = 50


def changes_atom(day: date) -> bytes:
    """Return the feed of the latest public changes, at most fifty; one query. An empty one last changed on `day`."""
    feed = RegisterFeed(
        title=_("MoU Tracker: changes"),
        link=permanent(reverse("agreements:changes")),
        subtitle=_("Which facts of published agreements changed, and when."),
        url=permanent(reverse("agreements:changes_atom")),
        day=day,
    )
    for change in Change.objects.in_public().select_related("agreement")[:MOST_ENTRIES]:
        url = permanent(change.agreement.get_absolute_url())
        feed.add_item(
            title=one_line(f"{change.agreement.ref} {change.agreement.title}"),
            link=url,
            unique_id=f"{url}#change-{change.pk}",
            description=str(change),
            pubdate=change.at,
            updateddate=change.at,
        )
    return bytes(feed.writeString("utf-8"), "utf-8")
