"""Tries out a proposed change: saves it as if its author might, takes down what came of it, and undoes everything.

So a proposal is checked like any change, and what is kept is complete: the record as it would be, and the form that
leads there, whatever buttons and short cuts of the page were used to fill it in.
"""

from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass
from typing import Any

from django.contrib.messages.middleware import MessageMiddleware
from django.db import transaction
from django.forms.formsets import DELETION_FIELD_NAME
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.datastructures import MultiValueDict

from agreements.admin.saving import TOKEN
from agreements.admin.typed_forms import Raw, TypedForm, put_rows, raw_of, rows_in
from agreements.curation.edit_conflicts import Unread
from agreements.curation.history.states import State
from agreements.curation.review_changes import present_state
from agreements.models import ROWS, Agreement

Sent = dict[str, list[str]]


@dataclass(frozen=True)
class Tried:
    """What a form would have saved: the state of the record, and the data of a form that leads there."""

    result: State
    sent: Sent


class _UndoneError(Exception):
    pass


def with_data(request: HttpRequest, data: QueryDict) -> HttpRequest:
    """Return a copy of the request that sends this form, without files."""
    other: Any = copy(request)
    other.method, other.POST = "POST", data
    vars(other)["_files"] = MultiValueDict()
    sending: HttpRequest = other
    return sending


def as_data(sent: Sent) -> QueryDict:
    data = QueryDict(mutable=True)
    for name, values in sent.items():
        data.setlist(name, list(values))
    return data


def try_out(
    screen: Any, request: HttpRequest, agreement: Agreement, save: Callable[[], HttpResponse]
) -> Tried | HttpResponse:
    """Return what `save` would have saved, or the page with which it refuses; nothing is written either way."""
    token = agreement.edit_token
    try:
        with transaction.atomic():
            response = save()
            if response.status_code != 302:
                return response
            saved = Agreement.objects.get(pk=agreement.pk)
            result, data = present_state(saved), _shown(screen, request, saved)
            raise _UndoneError
    except _UndoneError:
        # what it said about saving is not true
        MessageMiddleware(lambda _request: HttpResponse()).process_request(request)
    sent = _leading_there(screen, request, agreement, data)
    sent[TOKEN] = [token]
    return Tried(result, sent)


def _shown(screen: Any, request: HttpRequest, agreement: Agreement) -> TypedForm:
    """Return the form of a stored record as a browser would send it untouched."""
    typed = TypedForm(screen, with_data(request, QueryDict(mutable=True)), agreement)
    for bound in typed.stored_form:
        for name, values in raw_of(bound).items():
            typed.merged.setlist(name, values)
    return typed


def _leading_there(
    screen: Any, request: HttpRequest, agreement: Agreement, there: TypedForm
) -> Sent:
    """Return the data of a form of the stored record that lead to the record of the form `there`."""
    data, here = there.merged, _shown(screen, request, agreement)
    for part in here.parts:
        wanted, _new = rows_in(data, part.prefix)
        put_rows(data, part.prefix, *_split(part, {_id(row): row for row in wanted}))
    _forget_lost(screen, request, agreement, data)
    return {name: [str(value) for value in values] for name, values in data.lists()}


def _split(part: Any, wanted: dict[str, Raw]) -> tuple[list[Raw], list[Raw]]:
    """Return the rows that are stored, those to delete marked, and the new ones."""
    stored = []
    for key in part.stored:
        row = wanted.pop(str(key), None)
        stored.append(row or {**part.stored_raw(key), DELETION_FIELD_NAME: ["on"]})
    left_out = {"id", ROWS[part.model]}
    new = [{name: row[name] for name in row if name not in left_out} for row in wanted.values()]
    return stored, new


def _forget_lost(screen: Any, request: HttpRequest, agreement: Agreement, data: QueryDict) -> None:
    """Empty links to what only the trial had made: saving in earnest makes them again."""
    for name in list(_lost(TypedForm(screen, with_data(request, data), agreement))):
        data[name] = ""


def _lost(typed: TypedForm) -> Iterator[str]:
    for part in typed.parts:
        for row in part.rows:
            for name, value in row.values.items():
                if isinstance(value, Unread) and part.model._meta.get_field(name).is_relation:
                    yield f"{part.prefix}-{row.index}-{name}"


def _id(row: Raw) -> str:
    return row.get("id", [""])[0]
