"""The security log: who logged in, who failed to, who was refused, and who was given which rights.

Each event is one line of JSON from the logger `agreements.audit`. Logins, accounts and rights are logged here, on
Django's signals; the login pages, the account page and the refusals of the admin call `note`. A line never contains a
password, a code or the token of a URL.
"""

import json
import logging
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any

from axes.signals import user_locked_out
from django.contrib.auth.models import Group, User
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_save
from django.dispatch import Signal, receiver
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from agreements.security.client_address import client_address

LONGEST_TEXT = 300
# Parts of URLs that give access to anybody who knows them.
SECRET_PARTS = {"key", "secret", "token", "uidb64"}
FLAGS = ("is_active", "is_staff", "is_superuser")

# Operators search their logs for this name, so it must not change when the module moves.
logger = logging.getLogger("agreements.audit")
_request: ContextVar[HttpRequest | None] = ContextVar("request", default=None)

# Sent with `account`, `event`, `facts`, `by` (who did it; empty for guests and commands) and `to`, the e-mail address
# that the account had before.
account_touched = Signal()


class SecurityLogMiddleware:
    """Lets every line name the request, even for signals that do not pass it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        before = _request.set(request)
        try:
            return self.get_response(request)
        finally:
            _request.reset(before)


def note(
    event: str, *, level: int = logging.INFO, user: str | None = None, **facts: object
) -> None:
    """Write one line: the event, who caused it, from which IP address, at which path, and the facts given.

    `user` is who did it, by default the user of the request; empty for guests and commands.
    """
    request = _request.get()
    entry = {
        "event": event,
        "user": _name_on(request) if user is None else user,
        "address": (client_address(request) if request else None) or "",
        "path": _path(request) if request else "",
        **facts,
    }
    logger.log(level, "%s", _line(entry))


def note_refusal(event: str, **facts: Any) -> None:
    """Write one line, as a warning, about something that was refused."""
    note(event, level=logging.WARNING, **facts)


def note_of(account: User, event: str, *, to: str | None = None, **facts: Any) -> None:
    """Write one line about this account, and let those listening to `account_touched` know.

    `to` is the account's e-mail address before the event, by default its present one.
    """
    note(event, of=account.username, **facts)
    account_touched.send(
        sender=User,
        account=account,
        event=event,
        facts=facts,
        by=_name_on(_request.get()),
        to=account.email if to is None else to,
    )


def _name_on(request: HttpRequest | None) -> str:
    return str(request.user.get_username()) if request and hasattr(request, "user") else ""


def _path(request: HttpRequest) -> str:
    """Return the path without its query and without the parts that nobody else may read."""
    path = request.path
    match = request.resolver_match
    for name, value in (match.kwargs if match else {}).items():
        if name in SECRET_PARTS:
            path = path.replace(str(value), "…")
    return path


def _line(entry: dict[str, object]) -> str:
    """Return the entry as JSON on one line, with invisible characters escaped and long texts cut."""
    short = {
        name: f"{value[:LONGEST_TEXT]}…"
        if isinstance(value, str) and len(value) > LONGEST_TEXT
        else value
        for name, value in entry.items()
    }
    text = json.dumps(short, ensure_ascii=False)
    return "".join(mark if mark.isprintable() else json.dumps(mark)[1:-1] for mark in text)


# Logging in and out


@receiver(user_logged_in)
def _logged_in(sender: object, user: User, **kwargs: object) -> None:
    device = getattr(user, "otp_device", None)
    note("login", user=user.get_username(), second_step=device.model_label() if device else "")


@receiver(user_logged_out)
def _logged_out(sender: object, user: User | None, **kwargs: object) -> None:
    if user:
        note("logout", user=user.get_username())


@receiver(user_login_failed)
def _login_failed(sender: object, credentials: dict[str, object], **kwargs: object) -> None:
    note_refusal("login_failed", user=str(credentials.get("username", "")))


@receiver(user_locked_out)
def _locked_out(sender: object, username: str, **kwargs: object) -> None:
    note_refusal("locked_out", user=username)


# Accounts and their rights


@receiver(pre_save, sender=User)
def _remember_the_account(
    sender: object, instance: User, update_fields: object, raw: bool = False, **kwargs: object
) -> None:
    """Read the stored account, to compare it with the saved one; one query.

    Updating `last_login` or a password hash names its fields, and does not count as a change of the account.
    """
    stored = None if update_fields or raw else User.objects.filter(pk=instance.pk).first()
    instance.__dict__["_stored_account"] = stored


@receiver(post_save, sender=User)
def _account_saved(sender: object, instance: User, created: bool, **kwargs: object) -> None:
    stored = instance.__dict__.pop("_stored_account", None)
    flags = {flag: getattr(instance, flag) for flag in FLAGS}
    if created:
        note("account_created", of=instance.username, **flags)
    if stored:
        for event, facts in _changes(stored, instance, flags):
            note_of(instance, event, to=stored.email or instance.email, **facts)


def _changes(
    stored: User, account: User, flags: dict[str, bool]
) -> Iterator[tuple[str, dict[str, Any]]]:
    changed = {name: now for name, now in flags.items() if getattr(stored, name) != now}
    if changed:
        yield "account_changed", changed
    if stored.username != account.username:
        yield "account_renamed", {"was": stored.username}
    if stored.email != account.email:
        yield "account_address_changed", {}
    if stored.password != account.password:
        yield "password_changed", {}


@receiver(post_delete, sender=User)
def _account_deleted(sender: object, instance: User, **kwargs: object) -> None:
    note("account_deleted", of=instance.username)


@receiver(m2m_changed, sender=User.groups.through)
@receiver(m2m_changed, sender=User.user_permissions.through)
@receiver(m2m_changed, sender=Group.permissions.through)
def _rights_changed(
    sender: object, instance: Any, action: str, model: Any, pk_set: set[int] | None, **kwargs: Any
) -> None:
    """Log which rights were granted or revoked; a relation about to be cleared is read first."""
    match action:
        case "post_add" | "post_remove" if pk_set:
            named = model.objects.filter(pk__in=pk_set)
        case "pre_clear":
            named = _held(instance, sender, model)
        case _:
            return
    event = "rights_given" if action == "post_add" else "rights_taken"
    rights = sorted(str(one) for one in named)
    if isinstance(instance, User):
        note_of(instance, event, rights=rights)
    else:
        note(event, of=str(instance), rights=rights)


def _held(instance: object, through: Any, model: Any) -> Any:
    """Return everything that the relation links to the instance, from either side."""
    names = {field.related_model: field.name for field in through._meta.fields if field.is_relation}
    held = through.objects.filter(**{names[type(instance)]: instance}).values(names[model])
    return model.objects.filter(pk__in=held)
