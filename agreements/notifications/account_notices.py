"""What follows from a change to an account: an e-mail to its owner, and the end of its private calendar.

It listens to `security_log.account_touched`, which every such change sends, no matter who makes it and on which page.
"""

from django.contrib.auth.models import User
from django.dispatch import receiver
from django.utils import timezone

from agreements.domain.choices import MailKind
from agreements.notifications.account_mails import NOTICES
from agreements.notifications.calendar_tokens import revoke_token
from agreements.notifications.outbox import post
from agreements.security.security_log import account_touched


def _said(event: str, facts: dict[str, object]) -> str:
    """Return the key of the notice; for a changed account, it says whether it was deactivated or reactivated."""
    if event == "account_changed" and "is_active" in facts:
        return "account_reopened" if facts["is_active"] else "account_closed"
    return event


@receiver(account_touched)
def tell_the_owner(
    sender: object,
    account: User,
    event: str,
    to: str,
    by: str,
    facts: dict[str, object],
    **more: object,
) -> None:
    """Queue a notice to the address that the account had before the change."""
    if to and event in NOTICES:
        rights = facts.get("rights")
        post(
            MailKind.ACCOUNT_NOTICE,
            to=to,
            event=_said(event, facts),
            name=account.username,
            by=by,
            at=timezone.localtime().strftime("%Y-%m-%d %H:%M %Z"),
            was=facts.get("was", ""),
            rights=", ".join(map(str, rights)) if isinstance(rights, list) else "",
        )


@receiver(account_touched)
def end_the_calendar(
    sender: object, account: User, event: str, facts: dict[str, object], **more: object
) -> None:
    """End the calendar: somebody who knew the password, or has left, may have its URL and must not keep reading it."""
    if _said(event, facts) in {"password_changed", "account_closed"}:
        revoke_token(account)
