"""Bootstrap's files: the few we use are found, collected and served, the rest is not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from agreements.serving.staticfiles import BootstrapFinder


def test_style_sheet_is_found() -> None:
    found = finders.find("bootstrap/bootstrap.min.css")

    assert isinstance(found, str)
    assert Path(found).read_text().lstrip().startswith('@charset "UTF-8"')


@pytest.mark.parametrize(
    "path",
    [
        "bootstrap/bootstrap.css",
        "bootstrap/../LICENSE",
        "bootstrap.min.css",
        "js/bootstrap.min.css",
    ],
)
def test_nothing_else_of_the_package_is_found(path: str) -> None:
    assert BootstrapFinder().find(path) == []


def test_collected_files_are_hashed_and_compressed_but_for_maps(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity", "0"],
        env={"PATH": os.environ["PATH"], "STATIC_ROOT": str(tmp_path)},
        check=True,
    )

    collected = {path.name for path in (tmp_path / "bootstrap").iterdir()}
    hashed = [name for name in collected if name.endswith(".css") and name.count(".") == 3]
    assert len(hashed) == 1
    assert {f"{hashed[0]}.br", f"{hashed[0]}.gz"} <= collected
    assert not [name for name in collected if ".map." in name and name.endswith((".br", ".gz"))]
