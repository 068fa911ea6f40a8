"""Factories for rows, each as small as possible: a published agreement, a ministry, a newspaper.

A test gives only the values that it is about. A partial date can be given as text: `signed="2023-08"`.
"""

import hashlib
from collections.abc import Iterable
from contextlib import nullcontext

import factory
from django.core.files.base import ContentFile
from factory.django import DjangoModelFactory

from agreements.domain.choices import (
    Basis,
    DocumentKind,
    EventKind,
    Kind,
    NameKind,
    PartyKind,
    PeriodKind,
    Publication,
    RelationKind,
    Role,
    Stage,
)
from agreements.domain.durations import Duration, DurationField
from agreements.domain.facts import EvidenceCode
from agreements.domain.partial_dates import PartialDate, PartialDateField
from agreements.models import (
    Agreement,
    Area,
    Commitment,
    Document,
    Event,
    Evidence,
    ExternalIdentifier,
    LanguageVersion,
    Membership,
    Participation,
    Party,
    PartyName,
    Period,
    Person,
    PersonName,
    Relation,
    Signatory,
    Source,
    search_refreshed_once,
)
from tests import office


class _Factory(DjangoModelFactory):
    class Meta:
        abstract = True

    @classmethod
    def _adjust_kwargs(cls, **kwargs: object) -> dict[str, object]:
        """Read a partial date or a length given as text."""
        model = cls._meta.model
        for field in model._meta.get_fields():
            value = kwargs.get(field.name)
            if isinstance(field, PartialDateField) and isinstance(value, str):
                kwargs[field.name] = PartialDate.parse(value) if value else None
            if isinstance(field, DurationField) and isinstance(value, str):
                kwargs[field.name] = Duration.parse(value) if value else None
        return kwargs


class AreaFactory(_Factory):
    class Meta:
        model = Area

    slug = factory.Sequence(lambda n: f"area-{n}")
    name = factory.Sequence(lambda n: f"Area {n}")


class PartyFactory(_Factory):
    """A ministry; with `parent=state` it is a body of that state and takes its country."""

    class Meta:
        model = Party

    slug = factory.Sequence(lambda n: f"party-{n}")
    name = factory.Sequence(lambda n: f"Ministry {n}")
    kind = PartyKind.MINISTRY.value

    class Params:
        state = factory.Trait(
            name=factory.Sequence(lambda n: f"State {n}"), kind=PartyKind.STATE.value
        )


class PartyNameFactory(_Factory):
    class Meta:
        model = PartyName

    party = factory.SubFactory(PartyFactory)
    name = factory.Sequence(lambda n: f"Other spelling {n}")
    kind = NameKind.ALIAS.value


class MembershipFactory(_Factory):
    class Meta:
        model = Membership

    organisation = factory.SubFactory(PartyFactory, binds_members=True)
    member = factory.SubFactory(PartyFactory)


class PersonFactory(_Factory):
    class Meta:
        model = Person

    slug = factory.Sequence(lambda n: f"person-{n}")
    name = factory.Sequence(lambda n: f"Person {n}")


class PersonNameFactory(_Factory):
    class Meta:
        model = PersonName

    person = factory.SubFactory(PersonFactory)
    name = factory.Sequence(lambda n: f"Other spelling of person {n}")


class AgreementFactory(_Factory):
    """A published memorandum without dates, parties, areas or evidence.

    `parties=[…]` adds participants in that order, `areas=[…]` sets the cooperation areas, and
    `draft=True` leaves the record unpublished.
    """

    class Meta:
        model = Agreement
        skip_postgeneration_save = True

    title = factory.Sequence(lambda n: f"Memorandum {n}")
    kind = Kind.MOU.value
    stage = Stage.CONCLUDED.value
    publication = Publication.PUBLISHED.value

    class Params:
        draft = factory.Trait(publication=Publication.DRAFT.value)

    @classmethod
    def _adjust_kwargs(cls, **kwargs: object) -> dict[str, object]:
        """Take the length of a term as months and of notice as days, too."""
        months, days = kwargs.pop("term_months", None), kwargs.pop("notice_days", None)
        if months is not None:
            kwargs["term"] = f"P{months}M"
        if days is not None:
            kwargs["notice"] = f"P{days}D"
        return super()._adjust_kwargs(**kwargs)

    @classmethod
    def _generate(cls, strategy: str, params: dict[str, object]) -> Agreement:
        """Index the searched text once, however many parties and areas there are."""
        stores = strategy == factory.CREATE_STRATEGY
        with search_refreshed_once() if stores else nullcontext():
            return super()._generate(strategy, params)

    @factory.post_generation
    def parties(
        self: Agreement, create: bool, extracted: Iterable[Party] | None, **kwargs: object
    ) -> None:
        for position, party in enumerate(extracted or ()):
            ParticipationFactory(agreement=self, party=party, position=position)

    @factory.post_generation
    def areas(
        self: Agreement, create: bool, extracted: Iterable[Area] | None, **kwargs: object
    ) -> None:
        if extracted:
            self.areas.set(extracted)


class ParticipationFactory(_Factory):
    class Meta:
        model = Participation

    agreement = factory.SubFactory(AgreementFactory)
    party = factory.SubFactory(PartyFactory)
    role = Role.PARTY.value


class SignatoryFactory(_Factory):
    class Meta:
        model = Signatory

    agreement = factory.SubFactory(AgreementFactory)
    name = factory.Sequence(lambda n: f"Signatory {n}")


class SourceFactory(_Factory):
    class Meta:
        model = Source

    slug = factory.Sequence(lambda n: f"source-{n}")
    publisher = factory.Sequence(lambda n: f"Newspaper {n}")
    title = factory.Sequence(lambda n: f"Article {n}")
    url = factory.Sequence(lambda n: f"https://news.example/{n}")


class EvidenceFactory(_Factory):
    class Meta:
        model = Evidence

    agreement = factory.SubFactory(AgreementFactory)
    source = factory.SubFactory(SourceFactory)
    fact = EvidenceCode.TITLE.value
    basis = Basis.STATED.value


class EventFactory(_Factory):
    class Meta:
        model = Event

    agreement = factory.SubFactory(AgreementFactory)
    kind = EventKind.MEETING.value


class CommitmentFactory(_Factory):
    """A commitment marked public, which new ones are not by themselves."""

    class Meta:
        model = Commitment

    agreement = factory.SubFactory(AgreementFactory)
    text = factory.Sequence(lambda n: f"Exchange of experts, round {n}")
    is_public = True


class IdentifierFactory(_Factory):
    class Meta:
        model = ExternalIdentifier

    agreement = factory.SubFactory(AgreementFactory)
    scheme = "un-registration"
    value = factory.Sequence(lambda n: f"I-{n + 1}")


class LanguageVersionFactory(_Factory):
    class Meta:
        model = LanguageVersion

    agreement = factory.SubFactory(AgreementFactory)
    language = "az"


class PeriodFactory(_Factory):
    class Meta:
        model = Period

    agreement = factory.SubFactory(AgreementFactory)
    kind = PeriodKind.EXTENSION.value


class RelationFactory(_Factory):
    class Meta:
        model = Relation

    agreement = factory.SubFactory(AgreementFactory)
    target = factory.SubFactory(AgreementFactory)
    kind = RelationKind.AMENDS.value


class DocumentFactory(_Factory):
    """A public text at a URL elsewhere; `uploaded=True` makes it an uploaded file instead."""

    class Meta:
        model = Document

    agreement = factory.SubFactory(AgreementFactory)
    kind = DocumentKind.PRESS_RELEASE.value
    title = factory.Sequence(lambda n: f"Document {n}")
    address = factory.Sequence(lambda n: f"https://documents.example/{n}")
    is_public = True

    class Params:
        uploaded = factory.Trait(
            address="", file=factory.LazyFunction(lambda: ContentFile(PDF_BYTES, name="text.pdf"))
        )


PDF_BYTES = office.PDF
PDF_SHA256 = hashlib.sha256(PDF_BYTES).hexdigest()
