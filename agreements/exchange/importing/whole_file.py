"""What a file shows beyond its rows: numbers that are no identifiers, and statuses that the register computes otherwise."""

from datetime import date, timedelta

from django.utils.translation import gettext as _

from agreements.domain.lifecycle import standing_on
from agreements.domain.partial_dates import PartialDateError
from agreements.domain.partial_dates.values import quoted
from agreements.exchange.importing.remarks import FEW, Remarks
from agreements.exchange.importing.statements import Statement
from agreements.exchange.importing.status_words import agree

# of fewer known records, new titles show nothing
FEWEST_KNOWN = 3
_A_DAY = timedelta(days=1)


class RunningNumbers:
    """Whether the identifiers of a file merely count its rows, so that a row inserted above renames all below it."""

    def __init__(self, column: str) -> None:
        self.column = column
        self._is_running = True
        self._last: int | None = None
        self._known = 0
        self._retitled = 0
        self._rows: list[int] = []

    def look_at(self, statement: Statement) -> None:
        value = statement.identifier[1] if statement.identifier else ""
        number = int(value) if value.isascii() and value.isdigit() and len(value) < 10 else None
        follows = self._last is None or number == self._last + 1
        self._is_running = self._is_running and number is not None and follows
        self._last = number
        if statement.found and "title" in statement.facts:
            self._known += 1
            if statement.found.facts["title"] != statement.facts["title"]:
                self._retitled += 1
                self._rows = [*self._rows, statement.row][:FEW]

    def warnings(self) -> Remarks:
        """Return the warning that the numbers of a file may have moved to other agreements."""
        remarks = Remarks()
        if self._is_running and self._known >= FEWEST_KNOWN and 2 * self._retitled > self._known:
            remark = _(
                "column “%(column)s” only counts the rows, and most of the known records would get another title: the rows "
                "have probably moved. Use a column as identifier that stays with the agreement"
            )
            remarks.add(remark % {"column": self.column}, self._retitled, self._rows)
        return remarks


def disagreement(statement: Statement, day: date) -> str:
    """Return what to remark where a file states another status than the register computes for a day; no query."""
    if statement.status_said is None:
        return ""
    said, column, text = statement.status_said
    found = statement.found
    if found and any(found.rows.get(name) for name in ("periods", "relations")):
        # what moves its end is not in the file
        return ""
    agreement = statement.as_agreement()
    # an unsaved agreement has neither periods nor an end until it is asked for
    agreement.pk = None
    agreement.expires = agreement.term_end = agreement.end_of_term()
    computed = standing_on(agreement, day, day).status
    if agree(said, computed):
        return ""
    remark = _("column “%(column)s” says “%(said)s”, but the register computes “%(computed)s”")
    return remark % {"column": column, "said": quoted(text), "computed": computed.label}


def disagreeing_end(statement: Statement) -> str:
    """Return what to remark where the end that a file states is not that of its term, counted from the signature.

    Where the entry into force is known, the quality checks compare the end with that.
    """
    facts = statement.facts_written
    signed, term, end = (facts.get(name) for name in ("signed", "term", "expires_stated"))
    if facts.get("in_force") or not (signed and term and end):
        return ""
    try:
        counted = term.after(signed)
    except PartialDateError:
        return ""
    days = (counted.earliest, counted.latest, end.earliest, end.latest)
    if None in days:
        return ""
    # the last day may be the corresponding day or the one before it
    if counted.earliest - _A_DAY <= end.latest and end.earliest <= counted.latest:
        return ""
    return _("an end that is not that of the stated term, counted from the signature")
