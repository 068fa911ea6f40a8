"""Profiles that a test writes for a file with the columns `no` and `title`."""

import tomllib
from pathlib import Path

from agreements.exchange.importing import profiles
from agreements.exchange.importing.profiles import Profile
from agreements.models import Import

BEGINNING = '[identifier]\nscheme = "x"\ncolumn = "no"\n[fields]\ntitle = "title"\n'


def profile(folder: Path, more: str = "", beginning: str = BEGINNING) -> str:
    """Write a profile whose fields go on with `more`, and return its path."""
    path = folder / "mine.toml"
    path.write_text(beginning + more, encoding="utf-8")
    return str(path)


def read(text: str) -> Profile:
    """Return the profile of this TOML, which has a title already."""
    return profiles.from_table("mine", tomllib.loads(f"{text}\n"))


def told(run: Import, kind: str = "note") -> list[str]:
    kinds = ("note", "trivial") if kind == "note" else (kind,)
    return [line["text"] for line in run.notes if line["kind"] in kinds]
