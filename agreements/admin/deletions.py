"""Why a party, a source or an area cannot be deleted: the rows of agreements that use it, each with a link.

`PartyAdmin`, `SourceAdmin` and `AreaAdmin` mix `NamedObstacles` in.
"""

from collections.abc import Iterator
from typing import Any

from django.db import models
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, strip_tags
from django.utils.safestring import SafeString
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext as _

from agreements.admin.screens import Screen
from agreements.models import ROWS
from agreements.security import security_log

MOST_NAMED = 100
TITLE_SHOWN = 90


class NamedObstacles(Screen):
    """Lists, when a deletion is refused, the agreements that use the record."""

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        deleted, counts, lacking, protected = super().get_deleted_objects(objs, request)
        protected = self.obstacles(objs) or protected
        if protected and "post" in request.POST:
            security_log.note_refusal(
                "deletion_refused",
                of=", ".join(map(str, objs)),
                why="; ".join(strip_tags(str(line)) for line in protected),
            )
        return deleted, counts, lacking, protected

    def obstacles(self, objs: Any) -> list[SafeString | str]:
        """Return a line for each use that keeps one of these from being deleted; none if they can be deleted."""
        named: list[SafeString | str] = list(self._uses_of(objs))
        return [*named[:MOST_NAMED], _("and more")] if len(named) > MOST_NAMED else named

    def _uses_of(self, objs: Any) -> Iterator[SafeString]:
        for relation in self.model._meta.related_objects:
            if relation.on_delete is not models.PROTECT:
                continue
            used = {f"{relation.field.name}__in": list(objs)}
            rows: Any = relation.related_model._default_manager.filter(**used)
            if relation.related_model in ROWS:
                rows = rows.select_related("agreement").order_by("agreement__ref", "pk")
            for row in rows[: MOST_NAMED + 1]:
                what = row._meta.verbose_name
                yield _line(row, _("Part of it") if type(row) is self.model else capfirst(what))


def _line(row: Any, what: str) -> SafeString:
    if type(row) not in ROWS:
        return format_html("{}: {}", what, _link(row, str(row)))
    agreement = row.agreement
    shown = Truncator(f"{agreement.ref} {agreement.title}").chars(TITLE_SHOWN)
    return format_html("{}: {} ({})", what, row, _link(agreement, shown))


def _link(row: models.Model, text: str) -> SafeString | str:
    meta = row._meta
    try:
        url = reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk])
    except NoReverseMatch:
        return text
    return format_html('<a href="{}">{}</a>', url, text)
