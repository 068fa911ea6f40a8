"""What the staff home names: the records that wait for this person, what ends or is due soon, and the latest changes.

Each part takes a constant number of queries, however many agreements there are.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements.curation.history.past import last_writers
from agreements.curation.partners import partners_of
from agreements.curation.work_queue import Asked, Question
from agreements.domain.choices import Publication, Status
from agreements.domain.partial_dates import in_words
from agreements.domain.permissions import VIEW_COMMITMENT
from agreements.domain.subjects import subject_of
from agreements.models import Agreement, Commitment
from agreements.models.counts import count_each

MOST_WAITING, MOST_ENDING, MOST_OVERDUE, MOST_CHANGES = 5, 6, 4, 6
ENDING_DAYS = 180
_IN_REVIEW = f"publication__exact={Publication.IN_REVIEW.value}"


@dataclass(frozen=True)
class Item:
    """A line that leads to one record: its title, what is said below it, and a word about time."""

    title: str
    url: str
    about: str
    when: str
    is_late: bool = False


@dataclass(frozen=True)
class Size:
    """How many agreements the register has, published or not, and how many of them are in force."""

    agreements: int
    in_force: int


def size(day: date) -> Size:
    """Return the numbers; one query."""
    everything = Agreement.objects.order_by()
    found = count_each(
        {"all": everything, "in_force": everything.having_status([Status.IN_FORCE], day)}
    )
    return Size(found["all"], found["in_force"])


def waiting(question: Question, asked: Asked) -> list[Item]:
    """Name the first records that a question finds, those that have waited longest first; three queries at most."""
    found = question.rows(Agreement.objects.all(), asked).with_parties()
    page = _review_url if question.code == _IN_REVIEW else _url_of
    return [
        Item(
            subject_of(agreement.title),
            page(agreement),
            _told(partners_of(agreement), agreement.ref),
            timesince(agreement.updated_at, depth=1),
        )
        for agreement in found.order_by("updated_at", "pk")[:MOST_WAITING]
    ]


def ending(asked: Asked) -> list[Item]:
    """Name the agreements that end first; three queries at most."""
    soon = Agreement.objects.not_withdrawn().ending_within(days=ENDING_DAYS, day=asked.day)
    rows = soon.with_parties().order_by("expires_latest", "ref")[:MOST_ENDING]
    return [
        Item(
            subject_of(agreement.title),
            _url_of(agreement),
            _told(
                partners_of(agreement),
                _("ends %(day)s") % {"day": in_words(agreement.expires)},
            ),
            _days_left(agreement.expires_latest, asked.day),
        )
        for agreement in rows
    ]


def overdue(asked: Asked) -> list[Item]:
    """Name the commitments that are overdue the longest, if this person may see commitments; one query at most."""
    if not asked.user.has_perm(VIEW_COMMITMENT):
        return []
    late = Commitment.objects.not_withdrawn().overdue(asked.day)
    rows: Any = late.select_related("agreement", "party").order_by("due_latest", "pk")
    return [
        Item(
            str(row),
            reverse("admin:agreements_commitment_change", args=[row.pk]),
            _told(_("commitment"), str(row.party or ""), row.agreement.ref),
            _days_late(row.due_latest, asked.day),
            is_late=True,
        )
        for row in rows[:MOST_OVERDUE]
    ]


def latest_changes() -> list[Item]:
    """Name the agreements changed last, with who changed them; five queries at most."""
    rows = list(Agreement.objects.with_parties().order_by("-updated_at", "-pk")[:MOST_CHANGES])
    writers = last_writers(Agreement, [row.pk for row in rows]) if rows else {}
    return [
        Item(
            subject_of(row.title),
            _url_of(row),
            _told(partners_of(row), _name_of(writers.get(row.pk))),
            _("%(time)s ago") % {"time": timesince(row.updated_at, timezone.now(), depth=1)},
        )
        for row in rows
    ]


def _told(*parts: str) -> str:
    return " · ".join(filter(None, parts))


def _name_of(person: User | None) -> str:
    return person.get_full_name() or person.get_username() if person else ""


def _days_left(last: date, day: date) -> str:
    left = (last - day).days
    if left == 0:
        return _("today")
    return ngettext("%(n)d day", "%(n)d days", left) % {"n": left}


def _days_late(due: date, day: date) -> str:
    late = (day - due).days
    return ngettext("%(n)d day late", "%(n)d days late", late) % {"n": late}


def _url_of(agreement: Agreement) -> str:
    return reverse("admin:agreements_agreement_change", args=[agreement.pk])


def _review_url(agreement: Agreement) -> str:
    return reverse("admin:agreements_agreement_review", args=[agreement.pk])
