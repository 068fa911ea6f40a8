"""Single sign-on with a provider that lies, fails or hangs: nobody gets in, the page says what to do, the log says why."""

import hmac
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from typing import Any

import flask
import pytest
import time_machine
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from joserfc.jwk import RSAKey
from pytest_django import Settings

from agreements.domain.permissions import StaffRole
from agreements.models import StaffSession
from agreements.serving.circuit_breaker import CircuitBreaker
from agreements.staff.accounts import provider
from tests.colleagues import group_of
from tests.staff.accounts.logins import give_password, is_in, staff
from tests.staff.accounts.providers import KEY, Told, asked_of, start, told, use
from tests.staff.accounts.test_sign_on import lines, said

pytestmark = pytest.mark.django_db

Answer = Callable[[], Any]


@pytest.fixture(scope="module")
def running() -> Iterator[Told]:
    with told() as answers:
        yield answers


@pytest.fixture
def theirs(running: Told, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Told:
    """What the site's provider answers: the truth, unless the test changes it."""
    address = running.issuer
    running.__init__()  # type: ignore[misc]
    running.issuer = address
    use(settings, address)
    monkeypatch.setattr(provider, "_breaker", CircuitBreaker(pause=15))
    monkeypatch.setattr(provider, "_kept", provider._Kept())
    for role in StaffRole:
        group_of(role)
    return running


def come_back(browser: Client, theirs: Told, path: str = "/admin/sign-on/", **query: str) -> Any:
    """Start, and come back with a code at once."""
    asked = asked_of(start(browser, path))
    theirs.nonce = asked["nonce"]
    return browser.get("/admin/sign-on/back/", {"code": "x", "state": asked["state"]} | query)


def assert_refused(
    browser: Client, answer: Any, caplog: pytest.LogCaptureFixture, why: str, status: int = 403
) -> None:
    assert answer.status_code == status
    assert "You could not log in with the ministry" in said(answer)
    assert not is_in(browser)
    assert not User.objects.filter(username="7").exists()
    (line,) = lines(caplog, "sign_on_refused")
    assert why in line["why"]
    assert "a secret" not in caplog.text
    # how every ID token begins
    assert "eyJ" not in caplog.text


def test_truth_gets_in(client: Client, theirs: Told) -> None:
    assert come_back(client, theirs).status_code == 302
    assert is_in(client)
    assert User.objects.get().username == "7"


# ------------------------------------------------------------------ the browser


def test_person_who_declines_is_told(
    client: Client, theirs: Told, caplog: pytest.LogCaptureFixture
) -> None:
    answer = come_back(client, theirs, error="access_denied", error_description="<script>")

    assert_refused(client, answer, caplog, "provider: access_denied")
    assert "<script>alert" not in said(answer)
    assert "/token" not in theirs.asked


@pytest.mark.parametrize("query", [{}, {"state": "x"}, {"state": "", "code": "x"}, {"code": "x"}])
def test_unknown_state_is_refused(
    client: Client, theirs: Told, query: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    start(client)
    answer = client.get("/admin/sign-on/back/", query)

    assert_refused(client, answer, caplog, "unknown state")


def test_state_of_another_browser_is_refused(
    client: Client, theirs: Told, caplog: pytest.LogCaptureFixture
) -> None:
    asked = asked_of(start(Client()))
    answer = client.get("/admin/sign-on/back/", {"code": "x", "state": asked["state"]})

    assert_refused(client, answer, caplog, "unknown state")


def test_address_of_the_way_back_works_once(
    client: Client, theirs: Told, caplog: pytest.LogCaptureFixture
) -> None:
    asked = asked_of(start(client))
    theirs.nonce = asked["nonce"]
    way = {"code": "x", "state": asked["state"]}
    client.get("/admin/sign-on/back/", way)
    client.post("/admin/logout/")
    caplog.clear()
    User.objects.all().delete()

    assert_refused(client, client.get("/admin/sign-on/back/", way), caplog, "unknown state")


@pytest.mark.parametrize(("away", "status"), [(599, 302), (601, 403)])
def test_login_must_end_in_time(client: Client, theirs: Told, away: int, status: int) -> None:
    with time_machine.travel(time.time(), tick=False) as clock:
        asked = asked_of(start(client))
        theirs.nonce = asked["nonce"]
        clock.shift(away)
        way = {"code": "x", "state": asked["state"]}

        answer = client.get("/admin/sign-on/back/", way)

    assert answer.status_code == status
    assert [key for key in dict(client.session) if key.startswith("_state")] == []
    assert ("/token" in theirs.asked) is (status == 302)


def test_code_used_before_is_refused(
    client: Client, theirs: Told, caplog: pytest.LogCaptureFixture
) -> None:
    theirs.instead["/token"] = lambda: ({"error": "invalid_grant"}, 400)

    assert_refused(client, come_back(client, theirs), caplog, "invalid_grant")


# ------------------------------------------------------------------ the ID token

PAST = int(time.time()) - 3600


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        pytest.param({"exp": PAST}, "expired", id="expired"),
        pytest.param({"exp": None}, "'exp'", id="never expires"),
        pytest.param({"iat": PAST + 7200 * 2}, "in the future", id="from the future"),
        pytest.param({"nbf": PAST + 7200 * 2}, "not yet valid", id="not yet valid"),
        pytest.param({"aud": "another"}, "'aud'", id="for another client"),
        pytest.param({"aud": "another", "azp": "register"}, "'aud'", id="by us for another"),
        pytest.param({"aud": ["register", "x"], "azp": "x"}, "'azp'", id="by another"),
        pytest.param({"aud": None}, "'aud'", id="for nobody"),
        pytest.param({"iss": "https://evil.example"}, "'iss'", id="of another issuer"),
        pytest.param({"iss": None}, "'iss'", id="of nobody"),
        pytest.param({"nonce": "of another login"}, "'nonce'", id="other nonce"),
        pytest.param({"nonce": None}, "'nonce'", id="no nonce"),
        pytest.param({"at_hash": "x"}, "'at_hash'", id="for another access token"),
        pytest.param({"sub": None}, "'sub'", id="about nobody"),
        pytest.param({"sub": ""}, "no usable subject", id="empty subject"),
        pytest.param({"sub": 7}, "'sub'", id="subject is a number"),
        pytest.param({"sub": ["7"]}, "'sub'", id="subject is a list"),
        pytest.param({"sub": "7\0"}, "no usable subject", id="null character"),
        pytest.param({"sub": "Ə"}, "no usable subject", id="not ASCII"),
        pytest.param({"sub": "7" * 256}, "no usable subject", id="too long"),
    ],
)
def test_wrong_claim_is_refused(
    client: Client,
    theirs: Told,
    claims: dict[str, object],
    why: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    theirs.claims |= claims

    assert_refused(client, come_back(client, theirs), caplog, why)


def test_key_of_somebody_else_is_refused(
    client: Client, theirs: Told, caplog: pytest.LogCaptureFixture
) -> None:
    theirs.key = RSAKey.generate_key(2048, {"kid": KEY.kid})

    assert_refused(client, come_back(client, theirs), caplog, "BadSignatureError")


def test_unknown_key_is_refused(
    client: Client, theirs: Told, caplog: pytest.LogCaptureFixture
) -> None:
    theirs.key = RSAKey.generate_key(2048, {"kid": "unknown"})
    theirs.header["kid"] = "unknown"

    assert_refused(client, come_back(client, theirs), caplog, "InvalidKeyIdError")


def test_new_key_is_used_at_once(client: Client, theirs: Told) -> None:
    come_back(client, theirs)
    renewed = RSAKey.generate_key(2048, {"kid": "the key of 2027"})
    theirs.keys, theirs.key, theirs.header["kid"] = [renewed], renewed, renewed.kid
    browser = Client()

    come_back(browser, theirs)

    assert is_in(browser)


def forged(theirs: Told, algorithm: str, secret: bytes) -> Answer:
    """A token endpoint whose ID token is signed with a shared secret, or with none at all."""

    def answer() -> Any:
        header = json.dumps({"alg": algorithm, "kid": KEY.kid}).encode()
        signed = f"{as_text(header)}.{theirs.sign().split('.')[1]}"
        mac = hmac.digest(secret, signed.encode(), "sha256") if secret else b""
        token = f"{signed}.{as_text(mac)}"
        return {"access_token": "a secret", "token_type": "Bearer", "id_token": token}

    return answer


def as_text(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


@pytest.mark.parametrize(
    ("algorithm", "secret"),
    [
        pytest.param("none", b"", id="unsigned"),
        pytest.param("HS256", KEY.as_pem(private=False), id="public key as secret"),
        pytest.param("HS256", b"known to the provider", id="client secret"),
        pytest.param("RS256", b"", id="no signature"),
    ],
)
def test_token_that_anybody_could_sign_is_refused(
    client: Client, theirs: Told, algorithm: str, secret: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    theirs.instead["/token"] = forged(theirs, algorithm, secret)
    why = "BadSignatureError" if algorithm == "RS256" else "is not allowed"

    assert_refused(client, come_back(client, theirs), caplog, why)


def test_changed_token_is_refused(
    client: Client, theirs: Told, caplog: pytest.LogCaptureFixture
) -> None:
    def answer() -> Any:
        head, _payload, signature = theirs.sign().split(".")
        theirs.claims["groups"] = ["heads"]
        token = f"{head}.{theirs.sign().split('.')[1]}.{signature}"
        return {"access_token": "a secret", "token_type": "Bearer", "id_token": token}

    theirs.instead["/token"] = answer

    assert_refused(client, come_back(client, theirs), caplog, "BadSignatureError")


# ------------------------------------------------------------------ user info


def test_groups_and_address_may_come_from_user_info_alone(client: Client, theirs: Told) -> None:
    del theirs.claims["groups"]
    theirs.user_info = {
        "sub": "7",
        "groups": ["registrars"],
        "given_name": "A\0\ud800n\u202ena",
        "email": "anna@example.org",
        "email_verified": True,
    }
    come_back(client, theirs)

    anna = User.objects.get()
    assert (anna.first_name, anna.email) == ("Anna", "anna@example.org")
    assert [group.name for group in anna.groups.all()] == ["Publisher"]


def test_user_info_about_somebody_else_is_refused(
    client: Client, theirs: Told, caplog: pytest.LogCaptureFixture
) -> None:
    theirs.user_info = {"sub": "8", "groups": ["heads"]}

    assert_refused(client, come_back(client, theirs), caplog, "somebody else")


def test_user_info_overrules_no_token(client: Client, theirs: Told) -> None:
    theirs.user_info = {"sub": "7", "groups": ["heads"]}
    come_back(client, theirs)

    assert [group.name for group in User.objects.get().groups.all()] == ["Publisher"]


# ------------------------------------------------------------------ answers of another shape

PLACES = ["/.well-known/openid-configuration", "/keys", "/token", "/user"]
SHAPES: dict[str, Answer] = {
    "nothing": lambda: b"",
    "a page": lambda: "<h1>Hello</h1>",
    "null": lambda: b"null",
    "a list": lambda: b"[]",
    "nested": lambda: b'{"keys":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "empty": dict,
    "numbers": lambda: dict.fromkeys(
        ("issuer", "authorization_endpoint", "keys", "access_token", "id_token", "sub"), 7
    ),
    "lists": lambda: {
        name: [7] for name in ("issuer", "jwks_uri", "keys", "id_token", "error", "sub")
    },
    "too long": lambda: flask.Response(b'{"a": "' + b"x" * 1_000_000 + b'"}'),
    "not compressed": lambda: flask.Response(b"{}", headers={"Content-Encoding": "gzip"}),
    "an error": lambda: ({"error": "server_error"}, 500),
    "a redirect": lambda: flask.redirect("https://evil.example/"),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("shape", SHAPES)
def test_answer_of_another_shape_lets_nobody_in(
    client: Client, theirs: Told, place: str, shape: str, caplog: pytest.LogCaptureFixture
) -> None:
    theirs.user_info = {"sub": "7"}
    theirs.instead[place] = SHAPES[shape]

    answer = client.post("/admin/sign-on/") if place == PLACES[0] else come_back(client, theirs)

    assert_refused(client, answer, caplog, "", answer.status_code)
    assert answer.status_code in {403, 503}


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.example"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": 'https://x.example/"><script>'},
        {"authorization_endpoint": "https://x.example/\r\nSet-Cookie: a=b"},
        {"token_endpoint": "file:///etc/passwd"},
        {"token_endpoint": None},
        {"end_session_endpoint": "//x.example"},
        {"jwks_uri": "https://"},
        {"id_token_signing_alg_values_supported": 7},
    ],
)
def test_odd_metadata_starts_nothing(
    client: Client, theirs: Told, metadata: dict[str, object], caplog: pytest.LogCaptureFixture
) -> None:
    theirs.metadata = metadata

    assert_refused(client, client.post("/admin/sign-on/"), caplog, "")
    assert not StaffSession.objects.exists()


def test_metadata_sets_no_option_of_ours(client: Client, theirs: Told) -> None:
    theirs.metadata = {"code_challenge_method": "", "scope": "all", "jwks": {"keys": []}}

    asked = asked_of(start(client))

    assert (asked["code_challenge_method"], asked["scope"]) == ("S256", "openid profile email")
    assert come_back(client, theirs).status_code == 302


def test_secure_provider_has_no_insecure_addresses(theirs: Told, settings: Settings) -> None:
    settings.OIDC_ISSUER = "https://login.example.org"

    assert provider._is_usable("https://login.example.org/token")
    assert not provider._is_usable("http://login.example.org/token")


# ------------------------------------------------------------------ a provider that is down


def test_dead_provider_is_asked_once_and_the_password_still_works(
    client: Client, theirs: Told, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.OIDC_ISSUER = "http://127.0.0.1:9"

    answers = [client.post("/admin/sign-on/") for _time in range(2)]

    assert [answer.status_code for answer in answers] == [503, 503]
    assert "is not answering at present" in said(answers[0])
    whys = [line["why"] for line in lines(caplog, "sign_on_refused")]
    assert whys == ["ConnectionError", "no answer a moment ago"]
    give_password(client, staff())
    assert is_in(client)


@pytest.mark.parametrize("place", [PLACES[0], "/token"])
def test_dripping_answer_is_cut_off(
    client: Client,
    theirs: Told,
    place: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(provider, "LONGEST", 0.5)

    def drip() -> Any:
        for _second in range(200):
            yield b" "
            time.sleep(0.05)

    theirs.instead[place] = lambda: flask.Response(drip())

    answer = client.post("/admin/sign-on/") if place == PLACES[0] else come_back(client, theirs)

    assert_refused(client, answer, caplog, "ConnectionError", 503)


def test_metadata_is_asked_for_once_in_a_while(theirs: Told) -> None:
    for _time in range(3):
        start(Client())

    assert theirs.asked == [PLACES[0]]


def test_shared_cache_does_not_say_where_the_provider_is(client: Client, theirs: Told) -> None:
    evil = dict.fromkeys(provider.URLS, "https://evil.example/")
    cache.set(f"sign_on:{theirs.issuer}", {"issuer": theirs.issuer, **evil})

    assert start(client).startswith(f"{theirs.issuer}/log-in")


def test_metadata_is_asked_for_again(theirs: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provider, "KEPT_FOR", 0)
    for _time in range(2):
        start(Client())

    assert theirs.asked == [PLACES[0]] * 2


def test_request_that_asks_nothing_does_not_end_the_pause(
    client: Client, theirs: Told, caplog: pytest.LogCaptureFixture
) -> None:
    start(Client())
    provider._breaker.failed()

    answer = come_back(client, theirs)

    assert_refused(client, answer, caplog, "no answer a moment ago", 503)
    assert theirs.asked == [PLACES[0]]


def test_answer_ends_the_pause(
    client: Client, theirs: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(Client())
    monkeypatch.setattr(provider, "_breaker", CircuitBreaker(pause=0))
    provider._breaker.failed()

    assert come_back(client, theirs).status_code == 302
    assert not provider._breaker.succeeded()


# ------------------------------------------------------------------ confirming who is at the keyboard

CALENDAR, CONFIRM = "/admin/following/calendar/", "/admin/account/confirm/"


def test_login_that_may_be_old_opens_no_secret(client: Client, theirs: Told) -> None:
    come_back(client, theirs)

    answer = client.post(CALENDAR)

    assert answer.status_code == 400
    assert "no longer fresh" in said(answer)
    assert f'href="{CONFIRM}"' in said(answer)
    assert "Continue to the ministry" in said(client.get(CONFIRM))


def test_password_given_there_just_now_opens_it_for_five_minutes(
    client: Client, theirs: Told, caplog: pytest.LogCaptureFixture
) -> None:
    with time_machine.travel(time.time(), tick=False) as clock:
        come_back(client, theirs)
        asked = asked_of(start(client, CONFIRM))
        assert (asked["prompt"], asked["max_age"]) == ("login", "0")
        theirs.claims["auth_time"] = int(time.time())
        before = client.session.session_key

        assert come_back(client, theirs, CONFIRM)["Location"] == "/admin/account/"
        assert client.session.session_key != before
        assert len(lines(caplog, "sign_on_confirmed")) == 1
        assert "/calendar/" in client.post(CALENDAR).context["calendar_url"]
        clock.shift(5 * 60)
        assert client.post(CALENDAR).status_code == 400


def test_login_with_the_password_just_now_needs_no_second_one(client: Client, theirs: Told) -> None:
    theirs.claims["auth_time"] = int(time.time())
    come_back(client, theirs)

    assert "/calendar/" in client.post(CALENDAR).context["calendar_url"]


@pytest.mark.parametrize(
    "auth_time",
    [
        pytest.param(lambda: None, id="not said"),
        pytest.param(lambda: time.time() - 301, id="old"),
        pytest.param(lambda: time.time() + 600, id="in the future"),
        pytest.param(lambda: True, id="no number"),
        pytest.param(lambda: 10**400, id="huge"),
        pytest.param(lambda: 0, id="zero"),
    ],
)
def test_provider_that_did_not_ask_confirms_nothing(
    client: Client, theirs: Told, auth_time: Answer, caplog: pytest.LogCaptureFixture
) -> None:
    come_back(client, theirs)
    theirs.claims["auth_time"] = auth_time()

    answer = come_back(client, theirs, CONFIRM)

    assert answer.status_code == 403
    assert "nothing was confirmed" in said(answer)
    assert "auth_time" in lines(caplog, "sign_on_refused")[0]["why"]
    assert client.post(CALENDAR).status_code == 400


def test_colleague_at_the_same_browser_confirms_nothing(client: Client, theirs: Told) -> None:
    come_back(client, theirs)
    theirs.claims |= {"sub": "8", "auth_time": int(time.time())}

    answer = come_back(client, theirs, CONFIRM)

    assert "as somebody else" in said(answer)
    assert client.post(CALENDAR).status_code == 400


def test_people_with_a_password_confirm_with_it(client: Client, theirs: Told) -> None:
    client.force_login(staff())

    assert client.get(CONFIRM).status_code == client.post(CONFIRM).status_code == 403
