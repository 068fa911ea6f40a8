"""What an operator may write into an environment variable, and what is refused with a sentence.

Only the settings call these. A variable that is set to nothing counts as unset, and a refusal never
repeats the value of a variable that may hold a password.
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
CACHE_FORMS = "redis://:password@host:6379/0, or rediss://… where it speaks TLS"

env = Env()


def flag(name: str) -> bool:
    """Whether the variable is switched on; unset is off, anything doubtful is refused."""
    value = env.str(name, default="").strip().lower()
    if value in ON | OFF:
        return value in ON
    raise ImproperlyConfigured(f"{name} is {value!r}: write 1 to switch it on, 0 to switch it off.")


def count(name: str) -> int:
    """The number in the variable, 0 when it is unset."""
    value = env.str(name, default="").strip() or "0"
    if value.isascii() and value.isdigit():
        return int(value)
    raise ImproperlyConfigured(f"{name} is {value!r}: write a whole number, 0 or more.")


def minutes(name: str, *, default: int) -> timedelta:
    """A time of whole minutes, one or more."""
    value = env.str(name, default="").strip() or str(default)
    if value.isascii() and value.isdigit() and 0 < int(value) <= LONGEST_MINUTES:
        return timedelta(minutes=int(value))
    raise ImproperlyConfigured(
        f"{name} is {value!r}: write whole minutes, from 1 to {LONGEST_MINUTES}."
    )


def seconds(name: str, *, default: int) -> int:
    """A time of whole seconds; 0 switches off what it limits."""
    value = env.str(name, default="").strip() or str(default)
    if value.isascii() and value.isdigit() and int(value) <= LONGEST_SECONDS:
        return int(value)
    raise ImproperlyConfigured(
        f"{name} is {value!r}: write whole seconds, up to {LONGEST_SECONDS}, or 0 for no limit."
    )


def base_url(name: str, *, default: str) -> str:
    """The site's own address, ``https://host`` or ``http://host:port``, without a slash at its end."""
    value = (env.str(name, default="").strip() or default).rstrip("/")
    try:
        parts = urlsplit(value)
        is_plain = value == f"{parts.scheme}://{parts.netloc}" and "@" not in parts.netloc
        if is_plain and parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0:
            return value
    except ValueError:
        pass
    raise ImproperlyConfigured(
        f"{name} is not the address of a site: write https://register.example.org, with a port "
        "if it has one, and nothing after it."
    )


def host_of(address: str) -> str:
    """The host of an address as Django's ALLOWED_HOSTS writes it, IPv6 in brackets."""
    host = urlsplit(address).hostname or ""
    return f"[{host}]" if ":" in host else host


def time_zone(name: str, *, default: str) -> str:
    """A time zone by its name in the IANA database, such as ``Asia/Baku``."""
    value = env.str(name, default="").strip() or default
    try:
        return ZoneInfo(value).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ImproperlyConfigured(
            f"{name} is {value!r}, which is no time zone: write one such as Asia/Baku."
        ) from error


def contact(name: str) -> str:
    """An e-mail or https address as RFC 9116 writes it, ``mailto:security@example.org``; empty when unset."""
    value = env.str(name, default="").strip()
    address = value.removeprefix("mailto:")
    try:
        if not value or _is_https(value):
            return value
        validate_email(address)
    except (ValueError, ValidationError) as error:
        raise ImproperlyConfigured(
            f"{name} is no contact: write an e-mail address, or an address with https://."
        ) from error
    return f"mailto:{address}"


def _is_https(address: str) -> bool:
    parts = urlsplit(address)
    return (
        parts.scheme == "https"
        and bool(parts.hostname)
        and address.isascii()
        and " " not in address
    )


def networks(name: str) -> list[str]:
    """Networks of the operator's own, separated by commas, as ``10.1.0.0/16, fd00::/8``; none when unset."""
    written = [part.strip() for part in env.str(name, default="").split(",") if part.strip()]
    try:
        return [str(ip_network(part)) for part in written]
    except ValueError as error:
        raise ImproperlyConfigured(
            f"{name} holds what is no network: write such as 10.1.0.0/16, separated by commas."
        ) from error


def mail_server(name: str) -> dict[str, Any]:
    """The mail server as Django's EMAIL_ settings name its parts; empty when unset."""
    address = env.str(name, default="").strip()
    if not address:
        return {}
    try:
        config = env.email_url_config(address)
        has_server = bool(config["EMAIL_HOST"]) or not address.startswith("smtp")
    except (ValueError, KeyError, ImproperlyConfigured):
        has_server = False
    if not has_server:
        raise ImproperlyConfigured(f"{name} cannot be read: write {MAIL_FORMS}.") from None
    scheme = address.partition(":")[0]
    port = config["EMAIL_PORT"] or MAIL_PORTS.get(scheme, 25)
    return {key: value for key, value in config.items() if value} | {"EMAIL_PORT": port}


def sender(name: str, *, default: str) -> str:
    """Whom mails come from: an address, or a name and an address as ``Register <register@example.org>``."""
    value = env.str(name, default="").strip() or default
    try:
        validate_email(parseaddr(value)[1])
    except ValidationError as error:
        raise ImproperlyConfigured(
            f"{name} is no mail address: write register@example.org, maybe with a name: "
            "Register <register@example.org>."
        ) from error
    return value


def mail_host_of(address: str) -> str:
    """What stands after the @ of the site's own mail address; an address of numbers alone is no name for mail."""
    host = host_of(address)
    try:
        validate_email(f"register@{host}")
    except ValidationError:
        return "localhost"
    return host


def cache(name: str) -> str:
    """The address of a Redis server; empty when unset."""
    address = env.str(name, default="").strip()
    try:
        parts = urlsplit(address)
        is_redis = parts.scheme in {"redis", "rediss"} and bool(parts.hostname) and parts.port != 0
        is_numbered = re.fullmatch("/?[0-9]*", parts.path) is not None
        if not address or (is_redis and is_numbered and not parts.query):
            return address
    except ValueError:
        pass
    raise ImproperlyConfigured(f"{name} is not the address of a Redis server: write {CACHE_FORMS}.")


def folder(name: str, *, default: Path) -> Path:
    """A folder for files; one written without a leading slash lies beside the default."""
    return default.parent / (env.str(name, default="").strip() or default)


def database(name: str, *, default: Path) -> dict[str, Any]:
    """The database as Django's DATABASES describes it: PostgreSQL, or SQLite in one file."""
    address = env.str(name, default="").strip() or f"sqlite:///{quote(str(default))}"
    if address.startswith("sqlite:") and not address.startswith("sqlite:///"):
        raise ImproperlyConfigured(f"{name} needs four slashes before a path: {DATABASE_FORMS}.")
    try:
        config = dict(env.db_url_config(address))
    except (ValueError, ImproperlyConfigured) as error:
        raise ImproperlyConfigured(f"{name} cannot be read: write {DATABASE_FORMS}.") from error
    match config.get("ENGINE"):
        case "django.db.backends.sqlite3":
            return _sqlite(name, config, beside=default)
        case "django.db.backends.postgresql":
            return _postgresql(name, config)
    raise ImproperlyConfigured(f"{name} names no database we know: write {DATABASE_FORMS}.")


def _sqlite(name: str, config: dict[str, Any], *, beside: Path) -> dict[str, Any]:
    """SQLite for several writers: readers never wait, a writer queues up at its first statement.

    Without IMMEDIATE, six saves at once all fail: each reads first, and none may then write.
    """
    if config["NAME"] == ":memory:":
        raise ImproperlyConfigured(f"{name} names no file: write {DATABASE_FORMS}.")
    config["NAME"] = str(beside.parent / config["NAME"])
    Path(config["NAME"]).parent.mkdir(parents=True, exist_ok=True)
    config["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
    return config


def _postgresql(name: str, config: dict[str, Any]) -> dict[str, Any]:
    """PostgreSQL with a few connections kept open; waiting for one gives up after five seconds."""
    if not config["NAME"]:
        raise ImproperlyConfigured(f"{name} names no database: write {DATABASE_FORMS}.")
    own = {
        "pool": {"min_size": 1, "max_size": 10, "timeout": 5},
        "connect_timeout": 5,
        # what the operator sees of us in pg_stat_activity
        "application_name": "mou-tracker",
        # Compiling the many words of our questions takes longer than answering them.
        "options": "-c jit=off",
    }
    config["OPTIONS"] = own | config.get("OPTIONS", {})
    config["CONN_HEALTH_CHECKS"] = True
    return config


def replicas(name: str, *, primary: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The copies of the primary that may be read from, as ``replica1``, ``replica2``, …; none when unset."""
    written = [part.strip() for part in env.str(name, default="").split(",") if part.strip()]
    if written and primary["ENGINE"] != POSTGRESQL:
        raise ImproperlyConfigured(
            f"{name} names copies, and only PostgreSQL makes them: write a DATABASE_URL with postgres://."
        )
    return {f"replica{number}": _replica(name, part) for number, part in enumerate(written, 1)}


def _replica(name: str, address: str) -> dict[str, Any]:
    """A standby of PostgreSQL; waiting for it gives up soon, for there are others and the primary."""
    try:
        config = dict(env.db_url_config(address))
    except (ValueError, ImproperlyConfigured) as error:
        raise ImproperlyConfigured(f"{name} cannot be read: write {REPLICA_FORM}.") from error
    if config.get("ENGINE") != POSTGRESQL:
        raise ImproperlyConfigured(f"{name} names what is no PostgreSQL: write {REPLICA_FORM}.")
    _postgresql(name, config)
    config["OPTIONS"] |= {
        "pool": {"min_size": 1, "max_size": 10, "timeout": 1, "reconnect_timeout": 2},
        "connect_timeout": 2,
        # a machine that vanished says nothing: milliseconds until its connections count as lost
        "tcp_user_timeout": 2000,
    }
    config["TEST"] = {"MIRROR": "default"}
    return config
