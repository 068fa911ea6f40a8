"""The last day on which notice can be given, in Python and in SQL: one rule, checked by a test.

It is `notice_days` before the end of the agreement or, if that renews itself, before the end of the period running on
the given day. If the end is not known at least to the month, there is no such day. Querysets compute it in SQL, mails
for a single agreement.
"""

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Case, DateField, F, Func, IntegerField, Q, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, ExtractMonth, ExtractYear, Greatest, Least
from django.db.models.lookups import GreaterThan

from agreements.domain import lifecycle
from agreements.domain.choices import TermKind
from agreements.domain.partial_dates import PartialDate

if TYPE_CHECKING:
    from agreements.models import Agreement


def notice_deadline(agreement: "Agreement", day: date) -> date | None:
    """Return the last day for notice, or None; for a renewing agreement in the period running on `day`."""
    end = _end(agreement, day)
    if agreement.notice_days is None or end is None or not _is_known(end):
        return None
    return days_before(end.latest, agreement.notice_days)


def days_before(end: date, days: int) -> date | None:
    """Return the day that many days earlier, or None before the beginning of the calendar."""
    return end - timedelta(days=days) if days <= (end - date.min).days else None


def _end(agreement: "Agreement", day: date) -> PartialDate | None:
    if agreement.term_kind != TermKind.AUTOMATIC_RENEWAL:
        return agreement.expires
    counted_from = agreement.expires_stated or agreement.in_force
    if counted_from is None or not _is_known(counted_from):
        return None
    return lifecycle.end_of_current_period(agreement, day)


def _is_known(value: PartialDate) -> bool:
    return value.precision in ("day", "month")


def notice_deadline_expression(day: date) -> Case:
    """Return the SQL expression of the same rule, a date or NULL, for a queryset of agreements.

    The database counts the periods of an agreement that renews itself, in every row unless the queryset is filtered by
    `notice_days`.
    """
    renewed = Q(term_kind=TermKind.AUTOMATIC_RENEWAL, term_months__isnull=False)
    named_end = F("expires_stated_latest")
    first_end = _later(F("in_force_latest"), F("term_months"), of="in_force")
    return Case(
        When(
            renewed & _known("expires_stated"),
            then=_notice_before(_period_end(named_end, day, of="expires_stated")),
        ),
        When(
            renewed & Q(expires_stated="") & _known("in_force"),
            then=_notice_before(_period_end(first_end, day, of="in_force")),
        ),
        When(_known("expires"), then=_notice_before(F("expires_latest"))),
        output_field=DateField(),
    )


def _known(name: str) -> Q:
    """In EDTF a month contains a hyphen, a year contains none, and an interval contains a slash."""
    return Q(**{f"{name}__contains": "-"}) & ~Q(**{f"{name}__contains": "/"})


def _notice_before(end: Case | F) -> Func:
    return _DaysEarlier(end, F("notice_days"))


def _period_end(first_end: Case | F, day: date, *, of: str) -> Case:
    """Return the end of the period running on `day`, as `lifecycle.end_of_current_period` computes it."""
    months_since = Value(day.year * 12 + day.month) - _months(first_end)
    renewals = Greatest(months_since, Value(0)) / F("term_months")
    end = _later(first_end, renewals * F("term_months"), of=of)
    next_end = _later(first_end, (renewals + 1) * F("term_months"), of=of)
    return Case(When(GreaterThan(end, Value(day)), then=end), default=next_end)


def _months(moment: Case | F) -> Combinable:
    year, month = (Cast(part(moment), IntegerField()) for part in (ExtractYear, ExtractMonth))
    return year * 12 + month


def _later(moment: Case | F, months: Combinable, *, of: str) -> Case:
    """Return the day that many months later: the same day, or the last of the month; for a month, its last day."""
    end_of_month = _EndOfMonth(moment, months + 1)
    is_a_day = Q(**{f"{of}_earliest": F(f"{of}_latest")})
    return Case(
        When(is_a_day, then=Least(_MonthsLater(moment, months), end_of_month)),
        default=end_of_month,
        output_field=DateField(),
    )


class _DayFunction(Func):
    """A day computed from another one; each database has its own template and its own text between the arguments."""

    output_field = DateField()
    sqlite: tuple[str, str]
    postgresql: tuple[str, str]

    def as_sqlite(self, compiler: Any, connection: Any, **context: object) -> Any:
        template, joiner = self.sqlite
        return self.as_sql(compiler, connection, template=template, arg_joiner=joiner)

    def as_postgresql(self, compiler: Any, connection: Any, **context: object) -> Any:
        template, joiner = self.postgresql
        return self.as_sql(compiler, connection, template=template, arg_joiner=joiner)


class _MonthsLater(_DayFunction):
    """The same day of a later month; if that month is too short, SQLite overflows into the next one."""

    sqlite = "date(%(expressions)s || ' months')", ", "
    postgresql = "(%(expressions)s * interval '1 month')::date", " + "


class _EndOfMonth(_DayFunction):
    """The last day of the month before the one that many months later."""

    sqlite = "date(%(expressions)s || ' months', '-1 day')", ", 'start of month', "
    postgresql = (
        "(date_trunc('month', %(expressions)s * interval '1 month' - interval '1 day')::date",
        ") + ",
    )


class _DaysEarlier(_DayFunction):
    sqlite = "date(%(expressions)s || ' days')", ", '-' || "
    postgresql = "(%(expressions)s)", " - "
