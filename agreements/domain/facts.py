"""Every public fact of an agreement, declared once, in the order of the JSON of a record.

Read the table `FACTS` from top to bottom. Everything that shows, exports, imports, compares or documents facts loops
over it: the page and its footnotes, the staff form, the public log, CSV, XLSX, JSON, the API and its schema, the Data
Package, imports, the data dictionary and generated data. `docs/extending.md` says how to add a fact;
tests/domain/test_facts.py fails if a declared fact is missing from something that is not derived from the table.
"""

from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agreements.domain import fact_words
from agreements.domain.choices import (
    Kind,
    LegalNature,
    Plurality,
    Stage,
    Status,
    TermKind,
    TextAvailability,
    Verification,
)
from agreements.domain.currencies import currency_choices
from agreements.domain.declarations import Column, Fact, From, Line, Page, Text, Value
from agreements.domain.sections import (
    COMMITMENTS,
    DOCUMENTS,
    ENDING,
    FUNDING,
    IDENTIFIERS,
    INTERNAL,
    LANGUAGES,
    LEGAL,
    NOTE,
    PERIODS,
    RELATED,
    SIGNATURE,
    SOURCE,
    TERM,
    TIMELINE,
    WHAT,
    Section,
)
from agreements.domain.value_types import (
    DAY,
    DURATION,
    MOMENT,
    NAME,
    PART_DATE,
    TEXT,
    WHOLE,
    Amount,
    Codes,
    Holds,
    Listed,
)

FACTS: tuple[Fact, ...] = (
    Fact("reference", _("Reference"),
        Value("ref", NAME, _("Public reference: stable, never reused."), From.REGISTER, is_filled=True,
            column=Column(1),
        ),
    ),
    Fact("title", _("Title"),
        Value("title", TEXT, _("Official title, or one in the register's own words."), is_filled=True,
            column=Column(2), form=Line(WHAT, 3), is_searched=True,
        ),
        log=_("title"), has_evidence=True, page=Page(1, is_row=False),
    ),
    Fact("summary", _("Summary"),
        Value("summary", TEXT, _("What was agreed, in the register's own words."), column=Column(21),
            form=Line(WHAT, 5), is_searched=True,
        ),
        log=_("summary"),
    ),
    Fact("kind", _("Kind"),
        Value("kind", Codes(Kind.choices, unknown=Kind.UNKNOWN), is_filled=True,
            column=Column(3, _("Code of the kind of instrument.")), form=Line(WHAT, 1),
        ),
        log=_("kind"), has_evidence=True, page=Page(9),
    ),
    Fact("plurality", _("Bilateral or multilateral"),
        Value("plurality_stated", Codes(Plurality.choices),
            _("Bilateral or multilateral, as a source says; empty if none does."),
            form=Line(WHAT, 7, is_rare=True),
        ),
        Value("plurality", Codes(Plurality.choices), source=From.FILE,
            column=Column(36,
                _(
                    "Code that says whether it is bilateral or multilateral: what a source says or, if none does, two "
                    "parties or more; empty with fewer than two."
                )
            ),
        ),
        log=_("bilateral or multilateral"), has_evidence=True, page=Page(19, _("Parties to it")),
    ),
    Fact("subject", _("Subject"),
        Value("subject", TEXT, _("Subject in the words of the source."), form=Line(WHAT, 7, is_rare=True),
            column=Column(41, _("Subject in the words of the source, beside our own areas; empty if it has none.")),
        ),
        log=_("subject"), has_evidence=True, page=Page(20, _("Subject in the source")),
    ),
    Fact("legal_nature", _("Legal nature"),
        Value("legal_nature", Codes(LegalNature.choices, unknown=LegalNature.NOT_ASSESSED), is_filled=True,
            form=Line(LEGAL, 1), column=Column(4, _("Code of the legal nature, as assessed by an editor.")),
        ),
        log=_("legal nature"), has_evidence=True, needs_source=True, page=Page(10),
    ),
    Fact("stage", _("Stage"),
        Value("stage", Codes(Stage.choices), is_filled=True,
            column=Column(5, _("Code of the stage that an editor stated.")), form=Line(SIGNATURE, 1),
        ),
        log=_("stage"), has_evidence=True, page=Page(11),
    ),
    Fact("stage_reported", _("Stage reported"),
        Value("stage_reported", PART_DATE,
            _("When a source reported this stage; the status of earlier days does not follow from it."),
            form=Line(SIGNATURE, 5, is_rare=True),
            column=Column(34, _("When a source reported the stage, as EDTF text; empty if unknown.")),
        ),
        log=_("day on which the stage was reported"), page=Page(12),
    ),
    Fact("status", _("Status"),
        Value("status", Codes(Status.choices), source=From.FILE, is_filled=True,
            column=Column(6, _("Code of the status, computed for the day in status_as_of.")),
        ),
        Value("status_as_of", DAY, _("The day the status is computed for (YYYY-MM-DD)."), From.FILE, is_filled=True,
            column=Column(7),
        ),
    ),
    Fact("signed", pgettext_lazy("date", "Signed"),
        Value("signed", PART_DATE, _("Date of signature, as precisely as it is known."), form=Line(SIGNATURE, 2),
            column=Column(8, _("Date of signature as EDTF text, as precisely as it is known; empty if unknown.")),
        ),
        Value("signed_earliest", DAY, _("First possible day of signature; empty if unknown or open."), From.REGISTER,
            column=Column(9),
        ),
        Value("signed_latest", DAY, _("Last possible day of signature; empty if unknown or open."), From.REGISTER,
            column=Column(10),
        ),
        Value("signed_old_style", TEXT, _("The date by the Julian calendar, where documents of the time have that."),
            form=Line(SIGNATURE, 6, is_rare=True),
            column=Column(35, _("Date of signature by the Julian calendar, as the documents have it; empty without one.")),
        ),
        log=_("date of signature"), has_evidence=True, needs_source=True,
        page=Page(2, says=fact_words.signature, is_step=True),
    ),
    Fact("place", _("Place of signature"),
        Value("place", TEXT, column=Column(18, _("Place of signature; empty if not stated.")),
            form=Line(SIGNATURE, 3), is_searched=True,
        ),
        log=_("place of signature"), has_evidence=True, needs_source=True,
        page=Page(13, _("Place"), unknown=_("not stated")),
    ),
    Fact("in_force", _("Entry into force"),
        Value("in_force", PART_DATE, form=Line(TERM, 1),
            column=Column(11, _("Date of entry into force as EDTF text; empty if unknown.")),
        ),
        Value("in_force_earliest", DAY, _("First possible day of entry into force; empty if unknown or open."),
            From.REGISTER, column=Column(37),
        ),
        Value("in_force_latest", DAY, _("Last possible day of entry into force; empty if unknown or open."),
            From.REGISTER, column=Column(38),
        ),
        log=_("entry into force"), has_evidence=True, needs_source=True,
        page=Page(3, says=fact_words.entry_into_force, is_step=True),
    ),
    Fact("term", _("Term"),
        Value("term_kind", Codes(TermKind.choices, unknown=TermKind.UNKNOWN), is_filled=True, form=Line(TERM, 2),
            column=Column(33, _("Code that says whether the term is fixed, indefinite or renewed automatically.")),
        ),
        Value("term", DURATION, form=Line(TERM, 2),
            column=Column(26, _("Length of the term, or of the first one, as an ISO 8601 duration; empty if unknown.")),
        ),
        Value("term_months", WHOLE,
            _("Length of the term in months if it is counted in months; term has every length."), From.FILE,
        ),
        Value("renewal", DURATION, form=Line(TERM, 4, is_rare=True),
            column=Column(27,
                _("Length of each renewed term, if unlike the first, as an ISO 8601 duration; otherwise empty.")
            ),
        ),
        Value("minimum_term", DURATION, form=Line(TERM, 4, is_rare=True),
            column=Column(30,
                _("How long it lasts at least, as an ISO 8601 duration; empty if not stated.")
            ),
        ),
        log=_("term"), has_evidence=True, needs_source=True, page=Page(14, says=fact_words.term),
    ),
    Fact("expires", _("End of the term"),
        Value("expires_stated", PART_DATE, _("The last day in force that the document names."),
            form=Line(ENDING, 1),
            column=Column(28, _("Last day in force that the document names, as EDTF text; empty if it names none.")),
        ),
        Value("expires", PART_DATE, _("The last day in force by the agreement's own terms."), From.REGISTER,
            form=Line(TERM, 3, "end"),
            column=Column(12,
                _(
                    "Last day in force by the agreement's own terms, or of its last renewal or extension, as EDTF text; "
                    "empty if it has none or none is known."
                )
            ),
        ),
        log=_("end of the term"), has_evidence=True, needs_source=True,
        page=Page(4, _("Last day by its terms"), says=fact_words.end, is_step=True),
    ),
    Fact("notice", _("Notice"),
        Value("notice", DURATION, form=Line(ENDING, 2),
            column=Column(29,
                _("How long before the end notice must be given, as an ISO 8601 duration; empty if unknown.")
            ),
        ),
        Value("notice_days", WHOLE,
            _("The notice in days if it is counted in days; notice has every length."), From.FILE,
        ),
        log=_("notice"), has_evidence=True, needs_source=True, page=Page(15, says=fact_words.notice),
    ),
    Fact("terminated", _("Termination"),
        Value("terminated", PART_DATE, form=Line(ENDING, 3),
            column=Column(13, _("Date on which a termination took effect as EDTF text; empty if none is known.")),
        ),
        log=_("termination"), has_evidence=True, needs_source=True, page=Page(5, unknown=_("none recorded"), is_step=True),
    ),
    Fact("superseded", _("Superseded"), Value("superseded_on", DAY, source=From.REGISTER)),
    Fact("end", _("End"),
        Value("ends_earliest", DAY,
            _("First possible day of its end: by its term, by termination or by a successor, whichever comes first."),
            From.FILE, column=Column(39),
        ),
        Value("ends_latest", DAY, _("Last possible day of its end."), From.FILE, column=Column(40)),
    ),
    Fact("review", _("Review due"),
        Value("review_due", PART_DATE, _("When the parties or the responsible unit will review it."),
            form=Line(ENDING, 4),
        ),
        log=_("day of the next review"), page=Page(16),
    ),
    Fact("funding", _("Funding"),
        Value("funding_amount", Amount(), _("How much money was agreed on in total."), form=Line(FUNDING, 1),
            column=Column(24, _("Amount of the funding, with a point before the decimals; empty if unknown.")),
        ),
        Value("funding_currency", Codes(currency_choices()), _("ISO 4217 code of the currency of the funding."),
            column=Column(25, _("ISO 4217 code of the currency of the funding; empty if unknown.")),
            form=Line(FUNDING, 1),
        ),
        log=_("funding"), has_evidence=True, needs_source=True, page=Page(17, unknown=_("not stated")),
    ),
    Fact("text", _("Text"),
        Value("text_availability", Codes(TextAvailability.choices, unknown=TextAvailability.UNKNOWN),
            _("Whether people can read the text, or it is known to be confidential."), is_filled=True,
            form=Line(LEGAL, 2),
        ),
        log=_("availability of the text"), has_evidence=True, page=Page(18),
    ),
    Fact("languages", _("Languages of the text"),
        Value("languages", Listed(), _("The text in each language, prevailing and authentic texts first."), From.ROWS,
            form=Line(LANGUAGES, 1),
            column=Column(32,
                _("Languages of the text as BCP 47 tags, prevailing and authentic texts first; empty if not recorded.")
            ),
        ),
        log=_("languages of the text"), has_evidence=True, rows="languages",
        page=Page(21, is_row=False, unknown=_("not recorded")),
    ),
    Fact("identifiers", _("Identifiers"),
        Value("identifiers", Listed(Holds.TEXT), _("What other registers and series call it."), From.ROWS,
            form=Line(IDENTIFIERS, 1),
            column=Column(31,
                _("Identifiers in other registers and series, each as scheme:value, in alphabetical order.")
            ),
        ),
        log=_("identifiers"), has_evidence=True, rows="identifiers", page=Page(22, is_row=False, unknown=_("not recorded")),
    ),
    Fact("parties", _("Parties"),
        Value("parties", Listed(Holds.TEXT), source=From.ROWS, form=Line(WHAT, 2),
            column=Column(14,
                _("Names of the participants in their order; a role other than party follows in square brackets.")
            ),
        ),
        Value("parties_note", TEXT, _("Why fewer than two parties are named."), form=Line(WHAT, 6, is_rare=True)),
        Value("countries", Listed(), source=From.FILE,
            column=Column(15, _("Countries of the participants, as ISO 3166 codes in alphabetical order.")),
        ),
        log=_("parties"), has_evidence=True, rows="participations", page=Page(6, is_row=False, unknown=_("not known")),
    ),
    Fact("areas", _("Cooperation areas"),
        Value("areas", Listed(), source=From.ROWS, form=Line(WHAT, 4),
            column=Column(16, _("Codes (slugs) of the cooperation areas in alphabetical order; empty if unknown.")),
        ),
        log=_("cooperation areas"), has_evidence=True, needs_source=True, rows="areas",
        page=Page(8, is_row=False, unknown=_("not known")),
    ),
    Fact("signatories", _("Signatories"),
        Value("signatories", Listed(Holds.TEXT), source=From.ROWS, form=Line(SIGNATURE, 4),
            column=Column(17, _("Names of the signatories in their order.")),
        ),
        log=_("signatories"), has_evidence=True, needs_source=True, rows="signatories",
        page=Page(7, is_row=False, says=fact_words.no_signatories),
    ),
    Fact("events", _("Timeline"), Value("events", Listed(), source=From.ROWS, form=Line(TIMELINE, 1)),
        log=_("timeline"), has_evidence=True, rows="events", page=Page(23, is_row=False, unknown=_("no known dates")),
    ),
    Fact("periods", _("Periods"),
        Value("periods", Listed(),
            _("Renewals, extensions, suspensions and provisional application, from the first to the last day of each."),
            From.ROWS, form=Line(PERIODS, 1),
        ),
        log=_("periods"), has_evidence=True, rows="periods", page=Page(28, is_row=False),
    ),
    Fact("relations", _("Related agreements"),
        Value("relations", Listed(), _("What it says about other agreements."), From.ROWS,
            form=Line(RELATED, 1),
        ),
        Value("inverse_relations", Listed(), _("What other agreements say about it, from their point of view."), From.ROWS,
            form=Line(RELATED, 2, "incoming"),
        ),
        log=_("related agreements"), has_evidence=True, rows="relations_out",
        page=Page(24, is_row=False, unknown=_("none recorded")),
    ),
    Fact("commitments", _("Commitments"), Value("commitments", Listed(), source=From.ROWS, form=Line(COMMITMENTS, 1)),
        log=_("commitments"), has_evidence=True, rows="commitments", page=Page(25, is_row=False, unknown=_("none recorded")),
    ),
    Fact("documents", _("Documents"), Value("documents", Listed(), source=From.ROWS, form=Line(DOCUMENTS, 1)),
        log=_("documents"), rows="documents", page=Page(26, is_row=False, unknown=_("none public")),
    ),
    Fact("evidence", _("Sources"),
        Value("verification", Codes(Verification.choices), source=From.REGISTER, is_filled=True,
            column=Column(19, _("Code that says how well the record is supported.")),
        ),
        Value("evidence", Listed(), source=From.ROWS, form=Line(SOURCE, 1)),
        Value("sources", Listed(Holds.TEXT), source=From.ROWS,
            column=Column(20, _("URLs (or titles) of the sources that the evidence names.")),
        ),
        log=_("sources"), rows="evidence", page=Page(27, is_row=False, unknown=_("none recorded")),
    ),
    Fact("responsible_unit", _("Responsible unit"), Value("responsible_unit", TEXT, form=Line(NOTE, 2)),
        log=_("responsible unit"),
    ),
    Fact("notes", _("Notes"),
        Value("public_notes", TEXT, form=Line(NOTE, 1)),
        Value("internal_notes", TEXT, form=Line(INTERNAL, 1), is_public=False),
        log=_("notes"),
    ),
    Fact("record", _("Record"),
        Value("url", NAME, _("Permanent URL of the agreement's page."), From.FILE, is_filled=True, column=Column(22)),
        Value("published_at", MOMENT, _("When the record was first published."), From.REGISTER),
        Value("updated_at", MOMENT, _("When the record was last changed (ISO 8601, UTC)."), From.REGISTER,
            is_filled=True, column=Column(23),
        ),
    ),
)  # fmt: skip

# What files, profiles and versions of earlier releases state under these names is the number of another value.
FORMER = {"term_months": ("term", "P{}M"), "notice_days": ("notice", "P{}D")}

VALUES = {value.name: value for fact in FACTS for value in fact.values}
# The contents of a record's JSON, in order; then the columns of CSV and XLSX, in theirs.
PUBLIC = tuple(value for value in VALUES.values() if value.is_public)
COLUMNS = tuple(
    sorted((v for v in PUBLIC if v.column), key=lambda value: value.column.at if value.column else 0)
)  # fmt: skip
# What staff enter in columns of the agreement, and what imported files can contain.
ENTERED = {name: value for name, value in VALUES.items() if value.source is From.STAFF}
STORED = tuple(v.name for v in PUBLIC if v.source in (From.STAFF, From.REGISTER))

ON_PAGE = sorted((f for f in FACTS if f.page), key=lambda fact: fact.page.at if fact.page else 0)
ROWS_OF_PAGE = tuple(fact for fact in ON_PAGE if fact.page and fact.page.is_row)
LOGGED = {fact.code: fact for fact in FACTS if fact.log}

# The codes of facts that can have evidence, with their labels.
EvidenceCode: Any = TextChoices(  # type: ignore[call-overload]
    "Fact", [(fact.code.upper(), (fact.code, fact.label)) for fact in FACTS if fact.has_evidence]
)


def evidence_choices() -> list[tuple[str, Text]]:
    """Return the codes of evidence with their labels, for the database column that stores them."""
    return list(EvidenceCode.choices)


def renamed(values: dict[str, Any]) -> dict[str, Any]:
    """Return values as an earlier release kept them, under today's names."""
    return dict(_renamed(name, value) for name, value in values.items())


def _renamed(name: str, value: Any) -> tuple[str, Any]:
    if name not in FORMER:
        return name, value
    today, form = FORMER[name]
    return today, None if value in (None, "") else DURATION.json(DURATION.read(form.format(value)))


def form_lines(section: Section, *, rare: bool = False) -> tuple[tuple[str, ...], ...]:
    """Return the names of the fields, and of the lists of rows, in this section of the staff form, line by line."""
    lines: dict[int, list[str]] = {}
    for value in VALUES.values():
        if value.form and value.form.section is section and value.form.is_rare is rare:
            lines.setdefault(value.form.number, []).append(value.form.field or value.name)
    return tuple(tuple(names) for _number, names in sorted(lines.items()))


def evidence_beside() -> dict[str, Fact]:
    """Return the facts that can have evidence by the field of the staff form, or list of rows, that comes first."""
    first = {
        fact.code: value.form.field or value.name
        for fact in FACTS
        for value in reversed(fact.values)
        if fact.has_evidence and value.form
    }
    return {field: fact for fact in FACTS if (field := first.get(fact.code))}


def shown_to_public(field: str) -> bool:
    """Return whether the public sees what this field of the staff form holds, once the record is published."""
    return any(
        field == ((v.form and v.form.field) or v.name) for v in VALUES.values() if v.is_public
    )


def facts_given(names: set[str]) -> list[str]:
    """Return the codes of evidence for these values and lists, if staff enter them or files can contain them."""
    return [
        fact.code
        for fact in FACTS
        if fact.has_evidence and names & {fact.code, *(v.name for v in fact.entered if not fact.rows)}
    ]  # fmt: skip
