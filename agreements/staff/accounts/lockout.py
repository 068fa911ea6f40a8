"""The page after too many wrong passwords: until when this name is locked for this IP address."""

from datetime import UTC, datetime
from typing import Any

from axes.helpers import get_client_username, get_cool_off
from axes.models import AccessAttempt
from django.db.models import Max
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from agreements.staff.accounts.codes import in_words


def locked_out(request: Any, response: Any = None, credentials: Any = None) -> HttpResponse:
    """Say until when the login is locked for this name from this IP address; django-axes calls this."""
    attempts = AccessAttempt.objects.filter(
        username=get_client_username(request, credentials), ip_address=request.axes_ip_address
    )
    last = attempts.aggregate(last=Max("attempt_time"))["last"] or timezone.now()
    until = last + get_cool_off(request)
    seconds = max(1, round((until - datetime.now(UTC)).total_seconds()))
    response = render(request, "429.html", {"until": in_words(until)}, status=429)
    response["Retry-After"] = str(seconds)
    return response
