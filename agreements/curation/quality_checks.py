"""Quality checks: what looks wrong about an agreement but can be right, so they warn and never block.

Some treaties are in force before their signature; more often somebody mistyped a year. The admin shows the findings
on the agreement's page and after every save. Each names the field and says what to do about it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils import timezone
from django.utils.text import capfirst, get_text_list
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agreements.curation.duplicate_agreements import advice_for, duplicates_of, subject_of
from agreements.curation.told_dates import told_dates
from agreements.domain.choices import (
    Basis,
    PartyKind,
    Publication,
    RelationKind,
    Role,
    Stage,
    TermKind,
    TextAvailability,
)
from agreements.domain.durations import Duration, duration_in_words
from agreements.domain.facts import FACTS
from agreements.domain.partial_dates import PartialDate, in_words
from agreements.models import Agreement, Participation, Party, Relation
from agreements.models.work_querysets import DATING_PERIODS, SEEN_DOCUMENTS

LONG_TITLE = 255
_OF_A_COUNTRY = (
    *(PartyKind.STATE, PartyKind.MINISTRY, PartyKind.AGENCY, PartyKind.SUBNATIONAL, PartyKind.CITY),
    *(PartyKind.PARLIAMENT, PartyKind.COURT, PartyKind.CENTRAL_BANK),
)
# A term from 28 July may end on 27 or on 28 July: both are common.
_SAME_END = timedelta(days=1)
# of agreements in one finding
MOST_NAMED = 10
LIKELY_DUPLICATE = "likely_duplicate"

# The sentence of each finding by its code; it begins with the field that it is about.
_SENTENCES = {
    "long_title": _(
        "Title: it has %(n)d characters. If it is not the official title, shorten it to %(most)d."
    ),
    LIKELY_DUPLICATE: _("Perhaps entered twice: %(ref)s %(likeness)s. %(advice)s"),
    "no_party": _("Parties: there are none. Add the bodies that agreed."),
    "one_party": _("Parties: there is only one. Add the other, if it is known."),
    "party_without_country": _(
        "Parties: %(party)s has no country, so the country filter does not find it. "
        "Add one on the party's own page."
    ),
    "signed_before_conclusion": _(
        "Stage: it says “%(stage)s” although a date of signature is given. "
        "Choose “%(concluded)s”, or remove the date."
    ),
    "in_force_before_conclusion": _(
        "Stage: it says “%(stage)s” although a date of entry into force or termination is given. "
        "Choose “%(concluded)s”, or remove the date."
    ),
    "signed_in_the_future": _("Signed: %(signed)s is in the future. Check the year."),
    "concluded_without_date": _(
        "Signed: the agreement is concluded but has no date at all. "
        "Enter at least the year, if a source states it."
    ),
    "superseding_without_date": _(
        "Signed: this agreement supersedes %(ref)s but has no date, so %(ref)s does not count as superseded. "
        "Enter the date of signature or of entry into force."
    ),
    "terminating_without_end": _(
        "Related agreements: this agreement terminates %(ref)s, whose termination has no date. "
        "Enter it there: %(day)s, if the termination took effect when this agreement did."
    ),
    "terminating_on_another_day": _(
        "Related agreements: this agreement terminates %(ref)s and dates from %(day)s, but %(ref)s was terminated on "
        "%(terminated)s. Check both dates."
    ),
    "terminated_without_end": _(
        "Terminated: %(ref)s terminates this agreement, but there is no date. Enter %(day)s, "
        "if the termination took effect when that agreement did."
    ),
    "terminated_on_another_day": _(
        "Terminated: it says %(terminated)s, but %(ref)s, which terminates this agreement, dates from %(day)s. "
        "Check both dates."
    ),
    "relation_not_shown": _(
        "Related agreements: %(refs)s is not public, so the page does not name it. "
        "Publish it as well, or accept that readers do not learn of it."
    ),
    "text_is_confidential_and_public": _(
        "Availability of the text: it says “%(confidential)s”, but a document that holds the text is public. "
        "Choose “%(public)s”, or make the document private."
    ),
    "in_force_before_signed": _(
        "Entered into force: %(in_force)s is before the signature, %(signed)s. Check both dates."
    ),
    "fixed_without_start": _(
        "Entered into force: without this date the register cannot compute the end of the term. "
        "If the agreement took effect on signature, repeat that date."
    ),
    "terminated_before_signed": _(
        "Terminated: %(terminated)s is before the signature, %(signed)s. Check both dates."
    ),
    "end_before_start": _(
        "End named by the document: %(end)s is before the agreement began, %(start)s. Check both dates."
    ),
    "indefinite_with_end": _(
        "End named by the document: an indefinite term has none. "
        "Choose another term, or remove the end."
    ),
    "named_end_is_not_the_counted": _(
        "End named by the document: it says %(named)s, but %(term)s from the entry into force "
        "lead to %(counted)s. Check the dates and the length."
    ),
    "signed_for_a_stranger": _(
        "Signatories: %(name)s signed for %(party)s, which is not one of the parties. "
        "Add it to the parties, or correct “signed for”."
    ),
    "notice_longer_than_term": _(
        "Notice: %(notice)s is longer than the term of %(term)s. Check both lengths."
    ),
    "fixed_without_length": _(
        "Length: the term is fixed, but neither its length nor its end is given. "
        "Enter one of them, or choose “%(unknown)s”."
    ),
    "timeline_fills": _(
        "%(field)s: nothing is entered, but the timeline says “%(event)s”, %(told)s. "
        "Press “Save and fill in” below, or correct the event."
    ),
    "timeline_disagrees": _(
        "%(field)s: it says %(stated)s, but the timeline says “%(event)s”, %(told)s. Correct one of them."
    ),
    "timeline_contradicts_itself": _(
        "%(field)s: the timeline says “%(event)s” more than once: %(told)s. Correct it, and enter the date."
    ),
    "timeline_without_period": _(
        "Periods: the timeline says “%(event)s”, %(told)s, but no period says so. "
        "Add the period with its days, or correct the event."
    ),
    "no_source": _(
        "Sources: there are none. Say where the facts come from, so that readers can check them."
    ),
    "facts_without_source": _(
        "Sources: there is none for %(facts)s. Name one for each, or say what it is inferred from."
    ),
    "source_of_nothing": _(
        "Sources: %(facts)s: nothing is entered that the evidence could support. Enter it, or remove the evidence."
    ),
}


@dataclass(frozen=True)
class Finding:
    """A finding: a stable code, and a sentence that names the field and says what to do.

    `other` is the id and reference of an agreement that the sentence names and that is worth opening as well.
    """

    code: str
    message: str
    other: tuple[int, str] | None = None

    def __str__(self) -> str:
        return self.message


def _finding(code: str, *, other: tuple[int, str] | None = None, **told: object) -> Finding:
    shown = {
        name: in_words(value) if isinstance(value, PartialDate) else value
        for name, value in told.items()
    }
    return Finding(code, str(_SENTENCES[code]) % shown, other)


def findings_of(agreement: Agreement, day: date | None = None) -> list[Finding]:
    """Return the findings about a saved agreement on `day`, by default today, in the order of the admin's fields.

    Fifteen queries at most; one more if it has a likely duplicate, and one for each body outside its parties that a
    signatory signed for.
    """
    participations = list(agreement.participations.select_related("party"))
    day = day or timezone.localdate()
    return [
        *_check_title(agreement),
        *_check_duplicates(agreement, participations),
        *_check_parties(participations),
        *_check_stage_and_dates(agreement, day),
        *_check_signatories(agreement, [row.party for row in participations]),
        *_check_term(agreement),
        *_check_supersession(agreement),
        *_check_timeline(agreement),
        *_check_terminations(agreement),
        *_check_hidden_relations(agreement),
        *_check_availability(agreement),
        *_check_sources(agreement),
    ]


def checks_passed(found: list[Finding]) -> int:
    """Return how many of the checks of `findings_of` found nothing."""
    return len(_SENTENCES) - len({finding.code for finding in found})


def finding_of_party(party: Party) -> Finding | None:
    """Return the finding about a party of any agreement, None if there is none."""
    if party.kind in _OF_A_COUNTRY and not party.country:
        return _finding("party_without_country", party=party)
    return None


def findings_of_facts(
    agreement: Agreement,
    participations: list[Participation],
    day: date,
    of_party: Callable[[Party], Finding | None] = finding_of_party,
) -> list[Finding]:
    """Return the findings on `day` about the facts themselves, for an agreement that may be unsaved; no query.

    Of the participations only the role and the party's kind and country are read. An import runs this for thousands of
    rows; its `of_party` remembers what `finding_of_party` found.
    """
    return [
        *_check_title(agreement),
        *_check_parties(participations, of_party),
        *_check_stage_and_dates(agreement, day),
        *_check_term(agreement),
    ]


def _check_title(agreement: Agreement) -> Iterator[Finding]:
    if (length := len(agreement.title)) > LONG_TITLE:
        yield _finding("long_title", n=length, most=LONG_TITLE)


def _check_duplicates(
    agreement: Agreement, participations: list[Participation]
) -> Iterator[Finding]:
    """Yield the records that may be this one entered twice; undated ones are not compared. Three queries at most."""
    if agreement.signed is None:
        return
    for found in duplicates_of(subject_of(agreement, participations)):
        yield _finding(
            LIKELY_DUPLICATE,
            ref=found.ref,
            likeness=found.likeness,
            advice=advice_for(agreement),
            other=(found.key, found.ref),
        )


def _check_parties(
    participations: list[Participation],
    of_party: Callable[[Party], Finding | None] = finding_of_party,
) -> Iterator[Finding]:
    parties = {row.party_id for row in participations if row.role == Role.PARTY}
    if len(parties) < 2:
        yield _finding("one_party" if parties else "no_party")
    yield from filter(None, map(of_party, {row.party for row in participations}))


def _check_stage_and_dates(agreement: Agreement, day: date) -> Iterator[Finding]:
    signed, in_force = agreement.signed, agreement.in_force
    terminated, end, start = agreement.terminated, agreement.expires_stated, in_force or signed
    if agreement.stage in (Stage.PROPOSED, Stage.NEGOTIATION) and signed:
        yield _finding(
            "signed_before_conclusion",
            stage=agreement.get_stage_display(),
            concluded=Stage.CONCLUDED.label,
        )
    elif agreement.stage != Stage.CONCLUDED and (in_force or terminated):
        yield _finding(
            "in_force_before_conclusion",
            stage=agreement.get_stage_display(),
            concluded=Stage.CONCLUDED.label,
        )
    if signed and signed.earliest > day:
        yield _finding("signed_in_the_future", signed=signed)
    if agreement.stage == Stage.CONCLUDED and not any((start, end, terminated)):
        yield _finding("concluded_without_date")
    if _surely_before(in_force, signed):
        yield _finding("in_force_before_signed", in_force=in_force, signed=signed)
    if _surely_before(terminated, signed):
        yield _finding("terminated_before_signed", terminated=terminated, signed=signed)
    if _surely_before(end, start):
        yield _finding("end_before_start", end=end, start=start)


def _surely_before(one: PartialDate | None, other: PartialDate | None) -> bool:
    """Return whether every day that `one` can be is before every day that `other` can be."""
    return one is not None and other is not None and one.latest < other.earliest


def _check_signatories(agreement: Agreement, parties: list[Party]) -> Iterator[Finding]:
    signatories = list(agreement.signatories.exclude(party=None).select_related("party"))
    if not signatories:
        return
    below = Party.objects.at_or_below(party.slug for party in parties)
    own = set(below.values_list("pk", flat=True))
    outside = {row.party for row in signatories if row.party and row.party.pk not in own}
    strange = {body for body in outside if not _is_above(body, parties)}
    for signatory in signatories:
        if signatory.party in strange:
            yield _finding("signed_for_a_stranger", name=signatory.name, party=signatory.party)


def _is_above(body: Party, parties: list[Party]) -> bool:
    """Whether one of these parties is part of this body; one query."""
    below = Party.objects.at_or_below([body.slug])
    return below.filter(pk__in=[party.pk for party in parties]).exists()


def _check_term(agreement: Agreement) -> Iterator[Finding]:
    term, notice = agreement.term, agreement.notice
    is_fixed, end = agreement.term_kind == TermKind.FIXED, agreement.expires_stated
    if is_fixed and end is None and not term:
        yield _finding("fixed_without_length", unknown=TermKind.UNKNOWN.label)
    elif is_fixed and end is None and agreement.in_force is None:
        yield _finding("fixed_without_start")
    if agreement.term_kind == TermKind.INDEFINITE and end:
        yield _finding("indefinite_with_end")
    yield from _check_named_end(agreement)
    if term and notice and _days_at_least(notice) > _days_at_most(term):
        yield _finding(
            "notice_longer_than_term",
            notice=duration_in_words(notice),
            term=duration_in_words(term),
        )


def _days_at_least(length: Duration) -> int:
    return length.days or length.months * 28


def _days_at_most(length: Duration) -> float:
    return length.days or length.months * 366 / 12


def _check_named_end(agreement: Agreement) -> Iterator[Finding]:
    """Compare the recorded end with the computed one; an automatic renewal may already have postponed it."""
    named, start, term = agreement.expires_stated, agreement.in_force, agreement.term
    if named is None or start is None or not term or start.is_open:
        return
    counted = term.after(start)
    too_early = named.latest < counted.earliest - _SAME_END
    too_late = agreement.term_kind == TermKind.FIXED and named.earliest > counted.latest + _SAME_END
    if (too_early or too_late) and not _surely_before(named, start):
        words = duration_in_words(term)
        yield _finding("named_end_is_not_the_counted", named=named, counted=counted, term=words)


def _check_supersession(agreement: Agreement) -> Iterator[Finding]:
    if agreement.signed or agreement.in_force:
        return
    superseding = agreement.relations_out.filter(kind=RelationKind.SUPERSEDES)
    for ref in superseding.values_list("target__ref", flat=True):
        yield _finding("superseding_without_date", ref=ref)


def _check_timeline(agreement: Agreement) -> Iterator[Finding]:
    for told in told_dates(agreement):
        shown: dict[str, Any] = {"field": capfirst(str(told.label)), "event": told.kind.label}
        if told.missing:
            # a suspension ends on the day before the resumption that the timeline dates
            day = told.missing if told.missing in told.events else min(told.events)
            yield _finding("timeline_fills", **shown, told=day)
        elif told.stated:
            for day in told.contrary:
                yield _finding("timeline_disagrees", **shown, stated=told.stated, told=day)
        elif told.kind in DATING_PERIODS:
            for day in told.contrary:
                yield _finding("timeline_without_period", **shown, told=day)
        else:
            days = get_text_list([in_words(day) for day in told.contrary], gettext("and"))
            yield _finding("timeline_contradicts_itself", **shown, told=days)


def _check_terminations(agreement: Agreement) -> Iterator[Finding]:
    """Compare the dates of terminations with those of the agreements that terminate; two queries."""
    terminating = Relation.objects.filter(kind=RelationKind.TERMINATES)
    if agreement.is_public and agreement.stage == Stage.CONCLUDED:
        for relation in terminating.filter(agreement=agreement.pk).select_related("target"):
            yield from _check_termination(
                agreement, relation.target, relation.target, "terminating"
            )
    # only what is public ends another agreement for the public
    published = terminating.filter(
        agreement__publication=Publication.PUBLISHED, agreement__stage=Stage.CONCLUDED
    )
    for relation in published.filter(target=agreement.pk).select_related("agreement"):
        yield from _check_termination(
            relation.agreement, agreement, relation.agreement, "terminated"
        )


def _check_termination(
    later: Agreement, ended: Agreement, other: Agreement, code: str
) -> Iterator[Finding]:
    """Yield what is wrong if `later` terminates `ended`; the finding names `other` of the two."""
    day, terminated = later.in_force or later.signed, ended.terminated
    told = {"ref": other.ref, "day": day or gettext("the day on which it took effect")}
    if terminated is None:
        yield _finding(f"{code}_without_end", other=(other.pk, other.ref), **told)
    elif _surely_before(day, terminated) or _surely_before(terminated, day):
        yield _finding(
            f"{code}_on_another_day", other=(other.pk, other.ref), terminated=terminated, **told
        )


def _check_hidden_relations(agreement: Agreement) -> Iterator[Finding]:
    """Yield a finding on relations to agreements that are not public; one query."""
    hidden = agreement.relations_out.exclude(target__publication=Publication.PUBLISHED)
    refs = list(hidden.order_by("target__ref").values_list("target__ref", flat=True)[:MOST_NAMED])
    if refs:
        yield _finding("relation_not_shown", refs=get_text_list(refs, gettext("and")))


def _check_availability(agreement: Agreement) -> Iterator[Finding]:
    """Yield a finding if a confidential text can be read here; one query if it is confidential."""
    if agreement.text_availability != TextAvailability.CONFIDENTIAL:
        return
    if agreement.documents.filter(is_public=True, kind__in=SEEN_DOCUMENTS).exists():
        yield _finding(
            "text_is_confidential_and_public",
            confidential=TextAvailability.CONFIDENTIAL.label,
            public=TextAvailability.PUBLIC.label,
        )


def _check_sources(agreement: Agreement) -> Iterator[Finding]:
    supporting = agreement.evidence.exclude(basis=Basis.CONTRADICTED)
    supported = set(supporting.values_list("fact", flat=True))
    if not supported:
        yield _finding("no_source")
        return
    wanted = (fact for fact in FACTS if fact.needs_source and fact.code not in supported)
    if bare := [str(fact.label) for fact in wanted if fact.is_given(agreement)]:
        yield _finding("facts_without_source", facts=get_text_list(bare, gettext("and")))
    cited = (fact for fact in FACTS if fact.code in supported and not fact.rows)
    if void := [str(fact.label) for fact in cited if not fact.says_something(agreement)]:
        yield _finding("source_of_nothing", facts=get_text_list(void, gettext("and")))
