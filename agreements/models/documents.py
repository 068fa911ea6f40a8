"""Documents of an agreement: an uploaded file, stored where the web server does not serve it, or a URL elsewhere.

Only the download view delivers files, as attachments. `agreements.uploads.contents` defines what can be uploaded. An
uploaded file is never deleted, and neither is the row that says when and by whom it was uploaded.
"""

import hashlib
import uuid
from typing import Any

import reversion
from django.core.exceptions import ValidationError
from django.core.files.storage import Storage, storages
from django.db import models, transaction
from django.db.models import Q
from django.db.models.fields.files import FieldFile
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agreements.domain.choices import DocumentKind
from agreements.models.agreements import Agreement
from agreements.models.columns import Line, by_user, code, of_agreement, rule, text
from agreements.models.derived import Derives, SpellingsField
from agreements.uploads.contents import Content, accept, refuse_false_name, safe_name
from agreements.uploads.refusals import ContentError

MAX_DOCUMENT_BYTES = 25 * 1024 * 1024


def document_storage() -> Storage:
    return storages["documents"]


def stored_name(document: "Document", filename: str) -> str:
    """Return a random name, so that the path on disk reveals nothing and no file is ever overwritten."""
    extension = document.file_name.rpartition(".")[2]
    return f"{document.agreement.ref}/{uuid.uuid4().hex}.{extension}"


def refuse_unlisted_file(upload: FieldFile) -> None:
    """Raise ValidationError unless the file is small, harmless, and of an accepted kind that matches its name."""
    if getattr(upload, "_committed", False):
        return  # accepted and stored earlier; the storage may be slow or may have lost it
    if upload.size > MAX_DOCUMENT_BYTES:
        text = _(
            "The file has %(size)s; the limit is %(most)s. Upload a smaller one or enter its URL."
        )
        told = {"size": filesizeformat(upload.size), "most": filesizeformat(MAX_DOCUMENT_BYTES)}
        raise ValidationError(text % told, code="too_large")
    try:
        refuse_false_name(upload.name or "", _accepted(upload))
    except ContentError as refusal:
        raise ValidationError(str(refusal), code="content") from refusal


def _accepted(upload: FieldFile) -> Content:
    """Return what kind of file this is, inspecting it only the first time; raises `ContentError`."""
    known: dict[str, Any] = vars(upload)
    if "accepted_as" not in known:
        known["accepted_as"] = accept(upload.file)
    return known["accepted_as"]


class KeptFile(models.Model):
    """What is known about an uploaded file."""

    file_name = models.CharField(_("file name"), max_length=255, blank=True, editable=False)
    media_type = models.CharField(_("media type"), max_length=100, blank=True, editable=False)
    size = models.PositiveBigIntegerField(_("size in bytes"), null=True, editable=False)
    sha256 = models.CharField("SHA-256", max_length=64, blank=True, editable=False)

    class Meta:
        abstract = True


_DESCRIPTION = tuple(field.name for field in KeptFile._meta.local_fields)


class Document(Derives, KeptFile):
    agreement = of_agreement("documents")
    kind = code(_("kind"), DocumentKind)
    title = Line(_("title"), max_length=255)
    file = models.FileField(
        _("file"),
        storage=document_storage,
        upload_to=stored_name,
        blank=True,
        validators=[refuse_unlisted_file],
        help_text=_("PDF, DOCX, ODT, TXT, PNG, JPEG or TIFF, up to 25 MB. Or enter a URL instead."),
    )
    address = models.URLField(_("URL"), max_length=1000, blank=True)
    language = text(_("language"), 10, _("ISO 639 code, such as en or az."))
    is_public = models.BooleanField(
        _("public"),
        default=False,
        help_text=_("Anyone can download it once the record is published."),
    )
    added_at = models.DateTimeField(_("added"), auto_now_add=True)
    searched = SpellingsField(of=("title", "file_name"))

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        ordering = ("kind", "id")
        constraints = [
            rule(
                "document_file_or_address",
                (~Q(file="") & Q(address="")) | (Q(file="") & ~Q(address="")),
                _("Enter either a file or a URL, not both."),
            )
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the document; a new file is described from its content and becomes its latest version.

        Raises `ContentError` if the file was not validated before.
        """
        is_new_file = bool(self.file) and not self.file._committed  # type: ignore[attr-defined]
        if not self.file:
            self.file_name = self.media_type = self.sha256 = ""
            self.size = None
        elif is_new_file:
            self._describe_upload()
        if kwargs.get("update_fields") is not None and "file" in kwargs["update_fields"]:
            kwargs["update_fields"] = {*kwargs["update_fields"], *_DESCRIPTION}
        with transaction.atomic():
            super().save(*args, **kwargs)
            if is_new_file:
                DocumentVersion.objects.create(
                    document=self,
                    file=self.file.name,
                    added_by=reversion.get_user() if reversion.is_active() else None,
                    **{name: getattr(self, name) for name in _DESCRIPTION},
                )

    def get_absolute_url(self) -> str:
        return self.address or reverse(
            "agreements:document_download", args=[self.agreement.ref, self.pk]
        )

    def clean(self) -> None:
        super().clean()
        resting = self.evidence.exclude(agreement=self.agreement_id) if self.pk else None
        if resting is not None and resting.exists():
            raise ValidationError(
                _(
                    "Evidence of its agreement rests on this document, so it cannot move to another agreement. "
                    "Remove that evidence first."
                )
            )

    def _describe_upload(self) -> None:
        content = _accepted(self.file)
        digest = hashlib.sha256()
        for chunk in self.file.chunks():
            digest.update(chunk)
        self.sha256 = digest.hexdigest()
        self.size = self.file.size
        self.media_type = content.media_type
        self.file_name = safe_name(self.file.name or "", content)


class DocumentVersion(KeptFile):
    """A file that was uploaded for a document: its present one or an earlier one.

    Rows are added and never changed. They outlive their document, which can be restored from the history.
    """

    document = models.ForeignKey(
        Document,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="versions",
        verbose_name=_("document"),
    )
    file = models.FileField(_("file"), storage=document_storage)
    added_at = models.DateTimeField(_("added"), default=timezone.now)
    added_by = by_user(_("by"), on_delete=models.PROTECT, related_name="document_versions")

    class Meta:
        verbose_name = _("version of a document")
        verbose_name_plural = _("versions of documents")
        default_permissions = ()
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(fields=["file"], name="document_version_of_one_file")
        ]

    def __str__(self) -> str:
        return self.file_name

    def get_absolute_url(self) -> str:
        return reverse(
            "agreements:document_version",
            args=[self.document.agreement.ref, self.document_id, self.pk],
        )


@receiver([post_save, post_delete], sender=Document, dispatch_uid="document_changes_verification")
def _document_changed(instance: Document, **kwargs: object) -> None:
    Agreement.objects.filter(pk=instance.agreement_id).refresh_verification()
