"""410 for records that were public and are not any more: at each URL that a record has, in the form asked for.

A record that never was public has no tombstone, and its URLs answer 404 like those of one that never existed.
"""

from collections.abc import Callable
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from agreements.domain.plain_text import one_line
from agreements.exchange.exporting.gone import gone_record
from agreements.models import Tombstone
from agreements.web.problems import problem_response

View = Callable[..., HttpResponseBase]
# Programs and proxies may otherwise keep a 410 for as long as they like (RFC 9110, section 15.5.11), and the record may
# be published again.
_CACHING = "no-cache"


def or_gone(view: View) -> View:
    """Let the view of a record answer 410 if the record is gone; the 404 of any other stays."""

    @wraps(view)
    def answer(request: HttpRequest, *args: object, **kwargs: str) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except Http404:
            tombstone = Tombstone.objects.filter(ref=kwargs["ref"]).first()
            if tombstone is None:
                raise
        return _gone(request, tombstone)

    return answer


def _gone(request: HttpRequest, tombstone: Tombstone) -> HttpResponse:
    """Return the tombstone as JSON, as a line of text for other files, or as a page."""
    response: HttpResponse
    if request.path.endswith(".json"):
        response = problem_response(410, sentence(tombstone), **gone_record(tombstone))
    elif request.path.endswith("/") and "/documents/" not in request.path:
        response = render(request, "agreements/agreement_gone.html", {"tombstone": tombstone})
    else:
        plain = "text/plain; charset=utf-8"
        response = HttpResponse(f"{sentence(tombstone)}\n", content_type=plain)
    response.status_code = 410
    response["Cache-Control"] = _CACHING
    return response


def sentence(tombstone: Tombstone) -> str:
    """Return what a program shows to people who asked for a record that is gone."""
    told = {
        "ref": tombstone.ref,
        "day": f"{tombstone.withdrawn_at:%Y-%m-%d}",
        "why": one_line(tombstone.reason),
    }
    if tombstone.reason:
        return _("%(ref)s was withdrawn on %(day)s: %(why)s") % told
    return _("%(ref)s was withdrawn on %(day)s.") % told
