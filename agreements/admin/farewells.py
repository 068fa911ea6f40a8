"""What the public learns about a record that staff withdraw or delete: two fields of the forms that ask for it.

`admin/agreements/_farewell.html` draws them, from what `farewell_context` returns.
"""

from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from agreements.admin.screens import Context
from agreements.curation.tombstones import Farewell
from agreements.models.tombstones import LONGEST_PUBLIC_REASON

PUBLIC_REASON = "public_reason"
SHOWS_TITLE = "shows_title"
PUBLIC_REASON_NEEDED = gettext_lazy(
    "Reason for the public: it is empty. Say in a sentence why the record is withdrawn."
)


def told(request: HttpRequest) -> Farewell:
    """Return what was typed; the reason may be empty."""
    reason = request.POST.get(PUBLIC_REASON, "").replace("\0", "").strip()
    return Farewell(reason[:LONGEST_PUBLIC_REASON], shows_title=SHOWS_TITLE in request.POST)


def farewell_context(request: HttpRequest) -> Context:
    typed = told(request)
    return {PUBLIC_REASON: typed.reason, SHOWS_TITLE: typed.shows_title}
