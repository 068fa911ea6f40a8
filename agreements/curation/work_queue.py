"""The work queue: what is waiting, expiring, stalled, incomplete or suspicious.

Each question is an entry of `QUESTIONS`. The staff home shows it with its count, the list of agreements offers it as a
filter, and both use the same queryset, so that the count is the number of rows listed.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connections
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agreements.curation.history.past import begun_by
from agreements.domain.choices import Publication
from agreements.domain.partial_dates import add_months
from agreements.domain.permissions import (
    CHANGE_AGREEMENT,
    PUBLISH_AGREEMENT,
    VIEW_AGREEMENT,
    Person,
)
from agreements.models import Agreement, LinkCheck
from agreements.models.querysets import AgreementQuerySet

DORMANT_MONTHS = 24
NOTICE_DAYS = 90
REVIEW_DAYS = 30


@dataclass(frozen=True)
class Asked:
    """The user, and today's date for them."""

    user: Any
    day: date


Rows = Callable[[AgreementQuerySet, Asked], AgreementQuerySet]


@dataclass(frozen=True)
class Question:
    """One question, as a parameter of the list and its value; `permission` is what a user needs to see it.

    `advice` says what to do about the rows, as the staff home shows it.
    """

    parameter: str
    value: str
    label: Promise
    advice: Promise
    rows: Rows
    permission: str = VIEW_AGREEMENT

    @property
    def code(self) -> str:
        return f"{self.parameter}={self.value}"

    def may_be_asked_by(self, user: Person) -> bool:
        return user.has_perm(VIEW_AGREEMENT) and user.has_perm(self.permission)


@dataclass(frozen=True)
class Section:
    """Questions under one heading, and the text for when none of them finds anything."""

    title: Promise
    nothing: Promise
    questions: tuple[Question, ...]


def _of_user(value: str, label: Promise, advice: Promise, rows: Rows) -> Question:
    """Return a question about the user's own records."""
    return Question("follow_up", value, label, advice, rows, CHANGE_AGREEMENT)


def _not_withdrawn(
    parameter: str, value: str, label: Promise, advice: Promise, rows: Rows
) -> Question:
    """Return a question about records that were not withdrawn."""
    return Question(
        parameter, value, label, advice, lambda found, asked: rows(found.not_withdrawn(), asked)
    )


def _ends(days: int, label: Promise, advice: Promise) -> Question:
    return _not_withdrawn(
        "ends",
        str(days),
        label,
        advice,
        lambda found, asked: found.ending_within(days=days, day=asked.day),
    )


def days_after(day: date, days: int) -> date:
    """Return the day that many days later, but no later than the end of the calendar."""
    return date.fromordinal(min(date.max.toordinal(), day.toordinal() + days))


# To add a question, add an entry: the page, its count and the filter of the list follow.
SECTIONS = (
    Section(
        _("Waiting for you"),
        _("Nothing is waiting for you."),
        (
            Question(
                "publication__exact",
                Publication.IN_REVIEW.value,
                _("To review"),
                _("Read the record, then publish it or return it with a reason."),
                lambda found, asked: found.filter(publication=Publication.IN_REVIEW),
                PUBLISH_AGREEMENT,
            ),
            _of_user(
                "returned",
                _("Returned to me"),
                _("Fix what the reason mentions, then submit the record again."),
                lambda found, asked: found.returned_to(asked.user),
            ),
            _of_user(
                "drafts",
                _("My drafts"),
                _("You started these and nobody has submitted them yet. Finish and submit them."),
                lambda found, asked: begun_by(
                    asked.user,
                    found.filter(publication=Publication.DRAFT, publication_steps__isnull=True),
                ),
            ),
            _of_user(
                "submitted",
                _("What I submitted"),
                _("A publisher has yet to review it; take it back if you want to change it."),
                lambda found, asked: found.submitted_by(asked.user),
            ),
        ),
    ),
    Section(
        _("Running out"),
        _("Nothing ends within 180 days, and no notice is due within 90."),
        (
            _ends(
                30,
                _("End within 30 days"),
                _("Make sure that the parties know, and record what they decide."),
            ),
            _ends(
                90,
                _("End within 90 days"),
                _("Ask the parties whether they will renew it, and record it in the timeline."),
            ),
            _ends(
                180,
                _("End within 180 days"),
                _("Find out who would renew it or prepare its successor."),
            ),
            _not_withdrawn(
                "follow_up",
                "notice",
                _("Last day for notice within 90 days"),
                _("Ask whether anyone intends to end it; after that day it continues."),
                lambda found, asked: found.notice_due(
                    since=asked.day, until=days_after(asked.day, NOTICE_DAYS)
                ),
            ),
        ),
    ),
    Section(
        _("Stalled"),
        _("No commitment or review is due, and every agreement has had news within two years."),
        (
            _not_withdrawn(
                "follow_up",
                "overdue",
                _("Commitments overdue"),
                _("Ask whoever promised it how far it has come, and record the progress."),
                lambda found, asked: found.with_commitments_overdue(asked.day),
            ),
            _not_withdrawn(
                "follow_up",
                "review",
                _("Review due within 30 days, or overdue"),
                _("Check whether it serves its purpose, and set the next review."),
                lambda found, asked: found.review_due_by(
                    days_after(asked.day, REVIEW_DAYS), day=asked.day
                ),
            ),
            _not_withdrawn(
                "follow_up",
                "dormant",
                _("No news for two years"),
                _("Look for meetings or activities, and add them to the timeline."),
                lambda found, asked: found.dormant(
                    day=asked.day, since=add_months(asked.day, -DORMANT_MONTHS)
                ),
            ),
        ),
    ),
    Section(
        _("Missing"),
        _("Every record has its parties, sources, signatories, signed text and end of term."),
        (
            _not_withdrawn(
                "missing",
                "parties",
                _("Without a party"),
                _("Find out from the source who agreed, and add them."),
                lambda found, asked: found.without_parties(),
            ),
            _not_withdrawn(
                "missing",
                "source",
                _("Without a source"),
                _("Say where the facts come from; a record needs a source to be published."),
                lambda found, asked: found.without_source(),
            ),
            _not_withdrawn(
                "missing",
                "signatories",
                _("Concluded, without signatories"),
                _("Find out from the source who signed."),
                lambda found, asked: found.without_signatories(),
            ),
            _not_withdrawn(
                "missing",
                "signed_text",
                _("Concluded, without a signed text"),
                _("Ask the parties for a copy, or look on their websites."),
                lambda found, asked: found.without_signed_text(),
            ),
            _not_withdrawn(
                "missing",
                "end",
                _("Fixed term, without its end"),
                _("Enter the entry into force and the months, or the end that the document names."),
                lambda found, asked: found.without_end_of_fixed_term(),
            ),
        ),
    ),
    Section(
        _("Worth a look"),
        _(
            "No unpublished record looks like a duplicate, stages and dates agree, and no link is known to be dead."
        ),
        (
            Question(
                "follow_up",
                "twins",
                _("Perhaps entered twice"),
                _("Compare it with the record that its page names before it is published."),
                lambda found, asked: found.with_likely_duplicates(),
            ),
            _not_withdrawn(
                "follow_up",
                "dates",
                _("Stage and dates that disagree"),
                _("Open the record: it says which of them cannot be right."),
                lambda found, asked: found.with_disagreeing_dates(asked.day),
            ),
            _not_withdrawn(
                "follow_up",
                "links",
                _("Dead links"),
                _("Find where the page is now, or a copy of it in an archive."),
                lambda found, asked: found.linking_to(LinkCheck.objects.dead().values("url")),
            ),
        ),
    ),
)
QUESTIONS = tuple(question for section in SECTIONS for question in section.questions)


def counts(questions: Iterable[Question], asked: Asked) -> dict[str, int]:
    """Return how many agreements each question finds, by the question's code, all in one query."""
    everything = Agreement.objects.order_by()
    counted = {
        question.code: question.rows(everything, asked).values("pk") for question in questions
    }
    if not counted:
        return {}
    compiled = [rows.query.sql_with_params() for rows in counted.values()]
    numbers = ", ".join(f"(SELECT COUNT(*) FROM ({sql}) AS found)" for sql, _values in compiled)  # noqa: S608 - made of querysets
    values = [value for _sql, values in compiled for value in values]
    with connections[everything.db].cursor() as cursor:
        cursor.execute(f"SELECT {numbers}", values)
        return dict(zip(counted, cursor.fetchone(), strict=True))
