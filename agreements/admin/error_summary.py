"""All errors on a page of the admin in one list that links to each field, because the pages are long.

`versions` shows it at the top of every refused form.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _


@dataclass(frozen=True)
class ErrorLine:
    """A field or row with errors: its label, its id on the page, and the errors."""

    label: str
    target: str
    reasons: Iterable[str]


def error_lines(form: Any, formsets: list[Any]) -> list[ErrorLine]:
    """Return a line for each field and row with errors, in their order on the page.

    Errors of the record as a whole belong to no field; the page shows them itself.
    """
    return [*_of_fields(form), *(line for formset in formsets for line in _of_rows(formset))]


def _of_rows(formset: Any) -> Iterator[ErrorLine]:
    names = formset.model._meta
    if formset.non_form_errors():
        title = capfirst(str(names.verbose_name_plural))
        yield ErrorLine(title, f"{formset.prefix}-group", formset.non_form_errors())
    what = capfirst(str(names.verbose_name))
    for number, form in enumerate(formset.forms, start=1):
        row = _("%(what)s %(number)d") % {"what": what, "number": number}
        if form.non_field_errors():
            yield ErrorLine(row, form.prefix, form.non_field_errors())
        yield from _of_fields(form, f"{row}: ")


def _of_fields(form: Any, before: str = "") -> Iterator[ErrorLine]:
    for bound in form:
        if bound.errors:
            label = f"{before}{capfirst(bound.label)}"
            yield ErrorLine(label, bound.id_for_label or bound.auto_id, bound.errors)
