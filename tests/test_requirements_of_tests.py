"""A test whose requirements are missing is skipped with the reason; under REQUIRE_ALL=1 it fails."""

import subprocess
import sys
from pathlib import Path

import pytest


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
