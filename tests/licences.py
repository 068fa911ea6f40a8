"""The licences of the locked packages, as they state them: `make tables` writes docs/licences.md.

tests/test_licences.py fails if the document is out of date, or if a licence is not among those below.
"""

import re
from importlib.metadata import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "docs" / "licences.md"
LOCKS = {"base": "the application", "dev": "development"}
LOCKED = re.compile(r"^([A-Za-z0-9._-]+)==", re.MULTILINE)

# Licences that ask for no more than a copy of their notice
FREE = {
    "0BSD", "Apache Software License", "Apache-2.0", "Apache 2.0", "BSD License", "BSD-2-Clause", "BSD-3-Clause", "BSD 3-Clause",
    "CC0-1.0", "CNRI-Python", "ISC", "ISC License (ISCL)", "MIT", "MIT License", "MIT-0", "MIT-CMU", "PSF-2.0",
    "Python Software Foundation License", "Unlicense", "Zlib",
}  # fmt: skip
# These ask for the source of the package itself if it was changed: we change none, and only import the packages.
WEAK_COPYLEFT = {
    "LGPL-2.1-only",
    "LGPL-3.0-only",
    "MPL-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)",
}
# Never part of what is distributed or served, so their terms concern only developers.
TOOLS = {
    "djlint": "GPL-3.0-or-later",
    "text-unidecode": "Artistic License, GNU General Public License (GPL), "
    "GNU General Public License v2 or later (GPLv2+)",
}
# Packages that state no licence in their metadata, with what their repository says
UNSTATED = {"axe-playwright-python": "MIT"}


def locked(lock: str) -> list[str]:
    """Return the names of the packages in requirements/<lock>.txt."""
    return LOCKED.findall((ROOT / "requirements" / f"{lock}.txt").read_text())


def licence(package: str) -> str:
    """Return what the installed package states; empty if it states nothing."""
    facts = metadata(package)
    stated = [
        kind.rpartition(" :: ")[2]
        for kind in facts.get_all("Classifier") or []
        if kind.startswith("License ::") and not kind.endswith("OSI Approved")
    ]
    text = facts.get("License-Expression") or ", ".join(stated) or facts.get("License") or ""
    return UNSTATED.get(package) or text.partition("\n")[0]


def is_accepted(package: str, stated: str, lock: str) -> bool:
    """Return whether we may use the package under this licence, for the application or for development."""
    parts = [part.strip() for part in re.split(r"\bAND\b|, ", stated)]
    is_free = all(
        any(choice.strip() in FREE | WEAK_COPYLEFT for choice in part.split(" OR "))
        or part in FREE | WEAK_COPYLEFT
        for part in parts
    )
    return is_free or (lock == "dev" and TOOLS.get(package) == stated)


def document() -> str:
    """Return docs/licences.md."""
    rows = [
        f"| {package} | {licence(package)} | {use} |"
        for lock, use in LOCKS.items()
        for package in locked(lock)
        if lock == "base" or package not in locked("base")
    ]
    return "\n".join(
        [
            "# Licences",
            "",
            "What the locked packages state; `make tables` writes this list.",
            "",
            "| package | licence | used for |",
            "| --- | --- | --- |",
            *rows,
            "",
        ]
    )


if __name__ == "__main__":
    FILE.write_text(document())
