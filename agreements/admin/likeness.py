"""The note that an agreement may be in the register already: at the top of its page, and while it is being typed.

`AgreementAdmin` mixes `LikenessNotes` in. The page's script asks `likeness_view` with what the form holds so far; without
JavaScript the note appears after saving. `agreements.curation.duplicate_agreements` decides what a duplicate is.
"""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from agreements.admin.entry import read_date
from agreements.admin.saving import is_key
from agreements.curation.duplicate_agreements import Subject, advice_for, duplicates_of, subject_of
from agreements.models import Agreement

MOST_ASKED = 100


class LikenessNotes(admin.ModelAdmin):
    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(require_safe(self.likeness_view))
        return [path("likeness/", view, name="agreements_agreement_likeness"), *super().get_urls()]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        shown: Agreement | None = context["original"]
        if shown is not None and shown.signed and not shown.is_public:
            rows = shown.participations.all()
            context |= _note(shown, subject_of(shown, rows))
        return super().render_change_form(request, context, *args, **kwargs)

    def likeness_view(self, request: HttpRequest) -> HttpResponse:
        """Answer with the note, empty if nothing is like it.

        Asked with `party`, `source` and `of` (ids), and with `signed` and `title` as they are typed.
        """
        if not self.has_view_permission(request):
            raise PermissionDenied
        own = _keys(request.GET, "of")
        stored = Agreement.objects.filter(pk=own[0]).first() if own else None
        subject = Subject(
            parties=set(_keys(request.GET, "party")),
            sources=set(_keys(request.GET, "source")),
            signed=read_date(request.GET.get("signed", "")),
            title=request.GET.get("title", "").strip(),
            key=stored.pk if stored else None,
        )
        return render(
            request, "admin/agreements/agreement/_duplicates.html", _note(stored, subject)
        )


def _note(agreement: Agreement | None, subject: Subject) -> dict[str, Any]:
    return {"duplicates": duplicates_of(subject), "advice": advice_for(agreement)}


def _keys(given: QueryDict, name: str) -> list[int]:
    return [int(key) for key in given.getlist(name)[:MOST_ASKED] if is_key(key)]
