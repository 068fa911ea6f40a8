"""Pages of agreements with an eventful life, in a test register: what they say now and said on other days."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client

from tests.factories import (
    AgreementFactory,
    EventFactory,
    ParticipationFactory,
    PartyFactory,
    PeriodFactory,
    RelationFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def that_day() -> Any:
    with time_machine.travel(datetime(2026, 11, 30, 12, tzinfo=UTC), tick=False):
        yield


def words(client: Client, url: str) -> str:
    """Return the words of a page."""
    return " ".join(re.sub("<[^>]+>", "", client.get(url).content.decode()).split())


@pytest.fixture
def bishops() -> str:
    """The provisional agreement of the Holy See and China: two years, renewed three times, its text not published."""
    states = [PartyFactory(name=name, state=True) for name in ("Holy See", "China")]
    agreement = AgreementFactory(
        title="Provisional agreement on the appointment of bishops",
        signed="2018-09-22",
        in_force="2018-10-22",
        term_kind="fixed",
        term="P2Y",
        text_availability="confidential",
        parties=states,
    )
    for first, last in (
        ("2020-10-22", "2022-10-22"),
        ("2022-10-22", "2024-10-22"),
        ("2024-10-22", "2028-10-22"),
    ):
        PeriodFactory(agreement=agreement, kind="renewal", first=first, last=last)
    return f"/agreements/{agreement.ref}/"


def test_renewals_by_decision_move_the_end_visibly(client: Client, bishops: str) -> None:
    page = words(client, bishops)

    assert "In force Since 22 October 2018; its end has been moved to 22 October 2028." in page
    for first, last in ((2020, 2022), (2022, 2024), (2024, 2028)):
        assert f"Renewal from 22 October {first} to 22 October {last}" in page
    assert "confidential" in page.lower()


@pytest.mark.parametrize(
    ("day", "status"),
    [
        ("2018-09-21", "Not yet concluded"),
        ("2018-10-21", "Signed"),
        ("2020-10-22", "In force"),
        ("2023-01-01", "In force"),
        ("2028-10-22", "In force"),
        ("2028-10-23", "Expired"),
    ],
)
def test_renewed_agreement_stands_on_each_day_as_its_periods_say(
    client: Client, bishops: str, day: str, status: str
) -> None:
    shown = client.get(f"{bishops}?as_of={day}").context["standing"]

    assert shown.status.label == status


@pytest.fixture
def programme() -> str:
    """A Decent Work Programme for five years, which a later document of its three parties extended by two."""
    parties = [PartyFactory(name=name) for name in ("Ministry", "Trade unions", "Employers")]
    agreement = AgreementFactory(
        title="Decent Work Programme",
        signed="2016-10",
        in_force="2016-10-01",
        expires_stated="2020-12-31",
        term_kind="fixed",
        notice="P6M",
        parties=parties,
    )
    prolonging = AgreementFactory(
        title="Amendment that extends it", signed="2020-11-05", in_force="2020-11-05"
    )
    RelationFactory(agreement=prolonging, target=agreement, kind="amends")
    PeriodFactory(agreement=agreement, kind="extension", last="2022-12-31", by=prolonging)
    EventFactory(agreement=agreement, kind="amended", date="2020-11-05")
    return f"/agreements/{agreement.ref}/"


def test_an_amendment_moves_the_end_and_is_named(client: Client, programme: str) -> None:
    page = words(client, programme)

    assert "Its end had been moved to 31 December 2022, which has passed." in page
    assert "Extension to 31 December 2022 by" in page
    assert "Amendment that extends it" in page
    before = words(client, f"{programme}?as_of=2022-12-31")
    assert "its end has been moved to 31 December 2022" in before
    assert "last day for notice: 30 June 2022" in before


@pytest.fixture
def charter() -> str:
    """The Charter of the CIS, which Georgia acceded to in 1993 and left on 18 August 2009."""
    agreement = AgreementFactory(title="Charter", signed="1993-01-22", in_force="1994-01-22")
    for name in ("Armenia", "Azerbaijan"):
        party = PartyFactory(name=name, state=True)
        ParticipationFactory(agreement=agreement, party=party)
    ParticipationFactory(
        agreement=agreement,
        party=PartyFactory(name="Georgia", state=True, country="GE"),
        consent="accession",
        consented="1993-12-03",
        withdrawal_notified="2008-08-18",
        in_force_until="2009-08-18",
        ended_by="withdrawal",
    )
    return f"/agreements/{agreement.ref}/"


def test_a_party_that_left_is_former_and_counts_on_its_days_only(
    client: Client, charter: str
) -> None:
    assert "Former party" in words(client, charter)
    assert "last day: 18 August 2009" in words(client, charter)
    assert "Former party" not in words(client, f"{charter}?as_of=2009-08-18")
    counts = {
        day: client.get(f"/agreements/?country=GE&as_of={day}").context["selection"].count
        for day in ("1993-12-02", "1993-12-03", "2009-08-18", "2009-08-19")
    }
    assert list(counts.values()) == [0, 1, 1, 0]
