"""Problem details: what a failed request gets in JSON (RFC 9457).

`detail` says in a sentence what is wrong and what to do. Problems have no types of their own beyond their HTTP status, so
`type` is "about:blank" and `title` the status in words, as the RFC asks for.
"""

from http import HTTPStatus
from typing import Any

from django.http import JsonResponse

MEDIA_TYPE = "application/problem+json"


def problem(status: int, detail: str, **more: Any) -> dict[str, Any]:
    """Return the body; `more` are further members, such as the parameters that were not understood."""
    known = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    return {**known, "detail": detail, **more}


def problem_response(status: int, detail: str, **more: Any) -> JsonResponse:
    """Return the response with the body that `problem` describes."""
    return JsonResponse(
        problem(status, detail, **more),
        status=status,
        content_type=MEDIA_TYPE,
        json_dumps_params={"ensure_ascii": False},
    )
