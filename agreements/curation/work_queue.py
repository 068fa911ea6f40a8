"""The questions that the staff's first page asks of the register: what waits, runs out, stands still, lacks or errs.

A question is one entry of `QUESTIONS`. The first page shows it with its count, the list of agreements offers it as a
filter, and both ask the same queryset, so that the number is that of the rows. The admin calls this.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connections
from django.utils.translation import gettext_lazy as _

from agreements.curation.history.past import begun_by
from agreements.domain.choices import Publication
from agreements.domain.partial_dates import add_months
from agreements.domain.permissions import CHANGE_AGREEMENT, PUBLISH_AGREEMENT, VIEW_AGREEMENT
from agreements.models import Agreement, LinkCheck
from agreements.models.querysets import AgreementQuerySet

DORMANT_MONTHS = 24
NOTICE_DAYS = 90
REVIEW_DAYS = 30


@dataclass(frozen=True)
class Asked:
    """Who asks, and the day it is for them."""

    user: Any
    day: date


Rows = Callable[[AgreementQuerySet, Asked], AgreementQuerySet]


@dataclass(frozen=True)
class Question:
    """One question, as a parameter of the list and its value; `permission` is what asking it takes.

    `advice` says what to do about the rows, as the first page shows it.
    """

    parameter: str
    value: str
    label: Any
    advice: Any
    rows: Rows
    permission: str = VIEW_AGREEMENT

    @property
    def code(self) -> str:
        return f"{self.parameter}={self.value}"

    def may_be_asked_by(self, user: Any) -> bool:
        return user.has_perm(VIEW_AGREEMENT) and user.has_perm(self.permission)


@dataclass(frozen=True)
class Section:
    """Questions under one heading, and what the page says when none of them finds anything."""

    title: Any
    nothing: Any
    questions: tuple[Question, ...]


def _looked_after(rows: Rows) -> Rows:
    """The same question, asked of records that were not withdrawn."""
    return lambda found, asked: rows(found.not_withdrawn(), asked)


def _ends(days: int, label: Any, advice: Any) -> Question:
    return Question(
        "ends",
        str(days),
        label,
        advice,
        _looked_after(lambda found, asked: found.ending_within(days=days, day=asked.day)),
    )


def _never_submitted(found: AgreementQuerySet) -> AgreementQuerySet:
    return found.filter(publication=Publication.DRAFT, publication_steps__isnull=True)


def _notice(found: AgreementQuerySet, asked: Asked) -> AgreementQuerySet:
    return found.notice_due(since=asked.day, until=days_after(asked.day, NOTICE_DAYS))


def _review(found: AgreementQuerySet, asked: Asked) -> AgreementQuerySet:
    return found.review_due_by(days_after(asked.day, REVIEW_DAYS), day=asked.day)


def _dormant(found: AgreementQuerySet, asked: Asked) -> AgreementQuerySet:
    return found.dormant(day=asked.day, since=add_months(asked.day, -DORMANT_MONTHS))


def days_after(day: date, days: int) -> date:
    """Return the day so many days later, the last of the calendar at most."""
    return date.fromordinal(min(date.max.toordinal(), day.toordinal() + days))


# One more question is one more entry: the page, its count and the filter of the list follow.
SECTIONS = (
    Section(
        _("Waiting for you"),
        _("Nothing waits for you."),
        (
            Question(
                "publication__exact",
                Publication.IN_REVIEW.value,
                _("To review"),
                _("Read the record, then publish it or return it with a reason."),
                lambda found, asked: found.filter(publication=Publication.IN_REVIEW),
                permission=PUBLISH_AGREEMENT,
            ),
            Question(
                "follow_up",
                "returned",
                _("Returned to me"),
                _("Mend what the reason names, then submit the record again."),
                lambda found, asked: found.returned_to(asked.user),
                permission=CHANGE_AGREEMENT,
            ),
            Question(
                "follow_up",
                "drafts",
                _("My drafts"),
                _(
                    "You began them and nobody has submitted them yet. Finish them, then submit them."
                ),
                lambda found, asked: begun_by(asked.user, _never_submitted(found)),
                permission=CHANGE_AGREEMENT,
            ),
            Question(
                "follow_up",
                "submitted",
                _("What I submitted"),
                _("A publisher has yet to look at it; take it back if you want to change it."),
                lambda found, asked: found.submitted_by(asked.user),
                permission=CHANGE_AGREEMENT,
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
                _("Make sure that the parties know, and note what they decide."),
            ),
            _ends(
                90,
                _("End within 90 days"),
                _("Ask the parties whether they renew it, and note it in the timeline."),
            ),
            _ends(
                180,
                _("End within 180 days"),
                _("Look for who would renew it or prepare what comes after."),
            ),
            Question(
                "follow_up",
                "notice",
                _("Last day for notice within 90 days"),
                _("Ask whether anybody means to end it; after that day it goes on."),
                _looked_after(_notice),
            ),
        ),
    ),
    Section(
        _("Standing still"),
        _(
            "No commitment or review is due, and something was heard of every agreement within two years."
        ),
        (
            Question(
                "follow_up",
                "overdue",
                _("Commitments overdue"),
                _("Ask who promised it how far it has come, and note the progress."),
                _looked_after(lambda found, asked: found.with_commitments_overdue(asked.day)),
            ),
            Question(
                "follow_up",
                "review",
                _("Review due within 30 days, or overdue"),
                _("Look whether it does what it was made for, and set the next review."),
                _looked_after(_review),
            ),
            Question(
                "follow_up",
                "dormant",
                _("Nothing heard of for two years"),
                _("Look for meetings or activities, and enter them in the timeline."),
                _looked_after(_dormant),
            ),
        ),
    ),
    Section(
        _("Missing"),
        _(
            "Every record has its parties, its sources, its signatories, its signed text and the end of its term."
        ),
        (
            Question(
                "missing",
                "parties",
                _("Without a party"),
                _("Look in the source who agreed, and add them."),
                _looked_after(lambda found, asked: found.without_parties()),
            ),
            Question(
                "missing",
                "source",
                _("Without a source"),
                _("Say where the facts come from; a record without a source is not published."),
                _looked_after(lambda found, asked: found.without_source()),
            ),
            Question(
                "missing",
                "signatories",
                _("Concluded, without signatories"),
                _("Look in the source who signed."),
                _looked_after(lambda found, asked: found.without_signatories()),
            ),
            Question(
                "missing",
                "signed_text",
                _("Concluded, without a signed text"),
                _("Ask the parties for a copy, or look on their sites."),
                _looked_after(lambda found, asked: found.without_signed_text()),
            ),
            Question(
                "missing",
                "end",
                _("Fixed term, without its end"),
                _("Give the entry into force and the months, or the end that the document names."),
                _looked_after(lambda found, asked: found.without_end_of_fixed_term()),
            ),
        ),
    ),
    Section(
        _("Worth a look"),
        _(
            "No record that waits seems entered twice, stages and dates agree, and no link is known to have died."
        ),
        (
            Question(
                "follow_up",
                "twins",
                _("Perhaps entered twice"),
                _("Compare it with the record that its page names, before it is published."),
                lambda found, asked: found.with_twins(),
            ),
            Question(
                "follow_up",
                "dates",
                _("Stage and dates that disagree"),
                _("Open the record: it says which of them cannot be right."),
                _looked_after(lambda found, asked: found.with_disagreeing_dates(asked.day)),
            ),
            Question(
                "follow_up",
                "links",
                _("Links that died"),
                _("Find the page anew, or a copy of it in an archive."),
                _looked_after(
                    lambda found, asked: found.linking_to(LinkCheck.objects.dead().values("url"))
                ),
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
