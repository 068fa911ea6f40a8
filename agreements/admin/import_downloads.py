"""What an import offers to download: its refused rows with the reasons, and a template to fill in."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from agreements.admin.screens import Screen
from agreements.exchange.importing.refused_rows import refused_csv
from agreements.exchange.importing.template import template_csv, write_template
from agreements.models import Import
from agreements.security.transport import never_over_http

_CSV = "text/csv; charset=utf-8"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ImportDownloads(Screen):
    """The downloads of an import; none of them opens the uploaded file."""

    pages = {"refused": "<int:pk>/refused/", "template": "template/<str:extension>/"}

    @never_over_http
    def refused_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Send the refused rows as CSV."""
        screen: Any = self
        run: Import = screen.run_of(request, pk)
        return _sent(refused_csv(run), f"refused-{run.pk}.csv", _CSV)

    @never_over_http
    def template_view(self, request: HttpRequest, extension: str) -> HttpResponseBase:
        """Send the template as CSV or XLSX."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        if extension == "csv":
            return _sent(template_csv(), "template.csv", _CSV)
        if extension != "xlsx":
            raise Http404
        book = BytesIO()
        write_template(book)
        response = HttpResponse(book.getvalue(), content_type=_XLSX)
        response["Content-Disposition"] = 'attachment; filename="template.xlsx"'
        return response


def _sent(lines: Iterator[str], name: str, content_type: str) -> StreamingHttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(lines, content_type=content_type, headers=headers)
