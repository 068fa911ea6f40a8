"""A document store of a test's own."""

from pathlib import Path
from typing import Any

import pytest

from agreements.models import Document, DocumentVersion, Import
from agreements.models.documents import document_storage

WITH_FILES = (Document, DocumentVersion, Import)


def store_documents_in(folder: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep uploaded files in this folder for the length of a test; return it.

    Changing the settings is not enough: after a test that changed them, columns keep the store they had before.
    """
    settings.DOCUMENTS_ROOT = folder
    for storage in (document_storage(), *(m._meta.get_field("file").storage for m in WITH_FILES)):
        for name in ("base_location", "location"):
            monkeypatch.setitem(vars(storage), name, str(folder))
    return folder
