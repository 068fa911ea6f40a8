"""CORS: scripts on any web page may read the API and the files, such as a notebook in a browser.

This discloses nothing: browsers send no cookies with such a request, and these URLs return the same to everyone. The
pages and the admin stay closed to scripts of other sites.
"""

import re

from django.http import HttpRequest, HttpResponseBase
from django.utils.deprecation import MiddlewareMixin

_DATA = re.compile(
    r"/(?:api/v1/.*|datapackage[.]json|changes[.]atom|(?:agreements|statistics)(?:/[^/]+)?[.][a-z]+)",
    re.DOTALL,
)


class OpenDataMiddleware(MiddlewareMixin):
    """Adds the CORS headers (Fetch standard) to every response from these URLs, including errors."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if _DATA.fullmatch(request.path_info):
            response["Access-Control-Allow-Origin"] = "*"
            response["Access-Control-Expose-Headers"] = "Content-Disposition, Link"
        return response
