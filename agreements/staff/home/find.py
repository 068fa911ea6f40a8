"""The one search box of the staff home: agreements, parties, people and sources, each as its own list finds them."""

from dataclasses import dataclass
from typing import Any

from django.contrib.admin import AdminSite
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from agreements.models import Agreement, Party, Person, Source
from agreements.staff.accounts.pages import admin_page

SEARCHED: tuple[type[Model], ...] = (Agreement, Party, Person, Source)
MOST_SHOWN = 10
LONGEST = 400


@dataclass(frozen=True)
class Group:
    """What was found in one list: the first rows with their URLs, and the URL of the list if there are more."""

    label: str
    rows: list[tuple[str, str]]
    more_url: str


@require_safe
def find(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Show what the text typed into the box finds in the lists that this person may see; two queries for each list."""
    typed = request.GET.get("q", "").strip()
    groups = [_found(request, site, model, typed) for model in SEARCHED if typed[:LONGEST]]
    return admin_page(
        request,
        "find",
        _("Search"),
        typed=typed,
        groups=[group for group in groups if group and group.rows],
    )


def _found(request: HttpRequest, site: AdminSite, model: type[Model], typed: str) -> Group | None:
    screen: Any = site.get_model_admin(model)
    if not screen.has_view_permission(request):
        return None
    every = screen.get_queryset(request)
    found, _may_repeat = screen.get_search_results(request, every, typed[:LONGEST])
    order: Any = screen.ordering or model._meta.ordering
    rows = list(found.order_by(*order)[: MOST_SHOWN + 1])
    page = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    query = urlencode({"q": typed[:LONGEST]})
    return Group(
        label=capfirst(str(model._meta.verbose_name_plural)),
        rows=[(str(row), reverse(f"{page}_change", args=[row.pk])) for row in rows[:MOST_SHOWN]],
        more_url=f"{reverse(f'{page}_changelist')}?{query}" if len(rows) > MOST_SHOWN else "",
    )
