"""Reads the answers on the conflict page: theirs, yours, and what to do with the rows in dispute.

`conflicts` and `list_edits` ask the questions; `versions` puts the answers into the data of the request.
"""

from collections.abc import Collection, Iterator

from django.forms.formsets import DELETION_FIELD_NAME
from django.http import HttpRequest, QueryDict

from agreements.admin.saving import TOKEN, WHY, resend
from agreements.admin.typed_forms import move_files, put_rows, rows_by_place, stored_count

KEEP, DROP, REMOVE = "keep", "drop", "remove"
TAKE, TAKE_ROW = "take--", "take-row--"
# which questions were asked: the inputs of a field, and whether a row was one that you had removed
NAMES, ASKED_ROW = "names--", "asked-row--"
WAS_REMOVED = "removed"
_ASKED = {TAKE: NAMES, TAKE_ROW: ASKED_ROW}
# what the page showed as yours, so that anything typed since is noticed, and what choosing theirs would send
YOURS, THEIRS = "yours--", "theirs--"
# the token of the version that the form was opened with, which the page carries as long as it asks
BASE = "base_token"

_BUTTONS = ("_save", "_continue", "_addanother", "_another")
_NOT_SENT_AGAIN = ("csrfmiddlewaretoken", TOKEN, BASE, WHY, "step", *_BUTTONS)
_ANSWERS = (TAKE, TAKE_ROW, YOURS, NAMES, THEIRS, ASKED_ROW)


def began_with(request: HttpRequest) -> str:
    """Return the token of the version that a form was opened with."""
    return str(request.POST.get(BASE if is_unanswered(request) else TOKEN, ""))


def is_unanswered(request: HttpRequest) -> bool:
    """Return whether a question was left open, or has an answer that loses what was typed."""
    return bool(typed_over(request)) or any(
        name.replace(asked, answer, 1) not in request.POST
        for name in request.POST
        for answer, asked in _ASKED.items()
        if name.startswith(asked)
    )


def answer_of(request: HttpRequest, question: str, sent: str, preselected: str) -> str:
    """Return the earlier answer if the question (`TAKE` or `TAKE_ROW`) about what was `sent` is asked again."""
    is_asked_again = is_unanswered(request) and f"{_ASKED[question]}{sent}" in request.POST
    return str(request.POST.get(f"{question}{sent}", "")) if is_asked_again else preselected


def unseen(data: QueryDict, shown: Collection[str] = ()) -> Iterator[tuple[str, str]]:
    """Yield what a page sends in hidden inputs: everything except the inputs it shows and the answers."""
    for name, values in data.lists():
        if name in shown or name in _NOT_SENT_AGAIN or name.startswith(_ANSWERS):
            continue
        for value in values:
            yield name, str(value)


def settle(request: HttpRequest) -> None:
    """Put what was chosen on the conflict page into the data of the request, as if it had been typed there.

    Where the page has to ask again, this only marks the rows to delete.
    """
    if is_unanswered(request):
        _mark_removed(request)
        return
    if not any(name.startswith((TAKE, TAKE_ROW)) for name in request.POST):
        return
    data = request.POST.copy()
    for field in _theirs_chosen(request):
        for name in data.getlist(f"{NAMES}{field}"):
            data.pop(name, None)
            theirs = data.getlist(f"{THEIRS}{field}--{name}")
            # settled: nothing of yours is left that could be lost
            data.setlist(f"{YOURS}{field}--{name}", theirs)
            if theirs:
                data.setlist(name, theirs)
    _settle_rows(request, data)
    resend(request, data)


def _mark_removed(request: HttpRequest) -> None:
    """Mark the rows to delete; one that you removed is sent through the page as it is stored, in case it is kept."""
    data = request.POST.copy()
    for name in request.POST:
        if not name.startswith(ASKED_ROW):
            continue
        row = name.removeprefix(ASKED_ROW)
        if_unanswered = REMOVE if request.POST[name] == WAS_REMOVED else ""
        if (request.POST.get(f"{TAKE_ROW}{row}") or if_unanswered) == REMOVE:
            data[f"{row}-{DELETION_FIELD_NAME}"] = "on"
    resend(request, data)


def typed_over(request: HttpRequest) -> list[str]:
    """Return the fields of the conflict page that were edited although “Theirs” is ticked.

    Taking theirs would silently lose the edit. The page sends what it showed as yours; browsers change line endings.
    """
    return [
        field
        for field in _theirs_chosen(request)
        if any(
            _is_retyped(request, field, part) for part in request.POST.getlist(f"{NAMES}{field}")
        )
    ]


def _theirs_chosen(request: HttpRequest) -> list[str]:
    return [
        name.removeprefix(TAKE)
        for name in request.POST
        if name.startswith(TAKE) and request.POST[name] == "theirs"
    ]


def _is_retyped(request: HttpRequest, field: str, name: str) -> bool:
    sent, shown = (
        sorted(value.replace("\r\n", "\n") for value in request.POST.getlist(key))
        for key in (name, f"{YOURS}{field}--{name}")
    )
    return sent != shown or name in request.FILES


def _settle_rows(request: HttpRequest, data: QueryDict) -> None:
    answers = {
        name.removeprefix(TAKE_ROW): data[name] for name in data if name.startswith(TAKE_ROW)
    }
    for prefix in {row.rpartition("-")[0] for row in answers}:
        stored, new = {}, {}
        for index, row in rows_by_place(data, prefix):
            answer = answers.get(f"{prefix}-{index}")
            if answer == REMOVE:
                row[DELETION_FIELD_NAME] = ["on"]
            if index < stored_count(data, prefix):
                stored[index] = row
            elif answer != DROP:
                new[index] = row
        put_rows(data, prefix, stored.values(), new.values())
        places = {before: now for now, before in enumerate([*stored, *new])}
        move_files(request.FILES, prefix, places)
