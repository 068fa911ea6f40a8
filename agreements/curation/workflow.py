"""The publication workflow: steps between draft and published. They change who can see a record, not the agreement.

An editor submits a record, a publisher publishes, returns or withdraws it. The admin's buttons and actions offer
`steps_for` a record and call `take` for one record at a time: it locks the record, checks whether the step is allowed,
and records who took it and why.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.dispatch import Signal
from django.utils.functional import Promise
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.curation.history.recording import recorded
from agreements.curation.tombstones import Farewell, leave
from agreements.domain import permissions
from agreements.domain.choices import Basis, Publication, PublicationVerb, Role
from agreements.domain.completeness import Need, needs_of
from agreements.models import (
    STEPS_WITH_A_REASON,
    Agreement,
    Event,
    Evidence,
    PublicationStep,
    Source,
)

# sent with `step`, the new row, within the transaction that takes it
step_taken = Signal()


class StepError(Exception):
    """A step that was refused; the text tells the user why and what to do."""


class NotAllowedError(StepError):
    """The user may not take this step."""


class OutdatedError(StepError):
    """Somebody has changed the record since the user looked at it."""


@dataclass(frozen=True)
class Step:
    """What a verb does: the states before and after, and who may use it. Its names are for buttons."""

    verb: PublicationVerb
    starts: tuple[Publication, ...]
    end: Publication
    name: Promise
    name_after_saving: Promise
    is_for_publishers: bool = False

    @property
    def needs_reason(self) -> bool:
        return self.verb in STEPS_WITH_A_REASON

    @property
    def tells_public(self) -> bool:
        """Whether the publisher says what the public reads instead of the record."""
        return self.verb == PublicationVerb.WITHDRAW

    def is_for(self, user: permissions.Person) -> bool:
        """Whether this user may take such steps at all."""
        if self.is_for_publishers:
            return permissions.may_publish(user)
        return permissions.may_edit(user)


STEPS = {
    step.verb: step
    for step in (
        Step(
            PublicationVerb.SUBMIT,
            # a withdrawn record is corrected and reviewed again
            (Publication.DRAFT, Publication.WITHDRAWN),
            Publication.IN_REVIEW,
            gettext_lazy("Submit for review"),
            gettext_lazy("Save and submit for review"),
        ),
        Step(
            PublicationVerb.RECALL,
            (Publication.IN_REVIEW,),
            Publication.DRAFT,
            gettext_lazy("Take back from review"),
            gettext_lazy("Save and take back"),
        ),
        Step(
            PublicationVerb.RETURN,
            (Publication.IN_REVIEW,),
            Publication.DRAFT,
            gettext_lazy("Return to the editors"),
            gettext_lazy("Save and return"),
            is_for_publishers=True,
        ),
        Step(
            PublicationVerb.PUBLISH,
            (Publication.DRAFT, Publication.IN_REVIEW, Publication.WITHDRAWN),
            Publication.PUBLISHED,
            gettext_lazy("Publish"),
            gettext_lazy("Save and publish"),
            is_for_publishers=True,
        ),
        Step(
            PublicationVerb.WITHDRAW,
            (Publication.PUBLISHED,),
            Publication.WITHDRAWN,
            gettext_lazy("Withdraw"),
            gettext_lazy("Save and withdraw"),
            is_for_publishers=True,
        ),
    )
}


def steps_for(user: permissions.Person, agreement: Agreement) -> list[Step]:
    """Return the steps to offer this user for the agreement in its present state.

    Publishers return a record with a reason, rather than take it back without one.
    """
    unused = PublicationVerb.RECALL if permissions.may_publish(user) else None
    return [
        step
        for verb, step in STEPS.items()
        if verb != unused and agreement.publication in step.starts and step.is_for(user)
    ]


def take(
    verb: PublicationVerb,
    agreement: Agreement,
    *,
    by: Any,
    at: datetime,
    reason: str = "",
    told: Farewell | None = None,
    seen: str | None = None,
) -> Agreement:
    """Take this step with the stored agreement and return it as it is afterwards; `at` is the time, `by` the user.

    `reason` is for staff; `told` is what the public learns about a record that is withdrawn, whose title is otherwise
    withheld without a reason. `seen` is the edit token of the version that the user was shown, if they were: a record
    that somebody has since changed is refused. The record is locked, and written in one transaction with the step and
    its version.
    Raises `StepError`, with nothing written.
    """
    step, reason = STEPS[verb], reason.strip()
    why = f"{verb.label}: {reason}" if reason else str(verb.label)
    with recorded(by=by, why=why):
        stored = Agreement.objects.select_for_update().filter(pk=agreement.pk).first()
        if stored is None:
            raise StepError(_("It has since been deleted."))
        _refuse(step, stored, by, reason)
        if seen is not None and seen != stored.edit_token:
            raise OutdatedError(
                _(
                    "Somebody has changed it since you opened the page. Read it again before you decide."
                )
            )
        if step.tells_public and told is not None:
            _refuse_silence(told)
            leave(stored, told, at=at)
        stored.publication = step.end
        if stored.is_public and stored.published_at is None:
            stored.published_at = at
        stored.save(update_fields=["publication", "published_at", "updated_at"])
        taken = PublicationStep.objects.create(
            agreement=stored, verb=verb, by=by, at=at, reason=reason
        )
        step_taken.send(sender=PublicationStep, step=taken)
    return stored


def why_not(verb: PublicationVerb, agreement: Agreement, *, by: permissions.Person) -> str:
    """Return why this user could not take the step with the stored agreement now; empty if they could. No reason is asked.

    Three queries at most, and nothing is locked or written.
    """
    try:
        _refuse(STEPS[verb], agreement, by, reason="-")
    except StepError as refusal:
        return str(refusal)
    return ""


def lacking(agreement: Agreement) -> list[str]:
    """Return what a stored agreement still needs before it can be published, in a sentence each; two queries.

    `agreements.curation.history` makes sure that a published one keeps it.
    """
    needs = needs_of(
        title=agreement.title,
        parties=agreement.participations.filter(role=Role.PARTY).count(),
        parties_note=agreement.parties_note,
        evidence=agreement.evidence.count(),
    )
    return [str(_LACKING[need]) for need in needs]


_LACKING = {
    Need.TITLE: gettext_lazy(
        "Title: there is none. Describe the agreement if it has no official title."
    ),
    Need.PARTIES: gettext_lazy(
        "Parties: fewer than two are named. Add the other, or explain below the parties why it cannot be named."
    ),
    Need.SOURCE: gettext_lazy(
        "Source: there is no evidence. Choose a source at the top of the page, and say beside a fact that it states it."
    ),
}


def _refuse(step: Step, agreement: Agreement, by: permissions.Person, reason: str) -> None:
    if not step.is_for(by):
        raise NotAllowedError(
            _("Only publishers can do this. Ask one of them.")
            if step.is_for_publishers
            else _("Only editors can do this. Ask one of them.")
        )
    if agreement.publication not in step.starts:
        states = [f"“{state.label}”" for state in step.starts]
        raise StepError(
            _("“%(step)s” is for records that are %(states)s. This one is now “%(state)s”.")
            % {
                "step": step.name,
                "states": get_text_list(states, _("or")),
                "state": agreement.get_publication_display(),
            }
        )
    if step.needs_reason and not reason:
        raise StepError(_("Say why, for the next person who works on this record."))
    if step.end == Publication.PUBLISHED and (missing := lacking(agreement)):
        raise StepError(" ".join([_("It cannot be published yet."), *missing]))


def _refuse_silence(told: Farewell) -> None:
    if not told.reason.strip():
        raise StepError(
            _("Reason for the public: it is empty. Say in a sentence why the record is withdrawn.")
        )


@dataclass(frozen=True)
class Statement:
    """What a source says about a fact (a `Fact` code): stated or inferred, where, and why it follows."""

    fact: str
    basis: str = Basis.STATED
    locator: str = ""
    note: str = ""

    @property
    def is_plain(self) -> bool:
        return self == Statement(self.fact)


@transaction.atomic
def cite(
    agreement: Agreement, *, source: Source, statements: Iterable[Statement]
) -> list[Evidence]:
    """Record what the source says about these facts and return the new evidence.

    Facts that already rest on this source, at any place in it, stay as they are if no place or reason is given.
    """
    places = set(agreement.evidence.filter(source=source).values_list("fact", "locator"))
    resting = {fact for fact, _place in places}
    return [
        Evidence.objects.create(agreement=agreement, source=source, **vars(said))
        for said in statements
        if (said.fact, said.locator) not in places and not (said.is_plain and said.fact in resting)
    ]


def cite_events(events: Iterable[Event], *, source: Source) -> None:
    """Set the source of these events, except those that have one."""
    for event in events:
        if event.source_id is None:
            event.source = source
            event.save(update_fields=["source"])
