"""The last day on which notice can be given, in Python and in SQL: one rule, checked by a test.

It is the `notice` before the end of the agreement, as renewals and extensions have moved it, or, if it renews itself,
before the end of the period running on the given day. If the end is known only in part, it is the earliest day that this
can be, since nobody may miss it: an agreement that ends in December 2026 may end on its first day. Querysets compute it in
SQL, mails and pages for a single agreement.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db.models import Case, DateField, F, Func, IntegerField, Q, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce, ExtractMonth, ExtractYear, Greatest, Least
from django.db.models.lookups import GreaterThanOrEqual
from django.utils.translation import gettext as _

from agreements.domain import lifecycle
from agreements.domain.choices import TermKind
from agreements.domain.partial_dates import OPEN_START, PartialDate, day_in_words

if TYPE_CHECKING:
    from agreements.models import Agreement


def notice_deadline(agreement: "Agreement", day: date) -> date | None:
    """Return the last day for notice, or None; for a renewing agreement in the period running on `day`."""
    end = _end(agreement, day)
    if agreement.notice is None or end is None or end.earliest == OPEN_START:
        return None
    return agreement.notice.before(end.earliest)


def notice_deadline_in_words(agreement: "Agreement", day: date) -> str:
    """Return the last day for notice, and on what it depends if it is the earliest possible one; empty without one."""
    deadline, end = notice_deadline(agreement, day), _end(agreement, day)
    if deadline is None or end is None:
        return ""
    shown = {"day": day_in_words(deadline)}
    if end.precision == "day":
        return shown["day"]
    if agreement.expires_stated is not None or agreement.expires != agreement.term_end:
        return _("%(day)s at the earliest, depending on the day on which it ends") % shown
    return _("%(day)s at the earliest, depending on the day it entered into force") % shown


def _end(agreement: "Agreement", day: date) -> PartialDate | None:
    if agreement.term_kind != TermKind.AUTOMATIC_RENEWAL or agreement.expires is not None:
        return agreement.expires
    counted_from = agreement.expires_stated or agreement.in_force
    if counted_from is None or counted_from.is_interval:
        return None
    return lifecycle.end_of_current_period(agreement, day)


def notice_deadline_expression(day: date) -> Case:
    """Return the SQL expression of the same rule, a date or NULL, for a queryset of agreements.

    The database counts the periods of an agreement that renews itself, in every row unless the queryset is filtered by
    `notice`.
    """
    return Case(
        # PostgreSQL would take the greater of NULL and 0 for 0
        When(notice__isnull=True, then=Value(None)),
        *(
            When(holds, then=_moved(end, F("notice"), back=True))
            for holds, end in _ends_in_sql(day)
        ),
        output_field=DateField(),
    )


def day_before(moment: Any) -> "_DaysLater":
    """Return the SQL expression of the day before."""
    return _DaysLater(moment, Value(-1))


def _ends_in_sql(day: date) -> Iterator[tuple[Q, Any]]:
    """Yield each way in which an end is known: where it applies, and the first possible day of that end.

    For an agreement that renews itself it is that of the period running on `day`, as `lifecycle` counts it.
    """
    once = ~Q(term_kind=TermKind.AUTOMATIC_RENEWAL) | ~Q(expires="")
    yield once & Q(expires_earliest__gt=OPEN_START), F("expires_earliest")
    step = Coalesce(F("renewal"), F("term"))
    in_months = ~once & (Q(renewal__gt=0) | Q(renewal=None, term__gt=0))
    in_days = ~once & (Q(renewal__lt=0) | Q(renewal=None, term__lt=0))
    known = {name: ~Q(**{name: ""}) & ~Q(**{f"{name}__contains": "/"}) for name in _COUNTED}
    entered, named = (_From.column(name) for name in _COUNTED)
    # without a named end, or with one that is the computed first end
    from_entry = known["in_force"] & (Q(expires_stated="") | _names_the_computed_end(entered))
    yield in_months & from_entry & Q(term__gt=0), entered.by_months(day, step, F("term"))
    yield in_months & from_entry & Q(term__lt=0), entered.days_later().by_months(day, step)
    yield in_days & from_entry & Q(term__gt=0), entered.months_later().by_days(day, step)
    yield in_days & from_entry & Q(term__lt=0), entered.days_later().by_days(day, step)
    yield in_months & known["expires_stated"], named.by_months(day, step)
    yield in_days & known["expires_stated"], named.by_days(day, step)


_COUNTED = ("in_force", "expires_stated")


def _names_the_computed_end(entered: "_From") -> Q:
    """Whether the named end is the computed first one, and both are known to the day, as in `lifecycle.counted_from`."""
    return Q(
        term__isnull=False,
        in_force_earliest=F("in_force_latest"),
        expires_stated_earliest=F("expires_stated_latest"),
        expires_stated_latest=_moved(entered.earliest, F("term")),
    )


@dataclass(frozen=True)
class _From:
    """A date in SQL from which the ends of periods are counted, by its first and last possible day."""

    earliest: Any
    latest: Any
    is_a_day: Q

    @classmethod
    def column(cls, name: str) -> "_From":
        is_a_day = Q(**{f"{name}_earliest": F(f"{name}_latest")})
        return cls(F(f"{name}_earliest"), F(f"{name}_latest"), is_a_day)

    def days_later(self) -> "_From":
        """Return the date a term in days later, which is known by its two days."""
        days = F("term") * -1
        earliest, latest = _DaysLater(self.earliest, days), _DaysLater(self.latest, days)
        return _From(earliest, latest, is_a_day=Q(pk__isnull=False))

    def months_later(self) -> "_From":
        """Return the date a term in months later."""
        latest = _later(self.latest, F("term"), self.is_a_day)
        return _From(_later(self.earliest, F("term")), latest, self.is_a_day)

    def by_months(self, day: date, step: Any, first: Any = None) -> Case:
        """Return the first possible day of the end that is `first` and some times `step` months later."""
        months = Value(day.year * 12 + day.month) - _months(self.latest)
        since = Greatest(months if first is None else months - first, Value(0))
        offset = since - since % step
        offset = offset if first is None else offset + first
        latest = _later(self.latest, offset, self.is_a_day)
        return Case(
            When(GreaterThanOrEqual(latest, Value(day)), then=_later(self.earliest, offset)),
            default=_later(self.earliest, offset + step),
            output_field=DateField(),
        )

    def by_days(self, day: date, step: Any) -> "_DaysLater":
        """Return the same for a step in days, whose stored number is negative."""
        since = Greatest(_DaysBetween(Value(day), self.latest), Value(0)) - step - 1
        return _DaysLater(self.earliest, since - since % (step * -1))


def _months(moment: Any) -> Combinable:
    year, month = (Cast(part(moment), IntegerField()) for part in (ExtractYear, ExtractMonth))
    return year * 12 + month


def _moved(moment: Any, length: F, *, back: bool = False) -> "_DaysLater":
    """Return the day a length later or, `back`, earlier; one of its two units is 0."""
    sign = -1 if back else 1
    months = _later(moment, Greatest(length, Value(0)) * sign)
    return _DaysLater(months, Least(length, Value(0)) * -sign)


def _later(moment: Any, months: Any, is_a_day: Q | None = None) -> Any:
    """Return the day that many months later: the same day, or the last of the month.

    For the last day of a month or year, that is `is_a_day` does not hold, the last day of the later month.
    """
    same_day = _MonthsLater(moment, months)
    if is_a_day is None:
        return same_day
    end_of_month = _EndOfMonth(moment, months + 1)
    return Case(When(is_a_day, then=same_day), default=end_of_month, output_field=DateField())


class _DayFunction(Func):
    """A value computed from days; each database has its own template and its own text between the arguments."""

    output_field: Any = DateField()
    sqlite: tuple[str, str]
    postgresql: tuple[str, str]

    def as_sqlite(self, compiler: Any, connection: Any, **context: object) -> Any:
        template, joiner = self.sqlite
        return self.as_sql(compiler, connection, template=template, arg_joiner=joiner)

    def as_postgresql(self, compiler: Any, connection: Any, **context: object) -> Any:
        template, joiner = self.postgresql
        return self.as_sql(compiler, connection, template=template, arg_joiner=joiner)


class _MonthsLater(_DayFunction):
    """The same day of a later month, or its last day if it is too short.

    PostgreSQL does that by itself. SQLite would overflow into the next month, and no day is after the end of its own.
    """

    postgresql = "(%(expressions)s * interval '1 month')::date", " + "

    def as_sqlite(self, compiler: Any, connection: Any, **context: object) -> Any:
        (day, day_params), (months, months_params) = map(
            compiler.compile, self.get_source_expressions()
        )
        overflowing = f"date({day}, {months} || ' months')"
        last = f"date({day}, 'start of month', ({months} + 1) || ' months', '-1 day')"
        return f"min({overflowing}, {last})", 2 * (*day_params, *months_params)


class _EndOfMonth(_DayFunction):
    """The last day of the month before the one that many months later."""

    sqlite = "date(%(expressions)s || ' months', '-1 day')", ", 'start of month', "
    postgresql = (
        "(date_trunc('month', %(expressions)s * interval '1 month' - interval '1 day')::date",
        ") + ",
    )


class _DaysLater(_DayFunction):
    sqlite = "date(%(expressions)s || ' days')", ", "
    postgresql = "(%(expressions)s)", " + "


class _DaysBetween(_DayFunction):
    """How many days the first day is after the second."""

    output_field = IntegerField()
    sqlite = "CAST(julianday(%(expressions)s) AS INTEGER)", ") - julianday("
    postgresql = "(%(expressions)s)", " - "
