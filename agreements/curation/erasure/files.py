"""Which stored files contain a name: imported tables, which are removed, and documents, which somebody decides about.

No file is rewritten. A document is evidence and may be signed; the copy of a table that was imported is of no use once
its rows are in the register.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from django.db.models import QuerySet

from agreements.curation.erasure.names import Name
from agreements.domain.choices import ImportState
from agreements.models import Document, DocumentText, DocumentVersion, Import
from agreements.uploads.texts import UnreadableError, texts_of

# what is not imported yet is deleted with its file, as when staff discard it
UNDECIDED = (ImportState.UPLOADED, ImportState.PREVIEWED)


@dataclass(frozen=True)
class FoundDocument:
    """A file that contains the name, or (if `is_readable` is false) one that only people can read.

    `version` is its number among all files that were ever uploaded; `title` and `ref` are empty if its document is gone.
    """

    version: int
    file_name: str
    title: str
    ref: str
    document: int | None
    is_public: bool
    is_readable: bool


def imports_with(name: Name) -> Iterator[Import]:
    """Yield the imports whose stored file contains the name, or cannot be read by a program."""
    for run in Import.objects.exclude(file="").order_by("pk").iterator(100):
        if _stands_in_file(name, run) is not False:
            yield run


def documents_with(name: Name, records: Collection[int]) -> Iterator[FoundDocument]:
    """Yield the documents that contain the name; of those that no program can read, only those of these agreements."""
    versions: QuerySet[DocumentVersion] = DocumentVersion.objects.order_by("pk")
    for some in _in_pieces(versions):
        documents = Document.objects.select_related("agreement").in_bulk(
            {version.document_id for version in some}
        )
        for version in some:
            document = documents.get(version.document_id)
            stands = _stands_in_file(name, version)
            is_of_record = document is not None and document.agreement_id in records
            if stands or (stands is None and is_of_record):
                yield FoundDocument(
                    version=version.pk,
                    file_name=version.file_name,
                    title=document.title if document else "",
                    ref=document.agreement.ref if document else "",
                    document=document.pk if document else None,
                    is_public=bool(document and document.is_public),
                    is_readable=stands is not None,
                )


def _in_pieces(versions: "QuerySet[DocumentVersion]") -> Iterator[list[DocumentVersion]]:
    last = 0
    while some := list(versions.filter(pk__gt=last)[:200]):
        yield some
        last = some[-1].pk


def _stands_in_file(name: Name, row: Import | DocumentVersion) -> bool | None:
    """Return whether the name stands in the row's file; None if no program can tell. A file that is lost has no name.

    For a PDF no program can tell that it does not: the text that was read from it may lack some.
    """
    try:
        with row.file.open("rb") as content:
            return any(map(name.stands_in, texts_of(content)))
    except FileNotFoundError:
        return False
    except UnreadableError:
        is_version = isinstance(row, DocumentVersion)
        read = DocumentText.objects.filter(version=row.pk).first() if is_version else None
        return True if read is not None and name.stands_in(read.text) else None
