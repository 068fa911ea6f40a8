"""Each kind of uploaded file is recognised by its content, whatever it is called."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements.uploads.contents import (
    DOCX,
    JPEG,
    ODT,
    PDF,
    PNG,
    TEXT,
    TIFF,
    UTF8_TEXT,
    UTF16_TEXT,
    Content,
    recognise,
    safe_name,
)
from agreements.uploads.refusals import ContentError
from tests import office


def kind_of(content: bytes) -> Content:
    return recognise(io.BytesIO(content))


def outcome_of(content: bytes) -> str:
    """The media type, or the text of the refusal; any other exception is a bug."""
    try:
        return kind_of(content).media_type
    except ContentError as refusal:
        return str(refusal)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(office.PDF, PDF, id="PDF"),
        pytest.param(office.PDF + b"\r\n\x00", PDF, id="PDF with blanks behind it"),
        pytest.param(b"%PDF-1.4\n" + bytes(10_000) + b"%%EOF", PDF, id="large PDF"),
        pytest.param(office.docx(), DOCX, id="DOCX"),
        pytest.param(office.docx(**{"word/media/a.png": office.png()}), DOCX, id="with a picture"),
        pytest.param(office.odt(), ODT, id="ODT"),
        pytest.param(office.odt(**{"Object 1/content.xml": b"<x/>"}), ODT, id="ODT with a chart"),
        pytest.param(office.docx(**{"word/scripts.xml": b"<x/>"}), DOCX, id="DOCX, innocent name"),
        pytest.param(office.png(), PNG, id="PNG"),
        pytest.param(office.JPEG, JPEG, id="JPEG"),
        pytest.param(office.JPEG + bytes(500), JPEG, id="JPEG filled up with zeros"),
        pytest.param(office.TIFF, TIFF, id="TIFF"),
        pytest.param(b"MM\x00*\x00\x00\x00\x08" + bytes(20), TIFF, id="TIFF from a Macintosh"),
        pytest.param(b"Memorandum", UTF8_TEXT, id="text"),
        pytest.param("Anlaşma memorandumu".encode(), UTF8_TEXT, id="text in UTF-8"),
        pytest.param("\ufeffAnlaşma".encode(), UTF8_TEXT, id="text with a byte order mark"),
        pytest.param("Меморандум".encode("utf-16"), UTF16_TEXT, id="text in UTF-16"),
        pytest.param("Меморандум".encode("cp1251"), TEXT, id="text in Windows-1251"),
        pytest.param(b"1 < 2 and 3 > 2", UTF8_TEXT, id="text with less-than signs"),
        pytest.param(b"BM, the ministry", UTF8_TEXT, id="text that begins as a picture does"),
        pytest.param(
            "ş".encode() * 100_001, UTF8_TEXT, id="letters across the pieces it is read in"
        ),
    ],
)
def test_kind_follows_from_the_content(content: bytes, expected: Content) -> None:
    assert kind_of(content) == expected


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        pytest.param(b"", "is empty", id="empty"),
        pytest.param(b"MZ\x90\x00" + bytes(200), "Executable", id="program"),
        pytest.param(b"\x7fELF" + bytes(200), "The content is", id="program for Linux"),
        pytest.param(b"#!/bin/sh\nrm -r /", "an unknown kind of file", id="script"),
        pytest.param(b"<html><body>", "HTML File", id="web page"),
        pytest.param(b"<!DOCTYPE html>", "The content is", id="web page by its type"),
        pytest.param(b"<svg xmlns='x'>", "Scalable Vector", id="drawing"),
        pytest.param(b"<html>" + office.PDF, "HTML File", id="web page and PDF"),
        pytest.param(b"MZ" + office.PDF + bytes(20), "The content is", id="program and PDF"),
        pytest.param(b"<?xml version='1.0'?><a/>", "The content is", id="XML"),
        pytest.param(b"{\\rtf1 text}", "RTF file", id="RTF"),
        pytest.param(b"GIF89a" + bytes(50), "Graphics interchange", id="GIF"),
        pytest.param(bytes(5000), "The content is", id="zeros"),
        pytest.param(b"text" * 30_000 + b"\x00\x01", "The content is", id="zeros far behind"),
        pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "Excel 97", id="old Word"),
        # archives
        pytest.param(office.archive({"a.txt": b"x"}), "an archive", id="archive"),
        pytest.param(office.archive({}), "The content is", id="empty archive"),
        pytest.param(
            office.archive({"xl/workbook.xml": b"<x/>", "[Content_Types].xml": b"<x/>"}),
            "another program",
            id="workbook",
        ),
        pytest.param(b"MZ" + office.docx(), "The content is", id="program before a DOCX"),
        pytest.param(office.docx()[:-30], "damaged", id="DOCX cut off"),
        pytest.param(b"PK\x03\x04" + bytes(100), "damaged", id="first bytes alone"),
        pytest.param(
            office.archive(office.PARTS_OF_ODT | {"mimetype": b"application/zip"}),
            "an archive",
            id="ODT that says it is none",
        ),
    ],
)
def test_what_is_not_accepted_is_named(content: bytes, sentence: str) -> None:
    with pytest.raises(ContentError) as refusal:
        kind_of(content)

    assert sentence in str(refusal.value)


def test_file_is_rewound() -> None:
    file = io.BytesIO(office.docx())

    recognise(file)
    assert file.tell() == 0
    file = io.BytesIO(bytes(3))
    with pytest.raises(ContentError):
        recognise(file)
    assert file.tell() == 0


@given(st.binary(max_size=400) | st.binary(max_size=200).map(lambda b: b"PK\x03\x04" + b))
def test_any_bytes_are_recognised_or_refused(content: bytes) -> None:
    assert outcome_of(content)


@given(st.integers(0, 400), st.integers(0, 255))
def test_damaged_document_is_recognised_or_refused(place: int, byte: int) -> None:
    content = bytearray(office.docx())
    content[place % len(content)] = byte
    assert outcome_of(bytes(content))


# ------------------------------------------------------------------ the name


@pytest.mark.parametrize(
    ("given_name", "content", "expected"),
    [
        ("MoU.pdf", PDF, "MoU.pdf"),
        ("MoU", PDF, "MoU.pdf"),
        ("MoU.PDF", PDF, "MoU.pdf"),
        ("scan.jpeg", JPEG, "scan.jpeg"),
        ("scan.tiff", TIFF, "scan.tiff"),
        ("scan.pdf", JPEG, "scan.jpg"),
        ("../../etc/passwd", PDF, "passwd.pdf"),
        ("C:\\scans\\MoU.pdf", PDF, "MoU.pdf"),
        ("MoU.pdf.exe", PDF, "MoU.pdf"),
        ("MoU.exe.pdf", PDF, "MoU.pdf"),
        ("MoU.html.php.docm", DOCX, "MoU.docx"),
        ("MoU.v2.pdf", PDF, "MoU.v2.pdf"),
        ("MoU of 25.05.2022.pdf", PDF, "MoU_of_25.05.2022.pdf"),
        ("MoU\u202efdp.exe", PDF, "MoUfdp.pdf"),
        ("Mo\x00U\r\n.pdf", PDF, "MoU.pdf"),
        ("Anlaşma Протокол.pdf", PDF, "Anlaşma_Протокол.pdf"),
        ("", PDF, "document.pdf"),
        (".pdf", PDF, "document.pdf"),
        ("..", PDF, "document.pdf"),
        ("///", PDF, "document.pdf"),
        ("; rm -r /", PDF, "document.pdf"),
        ("__init__.py", PDF, "init.pdf"),
        ('a"b;c.pdf', PDF, "abc.pdf"),
        (" . .pdf", PDF, "document.pdf"),
    ],
)
def test_name_for_downloads(given_name: str, content: Content, expected: str) -> None:
    assert safe_name(given_name, content) == expected


@pytest.mark.parametrize("letter", ["a", "ş", "Ж", "漢", "🕊"])
def test_long_name_fits_into_every_file_system(letter: str) -> None:
    name = safe_name(letter * 5000 + ".pdf", PDF)

    assert len(name.encode()) <= 255
    assert name.endswith(".pdf")


@given(st.text())
def test_any_name_gives_a_safe_name(name: str) -> None:
    made = safe_name(name, PDF)

    assert made.endswith(".pdf")
    assert not set(made) & set('/\\\x00"\r\n\u202e')
    assert not made.startswith(".")
