"""CORS: scripts on any web page, such as a notebook in a browser, may read the API and the files.

This discloses nothing: browsers send no cookies with such requests, and these URLs return the same to everyone. Scripts
of other sites cannot read the pages or the admin.
"""

import re

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.deprecation import MiddlewareMixin

_DATA = re.compile(
    # briefs are for people, and those of staff are not the same as everyone's
    r"/(?!agreements/brief[.])(?:api/v1/.*|datapackage[.]json|changes[.]atom|(?:agreements|participations|statistics)(?:/[^/]+)?[.][a-z]+)",
    re.DOTALL,
)


class OpenDataMiddleware(MiddlewareMixin):
    """Adds the CORS headers (Fetch standard) to every response from these URLs, including errors.

    A browser asks first whether it may send the headers that a script adds, such as If-None-Match; the answer is the same
    for all of these URLs.
    """

    def process_request(self, request: HttpRequest) -> HttpResponseBase | None:
        is_preflight = (
            request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
        )
        if not (is_preflight and _DATA.fullmatch(request.path_info)):
            return None
        allowed = {
            "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
            "Access-Control-Allow-Headers": "Accept, Content-Type, If-Modified-Since, If-None-Match",
            "Access-Control-Max-Age": str(24 * 60 * 60),
        }
        return HttpResponse(status=204, headers=allowed)

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if _DATA.fullmatch(request.path_info):
            response["Access-Control-Allow-Origin"] = "*"
            response["Access-Control-Expose-Headers"] = (
                "Content-Disposition, ETag, Link, Retry-After"
            )
        return response
