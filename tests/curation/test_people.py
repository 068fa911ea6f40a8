"""Joining signatories into one person, and merging people, with a version of every record that it changes."""

import pytest
from reversion.models import Version

from agreements.curation import people
from agreements.domain.permissions import StaffRole
from agreements.models import FormerPersonSlug, Person, PersonName, Signatory
from tests.colleagues import colleague
from tests.factories import AgreementFactory, PersonFactory, PersonNameFactory, SignatoryFactory
from tests.search.registers import assert_current

pytestmark = pytest.mark.django_db


def test_signatories_become_a_new_person_and_their_records_get_a_version() -> None:
    rows = [SignatoryFactory(agreement=AgreementFactory(), name="Əli Əliyev") for _ in range(2)]

    person = people.link(Signatory.objects.all(), by=colleague(StaffRole.PUBLISHER))

    assert (person.name, person.slug) == ("Əli Əliyev", "eli-eliyev")
    assert set(person.signatures.all()) == set(rows)
    for row in rows:
        assert Version.objects.get_for_object(row.agreement).count() >= 1


def test_they_join_the_person_that_one_of_them_is() -> None:
    person = PersonFactory(name="Ali Aliyev")
    SignatoryFactory(name="Ali Aliyev", person=person)
    other = SignatoryFactory(name="A. Aliyev")

    assert people.link(Signatory.objects.all(), by=colleague(StaffRole.PUBLISHER)) == person
    other.refresh_from_db()
    assert other.person == person
    assert Person.objects.count() == 1


def test_an_editor_cannot_join_signatories_of_a_published_agreement() -> None:
    SignatoryFactory(agreement=AgreementFactory(ref="AGR-0077"))

    with pytest.raises(people.PeopleError, match="AGR-0077"):
        people.link(Signatory.objects.all(), by=colleague(StaffRole.EDITOR))

    assert Person.objects.count() == 0


def test_only_who_may_merge_joins_signatories_of_two_people() -> None:
    for _ in range(2):
        SignatoryFactory(person=PersonFactory())

    with pytest.raises(people.PeopleError, match="Ask an administrator"):
        people.link(Signatory.objects.all(), by=colleague(StaffRole.PUBLISHER))
    assert Person.objects.count() == 2

    people.link(Signatory.objects.all(), by=colleague(StaffRole.ADMINISTRATOR))
    assert Person.objects.count() == 1


def test_after_a_merge_agreements_are_found_by_all_names_of_the_person() -> None:
    kept, other = PersonFactory(name="Ali Aliyev"), PersonFactory(name="A. Aliyev")
    PersonNameFactory(person=kept, name="A. Aliyev")
    PersonNameFactory(person=kept, name="Али Алиев")
    SignatoryFactory(person=other, name="A. Aliyev")

    people.merge([kept, other], by=colleague(StaffRole.ADMINISTRATOR))

    assert_current()


def test_a_merge_keeps_names_and_urls() -> None:
    kept, other = (
        PersonFactory(name="Ali Aliyev", slug="ali"),
        PersonFactory(name="Али Алиев", slug="2"),
    )
    PersonNameFactory(person=kept, name="A. Aliyev")
    PersonNameFactory(person=other, name="A. Aliyev")
    PersonNameFactory(person=other, name="Əli", language="az")
    FormerPersonSlug.objects.create(slug="1", row=other)
    signed = SignatoryFactory(person=other)

    people.merge([kept, other], by=colleague(StaffRole.ADMINISTRATOR))

    signed.refresh_from_db()
    assert signed.person == kept
    names = PersonName.objects.filter(person=kept).values_list("name", "language")
    assert set(names) == {("A. Aliyev", ""), ("Əli", "az"), ("Али Алиев", "")}
    assert dict(FormerPersonSlug.objects.values_list("slug", "row")) == {"1": kept.pk, "2": kept.pk}


def test_slugs_are_free() -> None:
    person = PersonFactory(slug="ali-aliyev")
    FormerPersonSlug.objects.create(slug="ali-aliyev-2", row=person)

    assert people.free_slug("Ali Aliyev") == "ali-aliyev-3"
    assert people.free_slug("Ali Aliyev", person.pk) == "ali-aliyev"
    assert people.free_slug("—") == "person"
