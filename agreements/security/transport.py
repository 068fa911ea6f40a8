"""Plain http on a site that uses https: pages redirect to https, everything else is refused.

A redirect would send data and secrets a second time, and hide from a script that its first request could be read on
the way. `only_over_https` marks the URLs of data; requests that send anything and URLs with a secret are refused too.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import Resolver404, ResolverMatch, URLPattern, URLResolver, resolve
from django.utils.translation import gettext as _

from agreements.security.security_log import SECRET_PARTS

_MARK = "is_only_answered_over_https"

View = TypeVar("View", bound=Callable[..., Any])


def never_over_http(view: View) -> View:
    """Mark a view that answers with data or a file, not with a page."""
    setattr(view, _MARK, True)
    return view


def only_over_https(*routes: URLPattern | URLResolver) -> list[URLPattern | URLResolver]:
    """Return the routes, with all their views marked as `never_over_http`."""
    for route in routes:
        if isinstance(route, URLResolver):
            only_over_https(*route.url_patterns)
        else:
            never_over_http(route.callback)
    return list(routes)


class PlainHttpMiddleware:
    """Answers 403 to requests that SecurityMiddleware, which comes next, must not redirect."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        if not settings.SECURE_SSL_REDIRECT:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.is_secure() or _is_of_a_page(request):
            return self.get_response(request)
        return refusal()


def is_readable_on_the_way(request: HttpRequest) -> bool:
    """Return whether the request came over plain http to a site that uses https."""
    return settings.SECURE_SSL_REDIRECT and not request.is_secure()


def refusal() -> HttpResponse:
    """Return the 403 that says why, and what to do about a secret that was sent."""
    sentence = _(
        "This URL works over https only. Use %(site)s, and change any password or token "
        "that you sent over http."
    ) % {"site": settings.BASE_URL}
    return HttpResponse(f"{sentence}\n", status=403, content_type="text/plain; charset=utf-8")


def _is_of_a_page(request: HttpRequest) -> bool:
    match = _match(request.path_info) or _match(f"{request.path_info}/")
    is_data = match and (hasattr(match.func, _MARK) or match.kwargs.keys() & SECRET_PARTS)
    return request.method in {"GET", "HEAD"} and not is_data


def _match(path: str) -> ResolverMatch | None:
    try:
        return resolve(path)
    except Resolver404:
        return None
