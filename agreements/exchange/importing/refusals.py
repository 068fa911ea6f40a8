"""What an import refuses, in sentences for the person who imports: a whole file, or one cell of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import IntegrityError, InterfaceError, OperationalError
from django.utils.functional import Promise
from django.utils.translation import gettext as _


class ImportRefusedError(Exception):
    """The import did not happen and nothing was written. The text says why and what to do."""


class FileRefusedError(ImportRefusedError):
    """The file cannot be read as a table or as the register's JSON."""


class ProfileError(ImportRefusedError):
    """The profile cannot be used: it does not follow docs/importing.md, or is not meant for this file."""


class RegisterChangedError(ImportRefusedError):
    """The register has changed since the preview, so the import would now do something else."""

    def __init__(self) -> None:
        sentence = _(
            "The register has changed since the preview, so nothing was imported. Check the preview "
            "again."
        )
        super().__init__(sentence)


@contextmanager
def refused_if_overtaken(
    refusal: type[ImportRefusedError], *, clashing: str | Promise, busy: str | Promise
) -> Iterator[None]:
    """Turn database errors into `refusal`: others wrote the same records (`clashing`), or the database is `busy`."""
    try:
        yield
    except IntegrityError as error:
        raise refusal(clashing) from error
    except (OperationalError, InterfaceError) as error:
        raise refusal(busy) from error


@dataclass(frozen=True)
class Problem:
    """Why a row is refused: where in the file, the value there, and what to do about it."""

    row: int
    column: str
    value: str
    remedy: str
