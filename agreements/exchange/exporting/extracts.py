"""The content of a file or feed of several agreements: the agreements, and a description of the selection.

Views make an extract of the requested selection; every format takes its rows, title and URLs from there.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Self

from django.urls import reverse

from agreements.domain.urls import permanent
from agreements.models.querysets import AgreementQuerySet
from agreements.selection.selection import Selection
from agreements.selection.wording import undetermined_in_words

REGISTER = "MoU Tracker"
LICENCE = "CC BY 4.0"
LICENCE_ADDRESS = "https://creativecommons.org/licenses/by/4.0/"


@dataclass(frozen=True)
class Extract:
    """Agreements in order, the selection in words, its query string, and the day of the status.

    `for_excel` adds a leading byte order mark to the CSV. `since` is the moment in `updated_since`, if it was given.
    With `has_labels`, headings and values are words in `language`, for people.
    `undetermined` is how many agreements have dates that cannot say where they stood on a past day.
    """

    agreements: AgreementQuerySet
    words: str
    query: str
    day: date
    for_excel: bool = False
    since: datetime | None = None
    undetermined: int = 0
    has_labels: bool = False
    language: str = "en"

    @classmethod
    def of(
        cls,
        selection: Selection,
        *,
        for_excel: bool = False,
        has_labels: bool = False,
        language: str = "en",
    ) -> Self:
        """Return the extract of this selection."""
        rows, words, query = selection.agreements, selection.words, selection.canonical_query
        return cls(
            rows,
            words,
            query,
            selection.as_of,
            for_excel,
            selection.since,
            # on other days there are none, and counting them would read the columns
            selection.undetermined if selection.as_of < selection.today else 0,
            has_labels,
            language,
        )

    @property
    def page(self) -> str:
        """The full URL of the page that shows this selection."""
        return self.address("agreement_list")

    @property
    def remark(self) -> str:
        """How many of the agreements are undetermined, in a sentence; empty if none is."""
        return undetermined_in_words(self.undetermined, self.day)

    def address(self, name: str) -> str:
        """Return the full URL of this selection under the given URL name: of the list, or of one of its files."""
        path = reverse(f"agreements:{name}")
        return permanent(f"{path}?{self.query}" if self.query else path)
