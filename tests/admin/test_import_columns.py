"""The steps of the wizard before the preview: what the columns of a foreign file mean, and the texts in them."""

import re
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from agreements.domain.permissions import StaffRole
from agreements.exchange.importing import profiles
from agreements.models import Agreement, Import, ImportProfile
from tests.admin.test_imports import address, upload
from tests.colleagues import colleague
from tests.exchange.importing.files import workbook
from tests.factories import AreaFactory, PartyFactory

pytestmark = pytest.mark.django_db

TRACKER = "\r\n".join((
    "S/N,Partner Institution,Country,Type,Date signed,Duration,Expiry date,Focal person,Status",
    '1,"Shinshu University, Matsumoto",Japan,MoU,"July 28, 2020",5 Years,28.07.2025,Prof. Tanaka,Active',
    "2,University of Vienna,Austria,MOU,15.03.2021,3 years,15.03.2024,Dr. Huber,Expired",
    "3,Tashkent State University,Uzbekistan,MoU,15.03.2021-15.03.2024,,,,Expired",
    "4,University of Bologna,Italy,LoI,TBD,Indefinite,ongoing,,in process",
    "Total: 4,,,,,,,,",
)) + "\r\n"  # fmt: skip


@pytest.fixture
def editor(client: Client) -> Client:
    client.force_login(colleague(StaffRole.EDITOR))
    return client


def shown(client: Client, step: str) -> str:
    return client.get(address(Import.objects.get(), step)).content.decode()


def fields_of(page: str) -> dict[str, str]:
    """Return what the main form of a page would send, as a browser fills it in."""
    sent: dict[str, str] = {}
    for name, options in re.findall(r'<select name="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        sent[name] = chosen[1] if chosen else ""
    for tag in re.findall(r'<input type="(?:text|number)"[^>]*>', page):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name:
            sent[name[1]] = value[1] if value else ""
    for tag in re.findall(r'<input type="checkbox"[^>]* checked[^>]*>', page):
        if name := re.search(r'name="([^"]+)"', tag):
            sent[name[1]] = "on"
    return sent


def go_on(client: Client, step: str, **changes: str) -> str:
    """Send the form of a step as it is shown, with these changes, and return the page it leads to."""
    run = Import.objects.order_by("-pk")[0]
    page = client.get(address(run, step)).content.decode()
    sent = {**fields_of(page), **changes}
    return client.post(address(run, step), sent, follow=True).content.decode()


def test_foreign_file_leads_to_its_columns_with_what_they_probably_become(editor: Client) -> None:
    response = upload(editor, TRACKER, "tracker.csv")

    run = Import.objects.get()
    assert response.redirect_chain[-1] == (address(run, "columns"), 302)
    page = response.content.decode()
    assert "“tracker.csv” has 4 rows." in page
    assert "Shinshu University, Matsumoto" in page
    sent = fields_of(page)
    assert [sent[f"target-{n}"] for n in range(9)] == [
        "", "party", "country", "kind", "signed", "duration", "expires_stated", "internal_notes", "status",
    ]  # fmt: skip
    assert sent["title_pattern"] == "{Type} with {Partner Institution}"


def test_tracker_becomes_drafts_with_all_that_it_says(editor: Client) -> None:
    upload(editor, TRACKER, "tracker.csv")
    PartyFactory(name="Ministry of Labour", kind="ministry")

    page = go_on(editor, "columns", own_party="Ministry of Labour")
    assert "MOU" in page
    assert "says nothing" in page
    page = go_on(editor, "values")
    assert "Shinshu University, Matsumoto" in page
    run = Import.objects.get()
    editor.post(address(run, "parties"), {"all": "yes", "all_kind": ""})
    run.refresh_from_db()
    assert (run.created, run.refused, run.unknown_parties) == (4, 0, [])
    editor.post(address(run, "apply"))

    vienna = Agreement.objects.get(title="MOU with University of Vienna")
    assert (vienna.kind, vienna.stage, str(vienna.signed)) == ("mou", "concluded", "2021-03-15")
    assert (str(vienna.term), vienna.term_kind, str(vienna.expires_stated)) == (
        "P3Y", "fixed", "2024-03-15",
    )  # fmt: skip
    assert vienna.internal_notes.splitlines() == ["Focal person: Dr. Huber", "Status: Expired"]
    assert vienna.publication == "draft"
    parties = {row.party.name: row.party for row in vienna.participations.all()}
    assert set(parties) == {"Ministry of Labour", "University of Vienna"}
    assert parties["University of Vienna"].kind == "university"
    assert str(parties["University of Vienna"].country) == "AT"
    tashkent = Agreement.objects.get(title__contains="Tashkent")
    assert (str(tashkent.signed), str(tashkent.expires_stated)) == ("2021-03-15", "2024-03-15")
    bologna = Agreement.objects.get(title__contains="Bologna")
    assert (bologna.kind, bologna.stage, bologna.term_kind) == (
        "letter_of_intent", "negotiation", "indefinite",
    )  # fmt: skip


def test_second_file_with_the_same_columns_needs_no_answers_again(editor: Client) -> None:
    upload(editor, TRACKER, "tracker.csv")
    go_on(editor, "columns", **{"target-8": ""}, kind="agreement", stage="concluded")
    go_on(editor, "values")
    run = Import.objects.get()
    editor.post(address(run, "parties"), {"all": "yes", "all_kind": "university"})
    editor.post(address(run, "apply"))

    upload(editor, TRACKER.replace("Vienna", "Graz"), "tracker 2.csv")

    second = Import.objects.order_by("-pk")[0]
    sent = fields_of(editor.get(address(second, "columns")).content.decode())
    assert sent["target-8"] == ""
    go_on(editor, "columns")
    go_on(editor, "values")
    second.refresh_from_db()
    assert (second.unchanged, [each["name"] for each in second.unknown_parties]) == (
        3, ["University of Graz"],
    )  # fmt: skip


def test_mapping_is_kept_under_a_name_and_recognised_by_the_columns(editor: Client) -> None:
    upload(editor, TRACKER, "tracker.csv")
    go_on(editor, "columns")
    go_on(editor, "values")
    run = Import.objects.get()

    page = editor.post(address(run, "keep"), {"title": "Our tracker"}, follow=True).content.decode()

    assert "will be read as “Our tracker”" in page
    kept = ImportProfile.objects.get()
    assert (kept.name, kept.title) == ("our-tracker", "Our tracker")
    response = upload(editor, TRACKER, "next.csv")
    second = Import.objects.order_by("-pk")[0]
    assert response.redirect_chain[-1][0] == address(second, "parties")
    assert second.profile == "our-tracker"


def test_name_of_another_profile_is_not_taken(editor: Client) -> None:
    upload(editor, TRACKER, "tracker.csv")
    go_on(editor, "columns")
    run = Import.objects.get()
    editor.post(address(run, "keep"), {"title": "Tracker"})
    ImportProfile.objects.update(table={"fields": {"title": "A"}})

    page = editor.post(address(run, "keep"), {"title": "Tracker"}, follow=True).content.decode()

    assert "There is a profile “tracker” already." in page
    assert ImportProfile.objects.get().table == {"fields": {"title": "A"}}


def test_choices_that_cannot_be_are_refused_and_stay_as_they_were_made(editor: Client) -> None:
    upload(editor, TRACKER, "tracker.csv")

    twice = go_on(editor, "columns", **{"target-0": "kind"})
    assert "Only one column can become “kind”" in twice
    assert fields_of(twice)["target-0"] == "kind"
    assert "An agreement needs a title" in go_on(editor, "columns", title_pattern="")
    unknown = go_on(editor, "columns", title_pattern="{Nowhere}")
    assert "The file has no column “Nowhere”. Its columns:" in unknown
    assert fields_of(unknown)["title_pattern"] == "{Nowhere}"
    for wrong in ("{Type", "Type}", "Agreement", "{{Type}}"):
        assert "Write each column in braces" in go_on(editor, "columns", title_pattern=wrong)
    assert Import.objects.get().mapping == {}


def test_every_text_with_a_code_needs_an_answer(editor: Client) -> None:
    upload(editor, "Title,Type\r\nA,Xyz\r\nB,MoU\r\nC,-\r\n")

    page = go_on(editor, "columns")
    # equally frequent, so in the order of the letters on either database
    assert fields_of(page) | {"kind-0": "-", "kind-1": "mou", "kind-2": ""} == fields_of(page)
    assert "Choose what this text means" in go_on(editor, "values")
    go_on(editor, "values", **{"kind-2": "treaty"})

    run = Import.objects.get()
    assert run.mapping["fields"]["kind"]["values"] == {"Xyz": "treaty", "MoU": "mou", "-": ""}
    assert (run.created, run.refused) == (3, 0)


def test_dates_and_lengths_that_cannot_be_read_are_written_otherwise_once(editor: Client) -> None:
    upload(
        editor,
        "Title,Date signed,Duration\r\nA,soon after,5 yrs\r\nB,2021,two\r\nC,soon after,1 year\r\n",
    )

    page = go_on(editor, "columns", **{"target-1": "signed", "target-2": "duration"})
    assert "The register cannot read these." in page
    assert "soon after" in page
    refused = go_on(editor, "values", **{"signed-written-0": "nonsense"})
    assert "Write a date, such as 15.03.2021" in refused
    go_on(editor, "values", **{"signed-written-0": "May 2022", "duration-written-0": "2 years"})

    run = Import.objects.get()
    assert (run.created, run.refused) == (3, 0)
    editor.post(address(run, "apply"))
    assert str(Agreement.objects.get(title="C").signed) == "2022-05"
    assert str(Agreement.objects.get(title="B").term) == "P2Y"


def test_areas_are_asked_about_by_their_parts(editor: Client) -> None:
    AreaFactory(slug="health", name="Health")
    upload(editor, 'Title,Area of cooperation\r\nA,"Medicine, Sport"\r\nB,Medicine\r\n')

    page = go_on(editor, "columns")
    assert [">Medicine<" in page, ">Sport<" in page] == [True, True]
    go_on(editor, "values", **{"areas-0": "health"})

    run = Import.objects.get()
    editor.post(address(run, "apply"))
    assert Agreement.objects.get(title="A").areas.get().slug == "health"
    assert any("“Sport” has no cooperation area" in line["text"] for line in run.notes)


def test_other_sheets_are_read_when_they_are_chosen(editor: Client, tmp_path: Any) -> None:
    import openpyxl

    path = workbook(tmp_path, [["Title", "Date signed"], ["A", 2020]])
    book = openpyxl.load_workbook(path)
    book.create_sheet("Expired").append(["Title", "Date signed"])
    book["Expired"].append(["B", 2010])
    book.save(path)
    page = upload(editor, path.read_bytes(), "list.xlsx").content.decode()
    assert re.search(r"<details[^>]* open>", page)

    run = Import.objects.get()
    page = editor.post(
        address(run, "columns"), {"read_again": "yes", "sheets": ["Sheet", "Expired"]}, follow=True
    ).content.decode()

    assert "has 2 rows" in page
    go_on(editor, "columns")
    run.refresh_from_db()
    assert run.created == 2
    assert "“Expired”" in editor.get(address(run, "change")).content.decode()


def test_reading_that_fails_keeps_the_columns_and_what_was_asked_for(
    editor: Client, tmp_path: Any
) -> None:
    import openpyxl

    path = workbook(tmp_path, [["Our list"], [], ["Title", "Date signed"], ["A", 2020]])
    book = openpyxl.load_workbook(path)
    book.create_sheet("Expired").append(["Title", "Date signed"])
    book["Expired"].append(["B", 2010])
    book.save(path)
    upload(editor, path.read_bytes(), "list.xlsx")
    run = Import.objects.get()

    # the row of the headings is filled in, and belongs to the first sheet only
    both = {"read_again": "yes", "sheets": ["Sheet", "Expired"], "head": "3"}
    page = editor.post(address(run, "columns"), both, follow=True).content.decode()
    assert "has 2 rows" in page
    page = editor.post(address(run, "columns"), {**both, "head": "4"}).content.decode()
    assert "With several sheets, leave this empty" in page

    one = {"read_again": "yes", "sheets": ["Expired"], "head": "9"}
    page = editor.post(address(run, "columns"), one, follow=True).content.decode()
    run.refresh_from_db()
    assert run.problem
    assert run.problem in page
    assert re.search(r"<details[^>]* open>", page)
    assert 'name="head" value="9"' in page
    # and the way out
    page = editor.post(address(run, "columns"), {**one, "head": ""}, follow=True).content.decode()
    assert "has 1 row." in page


def test_choices_stay_when_the_columns_are_the_same_after_reading_again(editor: Client) -> None:
    upload(editor, "Title,Xyz\r\nA,Baku\r\n")
    go_on(editor, "columns", **{"target-1": "place"})
    run = Import.objects.get()

    page = editor.post(
        address(run, "columns"), {"read_again": "yes", "head": "1"}, follow=True
    ).content.decode()

    assert fields_of(page)["target-1"] == "place"


def test_heading_with_braces_makes_no_pattern_that_is_refused(editor: Client) -> None:
    upload(editor, "No;Partner {state};Signed\r\n1;Ministry of Labour of Georgia;2021-01-02\r\n")

    assert "Write each column in braces" not in go_on(editor, "columns")


def test_profile_that_takes_the_publisher_from_a_column_needs_no_other(editor: Client) -> None:
    kept = {
        "fields": {"title": {"columns": ["Title"]}},
        "source": {"url": {"columns": ["Link"]}, "publisher": {"columns": ["From"]}},
    }
    ImportProfile.objects.create(name="kept", title="Kept", table=kept, saved_at=timezone.now())
    file = SimpleUploadedFile("a.csv", b"Title,Link,From\r\nA,https://mfa.example/a,Gazette\r\n")
    editor.post(reverse("admin:agreements_import_add"), {"file": file, "profile": "kept"})

    assert "can only be kept with a publisher" not in go_on(editor, "columns", publisher="")
    editor.post(address(Import.objects.get(), "apply"))
    [evidence, *_others] = Agreement.objects.get().evidence.all()
    assert (evidence.source.url, evidence.source.publisher) == ("https://mfa.example/a", "Gazette")


def test_what_leads_to_a_source_needs_its_publisher(editor: Client) -> None:
    upload(editor, "Title,Link\r\nA,https://mfa.example/a\r\n")

    page = go_on(editor, "columns", publisher="")
    assert "“Link” can only be kept with a publisher" in page
    go_on(editor, "columns")

    run = Import.objects.get()
    editor.post(address(run, "apply"))
    sources = {each.source for each in Agreement.objects.get().evidence.all()}
    assert [(each.url, each.publisher) for each in sources] == [
        ("https://mfa.example/a", "mfa.example")
    ]


def test_values_that_are_lost_are_told_with_their_column(editor: Client, tmp_path: Any) -> None:
    path = workbook(tmp_path, [["Title", "Days left"], ["A", "=1+1"], ["B", "=1+1"]])

    page = upload(editor, path.read_bytes(), "list.xlsx").content.decode()

    assert "2 cells cannot be read: a formula without a stored value" in page


def test_status_of_the_file_stays_as_a_note(editor: Client) -> None:
    upload(editor, "Title,Date signed,Status\r\nA,2001-03-02,Expired\r\n")
    go_on(editor, "columns")
    go_on(editor, "values")

    run = Import.objects.get()
    editor.post(address(run, "apply"))
    assert Agreement.objects.get().internal_notes == "Status: Expired"


def test_encoding_and_head_are_changed_without_another_upload(editor: Client) -> None:
    content = "Ağrı list,2024\r\nTitle,Place\r\nA,Ağrı\r\n".encode("cp1254")
    upload(editor, content)
    run = Import.objects.get()

    page = editor.post(
        address(run, "columns"),
        {"read_again": "yes", "encoding": "cp1252", "head": "2"},
        follow=True,
    ).content.decode()

    assert "Aðrý" in page
    assert "Title" in page


def test_question_about_the_order_of_dates_is_answered_on_the_columns(editor: Client) -> None:
    upload(editor, "Title,Date signed\r\nA,25/03/2021\r\nB,03/26/2021\r\nC,03/04/2021\r\n")

    go_on(editor, "columns")
    run = Import.objects.get()
    page = shown(editor, "change")
    assert "month" in page
    assert f'href="{address(run, "columns")}"' in page
    editor.post(address(run, "apply"), {"is_partial": "on"})
    assert not Agreement.objects.exists()


def test_reader_chooses_nothing(editor: Client, client: Client) -> None:
    upload(editor, TRACKER, "tracker.csv")
    run = Import.objects.get()
    client.force_login(colleague(StaffRole.READER))

    for step in ("columns", "values"):
        assert client.get(address(run, step)).status_code == 403
        assert client.post(address(run, step)).status_code == 403
    assert client.post(address(run, "keep"), {"title": "X"}).status_code == 403


def test_columns_of_a_decided_or_own_file_cannot_be_chosen(editor: Client) -> None:
    upload(editor, "title\r\nNew\r\n")
    run = Import.objects.get()

    assert editor.get(address(run, "columns")).status_code == 404
    editor.post(address(run, "apply"))
    assert editor.get(address(run, "columns")).status_code == 404


def test_hostile_headings_and_texts_are_shown_as_text(editor: Client) -> None:
    evil = "<script>alert(1)</script>"
    page = upload(editor, f'Title,"{evil}",Type\r\nA,"{evil}","{evil}"\r\n').content.decode()

    assert evil not in page
    assert evil not in go_on(editor, "columns")


def test_state_of_the_wizard_survives_logging_out(editor: Client) -> None:
    upload(editor, TRACKER, "tracker.csv")
    go_on(editor, "columns", publisher="Office")
    editor.post(reverse("admin:logout"))
    editor.force_login(colleague(StaffRole.EDITOR, username="second"))

    assert fields_of(shown(editor, "columns"))["publisher"] == "Office"
    assert fields_of(shown(editor, "values"))["kind-0"] == "mou"


def test_upload_names_the_kept_profiles(editor: Client) -> None:
    upload(editor, TRACKER, "tracker.csv")
    go_on(editor, "columns")
    editor.post(address(Import.objects.get(), "keep"), {"title": "Our tracker"})

    page = editor.get(reverse("admin:agreements_import_add")).content.decode()

    assert '<option value="our-tracker">Our tracker</option>' in page
    file = SimpleUploadedFile("x.csv", b"a,b\r\n1,2\r\n")
    response = editor.post(
        reverse("admin:agreements_import_add"), {"file": file, "profile": "our-tracker"}
    )
    assert "The file lacks the column" in response.content.decode()


def test_end_may_be_that_there_is_none_and_is_compared_with_the_term(editor: Client) -> None:
    upload(
        editor,
        "Title,Date signed,Duration,Expiry date\r\n"
        "Ports,2020-05-06,3 years,2024-05-06\r\n"
        "Health,2020-05-06,3 years,2023-05-05\r\n"
        "Trade,2020-05-06,,indefinite\r\n",
    )

    go_on(editor, "columns")

    run = Import.objects.get()
    assert run.refused == 0
    wanted = "an end that is not that of the stated term, counted from the signature"
    assert [line["rows"] for line in run.notes if line["text"] == wanted] == [[2]]
    editor.post(address(run, "apply"))
    trade = Agreement.objects.get(title="Trade")
    assert (trade.term_kind, trade.expires_stated) == ("indefinite", None)


PROFILE = """
title = "Agreements of the Ministry"
recognised_by = ["Partner", "Long title"]

[file]
head = 2

[fields]
title = "Long title"
signed = "Date"
place = { always = "Baku" }

[fields.kind]
column = "Type"
values = { "memorandum" = "mou", "Rare" = "treaty" }

[[parties]]
always = "Ministry of Labour"
kind = "ministry"
country = { always = "AZ" }

[[parties]]
column = "Partner"
known = { "Hayti" = "Haiti" }

[[events]]
kind = "ratified"
date = "Ratified"
"""
OF_PROFILE = "\r\n".join((
    "List of agreements;2021;;;",
    "Partner;Long title;Type;Date;Ratified",
    "Hayti;On health;Memorandum;2021;2022",
    "Japan;On trade;Memorandum;2020;",
)) + "\r\n"  # fmt: skip


def test_profile_that_is_looked_at_and_saved_stays_as_it_is(editor: Client) -> None:
    table = profiles.table_of(PROFILE.encode(), "ministry")
    kept = profiles.keep("ministry", table, by=None, at=timezone.now())
    upload(editor, OF_PROFILE, "list.csv")
    run = Import.objects.get()
    editor.post(address(run, "answer"), {"creates_parties": "on"})
    editor.post(address(run, "apply"), {"creates_parties": "on"})
    assert Agreement.objects.count() == 2

    upload(editor, OF_PROFILE, "list.csv")
    go_on(editor, "columns")
    go_on(editor, "values")

    run = Import.objects.latest("pk")
    assert (run.unchanged, run.created, run.changed, run.problem) == (2, 0, 0, "")
    kind = run.mapping["fields"].pop("kind")
    assert kind == {"columns": ["Type"], "values": {"Memorandum": "mou", "Rare": "treaty"}}
    table["fields"].pop("kind")
    assert run.mapping == {**table, "remembered_as": "ministry"}
    editor.post(address(run, "keep"), {"title": "Ministry"})
    kept.refresh_from_db()
    assert (kept.name, kept.title) == ("ministry", "Ministry")


def test_meanings_of_another_column_hold_for_the_same_texts_only(editor: Client) -> None:
    upload(editor, "Title,Type,Class\r\nA,X,Y\r\nB,MoU,MoU\r\n", "list.csv")
    go_on(editor, "columns", **{"target-1": "kind", "target-2": ""})
    go_on(editor, "values", **{"kind-0": "other", "kind-1": "treaty"})

    go_on(editor, "columns", **{"target-1": "", "target-2": "kind"})

    assert Import.objects.get().mapping["fields"]["kind"]["values"] == {"MoU": "other"}


def seen_in(page: str) -> str:
    found = re.search(r'name="seen" value="([^"]+)"', page)
    assert found
    return found[1]


def test_form_of_an_older_window_is_not_stored(editor: Client) -> None:
    upload(editor, "Title,Type,Class\r\nA,X,Y\r\nB,MoU,MoU\r\n", "list.csv")
    go_on(editor, "columns", **{"target-1": "kind", "target-2": ""})
    run = Import.objects.get()
    columns, values = (
        editor.get(address(run, step)).content.decode() for step in ("columns", "values")
    )
    go_on(editor, "columns", **{"target-1": "", "target-2": "kind"})
    run.refresh_from_db()
    before = run.mapping

    for step, page in (("columns", columns), ("values", values)):
        sent = {**fields_of(page), "kind-0": "treaty", "seen": seen_in(page)}
        told = editor.post(address(run, step), sent, follow=True).content.decode()
        assert "changed in another window" in told

    run.refresh_from_db()
    assert run.mapping == before


def test_only_the_preview_that_was_seen_is_imported(editor: Client) -> None:
    upload(editor, "Title,Partner\r\nA,Japan\r\n", "list.csv")
    PartyFactory(name="Japan", country="JP", state=True)
    go_on(editor, "columns")
    run = Import.objects.get()
    older = seen_in(editor.get(address(run, "change")).content.decode())
    go_on(editor, "columns", title_pattern="", **{"target-1": ""})
    run.refresh_from_db()

    told = editor.post(address(run, "apply"), {"seen": older}, follow=True).content.decode()

    assert "changed in another window" in told
    assert not Agreement.objects.exists()
    newer = seen_in(editor.get(address(run, "change")).content.decode())
    editor.post(address(run, "apply"), {"seen": newer})
    assert Agreement.objects.exists()


def test_corrections_move_with_their_sheet_and_are_forgotten_without_it(editor: Client) -> None:
    book = openpyxl.Workbook()
    for name in ("2022", "2023"):
        sheet = book.create_sheet(name)
        for row in (["Title", "Place"], [f"Health {name}", "Baku"], [f"Trade {name}", "Ganja"]):
            sheet.append(row)
    del book["Sheet"]
    content = BytesIO()
    book.save(content)
    upload(editor, content.getvalue(), "list.xlsx")
    run = Import.objects.get()
    Import.objects.update(corrections={"2": {"Place": "Sheki", "Gone": "x"}}, left_out=[3])

    def read(*sheets: str) -> str:
        sent = {"read_again": "yes", "sheets": sheets}
        page = editor.post(address(run, "columns"), sent, follow=True).content.decode()
        run.refresh_from_db()
        return page

    page = read("2022", "2023")
    assert (run.corrections, run.left_out) == ({"2": {"Place": "Sheki"}}, [3])
    assert "1 cell or row that you had corrected or left out is no longer read" in page
    assert [column["samples"] for column in run.survey["columns"]][1] == ["Baku", "Ganja"]

    page = read("2023")
    assert (run.corrections, run.left_out) == ({}, [])
    assert "2 cells or rows that you had corrected or left out are no longer read" in page

    Import.objects.update(corrections={"2": {"Place": "Sheki"}}, left_out=[3])
    page = read("2022", "2023")
    assert (run.corrections, run.left_out) == ({"2000002": {"Place": "Sheki"}}, [2_000_003])
    assert "had corrected" not in page


def test_other_encoding_asks_about_the_columns_again(editor: Client) -> None:
    content = "Название,Place\r\nЗдоровье,Баку\r\n".encode("cp1251")
    upload(editor, content, "list.csv", encoding="cp1252")
    go_on(editor, "columns", **{"target-0": "title", "target-1": "place"})
    run = Import.objects.get()
    assert run.created == 1

    editor.post(address(run, "answer"), {"encoding": "cp1251"})

    run.refresh_from_db()
    assert (run.problem, run.state, run.encoding) == ("", "uploaded", "cp1251")
    page = go_on(editor, "columns", **{"target-0": "title", "target-1": "place"})
    assert "Здоровье" in page


def test_steps_need_no_more_queries_for_more_columns_and_texts(editor: Client) -> None:
    counted = {}
    for n in (2, 60):
        AreaFactory.create_batch(n)
        rows = "".join(f"T{i},area {i},kind {i},P{i}{',x' * n}\r\n" for i in range(n))
        more = "".join(f",More {i}" for i in range(n))
        upload(editor, f"Title,Field,Type,Partner{more}\r\n{rows}", "list.csv")
        chosen = {"target-0": "title", "target-1": "areas", "target-2": "kind", "target-3": "party"}
        run = Import.objects.latest("pk")
        go_on(editor, "columns", **chosen)
        with CaptureQueriesContext(connection) as columns:
            editor.get(address(run, "columns"))
        with CaptureQueriesContext(connection) as values:
            page = editor.get(address(run, "values")).content.decode()
        assert page.count("<select") >= 2 * n
        go_on(editor, "values", **{f"kind-{i}": "mou" for i in range(n)})
        with CaptureQueriesContext(connection) as parties:
            editor.get(address(run, "parties"))
        with CaptureQueriesContext(connection) as preview:
            editor.get(address(run, "change"))
        counted[n] = [len(each) for each in (columns, values, parties, preview)]
    assert counted[60] == counted[2]


def test_only_the_first_areas_of_very_many_are_asked_about(editor: Client) -> None:
    cells = "".join(f'T{i},"a{i}; b{i}"\r\n' for i in range(150))
    upload(editor, f"Title,Field\r\n{cells}", "list.csv")
    page = go_on(editor, "columns", **{"target-0": "title", "target-1": "areas"})

    assert page.count('<select name="areas-') == 200
    go_on(editor, "values")
    assert Import.objects.get().created == 150
