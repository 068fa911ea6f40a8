"""What the API answers when it cannot answer: always JSON, always a sentence, and every bad parameter by its name."""

from collections.abc import Iterable
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from agreements.selection.reading import Problem


class NotUnderstoodError(Exception):
    """A query that is not wholly understood: nothing is selected, and each problem is named."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        super().__init__("; ".join(map(str, self.problems)))


def refuse(problems: Iterable[Problem]) -> None:
    """Raise `NotUnderstoodError` if there are any problems."""
    if found := list(problems):
        raise NotUnderstoodError(found)


def answer_to(error: Exception, context: dict[str, Any]) -> Response | None:
    """Return the JSON for an error of the API; None for a fault of ours, which is then a 500 and logged."""
    if isinstance(error, NotUnderstoodError):
        return Response(_refusal(error.problems), status=400)
    if isinstance(error, Http404 | exceptions.NotFound):
        error = exceptions.NotFound(_("There is no such address, or no such record in public."))
    if isinstance(error, exceptions.MethodNotAllowed):
        error.detail = _("The register can only be read here: use GET.")
    return exception_handler(error, context)


def _refusal(problems: Iterable[Problem]) -> dict[str, Any]:
    named = [{"parameter": each.parameter, "message": each.message} for each in problems]
    sentence = _("The query was not understood, so nothing was selected.")
    return {"detail": sentence, "problems": named}
