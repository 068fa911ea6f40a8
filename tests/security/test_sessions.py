"""How long a login lasts, and logging out other browsers."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client

from agreements.models import StaffSession
from agreements.security.sessions import SessionStore, end_sessions, open_sessions

pytestmark = pytest.mark.django_db
MORNING = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


@pytest.fixture
def clerk() -> User:
    return User.objects.create_superuser("clerk", password="the right one")


def logged_in(clerk: User, at: datetime = MORNING) -> Client:
    browser = Client()
    with time_machine.travel(at, tick=False):
        browser.post("/admin/login/", {"username": "clerk", "password": "the right one"})
    return browser


def gets_in(browser: Client, at: datetime) -> bool:
    with time_machine.travel(at, tick=False):
        return browser.get("/admin/account/").status_code == 200


def key_of(browser: Client) -> str:
    return browser.cookies["sessionid"].value


def test_login_that_nobody_uses_ends_after_two_hours(clerk: User) -> None:
    browser = logged_in(clerk)

    assert not gets_in(browser, MORNING + timedelta(hours=2, seconds=1))


def test_login_that_is_used_lasts_a_working_day_and_no_longer(clerk: User) -> None:
    browser = logged_in(clerk)
    every_hour = [MORNING + timedelta(hours=hour) for hour in range(12)]

    assert all(gets_in(browser, moment) for moment in every_hour)
    assert gets_in(browser, MORNING + timedelta(hours=11, minutes=59))
    assert not gets_in(browser, MORNING + timedelta(hours=12, seconds=1))


def test_login_ends_with_the_browser(clerk: User) -> None:
    cookie = logged_in(clerk).cookies["sessionid"]

    assert cookie["max-age"] == ""
    assert cookie["expires"] == ""
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def test_clicks_within_a_minute_write_nothing(clerk: User) -> None:
    browser = logged_in(clerk)
    with time_machine.travel(MORNING + timedelta(seconds=59), tick=False):
        browser.get("/admin/account/")

    assert StaffSession.objects.get().expire_date == MORNING + timedelta(hours=2)
    gets_in(browser, MORNING + timedelta(seconds=61))
    assert StaffSession.objects.get().expire_date == MORNING + timedelta(hours=2, seconds=61)


def test_extending_a_login_keeps_what_a_parallel_request_wrote(clerk: User) -> None:
    key = key_of(logged_in(clerk))
    with time_machine.travel(MORNING + timedelta(minutes=30), tick=False):
        slow, quick = SessionStore(key), SessionStore(key)
        read_before = slow._get_session_from_db()
        quick["kept"] = "this"
        quick.save()
        slow._extend(read_before, MORNING + timedelta(hours=3))

        assert SessionStore(key)["kept"] == "this"


def test_key_changes_at_the_login(clerk: User) -> None:
    browser = Client()
    session = browser.session
    session["of a guest"] = True
    session.save()
    key = session.session_key
    browser.cookies["sessionid"] = key

    browser.post("/admin/login/", {"username": "clerk", "password": "the right one"})

    assert key_of(browser) != key
    assert not StaffSession.objects.filter(session_key=key).exists()


def test_public_page_opens_no_session(client: Client, clerk: User) -> None:
    assert "sessionid" not in client.get("/about/").cookies
    assert not StaffSession.objects.exists()


def test_sessions_are_listed_to_their_owner_alone(clerk: User) -> None:
    first, second = logged_in(clerk), logged_in(clerk, MORNING + timedelta(hours=1))
    Client().force_login(User.objects.create_user("other", is_staff=True))

    with time_machine.travel(MORNING + timedelta(minutes=90), tick=False):
        found = open_sessions(clerk, current=key_of(first))

    assert [one.is_this_one for one in found] == [False, True]
    assert found[0].opened_at == MORNING + timedelta(hours=1)
    assert found[0].opened_from == "127.0.0.1"
    assert key_of(second) not in str(found)


def test_ended_elsewhere_means_here_goes_on(clerk: User) -> None:
    here, elsewhere = logged_in(clerk), logged_in(clerk)

    assert end_sessions(clerk, but=key_of(here)) == 1

    assert gets_in(here, MORNING + timedelta(minutes=1))
    assert not gets_in(elsewhere, MORNING + timedelta(minutes=1))


def test_sessions_end_with_the_account(clerk: User) -> None:
    browser = logged_in(clerk)

    clerk.delete()

    assert not StaffSession.objects.exists()
    assert not gets_in(browser, MORNING + timedelta(minutes=1))


def test_sessions_that_ended_are_cleared_away(clerk: User) -> None:
    logged_in(clerk)
    logged_in(clerk, MORNING + timedelta(hours=3))

    with time_machine.travel(MORNING + timedelta(hours=4), tick=False):
        call_command("clearsessions")

    assert StaffSession.objects.count() == 1
