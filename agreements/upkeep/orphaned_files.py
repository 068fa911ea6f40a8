"""Which files of the document store nothing needs any more: no row names them, and no version in the history.

Files are never deleted with their rows, for the history can bring a record back. `manage.py remove_orphaned_documents`
calls this after the history was pruned, or to clear away what broken-off uploads left.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db.models import Exists, FileField, OuterRef
from reversion.models import Version

from agreements.models import Document, DocumentVersion
from agreements.models.documents import document_storage

# As `stored_name` makes them, wherever they stand in a version.
_NAMES = re.compile(r"[\w-]+/[0-9a-f]{32}\.\w*")
_FEW = 500


def orphaned_files(*, older_than: datetime) -> Iterator[str]:
    """Yield the names of the files that nothing names and that were written before this moment.

    Holds the names of one folder, which is one agreement's, and those that the history names. Reads the whole history.
    """
    storage = document_storage()
    remembered = set(_named_in_history())
    for folder in _folders():
        names = [f"{folder}{name}" for name in storage.listdir(folder)[1]]
        for name in sorted(set(names) - remembered - set(_named_in_rows(names))):
            if storage.get_modified_time(name) < older_than:
                yield name


def remove(name: str) -> None:
    """Delete the file, and the row that says when it was uploaded for a document that is gone."""
    DocumentVersion.objects.filter(file=name).delete()
    document_storage().delete(name)


def _folders(path: str = "") -> Iterator[str]:
    """Yield the folders of the store; none before the first upload has made it."""
    try:
        inside = sorted(document_storage().listdir(path)[0])
    except FileNotFoundError:
        return
    yield path
    for folder in inside:
        yield from _folders(f"{path}{folder}/")


def _named_in_history() -> Iterator[str]:
    texts = Version.objects.order_by().values_list("serialized_data", flat=True)
    for text in texts.iterator(chunk_size=_FEW):
        yield from _NAMES.findall(text)


def _named_in_rows(names: list[str]) -> Iterator[str]:
    for rows, column in _columns():
        for start in range(0, len(names), _FEW):
            some = names[start : start + _FEW]
            yield from rows.filter(**{f"{column}__in": some}).values_list(column, flat=True)


def _columns() -> Iterator[tuple[Any, str]]:
    """Yield the rows that keep a file alive, with the column that names it; whatever model has one."""
    for model in apps.get_app_config("agreements").get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, FileField):
                yield _living(model), field.name


def _living(model: Any) -> Any:
    """A version counts as long as its document is there: it outlives that, in case the history brings it back."""
    if model is not DocumentVersion:
        return model.objects.all()
    document = Document.objects.filter(pk=OuterRef("document_id"))
    return DocumentVersion.objects.filter(Exists(document))
