"""How the parties of an agreement are chosen: by typing a few letters, and a new one is created without leaving the page.

The page's script draws the field over the plain select, which is what is sent. `PartyAdmin` mixes `PartiesInPlace` in
for what the script asks: the suggestions, and the small form of a new party.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from agreements.admin.entry import PartyAutocomplete, by_likeness, in_full, spelling_found
from agreements.admin.saving import is_key, written
from agreements.admin.screens import Screen, viewers_only
from agreements.curation.duplicate_parties import alike_to
from agreements.curation.party_guesses import guess
from agreements.models import Participation, Party
from agreements.security.security_log import note_refusal

MOST_SUGGESTED = 8
LONGEST_TERM = 255
IN_PLACE = ("name", "kind", "country", "parent", "short_name")
# the keys of the parties that the form named as possibly the same
NAMED = "named"


class PartyChoice(PartyAutocomplete):
    """A party, chosen or created by the page's script; the select stays below it."""

    may_create = True

    class Media:
        css: ClassVar = {"all": ["admin_extra/combobox.css"]}
        js = ("admin/js/jquery.init.js", "admin_extra/combobox.js", "admin_extra/party_choice.js")

    def build_attrs(self, base_attrs: Any, extra_attrs: Any = None) -> dict[str, Any]:
        """Leave out what would make Django's own script take the field."""
        attrs = forms.Select.build_attrs(self, base_attrs, extra_attrs)
        create = {"data-create": reverse("admin:agreements_party_in_place")}
        return {
            **attrs,
            "data-party-choice": reverse("admin:agreements_party_suggestions"),
            "data-unchosen": _("Choose a party from the list, or empty the field."),
            "data-failed": _("That did not work. Log in again in another tab, then try again."),
            **(create if self.may_create else {}),
        }

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        keys = [int(key) for key in value if is_key(str(key)) and key not in self.known]
        if keys:
            found = Party.objects.in_bulk(keys)
            self.known = {**self.known, **{str(key): party for key, party in found.items()}}
        return super().optgroups(name, value, attr)

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        if known := self.known.get(str(value)):
            option["attrs"]["data-short"] = shortest(known)  # type: ignore[arg-type]
        return option


def shortest(party: Party) -> str:
    """Return the name of a state, and of a body the shortest name it has."""
    return party.name if party.is_country else party.short_name or party.name


class PartiesInPlace(Screen):
    """What the field of a party asks while somebody types, and the small form of a new one."""

    pages: ClassVar = {"suggestions": "suggestions/", "in_place": "in-place/"}

    @method_decorator(require_safe)
    @viewers_only
    def suggestions_view(self, request: HttpRequest) -> JsonResponse:
        """Return the parties that `term` finds, the closest first, and whether it can be created as a new one."""
        term = _typed(request, "term")
        found, _distinct = self.get_search_results(request, Party.objects.all(), term)
        closest = found.order_by(*by_likeness(term)) if term else found
        results = told(closest.prefetch_related("names")[:MOST_SUGGESTED], term)
        n = len(results)
        said = ngettext("%(n)d party found.", "%(n)d parties found.", n) % {"n": n}
        if not results and (alike := told(_like(_named(term)), "")):
            results = [{**each, "alike": True} for each in alike]
            said = _("No party has all these words. Perhaps: %(name)s.") % {
                "name": alike[0]["name"]
            }
        answer = {"results": results, "status": said}
        if term and self.has_add_permission(request):
            answer["create"] = _("Create “%(name)s”…") % {"name": term}
            answer["create_told"] = _("a body the register does not have")
        return JsonResponse(answer)

    @method_decorator(require_http_methods(["GET", "POST"]))
    def in_place_view(self, request: HttpRequest) -> HttpResponse:
        """Show the form of a new party with what its name says about it; by POST, save it and return it as chosen."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            return written(request, lambda: self._create_in_place(request))
        name = _typed(request, "name")
        known = _named(name)
        initial = {each: getattr(known, each) for each in ("name", "kind", "country", "parent")}
        form = self._form_in_place(request, initial=initial)
        return _shown(request, form, _like(known) if name else [])

    def _form_in_place(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        form_class: Any = self.get_form(request, None, fields=(*IN_PLACE, "slug"))
        form = form_class(*args, auto_id="party_%s", **kwargs)
        parent = form.fields["parent"]
        widget = PartyChoice(Party._meta.get_field("parent"), self.admin_site)
        widget.may_create = False
        widget.choices = parent.choices
        parent.widget = widget
        return form

    def _create_in_place(self, request: HttpRequest) -> HttpResponse:
        form = self._form_in_place(request, request.POST)
        if not form.is_valid():
            return _shown(request, form, [])
        party = self.save_form(request, form, change=False)
        alike = _like(party)
        if {str(other.pk) for other in alike} - set(request.POST.getlist(NAMED)):
            note_refusal("alike_refused", of=str(party), why=_("A party like it exists."))
            return _shown(request, form, alike)
        self.save_model(request, party, form, change=False)
        self.save_related(request, form, [], change=False)
        changes = self.construct_change_message(request, form, [], add=True)
        self.log_addition(request, party, changes)
        return JsonResponse(told([party], "")[0], status=201)


def _named(name: str) -> Party:
    """Return a party that is not stored, with what its name says about it."""
    guessed = guess(name)
    return Party(name=name, kind=guessed.kind, country=guessed.country, parent=guessed.parent)


def _like(party: Party) -> list[Party]:
    """Return the parties that a new one may be; those above it are not."""
    country = str(party.country or (party.parent.country if party.parent else ""))
    found = alike_to([party.name], country, None)
    return [other for other in found if other.pk != party.parent_id]


def told(parties: Any, term: str) -> list[dict[str, Any]]:
    """Return parties as the field lists them, with what tells them apart; one query, and what `parties` takes."""
    rows = list(parties)
    counts = _agreements_of([party.pk for party in rows])
    return [
        {
            "id": party.pk,
            "name": in_full(party),
            "short": shortest(party),
            "told": _in_short(party, counts.get(party.pk, 0)),
            "spelling": spelling_found(party, term) if term else "",
        }
        for party in rows
    ]


def _agreements_of(keys: Sequence[int]) -> dict[int, int]:
    rows = Participation.objects.filter(party__in=keys).order_by().values("party")
    return dict(rows.annotate(n=Count("agreement", distinct=True)).values_list("party", "n"))


def _in_short(party: Party, count: int) -> str:
    agreements = ngettext("%(n)d agreement", "%(n)d agreements", count) % {"n": count}
    return f"{party.get_kind_display()} · {agreements}"


def _typed(request: HttpRequest, name: str) -> str:
    return " ".join(request.GET.get(name, "").replace("\0", "")[:LONGEST_TERM].split())


def _shown(request: HttpRequest, form: Any, alike: Sequence[Party]) -> HttpResponse:
    """Return the form; when it was refused, too: a browser logs every other status as an error of the page."""
    shown = {
        "form": form,
        "fields": [form[name] for name in IN_PLACE],
        "alike": told(alike, ""),
        "was_sent": form.is_bound,
    }
    return render(request, "admin/agreements/party/in_place.html", shown)
