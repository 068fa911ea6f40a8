"""The application registers its receivers itself, whatever else a process happens to import."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
WITHOUT_ADMIN = """
import sys
import django
from django.contrib import admin
admin.autodiscover = lambda: None
django.setup()
print(*sys.modules, sep="\\n")
"""


@pytest.mark.parametrize(
    "module", ["agreements.curation.history.recording", "agreements.security.security_log"]
)
def test_history_and_security_log_are_kept_without_the_admin(module: str) -> None:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "mou_tracker.settings"}

    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_ADMIN],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert module in done.stdout.splitlines()
