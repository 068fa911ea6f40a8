"""The API's endpoints as its guide lists them: what each returns and which parameters it takes."""

from typing import NamedTuple

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from agreements.selection.declared import Text
from agreements.web.api.listings import CURSOR
from agreements.web.api.queries import AreaListForm, FacetsForm, PartyListForm, RecordForm


class Endpoint(NamedTuple):
    """One endpoint. `key` is the placeholder for a single row; `takes_selection` adds the parameters of the list."""

    name: str
    returns: Text
    key: str = ""
    parameters: tuple[str, ...] = ()
    takes_selection: bool = False

    @property
    def path(self) -> str:
        return reverse(f"agreements:{self.name}")


ENDPOINTS = (
    Endpoint(
        "api_agreements",
        _("Agreements that match the parameters, with their evidence and sources."),
        parameters=("fields", CURSOR),
        takes_selection=True,
    ),
    Endpoint(
        "api_agreements",
        _("One agreement, by its reference."),
        key="ref",
        parameters=tuple(RecordForm.base_fields),
    ),
    Endpoint(
        "api_facets",
        _(
            "How many agreements each further choice would leave, as the filters of the list show it."
        ),
        parameters=tuple(FacetsForm.base_fields),
        takes_selection=True,
    ),
    Endpoint(
        "api_parties",
        _("Parties to published agreements, with all their names."),
        parameters=(*PartyListForm.base_fields, CURSOR),
    ),
    Endpoint("api_parties", _("One party, by the code in the URL of its page."), key="slug"),
    Endpoint(
        "api_areas",
        _("Cooperation areas, each with the area above it."),
        parameters=(*AreaListForm.base_fields, CURSOR),
    ),
    Endpoint("api_areas", _("One cooperation area."), key="slug"),
    Endpoint(
        "api_schema",
        _(
            "This API described in OpenAPI 3.1, for generating clients: every parameter, field and "
            "response."
        ),
        parameters=("format=yaml",),
    ),
)
