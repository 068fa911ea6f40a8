"""A user's private calendar, for the calendar app that has its URL.

There is no login: the token in the URL is the key. Unknown tokens, revoked tokens and those of users who have left give
404.
"""

from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from agreements.domain.permissions import may_see_internal
from agreements.exchange.feeds.private_calendar import stream_private_calendar
from agreements.notifications.calendar_tokens import owner_of
from agreements.notifications.following.follows import followed_by
from agreements.serving.export_slots import whole_file


@require_safe
@whole_file
def private_calendar(request: HttpRequest, token: str) -> StreamingHttpResponse:
    owner = owner_of(token)
    if owner is None:
        raise Http404
    today = timezone.localdate()
    return StreamingHttpResponse(
        stream_private_calendar(
            followed_by(owner, today),
            today,
            is_staff=owner.is_staff,
            sees_internal=may_see_internal(owner),
        ),
        content_type="text/calendar; charset=utf-8",
        headers={
            "Cache-Control": "private, no-store",
            "Content-Disposition": 'inline; filename="my-agreements.ics"',
            "X-Robots-Tag": "noindex",
        },
    )
