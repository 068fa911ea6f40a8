"""A document's page in the admin: every file it has had, with date, size, digest and who uploaded it."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agreements.models import Document
from tests import office
from tests.factories import PDF_BYTES, PDF_SHA256, DocumentFactory
from tests.forms import filled_in

pytestmark = pytest.mark.django_db


def page_of(document: Document) -> str:
    return reverse("admin:agreements_document_change", args=[document.pk])


def upload(client: Client, document: Document, content: bytes, name: str) -> Any:
    sent = filled_in(client.get(page_of(document)), "title")
    return client.post(
        page_of(document),
        {**sent, "why": "Scanned again", "file": SimpleUploadedFile(name, content)},
    )


def test_replaced_file_is_listed_with_when_how_large_and_by_whom(admin_client: Client) -> None:
    document = DocumentFactory(uploaded=True)

    response = upload(admin_client, document, office.docx(), "Second.pdf.exe")

    assert response.status_code == 302
    page = admin_client.get(page_of(document)).content.decode()
    first, second = document.versions.order_by("pk")
    assert second.added_by == User.objects.get(username="admin")
    for version in (first, second):
        assert f'<a href="{version.get_absolute_url()}">{version.file_name}</a>' in page
        assert version.sha256 in page
    assert first.sha256 == PDF_SHA256
    assert second.file_name == "Second.docx"
    assert page.count("<b>current</b>") == 1


def test_upload_that_is_something_else_is_refused_and_keeps_what_was_there(
    admin_client: Client,
) -> None:
    document = DocumentFactory(uploaded=True)

    response = upload(admin_client, document, b"MZ" + bytes(50), "text.pdf")

    assert "The content is: " in response.content.decode()
    assert document.versions.count() == 1


def test_address_in_place_of_the_file_keeps_the_file_in_the_list(admin_client: Client) -> None:
    document = DocumentFactory(uploaded=True)
    sent = filled_in(admin_client.get(page_of(document)), "title")

    sent |= {"address": ["https://elsewhere.example/"], "file-clear": ["on"], "why": ["Moved"]}
    response = admin_client.post(page_of(document), sent)

    assert response.status_code == 302
    document.refresh_from_db()
    assert (document.file.name, document.sha256) == ("", "")
    assert PDF_SHA256 in admin_client.get(page_of(document)).content.decode()


def test_document_at_an_address_has_no_files(admin_client: Client) -> None:
    page = admin_client.get(page_of(DocumentFactory())).content.decode()

    assert "No file was uploaded." in page


def test_new_document_lists_nothing(admin_client: Client) -> None:
    page = admin_client.get(reverse("admin:agreements_document_add")).content.decode()

    assert "All files uploaded" not in page


def test_many_versions_cost_the_same(admin_client: Client) -> None:
    document = DocumentFactory(uploaded=True)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            admin_client.get(page_of(document))
        return len(captured)

    queries()
    few = queries()
    for number in range(1, 8):
        document.file = SimpleUploadedFile("text.pdf", PDF_BYTES + b"\n" * number)
        document.save()

    assert queries() == few
