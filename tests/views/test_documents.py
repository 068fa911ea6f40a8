"""Downloads: always an attachment, and only for those who may have the document."""

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from tests.factories import PDF_BYTES, AgreementFactory, DocumentFactory

pytestmark = pytest.mark.django_db


def address(document) -> str:
    return document.get_absolute_url()


def test_public_document_of_a_published_agreement_is_downloaded(client):
    document = DocumentFactory(uploaded=True)

    response = client.get(address(document))

    assert response.status_code == 200
    assert b"".join(response.streaming_content) == PDF_BYTES
    assert response["Content-Disposition"] == 'attachment; filename="text.pdf"'
    assert response["Content-Type"] == "application/pdf"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("publication", ["draft", "in_review", "withdrawn"])
def test_document_of_an_unpublished_agreement_does_not_exist(client, publication):
    document = DocumentFactory(uploaded=True, agreement__publication=publication)

    assert client.get(address(document)).status_code == 404


def test_private_document_does_not_exist_for_the_public(client):
    document = DocumentFactory(uploaded=True, is_public=False)

    assert client.get(address(document)).status_code == 404


def test_staff_with_the_right_download_private_documents():
    document = DocumentFactory(
        uploaded=True, is_public=False, agreement=AgreementFactory(draft=True)
    )
    reader, stranger = (
        User.objects.create_user(name, password="x", is_staff=True)
        for name in ("reader", "stranger")
    )
    reader.user_permissions.add(Permission.objects.get(codename="view_document"))

    answers = []
    for user in (reader, stranger):
        client = Client()
        client.force_login(user)
        response = client.get(address(document))
        answers.append(response.status_code)
        if response.streaming:
            list(response.streaming_content)  # read to its end, the file is closed

    assert answers == [200, 404]


def test_document_is_not_handed_out_under_another_agreement(client):
    document = DocumentFactory(uploaded=True)
    other = AgreementFactory()

    assert client.get(f"/agreements/{other.ref}/documents/{document.pk}/").status_code == 404


@pytest.mark.parametrize("pk", ["0", "999999999999999999", "9" * 19, "x", "-1"])
def test_numbers_that_name_no_document_are_not_found(client, pk):
    agreement = AgreementFactory()

    assert client.get(f"/agreements/{agreement.ref}/documents/{pk}/").status_code == 404


def test_document_at_an_address_elsewhere_has_no_download(client):
    document = DocumentFactory(address="https://elsewhere.example/text.pdf")

    assert address(document) == "https://elsewhere.example/text.pdf"
    assert (
        client.get(f"/agreements/{document.agreement.ref}/documents/{document.pk}/").status_code
        == 404
    )


def test_file_missing_from_the_store_is_not_found(client):
    document = DocumentFactory(uploaded=True)
    document.file.storage.delete(document.file.name)

    assert client.get(address(document)).status_code == 404


def test_stored_name_tells_nothing_of_the_uploaded_one():
    document = DocumentFactory(uploaded=True)

    assert "text" not in document.file.name
    assert document.file_name == "text.pdf"
    assert document.size == len(PDF_BYTES)
