"""The staff's list of agreements: its columns, filters, search and actions, and how many queries it runs."""

import csv
import re
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agreements.curation.history.recording import recorded
from agreements.domain.choices import Kind, Publication, Stage, TermKind
from agreements.domain.permissions import StaffRole
from agreements.domain.urls import permanent
from agreements.models import Agreement
from tests.colleagues import colleague
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
MOST_QUERIES = 12
# what the counts of a menu cost beyond the list
ONE_MENU = 1


def titles(client: Client, **query: Any) -> set[str]:
    response = client.get(LIST, query)
    assert response.status_code == 200
    return {agreement.title for agreement in response.context["cl"].result_list}


def queries(client: Client, **query: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        response = client.get(LIST, query)
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
            title="Memorandum of understanding between the one and the other on digital solutions",
            signed="2023-07-28",
            in_force="2023-07-28",
            term_kind=TermKind.FIXED,
            term_months=36,
            parties=[
                PartyFactory(name="Ministry of Electronics", country="IN"),
                PartyFactory(name="Ministry of ICT"),
            ],
        )
        page = admin_client.get(LIST).content.decode()

    for shown in (
        ">Digital solutions<",
        "Expired",
        "28 July 2023",
        "India – Ministry of ICT",
        ">Ministry of Electronics<",
        "Published",
        "21 November 2026",
    ):
        assert shown in page


def test_long_titles_and_many_parties_are_cut_short(admin_client: Client) -> None:
    parties = [PartyFactory(name=f"Ministry {number}") for number in range(5)]
    AgreementFactory(title="x" * 500, parties=parties)

    page = admin_client.get(LIST).content.decode()

    assert f">{'x' * 89}…<" in page
    assert "Ministry 0 – Ministry 1 – Ministry 2 – 2 more" in page


# a session is extended once a minute, which costs a query
@time_machine.travel(datetime(2026, 11, 21, 12, tzinfo=UTC), tick=False)
def test_a_hundred_rows_cost_no_more_queries_than_one(admin_client: Client) -> None:
    AgreementFactory()
    queries(admin_client)  # reads what a process reads once
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

    page = admin_client.get(LIST, {"_menu": "country"}).content.decode()

    assert page.index("?country=AZ") < page.index("?country=UZ")
    assert "?country=JP" not in page


def menus(client: Client, **query: str) -> dict[str, dict[str, int]]:
    """Return the counts in the bar of filters, by menu and choice."""
    bar = client.get(LIST, query).context["cl"].bar
    return {menu.title: {each.label.strip(): each.count for each in menu.choices} for menu in bar}


@time_machine.travel(datetime(2026, 11, 21, 12, tzinfo=UTC))
def test_counts_in_the_menus_are_true_under_the_other_filters(admin_client: Client) -> None:
    field = AreaFactory(name="Labour", slug="labour")
    part = AreaFactory(name="Migration", slug="migration", parent=field)
    uzbek, japanese = PartyFactory(country="UZ"), PartyFactory(country="JP")
    AgreementFactory(kind=Kind.MOU, signed="2020", parties=[uzbek], areas=[field, part])
    AgreementFactory(kind=Kind.TREATY, in_force="2025", parties=[uzbek, japanese], areas=[part])
    AgreementFactory(kind=Kind.TREATY, draft=True, signed="2020", parties=[japanese])

    every, treaties = menus(admin_client), menus(admin_client, kind__exact="treaty")
    both = menus(admin_client, kind__exact="treaty", country="UZ")

    assert every["Country"] == {"Japan": 2, "Uzbekistan": 2}
    assert every["Cooperation area"] == {"Labour": 2, "Migration": 2}
    assert every["Status today"] == {"Signed": 2, "In force": 1}
    assert treaties["Country"] == {"Japan": 2, "Uzbekistan": 1}
    assert treaties["Kind"] == {"Memorandum of understanding": 1, "Treaty": 2}
    assert both["Publication"] == {"Published": 1}
    assert both["Kind"] == {"Memorandum of understanding": 1, "Treaty": 1}
    assert both["What is missing"]["Without a source"] == 1


@time_machine.travel(datetime(2026, 11, 21, 12, tzinfo=UTC))
@pytest.mark.parametrize("others", [{}, {"kind__exact": "mou"}, {"q": "labour"}], ids=str)
def test_count_of_every_question_is_what_its_filter_shows(
    client: Client, others: dict[str, str]
) -> None:
    me = colleague(StaffRole.PUBLISHER)
    client.force_login(me)
    parties = PartyFactory.create_batch(2)
    with recorded(by=me):
        AgreementFactory.create_batch(
            2, title="On labour", draft=True, kind=Kind.MOU, signed="2020-05-01", parties=parties
        )
        AgreementFactory(title="On labour", kind=Kind.TREATY, expires_stated="2026-12-01")
    AgreementFactory(kind=Kind.MOU, in_force="2019", signed="2020", review_due="2026-12")
    AgreementFactory(kind=Kind.MOU, publication=Publication.WITHDRAWN)

    bar = client.get(LIST, others).context["cl"].bar
    asked = {
        choice.query: choice.count
        for menu in bar
        for choice in menu.choices
        if re.search("[?&](follow_up|ends|missing)=", choice.query)
    }

    assert len(asked) >= 4
    assert asked == {query: client.get(LIST + query).context["cl"].result_count for query in asked}


@pytest.mark.parametrize("parameter", ["status", "follow_up", "missing", "kind__exact", "country"])
@time_machine.travel(datetime(2026, 11, 21, 12, tzinfo=UTC), tick=False)
def test_only_the_menu_that_is_opened_is_counted(admin_client: Client, parameter: str) -> None:
    AgreementFactory(parties=[PartyFactory(country="AZ")])
    queries(admin_client)  # reads what a process reads once
    closed = queries(admin_client)

    assert queries(admin_client, _menu=parameter) == closed + ONE_MENU


def test_menu_opens_by_its_link_and_its_choices_leave_it_closed(admin_client: Client) -> None:
    AgreementFactory(kind=Kind.TREATY)

    closed = admin_client.get(LIST, {"q": ""}).content.decode()
    opened = admin_client.get(LIST, {"_menu": "kind__exact"}).content.decode()

    assert 'href="?_menu=kind__exact&amp;q=" data-menu-choices>Show the choices<' in closed
    assert "?kind__exact=treaty" not in closed
    assert 'href="?kind__exact=treaty"' in opened
    assert opened.count("data-menu open>") == 1


def test_choices_of_a_menu_are_fetched_alone(admin_client: Client) -> None:
    AgreementFactory(title="On labour", kind=Kind.TREATY)

    part = admin_client.get(LIST, {"_menu": "kind__exact"}, headers={"X-Menu": "alone"})

    page = part.content.decode()
    assert 'href="?kind__exact=treaty"' in page
    assert "On labour" not in page
    assert "<html" not in page


def test_what_is_chosen_can_be_removed_by_a_link_even_if_nothing_is_left(
    admin_client: Client,
) -> None:
    AgreementFactory(kind=Kind.TREATY)

    response = admin_client.get(LIST, {"kind__exact": "treaty", "country": "ZW", "q": "x"})
    page = response.content.decode()

    assert [(menu.title, menu.chosen) for menu in response.context["cl"].chosen] == [
        ("Kind", "Treaty"),
        ("Country", "Zimbabwe"),
    ]
    assert 'href="?kind__exact=treaty&amp;q=x"' in page
    assert "Remove Country: Zimbabwe" in page
    assert "Nothing matches the search and the filters." in page


def tabs(client: Client, **query: str) -> tuple[dict[str, int], str]:
    """Return the counts of the saved views by name, and the one that is shown."""
    shown = client.get(LIST, query).context["cl"].tabs
    [current] = [tab.label for tab in shown if tab.is_current]
    return {str(tab.label): tab.count for tab in shown}, str(current)


@time_machine.travel(datetime(2026, 11, 21, 12, tzinfo=UTC))
def test_saved_views_count_what_they_list(client: Client) -> None:
    me = colleague(StaffRole.EDITOR)
    client.force_login(me)
    with recorded(by=me):
        AgreementFactory(draft=True)
    AgreementFactory(expires_stated="2027-01-31").responsible.add(me)
    AgreementFactory(publication=Publication.IN_REVIEW)

    counted, current = tabs(client)
    listed = {
        str(tab.label): client.get(LIST + tab.query).context["cl"].result_count
        for tab in client.get(LIST).context["cl"].tabs
    }

    assert counted == listed
    assert counted == {
        "Mine": 2,
        "All": 3,
        "Drafts": 1,
        "In review": 1,
        "Ends within 180 days": 1,
        "Without a text": 3,
    }
    assert current == "All"
    assert tabs(client, mine="yes", kind__exact="mou")[1] == "Mine"
    assert titles(client, mine="no") == set()


def test_a_row_says_who_changed_it_and_how_much_looks_wrong(client: Client) -> None:
    client.force_login(colleague(StaffRole.EDITOR))
    parties = PartyFactory.create_batch(2)
    with recorded(by=colleague(StaffRole.EDITOR, username="Kamran")):
        AgreementFactory(signed="2022-05-25", parties=parties, draft=True)
    AgreementFactory(signed="2022-05-25", parties=parties, in_force="2020")

    draft, published = sorted(
        client.get(LIST).context["cl"].result_list, key=lambda row: row.publication
    )
    page = client.get(LIST).content.decode()

    assert (draft.writer.username, draft.found) == ("Kamran", {"no_source", "duplicate"})
    assert (published.writer, published.found) == (None, {"no_source"})
    assert page.count("perhaps entered twice") == 1
    assert "Entered into force: 2020 is before the signature" in page


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
