"""The Django project: settings, root URLs and WSGI entry point."""

import tomllib
from pathlib import Path

# The release, as `pyproject.toml` states it.
VERSION: str = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"][
    "version"
]
