"""Proposals: an editor proposes a change to a published record; a publisher takes it over, wholly or in part, or returns it.

`make` and `settle` write only the proposal. Taking one over saves the record as any change is saved; the admin does
that with the form that the proposal keeps, and calls `settle` in the same transaction.
"""

import json
from datetime import datetime
from typing import Any

from django.db import transaction
from django.dispatch import Signal
from django.utils.translation import gettext as _

from agreements.curation.history.recording import note_about_to_change, recorded
from agreements.curation.history.states import State
from agreements.domain import permissions
from agreements.domain.choices import ProposalState, Publication
from agreements.models import Agreement, Proposal

# sent with `proposal` within the transaction that makes it or decides about it
proposal_changed = Signal()
# of one agreement at a time
MOST_WAITING = 20


class ProposalError(Exception):
    """A proposal that was refused; the text tells the user why and what to do."""


def may_propose(user: permissions.Person, agreement: Agreement) -> bool:
    """Whether this user may propose a change: an editor, to a published record that they cannot change themselves."""
    is_closed = agreement.publication == Publication.PUBLISHED
    return is_closed and permissions.may_edit(user) and not permissions.may_publish(user)


@transaction.atomic
def make(
    agreement: Agreement,
    *,
    by: Any,
    at: datetime,
    why: str,
    token: str,
    sent: dict[str, list[str]],
    result: State,
) -> Proposal:
    """Store a proposal for a stored agreement; raises `ProposalError`."""
    stored = Agreement.objects.select_for_update().filter(pk=agreement.pk).first()
    if stored is None:
        raise ProposalError(_("It has since been deleted."))
    if stored.proposals.filter(state=ProposalState.WAITING).count() >= MOST_WAITING:
        sentence = _("%(n)d proposals for it already wait. Ask a publisher to decide about them.")
        raise ProposalError(sentence % {"n": MOST_WAITING})
    with recorded(by=by):
        # the version it starts from, which a record that was never changed does not have yet
        note_about_to_change(Agreement, [stored.pk])
    proposal = Proposal.objects.create(
        agreement=stored,
        by=by,
        at=at,
        why=why,
        edit_token=token,
        sent=sent,
        result=json.loads(result.written()),
    )
    proposal_changed.send(sender=Proposal, proposal=proposal)
    return proposal


def result_of(proposal: Proposal) -> State:
    """Return the state of the record that the proposal would lead to."""
    return State.read(json.dumps(proposal.result))


@transaction.atomic
def settle(
    proposal: Proposal, state: ProposalState, *, by: Any, at: datetime, answer: str = ""
) -> Proposal:
    """Record what became of a proposal that waits, and return it; raises `ProposalError`."""
    stored = Proposal.objects.select_for_update().filter(pk=proposal.pk).first()
    if stored is None:
        raise ProposalError(_("The proposal has since been deleted with its record."))
    if not stored.is_waiting:
        sentence = _("Somebody has already decided about the proposal: “%(state)s”.")
        raise ProposalError(sentence % {"state": stored.get_state_display()})
    _refuse(stored, state, by, answer.strip())
    stored.state, stored.decided_by, stored.decided_at = state, by, at
    stored.answer = answer.strip()
    stored.save(update_fields=["state", "decided_by", "decided_at", "answer"])
    proposal_changed.send(sender=Proposal, proposal=stored)
    return stored


def _refuse(proposal: Proposal, state: ProposalState, by: Any, answer: str) -> None:
    is_own = state == ProposalState.RECALLED and proposal.by_id == by.pk
    if not (is_own or permissions.may_publish(by)):
        raise ProposalError(_("Only publishers can do this. Ask one of them."))
    if state == ProposalState.RETURNED and not answer:
        raise ProposalError(_("Say why, for the next person who works on this record."))
