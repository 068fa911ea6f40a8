"""Fills the columns that describe what is there already: folded names, media types, the files of documents."""

from collections.abc import Iterator
from typing import Any

from django.db import migrations
from django.db.models import Case, Value, When

from agreements.search import fold

FEW = 500
MEDIA_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "odt": "application/vnd.oasis.opendocument.text",
    "txt": "text/plain",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "tif": "image/tiff",
    "tiff": "image/tiff",
}


def in_chunks(rows: Any) -> Iterator[list[Any]]:
    last = 0
    while chunk := list(rows.filter(pk__gt=last).order_by("pk")[:FEW]):
        yield chunk
        last = chunk[-1].pk


def fold_names(apps: Any, schema_editor: Any) -> None:
    for model in ("Party", "PartyName"):
        rows = apps.get_model("agreements", model).objects.using(schema_editor.connection.alias)
        for chunk in in_chunks(rows):
            for row in chunk:
                row.folded_name = fold(row.name)[:255]
            rows.bulk_update(chunk, ["folded_name"])


def describe_documents(apps: Any, schema_editor: Any) -> None:
    """Until now the type followed from the name, which was checked against the content."""
    alias = schema_editor.connection.alias
    documents = apps.get_model("agreements", "Document").objects.using(alias).exclude(file="")
    versions = apps.get_model("agreements", "DocumentVersion")
    known = (
        When(file_name__iendswith=f".{extension}", then=Value(media_type))
        for extension, media_type in MEDIA_TYPES.items()
    )
    documents.update(media_type=Case(*known, default=Value("application/octet-stream")))
    for chunk in in_chunks(documents):
        versions.objects.using(alias).bulk_create(version_of(versions, row) for row in chunk)


def version_of(versions: Any, document: Any) -> Any:
    return versions(
        document=document,
        file=document.file.name,
        file_name=document.file_name,
        media_type=document.media_type,
        size=document.size,
        sha256=document.sha256,
        added_at=document.added_at,
    )


class Migration(migrations.Migration):
    dependencies = [("agreements", "0009_merges_files_links")]

    operations = [
        migrations.RunPython(fold_names, migrations.RunPython.noop),
        migrations.RunPython(describe_documents, migrations.RunPython.noop),
    ]
