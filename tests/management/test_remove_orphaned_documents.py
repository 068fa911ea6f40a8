"""manage.py remove_orphaned_documents: nothing is removed that a row or the history may still need."""

import io
import os
import time
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from reversion.models import Version

from agreements.curation.history.recording import recorded
from agreements.models import Agreement, Document, DocumentVersion, Removal
from agreements.models.documents import document_storage
from tests.factories import PDF_BYTES, AgreementFactory, DocumentFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def store(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty store for this test only."""
    options = settings.STORAGES["documents"]["OPTIONS"] | {"location": tmp_path}
    own = settings.STORAGES["documents"] | {"OPTIONS": options}
    settings.STORAGES = settings.STORAGES | {"documents": own}
    for model in (Document, DocumentVersion):
        monkeypatch.setattr(model._meta.get_field("file"), "storage", document_storage())
    return tmp_path


def remove(**options: Any) -> str:
    out = io.StringIO()
    call_command("remove_orphaned_documents", stdout=out, **{"older_than": 0, **options})
    return out.getvalue()


def in_store(store: Path) -> set[str]:
    return {path.relative_to(store).as_posix() for path in store.rglob("*") if path.is_file()}


def replaced(document: Document) -> Document:
    document.file = ContentFile(PDF_BYTES + b"\n", name="second.pdf")
    document.save()
    return document


def test_files_that_rows_name_stay(store: Path) -> None:
    document = replaced(DocumentFactory(uploaded=True))
    names = in_store(store)

    assert remove() == "0 files, 0\xa0bytes, removed.\n"
    assert in_store(store) == names
    assert len(names) == document.versions.count() == 2


def test_file_that_nothing_names_goes(store: Path) -> None:
    document_storage().save("AGR-0001/left.pdf", ContentFile(PDF_BYTES))
    document_storage().save("stray.txt", ContentFile(b"x"))
    kept = DocumentFactory(uploaded=True).file.name

    said = remove()

    assert said.splitlines()[:2] == ["stray.txt", "AGR-0001/left.pdf"]
    assert in_store(store) == {kept}


def test_file_of_a_deleted_record_stays_as_long_as_the_history_can_bring_it_back(
    store: Path,
) -> None:
    with recorded():
        agreement = AgreementFactory()
        name = DocumentFactory(uploaded=True, agreement=agreement).file.name
    with recorded():
        Agreement.objects.get(pk=agreement.pk).delete()
    assert DocumentVersion.objects.count() == 1

    remove()
    assert in_store(store) == {name}

    Removal.objects.all().delete()
    Version.objects.all().delete()
    assert name in remove()
    assert in_store(store) == set()
    assert not DocumentVersion.objects.exists()


def test_dry_run_names_the_files_and_removes_nothing(store: Path) -> None:
    document_storage().save("left.pdf", ContentFile(PDF_BYTES))

    assert (
        remove(dry_run=True)
        == f"left.pdf\n1 files, {len(PDF_BYTES)}\xa0bytes, would be removed (dry run).\n"
    )
    assert in_store(store) == {"left.pdf"}


def test_second_run_finds_nothing(store: Path) -> None:
    document_storage().save("left.pdf", ContentFile(PDF_BYTES))
    remove()

    assert remove().startswith("0 files")


def test_file_whose_record_may_just_be_being_saved_is_left_alone(store: Path) -> None:
    for name, days in (("young.pdf", 1), ("old.pdf", 3)):
        document_storage().save(name, ContentFile(PDF_BYTES))
        written = time.time() - days * 86_400
        os.utime(store / name, (written, written))

    remove(older_than=2)

    assert in_store(store) == {"young.pdf"}


def test_store_that_was_never_used_is_empty() -> None:
    assert remove().startswith("0 files")


def test_store_that_no_upload_has_made_yet_is_empty(store: Path) -> None:
    store.rmdir()

    assert remove(dry_run=True).startswith("0 files")
    assert remove().startswith("0 files")
    assert not store.exists()


def test_negative_days_are_refused() -> None:
    with pytest.raises(CommandError, match="0 or more"):
        remove(older_than=-1)
