"""Reports on a file as a whole: how it was read, what was left out, what looks wrong, and new parties.

There is one line for each kind of finding, with its count and first rows, because a register of eight thousand treaties
has hundreds of findings, too many to read one by one.
"""

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from agreements.exchange.importing.alike import groups_of
from agreements.exchange.importing.names import parts_offered
from agreements.exchange.importing.planning import Planner
from agreements.exchange.importing.readers import Table, where
from agreements.exchange.importing.reconciling import Asked, NewParty
from agreements.exchange.importing.remarks import Question, Remarks

# Kinds of lines
NOTE, ODDITY, NEW_PARTY, ANSWERED = "note", "oddity", "new party", "answered"
# a note that changes nothing of what is imported
TRIVIAL = "trivial"
QUESTION = "question"
LOOKS_ALIKE = "looks alike"


Line = dict[str, object]

_ODD = {
    "long_title": _("a title of more than 255 characters"),
    "same_title_and_date": _("the same title and date of signature as a row above"),
    "no_party": _("no party"),
    "one_party": _("one party only"),
    "party_without_country": _("a party that should have a country but has none"),
    "signed_before_conclusion": _("a date of signature, although the agreement is not concluded"),
    "in_force_before_conclusion": _(
        "entry into force or termination, although the agreement is not concluded"
    ),
    "signed_in_the_future": _("a signature in the future"),
    "concluded_without_date": _("concluded, but without a date"),
    "in_force_before_signed": _("entry into force before the signature"),
    "terminated_before_signed": _("termination before the signature"),
    "end_before_start": _("an end before the beginning"),
    "fixed_without_length": _("a fixed term without a length or an end"),
    "fixed_without_start": _(
        "a fixed term whose end cannot be computed without the entry into force"
    ),
    "indefinite_with_end": _("an indefinite term with an end date"),
    "named_end_is_not_the_counted": _("an end in the document that differs from the computed one"),
    "notice_longer_than_term": _("a notice period longer than the term"),
}


def lines_of(table: Table, planner: Planner) -> list[Line]:
    """Return the lines: `kind`, `text`; for counted ones `count` and the first `rows`.

    A question has also its `column` and what it is `about`, an answer its `key`.
    """
    book = planner.book
    return [
        *map(_question, planner.mapping.questions()),
        *(Line(kind=NOTE, text=text) for text in table.notes),
        *_counted(NOTE, table.remarks),
        *_counted(NOTE, planner.mapping.remarks),
        *_counted(NOTE, planner.mapping.conclusions()),
        *_counted(ODDITY, planner.mapping.warnings()),
        *_look_alikes(planner, table.sheets),
        *_counted(ODDITY, planner.findings.remarks),
        *map(_new_party, planner.new_parties),
        *(
            Line(kind=ANSWERED, key=key, text=asked.name, asked=_asked(key, asked))
            for key, asked in book.asked.items()
            if key not in book.unknown
        ),
    ]


def unknown_parties(planner: Planner) -> list[Line]:
    """Return the unknown names, those that are like each other together: see `_asked`; `like` is the first such name."""
    asked = {key: planner.book.asked[key] for key in planner.book.unknown}
    return [{**_asked(key, asked[key]), "like": like} for key, like in groups_of(asked)]


def _asked(key: str, asked: Asked) -> Line:
    """Return what the question about a name needs: the `key` for the answer, what is `offered` and what is filled in."""
    return {
        "key": key,
        "name": asked.name,
        "spellings": asked.spellings,
        "count": asked.count,
        "rows": asked.rows,
        "offered": [list(choice) for choice in asked.offered],
        "new": {"name": asked.new.name, "kind": asked.new.kind, "country": asked.new.country},
        "refusal": asked.refusal,
        "is_ambiguous": asked.is_ambiguous,
        "parts": parts_offered(asked.name),
    }


def _counted(kind: str, remarks: Remarks) -> Iterator[Line]:
    counts = remarks.counts.items() if kind == NOTE else remarks.counts.most_common()
    for what, count in counts:
        text = str(_ODD.get(what, what))
        line_kind = TRIVIAL if what in remarks.trivial else kind
        yield {"kind": line_kind, "text": text, "count": count, "rows": remarks.examples[what]}


def _question(asked: Question) -> Line:
    return {
        "kind": QUESTION,
        "about": asked.about,
        "column": asked.column,
        "text": asked.text,
        "remedy": asked.remedy,
        "count": asked.count,
        "rows": asked.rows,
    }


def _look_alikes(planner: Planner, sheets: Sequence[str]) -> Iterator[Line]:
    for one in planner.findings.look_alikes:
        refs = [alike.ref for alike in one.found]
        text = gettext("new row %(row)s looks like %(refs)s")
        yield {
            "kind": LOOKS_ALIKE,
            "text": text % {"row": where(one.row, sheets), "refs": ", ".join(refs)},
            "row": one.row,
            "rows": one.rows,
            "alike": [list(alike) for alike in one.found],
        }
    if more := planner.findings.further_look_alikes:
        text = gettext("%(n)d more new rows look like existing records")
        yield {"kind": ODDITY, "text": text % {"n": more}}


def _new_party(new: NewParty) -> Line:
    party = new.party
    country = countries.name(party.country) if party.country else ""
    described = ", ".join(filter(None, [party.get_kind_display(), country]))
    text = f"{party.name} ({described})"
    if new.resembles:
        text += " " + gettext("– similar to: %(names)s") % {"names": ", ".join(new.resembles)}
    return {"kind": NEW_PARTY, "text": text}
