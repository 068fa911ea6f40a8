"""The register's own e-mails, in plain text and HTML, many of them over one connection, and a report of a run.

`reminders.run` and `following.news` send them. An e-mail that cannot be sent does not stop the others: its problem is
returned as text.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field

from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import EmailMultiAlternatives, get_connection
from django.template.loader import render_to_string

from agreements.domain.plain_text import one_line

# Keeps auto-responders quiet (RFC 3834), and lets people filter these e-mails.
_HEADERS = {"Auto-Submitted": "auto-generated"}
LONGEST_PROBLEM = 500


@dataclass
class Report:
    """The outcome of a run, a line per e-mail; `left_out` maps user names that cannot be reached to the reason."""

    sent: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    given_up: list[str] = field(default_factory=list)
    told_before: int = 0
    left_out: dict[str, str] = field(default_factory=dict)


def why_unreachable(user: User) -> str:
    """Return why this user cannot get e-mail, in words for the operator; empty if they can."""
    if not user.is_active:
        return "not active"
    return "" if user.email else "no e-mail address"


def written(
    template: str, *, to: str, subject: str, context: dict[str, object]
) -> EmailMultiAlternatives:
    """Return an e-mail made from `mail/<template>.txt` and `.html`, whose URLs are absolute."""
    context = {"base_url": settings.BASE_URL, "subject": subject, **context}
    mail = EmailMultiAlternatives(
        subject=one_line(subject),
        body=render_to_string(f"mail/{template}.txt", context),
        to=[to],
        headers=_HEADERS,
    )
    mail.attach_alternative(render_to_string(f"mail/{template}.html", context), "text/html")
    return mail


class Mailer(AbstractContextManager["Mailer"]):
    """Sends e-mails over one connection, opened for the first one and closed at the end of the block.

    `unreachable` says why the server cannot be reached, which is no single e-mail's fault; empty if it can.
    """

    def __init__(self) -> None:
        self._connection = get_connection()
        self.unreachable = ""

    def __exit__(self, *error: object) -> None:
        self._close()

    def send(self, mail: EmailMultiAlternatives) -> str:
        """Send the e-mail, and return why it could not be sent; empty if it was.

        A server that cannot be reached is not tried again, because each attempt would wait for a timeout.
        """
        if not self.unreachable:
            self.unreachable = self._attempt(self._connection.open)
        if self.unreachable:
            return self.unreachable
        mail.connection = self._connection
        problem = self._attempt(mail.send)
        if problem:
            # the connection may be in any state: the next e-mail opens a new one
            self._close()
        return problem

    def _attempt(self, step: Callable[[], object]) -> str:
        try:
            step()
        except (OSError, ValueError) as problem:
            # SMTP errors are OSErrors; an invalid address is a ValueError
            return f"{type(problem).__name__}: {problem}"[:LONGEST_PROBLEM]
        return ""

    def _close(self) -> None:
        with suppress(OSError):
            self._connection.close()
