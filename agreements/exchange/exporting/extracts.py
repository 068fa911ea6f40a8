"""What a file or feed of several agreements is made of: the agreements, and what they are a selection of.

Views make an extract of the selection that was asked for; every format takes its rows, its title and its addresses
from there.
"""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from agreements.domain.urls import permanent
from agreements.models.querysets import AgreementQuerySet

REGISTER = "MoU Tracker"
LICENCE = "CC BY 4.0"
LICENCE_ADDRESS = "https://creativecommons.org/licenses/by/4.0/"


@dataclass(frozen=True)
class Extract:
    """Agreements in their order, the selection in words, its query string, and the day of the status.

    `for_excel` puts a byte order mark in front of the CSV.
    """

    agreements: AgreementQuerySet
    words: str
    query: str
    day: date
    for_excel: bool = False

    @property
    def page(self) -> str:
        """The full address of the page that shows this selection."""
        return self.address("agreement_list")

    def address(self, name: str) -> str:
        """Return the full address of this selection at the named address of the list or of one of its files."""
        path = reverse(f"agreements:{name}")
        return permanent(f"{path}?{self.query}" if self.query else path)
