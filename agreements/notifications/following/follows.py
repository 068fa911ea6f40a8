"""Who follows what: starting to follow, everything that a person follows, and the state last reported to them.

The admin's page "What I follow" calls this, and the private calendar gets its agreements from here.
"""

from collections.abc import Iterable
from datetime import date, datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from agreements.domain.permissions import may_see_internal
from agreements.models import Agreement, Follow, Sighting
from agreements.models.querysets import AgreementQuerySet
from agreements.notifications.following.selections import (
    followable,
    followed_query,
    held_in,
    selection_of,
)


def follow_agreement(user: User, agreement: Agreement, *, at: datetime) -> Follow:
    """Let this user follow the agreement from its present state; an existing row stays as it is."""
    with transaction.atomic():
        follow, is_new = Follow.objects.get_or_create(
            user=user, agreement=agreement, defaults={"since": at}
        )
        if is_new:
            note_told(follow, {agreement.pk: agreement.updated_at})
    return follow


def follow_selection(user: User, pasted: str, *, at: datetime) -> Follow:
    """Let this user follow what a URL or query string of the list selects.

    What is in it now counts as known. Raises `NotFollowableError`.
    """
    selection = followable(pasted, timezone.localdate(at))
    with transaction.atomic():
        follow, is_new = Follow.objects.get_or_create(
            user=user, agreement=None, query=followed_query(selection), defaults={"since": at}
        )
        if is_new:
            note_told(follow, held_in(selection, follow))
    return follow


def followed_by(user: User, today: date) -> AgreementQuerySet:
    """Return the agreements that this user may see and follows or is responsible for, each once."""
    follows = Follow.objects.filter(user=user)
    alone = follows.filter(agreement__isnull=False)
    wanted = Q(responsible=user.pk) | Q(pk__in=alone.values("agreement"))
    for query in follows.filter(agreement=None).values_list("query", flat=True):
        selected = selection_of(query, today).agreements
        wanted |= Q(pk__in=selected.order_by().values("pk"))
    found = Agreement.objects.filter(pk__in=Agreement.objects.filter(wanted).values("pk"))
    return shown_to(user, found)


def shown_to(user: User, agreements: AgreementQuerySet) -> AgreementQuerySet:
    """Return those that this user may see by the rule of `may_see`, without the withdrawn ones."""
    return agreements.not_withdrawn() if may_see_internal(user) else agreements.published()


@transaction.atomic
def note_told(follow: Follow, told: dict[int, datetime], *, gone: Iterable[int] = ()) -> None:
    """Store what was reported to the follower: the last change of each agreement by its key, and those that left.

    Nothing is stored if they have stopped following.
    """
    if Follow.objects.select_for_update().filter(pk=follow.pk).first() is None:
        return
    follow.sightings.filter(agreement__in=gone).delete()
    there = set(Agreement.objects.filter(pk__in=told).values_list("pk", flat=True))
    Sighting.objects.bulk_create(
        [
            Sighting(follow=follow, agreement_id=key, updated_at=moment)
            for key, moment in told.items()
            if key in there
        ],
        batch_size=500,
        update_conflicts=True,
        unique_fields=["follow", "agreement"],
        update_fields=["updated_at"],
    )
