"""The few files of Bootstrap that the pages use, out of the package that ships them all.

``collectstatic`` and the development server ask this finder; the pages then name
``bootstrap/bootstrap.min.css``. The package's other fifty files would take half a minute to compress.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from bootstrap_wrapper import get_bootstrap_css_dir
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage, Storage

# The style sheet names its source map, which must therefore be there too.
FILES = ("bootstrap.min.css", "bootstrap.min.css.map")
PREFIX = "bootstrap"


class BootstrapFinder(BaseFinder):
    """Finds FILES below ``bootstrap/`` and nothing else."""

    def check(self, **kwargs: Any) -> list[Any]:
        """Nothing to configure, hence nothing to complain of."""
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        """Where ``path`` lies on the disk; an empty list when it is none of ours."""
        prefix, _, name = path.partition("/")
        if prefix != PREFIX or name not in FILES:
            return []
        found = str(Path(get_bootstrap_css_dir()) / name)
        return [found] if find_all else found

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Storage]]:
        """Every file, with the storage that holds it."""
        storage = FileSystemStorage(location=get_bootstrap_css_dir())
        storage.prefix = PREFIX  # type: ignore[attr-defined]  # collectstatic reads it
        return ((name, storage) for name in FILES)
