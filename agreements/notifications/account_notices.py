"""What follows from a change of an account: an e-mail to its owner, and the end of its private calendar.

It listens to `security_log.account_touched`, which every such change sends, whoever makes it and on whichever page.
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
    """Return the key of the notice, which says of a changed account whether it was closed or opened again."""
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
    """Post a notice to the address the account had before the change."""
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
    """Whoever knew the password, or whose account is closed, may have the URL and must not read on."""
    if _said(event, facts) in {"password_changed", "account_closed"}:
        revoke_token(account)
