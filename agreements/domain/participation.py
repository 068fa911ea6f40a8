"""When a party takes part in an agreement, and as what: the rules of parties over time.

They follow the Vienna Convention on the Law of Treaties: consent to be bound (articles 11 to 17), the obligations of a
mere signatory (18), entry into force for each party (24), provisional application (25), and withdrawal (54 and 56).

Most participations have no dates of their own. They count on every day on which their agreement exists, and nothing is
said about them. Otherwise a party takes part from the first of its own dates until its last day. It also takes part
while it has signed but is not bound: `Takes.SIGNATORY` says so. A date known in part counts on every day that it may be.
"""

from collections.abc import Iterator
from datetime import date
from typing import Protocol

from django.utils.translation import gettext as _

from agreements.domain.choices import Consent, Ended, Takes
from agreements.domain.partial_dates import PartialDate, in_words

# Such consent follows a signature. If the day of signature is not recorded, it is taken to be the agreement's.
AFTER_SIGNATURE = (
    Consent.PENDING,
    Consent.RATIFICATION,
    Consent.ACCEPTANCE,
    Consent.APPROVAL,
    Consent.NOTIFICATION,
)
STARTS = ("signed", "consented", "provisional_from", "in_force_from")
# The columns of a participation that say something about time, in the order of files.
OVER_TIME = (
    "name_as_signed",
    "signed",
    "consent",
    "consented",
    "consent_withdrawn",
    "in_force_from",
    "in_force_until",
    "ended_by",
    "withdrawal_notified",
    "provisional_from",
    "provisional_until",
    "reservations",
)


class Participant(Protocol):
    """What is known of a party in an agreement; dates are None and texts empty if unknown."""

    consent: str
    ended_by: str
    name_as_signed: str
    reservations: str
    signed: PartialDate | None
    consented: PartialDate | None
    consent_withdrawn: PartialDate | None
    in_force_from: PartialDate | None
    in_force_until: PartialDate | None
    withdrawal_notified: PartialDate | None
    provisional_from: PartialDate | None
    provisional_until: PartialDate | None


def days_of(party: Participant) -> tuple[date | None, date | None]:
    """Return the first and last day on which it may take part; None where only the agreement sets a limit.

    The columns `first_day` and `last_day` of `Participation` are the same rule in SQL.
    """
    first = last = None
    starts = [start.earliest for name in STARTS if (start := getattr(party, name))]
    if starts and (party.signed or party.consent not in AFTER_SIGNATURE):
        first = min(starts)
    is_provisional_only = not (
        party.signed or party.consent or party.consented or party.in_force_from
    )
    if party.in_force_until:
        last = party.in_force_until.latest
    elif is_provisional_only and party.provisional_until:
        last = party.provisional_until.latest
    return first, last


def takes_part_as(party: Participant, day: date, in_force: PartialDate | None) -> Takes:
    """Return as what it takes part on the day. A step counts as taken on the last day that its date may be.

    `in_force` is the entry into force of the agreement, which binds those that have consented unless they have a date of
    their own (Vienna Convention, article 24).
    """

    def has_reached(moment: PartialDate | None) -> bool:
        return moment is not None and moment.latest <= day

    first, last = days_of(party)
    if last and day > last:
        return Takes.FORMER
    if first and day < first:
        return Takes.NOT_YET
    if has_reached(party.in_force_from):
        return Takes.BOUND
    if has_reached(party.provisional_from) and (
        party.provisional_until is None or day <= party.provisional_until.latest
    ):
        return Takes.PROVISIONAL
    if party.consent == Consent.PENDING or has_reached(party.consent_withdrawn):
        return Takes.SIGNATORY
    if has_reached(party.consented):
        is_bound = party.in_force_from is None and has_reached(in_force)
        return Takes.BOUND if is_bound else Takes.CONSENTED
    if party.consented and party.consent in AFTER_SIGNATURE:
        return Takes.SIGNATORY
    return Takes.PART


def in_clauses(party: Participant) -> Iterator[str]:
    """Yield what is recorded of it over time, a clause for each fact, in the order of events."""
    yield from _signature(party)
    if party.consent_withdrawn:
        day = in_words(party.consent_withdrawn)
        yield _("consent withdrawn, signature kept: %(date)s") % {"date": day}
    if party.withdrawal_notified:
        yield _("notice of withdrawal: %(date)s") % {"date": in_words(party.withdrawal_notified)}
    yield from _periods(party)
    if party.ended_by:
        yield str(Ended(party.ended_by).label)


def _signature(party: Participant) -> Iterator[str]:
    if party.name_as_signed:
        yield _("signed as “%(name)s”") % {"name": party.name_as_signed}
    if party.signed:
        yield _("signed: %(date)s") % {"date": in_words(party.signed)}
    label = str(Consent(party.consent).label) if party.consent else _("Consent to be bound")
    if party.consented and party.consent != Consent.PENDING:
        yield _("%(step)s: %(date)s") % {"step": label, "date": in_words(party.consented)}
    elif party.consent:
        yield label


def _periods(party: Participant) -> Iterator[str]:
    if party.provisional_from or party.provisional_until:
        yield _between(
            party.provisional_from,
            party.provisional_until,
            _("provisional application from %(start)s to %(end)s"),
            _("provisional application from %(start)s"),
            _("provisional application until %(end)s"),
        )
    if party.in_force_from or party.in_force_until:
        yield _between(
            party.in_force_from,
            party.in_force_until,
            _("in force for it from %(start)s to %(end)s"),
            _("in force for it from %(start)s"),
            _("last day: %(end)s"),
        )


def _between(
    start: PartialDate | None, end: PartialDate | None, both: str, since: str, until: str
) -> str:
    pattern = both if start and end else since if start else until
    return pattern % {"start": start and in_words(start), "end": end and in_words(end)}
