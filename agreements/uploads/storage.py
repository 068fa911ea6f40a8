"""Where uploaded files are stored: in a folder that no web server serves, under names that only the register knows."""

from django.core.files.storage import FileSystemStorage


class DocumentStorage(FileSystemStorage):
    """Files without a URL; the register's own views decide who gets one, and send it."""

    def url(self, name: str | None) -> str:
        """Raise ValueError: a page that asks for a URL would link to a file that the public may not see."""
        raise ValueError(f"{name} has no URL; link to the view that sends it.")
