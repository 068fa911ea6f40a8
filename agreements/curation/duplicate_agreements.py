"""Finds duplicate agreements: one agreement that was entered twice, often from two articles.

Two dated records are likely duplicates if they may have been signed on the same day and share two parties, if they have
the same date and the same source or title, or if they have the same exact day and parties from the same two states (one
article names the ministries, another the states). `quality_checks` reports them for a stored agreement, and the admin
while an agreement is being typed.
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
    """What is known so far about an agreement, by the ids of its parties and sources; `key` is its id once stored.

    `apart` are the references of agreements that staff have found to be others.
    """

    parties: Collection[int] = ()
    sources: Collection[int] = ()
    signed: PartialDate | None = None
    title: str = ""
    key: int | None = None
    apart: Collection[str] = ()


@dataclass(frozen=True)
class Duplicate:
    """Another agreement that may be the same, and what the two have in common: “has the same parties and …”."""

    key: int
    ref: str
    title: str
    likeness: str


def subject_of(agreement: Agreement, participations: Collection[Participation]) -> Subject:
    """Return what is known about a stored agreement; one query."""
    return Subject(
        parties={row.party_id for row in participations if row.role == Role.PARTY},
        sources=set(agreement.evidence.order_by().values_list("source", flat=True)) - {None},
        signed=agreement.signed,
        title=agreement.title,
        key=agreement.pk,
        apart=agreement.kept_apart.split(),
    )


def duplicates_of(subject: Subject) -> list[Duplicate]:
    """Return the likely duplicates of an agreement, three at most; one query, and a second if there are any.

    While no date is known, every record with two of the parties or one of the sources counts. More than three such records
    are no sign of a duplicate: two states conclude many agreements, and a list of treaties supports many.
    """
    keys = list(_duplicate_keys(subject)[: MAX_DUPLICATES + 1])
    if not keys or (subject.signed is None and len(keys) > MAX_DUPLICATES):
        return []
    return [
        Duplicate(found.pk, found.ref, found.title, _likeness(subject, found))
        for found in _compared(subject, keys[:MAX_DUPLICATES])
    ]


def advice_for(agreement: Agreement | None) -> str:
    """Return what to do if this agreement is a duplicate; None stands for one that is not stored yet."""
    if agreement is None or agreement.pk is None:
        return _(
            "If it is the same agreement, do not enter it again: open the other record and add to it. If you can "
            "only read that record, tell a publisher what it lacks."
        )
    if agreement.publication == Publication.DRAFT:
        return _(
            "If it is the same agreement, open the other record, add to it, and delete this draft. If you cannot, ask "
            "a publisher to do it."
        )
    return _("If it is the same agreement, keep one of the two records and add what it lacks.")


def _duplicate_keys(subject: Subject) -> QuerySet:
    others: QuerySet[Agreement] = Agreement.objects.exclude(pk=subject.key or 0).order_by()
    if subject.apart:
        others = others.exclude(ref__in=subject.apart)
    signed = subject.signed
    same_time = same_date = others
    if signed is not None:
        same_time = others.filter(
            signed_earliest__lte=signed.latest, signed_latest__gte=signed.earliest
        )
        same_date = others.filter(signed=signed, signed_earliest=signed.earliest)
    ways = [same_date.filter(evidence__source__in=subject.sources)] if subject.sources else []
    if signed is not None and subject.title:
        ways.append(same_date.filter(title__iexact=subject.title))
    if len(subject.parties) > 1:
        in_common = Q(participations__party__in=subject.parties)
        ways.append(_sharing_two(same_time, "participations__party", in_common))
        if signed is not None and signed.is_exact:
            of_states = Q(participations__party__country__in=_countries_of(subject))
            ways.append(_sharing_two(same_date, "participations__party__country", of_states))
    none = Agreement.objects.none().values_list("id", flat=True)
    return none.union(*(way.values_list("id", flat=True).distinct() for way in ways)).order_by("id")


def _sharing_two(agreements: QuerySet[Agreement], column: str, shared: Q) -> QuerySet:
    """Return the agreements that share two different values of the column, in the role of a party."""
    parties = agreements.filter(shared, participations__role=Role.PARTY)
    return parties.annotate(common=Count(column, distinct=True)).filter(common__gte=2)


def _countries_of(subject: Subject) -> QuerySet:
    """Return the countries of the parties, for `country__in`."""
    parties = Party.objects.filter(pk__in=subject.parties).exclude(country="").order_by()
    return parties.values("country")


def _compared(subject: Subject, keys: list[int]) -> QuerySet:
    """Return these agreements with how many parties they have and share, and whether they share a source."""
    rows = Participation.objects.filter(agreement=OuterRef("pk"), role=Role.PARTY).order_by()

    def counted(column: str, **shared: object) -> Coalesce:
        by_agreement = rows.filter(**shared).values("agreement")
        count = by_agreement.annotate(n=Count(column, distinct=True)).values("n")
        return Coalesce(Subquery(count), 0)

    cited = Evidence.objects.filter(agreement=OuterRef("pk"), source__in=subject.sources)
    return Agreement.objects.filter(pk__in=keys).annotate(
        party_count=counted("pk"),
        common=counted("pk", party__in=subject.parties),
        common_states=counted("party__country", party__country__in=_countries_of(subject)),
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
    if signed is None:
        sentence = _("is dated %(date)s")
    elif signed != other:
        sentence = _("may have been signed on the same day (its date is %(date)s)")
    elif signed.is_exact:
        sentence = _("was signed on the same day, %(date)s")
    else:
        sentence = _("has the same date of signature, %(date)s")
    return sentence % {"date": in_words(other)}
