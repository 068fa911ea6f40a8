"""Which words a stored file contains, whatever program wrote it."""

import io

import pytest
from openpyxl import Workbook

from agreements.uploads import texts
from agreements.uploads.texts import UnreadableError, texts_of
from tests import office

TEXT = "Әли Гулузадә, nazir"
SPLIT = (
    '<w:document xmlns:w="urn:w"><w:body><w:p><w:r><w:t>Əli Qulu</w:t></w:r><w:r><w:rPr><w:b/></w:rPr>'
    "<w:t>zadə</w:t></w:r></w:p><w:p><w:r><w:t>nazir</w:t></w:r></w:p></w:body></w:document>"
)
ODT = (
    '<office:document-content xmlns:office="urn:o" xmlns:text="urn:t"><text:p>Əli <text:span>Qulu</text:span>'
    "zadə</text:p><text:p>nazir</text:p></office:document-content>"
)


def text_of(content: bytes) -> str:
    return "\n".join(texts_of(io.BytesIO(content)))


def workbook() -> bytes:
    made, book = io.BytesIO(), Workbook()
    book.active.append(["Əli Quluzadə", "nazir"])  # type: ignore[union-attr]
    book.save(made)
    return made.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (TEXT.encode(), TEXT),
        (TEXT.encode("utf-16"), TEXT),
        (TEXT.encode("utf-8-sig"), TEXT),
        ("Али Гулузаде".encode("cp1251"), "Али Гулузаде"),
        ("Ali Gülüzade".encode("cp1254"), "Ali Gülüzade"),
        (b'{"name": "\\u018fli Quluzad\\u0259"}', "Əli Quluzadə"),
        (office.docx(**{"word/document.xml": SPLIT.encode()}), "Əli Quluzadə\nnazir"),
        (office.odt(**{"content.xml": ODT.encode()}), "Əli Quluzadə\nnazir"),
        (workbook(), "Əli Quluzadə"),
        (b"", ""),
    ],
    ids=["utf-8", "utf-16", "bom", "cp1251", "cp1254", "json", "docx", "odt", "xlsx", "empty"],
)
def test_words_are_found(content: bytes, words: str) -> None:
    assert words in text_of(content)


@pytest.mark.parametrize(
    "content",
    [
        office.PDF,
        office.png(),
        office.JPEG,
        office.TIFF,
        office.docx()[:-30],
        b"PK\x03\x04" + b"x" * 99,
    ],
    ids=["pdf", "png", "jpeg", "tiff", "cut off", "no archive"],
)
def test_file_that_no_program_can_read_is_named_so(content: bytes) -> None:
    with pytest.raises(UnreadableError):
        text_of(content)


def test_word_between_two_pieces_is_whole_in_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "_TOGETHER", 10)

    assert "Quluzadə" in text_of(f"{'x' * 7} Quluzadə {'y' * 50}".encode())
