"""System checks that refuse to start an unsafe public site, each with a hint about what to do.

Every management command runs them, and `mou_tracker.wsgi` runs them for the server. They do not apply to a site that
answers only to this machine's own name.
"""

from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.core.exceptions import ImproperlyConfigured

PRODUCTION = "production"
SHORTEST_KEY = 50


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
