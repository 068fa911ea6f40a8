"""Downloads of documents: always as an attachment, never displayed by the browser under our domain."""

from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.generic import View

from agreements.domain.choices import Publication
from agreements.models import Document, DocumentVersion
from agreements.models.documents import KeptFile

# Caches may keep public documents if they revalidate each time; nobody may keep those for staff only.
FOR_EVERYBODY = "no-cache"
FOR_STAFF = "private, no-store"


class DocumentDownloadView(View):
    """Public documents of published agreements for everyone; any document for staff who may view documents."""

    def get(self, request: HttpRequest, ref: str, pk: str) -> HttpResponse:
        uploaded = Document.objects.exclude(file="").select_related("agreement")
        asked = uploaded.filter(agreement__ref=ref, pk=int(pk))
        public = asked.filter(is_public=True, agreement__publication=Publication.PUBLISHED)
        # a public document is the same for everyone, so there is no need to load the user
        if document := public.first():
            return _handed_out(request, document, FOR_EVERYBODY)
        return _handed_out(request, get_object_or_404(_seen_by(request.user, asked)), FOR_STAFF)


class DocumentVersionView(View):
    """Any file that a document ever had, for staff who may view documents."""

    def get(self, request: HttpRequest, ref: str, pk: str, version: str) -> HttpResponse:
        asked = DocumentVersion.objects.filter(
            document__agreement__ref=ref, document=int(pk), pk=int(version)
        )
        return _handed_out(request, get_object_or_404(_seen_by(request.user, asked)), FOR_STAFF)


def _seen_by(user: Any, documents: QuerySet[Any]) -> QuerySet[Any]:
    may_see = user.is_staff and user.has_perm("agreements.view_document")
    return documents if may_see else documents.none()


def _handed_out(request: HttpRequest, kept: KeptFile, caching: str) -> HttpResponse:
    """Return the file, or 304 if the client's copy is current; raises Http404 if it is missing in storage."""
    file: Any = kept.file  # type: ignore[attr-defined]
    known = get_conditional_response(request, etag=f'"{kept.sha256}"')
    is_known = isinstance(known, HttpResponseNotModified)
    response: Any = known if is_known else _attachment(file, kept)
    response["ETag"] = f'"{kept.sha256}"'
    response["Cache-Control"] = caching
    return response


def _attachment(file: Any, kept: KeptFile) -> FileResponse:
    try:
        content = file.open("rb")
    except FileNotFoundError as missing:
        raise Http404(_("The file is missing from storage.")) from missing
    response = FileResponse(
        content,
        as_attachment=True,
        filename=kept.file_name,
        content_type=kept.media_type or "application/octet-stream",
    )
    response["X-Content-Type-Options"] = "nosniff"
    # if a browser displays it nevertheless, it may run and load nothing
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    # other sites have no need to embed it
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
