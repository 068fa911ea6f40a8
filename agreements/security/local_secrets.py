"""Secrets that a machine generates for itself and stores in a file that only its owner can read.

The settings store the signing key of a local run this way, and `manage.py staff_login` its password.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

# Without letters and digits that look alike.
UNMISTAKABLE = "abcdefghjkmnpqrstuvwxyz23456789"


def stored_secret(path: Path, generate: Callable[[], str]) -> str:
    """Return the secret stored at `path`; the first call generates and stores it (mode 600).

    Processes that start at the same moment all return the secret of the one that came first.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        # A complete file is linked into place, so that nobody ever reads half a secret.
        with NamedTemporaryFile("w", dir=path.parent, prefix=path.name) as draft:
            draft.write(f"{generate()}\n")
            draft.flush()
            with suppress(FileExistsError):
                os.link(draft.name, path)
    return path.read_text().strip()
