"""The upgrade makes people of signatories only where nobody else can be meant."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from agreements.models import Person, Signatory
from tests.factories import AgreementFactory, PartyFactory, PersonFactory, SignatoryFactory

pytestmark = pytest.mark.django_db


class Editor:
    connection = connection


def make_people() -> None:
    import_module("agreements.migrations.0029_people").make_people(apps, Editor)


def test_one_name_and_one_body_is_one_person() -> None:
    body = PartyFactory()
    rows = [SignatoryFactory(name="Əli Əliyev", party=body) for _ in range(3)]
    draft = SignatoryFactory(name="Əli Əliyev", party=body, agreement=AgreementFactory(draft=True))

    make_people()

    [person] = Person.objects.all()
    assert (person.name, person.slug) == ("Əli Əliyev", "eli-eliyev")
    assert Person.objects.named("Aliyev").get() == person
    assert set(person.signatures.all()) == {*rows, draft}


def test_namesakes_and_vague_names_stay_with_staff() -> None:
    SignatoryFactory(name="John Smith", party=PartyFactory())
    SignatoryFactory(name="John Smith", party=PartyFactory())
    SignatoryFactory(name="Ann Other", party=PartyFactory())
    SignatoryFactory(name="Ann Other", party=None)
    SignatoryFactory(name="Minister", party=PartyFactory())

    make_people()

    assert Person.objects.count() == 0


def test_slugs_never_clash() -> None:
    PersonFactory(slug="ali-aliyev", name="Somebody else")
    for name in ("Ali Aliyev", "Əli Aliyev", "ALI ALIYEV", "…  …"):
        SignatoryFactory(name=name, party=PartyFactory())

    make_people()

    slugs = list(Person.objects.values_list("slug", flat=True))
    assert len(slugs) == len(set(slugs)) == 5
    assert all(slugs)
    assert Signatory.objects.filter(person=None).count() == 0
