"""What waits for a publisher, oldest first: the records in review and the changes that editors propose to published ones.

The reading desk in the admin shows the queue; the staff home shows its length.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from agreements.domain import permissions
from agreements.domain.choices import ProposalState, Publication, PublicationVerb
from agreements.models import Agreement, Proposal, PublicationStep

# the longest queue that can be leafed through; the count of what waits has no limit
MOST_LISTED = 500


@dataclass(frozen=True, order=True)
class Waiting:
    """Something that waits: since when, the id of its agreement, and of the proposed change to it (0: the record itself)."""

    since: datetime
    agreement: int
    proposal: int = 0


def waiting_for(user: permissions.Person) -> int:
    """Return how much this user could decide about now; 0 without a query for those who may not publish."""
    return waiting() if permissions.may_publish(user) else 0


def waiting() -> int:
    """Return how many records and proposed changes wait; two queries."""
    return _in_review().count() + _proposed().count()


def queue() -> list[Waiting]:
    """Return what waits, oldest first, at most `MOST_LISTED`; two queries."""
    submitted = PublicationStep.objects.filter(
        agreement=OuterRef("pk"), verb=PublicationVerb.SUBMIT
    )
    last = Subquery(submitted.order_by("-pk").values("at")[:1])
    # an import or a restored version may have brought a record into review without a step
    found = _in_review().annotate(since=Coalesce(last, F("updated_at"))).order_by("since", "pk")
    records = found.values_list("since", "pk")[:MOST_LISTED]
    proposals = _proposed().order_by("at", "pk").values_list("at", "agreement", "pk")[:MOST_LISTED]
    both = [*(Waiting(*each) for each in records), *(Waiting(*each) for each in proposals)]
    return sorted(both)[:MOST_LISTED]


def after(one: Waiting | None, waiting: Sequence[Waiting]) -> Waiting | None:
    """Return what is read after this one: the next in the queue, or the first again; None if nothing else waits."""
    others = [other for other in waiting if other != one]
    later = (other for other in others if one is None or other > one)
    return next(later, others[0] if others else None)


def _in_review() -> "QuerySet[Agreement]":
    return Agreement.objects.filter(publication=Publication.IN_REVIEW).order_by()


def _proposed() -> "QuerySet[Proposal]":
    return Proposal.objects.filter(state=ProposalState.WAITING).order_by()
