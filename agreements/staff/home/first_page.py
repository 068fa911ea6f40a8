"""The staff home: what waits for this person and what is due, by name, and how many agreements need which work.

`accounts.site` shows it above the screens of the register, which are listed as in any Django admin.
"""

from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from agreements.curation.work_queue import SECTIONS, Asked, Question, Section, counts
from agreements.domain.permissions import VIEW_AGREEMENT
from agreements.staff.home import named
from agreements.staff.home.named import Item, Size

NOON, EVENING = 12, 18


@dataclass(frozen=True)
class Shelf:
    """A section of the page: the questions that the user may ask, each with the number of rows it finds."""

    section: Section
    entries: list[tuple[Question, int]]

    @property
    def is_empty(self) -> bool:
        return not any(count for _question, count in self.entries)

    @property
    def found(self) -> list[tuple[Question, int]]:
        return [(question, count) for question, count in self.entries if count]

    @property
    def not_found(self) -> list[Question]:
        return [question for question, count in self.entries if not count]


@dataclass(frozen=True)
class Pile:
    """A question about what waits for this person: how many records it finds, and the first of them."""

    question: Question
    count: int
    items: list[Item]

    @property
    def more(self) -> int:
        return self.count - len(self.items)


@dataclass(frozen=True)
class Home:
    """The page of somebody who may see agreements."""

    size: Size
    shelves: list[Shelf]
    piles: list[Pile] = field(default_factory=list)
    ending: list[Item] = field(default_factory=list)
    overdue: list[Item] = field(default_factory=list)
    changes: list[Item] = field(default_factory=list)

    @property
    def mine(self) -> Shelf | None:
        """What waits for this person; None if they may decide and change nothing."""
        return self.shelves[0] if self.shelves and self.shelves[0].section is SECTIONS[0] else None

    @property
    def others(self) -> list[Shelf]:
        return [shelf for shelf in self.shelves if shelf is not self.mine]


def home_of(asked: Asked) -> Home | None:
    """Return the page, None for those who may not see agreements; 25 queries at most."""
    if not asked.user.has_perm(VIEW_AGREEMENT):
        return None
    shelves, size = work_queue(asked), named.size(asked.day)
    if not size.agreements:
        return Home(size, shelves)
    first = shelves[0]
    mine = first.found if first.section is SECTIONS[0] else []
    return Home(
        size,
        shelves,
        piles=[Pile(one, count, named.waiting(one, asked)) for one, count in mine],
        ending=named.ending(asked),
        overdue=named.overdue(asked),
        changes=named.latest_changes(),
    )


def greeting(name: str, now: datetime) -> str:
    """Return the heading of the page, by the hour of the site's clock."""
    if now.hour < NOON:
        said = _("Good morning, %(name)s")
    elif now.hour < EVENING:
        said = _("Good afternoon, %(name)s")
    else:
        said = _("Good evening, %(name)s")
    return said % {"name": name}


def work_queue(asked: Asked) -> list[Shelf]:
    """Return the sections that this user may see, with their counts; one query."""
    questions = [question for section in SECTIONS for question in section.questions]
    found = counts([one for one in questions if one.may_be_asked_by(asked.user)], asked)
    shelves = [
        Shelf(
            section,
            [(one, found[one.code]) for one in section.questions if one.code in found],
        )
        for section in SECTIONS
    ]
    return [shelf for shelf in shelves if shelf.entries]
