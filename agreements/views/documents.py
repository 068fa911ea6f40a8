"""Handing out documents: always as an attachment, never drawn by the browser on our address."""

from typing import Any

from django.http import FileResponse, Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.generic import View

from agreements.choices import Publication
from agreements.models import Document


class DocumentDownloadView(View):
    """A public document of a published agreement for everybody, any document for staff who may see documents."""

    def get(self, request: HttpRequest, ref: str, pk: str) -> FileResponse:
        document = get_object_or_404(self._visible(request.user), agreement__ref=ref, pk=int(pk))
        try:
            content = document.file.open("rb")
        except FileNotFoundError as missing:
            raise Http404(_("The file is missing from the store.")) from missing
        response = FileResponse(
            content,
            as_attachment=True,
            filename=document.file_name,
            content_type=document.media_type,
        )
        response["X-Content-Type-Options"] = "nosniff"
        response["Cache-Control"] = "private, no-store"
        # Should a browser draw it nevertheless, it may do nothing.
        response["Content-Security-Policy"] = "default-src 'none'; sandbox"
        return response

    @staticmethod
    def _visible(user: Any) -> Any:
        uploaded = Document.objects.exclude(file="").select_related("agreement")
        if user.is_staff and user.has_perm("agreements.view_document"):
            return uploaded
        return uploaded.filter(is_public=True, agreement__publication=Publication.PUBLISHED)
