"""The note that an agreement may already be in the register, at the top of its page and while it is being typed.

`AgreementAdmin` mixes `LikenessNotes` in. The page's script sends `likeness_view` what the form holds so far; without
JavaScript the note appears after saving. Each line has a button for two papers of one day, which
`agreements.curation.kept_apart` remembers. `agreements.curation.duplicate_agreements` decides what counts as a duplicate.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from agreements.admin.entry import read_date
from agreements.admin.kept_apart import APART, TOGETHER, ApartButtons
from agreements.admin.saving import is_key
from agreements.admin.screens import Context, viewers_only
from agreements.curation.duplicate_agreements import Subject, advice_for, duplicates_of, subject_of
from agreements.curation.kept_apart import join_again, keep_apart
from agreements.models import Agreement

MOST_ASKED = 100


class LikenessNotes(ApartButtons):
    pages: ClassVar = {"likeness": "likeness/"}
    apart_words: ClassVar = {
        APART: _("%(one)s and %(other)s are two agreements, so neither warns of the other."),
        TOGETHER: _("%(one)s and %(other)s may be the same after all."),
    }
    other_is_gone: ClassVar = _("The other agreement is no longer in the register.")

    def add_context(self, request: HttpRequest, context: Context, shown: Agreement | None) -> None:
        if shown is None:
            context["kept_apart"] = _with_keys(_keys(request.POST, APART))
        elif shown.signed or shown.kept_apart:
            context |= _note(shown, subject_of(shown, shown.participations.all()))
        super().add_context(request, context, shown)

    @method_decorator(require_safe)
    @viewers_only
    def likeness_view(self, request: HttpRequest) -> HttpResponse:
        """Return the note, empty if nothing is similar.

        Takes `party`, `source` and `of` (ids), `signed` and `title` as typed so far, as `apart` the ids of those that
        a new record will be kept apart from, and as `origin` that of the record it was begun from, which is not named.
        """
        own = _keys(request.GET, "of")
        stored = Agreement.objects.filter(pk=own[0]).first() if own else None
        subject = Subject(
            parties=set(_keys(request.GET, "party")),
            sources=set(_keys(request.GET, "source")),
            signed=read_date(request.GET.get("signed", "")),
            title=request.GET.get("title", "").strip(),
            key=stored.pk if stored else None,
        )
        origins = _with_keys(_keys(request.GET, "origin"))
        subject = replace(subject, apart=[each.ref for each in origins])
        note = _note(stored, subject, _keys(request.GET, APART))
        note["may_keep_apart"] = self.has_change_permission(request, stored)
        return render(request, "admin/agreements/agreement/_duplicates.html", note)

    # Two papers of one day

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Also keep a new record apart from those whose button was pressed while it was typed."""
        super().save_related(request, form, formsets, change)
        if not change:
            for other in _with_keys(_keys(request.POST, APART)):
                keep_apart(form.instance, other, by=request.user)

    def keep_apart(self, request: HttpRequest, one: Agreement, other: Agreement) -> None:
        keep_apart(one, other, by=request.user)

    def join_again(self, request: HttpRequest, one: Agreement, other: Agreement) -> None:
        join_again(one, other, by=request.user)

    def called(self, record: Agreement) -> str:
        return record.ref


def _note(agreement: Agreement | None, subject: Subject, apart: Iterable[int] = ()) -> Context:
    """Return what the note shows; `apart` are the ids of those that a new record will be kept apart from."""
    if agreement is not None:
        refs = agreement.kept_apart.split()
        kept = list(Agreement.objects.filter(ref__in=refs).order_by("ref")) if refs else []
    else:
        kept = _with_keys(apart)
    subject = replace(subject, apart=[*subject.apart, *(each.ref for each in kept)])
    return {
        "duplicates": duplicates_of(subject),
        "advice": advice_for(agreement),
        "kept_apart": kept,
        "of": agreement,
    }


def _with_keys(keys: Iterable[int]) -> list[Agreement]:
    wanted = set(keys)
    return list(Agreement.objects.filter(pk__in=wanted).order_by("ref")) if wanted else []


def _keys(given: QueryDict, name: str) -> list[int]:
    return [int(key) for key in given.getlist(name)[:MOST_ASKED] if is_key(key)]
