"""The list of agreements as a page: a selection with its facets, its rows and its downloads."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext, gettext_lazy
from django.views.generic import TemplateView
from django_htmx.http import push_url

from agreements.selection.choices import LONGEST_SOUGHT
from agreements.selection.declarations import FILE_PARAMETERS
from agreements.selection.declared import Text
from agreements.selection.selection import Selection

# The parameters of the facets that are open: for each its name, and the text in its search box.
OF_OPEN_FACETS = ("open", "find")

# Label, sort order after the first click, sort order after the second; the columns after that of the parties.
_COLUMNS: tuple[tuple[Text, str, str | None], ...] = (
    (gettext_lazy("Subject"), "title", None),
    (gettext_lazy("Signed"), "-signed", "signed"),
    (gettext_lazy("Ends"), "ends", "-ends"),
    (gettext_lazy("Status"), "status", None),
)


def columns(selection: Selection) -> list[dict[str, Text | None]]:
    """Return the columns: label, a `hint` for the pointer, `aria_sort` for the current order, and the `sort_key` that
    a click applies.
    """
    direction = "descending" if selection.sort.startswith("-") else "ascending"
    return [
        {
            "label": label,
            "hint": gettext("Sorts by the full title") if first == "title" else "",
            "aria_sort": direction if selection.sort in (first, second) else None,
            "sort_key": second if second and selection.sort == first else first,
        }
        for label, first, second in _COLUMNS
    ]


class AgreementListView(TemplateView):
    template_name = "agreements/agreement_list.html"

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """Show the selection. If a form sent empty fields, redirect to the URL without them."""
        values = (value for _name, given in request.GET.lists() for value in given)
        if not (self._by_htmx or all(value.strip() for value in values)):
            selection = Selection(request.GET, today=timezone.localdate())
            if selection.is_valid and not selection.unknown:
                query = selection.canonical_query
                return redirect(f"{request.path}?{query}" if query else request.path)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        further = (*FILE_PARAMETERS, *(OF_OPEN_FACETS if self._by_htmx else ()))
        selection = Selection(self.request.GET, today=timezone.localdate(), further=further)
        selection.offer_choices(self._opened)
        paginator = Paginator(selection.listed, selection.per_page)
        page = paginator.get_page(selection.page)
        beyond_the_end = selection.page > paginator.num_pages
        return super().get_context_data(
            selection=selection,
            beyond_the_end=beyond_the_end,
            paginator=paginator,
            page_obj=page,
            agreements=[] if beyond_the_end else page.object_list,
            result_count=selection.count,
            columns=columns(selection),
            **kwargs,
        )

    def render_to_response(self, context: dict[str, Any], **kwargs: object) -> HttpResponse:
        """Respond with the whole page; htmx takes the parts it needs and puts the canonical URL in the address bar."""
        response = super().render_to_response(context, **kwargs)
        patch_vary_headers(response, ["HX-Request"])
        if self._by_htmx:
            query = context["selection"].canonical_query
            push_url(response, f"{self.request.path}?{query}" if query else self.request.path)
        return response

    @property
    def _opened(self) -> dict[str, str]:
        """What is sought in each facet whose choices are all loaded, which only htmx does."""
        names, texts = (self.request.GET.getlist(name) for name in OF_OPEN_FACETS)
        found = {name: text[:LONGEST_SOUGHT] for name, text in zip(names, texts, strict=False)}
        return found if self._by_htmx else {}

    @property
    def _by_htmx(self) -> bool:
        return "HX-Request" in self.request.headers
