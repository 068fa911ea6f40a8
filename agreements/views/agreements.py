"""The list of agreements as a page and as a file: the same selection, drawn twice."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView, View

from agreements.exporting.csv import stream_csv
from agreements.selection import Problem, Selection

# Label, what a click sorts by, what a second click sorts by. A column without a sort has no link.
_COLUMNS: tuple[tuple[Any, str | None, str | None], ...] = (
    (gettext_lazy("Reference"), "ref", None),
    (gettext_lazy("Title"), "title", None),
    (gettext_lazy("Parties"), None, None),
    (gettext_lazy("Signed"), "-signed", "signed"),
    (gettext_lazy("Status"), None, None),
)


def columns(selection: Selection) -> list[dict[str, Any]]:
    """Return the table's columns: label, `aria_sort` of the present order, and the `sort_key` a click asks for."""
    return [
        {
            "label": label,
            "aria_sort": _direction(selection.sort)
            if first and selection.sort in (first, second)
            else None,
            "sort_key": second if second and selection.sort == first else first,
        }
        for label, first, second in _COLUMNS
    ]


def _direction(sort: str) -> str:
    return "descending" if sort.startswith("-") else "ascending"


class AgreementListView(TemplateView):
    template_name = "agreements/agreement_list.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the selection, or lead to its own short address: a form sends the empty fields too."""
        values = (value for _name, given in request.GET.lists() for value in given)
        if not all(value.strip() for value in values):
            selection = Selection(request.GET, today=timezone.localdate())
            if selection.is_valid and not selection.unknown:
                query = selection.canonical_query
                return redirect(f"{request.path}?{query}" if query else request.path)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        selection = Selection(self.request.GET, today=timezone.localdate())
        selection.filterset.offer_what_occurs()
        paginator = Paginator(selection.agreements.with_parties().with_areas(), selection.per_page)
        page = paginator.get_page(selection.page)
        beyond_the_end = selection.page > paginator.num_pages
        return super().get_context_data(
            selection=selection,
            beyond_the_end=beyond_the_end,
            paginator=paginator,
            page_obj=page,
            agreements=[] if beyond_the_end else page.object_list,
            result_count=paginator.count,
            columns=columns(selection),
            **kwargs,
        )


class AgreementCsvView(View):
    """The complete selection as CSV, streamed; a query that is not wholly understood is refused."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        selection = Selection(request.GET, today=timezone.localdate())
        excel, problems = _excel(request)
        problems = [*selection.errors, *selection.unknown, *problems]
        if problems:
            return refusal(problems)
        rows = stream_csv(
            selection.agreements,
            day=selection.as_of,
            absolute_url=request.build_absolute_uri,
            excel=excel,
        )
        return StreamingHttpResponse(
            rows,
            content_type="text/csv; charset=utf-8; header=present",
            headers={"Content-Disposition": 'attachment; filename="agreements.csv"'},
        )


def _excel(request: HttpRequest) -> tuple[bool, list[Problem]]:
    given = request.GET.get("excel", "")
    if given in ("", "0", "1"):
        return given == "1", []
    return False, [Problem("excel", "excel", _("Give 1 for a byte order mark, or leave it out."))]


def refusal(problems: list[Problem]) -> HttpResponse:
    """Answer 400 with one plain line for each parameter that was not understood."""
    heading = _("The query was not understood, so nothing was selected.")
    lines = [heading, *(str(problem) for problem in problems)]
    return HttpResponse(
        "\n".join(lines) + "\n", status=400, content_type="text/plain; charset=utf-8"
    )
