"""The page for whoever saves over somebody's newer version: theirs, yours and what both began with, field by field.

It is one form: each answer is a choice, each value of yours a real input, and all the rest goes along unseen, so that
saving it saves everything. `versions` shows it; `typed_forms` reads its answers back.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.forms.boundfield import BoundField
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.admin.publication import asked_step
from agreements.admin.saving import TOKEN
from agreements.admin.typed_forms import (
    ASKED_ROW,
    DROP,
    KEEP,
    NAMES,
    REMOVE,
    TAKE,
    TAKE_ROW,
    WAS_REMOVED,
    YOURS,
    Raw,
    TypedForm,
    TypedRows,
    names_of,
    put_rows,
    raw_of,
    rows_in,
    typed_over,
)
from agreements.curation.edit_conflicts import (
    FieldConflict,
    Presence,
    RowConflict,
    Typed,
    Unread,
    Who,
    compare,
    same,
)
from agreements.curation.history import ROWS, Named, State, state_of
from agreements.curation.history.differences import FieldChange, field_changes
from agreements.curation.history.past import entries_of
from agreements.curation.history.states import kept_fields
from agreements.curation.history.words import label, row_name, value_in_words

BASE = "base_token"
NOT_SENT_AGAIN = (
    "csrfmiddlewaretoken",
    TOKEN,
    BASE,
    "why",
    "step",
    "_save",
    "_continue",
    "_addanother",
)
ANSWERS = (TAKE, TAKE_ROW, YOURS, NAMES, "theirs--", ASKED_ROW)

_HEADINGS = {
    Who.BOTH: gettext_lazy("Changed by both"),
    Who.THEY: gettext_lazy("Changed by others alone"),
    Who.YOU: gettext_lazy("Changed by you alone"),
}
_SAID_OF_ROWS = {
    Presence.CHANGED: gettext_lazy("Changed"),
    Presence.ADDED_BY_THEM: gettext_lazy("Added by others"),
    Presence.REMOVED_BY_THEM: gettext_lazy("Removed by others"),
    Presence.ADDED_BY_YOU: gettext_lazy("Added by you"),
    Presence.REMOVED_BY_YOU: gettext_lazy("Removed by you"),
}


@dataclass(frozen=True)
class Choice:
    """A field to settle: three values in words, the input with yours, and what theirs would send."""

    label: str
    take: str
    answer: str
    has_base: bool
    base: str
    theirs: str
    yours: str
    bound: Any
    names: list[str]
    theirs_sent: list[tuple[str, str]]
    lost_file: str = ""
    yours_sent: list[tuple[str, str]] = field(default_factory=list)
    problem: str = ""


@dataclass(frozen=True)
class Answer:
    value: str
    label: str


@dataclass(frozen=True)
class RowBlock:
    """A row to settle: as a whole by one of `answers`, or field by field."""

    what: str
    name: str
    said: str
    take: str
    asked: str
    answer: str
    answers: list[Answer]
    values: list[FieldChange]
    choices: list[Choice]


@dataclass(frozen=True)
class Section:
    who: Who
    heading: Any
    choices: list[Choice]
    rows: list[RowBlock]


class ConflictPage(admin.ModelAdmin):
    """What a screen needs to answer a stale form."""

    def conflict_page(
        self,
        request: HttpRequest,
        stored: Any,
        record: Any,
        base: State | None,
        began_in: Named | None = None,
    ) -> HttpResponse | None:
        """Return the page, or None if nobody else touched what the form holds and it may be saved.

        `base` is a state of `record`, or of `began_in`, from which a row was moved there.
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
            request.POST = merged  # type: ignore[assignment]
            typed.move_files()
            return None
        drawn = _Drawing(self, request, stored, typed, merged, base, theirs)
        sections = list(drawn.sections(conflict.fields, conflict.rows))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Somebody saved this while you were editing"),
            "subtitle": str(stored),
            "opts": self.opts,
            "original": stored,
            "has_base": base is not None,
            "others": _writers_since(type(record), began_in.key, began_with(request)),
            "sections": sections,
            "unanswered": is_unanswered(request),
            "hidden": list(drawn.hidden()),
            "token": record.edit_token,
            "base_token": began_with(request),
            "step": asked_step(request),
            "why": typed.form["why"] if "why" in typed.form.fields else None,
            "media": self.media + _media_of(typed),
        }
        return TemplateResponse(request, "admin/agreements/conflict.html", context, status=409)


def began_with(request: HttpRequest) -> str:
    """Return the token of the version that a form began with, which the conflict page carries as long as it asks."""
    return str(request.POST.get(BASE if is_unanswered(request) else TOKEN, ""))


def is_unanswered(request: HttpRequest) -> bool:
    """Return whether the conflict page was sent with a question left open, or with an answer that loses what was typed."""
    return bool(typed_over(request)) or any(
        name.replace(asked, answer, 1) not in request.POST
        for name in request.POST
        for asked, answer in ((NAMES, TAKE), (ASKED_ROW, TAKE_ROW))
        if name.startswith(asked)
    )


def _media_of(typed: TypedForm) -> Any:
    media = typed.form.media
    for part in typed.parts:
        media += part.inline.media + part.formset.media
    return media


def _within(stored: Any, state: State | None, record: Named) -> State | None:
    """Return what a record's state says of `stored`, which may be a row of it: then also that it belongs to it."""
    if state is None or type(stored) not in ROWS:
        return state
    owner = ROWS[type(stored)]
    accessor = type(stored)._meta.get_field(owner).remote_field.get_accessor_name()
    row = state.row(accessor, stored.pk)
    return State({**row.values, owner: record}, {}) if row else None


def _writers_since(record: type[Model], key: int, token: str) -> list[Any]:
    """Return the versions that somebody else wrote since the form was opened, the newest first."""
    found = []
    for entry in entries_of(record, key, count=10):
        if token in entry.state.tokens:
            break
        found.append(entry)
    return found


class _Drawing:
    """Lays the page out, and notes which of the data it shows, so that the rest can go along unseen."""

    def __init__(
        self,
        screen: Any,
        request: HttpRequest,
        stored: Any,
        typed: TypedForm,
        merged: QueryDict,
        base: State | None,
        theirs: State,
    ) -> None:
        self.request, self.typed, self.merged = request, typed, merged
        self.base, self.theirs = base, theirs
        self.typed_over = typed_over(request)
        self.parts = {part.accessor: part for part in typed.parts}
        self.form = type(typed.form)(merged, instance=_copy(stored))
        self.formsets = {
            accessor: type(part.formset)(
                merged,
                instance=_copy(stored) if part.formset.instance.pk else part.formset.instance,
                prefix=part.prefix,
                queryset=part.formset.queryset,
            )
            for accessor, part in self.parts.items()
        }
        self.shown: set[str] = set()

    def sections(self, fields: list[FieldConflict], rows: list[RowConflict]) -> Iterator[Section]:
        for who, heading in _HEADINGS.items():
            choices = [self._own(field) for field in fields if field.who == who]
            blocks = [self._block(row) for row in rows if row.who == who]
            if choices or blocks:
                yield Section(who, heading, choices, blocks)

    def hidden(self) -> Iterator[tuple[str, str]]:
        for name, values in self.merged.lists():
            if name in self.shown or name in NOT_SENT_AGAIN or name.startswith(ANSWERS):
                continue
            for value in values:
                yield name, str(value)

    # Fields

    def _own(self, conflict: FieldConflict) -> Choice:
        values = (self.base.values if self.base else {}, self.theirs.values)
        files = self.typed.files
        theirs, sent = self.typed.stored_form, self.form[conflict.name].html_name
        return self._choice(self.typed.model, conflict, values, self.form, theirs, files, sent)

    def _choice(
        self,
        model: Any,
        conflict: FieldConflict,
        beside: tuple[Mapping[str, Any], Mapping[str, Any]],
        form: Any,
        stored_form: Any,
        files: Any,
        sent: str,
    ) -> Choice:
        """Return a field to settle, which was sent under the name `sent`: a row may stand elsewhere by now."""
        form.errors  # noqa: B018 - cleans it here: it may lock, and the page is rendered after the transaction
        bound = form[conflict.name]
        stored = stored_form[conflict.name] if stored_form is not None else None
        is_lost = sent in files and isinstance(conflict.yours, Unread)
        self.shown.update(names_of(bound))
        return choice_between(
            model,
            conflict,
            bound,
            stored,
            beside=beside,
            has_base=self.base is not None,
            answer=self._answer(TAKE, NAMES, sent, _PRESELECTED[conflict.who]),
            lost_file=files[sent].name if is_lost else "",
            is_typed_over=sent in self.typed_over,
        )

    def _answer(self, take: str, asked: str, sent: str, preselected: str) -> str:
        """Return what was answered already, where the question is asked again."""
        data = self.request.POST
        is_asked_again = is_unanswered(self.request) and f"{asked}{sent}" in data
        return str(data.get(f"{take}{sent}", "")) if is_asked_again else preselected

    # Rows

    def _block(self, conflict: RowConflict) -> RowBlock:
        part = self.parts[conflict.accessor]
        block = RowBlock(
            what=row_name(part.model),
            name=_name_of(conflict, part),
            said=str(_SAID_OF_ROWS[conflict.presence]),
            take=f"{part.prefix}-{part.index_of(conflict.key)}",
            asked=WAS_REMOVED if conflict.presence == Presence.REMOVED_BY_YOU else "1",
            answer="",
            answers=[],
            values=[],
            choices=[],
        )
        if conflict.presence == Presence.CHANGED:
            return replace(block, choices=self._row_choices(conflict, part))
        return self._whole(block, conflict, part)

    def _row_choices(self, conflict: RowConflict, part: TypedRows) -> list[Choice]:
        index = part.index_of(conflict.key)
        form = self.formsets[part.accessor].forms[index]
        beside = (
            conflict.base.values if conflict.base else {},
            conflict.theirs.values if conflict.theirs else {},
        )
        stored, files = part.stored_form(conflict.key), self.typed.files
        return [
            self._choice(
                part.model,
                field,
                beside,
                form,
                stored,
                files,
                f"{_sent_as(conflict, part)}-{field.name}",
            )
            for field in conflict.fields
        ]

    def _whole(self, block: RowBlock, conflict: RowConflict, part: TypedRows) -> RowBlock:
        answers, preselected = _ANSWERS_OF_ROWS[conflict.presence]
        if conflict.presence == Presence.REMOVED_BY_YOU:
            self._as_stored(conflict, part)
        answer = preselected if conflict.who != Who.BOTH else ""
        return replace(
            block,
            answers=[Answer(value, str(words)) for value, words in answers],
            answer=self._answer(TAKE_ROW, ASKED_ROW, _sent_as(conflict, part), answer),
            values=_values_of(conflict, part),
            choices=self._lost_files(conflict, part),
        )

    def _as_stored(self, conflict: RowConflict, part: TypedRows) -> None:
        """Send theirs of a row that you removed, for the case that it is kept."""
        stored, new = rows_in(self.merged, part.prefix)
        stored[part.index_of(conflict.key)] = part.stored_raw(conflict.key)
        put_rows(self.merged, part.prefix, stored, new)

    def _lost_files(self, conflict: RowConflict, part: TypedRows) -> list[Choice]:
        """Ask again for the files of a row that is to be entered: a browser does not send them twice."""
        if conflict.yours is None or conflict.presence == Presence.REMOVED_BY_YOU:
            return []
        form = self.formsets[part.accessor].forms[part.index_of(conflict.key)]
        found = []
        for name in form.fields:
            upload = self.typed.files.get(f"{_sent_as(conflict, part)}-{name}")
            if upload is not None:
                column = part.model._meta.get_field(name)
                bound = form[name]
                self.shown.update(names_of(bound))
                found.append(
                    Choice(
                        label(column), "", "", False, "", "", "", bound, [], [], str(upload.name)
                    )
                )
        return found


def _sent_as(conflict: RowConflict, part: TypedRows) -> str:
    """Return under which name a row was sent; a name that nothing has if it was not."""
    return f"{part.prefix}-{conflict.yours.index if conflict.yours else None}"


_PRESELECTED = {Who.BOTH: "", Who.THEY: "theirs", Who.YOU: "yours"}
_ANSWERS_OF_ROWS: dict[Presence, tuple[list[tuple[str, Any]], str]] = {
    Presence.ADDED_BY_THEM: (
        [(KEEP, gettext_lazy("Keep it")), (REMOVE, gettext_lazy("Remove it"))],
        KEEP,
    ),
    Presence.REMOVED_BY_THEM: (
        [
            (DROP, gettext_lazy("Leave it removed")),
            (KEEP, gettext_lazy("Enter it again, with your values")),
        ],
        DROP,
    ),
    Presence.ADDED_BY_YOU: (
        [(KEEP, gettext_lazy("Add it")), (DROP, gettext_lazy("Leave it out"))],
        KEEP,
    ),
    Presence.REMOVED_BY_YOU: (
        [(KEEP, gettext_lazy("Keep it, as it is now")), (REMOVE, gettext_lazy("Remove it"))],
        REMOVE,
    ),
}


def choice_between(
    model: type[Model],
    conflict: FieldConflict,
    bound: BoundField,
    stored: BoundField | None,
    *,
    beside: tuple[Mapping[str, Any], Mapping[str, Any]],
    has_base: bool,
    answer: str,
    lost_file: str = "",
    is_typed_over: bool = False,
) -> Choice:
    """Return a field to settle: `bound` has yours, `stored` theirs; `beside` are the values of the base and of theirs.

    If yours was typed over though theirs was ticked, it is asked again, with the reason.
    """
    column: Any = model._meta.get_field(conflict.name)
    sent = raw_of(stored) if stored is not None else {}
    name = stored.html_name if stored is not None else ""
    return Choice(
        label=label(column),
        take=bound.html_name,
        answer="" if is_typed_over else answer,
        has_base=has_base,
        base=value_in_words(column, conflict.base, beside[0]),
        theirs=value_in_words(column, conflict.theirs, beside[1]),
        yours=_in_words(column, conflict.yours),
        bound=bound,
        names=names_of(bound),
        theirs_sent=list(_renamed(sent, name, bound.html_name)),
        lost_file=lost_file,
        yours_sent=[(key, value) for key, values in raw_of(bound).items() for value in values],
        problem=_typed_over_in_words(label(column)) if is_typed_over else "",
    )


def _typed_over_in_words(name: str) -> str:
    return _(
        "%(field)s: you changed yours, but “Theirs” was ticked, which would lose it. "
        "Tick “Yours” to save what you wrote, or “Theirs” once more to give it up."
    ) % {"field": name}


def _copy(stored: Any) -> Any:
    return type(stored)._default_manager.get(pk=stored.pk)


def _renamed(sent: Raw, name: str, wanted: str) -> Iterator[tuple[str, str]]:
    """Yield what a field would send under the name that it has in the merged data."""
    for key, values in sent.items():
        for value in values:
            yield wanted + key.removeprefix(name), value


def _in_words(column: Any, value: Typed) -> str:
    return value.text if isinstance(value, Unread) else value_in_words(column, value, {})


def _name_of(conflict: RowConflict, part: TypedRows) -> str:
    """Return how a row is called where it is stored, or the first thing that was typed into yours."""
    known = conflict.theirs or conflict.base
    if known is not None or conflict.yours is None:
        return known.name if known else ""
    columns = {column.name: column for column in kept_fields(part.model)}
    words = (_in_words(columns[name], value) for name, value in conflict.yours.values.items())
    return next(filter(None, words), _("new"))


def _values_of(conflict: RowConflict, part: TypedRows) -> list[FieldChange]:
    """Return what a row says that is only on one side, and what its changed fields said in the base."""
    shown: Mapping[str, Any] = {}
    if conflict.theirs is not None:
        shown = conflict.theirs.values
    elif conflict.yours is not None:
        shown = conflict.yours.values
    before = {
        name: value
        for name, value in (conflict.base.values if conflict.base else {}).items()
        if name in shown and not same(value, shown[name])
    }
    read = {name: value for name, value in shown.items() if not isinstance(value, Unread)}
    unread = [
        FieldChange(name, label(part.model._meta.get_field(name)), "", value.text)
        for name, value in shown.items()
        if isinstance(value, Unread)
    ]
    return [*field_changes(part.model, before, read), *unread]
