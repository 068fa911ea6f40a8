"""The status rule: a table of cases, and random agreements on which Python, SQL and the column store agree."""

import random
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from agreements.counting.column_store.loading import load
from agreements.counting.column_store.segments import STATUSES, Seen
from agreements.domain.choices import PeriodKind, Publication, Stage, Status, TermKind
from agreements.domain.durations import Duration
from agreements.domain.lifecycle import RUNNING, end_of_current_period, end_of_term
from agreements.domain.partial_dates import PartialDate
from agreements.models import Agreement, Period
from tests.factories import AgreementFactory, PeriodFactory

pytestmark = pytest.mark.django_db


# Days before it are past.
TODAY = date(2026, 11, 21)


def facts(*periods: tuple[str, str, str], **given) -> dict:
    """The facts of an agreement; texts become partial dates, and `superseded_on` becomes a day.

    A period is its kind, its first and its last day.
    """
    return given | {"periods": periods} if periods else given


THREE_YEARS = facts(signed="2023-07-28", in_force="2023-07-28", term_kind="fixed", term_months=36)
RENEWING = facts(in_force="2010-03-01", term_kind="automatic_renewal", term_months=60)

RUSSIA = facts(("suspension", "2022-09-12", ""), signed="2006-05-25", in_force="2007-06-01")
RESUMED = facts(("suspension", "2022-05-01", "2023-05-31"), in_force="2010")
TRADE = facts(
    ("provisional_application", "2021-01-01", "2021-04-30"),
    signed="2020-12-30",
    in_force="2021-05-01",
)
CHINA = facts(
    ("renewal", "2020-10-22", "2022-10-22"),
    ("renewal", "2022-10-22", "2024-10-22"),
    ("renewal", "2024-10-22", "2028-10-22"),
    signed="2018-09-22",
    in_force="2018-10-22",
    term_kind="fixed",
    term_months=24,
)
GAP = facts(
    ("renewal", "2021-03-01", "2024-12-31"), in_force="2019-01-01", expires_stated="2020-12-31"
)

CASES = [
    # id, facts, day, status, words from the reason
    ("proposed", facts(stage="proposed"), "2026-11-21", "proposed", "proposed"),
    ("proposed, on a day to come", facts(stage="proposed"), "2030-01-01", "proposed", "proposed"),
    ("proposed says nothing about a past day", facts(stage="proposed"), "2026-11-20", "undetermined", "it is recorded as “proposed” without a date, so where it stood"),
    ("proposed although dated", facts(stage="proposed", signed="2020"), "2027-01-01", "proposed", "proposed"),
    ("negotiation as stated", facts(stage="negotiation"), "2026-11-21", "negotiation", "negotiated"),
    ("abandoned", facts(stage="abandoned", signed="2020"), "2026-11-21", "abandoned", "given up"),
    ("abandoned, on a past day", facts(stage="abandoned", signed="2020"), "2022-01-01", "undetermined", "recorded as “abandoned” without a date"),
    ("stage from the day it was reported", facts(stage="negotiation", stage_reported="2020-05-06"), "2020-05-06", "negotiation", "negotiated"),
    ("not before that day", facts(stage="negotiation", stage_reported="2020-05-06"), "2020-05-05", "undetermined", "reported as “in negotiation” (6 May 2020)"),
    ("from the last day of its month", facts(stage="abandoned", stage_reported="2020-05"), "2020-05-30", "undetermined", "where it stood on 30 May 2020"),
    ("from its last day", facts(stage="abandoned", stage_reported="2020-05"), "2020-05-31", "abandoned", "given up"),
    ("reported as concluded, not dated", facts(stage_reported="2020-05-06"), "2020-05-06", "signed", "when it was signed is not known"),
    ("before it was reported as concluded", facts(stage_reported="2020-05-06"), "2020-05-05", "undetermined", "when it was signed is not known"),
    ("day before signature", facts(signed="2022-05-25"), "2022-05-24", "not_yet_concluded", "not yet signed on 24 May 2022"),
    ("a memorandum of 2018 in 1939", facts(signed="2018", in_force="2019"), "1939-09-03", "not_yet_concluded", "its signature is dated 2018"),
    ("signature to come", facts(signed="2027-05-25"), "2026-11-21", "negotiation", "not yet signed on 21 November 2026"),
    ("signature to come, seen from the past", facts(signed="2027-05-25"), "2026-11-20", "not_yet_concluded", "not yet signed"),
    ("signed this year, perhaps", facts(signed="2026"), "2026-11-21", "negotiation", "may not have taken place by 21 November 2026"),
    ("day of signature", facts(signed="2022-05-25"), "2022-05-25", "signed", "signed, 25 May 2022"),
    ("month: not before its last day", facts(signed="2023-08"), "2023-08-30", "undetermined", "may not have taken place by 30 August 2023"),
    ("month: on its last day", facts(signed="2023-08"), "2023-08-31", "signed", "August 2023"),
    ("year: on its last day", facts(signed="2018"), "2018-12-31", "signed", "2018"),
    ("about a month", facts(signed="2023-10~"), "2023-10-31", "signed", "about October 2023"),
    ("before the first day of a month", facts(signed="2023-08"), "2023-07-31", "not_yet_concluded", "not yet signed on 31 July 2023"),
    ("until a year", facts(signed="../2021"), "1939-09-03", "undetermined", "may not have taken place by 3 September 1939"),
    ("from a year on", facts(signed="2020/.."), "2024-01-01", "undetermined", "may not have taken place"),
    ("before that year", facts(signed="2020/.."), "2019-12-31", "not_yet_concluded", "not yet signed"),
    ("open interval is never reached", facts(signed="2020/.."), "2999-12-31", "negotiation", "may not have taken place"),
    ("interval is reached at its end", facts(signed="../2021"), "2021-12-31", "signed", "until 2021"),
    ("concluded, nothing dated", facts(), "2026-11-21", "signed", "when it was signed is not known"),
    ("concluded, nothing dated, on a past day", facts(), "1950-01-01", "undetermined", "nor whether it had been signed by 1 January 1950"),
    ("force to come, never dated signed", facts(in_force="2021-01-01"), "2020-06-01", "undetermined", "when it was signed is not known"),
    ("force to come", facts(signed="2020-01-01", in_force="2021-01-01"), "2020-12-31", "signed", "1 January 2021, has not been reached"),
    ("in force on its day", facts(signed="2020-01-01", in_force="2021-01-01"), "2021-01-01", "in_force", "how long it lasts is not known"),
    ("in force before signature", facts(signed="2022-01-01", in_force="2021-01-01"), "2021-06-01", "in_force", "since 1 January 2021"),
    ("in force, never dated signed", facts(in_force="2021-01-01"), "2021-06-01", "in_force", "since"),
    ("indefinite", facts(in_force="1950", term_kind="indefinite"), "2022-01-01", "in_force", "without a set end"),
    ("fixed term runs", THREE_YEARS, "2026-07-28", "in_force", "its term ends 28 July 2026"),
    ("fixed term ended", THREE_YEARS, "2026-07-29", "expired", "the 3-year term from 28 July 2023 ended"),
    ("term from the last of a long month", facts(in_force="2020-01-31", term_kind="fixed", term_months=1), "2020-03-01", "expired", "1-month"),
    ("its last day", facts(in_force="2020-01-31", term_kind="fixed", term_months=1), "2020-02-29", "in_force", "29 February 2020"),
    ("term from 29 February", facts(in_force="2020-02-29", term_kind="fixed", term_months=12), "2021-03-01", "expired", "1-year"),
    ("term from a month", facts(in_force="2020-08", term_kind="fixed", term_months=6), "2021-02-28", "in_force", "February 2021"),
    ("term from a month, ended", facts(in_force="2020-08", term_kind="fixed", term_months=6), "2021-03-01", "expired", "February 2021"),
    ("fixed term, start unknown", facts(signed="2010", term_kind="fixed", term_months=12), "2022-01-01", "signed", "nor is the end"),
    ("end named by the document", facts(in_force="2010", expires_stated="2015-06-30"), "2015-07-01", "expired", "the document names, 30 June 2015"),
    ("named end before counted end", facts(in_force="2010-01-01", term_kind="fixed", term_months=120, expires_stated="2015"), "2016-01-01", "expired", "names"),
    ("renews itself", RENEWING, "2022-01-01", "in_force", "the current period ends 1 March 2025"),
    ("the last day of a period", RENEWING, "2025-03-01", "in_force", "1 March 2025"),
    ("renews on the next day", RENEWING, "2025-03-02", "in_force", "1 March 2030"),
    ("renews, length unknown", facts(in_force="2010", term_kind="automatic_renewal"), "2022-01-01", "in_force", "renewed automatically"),
    ("term unknown never expires", facts(in_force="1900", term_kind="unknown"), "2999-12-31", "in_force", "not known"),
    ("terminated", facts(in_force="2010", terminated="2015-03-02"), "2015-03-02", "terminated", "2 March 2015"),
    ("terminated before expiry", THREE_YEARS | facts(terminated="2024-01"), "2027-01-01", "terminated", "before its term would have ended"),
    ("not yet terminated", THREE_YEARS | facts(terminated="2024-01"), "2024-01-30", "in_force", "since"),
    ("expired before termination", THREE_YEARS | facts(terminated="2028"), "2029-01-01", "expired", "ended"),
    ("terminated on the day of expiry", THREE_YEARS | facts(terminated="2026-07-28"), "2026-07-28", "terminated", "28 July 2026"),
    ("terminated without force", facts(signed="2010", terminated="2015"), "2016-01-01", "terminated", "2015"),
    ("superseded", THREE_YEARS | facts(superseded_on=date(2025, 1, 1)), "2025-01-01", "superseded", "by 1 January 2025"),
    ("day before superseded", THREE_YEARS | facts(superseded_on=date(2025, 1, 1)), "2024-12-31", "in_force", "since"),
    ("superseded before terminated", facts(in_force="2010", terminated="2020", superseded_on=date(2015, 1, 1)), "2021-01-01", "superseded", "2015"),
    ("terminated before superseded", facts(in_force="2010", terminated="2014", superseded_on=date(2015, 1, 1)), "2021-01-01", "terminated", "2014"),
    ("suspended on its day", RUSSIA, "2022-09-12", "suspended", "suspended since 12 September 2022; when the suspension ends is not known"),
    ("the day before", RUSSIA, "2022-09-11", "in_force", "since 1 June 2007"),
    ("still suspended", RUSSIA, "2026-11-21", "suspended", "since 12 September 2022"),
    ("last day of a suspension", RESUMED, "2023-05-31", "suspended", "from 1 May 2022 until 31 May 2023"),
    ("resumed", RESUMED, "2023-06-01", "in_force", "since 2010"),
    ("suspended in a month: not before its last day", facts(("suspension", "2022-05", ""), in_force="2010"), "2022-05-30", "in_force", "since 2010"),
    ("suspended before it is terminated", RUSSIA | facts(terminated="2024-01-01"), "2023-12-31", "suspended", "since"),
    ("terminated while suspended", RUSSIA | facts(terminated="2024-01-01"), "2024-01-01", "terminated", "1 January 2024"),
    ("day before provisional application", TRADE, "2020-12-31", "signed", "1 May 2021, has not been reached"),
    ("provisionally applied", TRADE, "2021-01-01", "provisionally_applied", "from 1 January 2021 until 30 April 2021; it has not entered into force"),
    ("last day of provisional application", TRADE, "2021-04-30", "provisionally_applied", "until 30 April 2021"),
    ("in force after it", TRADE, "2021-05-01", "in_force", "since 1 May 2021"),
    ("provisionally applied, open, not in force", facts(("provisional_application", "2009", ""), signed="2008"), "2026-11-21", "provisionally_applied", "applied provisionally since 2009"),
    ("provisionally applied, then in force", facts(("provisional_application", "2009", ""), signed="2008", in_force="2012-01-01"), "2012-01-01", "in_force", "since"),
    ("provisional application over, not in force", facts(("provisional_application", "2009", "2010"), signed="2008"), "2011-01-01", "signed", "when it entered into force is not known"),
    ("first term", CHINA, "2020-10-21", "in_force", "its end has been moved to 22 October 2028"),
    ("renewed at once", CHINA, "2022-01-01", "in_force", "its end has been moved to"),
    ("renewed for the third time", CHINA, "2026-11-21", "in_force", "its end has been moved to 22 October 2028"),
    ("last renewal over", CHINA, "2028-10-23", "expired", "its end had been moved to 22 October 2028"),
    ("before the gap", GAP, "2020-12-31", "in_force", "its end has been moved to 31 December 2024"),
    ("in the gap", GAP, "2021-01-01", "expired", "in force until 31 December 2020; the next period begins 1 March 2021"),
    ("last day of the gap", GAP, "2021-02-28", "expired", "next period begins"),
    ("after the gap", GAP, "2021-03-01", "in_force", "its end has been moved to"),
    ("a gap that is not certain is none", facts(("renewal", "2021", "2024"), in_force="2019-01-01", expires_stated="2020-12-31"), "2021-01-01", "in_force", "moved to 2024"),
    ("extended without a first day", facts(("extension", "", "2024"), in_force="2019-01-01", expires_stated="2020-12-31"), "2023-01-01", "in_force", "its end has been moved to 2024"),
    ("that extension over", facts(("extension", "", "2024"), in_force="2019-01-01", expires_stated="2020-12-31"), "2025-01-01", "expired", "moved to 2024"),
    ("brought forward", facts(("extension", "2020-05-01", "2020-12-31"), in_force="2019-01-01", expires_stated="2029-12-31"), "2021-01-01", "expired", "moved to 31 December 2020"),
    ("renewed, until when is not known", facts(("renewal", "2021-01-01", ""), in_force="2019-01-01", expires_stated="2020-12-31"), "2026-11-21", "in_force", "how long it lasts is not known"),
    ("superseded in a renewal", CHINA | facts(superseded_on=date(2023, 1, 1)), "2023-01-01", "superseded", "by 1 January 2023"),
    ("expired before both", THREE_YEARS | facts(terminated="2028", superseded_on=date(2027, 1, 1)), "2030-01-01", "expired", "ended"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "day", "status", "reason"), [case[1:] for case in CASES], ids=[c[0] for c in CASES]
)
def test_status_is_the_same_by_every_rule_and_gives_its_reason(given, day, status, reason):
    superseded_on = given.get("superseded_on")
    own = {k: v for k, v in given.items() if k not in ("superseded_on", "periods")}
    agreement = AgreementFactory(**own)
    for kind, first, last in given.get("periods", ()):
        PeriodFactory(agreement=agreement, kind=kind, first=first, last=last)
    Agreement.objects.update(superseded_on=superseded_on)
    agreement.refresh_from_db()
    day = date.fromisoformat(day)

    standing = agreement.standing(day, TODAY)

    assert standing.status == status
    assert reason in standing.reason
    assert str(standing).startswith(f"{Status(status).label}: ")
    assert Agreement.objects.with_status(day, TODAY).get().status == status
    assert Agreement.objects.having_status([status], day, TODAY).get() == agreement
    assert [STATUSES[code] for code in Seen(load(), day, TODAY).statuses] == [status]


def test_today_is_the_calendar_day_of_the_register_not_of_utc():
    agreement = AgreementFactory(stage="proposed")

    with time_machine.travel(
        datetime(2026, 11, 21, 21, 0, tzinfo=UTC), tick=False
    ):  # 22 November in Baku
        statuses = [str(agreement.standing(date(2026, 11, day)).status) for day in (21, 22)]
        by_sql = [
            Agreement.objects.with_status(date(2026, 11, day)).get().status for day in (21, 22)
        ]
        columns = [STATUSES[Seen(load(), date(2026, 11, day)).statuses[0]] for day in (21, 22)]

    assert statuses == by_sql == columns == ["undetermined", "proposed"]


def test_python_sql_and_the_columns_read_the_rule_alike_on_any_day():
    """Four hundred random agreements, on days around those on which their status may change, past and to come."""
    chance = random.Random(20231020)
    Agreement.objects.bulk_create(_random_agreement(chance, n) for n in range(400))
    keys = list(Agreement.objects.values_list("pk", flat=True))
    Period.objects.bulk_create(_random_period(chance, chance.choice(keys)) for _n in range(400))
    superseded = dict(Agreement.objects.values_list("pk", "superseded_on"))
    Agreement.objects.all().refresh_derived()
    for key, day in superseded.items():
        Agreement.objects.filter(pk=key).update(superseded_on=day)
    agreements = {row.pk: row for row in Agreement.objects.prefetch_related("periods")}
    segment = load()
    dates = ("signed", "in_force", "expires", "terminated", "term_end", "stage_reported")
    boundaries = {
        getattr(agreement, f"{name}_latest") for agreement in agreements.values() for name in dates
    }
    boundaries |= {*Period.objects.values_list("first_latest", flat=True)}
    boundaries |= {*Period.objects.values_list("last_latest", flat=True)}
    known = sorted(day for day in boundaries if day and date(1900, 1, 1) < day < date(2990, 1, 1))
    seen = set()

    @settings(max_examples=40)
    @given(
        day=st.sampled_from(known),
        later=st.integers(-1, 1),
        today=st.sampled_from([date(2018, 1, 1), date(2021, 6, 15), TODAY]),
    )
    def check(day, later, today):
        day += timedelta(days=later)
        by_hand = {
            key: agreement.standing(day, today).status for key, agreement in agreements.items()
        }
        seen.update(by_hand.values())

        found = Agreement.objects.with_status(day, today)
        assert dict(found.values_list("pk", "status")) == by_hand
        codes = Seen(segment, day, today).statuses
        assert {
            key: STATUSES[code] for key, code in zip(segment.keys, codes, strict=True)
        } == by_hand
        running = {key for key, status in by_hand.items() if status in RUNNING}
        assert set(Agreement.objects.running(day, today).values_list("pk", flat=True)) == running

    check()

    assert seen == set(Status.values)


def _random_agreement(chance: random.Random, number: int) -> Agreement:
    term_kind = chance.choice(TermKind.values)
    has_length = term_kind in ("fixed", "automatic_renewal") and chance.random() < 0.8
    return Agreement(
        ref=f"AGR-{number:04d}",
        title=str(number),
        publication=Publication.PUBLISHED,
        stage=chance.choice([*Stage.values, *["concluded"] * 6]),
        stage_reported=_random_date(chance) if chance.random() < 0.3 else None,
        signed=_random_date(chance),
        in_force=_random_date(chance),
        terminated=_random_date(chance) if chance.random() < 0.3 else None,
        expires_stated=_random_date(chance) if chance.random() < 0.2 else None,
        superseded_on=_random_day(chance) if chance.random() < 0.2 else None,
        term_kind=term_kind,
        term=chance.choice(["P1M", "P6M", "P1Y", "P18M", "P120D", "P5Y"]) if has_length else None,
    )


def _random_period(chance: random.Random, agreement: int) -> Period:
    kind = chance.choice(PeriodKind.values)
    first = date(chance.randint(2018, 2023), chance.randint(1, 12), 15)
    last = first + timedelta(days=chance.randint(1, 700))
    shown = [day.isoformat()[: chance.choice([4, 7, 10])] for day in (first, last)]
    if chance.random() < 0.2:
        shown[0 if kind in ("renewal", "extension") else 1] = ""
    first_day, last_day = (PartialDate.parse(text) if text else None for text in shown)
    is_public = chance.random() < 0.9
    return Period(
        agreement_id=agreement, kind=kind, first=first_day, last=last_day, is_public=is_public
    )


def _random_day(chance: random.Random) -> date:
    # Few years, so that several dates often fall on the same day.
    return date(chance.randint(2018, 2024), chance.randint(1, 12), chance.choice([1, 15, 28]))


def _random_date(chance: random.Random) -> PartialDate | None:
    day = _random_day(chance).isoformat()
    forms = [
        "",
        day,
        day[:7],
        day[:4],
        f"{day[:7]}~",
        f"{day[:4]}?",
        f"{day}/..",
        f"../{day}",
        f"{day[:4]}/2025",
    ]
    text = chance.choice(forms)
    return PartialDate.parse(text) if text else None


@pytest.mark.parametrize(
    ("term_kind", "term", "in_force", "stated", "end"),
    [
        ("fixed", "P3Y", "2023-07-28", None, "2026-07-28"),
        ("fixed", "P3Y", "2023-07", None, "2026-07"),
        ("fixed", "P3Y", "2023~", None, "2026~"),
        ("fixed", "P18M", "2023", None, "2024-07/2025-06"),
        ("fixed", "P120D", "2022-07-22", None, "2022-11-19"),
        ("fixed", "P120D", "2022-07-22?", None, "2022-11-19?"),
        ("fixed", "P120D", "2022-07~", None, "2022-10-29~/2022-11-28~"),
        ("fixed", "P10D", "2023", None, "2023-01-11/2024-01-10"),
        ("fixed", "P10D", "2023/..", None, "2023-01-11/.."),
        ("fixed", None, "2023", None, None),
        ("fixed", "P1Y", None, None, None),
        ("fixed", "P1Y", "2023", "2030-01-01", "2030-01-01"),
        ("unknown", None, "2023", "2030", "2030"),
        ("indefinite", None, "2023", "2030", None),
        ("automatic_renewal", "P1Y", "2023", "2030", None),
    ],
)
def test_end_of_term(term_kind, term, in_force, stated, end):
    found = end_of_term(
        term_kind=term_kind,
        term=term and Duration.parse(term),
        in_force=in_force and PartialDate.parse(in_force),
        expires_stated=stated and PartialDate.parse(stated),
    )

    assert (found and str(found)) == end


def test_end_of_term_beyond_the_calendar_is_refused_in_the_form_not_in_the_save():
    agreement = AgreementFactory(in_force="2990", term_kind="fixed", term_months=24)

    agreement.term = "P20Y"

    with pytest.raises(Exception, match="2999"):
        agreement.full_clean()


@pytest.mark.parametrize(
    ("day", "end"),
    [
        ("2000-01-01", "2015-03-31"),
        ("2015-03-30", "2015-03-31"),
        ("2015-03-31", "2015-03-31"),
        ("2015-04-01", "2015-04-30"),
        ("2020-02-15", "2020-02-29"),
        ("2021-02-28", "2021-02-28"),
        ("2021-03-01", "2021-03-31"),
    ],
)
def test_periods_of_a_month_do_not_drift_over_short_months(day, end):
    agreement = AgreementFactory.build(
        in_force="2015-02-28",
        expires_stated="2015-03-31",
        term_kind="automatic_renewal",
        term_months=1,
    )

    assert str(end_of_current_period(agreement, date.fromisoformat(day))) == end


def test_end_is_computed_on_save_and_cleared_again():
    agreement = AgreementFactory(in_force="2023-07-28", term_kind="fixed", term_months=36)
    assert str(agreement.expires) == "2026-07-28"
    assert agreement.expires_latest == date(2026, 7, 28)

    agreement.term_kind, agreement.term = TermKind.INDEFINITE, None
    agreement.save()
    agreement.refresh_from_db()

    assert (agreement.expires, agreement.expires_earliest, agreement.expires_latest) == (
        None,
        None,
        None,
    )


def test_saving_some_fields_keeps_the_end_right():
    agreement = AgreementFactory(in_force="2023-07-28", term_kind="fixed", term_months=36)

    agreement.term = "P1Y"
    agreement.save(update_fields=["term"])
    agreement.refresh_from_db()

    assert agreement.expires_latest == date(2024, 7, 28)


def test_reason_follows_the_language():
    agreement = AgreementFactory.build(signed="2022-05-25")

    with translation.override("ru"):
        assert "2022" in agreement.standing(date(2022, 6, 1)).reason
