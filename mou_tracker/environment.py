"""Reads environment variables and rejects invalid values with a sentence that says what to write instead.

Only the settings call these functions. An empty variable counts as unset. Error messages never repeat the value of a
variable that may contain a password.
"""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.utils import parseaddr
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email
from environ import Env

from agreements.domain.states import states

ON = {"1", "true", "yes", "on"}
OFF = {"", "0", "false", "no", "off"}
LONGEST_MINUTES = 24 * 60
LONGEST_SECONDS = 60 * 60
SHORTEST_TOKEN = 20
POSTGRESQL = "django.db.backends.postgresql"
LOCAL_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
MAIL_FORMS = "smtp+tls://user:password@host:587, smtp+ssl://… or smtp://host"
MAIL_PORTS = {"smtp+tls": 587, "smtps": 587, "smtp+ssl": 465}
DATABASE_FORMS = "sqlite:////path/to/file or postgres://user:password@host:5432/name"
REPLICA_FORM = "postgres://user:password@host:5432/name"
CACHE_FORMS = "redis://:password@host:6379/0, or rediss://… for TLS"

env = Env()

# What a URL may also say about the server after its `?`, although Django has keys of its own for it.
LIBPQ_PLACE = ("host", "port", "user", "password")

# An entry of Django's DATABASES.
Database = dict[str, Any]


def _value(name: str, default: str = "") -> str:
    return env.str(name, default="").strip() or default


def text(name: str, *, default: str = "") -> str:
    """Return the variable's value, without spaces around it."""
    return _value(name, default)


def values(name: str) -> list[str]:
    """Return the parts of the variable, separated by commas; none if it is unset."""
    return [part.strip() for part in _value(name).split(",") if part.strip()]


def _number(name: str, default: int, allowed: range, form: str) -> int:
    value = _value(name, str(default))
    if value.isascii() and value.isdigit() and int(value) in allowed:
        return int(value)
    raise ImproperlyConfigured(f"{name} is {value!r}: write {form}.")


def _database_of(name: str, url: str, forms: str) -> Database:
    with _refused(f"{name} cannot be read: write {forms}."):
        return dict(env.db_url_config(url))


@contextmanager
def _refused(sentence: str) -> Iterator[None]:
    """Raise `ImproperlyConfigured` with this sentence if the block cannot read the value."""
    try:
        yield
    except (ValueError, LookupError, OSError, ValidationError, ImproperlyConfigured):
        raise ImproperlyConfigured(sentence) from None


def flag(name: str) -> bool:
    """Return whether the variable is on. Unset means off; unclear values are rejected."""
    value = _value(name).lower()
    if value in ON | OFF:
        return value in ON
    raise ImproperlyConfigured(f"{name} is {value!r}: write 1 for on, 0 for off.")


def count(name: str) -> int:
    """Return the number in the variable; 0 if it is unset."""
    return _number(name, 0, range(sys.maxsize), "a whole number, 0 or more")


def minutes(name: str, *, default: int) -> timedelta:
    """Return a duration in whole minutes, at least one."""
    form = f"whole minutes, from 1 to {LONGEST_MINUTES}"
    return timedelta(minutes=_number(name, default, range(1, LONGEST_MINUTES + 1), form))


def seconds(name: str, *, default: int) -> int:
    """Return a duration in whole seconds; 0 means no limit."""
    form = f"whole seconds, up to {LONGEST_SECONDS}, or 0 for no limit"
    return _number(name, default, range(LONGEST_SECONDS + 1), form)


def token(name: str) -> str:
    """Return a secret that another program must send; empty if unset."""
    value = _value(name)
    with _refused(
        f"{name} is not safe: write at least {SHORTEST_TOKEN} random letters and digits."
    ):
        if value and not (len(value) >= SHORTEST_TOKEN and re.fullmatch(r"[\w.~+/-]+=*", value)):
            raise ValueError
    return value


def base_url(name: str, *, default: str) -> str:
    """Return the site's own URL, `https://host` or `http://host:port`, without a slash at the end."""
    value = _value(name, default).rstrip("/")
    with _refused(
        f"{name} is not the URL of a site: write https://register.example.org, with a port "
        "if it has one, and nothing after that."
    ):
        parts = urlsplit(value)
        is_plain = value == f"{parts.scheme}://{parts.netloc}" and "@" not in parts.netloc
        is_web = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
        if not (is_plain and is_web):
            raise ValueError
    return value


def issuer(name: str) -> str:
    """Return the URL of an OpenID Connect provider, without a slash at the end; empty if unset."""
    value = _value(name).rstrip("/")
    with _refused(
        f"{name} is not the URL of a provider: write its issuer URL, such as https://login.example.org/realms/staff."
    ):
        parts = urlsplit(value)
        is_web = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
        is_plain = value.isascii() and not set(value) & set(" ?#@")
        if value and not (is_web and is_plain):
            raise ValueError
    return value


def pairs(name: str) -> dict[str, str]:
    """Return, for each part, the text before its last = and the text after it; none if unset."""
    parts = [part.rpartition("=") for part in values(name)]
    if not all(before.strip() and after.strip() for before, _equals, after in parts):
        raise ImproperlyConfigured(
            f"{name} cannot be read: write pairs like group=Role, separated by commas."
        )
    return {before.strip(): after.strip() for before, _equals, after in parts}


def host_of(url: str) -> str:
    """Return the host of a URL as Django's ALLOWED_HOSTS writes it, with IPv6 in brackets."""
    host = urlsplit(url).hostname or ""
    return f"[{host}]" if ":" in host else host


def time_zone(name: str, *, default: str) -> str:
    """Return a time zone by its name in the IANA database, such as `Asia/Baku`."""
    value = _value(name, default)
    with _refused(
        f"{name} is {value!r}, which is not a time zone: write a name such as Asia/Baku."
    ):
        return ZoneInfo(value).key


def country(name: str) -> str:
    """Return the ISO 3166 code of a country, such as AZ; empty if unset."""
    value = _value(name).upper()
    if value and value not in states():
        raise ImproperlyConfigured(
            f"{name} is {value!r}, which is not a country: write a code such as AZ."
        )
    return value


def contact(name: str) -> str:
    """Return a contact as in RFC 9116, `mailto:security@example.org` or an https URL; empty if unset."""
    value = _value(name)
    address = value.removeprefix("mailto:")
    with _refused(f"{name} is not a contact: write an e-mail address, or a URL with https://."):
        url = urlsplit(value)
        is_https = url.scheme == "https" and url.hostname and value.isascii() and " " not in value
        if value and not is_https:
            validate_email(address)
            return f"mailto:{address}"
    return value


def scanner(name: str) -> str:
    """Return where a ClamAV daemon listens, `unix:/path/to/clamd.ctl` or `tcp://host:3310`; empty if unset."""
    value = _value(name)
    with _refused(
        f"{name} is not a ClamAV daemon: write unix:/run/clamav/clamd.ctl or tcp://host:3310."
    ):
        url = urlsplit(value)
        is_socket = url.scheme == "unix" and url.path.startswith("/") and not url.netloc
        if value and not is_socket and not (url.scheme == "tcp" and url.hostname and url.port != 0):
            raise ValueError
    return value


def networks(name: str) -> list[str]:
    """Return a list of networks, written as `10.1.0.0/16, fd00::/8`; none if unset."""
    with _refused(
        f"{name} contains something that is not a network: write networks such as 10.1.0.0/16, "
        "separated by commas."
    ):
        return [str(ip_network(part)) for part in values(name)]


def mail_server(name: str) -> dict[str, Any]:
    """Return the mail server as Django's EMAIL_ settings; empty if unset."""
    url = _value(name)
    if not url:
        return {}
    with _refused(f"{name} cannot be read: write {MAIL_FORMS}."):
        config = env.email_url_config(url)
        if url.startswith("smtp") and not config["EMAIL_HOST"]:
            raise ValueError
    scheme = url.partition(":")[0]
    port = config["EMAIL_PORT"] or MAIL_PORTS.get(scheme, 25)
    return {key: value for key, value in config.items() if value} | {"EMAIL_PORT": port}


def sender(name: str, *, default: str) -> str:
    """Return the sender of e-mails: an e-mail address, with or without a name: `Register <register@example.org>`."""
    value = _value(name, default)
    with _refused(
        f"{name} is not an e-mail address: write register@example.org or "
        "Register <register@example.org>."
    ):
        validate_email(parseaddr(value)[1])
    return value


def mail_host_of(url: str) -> str:
    """Return the domain of the site's own e-mail address; `localhost` if the URL has no domain name."""
    host = host_of(url)
    try:
        validate_email(f"register@{host}")
    except ValidationError:
        return "localhost"
    return host


def cache(name: str) -> str:
    """Return the URL of a Redis server; empty if unset."""
    url = _value(name)
    with _refused(f"{name} is not the URL of a Redis server: write {CACHE_FORMS}."):
        parts = urlsplit(url)
        is_redis = parts.scheme in {"redis", "rediss"} and bool(parts.hostname) and parts.port != 0
        is_numbered = re.fullmatch("/?[0-9]*", parts.path) is not None
        if url and not (is_redis and is_numbered and not parts.query):
            raise ValueError
    return url


def folder(name: str, *, default: Path) -> Path:
    """Return a folder for files; a relative path is relative to the parent of the default folder."""
    return default.parent / _value(name, str(default))


def database(name: str, *, default: Path) -> Database:
    """Return the database as an entry of Django's DATABASES: PostgreSQL, or SQLite in one file."""
    url = _value(name, f"sqlite:///{quote(str(default))}")
    if url.startswith("sqlite:") and not url.startswith("sqlite:///"):
        raise ImproperlyConfigured(f"{name} needs four slashes before a path: {DATABASE_FORMS}.")
    config = _database_of(name, url, DATABASE_FORMS)
    match config.get("ENGINE"):
        case "django.db.backends.sqlite3":
            return _sqlite(name, config, folder=default.parent)
        case "django.db.backends.postgresql":
            return _postgresql(name, config)
    raise ImproperlyConfigured(
        f"{name} does not name a supported database: write {DATABASE_FORMS}."
    )


def _sqlite(name: str, config: Database, *, folder: Path) -> Database:
    """Return SQLite set up for several writers: readers never wait, and a writer waits at its first statement.

    Without IMMEDIATE, parallel saves would fail: each would read first, and then none could write.
    """
    if config["NAME"] == ":memory:":
        raise ImproperlyConfigured(f"{name} does not name a file: write {DATABASE_FORMS}.")
    file = folder / config["NAME"]
    file.parent.mkdir(parents=True, exist_ok=True)
    options = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
    return config | {"NAME": str(file), "OPTIONS": options}


def _postgresql(name: str, config: Database) -> Database:
    """Return PostgreSQL with a small connection pool, which waits up to five seconds for a free connection."""
    if not config["NAME"]:
        raise ImproperlyConfigured(f"{name} does not name a database: write {DATABASE_FORMS}.")
    own = {
        "pool": {"min_size": 1, "max_size": 10, "timeout": 5},
        "connect_timeout": 5,
        # so that the operator recognises our connections in pg_stat_activity
        "application_name": "mou-tracker",
        # Compiling our long queries takes longer than running them.
        "options": "-c jit=off",
    }
    options = own | config.get("OPTIONS", {})
    # where Django and our own code look for them when they use psql, pg_dump and pg_restore
    place = {key.upper(): options.pop(key) for key in LIBPQ_PLACE if key in options}
    return config | place | {"OPTIONS": options, "CONN_HEALTH_CHECKS": True}


def replicas(name: str, *, primary: Database) -> dict[str, Database]:
    """Return the replicas of the primary as `replica1`, `replica2`, …; none if unset."""
    written = values(name)
    if written and primary["ENGINE"] != POSTGRESQL:
        raise ImproperlyConfigured(
            f"{name} names replicas, which only PostgreSQL has: write a DATABASE_URL with postgres://."
        )
    return {f"replica{number}": _replica(name, part) for number, part in enumerate(written, 1)}


def _replica(name: str, url: str) -> Database:
    """Return a PostgreSQL standby with short timeouts: if it does not respond, another replica or the primary will."""
    config = _database_of(name, url, REPLICA_FORM)
    if config.get("ENGINE") != POSTGRESQL:
        raise ImproperlyConfigured(
            f"{name} names something other than PostgreSQL: write {REPLICA_FORM}."
        )
    config = _postgresql(name, config)
    config["OPTIONS"] |= {
        "pool": {"min_size": 1, "max_size": 10, "timeout": 1, "reconnect_timeout": 2},
        "connect_timeout": 2,
        # milliseconds until connections to a machine that has vanished count as lost
        "tcp_user_timeout": 2000,
    }
    config["TEST"] = {"MIRROR": "default"}
    return config
