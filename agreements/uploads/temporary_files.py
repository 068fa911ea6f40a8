"""Uploads on their way in: if the disk is full, the file is lost, but not what was typed along with it.

Django gives up on the whole form if it cannot write a temporary file. Here the form is read to its end, and the error is
raised only when something reads the file.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler


class LostUpload(UploadedFile):
    """A file that could not be stored: reading it raises the error that prevented it."""

    def __init__(self, error: OSError, name: str | None, size: int) -> None:
        self._error, self.name, self.size = error, name, size
        self.content_type, self.charset, self.content_type_extra = "", None, None

    @property
    def file(self) -> Any:  # type: ignore[override]
        raise self._error

    def close(self) -> None:
        """Do nothing: there is no file."""


class UploadHandler(TemporaryFileUploadHandler):
    """Writes uploads that are too large for memory into temporary files."""

    error: OSError | None = None

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        self.error = None
        with self._noted():
            super().new_file(*args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self.error is None:
            with self._noted():
                super().receive_data_chunk(raw_data, start)

    def file_complete(self, file_size: int) -> UploadedFile | None:
        if self.error is None:
            with self._noted():
                return super().file_complete(file_size)
        return LostUpload(self.error, self.file_name, file_size)

    @contextmanager
    def _noted(self) -> Iterator[None]:
        """Remember the error if the block fails, and remove what has been written of the file."""
        try:
            yield
        except OSError as error:
            self.error = error
            if hasattr(self, "file"):
                # what is still in memory cannot be written either
                with suppress(OSError):
                    self.file.close()
