"""Single sign-on providers that tests start: a well-behaved one from a package, and one with whatever answers tests set."""

import hashlib
import time
import warnings
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import flask
import requests
from django.test import Client
from joserfc import jwt
from joserfc.jwk import RSAKey
from pytest_django import Settings
from werkzeug.serving import make_server

with warnings.catch_warnings():
    # it still imports parts of Authlib under their old names
    warnings.simplefilter("ignore")
    import authlib.jose
    import oidc_provider_mock

assert authlib.jose
KEY = RSAKey.generate_key(2048, {"kid": "the key of 2026", "use": "sig"})
ROLES = {"registrars": "Publisher", "everyone": "Reader", "heads": "Administrator"}


def use(settings: Settings, issuer: str) -> None:
    settings.OIDC_ISSUER, settings.OIDC_NAME = issuer, "the ministry"
    settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = "register", "known to the provider"
    settings.OIDC_ROLES = ROLES


@contextmanager
def _serving(app: flask.Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


# ------------------------------------------------------------------ from a package


@contextmanager
def provider(**people: dict[str, object]) -> Iterator[str]:
    """A provider that knows these people, by subject and claims; yields its issuer URL."""
    users = [oidc_provider_mock.User(sub=sub, claims=claims) for sub, claims in people.items()]
    app = oidc_provider_mock.app(require_nonce=True, user_claims=users)
    app.before_request(_require_pkce({}))
    with _serving(app) as issuer:
        yield issuer


def _require_pkce(challenges: dict[str, str]) -> Callable[[], Any]:
    """Refuse codes that come without the verifier of their request (RFC 7636), which the package does not check."""

    def check() -> Any:
        asked = flask.request
        if asked.path == "/oauth2/authorize":
            if asked.args.get("code_challenge_method") != "S256":
                return "no PKCE", 400
            challenges[asked.args["code_challenge"]] = asked.args["state"]
        if asked.path == "/oauth2/token":
            digest = hashlib.sha256(asked.form.get("code_verifier", "").encode()).digest()
            if urlsafe_b64encode(digest).decode().rstrip("=") not in challenges:
                return {"error": "invalid_grant"}, 400
        return None

    return check


def change(issuer: str, subject: str, **claims: object) -> None:
    """Let the provider say this about the person from now on."""
    requests.put(f"{issuer}/users/{subject}", json=claims, timeout=10).raise_for_status()


# ------------------------------------------------------------------ with set answers


class Told:
    """What the provider answers: its metadata, keys, user info and token, each changed by the test that needs it."""

    def __init__(self) -> None:
        self.issuer = ""
        self.nonce = ""
        self.metadata: dict[str, object] = {}
        self.keys = [KEY]
        self.key: Any = KEY
        self.header: dict[str, object] = {"alg": "RS256", "kid": KEY.kid}
        self.claims: dict[str, object] = {"groups": ["registrars"]}
        self.user_info: object = None
        # answers instead of those, by path
        self.instead: dict[str, Callable[[], Any]] = {}
        self.asked: list[str] = []

    def sign(self) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": "register",
            "sub": "7",
            "iat": now,
            "exp": now + 60,
            "nonce": self.nonce,
        } | self.claims
        kept = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(self.header, kept, self.key, algorithms=[str(self.header["alg"])])

    def pages(self) -> dict[str, Callable[[], Any]]:
        return {
            "/.well-known/openid-configuration": self._metadata,
            "/keys": lambda: {"keys": [key.as_dict(private=False) for key in self.keys]},
            "/token": lambda: {
                "access_token": "a secret",
                "token_type": "Bearer",
                "id_token": self.sign(),
            },
            "/user": lambda: flask.jsonify(self.user_info),
        } | self.instead

    def _metadata(self) -> dict[str, object]:
        urls = {"authorization_endpoint": "log-in", "token_endpoint": "token", "jwks_uri": "keys"}
        more = {"userinfo_endpoint": f"{self.issuer}/user"} if self.user_info else {}
        return {
            "issuer": self.issuer,
            **{name: f"{self.issuer}/{path}" for name, path in urls.items()},
            **more,
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
        } | self.metadata


@contextmanager
def told() -> Iterator[Told]:
    answers, app = Told(), flask.Flask(__name__)

    @app.route("/<path:path>", methods=["GET", "POST"])
    def answer(path: str) -> Any:
        answers.asked.append(f"/{path}")
        return answers.pages()[f"/{path}"]()

    with _serving(app) as answers.issuer:
        yield answers


# ------------------------------------------------------------------ the person's browser


def start(browser: Client, path: str = "/admin/sign-on/", **typed: str) -> str:
    """The URL of the provider to which the page continues by itself."""
    page = browser.post(path, typed)
    assert page.status_code == 200, page.content.decode()
    wait, _comma, url = page["Refresh"].partition("; url=")
    assert wait == "0"
    return url


def asked_of(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def way_back(url: str, subject: str) -> str:
    """Log in at the package's provider; return the path and query that it sends the browser back to."""
    page = requests.post(url, data={"sub": subject}, allow_redirects=False, timeout=10)
    parts = urlsplit(page.headers["Location"])
    return f"{parts.path}?{parts.query}"


def log_in(browser: Client, subject: str, **typed: str) -> Any:
    return browser.get(way_back(start(browser, **typed), subject))
