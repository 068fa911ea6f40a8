"""The five steps of the import wizard: their order, what is passed by, and how each names what is wrong."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from agreements.admin.imports import _ago, _confirmation
from agreements.domain.permissions import StaffRole
from agreements.exchange.importing import working
from agreements.models import Agreement, Import
from tests.admin.test_import_columns import go_on
from tests.admin.test_imports import ADD, LIST, address, page_of, upload
from tests.colleagues import colleague
from tests.factories import AgreementFactory

pytestmark = pytest.mark.django_db

PLAIN = "Title,Partner,Note\r\nA,Atlantis,see file\r\nB,N/A,\r\n"
CODED = "Title,Partner,Type\r\nA,Atlantis,MoU\r\n"


@pytest.fixture
def editor(client: Client) -> Client:
    client.force_login(colleague(StaffRole.EDITOR))
    return client


def steps_in(page: str) -> list[str]:
    listed = re.search(r'<ol class="import-steps">(.*?)</ol>', page, re.DOTALL)
    items = re.findall(r"<li>(.*?)</li>", listed[1], re.DOTALL) if listed else []
    return [" ".join(re.sub(r"<[^>]+>", " ", item).split()) for item in items]


def current_in(page: str) -> str:
    found = re.search(r'<b aria-current="step">([^<]+)</b>', page)
    return found[1] if found else ""


class Slow:
    """A process that does not end within the request that started it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(working, "begin", lambda run, by: None)

    def finish(self) -> None:
        working.carry_out(Import.objects.get().pk, User.objects.get().pk)


def test_slow_preview_leads_to_the_parties_all_the_same(
    editor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(editor, CODED)
    go_on(editor, "columns")
    slow = Slow(monkeypatch)
    run = Import.objects.get()

    response = editor.post(address(run, "values"), {"kind-0": "mou"}, follow=True)
    assert "is being checked" in response.content.decode() or "is being read" in str(
        response.content
    )
    [(waiting, _status)] = response.redirect_chain
    slow.finish()
    response = editor.get(waiting, follow=True)

    assert response.redirect_chain == [(address(run, "parties"), 302)]
    assert current_in(response.content.decode()) == "Parties"


def test_slow_upload_and_slow_answers_lead_to_the_next_question(
    editor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = Slow(monkeypatch)
    [(waiting, _status)] = upload(editor, "title,parties\r\nA,Atlantis\r\n").redirect_chain
    slow.finish()
    run = Import.objects.get()
    assert editor.get(waiting, follow=True).redirect_chain[-1][0] == address(run, "parties")

    answered = editor.post(address(run, "parties"), {"all": "yes", "all_kind": ""}, follow=True)
    slow.finish()
    response = editor.get(answered.redirect_chain[-1][0], follow=True)

    assert response.redirect_chain == [(address(run, "change"), 302)]
    assert current_in(response.content.decode()) == "Preview"


def test_steps_are_the_same_five_at_every_visit(editor: Client) -> None:
    names = ["File", "Columns", "Values", "Parties", "Preview"]
    assert steps_in(editor.get(ADD).content.decode()) == names

    page = upload(editor, CODED).content.decode()
    assert (steps_in(page), current_in(page)) == (names, "Columns")
    page = go_on(editor, "columns")
    assert (steps_in(page), current_in(page)) == (names, "Values")
    page = go_on(editor, "values")
    assert (steps_in(page), current_in(page)) == (names, "Parties")
    run = Import.objects.get()
    page = editor.post(address(run, "parties"), {"all": "yes", "all_kind": ""}, follow=True)
    assert steps_in(page.content.decode()) == names
    assert current_in(page.content.decode()) == "Preview"


def test_step_without_questions_says_so_and_is_passed_by(editor: Client) -> None:
    upload(editor, PLAIN)
    page = go_on(editor, "columns")

    assert (current_in(page), steps_in(page)[2]) == ("Parties", "Values (nothing to do)")
    run = Import.objects.get()
    response = editor.get(address(run, "values"), follow=True)
    assert response.redirect_chain[-1][0] == address(run, "parties")


def test_own_file_without_unknown_names_is_previewed_at_once(editor: Client) -> None:
    page = upload(editor, "title\r\nA\r\n").content.decode()

    assert steps_in(page) == [
        "File", "Columns (nothing to do)", "Values (nothing to do)", "Parties (nothing to do)", "Preview",
    ]  # fmt: skip
    run = Import.objects.get()
    response = editor.get(address(run, "parties"), follow=True)
    assert response.redirect_chain == [(address(run, "change"), 302)]


def test_all_names_are_created_from_above_and_below_a_long_list(editor: Client) -> None:
    rows = "".join(f"A{n},Xanadu institute {n}\r\n" for n in range(4))
    page = upload(editor, f"title,parties\r\n{rows}").content.decode()

    places = [found.start() for found in re.finditer('name="all"', page)]
    names = [found.start() for found in re.finditer('class="import-name', page)]
    assert len(places) == 2
    assert places[0] < names[0]
    assert places[1] > names[-1]


def test_who_answers_no_name_goes_on_to_the_preview(editor: Client) -> None:
    upload(editor, "title,parties\r\nA,Atlantis\r\n")
    run = Import.objects.get()

    response = editor.post(address(run, "parties"), {}, follow=True)

    assert response.redirect_chain == [(address(run, "change"), 302)]
    assert "The register does not know 1 name." in response.content.decode()


@pytest.mark.parametrize(
    ("created", "changed", "refused", "said"),
    [
        (8, 0, 0, "Import 8 new records"),
        (1, 0, 0, "Import 1 new record"),
        (0, 3, 0, "Change 3 records"),
        (1, 2, 0, "Import 1 new and 2 changed"),
        (8, 0, 1, "Import 8 new records, without the refused rows"),
        (0, 1, 1, "Change 1 record, without the refused rows"),
        (2, 1, 1, "Import 2 new and 1 changed, without the refused rows"),
    ],
)
def test_button_says_what_is_imported(created: int, changed: int, refused: int, said: str) -> None:
    assert _confirmation(Import(created=created, changed=changed, refused=refused)) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "It began just now."),
        (4, "It began just now."),
        (5, "It began 5 seconds ago."),
        (59, "It began 59 seconds ago."),
        (60, "It began 1 minute ago."),
        (125, "It began 2 minutes ago."),
    ],
)
def test_beginning_is_told_in_seconds(seconds: int, said: str) -> None:
    now = timezone.now()

    assert _ago(now - timedelta(seconds=seconds), now) == said


def test_rows_are_created_only_after_the_import(editor: Client) -> None:
    upload(editor, "title,signed\r\nA,\r\nB,31.02.2020\r\n")
    run = Import.objects.get()

    before, listed = page_of(editor, run), editor.get(LIST).content.decode()
    assert "To be created" in before
    assert "Refused so far" in before
    assert not re.search(r">\s*(Created|Refused)\s*<", before)
    assert "To be created: 1; Refused so far: 1" in listed

    page = editor.post(address(run, "apply"), {"is_partial": "on"}, follow=True).content.decode()
    assert re.search(r">\s*Created\b", page)
    assert "To be created" not in page
    assert "Created: 1; Refused: 1" in editor.get(LIST).content.decode()


def test_refused_rows_are_left_out_with_one_click(editor: Client) -> None:
    page = upload(editor, "title,signed\r\nA,\r\nB,31.02.2020\r\n").content.decode()
    run = Import.objects.get()
    form = re.search(r'<form id="answers".*?</form>', page, re.DOTALL)
    assert form
    hidden = re.findall(r'type="hidden" name="(is_partial)" value="(on)"', form[0])

    editor.post(address(run, "apply"), dict(hidden))

    assert [each.title for each in Agreement.objects.all()] == ["A"]


def test_digest_of_a_row_is_not_shown(editor: Client) -> None:
    upload(editor, PLAIN)
    go_on(editor, "columns")
    run = Import.objects.get()
    editor.post(address(run, "parties"), {"all": "yes", "all_kind": ""})

    assert "imported-row" not in page_of(editor, run)
    editor.post(address(run, "apply"))
    assert {each.scheme for each in Agreement.objects.get(title="A").identifiers.all()} == {
        "imported-row"
    }


def test_remarks_that_change_nothing_are_folded_below_the_others(editor: Client) -> None:
    upload(editor, PLAIN)
    go_on(editor, "columns", **{"target-2": ""})
    page = page_of(editor, Import.objects.get())

    folded = re.search(
        r"<details class=\"import-fold\">\s*<summary>2 remarks.*?</details>", page, re.S
    )
    assert folded
    assert "Column “Note” is not taken" in folded[0]
    assert "“N/A” says nothing" in folded[0]
    assert "is not read by the profile" not in page


def test_options_are_those_that_would_change_something(editor: Client) -> None:
    AgreementFactory(ref="AGR-0001", title="Old", draft=True)
    upload(editor, "title\r\nA\r\n")
    run = Import.objects.get()
    page = page_of(editor, run)
    assert "creates_parties" not in page
    assert "overwrites" not in page

    run.creates_parties = True
    run.save()
    assert 'name="creates_parties"' in page_of(editor, run)


def test_import_is_called_the_same_everywhere(editor: Client) -> None:
    page = editor.get(LIST).content.decode()

    assert re.search(r'class="addlink">\s*Import a file', page)
    assert "Add import" not in page
    assert "<h1>Import a file</h1>" in editor.get(ADD).content.decode()


def test_template_is_offered_before_the_file_is_chosen(editor: Client) -> None:
    page = editor.get(ADD).content.decode()

    assert page.index("template/xlsx/") < page.index('type="file"')


@pytest.mark.parametrize(
    ("step", "changes", "link", "remedy"),
    [
        ("columns", {"target-0": ""}, "#id_title_pattern", "An agreement needs a title"),
        ("values", {"kind-0": ""}, "#id_kind-0", "Choose what this text means"),
    ],
)
def test_error_names_its_field_and_the_remedy(
    editor: Client, step: str, changes: dict[str, Any], link: str, remedy: str
) -> None:
    upload(editor, CODED)
    if step == "values":
        go_on(editor, "columns")

    page = go_on(editor, step, **changes)

    summary = re.search(r'<div class="error-summary".*?</div>', page, re.DOTALL)
    assert summary
    assert "autofocus" in summary[0]
    assert f'href="{link}"' in summary[0]
    assert remedy in summary[0]
    assert f'id="{link[1:]}"' in page
    title = re.search(r"<title>(.*?)</title>", page, re.DOTALL)
    assert title
    assert " ".join(title[1].split()) == f"Error: {step.capitalize()} – list.csv | MoU Tracker"
