"""The formats in which a selection, or one agreement, can be taken away: what pages offer and views answer with."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Format:
    """A format by its file extension; `label` is what a link to it says."""

    extension: str
    media_type: str
    label: str | Promise
    meaning: str | Promise
    is_text: bool = True

    @property
    def content_type(self) -> str:
        """What the Content-Type header says of it: JSON is UTF-8 by itself, and CSV has its header always."""
        if not self.is_text or self.extension == "json":
            return self.media_type
        header = "; header=present" if self.extension == "csv" else ""
        return f"{self.media_type}; charset=utf-8{header}"


# Of a selection: each has its own address beside the list's, and takes the list's query string.
LIST_FORMATS = (
    Format("csv", "text/csv", "CSV", _("One row an agreement, for any program")),
    Format(
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "Excel",
        _("The same rows as a workbook, with the meaning of its columns"),
        is_text=False,
    ),
    Format("json", "application/json", "JSON", _("Everything, with evidence and sources")),
    Format(
        "atom", "application/atom+xml", _("News feed"), _("The latest changes, for a feed reader")
    ),
    Format(
        "ics", "text/calendar", _("Calendar"), _("Signatures, ends and notices known to the day")
    ),
)

# Of one agreement.
RECORD_FORMATS = (
    Format("bib", "application/x-bibtex", "BibTeX", _("For LaTeX and reference managers")),
    Format("ris", "application/x-research-info-systems", "RIS", _("For reference managers")),
    Format("json", "application/json", "JSON", _("Everything, with evidence and sources")),
)

OF_LIST = {kind.extension: kind for kind in LIST_FORMATS}
OF_RECORD = {kind.extension: kind for kind in RECORD_FORMATS}
