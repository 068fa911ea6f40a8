"""The staff home: how many agreements need which work, each number linked to the list of these agreements.

`accounts.site` shows it above the screens of the register, which are listed as in any Django admin.
"""

from dataclasses import dataclass

from agreements.curation.work_queue import SECTIONS, Asked, Question, Section, counts


@dataclass(frozen=True)
class Shelf:
    """A section of the page: the questions that the user may ask, each with the number of agreements it finds."""

    section: Section
    entries: list[tuple[Question, int]]

    @property
    def is_empty(self) -> bool:
        return not any(count for _question, count in self.entries)


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
