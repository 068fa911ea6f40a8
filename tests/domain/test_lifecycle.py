"""The status rule: a table of cases, and random agreements on which Python, SQL and the column store agree."""

import random
from datetime import date, timedelta

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from agreements.counting.column_store.loading import load
from agreements.counting.column_store.segments import STATUSES, Seen
from agreements.domain.choices import Publication, Stage, Status, TermKind
from agreements.domain.lifecycle import end_of_current_period, end_of_term
from agreements.domain.partial_dates import PartialDate
from agreements.models import Agreement
from tests.factories import AgreementFactory

pytestmark = pytest.mark.django_db


def facts(**given) -> dict:
    """The facts of an agreement; texts become partial dates, and `superseded_on` becomes a day."""
    return given


THREE_YEARS = facts(signed="2023-07-28", in_force="2023-07-28", term_kind="fixed", term_months=36)
RENEWING = facts(in_force="2010-03-01", term_kind="automatic_renewal", term_months=60)

CASES = [
    # id, facts, day, status, words from the reason
    ("proposed holds on any day", facts(stage="proposed"), "1900-01-01", "proposed", "proposed"),
    ("proposed although dated", facts(stage="proposed", signed="2020"), "2022-01-01", "proposed", "proposed"),
    ("negotiation as stated", facts(stage="negotiation"), "2022-01-01", "negotiation", "negotiated"),
    ("abandoned", facts(stage="abandoned", signed="2020"), "2022-01-01", "abandoned", "given up"),
    ("day before signature", facts(signed="2022-05-25"), "2022-05-24", "negotiation", "not yet signed on 24 May 2022"),
    ("day of signature", facts(signed="2022-05-25"), "2022-05-25", "signed", "signed, 25 May 2022"),
    ("month: not before its last day", facts(signed="2023-08"), "2023-08-30", "negotiation", "may not have taken place by 30 August 2023"),
    ("month: on its last day", facts(signed="2023-08"), "2023-08-31", "signed", "August 2023"),
    ("year: on its last day", facts(signed="2018"), "2018-12-31", "signed", "2018"),
    ("about a month", facts(signed="2023-10~"), "2023-10-31", "signed", "about October 2023"),
    ("open interval is never reached", facts(signed="2020/.."), "2999-12-31", "negotiation", "may not have taken place"),
    ("interval is reached at its end", facts(signed="../2021"), "2021-12-31", "signed", "until 2021"),
    ("concluded, nothing dated", facts(), "1950-01-01", "signed", "when it was signed is not known"),
    ("force to come", facts(signed="2020-01-01", in_force="2021-01-01"), "2020-12-31", "signed", "1 January 2021, has not been reached"),
    ("in force on its day", facts(signed="2020-01-01", in_force="2021-01-01"), "2021-01-01", "in_force", "how long it lasts is not known"),
    ("in force before signature", facts(signed="2022-01-01", in_force="2021-01-01"), "2021-06-01", "in_force", "since 1 January 2021"),
    ("in force, never dated signed", facts(in_force="2021-01-01"), "2021-06-01", "in_force", "since"),
    ("indefinite", facts(in_force="1950", term_kind="indefinite"), "2022-01-01", "in_force", "without a set end"),
    ("fixed term runs", THREE_YEARS, "2026-07-27", "in_force", "its term ends 28 July 2026"),
    ("fixed term ended", THREE_YEARS, "2026-07-28", "expired", "the 3-year term from 28 July 2023 ended"),
    ("term from the last of a long month", facts(in_force="2020-01-31", term_kind="fixed", term_months=1), "2020-02-29", "expired", "1-month"),
    ("the day before that", facts(in_force="2020-01-31", term_kind="fixed", term_months=1), "2020-02-28", "in_force", "29 February 2020"),
    ("term from 29 February", facts(in_force="2020-02-29", term_kind="fixed", term_months=12), "2021-02-28", "expired", "1-year"),
    ("term from a month", facts(in_force="2020-08", term_kind="fixed", term_months=6), "2021-02-27", "in_force", "February 2021"),
    ("term from a month, ended", facts(in_force="2020-08", term_kind="fixed", term_months=6), "2021-02-28", "expired", "February 2021"),
    ("fixed term, start unknown", facts(signed="2010", term_kind="fixed", term_months=12), "2022-01-01", "signed", "neither is the end"),
    ("end named by the document", facts(in_force="2010", expires_stated="2015-06-30"), "2015-06-30", "expired", "the document names, 30 June 2015"),
    ("named end before counted end", facts(in_force="2010-01-01", term_kind="fixed", term_months=120, expires_stated="2015"), "2015-12-31", "expired", "names"),
    ("renews itself", RENEWING, "2022-01-01", "in_force", "the current period ends 1 March 2025"),
    ("renews on the day", RENEWING, "2025-03-01", "in_force", "1 March 2030"),
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
    ("expired before both", THREE_YEARS | facts(terminated="2028", superseded_on=date(2027, 1, 1)), "2030-01-01", "expired", "ended"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "day", "status", "reason"), [case[1:] for case in CASES], ids=[c[0] for c in CASES]
)
def test_status_is_the_same_by_both_rules_and_gives_its_reason(given, day, status, reason):
    superseded_on = given.get("superseded_on")
    agreement = AgreementFactory(**{k: v for k, v in given.items() if k != "superseded_on"})
    Agreement.objects.update(superseded_on=superseded_on)
    agreement.refresh_from_db()
    day = date.fromisoformat(day)

    standing = agreement.standing(day)

    assert standing.status == status
    assert reason in standing.reason
    assert str(standing).startswith(f"{Status(status).label}: ")
    assert Agreement.objects.with_status(day).get().status == status
    assert Agreement.objects.having_status([status], day).get() == agreement


def test_python_sql_and_the_columns_read_the_rule_alike_on_any_day():
    """Four hundred random agreements, on days around those on which their status may change."""
    chance = random.Random(20231020)
    Agreement.objects.bulk_create(_random_agreement(chance, n) for n in range(400))
    agreements, segment = Agreement.objects.in_bulk(), load()
    dates = ("signed", "in_force", "expires", "terminated")
    boundaries = {
        getattr(agreement, f"{name}_latest") for agreement in agreements.values() for name in dates
    }
    known = sorted(day for day in boundaries if day and date(1900, 1, 1) < day < date(2990, 1, 1))
    seen = set()

    @settings(max_examples=40)
    @given(day=st.sampled_from(known), later=st.integers(-1, 1))
    def check(day, later):
        day += timedelta(days=later)
        by_hand = {key: agreement.standing(day).status for key, agreement in agreements.items()}
        seen.update(by_hand.values())

        assert dict(Agreement.objects.with_status(day).values_list("pk", "status")) == by_hand
        codes = Seen(segment, day).statuses
        assert {
            key: STATUSES[code] for key, code in zip(segment.keys, codes, strict=True)
        } == by_hand
        running = {key for key, status in by_hand.items() if status in ("signed", "in_force")}
        assert set(Agreement.objects.running(day).values_list("pk", flat=True)) == running

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
        signed=_random_date(chance),
        in_force=_random_date(chance),
        terminated=_random_date(chance) if chance.random() < 0.3 else None,
        expires_stated=_random_date(chance) if chance.random() < 0.2 else None,
        superseded_on=_random_day(chance) if chance.random() < 0.2 else None,
        term_kind=term_kind,
        term_months=chance.choice([1, 6, 12, 18, 36, 60]) if has_length else None,
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
    ("term_kind", "months", "in_force", "stated", "end"),
    [
        ("fixed", 36, "2023-07-28", None, "2026-07-28"),
        ("fixed", 36, "2023-07", None, "2026-07"),
        ("fixed", 36, "2023~", None, "2026~"),
        ("fixed", None, "2023", None, None),
        ("fixed", 12, None, None, None),
        ("fixed", 12, "2023", "2030-01-01", "2030-01-01"),
        ("unknown", None, "2023", "2030", "2030"),
        ("indefinite", None, "2023", "2030", None),
        ("automatic_renewal", 12, "2023", "2030", None),
    ],
)
def test_end_of_term(term_kind, months, in_force, stated, end):
    found = end_of_term(
        term_kind=term_kind,
        term_months=months,
        in_force=in_force and PartialDate.parse(in_force),
        expires_stated=stated and PartialDate.parse(stated),
    )

    assert (found and str(found)) == end


def test_end_of_term_beyond_the_calendar_is_refused_in_the_form_not_in_the_save():
    agreement = AgreementFactory(in_force="2990", term_kind="fixed", term_months=24)

    agreement.term_months = 240

    with pytest.raises(Exception, match="2999"):
        agreement.full_clean()


@pytest.mark.parametrize(
    ("day", "end"),
    [
        ("2000-01-01", "2015-03-31"),
        ("2015-03-30", "2015-03-31"),
        ("2015-03-31", "2015-04-30"),
        ("2020-02-15", "2020-02-29"),
        ("2021-02-28", "2021-03-31"),
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

    agreement.term_kind, agreement.term_months = TermKind.INDEFINITE, None
    agreement.save()
    agreement.refresh_from_db()

    assert (agreement.expires, agreement.expires_earliest, agreement.expires_latest) == (
        None,
        None,
        None,
    )


def test_saving_some_fields_keeps_the_end_right():
    agreement = AgreementFactory(in_force="2023-07-28", term_kind="fixed", term_months=36)

    agreement.term_months = 12
    agreement.save(update_fields=["term_months"])
    agreement.refresh_from_db()

    assert agreement.expires_latest == date(2024, 7, 28)


def test_reason_follows_the_language():
    agreement = AgreementFactory.build(signed="2022-05-25")

    with translation.override("ru"):
        assert "2022" in agreement.standing(date(2022, 6, 1)).reason
