"""The log of logins, rights and refusals: what it contains, and what it never contains."""

import json
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import ResolverMatch, reverse
from pytest_django import Settings

from agreements.curation.history.past import entries_of
from agreements.curation.history.recording import recorded
from agreements.domain.permissions import StaffRole
from agreements.models import Agreement, Import, Removal
from agreements.security import security_log, two_factor
from tests.admin.sent import deletion
from tests.admin.test_imports import upload
from tests.colleagues import colleague
from tests.factories import AgreementFactory, PartyFactory
from tests.staff.accounts.logins import PASSWORD, code, give_password, staff, with_two_factor

pytestmark = pytest.mark.django_db
Lines = Any


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Lines:
    """A function that returns the lines logged since its last call, parsed as JSON."""

    def lines() -> list[dict[str, Any]]:
        messages = [rec.getMessage() for rec in caplog.records if rec.name == "agreements.audit"]
        caplog.clear()
        assert all(message.isprintable() for message in messages)
        return [json.loads(message) for message in messages]

    return lines


@pytest.fixture
def clerk(lines: Lines) -> User:
    user = staff()
    lines()
    return user


def events(found: list[dict[str, Any]]) -> list[str]:
    return [line["event"] for line in found]


def test_login_and_logout_say_who_from_where_and_how(
    client: Client, clerk: User, lines: Lines, settings: Settings
) -> None:
    settings.PROXIES = 1
    login = {"username": "clerk", "password": PASSWORD}
    client.post("/admin/login/", login, headers={"X-Forwarded-For": "203.0.113.9"})
    client.post("/admin/logout/")

    assert lines() == [
        {
            "event": "login",
            "user": "clerk",
            "address": "203.0.113.9",
            "path": "/admin/login/",
            "second_step": "",
        },
        {"event": "logout", "user": "clerk", "address": "127.0.0.1", "path": "/admin/logout/"},
    ]


def test_failed_logins_and_the_lockout(client: Client, clerk: User, lines: Lines) -> None:
    for _try in range(6):
        client.post("/admin/login/", {"username": "clerk", "password": "a guess"})

    found = lines()
    assert events(found).count("login_failed") == 6
    assert events(found).count("locked_out") == 2
    assert {line["user"] for line in found} == {"clerk"}
    assert "a guess" not in str(found)


def test_both_kinds_of_code_are_logged(client: Client, clerk: User, lines: Lines) -> None:
    paper = with_two_factor(clerk)
    give_password(client, clerk)
    client.post("/admin/login/code/", {"code": "000000"})
    client.post("/admin/login/code/", {"code": "111111"})
    client.post("/admin/login/code/", {"code": paper[0]})

    failed, throttled, login = lines()

    assert (failed["event"], failed["user"], failed["why"]) == (
        "second_step_failed",
        "clerk",
        "wrong code",
    )
    assert throttled["why"] == "too many wrong codes"
    assert (login["event"], login["second_step"]) == ("login", "otp_static.staticdevice")
    assert not {"000000", "111111", paper[0]} & set(map(str, failed.values()))


def test_two_factor_is_logged_from_on_to_off(client: Client, clerk: User, lines: Lines) -> None:
    client.force_login(clerk)
    client.get("/admin/account/set-up/")
    again = {"current_password": PASSWORD}
    key = client.session["second_step_key"]
    client.post("/admin/account/set-up/", {**again, "code": code(key, steps=-1)})
    client.post("/admin/account/codes/", {**again, "code": code(key)})
    client.post("/admin/account/off/", {**again, "code": code(key, steps=1)})
    client.post("/admin/account/sessions/")

    assert events(lines()) == [
        "login",
        "second_step_on",
        "recovery_codes_made",
        "second_step_off",
        "sessions_ended",
    ]
    assert two_factor.phone_of(clerk) is None


def test_changed_password_by_whom_and_of_whom(
    admin_client: Client, clerk: User, lines: Lines
) -> None:
    lines()
    new = {"password1": "a much better one", "password2": "a much better one"}
    admin_client.post(f"/admin/auth/user/{clerk.pk}/password/", new)

    line, marked = lines()
    assert (line["event"], line["user"], line["of"]) == ("password_changed", "admin", "clerk")
    assert (marked["event"], marked["of"]) == ("password_to_be_changed", "clerk")
    assert "better" not in str(line)


def test_login_that_only_renews_the_hash_is_no_change(
    client: Client, clerk: User, lines: Lines, settings: Settings
) -> None:
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
        *settings.PASSWORD_HASHERS,
    ]
    give_password(client, clerk)

    assert events(lines()) == ["login"]


def test_refused_page_says_who_wanted_which(client: Client, clerk: User, lines: Lines) -> None:
    client.force_login(clerk)
    lines()

    assert client.get("/admin/agreements/area/add/?q=secret").status_code == 403

    assert lines() == [
        {
            "event": "refused",
            "user": "clerk",
            "address": "127.0.0.1",
            "path": "/admin/agreements/area/add/",
        }
    ]


def test_refused_step_on_the_way_to_the_public(client: Client, lines: Lines) -> None:
    agreement = AgreementFactory(publication="draft")
    client.force_login(colleague(StaffRole.EDITOR))
    lines()

    step = reverse("admin:agreements_agreement_step", args=[agreement.pk])
    assert client.post(step, {"step": "publish"}).status_code == 403

    step_refused, page_refused = lines()
    assert (step_refused["event"], step_refused["of"], step_refused["step"]) == (
        "step_refused",
        agreement.ref,
        "publish",
    )
    assert step_refused["why"]
    assert page_refused["event"] == "refused"


def test_refused_steps_of_an_import(client: Client, lines: Lines) -> None:
    client.force_login(colleague(StaffRole.EDITOR))
    upload(client, "ref;title;place\r\n;New;\r\n")
    run = Import.objects.get()
    step = partial(reverse, args=[run.pk])
    client.post(step("admin:agreements_import_apply"))
    Agreement.objects.all().renew_edit_tokens()
    lines()

    client.post(step("admin:agreements_import_apply"))
    client.post(step("admin:agreements_import_discard"))
    client.post(step("admin:agreements_import_undo"))

    found = lines()
    assert events(found) == ["import_refused", "import_refused", "import_undo_refused"]
    assert {line["of"] for line in found} == {"list.csv"}
    assert "it has been edited since" in found[-1]["why"]


@pytest.mark.parametrize("page", ["delete", "changelist"])
def test_refused_deletion(client: Client, lines: Lines, page: str) -> None:
    """Once because other records use it, and once because it is published and no reason is given."""
    client.force_login(colleague(StaffRole.PUBLISHER))
    agreement = AgreementFactory(parties=[PartyFactory(name="Ministry of Labour")])
    party = agreement.participations.get().party
    lines()

    for record in (party, agreement):
        asked = deletion(record) | {"why": ""}
        args = [record.pk] if page == "delete" else []
        chosen = {"action": "delete_selected", "_selected_action": record.pk}
        client.post(
            reverse(f"admin:agreements_{record._meta.model_name}_{page}", args=args),
            asked | ({} if args else chosen),
        )

    used, unexplained = lines()
    assert (used["event"], used["of"]) == ("deletion_refused", "Ministry of Labour")
    assert agreement.ref in used["why"]
    assert (unexplained["event"], unexplained["of"]) == ("deletion_refused", str(agreement))
    assert unexplained["why"] == "No reason was given."


def test_refused_ways_back(client: Client, lines: Lines) -> None:
    client.force_login(colleague(StaffRole.PUBLISHER))
    with recorded():
        agreement, gone = AgreementFactory.create_batch(2)
    with recorded():
        gone.delete()
    version = entries_of(Agreement, agreement.pk)[0].key
    back = reverse("admin:agreements_agreement_version", args=[agreement.pk, version])
    lines()

    client.post(back, {"edit_token": "of-long-ago", "why": "It was right"})
    client.post(back, {"edit_token": Agreement.objects.get().edit_token})
    client.post(reverse("admin:agreements_agreement_deleted_one", args=[Removal.objects.get().pk]))

    found = lines()
    assert events(found) == ["restore_refused"] * 3
    assert [line["why"] for line in found] == [
        "Somebody has since changed it. Check the differences again.",
        "The record is published. Say why you are restoring this version.",
        "The record was published and will be published again. Say why you are restoring it.",
    ]


def test_secret_part_of_an_address_is_left_out(rf: RequestFactory, lines: Lines) -> None:
    request = rf.get("/calendar/hush-hush.ics")
    request.resolver_match = ResolverMatch(print, (), {"secret": "hush-hush", "kind": "ics"})
    security_log.SecurityLogMiddleware(
        lambda _request: security_log.note("refused") or HttpResponse()
    )(request)

    assert lines()[0]["path"] == "/calendar/….ics"


def test_forged_form_and_ended_login_are_refusals(clerk: User, lines: Lines) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.post("/admin/agreements/area/add/", {"name": "x"})
    Client().post("/admin/agreements/area/add/", {"name": "x"})

    csrf, late = lines()
    assert csrf["event"] == "csrf_failed"
    assert csrf["reason"]
    assert (late["event"], late["user"]) == ("login_needed", "")


def test_rights_given_and_taken(clerk: User, lines: Lines) -> None:
    editors, publishers = (Group.objects.get_or_create(name=f"The {n}s")[0] for n in "ab")
    clerk.groups.set([editors, publishers])
    clerk.groups.remove(editors)
    clerk.groups.clear()
    publishers.user_set.add(clerk)
    publishers.user_set.clear()
    publishers.permissions.add(Permission.objects.get(codename="add_user"))

    found = [(line["event"], line["of"], line["rights"]) for line in lines()]

    assert found == [
        ("rights_given", "clerk", ["The as", "The bs"]),
        ("rights_taken", "clerk", ["The as"]),
        ("rights_taken", "clerk", ["The bs"]),
        ("rights_given", "The bs", ["clerk"]),
        ("rights_taken", "The bs", ["clerk"]),
        ("rights_given", "The bs", ["Authentication and Authorization | user | Can add user"]),
    ]


def test_accounts_opened_changed_and_closed(lines: Lines) -> None:
    clerk = staff()
    clerk.is_superuser = True
    clerk.is_active = False
    clerk.save()
    clerk.username = "somebody"
    clerk.save()
    clerk.save()
    clerk.delete()

    opened, changed, renamed, deleted = lines()
    assert (opened["event"], opened["is_staff"]) == ("account_created", True)
    assert (changed["event"], changed["is_superuser"], changed["is_active"]) == (
        "account_changed",
        True,
        False,
    )
    assert (renamed["event"], renamed["of"], renamed["was"]) == (
        "account_renamed",
        "somebody",
        "clerk",
    )
    assert (deleted["event"], deleted["of"]) == ("account_deleted", "somebody")


@pytest.mark.parametrize(
    "name",
    [
        "clerk\n2026-11-21 INFO agreements.audit: {}",
        "a\r\nb",
        "\x1b[31mred",
        "\u2028\u2029\u0085\u202e",
        '"}{"',
        "\\n",
        "Əliyeva",
        "👩🏽",
        "\ud800",
    ],
)
def test_no_name_makes_another_line(client: Client, lines: Lines, name: str) -> None:
    security_log.note("login_failed", user=name)

    (line,) = lines()
    assert line["user"] == name


def test_letters_stay_readable(caplog: pytest.LogCaptureFixture) -> None:
    security_log.note("login", user="Əliyeva")

    assert '"user": "Əliyeva"' in caplog.text


def test_hostile_login_over_http_is_one_line(client: Client, lines: Lines) -> None:
    client.post("/admin/login/", {"username": "x\ny" * 40, "password": "z"})

    (line,) = lines()
    assert line["event"] == "login_failed"


def test_huge_text_is_cut(lines: Lines) -> None:
    security_log.note("login_failed", user="x" * 1_000_000)

    assert len(lines()[0]["user"]) < 400
