"""How the OpenAPI schema speaks of parameters and answers: what each means, takes and looks like.

The parameters are read off the fields that check them, so that the schema cannot promise what the API refuses. The
views declare their operations with these.
"""

from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse

from agreements.models.references import REF_PATTERN
from agreements.selection.declarations import FILTERS
from agreements.selection.declared import Filter, Text
from agreements.selection.fields import DayField, SlugsField, codes_of
from agreements.web.api.listings import CURSOR
from agreements.web.api.queries import ListForm
from agreements.web.api.serializers import FailureSerializer, RefusalSerializer

Schema = dict[str, Any]

SLUG_PATTERN = "[-a-zA-Z0-9_]+"

NOT_UNDERSTOOD = OpenApiResponse(
    RefusalSerializer, _("A parameter is unknown or malformed. Nothing is selected.")
)
NOT_FOUND = OpenApiResponse(FailureSerializer, _("There is no such record in public."))
READ_ONLY = OpenApiResponse(FailureSerializer, _("Another method than GET was used."))
MOVED = OpenApiResponse(None, _("It has another slug now; the new address is in Location."))

CURSOR_PARAMETER = OpenApiParameter(
    CURSOR,
    description=_(
        "Where a page begins or ends, as the addresses of the next and the previous page say it. "
        "It holds for the query that it was given for."
    ),
    examples=[OpenApiExample("cursor", value="WzAsWyJBR1ItMDAyNSJdXQ:1vMHwa:5rP0x")],
)


def answers(success: Any, *more: int) -> dict[int, Any]:
    """Return the answers of an operation by their status: 200, what reading can meet, and `more` of them."""
    found: dict[int, Any] = {200: success, 400: NOT_UNDERSTOOD, 405: READ_ONLY}
    return found | {status: {301: MOVED, 404: NOT_FOUND}[status] for status in more}


def path_parameter(name: str, pattern: str, example: str) -> OpenApiParameter:
    return OpenApiParameter(
        name,
        {"type": "string", "pattern": f"^{pattern}$"},
        OpenApiParameter.PATH,
        examples=[OpenApiExample(name, value=example)],
    )


REF = path_parameter("ref", REF_PATTERN, "AGR-0001")
PARTY = path_parameter("slug", SLUG_PATTERN, "azerbaijan")
AREA = path_parameter("slug", SLUG_PATTERN, "social-protection")

_EXAMPLES = {
    "per_page": ["100"],
    "q": ["labour"],
    "country": ["UZ", "JP"],
    "kind": ["state", "ministry"],
}


def agreement_parameters(names: Iterable[str] = ()) -> list[OpenApiParameter]:
    """Return the parameters of the register's selections, or these of them."""
    return [
        _parameter(declared.name, declared.field(), _meaning(declared), parse_qs(declared.example)[declared.name])
        for declared in FILTERS
        if not names or declared.name in names
    ]  # fmt: skip


def form_parameters(form: type[ListForm]) -> list[OpenApiParameter]:
    """Return the parameters of a list's form."""
    return [
        _parameter(name, field, field.help_text, _EXAMPLES[name])
        for name, field in form.base_fields.items()
    ]


def _parameter(
    name: str, field: forms.Field, meaning: Text, example: list[str]
) -> OpenApiParameter:
    schema = _schema_of(field)
    value: Any = example if schema["type"] == "array" else example[0]
    if schema["type"] == "integer":
        value = int(value)
    return OpenApiParameter(
        name, schema, description=meaning, examples=[OpenApiExample(name, value=value)]
    )


def _meaning(declared: Filter) -> Text:
    if not declared.says_values:
        return declared.meaning
    return format_lazy("{} {}.", declared.meaning, declared.values)


def _schema_of(field: forms.Field) -> Schema:
    """Return what a field takes, as JSON Schema; blanks aside, which are left out."""
    match field:
        case SlugsField():
            return _several({"type": "string", "pattern": f"^{SLUG_PATTERN}$"})
        case forms.MultipleChoiceField():
            return _several({"type": "string", "enum": codes_of(field.choices)})
        case forms.ChoiceField():
            return {"type": "string", "enum": codes_of(field.choices)}
        case forms.IntegerField():
            return {"type": "integer", "minimum": field.min_value, "maximum": field.max_value}
        case DayField():
            return {"type": "string", "format": "date"}
        case forms.CharField(max_length=int() as longest):
            return {"type": "string", "maxLength": longest}
    return {"type": "string"}


def _several(items: Schema) -> Schema:
    return {"type": "array", "items": items}
