"""The home page: what the register is, how much it contains, what is new and what ends soon."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from pytest_django import DjangoAssertNumQueries

from agreements.domain.choices import Publication
from agreements.models import Agreement
from tests.factories import AgreementFactory, AreaFactory, PartyFactory
from tests.registers import COLUMNS
from tests.web.views.conftest import Shown

pytestmark = [pytest.mark.django_db]
NOON = datetime(2026, 11, 21, 12, tzinfo=ZoneInfo("Asia/Baku"))


def test_it_works_with_nothing_in_the_register(shown: Shown) -> None:
    page = shown("/")

    assert "This is a public register" in page
    assert "published agreements 0 parties 0 countries 0 cooperation areas in use 0" in page
    assert page.count("published yet") == 2


def test_it_counts_what_the_public_can_see(client) -> None:
    state = PartyFactory(state=True, country="AZ")
    ministry = PartyFactory(parent=state)
    foreign = PartyFactory(country="UZ")
    organisation = PartyFactory()
    AgreementFactory(parties=[ministry, foreign], areas=[AreaFactory(), AreaFactory()])
    AgreementFactory(parties=[ministry, organisation])
    AgreementFactory(draft=True, parties=[PartyFactory(country="JP")], areas=[AreaFactory()])

    figures = client.get("/").context["figures"]

    assert figures["agreements"] == 2
    assert figures["parties"] == 4
    assert figures["countries"] == 2
    assert figures["areas"] == 2


def test_newest_entries_are_the_latest_published(client) -> None:
    published = [AgreementFactory(title=f"Published {day}") for day in (1, 2, 3)]
    for day, agreement in zip((2, 3, 1), published, strict=True):
        Agreement.objects.filter(pk=agreement.pk).update(published_at=NOON.replace(day=day))
    AgreementFactory(draft=True)

    newest = client.get("/").context["newest"]

    assert [agreement.title for agreement in newest] == [
        "Published 2",
        "Published 1",
        "Published 3",
    ]


@time_machine.travel(NOON)
@pytest.mark.parametrize(
    ("end", "is_shown"),
    [
        pytest.param("2026-11-20", False, id="ended yesterday"),
        pytest.param("2026-11-21", True, id="ends today"),
        pytest.param("2026-11-22", True, id="tomorrow"),
        pytest.param("2027-05-20", True, id="after 180 days"),
        pytest.param("2027-05-21", False, id="after 181 days"),
    ],
)
def test_ending_soon_looks_180_days_ahead(shown: Shown, end: str, is_shown: bool) -> None:
    AgreementFactory(signed="2020", in_force="2020-01-01", expires_stated=end, term_kind="fixed")

    assert ("No agreement is known to end within" not in shown("/")) == is_shown


@time_machine.travel(NOON)
def test_link_to_what_ends_soon_leads_to_the_same_agreements(client) -> None:
    AgreementFactory(signed="2020", expires_stated="2027-01-31", term_kind="fixed")

    assert 'href="/agreements/?expires_within=180"' in client.get("/").content.decode()
    assert client.get("/agreements/?expires_within=180").context["result_count"] == 1


def test_chart_has_a_table_that_says_the_same(shown: Shown) -> None:
    for signed in ("2018", "2020-05", "2020~", "2019/2020", ""):
        AgreementFactory(signed=signed)
    AgreementFactory(stage="proposed")

    page = shown("/")

    assert "3 agreements with a known year" in page
    assert "1 more was signed in one of several years." in page
    assert "1 was signed on an unknown date." in page
    assert "1 has not been signed." in page
    assert "2018 1 2019 0 2020 2 Several years possible 1" in page


def test_unpublished_agreements_are_in_no_part_of_it(client) -> None:
    for publication in set(Publication) - {Publication.PUBLISHED}:
        AgreementFactory(
            title="Hidden", publication=publication, signed="2020", expires_stated="2027-01-31"
        )

    page = client.get("/").content.decode()

    assert "Hidden" not in page
    assert "2020" not in page


def test_queries_do_not_grow_with_the_rows(
    client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(12):
        AgreementFactory(
            signed=f"20{number + 10}",
            in_force="2020",
            expires_stated="2999",
            parties=[PartyFactory(parent=PartyFactory(state=True)) for _ in range(3)],
            areas=[AreaFactory()],
        )
        with django_assert_num_queries(4 + COLUMNS):
            client.get("/")
