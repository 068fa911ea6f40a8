"""Why a party, a source or an area cannot be deleted: which rows of which agreements name it, each with a link.

`PartyAdmin`, `SourceAdmin` and `AreaAdmin` mix `NamedObstacles` in.
"""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, strip_tags
from django.utils.safestring import SafeString
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext as _

from agreements.models import ROWS
from agreements.security import security_log

MOST_NAMED = 100
TITLE_SHOWN = 90


class NamedObstacles(admin.ModelAdmin):
    """Says of a refused deletion in which agreements the record is used."""

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
        """Return a line for each use that keeps one of these from being deleted; none if they can be."""
        named: list[SafeString | str] = list(_users_of(self.model, objs))
        return [*named[:MOST_NAMED], _("and more")] if len(named) > MOST_NAMED else named


def _users_of(model: Any, objs: Any) -> Iterator[SafeString]:
    """Yield each row that keeps one of these from being deleted, as what it is and where it stands."""
    for relation in model._meta.related_objects:
        if relation.on_delete is models.PROTECT:
            rows = relation.related_model._default_manager.filter(
                **{f"{relation.field.name}__in": list(objs)}
            )
            if relation.related_model in ROWS:
                rows = rows.select_related("agreement").order_by("agreement__ref", "pk")
            for row in rows[: MOST_NAMED + 1]:
                yield _line(row, model)


def _line(row: Any, model: Any) -> SafeString:
    what = _("Part of it") if type(row) is model else capfirst(row._meta.verbose_name)
    if type(row) not in ROWS:
        return format_html("{}: {}", what, _link(row, str(row)))
    agreement = row.agreement
    shown = Truncator(f"{agreement.ref} {agreement.title}").chars(TITLE_SHOWN)
    return format_html("{}: {} ({})", what, row, _link(agreement, shown))


def _link(row: Any, text: str) -> SafeString | str:
    meta = row._meta
    try:
        address = reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk])
    except NoReverseMatch:
        return text
    return format_html('<a href="{}">{}</a>', address, text)
