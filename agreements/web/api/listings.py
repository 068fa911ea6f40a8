"""A list as the API returns it: a page of rows, the total count, and the URLs of the neighbouring pages.

The views define what is listed; the parameters `cursor` and `page` select the page.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.core.signing import BadSignature
from django.db.models import Model, QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from rest_framework.response import Response

from agreements.domain.urls import permanent
from agreements.selection.reading import Problem
from agreements.web.api.cursors import Page, Pages
from agreements.web.api.errors import NotUnderstoodError

CURSOR = "cursor"


@dataclass(frozen=True)
class Listing:
    """Rows in a total order, identified by a unique `key`, with the name of the view and the query that selected them.

    If `count` is None, the rows are counted.
    """

    rows: QuerySet[Model]
    key: str
    name: str
    query: str
    size: int
    count: int | None = None

    def answer(
        self,
        asked: QueryDict,
        represent: Callable[[list[str]], Mapping[str, object]],
        *,
        number: int | None = None,
        **more: object,
    ) -> Response:
        """Return the requested page, with the fields in `more` ahead of its results.

        `represent` maps keys to the representations of their rows; rows that have since been deleted are left out.
        Raises `NotUnderstoodError`.
        """
        page = self._page(asked, number)
        represented = represent(page.keys)
        around = {"first": self._url()}
        if page.previous:
            around["prev"] = self._url(page.previous)
        if page.next:
            around["next"] = self._url(page.next)
        body = {
            "count": self.rows.count() if self.count is None else self.count,
            "next": around.get("next"),
            "previous": around.get("prev"),
            **more,
            "results": [represented[key] for key in page.keys if key in represented],
        }
        # RFC 8288
        links = [f'<{url}>; rel="{relation}"' for relation, url in around.items()]
        return Response(body, headers={"Link": ", ".join(links)})

    def _page(self, asked: QueryDict, number: int | None) -> Page:
        # the page length may change from one page to the next
        query = QueryDict(self.query, mutable=True)
        query.pop("per_page", None)
        pages = Pages(self.rows, key=self.key, query=query.urlencode(), size=self.size)
        given = {cursor for cursor in asked.getlist(CURSOR) if cursor.strip()}
        if not given:
            return pages.numbered(number or 1)
        if len(given) > 1:
            why = _("This was given more than once, with different values. Give it only once.")
            raise _refusal(why)
        if number is not None:
            raise _refusal(_("Give either a cursor or a page, not both."))
        try:
            return pages.at(given.pop())
        except BadSignature as error:
            why = _("This cursor does not belong to this query. Leave it out to start again.")
            raise _refusal(why) from error

    def _url(self, cursor: str = "") -> str:
        place = urlencode({CURSOR: cursor}) if cursor else ""
        query = "&".join(filter(None, [self.query, place]))
        path = reverse(f"agreements:{self.name}")
        return permanent(f"{path}?{query}" if query else path)


def _refusal(why: str) -> NotUnderstoodError:
    return NotUnderstoodError([Problem(CURSOR, CURSOR, why)])
