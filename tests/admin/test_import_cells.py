"""Correcting cells in an import's preview and leaving rows out, one by one."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from agreements.admin import import_cells
from agreements.domain.permissions import StaffRole
from agreements.models import Agreement, Import
from tests.admin.test_imports import address, page_of, upload
from tests.colleagues import colleague

pytestmark = pytest.mark.django_db
FILE = "title,signed,place\r\nHealth,31.02.2020,Baku\r\nTrade,2020-05,Ganja\r\nNothing,,2\r\n"
SIGNED, PLACE = 1, 2


@pytest.fixture
def editor(client: Client) -> Client:
    client.force_login(colleague(StaffRole.EDITOR))
    return client


@pytest.fixture
def run(editor: Client) -> Import:
    upload(editor, FILE)
    return Import.objects.get()


def cell(row: int, place: int) -> str:
    return f"cell-{row}-{place}"


def correct(client: Client, run: Import, cells: dict[str, str], query: str = "") -> Any:
    """Send the page's form with these fields, and all others as the page shows them."""
    run.refresh_from_db()
    boxes = {f"out-{number}": "1" for number in run.left_out}
    lines = list(run.records.values_list("pk", flat=True))
    data = {**boxes, **cells, "line": lines}
    sent = {name: value for name, value in data.items() if value != "unchecked"}
    return client.post(address(run, "cells") + query, sent, follow=True)


def test_refused_row_shows_its_cells_with_the_reason_beside_the_wrong_one(
    editor: Client, run: Import
) -> None:
    page = page_of(editor, run)

    wrong = re.search(rf'<input[^>]*name="{cell(2, SIGNED)}"[^>]*>', page)
    assert wrong
    assert 'value="31.02.2020"' in wrong[0]
    assert f'aria-describedby="why_{cell(2, SIGNED)}"' in wrong[0]
    assert re.search(rf'id="why_{cell(2, SIGNED)}">[^<]*29 days', page)
    right = re.search(rf'<input[^>]*name="{cell(2, PLACE)}"[^>]*>', page)
    assert right
    assert "aria-invalid" not in right[0]


def test_several_rows_are_corrected_at_once_and_previewed_again(
    editor: Client, run: Import
) -> None:
    cells = {cell(2, SIGNED): "29.02.2020", cell(3, PLACE): "Sheki", cell(4, PLACE): "2"}

    page = correct(editor, run, cells, "?show=created").content.decode()

    run.refresh_from_db()
    # what stayed as the file has it is no correction
    assert run.corrections == {"2": {"signed": "29.02.2020"}, "3": {"place": "Sheki"}}
    assert (run.created, run.refused) == (3, 0)
    assert "Cells corrected here (2 times, in rows 2, 3)" in page
    assert "In the file:" in page
    assert 'href="?show=created" aria-current="true"' in page
    editor.post(address(run, "apply"))
    assert str(Agreement.objects.get(title="Health").signed) == "2020-02-29"
    assert Agreement.objects.get(title="Trade").place == "Sheki"


def test_correction_is_taken_back_by_the_text_of_the_file(editor: Client, run: Import) -> None:
    correct(editor, run, {cell(2, SIGNED): "29.02.2020"})
    correct(editor, run, {cell(2, SIGNED): "31.02.2020"})

    run.refresh_from_db()
    assert run.corrections == {}
    assert run.refused == 1


def test_row_is_left_out_listed_by_itself_and_taken_back_in(editor: Client, run: Import) -> None:
    page = correct(editor, run, {"out-4": "1", "out-2": "1"}).content.decode()

    run.refresh_from_db()
    assert run.left_out == [2, 4]
    assert (run.created, run.refused) == (1, 0)
    assert "To be left out (2)" in page
    listed = page_of(editor, run, "?show=left_out")
    assert listed.count('class="import-left_out"') == 2
    assert re.search(r'name="out-4" value="1" checked', listed)

    correct(editor, run, {"out-2": "unchecked"})
    run.refresh_from_db()
    assert run.left_out == [4]
    assert run.refused == 1


def test_line_breaks_of_a_browser_are_no_correction(editor: Client) -> None:
    upload(editor, 'title,summary\r\nHealth,"one\ntwo"\r\n')
    run = Import.objects.get()
    assert re.search(
        rf'<textarea[^>]*name="{cell(2, 1)}"[^>]*>\none\ntwo</textarea>', page_of(editor, run)
    )

    page = correct(editor, run, {cell(2, 1): "one\r\ntwo"}).content.decode()

    assert "Nothing was changed." in page
    run.refresh_from_db()
    assert run.corrections == {}


def test_correction_that_cannot_be_stored_is_refused_and_stays_typed(
    editor: Client, run: Import
) -> None:
    cells = {cell(2, SIGNED): "x" * 2001, cell(3, PLACE): "Sheki", "out-4": "1"}

    page = correct(editor, run, cells).content.decode()

    assert "Row 2, “signed”: The text has 2001 characters, and at most 2000 fit here." in page
    assert 'value="Sheki"' in page
    assert re.search(r'name="out-4" value="1" checked', page)
    assert "NUL character" in correct(editor, run, {cell(2, SIGNED): "a\x00"}).content.decode()
    run.refresh_from_db()
    assert (run.corrections, run.left_out) == ({}, [])


def test_number_of_corrections_and_of_rows_left_out_is_bounded(
    editor: Client, run: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_cells, "MOST_CORRECTED", 1)
    monkeypatch.setattr(import_cells, "MOST_LEFT_OUT", 1)

    cells = {cell(2, SIGNED): "2020", cell(3, PLACE): "Sheki", "out-2": "1", "out-3": "1"}
    page = correct(editor, run, cells).content.decode()

    assert "At most 1 cells can be corrected here, and this would be 2." in page
    assert "At most 1 rows can be left out here, and this would be 2." in page
    run.refresh_from_db()
    assert (run.corrections, run.left_out) == ({}, [])


def test_page_shows_a_bounded_number_of_fields(
    editor: Client, run: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_cells, "MOST_FIELDS", 5)

    page = page_of(editor, run)

    assert f'name="{cell(2, SIGNED)}"' in page
    assert f'name="{cell(3, SIGNED)}"' not in page


def test_long_cell_is_shown_in_part_and_not_corrected_here(editor: Client) -> None:
    upload(editor, f"title,signed,summary\r\nA,31.02.2020,{'x' * 501}\r\n")
    run = Import.objects.get()

    page = page_of(editor, run)
    assert f'name="{cell(2, 2)}"' not in page
    assert f"{'x' * 500}…" in page
    assert "This cell is too long or no plain text: correct it in the file." in page
    correct(editor, run, {cell(2, 2): "short"})
    run.refresh_from_db()
    assert run.corrections == {}


def test_form_of_an_earlier_preview_is_refused(editor: Client, run: Import) -> None:
    old = list(run.records.values_list("pk", flat=True))
    correct(editor, run, {cell(2, SIGNED): "29.02.2020"})

    sent = {"line": old, cell(2, SIGNED): "2021"}
    page = editor.post(address(run, "cells"), sent, follow=True).content.decode()

    assert "The preview has been made again since, so your corrections were not stored." in page
    run.refresh_from_db()
    assert run.corrections == {"2": {"signed": "29.02.2020"}}


def test_state_survives_logging_out_at_every_step(editor: Client, run: Import) -> None:
    user = editor.session["_auth_user_id"]

    def log_out_and_in() -> None:
        editor.logout()
        assert editor.get(address(run, "change")).status_code == 302
        editor.force_login(User.objects.get(pk=user))

    correct(editor, run, {cell(2, SIGNED): "29.02.2020"})
    log_out_and_in()
    correct(editor, run, {"out-4": "1"})
    log_out_and_in()

    page = page_of(editor, run)
    assert "Cells corrected here (1 row: 2)" in page
    assert "Left out here (1 row: 4)" in page
    editor.post(address(run, "apply"))
    log_out_and_in()
    assert sorted(Agreement.objects.values_list("title", flat=True)) == ["Health", "Trade"]
    editor.post(address(run, "undo"))
    assert not Agreement.objects.exists()


def test_readers_see_cells_and_correct_none(editor: Client, run: Import) -> None:
    editor.force_login(colleague(StaffRole.READER))

    page = page_of(editor, run)
    assert "31.02.2020" in page
    assert f'name="{cell(2, SIGNED)}"' not in page
    assert "Leave row" not in page
    assert editor.post(address(run, "cells")).status_code == 403


def test_applied_import_takes_no_corrections(editor: Client) -> None:
    upload(editor, "title\r\nHealth\r\n")
    run = Import.objects.get()
    editor.post(address(run, "apply"))

    page = editor.post(
        address(run, "cells"), {"line": run.records.get().pk, "out-2": "1"}, follow=True
    )

    assert "out-2" not in page.content.decode()
    run.refresh_from_db()
    assert (run.state, run.left_out) == ("applied", [])
