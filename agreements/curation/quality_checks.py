"""What is odd about an agreement, though not impossible: real registers are full of it, so it warns and never blocks.

A treaty in force before its signature exists; more often somebody mistyped a year. The admin shows these sentences
on the agreement's page and after every save. Each names the field and what to do about it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from agreements.curation.duplicate_agreements import advice_for, duplicates_of, subject_of
from agreements.domain.choices import (
    Basis,
    Fact,
    LegalNature,
    PartyKind,
    RelationKind,
    Role,
    Stage,
    TermKind,
)
from agreements.domain.partial_dates import PartialDate, in_words
from agreements.models import Agreement, Participation, Party, Signatory
from agreements.models.trees import MAX_DEPTH

LONG_TITLE = 255
_OF_A_COUNTRY = (PartyKind.STATE, PartyKind.MINISTRY, PartyKind.AGENCY, PartyKind.SUBNATIONAL)
# A term from 28 July may be said to end on 27 or on 28 July: both are usual.
_SAME_END = timedelta(days=1)
LIKELY_DUPLICATE = "likely_duplicate"


@dataclass(frozen=True)
class Finding:
    """Something a person should look at: the field it is about, a stable code, and a sentence."""

    field: str
    code: str
    message: str
    # the agreement that the sentence names, if it is to be looked at as well: its id and reference
    other: tuple[int, str] | None = None

    def __str__(self) -> str:
        return self.message


def findings_of(agreement: Agreement) -> list[Finding]:
    """Return what is odd about a saved agreement, in the order of the admin's fields.

    Costs nine queries; one more if it has a likely duplicate, and one for each level of parties above its own if a signatory
    signed for none of these.
    """
    participations = list(agreement.participations.select_related("party"))
    return [
        *_check_length_of_the_title(agreement),
        *_check_duplicates(agreement, participations),
        *_check_parties(participations),
        *_check_stage(agreement),
        *_check_order_of_dates(agreement),
        *_check_signatories(agreement, [row.party for row in participations]),
        *_check_term(agreement),
        *_check_supersession(agreement),
        *_check_sources(agreement),
    ]


def findings_of_facts(agreement: Agreement, participations: list[Participation]) -> list[Finding]:
    """Return what is odd about the facts themselves, of an agreement that need not be saved; no query.

    `updated_at` says which day it is; the participations need no more than a role and a party with its kind and
    country. An import asks this of thousands.
    """
    return [
        *_check_length_of_the_title(agreement),
        *_check_parties(participations),
        *_check_stage(agreement),
        *_check_order_of_dates(agreement),
        *_check_term(agreement),
    ]


def _check_length_of_the_title(agreement: Agreement) -> Iterator[Finding]:
    length = len(agreement.title)
    if length > LONG_TITLE:
        yield Finding(
            "title",
            "long_title",
            _(
                "Title: it has %(n)d characters. If it is not the official title, shorten it to %(most)d."
            )
            % {"n": length, "most": LONG_TITLE},
        )


def _check_duplicates(
    agreement: Agreement, participations: list[Participation]
) -> Iterator[Finding]:
    """Yield the records that may be this one entered twice; undated ones are not compared. Three queries at most."""
    if agreement.signed is None:
        return
    for duplicate in duplicates_of(subject_of(agreement, participations)):
        yield Finding(
            "parties",
            LIKELY_DUPLICATE,
            _("Perhaps entered twice: %(ref)s %(likeness)s. %(advice)s")
            % {
                "ref": duplicate.ref,
                "likeness": duplicate.likeness,
                "advice": advice_for(agreement),
            },
            other=(duplicate.key, duplicate.ref),
        )


def _check_parties(participations: list[Participation]) -> Iterator[Finding]:
    parties = {row.party_id for row in participations if row.role == Role.PARTY}
    if not parties:
        yield Finding("parties", "no_party", _("Parties: there is none. Add those who agreed."))
    elif len(parties) == 1:
        yield Finding(
            "parties", "one_party", _("Parties: there is only one. Add the other, if it is known.")
        )
    for party in {row.party for row in participations}:
        if party.kind in _OF_A_COUNTRY and not party.country:
            yield Finding(
                "parties",
                "party_without_country",
                _(
                    "Parties: %(party)s has no country, so that no filter by country finds it. "
                    "Give it on the party's own page."
                )
                % {"party": party},
            )


def _check_stage(agreement: Agreement) -> Iterator[Finding]:
    if agreement.stage in (Stage.PROPOSED, Stage.NEGOTIATION) and agreement.signed:
        yield Finding(
            "stage",
            "signed_before_conclusion",
            _(
                "Stage: it says “%(stage)s” although a date of signature is given. "
                "Choose “%(concluded)s”, or remove the date."
            )
            % {"stage": agreement.get_stage_display(), "concluded": Stage.CONCLUDED.label},
        )
    if agreement.signed and agreement.signed.earliest > agreement.updated_at.date():
        yield Finding(
            "signed",
            "signed_in_the_future",
            _("Signed: %(signed)s is yet to come. Check the year.")
            % {"signed": in_words(agreement.signed)},
        )
    dates = (agreement.signed, agreement.in_force, agreement.expires_stated, agreement.terminated)
    if agreement.stage == Stage.CONCLUDED and not any(dates):
        yield Finding(
            "signed",
            "concluded_without_date",
            _(
                "Signed: the agreement is concluded, yet it has no date at all. "
                "Give the year at least, if a source has it."
            ),
        )


def _check_order_of_dates(agreement: Agreement) -> Iterator[Finding]:
    signed, in_force = agreement.signed, agreement.in_force
    if _surely_before(in_force, signed):
        yield Finding(
            "in_force",
            "in_force_before_signed",
            _(
                "Entered into force: %(in_force)s is before the signature, %(signed)s. Check both dates."
            )
            % _shown(in_force=in_force, signed=signed),
        )
    if _surely_before(agreement.terminated, signed):
        yield Finding(
            "terminated",
            "terminated_before_signed",
            _("Terminated: %(terminated)s is before the signature, %(signed)s. Check both dates.")
            % _shown(terminated=agreement.terminated, signed=signed),
        )
    start = in_force or signed
    if _surely_before(agreement.expires_stated, start):
        yield Finding(
            "expires_stated",
            "end_before_start",
            _(
                "End named by the document: %(end)s is before the agreement began, %(start)s. Check both dates."
            )
            % _shown(end=agreement.expires_stated, start=start),
        )


def _surely_before(one: PartialDate | None, other: PartialDate | None) -> bool:
    """Return whether every day that `one` can be is before every day that `other` can be."""
    return one is not None and other is not None and one.latest < other.earliest


def _shown(**dates: PartialDate | None) -> dict[str, str]:
    return {name: in_words(value) if value else "" for name, value in dates.items()}


def _check_signatories(agreement: Agreement, parties: list[Party]) -> Iterator[Finding]:
    signatories = list(agreement.signatories.exclude(party=None).select_related("party"))
    strangers = _outside(signatories, parties)
    for signatory in signatories:
        if signatory.party_id in strangers:
            yield Finding(
                "signatories",
                "signed_for_a_stranger",
                _(
                    "Signatories: %(name)s signed for %(party)s, which is not among the parties. "
                    "Add it to the parties, or correct “signed for”."
                )
                % {"name": signatory.name, "party": signatory.party},
            )


def _outside(signatories: list[Signatory], parties: list[Party]) -> set[int | None]:
    """Return the ids of what was signed for that is neither a party, nor a body of one, nor what one is part of."""
    if not signatories:
        return set()
    own = Party.objects.at_or_below(party.slug for party in parties).values_list("pk", flat=True)
    outside = {signatory.party_id for signatory in signatories} - set(own)
    return outside - _above(parties) if outside else outside


def _above(parties: Iterable[Party]) -> set[int]:
    """Return the ids of everything these parties are part of, a query a level."""
    found: set[int] = set()
    level = {party.parent_id for party in parties if party.parent_id}
    for _level in range(MAX_DEPTH):
        level -= found
        if not level:
            break
        found |= level
        above = Party.objects.filter(pk__in=level, parent__isnull=False)
        level = set(above.values_list("parent_id", flat=True))
    return found


def _check_term(agreement: Agreement) -> Iterator[Finding]:
    if agreement.term_kind == TermKind.FIXED and agreement.expires_stated is None:
        yield from _check_uncounted_end(agreement)
    if agreement.term_kind == TermKind.INDEFINITE and agreement.expires_stated:
        yield Finding(
            "expires_stated",
            "indefinite_with_end",
            _(
                "End named by the document: the term is indefinite, so there is none. "
                "Choose another term, or remove the end."
            ),
        )
    yield from _check_named_end(agreement)
    months, notice = agreement.term_months, agreement.notice_days
    if months and notice and notice * 12 > months * 366:
        yield Finding(
            "notice_days",
            "notice_longer_than_term",
            _(
                "Notice in days: %(days)d days are longer than the term of %(months)d months. Check both numbers."
            )
            % {"days": notice, "months": months},
        )


def _check_uncounted_end(agreement: Agreement) -> Iterator[Finding]:
    if not agreement.term_months:
        yield Finding(
            "term_months",
            "fixed_without_length",
            _(
                "Months: the term is fixed, but neither its length nor its end is given. "
                "Give one, or choose “%(unknown)s”."
            )
            % {"unknown": TermKind.UNKNOWN.label},
        )
    elif agreement.in_force is None:
        yield Finding(
            "in_force",
            "fixed_without_start",
            _(
                "Entered into force: without this date the end of the term cannot be counted. "
                "If it took effect on signature, repeat that date."
            ),
        )


def _check_named_end(agreement: Agreement) -> Iterator[Finding]:
    """Yield that the end named is not the one counted; an automatic renewal may have put it off already."""
    named, counted = agreement.expires_stated, _counted_end(agreement)
    if named is None or counted is None or _surely_before(named, agreement.in_force):
        return
    too_early = named.latest < counted.earliest - _SAME_END
    too_late = agreement.term_kind == TermKind.FIXED and named.earliest > counted.latest + _SAME_END
    if too_early or too_late:
        yield Finding(
            "expires_stated",
            "named_end_is_not_the_counted",
            _(
                "End named by the document: it names %(named)s, but %(months)d months from the entry into force "
                "end %(counted)s. Check the dates and the months."
            )
            % {**_shown(named=named, counted=counted), "months": agreement.term_months},
        )


def _counted_end(agreement: Agreement) -> PartialDate | None:
    if agreement.in_force is None or not agreement.term_months or agreement.in_force.is_open:
        return None
    return agreement.in_force.plus_months(agreement.term_months)


def _check_supersession(agreement: Agreement) -> Iterator[Finding]:
    if agreement.signed or agreement.in_force:
        return
    superseding = agreement.relations_out.filter(kind=RelationKind.SUPERSEDES)
    for ref in superseding.values_list("target__ref", flat=True):
        yield Finding(
            "signed",
            "superseding_without_date",
            _(
                "Signed: this agreement supersedes %(ref)s but has no date, so %(ref)s does not count as superseded. "
                "Give the date of signature or of entry into force."
            )
            % {"ref": ref},
        )


def _check_sources(agreement: Agreement) -> Iterator[Finding]:
    supporting = agreement.evidence.exclude(basis=Basis.CONTRADICTED)
    supported = set(supporting.values_list("fact", flat=True))
    if not supported:
        yield Finding(
            "evidence",
            "no_source",
            _(
                "Sources: there is none. Say where the facts come from, so that readers can check them."
            ),
        )
    elif bare := [str(fact.label) for fact in _filled(agreement) if fact not in supported]:
        yield Finding(
            "evidence",
            "facts_without_source",
            _(
                "Sources: there is none for %(facts)s. Name one for each, or say what it is inferred from."
            )
            % {"facts": get_text_list(bare, _("and"))},
        )


def _filled(agreement: Agreement) -> list[Fact]:
    """Return the facts that are given, of those that every reader wants the source of; two queries."""
    given = {
        Fact.LEGAL_NATURE: agreement.legal_nature != LegalNature.NOT_ASSESSED,
        Fact.SIGNED: agreement.signed,
        Fact.PLACE: agreement.place,
        Fact.IN_FORCE: agreement.in_force,
        Fact.TERM: agreement.term_kind != TermKind.UNKNOWN,
        Fact.EXPIRES: agreement.expires_stated,
        Fact.NOTICE: agreement.notice_days is not None,
        Fact.TERMINATED: agreement.terminated,
        Fact.SIGNATORIES: agreement.signatories.exists(),
        Fact.AREAS: agreement.areas.exists(),
    }
    return [fact for fact, is_given in given.items() if is_given]
