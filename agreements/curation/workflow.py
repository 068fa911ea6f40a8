"""The steps a record takes between draft and published: who may see it changes, the agreement itself does not.

An editor submits, a publisher publishes or returns, and takes from the public again. The admin's buttons and actions
offer `steps_for` a record and call `take`, one record at a time: it locks it, asks whether the step may be taken, and
keeps who took it and why.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.curation.history import recorded
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


class StepError(Exception):
    """A step that was not taken; the text says why, and what to do, to whoever tried."""


class NotAllowedError(StepError):
    """The step is for somebody else to take."""


class WrongStateError(StepError):
    """The record is not where the step begins."""


class NotReadyError(StepError):
    """The record lacks something that the public has a right to."""


class ReasonMissingError(StepError):
    """Whoever works on the record next would not know why."""


@dataclass(frozen=True)
class Step:
    """What a verb does: where it begins and ends, and who takes it. Its names are for buttons."""

    verb: PublicationVerb
    starts: tuple[Publication, ...]
    end: Publication
    name: Any
    name_after_saving: Any
    is_for_publishers: bool = False

    @property
    def needs_reason(self) -> bool:
        return self.verb in STEPS_WITH_A_REASON

    def is_for(self, user: Any) -> bool:
        """Whether this person takes such steps at all."""
        right = permissions.may_publish if self.is_for_publishers else permissions.may_edit
        return right(user)


STEPS = {
    step.verb: step
    for step in (
        Step(
            PublicationVerb.SUBMIT,
            # what was withdrawn is mended and looked at again
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


def steps_for(user: Any, agreement: Agreement) -> list[Step]:
    """Return the steps to offer this person for the agreement where it stands.

    Publishers return a record and say why, rather than take it back without a word.
    """
    verbs = set(STEPS) - ({PublicationVerb.RECALL} if permissions.may_publish(user) else set())
    return [
        step
        for step in STEPS.values()
        if step.verb in verbs and agreement.publication in step.starts and step.is_for(user)
    ]


def take(
    verb: PublicationVerb, agreement: Agreement, *, by: Any, at: datetime, reason: str = ""
) -> Agreement:
    """Take this step with the agreement as it is stored and return it as it is then; `at` is the moment.

    `by` is the user. The record is locked, and written in one transaction with the step and its version. Raises
    `StepError`, with nothing written.
    """
    step, reason = STEPS[verb], reason.strip()
    why = f"{verb.label}: {reason}" if reason else str(verb.label)
    with recorded(by=by, why=why):
        stored = Agreement.objects.select_for_update().filter(pk=agreement.pk).first()
        if stored is None:
            raise WrongStateError(_("It has been deleted meanwhile."))
        _refuse(step, stored, by, reason)
        stored.publication = step.end
        if stored.is_public and stored.published_at is None:
            stored.published_at = at
        stored.save(update_fields=["publication", "published_at", "updated_at"])
        PublicationStep.objects.create(agreement=stored, verb=verb, by=by, at=at, reason=reason)
    return stored


def lacking(agreement: Agreement) -> list[str]:
    """Return, a sentence each, what a stored agreement must have before the public sees it; two queries.

    That a published one keeps it is for `agreements.curation.history` to see to, whoever writes.
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
        "Title: there is none. Describe the agreement if it has none of its own."
    ),
    Need.PARTIES: gettext_lazy(
        "Parties: fewer than two are named. Add the other, or say below the parties why it cannot be named."
    ),
    Need.SOURCE: gettext_lazy(
        "Source: nothing rests on one. Choose a source and tick what it states, or add evidence fact by fact."
    ),
}


def _refuse(step: Step, agreement: Agreement, by: Any, reason: str) -> None:
    if not step.is_for(by):
        raise NotAllowedError(
            _("That is for publishers to do. Ask one of them.")
            if step.is_for_publishers
            else _("That is for editors to do. Ask one of them.")
        )
    if agreement.publication not in step.starts:
        raise WrongStateError(_wrong_state(step, agreement))
    if step.needs_reason and not reason:
        raise ReasonMissingError(_("Say why, for whoever works on the record next."))
    missing = lacking(agreement) if step.end == Publication.PUBLISHED else []
    if missing:
        raise NotReadyError(" ".join([_("It cannot be published yet."), *missing]))


def _wrong_state(step: Step, agreement: Agreement) -> str:
    states = [f"“{state.label}”" for state in step.starts]
    return _("“%(step)s” is for records that are %(states)s. This one is “%(state)s” now.") % {
        "step": step.name,
        "states": get_text_list(states, _("or")),
        "state": agreement.get_publication_display(),
    }


@transaction.atomic
def cite(agreement: Agreement, *, source: Source, facts: Iterable[str]) -> list[Evidence]:
    """Note that the source states these facts (`Fact` codes) and return the evidence that is new.

    A fact that rests on this source already, at whatever place in it, is left as it is.
    """
    resting = set(agreement.evidence.filter(source=source).values_list("fact", flat=True))
    return [
        Evidence.objects.create(agreement=agreement, fact=fact, source=source, basis=Basis.STATED)
        for fact in facts
        if fact not in resting
    ]


def cite_events(events: Iterable[Event], *, source: Source) -> None:
    """Let these events rest on the source, but for those that name one of their own."""
    for event in events:
        if event.source_id is None:
            event.source = source
            event.save(update_fields=["source"])
