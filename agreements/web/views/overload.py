"""The response to an outage, such as a busy database or a full disk: a 503 that says when to try again.

A request for a page gets an error page, one for a file gets a line of text, and one to the API gets JSON. The error page
lets people who are logged in send what they had sent again, with one click. Any other error counts as a bug.
"""

import logging
import sys

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.core.signals import got_request_exception
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.http.response import HttpResponseBase
from django.middleware.csrf import get_token
from django.utils.deprecation import MiddlewareMixin
from rest_framework.authentication import CSRFCheck

from agreements.security.sent_forms import SentForm
from agreements.serving.measures import count_database_error
from agreements.serving.outages import Outage, outage_of
from agreements.web.views.errors import answer

RETRY_AFTER_SECONDS = 30

# The page repeats what was sent, so it is limited to what a request may have.
LONGEST = settings.DATA_UPLOAD_MAX_MEMORY_SIZE

_MARK = "outage"
_FAILED = "view_failed"

logger = logging.getLogger(__name__)


class OverloadMiddleware(MiddlewareMixin):
    """Answers 503 if an outage cut a request off.

    It comes before all middleware that queries the database, because that may be cut off too.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        outage: Outage | None = getattr(request, _MARK, None)
        # after a replica's failure the primary may have answered
        if outage is None or response.status_code != 500:
            return response
        return unavailable(request, outage)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Respond if a view or its template was cut off; return None for any other error."""
        outage = outage_of(error)
        if outage is None:
            return None
        logger.warning("%s at %s: %s", outage.name, request.path, error)
        count_database_error(error)
        setattr(request, _FAILED, True)
        return unavailable(request, outage)


@receiver(got_request_exception)
def _mark(sender: object, request: HttpRequest, **kwargs: object) -> None:
    """Mark a request that was cut off in other middleware, where Django would return a 500."""
    if outage := outage_of(sys.exception()):
        setattr(request, _MARK, outage)


def unavailable(request: HttpRequest, outage: Outage) -> HttpResponse:
    """Return the 503; no query."""
    # a view that answered has saved what it was sent; only something after it was cut off
    is_saved = hasattr(request, "response_was_made") and not hasattr(request, _FAILED)
    form = None if is_saved else _sent_again(request)
    token = get_token(request) if form else None
    response = answer(
        request,
        503,
        str(outage.value),
        page="503.html",
        form_again=form,
        may_be_saved=is_saved,
        csrf_token=token,
    )
    response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    response["Cache-Control"] = "no-store"
    return response


def _sent_again(request: HttpRequest) -> SentForm | None:
    """Return what somebody who is logged in sent with our own form; None if that is uncertain, or if it is too long."""
    if request.method != "POST" or settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return None
    try:
        # checked here, because an outage may have come before Django's check
        check = CSRFCheck(lambda _request: HttpResponse())
        check.process_request(request)
        if check.process_view(request, lambda: HttpResponse(), (), {}):
            return None
        form = SentForm.of(request)
    except (OSError, SuspiciousOperation, MultiPartParserError):
        return None  # the request could not be read
    return form if form and form.size <= LONGEST else None
