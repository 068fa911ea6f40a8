"""The formats in which a selection, or one agreement, can be downloaded: each declared once, with its function.

The URL of a list format is next to the list's and takes the same query string. URLs, views, the links on pages and in
their heads, the data page and what staff can follow are derived from `LIST_FORMATS`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agreements.exchange.exporting.csv import stream_csv
from agreements.exchange.exporting.extracts import Extract
from agreements.exchange.exporting.json import stream_json
from agreements.exchange.exporting.labelled import stream_labelled_csv
from agreements.exchange.exporting.labelled_xlsx import write_labelled_xlsx
from agreements.exchange.exporting.markdown import stream_markdown
from agreements.exchange.exporting.participations import stream_participations
from agreements.exchange.exporting.xlsx import refuse_too_many, write_xlsx
from agreements.exchange.feeds.atom import atom
from agreements.exchange.feeds.calendar import stream_calendar


@dataclass(frozen=True)
class Format:
    """A format, by its file extension; `label` is the text of a link to it."""

    extension: str
    media_type: str
    label: str | Promise
    meaning: str | Promise

    @property
    def content_type(self) -> str:
        """The value of the Content-Type header: JSON is always UTF-8, and CSV always has a header row."""
        more = {"csv": "; charset=utf-8; header=present", "json": "", "xlsx": ""}
        return self.media_type + more.get(self.extension, "; charset=utf-8")


@dataclass(frozen=True, kw_only=True)
class ListFormat(Format):
    """A format of a selection, produced by one of three functions: a `stream` of text, a complete `text`, or a file to
    `write`.

    A written file is complete before the first byte is sent. `refuse` raises an error if the file cannot hold that many
    agreements. A `text` can be answered with 304, and is shown rather than saved.
    """

    stream: Callable[[Extract], Iterator[str] | Iterator[bytes]] | None = None
    text: Callable[[Extract], bytes] | None = None
    write: Callable[[Extract, IO[bytes]], object] | None = None
    refuse: Callable[[int], None] | None = None
    subject: str = "agreement"
    """What a row of it is about."""
    for_people: str | Promise = ""
    """What the file is with `labels=1`; empty if the format has no labels."""

    @property
    def name(self) -> str:
        """The name of its URL pattern."""
        return f"{self.subject}_{self.extension}"

    @property
    def file_name(self) -> str:
        """The end of its URL."""
        return f"{self.subject}s.{self.extension}"


def _csv(extract: Extract) -> Iterator[str]:
    if extract.has_labels:
        return stream_labelled_csv(extract)
    return stream_csv(extract.agreements, day=extract.day, excel=extract.for_excel)


def _xlsx(extract: Extract, file: IO[bytes]) -> int:
    return (write_labelled_xlsx if extract.has_labels else write_xlsx)(extract, file)


LIST_FORMATS = (
    ListFormat(
        "csv",
        "text/csv",
        "CSV",
        _("One row per agreement, for any program"),
        stream=_csv,
        for_people=_("The main facts in words, to read in any spreadsheet"),
    ),
    ListFormat(
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "Excel",
        _("The same rows as a workbook, with the meaning of its columns"),
        write=_xlsx,
        refuse=refuse_too_many,
        for_people=_("The main facts in words, to read or print on A4"),
    ),
    ListFormat(
        "json",
        "application/json",
        "JSON",
        _("Everything, with evidence and sources"),
        stream=stream_json,
    ),
    ListFormat(
        "md",
        "text/markdown",
        "Markdown",
        _("The same rows as a table, to paste into a document"),
        stream=stream_markdown,
    ),
    ListFormat(
        "atom",
        "application/atom+xml",
        _("News feed"),
        _("The latest changes, for a feed reader"),
        text=atom,
    ),
    ListFormat(
        "ics",
        "text/calendar",
        _("Calendar"),
        _("Exact dates of signatures, ends and notice deadlines"),
        stream=stream_calendar,
    ),
)

# The formats that can have labels, in the order in which pages offer them
FOR_PEOPLE = tuple(kind for kind in reversed(LIST_FORMATS) if kind.for_people)

# Further files of a selection, whose rows are not agreements. The list does not offer them; the data page does.
PARTICIPATIONS = ListFormat(
    "csv",
    "text/csv",
    _("Parties as CSV"),
    _("One row per agreement and party, with consent, dates and reservations"),
    stream=stream_participations,
    subject="participation",
)

# Formats of one agreement
RECORD_FORMATS = (
    Format("bib", "application/x-bibtex", "BibTeX", _("For LaTeX and reference managers")),
    Format("ris", "application/x-research-info-systems", "RIS", _("For reference managers")),
    Format("json", "application/json", "JSON", _("Everything, with evidence and sources")),
)

OF_RECORD = {kind.extension: kind for kind in RECORD_FORMATS}
