"""The Word file of a brief: hostile text, an operator's own template, and the check of it."""

from dataclasses import replace
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from docx import Document
from pytest_django import Settings

from agreements.briefs.checks import brief_template_works, sample
from agreements.briefs.word import rendered, word_file


def text_of(file: bytes) -> str:
    """Return the text of a Word file: its paragraphs, then the cells of its tables."""
    document = Document(BytesIO(file))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(each.text for each in document.paragraphs), *cells])


def own_template(folder: Path, *paragraphs: str) -> str:
    document = Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    path = folder / "own.docx"
    document.save(str(path))
    return str(path)


def test_every_part_of_the_brief_is_in_the_file() -> None:
    text = text_of(word_file(sample()))

    for part in ("A and B", "Internal", "agreement", "Ending soon", "and 1 more", "ends: 2027"):
        assert part in text
    for part in ("They exchange experts.", "31 days late", "A note.", "They rest on 1 source."):
        assert part in text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a & b <w:p>", "a & b <w:p>"),
        ("{{ 7 * 7 }} {% if %}", "{{ 7 * 7 }} {% if %}"),
        ("null \x00 and bell \x07", "null \ufffd and bell \ufffd"),
        ("Əmək Nazirliyi مذكرة 汉", "Əmək Nazirliyi مذكرة 汉"),
    ],
    ids=["markup", "template", "control characters", "scripts"],
)
def test_text_is_shown_as_it_is(text: str, shown: str) -> None:
    file = word_file(replace(sample(), title=text, subtitle=text))

    assert shown in text_of(file)


def test_own_template_is_used_and_reads_nothing_but_the_brief(
    tmp_path: Path, settings: Settings
) -> None:
    settings.BRIEF_TEMPLATE = own_template(tmp_path, "Ours: {{ title }}")

    assert text_of(word_file(sample())) == "Ours: A and B"
    assert [*brief_template_works()] == []


@pytest.mark.parametrize(
    "field",
    ["{{ titel }}", "{{ title", "{% for line in lines %}", "{{ title.__class__.__mro__ }}"],
    ids=["unknown field", "not closed", "not ended", "leaves the sandbox"],
)
def test_check_names_a_template_that_does_not_work(
    tmp_path: Path, settings: Settings, field: str
) -> None:
    settings.BRIEF_TEMPLATE = own_template(tmp_path, field)

    assert [each.id for each in brief_template_works()] == ["agreements.E023"]


@pytest.mark.parametrize("content", [None, b"", b"not a Word file"], ids=["none", "empty", "text"])
def test_check_names_a_file_that_is_no_template(
    tmp_path: Path, settings: Settings, content: bytes | None
) -> None:
    settings.BRIEF_TEMPLATE = str(tmp_path / "own.docx")
    if content is not None:
        Path(settings.BRIEF_TEMPLATE).write_bytes(content)

    (error,) = brief_template_works()

    assert "BRIEF_TEMPLATE cannot be used" in error.msg
    assert "write_brief_template" in str(error.hint)


def test_without_a_template_of_ones_own_there_is_nothing_to_check(
    settings: Settings,
) -> None:
    settings.BRIEF_TEMPLATE = ""

    assert [*brief_template_works()] == []


def test_command_writes_the_template_once(tmp_path: Path) -> None:
    path = tmp_path / "brief.docx"

    call_command("write_brief_template", str(path), stdout=StringIO())

    assert "A and B" in text_of(rendered(path.read_bytes(), sample(), is_strict=True))
    with pytest.raises(CommandError, match="exists already"):
        call_command("write_brief_template", str(path))
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("write_brief_template", str(tmp_path / "no" / "folder.docx"))
