"""The pages of people: agreements signed, posts, spellings; only for those whom a published agreement names."""

import pytest
from django.test import Client

from agreements.models import FormerPersonSlug, Signatory
from tests.factories import (
    AgreementFactory,
    PartyFactory,
    PersonFactory,
    PersonNameFactory,
    SignatoryFactory,
)

pytestmark = pytest.mark.django_db


def page_of(client: Client, url: str) -> str:
    return client.get(url).content.decode()


def test_page_shows_agreements_posts_and_spellings(client: Client) -> None:
    person = PersonFactory(name="Ursula von der Leyen", slug="ursula-von-der-leyen")
    PersonNameFactory(person=person, name="Урсула фон дер Ляйен", language="ru")
    union, community = PartyFactory(name="European Union"), PartyFactory(name="Euratom")
    agreement = AgreementFactory(title="Withdrawal Agreement", signed="2020-01-24")
    SignatoryFactory(
        agreement=agreement,
        name="U. von der Leyen",
        title="President of the Commission",
        party=union,
        second_party=community,
        person=person,
    )

    shown = page_of(client, "/people/ursula-von-der-leyen/")

    for words in (
        '<h1 dir="auto">Ursula von der Leyen</h1>',
        "Урсула фон дер Ляйен",
        "U. von der Leyen",
        "President of the Commission",
        "Withdrawal Agreement",
        "24 January 2020",
        "for <bdi>European Union</bdi>",
        "for <bdi>Euratom</bdi>",
    ):
        assert words in shown
    posts = shown.partition('id="posts-title"')[2].partition("</section>")[0]
    assert all(f'href="{party.get_absolute_url()}"' in posts for party in (union, community))
    of_agreement = page_of(client, f"/agreements/{agreement.ref}/")
    assert 'href="/people/ursula-von-der-leyen/"' in of_agreement
    assert of_agreement.count("for <a href=") == 2
    [signatory] = client.get(f"/agreements/{agreement.ref}.json").json()["signatories"]
    assert (signatory["party"], signatory["second_party"]) == (union.slug, community.slug)
    assert (signatory["third_party"], signatory["person"]) == (None, person.slug)


@pytest.mark.parametrize("publication", ["draft", "in_review", "withdrawn"])
def test_a_person_whom_only_hidden_records_name_has_no_page(
    client: Client, admin_client: Client, publication: str
) -> None:
    hidden = AgreementFactory(publication=publication)
    SignatoryFactory(agreement=hidden, person=PersonFactory(slug="somebody"))

    for visitor in (client, admin_client):
        assert visitor.get("/people/somebody/").status_code == 404
    assert "somebody" not in page_of(client, "/sitemap-people.xml")


def test_page_says_nothing_of_what_a_person_signed_in_hidden_records(client: Client) -> None:
    person = PersonFactory(slug="somebody", name="Some Body")
    SignatoryFactory(agreement=AgreementFactory(title="Shown"), person=person)
    hidden = AgreementFactory(draft=True, title="Hidden")
    SignatoryFactory(agreement=hidden, name="Secret Spelling", title="Secret post", person=person)

    shown = page_of(client, "/people/somebody/")

    assert "Shown" in shown
    assert "Hidden" not in shown
    assert "Secret" not in shown
    assert "/people/somebody/" in page_of(client, "/sitemap-people.xml")


def test_a_former_slug_leads_on_only_to_a_public_person(client: Client) -> None:
    person = PersonFactory(slug="new")
    FormerPersonSlug.objects.create(slug="old", row=person)
    assert client.get("/people/old/").status_code == 404

    SignatoryFactory(person=person)

    response = client.get("/people/old/")
    assert (response.status_code, response["Location"]) == (301, "/people/new/")


def test_a_long_career_is_paged_with_as_many_queries(
    client: Client, django_assert_max_num_queries: object
) -> None:
    person = PersonFactory(slug="busy")
    for n in range(60):
        SignatoryFactory(agreement=AgreementFactory(title=f"No {n:02d}"), person=person)

    with django_assert_max_num_queries(12):  # type: ignore[operator]
        first = page_of(client, "/people/busy/")

    assert first.count('href="/agreements/AGR-') == 50
    assert page_of(client, "/people/busy/?page=2").count('href="/agreements/AGR-') == 10
    assert client.get("/people/busy/?page=3").status_code == 404
    assert Signatory.objects.filter(person=person).count() == 60
