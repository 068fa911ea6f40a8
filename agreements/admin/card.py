"""The card beside the form of an agreement: what the register would say about it as it is typed, and the buttons.

`AgreementAdmin` mixes `StandingCard` in. While somebody types, the page's script sends the whole form to `card_view`,
which saves it in a rehearsal that is undone, and returns the card drawn again. Without JavaScript the card shows what is
stored.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.contrib.admin.utils import flatten_fieldsets
from django.core.exceptions import PermissionDenied
from django.db import DataError, IntegrityError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from agreements.admin.publication import STEP, with_link
from agreements.admin.saving import TOKEN, WHY, forget_messages, is_key, resend
from agreements.admin.screens import Context, Screen
from agreements.admin.versions import ErrorLine, error_lines
from agreements.curation.quality_checks import LIKELY_DUPLICATE, checks_passed, findings_of
from agreements.curation.rehearsal import rehearsed
from agreements.domain.choices import Basis, PublicationVerb, Status
from agreements.domain.deadlines import notice_deadline_in_words
from agreements.domain.facts import FACTS
from agreements.domain.lifecycle import standing_on
from agreements.domain.partial_dates import PartialDateError, in_words
from agreements.models import Agreement

FRAGMENT = "admin/agreements/agreement/_card.html"
# more than a person types: a form of this many rows shows its card after saving
MOST_ROWS = 400
_NO_TITLE = "…"
# the steps that lead a record on, the last one first
_ONWARD = (PublicationVerb.PUBLISH, PublicationVerb.SUBMIT)


@dataclass(frozen=True)
class Figures:
    """How many facts rest on what."""

    stated: int
    inferred: int
    unsourced: int
    verification: str


@dataclass(frozen=True)
class Card:
    """What the card says: plain values only, as the rows that they come from may be undone."""

    status: Status
    reason: str
    end: str
    findings: list[str]
    passed: int
    figures: Figures


@dataclass(frozen=True)
class Rehearsal:
    """The card of what was typed, and what the form would refuse; no card if that cannot be stored at all."""

    card: Card | None = None
    problems: list[ErrorLine] = field(default_factory=list)

    @property
    def to_check(self) -> int:
        """The number of sentences in it."""
        found = len(self.card.findings) if self.card else 0
        return found + sum(len(list(line.reasons)) for line in self.problems)


def card_of(agreement: Agreement) -> Card:
    """Return the card of a stored agreement; its queries are those of `findings_of` and one for each fact in rows."""
    today = timezone.localdate()
    standing, found = standing_on(agreement, today), findings_of(agreement)
    return Card(
        status=standing.status,
        reason=standing.reason,
        end=end_in_words(agreement),
        # the note about duplicates, in the card too, tells of those
        findings=[str(with_link(each)) for each in found if each.code != LIKELY_DUPLICATE],
        passed=checks_passed(found),
        figures=_figures(agreement),
    )


def end_in_words(agreement: Agreement) -> str:
    """Return the computed end and the last day for notice; empty if no end is known."""
    today = timezone.localdate()
    period_end = agreement.period_end(today) if agreement.pk else None
    if agreement.expires:
        end = in_words(agreement.expires)
    elif period_end:
        end = _("The current period ends %(end)s.") % {"end": in_words(period_end)}
    else:
        return ""
    deadline = notice_deadline_in_words(agreement, today)
    if not deadline:
        return end
    last_day = _("Last day for notice: %(day)s.") % {"day": deadline}
    return f"{end.removesuffix('.')}. {last_day}"


def _figures(agreement: Agreement) -> Figures:
    resting: dict[str, set[str]] = {}
    for fact, basis in agreement.evidence.order_by().values_list("fact", "basis"):
        resting.setdefault(fact, set()).add(basis)
    kinds = Counter(_basis_of(bases) for bases in resting.values())
    wanted = (fact for fact in FACTS if fact.needs_source and not resting.get(fact.code))
    return Figures(
        stated=kinds[Basis.STATED],
        inferred=kinds[Basis.INFERRED],
        unsourced=sum(fact.is_given(agreement) for fact in wanted),
        verification=agreement.get_verification_display(),
    )


def _basis_of(bases: set[str]) -> str:
    return next(each for each in (Basis.STATED, Basis.INFERRED, *bases) if each in bases)


class StandingCard(Screen):
    pages: ClassVar = {"card": "card/"}

    def add_context(self, request: HttpRequest, context: Context, shown: Agreement | None) -> None:
        super().add_context(request, context, shown)
        # a form that was refused has changed `shown`
        stored = Agreement.objects.filter(pk=shown.pk).first() if shown else None
        context["told"] = Rehearsal(card_of(stored) if stored else None)
        context["card_of"] = stored
        may_write = self.has_change_permission(request, stored) if stored else shown is None
        # a proposed change is tried out when it is sent
        context["card_is_live"] = may_write and not context.get("proposes")
        context["taken_steps"] = _taken_steps(stored)
        onward = _onward(context.get("steps", ()))
        context["onward"] = onward
        context["other_steps"] = [each for each in context.get("steps", ()) if each is not onward]

    @method_decorator(require_POST)
    def card_view(self, request: HttpRequest) -> HttpResponse:
        """Return the card of what the form holds, `of` naming the stored agreement it is about; writes nothing."""
        stored = self._typed_over(request)
        _send_no_button(request)
        try:
            told = self._rehearse(request, stored)
        except OperationalError:
            return HttpResponse(status=503)
        finally:
            forget_messages(request)
        return render(request, FRAGMENT, {"told": told})

    def _typed_over(self, request: HttpRequest) -> Agreement | None:
        """Return the agreement that is being changed, None if one is being added; refuse who may not do that."""
        key = request.GET.get("of", "")
        if not key:
            may, stored = self.has_add_permission(request), None
        else:
            found: Any = self.get_queryset(request).filter(pk=key if is_key(key) else 0)
            stored = found.first()
            if stored is None:
                raise Http404
            may = self.has_change_permission(request, stored)
        if not may:
            raise PermissionDenied
        return stored

    def _rehearse(self, request: HttpRequest, stored: Agreement | None) -> Rehearsal:
        problems: list[ErrorLine] = []
        try:
            card = rehearsed(lambda: self._saved_for_now(request, stored, problems))
        except (IntegrityError, DataError, PartialDateError):
            card = None
        return Rehearsal(card, problems)

    def _saved_for_now(
        self, request: HttpRequest, stored: Agreement | None, problems: list[ErrorLine]
    ) -> Card | None:
        """Save what can be read of the form and return its card; add what cannot be read to `problems`."""
        is_change = stored is not None
        fields = flatten_fieldsets(self.get_fieldsets(request, stored))
        form_class = self.get_form(request, stored, change=is_change, fields=fields)
        form: Any = form_class(request.POST, instance=stored)
        form.is_valid()
        formsets, _inlines = self._create_formsets(request, form.instance, change=is_change)  # type: ignore[attr-defined]
        if sum(len(formset.forms) for formset in formsets) > MOST_ROWS:
            return None
        problems += (
            ErrorLine(line.label, line.target, [str(each) for each in line.reasons])
            for line in error_lines(form, formsets)
            if line.target not in (f"id_{WHY}", f"id_{TOKEN}")
        )
        problems += (ErrorLine("", "", [str(each)]) for each in form.non_field_errors())
        _leave_out_refused(form, formsets)
        agreement = _storable(self.save_form(request, form, is_change))
        self.save_model(request, agreement, form, is_change)
        self.save_related(request, form, formsets, is_change)
        return card_of(Agreement.objects.get(pk=agreement.pk))


def _send_no_button(request: HttpRequest) -> None:
    """Drop uploads, which would be stored, and the buttons that do more than save."""
    request.FILES.clear()
    data = request.POST.copy()
    for name in (STEP, "fill"):
        data.pop(name, None)
    resend(request, data)


def _leave_out_refused(form: Any, formsets: Iterable[Any]) -> None:
    """Let the form and its rows be saved without what they refuse: a row that is refused stays as it is stored."""
    form.errors.clear()
    for formset in formsets:
        formset.is_valid()
        for row in formset.forms:
            if row.errors:
                row.errors.clear()
                row.has_changed = lambda: False
        formset.non_form_errors().clear()


def _storable(agreement: Agreement) -> Agreement:
    """Give a new agreement a reference that is nobody's, so that none is taken, and any agreement a title."""
    if not agreement.ref:
        agreement.ref = f"UNSAVED-{get_random_string(12, '0123456789')}"
    agreement.title = agreement.title or _NO_TITLE
    return agreement


def _onward(steps: Iterable[Any]) -> Any:
    offered = {step.verb: step for step in steps}
    return next((offered[verb] for verb in _ONWARD if verb in offered), None)


def _taken_steps(agreement: Agreement | None) -> list[Any]:
    return list(agreement.publication_steps.select_related("by")) if agreement else []
