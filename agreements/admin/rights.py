"""Who may change which record and row, applying `agreements.domain.permissions` to the admin's screens.

A model's permission says whether a user changes such rows at all; these rules say which ones. A page that is closed
to its reader says why. `versions` and `deletions` lock the record before the check, so that nobody publishes it
between check and saving.
"""

from typing import Any

from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext as _

from agreements.admin.screens import Context, Screen
from agreements.domain import permissions
from agreements.domain.choices import Publication
from agreements.models import ROWS, Agreement, FormerPartySlug, Party, Source


def why_closed(user: permissions.Person, agreement: Agreement) -> str:
    """Return why this user cannot change this agreement and its rows; empty if they can."""
    if permissions.may_change(user, agreement):
        return ""
    if not permissions.may_edit(user):
        return _("Only editors can change agreements. Ask one of them.")
    if agreement.publication == Publication.IN_REVIEW:
        return _(
            "%(ref)s is in review and cannot be changed until a publisher has reviewed it. "
            "To work on it, take it back from review."
        ) % {"ref": agreement.ref}
    sentence = _("%(ref)s is published, so only publishers can change it. Ask one of them.")
    return sentence % {"ref": agreement.ref}


def why_slug_is_kept(user: permissions.Person, slug: str, *, party: int | None) -> str:
    """Return why this user cannot give this slug to the party of this id (None: a new one); empty if they can.

    A party's former slug still leads to it. Taking that slug changes the party's URLs, so it needs the right to change
    that party.
    """
    former = FormerPartySlug.objects.filter(slug=slug).exclude(row=party).select_related("row")
    kept = former.first()
    if kept is None or permissions.may_change_shared(user, kept.row):
        return ""
    return _(
        "“%(slug)s” is a former slug of “%(party)s”, which published agreements name, and still leads there. "
        "Choose another slug, or ask a publisher."
    ) % {"slug": slug, "party": kept.row}


class Rights(Screen):
    """A screen with pages that are closed to some users and say why: by default, those of agreements and their rows.

    Its form is a `RecordForm`.
    """

    def record_of(self, obj: Any) -> Any:
        """Return the record that `obj` is or belongs to; None if it belongs to none yet."""
        if obj is None or type(obj) not in ROWS:
            return obj
        owner = ROWS[type(obj)]
        return getattr(obj, owner) if getattr(obj, f"{owner}_id") else None

    def why_closed(self, request: HttpRequest, obj: Any) -> str:
        """Return why this user, who may change such records, cannot change this one; empty if they can."""
        return why_closed(request.user, self.record_of(obj))

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        if not super().has_change_permission(request, obj):
            return False
        return obj is None or self.is_typed_into(request) or not self.why_closed(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        may = super().has_delete_permission(request, obj)
        return may and (obj is None or not self.why_closed(request, obj))

    def is_typed_into(self, request: HttpRequest) -> bool:
        """Return whether this is a form sent for a record: it refuses by itself, to show again what was typed."""
        page = request.resolver_match
        is_of_a_record = page is not None and page.url_name == self.url_name("change")
        return is_of_a_record and request.method == "POST"

    def add_context(self, request: HttpRequest, context: Context, shown: Any) -> None:
        is_shut = shown and super().has_change_permission(request) and request.method != "POST"
        context["closed_because"] = self.why_closed(request, shown) if is_shut else ""
        super().add_context(request, context, shown)


class SharedRights(Rights):
    """Parties and sources: editors change those that no published agreement uses."""

    def why_closed(self, request: HttpRequest, obj: Party | Source) -> str:
        """Look this up once per request: it takes queries, and the page asks often."""
        answers: dict[Party | Source, str] = request.__dict__.setdefault("closed_records", {})
        if obj not in answers:
            closed = _(
                "Published agreements use it, so only publishers can change it. Ask one of them."
            )
            answers[obj] = "" if permissions.may_change_shared(request.user, obj) else closed
        return answers[obj]
