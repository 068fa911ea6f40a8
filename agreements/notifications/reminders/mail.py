"""Mails that the register writes by itself, in plain text and HTML, over one connection for many of them.

`reminders.run` and `agreements.notifications.following` write with it. A mail that cannot be sent is no failure of the
others: its problem comes back in words.
"""

from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.template.loader import render_to_string

from agreements.domain.plain_text import one_line

# So that no answering machine answers (RFC 3834), and a mailbox can sort them.
_HEADERS = {"Auto-Submitted": "auto-generated"}
LONGEST_PROBLEM = 500


def written(template: str, *, to: str, subject: str, context: dict[str, Any]) -> Any:
    """Return a mail made of `mail/<template>.txt` and `.html`, which name every address in full."""
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
    """Sends mails over one connection, which it opens at the first and closes at the end of its block."""

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
        """Whether there is no connection to the server: no mail is to blame for that."""
        return bool(self._unreachable)

    def send(self, mail: Any) -> str:
        """Send the mail and return why it could not be sent, or nothing.

        A server that cannot be reached is not asked again: each attempt would wait until it times out.
        """
        if not self._unreachable:
            self._unreachable = self._attempt(self._connection.open)
        if self._unreachable:
            return self._unreachable
        mail.connection = self._connection
        problem = self._attempt(mail.send)
        if problem:
            # it may be in any state: the next mail opens another one
            self._close()
        return problem

    def _attempt(self, step: Callable[[], Any]) -> str:
        try:
            step()
        except (OSError, ValueError) as problem:
            # what a server answers is an OSError, an address that is none a ValueError
            return f"{type(problem).__name__}: {problem}"[:LONGEST_PROBLEM]
        return ""

    def _close(self) -> None:
        with suppress(OSError):
            self._connection.close()
