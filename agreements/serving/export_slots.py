"""Whole files are made only a few at a time, so that threads stay free for pages, however many files are requested.

Each process has its own slots, fewer than its threads (`deploy/gunicorn.conf.py`). If no slot is free, the answer is 503
and asks the visitor to try again (`agreements.web.views.overload`).
"""

from collections.abc import Callable
from functools import wraps
from threading import BoundedSemaphore
from typing import Any, ParamSpec, TypeVar
from weakref import finalize

from django.http import HttpResponseBase

EXPORTS_AT_ONCE = 2

_slots = BoundedSemaphore(EXPORTS_AT_ONCE)

Arguments = ParamSpec("Arguments")
Response = TypeVar("Response", bound=HttpResponseBase)


class NoSlotError(Exception):
    """All slots of this process are taken."""


def whole_file(view: Callable[Arguments, Response]) -> Callable[Arguments, Response]:
    """Let a view answer only while a slot is free, else raise `NoSlotError`; closing the answer frees the slot."""

    @wraps(view)
    def limited(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Response:
        if not _slots.acquire(blocking=False):
            raise NoSlotError
        try:
            response = view(*args, **kwargs)
        except BaseException:
            _slots.release()
            raise
        # runs once: when the server closes the answer, or when nothing refers to it because another replaced it
        freed: Any = response
        freed._resource_closers.append(finalize(response, _slots.release))  # noqa: SLF001
        return response

    return limited
