"""Asks a module of this package about an uploaded file, in a process with limits that knows no secrets.

`python -m MODULE EXTENSION` reads the file from its standard input and writes its answer as JSON. The process has no
environment, no settings and no database, and may not write a file. `inspecting` and `reading` are such modules.
"""

import json
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, BinaryIO

from agreements.uploads.limits import limit_this_process

_ROOT = Path(__file__).resolve().parents[2]


class NoAnswerError(Exception):
    """The process failed, or was ended for taking too much time or memory."""


def ask(module: str, file: BinaryIO, extension: str) -> Any:
    """Return what this module answers about a file of this kind; raises `NoAnswerError`."""
    with TemporaryFile() as copy:
        file.seek(0)
        shutil.copyfileobj(file, copy)
        copy.seek(0)
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-m", module, extension],
            stdin=copy,
            capture_output=True,
            cwd=_ROOT,
            env={},
            check=False,
        )
    if done.returncode:
        raise NoAnswerError
    return json.loads(done.stdout)


def answer(found: Callable[[BinaryIO, str], Any], **limits: int) -> None:
    """Answer with what this function finds in the file; `limits` are those of `limit_this_process`. Only for `ask`."""
    limit_this_process(**limits)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    with open(0, "rb") as file:
        sys.stdout.write(json.dumps(found(file, sys.argv[1])))
