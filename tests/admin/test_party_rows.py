"""The rows of parties and signatories on an agreement's page: what they offer, keep, and cost."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agreements.models import Agreement
from tests.admin.sent import agreement_form
from tests.factories import (
    AgreementFactory,
    ParticipationFactory,
    PartyFactory,
    PersonFactory,
    SignatoryFactory,
)

pytestmark = pytest.mark.django_db
ADD = reverse("admin:agreements_agreement_add")


def change_url(agreement: Agreement) -> str:
    return reverse("admin:agreements_agreement_change", args=[agreement.pk])


def select(page: str, name: str) -> str:
    found = re.search(rf'<select[^>]* name="{name}".*?</select>|<select name="{name}".*?</select>', page, re.DOTALL)  # fmt: skip
    assert found, name
    return found[0]


def test_numbered_row_without_anything_else_is_no_row(admin_client: Client) -> None:
    party = PartyFactory()
    rows = [{"party": party.pk, "position": 1}, {"position": 2}, {"position": 0}]

    response = admin_client.post(
        ADD, agreement_form(participations=rows, signatories=[{"position": 3}])
    )

    assert response.status_code == 302, response.context["errors"]
    agreement = Agreement.objects.get()
    assert [row.party for row in agreement.participations.all()] == [party]
    assert not agreement.signatories.exists()


def test_signatory_is_offered_the_agreements_parties_and_keeps_another(
    admin_client: Client,
) -> None:
    ours, theirs = PartyFactory(name="Azerbaijan", state=True, country="AZ"), PartyFactory()
    theirs.short_name, other = "IOM", PartyFactory()
    theirs.save()
    PartyFactory(name="Nobody here")
    agreement = AgreementFactory(draft=True, parties=[ours, theirs])
    signatory = SignatoryFactory(agreement=agreement, party=other, name="A. Person")

    page = admin_client.get(change_url(agreement)).content.decode()

    options = select(page, "signatories-0-party")
    assert re.findall(r'value="(\d+)"', options) == [str(each.pk) for each in (ours, theirs, other)]
    assert f'value="{other.pk}" selected' in options.replace(f' data-short="{other.name}"', "")
    assert 'data-short="Azerbaijan"' in options
    assert 'data-short="IOM"' in options
    row = {"id": signatory.pk, "name": "A. Person", "party": other.pk, "second_party": ours.pk}
    response = admin_client.post(
        change_url(agreement), agreement_form(of=agreement, stored_rows=1, signatories=[row])
    )
    assert response.status_code == 302
    signatory.refresh_from_db()
    assert signatory.signed_for == [other, ours]


def test_refused_form_keeps_new_parties_and_for_whom_people_signed(admin_client: Client) -> None:
    new = PartyFactory(name="Newly created", country="MD")
    signatory = {"name": "A. Person", "party": new.pk, "signed": "31 February 2022"}

    response = admin_client.post(
        ADD, agreement_form(participations=[{"party": new.pk}], signatories=[signatory])
    )

    page = response.content.decode()
    assert "February 2022 has 28 days" in page
    assert "Newly created (Moldova)" in select(page, "participations-0-party")
    assert "selected" in select(page, "signatories-0-party")
    assert not Agreement.objects.exists()


@pytest.mark.parametrize("key", ["x", "-1", "9" * 30, "\0", "99999"])
def test_impossible_party_is_refused(admin_client: Client, key: str) -> None:
    rows: list[dict[str, Any]] = [{"party": key}]
    signatories = [{"name": "A. Person", "party": key, "third_party": key}]

    response = admin_client.post(ADD, agreement_form(participations=rows, signatories=signatories))

    assert response.status_code == 200
    assert "Select a valid choice." in response.content.decode()


def test_folded_fields_are_open_if_they_hold_something(admin_client: Client) -> None:
    agreement = AgreementFactory(draft=True)
    ParticipationFactory(agreement=agreement)
    ParticipationFactory(agreement=agreement, consent="pending", signed="2023")
    SignatoryFactory(agreement=agreement, person=PersonFactory())

    page = admin_client.get(change_url(agreement)).content.decode()
    refused = admin_client.post(
        ADD, agreement_form(participations=[{"party": PartyFactory().pk, "consented": "soon"}])
    ).content.decode()

    # two parties, a signatory, and the empty rows that are copied for new ones
    assert page.count('<details class="row-more"') == 5
    assert page.count('<details class="row-more" open>') == 2
    assert refused.count('<details class="row-more" open>') == 1


def test_page_of_many_parties_and_signatories_costs_no_more_queries(admin_client: Client) -> None:
    def queries(parties: int, signatories: int) -> int:
        agreement = AgreementFactory(draft=True, parties=PartyFactory.create_batch(parties))
        for row in range(signatories):
            party = agreement.participations.all()[row % parties].party
            SignatoryFactory(
                agreement=agreement, party=party, second_party=party, person=PersonFactory()
            )
        with CaptureQueriesContext(connection) as captured:
            assert admin_client.get(change_url(agreement)).status_code == 200
        return len(captured)

    queries(2, 2)  # fills caches
    assert queries(40, 60) == queries(2, 2)
