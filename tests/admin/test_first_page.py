"""The staff home: counts of what needs doing, and lists with as many rows as the counts say."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from agreements.curation import workflow
from agreements.curation.history.recording import recorded
from agreements.curation.work_queue import QUESTIONS, SECTIONS
from agreements.domain.choices import PublicationVerb
from agreements.domain.permissions import StaffRole
from agreements.models import Agreement
from tests.colleagues import colleague
from tests.factories import (
    AgreementFactory,
    CommitmentFactory,
    EventFactory,
    EvidenceFactory,
    PartyFactory,
    PersonFactory,
    SignatoryFactory,
    SourceFactory,
)

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("november"),
]
INDEX = reverse("admin:index")
FIND = reverse("admin:find")
LIST = reverse("admin:agreements_agreement_changelist")


@pytest.fixture
def november():
    with time_machine.travel(datetime(2026, 11, 21, 12, tzinfo=UTC), tick=False):
        yield


def as_staff(client: Client, role: StaffRole) -> Client:
    client.force_login(colleague(role))
    return client


def entries(client: Client) -> dict[str, int]:
    """Return the counts on the page, by the URL of the list that each leads to."""
    response = client.get(INDEX)
    assert response.status_code == 200
    return {
        f"{reverse(question.list_name)}?{question.code}": count
        for shelf in response.context["home"].shelves
        for question, count in shelf.entries
    }


def test_every_count_is_the_number_of_rows_of_the_list_it_leads_to(
    client: Client, varied_register: None
) -> None:
    as_staff(client, StaffRole.PUBLISHER)
    AgreementFactory(publication="in_review")
    EventFactory(agreement=AgreementFactory(signed="2020"), date="2021")
    CommitmentFactory(due="2025")
    AgreementFactory(expires_stated="2026-12-01", in_force="2020", notice_days=5)

    counted = entries(client)
    rows = {
        address: client.get(address).context["cl"].result_count
        for address, count in counted.items()
    }

    assert counted == rows
    assert sum(count > 0 for count in counted.values()) >= 10


def test_duplicates_and_records_without_a_party_are_counted_and_listed(client: Client) -> None:
    as_staff(client, StaffRole.EDITOR)
    parties = PartyFactory.create_batch(2)
    AgreementFactory(signed="2022-05-25", parties=parties)
    duplicate = AgreementFactory(signed="2022-05-25", draft=True, parties=parties)
    alone = AgreementFactory(signed="2022-05-25")

    counted = entries(client)

    for query, expected in (("follow_up=duplicates", [duplicate]), ("missing=parties", [alone])):
        assert counted[f"{LIST}?{query}"] == 1
        found = client.get(f"{LIST}?{query}").context["cl"].result_list
        assert list(found) == expected


def test_what_i_submitted_stands_beside_my_drafts_until_it_is_looked_at(client: Client) -> None:
    me, other = colleague(StaffRole.EDITOR), colleague(StaffRole.EDITOR, username="other")
    client.force_login(me)
    mine, theirs = (
        AgreementFactory(draft=True, parties=PartyFactory.create_batch(2)) for _ in range(2)
    )
    for agreement, by in ((mine, me), (theirs, other)):
        EvidenceFactory(agreement=agreement)
        workflow.take(PublicationVerb.SUBMIT, agreement, by=by, at=timezone.now())

    waiting = f"{LIST}?follow_up=submitted"
    assert entries(client)[waiting] == 1
    assert list(client.get(waiting).context["cl"].result_list) == [mine]

    workflow.take(
        PublicationVerb.PUBLISH, mine, by=colleague(StaffRole.PUBLISHER), at=timezone.now()
    )
    assert entries(client)[waiting] == 0


def test_page_leads_to_the_lists_and_says_what_to_do(client: Client) -> None:
    as_staff(client, StaffRole.PUBLISHER)
    AgreementFactory(publication="in_review")

    page = client.get(INDEX).content.decode()

    assert f'href="{LIST}?publication__exact=in_review"' in page
    assert "Read the record, then publish it or return it with a reason." in page
    assert f'href="{LIST}?ends=30"' not in page
    assert "Nothing ends within 180 days" in page


def test_empty_register_has_an_answer_for_every_section(client: Client) -> None:
    as_staff(client, StaffRole.PUBLISHER)

    page = client.get(INDEX).content.decode()

    assert all(str(section.nothing) in page for section in SECTIONS)


@pytest.mark.parametrize(
    ("role", "shown"),
    [
        (StaffRole.READER, []),
        (StaffRole.EDITOR, ["Nothing is waiting for you."]),
        (StaffRole.PUBLISHER, ["To review", "Returned to me"]),
    ],
)
def test_each_role_sees_what_it_can_do_something_about(
    client: Client, role: StaffRole, shown: list[str]
) -> None:
    as_staff(client, role)
    AgreementFactory(publication="in_review")

    page = client.get(INDEX).content.decode()

    kept_apart = ("Nothing is waiting for you.", "To review", "Returned to me")
    assert [words for words in kept_apart if words in page] == shown
    assert "Without a source" in page


def test_what_is_not_offered_cannot_be_asked_by_its_address(client: Client) -> None:
    as_staff(client, StaffRole.READER)
    AgreementFactory()

    response = client.get(LIST, {"follow_up": "returned"})

    assert response.context["cl"].result_count == 0
    assert "Returned to me" not in response.content.decode()


def test_who_may_not_see_agreements_sees_no_number(client: Client) -> None:
    client.force_login(User.objects.create_user("newcomer", is_staff=True))
    AgreementFactory(publication="in_review")

    response = client.get(INDEX)

    assert response.context["home"] is None
    assert "home-card" not in response.content.decode()


def test_questions_combine_with_one_another_and_with_the_search(client: Client) -> None:
    as_staff(client, StaffRole.EDITOR)
    wanted = AgreementFactory(title="Care of the old", expires_stated="2026-12-01")
    EvidenceFactory(agreement=AgreementFactory(title="Care again", expires_stated="2026-12-01"))
    AgreementFactory(title="Trade", expires_stated="2026-12-01")

    found = client.get(LIST, {"ends": "30", "missing": "source", "q": "care"})

    assert [row.pk for row in found.context["cl"].result_list] == [wanted.pk]


def test_page_costs_as_many_queries_for_many_agreements_as_for_none(client: Client) -> None:
    as_staff(client, StaffRole.PUBLISHER)
    client.get(INDEX)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(INDEX)
        return len([query for query in captured if "agreements_" in query["sql"]])

    def fill(count: int) -> None:
        for agreement in AgreementFactory.create_batch(
            count, publication="in_review", parties=[PartyFactory()], expires_stated="2026-12-31"
        ):
            CommitmentFactory(agreement=agreement, due=str(date(2025, 1, 1)))

    none = queries()
    fill(1)
    one = queries()
    fill(12)

    assert none <= one == queries() <= 20


def test_what_waits_and_what_is_due_is_named(client: Client) -> None:
    as_staff(client, StaffRole.PUBLISHER)
    parties = [PartyFactory(country="AZ"), PartyFactory(country="UZ")]
    with recorded(by=colleague(StaffRole.EDITOR, username="kamran")):
        AgreementFactory(title="On labour", publication="in_review", parties=parties)
    AgreementFactory(title="On trade", expires_stated="2026-11-30")
    CommitmentFactory(text="Meet in Baku", due="2026-11-20", agreement=AgreementFactory())
    CommitmentFactory(due="2025", agreement__publication="withdrawn")

    home = client.get(INDEX).context["home"]

    [pile] = home.piles
    assert [(item.title, item.about) for item in pile.items] == [
        ("On labour", f"Azerbaijan – Uzbekistan · {Agreement.objects.get(title='On labour').ref}")
    ]
    assert [(item.title, item.when) for item in home.ending] == [("On trade", "9 days")]
    assert [(item.title, item.when) for item in home.overdue] == [("Meet in Baku", "1 day late")]
    assert ("On labour", "Azerbaijan – Uzbekistan · kamran") in {
        (item.title, item.about) for item in home.changes
    }
    assert (home.size.agreements, home.size.in_force) == (4, 0)


def test_an_empty_register_says_how_to_begin(client: Client) -> None:
    as_staff(client, StaffRole.EDITOR)

    page = client.get(INDEX).content.decode()

    assert "The register is empty" in page
    assert reverse("admin:agreements_agreement_add") in page


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("labour", ["Agreements", "Parties"]),
        ("babayev", ["Agreements", "People"]),
        ("https://e.example/article", ["Sources"]),
        ("AGR-0007", ["Agreements"]),
        ("nonsense", []),
        ("", []),
        ("  ", []),
        ("%'\";--", []),
        ("x" * 5000, []),
    ],
)
def test_one_box_finds_anything(client: Client, typed: str, found: list[str]) -> None:
    as_staff(client, StaffRole.READER)
    agreement = AgreementFactory(ref="AGR-0007", title="On labour", draft=True)
    PartyFactory(name="Ministry of Labour")
    SignatoryFactory(agreement=agreement, name="Babayev", person=PersonFactory(name="Babayev"))
    SourceFactory(url="https://e.example/article", publisher="Gazette")

    response = client.get(FIND, {"q": typed})

    assert response.status_code == 200
    assert [group.label for group in response.context["groups"]] == found
    assert ("Nothing has all of these words" in response.content.decode()) == bool(
        typed.strip() and not found
    )


def test_the_box_shows_nobody_a_list_they_may_not_see(client: Client) -> None:
    client.force_login(User.objects.create_user("newcomer", is_staff=True))
    AgreementFactory(title="On labour")

    assert client.get(FIND, {"q": "labour"}).context["groups"] == []


def test_the_box_leads_to_the_list_if_it_finds_too_much(client: Client) -> None:
    as_staff(client, StaffRole.READER)
    AgreementFactory.create_batch(11, title="On labour")

    [group] = client.get(FIND, {"q": "labour"}).context["groups"]

    assert len(group.rows) == 10
    assert client.get(group.more_url).context["cl"].result_count == 11


def test_every_question_is_on_the_page_of_who_may_do_everything(admin_client: Client) -> None:
    assert len(entries(admin_client)) == len(QUESTIONS)
