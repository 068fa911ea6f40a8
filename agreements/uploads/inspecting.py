"""Searches uploaded documents for anything harmful, in a process with limits that knows no secrets.

`python -m agreements.uploads.inspecting EXTENSION` reads a file from its standard input and writes the refusal as JSON,
or null. The process has no environment, no settings and no database, and may not write a file.
"""

import json
import resource
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

from django.utils.translation.trans_null import gettext_noop as _

from agreements.uploads.limits import limit_this_process
from agreements.uploads.office import refuse_active_office
from agreements.uploads.refusals import ContentError

CPU_SECONDS = 2
# in real time, on a machine that is busy with other things
_SECONDS = 20
_MEGABYTES = 400
_ROOT = Path(__file__).resolve().parents[2]


def refuse_harmful(file: BinaryIO, extension: str) -> None:
    """Raise `ContentError` if a file of this kind has active content, is malformed, or is too large to open."""
    with TemporaryFile() as copy:
        file.seek(0)
        shutil.copyfileobj(file, copy)
        copy.seek(0)
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-m", __spec__.name, extension],
            stdin=copy,
            capture_output=True,
            cwd=_ROOT,
            env={},
            check=False,
        )
    if done.returncode:
        raise ContentError(
            _(
                "The file could not be checked within %(seconds)s seconds and %(megabytes)s MB: it is unusually complex or "
                "damaged. Save it as PDF/A, or print it to a PDF, and upload that."
            ),
            seconds=CPU_SECONDS,
            megabytes=_MEGABYTES,
        )
    if refusal := json.loads(done.stdout):
        raise ContentError(refusal["sentence"], **refusal["names"])


def inspect(file: BinaryIO, extension: str) -> None:
    """Do the same in this process, without limits."""
    # Each library is loaded only for its own kind of file, because loading takes longer than the check.
    if extension in ("docx", "odt"):
        return refuse_active_office(file)
    file.seek(0)
    if zipfile.is_zipfile(file):
        raise ContentError(
            _("The file is also a ZIP archive. Save it again in the program that made it.")
        )
    if extension == "pdf":
        from agreements.uploads.pdf import refuse_active_pdf

        return refuse_active_pdf(file)
    from agreements.uploads.pictures import refuse_endless

    return refuse_endless(file)


def _main(extension: str) -> None:
    limit_this_process(seconds=_SECONDS, cpu_seconds=CPU_SECONDS, megabytes=_MEGABYTES)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    refusal = None
    with open(0, "rb") as file:
        try:
            inspect(file, extension)
        except ContentError as error:
            refusal = {"sentence": error.sentence, "names": error.names}
    sys.stdout.write(json.dumps(refusal))


if __name__ == "__main__":
    _main(sys.argv[1])
