"""Finds the files of the document store that are no longer needed: neither a row nor a version in the history uses them.

Files are never deleted with their rows, because the history can restore a record. `manage.py remove_orphaned_documents`
calls this after the history has been pruned, or to remove what interrupted uploads left.
"""

import re
from collections.abc import Iterator
from datetime import datetime

from django.apps import apps
from django.db.models import Exists, FileField, Model, OuterRef, QuerySet
from reversion.models import Version

from agreements.domain.chunks import in_chunks
from agreements.models import Document, DocumentVersion
from agreements.models.documents import document_storage

# Names as `stored_name` makes them, anywhere in a version.
_NAMES = re.compile(r"[\w-]+/[0-9a-f]{32}\.\w*")
_FEW = 500


def orphaned_files(*, older_than: datetime) -> Iterator[str]:
    """Yield the names of the unused files that were written before this moment.

    Holds in memory the names in one folder (one agreement) and those in the history. Reads the whole history.
    """
    storage = document_storage()
    texts = Version.objects.order_by().values_list("serialized_data", flat=True)
    remembered = {name for text in texts.iterator(chunk_size=_FEW) for name in _NAMES.findall(text)}
    for folder in _folders():
        names = [f"{folder}{name}" for name in storage.listdir(folder)[1]]
        for name in sorted(set(names) - remembered - set(_named_in_rows(names))):
            if storage.get_modified_time(name) < older_than:
                yield name


def remove(name: str) -> None:
    """Delete the file, and the row about its upload to a document that is gone."""
    DocumentVersion.objects.filter(file=name).delete()
    document_storage().delete(name)


def _folders(path: str = "") -> Iterator[str]:
    """Yield the folders of the store; none before the first upload creates it."""
    try:
        inside = sorted(document_storage().listdir(path)[0])
    except FileNotFoundError:
        return
    yield path
    for folder in inside:
        yield from _folders(f"{path}{folder}/")


def _named_in_rows(names: list[str]) -> Iterator[str]:
    for rows, column in _columns():
        for some in in_chunks(names, _FEW):
            yield from rows.filter(**{f"{column}__in": some}).values_list(column, flat=True)


def _columns() -> Iterator[tuple[QuerySet[Model], str]]:
    """Yield, for every model with files, the rows that need their file and the column that names it."""
    for model in apps.get_app_config("agreements").get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, FileField):
                rows = model._default_manager.all()
                if model is DocumentVersion:
                    # These rows outlive their document, in case the history restores it.
                    rows = rows.filter(Exists(Document.objects.filter(pk=OuterRef("document_id"))))
                yield rows, field.name
