"""Secrets that a machine generates for itself."""

import stat
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

from agreements.security.local_secrets import stored_secret


def test_secret_is_generated_once(tmp_path: Path) -> None:
    numbers = count()
    made = [stored_secret(tmp_path / "var" / "key", lambda: str(next(numbers))) for _ in range(3)]

    assert made == ["0", "0", "0"]


def test_secret_is_for_its_owner_alone(tmp_path: Path) -> None:
    stored_secret(tmp_path / "key", lambda: "s3cret")

    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600


def test_processes_that_start_together_agree(tmp_path: Path) -> None:
    numbers = count()
    with ThreadPoolExecutor(8) as starting:
        made = starting.map(
            lambda _: stored_secret(tmp_path / "key", lambda: str(next(numbers))), range(64)
        )

    assert len(set(made)) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["key"]
