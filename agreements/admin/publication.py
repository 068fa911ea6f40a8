"""Publication: the buttons on a record's page, the actions of the list, the preview, and the reasons given so far.

`AgreementAdmin` mixes `PublicationActions` in. `agreements.curation.workflow` decides what a step does and when it is
refused.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst, get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from agreements.admin.farewells import (
    PUBLIC_REASON,
    PUBLIC_REASON_NEEDED,
    farewell_context,
    told,
)
from agreements.admin.publishing import publish_as_a_job
from agreements.admin.rights import Rights, why_closed
from agreements.admin.saving import (
    REASON_NEEDED,
    WHY,
    View,
    again_if_deadlocked,
    given_reason,
    needs_reason,
    tried_again,
)
from agreements.admin.screens import Context
from agreements.curation import workflow
from agreements.curation.history.past import begun_by
from agreements.curation.history.recording import recorded
from agreements.curation.quality_checks import LIKELY_DUPLICATE, Finding, findings_of
from agreements.curation.workflow import STEPS, NotAllowedError, Step, StepError
from agreements.domain import permissions
from agreements.domain.choices import Publication, PublicationVerb
from agreements.domain.chunks import in_chunks
from agreements.models import Agreement, PublicationStep, Relation
from agreements.security import security_log
from agreements.staff.unsaved import note_saved
from agreements.web.views.agreement_detail import AgreementPreviewView

STEP = "step"
MOST_WARNED_OF = 20
# the browser waits
MOST_AT_ONCE = 500
# more are published by a job, whose page the browser shows
PUBLISHED_AT_ONCE = 100
# written in one transaction, which is much faster, yet small enough to let others write in between
WRITTEN_TOGETHER = 50


def warn_of_findings(request: HttpRequest, agreement: Agreement, next_page: str = "") -> None:
    """Warn about its quality findings, except a likely duplicate that the page at `next_page` shows anyway."""
    # the page of a record has a note about duplicates
    is_said = next_page.partition("?")[0] == _page(agreement)
    for finding in findings_of(agreement):
        if not (is_said and finding.code == LIKELY_DUPLICATE):
            messages.warning(request, format_html("{}: {}", agreement.ref, with_link(finding)))


def with_link(finding: Finding) -> str | SafeString:
    """Return its sentence, with a link to the other agreement that it names."""
    if finding.other is None:
        return finding.message
    key, ref = finding.other
    before, _ref, after = finding.message.partition(ref)
    url = reverse("admin:agreements_agreement_change", args=[key])
    return format_html('{}<a href="{}">{}</a>{}', before, url, ref, after)


def asked_step(request: HttpRequest) -> Step | None:
    """Return the step whose button was pressed, if any."""
    asked = request.POST.get(STEP)
    return next((step for verb, step in STEPS.items() if verb == asked), None)


class PublicationSteps(Rights):
    """Each button saves what was typed and then takes its step; if that is refused, the page returns with the reason."""

    pages: ClassVar = {"step": "<path:object_id>/step/", "preview": "<path:object_id>/preview/"}

    # Who may change it

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Also allow editors to delete their own draft if it was never submitted."""
        if super().has_delete_permission(request, obj):
            return True
        is_editor = permissions.may_edit(request.user)
        return obj is not None and is_editor and _is_own_draft(request, obj)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Also list the agreements that would lose a relation to one of these and that this user may not change."""
        deleted, counts, lacking, protected = super().get_deleted_objects(objs, request)
        return deleted, counts, lacking, [*protected, *_relations_closed_to(request.user, objs)]

    # The page

    def add_context(self, request: HttpRequest, context: Context, shown: Agreement | None) -> None:
        if IS_POPUP_VAR not in request.POST and IS_POPUP_VAR not in request.GET:
            context["steps"] = workflow.steps_for(request.user, shown or Agreement())
            needing = [step.name_after_saving for step in context["steps"] if step.needs_reason]
            if needing and not needs_reason(shown):
                why = context["adminform"].form.fields[WHY]
                quoted = get_text_list([f"“{name}”" for name in needing], _("and"))
                needed = _("Required for %(step)s.") % {"step": quoted}
                why.help_text = f"{why.help_text} {needed}"
            context["why_in_sight"] |= bool(needing)
        context["sent_back"] = _sent_back(shown) if shown else None
        context["has_preview"] = shown is not None and not shown.is_public
        super().add_context(request, context, shown)

    # Saving and then taking a step

    def response_add(
        self, request: HttpRequest, obj: Agreement, post_url_continue: str | None = None
    ) -> HttpResponse:
        saved = partial(super().response_add, request, obj, post_url_continue)
        return self._after_saving(request, obj, saved)

    def response_change(self, request: HttpRequest, obj: Agreement) -> HttpResponse:
        return self._after_saving(request, obj, partial(super().response_change, request, obj))

    def _after_saving(
        self, request: HttpRequest, agreement: Agreement, saved: View
    ) -> HttpResponse:
        """Take the step whose button was pressed, or respond as for saving alone; warn of quality findings."""
        note_saved(request)
        step = asked_step(request)
        response = self._take(request, agreement, step, is_saved=True) if step else saved()
        warn_of_findings(request, agreement, response.get("Location", ""))
        return response

    def step_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Take the step without saving, from a page that is closed to the user; redirect other requests to the record."""
        agreement = self._seen(request, object_id)
        if agreement is None:
            return self._no_such_record(request, object_id)
        step = asked_step(request)
        if request.method != "POST" or step is None:
            return HttpResponseRedirect(_page(agreement))
        return again_if_deadlocked(request, lambda: self._take(request, agreement, step))

    def _take(
        self, request: HttpRequest, agreement: Agreement, step: Step, *, is_saved: bool = False
    ) -> HttpResponse:
        """Take the step and return to the record; if a refused one needs a reason, ask again and keep what was typed."""
        said = {"ref": agreement.ref, "step": step.name, "done": step.verb.label}
        try:
            self.take(request, agreement, step)
        except StepError as refusal:
            if isinstance(refusal, NotAllowedError) and not is_saved:
                raise PermissionDenied(str(refusal)) from refusal
            but_saved = _("%(ref)s was saved, but “%(step)s” was refused: %(why)s")
            sentence = but_saved % (said | {"why": refusal}) if is_saved else str(refusal)
            if step.needs_reason:
                url = self.url_of("step", agreement.pk)
                return self.ask_reason(request, step, [agreement], refusal=sentence, url=url)
            messages.error(request, sentence)
        else:
            done = _("%(ref)s was saved. %(done)s.") if is_saved else "%(ref)s: %(done)s."
            messages.success(request, done % said)
        return HttpResponseRedirect(_page(agreement))

    def take(
        self, request: HttpRequest, agreement: Agreement, step: Step, *, seen: str | None = None
    ) -> Agreement:
        """Take the step now, note it in the admin's log and return the agreement; raises `StepError`."""
        now, reason = timezone.now(), given_reason(request)
        try:
            with transaction.atomic():
                taken = workflow.take(
                    step.verb,
                    agreement,
                    by=request.user,
                    at=now,
                    reason=reason,
                    told=told(request),
                    seen=seen,
                )
                self.log_change(request, taken, str(step.verb.label))
        except StepError as refusal:
            security_log.note_refusal(
                "step_refused", of=agreement.ref, step=step.verb.value, why=str(refusal)
            )
            raise
        return taken

    def preview_view(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Show the public page as it would be; redirect to the real one if the record is published."""
        agreement = self._seen(request, object_id)
        if agreement is None:
            return self._no_such_record(request, object_id)
        if agreement.is_public:
            return HttpResponseRedirect(agreement.get_absolute_url())
        return AgreementPreviewView.as_view(back=_page(agreement))(request, ref=agreement.ref)

    def _no_such_record(self, request: HttpRequest, object_id: str) -> HttpResponse:
        sentence = _("There is no agreement with the ID %(number)s. It may have been deleted.")
        messages.warning(request, sentence % {"number": unquote(object_id)})
        return HttpResponseRedirect(self.url_of("changelist"))

    def _seen(self, request: HttpRequest, object_id: str) -> Agreement | None:
        found: Agreement | None = super().get_object(request, unquote(object_id))
        if not self.has_view_or_change_permission(request, found):
            raise PermissionDenied
        return found

    def ask_reason(
        self, request: HttpRequest, step: Step, agreements: Iterable[Agreement], **more: Any
    ) -> TemplateResponse:
        """Return the page that asks for a reason; `more` has the refusal, the form's URL, and the selected rows."""
        own: Context = {
            "title": step.name,
            "step": step,
            "agreements": agreements,
            "public_reason_needed": step.tells_public,
            **farewell_context(request),
        }
        return self.page(request, "agreement/reason", **own, **more)


def _action(verb: PublicationVerb, description: Any) -> Any:
    """Return the action of the list that takes this step."""
    step = STEPS[verb]

    @admin.action(
        description=description, permissions=["publish" if step.is_for_publishers else "change"]
    )
    def action(
        screen: "PublicationActions", request: HttpRequest, queryset: QuerySet[Agreement]
    ) -> HttpResponse | None:
        if verb == PublicationVerb.PUBLISH and queryset.count() > PUBLISHED_AT_ONCE:
            chosen = Agreement.objects.filter(pk__in=queryset.order_by().values("pk"))
            return publish_as_a_job(request, chosen)
        return screen.take_with_each(request, step, queryset)

    return action


class PublicationActions(PublicationSteps):
    """Steps taken with the records selected in the list.

    Each record takes the step by itself: those that cannot are listed with the reason, and the others go ahead.
    """

    submit = _action(PublicationVerb.SUBMIT, gettext_lazy("Submit selected agreements for review"))
    recall = _action(
        PublicationVerb.RECALL, gettext_lazy("Take selected agreements back from review")
    )
    publish = _action(PublicationVerb.PUBLISH, gettext_lazy("Publish selected agreements"))
    return_with_reason = _action(
        PublicationVerb.RETURN, gettext_lazy("Return selected agreements to the editors")
    )
    withdraw = _action(PublicationVerb.WITHDRAW, gettext_lazy("Withdraw selected agreements"))

    def has_publish_permission(self, request: HttpRequest) -> bool:
        return permissions.may_publish(request.user)

    def take_with_each(
        self, request: HttpRequest, step: Step, queryset: QuerySet[Agreement]
    ) -> HttpResponse | None:
        """Take the step with each of these; return the page that asks for a reason if the step needs one."""
        # locked in the order in which everyone else locks them
        found = Agreement.objects.filter(pk__in=queryset.order_by().values("pk"))
        chosen = list(found.order_by("pk"))
        if len(chosen) > MOST_AT_ONCE:
            sentence = _("You selected %(n)d agreements. Select at most %(most)d at a time.")
            messages.error(request, sentence % {"n": len(chosen), "most": MOST_AT_ONCE})
            return None
        if (refusal := _lacks_reason(request, step)) is not None:
            return self.ask_reason(
                request,
                step,
                chosen,
                refusal=refusal,
                url=request.get_full_path(),
                action=request.POST["action"],
                checkbox=ACTION_CHECKBOX_NAME,
            )
        taken: list[Agreement] = []
        refused: dict[str, list[str]] = defaultdict(list)
        for together in in_chunks(chosen, WRITTEN_TOGETHER):
            write = partial(self._take_together, request, step, together)
            for agreement, refusal in tried_again(request, write):
                if refusal:
                    refused[refusal].append(agreement.ref)
                else:
                    taken.append(agreement)
        if taken:
            sentence = ngettext(
                "%(n)d agreement: %(done)s.", "%(n)d agreements: %(done)s.", len(taken)
            )
            messages.success(request, sentence % {"n": len(taken), "done": step.verb.label})
        for why, refs in refused.items():
            messages.error(request, f"{', '.join(refs)}: {why}")
        if step.verb == PublicationVerb.PUBLISH:
            for agreement in taken[:MOST_WARNED_OF]:
                warn_of_findings(request, agreement)
        return None

    def _take_together(
        self, request: HttpRequest, step: Step, together: list[Agreement]
    ) -> list[tuple[Agreement, str]]:
        """Take the step in one transaction; return each agreement with the reason why it was refused, if it was."""
        outcomes = []
        with recorded(by=request.user):
            for agreement in together:
                try:
                    outcomes.append((self.take(request, agreement, step), ""))
                except StepError as refusal:
                    outcomes.append((agreement, str(refusal)))
        return outcomes


def _lacks_reason(request: HttpRequest, step: Step) -> str | None:
    """Return why the step cannot be taken yet, empty if nothing was typed so far; None if every reason is given."""
    if step.needs_reason and not given_reason(request):
        return str(REASON_NEEDED) if WHY in request.POST else ""
    if step.tells_public and not told(request).reason:
        return str(PUBLIC_REASON_NEEDED) if PUBLIC_REASON in request.POST else ""
    return None


def _is_own_draft(request: HttpRequest, agreement: Agreement) -> bool:
    """Return whether this user created it, other than by an import, which is undone as a whole; once per request."""
    answers: dict[int, bool] = request.__dict__.setdefault("own_drafts", {})
    if agreement.pk not in answers:
        untouched = Agreement.objects.filter(
            pk=agreement.pk, publication=Publication.DRAFT, published_at=None
        ).filter(publication_steps__isnull=True, imported_records__isnull=True)
        answers[agreement.pk] = begun_by(request.user, untouched).exists()
    return answers[agreement.pk]


def _relations_closed_to(
    user: permissions.Person, targets: Iterable[Agreement]
) -> Iterator[SafeString]:
    """Yield each relation that would be deleted although its agreement is closed to this user, and why it is closed."""
    relations = Relation.objects.filter(target__in=targets).exclude(agreement__in=targets)
    for relation in relations.select_related("agreement", "target").order_by("agreement", "pk"):
        if closed := why_closed(user, relation.agreement):
            what = capfirst(relation._meta.verbose_name)
            yield format_html("{}: {} ({})", what, relation, closed)


def _sent_back(agreement: Agreement) -> PublicationStep | None:
    """Return the step that returned the record to the editors, if it was the last one."""
    if agreement.publication not in permissions.OPEN_TO_EDITORS:
        return None
    last: PublicationStep | None = agreement.publication_steps.select_related("by").last()
    returning = (PublicationVerb.RETURN, PublicationVerb.WITHDRAW)
    return last if last and last.verb in returning else None


def _page(agreement: Agreement) -> str:
    return reverse("admin:agreements_agreement_change", args=[agreement.pk])
