"""What the chosen source says about each fact: the small control beside it, and what is recorded on saving.

A fact that is entered or changed in this save rests on the chosen source as stated, unless its control says otherwise.
Evidence that is already recorded stands beside its fact too, in the forms of the inline that carries it.
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
from agreements.domain.facts import FACTS
from agreements.models import Evidence, Source

SUPPORTED = {fact.code: fact for fact in FACTS if fact.has_evidence}
LONGEST_LOCATOR = 200
LONGEST_NOTE = 2000


class Rests(models.TextChoices):
    """What a control can say."""

    IF_ENTERED = "entered", gettext_lazy("Stated, if you enter or change it now")
    STATED = "stated", gettext_lazy("Stated by this source")
    INFERRED = "inferred", gettext_lazy("Inferred from this source")
    NOT = "not", gettext_lazy("Not from this source")


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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.may_cite = self.user.has_perm("agreements.add_evidence")
        for code in SUPPORTED if self.may_cite else ():
            self.fields.update(_fields(code))

    def statements(self, changed: set[str]) -> list[Statement]:
        """Return what the source says about each fact, given the codes of those that were entered or changed."""
        read = {code: self._said(code) for code in SUPPORTED if self.may_cite}
        return [
            Statement(
                code, Basis.INFERRED if rests == Rests.INFERRED else Basis.STATED, locator, note
            )
            for code, (rests, locator, note) in read.items()
            if _is_asked(rests, locator, note)
            or (
                rests == Rests.IF_ENTERED
                and code in changed
                and SUPPORTED[code].is_given(self.instance)
            )
        ]

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
            elif (locator or note) and (code, locator) in places:
                sentence = _(
                    "%(fact)s: this place in this source is already entered. Change that row."
                )
                self.add_error(name_of(code), sentence % said)

    def _places(self, source: Source | None) -> set[tuple[str, str]]:
        if source is None or self.instance.pk is None:
            return set()
        return set(self.instance.evidence.filter(source=source).values_list("fact", "locator"))


def _is_asked(rests: str, locator: str, note: str) -> bool:
    """Whether somebody used the control, rather than leaving it as it was."""
    return rests in (Rests.STATED, Rests.INFERRED) or bool(rests != Rests.NOT and (locator or note))


def changed_facts(form: Any, formsets: Iterable[Any]) -> set[str]:
    """Return the codes of the facts that this form, and the rows saved with it, entered or changed."""
    saved = (each for each in formsets if each.new_objects or each.changed_objects)
    return _facts_in(set(form.changed_data), {_accessor(each) for each in saved})


def _typed_facts(form: Any, formsets: Iterable[Any]) -> set[str]:
    """Return the codes of the facts that a refused form would enter or change."""
    if not form.is_bound:
        return set()
    typed = (each for each in formsets if any(row.has_changed() for row in each.forms))
    return _facts_in(set(form.changed_data), {_accessor(each) for each in typed})


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

    code: str
    label: Any
    choice: BoundField | None = None
    locator: BoundField | None = None
    note: BoundField | None = None
    rows: list[Any] = field(default_factory=list)
    # whether the form came back with it changed
    is_changed: bool = False

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
    found = {code: Beside(code, fact.label) for code, fact in SUPPORTED.items()}
    formsets = [each.formset for each in context["inline_admin_formsets"]]
    for code in _typed_facts(form, formsets):
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
