"""The text of the e-mails about accounts, written only when they are sent: reset links, and notices of changes.

`agreements.notifications.outbox` calls this. A reset link is made here and stored nowhere.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.forms import PasswordResetForm
from django.contrib.auth.models import User
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.domain.choices import MailKind
from agreements.notifications.mail import written

# By event of the security log; the owner of the account gets a notice of these events and of no others.
NOTICES: dict[str, str | Promise] = {
    "password_changed": gettext_lazy("The password was changed."),
    "account_address_changed": gettext_lazy(
        "The e-mail address was changed. From now on, e-mails go to the new one only."
    ),
    "account_renamed": gettext_lazy("The user name was changed. It used to be %(was)s."),
    "account_closed": gettext_lazy("The account was deactivated."),
    "account_reopened": gettext_lazy("The account was reactivated."),
    "account_changed": gettext_lazy("The rights of the account as a whole were changed."),
    "rights_given": gettext_lazy("These roles or rights were granted: %(rights)s."),
    "rights_taken": gettext_lazy("These roles or rights were revoked: %(rights)s."),
    "second_step_on": gettext_lazy("Two-factor authentication was turned on."),
    "second_step_off": gettext_lazy("Two-factor authentication was turned off."),
    "second_step_reset": gettext_lazy("Two-factor authentication was turned off."),
    "sign_on_connected": gettext_lazy(
        "The account was connected with single sign-on: whoever that login belongs to can use the account."
    ),
    "sign_on_disconnected": gettext_lazy("The account was disconnected from single sign-on."),
    "recovery_codes_made": gettext_lazy("New recovery codes were made."),
}


class _LinkForm(PasswordResetForm):
    """Django's form finds whose address it is and makes the links; this one collects the e-mails instead of sending."""

    def __init__(self, to: str) -> None:
        super().__init__({"email": to})
        self.written: list[EmailMultiAlternatives] = []

    def get_users(self, email: str) -> Iterable[User]:
        """Return them in the same order each time: the outbox counts which e-mails are sent."""
        return sorted(super().get_users(email), key=lambda user: user.pk)

    def send_mail(
        self,
        subject_template_name: str,
        email_template_name: str,
        context: dict[str, Any],
        from_email: str | None,
        to_email: str,
        html_email_template_name: str | None = None,
    ) -> None:
        subject = render_to_string(subject_template_name, context).strip()
        body = render_to_string(email_template_name, context)
        self.written.append(EmailMultiAlternatives(subject, body, to=[to_email]))


def _links(to: str, facts: dict[str, Any]) -> Sequence[EmailMultiAlternatives]:
    """Links begin with BASE_URL, whatever host name the request used; none for an address that nobody has."""
    form, url = _LinkForm(to), urlsplit(settings.BASE_URL)
    if form.is_valid():
        form.save(
            domain_override=url.netloc,
            use_https=url.scheme == "https",
            subject_template_name="admin/password_mail_subject.txt",
            email_template_name="admin/password_mail.txt",
        )
    return form.written


def _notice(to: str, facts: dict[str, Any]) -> Sequence[EmailMultiAlternatives]:
    """`facts`: the event, the user's name, who did it, when (in words), and the values that the sentence names."""
    sentence = NOTICES[facts["event"]] % facts
    subject = _("MoU Tracker: your account %(name)s was changed") % facts
    return [written("account_notice", to=to, subject=subject, context={**facts, "what": sentence})]


WRITERS: dict[MailKind, Callable[[str, dict[str, Any]], Sequence[EmailMultiAlternatives]]] = {
    MailKind.PASSWORD_LINK: _links,
    MailKind.ACCOUNT_NOTICE: _notice,
}
