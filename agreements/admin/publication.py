"""The way of a record to the public and back, on its page: the buttons, the preview and what was said at each step.

`AgreementAdmin` mixes `PublicationSteps` in. What a step does and when it is refused is for
`agreements.curation.workflow` to say.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.forms import Field
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst, get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.admin.rights import ClosedPages, locked, why_closed
from agreements.admin.saving import WHY, again_if_deadlocked, given_reason, needs_reason
from agreements.curation import workflow
from agreements.curation.history.past import begun_by
from agreements.curation.quality_checks import LIKELY_DUPLICATE, Finding, findings_of
from agreements.curation.workflow import STEPS, NotAllowedError, Step, StepError
from agreements.domain import permissions
from agreements.domain.choices import Publication, PublicationVerb
from agreements.models import Agreement, PublicationStep, Relation
from agreements.security import security_log
from agreements.web.views.agreement_detail import AgreementPreviewView

STEP = "step"


def warn_of_findings(
    request: HttpRequest, agreement: Agreement, response: HttpResponse | None = None
) -> None:
    """Show its findings, except a likely duplicate where the page that `response` leads to shows that itself."""
    is_said = response is not None and _leads_to_its_note(response, agreement)
    for finding in findings_of(agreement):
        if not (is_said and finding.code == LIKELY_DUPLICATE):
            messages.warning(request, format_html("{}: {}", agreement.ref, with_link(finding)))


def _leads_to_its_note(response: HttpResponse, agreement: Agreement) -> bool:
    """Return whether the next page is the record's own, with the note about its duplicates at the top."""
    if response.get("Location", "").partition("?")[0] != _page(agreement):
        return False
    return not Agreement.objects.published().filter(pk=agreement.pk).exists()


def with_link(finding: Finding) -> str | SafeString:
    """Return its sentence, in which the other agreement that it names is a link to its page."""
    if finding.other is None:
        return finding.message
    key, ref = finding.other
    before, _ref, after = finding.message.partition(ref)
    link = format_html(
        '<a href="{}">{}</a>', reverse("admin:agreements_agreement_change", args=[key]), ref
    )
    return format_html("{}{}{}", before, link, after)


def asked_step(request: HttpRequest) -> Step | None:
    """Return the step whose button was pressed, if any."""
    return STEPS.get(request.POST.get(STEP, ""))  # type: ignore[call-overload]


class PublicationSteps(ClosedPages, admin.ModelAdmin):
    """Each button saves what was typed and then takes its step; refused, the page comes back with the reason."""

    # Who may change it

    def why_closed(self, request: HttpRequest, obj: Agreement) -> str:
        return why_closed(request.user, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Publishers delete; and who began a draft that nobody ever submitted may take it away again."""
        if super().has_delete_permission(request, obj):
            return True
        return (
            obj is not None and permissions.may_edit(request.user) and _is_own_draft(request, obj)
        )

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Name the agreements that would lose a relation to one of these, and that this person may not change."""
        deleted, counts, lacking, protected = super().get_deleted_objects(objs, request)
        return deleted, counts, lacking, [*protected, *_relations_closed_to(request.user, objs)]

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        found = super().get_object(request, object_id, from_field)
        if found is not None and request.method == "POST":
            stored = locked(found.pk)
            found = stored and super().get_object(request, object_id, from_field)
        return found

    # What the page shows

    @admin.display(description=gettext_lazy("steps so far"))
    def steps(self, agreement: Agreement) -> SafeString | str:
        taken = list(agreement.publication_steps.select_related("by"))
        if not taken:
            return _("None was taken yet.")
        return render_to_string("admin/agreements/agreement/_steps.html", {"steps": taken})

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        shown: Agreement | None = context["original"]
        if IS_POPUP_VAR not in request.POST and IS_POPUP_VAR not in request.GET:
            context["steps"] = workflow.steps_for(request.user, shown or Agreement())
            if not needs_reason(shown):
                why = context["adminform"].form.fields[WHY]
                _say_what_needs_a_reason(why, context["steps"])
            context["why_in_sight"] |= any(step.needs_reason for step in context["steps"])
        context["sent_back"] = _sent_back(shown) if shown else None
        context["has_preview"] = shown is not None and not shown.is_public
        return super().render_change_form(request, context, *args, **kwargs)

    # Saving and then taking a step

    def response_add(
        self, request: HttpRequest, obj: Agreement, post_url_continue: str | None = None
    ) -> HttpResponse:
        step = asked_step(request)
        if step is None:
            return super().response_add(request, obj, post_url_continue)
        return self._take_once_saved(request, obj, step)

    def response_change(self, request: HttpRequest, obj: Agreement) -> HttpResponse:
        step = asked_step(request)
        if step is None:
            return super().response_change(request, obj)
        return self._take_once_saved(request, obj, step)

    def _take_once_saved(
        self, request: HttpRequest, agreement: Agreement, step: Step
    ) -> HttpResponse:
        try:
            self.take(request, agreement, step)
        except StepError as refusal:
            sentence = _("%(ref)s is saved. “%(step)s” was refused: %(why)s") % {
                "ref": agreement.ref,
                "step": step.name,
                "why": refusal,
            }
            return self._refused(request, agreement, step, sentence)
        messages.success(request, self._said(_("%(ref)s is saved. %(done)s."), agreement, step))
        return HttpResponseRedirect(_page(agreement))

    # Taking a step alone, on a page that cannot be typed into

    def get_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        return [
            path("<path:object_id>/step/", wrap(self.step_view), name="agreements_agreement_step"),
            path(
                "<path:object_id>/preview/",
                wrap(self.preview_view),
                name="agreements_agreement_preview",
            ),
            *super().get_urls(),
        ]

    def step_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Take the step that was asked for by POST; whoever comes otherwise is led to the record."""
        agreement = self._seen(request, object_id)
        if agreement is None:
            return self._no_such_record(request, object_id)
        step = asked_step(request)
        if request.method != "POST" or step is None:
            return HttpResponseRedirect(_page(agreement))
        return again_if_deadlocked(request, lambda: self._take_alone(request, agreement, step))

    def _take_alone(self, request: HttpRequest, agreement: Agreement, step: Step) -> HttpResponse:
        try:
            self.take(request, agreement, step)
        except NotAllowedError as refusal:
            raise PermissionDenied(str(refusal)) from refusal
        except StepError as refusal:
            return self._refused(request, agreement, step, str(refusal))
        messages.success(request, self._said("%(ref)s: %(done)s.", agreement, step))
        return HttpResponseRedirect(_page(agreement))

    def take(self, request: HttpRequest, agreement: Agreement, step: Step) -> Agreement:
        """Take the step at this moment, note it in the admin's log and return the agreement; raises `StepError`."""
        reason = given_reason(request)
        try:
            with transaction.atomic():
                taken = workflow.take(
                    step.verb, agreement, by=request.user, at=timezone.now(), reason=reason
                )
                self.log_change(request, taken, str(step.verb.label))
        except StepError as refusal:
            security_log.note_refusal(
                "step_refused", of=agreement.ref, step=step.verb.value, why=str(refusal)
            )
            raise
        return taken

    def preview_view(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """The public page as it would be, for whoever sees the record here; a published one has its own."""
        agreement = self._seen(request, object_id)
        if agreement is None:
            return self._no_such_record(request, object_id)
        if agreement.is_public:
            return HttpResponseRedirect(agreement.get_absolute_url())
        return AgreementPreviewView.as_view(back=_page(agreement))(request, ref=agreement.ref)

    def _no_such_record(self, request: HttpRequest, object_id: str) -> HttpResponse:
        sentence = _("There is no agreement with the number %(number)s. It may have been deleted.")
        messages.warning(request, sentence % {"number": unquote(object_id)})
        return HttpResponseRedirect(reverse("admin:agreements_agreement_changelist"))

    def _seen(self, request: HttpRequest, object_id: str) -> Agreement | None:
        found: Agreement | None = super().get_object(request, unquote(object_id))
        if not self.has_view_or_change_permission(request, found):
            raise PermissionDenied
        return found

    def _refused(
        self, request: HttpRequest, agreement: Agreement, step: Step, sentence: str
    ) -> HttpResponse:
        """Lead back to the record with the refusal; a reason that was typed is asked for again, as it was typed."""
        if not step.needs_reason:
            messages.error(request, sentence)
            return HttpResponseRedirect(_page(agreement))
        address = reverse("admin:agreements_agreement_step", args=[agreement.pk])
        return self.ask_reason(request, step, [agreement], refusal=sentence, address=address)

    def ask_reason(
        self,
        request: HttpRequest,
        step: Step,
        agreements: Iterable[Agreement],
        *,
        refusal: str = "",
        **more: Any,
    ) -> TemplateResponse:
        """Return the page that asks why; `more` says where it is sent, and with which rows."""
        context = {
            **self.admin_site.each_context(request),
            "title": step.name,
            "opts": self.opts,
            "step": step,
            "agreements": agreements,
            "refusal": refusal,
            "why": request.POST.get(WHY, ""),
            **more,
        }
        return TemplateResponse(request, "admin/agreements/agreement/reason.html", context)

    @staticmethod
    def _said(sentence: str, agreement: Agreement, step: Step) -> str:
        return sentence % {"ref": agreement.ref, "done": step.verb.label}


def _is_own_draft(request: HttpRequest, agreement: Agreement) -> bool:
    """Whether this person began it, other than by an import, which has an undoing of its own; asked once a request."""
    answers: dict[Any, bool] = request.__dict__.setdefault("own_drafts", {})
    if agreement.pk not in answers:
        untouched = Agreement.objects.filter(
            pk=agreement.pk, publication=Publication.DRAFT, published_at=None
        ).filter(publication_steps__isnull=True, imported_records__isnull=True)
        answers[agreement.pk] = begun_by(request.user, untouched).exists()
    return answers[agreement.pk]


def _relations_closed_to(user: Any, targets: Any) -> Iterator[SafeString]:
    """Yield each relation that goes with these agreements though its own is closed to this person, and why it is."""
    relations = Relation.objects.filter(target__in=targets).exclude(agreement__in=targets)
    for relation in relations.select_related("agreement", "target").order_by("agreement", "pk"):
        if closed := why_closed(user, relation.agreement):
            what = capfirst(relation._meta.verbose_name)
            yield format_html("{}: {} ({})", what, relation, closed)


def _say_what_needs_a_reason(why: Field, steps: list[Step]) -> None:
    needing = [f"“{step.name_after_saving}”" for step in steps if step.needs_reason]
    if needing:
        needed = _("Needed for %(step)s.") % {"step": get_text_list(needing, _("and"))}
        why.help_text = f"{why.help_text} {needed}"


def _sent_back(agreement: Agreement) -> PublicationStep | None:
    """Return the step that gave the record back to the editors, if that is how it stands."""
    if agreement.publication not in permissions.OPEN_TO_EDITORS:
        return None
    steps = agreement.publication_steps.select_related("by")
    last: PublicationStep | None = steps.last()
    return (
        last if last and last.verb in (PublicationVerb.RETURN, PublicationVerb.WITHDRAW) else None
    )


def _page(agreement: Agreement) -> str:
    return reverse("admin:agreements_agreement_change", args=[agreement.pk])
