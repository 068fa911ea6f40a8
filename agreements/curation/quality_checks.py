"""What is odd about an agreement, though not impossible: real registers are full of it, so it warns and never blocks.

A treaty in force before its signature exists; more often somebody mistyped a year. The admin shows these sentences
on the agreement's page and after every save. Each names the field and what to do about it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from agreements.curation.duplicate_agreements import sought_of, twins_of, what_to_do
from agreements.domain.choices import (
    Basis,
    PartyKind,
    RelationKind,
    Role,
    Stage,
    TermKind,
)
from agreements.domain.facts import FACTS
from agreements.domain.partial_dates import PartialDate, in_words
from agreements.models import Agreement, Participation, Party, Signatory
from agreements.models.trees import MAX_DEPTH

LONG_TITLE = 255
_OF_A_COUNTRY = (PartyKind.STATE, PartyKind.MINISTRY, PartyKind.AGENCY, PartyKind.SUBNATIONAL)
# A term from 28 July may be said to end on 27 or on 28 July: both are usual.
_SAME_END = timedelta(days=1)
LIKELY_TWIN = "likely_twin"


@dataclass(frozen=True)
class Oddity:
    """Something a person should look at: the field it is about, a stable code, and a sentence."""

    field: str
    code: str
    message: str
    # the agreement that the sentence names, if it is to be looked at as well: its id and reference
    other: tuple[int, str] | None = None

    def __str__(self) -> str:
        return self.message


def oddities(agreement: Agreement) -> list[Oddity]:
    """Return what is odd about a saved agreement, in the order of the admin's fields.

    Costs nine queries; one more if it has a likely twin, and one for each level of parties above its own if a signatory
    signed for none of these.
    """
    participations = list(agreement.participations.select_related("party"))
    return [
        *_about_the_length_of_the_title(agreement),
        *_about_twins(agreement, participations),
        *_about_the_parties(participations),
        *_about_the_stage(agreement),
        *_about_the_order_of_dates(agreement),
        *_about_the_signatories(agreement, [row.party for row in participations]),
        *_about_the_term(agreement),
        *_about_supersession(agreement),
        *_about_sources(agreement),
    ]


def oddities_of_facts(agreement: Agreement, participations: list[Participation]) -> list[Oddity]:
    """Return what is odd about the facts themselves, of an agreement that need not be saved; no query.

    `updated_at` says which day it is; the participations need no more than a role and a party with its kind and
    country. An import asks this of thousands.
    """
    return [
        *_about_the_length_of_the_title(agreement),
        *_about_the_parties(participations),
        *_about_the_stage(agreement),
        *_about_the_order_of_dates(agreement),
        *_about_the_term(agreement),
    ]


def _about_the_length_of_the_title(agreement: Agreement) -> Iterator[Oddity]:
    length = len(agreement.title)
    if length > LONG_TITLE:
        yield Oddity(
            "title",
            "long_title",
            _(
                "Title: it has %(n)d characters. If it is not the official title, shorten it to %(most)d."
            )
            % {"n": length, "most": LONG_TITLE},
        )


def _about_twins(agreement: Agreement, participations: list[Participation]) -> Iterator[Oddity]:
    """Yield the records that may be this one entered twice; undated ones are not compared. Three queries at most."""
    if agreement.signed is None:
        return
    for twin in twins_of(sought_of(agreement, participations)):
        yield Oddity(
            "parties",
            LIKELY_TWIN,
            _("Perhaps entered twice: %(ref)s %(likeness)s. %(advice)s")
            % {
                "ref": twin.ref,
                "likeness": twin.likeness,
                "advice": what_to_do(agreement),
            },
            other=(twin.key, twin.ref),
        )


def _about_the_parties(participations: list[Participation]) -> Iterator[Oddity]:
    parties = {row.party_id for row in participations if row.role == Role.PARTY}
    if not parties:
        yield Oddity("parties", "no_party", _("Parties: there is none. Add those who agreed."))
    elif len(parties) == 1:
        yield Oddity(
            "parties", "one_party", _("Parties: there is only one. Add the other, if it is known.")
        )
    for party in {row.party for row in participations}:
        if party.kind in _OF_A_COUNTRY and not party.country:
            yield Oddity(
                "parties",
                "party_without_country",
                _(
                    "Parties: %(party)s has no country, so that no filter by country finds it. "
                    "Give it on the party's own page."
                )
                % {"party": party},
            )


def _about_the_stage(agreement: Agreement) -> Iterator[Oddity]:
    if agreement.stage in (Stage.PROPOSED, Stage.NEGOTIATION) and agreement.signed:
        yield Oddity(
            "stage",
            "signed_before_conclusion",
            _(
                "Stage: it says “%(stage)s” although a date of signature is given. "
                "Choose “%(concluded)s”, or remove the date."
            )
            % {"stage": agreement.get_stage_display(), "concluded": Stage.CONCLUDED.label},
        )
    if agreement.signed and agreement.signed.earliest > agreement.updated_at.date():
        yield Oddity(
            "signed",
            "signed_in_the_future",
            _("Signed: %(signed)s is yet to come. Check the year.")
            % {"signed": in_words(agreement.signed)},
        )
    dates = (agreement.signed, agreement.in_force, agreement.expires_stated, agreement.terminated)
    if agreement.stage == Stage.CONCLUDED and not any(dates):
        yield Oddity(
            "signed",
            "concluded_without_date",
            _(
                "Signed: the agreement is concluded, yet it has no date at all. "
                "Give the year at least, if a source has it."
            ),
        )


def _about_the_order_of_dates(agreement: Agreement) -> Iterator[Oddity]:
    signed, in_force = agreement.signed, agreement.in_force
    if _surely_before(in_force, signed):
        yield Oddity(
            "in_force",
            "in_force_before_signed",
            _(
                "Entered into force: %(in_force)s is before the signature, %(signed)s. Check both dates."
            )
            % _shown(in_force=in_force, signed=signed),
        )
    if _surely_before(agreement.terminated, signed):
        yield Oddity(
            "terminated",
            "terminated_before_signed",
            _("Terminated: %(terminated)s is before the signature, %(signed)s. Check both dates.")
            % _shown(terminated=agreement.terminated, signed=signed),
        )
    start = in_force or signed
    if _surely_before(agreement.expires_stated, start):
        yield Oddity(
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


def _about_the_signatories(agreement: Agreement, parties: list[Party]) -> Iterator[Oddity]:
    signatories = list(agreement.signatories.exclude(party=None).select_related("party"))
    strangers = _outside(signatories, parties)
    for signatory in signatories:
        if signatory.party_id in strangers:
            yield Oddity(
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


def _about_the_term(agreement: Agreement) -> Iterator[Oddity]:
    if agreement.term_kind == TermKind.FIXED and agreement.expires_stated is None:
        yield from _about_an_uncounted_end(agreement)
    if agreement.term_kind == TermKind.INDEFINITE and agreement.expires_stated:
        yield Oddity(
            "expires_stated",
            "indefinite_with_end",
            _(
                "End named by the document: the term is indefinite, so there is none. "
                "Choose another term, or remove the end."
            ),
        )
    yield from _about_a_named_end(agreement)
    months, notice = agreement.term_months, agreement.notice_days
    if months and notice and notice * 12 > months * 366:
        yield Oddity(
            "notice_days",
            "notice_longer_than_term",
            _(
                "Notice in days: %(days)d days are longer than the term of %(months)d months. Check both numbers."
            )
            % {"days": notice, "months": months},
        )


def _about_an_uncounted_end(agreement: Agreement) -> Iterator[Oddity]:
    if not agreement.term_months:
        yield Oddity(
            "term_months",
            "fixed_without_length",
            _(
                "Months: the term is fixed, but neither its length nor its end is given. "
                "Give one, or choose “%(unknown)s”."
            )
            % {"unknown": TermKind.UNKNOWN.label},
        )
    elif agreement.in_force is None:
        yield Oddity(
            "in_force",
            "fixed_without_start",
            _(
                "Entered into force: without this date the end of the term cannot be counted. "
                "If it took effect on signature, repeat that date."
            ),
        )


def _about_a_named_end(agreement: Agreement) -> Iterator[Oddity]:
    """Yield that the end named is not the one counted; an automatic renewal may have put it off already."""
    named, counted = agreement.expires_stated, _counted_end(agreement)
    if named is None or counted is None or _surely_before(named, agreement.in_force):
        return
    too_early = named.latest < counted.earliest - _SAME_END
    too_late = agreement.term_kind == TermKind.FIXED and named.earliest > counted.latest + _SAME_END
    if too_early or too_late:
        yield Oddity(
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


def _about_supersession(agreement: Agreement) -> Iterator[Oddity]:
    if agreement.signed or agreement.in_force:
        return
    superseding = agreement.relations_out.filter(kind=RelationKind.SUPERSEDES)
    for ref in superseding.values_list("target__ref", flat=True):
        yield Oddity(
            "signed",
            "superseding_without_date",
            _(
                "Signed: this agreement supersedes %(ref)s but has no date, so %(ref)s does not count as superseded. "
                "Give the date of signature or of entry into force."
            )
            % {"ref": ref},
        )


def _about_sources(agreement: Agreement) -> Iterator[Oddity]:
    supporting = agreement.evidence.exclude(basis=Basis.CONTRADICTED)
    supported = set(supporting.values_list("fact", flat=True))
    if not supported:
        yield Oddity(
            "evidence",
            "no_source",
            _(
                "Sources: there is none. Say where the facts come from, so that readers can check them."
            ),
        )
    elif bare := _without_source(agreement, supported):
        yield Oddity(
            "evidence",
            "facts_without_source",
            _(
                "Sources: there is none for %(facts)s. Name one for each, or say what it is inferred from."
            )
            % {"facts": get_text_list(bare, _("and"))},
        )


def _without_source(agreement: Agreement, supported: set[str]) -> list[str]:
    """Return, in words, the given facts that every reader wants the source of and that have none; two queries."""
    wanted = (fact for fact in FACTS if fact.needs_source and fact.code not in supported)
    return [str(fact.label) for fact in wanted if fact.is_given(agreement)]
