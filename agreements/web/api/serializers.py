"""What the API's responses look like, field by field. The schema is generated from these serializers.

Parties and areas are also written by their serializers. Those of agreements only describe the records, which come from
`agreements.exchange.exporting.json` as in the JSON files. Tests check every response against its description.
"""

from functools import cache

from django.contrib.admin.utils import get_fields_from_path
from django.db import models
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.fields import (
    BooleanField,
    CharField,
    ChoiceField,
    DateField,
    DateTimeField,
    Field,
    IntegerField,
)

from agreements.domain.choices import NameKind, PartyKind, Takes
from agreements.domain.declarations import Value
from agreements.domain.facts import PUBLIC
from agreements.domain.value_types import (
    LENGTH_PATTERN,
    Amount,
    Codes,
    Day,
    Flag,
    Length,
    Listed,
    Moment,
    PartDate,
    ValueType,
    Whole,
    type_of,
)
from agreements.exchange.exporting.blocks import RELATED, SOURCES
from agreements.models.references import REF_PATTERN


@extend_schema_field({"type": "string", "examples": ["2023-08", "2023-10~", "2022-05-25"]})
class EdtfField(CharField):
    """A full or partial date in EDTF (ISO 8601-2)."""


@extend_schema_field(
    {"type": "string", "pattern": f"^{LENGTH_PATTERN}$", "examples": ["P3Y", "P18M", "P120D"]}
)
class LengthField(CharField):
    """A length of time as an ISO 8601 duration, in years, months or days."""


@extend_schema_field({"type": "string", "format": "iri"})
class AddressField(CharField):
    """A web URL, which may contain letters of any script."""


@extend_schema_field({"type": "string", "pattern": "^[A-Z]{2}([A-Z]{2})?$"})
class CountryField(CharField):
    """ISO 3166-1 alpha-2, XK, EU, or the four letters of ISO 3166-3 for a former state."""


@extend_schema_field({"type": "string", "pattern": "^[-a-zA-Z0-9_]+$"})
class SlugField(CharField):
    """A stable code, used in URLs."""


def known(field: type[Field] = CharField, **more: object) -> Field:
    """Return a field that is null if unknown."""
    return field(allow_null=True, **more)


# The rows of a record: the name of one row, and the meaning of columns whose names do not explain themselves.
_ROWS = {
    "parties": (
        "Participant",
        {
            "signed": _("Only if it signed on another day than the agreement's."),
            "consent": _("How it consented to be bound, or that it has only signed."),
            "consented": _("When it consented to be bound."),
            "consent_withdrawn": _("When it took back its consent and remained a signatory."),
            "in_force_from": _("Entry into force for this party, if it differs."),
            "in_force_until": _("The last day on which it was a party or a signatory."),
            "withdrawal_notified": _("When it gave notice of its withdrawal."),
            "provisional_until": _("The last day of provisional application."),
            "reservations": _("Reservations and declarations."),
        },
    ),
    "areas": ("AreaName", {}),
    "signatories": (
        "Signatory",
        {
            "title": _("The office held at the time."),
            "as_published": _("The spelling in the source, if different."),
            "signed": _("Only if it differs from the date of the agreement."),
            "party": _("The party they signed for."),
            "second_party": _("Another party they signed for."),
            "third_party": _("A third party they signed for."),
            "person": _("Who this is, if they have a page."),
        },
    ),
    "events": ("Event", {"source": _("One of the record's sources.")}),
    "periods": (
        "Period",
        {
            "first": _("The first day of the period; null if it continues the term."),
            "last": _("The last day of the period, which is included."),
            "by": _("Reference of the agreement that brought it about."),
        },
    ),
    "relations": ("Relation", {}),
    "identifiers": (
        "Identifier",
        {
            "scheme": _("The register or series, such as celex or un-registration."),
            "value": _("As the other register writes it."),
        },
    ),
    "languages": (
        "LanguageVersion",
        {
            "language": _("Language tag (BCP 47)."),
            "prevails": _("Whether this text decides if the authentic texts differ."),
        },
    ),
    "commitments": ("Commitment", {}),
    "documents": (
        "Document",
        {
            "language": _("ISO 639 code."),
            "size": _("In bytes, if the file is stored here."),
            "sha256": _("In hexadecimal digits, if the file is stored here."),
        },
    ),
    "evidence": (
        "Evidence",
        {
            "locator": _("The place in the source or document."),
            "source": _("One of the record's sources; null if it rests on a document."),
        },
    ),
    "sources": ("Source", {"language": _("ISO 639 code.")}),
}


class AgreementSerializer(serializers.Serializer):
    """An agreement with everything that is public about it, and the evidence it rests on.

    With `fields`, it has its reference and only the fields asked for.
    """

    def get_fields(self) -> dict[str, Field]:
        return {value.name: _field_of(value) for value in PUBLIC}


def _field_of(value: Value) -> Field:
    """Return the field that describes a declared value."""
    described = {"help_text": value.meaning or None, "required": value.name == "ref"}
    if value.name == "countries":
        return serializers.ListField(child=CountryField(), **described)
    if isinstance(value.type, Listed):
        return _rows(value.name.removeprefix("inverse_"))(many=True, **described)
    return _field(value.name, value.type, allow_null=not value.is_filled, **described)


@cache
def _rows(name: str) -> type[serializers.Serializer]:
    """Return the serializer that describes the rows of this name, from their columns."""
    kind, meanings = _ROWS[name]
    related = RELATED.get(name, SOURCES)
    fields = {}
    for column, path in related.paths.items():
        *steps, end = get_fields_from_path(related.rows.model, path)
        # a slug may be left blank in forms only because the register then generates one
        is_optional = (end.null or end.blank) and not isinstance(end, models.SlugField)
        fields[column] = _field(
            path,
            type_of(end),
            help_text=meanings.get(column),
            allow_null=is_optional or any(step.null for step in steps),
        )
    if name == "parties":
        fields["takes_part_as"] = ChoiceField(
            choices=Takes.choices, help_text=_("As what it takes part on the day in status_as_of.")
        )
    if name in ("relations", "documents"):
        fields["url"] = AddressField()
        fields.pop("id", None)
    if name == "identifiers":
        fields["url"] = known(AddressField, help_text=_("Where the other register shows it."))
    if name == "evidence":
        for column in ("is_document_public", "address"):
            del fields[column]
        fields["document"] = known(
            AddressField,
            help_text=_(
                "The URL of one of the record's documents; null if it rests on a source. If source and document are "
                "null, it rests on a document that is not public."
            ),
        )
    return type(f"{kind}Serializer", (serializers.Serializer,), fields)


def _field(path: str, kind: ValueType, **more: object) -> Field:
    """Return the field that describes the column at this path, which has values of this type."""
    if path == "ref":
        return serializers.RegexField(f"^{REF_PATTERN}$", **more)
    if field := _BY_NAME.get(path.rpartition("__")[2]):
        return field(**more)
    if isinstance(kind, Codes):
        return ChoiceField(choices=kind.choices, **more)
    if isinstance(kind, Amount):
        return serializers.DecimalField(15, kind.places, **more)
    return _BY_TYPE.get(type(kind), CharField)(**more)


_BY_NAME = {"country": CountryField, "slug": SlugField, "url": AddressField}
_BY_TYPE = {
    PartDate: EdtfField,
    Length: LengthField,
    Day: DateField,
    Moment: DateTimeField,
    Whole: IntegerField,
    Flag: BooleanField,
}


# Returns null for empty texts. This is a comment, because a docstring would become the schema's description of subclasses.
class FilledSerializer(serializers.Serializer):
    def to_representation(self, instance: models.Model) -> dict[str, object]:
        values = super().to_representation(instance)
        return {name: None if value == "" else value for name, value in values.items()}


class PartyNameSerializer(FilledSerializer):
    name = CharField()
    kind = ChoiceField(choices=NameKind.choices)
    language = known(help_text=_("ISO 639 code."))
    used_from = known(EdtfField)
    used_until = known(EdtfField, help_text=_("When a former name was given up."))
    note = known()


class SuccessionSerializer(FilledSerializer):
    slug = SlugField(source="party.slug")
    name = CharField(source="party.name")
    country = known(CountryField, source="party.country")
    date = known(EdtfField, help_text=_("The day of the succession."))


class PartySerializer(FilledSerializer):
    """A party that takes part in published agreements, directly or through one of its bodies."""

    slug = SlugField()
    name = CharField()
    short_name = known()
    kind = ChoiceField(choices=PartyKind.choices)
    country = known(CountryField)
    parent = known(SlugField, source="parent.slug", help_text=_("The party it is a body of."))
    website = known(AddressField)
    names = PartyNameSerializer(many=True, help_text=_("Other names and spellings."))
    predecessors = SuccessionSerializer(
        many=True, help_text=_("Parties whose place it took, such as a former state.")
    )
    successors = SuccessionSerializer(many=True, help_text=_("Parties that took its place."))
    agreement_count = IntegerField(
        min_value=0, help_text=_("Number of published agreements, including those of its bodies.")
    )
    agreements = AddressField(source="list_url", help_text=_("URL of their list in this API."))
    url = AddressField(help_text=_("Permanent URL of its page."))


class AreaSerializer(FilledSerializer):
    """A cooperation area."""

    slug = SlugField()
    name = CharField()
    description = known()
    parent = known(SlugField, source="parent.slug", help_text=_("The area above it."))
    agreement_count = IntegerField(
        min_value=0,
        help_text=_("Number of published agreements, including those on its sub-areas."),
    )
    agreements = AddressField(source="list_url", help_text=_("URL of their list in this API."))
    url = AddressField(help_text=_("Permanent URL of its page."))


class SelectionSerializer(serializers.Serializer):
    """The query as the register understood it."""

    words = CharField(help_text=_("The selection in words."))
    query = CharField(
        allow_blank=True, help_text=_("Its query string: sorted, without blanks or defaults.")
    )
    url = AddressField(help_text=_("The page that shows the same selection."))
    as_of = DateField(help_text=_("The day the status is computed for."))
    undetermined = IntegerField(
        min_value=0,
        help_text=_(
            "Of how many agreements the known dates cannot say where they stood on a past day."
        ),
    )
    licence = AddressField()


class PageSerializer(serializers.Serializer):
    count = IntegerField(min_value=0, help_text=_("The number of results on all pages together."))
    next = known(AddressField, help_text=_("The next page; null on the last page."))
    previous = known(AddressField, help_text=_("The previous page; null on the first page."))


class GoneRecordSerializer(serializers.Serializer):
    """A record that was public and was withdrawn."""

    ref = serializers.RegexField(f"^{REF_PATTERN}$")
    withdrawn = DateTimeField(help_text=_("When it was withdrawn, in UTC."))
    title = known(help_text=_("Its title; null if it is withheld."))
    reason = known(help_text=_("Why, in a sentence; null if none was given."))
    url = AddressField(help_text=_("Where its page was, which now says the same."))


class FailureSerializer(serializers.Serializer):
    """Why the request failed: problem details (RFC 9457)."""

    type = CharField(help_text=_("Always about:blank: the status says what kind of problem it is."))
    title = CharField(help_text=_("The status in words."))
    status = IntegerField(help_text=_("The HTTP status."))
    detail = CharField(help_text=_("Why, in a sentence."))


class GoneSerializer(FailureSerializer, GoneRecordSerializer):
    """Instead of a record that was public and was withdrawn."""

    title = known(help_text=_("Its title; null if it is withheld."))


class AgreementPageSerializer(PageSerializer):
    selection = SelectionSerializer()
    gone = GoneRecordSerializer(
        many=True,
        required=False,
        help_text=_(
            "Only on the first page, and only with updated_since: all records withdrawn since then, whatever else "
            "is asked for. Delete your copies of them."
        ),
    )
    results = AgreementSerializer(many=True)


class PartyPageSerializer(PageSerializer):
    results = PartySerializer(many=True)


class AreaPageSerializer(PageSerializer):
    results = AreaSerializer(many=True)


class ChoiceSerializer(serializers.Serializer):
    value = CharField(allow_blank=True, help_text=_("What to give for the parameter."))
    label = CharField(help_text=_("The same in words."))
    count = IntegerField(
        help_text=_(
            "How many agreements it would leave, whatever else of this parameter is chosen."
        )
    )
    is_chosen = BooleanField(help_text=_("Whether the selection asks for it."))


class FacetSerializer(serializers.Serializer):
    """The choices of one parameter."""

    parameter = CharField()
    label = CharField(help_text=_("The parameter in words."))
    total = IntegerField(help_text=_("The number of choices, of which only the first may follow."))
    choices = ChoiceSerializer(many=True)


class FacetsSerializer(serializers.Serializer):
    """The choices that would narrow or widen a selection, with the number of agreements each would leave."""

    count = IntegerField(help_text=_("The number of agreements in the selection."))
    selection = SelectionSerializer()
    facets = FacetSerializer(many=True)


class RootSerializer(serializers.Serializer):
    """The URLs of the API."""

    agreements = AddressField()
    facets = AddressField()
    parties = AddressField()
    areas = AddressField()
    schema = AddressField(help_text=_("This API in OpenAPI 3.1."))
    documentation = AddressField(help_text=_("The guide to this API."))
    licence = AddressField(help_text=_("The licence of the data."))


class ProblemSerializer(serializers.Serializer):
    parameter = CharField()
    message = CharField()


class RefusalSerializer(FailureSerializer):
    """Part of the query was not understood, so nothing was selected; each problem is named."""

    problems = ProblemSerializer(many=True)
