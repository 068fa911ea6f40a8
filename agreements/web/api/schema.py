"""How the OpenAPI schema describes parameters and responses.

The parameters are derived from the form fields that validate them, so the schema cannot promise something that the API
rejects. The views declare their operations with these functions.
"""

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_view,
)
from rest_framework.views import APIView

from agreements.models.references import REF_PATTERN
from agreements.selection.declarations import FILTERS
from agreements.selection.declared import Filter, Text
from agreements.selection.fields import (
    WITHOUT,
    CodesField,
    DayField,
    MomentField,
    SlugsField,
    TextsField,
    codes_of,
)
from agreements.web.api.listings import CURSOR
from agreements.web.api.queries import AgreementListForm, FacetsForm, ListForm, RecordForm
from agreements.web.api.serializers import FailureSerializer, GoneSerializer, RefusalSerializer
from agreements.web.problems import MEDIA_TYPE

Schema = dict[str, Any]

SLUG_PATTERN = "[-a-zA-Z0-9_]+"

NOT_UNDERSTOOD = OpenApiResponse(
    RefusalSerializer, _("A parameter is unknown or malformed, so nothing was selected.")
)
NOT_FOUND = OpenApiResponse(FailureSerializer, _("There is no such public record."))
GONE = OpenApiResponse(GoneSerializer, _("The record was public and was withdrawn."))
READ_ONLY = OpenApiResponse(FailureSerializer, _("A method other than GET was used."))
MOVED = OpenApiResponse(None, _("The slug has changed; the new URL is in Location."))

CURSOR_PARAMETER = OpenApiParameter(
    CURSOR,
    description=_(
        "Where a page begins or ends. Take it from the URL of the next or the previous page; it is valid only "
        "for the query that returned it."
    ),
    examples=[OpenApiExample("cursor", value="WzAsWyJBR1ItMDAyNSJdXQ:1vMHwa:5rP0x")],
)


def operation(
    name: str,
    summary: Text,
    success: object,
    *more: int,
    parameters: Iterable[OpenApiParameter] = (),
) -> Callable[[type[APIView]], type[APIView]]:
    """Return a class decorator that declares a view's GET: its id, summary, responses and parameters.

    The responses are 200 with `success`, the errors that any request can get, and those with the statuses in `more`.
    """
    answers = {
        200: success,
        400: NOT_UNDERSTOOD,
        405: READ_ONLY,
        301: MOVED,
        404: NOT_FOUND,
        410: GONE,
    }
    declared = extend_schema(
        operation_id=name,
        summary=summary,
        parameters=list(parameters),
        responses={_in_its_form(status): answers[status] for status in (200, 400, 405, *more)},
    )
    return extend_schema_view(get=declared)


def _in_its_form(status: int) -> int | tuple[int, str]:
    """Return the status with the media type of its body, if that is problem details."""
    return (status, MEDIA_TYPE) if status >= 400 else status


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
    "fields": ["ref", "title"],
    "facet": ["country", "area"],
    "most": ["100"],
    "q": ["labour"],
    "country": ["UZ", "JP"],
    "kind": ["state", "ministry"],
    "as_of": ["2025-01-01"],
}


def agreement_parameters(names: Iterable[str] = ()) -> list[OpenApiParameter]:
    """Return the parameters of a selection of agreements, or only those with these names."""
    return [
        _parameter(declared.name, declared.field(), _meaning(declared), parse_qs(declared.example)[declared.name])
        for declared in FILTERS
        if not names or declared.name in names
    ]  # fmt: skip


def list_parameters() -> list[OpenApiParameter]:
    """Return the parameters of a list of agreements: of the selection, of the list, and the cursor."""
    own = form_parameters(AgreementListForm)
    names = [
        declared.name for declared in FILTERS if declared.name not in AgreementListForm.base_fields
    ]
    return [*agreement_parameters(names), *own]


def facet_parameters() -> list[OpenApiParameter]:
    """Return the parameters of the facets of a selection; its order and pages do not matter."""
    fields = FacetsForm.base_fields.items()
    own = [_parameter(name, field, field.help_text, _EXAMPLES[name]) for name, field in fields]
    return [*agreement_parameters(), *own]


def record_parameters() -> list[OpenApiParameter]:
    """Return the parameters of one agreement."""
    fields = RecordForm.base_fields.items()
    return [_parameter(name, field, field.help_text, _EXAMPLES[name]) for name, field in fields]


def form_parameters(form: type[ListForm]) -> list[OpenApiParameter]:
    """Return the parameters of a list's form, and the cursor."""
    fields = form.base_fields.items()
    found = [_parameter(name, field, field.help_text, _EXAMPLES[name]) for name, field in fields]
    return [*found, CURSOR_PARAMETER]


def _parameter(
    name: str, field: forms.Field, meaning: Text, example: list[str]
) -> OpenApiParameter:
    schema = _schema_of(field)
    value: object = example if schema["type"] == "array" else example[0]
    if schema["type"] == "integer":
        value = int(example[0])
    return OpenApiParameter(
        name, schema, description=meaning, examples=[OpenApiExample(name, value=value)]
    )


def _meaning(declared: Filter) -> Text:
    if not declared.says_values:
        return declared.meaning
    return format_lazy("{} {}.", declared.meaning, declared.values)


def _schema_of(field: forms.Field) -> Schema:
    """Return what a field accepts, as JSON Schema; blanks are always ignored."""
    match field:
        case SlugsField():
            return _several({"type": "string", "pattern": f"^{SLUG_PATTERN}$"})
        case TextsField():
            return _several({"type": "string", "maxLength": field.longest})
        case CodesField():
            codes = codes_of(field.choices)
            # an enum with signs would make names of constants that clash
            pattern = f"^{WITHOUT}?({'|'.join(codes)})$"
            return _several(
                {"type": "string", "pattern": pattern}
                if field.can_leave_out
                else {"type": "string", "enum": codes}
            )
        case forms.ChoiceField():
            return {"type": "string", "enum": codes_of(field.choices)}
        case forms.IntegerField():
            return {"type": "integer", "minimum": field.min_value, "maximum": field.max_value}
        case DayField():
            return {"type": "string", "format": "date"}
        case MomentField():
            # a day is accepted too
            return {"type": "string", "anyOf": [{"format": "date-time"}, {"format": "date"}]}
        case forms.CharField(max_length=int() as longest):
            return {"type": "string", "maxLength": longest}
    return {"type": "string"}


def _several(items: Schema) -> Schema:
    return {"type": "array", "items": items}
