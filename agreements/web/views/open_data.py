"""Scripts of any web page may read the API and the files: a notebook in a browser is as good as a program.

Nothing is given away by it. Cookies are not sent along with such a request, and what these addresses answer is the same
for everybody. The pages and the admin stay closed.
"""

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

_DATA = re.compile(
    r"/(?:api/v1/.*|datapackage[.]json|changes[.]atom|(?:agreements|statistics)(?:/[^/]+)?[.][a-z]+)",
    re.DOTALL,
)


class OpenDataMiddleware:
    """Says so in the answers of these addresses (the CORS protocol of the Fetch standard), refusals included."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if _DATA.fullmatch(request.path_info):
            response["Access-Control-Allow-Origin"] = "*"
            response["Access-Control-Expose-Headers"] = "Content-Disposition, Link"
        return response
