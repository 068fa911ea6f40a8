"""The base of every screen of the register: extra pages in addition to Django's, and columns of its list.

A mixin of a screen declares its pages in `pages` and adds to the page of a record in `add_context`.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Model, OuterRef
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from agreements.admin.entry import RegisterEntry
from agreements.admin.filter_bar import ALONE, BarList
from agreements.admin.saving import WHY
from agreements.domain.partial_dates import in_words

Context = dict[str, Any]
Page = Callable[..., HttpResponse]


def viewers_only(view: Page) -> Page:
    """Refuse this page of a screen to everybody who may not view the screen's records."""

    @wraps(view)
    def guarded(screen: Any, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not screen.has_view_permission(request):
            raise PermissionDenied
        return view(screen, request, *args, **kwargs)

    return guarded


class Pages(admin.ModelAdmin):
    """A screen with extra pages, and with a bar of filters above its list."""

    change_list_template = "admin/agreements/change_list.html"
    # the path of each page by its name; its view is `<name>_view`, its URL `admin:agreements_<model>_<name>`
    pages: ClassVar[dict[str, str]] = {}
    # those that show the form of the record, which browsers send as one that may have files
    form_pages: ClassVar[tuple[str, ...]] = ()
    # whether its own pages read files that its records do not keep
    reads_files: ClassVar[bool] = False

    def get_changelist(self, request: HttpRequest, **kwargs: object) -> type[BarList]:
        return BarList

    def changelist_view(
        self, request: HttpRequest, extra_context: Context | None = None
    ) -> HttpResponse:
        """Show the list, or the choices of the menu that is being opened on it."""
        response: HttpResponse = super().changelist_view(request, extra_context)
        if ALONE in request.headers and isinstance(response, TemplateResponse):
            response.template_name = "admin/agreements/_open_menu.html"
        return response

    def get_pages(self) -> dict[str, str]:
        """Return the `pages` of the screen and of all its mixins."""
        return {
            name: route
            for part in type(self).__mro__
            for name, route in vars(part).get("pages", {}).items()
        }

    def get_urls(self) -> list[URLPattern]:
        own = [
            path(route, self._guarded(name), name=self.url_name(name))
            for name, route in self.get_pages().items()
        ]
        return [*own, *super().get_urls()]

    def _guarded(self, name: str) -> Any:
        view: Any = self.admin_site.admin_view(getattr(self, f"{name}_view"))
        if name in self.form_pages:
            # as Django marks its own pages
            view.model_admin = self
        return view

    def url_name(self, name: str) -> str:
        """Return the name of the URL of one of the screen's pages, without the `admin:` in front."""
        return f"{self.opts.app_label}_{self.opts.model_name}_{name}"

    def url_of(self, name: str, *args: object) -> str:
        """Return the URL of one of the screen's pages, its own or Django's."""
        return reverse(f"admin:{self.url_name(name)}", args=args)

    def page(
        self, request: HttpRequest, template: str, *, status: int = 200, **context: object
    ) -> TemplateResponse:
        """Return a page of this screen, drawn by `admin/agreements/<template>.html`; `why` is the reason typed so far."""
        own = {**self.admin_site.each_context(request), "opts": self.opts, "media": self.media}
        own["why"] = request.POST.get(WHY, "")
        name = f"admin/agreements/{template}.html"
        return TemplateResponse(request, name, own | context, status=status)


class Screen(RegisterEntry, Pages):
    list_per_page = 100
    # each count would query the database again
    show_facets = admin.ShowFacets.NEVER

    def action_checkbox(self, obj: Model) -> SafeString:
        """Return the same box as Django, which would draw two templates for each row."""
        label = format_html(gettext("Select this object for an action - {}"), str(obj))
        box = '<input type="checkbox" name="{}" value="{}" class="action-select" aria-label="{}">'
        return format_html(box, ACTION_CHECKBOX_NAME, obj.pk, label)

    def render_change_form(
        self, request: HttpRequest, context: Context, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        self.add_context(request, context, context["original"])
        return super().render_change_form(request, context, *args, **kwargs)

    def add_context(self, request: HttpRequest, context: Context, shown: Any) -> None:
        """Add what the page of `shown` needs to its context; `shown` is None while a record is being added."""


def date_column(name: str, label: Any) -> Any:
    """Return a column that shows a partial date in words."""

    @admin.display(description=label, ordering=f"{name}_earliest")
    def column(_screen: Screen, row: Model) -> str | None:
        date = getattr(row, name)
        return in_words(date) if date else None

    return column


def count_column(name: str, label: Any) -> Any:
    """Return a column for the number that `count_of` annotated under this name."""

    @admin.display(description=label, ordering=name)
    def column(_screen: Screen, row: Model) -> int:
        return int(getattr(row, name))

    return column


def count_of(model: type[Model], owner: str, counted: str = "pk") -> Coalesce:
    """Return the number of rows of `model` that name a row in the field `owner`, for `annotate`."""
    rows = model._default_manager.filter(**{owner: OuterRef("pk")}).order_by().values(owner)
    return Coalesce(rows.annotate(n=Count(counted, distinct=True)).values("n"), 0)
