"""Reads environment variables, and rejects invalid values with a sentence that says what to write.

Only the settings call these functions. An empty variable counts as unset. Error messages never repeat the value of a
variable that may contain a password.
"""

import re
from datetime import timedelta
from email.utils import parseaddr
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email
from environ import Env

ON = {"1", "true", "yes", "on"}
OFF = {"", "0", "false", "no", "off"}
LONGEST_MINUTES = 24 * 60
LONGEST_SECONDS = 60 * 60
POSTGRESQL = "django.db.backends.postgresql"
LOCAL_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
MAIL_FORMS = "smtp+tls://user:password@host:587, smtp+ssl://… or smtp://host"
MAIL_PORTS = {"smtp+tls": 587, "smtps": 587, "smtp+ssl": 465}
DATABASE_FORMS = "sqlite:////path/to/file or postgres://user:password@host:5432/name"
REPLICA_FORM = "postgres://user:password@host:5432/name"
CACHE_FORMS = "redis://:password@host:6379/0, or rediss://… for TLS"

env = Env()


def flag(name: str) -> bool:
    """Return whether the variable is on; unset means off, and anything unclear is rejected."""
    value = env.str(name, default="").strip().lower()
    if value in ON | OFF:
        return value in ON
    raise ImproperlyConfigured(f"{name} is {value!r}: write 1 for on, 0 for off.")


def count(name: str) -> int:
    """Return the number in the variable, 0 when unset."""
    value = env.str(name, default="").strip() or "0"
    if value.isascii() and value.isdigit():
        return int(value)
    raise ImproperlyConfigured(f"{name} is {value!r}: write a whole number, 0 or more.")


def minutes(name: str, *, default: int) -> timedelta:
    """Return a duration in whole minutes, at least one."""
    value = env.str(name, default="").strip() or str(default)
    if value.isascii() and value.isdigit() and 0 < int(value) <= LONGEST_MINUTES:
        return timedelta(minutes=int(value))
    raise ImproperlyConfigured(
        f"{name} is {value!r}: write whole minutes, from 1 to {LONGEST_MINUTES}."
    )


def seconds(name: str, *, default: int) -> int:
    """Return a duration in whole seconds; 0 means no limit."""
    value = env.str(name, default="").strip() or str(default)
    if value.isascii() and value.isdigit() and int(value) <= LONGEST_SECONDS:
        return int(value)
    raise ImproperlyConfigured(
        f"{name} is {value!r}: write whole seconds, up to {LONGEST_SECONDS}, or 0 for no limit."
    )


def base_url(name: str, *, default: str) -> str:
    """Return the site's own URL, `https://host` or `http://host:port`, without a slash at the end."""
    value = (env.str(name, default="").strip() or default).rstrip("/")
    try:
        parts = urlsplit(value)
        is_plain = value == f"{parts.scheme}://{parts.netloc}" and "@" not in parts.netloc
        if is_plain and parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0:
            return value
    except ValueError:
        pass
    raise ImproperlyConfigured(
        f"{name} is not the URL of a site: write https://register.example.org, with a port "
        "if it has one, and nothing after that."
    )


def host_of(url: str) -> str:
    """Return the host of a URL as Django's ALLOWED_HOSTS writes it, with IPv6 in brackets."""
    host = urlsplit(url).hostname or ""
    return f"[{host}]" if ":" in host else host


def time_zone(name: str, *, default: str) -> str:
    """Return a time zone by its name in the IANA database, such as `Asia/Baku`."""
    value = env.str(name, default="").strip() or default
    try:
        return ZoneInfo(value).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ImproperlyConfigured(
            f"{name} is {value!r}, which is not a time zone: write a name such as Asia/Baku."
        ) from error


def contact(name: str) -> str:
    """Return a contact as RFC 9116 writes it, `mailto:security@example.org` or an https URL; empty when unset."""
    value = env.str(name, default="").strip()
    address = value.removeprefix("mailto:")
    try:
        url = urlsplit(value)
        is_https = url.scheme == "https" and url.hostname and value.isascii() and " " not in value
        if not value or is_https:
            return value
        validate_email(address)
    except (ValueError, ValidationError) as error:
        raise ImproperlyConfigured(
            f"{name} is not a contact: write an e-mail address, or a URL with https://."
        ) from error
    return f"mailto:{address}"


def networks(name: str) -> list[str]:
    """Return the operator's own networks, written as `10.1.0.0/16, fd00::/8`; none when unset."""
    written = [part.strip() for part in env.str(name, default="").split(",") if part.strip()]
    try:
        return [str(ip_network(part)) for part in written]
    except ValueError as error:
        raise ImproperlyConfigured(
            f"{name} contains something that is not a network: write networks such as 10.1.0.0/16, "
            "separated by commas."
        ) from error


def mail_server(name: str) -> dict[str, Any]:
    """Return the mail server as Django's EMAIL_ settings; empty when unset."""
    url = env.str(name, default="").strip()
    if not url:
        return {}
    try:
        config = env.email_url_config(url)
        has_server = bool(config["EMAIL_HOST"]) or not url.startswith("smtp")
    except (ValueError, KeyError, ImproperlyConfigured):
        has_server = False
    if not has_server:
        raise ImproperlyConfigured(f"{name} cannot be read: write {MAIL_FORMS}.") from None
    scheme = url.partition(":")[0]
    port = config["EMAIL_PORT"] or MAIL_PORTS.get(scheme, 25)
    return {key: value for key, value in config.items() if value} | {"EMAIL_PORT": port}


def sender(name: str, *, default: str) -> str:
    """Return the sender of e-mails: an address, or a name and an address as `Register <register@example.org>`."""
    value = env.str(name, default="").strip() or default
    try:
        validate_email(parseaddr(value)[1])
    except ValidationError as error:
        raise ImproperlyConfigured(
            f"{name} is not an e-mail address: write register@example.org or "
            "Register <register@example.org>."
        ) from error
    return value


def mail_host_of(url: str) -> str:
    """Return the domain of the site's own e-mail address; `localhost` if the URL has only an IP address."""
    host = host_of(url)
    try:
        validate_email(f"register@{host}")
    except ValidationError:
        return "localhost"
    return host


def cache(name: str) -> str:
    """Return the URL of a Redis server; empty when unset."""
    url = env.str(name, default="").strip()
    try:
        parts = urlsplit(url)
        is_redis = parts.scheme in {"redis", "rediss"} and bool(parts.hostname) and parts.port != 0
        is_numbered = re.fullmatch("/?[0-9]*", parts.path) is not None
        if not url or (is_redis and is_numbered and not parts.query):
            return url
    except ValueError:
        pass
    raise ImproperlyConfigured(f"{name} is not the URL of a Redis server: write {CACHE_FORMS}.")


def folder(name: str, *, default: Path) -> Path:
    """Return a folder for files; a relative one lies beside the default."""
    return default.parent / (env.str(name, default="").strip() or default)


def database(name: str, *, default: Path) -> dict[str, Any]:
    """Return the database as an entry of Django's DATABASES: PostgreSQL, or SQLite in one file."""
    url = env.str(name, default="").strip() or f"sqlite:///{quote(str(default))}"
    if url.startswith("sqlite:") and not url.startswith("sqlite:///"):
        raise ImproperlyConfigured(f"{name} needs four slashes before a path: {DATABASE_FORMS}.")
    try:
        config = dict(env.db_url_config(url))
    except (ValueError, ImproperlyConfigured) as error:
        raise ImproperlyConfigured(f"{name} cannot be read: write {DATABASE_FORMS}.") from error
    match config.get("ENGINE"):
        case "django.db.backends.sqlite3":
            return _sqlite(name, config, beside=default)
        case "django.db.backends.postgresql":
            return _postgresql(name, config)
    raise ImproperlyConfigured(
        f"{name} does not name a supported database: write {DATABASE_FORMS}."
    )


def _sqlite(name: str, config: dict[str, Any], *, beside: Path) -> dict[str, Any]:
    """Return SQLite for several writers: readers never wait, and a writer queues at its first statement.

    Without IMMEDIATE six parallel saves would all fail: each reads first, and then none may write.
    """
    if config["NAME"] == ":memory:":
        raise ImproperlyConfigured(f"{name} does not name a file: write {DATABASE_FORMS}.")
    config["NAME"] = str(beside.parent / config["NAME"])
    Path(config["NAME"]).parent.mkdir(parents=True, exist_ok=True)
    config["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
    return config


def _postgresql(name: str, config: dict[str, Any]) -> dict[str, Any]:
    """Return PostgreSQL with a small connection pool; waiting for a connection ends after five seconds."""
    if not config["NAME"]:
        raise ImproperlyConfigured(f"{name} does not name a database: write {DATABASE_FORMS}.")
    own = {
        "pool": {"min_size": 1, "max_size": 10, "timeout": 5},
        "connect_timeout": 5,
        # how the operator recognises us in pg_stat_activity
        "application_name": "mou-tracker",
        # Compiling our long queries takes longer than running them.
        "options": "-c jit=off",
    }
    config["OPTIONS"] = own | config.get("OPTIONS", {})
    config["CONN_HEALTH_CHECKS"] = True
    return config


def replicas(name: str, *, primary: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the replicas of the primary as `replica1`, `replica2`, …; none when unset."""
    written = [part.strip() for part in env.str(name, default="").split(",") if part.strip()]
    if written and primary["ENGINE"] != POSTGRESQL:
        raise ImproperlyConfigured(
            f"{name} names replicas, which only PostgreSQL has: write a DATABASE_URL with postgres://."
        )
    return {f"replica{number}": _replica(name, part) for number, part in enumerate(written, 1)}


def _replica(name: str, url: str) -> dict[str, Any]:
    """Return a standby of PostgreSQL with short timeouts, because there are other replicas and the primary."""
    try:
        config = dict(env.db_url_config(url))
    except (ValueError, ImproperlyConfigured) as error:
        raise ImproperlyConfigured(f"{name} cannot be read: write {REPLICA_FORM}.") from error
    if config.get("ENGINE") != POSTGRESQL:
        raise ImproperlyConfigured(
            f"{name} names something other than PostgreSQL: write {REPLICA_FORM}."
        )
    _postgresql(name, config)
    config["OPTIONS"] |= {
        "pool": {"min_size": 1, "max_size": 10, "timeout": 1, "reconnect_timeout": 2},
        "connect_timeout": 2,
        # milliseconds until the connections to a machine that has vanished count as lost
        "tcp_user_timeout": 2000,
    }
    config["TEST"] = {"MIRROR": "default"}
    return config
