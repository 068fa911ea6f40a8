"""The status of an agreement on a given day, and the reason for it.

The status is never stored. It follows from the stage that an editor sets and from the dates, so it cannot become
outdated overnight. `status_rule` is the whole rule. Models apply it through `standing_on`, querysets through
`status_expression`, and the column store to its arrays. A partial date counts as reached on its last possible day.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Protocol, TypeVar

from django.db.models import Case, CharField, F, Q, Value, When
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements.domain.choices import Stage, Status, TermKind
from agreements.domain.partial_dates import PartialDate, PartialDateError, in_words

if TYPE_CHECKING:
    from agreements.models import Agreement

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True)
class Standing:
    """A status on a day, with the reason for it as a clause for readers."""

    status: Status
    reason: str
    day: date

    def __str__(self) -> str:
        return f"{self.status.label}: {self.reason}"


def end_of_term(
    *,
    term_kind: str,
    term_months: int | None,
    in_force: PartialDate | None,
    expires_stated: PartialDate | None,
) -> PartialDate | None:
    """Return the date on which the agreement ends by its own terms, or None if it has no end or none is known.

    An end stated in the document takes precedence over one computed from the entry into force. An agreement that
    renews itself or is indefinite does not end by its terms. A term is never counted from the signature: an agreement
    that takes effect on signature has that day recorded as its entry into force.
    """
    if term_kind in (TermKind.INDEFINITE, TermKind.AUTOMATIC_RENEWAL):
        return None
    if expires_stated is not None:
        return expires_stated
    if term_kind == TermKind.FIXED and term_months and in_force is not None:
        return in_force.plus_months(term_months)
    return None


def end_of_current_period(agreement: "Agreement", day: date) -> PartialDate | None:
    """Return when the period that runs on `day` ends, if the agreement renews itself and the end can be computed.

    The periods are counted from the entry into force (or backwards from the end stated in the document), each
    `term_months` long, so that clamped month ends do not drift.
    """
    if agreement.term_kind != TermKind.AUTOMATIC_RENEWAL or not agreement.term_months:
        return None
    try:
        return _period_end(agreement, agreement.term_months, day)
    except PartialDateError:  # past the last year that a date can have
        return None


def _period_end(agreement: "Agreement", months: int, day: date) -> PartialDate | None:
    start = agreement.in_force
    first_end = agreement.expires_stated or (start and start.plus_months(months))
    if first_end is None or first_end.is_open:
        return None
    months_since = (day.year - first_end.latest.year) * 12 + day.month - first_end.latest.month
    renewals = max(0, months_since // months)
    end = first_end.plus_months(renewals * months)
    return end if end.latest > day else first_end.plus_months((renewals + 1) * months)


def standing_on(agreement: "Agreement", day: date) -> Standing:
    """Return the status on `day` with its reason.

    A stage before conclusion applies on every day, because it has no date. Of several endings the one reached first
    counts; on the same day a termination takes precedence over a supersession, and a supersession over an expiry.
    """
    conditions = status_rule(_OfOne(agreement, day))
    status = next((status for status, holds in conditions if holds), OTHERWISE)
    return Standing(status=status, reason=_REASONS[status](agreement, day), day=day)


class Reading(Protocol[T_co]):
    """What the rule asks about one agreement, or about many at once, on one day."""

    def is_at(self, stage: Stage) -> T_co: ...

    def has_ended(self, ending: Status) -> T_co:
        """Whether this ending has been reached, and none of the others before it."""

    def has_reached(self, name: str) -> T_co:
        """Whether the last possible day of this date has been reached; never if the date is unknown."""

    def is_undated(self) -> T_co:
        """Whether there is no known date of signature."""


def status_rule(asked: Reading[T]) -> list[tuple[Status, T]]:
    """Return the conditions in order of precedence: the first that holds gives the status, or `OTHERWISE` if none
    does.

    This is the whole rule, written once: Python applies it to one agreement, SQL and the column store to all of them.
    """
    return [
        *((status, asked.is_at(stage)) for stage, status in _BEFORE_CONCLUSION.items()),
        *((status, asked.has_ended(status)) for status in ENDINGS),
        (Status.IN_FORCE, asked.has_reached("in_force")),
        (Status.SIGNED, asked.has_reached("signed")),
        (Status.SIGNED, asked.is_undated()),
    ]


OTHERWISE = Status.NEGOTIATION


@dataclass(frozen=True)
class _OfOne(Reading[bool]):
    agreement: "Agreement"
    day: date

    def is_at(self, stage: Stage) -> bool:
        return self.agreement.stage == stage

    def has_ended(self, ending: Status) -> bool:
        first = first_ending(self.agreement)
        return first is not None and first[0] == ending and first[1] <= self.day

    def has_reached(self, name: str) -> bool:
        value: PartialDate | None = getattr(self.agreement, name)
        return value is not None and value.latest <= self.day

    def is_undated(self) -> bool:
        return self.agreement.signed is None


@dataclass(frozen=True)
class _InSql(Reading[Q]):
    day: date

    def is_at(self, stage: Stage) -> Q:
        return Q(stage=stage)

    def has_ended(self, ending: Status) -> Q:
        return Q(**{f"{ENDINGS[ending]}__lte": self.day}) & comes_first(ENDINGS[ending])

    def has_reached(self, name: str) -> Q:
        return Q(**{f"{name}_latest__lte": self.day})

    def is_undated(self) -> Q:
        return Q(signed="")


def comes_first(ending: str) -> Q:
    """Return the SQL condition that the ending in this column comes before the other known ones."""
    first = Q(**{f"{ending}__isnull": False})
    for other in ENDINGS.values():
        if other != ending:
            first &= Q(**{f"{other}__isnull": True}) | Q(**{f"{other}__gte": F(ending)})
    return first


def status_expression(day: date) -> Case:
    """Return the rule as an SQL expression, for a queryset of agreements."""
    return Case(
        *(When(holds, then=Value(status.value)) for status, holds in status_rule(_InSql(day))),
        default=Value(OTHERWISE.value),
        output_field=CharField(),
    )


def running_on(day: date) -> Q:
    """Return the SQL condition that the status on `day` is signed or in force, which is faster than comparing the
    status.

    It consists of comparisons only, whereas the status expression decides among eight values for every row.
    """
    not_ended = Q()
    for column in ENDINGS.values():
        not_ended &= Q(**{f"{column}__isnull": True}) | Q(**{f"{column}__gt": day})
    begun = Q(in_force_latest__lte=day) | Q(signed_latest__lte=day) | Q(signed="")
    return Q(stage=Stage.CONCLUDED) & not_ended & begun


def first_ending(agreement: "Agreement") -> tuple[Status, date] | None:
    """Return which of the known endings comes first, with its last possible day; None if none is known."""
    endings = {
        Status.TERMINATED: _latest(agreement.terminated),
        Status.SUPERSEDED: agreement.superseded_on,
        Status.EXPIRED: _latest(agreement.expires),
    }
    known = [(status, end) for status, end in endings.items() if end]
    return min(known, key=lambda ending: ending[1], default=None)


_BEFORE_CONCLUSION = {
    Stage.PROPOSED: Status.PROPOSED,
    Stage.NEGOTIATION: Status.NEGOTIATION,
    Stage.ABANDONED: Status.ABANDONED,
}

# In order of precedence when reached on the same day.
ENDINGS = {
    Status.TERMINATED: "terminated_latest",
    Status.SUPERSEDED: "superseded_on",
    Status.EXPIRED: "expires_latest",
}


def _latest(value: PartialDate | None) -> date | None:
    return value.latest if value else None


def _why_proposed(agreement: "Agreement", day: date) -> str:
    return _("it has been proposed; nothing has been concluded")


def _why_negotiation(agreement: "Agreement", day: date) -> str:
    if agreement.stage == Stage.NEGOTIATION:
        return _("its text is being negotiated")
    shown = {"signed": _words(agreement.signed), "day": _day(day)}
    if agreement.signed is not None and agreement.signed.earliest <= day:
        return _("its signature, dated %(signed)s, may not have taken place by %(day)s") % shown
    return _("not yet signed on %(day)s; its signature is dated %(signed)s") % shown


def _why_signed(agreement: "Agreement", day: date) -> str:
    signed = (
        _("signed, %(signed)s") % {"signed": in_words(agreement.signed)}
        if agreement.signed
        else _("concluded; when it was signed is not known")
    )
    if agreement.in_force is not None:
        entry = in_words(agreement.in_force)
        force = _("its entry into force, %(entry)s, has not been reached") % {"entry": entry}
    elif agreement.term_kind == TermKind.FIXED and agreement.expires is None:
        force = _("when it entered into force is not known, so neither is the end of its term")
    else:
        force = _("when it entered into force is not known")
    return f"{signed}; {force}"


def _why_in_force(agreement: "Agreement", day: date) -> str:
    since = _("since %(in_force)s") % {"in_force": _words(agreement.in_force)}
    return f"{since}; {_how_long(agreement, day)}"


def _how_long(agreement: "Agreement", day: date) -> str:
    if agreement.expires is not None:
        return _("its term ends %(end)s") % {"end": in_words(agreement.expires)}
    if agreement.term_kind == TermKind.AUTOMATIC_RENEWAL:
        end = end_of_current_period(agreement, day)
        if end is None:
            return _("renewed automatically")
        return _("renewed automatically, the current period ends %(end)s") % {"end": in_words(end)}
    if agreement.term_kind == TermKind.INDEFINITE:
        return _("without a set end")
    return _("how long it lasts is not known")


def _why_expired(agreement: "Agreement", day: date) -> str:
    if agreement.expires_stated is None and agreement.term_months:
        return _("the %(term)s term from %(start)s ended (%(end)s)") % {
            "term": length_in_words(agreement.term_months),
            "start": _words(agreement.in_force),
            "end": _words(agreement.expires),
        }
    end = _words(agreement.expires)
    return _("the end that the document names, %(end)s, has been reached") % {"end": end}


def _why_terminated(agreement: "Agreement", day: date) -> str:
    if agreement.expires is not None:
        return _("terminated, %(date)s, before its term would have ended (%(end)s)") % {
            "date": _words(agreement.terminated),
            "end": in_words(agreement.expires),
        }
    return _("terminated, %(date)s") % {"date": _words(agreement.terminated)}


def _why_superseded(agreement: "Agreement", day: date) -> str:
    replaced = _day(agreement.superseded_on or day)
    return _("a later agreement had replaced it by %(day)s") % {"day": replaced}


def _why_abandoned(agreement: "Agreement", day: date) -> str:
    return _("it was given up")


_REASONS: dict[Status, Callable[["Agreement", date], str]] = {
    Status.PROPOSED: _why_proposed,
    Status.NEGOTIATION: _why_negotiation,
    Status.SIGNED: _why_signed,
    Status.IN_FORCE: _why_in_force,
    Status.EXPIRED: _why_expired,
    Status.TERMINATED: _why_terminated,
    Status.SUPERSEDED: _why_superseded,
    Status.ABANDONED: _why_abandoned,
}


def length_in_words(months: int) -> str:
    """Return a term's length as an adjective: "3-year" for 36, "18-month" for 18."""
    if months % 12 == 0:
        return ngettext("%(n)d-year", "%(n)d-year", months // 12) % {"n": months // 12}
    return ngettext("%(n)d-month", "%(n)d-month", months) % {"n": months}


def _words(value: PartialDate | None) -> str:
    return in_words(value) if value else _("an unknown date")


def _day(day: date) -> str:
    return in_words(PartialDate.from_date(day)) if day.year >= 1000 else date_format(day)
