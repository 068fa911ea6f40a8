"""Searches uploaded documents for anything harmful, in a process with limits that knows no secrets.

Run by `own_process`, it answers with the refusal, or null.
"""

import zipfile
from typing import Any, BinaryIO

from django.utils.translation.trans_null import gettext_noop as _

from agreements.uploads.office import refuse_active_office
from agreements.uploads.own_process import NoAnswerError, answer, ask
from agreements.uploads.refusals import ContentError

CPU_SECONDS = 2
# in real time, on a machine that is busy with other things
_SECONDS = 20
_MEGABYTES = 400


def refuse_harmful(file: BinaryIO, extension: str) -> None:
    """Raise `ContentError` if a file of this kind has active content, is malformed, or is too large to open."""
    try:
        refusal = ask(__name__, file, extension)
    except NoAnswerError as error:
        raise ContentError(
            _(
                "The file could not be checked within %(seconds)s seconds and %(megabytes)s MB: it is unusually complex or "
                "damaged. Save it as PDF/A, or print it to a PDF, and upload that."
            ),
            seconds=CPU_SECONDS,
            megabytes=_MEGABYTES,
        ) from error
    if refusal:
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


def _refusal(file: BinaryIO, extension: str) -> dict[str, Any] | None:
    try:
        inspect(file, extension)
    except ContentError as error:
        return {"sentence": error.sentence, "names": error.names}
    return None


if __name__ == "__main__":
    answer(_refusal, seconds=_SECONDS, cpu_seconds=CPU_SECONDS, megabytes=_MEGABYTES)
