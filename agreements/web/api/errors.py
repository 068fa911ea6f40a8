"""The API's error responses: always problem details, with a sentence that says why and a list of the bad parameters."""

from collections.abc import Iterable

from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from agreements.selection.reading import Problem
from agreements.web.problems import MEDIA_TYPE, problem


class NotUnderstoodError(exceptions.APIException):
    """Part of the query was not understood: nothing is selected, and each problem is named."""

    status_code = 400

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.detail = {
            "detail": _("The query was not understood, so nothing was selected."),
            "problems": [{"parameter": p.parameter, "message": p.message} for p in problems],
        }


def refuse(problems: Iterable[Problem]) -> None:
    """Raise `NotUnderstoodError` if there are any problems."""
    if found := list(problems):
        raise NotUnderstoodError(found)


def answer_to(error: Exception, context: dict[str, object]) -> Response | None:
    """Return the JSON response to an error; None for a bug in our code, which is logged and becomes a 500."""
    if isinstance(error, Http404 | exceptions.NotFound):
        error = exceptions.NotFound(_("There is no such URL, or the record is not public."))
    if isinstance(error, exceptions.MethodNotAllowed):
        error.detail = _("The API is read-only: use GET.")
    response: Response | None = exception_handler(error, context)
    if response is not None:
        response.data = problem(response.status_code, **response.data)
        response.content_type = MEDIA_TYPE
    return response
