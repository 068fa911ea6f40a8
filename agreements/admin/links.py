"""Whether an address was still there when it was last asked, as the screens of sources and documents show it."""

from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.models import LinkCheck


class LinkFilter(admin.SimpleListFilter):
    title = gettext_lazy("address")
    parameter_name = "link"
    column = ""

    @classmethod
    def of(cls, column: str) -> Any:
        """Return the filter for rows whose address is in this column."""
        return type(cls.__name__, (cls,), {"column": column})

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("dead", _("Links that died")),
            ("alive", _("Seen alive when last asked")),
            ("unreadable", _("Answers, but to people alone")),
            ("unasked", _("Never asked")),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Any]:
        checks: Any = LinkCheck.objects.filter(link_checked_at__isnull=False)
        match self.value():
            case "dead":
                checks = LinkCheck.objects.dead()
            case "alive":
                checks = LinkCheck.objects.alive()
            case "unreadable":
                checks = LinkCheck.objects.unreadable()
            case "unasked":
                column = {f"{self.column}__in": checks.values("url")}
                return queryset.exclude(**{self.column: ""}).exclude(**column)
            case _other:
                return queryset
        return queryset.filter(**{f"{self.column}__in": checks.values("url")})


class LinkedRows(admin.ModelAdmin):
    """A screen of rows with an address, in `address_column`, that shows what came of asking it."""

    address_column = ""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        checks = LinkCheck.objects.filter(url=OuterRef(self.address_column))
        problem = Subquery(checks.values("link_problem")[:1])
        return super().get_queryset(request).annotate(link_problem=problem)

    @admin.display(description=gettext_lazy("problem with the address"))
    def link_problem(self, row: Any) -> str:
        return row.link_problem or ""

    @admin.display(description=gettext_lazy("the address, when last asked"))
    def link(self, row: Any) -> str:
        """Say when it was last seen alive, when it was last asked, and what was wrong then."""
        address = getattr(row, self.address_column)
        if not address:
            return "-"
        check = LinkCheck.objects.filter(url=address).first()
        if check is None or check.link_checked_at is None:
            return _("Nobody has asked it yet.")
        seen = _day(check.last_seen_alive)
        said = _("Last seen alive on %(day)s.") % {"day": seen} if seen else _("Never seen alive.")
        came_of_it = _REFUSES_PROGRAMS if check.is_unreadable else check.link_problem
        if came_of_it:
            asked = _("Asked on %(day)s:") % {"day": _day(check.link_checked_at)}
            return f"{said} {asked} {came_of_it}"
        return str(said)


_REFUSES_PROGRAMS = gettext_lazy(
    "The server answered, but does not show the page to programs. Open it yourself."
)


def _day(moment: Any) -> str:
    return date_format(timezone.localdate(moment), "j F Y") if moment else ""
