"""The words of uploaded documents: read within limits, kept for staff alone, searched, compared and erased."""

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from docx import Document as WordFile
from pypdf import PdfWriter

from agreements.curation.erasure.erasing import erase
from agreements.curation.erasure.names import Name
from agreements.curation.text_comparison import MOST_LINES, compared, side_by_side
from agreements.domain.choices import Reading
from agreements.domain.permissions import StaffRole
from agreements.models import Agreement, Document, DocumentText, DocumentVersion
from agreements.models.document_texts import read_version
from agreements.uploads.reading import MOST_CHARACTERS, text_in
from tests.colleagues import colleague
from tests.factories import AgreementFactory

DOCUMENTS = reverse("admin:agreements_document_changelist")
LIST = reverse("admin:agreements_agreement_changelist")


def word(*paragraphs: str) -> bytes:
    file, content = WordFile(), io.BytesIO()
    for each in paragraphs:
        file.add_paragraph(each)
    file.add_table(1, 2).cell(0, 0).text = "In a table"
    file.save(content)
    return content.getvalue()


def pdf(words: str = "", *, pages: int = 1) -> bytes:
    """Return a PDF that says these words on each page, in a font that every reader has."""
    from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

    writer, content = PdfWriter(), io.BytesIO()
    for _page in range(pages):
        page = writer.add_blank_page(300, 300)
        font = DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Font"),
                NameObject("/Subtype"): NameObject("/Type1"),
                NameObject("/BaseFont"): NameObject("/Helvetica"),
            }
        )
        fonts = DictionaryObject({NameObject("/F1"): writer._add_object(font)})
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
        stream = DecodedStreamObject()
        stream.set_data(f"BT /F1 12 Tf 20 200 Td ({words}) Tj ET".encode("latin-1"))
        page[NameObject("/Contents")] = writer._add_object(stream)
    writer.write(content)
    return content.getvalue()


def uploaded(
    content: bytes, name: str, agreement: Agreement | None = None, **more: Any
) -> Document:
    """Upload a document and read it, as happens once its transaction is over."""
    document = Document(agreement=agreement or AgreementFactory(), kind="other", title=name, **more)
    return with_file(document, content, name)


def with_file(document: Document, content: bytes, name: str) -> Document:
    document.file = SimpleUploadedFile(name, content)
    document.full_clean()
    document.save()
    read_version(document.versions.latest("pk").pk)
    return document


@pytest.mark.parametrize(
    ("content", "name", "reading", "said"),
    [
        (
            word("Labour  migration", "Əmək miqrasiyası"),
            "a.docx",
            "read",
            "Labour migration\nƏmək miqrasiyası\nIn a table",
        ),
        (pdf("Seasonal workers"), "a.pdf", "read", "Seasonal workers"),
        ("salam\0 dünya\n\n\n".encode(), "a.txt", "read", None),
        (b"word " * MOST_CHARACTERS, "a.txt", "cut", None),
        (pdf(), "a.pdf", "empty", ""),
    ],
    ids=["docx", "pdf", "text", "too long", "scanned"],
)
@pytest.mark.django_db
def test_text_of_a_file_is_read_once_and_says_what_came_of_it(
    content: bytes, name: str, reading: str, said: str | None
) -> None:
    if content.startswith(b"salam"):
        assert text_in(io.BytesIO(content), "txt").text == "salam dünya"
        return
    version = uploaded(content, name).versions.get()

    kept = version.content
    assert kept.reading == reading
    assert len(kept.text) <= MOST_CHARACTERS
    if said is not None:
        assert " ".join(kept.text.split()) == " ".join(said.split())
    assert read_version(version.pk) is None
    assert read_version(10**9) is None


@pytest.mark.django_db
@pytest.mark.parametrize("broken", ["%PDF-1.7 nothing", "", "PK\x03\x04"])
def test_file_that_cannot_be_read_is_kept_without_text(broken: str) -> None:
    document = uploaded(pdf("Workers"), "a.pdf")
    DocumentText.objects.all().delete()
    version = document.versions.get()
    with version.file.storage.open(version.file.name, "wb") as file:
        file.write(broken.encode())

    call_command("read_documents", verbosity=0)

    assert DocumentText.objects.get().reading == Reading.FAILED
    assert Document.objects.get() == document


@pytest.mark.django_db
def test_upload_is_read_when_its_transaction_is_over(
    django_capture_on_commit_callbacks: Any,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        document = Document(agreement=AgreementFactory(), kind="other", title="x")
        document.file = SimpleUploadedFile("x.pdf", pdf("Seasonal"))
        document.save()

    assert document.versions.get().content.text == "Seasonal"


@pytest.mark.django_db
def test_command_reads_what_nobody_has_read_and_a_second_run_changes_nothing() -> None:
    def run(**options: Any) -> str:
        out = io.StringIO()
        call_command("read_documents", stdout=out, verbosity=0, **options)
        return out.getvalue().strip()

    for number, content in enumerate((pdf("One"), word("Two"))):
        uploaded(content, f"{number}.{'docx' if number else 'pdf'}")
    DocumentText.objects.filter(text="One").delete()

    assert run(dry_run=True) == "Files: 1 to read, 1 read before (dry run: nothing was written)."
    assert run() == "Files: 1 read, 0 without text, 0 could not be read, 1 read before."
    assert run() == "Files: 0 read, 0 without text, 0 could not be read, 2 read before."


@pytest.mark.django_db
def test_staff_find_documents_and_agreements_by_their_text_and_the_public_does_not(
    client: Client,
) -> None:
    agreement = AgreementFactory(title="Memorandum")
    uploaded(word("Mövsümi işçilər və əmək miqrasiyası"), "a.docx", agreement, is_public=True)
    uploaded(word("Nothing of the kind"), "b.docx")

    assert agreement not in Agreement.objects.containing("mövsümi")
    for page in ("/agreements/", "/agreements.csv", "/agreements.json", "/api/v1/agreements/"):
        assert agreement.ref.encode() not in client.get(page, {"q": "mövsümi"}).getvalue()
    client.force_login(colleague(StaffRole.READER))
    for typed, count in (
        ("movsumi isciler", 1), ("MÖVSÜMİ", 1), ("memorandum miqrasiya", 0), ("-movsumi", 2), ("zzz", 0), ("%", 0),
    ):  # fmt: skip
        assert client.get(LIST, {"q": typed}).context["cl"].result_count == count, typed
    assert client.get(DOCUMENTS, {"q": "movsumi"}).context["cl"].result_count == 1
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get(DOCUMENTS, {"q": "movsumi"})
    for number in range(3):
        uploaded(word("Mövsümi"), f"{number}.docx", agreement)
    with CaptureQueriesContext(connection) as many:
        client.get(DOCUMENTS, {"q": "movsumi"})
    assert len(many) == len(few)


@pytest.mark.django_db
def test_name_is_found_and_erased_in_texts() -> None:
    document = uploaded(pdf("Signed by Kamran Zeynalov"), "a.pdf")
    name = Name(["Kamran Zeynalov"], "[name erased]")

    _done, found = erase(
        name,
        by=None,
        reason="Asked for",
        at=document.added_at,
    )

    assert [each.is_readable for each in found.documents] == [True]
    kept = DocumentText.objects.get()
    assert "Zeynalov" not in kept.text
    assert "zeynalov" not in kept.words
    assert not DocumentText.objects.containing(["zeynalov"]).exists()


# ------------------------------------------------------------------ two texts


@pytest.mark.parametrize(
    ("before", "after", "kinds"),
    [
        ("a", "a", ["equal"]),
        ("", "", []),
        ("", "new", ["added"]),
        ("old", "", ["removed"]),
        ("It lasts three years.", "It lasts five years.", ["changed"]),
        ("one two three", "quite another thing", ["removed", "added"]),
        (
            "\n".join("abcdefghij"),
            "\n".join("abcdefghix"),
            ["left_out", "equal", "equal", "removed", "added"],
        ),
        ("w " * 400 + "x", "w " * 400 + "y", ["removed", "added"]),
    ],
)
def test_texts_are_compared_by_lines_and_words(before: str, after: str, kinds: list[str]) -> None:
    comparison = compared(before, after)

    assert [line.kind for line in comparison.lines] == kinds
    assert comparison.is_same == (before == after)


def test_long_texts_are_compared_in_part() -> None:
    long = "\n".join(map(str, range(MOST_LINES * 3)))

    assert compared(long, long[::-1]).is_cut
    assert side_by_side(long, "x").is_cut
    [line] = compared("It lasts three years.", "It lasts five years.").lines
    assert ("three", True) in line.before
    assert ("five", True) in line.after


@pytest.mark.django_db
def test_versions_and_documents_are_shown_side_by_side(client: Client) -> None:
    agreement = AgreementFactory()
    document = uploaded(word("It lasts three years."), "a.docx", agreement)
    with_file(document, word("It lasts <b>five</b> years."), "b.docx")
    other = uploaded(word("Üç il"), "c.docx", agreement, language="az")
    stranger = uploaded(word("Secret"), "d.docx")
    new, old = document.versions.all()
    page = reverse("admin:agreements_document_texts", args=[document.pk])

    def answer(one: DocumentVersion | int, two: DocumentVersion | str) -> Any:
        keys = (getattr(one, "pk", one), getattr(two, "pk", two))
        return client.get(page, {"from": keys[0], "to": keys[1]})

    assert answer(old, new).status_code in (302, 403)
    client.force_login(colleague(StaffRole.READER))
    shown = client.get(
        reverse("admin:agreements_document_change", args=[document.pk])
    ).content.decode()
    assert f"{page}?from={old.pk}&amp;to={new.pk}" in shown
    assert f"{page}?from={new.pk}&amp;to={other.versions.get().pk}" in shown
    text = answer(old, new).content.decode()
    assert "<del>three</del>" in text
    assert "<ins>&lt;b&gt;five&lt;/b&gt;</ins>" in text
    assert "Üç il" in answer(new, other.versions.get()).content.decode()
    for two in (stranger.versions.get(), "x", "", "9" * 40):
        assert answer(old, two).status_code == 404
