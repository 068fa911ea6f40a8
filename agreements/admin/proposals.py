"""Proposals in the admin: the page on which an editor proposes a change to a published record, and the publisher's answer.

The publisher sees the proposal fact by fact and row by row, on the questions of the page for edit conflicts: what they
take is saved like any change of theirs. The reason in the history says who proposed it.
"""

from functools import partial
from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.admin.answers import KEEP, REMOVE
from agreements.admin.conflicts import ConflictPage, Drawing
from agreements.admin.proposed_forms import Tried, as_data, try_out, with_data
from agreements.admin.review import ReviewDesk
from agreements.admin.saving import LONGEST_REASON, WHY, given_reason, resend
from agreements.admin.screens import Context
from agreements.admin.typed_forms import TypedForm
from agreements.curation import review_queue
from agreements.curation.edit_conflicts import Presence, Who, compare
from agreements.curation.history.past import state_with_token
from agreements.curation.proposals import ProposalError, make, may_propose, result_of, settle
from agreements.curation.review_changes import changes_between, present_state
from agreements.domain import permissions
from agreements.domain.choices import ProposalState
from agreements.models import Agreement, Proposal
from agreements.models.proposals import LONGEST_ANSWER
from agreements.security.security_log import note_refusal

DECISION, ANSWER = "decision", "answer"
MOST_SHOWN = 5
_NO_FILES = gettext_lazy(
    "Documents: a proposal cannot contain files. Give the URL of the document, or send the file to a publisher."
)


class Proposed(Drawing):
    headings = {
        Who.BOTH: gettext_lazy("Proposed, and since changed by others"),
        Who.YOU: gettext_lazy("Proposed"),
        Who.THEY: gettext_lazy("Not part of the proposal: since changed by others"),
    }
    words = {
        **Drawing.words,
        Presence.ADDED_BY_YOU: (gettext_lazy("New"), Drawing.words[Presence.ADDED_BY_YOU][1]),
        Presence.REMOVED_BY_YOU: (
            gettext_lazy("To be removed"),
            [(KEEP, gettext_lazy("Keep it as it is now")), (REMOVE, gettext_lazy("Remove it"))],
        ),
    }


class ProposalPages(ReviewDesk, ConflictPage):
    pages: ClassVar = {
        "propose": "<path:object_id>/propose/",
        "proposal": "<path:object_id>/proposals/<int:proposal>/",
    }
    form_pages = ("propose", "proposal")

    def why_closed(self, request: HttpRequest, obj: Any) -> str:
        """Open the form of a published record to an editor who proposes a change; trying it out saves nothing."""
        return "" if _is_proposing(request, obj) else super().why_closed(request, obj)

    def add_context(self, request: HttpRequest, context: Context, shown: Agreement | None) -> None:
        super().add_context(request, context, shown)
        if shown is None or not shown.is_public:
            return
        context["proposes"] = _is_proposing(request, shown)
        context["may_propose"] = may_propose(request.user, shown) and not context["proposes"]
        if context["proposes"]:
            context["fillable"] = []
        own = Q(by=request.user.pk, state=ProposalState.RETURNED)
        found = shown.proposals.filter(Q(state=ProposalState.WAITING) | own)
        context["proposals"] = found.select_related("by").order_by("-pk")[:MOST_SHOWN]

    def response_change(self, request: HttpRequest, obj: Agreement) -> HttpResponse:
        if (proposal := request.__dict__.get("taking")) is not None:
            return self._taken(request, obj, proposal)
        return super().response_change(request, obj)

    # Proposing

    def propose_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show the form of a published record; store what is sent as a proposal, not as a change."""
        agreement = self._seen(request, object_id)
        if agreement is None:
            return self._no_such_record(request, object_id)
        if not may_propose(request.user, agreement):
            if self.has_change_permission(request, agreement):
                return HttpResponseRedirect(self.url_of("change", agreement.pk))
            raise PermissionDenied
        request.__dict__["proposing"] = agreement.pk
        show = partial(self.changeform_view, request, object_id, "", _FORM | {"title": _PROPOSE})
        if request.method != "POST":
            return show()
        self._without_extras(request)
        tried = try_out(self, request, agreement, show)
        return self._proposed(request, agreement, tried) if isinstance(tried, Tried) else tried

    def _without_extras(self, request: HttpRequest) -> None:
        """Refuse files, in the form itself so that what was typed stays; ignore the buttons for steps."""
        if request.FILES:
            request.__dict__["incomplete"] = str(_NO_FILES)
            request.FILES.clear()
        data = request.POST.copy()
        data.pop("step", None)
        data["_continue"] = "1"
        resend(request, data)

    def _proposed(self, request: HttpRequest, agreement: Agreement, tried: Tried) -> HttpResponse:
        url = self.url_of("change", agreement.pk)
        if tried.result == present_state(agreement):
            messages.error(request, _("You have changed nothing, so there is nothing to propose."))
            return HttpResponseRedirect(self.url_of("propose", agreement.pk))
        try:
            make(
                agreement,
                by=request.user,
                at=timezone.now(),
                why=given_reason(request),
                token=tried.sent["edit_token"][0],
                sent=tried.sent,
                result=tried.result,
            )
        except ProposalError as refusal:
            note_refusal("proposal_refused", of=agreement.ref, why=str(refusal))
            messages.error(request, str(refusal))
        else:
            sentence = _("Your change to %(ref)s is proposed. A publisher will decide about it.")
            messages.success(request, sentence % {"ref": agreement.ref})
        return HttpResponseRedirect(url)

    # Deciding

    def proposal_view(self, request: HttpRequest, object_id: str, proposal: int) -> HttpResponse:
        """Show a proposal, and take it over, return it or take it back."""
        agreement = self._seen(request, object_id)
        if agreement is None:
            return self._no_such_record(request, object_id)
        rows = agreement.proposals.select_related("by", "decided_by")
        found = rows.filter(pk=proposal).first()
        if found is None:
            raise Http404
        if request.method != "POST":
            return self._proposal_page(request, agreement, found)
        try:
            return self._answer(request, agreement, found)
        except ProposalError as refusal:
            note_refusal("proposal_refused", of=agreement.ref, why=str(refusal))
            found.refresh_from_db()
            return self._proposal_page(request, agreement, found, str(refusal))

    def _answer(
        self, request: HttpRequest, agreement: Agreement, proposal: Proposal
    ) -> HttpResponse:
        asked = request.POST.get(DECISION)
        if asked in (ProposalState.RETURNED, ProposalState.RECALLED):
            state, waiting = ProposalState(asked), review_queue.queue()
            answer = request.POST.get(ANSWER, "").replace("\0", "")[:LONGEST_ANSWER]
            settle(proposal, state, by=request.user, at=timezone.now(), answer=answer)
            return self._next(request, agreement, proposal, state, waiting)
        if not self.has_change_permission(request, agreement):
            raise PermissionDenied
        if not proposal.is_waiting:
            sentence = _("Somebody has already decided about the proposal: “%(state)s”.")
            raise ProposalError(sentence % {"state": proposal.get_state_display()})
        self._name_author(request, proposal)
        request.__dict__["taking"] = proposal
        request.__dict__["before"] = present_state(agreement)
        return self.changeform_view(request, str(agreement.pk))

    def _name_author(self, request: HttpRequest, proposal: Proposal) -> None:
        """Have the reason in the history say who proposed the change."""
        author = _("Proposed by %(by)s.") % {"by": _name(proposal)}
        given = given_reason(request) or proposal.why
        data = request.POST.copy()
        if author not in given:
            given = f"{given[: LONGEST_REASON - len(author) - 1]} {author}"
        data[WHY] = given
        resend(request, data)

    def _taken(
        self, request: HttpRequest, agreement: Agreement, proposal: Proposal
    ) -> HttpResponse:
        """Note, in the transaction of the change, that the proposal was taken over; raises `ProposalError`."""
        if present_state(agreement) == request.__dict__["before"]:
            raise ProposalError(
                _("You took nothing of it. Choose a part, or return it with a reason.")
            )
        waiting, state = review_queue.queue(), ProposalState.TAKEN
        settle(proposal, state, by=request.user, at=timezone.now())
        return self._next(request, agreement, proposal, state, waiting)

    def _next(
        self,
        request: HttpRequest,
        agreement: Agreement,
        proposal: Proposal,
        state: ProposalState,
        waiting: list[review_queue.Waiting],
    ) -> HttpResponse:
        self.note_done(request, agreement, state)
        if not permissions.may_publish(request.user):
            return HttpResponseRedirect(self.url_of("change", agreement.pk))
        return self.go_on(waiting, agreement.pk, proposal.pk)

    def _proposal_page(
        self, request: HttpRequest, agreement: Agreement, proposal: Proposal, refusal: str = ""
    ) -> HttpResponse:
        base = state_with_token(Agreement, agreement.pk, proposal.edit_token)
        may_take = proposal.is_waiting and self.has_change_permission(request, agreement)
        may_take = may_take and permissions.may_publish(request.user)
        context: Context = {
            "title": _("Proposed change"),
            "subtitle": str(agreement),
            "original": agreement,
            "proposal": proposal,
            "refusal": refusal,
            "answer": request.POST.get(ANSWER, ""),
            "longest_answer": LONGEST_ANSWER,
            "may_take": may_take,
            "may_recall": proposal.is_waiting and proposal.by_id == request.user.pk,
            **self.place_in_queue(request, agreement.pk, proposal.pk),
        }
        if may_take:
            context |= self._questions_of(request, agreement, proposal)
        else:
            context["changes"] = changes_between(base, result_of(proposal)) if base else []
        status = 409 if refusal else 200
        return self.page(request, "agreement/proposal", status=status, **context)

    def _questions_of(
        self, request: HttpRequest, agreement: Agreement, proposal: Proposal
    ) -> Context:
        """Return the questions: as it is now, or as it is proposed, for each fact and row that differs."""
        sending = with_data(request, as_data(proposal.sent | {WHY: [proposal.why]}))
        base = state_with_token(Agreement, agreement.pk, proposal.edit_token)
        typed, now = TypedForm(self, sending, agreement), present_state(agreement)
        drawing = Proposed(sending, typed, base, now)
        return self.questions(drawing, compare(base, now, typed.record), agreement, agreement)


_PROPOSE = gettext_lazy("Propose a change")
_FORM: Context = dict.fromkeys(
    ("show_save", "show_save_and_continue", "show_save_and_add_another", "show_delete"), False
)


def _is_proposing(request: HttpRequest, obj: Any) -> bool:
    proposing = request.__dict__.get("proposing")
    return proposing is not None and getattr(obj, "pk", None) == proposing


def _name(proposal: Proposal) -> str:
    return proposal.by.get_full_name() or proposal.by.get_username()
