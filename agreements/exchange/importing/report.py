"""What an import reports about its file as a whole: how it was read, what was left out, what looks wrong, and new
parties.

One line for each kind of finding, with its count and first rows: a register of eight thousand treaties has hundreds of
findings, and nobody reads hundreds of lines.
"""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_countries import countries

from agreements.exchange.importing.planning import Planner
from agreements.exchange.importing.readers import Table
from agreements.exchange.importing.reconciling import NewParty

# Kinds of lines
NOTE, ODDITY, NEW_PARTY, ANSWERED = "note", "oddity", "new party", "answered"

Line = dict[str, Any]

_ODD = {
    "long_title": gettext_lazy("a title of more than 255 characters"),
    "same_title_and_date": gettext_lazy("the same title and date of signature as a row above"),
    "no_party": gettext_lazy("no party"),
    "one_party": gettext_lazy("one party only"),
    "party_without_country": gettext_lazy("a party that should have a country but has none"),
    "signed_before_conclusion": gettext_lazy(
        "a date of signature, although the agreement is not concluded"
    ),
    "signed_in_the_future": gettext_lazy("a signature in the future"),
    "concluded_without_date": gettext_lazy("concluded, but without a date"),
    "in_force_before_signed": gettext_lazy("entry into force before the signature"),
    "terminated_before_signed": gettext_lazy("termination before the signature"),
    "end_before_start": gettext_lazy("an end before the beginning"),
    "fixed_without_length": gettext_lazy("a fixed term without a length or an end"),
    "fixed_without_start": gettext_lazy(
        "a fixed term whose end cannot be computed without the entry into force"
    ),
    "indefinite_with_end": gettext_lazy("an indefinite term with an end date"),
    "named_end_is_not_the_counted": gettext_lazy(
        "an end in the document that differs from the computed one"
    ),
    "notice_longer_than_term": gettext_lazy("a notice period longer than the term"),
}


def lines_of(table: Table, planner: Planner) -> list[Line]:
    """Return the lines: `kind`, `text`, and where it is counted `count` and the first `rows`."""
    return [
        *({"kind": NOTE, "text": text} for text in table.notes),
        *_remarks(planner),
        *_look_alikes(planner),
        *_oddities(planner),
        *map(_new_party, planner.book.made),
        *(
            {"kind": ANSWERED, "key": key, "text": name}
            for key, name in planner.book.answered.items()
        ),
    ]


def _remarks(planner: Planner) -> Iterator[Line]:
    remarks = planner.mapping.remarks
    for text, count in remarks.counts.items():
        yield {"kind": NOTE, "text": text, "count": count, "rows": remarks.examples[text]}


def _look_alikes(planner: Planner) -> Iterator[Line]:
    for row, refs in planner.findings.look_alikes:
        text = _("new row %(row)d looks like %(refs)s: same title, parties and date") % {
            "row": row,
            "refs": ", ".join(refs),
        }
        yield {"kind": ODDITY, "text": text}
    if planner.findings.further_look_alikes:
        text = _("%(n)d more new rows look like existing records") % {
            "n": planner.findings.further_look_alikes
        }
        yield {"kind": ODDITY, "text": text}


def _oddities(planner: Planner) -> Iterator[Line]:
    for code, count in planner.findings.counts.most_common():
        text = str(_ODD.get(code, code))
        yield {
            "kind": ODDITY,
            "text": text,
            "count": count,
            "rows": planner.findings.examples[code],
        }


def _new_party(new: NewParty) -> Line:
    party = new.party
    country = countries.name(party.country) if party.country else ""
    described = ", ".join(filter(None, [party.get_kind_display(), country]))
    text = f"{party.name} ({described})"
    if new.resembles:
        text += " " + _("– similar to: %(names)s") % {"names": ", ".join(new.resembles)}
    return {"kind": NEW_PARTY, "text": text}


def unknown_parties(planner: Planner) -> list[Line]:
    """Return the unknown names: the `key` for an answer, the `name`, and what is `offered`."""
    return [
        {"key": key, "name": unknown.name, "offered": [list(choice) for choice in unknown.offered]}
        for key, unknown in planner.book.unknown.items()
    ]
