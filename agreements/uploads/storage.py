"""Where uploaded files are stored: in a folder that no web server serves, under names that only the register knows."""

from typing import Any
from weakref import finalize

from django.core.files.storage import FileSystemStorage
from django.db import transaction


class _Unsettled:
    """A file that is removed once nothing refers to this object any more, unless it has been settled."""

    def __init__(self, storage: FileSystemStorage, name: str) -> None:
        self._removal = finalize(self, storage.delete, name)

    def settle(self) -> None:
        self._removal.detach()


class DocumentStorage(FileSystemStorage):
    """Files without a URL; the register's own views decide who gets one, and send it."""

    def _save(self, name: str, content: Any) -> str:
        """Store the file; remove it if that fails halfway, or if the transaction is rolled back."""
        try:
            saved: str = super()._save(name, content)  # type: ignore[misc]
        except BaseException:
            self.delete(name)
            raise
        # a rollback drops the callbacks for the commit, and this object with them
        transaction.on_commit(_Unsettled(self, saved).settle)
        return saved

    def url(self, name: str | None) -> str:
        """Raise ValueError: a page that asks for a URL would link to a file that the public may not see."""
        raise ValueError(f"{name} has no URL; link to the view that sends it.")
