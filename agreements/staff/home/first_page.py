"""The staff home: what needs doing, counted, with each count linking to the list of the agreements it counts.

`accounts.site` builds the admin's site on this. Below it come the screens of the register, as Django shows them.
"""

from dataclasses import dataclass
from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from agreements.curation.work_queue import SECTIONS, Asked, Question, Section, counts


@dataclass(frozen=True)
class Entry:
    """A question of the work queue, the number of agreements it finds, and the URL of their list."""

    question: Question
    count: int

    @property
    def url(self) -> str:
        return f"{reverse('admin:agreements_agreement_changelist')}?{self.question.code}"


@dataclass(frozen=True)
class Shelf:
    """A section of the page with those of its questions that the user may ask."""

    section: Section
    entries: list[Entry]

    @property
    def is_empty(self) -> bool:
        return not any(entry.count for entry in self.entries)


class FirstPage(AdminSite):
    """The site's index page with the work queue."""

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        context = {"work_queue": work_queue(Asked(request.user, timezone.localdate()))}
        return super().index(request, {**context, **(extra_context or {})})


def work_queue(asked: Asked) -> list[Shelf]:
    """Return the sections that this user may see, with their counts; one query."""
    open_questions = {
        section: [
            question for question in section.questions if question.may_be_asked_by(asked.user)
        ]
        for section in SECTIONS
    }
    found = counts([question for some in open_questions.values() for question in some], asked)
    return [
        Shelf(section, [Entry(question, found[question.code]) for question in questions])
        for section, questions in open_questions.items()
        if questions
    ]
