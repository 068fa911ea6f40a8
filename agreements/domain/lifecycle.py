"""The status of an agreement on a given day, and the reason for it.

The status is never stored. It follows from the stage that an editor sets and from the dates, so it cannot become
outdated overnight. `status_rule` is the whole rule. Models apply it through `standing_on`, querysets through
`status_expression`, and the column store to its arrays. A partial date counts as reached on its last possible day.

A term ends with its last day, which is included (European Convention on the Calculation of Time-Limits, ETS 76, art. 3
and 4; Regulation (EEC, Euratom) 1182/71, art. 3): `expires` is the last day in force, and the status is expired from the
next one. `terminated` and `superseded_on` are the days on which the ending took effect, the first without force.

A past day is one before today, the calendar day of the register's time zone. What an editor states without a date is
true today; it says nothing about a past day, so on such a day the status is undetermined.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements.domain.choices import PeriodKind, Stage, Status, TermKind
from agreements.domain.durations import Duration, as_adjective
from agreements.domain.partial_dates import PartialDate, PartialDateError, day_in_words, in_words

if TYPE_CHECKING:
    from agreements.models import Agreement, Period

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
    term: Duration | None,
    in_force: PartialDate | None,
    expires_stated: PartialDate | None,
) -> PartialDate | None:
    """Return the last day in force by the agreement's own terms, or None if it has no end or none is known.

    An end stated in the document takes precedence over one computed from the entry into force. An agreement that
    renews itself or is indefinite does not end by its terms. A term is never counted from the signature: an agreement
    that takes effect on signature has that day recorded as its entry into force.
    """
    if term_kind in (TermKind.INDEFINITE, TermKind.AUTOMATIC_RENEWAL):
        return None
    if expires_stated is not None:
        return expires_stated
    if term_kind == TermKind.FIXED and term is not None and in_force is not None:
        return term.after(in_force)
    return None


def end_of_current_period(agreement: "Agreement", day: date) -> PartialDate | None:
    """Return the last day of the period that runs on `day`, if the agreement renews itself and it can be computed.

    The first period is `term` long, the others `renewal` or, without that, `term`. If a dated renewal or extension has
    given it an end, that holds instead.
    """
    step = agreement.renewal or agreement.term
    if agreement.term_kind != TermKind.AUTOMATIC_RENEWAL or step is None or agreement.expires:
        return None
    try:
        return _period_end(agreement, step, day)
    except PartialDateError:  # past the last year that a date can have
        return None


def _period_end(agreement: "Agreement", step: Duration, day: date) -> PartialDate | None:
    counted = counted_from(agreement, step)
    if counted is None or counted[0].is_open:
        return None
    start, months = counted
    if step.days:
        days_since = day.toordinal() - start.latest.toordinal()
        return start.plus_days(max(0, -(-days_since // step.days)) * step.days)
    months_since = (day.year - start.latest.year) * 12 + day.month - start.latest.month
    months += max(0, (months_since - months) // step.months) * step.months
    end = start.plus_months(months)
    return end if end.latest >= day else start.plus_months(months + step.months)


def counted_from(agreement: "Agreement", step: Duration) -> tuple[PartialDate, int] | None:
    """Return the date from which the ends of the periods are counted, and the months from it to the first end.

    That is the entry into force, so that a first end on a short month's last day does not shorten the later periods.
    An end that the document names is counted from only if it is not the end of the term that began then. Nor is a
    term in days shortened by a month, so renewals that are not counted in the same unit follow its end.
    """
    term, start, named = agreement.term, agreement.in_force, agreement.expires_stated
    first = term.after(start) if term and start else None
    if named is not None and not (first and start and _is_same_day(start, first, named)):
        return named, 0
    if first is None or start is None or term is None:
        return None
    return (start, term.months) if term.months and step.months else (first, 0)


def _is_same_day(start: PartialDate, first: PartialDate, named: PartialDate) -> bool:
    """Whether the named end is the computed one, and both ends and the start are known to the day."""
    days = {(end.earliest, end.latest) for end in (first, named)}
    return len(days) == 1 and all(d.earliest == d.latest for d in (start, named))


def standing_on(agreement: "Agreement", day: date, today: date | None = None) -> Standing:
    """Return the status on `day` with its reason; one query unless the agreement's periods are fetched.

    Of several endings the one reached first counts; on the same day a termination takes precedence over a supersession,
    and a supersession over an expiry. What expired with the day before a termination took effect had expired.
    """
    asked = _OfOne(agreement, day)
    conditions, otherwise = status_rule(asked, is_past=is_past(day, today))
    status = next((status for status, holds in conditions if holds), otherwise)
    return Standing(status=status, reason=_REASONS[status](agreement, day), day=day)


def is_past(day: date, today: date | None = None) -> bool:
    """Whether `day` is before today, which is the register's calendar day unless a caller says otherwise."""
    return day < (today or timezone.localdate())


class Reading(Protocol[T_co]):
    """What the rule asks about one agreement, or about many at once, on one day."""

    def is_at(self, stage: Stage) -> T_co: ...

    def is_reported_at(self, stage: Stage) -> T_co:
        """Whether it is at this stage, and was reported to be by the day."""

    def is_before_conclusion(self) -> T_co:
        """Whether its stage is one before the conclusion."""

    def has_ended(self, ending: Status) -> T_co:
        """Whether this ending has been reached, and none of the others before it."""

    def has_lapsed(self) -> T_co:
        """Whether its own term is over, and the day lies in no renewal or extension."""

    def is_within(self, kind: PeriodKind) -> T_co:
        """Whether the day certainly lies in a period of this kind."""

    def has_reached(self, name: str) -> T_co:
        """Whether the last possible day of this date has been reached; never if the date is unknown."""

    def is_before(self, name: str) -> T_co:
        """Whether the day is before the first possible day of this date; never if the date is unknown."""

    def is_undated(self) -> T_co:
        """Whether there is no known date of signature."""


def status_rule(asked: Reading[T], *, is_past: bool) -> tuple[list[tuple[Status, T]], Status]:
    """Return the conditions in order of precedence, the first that holds gives the status, and the status if none does.

    This is the whole rule, written once: Python applies it to one agreement, SQL and the column store to all of them.
    """
    concluded = [
        *((status, asked.has_ended(status)) for status in ENDINGS),
        (Status.EXPIRED, asked.has_lapsed()),
        (Status.SUSPENDED, asked.is_within(PeriodKind.SUSPENSION)),
        (Status.IN_FORCE, asked.has_reached("in_force")),
        (Status.PROVISIONALLY_APPLIED, asked.is_within(PeriodKind.PROVISIONAL_APPLICATION)),
        (Status.SIGNED, asked.has_reached("signed")),
    ]
    if is_past:
        return [
            *(
                (status, asked.is_reported_at(stage))
                for stage, status in _BEFORE_CONCLUSION.items()
            ),
            (Status.UNDETERMINED, asked.is_before_conclusion()),
            *concluded,
            (Status.SIGNED, asked.is_reported_at(Stage.CONCLUDED)),
            (Status.NOT_YET_CONCLUDED, asked.is_before("signed")),
        ], Status.UNDETERMINED
    return [
        *((status, asked.is_at(stage)) for stage, status in _BEFORE_CONCLUSION.items()),
        *concluded,
        (Status.SIGNED, asked.is_undated()),
    ], Status.NEGOTIATION


@dataclass(frozen=True)
class _OfOne(Reading[bool]):
    agreement: "Agreement"
    day: date

    def is_at(self, stage: Stage) -> bool:
        return self.agreement.stage == stage

    def is_reported_at(self, stage: Stage) -> bool:
        return self.is_at(stage) and self.has_reached("stage_reported")

    def is_before_conclusion(self) -> bool:
        return self.agreement.stage != Stage.CONCLUDED

    def has_ended(self, ending: Status) -> bool:
        first = first_ending(self.agreement)
        if first is None or first[0] != ending:
            return False
        return first[1] < self.day if ends_with(ending) else first[1] <= self.day

    def has_lapsed(self) -> bool:
        end = self.agreement.term_end
        return (
            end is not None
            and end.latest < self.day
            and not any(
                covers(period, self.day) for period in periods_of(self.agreement, *PROLONGING)
            )
        )

    def is_within(self, kind: PeriodKind) -> bool:
        return period_on(self.agreement, kind, self.day) is not None

    def has_reached(self, name: str) -> bool:
        value: PartialDate | None = getattr(self.agreement, name)
        return value is not None and value.latest <= self.day

    def is_before(self, name: str) -> bool:
        value: PartialDate | None = getattr(self.agreement, name)
        return value is not None and value.earliest > self.day

    def is_undated(self) -> bool:
        return self.agreement.signed is None


@dataclass(frozen=True)
class _InSql(Reading[Q]):
    """`periods` are all rows of their table."""

    day: date
    periods: "QuerySet[Any]"

    def is_at(self, stage: Stage) -> Q:
        return Q(stage=stage)

    def is_reported_at(self, stage: Stage) -> Q:
        return self.is_at(stage) & self.has_reached("stage_reported")

    def is_before_conclusion(self) -> Q:
        return ~Q(stage=Stage.CONCLUDED)

    def has_ended(self, ending: Status) -> Q:
        passed = "lt" if ends_with(ending) else "lte"
        return Q(**{f"{ENDINGS[ending]}__{passed}": self.day}) & comes_first(ENDINGS[ending])

    def has_lapsed(self) -> Q:
        return has_lapsed(self.day, self.periods)

    def is_within(self, kind: PeriodKind) -> Q:
        return Q(_exists(self.periods, self.day, kind, begun="first_latest"))

    def has_reached(self, name: str) -> Q:
        return Q(**{f"{name}_latest__lte": self.day})

    def is_before(self, name: str) -> Q:
        return Q(**{f"{name}_earliest__gt": self.day})

    def is_undated(self) -> Q:
        return Q(signed="")


# The kinds of periods after the own term in which an agreement is in force.
PROLONGING = (PeriodKind.RENEWAL, PeriodKind.EXTENSION)


def covers(period: "Period", day: date) -> bool:
    """Whether the day possibly lies in this renewal or extension, so that only a certain gap interrupts an agreement."""
    return (period.first is None or period.first.earliest <= day) and _not_over(period, day)


def _not_over(period: "Period", day: date) -> bool:
    return period.last is None or day <= period.last.latest


def period_on(agreement: "Agreement", kind: PeriodKind, day: date) -> "Period | None":
    """Return the period of this kind in which the day certainly lies, if it is known when that begins."""
    return next(
        (
            period
            for period in periods_of(agreement, kind)
            if period.first and period.first.latest <= day and _not_over(period, day)
        ),
        None,
    )


def periods_of(agreement: "Agreement", *kinds: PeriodKind) -> "Iterator[Period]":
    """Yield the periods of these kinds that count; unsaved agreements have none."""
    rows = agreement.periods.all() if agreement.pk else ()
    return (row for row in rows if row.is_public and row.kind in kinds)


def _exists(periods: "QuerySet[Any]", day: date, *kinds: PeriodKind, begun: str) -> Exists:
    """Return whether the day lies in a period of these kinds; `begun` names the day from which it counts."""
    over = Q(last_latest__lt=day)
    has_begun = Q(**{f"{begun}__lte": day})
    if begun == "first_earliest":
        has_begun |= Q(first_earliest__isnull=True)
    rows = periods.filter(~over | Q(last_latest__isnull=True), has_begun)
    return Exists(rows.filter(agreement=OuterRef("pk"), is_public=True, kind__in=kinds).order_by())


def has_lapsed(day: date, periods: "QuerySet[Any]") -> Q:
    """Return the SQL condition that the own term is over and the day lies in no renewal or extension."""
    covered = _exists(periods, day, *PROLONGING, begun="first_earliest")
    return Q(term_end_latest__lt=day) & ~Q(covered)


def comes_first(ending: str) -> Q:
    """Return the SQL condition that the ending in this column comes before the other known ones."""
    first = Q(**{f"{ending}__isnull": False})
    for other in ENDINGS.values():
        if other != ending:
            first &= Q(**{f"{other}__isnull": True}) | Q(**{f"{other}__gte": F(ending)})
    return first


def status_expression(day: date, periods: "QuerySet[Any]", today: date | None = None) -> Case:
    """Return the rule as an SQL expression, for a queryset of agreements; `periods` are all rows of their table."""
    conditions, otherwise = status_rule(_InSql(day, periods), is_past=is_past(day, today))
    return Case(
        *(When(holds, then=Value(status.value)) for status, holds in conditions),
        default=Value(otherwise.value),
        output_field=CharField(),
    )


# Concluded and not ended, whether or not it is applied at the moment.
RUNNING = (
    Status.SIGNED,
    Status.PROVISIONALLY_APPLIED,
    Status.IN_FORCE,
    Status.SUSPENDED,
)


def running_on(day: date, periods: "QuerySet[Any]", today: date | None = None) -> Q:
    """Return the SQL condition that the status on `day` is in `RUNNING`, which is faster than comparing the status.

    It mostly consists of comparisons, whereas the status expression decides among all values for every row.
    """
    not_ended = Q()
    for ending, column in ENDINGS.items():
        ahead = "gte" if ends_with(ending) else "gt"
        not_ended &= Q(**{f"{column}__isnull": True}) | Q(**{f"{column}__{ahead}": day})
    begun = Q(in_force_latest__lte=day) | Q(signed_latest__lte=day)
    begun |= Q(stage_reported_latest__lte=day) if is_past(day, today) else Q(signed="")
    for kind in (PeriodKind.SUSPENSION, PeriodKind.PROVISIONAL_APPLICATION):
        begun |= Q(_exists(periods, day, kind, begun="first_latest"))
    return Q(stage=Stage.CONCLUDED) & not_ended & begun & ~has_lapsed(day, periods)


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

# In order of precedence on the same day: what was terminated or replaced on its last day had not expired before.
ENDINGS = {
    Status.TERMINATED: "terminated_latest",
    Status.SUPERSEDED: "superseded_on",
    Status.EXPIRED: "expires_latest",
}


def ends_with(ending: Status) -> bool:
    """Whether the day of this ending is still in force, as the last day of a term is."""
    return ending == Status.EXPIRED


def _latest(value: PartialDate | None) -> date | None:
    return value.latest if value else None


def _why_proposed(agreement: "Agreement", day: date) -> str:
    return _("it has been proposed; nothing has been concluded")


def _why_negotiation(agreement: "Agreement", day: date) -> str:
    if agreement.stage == Stage.NEGOTIATION:
        return _("its text is being negotiated")
    return _why_not_signed(agreement, day)


def _why_not_signed(agreement: "Agreement", day: date) -> str:
    shown = {"signed": _words(agreement.signed), "day": _day(day)}
    if agreement.signed is not None and agreement.signed.earliest <= day:
        return _("its signature, dated %(signed)s, may not have taken place by %(day)s") % shown
    return _("not yet signed on %(day)s; its signature is dated %(signed)s") % shown


def _why_undetermined(agreement: "Agreement", day: date) -> str:
    shown = {"stage": agreement.get_stage_display().lower(), "day": _day(day)}
    if agreement.stage != Stage.CONCLUDED and agreement.stage_reported is None:
        return (
            _(
                "it is recorded as “%(stage)s” without a date, so where it stood on %(day)s is not known"
            )
            % shown
        )
    if agreement.stage != Stage.CONCLUDED:
        shown["reported"] = _words(agreement.stage_reported)
        return (
            _(
                "it was reported as “%(stage)s” (%(reported)s); where it stood on %(day)s is not known"
            )
            % shown
        )
    if agreement.signed is not None:
        return _why_not_signed(agreement, day)
    return _("when it was signed is not known, nor whether it had been signed by %(day)s") % shown


def _why_suspended(agreement: "Agreement", day: date) -> str:
    period = period_on(agreement, PeriodKind.SUSPENSION, day)
    return _since_until(
        period,
        _("suspended since %(first)s; when the suspension ends is not known"),
        _("suspended from %(first)s until %(last)s"),
    )


def _why_provisionally_applied(agreement: "Agreement", day: date) -> str:
    period = period_on(agreement, PeriodKind.PROVISIONAL_APPLICATION, day)
    return _since_until(
        period,
        _("applied provisionally since %(first)s; it has not entered into force"),
        _("applied provisionally from %(first)s until %(last)s; it has not entered into force"),
    )


def _since_until(period: "Period | None", since: str, until: str) -> str:
    first, last = (period.first, period.last) if period else (None, None)
    return (until if last else since) % {"first": _words(first), "last": _words(last)}


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
        force = _("when it entered into force is not known, nor is the end of its term")
    else:
        force = _("when it entered into force is not known")
    return f"{signed}; {force}"


def _why_in_force(agreement: "Agreement", day: date) -> str:
    since = _("since %(in_force)s") % {"in_force": _words(agreement.in_force)}
    return f"{since}; {_how_long(agreement, day)}"


def _how_long(agreement: "Agreement", day: date) -> str:
    if agreement.expires is not None and agreement.expires != agreement.term_end:
        return _("its end has been moved to %(end)s") % {"end": in_words(agreement.expires)}
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
    if agreement.expires != agreement.term_end:
        return _why_lapsed(agreement, day)
    if agreement.expires_stated is None and agreement.term:
        return _("the %(term)s term from %(start)s ended (%(end)s)") % {
            "term": as_adjective(agreement.term),
            "start": _words(agreement.in_force),
            "end": _words(agreement.expires),
        }
    end = _words(agreement.expires)
    return _("the end that the document names, %(end)s, has passed") % {"end": end}


def _why_lapsed(agreement: "Agreement", day: date) -> str:
    """Say since when it is not in force, and when the next period begins if there is one."""
    prolonged = list(periods_of(agreement, *PROLONGING))
    ends = [agreement.term_end, *(period.last for period in prolonged)]
    over = max((end for end in ends if end and end.latest < day), key=_latest_day, default=None)
    starts = [period.first for period in prolonged if period.first]
    ahead = min((first for first in starts if first.earliest > day), default=None)
    if ahead is None:
        return _("its end had been moved to %(end)s, which has passed") % {"end": _words(over)}
    return _("in force until %(end)s; the next period begins %(first)s") % {
        "end": _words(over),
        "first": in_words(ahead),
    }


def _latest_day(value: PartialDate) -> date:
    return value.latest


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
    Status.SUSPENDED: _why_suspended,
    Status.PROVISIONALLY_APPLIED: _why_provisionally_applied,
    Status.NOT_YET_CONCLUDED: _why_not_signed,
    Status.UNDETERMINED: _why_undetermined,
}


def _words(value: PartialDate | None) -> str:
    return in_words(value) if value else _("an unknown date")


def _day(day: date) -> str:
    return day_in_words(day)
