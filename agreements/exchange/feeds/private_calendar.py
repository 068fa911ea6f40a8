"""What is to be done of a person's own agreements, as a calendar at an address that only they know.

It holds the ends, the last days for notice, the reviews and the commitments still open, as far as they are known to
the day. The view of the private address streams it, and asks anew at every fetch what its owner may see.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Prefetch
from django.urls import reverse
from django.utils.translation import gettext as _

from agreements.domain.urls import permanent
from agreements.exchange.citations import Citation
from agreements.exchange.feeds.calendar import (
    END,
    READ_AT_ONCE,
    KnownDay,
    beginning,
    event,
    known_days,
)
from agreements.models import Agreement, Commitment
from agreements.models.querysets import AgreementQuerySet

_PAST = frozenset({"signed", "terminated"})


@dataclass(frozen=True)
class Desk:
    """A person's agreements, the day it is, and whether the person reads them in the admin."""

    agreements: AgreementQuerySet
    day: date
    is_staff: bool


def stream_private_calendar(desk: Desk) -> Iterator[bytes]:
    """Yield the calendar, an event at a time; three queries for each thousand agreements."""
    page = permanent(reverse("admin:following"))
    told = _(
        "What you are responsible for or follow: ends, last days for notice, reviews and commitments, as far as they "
        "are known to the day. This address is yours alone; make a new one at %(address)s if somebody else has it."
    ) % {"address": page}
    yield beginning(_("My agreements"), told, page=page, source=page)
    open_commitments = Prefetch("commitments", queryset=Commitment.objects.still_open())
    rows = desk.agreements.with_parties().prefetch_related(open_commitments)
    for agreement in rows.order_by("ref").iterator(chunk_size=READ_AT_ONCE):
        for known in days_to_act(agreement, desk.day):
            yield event(
                known, Citation(agreement, desk.day), address=_address(agreement, desk)
            ).to_ical()
    yield END


def days_to_act(agreement: Any, day: date) -> Iterator[KnownDay]:
    """Yield the days on which something is to be done, of an agreement whose open commitments are fetched."""
    yield from (known for known in known_days(agreement, day) if known.key not in _PAST)
    for commitment in agreement.commitments.all():
        if commitment.due.is_exact:
            key = f"commitment-{commitment.pk}"
            yield KnownDay(key, _("Commitment due"), commitment.due.earliest, about=commitment.text)


def _address(agreement: Agreement, desk: Desk) -> str:
    if not desk.is_staff:
        return permanent(agreement.get_absolute_url())
    return permanent(reverse("admin:agreements_agreement_change", args=[agreement.pk]))
