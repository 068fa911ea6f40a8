"""An event without a party states a date of the agreement itself: it fills the field, or the two are reported."""

import random
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agreements.curation.history.recording import recorded
from agreements.curation.quality_checks import findings_of
from agreements.curation.told_dates import fill, told_dates
from agreements.domain.permissions import StaffRole
from agreements.models import Agreement
from tests.admin.sent import agreement_form
from tests.colleagues import colleague
from tests.factories import AgreementFactory, EventFactory, PartyFactory, PeriodFactory

pytestmark = pytest.mark.django_db


def with_events(*events: tuple[str, str], **fields: Any) -> Agreement:
    agreement = AgreementFactory(**{"signed": "2020", **fields})
    for kind, day in events:
        EventFactory(agreement=agreement, kind=kind, date=day)
    return agreement


def told(agreement: Agreement) -> list[tuple[str, str, list[str]]]:
    return [
        (each.name, str(each.missing or ""), [str(day) for day in each.contrary])
        for each in told_dates(agreement)
    ]


@pytest.mark.parametrize(
    ("events", "fields", "expected"),
    [
        ([("entered_into_force", "2021-02-03")], {}, [("in_force", "2021-02-03", [])]),
        ([("terminated", "2022")], {}, [("terminated", "2022", [])]),
        ([("signed_by_party", "2020-05")], {"signed": ""}, [("signed", "2020-05", [])]),
        ([("suspended", "2022-09-12")], {}, [("suspension", "2022-09-12", [])]),
        ([("entered_into_force", "2021")], {"in_force": "2021-05-01"}, []),
        ([("entered_into_force", "2021")], {"in_force": "2022"}, [("in_force", "", ["2021"])]),
        ([("entered_into_force", "")], {}, []),
        ([("meeting", "2021")], {}, []),
        (
            [("entered_into_force", "2021"), ("entered_into_force", "2021-05-01")],
            {},
            [("in_force", "2021-05-01", [])],
        ),
        (
            [("entered_into_force", "2021"), ("entered_into_force", "2023")],
            {},
            [("in_force", "", ["2021", "2023"])],
        ),
    ],
)
def test_events_fill_or_contradict(
    events: list[tuple[str, str]], fields: dict[str, str], expected: list[Any]
) -> None:
    assert told(with_events(*events, **fields)) == expected


def test_step_of_one_party_says_nothing_about_the_agreement() -> None:
    agreement = with_events()
    EventFactory(agreement=agreement, kind="entered_into_force", date="2021", party=PartyFactory())

    assert told(agreement) == []


def test_suspension_that_is_entered_is_not_missing() -> None:
    agreement = with_events(("suspended", "2022-09-12"))
    PeriodFactory(agreement=agreement, kind="suspension", first="2022-09")

    assert told(agreement) == []


@pytest.mark.parametrize(
    ("kind", "day", "periods", "expected"),
    [
        ("suspended", "2022-10-01", ["2022-09-12/"], [("suspension", "", ["2022-10-01"])]),
        ("suspended", "2024", ["2022-09-12/2023-04-30"], [("suspension", "2024", [])]),
        ("resumed", "2023-05-01", ["2022-09-12/"], [("resumption", "2023-04-30", [])]),
        ("resumed", "2023-05", ["2022-09-12/"], [("resumption", "2023-05", [])]),
        ("resumed", "2023-05-01", ["2022-09-12/2023-04-30"], []),
        ("resumed", "2023-05", ["2022-09-12/2023-04-30"], []),
        ("resumed", "2023-05-01", ["2022-09-12/2023-05-01"], []),
        ("resumed", "2023-05-02", ["2022-09-12/2023"], []),
        ("resumed", "2023-05-02", ["2022-09-12/2023-04-30"], [("resumption", "", ["2023-05-02"])]),
        ("resumed", "2023-05-01", [], [("resumption", "", ["2023-05-01"])]),
        ("resumed", "2023-05-01", ["2024/"], [("resumption", "", ["2023-05-01"])]),
        ("resumed", "../2023", [], [("resumption", "", ["../2023"])]),
    ],
)
def test_suspensions_begin_and_end_as_the_timeline_says(
    kind: str, day: str, periods: list[str], expected: list[Any]
) -> None:
    agreement = with_events((kind, day))
    for first, last in (period.split("/") for period in periods):
        PeriodFactory(agreement=agreement, kind="suspension", first=first, last=last)

    assert told(agreement) == expected
    assert is_queued() is bool(expected)


def test_a_resumption_is_quoted_with_its_own_day() -> None:
    agreement = with_events(("resumed", "2023-05-01"))
    PeriodFactory(agreement=agreement, kind="suspension", first="2022-09-12")

    [said] = [each.message for each in findings_of(agreement) if each.code == "timeline_fills"]

    assert "the timeline says “Resumed”, 1 May 2023." in said


@pytest.mark.parametrize(
    ("fields", "periods", "is_found"),
    [
        ({"expires_stated": "2020-10-22"}, [], True),
        ({"expires_stated": "2020-10-22"}, ["2018-10-23/2020-10-21"], True),
        ({"expires_stated": "2020-10-22"}, ["2020-10-23/2022-10-22"], False),
        ({"expires_stated": "2020-10-22"}, ["2020-10-23/"], False),
        ({"term_kind": "automatic_renewal", "term": "P2Y", "in_force": "2020"}, [], False),
        ({"term_kind": "indefinite", "in_force": "2020"}, [], False),
        ({}, [], False),
    ],
)
def test_renewal_is_reported_unless_a_period_carries_the_agreement_on(
    fields: dict[str, str], periods: list[str], is_found: bool
) -> None:
    agreement = with_events(("renewed", "2020-10-22"), **fields)
    for first, last in (period.split("/") for period in periods):
        PeriodFactory(agreement=agreement, kind="renewal", first=first, last=last)
    agreement.refresh_from_db()

    found = [each.code for each in findings_of(agreement)]

    assert ("timeline_without_period" in found) is is_found
    assert is_queued() is is_found


def is_queued() -> bool:
    return Agreement.objects.with_disagreeing_dates(timezone.localdate()).exists()


KINDS = ("signed_by_party", "entered_into_force", "terminated", "suspended", "resumed", "renewed")
DATES = ("2020", "2020-06", "2020-06-15", "2020-06-16", "2021/2022", "../2020", "2022/..", "")


def test_work_queue_and_comparison_agree_on_random_timelines() -> None:
    chance = random.Random(12)
    for _number in range(250):
        agreement = AgreementFactory(
            signed="2019",
            in_force=chance.choice(DATES),
            expires_stated=chance.choice(["", "2030"]),
            term_kind=chance.choice(["unknown", "automatic_renewal"]),
        )
        EventFactory(agreement=agreement, kind=chance.choice(KINDS), date=chance.choice(DATES))
        kind = chance.choice(["renewal", "suspension", "suspension"])
        last = chance.choice(["2022", "2020-06-30", "2023-01-01", ""])
        if chance.random() < 0.7:
            PeriodFactory(agreement=agreement, kind=kind, first=chance.choice(DATES[:4]), last=last)

    queued = Agreement.objects.with_disagreeing_dates(timezone.localdate())

    found = {row.pk for row in Agreement.objects.all() if told_dates(row)}
    assert {row.pk for row in queued} == found
    assert 50 < len(found) < 200


def test_filling_the_resumption_ends_the_suspension_that_lasts() -> None:
    agreement = with_events(("resumed", "2023-05-01"))
    for first, last in (("2010-01-01", "2010-12-31"), ("2022-09-12", "")):
        PeriodFactory(agreement=agreement, kind="suspension", first=first, last=last)

    with recorded():
        fill(agreement, "resumption")

    assert [str(row.last) for row in agreement.periods.all()] == ["2010-12-31", "2023-04-30"]
    assert told(agreement) == []


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, "timeline_fills"),
        ({"in_force": "2023"}, "timeline_disagrees"),
        ({"in_force": "2021"}, None),
    ],
)
def test_quality_checks_and_work_queue_report_it(fields: dict[str, str], code: str | None) -> None:
    agreement = with_events(("entered_into_force", "2021-02-03"), **fields)

    codes = [finding.code for finding in findings_of(agreement)]
    queued = Agreement.objects.with_disagreeing_dates(timezone.localdate())

    assert [each for each in codes if each.startswith("timeline")] == ([code] if code else [])
    assert queued.exists() is bool(code)


def test_filling_twice_writes_once() -> None:
    agreement = with_events(("suspended", "2022-09-12"), ("terminated", "2024"))

    with recorded():
        done = [fill(agreement, name) for name in ("suspension", "terminated", "suspension", "x")]

    assert [bool(each) for each in done] == [True, True, False, False]
    assert agreement.periods.count() == 1
    assert str(Agreement.objects.get().terminated) == "2024"


def change_url(agreement: Agreement) -> str:
    return reverse("admin:agreements_agreement_change", args=[agreement.pk])


def event_rows(agreement: Agreement) -> list[dict[str, Any]]:
    return [
        {"id": row.pk, "agreement": agreement.pk, "kind": row.kind, "date": str(row.date)}
        for row in agreement.events.all()
    ]


def test_one_click_fills_the_field_in_one_version(client: Client) -> None:
    client.force_login(colleague(StaffRole.EDITOR))
    agreement = with_events(("entered_into_force", "2021-02-03"), draft=True)
    url = change_url(agreement)
    page = re.sub("<[^>]+>", "", client.get(url).content.decode())
    assert "Save and fill in: entered into force, 3 February 2021" in " ".join(page.split())
    form = agreement_form(
        of=agreement,
        title=agreement.title,
        signed="2020",
        events=event_rows(agreement),
        stored_rows=1,
        fill="in_force",
    )

    response = client.post(url, form, follow=True)

    assert str(Agreement.objects.get().in_force) == "2021-02-03"
    assert "Entered into force: filled in from the timeline, 3 February 2021." in (
        response.content.decode()
    )
    assert "Save and fill in" not in response.content.decode()


def test_stale_form_and_reader_fill_nothing(client: Client) -> None:
    agreement = with_events(("entered_into_force", "2021-02-03"), draft=True)
    form = agreement_form(of=agreement, title="Mine", signed="2020", fill="in_force")
    agreement.title = "Theirs"
    agreement.save()
    client.force_login(colleague(StaffRole.EDITOR))
    client.post(change_url(agreement), form)
    client.force_login(colleague(StaffRole.READER, username="reader"))

    page = client.get(change_url(agreement))

    assert client.post(change_url(agreement), form).status_code == 403
    assert 'name="fill"' not in page.content.decode()
    assert Agreement.objects.get().in_force is None
