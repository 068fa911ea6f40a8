"""Single sign-on with a real provider: who gets in, with which roles, and how a local account is connected."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from agreements.domain.permissions import StaffRole
from agreements.models import OutgoingMail, ProviderAccount, StaffSession
from agreements.security.sessions import SIGNED_ON
from agreements.serving.circuit_breaker import CircuitBreaker
from agreements.staff.accounts import provider as our_side
from tests.colleagues import colleague, group_of
from tests.staff.accounts import providers
from tests.staff.accounts.logins import PASSWORD, give_password, is_in, staff, with_two_factor
from tests.staff.accounts.providers import asked_of, change, log_in, start, use, way_back
from tests.threads import run_at_once

ANNA: dict[str, object] = {
    "preferred_username": "anna",
    "given_name": "Anna",
    "family_name": "Əliyeva",
    "email": "anna@example.org",
    "email_verified": True,
    "groups": ["registrars", "football"],
}

pytestmark = [
    pytest.mark.django_db,
    # the provider's own use of Authlib
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


@pytest.fixture(scope="module")
def running() -> Iterator[str]:
    with providers.provider() as url:
        yield url


@pytest.fixture
def issuer(running: str, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> str:
    """A site with single sign-on; the provider knows Anna."""
    use(settings, running)
    monkeypatch.setattr(our_side, "_breaker", CircuitBreaker(pause=15))
    change(running, "7", **ANNA)
    for role in StaffRole:
        group_of(role)
    return running


def roles(name: str) -> set[str]:
    return set(User.objects.get(username=name).groups.values_list("name", flat=True))


def lines(caplog: pytest.LogCaptureFixture, event: str) -> list[dict[str, Any]]:
    """The lines of the security log about this event."""
    logged = [
        json.loads(record.getMessage())
        for record in caplog.records
        if record.name == "agreements.audit"
    ]
    return [line for line in logged if line["event"] == event]


def connected(user: User, issuer: str, subject: str = "7") -> User:
    ProviderAccount.objects.create(user=user, issuer=issuer, subject=subject)
    return user


def said(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


# ------------------------------------------------------------------ the first login


def test_first_login_makes_an_account_with_the_roles_of_the_groups(
    client: Client, issuer: str, caplog: pytest.LogCaptureFixture
) -> None:
    answer = log_in(client, "7", next="/admin/account/")

    assert answer["Location"] == "/admin/account/"
    assert is_in(client)
    anna = User.objects.get()
    assert (anna.username, anna.first_name, anna.last_name) == ("anna", "Anna", "Əliyeva")
    assert anna.email == "anna@example.org"
    assert anna.is_staff
    assert not anna.is_superuser
    assert not anna.has_usable_password()
    assert roles("anna") == {"Publisher"}
    assert [line["subject"] for line in lines(caplog, "sign_on")] == ["7"]
    assert [line["rights"] for line in lines(caplog, "rights_given")] == [["Publisher"]]


def test_request_is_bound_to_this_browser_and_proves_it(client: Client, issuer: str) -> None:
    asked = asked_of(start(client))

    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == "http://127.0.0.1:8000/admin/sign-on/back/"
    assert asked["scope"] == "openid profile email"
    assert min(len(asked["state"]), len(asked["nonce"])) >= 20


@pytest.mark.parametrize("groups", [None, [], ["football"], "football", 7, [7, None], {"a": 1}])
def test_person_without_a_role_gets_no_account(
    client: Client, issuer: str, groups: object, caplog: pytest.LogCaptureFixture
) -> None:
    change(issuer, "7", **(ANNA | {"groups": groups}))

    answer = log_in(client, "7")

    assert answer.status_code == 403
    assert "You are in none of the groups" in said(answer)
    assert not User.objects.exists()
    assert [line["why"] for line in lines(caplog, "sign_on_refused")] == ["no role: 7"]


def test_single_group_may_be_a_text(client: Client, issuer: str) -> None:
    change(issuer, "7", **(ANNA | {"groups": "everyone"}))
    log_in(client, "7")

    assert roles("anna") == {"Reader"}


def test_groups_may_be_in_another_claim(client: Client, issuer: str, settings: Settings) -> None:
    settings.OIDC_GROUPS_CLAIM = "https://example.org/teams"
    change(issuer, "7", **{**ANNA, "https://example.org/teams": ["everyone"]})
    log_in(client, "7")

    assert roles("anna") == {"Reader"}


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        pytest.param({"preferred_username": "Clerk"}, "Clerk-", id="taken, in capitals"),
        pytest.param({"preferred_username": "an na\0<b>"}, "annab", id="odd characters"),
        pytest.param({"preferred_username": "a" * 500}, "a" * 140, id="long"),
        pytest.param({"preferred_username": ["x"]}, "anna@example.org", id="no text"),
        pytest.param({"preferred_username": "", "email": None}, "7", id="none"),
        pytest.param({"preferred_username": "<>", "given_name": "A\0"}, "staff", id="nothing left"),
    ],
)
def test_any_name_makes_a_username_of_ones_own(
    client: Client, issuer: str, claims: dict[str, object], name: str
) -> None:
    staff("clerk")
    change(issuer, "7", **(ANNA | claims))

    assert log_in(client, "7").status_code == 302
    assert ProviderAccount.objects.get().user.username.startswith(name)
    assert User.objects.count() == 2


def test_same_address_or_name_takes_over_no_local_account(client: Client, issuer: str) -> None:
    local = staff("anna", email="anna@example.org")
    log_in(client, "7")

    assert ProviderAccount.objects.get().user != local
    assert not local.groups.exists()


def test_unverified_address_is_not_taken_over(client: Client, issuer: str) -> None:
    for verified in (False, "true", None):
        change(issuer, "7", **(ANNA | {"email_verified": verified}))
        log_in(client, "7")

    assert User.objects.get().email == ""


@pytest.mark.django_db(transaction=True)
def test_two_first_logins_at_once_make_one_account(issuer: str) -> None:
    browsers = Client(), Client()
    ways = [way_back(start(browser), "7") for browser in browsers]

    outcomes = run_at_once(
        *(lambda b=b, w=w: b.get(w) for b, w in zip(browsers, ways, strict=True))
    )  # type: ignore[misc]

    assert [answer.status_code for answer in outcomes] == [302, 302]  # type: ignore[attr-defined]
    assert User.objects.count() == ProviderAccount.objects.count() == 1


# ------------------------------------------------------------------ each later login


def test_every_login_sets_roles_name_and_address(
    client: Client, issuer: str, caplog: pytest.LogCaptureFixture
) -> None:
    log_in(client, "7")
    User.objects.get().groups.create(name="Calendar")
    groups = {"groups": ["heads"], "family_name": "Quliyeva", "email": "new@example.org"}
    change(issuer, "7", **(ANNA | groups))
    caplog.clear()

    log_in(Client(), "7")

    assert roles("anna") == {"Administrator", "Calendar"}
    anna = User.objects.get()
    assert (anna.last_name, anna.email) == ("Quliyeva", "new@example.org")
    assert [line["rights"] for line in lines(caplog, "rights_taken")] == [["Publisher"]]
    assert [line["rights"] for line in lines(caplog, "rights_given")] == [["Administrator"]]


def test_person_who_left_all_groups_loses_roles_and_logins(client: Client, issuer: str) -> None:
    log_in(client, "7")
    change(issuer, "7", **(ANNA | {"groups": []}))

    assert log_in(Client(), "7").status_code == 403
    assert roles("anna") == set()
    assert not is_in(client)


@pytest.mark.parametrize("closed", ["is_active", "is_staff"])
def test_closed_account_stays_closed(client: Client, issuer: str, closed: str) -> None:
    log_in(client, "7")
    User.objects.update(**{closed: False})
    browser = Client()

    answer = log_in(browser, "7")

    assert answer.status_code == 403
    assert "is closed" in said(answer)
    assert not is_in(browser)


def test_superuser_does_not_get_in_through_the_provider(client: Client, issuer: str) -> None:
    connected(staff(is_superuser=True), issuer)

    answer = log_in(client, "7")

    assert "Superusers log in with their password" in said(answer)
    assert not is_in(client)


def test_account_belongs_to_one_provider(client: Client, issuer: str) -> None:
    connected(staff(), "https://former.example.org")
    log_in(client, "7")

    assert User.objects.count() == 2


# ------------------------------------------------------------------ the session


def test_login_begins_a_session_under_a_new_key(client: Client, issuer: str) -> None:
    url = start(client)
    before = client.session.session_key
    client.get(way_back(url, "7"))

    assert client.session.session_key != before
    assert not StaffSession.objects.filter(session_key=before).exists()
    assert [key for key in client.session.keys() if key.startswith("_state")] == []  # noqa: SIM118
    assert "opened_at" in client.session


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""]
)
def test_login_leads_to_no_other_site(client: Client, issuer: str, target: str) -> None:
    assert log_in(client, "7", next=target)["Location"] == "/admin/"


def test_second_step_is_left_to_the_provider(
    client: Client, issuer: str, settings: Settings
) -> None:
    settings.REQUIRE_TOTP = True
    log_in(client, "7")

    assert is_in(client)


def test_password_still_needs_the_second_step(
    client: Client, issuer: str, settings: Settings
) -> None:
    settings.REQUIRE_TOTP = True
    clerk = connected(staff(), issuer)
    with_two_factor(clerk)
    log_in(client, "7")
    assert is_in(client)

    give_password(client, clerk)

    assert not is_in(client)


def test_local_login_does_not_inherit_the_mark(client: Client, issuer: str) -> None:
    clerk = connected(staff(), issuer)
    log_in(client, "7")
    assert SIGNED_ON in client.session

    give_password(client, clerk)

    assert SIGNED_ON not in client.session


def test_form_that_was_not_sent_is_offered_after_the_login(client: Client, issuer: str) -> None:
    log_in(client, "7")
    session = StaffSession.objects.get()
    session.expire_date = session.expire_date.replace(year=2000)
    session.save()
    page = client.post("/admin/agreements/area/add/", {"name": "Labour"})
    assert page.status_code == 403
    kept = page.context["unsent"]

    answer = log_in(client, "7", unsent=kept)

    assert answer["Location"] == "/admin/unsent/"
    assert "Labour" in said(client.get("/admin/unsent/"))


def test_form_of_nobody_known_is_not_kept(client: Client, issuer: str) -> None:
    """Whoever is not logged in could fill the table of sessions."""
    kept = client.post("/admin/agreements/area/add/", {"name": "Labour"}).context["unsent"]
    asked = client.post("/admin/sign-on/", {"unsent": kept})

    assert "could not be kept" in said(asked)
    assert not any(kept in str(row.get_decoded()) for row in StaffSession.objects.all())
    assert log_in(client, "7", unsent=kept)["Location"] == "/admin/"


def test_starting_often_does_not_fill_the_session(client: Client, issuer: str) -> None:
    for _time in range(3):
        start(client)

    assert len([key for key in dict(client.session) if key.startswith("_state")]) == 1


def test_logout_offers_to_log_out_of_the_provider(client: Client, issuer: str) -> None:
    log_in(client, "7")

    page = client.post("/admin/logout/")

    assert not is_in(client)
    url = page.context["log_out_url"]
    assert url.startswith(f"{issuer}/oauth2/end_session?")
    asked = asked_of(url)
    assert asked["post_logout_redirect_uri"] == "http://127.0.0.1:8000/admin/login/"
    assert asked["client_id"] == "register"
    assert "Log out of the ministry too" in said(page)


def test_local_logout_mentions_no_provider(client: Client, issuer: str) -> None:
    client.force_login(staff())

    assert "ministry" not in said(client.post("/admin/logout/"))


# ------------------------------------------------------------------ the pages


def test_login_page_offers_both_ways(client: Client, issuer: str) -> None:
    page = said(client.get("/admin/login/?next=/admin/account/"))

    assert "Log in with the ministry" in page
    assert page.count('name="next" value="/admin/account/"') == 2
    assert give_password(client, staff())["Location"] == "/admin/"  # type: ignore[index]


def test_site_without_a_provider_has_none_of_it(client: Client, settings: Settings) -> None:
    assert "Log in with" not in said(client.get("/admin/login/"))
    assert client.post("/admin/sign-on/").status_code == 404
    assert client.get("/admin/sign-on/back/?state=x&code=y").status_code == 404
    settings.OIDC_NAME = "the ministry"
    assert "Log in with" not in said(client.get("/admin/login/"))
    client.force_login(staff())
    assert client.get("/admin/account/sign-on/").status_code == 403
    assert "Single sign-on" not in said(client.get("/admin/account/"))


def test_only_our_own_page_starts_it(issuer: str) -> None:
    assert Client(enforce_csrf_checks=True).post("/admin/sign-on/").status_code == 403
    assert Client().get("/admin/sign-on/").status_code == 405


def test_page_with_an_old_token_leads_back_to_the_login(issuer: str) -> None:
    strict = Client(enforce_csrf_checks=True)

    answer = strict.post(
        "/admin/sign-on/", {"next": "/admin/account/"}, headers={"Origin": "http://testserver"}
    )

    assert answer["Location"] == "/admin/login/?next=/admin/account/"


def test_account_page_shows_what_applies(client: Client, issuer: str) -> None:
    log_in(client, "7")
    page = said(client.get("/admin/account/"))

    assert "Connected: you can log in with the ministry" in page
    assert "Change my password" not in page
    assert "Set up two-factor" not in page


def test_administrator_disconnects_a_colleague(
    client: Client, issuer: str, caplog: pytest.LogCaptureFixture
) -> None:
    anna = connected(staff("anna", email="anna@example.org"), issuer)
    intruder = Client()
    intruder.force_login(anna)
    client.force_login(colleague(StaffRole.ADMINISTRATOR))
    page = f"/admin/auth/user/{anna.pk}/sign-on/"
    assert f'href="{page}"' in said(client.get(f"/admin/auth/user/{anna.pk}/change/"))
    assert "is logged out everywhere" in said(client.get(page))
    assert ProviderAccount.objects.exists()

    for _time in range(2):
        assert client.post(page).status_code == 302

    assert not ProviderAccount.objects.exists()
    assert not is_in(intruder)
    assert [line["of"] for line in lines(caplog, "sign_on_disconnected")] == ["anna"]
    assert OutgoingMail.objects.get().facts["event"] == "sign_on_disconnected"


@pytest.mark.parametrize("role", [StaffRole.EDITOR, StaffRole.PUBLISHER])
def test_others_disconnect_nobody(client: Client, issuer: str, role: StaffRole) -> None:
    anna = connected(staff("anna"), issuer)
    client.force_login(colleague(role))

    assert client.post(f"/admin/auth/user/{anna.pk}/sign-on/").status_code == 403
    assert ProviderAccount.objects.exists()


def test_administrator_sees_who_is_connected(client: Client, issuer: str) -> None:
    anna = connected(staff("anna"), issuer)
    client.force_login(colleague(StaffRole.ADMINISTRATOR))

    assert f"7 ({issuer})" in said(client.get(f"/admin/auth/user/{anna.pk}/change/"))


# ------------------------------------------------------------------ connecting a local account


@pytest.fixture
def clerk(client: Client, issuer: str) -> User:
    clerk = staff()
    client.force_login(clerk)
    return clerk


def connect(browser: Client, subject: str = "7") -> Any:
    return browser.get(
        way_back(start(browser, "/admin/account/sign-on/", current_password=PASSWORD), subject)
    )


def test_clerk_connects_the_account_and_logs_in_with_it(
    client: Client, clerk: User, caplog: pytest.LogCaptureFixture
) -> None:
    assert connect(client)["Location"] == "/admin/account/"
    assert [line["subject"] for line in lines(caplog, "sign_on_connected")] == ["7"]
    assert roles("clerk") == set()

    log_in(Client(), "7")

    assert roles("clerk") == {"Publisher"}
    assert User.objects.count() == 1


def test_owner_is_told(client: Client, clerk: User) -> None:
    User.objects.update(email="clerk@example.org")

    connect(client)
    client.post("/admin/account/sign-on/", {"current_password": PASSWORD})

    told = OutgoingMail.objects.order_by("pk").values_list("to", "facts__event")
    assert list(told) == [
        ("clerk@example.org", "sign_on_connected"),
        ("clerk@example.org", "sign_on_disconnected"),
    ]


def test_wrong_password_connects_nothing_and_counts(client: Client, clerk: User) -> None:
    pages = [
        client.post("/admin/account/sign-on/", {"current_password": "wrong"}) for _try in range(5)
    ]

    assert "This is not your password" in said(pages[0])
    assert pages[-1].status_code == 429
    assert not ProviderAccount.objects.exists()


def test_account_is_connected_once(client: Client, clerk: User, issuer: str) -> None:
    connected(staff("other"), issuer)

    answer = connect(client)

    assert answer.status_code == 403
    assert "already connected" in said(answer)
    assert ProviderAccount.objects.get().user.username == "other"


def test_other_person_in_the_same_browser_is_not_connected(client: Client, clerk: User) -> None:
    url = start(client, "/admin/account/sign-on/", current_password=PASSWORD)
    session = client.session
    kept = {key: session[key] for key in dict(session) if key.startswith("_state")}
    client.force_login(staff("other"))
    session = client.session
    session.update(kept)
    session.save()

    assert client.get(way_back(url, "7")).status_code == 403
    assert not ProviderAccount.objects.exists()


def test_clerk_disconnects_with_the_password(client: Client, clerk: User, issuer: str) -> None:
    connected(clerk, issuer)
    client.post("/admin/account/sign-on/", {"current_password": "wrong"})
    assert ProviderAccount.objects.exists()

    client.post("/admin/account/sign-on/", {"current_password": PASSWORD})

    assert not ProviderAccount.objects.exists()


def test_superuser_and_account_without_a_password_connect_nothing(
    client: Client, issuer: str
) -> None:
    for user in (staff(is_superuser=True), colleague(StaffRole.EDITOR)):
        client.force_login(user)
        assert (
            client.post("/admin/account/sign-on/", {"current_password": PASSWORD}).status_code
            == 403
        )
