"""What an import offers to download: its refused rows, and a template."""

import csv
import io
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agreements.domain.permissions import StaffRole
from agreements.exchange.importing import kept_cells
from agreements.exchange.importing.refused_rows import REASON, ROW
from agreements.exchange.importing.template import EXAMPLES, HEADINGS
from agreements.models import Agreement, Import
from tests.admin.test_import_cells import cell, correct
from tests.admin.test_imports import ADD, address, page_of, upload
from tests.colleagues import colleague

pytestmark = pytest.mark.django_db
FILE = "title,signed,place\r\nHealth,31.02.2020,=1+1\r\nTrade,2020-05,Ganja\r\nPort,32.01.2020,Baku\r\n"


@pytest.fixture
def editor(client: Client) -> Client:
    client.force_login(colleague(StaffRole.EDITOR))
    return client


def refused(client: Client, run: Import) -> str:
    response: Any = client.get(address(run, "refused"))
    assert response["Content-Disposition"] == f'attachment; filename="refused-{run.pk}.csv"'
    return b"".join(response.streaming_content).decode("utf-8-sig")


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_refused_rows_are_downloaded_as_they_stand_with_reasons(editor: Client) -> None:
    upload(editor, FILE)
    run = Import.objects.get()
    assert address(run, "refused") in page_of(editor, run)
    correct(editor, run, {cell(2, 2): "Sheki"})

    first, second = rows_of(refused(editor, run))

    assert (first["title"], first["place"], first[ROW]) == ("Health", "Sheki", "2")
    assert first[REASON].startswith("signed: “31.02.2020”: ")
    assert (second["title"], second[ROW]) == ("Port", "4")


def test_corrected_download_is_imported_with_the_same_columns(editor: Client) -> None:
    upload(editor, FILE)
    content = refused(editor, Import.objects.get()).replace("31.02.2020", "29.02.2020", 1)

    upload(editor, content.replace("32.01", "31.01", 1), "refused-1.csv")

    run = Import.objects.latest("pk")
    assert (run.created, run.refused) == (2, 0)
    editor.post(address(run, "apply"))
    # the apostrophe that keeps a spreadsheet from counting is no part of the text
    assert Agreement.objects.get(title="Health").place == "=1+1"


def test_download_of_a_download_adds_its_columns_only_once(editor: Client) -> None:
    upload(editor, FILE)
    upload(editor, refused(editor, Import.objects.get()), "refused-1.csv")

    header = refused(editor, Import.objects.latest("pk")).splitlines()[0]

    assert header == f"title,signed,place,{ROW},{REASON}"


def test_download_names_what_could_not_be_kept(
    editor: Client,
) -> None:
    upload(editor, FILE)
    run = Import.objects.get()
    long, without = run.records.filter(outcome="refused")
    long.cells[0][1][0] = ["title", "Hea", kept_cells.CUT]
    long.cells[0][2] = 3
    long.save()
    without.cells = []
    without.save()

    first, second = rows_of(refused(editor, run))

    assert "“title” is cut here. Copy it from the file." in first[REASON]
    assert "Further columns are not kept here." in first[REASON]
    assert (second["title"], second[ROW]) == ("", "4")
    assert "The cells of this row are not kept here. Copy them from the file." in second[REASON]


def template(client: Client, extension: str) -> bytes:
    response: Any = client.get(reverse("admin:agreements_import_template", args=[extension]))
    assert response["Content-Disposition"] == f'attachment; filename="template.{extension}"'
    return b"".join(response.streaming_content) if response.streaming else response.content


@pytest.mark.parametrize("extension", ["csv", "xlsx"])
def test_template_that_nobody_filled_in_imports_nothing(editor: Client, extension: str) -> None:
    link = reverse("admin:agreements_import_template", args=[extension])
    assert link in editor.get(ADD).content.decode()

    page = upload(editor, template(editor, extension), f"template.{extension}").content.decode()

    run = Import.objects.get()
    assert (run.created, run.refused) == (0, 0)
    assert (
        "Examples left out: empty the cell “ref” to import such a row (2 times, in rows 2, 3)"
        in page
    )


def test_template_has_every_column_that_a_new_record_can_have(editor: Client) -> None:
    header = template(editor, "csv").decode("utf-8-sig").splitlines()[0]

    assert header == ",".join(HEADINGS)
    assert {"title", "signed", "parties", "areas", "notice"} <= set(HEADINGS)
    assert not {"status", "url", "countries"} & set(HEADINGS)


def test_examples_are_right_once_they_are_no_examples_any_more(editor: Client) -> None:
    content = template(editor, "csv").decode("utf-8-sig").replace("EXAMPLE", "")

    upload(editor, content, "mine.csv")
    run = Import.objects.get()
    editor.post(address(run, "answer"), {"creates_parties": "on"})

    run.refresh_from_db()
    assert (run.created, run.refused) == (len(EXAMPLES), 0)


def test_template_is_for_those_who_import(editor: Client) -> None:
    editor.force_login(colleague(StaffRole.READER))

    assert editor.get(reverse("admin:agreements_import_template", args=["csv"])).status_code == 403
