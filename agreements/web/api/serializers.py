"""What the API's responses look like, field by field: the schema is generated from these.

They describe and do not serialize: records come from `agreements.exchange.exporting.records`, as in the JSON files, and
parties and areas from `representations`. Tests check every response against its description.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.fields import CharField, DateField, DateTimeField, IntegerField

from agreements.domain import choices
from agreements.domain.declarations import Value
from agreements.domain.facts import PUBLIC, EvidenceCode
from agreements.domain.value_types import (
    Amount,
    Codes,
    Day,
    Listed,
    Moment,
    PartDate,
    ValueType,
    Whole,
)
from agreements.models.references import REF_PATTERN


@extend_schema_field({"type": "string", "examples": ["2023-08", "2023-10~", "2022-05-25"]})
class EdtfField(CharField):
    """A full or partial date in EDTF (ISO 8601-2)."""


@extend_schema_field({"type": "string", "format": "iri"})
class AddressField(CharField):
    """A web URL, which may contain letters of any script."""


@extend_schema_field({"type": "string", "pattern": "^[A-Z]{2}$"})
class CountryField(CharField):
    """ISO 3166-1 alpha-2."""


@extend_schema_field({"type": "string", "pattern": "^[-a-zA-Z0-9_]+$"})
class SlugField(CharField):
    """A stable code, used in URLs."""


def code(codes: Any, **more: Any) -> serializers.ChoiceField:
    return serializers.ChoiceField(choices=codes.choices, **more)


def known(field: type[serializers.Field] = CharField, **more: Any) -> serializers.Field:
    """Return a field that is null if unknown."""
    return field(allow_null=True, **more)


class ParticipantSerializer(serializers.Serializer):
    role = code(choices.Role)
    slug = SlugField()
    name = CharField()
    kind = code(choices.PartyKind)
    country = known(CountryField)


class AreaNameSerializer(serializers.Serializer):
    slug = SlugField()
    name = CharField()


class SignatorySerializer(serializers.Serializer):
    name = CharField()
    title = known(help_text=_("The office held at the time."))
    as_published = known(help_text=_("The spelling in the source, if different."))
    signed = known(EdtfField, help_text=_("Only if it differs from the date of the agreement."))
    party = known(SlugField, help_text=_("The party they signed for."))


class EventSerializer(serializers.Serializer):
    kind = code(choices.EventKind)
    date = known(EdtfField)
    place = known()
    note = known()
    party = known(SlugField)
    source = known(SlugField, help_text=_("One of the record's sources."))


class RelationSerializer(serializers.Serializer):
    kind = code(choices.RelationKind)
    ref = CharField()
    title = CharField()
    note = known()
    url = AddressField()


class CommitmentSerializer(serializers.Serializer):
    text = CharField()
    due = known(EdtfField)
    progress = code(choices.Progress)
    reviewed = known(DateField)
    note = known()
    party = known(SlugField)


class DocumentSerializer(serializers.Serializer):
    kind = code(choices.DocumentKind)
    title = CharField()
    language = known(help_text=_("ISO 639 code."))
    size = known(IntegerField, help_text=_("In bytes, if the file is stored here."))
    sha256 = known(help_text=_("In hexadecimal digits, if the file is stored here."))
    url = AddressField()


class EvidenceSerializer(serializers.Serializer):
    fact = code(EvidenceCode)
    basis = code(choices.Basis)
    locator = known(help_text=_("The place in the source."))
    note = known()
    source = SlugField(help_text=_("One of the record's sources."))


class SourceSerializer(serializers.Serializer):
    slug = SlugField()
    publisher = CharField()
    title = known()
    author = known()
    url = known(AddressField)
    published = known(EdtfField)
    published_at = known(DateTimeField)
    retrieved = known(DateField)
    language = known(help_text=_("ISO 639 code."))
    note = known()


_ROWS = {
    "parties": ParticipantSerializer,
    "areas": AreaNameSerializer,
    "signatories": SignatorySerializer,
    "events": EventSerializer,
    "relations": RelationSerializer,
    "inverse_relations": RelationSerializer,
    "commitments": CommitmentSerializer,
    "documents": DocumentSerializer,
    "evidence": EvidenceSerializer,
    "sources": SourceSerializer,
}


class AgreementSerializer(serializers.Serializer):
    """An agreement with everything that is public about it, and the evidence it rests on."""

    def get_fields(self) -> dict[str, serializers.Field]:
        return {value.name: _field_of(value) for value in PUBLIC}


def _field_of(value: Value) -> serializers.Field:
    """Return the field that describes a declared value."""
    more: dict[str, Any] = {"help_text": value.meaning} if value.meaning else {}
    if not value.is_filled and not isinstance(value.type, Listed):
        more["allow_null"] = True
    if value.name in _ROWS:
        return _ROWS[value.name](many=True, **more)
    match value.name, value.type:
        case "countries", _type:
            return serializers.ListField(child=CountryField(), **more)
        case "ref", _type:
            return serializers.RegexField(f"^{REF_PATTERN}$", **more)
        case "url", _type:
            return AddressField(**more)
        case _name, Codes() as codes:
            return serializers.ChoiceField(choices=codes.choices, **more)
        case _name, Amount() as amount:
            return serializers.DecimalField(15, amount.places, **more)
    return _FIELDS.get(type(value.type), CharField)(**more)


_FIELDS: dict[type[ValueType], type[serializers.Field]] = {
    PartDate: EdtfField, Day: DateField, Moment: DateTimeField, Whole: IntegerField
}  # fmt: skip


class PartyNameSerializer(serializers.Serializer):
    name = CharField()
    kind = code(choices.NameKind)
    language = known(help_text=_("ISO 639 code."))
    note = known()


class PartySerializer(serializers.Serializer):
    """A party to published agreements, itself or through one of its bodies."""

    slug = SlugField()
    name = CharField()
    short_name = known()
    kind = code(choices.PartyKind)
    country = known(CountryField)
    parent = known(SlugField, help_text=_("The party it is a body of."))
    website = known(AddressField)
    names = PartyNameSerializer(many=True, help_text=_("Other names and spellings."))
    agreement_count = IntegerField(
        min_value=0, help_text=_("Published agreements, including those of its bodies.")
    )
    agreements = AddressField(help_text=_("URL of their list in this API."))
    url = AddressField(help_text=_("Permanent URL of its page."))


class AreaSerializer(serializers.Serializer):
    """A cooperation area."""

    slug = SlugField()
    name = CharField()
    description = known()
    parent = known(SlugField, help_text=_("The area above it."))
    agreement_count = IntegerField(
        min_value=0, help_text=_("Published agreements, including those on its sub-areas.")
    )
    agreements = AddressField(help_text=_("URL of their list in this API."))
    url = AddressField(help_text=_("Permanent URL of its page."))


class SelectionSerializer(serializers.Serializer):
    """The query as the register understood it."""

    words = CharField(help_text=_("The selection in words."))
    query = CharField(
        allow_blank=True, help_text=_("Its query string: sorted, without blanks or defaults.")
    )
    url = AddressField(help_text=_("The page that shows the same selection."))
    as_of = DateField(help_text=_("The day the status is computed for."))
    licence = AddressField()


class PageSerializer(serializers.Serializer):
    count = IntegerField(min_value=0, help_text=_("The number of results on all pages together."))
    next = known(AddressField, help_text=_("The next page; null on the last one."))
    previous = known(AddressField, help_text=_("The previous page; null on the first one."))


class AgreementPageSerializer(PageSerializer):
    selection = SelectionSerializer()
    results = AgreementSerializer(many=True)


class PartyPageSerializer(PageSerializer):
    results = PartySerializer(many=True)


class AreaPageSerializer(PageSerializer):
    results = AreaSerializer(many=True)


class RootSerializer(serializers.Serializer):
    """The URLs of the API."""

    agreements = AddressField()
    parties = AddressField()
    areas = AddressField()
    schema = AddressField(help_text=_("This API in OpenAPI 3.1."))
    documentation = AddressField(help_text=_("The guide to this API."))
    licence = AddressField(help_text=_("The licence of the data."))


class ProblemSerializer(serializers.Serializer):
    parameter = CharField()
    message = CharField()


class RefusalSerializer(serializers.Serializer):
    """A query with a part that is not understood selects nothing; each problem is named."""

    detail = CharField()
    problems = ProblemSerializer(many=True)


class FailureSerializer(serializers.Serializer):
    """Why the request failed, in a sentence."""

    detail = CharField()
