"""Files of documents: the description of each comes from its content, and every upload is recorded."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from agreements.curation.history.recording import recorded
from agreements.models import Agreement, Document, DocumentVersion
from agreements.models.documents import MAX_DOCUMENT_BYTES, refuse_unlisted_file
from agreements.uploads.refusals import ContentError
from tests import office
from tests.factories import PDF_BYTES, PDF_SHA256, AgreementFactory, DocumentFactory

pytestmark = pytest.mark.django_db


def uploaded(content: bytes, name: str = "text.pdf") -> Document:
    return DocumentFactory(address="", file=ContentFile(content, name=name))


def content_of(version: DocumentVersion) -> bytes:
    with version.file.open() as file:
        return file.read()


def replace(document: Document, content: bytes = PDF_BYTES + b"\n") -> None:
    document.file = ContentFile(content, name="second.pdf")
    document.save()


def test_description_follows_from_the_content() -> None:
    document = uploaded(office.docx(), "scan.pdf.exe")

    assert document.file_name == "scan.docx"
    assert document.media_type.endswith("wordprocessingml.document")
    assert document.size == len(office.docx())
    assert document.file.name.endswith(".docx")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"MZ\x90\x00" + bytes(100), "The content is: "),
        (b"", "is empty"),
    ],
)
def test_form_refuses_other_content_whatever_its_name_and_claimed_type(
    content: bytes, sentence: str
) -> None:
    upload = SimpleUploadedFile("text.pdf", content, content_type="application/pdf")

    with pytest.raises(ValidationError, match=sentence):
        refuse_unlisted_file(upload)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("MoU.pdf", b"Memorandum", "The name says PDF, but the content is plain text"),
        ("MoU.DOCX", PDF_BYTES, "The name says DOCX, but the content is PDF"),
        ("scan.png", office.JPEG, "The name says PNG, but the content is JPEG"),
        ("MoU.txt", office.docx(), "The name says TXT, but the content is DOCX"),
    ],
)
def test_form_refuses_a_file_that_is_not_what_its_name_says(
    name: str, content: bytes, sentence: str
) -> None:
    with pytest.raises(ValidationError, match=sentence):
        refuse_unlisted_file(SimpleUploadedFile(name, content))


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.JPG", office.JPEG), ("a.jpeg", office.JPEG), ("a.tiff", office.TIFF), ("notes", b"Text")],
)
def test_form_takes_a_file_by_any_name_of_its_kind(name: str, content: bytes) -> None:
    refuse_unlisted_file(SimpleUploadedFile(name, content))


def test_file_that_is_too_large_is_refused_before_it_is_read() -> None:
    upload = SimpleUploadedFile("text.pdf", b"not read")
    upload.size = MAX_DOCUMENT_BYTES + 1

    with pytest.raises(ValidationError, match="the limit is 25"):
        refuse_unlisted_file(upload)


def test_nothing_is_stored_of_a_file_that_nobody_has_validated() -> None:
    with pytest.raises(ContentError):
        uploaded(b"#!/bin/sh")

    assert not Document.objects.exists()
    assert not DocumentVersion.objects.exists()


def test_every_file_is_kept_in_mind_with_who_uploaded_it() -> None:
    first, second = User.objects.create_user("first"), User.objects.create_user("second")
    with recorded(by=first):
        document = DocumentFactory(uploaded=True)
    with recorded(by=second):
        replace(document)

    versions = list(document.versions.order_by("pk"))

    assert [version.added_by for version in versions] == [first, second]
    assert [version.file_name for version in versions] == ["text.pdf", "second.pdf"]
    assert versions[0].sha256 == PDF_SHA256
    assert versions[1].file.name == document.file.name
    assert versions[0].added_at <= versions[1].added_at <= timezone.now() + timedelta(seconds=1)
    assert content_of(versions[0]) == PDF_BYTES


def test_saving_something_else_adds_no_version() -> None:
    document = DocumentFactory(uploaded=True)

    document.title = "Another"
    document.save()
    Document.objects.get(pk=document.pk).save()

    assert document.versions.count() == 1


def test_file_saved_alone_is_described_as_well() -> None:
    document = DocumentFactory(uploaded=True)

    document.file = ContentFile(office.png(), name="scan.png")
    document.save(update_fields=["file"])

    document.refresh_from_db()
    assert (document.media_type, document.file_name) == ("image/png", "scan.png")
    assert document.versions.count() == 2


def test_file_that_gives_way_to_an_address_is_kept_in_mind() -> None:
    document = DocumentFactory(uploaded=True)

    document.file, document.address = "", "https://elsewhere.example/text.pdf"
    document.save()

    document.refresh_from_db()
    assert (document.file_name, document.media_type, document.sha256, document.size) == (
        "",
        "",
        "",
        None,
    )
    assert content_of(document.versions.get()) == PDF_BYTES


def test_upload_that_fails_leaves_the_present_file() -> None:
    document = DocumentFactory(uploaded=True)
    before = document.file.name
    document.address = "https://both.example/"

    with pytest.raises(IntegrityError), transaction.atomic():
        replace(document)

    assert Document.objects.get().file.name == before
    assert DocumentVersion.objects.get().file.name == before


def test_files_outlive_their_document_and_its_agreement() -> None:
    document = DocumentFactory(uploaded=True)
    storage, name = document.file.storage, document.file.name

    Agreement.objects.get(pk=document.agreement_id).delete()

    assert storage.exists(name)
    assert DocumentVersion.objects.get().file.name == name


def test_document_that_is_restored_has_its_versions_again() -> None:
    document = DocumentFactory(uploaded=True, agreement=AgreementFactory())
    replace(document)
    key = document.pk
    document.delete()

    document.pk = key
    document.save(force_insert=True)

    assert Document.objects.get().versions.count() == 2
