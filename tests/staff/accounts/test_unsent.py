"""A form that was filled in when the login ended comes back after logging in again, only to its author."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from agreements.models import Area
from agreements.staff.accounts import unsent
from tests.staff.accounts.logins import PASSWORD, code, give_password, staff, with_two_factor

pytestmark = pytest.mark.django_db
MORNING = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
LATER = MORNING + timedelta(hours=3)
ADD = "/admin/agreements/area/add/"
TYPED = {
    "name": "Əmək & “labour” <b>",
    "description": "first line\r\nsecond line",
    "position": "0",
    "slug": "labour",
    "parent": "",
}


@pytest.fixture
def clerk() -> User:
    return staff(is_superuser=True)


@pytest.fixture
def late(client: Client, clerk: User) -> Client:
    """A browser in which the clerk logged in three hours ago and has been typing since."""
    with time_machine.travel(MORNING, tick=False):
        give_password(client, clerk)
    return client


def fields_of(page: Any) -> dict[str, str]:
    return dict(page.context["form_again"].fields)


def log_in_with(browser: Client, refused: Any, user: User, **more: str) -> Any:
    """Fills in the login form that the refusal shows."""
    carried = {"unsent": refused.context["unsent"], "next": refused.context["next"]}
    return give_password(browser, user, **carried, **more)


def test_what_was_typed_comes_back_and_is_saved_with_a_click(late: Client, clerk: User) -> None:
    with time_machine.travel(LATER, tick=False):
        refused = late.post(ADD, TYPED)
        assert refused.status_code == 403
        assert "What you typed is kept" in refused.content.decode()
        assert not Area.objects.exists()

        answer = log_in_with(late, refused, clerk)
        assert answer["Location"] == "/admin/unsent/"
        page = late.get("/admin/unsent/")
        assert fields_of(page) == TYPED
        assert f'action="{ADD}"' in page.content.decode()
        assert late.post(ADD, fields_of(page)).status_code == 302

    assert Area.objects.get().name == TYPED["name"]
    assert "unsent" not in late.session


def test_it_comes_back_after_the_code(late: Client, clerk: User) -> None:
    with time_machine.travel(LATER, tick=False):
        with_two_factor(clerk)
        refused = late.post(ADD, TYPED)
        log_in_with(late, refused, clerk)
        assert late.get("/admin/unsent/")["Location"].startswith("/admin/login/")

        late.post("/admin/login/code/", {"code": code()})

        assert fields_of(late.get("/admin/unsent/")) == TYPED


def test_it_survives_a_wrong_password(late: Client, clerk: User) -> None:
    with time_machine.travel(LATER, tick=False):
        refused = late.post(ADD, TYPED)
        carried = {"unsent": refused.context["unsent"], "next": ADD}
        again = late.post("/admin/login/", {"username": "clerk", "password": "a slip", **carried})

        log_in_with(late, again, clerk)

        assert fields_of(late.get("/admin/unsent/")) == TYPED


def test_it_is_not_offered_to_somebody_else(late: Client, clerk: User) -> None:
    with time_machine.travel(LATER, tick=False):
        refused = late.post(ADD, TYPED)
        colleague = staff("colleague")

        answer = log_in_with(late, refused, colleague)

        assert answer["Location"] == ADD
        assert late.get("/admin/unsent/")["Location"] == "/admin/"
        assert "was not saved" in late.get("/admin/").content.decode()
    assert not Area.objects.exists()


def test_user_who_logged_out_in_another_window_gets_it_back(late: Client, clerk: User) -> None:
    with time_machine.travel(MORNING, tick=False):
        late.post("/admin/logout/")
        refused = late.post(ADD, TYPED)
        log_in_with(late, refused, clerk)

        assert fields_of(late.get("/admin/unsent/")) == TYPED


def test_several_values_of_one_field_and_the_query_come_back(late: Client, clerk: User) -> None:
    with time_machine.travel(LATER, tick=False):
        refused = late.post(f"{ADD}?_popup=1", {"areas": ["1", "2"]})
        log_in_with(late, refused, clerk)
        form = late.get("/admin/unsent/").context["form_again"]

    assert form.path == f"{ADD}?_popup=1"
    assert form.fields == [["areas", "1"], ["areas", "2"]]


def test_files_are_to_be_chosen_again(late: Client, clerk: User) -> None:
    with time_machine.travel(LATER, tick=False):
        upload = SimpleUploadedFile("<b>.pdf", b"%PDF-1.4")
        refused = late.post(
            "/admin/agreements/agreement/add/", {"title": "Labour", "documents-0-file": upload}
        )
        assert "%PDF" not in refused.context["unsent"]
        log_in_with(late, refused, clerk)
        page = late.get("/admin/unsent/").content.decode()

    assert 'type="file" id="file-1" name="documents-0-file"' in page
    assert "&lt;b&gt;.pdf" in page
    assert 'enctype="multipart/form-data"' in page


@pytest.mark.parametrize(
    ("address", "typed"),
    [
        pytest.param("/admin/password_change/", {"old_password": PASSWORD}, id="password"),
        pytest.param("/admin/auth/user/add/", {"username": "x", "password1": "y"}, id="new user"),
        pytest.param("/admin/account/off/", {"code": "123456"}, id="code"),
        pytest.param(ADD, {}, id="nothing typed"),
    ],
)
def test_passwords_and_codes_are_not_kept(
    late: Client, address: str, typed: dict[str, str]
) -> None:
    with time_machine.travel(LATER, tick=False):
        answer = late.post(address, typed)

    assert answer.status_code == 302
    assert answer["Location"].startswith("/admin/login/")


@pytest.mark.parametrize(
    "forged",
    [
        pytest.param("nonsense", id="nonsense"),
        pytest.param("", id="nothing"),
        pytest.param(
            signing.dumps({"path": "/admin/", "fields": [], "files": [], "typed_by": None}),
            id="signed for something else",
        ),
        pytest.param(signing.dumps({"path": "/admin/"}, salt="another"), id="other salt"),
    ],
)
def test_forged_form_is_not_offered(client: Client, clerk: User, forged: str) -> None:
    assert give_password(client, clerk, unsent=forged)["Location"] == "/admin/"
    assert client.get("/admin/unsent/")["Location"] == "/admin/"


def test_form_of_yesterday_is_not_offered(late: Client, clerk: User) -> None:
    with time_machine.travel(LATER, tick=False):
        refused = late.post(ADD, TYPED)
    with time_machine.travel(LATER + timedelta(hours=12, seconds=1), tick=False):
        assert log_in_with(late, refused, clerk)["Location"] == ADD


def test_huge_form_is_not_kept(late: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unsent, "LONGEST", 100)
    with time_machine.travel(LATER, tick=False):
        assert late.post(ADD, TYPED).status_code == 302


def test_form_as_large_as_an_agreement_can_be_comes_back(late: Client, clerk: User) -> None:
    typed = {f"participations-{n}-role": f"party, number {n}" for n in range(9_000)}
    with time_machine.travel(LATER, tick=False):
        refused = late.post(ADD, typed)
        log_in_with(late, refused, clerk)

        assert fields_of(late.get("/admin/unsent/")) == typed
        assert len(refused.context["unsent"]) < 300_000


def test_kept_form_is_escaped(late: Client, clerk: User) -> None:
    with time_machine.travel(LATER, tick=False):
        refused = late.post(ADD, {'"><script>alert(1)</script>': '"><script>alert(2)</script>'})
        log_in_with(late, refused, clerk)

        assert "<script>alert" not in late.get("/admin/unsent/").content.decode()


# ------------------------------------------------------------------ a token from before the login


@pytest.fixture
def strict(clerk: User) -> Client:
    """A browser that is logged in and whose tokens are checked."""
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(clerk)
    return browser


OURS = {"origin": "http://testserver"}


def test_form_from_before_the_login_is_offered_again(strict: Client) -> None:
    answer = strict.post(ADD, TYPED | {"csrfmiddlewaretoken": "x" * 64}, headers=OURS)

    assert answer["Location"] == "/admin/unsent/"
    page = strict.get("/admin/unsent/")
    assert fields_of(page) == TYPED
    assert not Area.objects.exists()
    token = page.context["csrf_token"]
    sent = strict.post(ADD, TYPED | {"csrfmiddlewaretoken": str(token)}, headers=OURS)
    assert sent.status_code == 302
    assert Area.objects.exists()


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "null"},
        {"origin": "https://evil.example"},
        {"origin": "http://testserver.evil.example"},
        {"referer": "http://testserver/admin/"},
    ],
    ids=["none", "null", "foreign", "alike", "referer alone"],
)
def test_form_of_another_site_is_refused_and_not_offered(
    strict: Client, headers: dict[str, str]
) -> None:
    answer = strict.post(ADD, TYPED, headers=headers)

    assert answer.status_code == 403
    assert "could not verify" in answer.content.decode()
    assert strict.get("/admin/unsent/")["Location"] == "/admin/"


def test_guests_form_with_an_outdated_token_goes_through_the_login(clerk: User) -> None:
    browser = Client(enforce_csrf_checks=True)

    answer = browser.post(ADD, TYPED, headers=OURS)

    assert answer.status_code == 403
    assert "What you typed is kept" in answer.content.decode()


def test_login_form_of_a_second_window_goes_on(strict: Client) -> None:
    login = {"username": "clerk", "password": PASSWORD, "next": ADD}

    answer = strict.post("/admin/login/", login, headers=OURS, follow=True)

    assert answer.redirect_chain[-1][0] == ADD


def test_login_form_of_another_site_logs_nobody_in(clerk: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    login = {"username": "clerk", "password": PASSWORD}

    assert browser.post("/admin/login/", login).status_code == 403
    assert "sessionid" not in browser.cookies
