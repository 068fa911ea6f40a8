"""What was read from uploaded documents: searched in the lists, and two files side by side.

`DocumentAdmin` mixes `DocumentTexts` in. Two files of one document are compared; files of two documents of an agreement,
such as its text in two languages, stand next to each other.
"""

from typing import ClassVar

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from agreements.admin.folded_search import FoldedSearch, searched_words
from agreements.admin.saving import is_key
from agreements.admin.screens import Screen
from agreements.curation.text_comparison import compared, side_by_side
from agreements.models import Document, DocumentVersion
from agreements.models.document_texts import agreements_containing, documents_containing
from agreements.search import SearchQuery

MOST_OTHERS = 20


def in_documents(request: HttpRequest, typed: str) -> Q:
    """Whether one of an agreement's documents contains what staff typed into the search of the list."""
    may_see = request.user.has_perm("agreements.view_document")
    if not may_see or SearchQuery.read(typed).unwanted:
        return Q(pk__in=[])
    return agreements_containing(searched_words(typed))


class DocumentTexts(FoldedSearch, Screen):
    pages: ClassVar = {"texts": "<int:pk>/texts/"}

    def _contains(self, word: str) -> Q:
        return super()._contains(word) | documents_containing([word])

    def texts_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the texts of two files next to each other: `from` and `to` are ids of versions."""
        document = Document.objects.select_related("agreement").filter(pk=pk).first()
        if document is None:
            raise Http404
        if not self.has_view_or_change_permission(request, document):
            raise PermissionDenied
        one, other = (self._version(request, document, name) for name in ("from", "to"))
        are_versions = one.document_id == other.document_id
        compare = compared if are_versions else side_by_side
        return self.page(
            request,
            "document/compare",
            title=_("Two versions compared") if are_versions else _("Two documents side by side"),
            original=document,
            one=one,
            other=other,
            columns=(one, other),
            comparison=compare(_text(one), _text(other)),
            are_versions=are_versions,
        )

    def _version(self, request: HttpRequest, document: Document, name: str) -> DocumentVersion:
        """Return a file of this document, or of another one of its agreement."""
        key = request.GET.get(name, "")
        own = DocumentVersion.objects.filter(document__agreement=document.agreement_id)
        found = own.select_related("content", "document__agreement") if is_key(key) else own.none()
        version = found.filter(pk=key).first() if is_key(key) else None
        if version is None:
            raise Http404
        return version


def _text(version: DocumentVersion) -> str:
    return version.content.text if hasattr(version, "content") else ""


def compare_url(document: Document, one: DocumentVersion, other: DocumentVersion) -> str:
    page = reverse("admin:agreements_document_texts", args=[document.pk])
    return f"{page}?from={one.pk}&to={other.pk}"


def beside(document: Document, current: DocumentVersion) -> list[tuple[Document, str]]:
    """Return the other documents of the agreement whose text was read, each with the page that shows both; one query."""
    others = DocumentVersion.objects.filter(
        document__agreement=document.agreement_id, content__reading__in=("read", "cut")
    ).exclude(document=document)
    latest: dict[int, DocumentVersion] = {}
    for version in others.select_related("document").order_by("-pk")[: MOST_OTHERS * 2]:
        if version.document.file.name == version.file.name:
            latest.setdefault(version.document_id, version)
    return [
        (version.document, compare_url(document, current, version)) for version in latest.values()
    ][:MOST_OTHERS]
