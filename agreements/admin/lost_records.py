"""The page for whoever saves a record that was deleted meanwhile: what they typed can be entered again.

`versions` shows it. It is one form that goes to the page for new records, with all that was typed.
"""

from typing import Any

from django.contrib.admin.utils import unquote
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from agreements.admin.conflicts import ANSWERS, NOT_SENT_AGAIN
from agreements.admin.saving import is_key
from agreements.admin.typed_forms import put_rows, rows_in
from agreements.curation.history.differences import FieldChange
from agreements.curation.history.states import kept_fields
from agreements.curation.history.words import label
from agreements.models import ROWS, Removal


def lost_record_page(screen: Any, request: HttpRequest, object_id: str) -> HttpResponse:
    """Return the page that offers to enter a record again, with what was typed, after it was deleted."""
    data = _as_new(screen, request.POST)
    uploads: Any = request.FILES.values()
    context = {
        **screen.admin_site.each_context(request),
        "title": _("This was deleted while you were editing"),
        "opts": screen.opts,
        "removal": _removal(screen, object_id),
        "hidden": [
            (name, value)
            for name, values in data.lists()
            # the answers are in the data by now; the rows are counted anew
            if name not in NOT_SENT_AGAIN and not name.startswith(ANSWERS)
            for value in values
        ],
        "shown": _typed_lines(screen, data),
        "why": data.get("why", ""),
        "add_url": reverse(f"admin:{screen.opts.app_label}_{screen.opts.model_name}_add"),
        "lost_files": [upload.name for upload in uploads],
    }
    return TemplateResponse(request, "admin/agreements/lost_record.html", context, status=409)


def _as_new(screen: Any, sent: QueryDict) -> QueryDict:
    """Return what was sent with every row that was to stay as a new one."""
    data = sent.copy()
    left_out = {"id", ROWS.get(screen.model, screen.opts.model_name)}
    prefixes = [name.removesuffix("-TOTAL_FORMS") for name in sent if name.endswith("-TOTAL_FORMS")]
    for prefix in prefixes:
        stored, new = rows_in(data, prefix)
        staying = (row for row in (*stored, *new) if not row.get("DELETE"))
        fresh = ({name: row[name] for name in row if name not in left_out} for row in staying)
        put_rows(data, prefix, [], fresh)
    return data


def _removal(screen: Any, object_id: str) -> Removal | None:
    key = unquote(object_id)
    if not is_key(key):
        return None
    removals = Removal.objects.filter(
        record=screen.opts.label_lower, key=int(key), restored_at=None
    )
    return removals.select_related("by").first()


def _typed_lines(screen: Any, data: QueryDict) -> list[FieldChange]:
    """Return the texts that were typed into the record's own fields, as they were typed."""
    columns = {column.name: column for column in kept_fields(screen.model)}
    return [
        FieldChange(name, label(columns[name]), "", str(data[name]))
        for name in columns
        if data.get(name) and not columns[name].is_relation
    ]
