"""How a fact is declared: its values, their columns, and its places on the page and the staff form.

`facts` builds its table from these classes.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from django.utils.functional import Promise

from agreements.domain.fact_words import Said
from agreements.domain.sections import Section
from agreements.domain.value_types import Holds, ValueType

if TYPE_CHECKING:
    from agreements.models import Agreement

Text = str | Promise


class From(Enum):
    """Where a value comes from."""

    STAFF = "entered by staff or imported; a column of the agreement"
    REGISTER = "a column of the agreement that the register keeps"
    ROWS = "rows of other tables"
    FILE = "worked out as a file is written"


@dataclass(frozen=True)
class Column:
    """A column of CSV and XLSX. `at` is its position, which never changes, because people's scripts rely on it.

    `meaning` is the sentence of the data dictionary, if it differs from that of the value.
    """

    at: int
    meaning: Text = ""


@dataclass(frozen=True)
class Line:
    """The position of a value on the staff form: values with the same section and number share a line.

    `field` is the name of the form field, if it differs from the value's. A rare value waits behind “More” at the end
    of its section. Rows of another table appear where the value that lists them has its line.
    """

    section: Section
    number: int
    field: str = ""
    is_rare: bool = False


@dataclass(frozen=True)
class Value:
    """One value of a fact, under its name in the model, JSON, CSV and imports.

    `meaning` is its description in the API's schema; a value that `is_filled` is never empty or null.
    """

    name: str
    type: ValueType
    meaning: Text = ""
    source: From = From.STAFF
    is_filled: bool = False
    column: Column | None = None
    form: Line | None = None
    is_searched: bool = False
    is_public: bool = True

    @property
    def is_free_text(self) -> bool:
        """Whether people type it, so that files must escape what their format would treat as markup or a formula."""
        return self.type.holds is Holds.TEXT

    @property
    def unknown(self) -> str:
        """The code that means that nothing is known; empty if it has none."""
        return str(getattr(self.type, "unknown", ""))

    def is_known(self, stored: object) -> bool:
        """Whether a stored value says something, rather than being empty or the code for an unknown value."""
        return stored not in (None, "", self.unknown)

    @property
    def dictionary_meaning(self) -> Text:
        return (self.column and self.column.meaning) or self.meaning


@dataclass(frozen=True)
class Page:
    """The position of a fact on the public page, by which the footnotes are numbered.

    In the table of facts a row has a `heading`, by default the label; `is_row` is False for facts shown elsewhere on
    the page. A row that `is_step` stands beside the status, as a step of the agreement's life. `says` puts the fact in
    words, by default its values; `unknown` is shown if there are none. If there is nothing to show, the row is left out.
    """

    at: int
    heading: Text = ""
    unknown: Text = ""
    says: Callable[["Agreement"], Said] | None = None
    is_row: bool = True
    is_step: bool = False


class Fact:
    """One or several values that are known, shown, supported and changed together.

    `label` names it in evidence, `log` in the public log of changes, which omits it if that is empty. `rows` is the
    accessor of values in other tables.
    """

    def __init__(
        self,
        code: str,
        label: Text,
        *values: Value,
        log: Text = "",
        has_evidence: bool = False,
        needs_source: bool = False,
        rows: str = "",
        page: Page | None = None,
    ) -> None:
        self.code, self.label, self.values = code, label, values
        self.log, self.rows, self.page = log, rows, page
        self.has_evidence, self.needs_source = has_evidence, needs_source

    @property
    def entered(self) -> Iterator[Value]:
        """The values that staff enter in columns of the agreement."""
        return (value for value in self.values if value.source is From.STAFF)

    @property
    def heading(self) -> Text:
        return (self.page and self.page.heading) or self.label

    def absent_of(self, agreement: "Agreement") -> Text:
        """Return how the page says that it has no rows; no query. Ask only where there are none."""
        if self.page is None:
            return ""
        return str(self.page.says(agreement).value) if self.page.says else self.page.unknown

    def is_given(self, agreement: "Agreement") -> bool:
        """Whether any of its values is known; one query if they are in other tables."""
        if self.rows:
            return bool(getattr(agreement, self.rows).exists())
        return any(value.is_known(getattr(agreement, value.name)) for value in self.entered)

    @property
    def is_computed(self) -> bool:
        """Whether the register may work it out from other facts, and shows that among what staff enter."""
        return any(value.source is From.REGISTER and value.form for value in self.values)

    def says_something(self, agreement: "Agreement") -> bool:
        """Whether there is anything for evidence to support, entered or worked out; one query if it is in other tables."""
        kept = (value for value in self.values if value.source is From.REGISTER)
        return self.is_given(agreement) or any(
            value.is_known(getattr(agreement, value.name)) for value in kept
        )

    def said_of(self, agreement: "Agreement") -> Said | None:
        """Return the text for the page, None where its row is left out; no query."""
        if self.page is None:
            return None
        if self.page.says:
            return self.page.says(agreement)
        stored = [(value, getattr(agreement, value.name)) for value in self.entered]
        known = [(value.type, each) for value, each in stored if value.is_known(each)]
        if len(known) > 1:
            return Said(" ".join(kind.words(each) for kind, each in known))
        if known:
            return Said(known[0][1], known[0][0])
        unknown = self.page.unknown or stored[0][0].type.words(stored[0][1]).lower()
        return Said(unknown, is_known=False) if unknown else None
