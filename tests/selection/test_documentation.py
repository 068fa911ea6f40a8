"""The table of parameters in the documentation is the one that the declared filters make."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from agreements.selection.declarations import PARAMETERS
from agreements.selection.documentation import BEGIN, END

ROOT = Path(settings.BASE_DIR)
DOCUMENTS = [
    path
    for path in (ROOT / "README.md", *(ROOT / "docs").glob("*.md"))
    if BEGIN in path.read_text()
]


def test_the_table_is_in_one_document() -> None:
    assert len(DOCUMENTS) == 1


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_no_table_is_stale(path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy = tmp_path / path.name
    copy.write_text(path.read_text())

    call_command("write_parameter_table", str(copy))

    assert "unchanged" in capsys.readouterr().out, "make tables writes it"


def test_a_stale_table_is_written_and_the_rest_left_alone(tmp_path: Path) -> None:
    document = tmp_path / "using.md"
    document.write_text(f"Before\n{BEGIN}\n| stale |\n{END}\nAfter\n")

    call_command("write_parameter_table", str(document))

    text = document.read_text()
    assert text.startswith(f"Before\n{BEGIN}\n")
    assert text.endswith(f"{END}\nAfter\n")
    assert all(f"| `{declared.name}` |" in text for declared in PARAMETERS)
    assert "| stale |" not in text


@pytest.mark.parametrize("text", [None, "no marks", BEGIN, END])
def test_a_file_without_marks_is_refused(tmp_path: Path, text: str | None) -> None:
    document = tmp_path / "other.md"
    if text is not None:
        document.write_text(text)

    with pytest.raises(CommandError, match=r"other\.md"):
        call_command("write_parameter_table", str(document))
