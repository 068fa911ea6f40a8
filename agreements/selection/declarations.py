"""The public filters, each declared once, in the order in which the data page explains them.

The form, the FilterSet, the chips, the heading, the facets, the OpenAPI parameters, the data page and the parameter
table of the documentation are generated from them. They are here rather than in `domain` because a filter compares
values, and so needs the models and the column store. `docs/extending.md` says how to add one.
"""

from django import forms
from django.utils.text import get_text_list
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, ngettext_lazy

from agreements.counting.column_store import FACTS_KNOWN, known
from agreements.domain.choices import (
    Basis,
    Certainty,
    Kind,
    LegalNature,
    Plurality,
    Status,
    TermKind,
    Verification,
)
from agreements.domain.facts import FACTS
from agreements.models import Area, Party, Person
from agreements.selection import facets, offers
from agreements.selection.declared import (
    Bound,
    Branches,
    CertaintyChoice,
    ChangedSince,
    Choice,
    Clause,
    Codes,
    Countries,
    Day,
    FileParameter,
    Filter,
    Group,
    Identifiers,
    Marked,
    Match,
    NobodyElse,
    Number,
    Parties,
    Period,
    Statuses,
    Subjects,
    Switch,
    Words,
    YesNo,
    asks_for_nobody_else,
)
from agreements.selection.signatories import Signatories
from agreements.selection.texts import Places, Publishers
from agreements.selection.wording import Wording, either

DEFAULT_SORT = "-signed"
SEARCH_SORT = "relevance"
PER_PAGE = (25, 50, 100)
LONGEST_QUERY = 200
# a scheme, a colon and a value
LONGEST_IDENTIFIER = 261
# a sign and a subject
LONGEST_SUBJECT = 201
FARTHEST_DAYS = 36_500

SORTS = (
    ("-signed", _("Latest signed first")),
    ("signed", _("Earliest signed first")),
    ("in_force", _("Earliest in force first")),
    ("-in_force", _("Latest in force first")),
    ("ends", _("Earliest end first")),
    ("-ends", _("Latest end first")),
    ("status", _("Status")),
    ("party", _("Party")),
    ("title", _("Title")),
    ("ref", _("Reference")),
    ("-updated", _("Last updated first")),
    ("relevance", _("Best match first")),
)

_CODES = _("one or more of the codes below; with - before it, without it")
_PARTIAL_DATE = _("YYYY, YYYY-MM or YYYY-MM-DD, or in words: August 2023")

STATUS = Group(_("Status"), is_open=True)
AREAS = Group(_("Cooperation areas"), is_open=True)
PARTIES = Group(_("Countries and parties"), is_open=True)
SIGNATURE = Group(_("Date of signature"), "agreements/_years.html")
ENTRY = Group(_("Entry into force"))
END = Group(_("End of the term"))
TERM = Group(_("Term and relations"))
INSTRUMENT = Group(_("Kind of instrument"))
SIGNERS = Group(_("Signatory, place and number"))
EVIDENCE = Group(_("Evidence"))
LIST = Group(_("Order and length of the list"))
# In the order of the form
GROUPS = (STATUS, AREAS, PARTIES, SIGNATURE, ENTRY, END, TERM, INSTRUMENT, SIGNERS, EVIDENCE, LIST)

SIGNED = Period(
    "signed",
    on=_("signed on %(start)s"),
    within=_("signed in %(start)s"),
    between=_("signed from %(start)s to %(end)s"),
    since=_("signed from %(start)s"),
    until=_("signed by %(end)s"),
)
IN_FORCE = Period(
    "in_force",
    on=_("entering into force on %(start)s"),
    within=_("entering into force in %(start)s"),
    between=_("entering into force from %(start)s to %(end)s"),
    since=_("entering into force from %(start)s"),
    until=_("entering into force by %(end)s"),
)
ENDS = Period(
    "ends",
    on=_("ending on %(start)s"),
    within=_("ending in %(start)s"),
    between=_("ending from %(start)s to %(end)s"),
    since=_("ending from %(start)s"),
    until=_("ending by %(end)s"),
)
PERIODS = (SIGNED, IN_FORCE, ENDS)


def _sought(wording: Wording) -> str:
    """Quote plain words; show a search that contains operators as it was typed."""
    if not (q := wording.asked["q"]):
        return ""
    if '"' in q or any(word.startswith("-") for word in q.split()):
        return _now("found by the search %(q)s") % {"q": q}
    return _now("containing “%(q)s”") % {"q": q}


def _kinds(wording: Wording) -> str:
    kinds = either(wording.labels("kind")).lower()
    return _now("(%(kinds)s)") % {"kinds": kinds} if kinds else ""


def _areas(wording: Wording) -> str:
    areas = wording.joined("area", [label.lower() for label in wording.labels("area")])
    return _now("on %(areas)s") % {"areas": areas} if areas else ""


def _partners(wording: Wording) -> str:
    countries, parties = wording.joined("country"), wording.joined("party")
    is_through = countries and wording.asked["through_organisation"] == "true"
    if (countries or parties) and asks_for_nobody_else(wording.asked):
        partners = get_text_list(
            [*wording.labels("country"), *wording.labels("party")], _now("and")
        )
        pattern = (
            _now("with %(partners)s, also through an organisation, and with nobody else")
            if is_through
            else _now("with %(partners)s and with nobody else")
        )
        return pattern % {"partners": partners}
    if countries and parties:
        pattern = (
            _now("with %(countries)s, also through an organisation, and with %(parties)s")
            if is_through
            else _now("with %(countries)s and with %(parties)s")
        )
        return pattern % {"countries": countries, "parties": parties}
    if is_through:
        return _now("with %(partners)s, also through an organisation") % {"partners": countries}
    partners = countries or parties
    return _now("with %(partners)s") % {"partners": partners} if partners else ""


def _subjects(wording: Wording) -> str:
    subjects = wording.joined("subject")
    return _now("on the subject “%(subjects)s”") % {"subjects": subjects} if subjects else ""


def _terms(wording: Wording) -> str:
    terms = either(wording.labels("term")).lower()
    return _now("(term: %(terms)s)") % {"terms": terms} if terms else ""


def _unknown(wording: Wording) -> str:
    facts = wording.joined("unknown")
    return _now("with unknown %(facts)s") % {"facts": facts} if facts else ""


def _bases(wording: Wording) -> str:
    bases = either(wording.labels("basis")).lower()
    return _now("with a fact that is %(bases)s") % {"bases": bases} if bases else ""


def _placed(wording: Wording) -> str:
    place = wording.asked["place"]
    return _now("signed at “%(place)s”") % {"place": place} if place else ""


def _published_by(wording: Wording) -> str:
    publisher = wording.asked["publisher"]
    return _now("resting on “%(publisher)s”") % {"publisher": publisher} if publisher else ""


def _commitments(wording: Wording) -> str:
    said = {"true": _now("with commitments"), "false": _now("without commitments")}
    return said.get(wording.asked["has_commitment"], "")


def _relations(wording: Wording) -> str:
    said = {
        "true": _now("related to other agreements"),
        "false": _now("not related to other agreements"),
    }
    return said.get(wording.asked["has_relation"], "")


def _signed_by(wording: Wording) -> str:
    """Name a person; quote what may be in a name."""
    if not (typed := wording.asked["signatory"]):
        return ""
    names = wording.names["signatory"]
    pattern = _now("signed by %(name)s") if names else _now("signed by “%(name)s”")
    return pattern % {"name": names.get(typed, typed)}


def _documents(wording: Wording) -> str:
    said = {"true": _now("with a public document"), "false": _now("without a public document")}
    return said.get(wording.asked["has_document"], "")


def _identified(wording: Wording) -> str:
    identifier = wording.asked["identifier"]
    return _now("identified as %(identifier)s") % {"identifier": identifier} if identifier else ""


def _changed_since(wording: Wording) -> str:
    if wording.asked["updated_since"] is None:
        return ""
    moment = wording.filters["updated_since"].shown("", wording)
    return _now("changed since %(moment)s") % {"moment": moment}


def _ending(wording: Wording) -> str:
    if (days := wording.asked["expires_within"]) is None:
        return ""
    return ngettext("ending within %(n)d day", "ending within %(n)d days", days) % {"n": days}


_NOT, _BUT_NOT = _("not %(values)s"), _("but not with %(values)s")
_LOGGED = {fact.code: fact.log for fact in FACTS}
_UNKNOWABLE = tuple((code, _LOGGED[code]) for code in FACTS_KNOWN)

_DECLARED: tuple[Filter, ...] = (
    Words(
        name="q",
        label=_("Search"),
        meaning=_(
            "Words to find in the title, the summary, a party in any spelling, a signatory, an area, the place "
            "or the reference. Every word must occur; the last one may be only the beginning of a word. Put a "
            "phrase in quotes; put - in front of a word to leave it out."
        ),
        values=_("up to 200 characters"),
        example="q=rehabilitation",
        help_text=_(
            "Words from the title, the summary, a party, a signatory, an area or a place. "
            "Put a phrase in “quotes”; -word leaves a word out."
        ),
        longest=LONGEST_QUERY,
        clause=Clause(7, _sought),
    ),
    Statuses(
        name="status",
        label=_("Status"),
        meaning=_("Status on the day given by as_of."),
        values=_CODES,
        example="status=in_force&status=signed",
        group=STATUS,
        codes=Status,
        is_adjective=True,
        without=_NOT,
        facet=facets.of_status,
    ),
    Day(
        name="as_of",
        label=_("Status as of"),
        meaning=_("The day for which the status is computed; today if you leave it out."),
        values="YYYY-MM-DD",
        example="status=in_force&as_of=2025-01-01",
        group=STATUS,
        help_text=_("Today, unless you choose a day."),
    ),
    Codes(
        name="kind",
        label=_("Kind"),
        meaning=_("Kind of instrument."),
        values=_CODES,
        example="kind=mou",
        group=INSTRUMENT,
        codes=Kind,
        clause=Clause(1, _kinds),
        without=_("but no %(values)s"),
        facet=facets.of_codes,
    ),
    Codes(
        name="plurality",
        label=_("Bilateral or multilateral"),
        meaning=_(
            "Whether it has two parties, or three or more. What a source says counts more than the number of parties."
        ),
        values=_CODES,
        example="plurality=bilateral",
        group=INSTRUMENT,
        codes=Plurality,
        is_adjective=True,
        without=_NOT,
        facet=facets.of_codes,
    ),
    Codes(
        name="legal_nature",
        label=_("Legal nature"),
        meaning=_("Legal nature."),
        values=_CODES,
        example="legal_nature=not_assessed",
        group=INSTRUMENT,
        codes=LegalNature,
        is_adjective=True,
        without=_NOT,
        facet=facets.of_codes,
    ),
    Branches(
        name="area",
        label=_("Cooperation areas"),
        meaning=_("Cooperation area, including the areas under it."),
        values=_(
            "one or more codes, each from the URL of an area's page; with - before it, without it"
        ),
        example="area=social-protection",
        group=AREAS,
        help_text=_("An area includes the areas under it."),
        rows=Area.objects.all(),
        widget=forms.CheckboxSelectMultiple,
        clause=Clause(2, _areas),
        without=_("but not on %(values)s"),
        facet=facets.of_areas,
        every=ngettext_lazy("All %(shown)s area…", "All %(shown)s areas…", "n"),
        offered=offers.areas,
    ),
    Match(
        name="area_match",
        label=_("Match of areas"),
        meaning=_("Whether an agreement must be on one of the areas given, or on all of them."),
        example="area=labour&area=employment&area_match=all",
        group=AREAS,
    ),
    Subjects(
        name="subject",
        label=_("Subject in the source"),
        meaning=_("Subject in the words of the source, in capital or small letters."),
        values=_("one or more subjects; with - before it, without it"),
        example="subject=extradition",
        group=AREAS,
        longest=LONGEST_SUBJECT,
        clause=Clause(2, _subjects),
        without=_("but not on the subject “%(values)s”"),
        facet=facets.of_subjects,
        every=ngettext_lazy("All %(shown)s subject…", "All %(shown)s subjects…", "n"),
    ),
    Countries(
        name="country",
        label=_("Countries"),
        meaning=_(
            "Country of a participant, or of the state it belongs to. Only those count that take part on the day given "
            "by as_of: bound, signatory or applying it provisionally. A former party counts until its last day."
        ),
        values=_(
            "one or more ISO 3166-1 alpha-2 codes, XK, EU, or ISO 3166-3 codes of former states, such as SUHH; "
            "with - before it, without it"
        ),
        example="country=UZ&country=JP",
        group=PARTIES,
        help_text=_("A country includes its ministries and agencies."),
        clause=Clause(3, _partners),
        without=_BUT_NOT,
        facet=facets.of_countries,
        every=ngettext_lazy("All %(shown)s country…", "All %(shown)s countries…", "n"),
        offered=offers.countries_that_occur,
    ),
    Match(
        name="country_match",
        label=_("Match of countries"),
        meaning=_("Whether one of the countries given must take part, or all of them."),
        example="country=AZ&country=UZ&country_match=all",
        group=PARTIES,
    ),
    Switch(
        name="through_organisation",
        label=_("Also through organisations"),
        meaning=_(
            "Whether a country also counts in the agreements of an organisation that bind its members, such as the "
            "European Union, on the days on which it is a member."
        ),
        values=_("true or false"),
        example="country=DE&through_organisation=true",
        group=PARTIES,
        help_text=_("Agreements of the European Union, for example, bind its members."),
        choices=(("", _("No")), ("true", _("Yes")), ("false", _("No"))),
        default="false",
    ),
    Parties(
        name="party",
        label=_("Parties"),
        meaning=_("A participant on the day given by as_of, including the bodies under it."),
        values=_(
            "one or more codes, each from the URL of a party's page; with - before it, without it"
        ),
        example="party=azerbaijan",
        group=PARTIES,
        help_text=_("A party includes the bodies under it."),
        rows=Party.objects.in_public(),
        without=_BUT_NOT,
        facet=facets.of_parties,
        every=ngettext_lazy("All %(shown)s party…", "All %(shown)s parties…", "n"),
        offered=offers.parties,
    ),
    Match(
        name="party_match",
        label=_("Match of parties"),
        meaning=_("Whether one of the parties given must take part, or all of them."),
        example="party=azerbaijan&party=uzbekistan&party_match=all",
        group=PARTIES,
    ),
    NobodyElse(
        name="no_other_parties",
        label=_("Nobody else"),
        meaning=_(
            "Whether all countries and parties asked for must take part, and nobody else as a party, apart from bodies "
            "of theirs."
        ),
        values=_("true or false"),
        example="country=AZ&country=UZ&no_other_parties=true",
        group=PARTIES,
        help_text=_("Exactly the countries and parties chosen."),
        choices=(("", _("No")), ("true", _("Yes")), ("false", _("No"))),
        default="false",
    ),
    Bound(
        name="signed_from",
        label=_("Signed from"),
        meaning=_("Signed on this date or later."),
        values=_PARTIAL_DATE,
        example="signed_from=2022",
        group=SIGNATURE,
        period=SIGNED,
        clause=Clause(4, SIGNED.phrase),
        facet=facets.of_years,
        every=ngettext_lazy("All %(shown)s year…", "All %(shown)s years…", "n"),
    ),
    Bound(
        name="signed_to",
        label=_("Signed no later than"),
        meaning=_("Signed on this date or earlier."),
        values=_PARTIAL_DATE,
        example="signed_from=2022&signed_to=2023-08",
        group=SIGNATURE,
        period=SIGNED,
    ),
    Bound(
        name="in_force_from",
        label=_("Entered into force from"),
        meaning=_("Entered into force on this date or later."),
        values=_PARTIAL_DATE,
        example="in_force_from=2022",
        group=ENTRY,
        period=IN_FORCE,
        clause=Clause(5, IN_FORCE.phrase),
    ),
    Bound(
        name="in_force_to",
        label=_("Entered into force by"),
        meaning=_("Entered into force on this date or earlier."),
        values=_PARTIAL_DATE,
        example="in_force_from=2022&in_force_to=2023-08",
        group=ENTRY,
        period=IN_FORCE,
    ),
    Bound(
        name="ends_from",
        label=_("Ends from"),
        meaning=_(
            "Ends on this date or later: by its term, by termination or by a successor, whichever comes first."
        ),
        values=_PARTIAL_DATE,
        example="ends_from=2026",
        group=END,
        period=ENDS,
        clause=Clause(5, ENDS.phrase),
    ),
    Bound(
        name="ends_to",
        label=_("Ends by"),
        meaning=_("Ends on this date or earlier."),
        values=_PARTIAL_DATE,
        example="ends_from=2026&ends_to=2027-06",
        group=END,
        period=ENDS,
    ),
    CertaintyChoice(
        name="certainty",
        label=_("Partial dates"),
        meaning=_("Whether a partial date must certainly lie in the period, or only possibly."),
        values=_("one of the codes below"),
        example="signed_from=2023-08-15&signed_to=2023-08-20&certainty=certain",
        group=SIGNATURE,
        help_text=_("“August 2023” lies possibly, but not certainly, in the week from 15 August."),
        choices=(
            ("", Certainty.POSSIBLE.label),
            ("certain", Certainty.CERTAIN.label),
            ("possible", Certainty.POSSIBLE.label),
        ),
        default="possible",
    ),
    Codes(
        name="term",
        label=_("Term"),
        meaning=_("How long it is meant to last."),
        values=_CODES,
        example="term=automatic_renewal",
        group=TERM,
        codes=TermKind,
        source="term_kind",
        clause=Clause(1, _terms),
        without=_("but not with the term %(values)s"),
        facet=facets.of_codes,
    ),
    YesNo(
        name="has_commitment",
        label=_("Has commitments"),
        meaning=_("Whether the agreement has a public commitment."),
        example="has_commitment=true",
        group=TERM,
        holds=lambda seen: seen.segment.marked("commitment"),
        clause=Clause(6, _commitments),
        facet=facets.of_yes_or_no,
    ),
    YesNo(
        name="has_relation",
        label=_("Is related to others"),
        meaning=_(
            "Whether it is related to another public agreement, by what either of them says."
        ),
        example="has_relation=true",
        group=TERM,
        holds=lambda seen: seen.segment.marked("relation"),
        clause=Clause(6, _relations),
        facet=facets.of_yes_or_no,
    ),
    Codes(
        name="verification",
        label=_("Verification"),
        meaning=_("How well the record is supported."),
        values=_CODES,
        example="verification=corroborated",
        group=EVIDENCE,
        codes=Verification,
        is_adjective=True,
        without=_NOT,
        facet=facets.of_codes,
    ),
    Marked(
        name="basis",
        label=_("Basis of a fact"),
        meaning=_("How a source supports at least one of its facts."),
        values=_CODES,
        example="basis=inferred",
        group=EVIDENCE,
        choices=Basis.choices,
        clause=Clause(6, _bases),
        without=_("but without a fact that is %(values)s"),
        facet=facets.of_marks,
    ),
    Marked(
        name="unknown",
        label=_("Not known"),
        meaning=_(
            "A fact that is not known. Signature, its place, entry into force and signatories count only once an agreement "
            "is concluded, and the end of the term only if the term has one."
        ),
        values=_CODES,
        example="unknown=signed",
        group=EVIDENCE,
        choices=_UNKNOWABLE,
        mark=known,
        is_missing=True,
        clause=Clause(6, _unknown),
        without=_("with known %(values)s"),
        facet=facets.of_marks,
    ),
    YesNo(
        name="has_document",
        label=_("Has a public document"),
        meaning=_("Whether the agreement has a public document."),
        example="has_document=true",
        group=EVIDENCE,
        holds=lambda seen: seen.segment.marked("document"),
        clause=Clause(6, _documents),
        facet=facets.of_yes_or_no,
    ),
    Identifiers(
        name="identifier",
        label=_("Identifier"),
        meaning=_("What another register or series calls it, in capital or small letters."),
        values=_("scheme:value, or the value alone"),
        example="identifier=celex:22021A0430(01)",
        group=SIGNERS,
        help_text=_("Such as celex:22021A0430(01) or I-54669."),
        longest=LONGEST_IDENTIFIER,
        clause=Clause(6, _identified),
    ),
    Signatories(
        name="signatory",
        label=_("Signatory"),
        meaning=_(
            "Who signed: words of the name or of the position held, in any spelling, or the code from the URL of a "
            "person's page for that person alone."
        ),
        values=_("up to 200 characters"),
        example="signatory=babayev",
        group=SIGNERS,
        help_text=_("A name in any spelling, or a position such as Minister of Labour."),
        longest=LONGEST_QUERY,
        rows=Person.objects.all(),
        clause=Clause(4, _signed_by),
    ),
    Places(
        name="place",
        label=_("Place of signature"),
        meaning=_(
            "Words of the place of signature, in any spelling; the last one may be the beginning of a word."
        ),
        values=_("up to 200 characters"),
        example="place=tashkent",
        group=SIGNERS,
        longest=LONGEST_QUERY,
        clause=Clause(4, _placed),
    ),
    Publishers(
        name="publisher",
        label=_("Publisher"),
        meaning=_(
            "Words of the publisher of a source, in any spelling, or its whole name with hyphens for that publisher alone."
        ),
        values=_("up to 200 characters"),
        example="publisher=azernews",
        group=EVIDENCE,
        longest=LONGEST_QUERY,
        clause=Clause(6, _published_by),
    ),
    Number(
        name="expires_within",
        label=_("Ends within (days)"),
        meaning=_(
            "In force or signed on the day given by as_of, and its last day is that day or within this many days after it."
        ),
        values=_("a number of days, 0 to 36500"),
        example="expires_within=365",
        group=END,
        least=0,
        most=FARTHEST_DAYS,
        compared=lambda seen, days: seen.ending_within(days),
        clause=Clause(5, _ending),
    ),
    ChangedSince(
        name="updated_since",
        label=_("Changed since"),
        meaning=_(
            "Entered or changed at this moment or later. JSON and the API also name, as gone, all records "
            "withdrawn since then, whatever else is asked for."
        ),
        values=_("a moment in ISO 8601 with its offset from UTC, or a day"),
        example="updated_since=2026-11-30T09:00:00Z",
        group=EVIDENCE,
        help_text=_("A day, such as 2026-11-30, or a moment: 2026-11-30T09:00:00Z."),
        clause=Clause(6, _changed_since),
    ),
    Choice(
        name="sort",
        label=_("Order"),
        meaning=_(
            "The order of the rows. By default the latest signed come first or, with q, the best matches."
        ),
        values=", ".join(code for code, _label in SORTS),
        example="sort=title",
        group=LIST,
        choices=(("", _("Best match for a search, otherwise latest signed first")), *SORTS),
        has_chip=False,
    ),
    Number(
        name="page",
        label="",
        meaning=_("Page of the list; a file contains all pages."),
        values=_("1 or more"),
        example="page=1",
        least=1,
        most=10**9,
        default="1",
        has_chip=False,
    ),
    Choice(
        name="per_page",
        label=_("Agreements per page"),
        meaning=_("Number of agreements on each page of the list."),
        values=", ".join(map(str, PER_PAGE)),
        example="per_page=100",
        group=LIST,
        choices=[(str(n), str(n)) for n in PER_PAGE],
        default=str(PER_PAGE[0]),
        has_chip=False,
    ),
)
EXCEL = FileParameter(
    name="excel",
    label="",
    meaning=_(
        "In files only: begins the CSV with a byte order mark, so that Excel recognises it as UTF-8."
    ),
    values=_("1, or leave it out"),
    example="excel=1",
)
LABELS = FileParameter(
    name="labels",
    label="",
    meaning=_(
        "In CSV and Excel files only: the main facts with headings and values in words, for people to read or print."
    ),
    values=_("1, or leave it out"),
    example="labels=1",
)
LANG = FileParameter(
    name="lang",
    label="",
    meaning=_("In files with labels=1 only: their language."),
    values="en, az, ru",
    example="labels=1&lang=az",
)

# In the order of the data page and of the form: filters without a group come first or last.
OF_FILES = (EXCEL, LABELS, LANG)
PARAMETERS = (*_DECLARED, *OF_FILES)
FILTERS = (
    *(declared for declared in _DECLARED if declared.group is None and declared.has_chip),
    *(declared for group in GROUPS for declared in _DECLARED if declared.group is group),
    *(declared for declared in _DECLARED if declared.group is None and not declared.has_chip),
)
# Filters whose values are rows with a name and a slug
NAMED = tuple(each for each in FILTERS if isinstance(each, Branches | Signatories))
REPEATABLE = frozenset(declared.name for declared in FILTERS if declared.is_repeatable)
FILE_PARAMETERS = frozenset(declared.name for declared in OF_FILES)
