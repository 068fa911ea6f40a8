"""What the chosen source says about each fact: the small control beside it, and what is recorded on saving.

A fact that is entered or changed in this save rests on the chosen source as stated, unless its control says otherwise.
So does a default of a new record that says something, such as its kind, as the form shows it like what is entered.
A value that says nothing, such as “not assessed”, rests on no source. `evidence.js` shows beside each fact what
`statements` will record; change both together. Evidence that is already recorded stands beside its fact too, in the
forms of the inline that carries it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.db import models
from django.forms.boundfield import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from agreements.admin.screens import Context
from agreements.admin.versions import Carried, RecordForm
from agreements.curation.workflow import Statement
from agreements.domain.choices import Basis
from agreements.domain.declarations import Fact
from agreements.domain.facts import FACTS
from agreements.models import Agreement, Evidence, Source

Values = dict[str, Any]

SUPPORTED = {fact.code: fact for fact in FACTS if fact.has_evidence}
LONGEST_LOCATOR = 200
LONGEST_NOTE = 2000
# the field that says where a row stands
_PLACE = "position"
NOTHING_ENTERED = gettext_lazy(
    "%(fact)s: nothing is entered that evidence could support. Enter it, or remove the evidence."
)


class Rests(models.TextChoices):
    """What a control can say."""

    IF_ENTERED = "entered", gettext_lazy("Automatic: stated once it is filled in or changed here")
    STATED = "stated", gettext_lazy("Stated by this source")
    INFERRED = "inferred", gettext_lazy("Inferred from this source")
    NOT = "not", gettext_lazy("Not from this source")


def _has_default(fact: Fact) -> bool:
    """Whether a new record says something about this fact before anything is entered."""
    columns = ((value, Agreement._meta.get_field(value.name)) for value in fact.entered)
    return any(value.is_known(column.get_default()) for value, column in columns)  # type: ignore[union-attr]


DEFAULTS = {code for code, fact in SUPPORTED.items() if not fact.rows and _has_default(fact)}


class _CarriedChoice(Carried, forms.ChoiceField):
    pass


class CarriedText(Carried, forms.CharField):
    """A text that is sent with the form but is not part of the record."""


def name_of(code: str, part: str = "") -> str:
    """Return the name of a field of the control beside this fact: the choice, its `locator` or its `note`."""
    return "-".join(filter(None, ("rests", code, part)))


def _fields(code: str) -> Iterator[tuple[str, forms.Field]]:
    label = SUPPORTED[code].label
    yield (
        name_of(code),
        _CarriedChoice(
            label=_("%(fact)s: evidence") % {"fact": label},
            choices=Rests.choices,
            initial=Rests.IF_ENTERED,
            required=False,
            widget=forms.RadioSelect,
        ),
    )
    yield (
        name_of(code, "locator"),
        CarriedText(
            label=_("Place in the source"),
            required=False,
            max_length=LONGEST_LOCATOR,
            widget=forms.TextInput(attrs={"placeholder": _("paragraph 3")}),
        ),
    )
    yield (
        name_of(code, "note"),
        CarriedText(
            label=_("Why it follows from the source"),
            required=False,
            max_length=LONGEST_NOTE,
            widget=forms.Textarea(
                attrs={"rows": 2, "placeholder": _("The article of 12 November says “on Tuesday”.")}
            ),
            help_text=_("Shown to the public in the footnote."),
        ),
    )


class StatementsForm(RecordForm):
    """The controls beside the facts, only for people who may add evidence; they speak of the source chosen above them."""

    # set by `Carrying.get_form`: what a new record was filled with, if it is a copy of another
    copied: Any = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.may_cite = self.user.has_perm("agreements.add_evidence")
        for code in SUPPORTED if self.may_cite else ():
            self.fields.update(_fields(code))

    def statements(self, changed: set[str]) -> tuple[list[Statement], list[str]]:
        """Return what the source says about each fact, given the codes of those that were entered or changed.

        With it come the labels of facts for which the control was used although nothing is entered: they get none.
        """
        read = {code: self._said(code) for code in SUPPORTED if self.may_cite}
        asked = {code for code, said in read.items() if _is_asked(*said)}
        entered = {
            code
            for code, (rests, _locator, _note) in read.items()
            if rests == Rests.IF_ENTERED
            and code in changed
            and SUPPORTED[code].is_given(self.instance)
        }
        void = {code for code in asked if not SUPPORTED[code].says_something(self.instance)}
        statements = [
            Statement(
                code, Basis.INFERRED if rests == Rests.INFERRED else Basis.STATED, locator, note
            )
            for code, (rests, locator, note) in read.items()
            if code in (asked | entered) - void
        ]
        return statements, [str(SUPPORTED[code].label) for code in read if code in void]

    def _said(self, code: str) -> tuple[str, str, str]:
        rests, locator, note = (
            str(self.cleaned_data.get(name_of(code, part), "")) for part in ("", "locator", "note")
        )
        return rests or Rests.IF_ENTERED, locator, note

    def rests(self, code: str) -> str:
        """Return what the control beside this fact says."""
        return self._said(code)[0]

    def refuse_statements(self, source: Source | None, *, has_source: bool) -> None:
        """Add an error to each control that says half of something, or what is already recorded."""
        places = self._places(source)
        for code in SUPPORTED if self.may_cite else ():
            rests, locator, note = self._said(code)
            said = {"fact": SUPPORTED[code].label}
            if rests == Rests.INFERRED and not note:
                sentence = _("%(fact)s: say why it follows from the source.")
                self.add_error(name_of(code, "note"), sentence % said)
            if rests == Rests.NOT and (locator or note):
                sentence = _(
                    "%(fact)s: choose “stated” or “inferred”, or clear the place and the reason."
                )
                self.add_error(name_of(code), sentence % said)
            elif _is_asked(rests, locator, note) and not has_source:
                sentence = _("%(fact)s: choose the source that says so, at the top of the page.")
                self.add_error(name_of(code), sentence % said)
            elif (locator or note) and self._is_left_empty(SUPPORTED[code]):
                self.add_error(name_of(code), NOTHING_ENTERED % said)
            elif (locator or note) and (code, locator) in places:
                sentence = _(
                    "%(fact)s: this place in this source is already entered. Change that row."
                )
                self.add_error(name_of(code), sentence % said)

    def _is_left_empty(self, fact: Fact) -> bool:
        """Whether nothing is entered for a fact that only these fields can state."""
        names = [value.name for value in fact.entered]
        if fact.rows or fact.is_computed or any(name in self.errors for name in names):
            return False
        return not any(value.is_known(self.cleaned_data.get(value.name)) for value in fact.entered)

    def _places(self, source: Source | None) -> set[tuple[str, str]]:
        if source is None or self.instance.pk is None:
            return set()
        return set(self.instance.evidence.filter(source=source).values_list("fact", "locator"))


def _is_asked(rests: str, locator: str, note: str) -> bool:
    """Whether somebody used the control, rather than leaving it as it was."""
    return rests in (Rests.STATED, Rests.INFERRED) or bool(rests != Rests.NOT and (locator or note))


def changed_facts(form: Any, formsets: Iterable[Any]) -> set[str]:
    """Return the codes of the facts that this form, whether saved or refused, enters or changes.

    On a new record these include the `DEFAULTS`; on a copy of a record, only what differs from it.
    """
    if not form.is_bound:
        return set()
    if form.copied is not None:
        return _unlike_the_copied(form, formsets)
    lists = {_accessor(each) for each in formsets if _says_more(each)}
    changed = _facts_in(set(form.changed_data), lists)
    return changed if form.record is not None else changed | DEFAULTS


def _says_more(formset: Any) -> bool:
    """Whether a row is new or changed, other than in its place among the rows, and not removed."""
    return any({*row.changed_data} - {_PLACE} for row in _kept_rows(formset))


def _kept_rows(formset: Any) -> list[Any]:
    removed = formset.deleted_forms
    return [row for row in formset.forms if row.has_changed() and row not in removed]


def _unlike_the_copied(form: Any, formsets: Iterable[Any]) -> set[str]:
    """Return the codes of the facts that differ from the record that this form is a copy of."""
    values, rows = form.copied.values, form.copied.rows
    fields = {n for n, value in values.items() if n in form.fields and _differs(form, n, value)}
    lists = {_accessor(each) for each in formsets if _lists_others(each, rows.get(each.model, []))}
    return _facts_in(fields, lists)


def _lists_others(formset: Any, copied: list[Values]) -> bool:
    rows = _kept_rows(formset)
    return len(rows) != len(copied) or any(
        name in row.fields and name != _PLACE and _differs(row, name, value)
        for row, values in zip(rows, copied, strict=True)
        for name, value in values.items()
    )


def _differs(form: Any, name: str, initial: object) -> bool:
    return bool(form.fields[name].has_changed(initial, form[name].data))


def _facts_in(names: set[str], lists: set[str]) -> set[str]:
    """Return the codes of the facts with one of these fields or one of these lists of rows."""
    return {
        code
        for code, fact in SUPPORTED.items()
        if (fact.rows in lists or code in names)
        or (not fact.rows and any(value.name in names for value in fact.entered))
    }


def _accessor(formset: Any) -> str:
    return str(formset.fk.remote_field.get_accessor_name())


# Beside the fact


@dataclass
class Beside:
    """What stands beside a fact: its evidence, and the control for the chosen source if you may add evidence."""

    fact: Fact
    # whether what is filled in rests on the source by default, not only what is changed
    rests_if_filled: bool = False
    choice: BoundField | None = None
    locator: BoundField | None = None
    note: BoundField | None = None
    rows: list[Any] = field(default_factory=list)
    # whether the form came back with it changed
    is_changed: bool = False

    @property
    def code(self) -> str:
        return self.fact.code

    @property
    def label(self) -> Any:
        return self.fact.label

    @property
    def field_names(self) -> str:
        """The fields that state it, wherever they are; empty if rows do."""
        return " ".join(value.name for value in self.fact.entered) if not self.fact.rows else ""

    @property
    def unknown_codes(self) -> str:
        return " ".join(value.unknown for value in self.fact.entered if value.unknown)

    @property
    def is_open(self) -> bool:
        """Whether it has to be seen at once, because something in it is refused or unfinished."""
        bound = [each for each in (self.choice, self.locator, self.note) if each is not None]
        return any(each.errors for each in bound) or any(_is_faulty(row) for row in self.rows)

    @property
    def is_used(self) -> bool:
        return bool(self.rows or self.choice)

    @property
    def is_inferred(self) -> bool:
        return any(_evidence_of(row).basis == Basis.INFERRED for row in self.rows)

    @property
    def words(self) -> str:
        """Say what it rests on: the basis and the first source, and how many more there are."""
        stored = [found for row in self.rows if (found := _evidence_of(row)).pk]
        if not stored:
            return _("Evidence")
        first, more = stored[0], len(stored) - 1
        said = {"basis": first.get_basis_display(), "origin": _origin(first), "n": more}
        if not more:
            return _("%(basis)s: %(origin)s") % said
        return (
            ngettext(
                "%(basis)s: %(origin)s and %(n)d more", "%(basis)s: %(origin)s and %(n)d more", more
            )
            % said
        )


def _evidence_of(row: Any) -> Evidence:
    found: Evidence = row.original or row.form.instance
    return found


def _is_faulty(row: Any) -> bool:
    return bool(row.form.is_bound and (row.form.errors or not row.form.instance.pk))


def _origin(evidence: Evidence) -> str:
    shown = str(evidence.source.publisher if evidence.source else evidence.document)
    return f"{shown}, {evidence.locator}" if evidence.locator else shown


def beside_facts(context: Context, formset: Any) -> dict[str, Beside]:
    """Return what stands beside each fact, by its code; `formset` is that of the evidence, as the admin draws it.

    Rows whose fact is unknown stay in `formset.unplaced`, so that none is lost.
    """
    form = context["adminform"].form
    is_new = form.record is None and form.copied is None
    found = {code: Beside(fact, rests_if_filled=is_new) for code, fact in SUPPORTED.items()}
    formsets = [each.formset for each in context["inline_admin_formsets"]]
    for code in changed_facts(form, formsets):
        found[code].is_changed = True
    for code, each in found.items():
        if name_of(code) in form.fields:
            each.choice, each.locator, each.note = (
                form[name_of(code, part)] for part in ("", "locator", "note")
            )
    if formset is None:
        return found
    formset.unplaced = []
    rows = list(formset)
    for row in rows:
        row.is_editable = formset.has_change_permission if row.original else True
    formset.blank = rows.pop() if formset.has_add_permission and rows else None
    for row in rows:
        bound = row.form["fact"].value() if "fact" in row.form.fields else row.form.instance.fact
        (found[bound].rows if bound in found else formset.unplaced).append(row)
    return found
