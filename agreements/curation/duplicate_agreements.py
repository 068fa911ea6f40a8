"""Agreements that may be one and the same, entered twice: by two people, from two articles, or from one article again.

Two dated records are likely twins if both may have been signed on one day and share two parties, or if the same date
goes with the same source or the same title; or the same full day with parties of the same two states, for one article
names the ministries and another the states. `oddities` says so of a stored agreement, the admin of one being typed.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from agreements.domain.choices import Publication, Role
from agreements.domain.partial_dates import PartialDate, in_words
from agreements.models import Agreement, Evidence, Participation, Party

MAX_DUPLICATES = 3


@dataclass(frozen=True)
class Subject:
    """What is known of an agreement so far, by the ids of its parties and sources; `key` is its own, once it is stored."""

    parties: Collection[int] = ()
    sources: Collection[int] = ()
    signed: PartialDate | None = None
    title: str = ""
    key: int | None = None


@dataclass(frozen=True)
class Duplicate:
    """Another agreement that may be the one subject, and in which way: “has the same parties and …”."""

    key: int
    ref: str
    title: str
    likeness: str


def subject_of(agreement: Agreement, participations: Collection[Participation]) -> Subject:
    """Return what twins of a stored agreement are looked for by; one query."""
    return Subject(
        parties={row.party_id for row in participations if row.role == Role.PARTY},
        sources=set(agreement.evidence.order_by().values_list("source", flat=True)),
        signed=agreement.signed,
        title=agreement.title,
        key=agreement.pk,
    )


def duplicates_of(subject: Subject) -> list[Duplicate]:
    """Return the likely twins of an agreement, three at most; one query, and a second if there are any.

    As long as no date is known, whatever has two of the parties or one of the sources counts; but more than three of
    them are no sign of anything, for two states agree often, and a list of treaties supports many.
    """
    keys = list(_keys_of_duplicates(subject)[: MAX_DUPLICATES + 1])
    if not keys or (subject.signed is None and len(keys) > MAX_DUPLICATES):
        return []
    return [
        Duplicate(found.pk, found.ref, found.title, _likeness(subject, found))
        for found in _compared(subject, keys[:MAX_DUPLICATES])
    ]


def advice_for(agreement: Agreement | None) -> str:
    """Return what to do about a twin of this agreement if it is the same; None is one not stored yet."""
    if agreement is None or agreement.pk is None:
        return _(
            "If it is the same agreement, do not enter it again: open that one and add to it there. Where you may only "
            "read it, tell a publisher what it lacks."
        )
    if agreement.publication == Publication.DRAFT:
        return _(
            "If it is the same agreement, open that one, add to it there, and delete this draft. Where you may not, ask a "
            "publisher to."
        )
    return _("If it is the same agreement, keep one of the two and add to it what it lacks.")


def _keys_of_duplicates(subject: Subject) -> QuerySet[Any, Any]:
    others = Agreement.objects.exclude(pk=subject.key).order_by()
    signed = subject.signed
    then = same = others
    if signed is not None:
        then = others.filter(signed_earliest__lte=signed.latest, signed_latest__gte=signed.earliest)
        same = others.filter(signed=signed, signed_earliest=signed.earliest)
    ways = [same.filter(evidence__source__in=subject.sources)] if subject.sources else []
    if signed is not None and subject.title:
        ways.append(same.filter(title__iexact=subject.title))
    if len(subject.parties) > 1:
        shared = Q(participations__party__in=subject.parties, participations__role=Role.PARTY)
        counted = then.filter(shared).annotate(common=Count("participations__party", distinct=True))
        ways.append(counted.filter(common__gte=2))
        if signed is not None and signed.is_exact:
            states = same.filter(
                participations__role=Role.PARTY,
                participations__party__country__in=_countries_of(subject),
            ).annotate(common=Count("participations__party__country", distinct=True))
            ways.append(states.filter(common__gte=2))
    found = Agreement.objects.none().values_list("id", flat=True)
    return found.union(*(way.values_list("id", flat=True).distinct() for way in ways)).order_by(
        "id"
    )


def _countries_of(subject: Subject) -> QuerySet[Any, Any]:
    """Return the countries of the parties, for `country__in`."""
    parties = Party.objects.filter(pk__in=subject.parties).exclude(country="").order_by()
    return parties.values("country")


def _compared(subject: Subject, keys: list[int]) -> QuerySet[Any]:
    """Return these agreements with how many parties they have and share, and whether they share a source."""
    rows = Participation.objects.filter(agreement=OuterRef("pk"), role=Role.PARTY).order_by()
    by_agreement = rows.values("agreement")
    parties = by_agreement.annotate(n=Count("pk")).values("n")
    shared = by_agreement.filter(party__in=subject.parties).annotate(n=Count("pk")).values("n")
    states = (
        by_agreement.filter(party__country__in=_countries_of(subject))
        .annotate(n=Count("party__country", distinct=True))
        .values("n")
    )
    cited = Evidence.objects.filter(agreement=OuterRef("pk"), source__in=subject.sources)
    return Agreement.objects.filter(pk__in=keys).annotate(
        party_count=Coalesce(Subquery(parties), 0),
        common=Coalesce(Subquery(shared), 0),
        common_states=Coalesce(Subquery(states), 0),
        is_of_same_source=Exists(cited),
    )


def _likeness(subject: Subject, found: Any) -> str:
    ways = []
    if subject.title and found.title.casefold() == subject.title.casefold():
        ways.append(_("has the same title"))
    if found.common > 1:
        is_all = found.common == found.party_count == len(subject.parties)
        some = _("has %(n)d of the parties in common") % {"n": found.common}
        ways.append(_("has the same parties") if is_all else some)
    elif found.common_states > 1:
        ways.append(_("is between the same states"))
    ways.append(_date_compared(subject.signed, found.signed))
    if found.is_of_same_source:
        ways.append(_("rests on the same source"))
    return get_text_list(ways, _("and"))


def _date_compared(signed: PartialDate | None, other: PartialDate | None) -> str:
    if other is None:
        return _("has no date of signature")
    told = {"date": in_words(other)}
    if signed is None:
        return _("is dated %(date)s") % told
    if signed != other:
        return _("may have been signed on the same day (its date is %(date)s)") % told
    if signed.is_exact:
        return _("was signed on the same day, %(date)s") % told
    return _("has the same date of signature, %(date)s") % told
