"""Review as a reading desk: the queue of what waits, and a page on which one record in review is read and decided about.

The page shows who submitted the record with which words, what changed since a publisher last decided about it, what
the quality checks find, and then the public page as readers will see it. The step that is taken is about the version
that was shown: if somebody has changed the record since, it is refused and the page shown again.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.admin.publication import PublicationSteps, asked_step, with_link
from agreements.admin.saving import (
    LONGEST_REASON,
    TOKEN,
    WHY,
    again_if_deadlocked,
    given_reason,
    resend,
)
from agreements.admin.screens import Context, viewers_only
from agreements.curation import review_queue, workflow
from agreements.curation.quality_checks import findings_of
from agreements.curation.review_changes import reading_of
from agreements.curation.review_queue import Waiting
from agreements.curation.workflow import NotAllowedError, Step, StepError
from agreements.domain.choices import ProposalState, Publication, PublicationVerb
from agreements.domain.subjects import subject_of
from agreements.models import Agreement
from agreements.web.views.agreement_detail import AgreementPreviewView

FRAME = "admin/agreements/agreement/review_frame.html"
CARDS_ON_A_PAGE = 50
# of the queue beside a record: before it, and with it and after it
SHOWN_BEFORE, SHOWN_AFTER = 3, 7
MOST_REMEMBERED = 5
# the session's list of what this person has just decided, as pairs of id and verb
_DECIDED = "review_decided"
_SAID = {str(each): each.label for each in (*PublicationVerb, *ProposalState)}
_OFFERED = (PublicationVerb.PUBLISH, PublicationVerb.RETURN, PublicationVerb.RECALL)

GROUND = "ground"
# reasons for returning a record that only need a tick
GROUNDS: dict[str, Promise] = {
    "source": gettext_lazy("A source cannot be followed."),
    "inferred": gettext_lazy("Something is inferred without a reason."),
    "duplicate": gettext_lazy("It looks like a duplicate."),
}


@dataclass(frozen=True)
class Card:
    """One entry of the queue: the agreement, since when it waits, and the URL at which it is read.

    `done` is the step that this person has just taken with it, empty while it waits.
    """

    agreement: Agreement
    subject: str
    url: str
    since: datetime | None = None
    is_proposal: bool = False
    done: str = ""


class ReadingView(AgreementPreviewView):
    """The public page of a record in review, with everything that its reviewer needs around it."""

    template_name = "admin/agreements/agreement/review.html"


class ReviewDesk(PublicationSteps):
    pages: ClassVar = {"review_queue": "review/", "review": "<path:object_id>/review/"}

    # The queue

    @viewers_only
    def review_queue_view(self, request: HttpRequest) -> HttpResponse:
        """List what waits, oldest first."""
        waiting = review_queue.queue()
        page = Paginator(waiting, CARDS_ON_A_PAGE).get_page(request.GET.get("p"))
        return TemplateResponse(
            request,
            "admin/agreements/agreement/review_queue.html",
            {
                "title": _("Review"),
                "is_queue": True,
                "cards": self._cards(page.object_list),
                "done": self._done(request),
                "page": page,
                "waiting": len(waiting),
                "more": max(0, review_queue.waiting() - len(waiting)),
            },
        )

    def _cards(self, waiting: Any) -> list[Card]:
        """Return the cards of these; four queries."""
        found = Agreement.objects.filter(pk__in={each.agreement for each in waiting})
        agreements = {agreement.pk: agreement for agreement in found.with_parties()}
        return [
            self._card(agreements[each.agreement], each)
            for each in waiting
            if each.agreement in agreements
        ]

    def _card(self, agreement: Agreement, one: Waiting) -> Card:
        subject, url = subject_of(agreement.title), self.review_url(one)
        return Card(agreement, subject, url, one.since, is_proposal=bool(one.proposal))

    def _done(self, request: HttpRequest) -> list[Card]:
        """Return what this person has just decided, the latest last."""
        decided = dict(request.session.get(_DECIDED, []))
        found = {each.pk: each for each in Agreement.objects.filter(pk__in=decided).with_parties()}
        return [
            Card(
                found[key],
                subject_of(found[key].title),
                self.url_of("change", key),
                done=str(_SAID[verb]),
            )
            for key, verb in decided.items()
            if key in found
        ]

    def review_url(self, one: Waiting) -> str:
        if one.proposal:
            return self.url_of("proposal", one.agreement, one.proposal)
        return self.url_of("review", one.agreement)

    # One record

    def review_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show a record in review, and take the step whose button was pressed."""
        agreement = self._seen(request, object_id)
        if agreement is None:
            return self._no_such_record(request, object_id)
        step = asked_step(request)
        if request.method == "POST" and step is not None and step.verb in _OFFERED:
            return again_if_deadlocked(request, lambda: self._decide(request, agreement, step))
        if agreement.publication != Publication.IN_REVIEW:
            return self._not_waiting(request, agreement)
        return self._reading_page(request, agreement)

    def _not_waiting(self, request: HttpRequest, agreement: Agreement) -> HttpResponse:
        sentence = _("%(ref)s is not in review: it is now “%(state)s”.")
        state = agreement.get_publication_display()
        messages.info(request, sentence % {"ref": agreement.ref, "state": state})
        return HttpResponseRedirect(self.url_of("change", agreement.pk))

    def _decide(self, request: HttpRequest, agreement: Agreement, step: Step) -> HttpResponse:
        """Take the step with the version that was shown and open the next record; if refused, show this one again."""
        _add_grounds(request, step)
        waiting = review_queue.queue()
        try:
            taken = self.take(request, agreement, step, seen=request.POST.get(TOKEN, ""))
        except NotAllowedError as refusal:
            raise PermissionDenied(str(refusal)) from refusal
        except StepError as refusal:
            return self._refused(request, agreement, step, str(refusal))
        self.note_done(request, taken, step.verb)
        return self.go_on(waiting, taken.pk)

    def _refused(
        self, request: HttpRequest, agreement: Agreement, step: Step, refusal: str
    ) -> HttpResponse:
        present = Agreement.objects.filter(pk=agreement.pk).first()
        if present is None or present.publication != Publication.IN_REVIEW:
            messages.error(request, f"{agreement.ref}: {refusal}")
            return HttpResponseRedirect(self.url_of("review_queue"))
        return self._reading_page(request, present, refusal=refusal, refused=step.verb)

    def note_done(
        self, request: HttpRequest, agreement: Agreement, verb: PublicationVerb | ProposalState
    ) -> None:
        """Say what was done, with a link to the record, and remember it in this session."""
        link = format_html(
            '<a href="{}">{}</a>', self.url_of("change", agreement.pk), agreement.ref
        )
        messages.success(request, format_html("{}: {}.", link, verb.label))
        decided = [each for each in request.session.get(_DECIDED, []) if each[0] != agreement.pk]
        request.session[_DECIDED] = [*decided, [agreement.pk, str(verb)]][-MOST_REMEMBERED:]

    def go_on(self, waiting: list[Waiting], key: int, proposal: int = 0) -> HttpResponse:
        """Open what comes after this in the queue as it was; the queue itself if nothing else waits."""
        following = review_queue.after(_found(waiting, key, proposal), waiting)
        url = self.review_url(following) if following else self.url_of("review_queue")
        return HttpResponseRedirect(url)

    def _reading_page(
        self, request: HttpRequest, agreement: Agreement, *, refusal: str = "", refused: str = ""
    ) -> HttpResponse:
        reading = reading_of(agreement)
        offered = workflow.steps_for(request.user, agreement)
        context: Context = {
            "frame": FRAME,
            "reading": reading,
            "findings": [with_link(finding) for finding in findings_of(agreement)],
            "changed_facts": {change.code for change in reading.public if not reading.is_new},
            "token": agreement.edit_token,
            "steps": {str(step.verb): step for step in offered if step.verb in _OFFERED},
            "may_change": self.has_change_permission(request, agreement),
            "refusal": refusal,
            "refused": refused,
            "typed": request.POST.get(WHY, ""),
            "grounds": GROUNDS,
            "longest_reason": LONGEST_REASON,
            **self.place_in_queue(request, agreement.pk),
        }
        view = ReadingView(back=self.url_of("change", agreement.pk), extra_context=context)
        view.setup(request, ref=agreement.ref)
        response: HttpResponse = view.get(request)
        if refusal:
            response.status_code = 409
        return response

    def place_in_queue(self, request: HttpRequest, key: int, proposal: int = 0) -> Context:
        """Return the position of this in the queue, its neighbours as cards, and what comes next."""
        waiting = review_queue.queue()
        this = _found(waiting, key, proposal)
        context: Context = {"waiting": len(waiting), "position": None, "next_url": ""}
        around = waiting[:SHOWN_AFTER]
        if this is not None:
            place = waiting.index(this)
            around = waiting[max(0, place - SHOWN_BEFORE) : place + SHOWN_AFTER]
            context["position"] = place + 1
            if following := review_queue.after(this, waiting):
                context["next_url"] = self.review_url(following)
                context["next_position"] = waiting.index(following) + 1
        return {**context, "cards": self._cards(around), "done": self._done(request)}


def _found(waiting: list[Waiting], key: int, proposal: int) -> Waiting | None:
    wanted = (key, proposal)
    return next((each for each in waiting if (each.agreement, each.proposal) == wanted), None)


def _add_grounds(request: HttpRequest, step: Step) -> None:
    """Put the reasons that were ticked before the one that was typed."""
    ticked = [str(GROUNDS[each]) for each in request.POST.getlist(GROUND) if each in GROUNDS]
    if ticked and step.verb == PublicationVerb.RETURN:
        data = request.POST.copy()
        data[WHY] = " ".join([*ticked, given_reason(request)]).strip()[:LONGEST_REASON]
        del data[GROUND]
        resend(request, data)
