"""Secrets that a machine makes up for itself and keeps in a file of its own, readable by nobody else.

The settings keep the signing key of a local run this way, and ``manage.py staff_login`` its password.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

# Without the letters and digits that people take for one another.
UNMISTAKABLE = "abcdefghjkmnpqrstuvwxyz23456789"


def kept_secret(path: Path, make_up: Callable[[], str]) -> str:
    """The secret kept at ``path``; the first call makes it up and keeps it (mode 600).

    Processes that start at the same moment all return the secret of the one that came first.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        _keep(path, make_up())
    return path.read_text().strip()


def _keep(path: Path, secret: str) -> None:
    """Writes the whole file aside, then links it into place: nobody ever reads half a secret."""
    with NamedTemporaryFile("w", dir=path.parent, prefix=path.name) as aside:
        aside.write(f"{secret}\n")
        aside.flush()
        with suppress(FileExistsError):
            os.link(aside.name, path)
