"""The addresses of the API as its page lists them: what each answers, and the parameters its form takes."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from agreements.web.api.listings import CURSOR
from agreements.web.api.queries import AreaListForm, ListForm, PartyListForm, RecordForm


@dataclass(frozen=True)
class Address:
    """One address; `key` stands for what names a single row, `takes_selection` for the list's own parameters."""

    name: str
    answers: Any
    key: str = ""
    parameters: tuple[str, ...] = ()
    takes_selection: bool = False

    @property
    def path(self) -> str:
        return reverse(f"agreements:{self.name}")


def _of_list(form: type[ListForm]) -> tuple[str, ...]:
    return (*form.base_fields, CURSOR)


ADDRESSES = (
    Address(
        "api_agreements",
        _("The agreements of a selection, with their evidence and sources."),
        parameters=(CURSOR,),
        takes_selection=True,
    ),
    Address(
        "api_agreements",
        _("One agreement by its reference."),
        key="ref",
        parameters=tuple(RecordForm.base_fields),
    ),
    Address(
        "api_parties",
        _("The parties of published agreements, with all their names."),
        parameters=_of_list(PartyListForm),
    ),
    Address("api_parties", _("One party by the code in the address of its page."), key="slug"),
    Address(
        "api_areas",
        _("The cooperation areas; each names the one it lies under."),
        parameters=_of_list(AreaListForm),
    ),
    Address("api_areas", _("One cooperation area."), key="slug"),
    Address(
        "api_schema",
        _(
            "All of this in OpenAPI 3.1, for programs that make clients of it: every parameter, every field, every answer."
        ),
        parameters=("format=yaml",),
    ),
)
