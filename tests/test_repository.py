"""A fresh clone of the repository works anywhere: nothing in it depends on where it was written."""

import re
import subprocess
from pathlib import Path

import pytest

PRIVATE = {
    "a path of one machine": re.compile(rb"(?<![\w.])/(?:root|home/\w+|work|Users/\w+)/[\w.]"),
    "a package registry": re.compile(
        rb"pypi[.]org|pythonhosted[.]org|registry[.]npmjs|-{2}(?:extra-)?index-url"
    ),
    "a private key": re.compile(rb"BEGIN [A-Z ]*PRIVATE KEY"),
}
MADE_BY_RUNNING = (".venv/", "var/", "db.sqlite3")
LARGEST = 2 * 1024 * 1024


@pytest.fixture(scope="module")
def tracked() -> list[Path]:
    root = Path(__file__).resolve().parent.parent
    if not (root / ".git").exists():
        pytest.skip("not a clone: the files of an archive are not listed")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached"], cwd=root, capture_output=True, check=True
    )
    files = [root / name for name in listed.stdout.decode().split("\0") if name]
    return [path for path in files if path.is_file()]


@pytest.mark.parametrize("what", PRIVATE)
def test_no_file_names(tracked: list[Path], what: str) -> None:
    own = Path(__file__).resolve()

    naming = [
        str(path) for path in tracked if path != own and PRIVATE[what].search(path.read_bytes())
    ]

    assert not naming


def test_nothing_made_by_running_is_tracked(tracked: list[Path]) -> None:
    root = Path(__file__).resolve().parent.parent
    names = [path.relative_to(root).as_posix() for path in tracked]

    assert not [name for name in names if name.startswith(MADE_BY_RUNNING)]


def test_no_file_is_large(tracked: list[Path]) -> None:
    assert not [str(path) for path in tracked if path.stat().st_size > LARGEST]
