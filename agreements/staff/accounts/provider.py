"""The single sign-on provider (OpenID Connect): sends people there, and checks what it says about them.

Authlib handles the protocol: state and nonce, PKCE, the code, the token's signature, issuer, audience and times. This
module adds what Authlib leaves to its users: a time limit, short answers without redirects, the configured issuer, and
asymmetric signatures only. No token is stored or logged.
"""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.django_client import DjangoIntegration, DjangoOAuth2App
from authlib.integrations.requests_client import OAuth2Session
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from joserfc.errors import JoseError
from urllib3.exceptions import HTTPError

from agreements.serving.circuit_breaker import CircuitBreaker
from agreements.upkeep.guarded_session import LimitedAdapter, TimeLimit

# Seconds for everything that one request asks the provider, whatever it does, and for each answer to begin.
LONGEST = 10
LONGEST_SILENCE = 5
# Bytes of an answer; Entra ID's keys take 17 kB.
LONGEST_ANSWER = 512 * 1024
# Seconds for which what the provider publishes about itself is kept; its keys are read at each login.
KEPT_FOR = 600
# Seconds from leaving for the provider to coming back.
LONGEST_AWAY = 600
NAME = "sign_on"
# A time beyond the year 9999 is none.
LATEST = 253_402_300_800
# Not "none", and not HS256, for which a public key could pass as the secret.
SIGNATURES = [
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
]
# The parts of the provider's metadata that we use. Authlib would take any other name for an option.
URLS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
MORE_URLS = ("userinfo_endpoint", "end_session_endpoint")

Claims = dict[str, Any]

# While the provider is down, one request in this many seconds finds out.
_breaker = CircuitBreaker(pause=15)


class _Kept:
    """What the provider published about itself, in this process alone: whoever could write to a shared cache could
    otherwise name the address that gets our password, and the keys.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._issuer, self._until, self._metadata = "", 0.0, dict[str, Any]()

    def of(self, issuer: str, ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Return the metadata of this issuer, asked for unless it is known and not old."""
        with self._lock:
            if self._issuer == issuer and time.monotonic() < self._until:
                return dict(self._metadata)
        metadata = ask()
        with self._lock:
            self._issuer, self._metadata = issuer, metadata
            self._until = time.monotonic() + KEPT_FOR
        return dict(metadata)


_kept = _Kept()


class SignOnError(Exception):
    """A login through the provider was refused: `says` tells the person why, `why` the log."""

    status = 403
    says: str | Promise = ""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class UnavailableError(SignOnError):
    status = 503
    says = _("It is not answering at present. Try again in a minute, or log in with a password.")


class UntrustedError(SignOnError):
    says = _(
        "Its answer could not be verified. Try again; if that fails, tell the people who run the register."
    )


class NotStartedHereError(SignOnError):
    says = _(
        "This login was not started in this browser, or was started too long ago. Start again."
    )


class DeclinedError(SignOnError):
    says = _("It did not log you in. Try again, or log in with a password.")


@dataclass(frozen=True)
class Login:
    """What the provider says about the person, where they wanted to go, and where they can log out of it."""

    claims: Claims
    started: dict[str, Any]
    log_out_url: str

    @property
    def groups(self) -> frozenset[str]:
        named = self.claims.get(settings.OIDC_GROUPS_CLAIM)
        named = [named] if isinstance(named, str) else named
        return (
            frozenset(one for one in named if isinstance(one, str))
            if isinstance(named, list)
            else frozenset()
        )

    @property
    def subject(self) -> str:
        return str(self.claims["sub"])

    @property
    def auth_time(self) -> float | None:
        """When the person gave a password or a code there, in seconds since 1970; None if the provider does not say."""
        moment = self.claims.get("auth_time")
        if isinstance(moment, bool) or not isinstance(moment, int | float):
            return None
        return float(moment) if abs(moment) < LATEST else None

    def text(self, claim: str, longest: int = 150) -> str:
        """Return the claim without characters that a database or page cannot hold; empty if it is not text."""
        value = self.claims.get(claim)
        printable = filter(str.isprintable, value) if isinstance(value, str) else ""
        return "".join(printable).strip()[:longest]


def begin(request: HttpRequest, *, fresh: bool = False, **started: object) -> str:
    """Return the URL at which the person logs in; `started` is kept in the session until they come back.

    `fresh` asks the provider to have them log in even if they are logged in there (OpenID Connect Core 1.0, 3.1.2.1).
    """
    client = _client()
    how = {"prompt": "login", "max_age": "0"} if fresh else {}
    with _asking():
        asked = client.create_authorization_url(_address("admin:sign_on_back"), **how)
    # one at a time, so that the session cannot grow
    for key in [key for key in dict(request.session) if key.startswith(f"_state_{NAME}")]:
        del request.session[key]
    client.save_authorize_data(
        request,
        redirect_uri=_address("admin:sign_on_back"),
        started=started,
        started_at=time.time(),
        **asked,
    )
    return str(asked["url"])


def finish(request: HttpRequest) -> Login:
    """Return who has come back from the provider; raises a SignOnError for anything but a good answer."""
    client, state = _client(), request.GET.get("state", "")
    kept = client.framework.get_state_data(request.session, state)
    if kept is None:
        raise NotStartedHereError("unknown state")
    if time.time() - kept.get("started_at", 0) > LONGEST_AWAY:
        client.framework.clear_state_data(request.session, state)
        raise NotStartedHereError("started too long ago")
    if error := request.GET.get("error"):
        client.framework.clear_state_data(request.session, state)
        raise DeclinedError(f"provider: {error}")
    with _asking():
        token = client.authorize_access_token(
            request,
            claims_options={
                "iss": {"essential": True, "value": client.issuer},
                "aud": {"essential": True, "value": settings.OIDC_CLIENT_ID},
            },
        )
        claims = _all_claims(client, token)
        return Login(claims, kept["started"], _log_out_url(client))


def _all_claims(client: "_Client", token: Any) -> Claims:
    """Return what the ID token says, and what only the user-info endpoint does."""
    claims = dict(token["userinfo"])
    subject = claims["sub"]
    # OpenID Connect Core 1.0, section 2
    if not (isinstance(subject, str) and subject.isascii() and subject.isprintable()):
        raise UntrustedError("no usable subject")
    if not 0 < len(subject) <= 255:
        raise UntrustedError("no usable subject")
    if "userinfo_endpoint" in client.load_server_metadata():
        more = client.userinfo(token=token)
        if more.get("sub") != subject:
            raise UntrustedError("user info about somebody else")
        claims = {**more, **claims}
    return claims


def _log_out_url(client: "_Client") -> str:
    if "end_session_endpoint" not in client.load_server_metadata():
        return ""
    # its state would matter only to a page that acts on coming back
    asked = client.create_logout_url(
        post_logout_redirect_uri=_address("admin:login"),
        state="",
        client_id=settings.OIDC_CLIENT_ID,
    )
    return str(asked["url"])


def _address(name: str) -> str:
    """Return the URL of one of our pages as it is registered with the provider."""
    return f"{settings.BASE_URL}{reverse(name)}"


@contextmanager
def _asking() -> Iterator[None]:
    """Give the provider a limited time in the block, and raise a SignOnError for whatever it does wrong."""
    try:
        with TimeLimit(LONGEST):
            yield
    except requests.RequestException as error:
        if isinstance(error, (requests.ConnectionError, requests.Timeout)):
            _breaker.failed()
        raise UnavailableError(type(error).__name__) from error
    except (AuthlibBaseError, JoseError) as error:
        raise UntrustedError(f"{type(error).__name__}: {error}") from error
    except (AttributeError, LookupError, RuntimeError, TypeError, ValueError) as error:
        # an answer that does not have the shape the protocol prescribes
        raise UntrustedError(f"malformed answer: {type(error).__name__}") from error


class _Adapter(LimitedAdapter):
    """Accepts a short JSON object, and follows no redirect: it might carry the secret elsewhere."""

    def send(self, request: Any, *args: Any, **options: Any) -> requests.Response:
        if not _breaker.allows_call():
            raise UnavailableError("no answer a moment ago")
        response = super().send(request, *args, **{**options, "stream": True})
        body = b""
        try:
            for part in response.raw.stream(64 * 1024, decode_content=True):
                body += part
                if len(body) > LONGEST_ANSWER:
                    raise requests.exceptions.InvalidJSONError("too long")
        except HTTPError as error:
            raise requests.ConnectionError(type(error).__name__) from error
        _breaker.succeeded()
        if response.is_redirect or not _is_object(body):
            raise requests.exceptions.InvalidJSONError("not a JSON object")
        response.raw = BytesIO(body)
        return response


def _is_object(body: bytes) -> bool:
    try:
        return isinstance(json.loads(body), dict)
    except (ValueError, RecursionError):
        return False


class _Session(OAuth2Session):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for scheme in ("http://", "https://"):
            self.mount(scheme, _Adapter())


class _Client(DjangoOAuth2App):
    """Authlib's client for our provider; each request makes a new one, so keys are kept no longer than that."""

    client_cls = _Session
    server_metadata: dict[str, Any]

    @property
    def issuer(self) -> str:
        """The issuer as the provider writes it, with or without a slash at the end."""
        return str(self.load_server_metadata()["issuer"])

    def load_server_metadata(self) -> dict[str, Any]:
        if not self.server_metadata:
            self.server_metadata = _kept.of(settings.OIDC_ISSUER, self._published)
        return self.server_metadata

    def _published(self) -> dict[str, Any]:
        """Return what the provider publishes about itself, as far as we use it; OpenID Connect Discovery 1.0."""
        with self._get_session() as session:
            url = f"{settings.OIDC_ISSUER}/.well-known/openid-configuration"
            answer = session.request("GET", url, withhold_token=True)
            answer.raise_for_status()
            said = answer.json()
        if str(said["issuer"]).rstrip("/") != settings.OIDC_ISSUER:
            raise UntrustedError("metadata of another issuer")
        urls = {name: said[name] for name in (*URLS, *MORE_URLS) if name in URLS or said.get(name)}
        if not all(map(_is_usable, urls.values())):
            raise UntrustedError("metadata with an unusable URL")
        offered = said["id_token_signing_alg_values_supported"]
        return {
            "issuer": said["issuer"],
            **urls,
            "id_token_signing_alg_values_supported": [
                name for name in SIGNATURES if name in offered
            ],
        }


def _is_usable(url: object) -> bool:
    """Whether this URL is protected at least as well as the issuer's."""
    if not (
        isinstance(url, str)
        and url.isascii()
        and url.isprintable()
        and not set(url) & set(" '\"<>")
    ):
        return False
    parts = urlsplit(url)
    return parts.scheme in {"https", urlsplit(settings.OIDC_ISSUER).scheme} and bool(parts.hostname)


def _client() -> _Client:
    return _Client(
        DjangoIntegration(NAME),
        NAME,
        client_id=settings.OIDC_CLIENT_ID,
        client_secret=settings.OIDC_CLIENT_SECRET,
        client_kwargs={
            "scope": "openid profile email",
            "code_challenge_method": "S256",
            "default_timeout": LONGEST_SILENCE,
        },
    )
