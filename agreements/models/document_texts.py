"""The words of uploaded files, for staff to search and to compare; never shown to the public.

Each file that was uploaded has one row as soon as it has been read, right after it was stored. `manage.py
read_documents` reads the files of earlier releases.
"""

from functools import partial
from typing import Any

from django.db import models, transaction
from django.db.models import Q
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agreements.domain.choices import Reading
from agreements.models.columns import LongText, code
from agreements.models.derived import Derives, WordsField
from agreements.models.documents import DocumentVersion
from agreements.models.querysets import spelled
from agreements.uploads.reading import MOST_CHARACTERS, READABLE, UnreadError, read


class DocumentTextQuerySet(models.QuerySet["DocumentText"]):
    def containing(self, words: list[str]) -> "DocumentTextQuerySet":
        """Return the texts with all these words, in any alphabet and spelling; none if there are no words."""
        found = self if words else self.none()
        for word in words:
            found = found.filter(spelled(word, "words"))
        return found


class DocumentText(Derives):
    """The words of one uploaded file, and what came of reading it."""

    version = models.OneToOneField(
        DocumentVersion, on_delete=models.CASCADE, related_name="content", verbose_name=_("file")
    )
    reading = code(_("reading"), Reading)
    text = LongText(_("text"), max_length=MOST_CHARACTERS, blank=True)
    words = WordsField(of=("text",))
    read_at = models.DateTimeField(_("read"))

    objects = DocumentTextQuerySet.as_manager()

    class Meta:
        verbose_name = _("text of a document")
        verbose_name_plural = _("texts of documents")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.version}: {self.get_reading_display()}"


def unread_versions() -> "models.QuerySet[DocumentVersion]":
    """Return the uploaded files that nobody has read yet, oldest first."""
    return DocumentVersion.objects.filter(content=None).order_by("pk")


def read_version(key: int) -> DocumentText | None:
    """Read an uploaded file and keep its text; None if it is gone or was read before. Takes a process of its own.

    Not within a transaction: reading may take half a minute, during which nobody else could write on SQLite.
    """
    version = unread_versions().filter(pk=key).first()
    if version is None:
        return None
    reading, text = _read(version)
    kept = {"reading": reading, "text": text, "read_at": timezone.now()}
    return DocumentText.objects.get_or_create(version=version, defaults=kept)[0]


def _read(version: DocumentVersion) -> tuple[Reading, str]:
    extension = version.file_name.rpartition(".")[2].lower()
    if extension not in READABLE:
        return Reading.PICTURE, ""
    try:
        with version.file.open("rb") as file:
            found = read(file.file, extension)
    except (UnreadError, OSError):
        return Reading.FAILED, ""
    if not found.text:
        return Reading.EMPTY, ""
    return (Reading.CUT if found.is_cut else Reading.READ), found.text


@receiver(post_save, sender=DocumentVersion, dispatch_uid="document_version_read")
def _uploaded(instance: DocumentVersion, created: bool, raw: bool, **kwargs: Any) -> None:
    """Read a new file as soon as it is stored; if that fails, the file stays and the command can try again."""
    if created and not raw:
        transaction.on_commit(partial(read_version, instance.pk), robust=True)


def documents_containing(words: list[str]) -> Q:
    """Whether a file of a document, its present or an earlier one, has all these words."""
    return Q(versions__in=_versions(words))


def agreements_containing(words: list[str]) -> Q:
    """Whether a file of one of an agreement's documents has all these words."""
    return Q(pk__in=_versions(words).values("document__agreement"))


def _versions(words: list[str]) -> "models.QuerySet[DocumentVersion]":
    return DocumentVersion.objects.filter(
        pk__in=DocumentText.objects.containing(words).values("version")
    ).order_by()
