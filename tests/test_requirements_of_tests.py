"""What the tests themselves require: a test whose requirements are missing is skipped with the reason; under
REQUIRE_ALL=1 it fails. What runs on SQLite only asks its database nothing that databases answer differently.
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.alike import ALIKE

# What databases differ in. That a page runs so many queries is the same on both.
ON_ITS_OWN = re.compile(
    r"\.cursor\(|\batomic\b|\bselect_for_update\b|\b(Integrity|Operational|Database)Error\b|"
    r"\bthreading\b|\bThread|\.vendor\b|\bcall_command\b"
)


@pytest.mark.parametrize(
    ("require_all", "code", "sentence"),
    [
        pytest.param("", 0, "1 skipped", id="a newcomer's machine"),
        pytest.param("1", 1, "REQUIRE_ALL=1 allows no skip: ", id="CI"),
    ],
)
def test_missing_browser(tmp_path: Path, require_all: str, code: int, sentence: str) -> None:
    asking = tmp_path / "test_asking.py"
    asking.write_text("def test_asking(chromium): pass")
    options = ["-rs", "-p", "tests.conftest", "-p", "no:cacheprovider", "-c", "pyproject.toml"]

    answer = subprocess.run(
        [sys.executable, "-m", "pytest", *options, str(asking)],
        env={"PATH": str(Path(sys.executable).parent), "REQUIRE_ALL": require_all},
        capture_output=True,
        text=True,
        check=False,
    )

    assert answer.returncode == code, answer.stdout + answer.stderr
    assert sentence in answer.stdout
    assert "no Chromium on this machine" in answer.stdout


@pytest.mark.parametrize("path", ALIKE)
def test_what_runs_on_sqlite_only_asks_nothing_of_its_own(path: str, project_root: Path) -> None:
    text = (project_root / path).read_text()

    assert [found[0] for found in ON_ITS_OWN.finditer(text)] == []
