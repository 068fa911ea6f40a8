"""How the cooperation areas of an agreement are chosen: by typing, each chosen one with a button that removes it.

The page's script draws that over the checkboxes of the whole tree, which stay below it, folded, and are what is sent.
`AreaAdmin` mixes `AreaSuggestions` in for what the script asks.
"""

from collections.abc import Iterator
from typing import Any, ClassVar

from django import forms
from django.db.models import Q, QuerySet
from django.forms.models import ModelChoiceIterator, ModelChoiceIteratorValue
from django.http import HttpRequest, JsonResponse
from django.template.loader import render_to_string
from django.utils.decorators import method_decorator
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from agreements.admin.entry import RowsChoiceField
from agreements.admin.folded_search import FoldedSearch
from agreements.admin.screens import viewers_only
from agreements.domain.subjects import subject_of
from agreements.models import Area, as_tree
from agreements.search import spellings, words

MOST_SUGGESTED = 12
MOST_FOR_A_TITLE = 5
LONGEST_TERM = 255
LONGEST_TITLE = 2_000
_SHORTEST_WORD = 4
_SHORTEST_STEM = 5


# The field


class _AreaIterator(ModelChoiceIterator):
    def __iter__(self) -> Iterator[tuple[ModelChoiceIteratorValue, str]]:
        for area, depth in as_tree(self.queryset):
            area.depth = depth
            yield ModelChoiceIteratorValue(area.pk, area), area.name


class AreaChoice(forms.CheckboxSelectMultiple):
    class Media:
        css: ClassVar = {"all": ["admin_extra/combobox.css"]}
        js = ("admin/js/jquery.init.js", "admin_extra/combobox.js", "admin_extra/areas.js")

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        option["attrs"]["data-depth"] = value.instance.depth
        return option

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """Put the checkboxes below the field that the script shows; without the script, in a list to unfold."""
        tree = super().render(name, value, attrs, renderer)
        return render_to_string("admin/agreements/agreement/_areas.html", {"tree": tree})


class AreasField(RowsChoiceField):
    """A checkbox for each area, indented below the one it is part of."""

    iterator = _AreaIterator
    widget = AreaChoice


# The suggestions


class AreaSuggestions(FoldedSearch):
    pages: ClassVar = {"suggestions": "suggestions/"}

    @method_decorator(require_safe)
    @viewers_only
    def suggestions_view(self, request: HttpRequest) -> JsonResponse:
        """Return the areas that contain the words of `term`, with what they are part of; or those named in `title`."""
        paths = _paths()
        if title := request.GET.get("title", "")[:LONGEST_TITLE]:
            found = [key for key, path in paths.items() if _is_named(path[-1], subject_of(title))]
            return JsonResponse({"results": _told(found[:MOST_FOR_A_TITLE], paths)})
        term = request.GET.get("term", "").replace("\0", "")[:LONGEST_TERM].strip()
        rows, _distinct = self.get_search_results(request, Area.objects.all(), term)
        keys = _closest_first(rows, term, paths)
        said = ngettext("%(n)d area found.", "%(n)d areas found.", len(keys)) % {"n": len(keys)}
        if not keys:
            said = _("No area has these words. Unfold all areas below to see what there is.")
        return JsonResponse({"results": _told(keys[:MOST_SUGGESTED], paths), "status": said})


def _paths() -> dict[int, list[str]]:
    """Return the names from the outermost area down to each, in the order of the tree; one query for a small table."""
    paths: dict[int, list[str]] = {}
    for area, depth in as_tree(Area.objects.all()):
        above = paths.get(area.parent_id or 0, []) if depth else []
        paths[area.pk] = [*above, area.name]
    return paths


def _told(keys: list[int], paths: dict[int, list[str]]) -> list[dict[str, Any]]:
    return [
        {"id": key, "name": paths[key][-1], "told": " › ".join(paths[key][:-1])} for key in keys
    ]


def _closest_first(rows: QuerySet[Area], term: str, paths: dict[int, list[str]]) -> list[int]:
    """Return the keys of the areas found: those with this name, names that begin with the text, that contain it, others."""
    typed = spellings(term)

    def rank(key: int) -> int:
        names = spellings(paths[key][-1])
        tests = (
            any(name == each for name in names for each in typed),
            any(name.startswith(each) for name in names for each in typed),
            any(f" {each}" in name for name in names for each in typed),
        )
        return tests.index(True) if True in tests else len(tests)

    order = {key: place for place, key in enumerate(paths)}
    found = rows.filter(Q(pk__in=list(paths))).values_list("pk", flat=True)
    return sorted(found, key=lambda key: (rank(key), order[key]))


def _is_named(area: str, title: str) -> bool:
    """Return whether every longer word of the area's name is a word of the title, perhaps with another ending."""
    sought = [word.folded for word in words(area) if len(word.folded) >= _SHORTEST_WORD]
    held = [word.folded for word in words(title)]
    return bool(sought) and all(any(_is_alike(each, word) for word in held) for each in sought)


def _is_alike(one: str, other: str) -> bool:
    shorter, longer = sorted((one, other), key=len)
    return one == other or (len(shorter) >= _SHORTEST_STEM and longer.startswith(shorter))
