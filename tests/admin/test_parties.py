"""Parties: entering them, finding them by any name, and telling them apart from their namesakes."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agreements.domain.choices import NameKind, PartyKind
from agreements.domain.permissions import StaffRole
from agreements.models import Party
from tests.colleagues import colleague
from tests.factories import AgreementFactory, PartyFactory, PartyNameFactory, SignatoryFactory
from tests.forms import filled_in

pytestmark = pytest.mark.django_db
LIST = reverse("admin:agreements_party_changelist")
ADD = reverse("admin:agreements_party_add")
CHOICES = reverse("admin:agreements_party_choices")
ASKED = {"app_label": "agreements", "model_name": "participation", "field_name": "party"}


def party_form(**fields: Any) -> dict[str, Any]:
    names = fields.pop("names", [])
    rows = {f"names-{n}-{key}": value for n, row in enumerate(names) for key, value in row.items()}
    return {
        "name": "Ministry of Labour",
        "kind": PartyKind.MINISTRY,
        "names-TOTAL_FORMS": len(names),
        "names-INITIAL_FORMS": 0,
        "succeeded_by-TOTAL_FORMS": 0,
        "succeeded_by-INITIAL_FORMS": 0,
        "memberships-TOTAL_FORMS": 0,
        "memberships-INITIAL_FORMS": 0,
        **fields,
        **rows,
    }


def choices(client: Client, typed: str) -> list[str]:
    found = client.get(CHOICES, {**ASKED, "term": typed}).json()
    return [result["text"] for result in found["results"]]


def test_party_is_entered_with_its_spellings(admin_client: Client) -> None:
    state = PartyFactory(state=True, country="AZ")
    spelling = {"name": "Əmək Nazirliyi", "kind": NameKind.TRANSLATION, "language": "az"}

    admin_client.post(ADD, party_form(parent=state.pk, names=[spelling]))

    party = Party.objects.get(name="Ministry of Labour")
    assert (party.slug, party.country, party.parent) == ("ministry-of-labour", "AZ", state)
    assert party.names.get().name == "Əmək Nazirliyi"


@pytest.mark.parametrize(
    ("taken", "expected"),
    [
        ([], "ministry-of-labour"),
        (["ministry-of-labour"], "ministry-of-labour-az"),
        (["ministry-of-labour", "ministry-of-labour-az"], "ministry-of-labour-az-2"),
        (["ministry-of-labour-az"], "ministry-of-labour"),
    ],
    ids=["free", "namesake", "namesake of the same country", "other taken"],
)
def test_slug_is_made_where_none_is_given(
    admin_client: Client, taken: list[str], expected: str
) -> None:
    for slug in taken:
        PartyFactory(slug=slug)

    admin_client.post(ADD, party_form(country="AZ", slug=""))

    assert Party.objects.get(name="Ministry of Labour").slug == expected


def test_names_and_successors_are_entered_with_their_dates(admin_client: Client) -> None:
    after = PartyFactory(name="Czechia", country="CZ", state=True)
    name = {
        "name": "ČSSR",
        "kind": NameKind.FORMER,
        "language": "cs",
        "used_from": "1960",
        "used_until": "29 March 1990",
    }
    succession = {
        "succeeded_by-TOTAL_FORMS": 1,
        "succeeded_by-0-successor": after.pk,
        "succeeded_by-0-date": "1 January 1993",
    }

    admin_client.post(ADD, party_form(kind="state", country="CSHH", names=[name], **succession))

    party = Party.objects.get(country="CSHH")
    assert [str(row.used_until) for row in party.names.all()] == ["1990-03-29"]
    assert [(row.successor, str(row.date)) for row in party.succeeded_by.all()] == [
        (after, "1993-01-01")
    ]


def test_name_without_a_latin_letter_gets_a_slug(admin_client: Client) -> None:
    admin_client.post(ADD, party_form(name="厚生労働省"))

    assert Party.objects.get().slug == "party"


def test_given_slug_that_is_taken_is_refused(admin_client: Client) -> None:
    PartyFactory(slug="labour")

    response = admin_client.post(ADD, party_form(slug="labour"))

    assert response.context["adminform"].form.errors["slug"]
    assert Party.objects.count() == 1


# ------------------------------------------------------------------ former slugs


def moved_party() -> Party:
    """A public party with a former slug that still leads to it."""
    party = PartyFactory(name="Ministry of Work", slug="ministry-of-labour")
    AgreementFactory(parties=[party, PartyFactory()])
    party.slug = "ministry-of-work"
    party.save()
    return party


def as_guests_see_it(slug: str) -> tuple[int, int]:
    guest = Client()
    page = guest.get(reverse("agreements:party_detail", args=[slug]))
    return page.status_code, guest.get("/agreements.csv", {"party": slug}).status_code


def test_slug_that_is_made_takes_no_former_address(client: Client) -> None:
    moved_party()
    client.force_login(colleague(StaffRole.EDITOR))

    client.post(ADD, party_form())

    assert Party.objects.get(name="Ministry of Labour").slug == "ministry-of-labour-2"
    assert as_guests_see_it("ministry-of-labour") == (301, 200)


@pytest.mark.parametrize(
    ("role", "may"), [(StaffRole.EDITOR, False), (StaffRole.PUBLISHER, True)], ids=str
)
def test_former_address_of_a_public_party_is_taken_by_publishers_alone(
    client: Client, role: StaffRole, may: bool
) -> None:
    moved_party()
    client.force_login(colleague(role))

    response = client.post(ADD, party_form(slug="ministry-of-labour"))

    assert Party.objects.filter(slug="ministry-of-labour").exists() is may
    if not may:
        assert "is a former slug of “Ministry of Work”" in response.content.decode()
        assert as_guests_see_it("ministry-of-labour") == (301, 200)


def test_former_address_of_a_party_that_is_not_public_is_free(client: Client) -> None:
    party = PartyFactory(slug="first")
    party.slug = "second"
    party.save()
    client.force_login(colleague(StaffRole.EDITOR))

    client.post(ADD, party_form(slug="first"))

    assert Party.objects.get(slug="first").name == "Ministry of Labour"


def test_party_takes_its_own_former_address_back(client: Client) -> None:
    party = PartyFactory(slug="first")
    party.slug = "second"
    party.save()
    client.force_login(colleague(StaffRole.EDITOR))
    page = reverse("admin:agreements_party_change", args=[party.pk])

    client.post(page, filled_in(client.get(page), "name") | {"slug": "first"})

    party.refresh_from_db()
    assert party.slug == "first"


@pytest.mark.parametrize(
    "typed",
    ["ministry of labour", "labour azerbaijan", "azerbaijan labour"],
    ids=["name", "with its country", "in any order"],
)
def test_choices_are_found_by_their_name_and_country(admin_client: Client, typed: str) -> None:
    party = PartyFactory(name="Ministry of Labour", short_name="MLSP", country="AZ")
    PartyNameFactory(party=party, name="Emek Nazirliyi")
    PartyFactory(name="Ministry of Health", country="UZ")

    assert choices(admin_client, typed) == ["Ministry of Labour (Azerbaijan)"]


@pytest.mark.parametrize(
    ("typed", "spelling"),
    [
        ("emek", "Emek Nazirliyi"),
        ("azerbaijan emek", "Emek Nazirliyi"),
        ("MLSP", "MLSP"),
        ("work ministry", "Ministry of Work"),
    ],
)
def test_choice_that_another_spelling_found_says_which(
    admin_client: Client, typed: str, spelling: str
) -> None:
    party = PartyFactory(name="Ministry of Labour", short_name="MLSP", country="AZ")
    for name in ("Emek Nazirliyi", "Labour Ministry", "Ministry of Work"):
        PartyNameFactory(party=party, name=name)

    found = admin_client.get(CHOICES, {**ASKED, "term": typed}).json()["results"]

    assert [(one["name"], one["text"]) for one in found] == [
        (
            "Ministry of Labour (Azerbaijan)",
            f"Ministry of Labour (Azerbaijan), found by the spelling “{spelling}”",
        )
    ]


def test_choices_cost_the_same_for_many_spellings(admin_client: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            choices(admin_client, "labour")
        return len(captured)

    PartyNameFactory(party=PartyFactory(name="Ministry"), name="Labour")
    with_one = queries()
    for _number in range(10):
        PartyNameFactory.create_batch(3, party=PartyFactory(name="Labour"))

    assert queries() == with_one


def test_choices_are_in_order_of_their_likeness_to_what_was_typed(admin_client: Client) -> None:
    state = PartyFactory(name="Azerbaijan", country="AZ", kind=PartyKind.STATE)
    for name in (
        "Azerbaijan Agency",
        "Agency of Azerbaijan",
        "Azer",
        "Bank",
        "Azerbaijan Bank Union",
    ):
        PartyFactory(name=name, country="AZ", parent=state)
    PartyNameFactory(party=PartyFactory(name="Ministry", country="AZ"), name="Azerbaijani Office")
    garbled = PartyFactory(name="Agency", country="UZ")
    PartyNameFactory(party=garbled, name="Agency of Uzbekistan and Azerbaijan")

    assert choices(admin_client, "azer") == [
        "Azer (Azerbaijan)",
        "Azerbaijan",
        "Azerbaijan Agency (Azerbaijan)",
        "Azerbaijan Bank Union (Azerbaijan)",
        "Agency of Azerbaijan (Azerbaijan)",
        "Ministry (Azerbaijan)",
        "Bank (Azerbaijan)",
        "Agency (Uzbekistan), found by the spelling “Agency of Uzbekistan and Azerbaijan”",
    ]


@pytest.mark.parametrize(
    ("role", "offer"),
    [
        (StaffRole.ADMINISTRATOR, "merge it into"),
        (StaffRole.PUBLISHER, "an administrator can merge"),
    ],
)
def test_refused_deletion_says_where_the_party_is_used_and_what_to_do(
    client: Client, role: StaffRole, offer: str
) -> None:
    client.force_login(colleague(role))
    party = PartyFactory()
    agreement = AgreementFactory(draft=True, title="On labour", parties=[party])
    SignatoryFactory(agreement=agreement, party=party, name="A. Person")

    page = client.get(reverse("admin:agreements_party_delete", args=[party.pk])).content.decode()

    link = reverse("admin:agreements_agreement_change", args=[agreement.pk])
    assert page.count(f'<a href="{link}">{agreement.ref} On labour</a>') == 2
    assert "Signatory: A. Person" in page
    assert offer in page


def test_states_go_by_their_name_alone(admin_client: Client) -> None:
    PartyFactory(name="Azerbaijan", country="AZ", state=False, kind=PartyKind.STATE)

    assert choices(admin_client, "azer") == ["Azerbaijan"]


def test_chosen_party_is_shown_with_its_country(admin_client: Client) -> None:
    party = PartyFactory(name="Ministry of Labour", country="UZ")
    agreement = AgreementFactory(parties=[party])

    page = admin_client.get(
        reverse("admin:agreements_agreement_change", args=[agreement.pk])
    ).content.decode()

    option = f'<option value="{party.pk}" selected data-short="Ministry of Labour">'
    assert f"{option}Ministry of Labour (Uzbekistan)</option>" in page


def test_choices_are_for_staff(client: Client) -> None:
    assert client.get(CHOICES, ASKED).status_code == 302


def test_list_counts_agreements_at_a_fixed_cost(admin_client: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            admin_client.get(LIST)
        return len(captured)

    first = PartyFactory(parent=PartyFactory())
    PartyNameFactory.create_batch(3, party=first)
    AgreementFactory.create_batch(2, parties=[first])
    with_two = queries()
    for _number in range(20):
        AgreementFactory(parties=[PartyFactory(parent=PartyFactory())])

    rows = admin_client.get(LIST, {"q": first.name}).context["cl"].result_list
    assert [(row.pk, row.agreement_count) for row in rows if row.pk == first.pk] == [(first.pk, 2)]
    assert queries() == with_two


@pytest.mark.parametrize(("draft", "offered"), [(True, False), (False, True)])
def test_only_parties_of_published_agreements_are_viewed_on_the_site(
    admin_client: Client, draft: bool, offered: bool
) -> None:
    party = PartyFactory()
    AgreementFactory(parties=[party], draft=draft)

    page = admin_client.get(reverse("admin:agreements_party_change", args=[party.pk]))

    assert (f'href="{party.get_absolute_url()}"' in page.content.decode()) is offered
