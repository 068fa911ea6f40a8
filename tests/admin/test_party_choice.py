"""What the field of a party asks while somebody types, and the new party that is created in place."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from reversion.models import Version

from agreements.domain.choices import PartyKind
from agreements.domain.permissions import StaffRole
from agreements.models import LikelyDuplicate, Party
from tests.colleagues import colleague
from tests.factories import AgreementFactory, PartyFactory, PartyNameFactory
from tests.threads import run_at_once

pytestmark = pytest.mark.django_db
SUGGESTIONS = reverse("admin:agreements_party_suggestions")
IN_PLACE = reverse("admin:agreements_party_in_place")
NEW = {"name": "Ministry of Labour of Moldova", "kind": PartyKind.MINISTRY.value, "country": "MD"}


def suggested(client: Client, term: str) -> dict[str, Any]:
    found: dict[str, Any] = client.get(SUGGESTIONS, {"term": term}).json()
    return found


def test_closest_parties_come_first_with_kind_country_and_agreements(admin_client: Client) -> None:
    state = PartyFactory(name="Moldova", state=True, country="MD")
    ministry = PartyFactory(name="Labour Ministry of Moldova", country="MD")
    PartyNameFactory(party=ministry, name="Ministerul Muncii din Moldova")
    AgreementFactory.create_batch(2, parties=[state, ministry])

    found = suggested(admin_client, "молдова")

    assert [(each["name"], each["told"]) for each in found["results"]] == [
        ("Moldova", "State · 2 agreements"),
        ("Labour Ministry of Moldova (Moldova)", "Ministry · 2 agreements"),
    ]
    assert found["create"] == "Create “молдова”…"
    assert found["status"] == "2 parties found."
    assert suggested(admin_client, "muncii")["results"][0]["spelling"] == (
        "Ministerul Muncii din Moldova"
    )


def test_party_that_is_like_the_text_is_suggested_if_none_has_its_words(
    admin_client: Client,
) -> None:
    known = PartyFactory(name="Ministry of Labor", kind=PartyKind.MINISTRY, country="MD")

    found = suggested(admin_client, "Ministry of Labour of the Republic of Moldova")

    assert [(each["id"], each["alike"]) for each in found["results"]] == [(known.pk, True)]
    assert found["status"] == (
        "No party has all these words. Perhaps: Ministry of Labor (Moldova)."
    )
    assert "create" in found
    assert "alike" not in suggested(admin_client, "labor")["results"][0]


@pytest.mark.parametrize("term", ["", "%", "_", "'\"", "<b>", "x" * 10_000, "a " * 500])
def test_no_text_breaks_the_suggestions_or_the_form(admin_client: Client, term: str) -> None:
    PartyFactory.create_batch(10)

    assert len(suggested(admin_client, term)["results"]) <= 8
    page = admin_client.get(IN_PLACE, {"name": term})
    assert page.status_code == 200
    assert "<b>" not in page.content.decode()


def test_names_in_the_form_are_shown_as_text(admin_client: Client) -> None:
    PartyFactory(name="<img src=x> Office", short_name="<b>")

    page = admin_client.get(IN_PLACE, {"name": "<img src=x> Office"}).content.decode()

    assert "There is already “&lt;img src=x&gt; Office" in page
    assert "<img" not in page


def test_suggestions_take_a_fixed_number_of_queries(admin_client: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            suggested(admin_client, "labour")
        return len(captured)

    PartyNameFactory(party=PartyFactory(name="Ministry"), name="Labour")
    with_one = queries()
    for _number in range(7):
        PartyNameFactory.create_batch(3, party=PartyFactory(name="Labour"))

    assert queries() == with_one


def test_only_who_may_add_parties_creates_them(client: Client) -> None:
    assert client.get(SUGGESTIONS, {"term": "x"}).status_code == 302
    assert client.post(IN_PLACE, NEW).status_code == 403

    client.force_login(colleague(StaffRole.READER))

    assert "create" not in suggested(client, "Moldova")
    assert client.get(IN_PLACE, {"name": "Moldova"}).status_code == 403
    assert client.post(IN_PLACE, NEW).status_code == 403
    assert client.post(SUGGESTIONS, {"term": "x"}).status_code == 405
    assert not Party.objects.exists()


def test_form_is_filled_with_what_the_name_says(client: Client) -> None:
    client.force_login(colleague(StaffRole.EDITOR))
    state = PartyFactory(name="Moldova", state=True, country="MD")

    form = client.get(IN_PLACE, {"name": NEW["name"]}).context["form"]

    given = {name: form[name].value() for name in ("name", "kind", "country", "parent")}
    assert given == {**NEW, "parent": state.pk}


def test_new_party_is_saved_as_on_its_own_page(client: Client) -> None:
    editor = colleague(StaffRole.EDITOR)
    client.force_login(editor)
    state = PartyFactory(name="Moldova", state=True, country="MD")

    response = client.post(IN_PLACE, {**NEW, "country": "", "parent": state.pk})

    party = Party.objects.get(name=NEW["name"])
    assert (response.status_code, response.json()["id"]) == (201, party.pk)
    assert response.json()["name"] == "Ministry of Labour of Moldova (Moldova)"
    assert (party.slug, party.country, party.parent) == (
        "ministry-of-labour-of-moldova",
        "MD",
        state,
    )
    version = Version.objects.get_for_object(party).get()
    assert version.revision.user == editor
    assert LogEntry.objects.get().object_id == str(party.pk)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": ""}, "This field is required."),
        ({"name": "One; two"}, "A name cannot contain a semicolon"),
        ({"kind": "kingdom"}, "Select a valid choice."),
        ({"country": "XX"}, "Select a valid choice."),
        ({"parent": "99999999999999999999"}, "Select a valid choice."),
    ],
)
def test_refused_party_keeps_what_was_typed(
    admin_client: Client, changes: dict[str, str], sentence: str
) -> None:
    response = admin_client.post(IN_PLACE, {**NEW, "short_name": "Typed", **changes})

    assert response.status_code == 200
    page = response.content.decode()
    assert sentence in page
    assert 'value="Typed"' in page
    assert not Party.objects.exists()


def test_party_like_another_is_created_only_after_that_was_named(admin_client: Client) -> None:
    known = PartyFactory(name="Ministry of Labor", kind=PartyKind.MINISTRY, country="MD")
    asked = admin_client.get(IN_PLACE, {"name": NEW["name"]}).content.decode()
    assert "There is already “Ministry of Labor (Moldova)” (Ministry · 0 agreements)." in asked
    assert f'name="named" value="{known.pk}"' in asked

    unasked = admin_client.post(IN_PLACE, NEW)
    assert "There is already" in unasked.content.decode()
    assert Party.objects.count() == 1

    created = admin_client.post(IN_PLACE, {**NEW, "named": known.pk})
    assert created.status_code == 201
    assert LikelyDuplicate.objects.get().first == known

    twice = admin_client.post(IN_PLACE, {**NEW, "named": known.pk})
    assert f'data-use="{created.json()["id"]}"' in twice.content.decode()
    assert Party.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_party_created_twice_at_once_is_one(django_user_model: Any) -> None:
    user = django_user_model.objects.create_superuser("clerk")

    def create() -> int:
        client = Client()
        client.force_login(user)
        return client.post(IN_PLACE, NEW).status_code

    assert sorted(map(str, run_at_once(create, create))) == ["200", "201"]
    assert Party.objects.count() == 1
