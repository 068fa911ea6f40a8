"""The page shown on saving a record that was deleted in the meantime: what was typed can be entered again.

`versions` shows it. It is one form that sends everything typed to the page for new records.
"""

from typing import Any

from django.contrib.admin.utils import unquote
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _

from agreements.admin.answers import unseen
from agreements.admin.saving import is_key
from agreements.admin.screens import Screen
from agreements.admin.typed_forms import put_rows, rows_in
from agreements.curation.history.differences import FieldChange
from agreements.curation.history.states import kept_fields
from agreements.curation.history.words import label
from agreements.models import ROWS, Removal


def lost_record_page(screen: Screen, request: HttpRequest, object_id: str) -> HttpResponse:
    """Return the page that offers to enter a deleted record again, with what was typed."""
    data = _as_new(screen, request.POST)
    return screen.page(
        request,
        "lost_record",
        status=409,
        title=_("This was deleted while you were editing"),
        removal=_removal(screen, object_id),
        # the answers are in the data by now
        hidden=list(unseen(data)),
        shown=_typed_lines(screen, data),
        why=data.get("why", ""),
        add_url=screen.url_of("add"),
        lost_files=[upload.name for _key, uploads in request.FILES.lists() for upload in uploads],
    )


def _as_new(screen: Screen, sent: QueryDict) -> QueryDict:
    """Return what was sent, with every row that was to stay turned into a new one."""
    data = sent.copy()
    left_out = {"id", ROWS.get(screen.model, screen.opts.model_name)}
    prefixes = [name.removesuffix("-TOTAL_FORMS") for name in sent if name.endswith("-TOTAL_FORMS")]
    for prefix in prefixes:
        stored, new = rows_in(data, prefix)
        staying = (row for row in (*stored, *new) if not row.get("DELETE"))
        fresh = ({name: row[name] for name in row if name not in left_out} for row in staying)
        put_rows(data, prefix, [], fresh)
    return data


def _removal(screen: Screen, object_id: str) -> Removal | None:
    key = unquote(object_id)
    if not is_key(key):
        return None
    removals = Removal.objects.filter(
        record=screen.opts.label_lower, key=int(key), restored_at=None
    )
    return removals.select_related("by").first()


def _typed_lines(screen: Screen, data: QueryDict) -> list[FieldChange]:
    """Return what was typed into the record's own fields, exactly as typed."""
    model: Any = screen.model
    columns = {column.name: column for column in kept_fields(model)}
    return [
        FieldChange(name, label(columns[name]), "", str(data[name]))
        for name in columns
        if data.get(name) and not columns[name].is_relation
    ]
