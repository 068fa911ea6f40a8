"""The note that an agreement may already be in the register, at the top of its page and while it is being typed.

`AgreementAdmin` mixes `LikenessNotes` in. The page's script sends `likeness_view` what the form holds so far; without
JavaScript the note appears after saving. `agreements.curation.duplicate_agreements` decides what counts as a duplicate.
"""

from typing import ClassVar

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_safe

from agreements.admin.entry import read_date
from agreements.admin.saving import is_key
from agreements.admin.screens import Context, Screen
from agreements.curation.duplicate_agreements import Subject, advice_for, duplicates_of, subject_of
from agreements.models import Agreement

MOST_ASKED = 100


class LikenessNotes(Screen):
    pages: ClassVar = {"likeness": "likeness/"}

    def add_context(self, request: HttpRequest, context: Context, shown: Agreement | None) -> None:
        if shown is not None and shown.signed and not shown.is_public:
            context |= _note(shown, subject_of(shown, shown.participations.all()))
        super().add_context(request, context, shown)

    @method_decorator(require_safe)
    def likeness_view(self, request: HttpRequest) -> HttpResponse:
        """Return the note, empty if nothing is similar.

        Takes `party`, `source` and `of` (ids), and `signed` and `title` as typed so far.
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


def _note(agreement: Agreement | None, subject: Subject) -> Context:
    return {"duplicates": duplicates_of(subject), "advice": advice_for(agreement)}


def _keys(given: QueryDict, name: str) -> list[int]:
    return [int(key) for key in given.getlist(name)[:MOST_ASKED] if is_key(key)]
