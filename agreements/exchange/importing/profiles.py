"""Profiles: TOML files that say what the columns of another register's file mean, so a new register needs no code.

The profiles shipped with the project are in `profiles/`, and staff keep others in the register (`ImportProfile`);
docs/importing.md explains how to write one. `profile_rules` has what a profile can say, and `profile_reading` checks it.
"""

import tomllib
from collections.abc import Iterable
from pathlib import Path

from django.utils.translation import gettext as _

from agreements.domain.partial_dates.values import quoted
from agreements.exchange.importing.profile_reading import ProfileReading, Table
from agreements.exchange.importing.profile_rules import (
    Cell,
    EventRules,
    PartyRules,
    Profile,
    Reading,
)
from agreements.exchange.importing.refusals import ProfileError

__all__ = [
    "REGISTER",
    "Cell",
    "EventRules",
    "PartyRules",
    "Profile",
    "Reading",
    "find",
    "from_table",
    "read",
    "recognised",
    "shipped",
]

SHIPPED = Path(__file__).parent / "profiles"
# The register's own columns need no profile: they are read as they were written.
REGISTER = "register"


def shipped() -> dict[str, Profile]:
    """Return the profiles that come with the project, by their name."""
    return {path.stem: read(path) for path in sorted(SHIPPED.glob("*.toml"))}


def find(name: str) -> Profile:
    """Return a profile by its name, or by the path of its TOML file. Raises `ProfileError`."""
    path = Path(name)
    if path.suffix == ".toml":
        return read(path)
    profiles = shipped()
    if name not in profiles:
        sentence = _(
            "There is no profile “%(name)s”. Choose one of %(names)s, or give the path of a .toml "
            "file."
        )
        names = ", ".join([REGISTER, *profiles])
        raise ProfileError(sentence % {"name": quoted(name), "names": names})
    return profiles[name]


def recognised(headings: Iterable[str]) -> Profile | None:
    """Return the one shipped profile with these columns; None if none or several have them."""
    there = set(headings)
    fitting = [p for p in shipped().values() if p.recognised_by and there >= set(p.recognised_by)]
    return fitting[0] if len(fitting) == 1 else None


def read(path: Path) -> Profile:
    """Return the profile in a TOML file. Raises `ProfileError`, which names the wrong entry."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        sentence = _("The profile %(path)s cannot be opened (%(why)s).")
        raise ProfileError(sentence % {"path": path, "why": error.strerror}) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        sentence = _("The profile %(path)s is not valid TOML: %(why)s.")
        raise ProfileError(sentence % {"path": path, "why": error}) from error
    return from_table(path.stem, table)


def from_table(name: str, table: Table) -> Profile:
    """Return the profile that the content of a TOML file describes. Raises `ProfileError`, which names the wrong entry."""
    return ProfileReading(name).profile(table)
