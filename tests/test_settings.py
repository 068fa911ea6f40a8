"""The settings under different environments, loaded again in this process for every case."""

import runpy
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

Values = dict[str, Any]
VARIABLES = (
    "ALLOWED_HOSTS",
    "BASE_URL",
    "BRIEF_TEMPLATE",
    "CACHE_URL",
    "DATABASE_REPLICA_URLS",
    "DATABASE_URL",
    "DEBUG",
    "DEFAULT_FROM_EMAIL",
    "DOCUMENTS_ROOT",
    "LINK_CHECKS_ALLOWED_NETWORKS",
    "METRICS_TOKEN",
    "EMAIL_URL",
    "OIDC_CLIENT_ID",
    "OIDC_CLIENT_SECRET",
    "OIDC_GROUPS_CLAIM",
    "OIDC_ISSUER",
    "OIDC_NAME",
    "OIDC_ROLES",
    "OUR_SIDE",
    "PROXIES",
    "REQUIRE_TOTP",
    "SECRET_KEY",
    "CLAMD",
    "SECURITY_CONTACT",
    "SESSION_IDLE",
    "STATEMENT_TIMEOUT",
    "STATIC_ROOT",
    "TIME_ZONE",
)


@pytest.fixture
def read_settings(
    monkeypatch: pytest.MonkeyPatch, project_root: Path
) -> Callable[[dict[str, str]], Values]:
    def read(environment: dict[str, str]) -> Values:
        for name in VARIABLES:
            monkeypatch.delenv(name, raising=False)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        return runpy.run_path(str(project_root / "mou_tracker" / "settings.py"))

    return read


@pytest.fixture
def public() -> dict[str, str]:
    return {"BASE_URL": "https://register.example.org", "SECRET_KEY": "k" * 50}


def test_bare_settings_run_on_this_machine_alone(
    read_settings: Callable[..., Values], project_root: Path
) -> None:
    settings = read_settings({})

    assert not settings["IS_PUBLIC"]
    assert not settings["DEBUG"]
    assert settings["ALLOWED_HOSTS"] == ["localhost", "127.0.0.1", "[::1]"]
    assert settings["DATABASES"]["default"]["NAME"] == str(project_root / "var" / "db.sqlite3")
    assert settings["TIME_ZONE"] == "Asia/Baku"


def test_bare_settings_keep_one_key_of_their_own(read_settings: Callable[..., Values]) -> None:
    first, second = read_settings({})["SECRET_KEY"], read_settings({})["SECRET_KEY"]

    assert first == second
    assert len(first) >= 50


def test_public_settings_make_up_no_key(read_settings: Callable[..., Values]) -> None:
    settings = read_settings({"BASE_URL": "https://register.example.org"})

    assert settings["SECRET_KEY"] == ""


def test_empty_variables_count_as_unset(read_settings: Callable[..., Values]) -> None:
    computed = ("SECRET_KEY", "DATABASES", "DOCUMENTS_ROOT", "STATIC_ROOT", "BASE_URL", "TIME_ZONE")
    bare, emptied = read_settings({}), read_settings(dict.fromkeys(VARIABLES, ""))

    assert {name: emptied[name] for name in computed} == {name: bare[name] for name in computed}


@pytest.mark.parametrize(
    ("address", "hosts", "is_public"),
    [
        pytest.param("http://127.0.0.1:9000", "", False, id="another port"),
        pytest.param("http://[::1]:8000", "", False, id="IPv6 loopback"),
        pytest.param("http://localhost", "127.0.0.1", False, id="both local names"),
        pytest.param("https://register.example.org", "", True, id="own name"),
        pytest.param("http://127.0.0.1:8000", "register.example.org", True, id="a further name"),
        pytest.param("http://127.0.0.1:8000", "*", True, id="any name"),
        pytest.param("http://192.168.1.5:8000", "", True, id="the local network"),
    ],
)
def test_a_name_beyond_this_machine_makes_the_site_public(
    read_settings: Callable[..., Values], address: str, hosts: str, is_public: bool
) -> None:
    settings = read_settings({"BASE_URL": address, "ALLOWED_HOSTS": hosts})

    assert settings["IS_PUBLIC"] is is_public


def test_public_site_answers_to_its_address_and_the_names_given(
    read_settings: Callable[..., Values], public: dict[str, str]
) -> None:
    settings = read_settings(public | {"ALLOWED_HOSTS": "www.example.org,register.example.org"})

    assert settings["ALLOWED_HOSTS"] == ["register.example.org", "www.example.org"]


@pytest.mark.parametrize(
    ("proxies", "header"),
    [
        pytest.param("", None, id="none"),
        pytest.param("1", ("HTTP_X_FORWARDED_PROTO", "https"), id="one"),
    ],
)
def test_forwarded_headers_count_only_behind_a_proxy(
    read_settings: Callable[..., Values],
    public: dict[str, str],
    proxies: str,
    header: tuple[str, str] | None,
) -> None:
    assert read_settings(public | {"PROXIES": proxies})["SECURE_PROXY_SSL_HEADER"] == header


@pytest.mark.parametrize(
    ("address", "is_secure"),
    [
        pytest.param("https://register.example.org", True, id="https"),
        pytest.param("http://127.0.0.1:8000", False, id="http on this machine"),
    ],
)
def test_cookies_and_redirects_follow_the_scheme(
    read_settings: Callable[..., Values], address: str, is_secure: bool
) -> None:
    settings = read_settings({"BASE_URL": address})

    following = ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT")
    assert [settings[name] for name in following] == [is_secure] * 3
    assert (settings["SECURE_HSTS_SECONDS"] >= 365 * 24 * 60 * 60) is is_secure
    assert settings["SECURE_HSTS_INCLUDE_SUBDOMAINS"] is is_secure


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        pytest.param(
            "postgres://ada:p%40ss@db.example.org:5433/register",
            {"NAME": "register", "USER": "ada", "PASSWORD": "p@ss", "PORT": 5433},
            id="PostgreSQL",
        ),
        pytest.param(
            "postgres:///register?host=/run/postgresql&sslmode=disable",
            {"NAME": "register", "HOST": "/run/postgresql"},
            id="PostgreSQL by its socket",
        ),
        pytest.param("sqlite:////tmp/a%20b.sqlite3", {"NAME": "/tmp/a b.sqlite3"}, id="SQLite"),
    ],
)
def test_database_url_names_the_database(
    read_settings: Callable[..., Values], address: str, expected: dict[str, Any]
) -> None:
    database = read_settings({"DATABASE_URL": address})["DATABASES"]["default"]

    assert {name: database[name] for name in expected} == expected


def test_relative_database_file_lies_in_var_wherever_we_start(
    read_settings: Callable[..., Values],
    project_root: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)

    database = read_settings({"DATABASE_URL": "sqlite:///other.sqlite3"})["DATABASES"]["default"]

    assert database["NAME"] == str(project_root / "var" / "other.sqlite3")


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        pytest.param("DEBUG", "yess", "for on", id="flag"),
        pytest.param("PROXIES", "-1", "0 or more", id="negative count"),
        pytest.param("PROXIES", "one", "0 or more", id="count in words"),
        pytest.param(
            "EMAIL_URL",
            "https://user:s3cret@mail.example.org",
            "EMAIL_URL cannot be read",
            id="no mail server",
        ),
        pytest.param(
            "EMAIL_URL", "smtp://", "EMAIL_URL cannot be read", id="mail server without a name"
        ),
        pytest.param(
            "EMAIL_URL",
            "smtp+tls://user:s3cret@mail.example.org:port",
            "EMAIL_URL cannot be read",
            id="port in words",
        ),
        pytest.param(
            "DEFAULT_FROM_EMAIL",
            "the register",
            "not an e-mail address",
            id="sender without address",
        ),
        pytest.param("SESSION_IDLE", "0", "from 1 to 1440", id="no time at all"),
        pytest.param("SESSION_IDLE", "2h", "whole minutes", id="time with a unit"),
        pytest.param("SESSION_IDLE", "99999", "from 1 to 1440", id="more than a day"),
        pytest.param("REQUIRE_TOTP", "maybe", "for on", id="unclear requirement"),
        pytest.param("OIDC_ISSUER", "login.example.org", "its issuer", id="issuer, no scheme"),
        pytest.param(
            "OIDC_ISSUER", "https://u:s3cret@h", "its issuer", id="issuer with a password"
        ),
        pytest.param("OIDC_ISSUER", "https://h/?a=b", "its issuer", id="issuer with a query"),
        pytest.param("OIDC_ROLES", "registrars", "group=Role", id="group without a role"),
        pytest.param("OIDC_ROLES", "=Editor", "group=Role", id="role without a group"),
        pytest.param("STATEMENT_TIMEOUT", "30s", "whole seconds", id="limit with a unit"),
        pytest.param("STATEMENT_TIMEOUT", "-1", "whole seconds", id="negative limit"),
        pytest.param("STATEMENT_TIMEOUT", "86400", "up to 3600", id="limit of a day"),
        pytest.param("CACHE_URL", "cache.example.org", "not the URL", id="cache, no scheme"),
        pytest.param("CACHE_URL", "memcache://:s3cret@h", "not the URL", id="another cache"),
        pytest.param("CACHE_URL", "redis://:s3cret@", "not the URL", id="cache without a host"),
        pytest.param("CACHE_URL", "redis://:s3cret@h:x", "not the URL", id="cache's port"),
        pytest.param("CACHE_URL", "redis://:s3cret@h/one", "not the URL", id="cache's number"),
        pytest.param(
            "DATABASE_REPLICA_URLS",
            "postgres://u:s3cret@h/n",
            "only PostgreSQL",
            id="copies of SQLite",
        ),
        pytest.param("TIME_ZONE", "Baku", "not a time zone", id="unknown zone"),
        pytest.param("TIME_ZONE", "../Asia/Baku", "not a time zone", id="zone with a path"),
        pytest.param("BASE_URL", "register.example.org", "not the URL", id="no scheme"),
        pytest.param("BASE_URL", "ftp://example.org", "not the URL", id="wrong scheme"),
        pytest.param("BASE_URL", "https://example.org/mou", "not the URL", id="path"),
        pytest.param("BASE_URL", "https://a:b@example.org", "not the URL", id="login in it"),
        pytest.param("BASE_URL", "https://example.org:port", "not the URL", id="port in words"),
        pytest.param("BASE_URL", "https://[::1", "not the URL", id="half an IPv6 address"),
        pytest.param(
            "DATABASE_URL", "register", "not name a supported database", id="not an address"
        ),
        pytest.param(
            "DATABASE_URL", "mysql://h/register", "not name a supported database", id="MySQL"
        ),
        pytest.param("DATABASE_URL", "postgres://u:s3cret@h", "not name a", id="no name"),
        pytest.param("DATABASE_URL", "postgres://h:port/n", "cannot be read", id="database port"),
        pytest.param("DATABASE_URL", "sqlite://db.sqlite3", "four slashes", id="two slashes"),
        pytest.param("DATABASE_URL", "sqlite:///:memory:", "not name a file", id="in memory"),
        pytest.param("DATABASE_URL", "sqlite:///", "not name a file", id="no file"),
        pytest.param("METRICS_TOKEN", "s3cret", "not safe", id="short token"),
        pytest.param("METRICS_TOKEN", "s3cret of many blanks", "not safe", id="no token"),
    ],
)
@pytest.mark.filterwarnings("ignore:Engine not recognized")
def test_nonsense_is_refused_with_a_sentence(
    read_settings: Callable[..., Values], name: str, value: str, reason: str
) -> None:
    with pytest.raises(ImproperlyConfigured, match=reason) as refusal:
        read_settings({name: value})

    assert str(refusal.value).startswith(f"{name} ")
    assert "s3cret" not in str(refusal.value)


def test_logins_end_after_the_minutes_given(read_settings: Callable[..., Values]) -> None:
    settings = read_settings({"SESSION_IDLE": "30"})

    assert settings["SESSION_IDLE"] == timedelta(minutes=30)
    assert settings["SESSION_COOKIE_AGE"] == 1800
    assert settings["SESSION_EXPIRE_AT_BROWSER_CLOSE"]


@pytest.mark.parametrize(
    ("address", "host", "port", "tls", "ssl"),
    [
        ("smtp://mail.example.org", "mail.example.org", 25, False, False),
        ("smtp+tls://clerk:p%40ss@mail.example.org", "mail.example.org", 587, True, False),
        ("smtp+ssl://clerk:p%40ss@mail.example.org:4650", "mail.example.org", 4650, False, True),
    ],
)
def test_mail_goes_by_the_server_given(
    read_settings: Callable[..., Values], address: str, host: str, port: int, tls: bool, ssl: bool
) -> None:
    settings = read_settings({"EMAIL_URL": address})

    assert settings["EMAIL_BACKEND"].endswith("smtp.EmailBackend")
    assert (settings["EMAIL_HOST"], settings["EMAIL_PORT"]) == (host, port)
    encryption = [settings.get(name, False) for name in ("EMAIL_USE_TLS", "EMAIL_USE_SSL")]
    assert encryption == [tls, ssl]
    assert settings.get("EMAIL_HOST_PASSWORD", "") == ("p@ss" if "@mail" in address else "")
    assert settings["SENDS_MAIL"]


def test_without_a_server_a_local_site_prints_its_mails_and_a_public_one_sends_none(
    read_settings: Callable[..., Values], public: dict[str, str]
) -> None:
    local, abroad = read_settings({}), read_settings(public)

    assert (local["SENDS_MAIL"], abroad["SENDS_MAIL"]) == (True, False)
    assert local["EMAIL_BACKEND"].endswith("console.EmailBackend")
    assert abroad["EMAIL_BACKEND"].endswith("dummy.EmailBackend")
    assert local["DEFAULT_FROM_EMAIL"] == "register@localhost"
    assert abroad["DEFAULT_FROM_EMAIL"] == "register@register.example.org"


def test_cookies_belong_to_the_host_alone_on_https(
    read_settings: Callable[..., Values], public: dict[str, str]
) -> None:
    names = ("SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "LANGUAGE_COOKIE_NAME")
    local, abroad = read_settings({}), read_settings(public)

    assert [local[name] for name in names] == ["sessionid", "csrftoken", "django_language"]
    assert [abroad[name] for name in names] == [f"__Host-{local[name]}" for name in names]
    # what browsers demand of this prefix, apart from the path /, Django's default
    assert all(abroad[name.replace("NAME", "SECURE")] for name in names)
    assert not any(name.replace("NAME", "DOMAIN") in abroad for name in names)


@pytest.mark.parametrize(("written", "demanded"), [("", False), ("0", False), ("1", True)])
def test_two_factor_is_required_on_request(
    read_settings: Callable[..., Values], written: str, demanded: bool
) -> None:
    assert read_settings({"REQUIRE_TOTP": written})["REQUIRE_TOTP"] is demanded


@pytest.mark.django_db
def test_every_page_forbids_what_it_does_not_need(client: Client) -> None:
    headers = client.get("/admin/login/").headers

    policy = set(headers["Content-Security-Policy"].split("; "))
    forbidden = ("default-src", "object-src", "base-uri", "frame-ancestors")
    assert {f"{directive} 'none'" for directive in forbidden} <= policy
    assert "unsafe-inline" not in headers["Content-Security-Policy"]
    assert "camera=()" in headers["Permissions-Policy"]
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize(
    ("written", "contact"),
    [
        ("", ""),
        ("security@example.org", "mailto:security@example.org"),
        ("mailto:security@example.org", "mailto:security@example.org"),
        ("https://example.org/security", "https://example.org/security"),
    ],
)
def test_security_contact_is_an_address(
    read_settings: Callable[..., Values], written: str, contact: str
) -> None:
    assert read_settings({"SECURITY_CONTACT": written})["SECURITY_CONTACT"] == contact


@pytest.mark.parametrize(
    ("written", "code"), [("", ""), ("AZ", "AZ"), ("tr", "TR"), ("SUHH", "SUHH")]
)
def test_our_side_is_a_country(
    read_settings: Callable[..., Values], written: str, code: str
) -> None:
    assert read_settings({"OUR_SIDE": written})["OUR_SIDE"] == code


@pytest.mark.parametrize("written", ["Azerbaijan", "ZZ", "A"])
def test_our_side_that_is_no_country_is_refused(
    read_settings: Callable[..., Values], written: str
) -> None:
    with pytest.raises(ImproperlyConfigured, match="which is not a country"):
        read_settings({"OUR_SIDE": written})


@pytest.mark.parametrize(
    "written",
    ["nobody", "http://example.org", "https://", "https://a b", "tel:112", "mailto:", "https://[x"],
)
def test_security_contact_that_nobody_could_reach_is_refused(
    read_settings: Callable[..., Values], written: str
) -> None:
    with pytest.raises(ImproperlyConfigured, match="SECURITY_CONTACT is not a contact"):
        read_settings({"SECURITY_CONTACT": written})


@pytest.mark.parametrize(
    ("written", "networks"),
    [
        ("", []),
        ("10.1.0.0/16", ["10.1.0.0/16"]),
        (" 10.1.0.0/16 , fd00::/8, 192.168.1.7,", ["10.1.0.0/16", "fd00::/8", "192.168.1.7/32"]),
    ],
)
def test_own_networks_for_links_are_listed(
    read_settings: Callable[..., Values], written: str, networks: list[str]
) -> None:
    settings = read_settings({"LINK_CHECKS_ALLOWED_NETWORKS": written})

    assert settings["LINK_CHECKS_ALLOWED_NETWORKS"] == networks


@pytest.mark.parametrize("written", ["intranet", "10.1.0.0/33", "10.1.2.3/16", "10.1.0.0/16;::1"])
def test_what_is_no_network_is_refused(read_settings: Callable[..., Values], written: str) -> None:
    with pytest.raises(
        ImproperlyConfigured, match="LINK_CHECKS_ALLOWED_NETWORKS contains something that is not"
    ):
        read_settings({"LINK_CHECKS_ALLOWED_NETWORKS": written})


def test_without_variables_there_is_one_database_and_a_small_cache_of_each_process(
    read_settings: Callable[..., Values],
) -> None:
    settings = read_settings({})

    assert list(settings["DATABASES"]) == ["default"]
    assert settings["DATABASE_ROUTERS"] == settings["DATABASE_REPLICAS"] == []
    assert settings["CACHES"]["default"]["BACKEND"].endswith("LocMemCache")
    assert settings["CACHES"]["default"]["OPTIONS"] == {"MAX_ENTRIES": 1000}
    assert settings["STATEMENT_TIMEOUT"] == 30


@pytest.mark.parametrize(
    "address", ["redis://cache.example.org", "rediss://:a,b;c@cache.example.org:6380/2"]
)
def test_cache_is_shared_at_the_address_given(
    read_settings: Callable[..., Values], public: dict[str, str], address: str
) -> None:
    cache = read_settings(public | {"CACHE_URL": address})["CACHES"]["default"]

    assert cache["BACKEND"] == "agreements.serving.shared_cache.SharedCache"
    assert cache["LOCATION"] == [address]
    assert cache["KEY_PREFIX"] == "register.example.org"


PRIMARY = "postgres://u@one/register"


def test_replicas_are_numbered_and_given_up_sooner_than_the_primary(
    read_settings: Callable[..., Values],
) -> None:
    written = " postgres://u:p%2Cw@two/register, postgres://u@three:5433/register,"

    settings = read_settings({"DATABASE_URL": PRIMARY, "DATABASE_REPLICA_URLS": written})

    databases = settings["DATABASES"]
    assert list(databases) == ["default", "replica1", "replica2"]
    assert settings["DATABASE_REPLICAS"] == ["replica1", "replica2"]
    assert (databases["replica1"]["HOST"], databases["replica1"]["PASSWORD"]) == ("two", "p,w")
    assert (databases["replica2"]["HOST"], databases["replica2"]["PORT"]) == ("three", 5433)
    patience = {
        name: (one["OPTIONS"]["connect_timeout"], one["OPTIONS"]["pool"]["timeout"])
        for name, one in databases.items()
    }
    assert patience == {"default": (5, 5), "replica1": (2, 1), "replica2": (2, 1)}
    assert databases["replica1"]["TEST"] == {"MIRROR": "default"}


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        pytest.param("sqlite:////tmp/s3cret", "other than PostgreSQL", id="SQLite"),
        pytest.param("postgres://u:s3cret@two", "not name a", id="no name"),
        pytest.param("postgres://u:s3cret@two:port/n", "cannot be read", id="port in words"),
        pytest.param(f"{PRIMARY},two:s3cret", "other than PostgreSQL", id="no address"),
    ],
)
@pytest.mark.filterwarnings("ignore:Engine not recognized")
def test_replica_that_is_none_is_refused_with_a_sentence(
    read_settings: Callable[..., Values], written: str, reason: str
) -> None:
    with pytest.raises(ImproperlyConfigured, match=reason) as refusal:
        read_settings({"DATABASE_URL": PRIMARY, "DATABASE_REPLICA_URLS": written})

    assert str(refusal.value).startswith("DATABASE_REPLICA_URLS ")
    assert "s3cret" not in str(refusal.value)


def test_single_sign_on_is_off_unless_it_is_set(read_settings: Callable[..., Values]) -> None:
    settings = read_settings({})

    assert (settings["OIDC_ISSUER"], settings["OIDC_NAME"], settings["OIDC_ROLES"]) == ("", "", {})


def test_groups_may_contain_an_equals_sign(read_settings: Callable[..., Values]) -> None:
    written = {
        "OIDC_ISSUER": "https://login.example.org/staff/",
        "OIDC_ROLES": "CN=a=Editor, b = Reader",
    }
    settings = read_settings(written)

    assert settings["OIDC_ROLES"] == {"CN=a": "Editor", "b": "Reader"}
    assert settings["OIDC_ISSUER"] == "https://login.example.org/staff"
    assert settings["OIDC_NAME"] == "login.example.org"
    assert settings["OIDC_GROUPS_CLAIM"] == "groups"


@pytest.mark.parametrize(
    "written", ["", "unix:/run/clamav/clamd.ctl", "tcp://scanner:3310", "tcp://[::1]"]
)
def test_virus_scanner_is_a_socket_or_a_host(
    read_settings: Callable[..., Values], written: str
) -> None:
    assert read_settings({"CLAMD": written})["CLAMD"] == written


@pytest.mark.parametrize(
    "written", ["clamd", "unix:clamd.ctl", "unix://host/a", "tcp://", "https://a", "tcp://a:x"]
)
def test_virus_scanner_that_cannot_be_reached_is_refused(
    read_settings: Callable[..., Values], written: str
) -> None:
    with pytest.raises(ImproperlyConfigured, match="CLAMD is not a ClamAV daemon"):
        read_settings({"CLAMD": written})
