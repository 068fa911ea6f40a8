"""A field that two people changed, as the pages for conflicts and list edits show it: theirs, yours and the old value."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.forms.boundfield import BoundField
from django.utils.translation import gettext as _

from agreements.admin.typed_forms import names_of, raw_of
from agreements.curation.edit_conflicts import FieldConflict, Typed, Unread
from agreements.curation.history.words import label, value_in_words


@dataclass(frozen=True)
class Choice:
    """A field to settle: three values in words, the input with yours, and what theirs would send."""

    label: str
    bound: BoundField
    take: str = ""
    answer: str = ""
    has_base: bool = False
    base: str = ""
    theirs: str = ""
    yours: str = ""
    names: list[str] = field(default_factory=list)
    theirs_sent: list[tuple[str, str]] = field(default_factory=list)
    lost_file: str = ""
    yours_sent: list[tuple[str, str]] = field(default_factory=list)
    problem: str = ""


def choice_between(
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
    """Return a field to settle: `bound` has yours, `stored` theirs; `beside` are all values of the base and of theirs.

    If yours was edited although “Theirs” was ticked, the question is asked again with the reason.
    """
    form: Any = bound.form
    column: Any = form.instance._meta.get_field(conflict.name)
    sent = raw_of(stored) if stored is not None else {}
    name = stored.html_name if stored is not None else ""
    problem = _(
        "%(field)s: you edited yours, but “Theirs” was ticked, so your edit would be lost. "
        "Tick “Yours” to save what you typed, or “Theirs” again to discard it."
    ) % {"field": label(column)}
    return Choice(
        label=label(column),
        take=bound.html_name,
        answer="" if is_typed_over else answer,
        has_base=has_base,
        base=value_in_words(column, conflict.base, beside[0]),
        theirs=value_in_words(column, conflict.theirs, beside[1]),
        yours=typed_in_words(column, conflict.yours),
        bound=bound,
        names=names_of(bound),
        # under the name that the field has in the merged data
        theirs_sent=[
            (bound.html_name + key.removeprefix(name), value)
            for key, values in sent.items()
            for value in values
        ],
        lost_file=lost_file,
        yours_sent=[(key, value) for key, values in raw_of(bound).items() for value in values],
        problem=problem if is_typed_over else "",
    )


def typed_in_words(column: Any, value: Typed) -> str:
    """Return a typed value in words; if it cannot be read, as it was typed."""
    return value.text if isinstance(value, Unread) else value_in_words(column, value, {})
