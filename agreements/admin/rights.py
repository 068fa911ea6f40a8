"""Who may change which record and row, as `agreements.domain.permissions` rules, brought to the admin's screens.

A model's permission says that somebody changes such rows at all; these say which ones. A page that is closed to its
reader says why. The record is locked before the question, so that nobody publishes it between answer and saving.
"""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.domain import permissions
from agreements.domain.choices import Publication
from agreements.models import Agreement, FormerPartySlug
from agreements.security import security_log


def locked(agreement: Any) -> Agreement | None:
    """Return the agreement of this key as it is stored, locked until the transaction ends; None if there is none."""
    return Agreement.objects.select_for_update().filter(pk=agreement).first()


def why_closed(user: Any, agreement: Agreement) -> str:
    """Return why this person cannot change this agreement and its rows; empty if they can."""
    if permissions.may_change(user, agreement):
        return ""
    if not permissions.may_edit(user):
        return _("Editors change agreements. Ask one of them.")
    if agreement.publication == Publication.IN_REVIEW:
        return _(
            "%(ref)s is in review and stands still until a publisher has looked at it. "
            "Take it back from review to work on it."
        ) % {"ref": agreement.ref}
    return _("%(ref)s is published, and publishers alone change it. Ask one of them.") % {
        "ref": agreement.ref
    }


def why_slug_is_kept(user: Any, slug: str, *, party: int | None) -> str:
    """Return why this person cannot give this slug to the party of this id, None for a new one; empty if they can.

    A slug that a party gave up leads to it still. To take it is to change that party's addresses, and may be done by
    whoever may change that.
    """
    former = FormerPartySlug.objects.filter(slug=slug).exclude(row=party).select_related("row")
    kept = former.first()
    if kept is None or permissions.may_change_shared(user, kept.row):
        return ""
    return _(
        "“%(slug)s” is a former address of “%(party)s”, which published agreements name, and leads to it still. "
        "Choose another slug, or ask a publisher."
    ) % {"slug": slug, "party": kept.row}


class ClosableForm(forms.ModelForm):
    """A form that takes nothing where its record was closed after the page was opened, and gives back what was typed."""

    user: Any = None
    closed = ""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.closed:
            security_log.note_refusal("closed_refused", of=str(self.instance), why=str(self.closed))
            kept = _("Nothing was saved; what you typed is still here.")
            self.add_error(None, forms.ValidationError(f"{self.closed} {kept}", code="closed"))
        return cleaned


class ClosedPages(admin.ModelAdmin):
    """A screen some of whose pages are closed to some, and say why. Its form is a `ClosableForm`."""

    form = ClosableForm

    def why_closed(self, request: HttpRequest, obj: Any) -> str:
        """Return why this person, who may change such records, cannot change this one; empty if they can."""
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

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        shown = context["original"]
        is_shut = shown and super().has_change_permission(request) and request.method != "POST"
        context["closed_because"] = self.why_closed(request, shown) if is_shut else ""
        return super().render_change_form(request, context, *args, **kwargs)


def _is_typed_into(request: HttpRequest) -> bool:
    return getattr(request, "is_typed_into", False)


class RowForm(ClosableForm):
    """Of a row that names its agreement: refuses one that is closed to whoever fills the form."""

    def clean_agreement(self) -> Agreement:
        agreement: Agreement = self.cleaned_data["agreement"]
        closed = why_closed(self.user, locked(agreement.pk) or agreement)
        if closed:
            security_log.note_refusal("closed_refused", of=agreement.ref, why=str(closed))
            raise forms.ValidationError(closed, code="closed")
        return agreement


class RowRights(ClosedPages):
    """Events, evidence and the like on screens of their own: as open as the agreement they belong to."""

    form = RowForm

    def why_closed(self, request: HttpRequest, obj: Any) -> str:
        return why_closed(request.user, obj.agreement)

    def get_object(self, request: HttpRequest, *args: Any) -> Any:
        found = super().get_object(request, *args)
        if found is not None and request.method == "POST":
            found.agreement = locked(found.agreement_id)
        return found


class SharedRights(ClosedPages):
    """Parties and sources: editors change those that no published agreement rests on."""

    def why_closed(self, request: HttpRequest, obj: Any) -> str:
        """Ask once a request: it takes queries, and the page asks often."""
        answers: dict[Any, str] = request.__dict__.setdefault("closed_records", {})
        if obj not in answers:
            may = permissions.may_change_shared(request.user, obj)
            answers[obj] = "" if may else str(_RESTED_ON)
        return answers[obj]


_RESTED_ON = gettext_lazy(
    "Published agreements rest on it, and publishers alone change it. Ask one of them."
)
