"""A list as the API answers it: a page of rows, how many there are, and the addresses of the pages around it.

The views say what is listed; which page of it is wanted, the parameters `cursor` and `page` say.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from rest_framework.response import Response

from agreements.domain.urls import permanent
from agreements.selection.reading import Problem
from agreements.web.api.cursors import CursorError, Page, Pages
from agreements.web.api.errors import NotUnderstoodError, refuse

CURSOR = "cursor"


@dataclass(frozen=True)
class Listing:
    """Rows in an order without ties, known by a unique `key`, and what was asked for: a view's name and its query.

    They are counted unless `count` is known.
    """

    rows: Any
    key: str
    name: str
    query: str
    size: int
    count: int | None = None

    def answer(
        self,
        asked: QueryDict,
        represent: Callable[[list[str]], Mapping[str, Any]],
        *,
        number: int | None = None,
        **beside: Any,
    ) -> Response:
        """Return the page that is asked for, with what is to stand `beside` its results.

        `represent` returns what stands for each of the rows with these keys; one that is gone by then is left out.
        Raises `NotUnderstoodError`.
        """
        page = self._page(asked, number)
        represented = represent(page.keys)
        around = self._around(page)
        body = {
            "count": self.rows.count() if self.count is None else self.count,
            "next": around.get("next"),
            "previous": around.get("prev"),
            **beside,
            "results": [represented[key] for key in page.keys if key in represented],
        }
        # RFC 8288
        links = [f'<{address}>; rel="{relation}"' for relation, address in around.items()]
        return Response(body, headers={"Link": ", ".join(links)})

    def _page(self, asked: QueryDict, number: int | None) -> Page:
        pages = Pages(self.rows, key=self.key, query=self._query_of_rows, size=self.size)
        given = [cursor for cursor in asked.getlist(CURSOR) if cursor.strip()]
        if not given:
            return pages.numbered(number or 1)
        refuse(_contradictions(given, number))
        try:
            return pages.at(given[0])
        except CursorError as error:
            why = _("No page of this query begins here. Leave the cursor out to begin anew.")
            raise NotUnderstoodError([Problem(CURSOR, CURSOR, why)]) from error

    def _around(self, page: Page) -> dict[str, str]:
        """Return the addresses of the pages around this one, by their relation to it."""
        around = {"first": self._address()}
        if page.previous:
            around["prev"] = self._address(page.previous)
        if page.next:
            around["next"] = self._address(page.next)
        return around

    def _address(self, cursor: str = "") -> str:
        place = urlencode({CURSOR: cursor}) if cursor else ""
        query = "&".join(filter(None, [self.query, place]))
        path = reverse(f"agreements:{self.name}")
        return permanent(f"{path}?{query}" if query else path)

    @property
    def _query_of_rows(self) -> str:
        """The query without what says how long a page is: that may change from one to the next."""
        query = QueryDict(self.query, mutable=True)
        query.pop("per_page", None)
        return query.urlencode()


def _contradictions(given: list[str], number: int | None) -> list[Problem]:
    if len(set(given)) > 1:
        why = _("This is given more than once, with different values. Give it once.")
    elif number is not None:
        why = _("A cursor and a page name two places. Give one of them.")
    else:
        return []
    return [Problem(CURSOR, CURSOR, why)]
