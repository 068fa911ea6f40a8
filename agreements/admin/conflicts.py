"""The page shown on saving over somebody's newer version: theirs, yours and the common base version, field by field.

It is one form: each answer is a choice, each of your values a real input, and everything else is sent in hidden
inputs, so that saving it saves everything. `versions` shows it; `answers` reads its answers. If the record has since
been deleted, another page offers to enter what was typed as a new record.
"""

from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from django.contrib.admin.utils import unquote
from django.db.models import Model
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.admin.answers import (
    DROP,
    KEEP,
    REMOVE,
    TAKE_ROW,
    WAS_REMOVED,
    answer_of,
    began_with,
    is_unanswered,
    unseen,
)
from agreements.admin.choices import Choice, LostFile, typed_in_words
from agreements.admin.publication import asked_step
from agreements.admin.saving import is_key, resend
from agreements.admin.screens import Context, Screen
from agreements.admin.typed_forms import TypedForm, TypedRows, put_rows, rows_in
from agreements.curation.edit_conflicts import (
    Conflict,
    FieldConflict,
    Presence,
    RowConflict,
    Unread,
    Who,
    compare,
    same,
)
from agreements.curation.history.differences import FieldChange, field_changes
from agreements.curation.history.past import Entry, entries_of
from agreements.curation.history.states import Named, State, kept_fields, state_of
from agreements.curation.history.words import label, row_name
from agreements.models import ROWS, Removal

_HEADINGS = {
    Who.BOTH: gettext_lazy("Changed by both"),
    Who.THEY: gettext_lazy("Changed only by others"),
    Who.YOU: gettext_lazy("Changed only by you"),
}
# the descriptions of a row, and what can be done with it
_ROWS: dict[Presence, tuple[Promise, list[tuple[str, Promise]]]] = {
    Presence.CHANGED: (gettext_lazy("Changed"), []),
    Presence.ADDED_BY_THEM: (
        gettext_lazy("Added by others"),
        [(KEEP, gettext_lazy("Keep it")), (REMOVE, gettext_lazy("Remove it"))],
    ),
    Presence.REMOVED_BY_THEM: (
        gettext_lazy("Removed by others"),
        [
            (DROP, gettext_lazy("Leave it removed")),
            (KEEP, gettext_lazy("Add it again with your values")),
        ],
    ),
    Presence.ADDED_BY_YOU: (
        gettext_lazy("Added by you"),
        [(KEEP, gettext_lazy("Add it")), (DROP, gettext_lazy("Leave it out"))],
    ),
    Presence.REMOVED_BY_YOU: (
        gettext_lazy("Removed by you"),
        [(KEEP, gettext_lazy("Keep it as it is now")), (REMOVE, gettext_lazy("Remove it"))],
    ),
}


@dataclass(frozen=True)
class RowBlock:
    """A row to settle: as a whole by one of `answers`, or field by field."""

    what: str
    name: str
    said: Promise
    take: str
    asked: str
    answer: str
    answers: list[tuple[str, Promise]]
    values: list[FieldChange]
    choices: Sequence[LostFile]


@dataclass(frozen=True)
class Section:
    who: Who
    heading: Promise
    choices: list[Choice]
    rows: list[RowBlock]

    @property
    def is_yours_alone(self) -> bool:
        return self.who == Who.YOU

    def shown(self) -> Iterator[str]:
        """Yield the names of the inputs that it shows."""
        for choice in (*self.choices, *(each for row in self.rows for each in row.choices)):
            yield from choice.names


class ConflictPage(Screen):
    """What a screen needs to answer an outdated form."""

    def conflict_page(
        self,
        request: HttpRequest,
        stored: Model,
        record: Any,
        base: State | None,
        began_in: Named | None = None,
    ) -> HttpResponse | None:
        """Return the page, or None if nobody else changed what the form holds, so that it can be saved.

        `base` is a state of `record`; for a row that was moved there from another record, it is a state of `began_in`.
        """
        typed = TypedForm(self, request, stored)
        here = Named(record.pk, str(record))
        began_in = began_in or here
        base = _within(stored, base, began_in)
        theirs = _within(stored, state_of(record), here) or State({}, {})
        conflict = compare(base, theirs, typed.record)
        to_settle: list[FieldConflict | RowConflict] = [*conflict.fields, *conflict.rows]
        is_yours_alone = all(each.who == Who.YOU for each in to_settle)
        if not to_settle or (is_yours_alone and not is_unanswered(request)):
            resend(request, typed.merged)
            typed.move_files()
            return None
        drawing = Drawing(request, typed, base, theirs)
        return self.page(
            request,
            "conflict",
            status=409,
            title=_("Somebody saved this while you were editing"),
            subtitle=str(stored),
            others=_writers_since(type(record), began_in.key, began_with(request)),
            step=asked_step(request),
            **self.questions(drawing, conflict, stored, record),
        )

    def questions(
        self, drawing: "Drawing", conflict: Conflict, stored: Model, record: Any
    ) -> Context:
        """Return what a page needs that asks which side to take: the questions, and what it sends unseen."""
        request, typed = drawing.request, drawing.typed
        sections = list(drawing.sections(conflict))
        parts = [part for rows in typed.parts for part in (rows.inline, rows.formset)]
        return {
            "original": stored,
            "has_base": drawing.base is not None,
            "sections": sections,
            "unanswered": is_unanswered(request),
            "hidden": list(
                unseen(typed.merged, {name for each in sections for name in each.shown()})
            ),
            "token": record.edit_token,
            "base_token": began_with(request),
            "why": typed.form["why"],
            "media": sum((part.media for part in parts), self.media + typed.form.media),
        }


def _within(stored: Model, state: State | None, record: Named) -> State | None:
    """Return what a record's state says about `stored`; for a row of the record, its values and its owner."""
    if state is None or type(stored) not in ROWS:
        return state
    owner = ROWS[type(stored)]
    relation: Any = stored._meta.get_field(owner).remote_field
    row = state.row(relation.get_accessor_name(), stored.pk)
    return State({**row.values, owner: record}, {}) if row else None


def _writers_since(record: type[Model], key: int, token: str) -> list[Entry]:
    """Return the versions that others wrote since the form was opened, newest first."""
    entries = entries_of(record, key, count=10)
    return list(takewhile(lambda entry: token not in entry.state.tokens, entries))


class Drawing:
    """Lays out the page: what you have to settle, with inputs filled from the merged data.

    `headings` names the sections, `words` describes the rows and what can be done with them.
    """

    headings = _HEADINGS
    words = _ROWS

    def __init__(
        self, request: HttpRequest, typed: TypedForm, base: State | None, theirs: State
    ) -> None:
        self.request, self.typed, self.base, self.theirs = request, typed, base, theirs
        self.parts = {part.accessor: part for part in typed.parts}
        self.form = type(typed.form)(typed.merged, instance=copy(typed.stored_form.instance))
        self.formsets = {part.accessor: part.filled_from(typed.merged) for part in typed.parts}

    def sections(self, conflict: Conflict) -> Iterator[Section]:
        for who, heading in self.headings.items():
            choices = [self._own(each) for each in conflict.fields if each.who == who]
            rows = [self._row(each) for each in conflict.rows if each.who == who]
            if choices or rows:
                yield Section(who, heading, choices, rows)

    def _own(self, conflict: FieldConflict) -> Choice:
        base = self.base.values if self.base else None
        forms = (self.form, self.typed.stored_form)
        return Choice(self.request, conflict, *forms, base=base, theirs=self.theirs.values)

    def _row(self, conflict: RowConflict) -> RowBlock:
        part, yours = self.parts[conflict.accessor], conflict.yours
        index = part.keys.index(conflict.key)
        # the number it was sent with, as its row may have moved since; an unused name if it was not sent
        sent = f"{part.prefix}-{yours.index if yours else None}"
        form = self.formsets[part.accessor].forms[index]
        said, answers = self.words[conflict.presence]
        answer, asked = (answers[0][0] if answers else ""), "1"
        choices: list[Any] = []
        if conflict.presence == Presence.CHANGED:
            stored_form = part.stored.get(conflict.key)
            choices = list(self._row_choices(conflict, form, stored_form, sent))
        elif conflict.presence == Presence.REMOVED_BY_YOU:
            answer, asked = REMOVE, WAS_REMOVED
            # send theirs, in case the row is kept
            stored, new = rows_in(self.typed.merged, part.prefix)
            stored[index] = part.stored_raw(conflict.key)
            put_rows(self.typed.merged, part.prefix, stored, new)
        elif yours is not None:
            uploads = ((name, self.request.FILES.get(f"{sent}-{name}")) for name in form.fields)
            choices = [LostFile(form[name], str(upload.name)) for name, upload in uploads if upload]
        return RowBlock(
            what=row_name(part.model),
            name=_name_of(conflict, part),
            said=said,
            take=f"{part.prefix}-{index}",
            asked=asked,
            answer=answer_of(
                self.request, TAKE_ROW, sent, "" if conflict.who == Who.BOTH else answer
            ),
            answers=answers,
            values=[] if conflict.presence == Presence.CHANGED else _values_of(conflict, part),
            choices=choices,
        )

    def _row_choices(
        self, conflict: RowConflict, form: BaseForm, stored: BaseForm | None, sent: str
    ) -> Iterator[Choice]:
        base, theirs = (row.values if row else {} for row in (conflict.base, conflict.theirs))
        known = base if self.base else None
        for each in conflict.fields:
            name = f"{sent}-{each.name}"
            yield Choice(self.request, each, form, stored, base=known, theirs=theirs, sent=name)


def _name_of(conflict: RowConflict, part: TypedRows) -> str:
    """Return the name of the stored row, or the first thing typed into yours."""
    known = conflict.theirs or conflict.base
    if known is not None or conflict.yours is None:
        return known.name if known else ""
    columns = {column.name: column for column in kept_fields(part.model)}
    words = (typed_in_words(columns[name], value) for name, value in conflict.yours.values.items())
    return next(filter(None, words), _("new"))


def _values_of(conflict: RowConflict, part: TypedRows) -> list[FieldChange]:
    """Return the values of a row that exists on one side only, and the base values of its changed fields."""
    row = conflict.theirs or conflict.yours
    shown = row.values if row else {}
    base = conflict.base.values if conflict.base else {}
    before = {n: old for n, old in base.items() if n in shown and not same(old, shown[n])}
    read = {name: value for name, value in shown.items() if not isinstance(value, Unread)}
    unread = [
        FieldChange(name, label(part.model._meta.get_field(name)), "", value.text)
        for name, value in shown.items()
        if isinstance(value, Unread)
    ]
    return [*field_changes(part.model, before, read), *unread]


# The record has since been deleted


def lost_record_page(screen: Screen, request: HttpRequest, object_id: str) -> HttpResponse:
    """Return the page that offers to enter a deleted record again: its form sends what was typed as a new record."""
    data, key = _as_new(screen, request.POST), unquote(object_id)
    removals = Removal.objects.filter(record=screen.opts.label_lower, restored_at=None)
    return screen.page(
        request,
        "lost_record",
        status=409,
        title=_("This was deleted while you were editing"),
        removal=removals.select_related("by").filter(key=key if is_key(key) else 0).first(),
        # the data already contain the answers
        hidden=list(unseen(data)),
        shown=_typed_lines(screen, data),
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


def _typed_lines(screen: Screen, data: QueryDict) -> list[FieldChange]:
    """Return what was typed into the record's own fields, exactly as typed."""
    model: Any = screen.model
    columns = {column.name: column for column in kept_fields(model)}
    return [
        FieldChange(name, label(columns[name]), "", str(data[name]))
        for name in columns
        if data.get(name) and not columns[name].is_relation
    ]
