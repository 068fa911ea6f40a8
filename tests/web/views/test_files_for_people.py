"""Files with `labels=1`: headings and values in words, in the reader's language, ready to read or print."""

import csv
import io

import openpyxl
import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from agreements.domain.facts import FACTS
from agreements.exchange.exporting.labelled import WIDTHS
from agreements.web.views import agreement_files
from tests.factories import (
    AgreementFactory,
    AreaFactory,
    ParticipationFactory,
    PartyFactory,
    SignatoryFactory,
)
from tests.registers import COLUMNS

pytestmark = pytest.mark.django_db

HEADINGS = [
    *("Reference", "Title", "Kind", "Parties", "Cooperation areas", "Signed", "Entry into force"),
    *("Last day by its terms", "Status", "Signatories"),
]


@pytest.fixture
def register() -> None:
    agreement = AgreementFactory(
        title="=Exchange of nurses",
        signed="2023-08~",
        in_force="2023-09-01",
        term_kind="indefinite",
        parties=[PartyFactory(name="Ministry of Health"), PartyFactory(name="Uzbekistan")],
        areas=[AreaFactory(name="Health")],
    )
    ParticipationFactory(
        agreement=agreement,
        party=PartyFactory(name="United Nations"),
        role="depositary",
        position=9,
    )
    SignatoryFactory(agreement=agreement, name="A. Minister", title="Minister")
    AgreementFactory(title="Hidden", draft=True)


def content(response: HttpResponse) -> bytes:
    assert response.status_code == 200
    return b"".join(response.streaming_content)  # type: ignore[attr-defined]


def table(client: Client, address: str) -> list[list[str]]:
    body = content(client.get(address))
    if ".xlsx" in address:
        rows = openpyxl.load_workbook(io.BytesIO(body)).worksheets[0].values
        return [["" if cell is None else str(cell) for cell in row] for row in rows]
    return list(csv.reader(io.StringIO(body.decode(), newline="")))


@pytest.mark.parametrize("extension", ["csv", "xlsx"])
@pytest.mark.usefixtures("register")
def test_headings_and_values_are_words(client: Client, extension: str) -> None:
    headings, *rows = table(client, f"/agreements.{extension}?labels=1")

    assert headings == HEADINGS
    title = "'=Exchange of nurses" if extension == "csv" else "=Exchange of nurses"
    assert rows == [
        [
            *("AGR-0001", title, "Memorandum of understanding"),
            "Ministry of Health; Uzbekistan; United Nations (depositary)",
            *("Health", "about August 2023", "1 September 2023", "no end is set", "In force"),
            "A. Minister, Minister",
        ]
    ]


@pytest.mark.parametrize("extension", ["csv", "xlsx"])
@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("az", {"Vəziyyət", "Qüvvədədir", "Anlaşma memorandumu"}),
        ("ru", {"Состояние", "Действует", "1 сентября 2023 г."}),
    ],
)
@pytest.mark.usefixtures("register")
def test_words_are_in_the_language_asked_for(
    client: Client, extension: str, language: str, words: set[str]
) -> None:
    headings, row = table(client, f"/agreements.{extension}?labels=1&lang={language}")

    assert words <= {*headings, *row}


@pytest.mark.usefixtures("register")
def test_workbook_is_ready_to_print(client: Client) -> None:
    body = content(client.get("/agreements.xlsx?labels=1&status=in_force&kind=mou"))

    book = openpyxl.load_workbook(io.BytesIO(body))
    (sheet,) = book.worksheets
    assert sheet.page_setup.orientation == "landscape"
    assert (sheet.page_setup.paperSize, sheet.page_setup.fitToHeight) == ("9", 0) or (
        int(sheet.page_setup.paperSize),
        int(sheet.page_setup.fitToHeight),
    ) == (9, 0)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.print_title_rows == "$1:$1"
    assert sheet.column_dimensions["B"].width > sheet.column_dimensions["A"].width
    assert "kind=mou" in str(sheet.oddFooter.left.text)


@pytest.mark.parametrize(
    ("address", "named"),
    [
        ("/agreements.csv?labels=yes", "labels: Use 1 for a file in words"),
        ("/agreements.xlsx?labels=1&lang=fr", "lang: Write one of en, az, ru"),
        ("/agreements.csv?lang=az", "lang: Add labels=1"),
        ("/agreements.json?labels=1", "labels: This format has codes only."),
        ("/participations.csv?labels=1", "labels: This format has codes only."),
    ],
)
def test_values_that_are_not_understood_are_named(client: Client, address: str, named: str) -> None:
    for response in (client.get(address), client.head(address)):
        assert response.status_code == 400
    assert named in client.get(address).content.decode()


def test_more_than_anybody_reads_is_refused_with_the_remedy(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agreement_files, "MOST_LABELLED", 1)
    AgreementFactory.create_batch(2)

    response = client.get("/agreements.csv?labels=1")

    assert response.status_code == 400
    assert "at most 1 agreements, and this selection has 2" in response.content.decode()
    assert client.get("/agreements.csv").status_code == 200


def test_number_of_queries_does_not_grow_with_the_rows(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(12):
        agreement = AgreementFactory(parties=[PartyFactory()], areas=[AreaFactory()])
        if number % 2:
            SignatoryFactory(agreement=agreement)

    with django_assert_max_num_queries(COLUMNS + 6):
        assert len(table(client, "/agreements.csv?labels=1")) == 13


@pytest.mark.parametrize("query", ["labels=1", "excel=1&labels=1"])
def test_empty_selection_has_the_headings(client: Client, query: str) -> None:
    (headings,) = table(client, f"/agreements.csv?{query}")

    assert headings[-1] == "Signatories"
    assert headings[0].startswith("\ufeff") is ("excel" in query)


def test_columns_are_declared_facts() -> None:
    assert WIDTHS.keys() <= {fact.code for fact in FACTS}


@pytest.mark.usefixtures("register")
def test_list_offers_the_files_and_says_whom_each_is_for(client: Client) -> None:
    page = client.get("/agreements/?status=in_force").content.decode()

    assert 'href="/agreements.xlsx?status=in_force&amp;labels=1"' in page
    assert "to read or print on A4" in page
    assert 'href="/agreements/brief/?status=in_force"' in page
