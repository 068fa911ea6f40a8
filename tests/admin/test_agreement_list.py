"""The staff's list of agreements: its columns, filters, search and actions, and how many queries it runs."""

import csv
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agreements.domain.choices import Kind, Publication, Stage, TermKind
from agreements.domain.urls import permanent
from agreements.models import Agreement
from tests.factories import (
    AgreementFactory,
    AreaFactory,
    EvidenceFactory,
    PartyFactory,
    PartyNameFactory,
    SignatoryFactory,
    SourceFactory,
)

pytestmark = pytest.mark.django_db
LIST = reverse("admin:agreements_agreement_changelist")
MOST_QUERIES = 25


def titles(client: Client, **query: Any) -> set[str]:
    response = client.get(LIST, query)
    assert response.status_code == 200
    return {agreement.title for agreement in response.context["cl"].result_list}


def queries(client: Client) -> int:
    with CaptureQueriesContext(connection) as captured:
        response = client.get(LIST)
    assert response.status_code == 200
    return len(captured)


def fill(count: int) -> None:
    """Add agreements that have something in every column; sharing related rows makes no row cheaper."""
    parties = PartyFactory.create_batch(2, parent=PartyFactory(country="AZ"))
    areas, source = [AreaFactory(parent=AreaFactory())], SourceFactory()
    for agreement in AgreementFactory.create_batch(
        count, signed="2023-08", parties=parties, areas=areas
    ):
        SignatoryFactory(agreement=agreement, party=parties[0])
        EvidenceFactory(agreement=agreement, source=source)


def test_list_shows_what_each_agreement_is(admin_client: Client) -> None:
    with time_machine.travel(datetime(2026, 11, 21, 12, tzinfo=UTC)):
        AgreementFactory(
            title="On digital solutions",
            signed="2023-07-28",
            in_force="2023-07-28",
            term_kind=TermKind.FIXED,
            term_months=36,
            parties=[
                PartyFactory(name="Ministry of Electronics"),
                PartyFactory(name="Ministry of ICT"),
            ],
        )
        page = admin_client.get(LIST).content.decode()

    for shown in (
        "On digital solutions",
        "Expired",
        "28 July 2023",
        "Ministry of Electronics; Ministry of ICT",
        "Published",
        "Unverified",
        "21 November 2026",
    ):
        assert shown in page


def test_long_titles_and_many_parties_are_cut_short(admin_client: Client) -> None:
    AgreementFactory(title="x" * 500, parties=PartyFactory.create_batch(5, name="Ministry"))

    page = admin_client.get(LIST).content.decode()

    assert f">{'x' * 89}…<" in page
    assert "Ministry; Ministry; Ministry; 2 more" in page


def test_a_hundred_rows_cost_no_more_queries_than_one(admin_client: Client) -> None:
    AgreementFactory()
    with_empty_columns = queries(admin_client)
    fill(1)
    with_one = queries(admin_client)
    fill(98)
    with_a_hundred = queries(admin_client)

    assert with_empty_columns <= with_one == with_a_hundred <= MOST_QUERIES


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"status": "expired"}, {"ended"}),
        ({"status": "in_force"}, {"running", "soon"}),
        ({"status": "proposed"}, {"proposal"}),
        ({"status": "nonsense"}, set()),
        ({"ends": "90"}, {"soon"}),
        ({"ends": "30"}, set()),
        ({"ends": "90", "missing": "signatories"}, {"soon"}),
        ({"ends": "90", "missing": "source"}, set()),
        ({"ends": "nonsense"}, set()),
        ({"follow_up": "dates", "missing": "source"}, set()),
        ({"missing": "source"}, {"ended", "running", "proposal"}),
        ({"verification__exact": "single_source"}, {"soon"}),
        ({"publication__exact": "draft"}, {"proposal"}),
        ({"kind__exact": "treaty"}, {"running"}),
        ({"country": "UZ"}, {"ended"}),
        ({"area": "social-protection"}, {"ended"}),
        ({"area": "mediation"}, {"ended"}),
        ({"area": "health"}, set()),
    ],
    ids=lambda value: (
        "&".join(f"{k}={v}" for k, v in value.items()) if isinstance(value, dict) else ""
    ),
)
@time_machine.travel(datetime(2026, 11, 21, 12, tzinfo=UTC))
def test_filter_finds(admin_client: Client, query: dict[str, str], expected: set[str]) -> None:
    protection = AreaFactory(slug="social-protection")
    mediation = AreaFactory(slug="mediation", parent=protection)
    AreaFactory(slug="health")
    uzbekistan = PartyFactory(state=True, country="UZ")
    fixed = {"term_kind": TermKind.FIXED, "term_months": 36}
    AgreementFactory(
        title="ended",
        in_force="2023-07-28",
        areas=[mediation],
        parties=[PartyFactory(parent=uzbekistan)],
        **fixed,
    )
    soon = AgreementFactory(title="soon", in_force="2024-01-15", **fixed)
    EvidenceFactory(agreement=soon)
    AgreementFactory(title="running", in_force="2025", kind=Kind.TREATY)
    AgreementFactory(title="proposal", stage=Stage.PROPOSED, draft=True)

    assert titles(admin_client, **query) == expected


def test_only_countries_that_occur_are_offered(admin_client: Client) -> None:
    AgreementFactory(parties=[PartyFactory(country="UZ"), PartyFactory(country="AZ")])
    PartyFactory(country="JP")

    page = admin_client.get(LIST).content.decode()

    assert page.index("?country=AZ") < page.index("?country=UZ")
    assert "?country=JP" not in page


@pytest.mark.parametrize(
    "typed",
    ["mudafie", "MLSPP ministry", "babayev", "AGR-0001", "0001", "social protection", " ministry "],
)
def test_search_finds_by_any_spelling_name_or_reference(admin_client: Client, typed: str) -> None:
    party = PartyFactory(name="Ministry of Labour and MLSPP")
    PartyNameFactory(party=party, name="Emek ve Sosial Mudafie Nazirliyi")
    sought = AgreementFactory(title="On social protection", parties=[party], ref="AGR-0001")
    SignatoryFactory(agreement=sought, name="Sahil Babayev")
    AgreementFactory(title="Another", ref="AGR-2222")

    assert titles(admin_client, q=typed) == {"On social protection"}


def act(client: Client, action: str, *chosen: Agreement) -> Any:
    data = {"action": action, "_selected_action": [agreement.pk for agreement in chosen]}
    return client.post(LIST, data, follow=True)


def test_chosen_rows_are_exported_as_the_contracts_csv(admin_client: Client) -> None:
    first, _left_out, last = (
        AgreementFactory(title=title, parties=[PartyFactory()]) for title in ("one", "two", "three")
    )

    response = act(admin_client, "export_csv", last, first)
    rows = list(csv.DictReader(b"".join(response.streaming_content).decode().splitlines()))

    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="agreements.csv"'
    assert [row["title"] for row in rows] == ["one", "three"]
    assert rows[0]["url"] == permanent(first.get_absolute_url())
    assert rows[0]["status"] == "signed"


def test_who_may_only_look_is_offered_the_export_alone(
    client: Client, django_user_model: Any
) -> None:
    reader = django_user_model.objects.create_user("reader", is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_agreement"))
    client.force_login(reader)
    draft = AgreementFactory(draft=True)

    page = client.get(LIST).content.decode()
    act(client, "publish", draft)

    draft.refresh_from_db()
    assert 'value="export_csv"' in page
    assert 'value="publish"' not in page
    assert draft.publication == Publication.DRAFT
