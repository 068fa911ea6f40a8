"""Texts of an agreement: an uploaded file, kept apart from anything the web server serves, or an address elsewhere.

Files are only ever handed out by the download view, as attachments. What may be uploaded is listed here.
"""

import hashlib
import uuid
from pathlib import PurePath
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models import Q
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.text import get_valid_filename
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.choices import DocumentKind
from agreements.models.agreements import Agreement

MAX_DOCUMENT_BYTES = 25 * 1024 * 1024

# Extension: media type, and the bytes such a file begins with (none for plain text).
DOCUMENT_TYPES: dict[str, tuple[str, tuple[bytes, ...]]] = {
    "pdf": ("application/pdf", (b"%PDF-",)),
    "docx": (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        (b"PK\x03\x04",),
    ),
    "odt": ("application/vnd.oasis.opendocument.text", (b"PK\x03\x04",)),
    "txt": ("text/plain", ()),
    "png": ("image/png", (b"\x89PNG\r\n\x1a\n",)),
    "jpg": ("image/jpeg", (b"\xff\xd8\xff",)),
    "jpeg": ("image/jpeg", (b"\xff\xd8\xff",)),
    "tif": ("image/tiff", (b"II*\x00", b"MM\x00*")),
    "tiff": ("image/tiff", (b"II*\x00", b"MM\x00*")),
}


def document_storage() -> Storage:
    return storages["documents"]


def stored_name(document: "Document", filename: str) -> str:
    """Name the file by chance, so that its place on disk tells nothing and is never overwritten."""
    return f"{document.agreement.ref}/{uuid.uuid4().hex}.{_extension(filename)}"


def refuse_unlisted_file(upload: "File[Any]") -> None:
    """Raise ValidationError unless the file is of a listed kind, by name and first bytes, and not too large."""
    if getattr(upload, "_committed", False):
        return  # taken and stored long ago; the store may be slow, or have lost it
    extension = _extension(upload.name or "")
    if extension not in DOCUMENT_TYPES:
        raise ValidationError(
            _("Files of the kind “%(extension)s” are not taken. Upload one of: %(listed)s.")
            % {"extension": extension or "?", "listed": ", ".join(DOCUMENT_TYPES)},
            code="unlisted",
        )
    if upload.size > MAX_DOCUMENT_BYTES:
        raise ValidationError(
            _(
                "The file has %(size)s; the most that is taken is %(most)s. Upload a smaller one or give its address."
            )
            % {"size": filesizeformat(upload.size), "most": filesizeformat(MAX_DOCUMENT_BYTES)},
            code="too_large",
        )
    _refuse_other_content(upload, extension)


def _refuse_other_content(upload: "File[Any]", extension: str) -> None:
    beginnings = DOCUMENT_TYPES[extension][1]
    upload.seek(0)
    head = upload.read(4096)
    upload.seek(0)
    is_text = b"\x00" not in head
    if (beginnings and not head.startswith(beginnings)) or (not beginnings and not is_text):
        raise ValidationError(
            _(
                "The file is named .%(extension)s, but its content is something else. Upload the original file."
            )
            % {"extension": extension},
            code="other_content",
        )


def _extension(filename: str) -> str:
    return PurePath(filename).suffix.lower().lstrip(".")[:10]


class Document(models.Model):
    agreement = models.ForeignKey(
        Agreement,
        on_delete=models.CASCADE,
        related_name="documents",
        verbose_name=gettext_lazy("agreement"),
    )
    kind = models.CharField(gettext_lazy("kind"), max_length=20, choices=DocumentKind)
    title = models.CharField(gettext_lazy("title"), max_length=255)
    file = models.FileField(
        gettext_lazy("file"),
        storage=document_storage,
        upload_to=stored_name,
        blank=True,
        validators=[refuse_unlisted_file],
        help_text=gettext_lazy(
            "PDF, DOCX, ODT, TXT, PNG, JPEG or TIFF, 25 MB at most. Or give an address instead."
        ),
    )
    address = models.URLField(gettext_lazy("address"), max_length=1000, blank=True)
    language = models.CharField(
        gettext_lazy("language"),
        max_length=10,
        blank=True,
        help_text=gettext_lazy("ISO 639 code, such as en or az."),
    )
    is_public = models.BooleanField(
        gettext_lazy("public"),
        default=False,
        help_text=gettext_lazy("Ticked, everybody can download it once the record is published."),
    )
    file_name = models.CharField(
        gettext_lazy("file name"), max_length=255, blank=True, editable=False
    )
    size = models.PositiveBigIntegerField(gettext_lazy("size in bytes"), null=True, editable=False)
    sha256 = models.CharField("SHA-256", max_length=64, blank=True, editable=False)
    added_at = models.DateTimeField(gettext_lazy("added"), auto_now_add=True)

    class Meta:
        verbose_name = gettext_lazy("document")
        verbose_name_plural = gettext_lazy("documents")
        ordering = ("kind", "id")
        constraints = [
            models.CheckConstraint(
                name="document_file_or_address",
                condition=(~Q(file="") & Q(address="")) | (Q(file="") & ~Q(address="")),
                violation_error_message=gettext_lazy(
                    "Give either a file or an address, and not both."
                ),
            )
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.file and not self.file._committed:  # type: ignore[attr-defined]
            self._describe_upload()
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return self.address or reverse(
            "agreements:document_download", args=[self.agreement.ref, self.pk]
        )

    @property
    def media_type(self) -> str:
        """The media type that the listed extension stands for (never one a client claimed)."""
        return DOCUMENT_TYPES.get(_extension(self.file_name), ("application/octet-stream", ()))[0]

    def _describe_upload(self) -> None:
        digest = hashlib.sha256()
        for chunk in self.file.chunks():
            digest.update(chunk)
        self.sha256 = digest.hexdigest()
        self.size = self.file.size
        self.file_name = get_valid_filename(PurePath(self.file.name or "document").name)[-255:]


@receiver([post_save, post_delete], sender=Document, dispatch_uid="document_changes_verification")
def _document_changed(instance: Document, **kwargs: Any) -> None:
    Agreement.objects.filter(pk=instance.agreement_id).refresh_derived()
