"""All choices of one facet on a page of their own: each with its count, to be searched, and to change the selection by.

With JavaScript the list of agreements loads the same choices into its form.
"""

from functools import cached_property
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView

from agreements.selection.choices import LONGEST_SOUGHT, Found
from agreements.selection.declared import Filter, Matched
from agreements.selection.selection import Selection

# The parameters of this page alone: what is sought, and the button that leads to the agreements.
OWN = ("find", "show")


class FindForm(forms.Form):
    find = forms.CharField(
        label=_("Name, in any spelling"),
        required=False,
        max_length=LONGEST_SOUGHT,
        widget=forms.TextInput(attrs={"type": "search"}),
    )


class ChoicesView(TemplateView):
    template_name = "agreements/choices.html"

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """Show the choices; the button “Show” leads to the agreements that were chosen."""
        if "show" not in request.GET:
            return super().get(request, *args, **kwargs)
        query = self.selection.canonical_query
        there = reverse("agreements:agreement_list")
        return redirect(f"{there}?{query}" if query else there)

    def get_template_names(self) -> list[str]:
        is_part = self._by_htmx and self.selection.is_valid and self.declared.is_drawn_as_facet
        return ["agreements/_facet.html"] if is_part else [self.template_name]

    def get_context_data(self, **kwargs: Any) -> dict[str, object]:
        context = super().get_context_data(selection=self.selection, **kwargs)
        return {**context, **self._offered()} if self.selection.is_valid else context

    def render_to_response(self, context: dict[str, Any], **kwargs: object) -> HttpResponse:
        response = super().render_to_response(context, **kwargs)
        patch_vary_headers(response, ["HX-Request"])
        return response

    def _offered(self) -> dict[str, object]:
        find = FindForm(self.request.GET)
        text = find.cleaned_data["find"] if find.is_valid() else ""
        facet = self.selection.facet(self.declared)
        found = Found(facet.choices, text, self.selection.page)
        offered = {"find": find, "facet": facet, "found": found, "kept": self._kept()}
        if not self.declared.is_drawn_as_facet:
            find.fields["find"].label = facet.label
            return offered
        self.selection.offer(facet, found)
        return {**offered, "field": self.selection.form[facet.parameter], "is_just_opened": True}

    def _kept(self) -> list[tuple[str, str]]:
        """Return the rest of the selection, which the form passes on."""
        own = {self.declared.name}
        if isinstance(self.declared, Matched):
            own.add(self.declared.match)
        query = self.selection.canonical
        return [
            (name, value) for name, given in query.lists() if name not in own for value in given
        ]

    @cached_property
    def declared(self) -> Filter:
        for declared in Selection.filters.values():
            if declared.has_page_of_choices and declared.facet_name == self.kwargs["parameter"]:
                return declared
        raise Http404(_now("There is no such list of choices."))

    @cached_property
    def selection(self) -> Selection:
        # asked for first, so that a parameter without choices is not found whatever else is asked
        assert self.declared  # noqa: S101
        return Selection(self.request.GET, today=timezone.localdate(), further=OWN)

    @property
    def _by_htmx(self) -> bool:
        return "HX-Request" in self.request.headers
