"""Looks through a file before anybody has said what its columns mean: headings, samples, what kind of thing stands there.

A survey is what the pages of the wizard show and what `suggesting` draws on. It is bounded, whatever the file holds, and
is kept on the import as JSON.
"""

import re
from collections import Counter
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any

from agreements.exchange.importing.readers import Row, Table
from agreements.exchange.importing.values import is_placeholder, plain

MOST_TEXTS = 200
LONGEST_TEXT = 120
MOST_SAMPLES = 3
# a column with longer texts holds no names of kinds or states, so its texts are not listed
_LONGEST_LISTED = 80
MOST_COLUMNS_LISTED = 200

_NUMERIC_DATE = re.compile(
    r"(?P<first>\d{1,2})[./-](?P<second>\d{1,2})[./-](?P<year>\d{2}|\d{4})(?!\d)"
)
_SHORT_YEAR = re.compile(r"[./ -](?P<year>\d{2})(?!\d)\s*$|['’](?P<apostrophe>\d{2})\b")


@dataclass
class ColumnSurvey:
    """What stands in a column.

    `texts` are its distinct texts with their counts, the most frequent first once it is kept, and empty if there are too
    many to ask about each. `day_first` and `month_first` count dates that can only be read that way, `either` those that
    can be read both ways; `short_years` are dates whose year has two digits. `lost` counts the cells whose value cannot
    be read, by the reason.
    """

    heading: str
    filled: int = 0
    samples: list[str] = field(default_factory=list)
    texts: dict[str, int] = field(default_factory=dict)
    dates: int = 0
    links: int = 0
    first_link: str = ""
    lost: dict[str, int] = field(default_factory=dict)
    day_first: int = 0
    month_first: int = 0
    either: int = 0
    short_years: int = 0
    numbers: int = 0
    # whether the numbers, whatever else stands between them, count 1, 2, 3 …
    is_running_number: bool = True

    def add(self, row: Row) -> None:
        text = plain(row.cells.get(self.heading))
        if link := row.links.get(self.heading):
            self.links += 1
            self.first_link = self.first_link or link[:LONGEST_TEXT]
        if not text:
            return
        self.filled += 1
        if text.isdigit():
            self.numbers += 1
            self.is_running_number = self.is_running_number and text == str(self.numbers)
        self._note(text[:LONGEST_TEXT])
        if self.heading in row.dates:
            self.dates += 1
        elif not is_placeholder(text):
            self._look_at_date(text)

    def _note(self, text: str) -> None:
        if len(self.samples) < MOST_SAMPLES and text not in self.samples:
            self.samples.append(text)
        # one more than are listed: too many
        if text in self.texts or len(self.texts) <= MOST_TEXTS:
            self.texts[text] = self.texts.get(text, 0) + 1

    def _look_at_date(self, text: str) -> None:
        if found := _NUMERIC_DATE.search(text):
            first, second = int(found["first"]), int(found["second"])
            self.day_first += first > 12 >= second
            self.month_first += second > 12 >= first
            self.either += first <= 12 and second <= 12 and first != second
        self.short_years += bool(_SHORT_YEAR.search(text) and any(map(str.isdigit, text)))


@dataclass(frozen=True)
class Survey:
    """What a file holds: its sheets, the row in which the headings end, the number of rows, and its columns."""

    columns: list[ColumnSurvey]
    rows: int = 0
    head: int = 0
    sheets: list[str] = field(default_factory=list)
    all_sheets: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, said: dict[str, Any]) -> "Survey":
        columns = [ColumnSurvey(**each) for each in said["columns"]]
        for column in columns:
            # PostgreSQL does not keep their order
            ranked = sorted(column.texts.items(), key=lambda each: (-each[1], each[0]))
            column.texts = dict(ranked)
        return cls(**{**said, "columns": columns})

    @property
    def has_more_sheets(self) -> bool:
        """Whether the workbook has sheets that are not hidden and were not read."""
        return any(
            not each["hidden"] and each["name"] not in self.sheets for each in self.all_sheets
        )

    @property
    def headings(self) -> list[str]:
        return [column.heading for column in self.columns]


def surveyed(table: Table, most_rows: int) -> Survey:
    """Return the survey of a file; of the rows beyond the most that may be imported, none is looked at."""
    columns = [ColumnSurvey(name) for name in table.headings if name]
    of_heading = {column.heading: column for column in columns}
    rows = 0
    for row in islice(table.rows(), most_rows):
        rows += 1
        for column in columns:
            column.add(row)
        for each in row.lost:
            if column_lost := of_heading.get(each.column):
                column_lost.lost[each.remedy] = column_lost.lost.get(each.remedy, 0) + 1
    listed = MOST_COLUMNS_LISTED
    for column in columns:
        listed -= _settle(column, may_list=listed > 0)
    remarks = Counter(table.remarks.counts)
    return Survey(
        columns=columns,
        rows=rows,
        head=table.head_row,
        sheets=list(table.sheets),
        all_sheets=[
            {"name": each.name, "rows": each.rows, "hidden": each.hidden}
            for each in table.all_sheets
        ],
        notes=[*table.notes, *map(str, remarks)],
    )


def _settle(column: ColumnSurvey, *, may_list: bool) -> bool:
    """Forget the texts of a column that holds names or sentences rather than kinds of things; return whether they stay."""
    lengths = sorted(map(len, column.texts))
    is_long = bool(lengths) and lengths[len(lengths) // 2] > _LONGEST_LISTED
    if len(column.texts) > MOST_TEXTS or is_long or not may_list:
        column.texts = {}
    column.is_running_number = column.is_running_number and column.numbers > 1
    return bool(column.texts)
