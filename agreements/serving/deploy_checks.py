"""What makes a public site unsafe: system checks that refuse to start it, each with what to do instead.

Every management command runs them, and ``mou_tracker.wsgi`` for the server. A site that answers only to
this machine's own name may do as it likes.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.core.exceptions import ImproperlyConfigured

PRODUCTION = "production"
SHORTEST_KEY = 50


@register(PRODUCTION)
def public_site_is_safe(**kwargs: Any) -> list[CheckMessage]:
    """Errors E001–E004 and E006: how a public site must be set up."""
    return list(_public_errors()) if settings.IS_PUBLIC else []


def _public_errors() -> Iterator[Error]:
    if len(_secret_key()) < SHORTEST_KEY:
        yield Error(
            f"A public site needs a SECRET_KEY of {SHORTEST_KEY} characters or more.",
            hint="Make one up for this site alone, and give it in the environment.",
            id="agreements.E001",
        )
    if settings.DEBUG:
        yield Error(
            "DEBUG is on, and would show a public site's source and settings to its visitors.",
            hint="Take DEBUG out of the environment.",
            id="agreements.E002",
        )
    if not settings.BASE_URL.startswith("https://"):
        yield Error(
            "A public site needs https: staff passwords would travel in the clear.",
            hint="Begin BASE_URL with https://, and ALLOWED_HOSTS with no other site's names.",
            id="agreements.E003",
        )
    if "*" in settings.ALLOWED_HOSTS:
        yield Error(
            "ALLOWED_HOSTS lets the site answer to any name, so links in it could be forged.",
            hint="Name the hosts one by one.",
            id="agreements.E004",
        )
    if settings.GENERATED_RECORDS:
        yield Error(
            "GENERATED_RECORDS is on: made-up records could be taken for the register's own.",
            hint="Take GENERATED_RECORDS out of the environment.",
            id="agreements.E006",
        )


def _secret_key() -> str:
    """The signing key, empty where Django refuses to hand out an empty one."""
    try:
        return str(settings.SECRET_KEY)
    except ImproperlyConfigured:
        return ""


@register(PRODUCTION)
def documents_are_not_served(**kwargs: Any) -> list[CheckMessage]:
    """Error E005: documents that staff have not published must not lie among the static files."""
    documents, static = Path(settings.DOCUMENTS_ROOT), Path(settings.STATIC_ROOT)
    if not (documents.is_relative_to(static) or static.is_relative_to(documents)):
        return []
    return [
        Error(
            "DOCUMENTS_ROOT and STATIC_ROOT lie in one another: every document would be public.",
            hint="Give them folders side by side.",
            id="agreements.E005",
        )
    ]


@register(PRODUCTION, deploy=True)
def records_outlive_the_program(**kwargs: Any) -> list[CheckMessage]:
    """Warning W001: the next version, unpacked over this one, must not take the records with it."""
    database = settings.DATABASES["default"]
    kept = {"DOCUMENTS_ROOT": Path(settings.DOCUMENTS_ROOT)}
    if database["ENGINE"] == "django.db.backends.sqlite3":
        kept["DATABASE_URL"] = Path(database["NAME"])
    return [
        Warning(
            f"{name} lies inside the program's own folder and may be lost with it.",
            hint="Keep it elsewhere, in a folder that is backed up.",
            id="agreements.W001",
        )
        for name, path in kept.items()
        if path.is_relative_to(settings.BASE_DIR)
    ]
