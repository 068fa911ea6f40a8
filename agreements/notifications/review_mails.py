"""The text of the e-mails about reviews, written only when they are sent.

The outbox keeps no names and no words of the records, only which steps and proposals to tell of; whoever has lost the
right to see a record since learns nothing about it. `agreements.notifications.review_notices` queues them.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements.domain.choices import MailKind, ProposalState, Publication, ReviewNews
from agreements.domain.permissions import may_publish, may_see_internal
from agreements.domain.urls import permanent
from agreements.models import Agreement, Proposal, PublicationStep
from agreements.notifications.mail import why_unreachable, written

STEP, PROPOSAL = "step", "proposal"


@dataclass(frozen=True)
class Told:
    """One entry of the e-mail: what happened, with which words, and where to read it."""

    what: str
    words: str
    url: str


def _news(to: str, facts: dict[str, Any]) -> Sequence[EmailMultiAlternatives]:
    """Return one e-mail, or none if there is nothing left that this person may be told."""
    user = User.objects.filter(pk=facts["user"]).first()
    news = ReviewNews(facts["news"])
    if user is None or why_unreachable(user) or not _may_be_told(user, news):
        return []
    told = list(_told(news, facts["entries"]))
    if not told:
        return []
    context = {
        "told": told,
        "more": facts["more"],
        "queue_url": _admin("agreements_agreement_review_queue") if may_publish(user) else "",
        "following_url": _admin("following"),
    }
    return [
        written(
            "review", to=user.email, subject=_subject(news, told, facts["more"]), context=context
        )
    ]


WRITERS: dict[MailKind, Callable[[str, dict[str, Any]], Sequence[EmailMultiAlternatives]]] = {
    MailKind.REVIEW: _news
}


def _may_be_told(user: User, news: ReviewNews) -> bool:
    return may_publish(user) if news == ReviewNews.SUBMITTED else may_see_internal(user)


def _subject(news: ReviewNews, told: list[Told], more: int) -> str:
    number = len(told) + more
    if number == 1:
        return f"MoU Tracker: {told[0].what}"
    patterns = {
        ReviewNews.SUBMITTED: ngettext(
            "MoU Tracker: %(n)d record for review",
            "MoU Tracker: %(n)d records for review",
            len(told),
        ),
        ReviewNews.RETURNED: ngettext(
            "MoU Tracker: %(n)d record returned", "MoU Tracker: %(n)d records returned", number
        ),
        ReviewNews.ACCEPTED: ngettext(
            "MoU Tracker: %(n)d record published", "MoU Tracker: %(n)d records published", number
        ),
    }
    return patterns[news] % {"n": number}


def _told(news: ReviewNews, entries: list[list[Any]]) -> Iterator[Told]:
    """Yield the entries that still hold; two queries."""
    keys = {kind: [key for what, key in entries if what == kind] for kind in (STEP, PROPOSAL)}
    steps = PublicationStep.objects.filter(pk__in=keys[STEP]).select_related("by", "agreement")
    for step in steps.order_by("pk"):
        waits = step.agreement.publication == Publication.IN_REVIEW
        if news != ReviewNews.SUBMITTED or waits:
            yield _of_step(news, step)
    proposals = Proposal.objects.filter(pk__in=keys[PROPOSAL])
    for proposal in proposals.select_related("by", "decided_by", "agreement").order_by("pk"):
        if news != ReviewNews.SUBMITTED or proposal.state == ProposalState.WAITING:
            yield _of_proposal(news, proposal)


def _of_step(news: ReviewNews, step: PublicationStep) -> Told:
    patterns = {
        ReviewNews.SUBMITTED: _("%(by)s submitted %(record)s for review"),
        ReviewNews.RETURNED: _("%(by)s returned %(record)s"),
        ReviewNews.ACCEPTED: _("%(by)s published %(record)s"),
    }
    page = "review" if news == ReviewNews.SUBMITTED else "change"
    url = _admin(f"agreements_agreement_{page}", step.agreement_id)
    return Told(_said(patterns[news], step.by, step.agreement), step.reason, url)


def _of_proposal(news: ReviewNews, proposal: Proposal) -> Told:
    patterns = {
        ReviewNews.SUBMITTED: _("%(by)s proposes a change to %(record)s"),
        ReviewNews.RETURNED: _("%(by)s returned the proposed change to %(record)s"),
        ReviewNews.ACCEPTED: _("%(by)s took over the proposed change to %(record)s"),
    }
    is_new = news == ReviewNews.SUBMITTED
    by, words = (proposal.by, proposal.why) if is_new else (proposal.decided_by, proposal.answer)
    url = _admin("agreements_agreement_proposal", proposal.agreement_id, proposal.pk)
    return Told(_said(patterns[news], by, proposal.agreement), words, url)


def _said(pattern: str, by: User | None, agreement: Agreement) -> str:
    name = (by.get_full_name() or by.get_username()) if by else ""
    return pattern % {"by": name, "record": str(agreement)}


def _admin(page: str, *keys: int) -> str:
    return permanent(reverse(f"admin:{page}", args=keys))
