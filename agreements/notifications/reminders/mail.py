"""The register's own e-mails, in plain text and HTML, many of them over one connection.

`reminders.run` and `agreements.notifications.following` send them. An e-mail that cannot be sent does not stop the
others: its problem is returned as text.
"""

from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.template.loader import render_to_string

from agreements.domain.plain_text import one_line

# Keeps auto-responders quiet (RFC 3834), and lets people filter them.
_HEADERS = {"Auto-Submitted": "auto-generated"}
LONGEST_PROBLEM = 500


def written(
    template: str, *, to: str, subject: str, context: dict[str, Any]
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


class Mailer:
    """Sends e-mails over one connection, opened for the first one and closed at the end of the block."""

    def __init__(self) -> None:
        self._connection = get_connection()
        self._unreachable = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._close()

    @property
    def is_unreachable(self) -> bool:
        """Whether the server cannot be reached, which no single e-mail is to blame for."""
        return bool(self._unreachable)

    def send(self, mail: EmailMultiAlternatives) -> str:
        """Send the e-mail, and return why it could not be sent; empty if it was.

        A server that cannot be reached is not tried again, because each attempt would wait for a timeout.
        """
        if not self._unreachable:
            self._unreachable = self._attempt(self._connection.open)
        if self._unreachable:
            return self._unreachable
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
