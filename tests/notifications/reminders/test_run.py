"""A run of the reminders: who gets which e-mail, each once, whatever fails and however many run at once."""

import threading
from datetime import UTC, date, datetime, timedelta
from smtplib import SMTPRecipientsRefused
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext, override_settings

from agreements.domain.permissions import StaffRole
from agreements.models import Agreement, Reminder, ReminderRun
from agreements.notifications.following.follows import follow_agreement, follow_selection
from agreements.notifications.mail import Mailer, Report
from agreements.notifications.reminders.run import MOST_ATTEMPTS, send_reminders
from tests.colleagues import colleague
from tests.factories import AgreementFactory, CommitmentFactory, PartyFactory

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
ENDS_SOON = "2026-12-11"


def person(username: str = "clerk", role: StaffRole = StaffRole.EDITOR, **more: Any) -> User:
    user = colleague(role, username=username)
    for name, value in {"email": f"{username}@ministry.example", **more}.items():
        setattr(user, name, value)
    user.save()
    return user


def ending(*responsible: User, **facts: Any) -> Agreement:
    facts = {"expires_stated": ENDS_SOON, **facts}
    agreement = AgreementFactory(**facts)
    agreement.responsible.set(responsible)
    return agreement


def run(at: datetime = NOON, *, dry: bool = False) -> Report:
    with time_machine.travel(at, tick=False):
        if dry:
            return send_reminders(None, at=at)
        with Mailer() as mailer:
            return send_reminders(mailer, at=at)


def subjects() -> list[str]:
    return [message.subject for message in mail.outbox]


# ------------------------------------------------------------------ who gets which e-mail


def test_responsible_people_are_mailed_each_by_themselves() -> None:
    agreement = ending(person("one"), person("two"))

    report = run()

    assert sorted(message.to for message in mail.outbox) == [
        ["one@ministry.example"],
        ["two@ministry.example"],
    ]
    assert set(subjects()) == {f"{agreement.ref}: its term ends 11 December 2026, in 20 days"}
    assert len(report.sent) == 2


def test_mail_says_what_and_where_in_text_and_html() -> None:
    agreement = ending(person(), title="On <b>labour</b>")

    run()

    [message] = mail.outbox
    [(html, kind)] = [(part.content, part.mimetype) for part in message.alternatives]
    address = f"http://127.0.0.1:8000/admin/agreements/agreement/{agreement.pk}/change/"
    assert kind == "text/html"
    assert "On <b>labour</b>" in message.body
    assert "On &lt;b&gt;labour&lt;/b&gt;" in html
    for content in (message.body, html):
        assert address in content
        assert "Ask the parties whether they will renew it" in content
        assert "because you are responsible" in content
    assert "src=" not in html
    assert "<link" not in html
    assert message.extra_headers["Auto-Submitted"] == "auto-generated"


def test_title_of_several_lines_breaks_no_header() -> None:
    ending(person(), title="One\nBcc: everybody@example.org")

    report = run()

    assert len(report.sent) == 1
    assert mail.outbox[0].recipients() == ["clerk@ministry.example"]


def test_commitments_of_the_day_are_named() -> None:
    agreement = AgreementFactory()
    agreement.responsible.add(person())
    CommitmentFactory(agreement=agreement, text="Train nurses", due="2026-11-30", party=PartyFactory(name="Ministry"))  # fmt: skip
    CommitmentFactory(agreement=agreement, text="Exchange experts", due="2026-12-01")

    run()

    assert ["Train nurses (Ministry)" in message.body for message in mail.outbox] == [True, False]
    assert subjects()[0].endswith("a commitment is due 30 November 2026, in 9 days")


def test_internal_commitments_are_told_to_staff_alone() -> None:
    agreement = AgreementFactory()
    staff, outsider = person("staff"), person("outsider")
    outsider.groups.clear()
    agreement.responsible.add(staff, outsider)
    CommitmentFactory(agreement=agreement, text="Spies", due="2026-11-30", is_public=False)
    CommitmentFactory(agreement=agreement, text="Nurses", due="2026-12-01")
    CommitmentFactory(agreement=agreement, text="Agents", due="2026-12-01", is_public=False)

    run()

    told = {
        user: "".join(m.body for m in mail.outbox if user in m.to[0]) for user in ("staff", "out")
    }
    assert all(text in told["staff"] for text in ("Spies", "Nurses", "Agents"))
    assert "Nurses" in told["out"]
    assert "Spies" not in told["out"]
    assert "Agents" not in told["out"]


def test_followers_are_told_and_responsible_people_once() -> None:
    both, follower = person("both"), person("follower")
    agreement = ending(both)
    for user in (both, follower):
        follow_agreement(user, agreement, at=NOON)

    run()

    told = {message.to[0]: message.body for message in mail.outbox}
    assert sorted(told) == ["both@ministry.example", "follower@ministry.example"]
    assert "because you are responsible" in told["both@ministry.example"]
    assert "because you follow" in told["follower@ministry.example"]


def test_followers_of_a_selection_hear_of_windows_that_open_after_they_began() -> None:
    follower = person()
    with time_machine.travel(NOON, tick=False):
        early, late = AgreementFactory(expires_stated=ENDS_SOON), AgreementFactory(expires_stated="2026-12-31")  # fmt: skip
        follow_selection(follower, "kind=mou", at=NOON)

    run()
    run(NOON + timedelta(days=12))

    assert early.ref not in " ".join(subjects())
    assert subjects() == [f"{late.ref}: its term ends 31 December 2026, in 28 days"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param({"email": ""}, "no e-mail address", id="without mail"),
        pytest.param({"is_active": False}, "not active", id="inactive"),
    ],
)
def test_who_cannot_be_told_is_named(changes: dict[str, Any], reason: str) -> None:
    ending(person("gone", **changes))

    report = run()

    assert mail.outbox == []
    assert report.left_out == {"gone": reason}


def test_agreement_that_a_person_may_no_longer_see_is_not_told() -> None:
    clerk = person()
    ending(clerk, publication="draft")
    published = ending(clerk)
    clerk.groups.clear()

    run()

    assert [subject.partition(":")[0] for subject in subjects()] == [published.ref]


def test_person_who_is_no_longer_staff_gets_the_public_url() -> None:
    agreement = ending(person(is_staff=False))

    run()

    assert f"http://127.0.0.1:8000{agreement.get_absolute_url()}" in mail.outbox[0].body
    assert "/admin/" not in mail.outbox[0].body


# ------------------------------------------------------------------ once, and nothing missed


def test_second_run_sends_nothing() -> None:
    ending(person())
    run()

    again, tomorrow = run(), run(NOON + timedelta(days=1))

    assert len(mail.outbox) == 1
    assert [len(report.sent) for report in (again, tomorrow)] == [0, 0]
    assert again.told_before == 1


def test_every_window_is_told_as_it_opens() -> None:
    ending(person(), expires_stated="2027-05-20")

    for days in (0, 1, 60, 89, 91, 150, 151, 200):
        run(NOON + timedelta(days=days))

    assert [subject.rpartition(", ")[2] for subject in subjects()] == [
        "in 180 days",
        "in 89 days",
        "in 30 days",
    ]


def test_missed_windows_are_told_as_the_nearest_one() -> None:
    ending(person(), expires_stated="2027-05-20")
    ReminderRun.objects.create(day=date(2026, 1, 1), ended_at=NOON)

    run(NOON + timedelta(days=170))

    assert [subject.rpartition(", ")[2] for subject in subjects()] == ["in 10 days"]


def test_end_that_passed_since_the_last_run_is_told_as_past() -> None:
    agreement = ending(person())
    ReminderRun.objects.create(day=date(2026, 9, 1), ended_at=NOON)

    run(NOON + timedelta(days=30))

    assert subjects() == [f"{agreement.ref}: its term ended 11 December 2026, 10 days ago"]


def test_first_run_looks_back_to_nothing() -> None:
    ending(person(), expires_stated="2020-01-01")

    assert run().sent == []


def test_new_end_is_told_again() -> None:
    agreement = ending(person())
    run()
    agreement.expires_stated = "2026-12-12"
    agreement.save()

    run()

    assert [subject.rpartition(" ends ")[2] for subject in subjects()] == [
        "11 December 2026, in 20 days",
        "12 December 2026, in 21 days",
    ]


def test_dry_run_tells_and_writes_nothing() -> None:
    ending(person())

    report = run(dry=True)

    assert len(report.sent) == 1
    assert (mail.outbox, Reminder.objects.count(), ReminderRun.objects.count()) == ([], 0, 0)
    assert len(run().sent) == 1


# ------------------------------------------------------------------ what fails


class _Refuses(EmailBackend):
    """A server that refuses the recipients in `refused`."""

    refused: set[str] = set()

    def send_messages(self, messages: Any) -> int:
        for message in messages:
            if message.to[0] in self.refused:
                raise SMTPRecipientsRefused({message.to[0]: (550, b"No such user")})
        return super().send_messages(messages)


@pytest.fixture
def server() -> Any:
    _Refuses.refused = set()
    with override_settings(EMAIL_BACKEND=f"{__name__}._Refuses"):
        mail.outbox = []
        yield _Refuses


def test_refused_mail_stops_no_other_and_is_tried_again(server: Any) -> None:
    ending(person("first"), person("second"))
    server.refused = {"first@ministry.example"}

    report = run()

    assert len(report.failed) == 1
    assert "No such user" in report.failed[0]
    assert [message.to for message in mail.outbox] == [["second@ministry.example"]]
    server.refused = set()
    assert len(run(NOON + timedelta(days=1)).sent) == 1
    assert Reminder.objects.unsettled().count() == 0


def test_what_failed_is_told_even_when_its_day_has_passed(server: Any) -> None:
    ending(person())
    server.refused = {"clerk@ministry.example"}
    run()
    server.refused = set()

    run(NOON + timedelta(days=25))

    assert [subject.rpartition(", ")[2] for subject in subjects()] == ["5 days ago"]


def test_what_always_fails_is_given_up_and_said_so(server: Any) -> None:
    ending(person())
    server.refused = {"clerk@ministry.example"}

    reports = [run(NOON + timedelta(days=day)) for day in range(MOST_ATTEMPTS + 1)]

    assert [len(report.failed) for report in reports] == [1] * (MOST_ATTEMPTS - 1) + [0, 0]
    assert [len(report.given_up) for report in reports] == [0] * (MOST_ATTEMPTS - 1) + [1, 0]


def test_failed_reminder_that_is_no_longer_due_is_dropped(server: Any) -> None:
    agreement = ending(person())
    server.refused = {"clerk@ministry.example"}
    run()
    agreement.terminated = "2026-11-01"
    agreement.signed = "2020-01-01"
    agreement.save()

    run(NOON + timedelta(days=1))

    assert not Reminder.objects.exists()


class _Unreachable(EmailBackend):
    """A server that is down; `asked` counts the attempts."""

    asked = 0

    def open(self) -> None:
        type(self).asked += 1
        raise ConnectionRefusedError("Connection refused")


def run_without_a_server(days: int) -> Report:
    with override_settings(EMAIL_BACKEND=f"{__name__}._Unreachable"):
        return run(NOON + timedelta(days=days))


def test_server_that_cannot_be_reached_is_asked_once() -> None:
    ending(person("one"), person("two"))
    before = _Unreachable.asked

    report = run_without_a_server(0)

    assert len(report.failed) == 2
    assert _Unreachable.asked - before == 1


def test_an_end_known_only_in_part_is_told_as_the_latest_day() -> None:
    agreement = ending(person(), expires_stated="2026-12")

    run(NOON)

    assert subjects() == [f"{agreement.ref}: its term ends December 2026, in 40 days at the latest"]


def test_last_day_for_notice_is_the_early_one_and_says_so() -> None:
    agreement = ending(
        person(),
        expires_stated="",
        in_force="2024-01",
        term_kind="fixed",
        term="P3Y",
        notice="P30D",
    )

    run(NOON)

    words = "2 December 2026 at the earliest, depending on the day it entered into force"
    assert f"{agreement.ref}: the last day for notice is {words}, in 11 days" in subjects()


def test_outage_of_the_mail_server_loses_no_reminder(server: Any) -> None:
    ending(person())
    for day in range(MOST_ATTEMPTS + 2):
        assert len(run_without_a_server(day).failed) == 1

    server.refused = {"clerk@ministry.example"}
    assert len(run(NOON + timedelta(days=8)).failed) == 1
    server.refused = set()
    assert len(run(NOON + timedelta(days=9)).sent) == 1
    assert run(NOON + timedelta(days=10)).sent == []


def test_outage_that_lasts_beyond_the_day_loses_no_reminder() -> None:
    with_an_end, with_notice = ending(person()), ending(person("two"), expires_stated="2026-12-31")
    with_notice.notice = "P20D"
    with_notice.save()
    mail.outbox = []
    for day in range(18, 24):
        run_without_a_server(day)

    run(NOON + timedelta(days=24))

    told = [subject for subject in subjects() if "4 days ago" in subject]
    assert [subject.partition(",")[0] for subject in told] == [
        f"{with_an_end.ref}: its term ended 11 December 2026",
        f"{with_notice.ref}: the last day for notice was 11 December 2026",
    ]


def test_mail_that_a_dying_run_left_behind_is_sent_an_hour_later() -> None:
    ending(person())

    class Dies(Mailer):
        def send(self, message: Any) -> str:
            raise KeyboardInterrupt

    with time_machine.travel(NOON, tick=False), pytest.raises(KeyboardInterrupt):
        send_reminders(Dies(), at=NOON)

    assert len(run(NOON + timedelta(minutes=59)).sent) == 0
    assert len(run(NOON + timedelta(minutes=61)).sent) == 1


# ------------------------------------------------------------------ at the same time


@pytest.mark.django_db(transaction=True)
def test_runs_at_the_same_moment_send_every_mail_once() -> None:
    people = [person(f"person{number}") for number in range(3)]
    for _number in range(12):
        ending(*people)
    start = threading.Barrier(4)
    problems: list[Exception] = []

    def one_run() -> None:
        try:
            start.wait()
            with Mailer() as mailer:
                send_reminders(mailer, at=NOON)
        except Exception as problem:  # noqa: BLE001 - shown by the test
            problems.append(problem)
        finally:
            connections.close_all()

    with time_machine.travel(NOON, tick=False):
        threads = [threading.Thread(target=one_run) for _number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    told = [(message.to[0], message.subject) for message in mail.outbox]
    assert problems == []
    assert len(told) == len(set(told)) == 36
    assert Reminder.objects.unsettled().count() == 0


def test_queries_grow_only_with_the_emails() -> None:
    clerk = person()
    for _number in range(2):
        ending(clerk)
    run()

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            run()
        return len(captured)

    settled = queries()
    ending(clerk)
    with_one_mail = queries()

    assert queries() == settled
    assert with_one_mail == settled + 4
