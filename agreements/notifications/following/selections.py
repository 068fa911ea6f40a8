"""The selections that people follow: read from a URL they paste, described in words, and what they contain."""

from datetime import date, datetime
from urllib.parse import urlsplit

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from agreements.domain.urls import permanent
from agreements.exchange.exporting.formats import LIST_FORMATS
from agreements.models import Follow
from agreements.models.notifications import LONGEST_QUERY
from agreements.selection.selection import Selection

MOST_FOLLOWED = 2000
LIST = "agreements:agreement_list"
# The URLs that read the same query string.
_OF_SELECTIONS = (
    LIST,
    "agreements:statistics",
    *(f"agreements:{kind.name}" for kind in LIST_FORMATS),
)


class NotFollowableError(Exception):
    """The pasted text is not a selection that can be followed; the message says why, and what to do."""


def followable(pasted: str, today: date) -> Selection:
    """Return what a URL or query string of the list selects; raises `NotFollowableError`."""
    selection = selection_of(query_in(pasted), today)
    if problems := [*selection.errors, *selection.unknown]:
        raise NotFollowableError("\n".join(map(str, problems)))
    count = selection.agreements.order_by().count()
    if count > MOST_FOLLOWED:
        raise NotFollowableError(
            _(
                "This selects %(n)d agreements, but you can follow %(most)d at most. Add another filter."
            )
            % {"n": count, "most": MOST_FOLLOWED}
        )
    return selection


def why_not_all(count: int) -> str:
    """Return why a selection of this size is followed only in part, and what to do; empty if it is followed whole."""
    if count <= MOST_FOLLOWED:
        return ""
    return _(
        "It has grown to %(n)d agreements, and you follow only %(most)d of them. Follow a narrower selection instead."
    ) % {"n": count, "most": MOST_FOLLOWED}


def query_in(pasted: str) -> str:
    """Return the query string in what was pasted: a URL of the list or one of its files, or the query itself.

    Raises `NotFollowableError`.
    """
    text = pasted.strip()
    is_url = "/" in text.partition("?")[0]
    query = _query_of(text) if is_url else text.removeprefix("?")
    if query is None or not (is_url or "=" in query):
        raise NotFollowableError(
            _(
                "This is not a URL of the list of agreements. Filter the list at %(list)s, then copy its URL."
            )
            % {"list": permanent(reverse(LIST))}
        )
    if len(query) > LONGEST_QUERY:
        raise NotFollowableError(_("This URL is too long to follow. Use fewer filters."))
    return query


def _query_of(url: str) -> str | None:
    """Return the query of a URL; None if it is not one of ours that reads a selection."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return parts.query if parts.path in {reverse(name) for name in _OF_SELECTIONS} else None


def followed_query(selection: Selection) -> str:
    """Return the query without parameters that only sort or paginate the list."""
    kept = QueryDict(selection.canonical_query, mutable=True)
    for name in ("sort", "per_page"):
        kept.pop(name, None)
    return kept.urlencode()


def selection_of(query: str, today: date) -> Selection:
    return Selection(QueryDict(query), today=today)


def words_of(follow: Follow, selection: Selection) -> str:
    """Return what is followed in words; a party or area in it may no longer be in any published agreement."""
    if selection.is_valid:
        return selection.words
    return _("%(query)s, which no longer selects anything") % {"query": follow}


def held_in(selection: Selection, follow: Follow) -> dict[int, datetime]:
    """Return the keys of the agreements in the selection, each with its last change.

    These are all that the follower knows of, and as many more as can be followed.
    """
    selected = selection.agreements.order_by("pk").values_list("pk", "updated_at")
    told = follow.sightings.values("agreement")
    known = dict(selected.filter(pk__in=told))
    room = max(0, MOST_FOLLOWED - len(known))
    return known | dict(selected.exclude(pk__in=told)[:room])
