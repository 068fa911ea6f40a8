"""The work queue: what is waiting, expiring, stalled, incomplete or suspicious.

Each question is an entry of `QUESTIONS`. The staff home shows it with its count, the list of what it is about (mostly
agreements) offers it as a filter, and both use the same queryset, so that the count is the number of rows listed.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agreements.curation.history.past import begun_by
from agreements.domain.choices import Publication
from agreements.domain.partial_dates import add_months
from agreements.domain.permissions import (
    CHANGE_AGREEMENT,
    PUBLISH_AGREEMENT,
    VIEW_AGREEMENT,
    VIEW_COMMITMENT,
    Person,
)
from agreements.models import Agreement, Commitment, LinkCheck
from agreements.models.counts import Keys, count_among, keys_of

DORMANT_MONTHS = 24
NOTICE_DAYS = 90
REVIEW_DAYS = 30


class Asked(NamedTuple):
    """The user, and today's date for them."""

    user: User
    day: date


@dataclass(frozen=True)
class Question:
    """One question; `code` is a parameter of the list and its value, `permission` what a user needs to see it.

    `advice` says what to do about the rows, as the staff home shows it. `about` is the model whose list has the filter.
    """

    code: str
    label: Promise
    advice: Promise
    condition: Callable[[Any, Asked], QuerySet[Any]]
    permission: str = VIEW_AGREEMENT
    about: type[Agreement | Commitment] = Agreement

    @property
    def parameter(self) -> str:
        return self.code.partition("=")[0]

    @property
    def value(self) -> str:
        return self.code.partition("=")[2]

    @property
    def list_name(self) -> str:
        """The name of the URL of the list that it filters."""
        return f"admin:{self.about._meta.app_label}_{self.about._meta.model_name}_changelist"

    def rows(self, found: Any, asked: Asked) -> Any:
        """Return those of the rows that the question finds; withdrawn agreements need no attention."""
        return self.condition(found.not_withdrawn(), asked)

    def may_be_asked_by(self, user: Person) -> bool:
        return user.has_perm(VIEW_AGREEMENT) and user.has_perm(self.permission)


@dataclass(frozen=True)
class Section:
    """Questions under one heading, and the text for when none of them finds anything."""

    title: Promise
    nothing: Promise
    questions: tuple[Question, ...]


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
                f"publication__exact={Publication.IN_REVIEW.value}",
                _("To review"),
                _("Read the record, then publish it or return it with a reason."),
                lambda found, asked: found.filter(publication=Publication.IN_REVIEW),
                PUBLISH_AGREEMENT,
            ),
            Question(
                "follow_up=returned",
                _("Returned to me"),
                _("Fix what the reason mentions, then submit the record again."),
                lambda found, asked: found.returned_to(asked.user),
                CHANGE_AGREEMENT,
            ),
            Question(
                "follow_up=drafts",
                _("My drafts"),
                _("You started these and nobody has submitted them yet. Finish and submit them."),
                lambda found, asked: begun_by(
                    asked.user,
                    found.filter(publication=Publication.DRAFT, publication_steps__isnull=True),
                ),
                CHANGE_AGREEMENT,
            ),
            Question(
                "follow_up=submitted",
                _("What I submitted"),
                _("A publisher has yet to review it; take it back if you want to change it."),
                lambda found, asked: found.submitted_by(asked.user),
                CHANGE_AGREEMENT,
            ),
        ),
    ),
    Section(
        _("Running out"),
        _("Nothing ends within 180 days, and no notice is due within 90."),
        (
            Question(
                "ends=30",
                _("End within 30 days"),
                _("Make sure that the parties know, and record what they decide."),
                lambda found, asked: found.ending_within(days=30, day=asked.day),
            ),
            Question(
                "ends=90",
                _("End within 90 days"),
                _(
                    "Ask the parties whether they will renew it, and enter what they decide as a renewal."
                ),
                lambda found, asked: found.ending_within(days=90, day=asked.day),
            ),
            Question(
                "ends=180",
                _("End within 180 days"),
                _("Find out who would renew it or prepare its successor."),
                lambda found, asked: found.ending_within(days=180, day=asked.day),
            ),
            Question(
                "follow_up=notice",
                _("Last day for notice within 90 days"),
                _("Ask whether anyone intends to give notice; later it may be too late."),
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
            Question(
                "due=overdue",
                _("Commitments overdue"),
                _("Ask the party that promised it how far it has got, and record the progress."),
                lambda found, asked: found.overdue(asked.day),
                VIEW_COMMITMENT,
                about=Commitment,
            ),
            Question(
                "follow_up=review",
                _("Review due within 30 days, or overdue"),
                _("Check whether it serves its purpose, and set the next review."),
                lambda found, asked: found.review_due_by(
                    days_after(asked.day, REVIEW_DAYS), day=asked.day
                ),
            ),
            Question(
                "follow_up=dormant",
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
            Question(
                "missing=parties",
                _("Without a party"),
                _("Find out from the source who the parties are, and add them."),
                lambda found, asked: found.without_parties(),
            ),
            Question(
                "missing=source",
                _("Without a source"),
                _("Say where the facts come from; a record needs a source to be published."),
                lambda found, asked: found.without_source(),
            ),
            Question(
                "missing=signatories",
                _("Concluded, without signatories"),
                _("Find out from the source who signed."),
                lambda found, asked: found.without_signatories(),
            ),
            Question(
                "missing=signed_text",
                _("Concluded, without a signed text"),
                _("Ask the parties for a copy, or look on their websites."),
                lambda found, asked: found.without_signed_text(),
            ),
            Question(
                "missing=end",
                _("Fixed term, without an end"),
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
                "follow_up=duplicates",
                _("Perhaps entered twice"),
                _("Compare it with the record that its page names before it is published."),
                lambda found, asked: found.with_likely_duplicates(),
            ),
            Question(
                "follow_up=dates",
                _("Stage and dates that disagree"),
                _("Open the record to see which of them cannot be right."),
                lambda found, asked: found.with_disagreeing_dates(asked.day),
            ),
            Question(
                "follow_up=links",
                _("Dead links"),
                _("Find where the page is now, or a copy of it in an archive."),
                lambda found, asked: found.linking_to(LinkCheck.objects.dead().values("url")),
            ),
        ),
    ),
)
QUESTIONS = tuple(question for section in SECTIONS for question in section.questions)


def counts(
    questions: Iterable[Question], asked: Asked, among: QuerySet[Any] | None = None
) -> dict[str, int]:
    """Return how many rows each question finds, by the question's code, all in one query.

    With `among`, which all questions must be about, only its rows count.
    """
    found = Agreement.objects.all() if among is None else among
    return count_among(found, {each.code: found_by(each.code, asked) for each in questions})


@lru_cache(maxsize=1_000)
def found_by(code: str, asked: Asked) -> Keys | None:
    """Return the query for what a question finds.

    It is the same all day for a user, and making it takes longer than answering it.
    """
    [question] = [each for each in QUESTIONS if each.code == code]
    return keys_of(question.rows(question.about.objects.order_by(), asked))
