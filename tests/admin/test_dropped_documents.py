"""Several files chosen at once on an agreement's page: each becomes a document, or is refused with a reason."""

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from agreements.admin.dropped_documents import MOST_FILES
from agreements.curation.history.past import entries_of
from agreements.domain.document_names import described
from agreements.domain.permissions import StaffRole
from agreements.models import Agreement, Document
from tests.admin.sent import agreement_form
from tests.admin.test_agreement_page import pdf
from tests.colleagues import colleague
from tests.factories import AgreementFactory

ADD = reverse("admin:agreements_agreement_add")


@pytest.mark.parametrize(
    ("name", "kind", "title", "language"),
    [
        ("MoU_labour-signed_en.pdf", "signed_text", "MoU labour signed en", "en"),
        ("Anlaşma layihəsi (2).docx", "draft_text", "Anlaşma layihəsi", ""),
        ("certified copy, signed.pdf", "certified_copy", "Certified copy, signed", ""),
        ("Əlavə 1 az.pdf", "annex", "Əlavə 1 az", "az"),
        ("Перевод.русский.pdf", "translation", "Перевод русский", "ru"),
        ("press release.txt", "press_release", "Press release", ""),
        ("scan0001.pdf", "other", "Scan0001", ""),
        ("designed.pdf", "other", "Designed", ""),
        (".pdf", "other", "Pdf", ""),
        ("___.pdf", "other", "___.pdf", ""),
        ("x" * 400 + ".pdf", "other", "X" + "x" * 254, ""),
    ],
)
def test_name_of_a_file_says_what_it_is(name: str, kind: str, title: str, language: str) -> None:
    assert described(name) == (kind, title, language)


def told(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def text(name: str, content: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content.encode())


@pytest.mark.django_db
def test_each_file_becomes_a_document_and_refused_ones_are_named(client: Client) -> None:
    client.force_login(colleague(StaffRole.EDITOR))
    files = [
        pdf("MoU signed en.pdf"),
        text("draft.txt", "A draft"),
        text("draft copy.txt", "A draft"),
        SimpleUploadedFile("macro.exe", b"MZ\x90\x00\x03"),
        text("empty.txt", ""),
    ]

    response = client.post(ADD, agreement_form(dropped=files))

    agreement = Agreement.objects.get()
    assert [(each.kind, each.title, each.language, each.is_public) for each in agreement.documents.order_by("pk")] == [
        ("signed_text", "MoU signed en", "en", False),
        ("draft_text", "Draft", "", False),
    ]  # fmt: skip
    said = told(response)
    assert any("2 documents were added: “MoU signed en” and “Draft”." in each for each in said)
    refused = [each for each in said if "was not added" in each]
    assert [each.partition(" was not")[0] for each in refused] == [
        "draft copy.txt",
        "macro.exe",
        "empty.txt",
    ]
    assert "already has this file, as “Draft”" in refused[0]
    assert [
        str(version.added_by)
        for document in agreement.documents.all()
        for version in document.versions.all()
    ] == ["editor"] * 2
    [entry] = entries_of(Agreement, agreement.pk)
    assert len(entry.state.rows["documents"]) == 2


@pytest.mark.django_db
def test_refused_form_says_which_files_to_choose_again_and_too_many_are_named(
    client: Client,
) -> None:
    client.force_login(colleague(StaffRole.EDITOR))

    page = client.post(ADD, agreement_form(title="", dropped=[text("a.txt", "A")]))

    assert page.status_code == 200
    assert "Choose these files again: a.txt." in page.content.decode()
    assert not Document.objects.exists()

    many = [text(f"{number}.txt", f"Text {number}") for number in range(MOST_FILES + 2)]
    said = told(client.post(ADD, agreement_form(dropped=many)))

    assert Document.objects.count() == MOST_FILES
    assert len([each for each in said if f"At most {MOST_FILES} files" in each]) == 2


@pytest.mark.django_db
def test_files_are_taken_only_from_those_who_may_change_the_record(client: Client) -> None:
    published = AgreementFactory()
    client.force_login(colleague(StaffRole.EDITOR))
    page = reverse("admin:agreements_agreement_change", args=[published.pk])

    assert 'name="dropped"' not in client.get(page).content.decode()
    client.post(page, agreement_form(of=published, dropped=[text("a.txt", "A")]))

    assert not Document.objects.exists()
    assert 'name="dropped"' in client.get(ADD).content.decode()
