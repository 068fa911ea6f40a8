"""Who is told about reviews: publishers when something waits for them, those who worked on it when it is decided about.

It listens to every step and proposal, no matter on which page it is taken, and queues the e-mails with the step itself.
Nobody is told about what they did themselves, or after they have turned these e-mails off.
"""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.dispatch import receiver

from agreements.curation.history.past import writers_since
from agreements.curation.proposals import proposal_changed
from agreements.curation.review_changes import DECISIONS
from agreements.curation.workflow import step_taken
from agreements.domain.choices import MailKind, ProposalState, PublicationVerb, ReviewNews
from agreements.domain.permissions import PUBLISH_AGREEMENT
from agreements.models import Agreement, Proposal, PublicationStep, ReviewMailsOff
from agreements.notifications.outbox import add
from agreements.notifications.review_mails import PROPOSAL, STEP

_MOMENT = timedelta(seconds=2)
_NEWS_OF_STEPS = {
    PublicationVerb.SUBMIT: ReviewNews.SUBMITTED,
    PublicationVerb.RETURN: ReviewNews.RETURNED,
    PublicationVerb.PUBLISH: ReviewNews.ACCEPTED,
}
_NEWS_OF_PROPOSALS = {
    ProposalState.WAITING: ReviewNews.SUBMITTED,
    ProposalState.RETURNED: ReviewNews.RETURNED,
    ProposalState.TAKEN: ReviewNews.ACCEPTED,
}


@receiver(step_taken)
def tell_of_step(sender: object, step: PublicationStep, **more: object) -> None:
    news = _NEWS_OF_STEPS.get(PublicationVerb(step.verb))
    if news is None or not settings.SENDS_MAIL:
        return
    is_new = news == ReviewNews.SUBMITTED
    people = _publishers() if is_new else User.objects.filter(pk__in=_who_worked_on(step))
    _tell(people, news, [STEP, step.pk], by=step.by_id)


@receiver(proposal_changed)
def tell_of_proposal(sender: object, proposal: Proposal, **more: object) -> None:
    news = _NEWS_OF_PROPOSALS.get(ProposalState(proposal.state))
    if news is None or not settings.SENDS_MAIL:
        return
    is_new = news == ReviewNews.SUBMITTED
    people = _publishers() if is_new else User.objects.filter(pk=proposal.by_id)
    by = proposal.by_id if is_new else proposal.decided_by_id
    _tell(people, news, [PROPOSAL, proposal.pk], by=by)


def _publishers() -> "QuerySet[User]":
    backend = "django.contrib.auth.backends.ModelBackend"
    found: QuerySet[User] = User.objects.with_perm(PUBLISH_AGREEMENT, backend=backend)
    return found.filter(is_staff=True)


def _who_worked_on(step: PublicationStep) -> set[int]:
    """Return who submitted the record, and who wrote it since a publisher last decided about it.

    Nobody, if the record was not in review: a publisher who publishes a draft has nobody to answer.
    """
    before = list(PublicationStep.objects.filter(agreement=step.agreement_id, pk__lt=step.pk))
    if not before or before[-1].verb != PublicationVerb.SUBMIT:
        return set()
    decided = [each.at for each in before if each.verb in DECISIONS]
    # the decision is a version as well, written a moment later
    since = decided[-1] + _MOMENT if decided else step.agreement.created_at
    writers = writers_since(Agreement, {step.agreement_id: since}).get(step.agreement_id, set())
    return {before[-1].by_id, *(key for key in writers if key is not None)}


def _tell(
    people: "QuerySet[User]", news: ReviewNews, entry: list[object], *, by: int | None
) -> None:
    """Queue an e-mail for each of these people, or add the entry to one that is still to be sent."""
    without = ReviewMailsOff.objects.values("user")
    reached = people.filter(is_active=True).exclude(email="").exclude(pk__in=without)
    others = reached if by is None else reached.exclude(pk=by)
    for person in others.order_by("pk").distinct():
        add(MailKind.REVIEW, to=person.email, entry=entry, user=person.pk, news=str(news))
