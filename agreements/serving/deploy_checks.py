"""System checks that refuse to start an unsafe public site, each with a hint about what to do.

Every management command runs them, and `mou_tracker.wsgi` runs them for the server. They do not apply to a site that
answers only to this machine's own name.
"""

from collections.abc import Iterable, Iterator
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, InterfaceError, connections

from agreements.domain.permissions import StaffRole
from agreements.serving.outages import disk_trouble

PRODUCTION = "production"
SHORTEST_KEY = 50
_PLACEHOLDER = "example.org"


@register(PRODUCTION)
def public_site_is_safe(**kwargs: object) -> Iterator[CheckMessage]:
    """Errors E001 to E004 and E006: how a public site must be configured."""
    if not settings.IS_PUBLIC:
        return
    if len(_secret_key()) < SHORTEST_KEY:
        yield Error(
            f"A public site needs a SECRET_KEY of {SHORTEST_KEY} characters or more.",
            hint="Generate one for this site alone and set it in the environment.",
            id="agreements.E001",
        )
    if settings.DEBUG:
        yield Error(
            "DEBUG is on and would show visitors the source and settings of a public site.",
            hint="Remove DEBUG from the environment.",
            id="agreements.E002",
        )
    if not settings.BASE_URL.startswith("https://"):
        yield Error(
            "A public site needs https; without it, staff passwords travel unencrypted.",
            hint="Start BASE_URL with https://, and list no other site's names in ALLOWED_HOSTS.",
            id="agreements.E003",
        )
    if "*" in settings.ALLOWED_HOSTS:
        yield Error(
            "ALLOWED_HOSTS lets the site answer to any name, so links in it can be forged.",
            hint="List the hosts one by one.",
            id="agreements.E004",
        )
    if settings.GENERATED_RECORDS:
        yield Error(
            "GENERATED_RECORDS is on, so people could mistake made-up records for real ones.",
            hint="Remove GENERATED_RECORDS from the environment.",
            id="agreements.E006",
        )


def _secret_key() -> str:
    """Return the signing key; empty if Django raises an error because none is set."""
    try:
        return str(settings.SECRET_KEY)
    except ImproperlyConfigured:
        return ""


@register(PRODUCTION)
def single_sign_on_is_whole(**kwargs: object) -> Iterator[CheckMessage]:
    """Errors E020 to E022: single sign-on needs all its settings, https on a public site, and roles that exist."""
    needed = ("OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_ROLES")
    missing = [name for name in needed if not getattr(settings, name)]
    if missing and (len(missing) < len(needed) or settings.OIDC_NAME):
        yield Error(
            f"Single sign-on is only partly set: {', '.join(missing)} is missing.",
            hint=f"Set all of {', '.join(needed)}, or none of them and no OIDC_NAME.",
            id="agreements.E020",
        )
    if settings.IS_PUBLIC and settings.OIDC_ISSUER.startswith("http://"):
        yield Error(
            "OIDC_ISSUER uses plain http, so anyone on the way to it could log in as anyone else.",
            hint="Start OIDC_ISSUER with https://.",
            id="agreements.E021",
        )
    if unknown := sorted(set(settings.OIDC_ROLES.values()) - set(StaffRole)):
        yield Error(
            f"OIDC_ROLES gives roles that do not exist: {', '.join(unknown)}.",
            hint=f"Write group=Role, where the role is one of {', '.join(StaffRole)}.",
            id="agreements.E022",
        )


@register(PRODUCTION)
def documents_are_not_served(**kwargs: object) -> Iterator[CheckMessage]:
    """Error E005: documents must not lie among the static files, which everybody can read."""
    documents, static = Path(settings.DOCUMENTS_ROOT), Path(settings.STATIC_ROOT)
    if documents.is_relative_to(static) or static.is_relative_to(documents):
        yield Error(
            "DOCUMENTS_ROOT and STATIC_ROOT overlap, so every document would be public.",
            hint="Use two separate folders.",
            id="agreements.E005",
        )


@register(PRODUCTION, deploy=True)
def records_outlive_the_program(**kwargs: object) -> Iterator[CheckMessage]:
    """Warning W001: installing the next version over this one must not delete the records."""
    database = settings.DATABASES["default"]
    kept = {"DOCUMENTS_ROOT": Path(settings.DOCUMENTS_ROOT)}
    if database["ENGINE"] == "django.db.backends.sqlite3":
        kept["DATABASE_URL"] = Path(database["NAME"])
    for name, path in kept.items():
        if path.is_relative_to(settings.BASE_DIR):
            yield Warning(
                f"{name} lies inside the application's own folder and may be deleted with it.",
                hint="Move it to a folder that is backed up.",
                id="agreements.W001",
            )


@register(PRODUCTION, deploy=True)
def disks_have_room(**kwargs: object) -> Iterator[CheckMessage]:
    """Warning W010: a disk that is nearly full or cannot be written to will refuse what people save."""
    if trouble := disk_trouble():
        yield Warning(
            trouble, hint="Free some space on it, or make it writable.", id="agreements.W010"
        )


@register(PRODUCTION, deploy=True)
def connections_are_encrypted(**kwargs: object) -> Iterator[CheckMessage]:
    """Warning W002: connections to other machines must be encrypted, and a database must prove its identity."""
    for name, host, remedy in _plain_connections():
        if not _is_this_machine(host):
            yield Warning(
                f"{name} connects to {host} in a way that others on the network can read or forge.",
                hint=remedy,
                id="agreements.W002",
            )


def _plain_connections() -> Iterator[tuple[str, str, str]]:
    """Yield each connection that is not protected: its variable, its host, and what to write instead."""
    for alias, database in settings.DATABASES.items():
        options = database.get("OPTIONS", {})
        is_postgresql = database["ENGINE"] == "django.db.backends.postgresql"
        if is_postgresql and options.get("sslmode") not in {"verify-ca", "verify-full"}:
            name = "DATABASE_URL" if alias == "default" else "DATABASE_REPLICA_URLS"
            yield (
                name,
                database["HOST"],
                "End the URL with ?sslmode=verify-full&sslrootcert=/path/to/ca.pem.",
            )
    if settings.CACHE_URL.startswith("redis:"):
        yield "CACHE_URL", urlsplit(settings.CACHE_URL).hostname or "", "Write rediss://…"
    if settings.CLAMD.startswith("tcp:"):
        remedy = "ClamAV encrypts nothing: run it on this machine and write unix:/path/to/socket."
        yield "CLAMD", urlsplit(settings.CLAMD).hostname or "", remedy
    is_smtp = settings.EMAIL_BACKEND.endswith("smtp.EmailBackend")
    if is_smtp and not (settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL):
        yield "EMAIL_URL", settings.EMAIL_HOST, "Write smtp+tls://… or smtp+ssl://…"


def _is_this_machine(host: str) -> bool:
    """Return whether the host is a socket, `localhost` or a loopback address."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host in {"", "localhost"} or host.startswith("/")


@register(PRODUCTION, deploy=True)
def placeholders_are_replaced(**kwargs: object) -> Iterator[CheckMessage]:
    """Warning W003: deploy/environment.example is copied and then edited; `example.org` in a setting was forgotten."""
    named = {
        "BASE_URL": [settings.BASE_URL],
        "ALLOWED_HOSTS": settings.ALLOWED_HOSTS,
        "EMAIL_URL": [settings.EMAIL_HOST],
        "DEFAULT_FROM_EMAIL": [settings.DEFAULT_FROM_EMAIL],
        "SECURITY_CONTACT": [settings.SECURITY_CONTACT],
        "OIDC_ISSUER": [settings.OIDC_ISSUER],
    }
    if forgotten := [name for name, values in named.items() if _PLACEHOLDER in " ".join(values)]:
        yield Warning(
            f"{_PLACEHOLDER} is a placeholder, and still in {', '.join(forgotten)}.",
            hint="Write the site's own names.",
            id="agreements.W003",
        )


@register(PRODUCTION, deploy=True)
def server_cannot_change_the_schema(
    databases: Iterable[str] | None = None, **kwargs: object
) -> Iterator[CheckMessage]:
    """Warning W004, with `--database default`: the role that serves may create tables, so it owns or could own them.

    Silent while the database is unreachable: `/healthz` reports that.
    """
    for alias in databases or ():
        connection = connections[alias]
        if connection.vendor != "postgresql":
            continue
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT has_schema_privilege(current_schema(), 'CREATE')")
                (may_create,) = cursor.fetchone()
        except (DatabaseError, InterfaceError):
            continue
        if may_create:
            yield Warning(
                "The database role of the server may change the schema: whoever breaks in through it could drop "
                "tables and switch off triggers.",
                hint='Use two roles: docs/operating.md, "Two database roles".',
                id="agreements.W004",
            )
