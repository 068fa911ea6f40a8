"""The stock by year: what the selection would find on each day, nothing else, and drawn within its frame."""

from datetime import date
from itertools import pairwise

import pytest
import time_machine
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from agreements.domain.choices import Status
from agreements.selection.selection import Selection
from agreements.statistics.stock import MOST_COLUMNS, PLOT_HEIGHT, Stock
from tests.factories import AgreementFactory, ParticipationFactory, PartyFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 21)


def stock(query: str = "") -> Stock:
    return Stock(Selection(QueryDict(query), today=TODAY))


def counted(query: str = "") -> dict[str, list[int]]:
    return {day.isoformat(): counts for day, counts in stock(query).counted}


def test_bands_follow_each_agreement_through_its_life() -> None:
    AgreementFactory(signed="2021-03", in_force="2022-05-01", terminated="2024-06-30")
    AgreementFactory(signed="2023-08")
    AgreementFactory()

    assert stock().bands == (Status.IN_FORCE, Status.SIGNED, Status.UNDETERMINED)
    assert counted() == {
        "2021-12-31": [0, 1, 1],
        "2022-12-31": [1, 0, 1],
        "2023-12-31": [1, 1, 1],
        "2024-12-31": [0, 1, 1],
        "2025-12-31": [0, 1, 1],
        "2026-11-21": [0, 2, 0],
    }


def test_countries_count_on_the_day_of_each_column() -> None:
    agreement = AgreementFactory(in_force="2008-01-01", parties=[PartyFactory(country="AZ")])
    ParticipationFactory(
        agreement=agreement, party=PartyFactory(country="GE"), in_force_until="2009-08-18"
    )

    assert [counts[0] for counts in counted("country=GE").values()][:3] == [1, 0, 0]
    assert all(counts[0] for counts in counted("country=AZ").values())


def test_filter_by_status_is_left_out_and_said_so(client) -> None:
    AgreementFactory(in_force="2020", terminated="2024")

    asked = stock("status=terminated")

    assert asked.leaves_out_status
    assert [counts[0] for _day, counts in asked.counted] == [1, 1, 1, 1, 0, 0, 0]
    assert (
        "The filter by status is left out."
        in client.get("/statistics/?status=terminated").content.decode()
    )
    assert "The filter by status is left out." not in client.get("/statistics/").content.decode()


@pytest.mark.parametrize(
    ("first", "years"),
    [
        pytest.param("2026", 1, id="this year"),
        pytest.param("1968", 59, id="every year"),
        pytest.param("1967", 30, id="every second year"),
        pytest.param("1713-04-11", 32, id="three centuries"),
    ],
)
def test_columns_are_few_and_end_with_the_day(first: str, years: int) -> None:
    AgreementFactory(signed=first)

    days = stock().days

    assert len(days) == years <= MOST_COLUMNS
    assert days[-1] == TODAY
    assert all(earlier < later for earlier, later in pairwise(days))


def test_past_day_ends_the_columns() -> None:
    AgreementFactory(in_force="2020")

    assert stock("as_of=2022-06-30").days == [
        date(2020, 12, 31),
        date(2021, 12, 31),
        date(2022, 6, 30),
    ]


def test_without_a_date_there_is_nothing_to_draw(client) -> None:
    AgreementFactory()
    AgreementFactory(signed="../2020", draft=True)

    assert not stock().has_any
    assert stock().columns == []
    assert (
        "None of these agreements has a known date" in client.get("/statistics/").content.decode()
    )


def test_open_start_has_no_first_year() -> None:
    AgreementFactory(signed="../2020")

    assert stock().days == []


def test_pieces_fill_the_column_up_to_its_height_and_no_further() -> None:
    for n in range(7):
        AgreementFactory(signed="2020", in_force="2021-05-01" if n % 2 else "")

    drawn = stock()

    assert [line.count for line in drawn.gridlines] == [0, 2, 4, 6, 8]
    assert (drawn.gridlines[0].y, drawn.gridlines[-1].y) == (PLOT_HEIGHT, 0)
    for column in drawn.columns:
        pieces = [piece for piece in column.pieces if piece.count]
        assert pieces[0].y + pieces[0].height == pytest.approx(PLOT_HEIGHT, abs=0.2)
        for below, above in pairwise(pieces):
            assert above.y + above.height == pytest.approx(below.y, abs=0.2)
        assert min(piece.y for piece in pieces) >= 0


@pytest.mark.parametrize(
    ("n", "lines"), [(1, [0, 1]), (5, [0, 1, 2, 3, 4, 5]), (6, [0, 2, 4, 6]), (12, [0, 5, 10, 15])]
)
def test_gridlines_are_round_numbers(n: int, lines: list[int]) -> None:
    AgreementFactory.create_batch(n, signed="2026-01")

    assert [line.count for line in stock().gridlines] == lines


@time_machine.travel("2026-11-21")
def test_stock_is_a_file(client) -> None:
    AgreementFactory(signed="2025-03", in_force="2025-06-01")

    response = client.get("/statistics/in-force.csv")

    assert response.content.decode().splitlines() == [
        "day,in_force,signed,undetermined",
        "2025-12-31,1,0,0",
        "2026-11-21,1,0,0",
    ]


def test_number_of_queries_does_not_depend_on_the_years(django_assert_num_queries) -> None:
    azerbaijan = PartyFactory(country="AZ")
    AgreementFactory(signed="2024", parties=[azerbaijan])
    with CaptureQueriesContext(connection) as few:
        assert len(stock("country=AZ").counted) == 3

    AgreementFactory(signed="1970", parties=[azerbaijan])
    with django_assert_num_queries(len(few)):
        assert len(stock("country=AZ").counted) > 50
