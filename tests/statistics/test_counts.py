"""Every count in the statistics equals the number of agreements that its link selects."""

import re
from datetime import date

import pytest
import time_machine
from django.http import QueryDict
from hypothesis import given

from agreements.selection.selection import Selection
from agreements.statistics.counts import Statistics
from tests.factories import AgreementFactory, AreaFactory, EventFactory, PartyFactory
from tests.properties import tried
from tests.registers import QUERIES, query_dict

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 21)


def statistics(query: str | QueryDict = "") -> Statistics:
    asked = QueryDict(query) if isinstance(query, str) else query
    return Statistics(Selection(asked, today=TODAY))


def size(query: str) -> int:
    selection = Selection(QueryDict(query), today=TODAY)
    assert selection.is_valid, selection.errors
    return selection.agreements.count()


@pytest.mark.usefixtures("varied_register")
@tried(12)
@given(query=QUERIES)
def test_every_link_leads_to_as_many_agreements_as_it_counts(query):
    found = statistics(query_dict(query))
    if not found.selection.is_valid:
        return
    linked = [(row.query, row.count) for table in found.tables.values() for row in table.rows]
    linked += [(link, bar.count) for bar, link in found.year_bars]
    cells = [
        cell
        for table in (found.heat, found.pairs)
        for _code, _name, cells in table.rows
        for cell in cells
        if cell
    ]
    linked += [(cell.query, cell.count) for cell in cells]
    stock = [piece for column in found.stock.columns for piece in column.pieces]
    # each takes some queries, so not all of them
    linked += [(piece.query, piece.count) for piece in stock[-1::-7]]

    for link, count in linked:
        assert link is None or size(link) == count, link


@pytest.mark.usefixtures("varied_register")
@pytest.mark.parametrize(
    "query", ["", "status=signed&status=expired", "signed_from=2010&signed_to=2018", "country=AZ"]
)
def test_tables_of_one_value_each_add_up_to_the_selection(query):
    found = statistics(query)
    whole = found.selection.agreements.count()

    for table in (found.years, found.statuses, found.kinds):
        assert sum(row.count for row in table.rows) == whole > 0, table.name


@pytest.mark.usefixtures("varied_register")
def test_without_filters_every_count_that_can_be_chosen_has_a_link():
    found = statistics()

    for table in (found.statuses, found.kinds, found.countries):
        assert all(row.query for row in table.rows)
    assert all(row.query for row in found.areas.rows if row.code)
    assert all(cell.query for _s, _n, cells in found.heat.rows for cell in cells if cell.count)


def test_a_date_of_several_years_is_in_no_bar():
    AgreementFactory(signed="2018")
    AgreementFactory(signed="2018/2019")
    AgreementFactory()
    AgreementFactory(stage="proposed")

    assert {row.code: row.count for row in statistics().years.rows} == {
        "2018": 1, "several": 1, "unknown": 1, "unsigned": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("query", "link"),
    [
        ("country=UZ", "country=AZ&country=UZ&country_match=all"),
        (
            "country=UZ&country=JP&country_match=all",
            "country=AZ&country=JP&country=UZ&country_match=all",
        ),
        ("country=UZ&country=JP", None),
        ("country=UZ&country=-TR", None),
        ("country=UZ&country=AZ&country_match=all&no_other_parties=true", None),
    ],
)
def test_second_value_is_asked_for_together_with_the_first_or_has_no_link(query, link):
    AgreementFactory(parties=[PartyFactory(country=code) for code in ("AZ", "UZ", "JP")])

    rows = {row.code: row.query for row in statistics(query).countries.rows}

    assert rows.get("AZ") == link


def test_heat_table_counts_an_agreement_once_for_an_area_and_a_country():
    top = AreaFactory(slug="top", name="Top")
    state = PartyFactory(country="AZ")
    AgreementFactory(
        areas=[AreaFactory(parent=top), AreaFactory(parent=top)],
        parties=[state, PartyFactory(parent=state), PartyFactory(country="JP")],
    )

    heat = statistics().heat

    assert [(code, slug, cell.count) for slug, _n, cells in heat.rows for (code, _l), cell in zip(heat.countries, cells, strict=True)] == [
        ("AZ", "top", 1), ("JP", "top", 1),
    ]  # fmt: skip


def test_median_takes_only_what_is_known_to_the_day():
    for signed, talks in [
        ("2020-01-11", "2020-01-01"),
        ("2020-02-01", "2020-01-12"),
        ("2020", "2019-01-01"),
        ("2020-05-05", "2019"),
    ]:
        agreement = AgreementFactory(signed=signed)
        EventFactory(agreement=agreement, kind="discussed", date=talks)
    later = AgreementFactory(signed="2020-01-01")
    EventFactory(agreement=later, kind="discussed", date="2021-01-01")
    EventFactory(
        agreement=AgreementFactory(signed="2021-01-01"), kind="ratified", date="2020-01-01"
    )

    found = statistics()

    assert (len(found.days_to_sign), found.median_days_to_sign) == (2, 10)


def test_nothing_is_counted_of_drafts():
    AgreementFactory(
        draft=True, signed="2020", areas=[AreaFactory()], parties=[PartyFactory(country="AZ")]
    )

    found = statistics()

    assert sum(row.count for table in found.tables.values() for row in table.rows) == 0
    assert found.heat.rows == []


@pytest.mark.parametrize("name", ["years", "statuses", "kinds", "areas", "countries"])
def test_each_table_is_a_file(client, name):
    AgreementFactory(
        signed="2020", areas=[AreaFactory(name="=cmd")], parties=[PartyFactory(country="AZ")]
    )

    response = client.get(f"/statistics/{name}.csv?status=signed")

    lines = response.content.decode().splitlines()
    assert response["Content-Type"].startswith("text/csv")
    assert lines[0] == "code,label,agreements"
    assert lines[1].endswith(",1")
    assert ",=cmd" not in response.content.decode()


def test_file_is_refused_like_any_other(client):
    assert client.get("/statistics/years.csv?status=x").status_code == 400
    assert client.get("/statistics/years.csv?sattus=signed").status_code == 400
    assert client.get("/statistics/nonsense.csv").status_code == 404


@time_machine.travel("2026-11-21")
def test_file_is_named_after_the_table_and_the_selection(client):
    response = client.get("/statistics/years.csv?status=signed")

    assert response["Content-Disposition"] == (
        'attachment; filename="statistics-years-signed-agreements-2026-11-21.csv"'
    )


def test_page_is_whole_for_nothing_one_and_a_bad_value(client):
    empty = client.get("/statistics/").content.decode()
    AgreementFactory(signed="2020", parties=[PartyFactory(country="AZ")])
    one = client.get("/statistics/").content.decode()
    bad = client.get("/statistics/?status=x").content.decode()

    assert "nothing to count" in empty
    assert "status=signed" in one
    assert "is not a known value" in bad
    assert "By status" not in bad


def test_every_caption_says_what_is_counted(client):
    AgreementFactory(signed="2020", areas=[AreaFactory()], parties=[PartyFactory(country="UZ")])

    page = client.get("/statistics/?country=UZ&as_of=2024-05-01").content.decode()

    words = "Agreements with Uzbekistan, as of 1 May 2024"
    captions = re.findall("<caption[^>]*>(.*?)</caption>", page)
    assert captions == [
        f"{words}, in force at the end of each year",
        f"{words}, by year of signature",
        *(f"{words}: by {what}" for what in ("status", "kind of instrument", "cooperation area", "country")),
        f"{words}, by cooperation area and country",
    ]  # fmt: skip
    assert f'aria-label="{words}, by year of signature"' in page
    assert "Agreements, by year of signature" in client.get("/statistics/").content.decode()


def test_words_of_a_caption_are_text(client):
    AgreementFactory(title='"<b>care', signed="2020")

    page = client.get("/statistics/?q=%22%3Cb%3Ecare").content.decode()
    assert "&quot;&lt;b&gt;care" in page.partition("<caption")[2]
    assert "<b>care" not in page


def test_number_of_queries_does_not_depend_on_the_rows(client, django_assert_max_num_queries):
    for n in range(30):
        agreement = AgreementFactory(
            signed=str(1990 + n), areas=[AreaFactory()], parties=[PartyFactory(country="AZ")]
        )
        EventFactory(agreement=agreement, date="1980-01-01")

    with django_assert_max_num_queries(14):
        client.get("/statistics/")
