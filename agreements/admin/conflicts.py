"""The page shown on saving over somebody's newer version: theirs, yours and the common base version, field by field.

It is one form: each answer is a choice, each of your values a real input, and everything else is sent in hidden
inputs, so that saving it saves everything. `versions` shows it; `answers` reads its answers.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

from django.db.models import Model
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.admin.answers import (
    ASKED_ROW,
    DROP,
    KEEP,
    NAMES,
    REMOVE,
    TAKE,
    TAKE_ROW,
    WAS_REMOVED,
    began_with,
    is_unanswered,
    typed_over,
    unseen,
)
from agreements.admin.choices import Choice, choice_between, typed_in_words
from agreements.admin.publication import asked_step
from agreements.admin.saving import resend
from agreements.admin.screens import Screen
from agreements.admin.typed_forms import TypedForm, TypedRows, names_of, put_rows, rows_in
from agreements.curation.edit_conflicts import (
    FieldConflict,
    Presence,
    RowConflict,
    Unread,
    Who,
    compare,
    same,
)
from agreements.curation.history import ROWS, Named, State, state_of
from agreements.curation.history.differences import FieldChange, field_changes
from agreements.curation.history.past import entries_of
from agreements.curation.history.states import kept_fields
from agreements.curation.history.words import label, row_name

_HEADINGS = {
    Who.BOTH: gettext_lazy("Changed by both"),
    Who.THEY: gettext_lazy("Changed only by others"),
    Who.YOU: gettext_lazy("Changed only by you"),
}
# the descriptions of a row, and what can be done with it
_ROWS: dict[Presence, tuple[Any, list[tuple[str, Any]]]] = {
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
    said: str
    take: str
    asked: str
    answer: str
    answers: list[tuple[str, str]]
    values: list[FieldChange]
    choices: list[Choice]


@dataclass(frozen=True)
class Section:
    who: Who
    heading: Any
    choices: list[Choice]
    rows: list[RowBlock]


class ConflictPage(Screen):
    """What a screen needs to answer an outdated form."""

    def conflict_page(
        self,
        request: HttpRequest,
        stored: Any,
        record: Any,
        base: State | None,
        began_in: Named | None = None,
    ) -> HttpResponse | None:
        """Return the page, or None if nobody else changed what the form holds, so that it can be saved.

        `base` is a state of `record`, or of the record `began_in` from which a row was moved there.
        """
        typed = TypedForm(self, request, stored)
        here = Named(record.pk, str(record))
        began_in = began_in or here
        base = _within(stored, base, began_in)
        theirs = _within(stored, state_of(record), here) or State({}, {})
        conflict = compare(base, theirs, typed.record)
        merged = typed.merged()
        to_settle: list[Any] = [*conflict.fields, *conflict.rows]
        is_yours_alone = all(each.who == Who.YOU for each in to_settle)
        if not to_settle or (is_yours_alone and not is_unanswered(request)):
            resend(request, merged)
            typed.move_files()
            return None
        drawn = _Drawing(request, stored, typed, merged, base, theirs)
        sections = list(drawn.sections(conflict.fields, conflict.rows))
        parts = [part for rows in typed.parts for part in (rows.inline, rows.formset)]
        return self.page(
            request,
            "conflict",
            status=409,
            title=_("Somebody saved this while you were editing"),
            subtitle=str(stored),
            original=stored,
            has_base=base is not None,
            others=_writers_since(type(record), began_in.key, began_with(request)),
            sections=sections,
            unanswered=is_unanswered(request),
            # what the sections do not show
            hidden=list(unseen(merged, drawn.shown)),
            token=record.edit_token,
            base_token=began_with(request),
            step=asked_step(request),
            why=typed.form["why"] if "why" in typed.form.fields else None,
            media=sum((part.media for part in parts), self.media + typed.form.media),
        )


def _within(stored: Any, state: State | None, record: Named) -> State | None:
    """Return what a record's state says of `stored`; if that is a row of the record, its values with its owner."""
    if state is None or type(stored) not in ROWS:
        return state
    owner = ROWS[type(stored)]
    accessor = type(stored)._meta.get_field(owner).remote_field.get_accessor_name()
    row = state.row(accessor, stored.pk)
    return State({**row.values, owner: record}, {}) if row else None


def _writers_since(record: type[Model], key: int, token: str) -> list[Any]:
    """Return the versions that others wrote since the form was opened, newest first."""
    entries = entries_of(record, key, count=10)
    return list(takewhile(lambda entry: token not in entry.state.tokens, entries))


@dataclass
class _Drawing:
    """Lays out the page and notes in `shown` which inputs it has, so that the rest is sent in hidden ones."""

    request: HttpRequest
    stored: Any
    typed: TypedForm
    merged: QueryDict
    base: State | None
    theirs: State
    shown: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.parts = {part.accessor: part for part in self.typed.parts}
        self.form = type(self.typed.form)(self.merged, instance=_copy(self.stored))
        self.formsets = {
            accessor: type(part.formset)(
                self.merged,
                instance=_copy(self.stored) if part.formset.instance.pk else part.formset.instance,
                prefix=part.prefix,
                queryset=part.formset.queryset,
            )
            for accessor, part in self.parts.items()
        }

    def sections(self, fields: list[FieldConflict], rows: list[RowConflict]) -> Iterator[Section]:
        for who, heading in _HEADINGS.items():
            choices = [self._own(each) for each in fields if each.who == who]
            blocks = [self._block(row) for row in rows if row.who == who]
            if choices or blocks:
                yield Section(who, heading, choices, blocks)

    # Fields

    def _own(self, conflict: FieldConflict) -> Choice:
        values = (self.base.values if self.base else {}, self.theirs.values)
        sent = self.form[conflict.name].html_name
        return self._choice(conflict, values, self.form, self.typed.stored_form, sent)

    def _choice(
        self,
        conflict: FieldConflict,
        beside: tuple[Mapping[str, Any], Mapping[str, Any]],
        form: Any,
        stored_form: Any,
        sent: str,
    ) -> Choice:
        """Return a field to settle, which was sent under the name `sent`; its row may have moved since."""
        form.errors  # noqa: B018 - cleans it here: it may lock, and the page is rendered after the transaction
        bound = form[conflict.name]
        stored = stored_form[conflict.name] if stored_form is not None else None
        files: Any = self.typed.files
        is_lost = sent in files and isinstance(conflict.yours, Unread)
        self.shown.update(names_of(bound))
        return choice_between(
            conflict,
            bound,
            stored,
            beside=beside,
            has_base=self.base is not None,
            answer=self._answer(TAKE, NAMES, sent, _PRESELECTED[conflict.who]),
            lost_file=files[sent].name if is_lost else "",
            is_typed_over=sent in typed_over(self.request),
        )

    def _answer(self, take: str, asked: str, sent: str, preselected: str) -> str:
        """Return the earlier answer, where the question is asked again."""
        data = self.request.POST
        is_asked_again = is_unanswered(self.request) and f"{asked}{sent}" in data
        return str(data.get(f"{take}{sent}", "")) if is_asked_again else preselected

    # Rows

    def _block(self, conflict: RowConflict) -> RowBlock:
        part = self.parts[conflict.accessor]
        index = part.keys.index(conflict.key)
        # a name that nothing uses, if the row was not sent
        sent = f"{part.prefix}-{conflict.yours.index if conflict.yours else None}"
        form = self.formsets[part.accessor].forms[index]
        said, answers = _ROWS[conflict.presence]
        is_removed = conflict.presence == Presence.REMOVED_BY_YOU
        if is_removed:
            # in case it is kept, theirs is sent
            stored, new = rows_in(self.merged, part.prefix)
            stored[index] = part.stored_raw(conflict.key)
            put_rows(self.merged, part.prefix, stored, new)
        if conflict.presence == Presence.CHANGED:
            values, choices = [], self._row_choices(conflict, form, part, sent)
        else:
            values, choices = _values_of(conflict, part), []
            if conflict.yours is not None and not is_removed:
                choices = list(self._lost_files(form, part.model, sent))
        answer = REMOVE if is_removed else answers[0][0] if answers else ""
        return RowBlock(
            what=row_name(part.model),
            name=_name_of(conflict, part),
            said=str(said),
            take=f"{part.prefix}-{index}",
            asked=WAS_REMOVED if is_removed else "1",
            answer=self._answer(
                TAKE_ROW, ASKED_ROW, sent, "" if conflict.who == Who.BOTH else answer
            ),
            answers=answers,
            values=values,
            choices=choices,
        )

    def _row_choices(
        self, conflict: RowConflict, form: Any, part: TypedRows, sent: str
    ) -> list[Choice]:
        base, theirs = (row.values if row else {} for row in (conflict.base, conflict.theirs))
        stored = part.stored_form(conflict.key)
        return [
            self._choice(each, (base, theirs), form, stored, f"{sent}-{each.name}")
            for each in conflict.fields
        ]

    def _lost_files(self, form: Any, model: Any, sent: str) -> Iterator[Choice]:
        """Ask again for the files of a row that is to be entered: a browser does not send them twice."""
        for name in form.fields:
            upload = self.typed.files.get(f"{sent}-{name}")
            if upload is not None:
                self.shown.update(names_of(form[name]))
                words = label(model._meta.get_field(name))
                yield Choice(words, form[name], lost_file=str(upload.name))


_PRESELECTED = {Who.BOTH: "", Who.THEY: "theirs", Who.YOU: "yours"}


def _copy(stored: Any) -> Any:
    return type(stored)._default_manager.get(pk=stored.pk)


def _name_of(conflict: RowConflict, part: TypedRows) -> str:
    """Return the name of the stored row, or the first thing typed into yours."""
    known = conflict.theirs or conflict.base
    if known is not None or conflict.yours is None:
        return known.name if known else ""
    columns = {column.name: column for column in kept_fields(part.model)}
    words = (typed_in_words(columns[name], value) for name, value in conflict.yours.values.items())
    return next(filter(None, words), _("new"))


def _values_of(conflict: RowConflict, part: TypedRows) -> list[FieldChange]:
    """Return the values of a row that exists on one side only, and what its changed fields were in the base."""
    row = conflict.theirs or conflict.yours
    shown: Mapping[str, Any] = row.values if row else {}
    base = conflict.base.values if conflict.base else {}
    before = {n: old for n, old in base.items() if n in shown and not same(old, shown[n])}
    read = {name: value for name, value in shown.items() if not isinstance(value, Unread)}
    unread = [
        FieldChange(name, label(part.model._meta.get_field(name)), "", value.text)
        for name, value in shown.items()
        if isinstance(value, Unread)
    ]
    return [*field_changes(part.model, before, read), *unread]
