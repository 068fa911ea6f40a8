"""The newest changes of a selection as an Atom feed (RFC 4287), for feed readers.

An entry is an agreement and its id the permanent address, so that a change shows as an update of the same entry.
The status is left out: it changes with the day, and would make every entry look changed.
"""

from datetime import UTC, date, datetime, time
from typing import Any

from django.utils.feedgenerator import Atom1Feed
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from agreements.domain.plain_text import legible, one_line
from agreements.domain.urls import permanent
from agreements.exchange.citations import Citation
from agreements.exchange.exporting.extracts import LICENCE, LICENCE_ADDRESS, REGISTER, Extract
from agreements.models import Agreement

MOST_ENTRIES = 50


def atom(extract: Extract) -> bytes:
    """Return the feed of the agreements in this extract that changed last, fifty at most; three queries."""
    feed = Feed(
        title=one_line(extract.words),
        link=extract.page,
        description=None,
        subtitle=_("What was entered or changed last, %(most)d agreements at most.")
        % {"most": MOST_ENTRIES},
        language=get_language(),
        author_name=REGISTER,
        author_link=permanent("/"),
        feed_url=extract.address("agreement_atom"),
        feed_guid=extract.address("agreement_atom"),
        feed_copyright=f"{LICENCE}, {LICENCE_ADDRESS}",
        # A feed must say when it changed, even one that nothing is in.
        unchanged_since=datetime.combine(extract.day, time.min, tzinfo=UTC),
    )
    newest = extract.agreements.in_order("-updated").with_parties().with_areas()[:MOST_ENTRIES]
    for agreement in newest:
        feed.add_item(**_entry(agreement, extract.day))
    return bytes(feed.writeString("utf-8"), "utf-8")


class Feed(Atom1Feed):
    """Django's Atom feed, which would say that an empty feed has just changed."""

    def latest_post_date(self) -> datetime:
        return super().latest_post_date() if self.items else self.feed["unchanged_since"]


def _entry(agreement: Agreement, day: date) -> dict[str, Any]:
    citation = Citation(agreement, day)
    return {
        "title": citation.title,
        "link": citation.address,
        "unique_id": citation.address,
        "description": _paragraphs(citation.description, legible(agreement.summary)),
        "pubdate": agreement.published_at,
        "updateddate": agreement.updated_at,
        "categories": [area.slug for area in agreement.areas.all()],
    }


def _paragraphs(*texts: str) -> SafeString:
    return format_html_join("", "<p>{}</p>", ((text,) for text in texts if text))
