"""Whether a URL still worked when it was last checked, on the screens of sources and documents."""

from datetime import datetime
from typing import Any, Self

from django.contrib import admin
from django.db.models import Model, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.admin.screens import Screen
from agreements.models import LinkCheck


class LinkFilter(admin.SimpleListFilter):
    title = gettext_lazy("link check")
    parameter_name = "link"
    column = ""

    @classmethod
    def of(cls, column: str) -> type[Self]:
        """Return the filter for rows whose URL is in this column."""
        return type(cls.__name__, (cls,), {"column": column})

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [
            ("dead", _("Broken links")),
            ("alive", _("Worked when last checked")),
            ("unreadable", _("Cannot be checked automatically")),
            ("unasked", _("Never checked")),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Any]:
        found, checks = self.value() or "", LinkCheck.objects
        asked = checks.filter(link_checked_at__isnull=False)
        if found == "unasked":
            known = {f"{self.column}__in": asked.values("url")}
            return queryset.exclude(**{self.column: ""}).exclude(**known)
        if found not in ("dead", "alive", "unreadable"):
            return queryset
        return queryset.filter(**{f"{self.column}__in": getattr(checks, found)().values("url")})


class LinkedRows(Screen):
    """A screen of rows with a URL, in `url_column`, that shows the result of checking it."""

    url_column = ""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Model]:
        checks = LinkCheck.objects.filter(url=OuterRef(self.url_column))
        problem = Subquery(checks.values("link_problem")[:1])
        return super().get_queryset(request).annotate(link_problem=problem)

    @admin.display(description=gettext_lazy("problem with the link"))
    def link_problem(self, row: Any) -> str:
        return row.link_problem or ""

    @admin.display(description=gettext_lazy("last link check"))
    def link(self, row: Model) -> str:
        """Say when the URL last worked, when it was last checked, and what was wrong then."""
        url = getattr(row, self.url_column)
        if not url:
            return "-"
        check = LinkCheck.objects.filter(url=url).first()
        if check is None or check.link_checked_at is None:
            return _("Not checked yet.")
        problem = check.link_problem
        if check.is_unreadable:
            problem = _("The server answered but blocks automatic checks. Open the page yourself.")
        seen = _("Never seen working.")
        if check.last_seen_alive:
            seen = _("Last worked on %(day)s.") % {"day": _day(check.last_seen_alive)}
        if not problem:
            return seen
        asked = _("Checked on %(day)s:") % {"day": _day(check.link_checked_at)}
        return f"{seen} {asked} {problem}"


def _day(moment: datetime) -> str:
    return date_format(timezone.localdate(moment), "j F Y")
