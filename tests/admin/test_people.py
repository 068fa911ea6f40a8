"""The admin of people and of parties over time: entering, joining and merging, and what is folded away."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agreements.domain.permissions import StaffRole
from agreements.models import FormerPersonSlug, Participation, Person, Signatory
from tests.colleagues import colleague
from tests.factories import (
    AgreementFactory,
    MembershipFactory,
    ParticipationFactory,
    PartyFactory,
    PersonFactory,
    PersonNameFactory,
    SignatoryFactory,
)
from tests.forms import filled_in

pytestmark = pytest.mark.django_db


def as_role(role: StaffRole) -> Client:
    client = Client()
    client.force_login(colleague(role))
    return client


def run(client: Client, model: str, action: str, keys: list[int]) -> str:
    sent = {"action": action, "_selected_action": keys}
    response = client.post(reverse(f"admin:agreements_{model}_changelist"), sent, follow=True)
    return " ".join(str(message) for message in response.context["messages"])


def test_chosen_signatories_become_one_person() -> None:
    rows = [
        SignatoryFactory(name="Ali Aliyev", agreement=AgreementFactory(draft=True)) for _ in "ab"
    ]

    told = run(as_role(StaffRole.EDITOR), "signatory", "same_person", [row.pk for row in rows])

    assert "are now “Ali Aliyev”" in told
    assert Person.objects.get().signatures.count() == 2


def test_refusals_are_said_and_change_nothing() -> None:
    row = SignatoryFactory(agreement=AgreementFactory(ref="AGR-0042"))

    told = run(as_role(StaffRole.EDITOR), "signatory", "same_person", [row.pk])

    assert "AGR-0042 is closed to you" in told
    assert Signatory.objects.get().person is None


def test_only_administrators_merge_people() -> None:
    people = [PersonFactory(name="Ali"), PersonFactory(name="Əli", slug="gone")]
    keys = [person.pk for person in people]

    assert "merge_chosen" not in _actions(as_role(StaffRole.PUBLISHER))
    told = run(as_role(StaffRole.ADMINISTRATOR), "person", "merge_chosen", keys)

    assert "one person: “Ali”" in told
    assert [str(name) for name in people[0].names.all()] == ["Əli"]
    assert FormerPersonSlug.objects.get(slug="gone").row == people[0]


def _actions(client: Client) -> str:
    page = client.get(reverse("admin:agreements_person_changelist"))
    return str(page.context["action_form"] and page.content.decode())


@pytest.mark.parametrize("term", ["aliyev", "ALIYEV", "Алиев", "Əliyev"])
def test_people_are_found_in_any_script(term: str) -> None:
    person = PersonFactory(name="Əli Aliyev")
    PersonNameFactory(person=person, name="Əliyev")
    PersonFactory(name="Somebody Else")

    page = as_role(StaffRole.READER).get(reverse("admin:agreements_person_changelist"), {"q": term})

    assert [row.pk for row in page.context["cl"].result_list] == [person.pk]


def test_a_slug_is_made_from_the_name() -> None:
    client = as_role(StaffRole.EDITOR)
    url = reverse("admin:agreements_person_add")
    sent = {**filled_in(client.get(url), "edit_token"), "name": "Əli Əliyev"}

    client.post(url, sent)

    assert Person.objects.get().slug == "eli-eliyev"


def form_of(agreement: Any) -> str:
    url = reverse("admin:agreements_agreement_change", args=[agreement.pk])
    return as_role(StaffRole.EDITOR).get(url).content.decode()


def test_what_is_over_time_is_folded_away() -> None:
    agreement = AgreementFactory(draft=True, parties=[PartyFactory(), PartyFactory()])

    page = form_of(agreement)

    for name in ("role", "consent", "in_force_until", "reservations", "provisional_from"):
        assert is_folded(page, f"participations-0-{name}"), name
    for name in ("party", "position"):
        assert not is_folded(page, f"participations-0-{name}"), name


def is_folded(page: str, name: str) -> bool:
    before = page[: page.index(f'name="{name}"')]
    return before.count("<details") > before.count("</details>")


def test_a_former_party_is_entered_on_the_agreements_page() -> None:
    agreement = AgreementFactory(draft=True)
    row = ParticipationFactory(agreement=agreement, party=PartyFactory(name="Georgia"))
    client = as_role(StaffRole.EDITOR)
    url = reverse("admin:agreements_agreement_change", args=[agreement.pk])
    sent = {
        **filled_in(client.get(url), "edit_token"),
        "participations-0-consent": "accession",
        "participations-0-consented": "3 December 1993",
        "participations-0-in_force_until": "18 August 2009",
        "participations-0-ended_by": "withdrawal",
    }

    response = client.post(url, sent)

    assert response.status_code == 302, response.context["errors"]
    row.refresh_from_db()
    assert (str(row.consented), str(row.in_force_until)) == ("1993-12-03", "2009-08-18")


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"ended_by": "withdrawal"}, "Enter the last day as well"),
        ({"in_force_from": "2010", "in_force_until": "2009"}, "before the entry into force"),
        ({"provisional_from": "2010", "provisional_until": "2009"}, "ends before it begins"),
    ],
)
def test_what_cannot_be_is_refused_with_a_remedy(typed: dict[str, str], told: str) -> None:
    agreement = AgreementFactory(draft=True)
    ParticipationFactory(agreement=agreement)
    client = as_role(StaffRole.EDITOR)
    url = reverse("admin:agreements_agreement_change", args=[agreement.pk])
    sent = filled_in(client.get(url), "edit_token") | {
        f"participations-0-{name}": text for name, text in typed.items()
    }

    response = client.post(url, sent)

    assert response.status_code == 200
    assert told in response.content.decode()
    assert not Participation.objects.get().has_own_history


def test_members_of_an_organisation_are_entered_on_its_page() -> None:
    union = PartyFactory(binds_members=True)
    MembershipFactory(organisation=union, since="1958")
    client = as_role(StaffRole.EDITOR)
    url = reverse("admin:agreements_party_change", args=[union.pk])
    sent = {**filled_in(client.get(url), "edit_token"), "memberships-0-until": "31 January 2020"}

    response = client.post(url, sent)

    assert response.status_code == 302, response.context["errors"]
    assert str(union.memberships.get().until) == "2020-01-31"
