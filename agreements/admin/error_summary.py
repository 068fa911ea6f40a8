"""What has to be corrected on a page of the admin, in one list with a link to each field: such a page is long.

`versions` puts it under the head of every form that was refused.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _


@dataclass(frozen=True)
class ErrorLine:
    """Where something is wrong: what the place is called, its id on the page, and the reasons."""

    label: str
    target: str
    reasons: list[str]


def error_lines(form: Any, formsets: list[Any]) -> list[ErrorLine]:
    """Return a line for each field and row that was refused, in their order.

    What is wrong with the record as a whole belongs to no field; the page says it by itself.
    """
    own = list(_of_fields(form, ""))
    return own + [line for formset in formsets for line in _of_rows(formset)]


def _of_rows(formset: Any) -> Iterator[ErrorLine]:
    names = formset.model._meta
    if formset.non_form_errors():
        yield ErrorLine(
            capfirst(str(names.verbose_name_plural)),
            f"{formset.prefix}-group",
            list(map(str, formset.non_form_errors())),
        )
    for number, form in enumerate(formset.forms, start=1):
        row = _("%(what)s %(number)d") % {
            "what": capfirst(str(names.verbose_name)),
            "number": number,
        }
        if form.non_field_errors():
            yield ErrorLine(row, form.prefix, list(map(str, form.non_field_errors())))
        yield from _of_fields(form, f"{row}: ")


def _of_fields(form: Any, before: str) -> Iterator[ErrorLine]:
    for bound in form:
        if bound.errors:
            target = bound.id_for_label or bound.auto_id
            yield ErrorLine(
                f"{before}{capfirst(bound.label)}", target, list(map(str, bound.errors))
            )
