"""Wrong passwords: who must wait, and until when.

Five wrong ones for a name from one IP address lock that pair for an hour (django-axes). After a hundred for a name
within an hour, wherever they come from, everyone has to wait longer after each further one, except in browsers in which
the owner has logged in before, so guessers cannot lock the owner out, however many they are. Names that do not exist are
counted in the same way, so a wait does not reveal that there is such an account.
"""

from datetime import datetime, timedelta
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.helpers import get_client_ip_address, get_client_username, get_cool_off, get_failure_limit
from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Max, QuerySet, Sum
from django.db.models.signals import pre_save
from django.dispatch import receiver
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

MOST_FOR_A_NAME = 100
LONGEST_WAIT = timedelta(minutes=5)
KNOWN_BROWSER = f"{settings.COOKIE_PREFIX}known_browser"
KNOWN_FOR = timedelta(days=180)


class LockoutHandler(AxesDatabaseHandler):
    """django-axes with the limit for a name; it counts no tries while they are refused."""

    def is_locked(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> bool:
        return super().is_locked(request, credentials) or _must_wait(request, credentials)


@receiver(pre_save, sender=AccessAttempt)
def keep_nothing_typed(instance: AccessAttempt, **kwargs: object) -> None:
    """Store nothing of the form: django-axes keeps whatever it was not told to be a password or a code."""
    instance.get_data = instance.post_data = ""


def _must_wait(request: HttpRequest, credentials: dict[str, Any] | None) -> bool:
    name = get_client_username(request, credentials) or ""
    until = wait_for_name(name)
    return until is not None and until > timezone.now() and not _knows_browser(request, name)


def attempts_against(name: str) -> QuerySet[AccessAttempt]:
    """Return the wrong passwords that still count against this name."""
    since = timezone.now() - get_cool_off()
    return AccessAttempt.objects.filter(username=name, attempt_time__gt=since)


def wait_for_name(name: str) -> datetime | None:
    """Return until when this name must wait, wherever it is typed; None below the limit. One query.

    One second after the hundredth wrong password, twice as long after each further one, at most five minutes.
    """
    found = attempts_against(name).aggregate(
        wrong=Sum("failures_since_start"), last=Max("attempt_time")
    )
    beyond = (found["wrong"] or 0) - MOST_FOR_A_NAME
    if beyond < 0:
        return None
    return found["last"] + min(timedelta(seconds=2 ** min(beyond, 20)), LONGEST_WAIT)


def locked_until(request: HttpRequest, credentials: dict[str, Any] | None) -> datetime:
    """Return when this request may be tried again."""
    name = get_client_username(request, credentials) or ""
    here = attempts_against(name).filter(ip_address=get_client_ip_address(request))
    found = here.aggregate(wrong=Sum("failures_since_start"), last=Max("attempt_time"))
    if (found["wrong"] or 0) >= get_failure_limit(request, credentials):
        return found["last"] + get_cool_off(request)
    return wait_for_name(name) or timezone.now()


# Browsers that the owner of an account has used


def remember_browser(response: HttpResponseBase, name: str) -> None:
    """Let this browser log in with this name, however often others try to."""
    response.set_cookie(
        KNOWN_BROWSER,
        _mark_of(name),
        max_age=KNOWN_FOR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _knows_browser(request: HttpRequest, name: str) -> bool:
    return constant_time_compare(request.COOKIES.get(KNOWN_BROWSER, ""), _mark_of(name))


def _mark_of(name: str) -> str:
    """Return a digest of the name that only this site can compute and nobody can reverse."""
    return salted_hmac("agreements.security.lockouts", name, algorithm="sha256").hexdigest()
