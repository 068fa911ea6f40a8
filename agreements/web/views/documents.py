"""Downloads of documents: always as attachments, so that no browser displays them under our domain."""

from typing import TypeVar

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import QuerySet
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponseBase,
    HttpResponseNotModified,
)
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.generic import View

from agreements.domain.choices import Publication
from agreements.models import Document, DocumentVersion

# Caches may store public documents but must revalidate them; documents for staff must not be stored at all.
FOR_EVERYBODY = "no-cache"
FOR_STAFF = "private, no-store"
_LOCKED_UP = (
    "default-src 'none'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; sandbox"
)

Stored = TypeVar("Stored", Document, DocumentVersion)


class DocumentDownloadView(View):
    """Public documents of published agreements for everyone; any document for staff who may view documents."""

    def get(self, request: HttpRequest, ref: str, pk: str) -> HttpResponseBase:
        uploaded = Document.objects.exclude(file="").select_related("agreement")
        asked = uploaded.filter(agreement__ref=ref, pk=int(pk))
        public = asked.filter(is_public=True, agreement__publication=Publication.PUBLISHED)
        # checked first, so that a public document needs no query for the user
        if document := public.first():
            return _handed_out(request, document, FOR_EVERYBODY)
        return _handed_out(request, get_object_or_404(_seen_by(request.user, asked)), FOR_STAFF)


class DocumentVersionView(View):
    """Any file that was ever uploaded for a document, for staff who may view documents."""

    def get(self, request: HttpRequest, ref: str, pk: str, version: str) -> HttpResponseBase:
        asked = DocumentVersion.objects.filter(
            document__agreement__ref=ref, document=int(pk), pk=int(version)
        )
        return _handed_out(request, get_object_or_404(_seen_by(request.user, asked)), FOR_STAFF)


def _seen_by(user: User | AnonymousUser, documents: QuerySet[Stored]) -> QuerySet[Stored]:
    may_see = user.is_staff and user.has_perm("agreements.view_document")
    return documents if may_see else documents.none()


def _handed_out(
    request: HttpRequest, stored: Document | DocumentVersion, caching: str
) -> HttpResponseBase:
    """Return the file, or 304 if the client's copy is current; raises Http404 if it is missing in storage."""
    tag = f'"{stored.sha256}"'
    response: HttpResponseBase | None = get_conditional_response(request, etag=tag)
    if not isinstance(response, HttpResponseNotModified):
        try:
            content = stored.file.open("rb")
        except FileNotFoundError as missing:
            raise Http404(_("The file is missing from storage.")) from missing
        response = FileResponse(
            content,
            as_attachment=True,
            filename=stored.file_name,
            content_type=stored.media_type or "application/octet-stream",
            headers={
                "X-Content-Type-Options": "nosniff",
                # if a browser displays it anyway, it cannot run scripts or load anything, and no page frames it
                "Content-Security-Policy": _LOCKED_UP,
                # other sites have no need to embed it
                "Cross-Origin-Resource-Policy": "same-origin",
            },
        )
    response["ETag"] = tag
    response["Cache-Control"] = caching
    return response
