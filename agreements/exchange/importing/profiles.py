"""Profiles: TOML files that say what the columns of another register's file mean, so a new register needs no code.

The profiles shipped with the project are in `profiles/`, and staff keep others in the register (`ImportProfile`);
docs/importing.md explains how to write one. `profile_rules` has what a profile can say, and `profile_reading` checks it.
"""

import re
import tomllib
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import tomli_w
from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from agreements.domain.partial_dates.values import quoted
from agreements.exchange.importing.profile_reading import ProfileReading, Table
from agreements.exchange.importing.profile_rules import (
    Cell,
    EventRules,
    FileRules,
    PartyRules,
    Profile,
    Reading,
)
from agreements.exchange.importing.refusals import ProfileError
from agreements.models import ImportProfile

__all__ = [
    "REGISTER",
    "Cell",
    "EventRules",
    "FileRules",
    "PartyRules",
    "Profile",
    "Reading",
    "Table",
    "as_toml",
    "available",
    "content_of",
    "file_rules",
    "find",
    "from_table",
    "keep",
    "kept",
    "read",
    "recognised",
    "shipped",
    "table_of",
]

SHIPPED = Path(__file__).parent / "profiles"
# The register's own columns need no profile: they are read as they were written.
REGISTER = "register"
# What staff keep is read whenever a file is to be recognised, so there is a limit to it.
MOST_KEPT = 200
LONGEST_TOML = 256 * 1024
_NAME = re.compile(r"[A-Za-z0-9_-]{1,60}")


def shipped() -> dict[str, Profile]:
    """Return the profiles that come with the project, by their name."""
    return {path.stem: read(path) for path in sorted(SHIPPED.glob("*.toml"))}


def kept() -> dict[str, Profile]:
    """Return the profiles that staff keep, by their name; those that this release cannot read are left out. One query."""
    found: dict[str, Profile] = {}
    for name, table in ImportProfile.objects.values_list("name", "table"):
        try:
            found[name] = from_table(name, table)
        except ProfileError:
            continue
    return found


def available() -> dict[str, Profile]:
    """Return all profiles by their name: those that are shipped, and those that staff keep. One query."""
    return {**kept(), **shipped()}


def find(name: str) -> Profile:
    """Return a profile by its name, or by the path of its TOML file. Raises `ProfileError`."""
    path = Path(name)
    if path.suffix == ".toml":
        return read(path)
    if found := shipped().get(name):
        return found
    if stored := ImportProfile.objects.filter(name=name).first():
        return from_table(name, stored.table)
    sentence = _(
        "There is no profile “%(name)s”. Choose one of %(names)s, or give the path of a .toml file."
    )
    names = ", ".join([REGISTER, *available()])
    raise ProfileError(sentence % {"name": quoted(name), "names": names})


def recognised(headings: Iterable[str]) -> Profile | None:
    """Return the one profile, shipped or kept, with these columns; None if none or several have them. One query."""
    there = set(headings)
    fitting = [p for p in available().values() if p.recognised_by and there >= set(p.recognised_by)]
    return fitting[0] if len(fitting) == 1 else None


def read(path: Path) -> Profile:
    """Return the profile in a TOML file. Raises `ProfileError`, which names the wrong entry."""
    try:
        content = path.read_bytes()
    except OSError as error:
        sentence = _("The profile %(path)s cannot be opened (%(why)s).")
        raise ProfileError(sentence % {"path": path, "why": error.strerror}) from error
    return from_table(path.stem, table_of(content, str(path)))


def table_of(content: bytes, name: str) -> Table:
    """Return the content of the TOML file of this name. Raises `ProfileError`."""
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        sentence = _("The profile %(path)s is not valid TOML: %(why)s.")
        raise ProfileError(sentence % {"path": name, "why": error}) from error


def from_table(name: str, table: Table) -> Profile:
    """Return the profile that the content of a TOML file describes. Raises `ProfileError`, which names the wrong entry."""
    return ProfileReading(name).profile(table)


def content_of(name: str) -> Table:
    """Return the table of a profile that is shipped or kept, by its name. Raises `ProfileError`."""
    if name in shipped():
        return table_of((SHIPPED / f"{name}.toml").read_bytes(), name)
    find(name)
    return dict(ImportProfile.objects.get(name=name).table)


def file_rules(table: Table) -> FileRules:
    """Return how a file is read, from the content of [file]. Raises `ProfileError`."""
    return ProfileReading(REGISTER).file_rules(table)


def as_toml(table: Table) -> str:
    """Return a table as the TOML file that has this content."""
    return tomli_w.dumps(table)


def keep(
    name: str, table: Table, *, by: User | None, at: datetime, replaces: bool = False
) -> ImportProfile:
    """Keep a profile under a name, in place of one of that name if it `replaces` it, and return it.

    Raises `ProfileError` if the name cannot be taken, or if the table is no profile.
    """
    profile = from_table(name, table)
    if not _NAME.fullmatch(name):
        sentence = _(
            "“%(name)s” cannot be the name of a profile: use at most 60 letters from a to z, digits, hyphens and "
            "underscores."
        )
        raise ProfileError(sentence % {"name": quoted(name)})
    if name == REGISTER or name in shipped():
        sentence = _(
            "“%(name)s” is the name of a profile that comes with the register. Choose another."
        )
        raise ProfileError(sentence % {"name": name})
    toml = as_toml(table)
    if "\\u0000" in toml:
        raise ProfileError(_("The profile contains a NUL character, which no text can contain."))
    if len(toml) > LONGEST_TOML:
        sentence = _("The profile is longer than %(most)d KB. Shorten its lists of values.")
        raise ProfileError(sentence % {"most": LONGEST_TOML >> 10})
    stored = ImportProfile.objects.filter(name=name).first()
    if stored and not replaces:
        sentence = _("There is a profile “%(name)s” already. Choose another name, or replace it.")
        raise ProfileError(sentence % {"name": name})
    if not stored and ImportProfile.objects.count() >= MOST_KEPT:
        sentence = _("The register keeps at most %(most)d profiles. Delete one that nobody uses.")
        raise ProfileError(sentence % {"most": MOST_KEPT})
    values = {"title": profile.title[:200], "table": table, "by": by, "saved_at": at}
    return ImportProfile.objects.update_or_create(name=name, defaults=values)[0]
