"""What is due for a user's own agreements, as a private calendar at a URL that only they know.

It contains the exact dates of ends, last days for notice, reviews and open commitments. The view streams it, and
checks on every request what its owner may see. A URL is not a safe place for a key, so for a record that the public may
not see, it gives only the day and the reference; everything else requires a login.
"""

from collections.abc import Iterator
from datetime import date

from django.db.models import Prefetch
from django.urls import reverse
from django.utils.translation import gettext as _

from agreements.domain.choices import Publication
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


def stream_private_calendar(
    agreements: AgreementQuerySet, day: date, *, is_staff: bool, sees_internal: bool
) -> Iterator[bytes]:
    """Yield the calendar, one event at a time; three queries per thousand agreements.

    The agreements are those of one user. Members of staff get links to the admin. Internal commitments are for users with
    `sees_internal`; like unpublished agreements, they are named by the reference alone, because calendar apps copy them.
    """
    page = permanent(reverse("admin:following"))
    description = _(
        "Ends, last days for notice, reviews and commitments of the agreements you are responsible for or follow, "
        "if the exact day is known. This URL is private; if someone else has it, create a new one at %(url)s"
    ) % {"url": page}
    yield beginning(_("My agreements"), description, page=page, source=page)
    promised = Commitment.objects.still_open()
    shown = promised if sees_internal else promised.in_public()
    open_commitments = Prefetch("commitments", queryset=shown)
    rows = agreements.with_parties().prefetch_related(open_commitments)
    for agreement in rows.order_by("ref").iterator(chunk_size=READ_AT_ONCE):
        staff_url = reverse("admin:agreements_agreement_change", args=[agreement.pk])
        url = permanent(staff_url if is_staff else agreement.get_absolute_url())
        for known in days_to_act(agreement, day):
            is_confidential = known.is_internal or agreement.publication != Publication.PUBLISHED
            happening = event(
                known, Citation(agreement, day), url=url, is_confidential=is_confidential
            )
            yield happening.to_ical()
    yield END


def days_to_act(agreement: Agreement, day: date) -> Iterator[KnownDay]:
    """Yield the days on which something is due for an agreement whose open commitments are fetched."""
    yield from (known for known in known_days(agreement, day) if known.key not in _PAST)
    for commitment in agreement.commitments.all():
        if commitment.due and commitment.due.is_exact:
            key = f"commitment-{commitment.pk}"
            yield KnownDay(
                key,
                _("Commitment due"),
                commitment.due.earliest,
                about=commitment.text,
                is_internal=not commitment.is_public,
            )
