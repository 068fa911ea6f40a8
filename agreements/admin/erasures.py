"""Erasing a person's name: a form, a preview of every place where it stands, and the list of what was erased before.

Only administrators come here, and they give their password again. Nothing here ever stores the name, or puts it into a
URL, where logs would keep it.
"""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from agreements.admin.screens import Screen
from agreements.curation.erasure.erasing import (
    MOST_SHOWN,
    ErasureRefusedError,
    Found,
    erase,
    is_too_large,
    look,
)
from agreements.curation.erasure.names import (
    LONGEST_SPELLING,
    MOST_SPELLINGS,
    Name,
    NameRefusedError,
)
from agreements.domain import permissions
from agreements.models import Agreement, Erasure
from agreements.models.erasures import LONGEST_REPLACEMENT
from agreements.security import security_log
from agreements.security.people import logged_in
from agreements.staff.accounts.password_again import PasswordAgainForm

# What is read in the few seconds for which a browser waits.
MOST_ROWS = 20_000
MOST_BYTES = 50 << 20


def may_erase(request: HttpRequest) -> bool:
    return request.user.is_staff and request.user.has_perm(permissions.ERASE_NAME)


class NameForm(forms.Form):
    """The spellings of a name, what replaces them, and why."""

    spellings = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=MOST_SPELLINGS * (LONGEST_SPELLING + 2),
        widget=forms.Textarea(attrs={"rows": 4, "cols": 60, "autocomplete": "off", "dir": "auto"}),
        help_text=gettext_lazy(
            "Every spelling on a line of its own: other alphabets, “surname, given name”, initials, and the forms that "
            "a language gives the name. Whole words are compared, as the search compares them."
        ),
    )
    replacement = forms.CharField(
        label=gettext_lazy("Replaced by"),
        max_length=LONGEST_REPLACEMENT,
        help_text=gettext_lazy("For example “[name erased]”, or the office: “a former minister”."),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2, "cols": 60}),
        help_text=gettext_lazy(
            "For administrators, without the name: for example the request's number."
        ),
    )

    def clean(self) -> dict[str, Any] | None:
        """Read the name, and refuse one that cannot be erased."""
        cleaned = super().clean()
        if not NameForm.base_fields.keys().isdisjoint(self.errors):
            return cleaned
        asked = self.cleaned_data
        try:
            self.name = Name(asked["spellings"].splitlines(), asked["replacement"])
        except NameRefusedError as refusal:
            self.add_error("spellings", str(refusal))
            return cleaned
        if self.name.stands_in(asked["reason"]):
            self.add_error(
                "reason", _("The reason contains the name itself. Say it without the name.")
            )
        return cleaned


class ErasureForm(PasswordAgainForm, NameForm):
    """The same once the preview was shown, with the password."""


@admin.register(Erasure)
class ErasureAdmin(Screen):
    pages: ClassVar = {"erase": "erase/"}
    list_display = ("at", "by", "replacement", "places", "documents_kept", "reason")
    list_select_related = ("by",)
    fields = (
        ("at", "by"),
        "reason",
        "replacement",
        "places",
        "what",
        "import_files",
        ("documents_removed", "documents_kept"),
    )
    readonly_fields = ("what",)
    change_list_template = "admin/agreements/erasure/change_list.html"

    @admin.display(description=gettext_lazy("what was touched"))
    def what(self, erasure: Erasure) -> SafeString:
        rows = ((each["where"], each["rows"]) for each in erasure.touched)
        return format_html_join("", "{}: {}<br>", rows)

    # Who may come here: nobody adds, changes or deletes a row by hand

    def has_module_permission(self, request: HttpRequest) -> bool:
        return may_erase(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_erase(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @method_decorator(never_cache)
    @method_decorator(sensitive_post_parameters())
    def erase_view(self, request: HttpRequest) -> HttpResponse:
        """Ask for the name; show where it stands; erase it once the user has seen that and gave the password."""
        if not may_erase(request):
            raise PermissionDenied
        if is_too_large(MOST_ROWS, MOST_BYTES):
            return self.page(request, "erasure/erase", title=_("Erase a name"), is_too_large=True)
        if request.method != "POST":
            return self._asked(request, NameForm(initial={"replacement": _("[name erased]")}))
        if "erase" not in request.POST:
            form = NameForm(request.POST)
            return self._previewed(request, form) if form.is_valid() else self._asked(request, form)
        sure = ErasureForm(request.POST, request=request)
        if not sure.is_valid():
            return self._again(request, sure)
        if request.POST.get("previewed") != _seal(sure):
            again = _("The name is not the one whose places you saw. Look at the places below.")
            messages.warning(request, again)
            return self._previewed(request, sure)
        return self._erased(request, sure)

    def _again(self, request: HttpRequest, sure: ErasureForm) -> HttpResponse:
        """Show the preview again, or the form alone if the name itself was refused."""
        has_name = NameForm.base_fields.keys().isdisjoint(sure.errors)
        return self._previewed(request, sure) if has_name else self._asked(request, sure)

    def _asked(self, request: HttpRequest, form: NameForm) -> HttpResponse:
        return self.page(request, "erasure/erase", title=_("Erase a name"), form=form)

    def _previewed(self, request: HttpRequest, form: NameForm) -> HttpResponse:
        found = look(form.name)
        is_bound = isinstance(form, ErasureForm)
        asked = form if is_bound else ErasureForm(initial=form.cleaned_data, request=request)
        keys = {place.agreement for place in found.shown if place.agreement}
        refs = dict(Agreement.objects.filter(pk__in=keys).values_list("pk", "ref"))
        return self.page(
            request,
            "erasure/erase",
            title=_("Erase a name"),
            form=asked,
            found=found,
            places=[(place, refs.get(place.agreement or 0, "")) for place in found.shown],
            more=max(0, sum(found.rows.values()) - MOST_SHOWN),
            seal=_seal(form),
            chosen={int(key) for key in request.POST.getlist("remove") if _is_key(key)},
        )

    def _erased(self, request: HttpRequest, form: ErasureForm) -> HttpResponse:
        chosen = {int(key) for key in request.POST.getlist("remove") if _is_key(key)}
        try:
            done, found = erase(
                form.name,
                by=logged_in(request),
                reason=form.cleaned_data["reason"],
                at=timezone.now(),
                remove_documents=chosen,
            )
        except ErasureRefusedError as refusal:
            form.add_error(None, str(refusal))
            return self._previewed(request, form)
        security_log.note("name_erased", erasure=done.pk, places=done.places)
        self.log_change(request, done, _("Erased a name."))
        messages.success(request, _said(done, found))
        return HttpResponseRedirect(self.url_of("change", done.pk))


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 18


def _seal(form: NameForm) -> str:
    """Return what tells one name with its replacement from another, without telling the name."""
    return f"{form.name.digest}:{form.name.replacement}"


def _said(done: Erasure, found: Found) -> str:
    sentence = ngettext(
        "The name was erased in %(n)d place.", "The name was erased in %(n)d places.", done.places
    )
    parts = [sentence % {"n": done.places}]
    if done.documents_kept:
        kept = ngettext(
            "%(n)d document that may contain it was kept.",
            "%(n)d documents that may contain it were kept.",
            done.documents_kept,
        )
        parts.append(kept % {"n": done.documents_kept})
    if found.accounts:
        parts.append(_("An account has this name: rename it on its own page."))
    return " ".join(parts)
