"""Who may change which record and row, applying `agreements.domain.permissions` to the admin's screens.

A model's permission says whether a user changes such rows at all; these rules say which ones. A page that is closed
to its reader says why. The record is locked before the check, so that nobody publishes it between check and saving.
"""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.admin.saving import locked
from agreements.admin.screens import Context, Screen
from agreements.domain import permissions
from agreements.domain.choices import Publication
from agreements.models import Agreement, FormerPartySlug
from agreements.security import security_log


def why_closed(user: Any, agreement: Agreement) -> str:
    """Return why this user cannot change this agreement and its rows; empty if they can."""
    if permissions.may_change(user, agreement):
        return ""
    if not permissions.may_edit(user):
        return _("Only editors can change agreements. Ask one of them.")
    if agreement.publication == Publication.IN_REVIEW:
        return _(
            "%(ref)s is in review and cannot be changed until a publisher has looked at it. "
            "To work on it, take it back from review."
        ) % {"ref": agreement.ref}
    sentence = _("%(ref)s is published, so only publishers can change it. Ask one of them.")
    return sentence % {"ref": agreement.ref}


def why_slug_is_kept(user: Any, slug: str, *, party: int | None) -> str:
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


class ClosableForm(forms.ModelForm):
    """A form that saves nothing if its record was closed after the page was opened, and keeps what was typed."""

    user: Any = None
    closed = ""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.closed:
            security_log.note_refusal("closed_refused", of=str(self.instance), why=str(self.closed))
            kept = _("Nothing was saved, but what you typed is still here.")
            self.add_error(None, forms.ValidationError(f"{self.closed} {kept}", code="closed"))
        return cleaned


class ClosedPages(Screen):
    """A screen with pages that are closed to some users and say why. Its form is a `ClosableForm`."""

    form = ClosableForm

    def why_closed(self, request: HttpRequest, obj: Any) -> str:
        """Return why this user, who may change such records, cannot change this one; empty if they can."""
        raise NotImplementedError

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if not super().has_change_permission(request, obj):
            return False
        return obj is None or _is_typed_into(request) or not self.why_closed(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        may = super().has_delete_permission(request, obj)
        return may and (obj is None or not self.why_closed(request, obj))

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST":
            # the form refuses, so that it can show again what was typed
            request.is_typed_into = True  # type: ignore[attr-defined]
        return super().changeform_view(request, *args, **kwargs)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        # a class made for this request alone
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.user = request.user
        form.closed = self.why_closed(request, obj) if obj and _is_typed_into(request) else ""
        return form

    def add_context(self, request: HttpRequest, context: Context, shown: Any) -> None:
        is_shut = shown and super().has_change_permission(request) and request.method != "POST"
        context["closed_because"] = self.why_closed(request, shown) if is_shut else ""
        super().add_context(request, context, shown)


def _is_typed_into(request: HttpRequest) -> bool:
    return getattr(request, "is_typed_into", False)


class RowForm(ClosableForm):
    """The form of a row that names its agreement: refuses an agreement that is closed to the user."""

    def clean_agreement(self) -> Agreement:
        agreement: Agreement = self.cleaned_data["agreement"]
        closed = why_closed(self.user, locked(agreement) or agreement)
        if closed:
            security_log.note_refusal("closed_refused", of=agreement.ref, why=str(closed))
            raise forms.ValidationError(closed, code="closed")
        return agreement


class RowRights(ClosedPages):
    """Screens of events, evidence and the like: each row is as open as the agreement it belongs to."""

    form = RowForm

    def why_closed(self, request: HttpRequest, obj: Any) -> str:
        return why_closed(request.user, obj.agreement)

    def get_object(self, request: HttpRequest, *args: Any) -> Any:
        found = super().get_object(request, *args)
        if found is not None and request.method == "POST":
            found.agreement = locked(found.agreement)
        return found


class SharedRights(ClosedPages):
    """Parties and sources: editors change those that no published agreement uses."""

    def why_closed(self, request: HttpRequest, obj: Any) -> str:
        """Look this up once per request: it takes queries, and the page asks often."""
        answers: dict[Any, str] = request.__dict__.setdefault("closed_records", {})
        if obj not in answers:
            may = permissions.may_change_shared(request.user, obj)
            answers[obj] = "" if may else str(_RESTED_ON)
        return answers[obj]


_RESTED_ON = gettext_lazy(
    "Published agreements use it, so only publishers can change it. Ask one of them."
)
