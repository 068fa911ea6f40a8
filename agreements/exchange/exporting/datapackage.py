"""The description of the CSV for programs: a Data Package (Frictionless Data), column by column.

`/datapackage.json` returns it. It names the CSV by a relative path, as the standard requires.
"""

from django.urls import reverse
from django.utils.translation import gettext as _

from agreements.domain.declarations import Value
from agreements.domain.facts import COLUMNS
from agreements.domain.urls import permanent
from agreements.domain.value_types import (
    LENGTH_PATTERN,
    Amount,
    Codes,
    Day,
    Length,
    Moment,
    PartDate,
    ValueType,
    Whole,
)
from agreements.exchange.exporting.extracts import LICENCE_ADDRESS, REGISTER
from agreements.models.references import REF_PATTERN

Descriptor = dict[str, object]

_POINT = "[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?[?~%]?"
_EDTF = rf"{_POINT}|({_POINT}|\.\.)/({_POINT}|\.\.)"
_PATTERNS = {
    "ref": REF_PATTERN,
    "countries": "[A-Z]{2}([A-Z]{2})?(; [A-Z]{2}([A-Z]{2})?)*",
    "areas": "[-a-zA-Z0-9_]+(; [-a-zA-Z0-9_]+)*",
}
_TYPES: dict[type[ValueType], str] = {
    Day: "date", Moment: "datetime", Whole: "integer", Amount: "number"
}  # fmt: skip


def data_package() -> Descriptor:
    """Return the descriptor of a Data Package (version 1) that contains the CSV of the whole register."""
    return {
        "profile": "tabular-data-package",
        "name": "mou-tracker",
        "id": permanent(reverse("agreements:datapackage")),
        "title": REGISTER,
        "description": _(
            "A public register of memoranda of understanding and other agreements between public bodies."
        ),
        "homepage": permanent(reverse("agreements:data")),
        "licenses": [{"name": "CC-BY-4.0", "title": "CC BY 4.0", "path": LICENCE_ADDRESS}],
        "sources": [
            {
                "title": _("The publications that each agreement names in the column “sources”"),
                "path": permanent(f"{reverse('agreements:about')}#evidence"),
            }
        ],
        "keywords": ["memorandum of understanding", "treaties", "international agreements"],
        "resources": [_resource()],
    }


def _resource() -> Descriptor:
    return {
        "profile": "tabular-data-resource",
        "name": "agreements",
        "path": reverse("agreements:agreement_csv").lstrip("/"),
        "title": _("Agreements"),
        "description": _(
            "One row per agreement. Several values in a cell are joined by a semicolon and a space. Text that a "
            "spreadsheet would treat as a formula is preceded by an apostrophe."
        ),
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": {
            "delimiter": ",",
            "lineTerminator": "\r\n",
            "quoteChar": '"',
            "doubleQuote": True,
            "header": True,
        },
        "schema": {
            "fields": [_field(column) for column in COLUMNS],
            "missingValues": [""],
            "primaryKey": ["ref"],
        },
    }


def _field(column: Value) -> Descriptor:
    constraints: Descriptor = {"required": column.is_filled}
    if column.name == "ref":
        constraints["unique"] = True
    if isinstance(column.type, Codes):
        constraints["enum"] = column.type.values
    if isinstance(column.type, Length):
        constraints["pattern"] = LENGTH_PATTERN
    if isinstance(column.type, PartDate):
        constraints["pattern"] = _EDTF
    if column.name in _PATTERNS:
        constraints["pattern"] = _PATTERNS[column.name]
    return {
        "name": column.name,
        "type": _TYPES.get(type(column.type), "string"),
        "description": str(column.dictionary_meaning),
        "constraints": constraints,
        **({"format": "uri"} if column.name == "url" else {}),
    }
