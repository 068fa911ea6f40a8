"""The left column of an agreement's page: sections with fields, rows of other tables, and the evidence beside each fact.

`fieldsets_of` and `inlines_in_order` give Django's admin what to build; `drawn` arranges what it built by section, for
the template. What stands where is declared in `agreements.domain.facts`, and added to by the screen for values that
are no facts.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.contrib.admin.helpers import Fieldset
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from agreements.admin.inlines import RowInline
from agreements.admin.screens import Context
from agreements.domain.facts import FACTS, VALUES, evidence_beside, form_lines, shown_to_public
from agreements.domain.sections import SECTIONS, Section

Lines = tuple[tuple[str, ...], ...]
Inline = type[RowInline]

PUBLIC, INTERNAL = _("Public"), _("Internal")
UNTIL_MARKED = _("Internal, unless a row is marked as public")

# the accessor of the rows that a name in `form_lines` stands for
_ROWS_OF = {fact.code: fact.rows for fact in FACTS if fact.rows}


def accessor_of(inline: Inline) -> str:
    """Return the name under which an agreement has the rows of this inline."""
    relation: Any = inline.model._meta.get_field("agreement").remote_field
    return str(relation.get_accessor_name())


@dataclass(frozen=True)
class Plan:
    """What one section contains, in order: lines of fields, inlines in between, and the lines behind “More”."""

    section: Section
    parts: tuple[Lines | Inline, ...]
    rare: Lines = ()

    @property
    def fieldsets(self) -> Iterator[tuple[str, Context]]:
        for number, part in enumerate(self.parts):
            if isinstance(part, tuple):
                yield f"{self.section.code}-{number}", {"fields": part}
        if self.rare:
            yield f"{self.section.code}-more", {"fields": self.rare}

    @property
    def inlines(self) -> Iterator[Inline]:
        return (part for part in self.parts if isinstance(part, type))


def planned(
    section: Section, inlines: Iterable[Inline], *, first: Lines = (), last: Lines = ()
) -> Plan:
    """Return the plan of a section: its declared lines, with the screen's own lines before and after them."""
    by_accessor = {accessor_of(inline): inline for inline in inlines}
    lines = [*first, *form_lines(section), *last]
    parts: list[Lines | Inline] = []
    for inline, run in groupby(lines, lambda line: by_accessor.get(_ROWS_OF.get(line[0], ""))):
        parts.append(inline or tuple(run))
    return Plan(section, tuple(parts), form_lines(section, rare=True))


# What Django built, arranged for the template


@dataclass
class Line:
    """Fields of the form, one below the other, with the evidence of the fact that they state."""

    fields: list[Any]
    evidence: Any = None

    @property
    def is_hidden(self) -> bool:
        return not any(each.is_readonly or not each.field.is_hidden for each in self.fields)


@dataclass
class Part:
    """A run of lines, or the rows of an inline with the evidence of the fact that they state."""

    lines: list[Line] = field(default_factory=list)
    inline: Any = None
    evidence: Any = None


@dataclass
class Drawn:
    """A section as the template draws it. `seen_by` says whether the public sees it; `is_open` opens a folded one."""

    section: Section
    parts: list[Part]
    rare: list[Line]
    rare_names: list[str]
    is_rare_open: bool
    is_open: bool
    seen_by: Any

    @property
    def is_public(self) -> bool:
        return self.seen_by is PUBLIC

    @property
    def is_until_marked(self) -> bool:
        return self.seen_by is UNTIL_MARKED

    @property
    def is_folded(self) -> bool:
        return self.section.is_optional and not self.is_open

    @property
    def is_of_one_list(self) -> bool:
        """Whether it only holds the rows of one inline, whose heading would repeat its own."""
        return [bool(part.inline) for part in self.parts] == [True] and not self.rare


class Drawing:
    """Arranges the form and the formsets of a page; `evidence` has what stands beside a fact, by the fact's code."""

    def __init__(self, context: Context, shown: Model | None, evidence: Mapping[str, Any]) -> None:
        self.form, self.shown, self.evidence = context["adminform"].form, shown, evidence
        self.fieldsets = {each.name: each for each in context["adminform"]}
        self.formsets = {type(each.opts): each for each in context["inline_admin_formsets"]}
        self.beside = evidence_beside()

    def drawn(self, plan: Plan) -> Drawn | None:
        """Return the section; None if nothing of it is on this page."""
        parts = [each for each in self._parts(plan) if each.lines or each.inline]
        more = self.fieldsets.get(f"{plan.section.code}-more")
        rare = self._lines(more) if more else []
        if not (parts or rare):
            return None
        is_rare_open = any(self._is_filled(line) for line in rare)
        is_open = not plan.section.is_optional or is_rare_open or any(map(self._holds, parts))
        names = [
            str(each.field["label"] if each.is_readonly else each.field.label)
            for line in rare
            for each in line.fields
        ]
        return Drawn(plan.section, parts, rare, names, is_rare_open, is_open, seen_by(plan))

    def _parts(self, plan: Plan) -> Iterator[Part]:
        for number, part in enumerate(plan.parts):
            if isinstance(part, tuple):
                fieldset = self.fieldsets.get(f"{plan.section.code}-{number}")
                yield Part(self._lines(fieldset) if fieldset else [])
            else:
                code = next(
                    (code for code, rows in _ROWS_OF.items() if rows == accessor_of(part)), ""
                )
                yield Part(inline=self.formsets.get(part), evidence=self.evidence.get(code))

    def _lines(self, fieldset: Fieldset) -> list[Line]:
        return [self._line(list(line)) for line in fieldset]

    def _line(self, fields: list[Any]) -> Line:
        facts = (self.beside.get(_name_of(each)) for each in fields)
        codes = (fact.code for fact in facts if fact)
        return Line(
            fields, next((self.evidence[code] for code in codes if code in self.evidence), None)
        )

    def _holds(self, part: Part) -> bool:
        if part.inline is None:
            return any(map(self._is_filled, part.lines))
        formset = part.inline.formset
        is_filled = any(form.instance.pk or form.has_changed() for form in formset.forms)
        return (
            is_filled or bool(formset.is_bound and formset.total_error_count()) or _is_asking(part)
        )

    def _is_filled(self, line: Line) -> bool:
        return any(map(self._has_value, line.fields)) or _is_asking(line)

    def _has_value(self, shown: Any) -> bool:
        if shown.is_readonly:
            # what the screen works out is on the page only if there is something to say
            value = getattr(self.shown, _name_of(shown), self.shown is not None)
            return bool(value) and not _is_unknown(_name_of(shown), value)
        value = shown.field.value()
        return bool(shown.field.errors) or not (
            value in (None, "", [], 0) or _is_unknown(shown.field.name, value)
        )


def _is_asking(holder: Part | Line) -> bool:
    return bool(holder.evidence and holder.evidence.is_open)


def _is_unknown(name: str, value: object) -> bool:
    kind = VALUES[name].type if name in VALUES else None
    return kind is not None and value == getattr(kind, "unknown", "")


def _name_of(shown: Any) -> str:
    """Return the name of a field as Django's admin wraps it, with an input or as text."""
    return str(shown.field["name"] if shown.is_readonly else shown.field.name)


def seen_by(plan: Plan) -> Any:
    """Return who sees what the section holds once the record is published, in words; None for the register's own."""
    if plan.section not in SECTIONS:
        return None
    if any("is_public" in str(inline.fields) for inline in plan.inlines):
        return UNTIL_MARKED
    parts = (*plan.parts, plan.rare)
    names = {name for part in parts if isinstance(part, tuple) for line in part for name in line}
    is_public = any(map(shown_to_public, names)) or any(plan.inlines)
    return PUBLIC if is_public else INTERNAL
