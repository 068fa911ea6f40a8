"""Downloads: always attachments, and only for people who may have the document."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.base import ContentFile
from django.test import Client

from agreements.uploads.contents import DOCX, ODT
from tests import office
from tests.factories import PDF_BYTES, AgreementFactory, DocumentFactory

pytestmark = pytest.mark.django_db


def address(document) -> str:
    return document.get_absolute_url()


def headers_of(response) -> Any:
    """Return the headers of a download after reading it to the end, because only then is the file closed."""
    if response.streaming:
        list(response.streaming_content)
    return response.headers


def test_public_document_of_a_published_agreement_is_downloaded(client):
    document = DocumentFactory(uploaded=True)

    response = client.get(address(document))

    assert response.status_code == 200
    assert b"".join(response.streaming_content) == PDF_BYTES
    assert response["Content-Disposition"] == 'attachment; filename="text.pdf"'
    assert response["Content-Type"] == "application/pdf"
    assert response["X-Content-Type-Options"] == "nosniff"
    policy = response["Content-Security-Policy"].split("; ")
    assert {"default-src 'none'", "frame-ancestors 'none'", "sandbox"} <= set(policy)
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"


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
            list(response.streaming_content)  # reading it to the end closes the file

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


# ------------------------------------------------------------------ headers and names


@pytest.mark.parametrize(
    ("name", "disposition"),
    [
        ("MoU.pdf", 'attachment; filename="MoU.pdf"'),
        ("MoU 2022.pdf", 'attachment; filename="MoU_2022.pdf"'),
        ("Anlaşma.pdf", "attachment; filename*=utf-8''Anla%C5%9Fma.pdf"),
        ('a"; filename="b.exe', 'attachment; filename="a_filenameb.pdf"'),
        ("MoU\u202efdp.exe", 'attachment; filename="MoUfdp.pdf"'),
        ("../../passwd", 'attachment; filename="passwd.pdf"'),
        ("a\r\nSet-Cookie: x.pdf", 'attachment; filename="aSet-Cookie_x.pdf"'),
    ],
)
def test_name_of_the_download_is_harmless(client, name, disposition):
    document = DocumentFactory(uploaded=True)
    document.file = upload = ContentFile(PDF_BYTES, name="x.pdf")
    upload.name = document.file.name = name
    document.save()

    assert headers_of(client.get(address(document)))["Content-Disposition"] == disposition


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (office.docx(), DOCX.media_type),
        (office.odt(), ODT.media_type),
        (office.png(), "image/png"),
        (office.JPEG, "image/jpeg"),
        (office.TIFF, "image/tiff"),
        ("Anlaşma".encode(), "text/plain; charset=utf-8"),
        ("Меморандум".encode("cp1251"), "text/plain"),
    ],
)
def test_type_follows_the_content_and_not_the_name(client, content, media_type):
    document = DocumentFactory(address="", file=ContentFile(content, name="text.pdf"))

    response = client.get(address(document))

    assert response.headers["Content-Type"] == media_type
    assert b"".join(response.streaming_content) == content


def test_copy_that_is_still_right_is_not_sent_again(client):
    document = DocumentFactory(uploaded=True)
    etag = headers_of(client.get(address(document)))["ETag"]

    again = client.get(address(document), headers={"If-None-Match": etag})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", etag)

    document.file = ContentFile(PDF_BYTES + b"\n", name="text.pdf")
    document.save()
    assert (
        headers_of(client.get(address(document), headers={"If-None-Match": etag}))["ETag"] != etag
    )


def test_public_document_is_asked_about_each_time_and_a_private_one_kept_nowhere(admin_client):
    public, private = (
        DocumentFactory(uploaded=True),
        DocumentFactory(uploaded=True, is_public=False),
    )

    headers = [headers_of(admin_client.get(address(document))) for document in (public, private)]

    assert [each["Cache-Control"] for each in headers] == ["no-cache", "private, no-store"]
    assert "Cookie" not in headers[0].get("Vary", "")


def test_head_tells_no_more_than_get(client):
    public, private = (
        DocumentFactory(uploaded=True),
        DocumentFactory(uploaded=True, is_public=False),
    )

    seen = client.head(address(public))
    assert (seen.status_code, b"".join(seen)) == (200, b"")
    for close in seen._resource_closers:
        close()
    assert seen.headers["Content-Length"] == str(len(PDF_BYTES))

    hidden, missing = (
        client.head(path)
        for path in (address(private), address(public).replace(str(public.pk), "9"))
    )
    assert hidden.status_code == missing.status_code == 404
    assert {"ETag", "Content-Disposition"}.isdisjoint(hidden.headers)
    assert (
        client.head(address(private), headers={"If-None-Match": f'"{private.sha256}"'}).status_code
        == 404
    )


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_documents_are_only_read(client, method):
    assert getattr(client, method)(address(DocumentFactory(uploaded=True))).status_code == 405


# ------------------------------------------------------------------ versions


def replace(document, content: bytes = PDF_BYTES + b"\n"):
    document.file = ContentFile(content, name="second.pdf")
    document.save()
    return document.versions.order_by("pk")


def test_public_gets_the_present_file(client):
    document = DocumentFactory(uploaded=True)
    replace(document)

    response = client.get(address(document))

    assert b"".join(response.streaming_content) == PDF_BYTES + b"\n"
    assert 'filename="second.pdf"' in response.headers["Content-Disposition"]


def test_staff_get_every_file_that_a_document_had(admin_client):
    first, second = replace(DocumentFactory(uploaded=True))

    responses = [admin_client.get(version.get_absolute_url()) for version in (first, second)]

    contents = [b"".join(response.streaming_content) for response in responses]
    assert contents == [PDF_BYTES, PDF_BYTES + b"\n"]
    assert responses[0].headers["Content-Disposition"] == 'attachment; filename="text.pdf"'
    assert responses[0].headers["Cache-Control"] == "private, no-store"
    assert "sandbox" in responses[0].headers["Content-Security-Policy"]


def test_earlier_files_do_not_exist_for_the_public(client):
    for version in replace(DocumentFactory(uploaded=True)):
        assert client.get(version.get_absolute_url()).status_code == 404


def test_version_is_not_handed_out_under_another_document(admin_client):
    version = DocumentFactory(uploaded=True).versions.get()
    other = DocumentFactory(uploaded=True)

    wrong = version.get_absolute_url().replace(
        f"{version.document.agreement.ref}/documents/{version.document_id}",
        f"{other.agreement.ref}/documents/{other.pk}",
    )

    assert wrong != version.get_absolute_url()
    assert admin_client.get(wrong).status_code == 404


def test_versions_of_a_deleted_document_are_handed_out_to_nobody(admin_client):
    document = DocumentFactory(uploaded=True)
    path = document.versions.get().get_absolute_url()
    document.delete()

    assert admin_client.get(path).status_code == 404
