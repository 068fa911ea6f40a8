"""The import's screens: upload, preview, confirmation and undoing, and who can see them."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agreements.admin import import_forms, imports
from agreements.curation.history.past import entries_of
from agreements.curation.history.recording import recorded
from agreements.curation.history.restoring import restore
from agreements.domain.permissions import StaffRole
from agreements.exchange.importing import runs, working
from agreements.exchange.importing.refusals import ImportRefusedError
from agreements.models import Agreement, Import, Party, Removal
from tests.colleagues import colleague
from tests.exchange.importing.test_applying import treaties
from tests.exchange.importing.test_foreign_files import uk_file
from tests.factories import AgreementFactory

pytestmark = pytest.mark.django_db
ADD = reverse("admin:agreements_import_add")
LIST = reverse("admin:agreements_import_changelist")


@pytest.fixture
def editor(client: Client) -> Client:
    client.force_login(colleague(StaffRole.EDITOR))
    return client


def address(run: Import, step: str) -> str:
    return reverse(f"admin:agreements_import_{step}", args=[run.pk])


def upload(client: Client, content: str | bytes, name: str = "list.csv", **more: str) -> Any:
    file = SimpleUploadedFile(name, content.encode() if isinstance(content, str) else content)
    return client.post(ADD, {"file": file, **more}, follow=True)


def page_of(client: Client, run: Import, query: str = "") -> str:
    return client.get(address(run, "change") + query).content.decode()


def test_upload_leads_to_a_preview_and_writes_no_record(editor: Client) -> None:
    AgreementFactory(ref="AGR-0001", title="Old", place="Baku", draft=True)

    response = upload(editor, "ref;title;place\r\n;New;\r\nAGR-0001;Old;Sheki\r\n")

    run = Import.objects.get()
    page = response.content.decode()
    assert response.redirect_chain == [(address(run, "change"), 302)]
    assert "Nothing has been imported yet." in page
    assert re.search(r"<del[^>]*>Baku</del>.*<ins[^>]*>Sheki</ins>", page, re.DOTALL)
    assert (run.created, run.changed, str(run.by)) == (1, 1, "editor")
    assert Agreement.objects.count() == 1


@pytest.mark.parametrize("in_memory", [True, False], ids=["kept in memory", "kept on disk"])
def test_own_workbook_is_taken_as_it_was_downloaded(
    editor: Client, settings: Any, in_memory: bool
) -> None:
    AgreementFactory(ref="AGR-0001", title="Old", place="Baku")
    book = editor.get("/agreements.xlsx").getvalue()
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = len(book) + 1 if in_memory else 1

    page = upload(editor, book, name="agreements.xlsx").content.decode()

    run = Import.objects.get()
    assert (run.unchanged, run.changed, run.refused) == (1, 0, 0)
    assert "cannot be read" not in page


def test_confirmed_import_is_written_and_linked(editor: Client) -> None:
    upload(editor, "title\r\nNew\r\n")
    run = Import.objects.get()

    page = editor.post(address(run, "apply"), follow=True).content.decode()

    new = Agreement.objects.get()
    assert new.publication == "draft"
    assert "1 record was imported. New ones are drafts." in page
    assert reverse("admin:agreements_agreement_change", args=[new.pk]) in page
    assert address(run, "undo") in page
    own = editor.get(reverse("admin:agreements_agreement_change", args=[new.pk])).content.decode()
    assert address(run, "change") in own


def test_import_that_was_confirmed_twice_is_written_once(editor: Client) -> None:
    upload(editor, "title\r\nNew\r\n")
    run = Import.objects.get()

    editor.post(address(run, "apply"))
    page = editor.post(address(run, "apply"), follow=True).content.decode()

    assert "already applied" in page
    assert Agreement.objects.count() == 1
    assert "row 2" in page


def test_refused_rows_are_explained_and_stop_the_import(editor: Client) -> None:
    page = upload(editor, "title,signed\r\nA,31.02.2020\r\nB,\r\n").content.decode()
    run = Import.objects.get()

    assert "February 2020 has 29 days" in page
    assert "Import 1 new record, without the refused rows" in page
    assert '<input type="hidden" name="is_partial" value="on">' in page
    refused = editor.post(address(run, "apply"), follow=True).content.decode()
    assert "1 row was refused, so nothing was imported" in refused
    assert not Agreement.objects.exists()


def test_options_are_looked_at_before_anything_is_written(editor: Client) -> None:
    upload(editor, "title,parties\r\nA,Atlantis\r\n")
    run = Import.objects.get()

    page = editor.post(address(run, "apply"), {"creates_parties": "on"}, follow=True)

    assert "Check the preview, then confirm." in page.content.decode()
    assert not Agreement.objects.exists()
    editor.post(address(run, "apply"), {"creates_parties": "on"})
    assert Agreement.objects.exists()


def test_encoding_is_changed_without_another_upload(editor: Client) -> None:
    page = upload(editor, "title\r\nAğrı\r\n".encode("cp1254")).content.decode()
    run = Import.objects.get()
    assert "read as Windows-1254: “Ağrı”" in page

    page = editor.post(address(run, "answer"), {"encoding": "cp1252"}, follow=True).content.decode()

    assert "Aðrý" in page
    editor.post(address(run, "apply"), {"encoding": "cp1252"})
    assert Agreement.objects.get().title == "Aðrý"


def test_encoding_sent_for_a_workbook_changes_nothing(editor: Client) -> None:
    AgreementFactory(ref="AGR-0001", title="Old")
    upload(editor, editor.get("/agreements.xlsx").getvalue(), name="agreements.xlsx")
    run = Import.objects.get()

    editor.post(address(run, "answer"), {"encoding": "cp1252"})

    assert Import.objects.get().encoding == ""


def test_preview_that_is_out_of_date_is_made_anew(editor: Client) -> None:
    agreement = AgreementFactory(ref="AGR-0001", place="Baku", draft=True)
    upload(editor, "ref,place\r\nAGR-0001,Sheki\r\n")
    Agreement.objects.update(place="Ganja")
    run = Import.objects.get()

    page = editor.post(address(run, "apply"), follow=True).content.decode()

    assert "The register has changed since the preview" in page
    assert "Ganja" in page
    agreement.refresh_from_db()
    assert agreement.place == "Ganja"


def test_undo_asks_first_and_names_what_is_in_the_way(editor: Client) -> None:
    upload(editor, "title\r\nNew\r\n")
    run = Import.objects.get()
    editor.post(address(run, "apply"))
    agreement = Agreement.objects.get()

    agreement.signatories.create(name="Somebody")
    page = editor.get(address(run, "undo")).content.decode()
    assert f'{reverse("admin:agreements_agreement_change", args=[agreement.pk])}">AGR-0001' in page
    assert "it has been edited since." in page
    editor.post(address(run, "undo"))
    assert Agreement.objects.exists()


def test_record_that_was_deleted_and_restored_goes_with_its_import(editor: Client) -> None:
    upload(editor, "ref;title;place\r\n;New;\r\n")
    run = Import.objects.get()
    editor.post(address(run, "apply"))
    with recorded():
        Agreement.objects.get().delete()
    [entry] = entries_of(Agreement, Removal.objects.get().key)
    restore(Agreement, Removal.objects.get().key, entry, by=None, at=timezone.now(), why="")

    editor.post(address(run, "undo"))

    run.refresh_from_db()
    assert run.state == "undone"
    assert not Agreement.objects.exists()


def test_undone_import_says_so(editor: Client) -> None:
    upload(editor, "title\r\nNew\r\n")
    run = Import.objects.get()
    editor.post(address(run, "apply"))

    editor.get(address(run, "undo"))
    assert Agreement.objects.exists()
    page = editor.post(address(run, "undo"), follow=True).content.decode()

    assert not Agreement.objects.exists()
    assert "1 record was removed and 0 restored" in page
    assert "Nothing from it is left in the register" in page
    assert editor.get(address(run, "undo")).status_code == 302


@pytest.mark.parametrize(
    ("content", "name", "why"),
    [
        ("", "a.csv", "The submitted file is empty"),
        (b"PK\x03\x04", "a.xlsx", "The file is damaged"),
        ("{", "a.json", "contains no list of records"),
    ],
)
def test_file_that_cannot_be_read_is_refused_with_a_sentence(
    editor: Client, content: str | bytes, name: str, why: str
) -> None:
    page = upload(editor, content, name).content.decode()

    assert why in page
    assert not Import.objects.exists()


def test_larger_file_is_sent_to_the_command(
    editor: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(working, "MOST_ROWS", 3)
    path = uk_file(tmp_path, *treaties(4))

    page = upload(editor, path.read_bytes(), "treaties.csv").content.decode()

    assert "manage.py import_agreements treaties.csv --profile uk-treaties" in page
    monkeypatch.setattr(import_forms, "MOST_BYTES", 10)
    assert "larger than 0 MB" in upload(editor, path.read_bytes(), "treaties.csv").content.decode()
    assert not Import.objects.exists()


def test_long_preview_comes_in_pages_at_few_queries(
    editor: Client, tmp_path: Path, django_assert_max_num_queries: Any
) -> None:
    upload(editor, uk_file(tmp_path, *treaties(120)).read_bytes())
    run = Import.objects.get()

    with django_assert_max_num_queries(20):
        page = page_of(editor, run, "?page=3")

    assert page.count('class="import-refused"') == 20
    assert "?page=2" in page
    assert page_of(editor, run, "?show=created").count("import-created") == 0
    assert "?show=refused&amp;page=2" in page_of(editor, run, "?show=refused")
    assert 'class="import-refused"' in page_of(editor, run, "?page=x&show=y")


def test_names_of_the_file_are_shown_as_text(editor: Client) -> None:
    page = upload(editor, "title,parties\r\n<script>x</script>,<b>y</b>\r\n").content.decode()

    assert "<script>x" not in page
    assert "&lt;b&gt;y&lt;/b&gt;" in page


def test_file_is_kept_where_no_address_leads_and_handed_out_for_saving(editor: Client) -> None:
    upload(editor, "title\r\n<script>\r\n", "<b>.csv")
    run = Import.objects.get()

    response = editor.get(address(run, "file"))

    assert b"".join(response.streaming_content) == b"title\r\n<script>\r\n"
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert Path(run.file.path).is_relative_to(settings.STORAGES["documents"]["OPTIONS"]["location"])
    assert re.fullmatch(r"imports/[0-9a-f]{32}\.csv", run.file.name)


def test_discarded_preview_leaves_neither_line_nor_file(editor: Client) -> None:
    upload(editor, "title\r\nNew\r\n")
    run = Import.objects.get()

    editor.post(address(run, "discard"))

    assert not Import.objects.exists()
    assert not Path(run.file.path).exists()


def test_applied_import_cannot_be_discarded(editor: Client) -> None:
    upload(editor, "title\r\nNew\r\n")
    run = Import.objects.get()
    editor.post(address(run, "apply"))

    editor.post(address(run, "discard"))

    assert Import.objects.exists()


def meanwhile(monkeypatch: pytest.MonkeyPatch, step: Callable[[], Any]) -> None:
    """Take this step just after the next request has read its import, before it does anything with it."""
    read = imports.ImportAdmin.run_of

    def then(self: Any, *args: Any, **kwargs: Any) -> Import:
        found = read(self, *args, **kwargs)
        monkeypatch.setattr(imports.ImportAdmin, "run_of", read)
        step()
        return found

    monkeypatch.setattr(imports.ImportAdmin, "run_of", then)


def second_window(client: Client) -> Client:
    other = Client()
    other.force_login(User.objects.get(username="editor"))
    return other


def test_import_that_is_applied_meanwhile_is_not_discarded(
    editor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(editor, "ref;title;place\r\n;New;\r\n")
    run, other = Import.objects.get(), second_window(editor)
    meanwhile(monkeypatch, lambda: other.post(address(run, "apply")))

    page = editor.post(address(run, "discard"), follow=True).content.decode()

    assert "This import is already applied. Nothing was done." in page
    assert Import.objects.get().state == "applied"
    assert Path(run.file.path).exists()
    assert Agreement.objects.get().imported_records.exists()


@pytest.mark.parametrize("step", ["apply", "answer"])
def test_preview_that_is_discarded_meanwhile_is_not_imported(
    editor: Client, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    upload(editor, "ref;title;place\r\n;New;\r\n")
    run, other = Import.objects.get(), second_window(editor)
    meanwhile(monkeypatch, lambda: other.post(address(run, "discard")))

    page = editor.post(address(run, step), follow=True).content.decode()

    assert "The preview has been discarded" in page
    assert not Agreement.objects.exists()


def test_preview_whose_line_alone_is_gone_is_not_imported(editor: Client) -> None:
    """The file is copied before the import's row is locked; in between, the preview may be discarded."""
    upload(editor, "ref;title;place\r\n;New;\r\n")
    run = Import.objects.get()
    with runs.stored_table(run) as table:
        file = runs.identified(run, table, None, timezone.now())
        runs.discard(Import.objects.get())
        with pytest.raises(ImportRefusedError, match="preview has been discarded"):
            runs.apply(run, file)


def test_list_shows_every_import_with_its_state_and_counts(editor: Client) -> None:
    upload(editor, "title\r\nNew\r\n")
    editor.post(address(Import.objects.get(), "apply"))
    upload(editor, "title\r\nOther\r\n", "second.csv")

    page = editor.get(LIST).content.decode()

    assert all(
        text in page for text in ("list.csv", "second.csv", "Applied", "Previewed", "editor")
    )


def test_reader_looks_at_imports_and_does_nothing_about_them(client: Client) -> None:
    client.force_login(colleague(StaffRole.EDITOR))
    upload(client, "title\r\nNew\r\n")
    run = Import.objects.get()
    client.force_login(colleague(StaffRole.READER))

    assert "list.csv" in client.get(LIST).content.decode()
    page = page_of(client, run)
    assert "Nothing has been imported yet." in page
    assert "You can view imports." in page
    assert 'type="submit" class="default"' not in page
    file = client.get(address(run, "file"))
    assert b"".join(file.streaming_content) == b"title\r\nNew\r\n"
    assert reverse("admin:agreements_import_changelist") in client.get("/admin/").content.decode()

    refused = [
        client.get(ADD),
        *(client.post(address(run, step)) for step in ("apply", "answer", "discard", "undo")),
        client.get(address(run, "undo")),
    ]
    assert [response.status_code for response in refused] == [403] * 6
    assert Import.objects.get().state == "previewed"
    assert not Agreement.objects.exists()


@pytest.mark.parametrize("role", [None, "no role"])
def test_those_who_may_not_see_records_see_nothing_of_it(client: Client, role: str | None) -> None:
    run = Import.objects.create(
        file_name="secret.csv", profile="register", uploaded_at="2026-01-01T00:00Z"
    )
    if role:
        client.force_login(User.objects.create_user("newcomer", is_staff=True))

    addresses = [
        ADD,
        LIST,
        *(address(run, s) for s in ("change", "apply", "answer", "discard", "undo", "file")),
    ]
    for path in addresses:
        for response in (client.get(path), client.post(path)):
            assert response.status_code in ((403,) if role else (302,)), path
            assert b"secret" not in response.content


def test_steps_that_write_want_a_post(editor: Client) -> None:
    upload(editor, "title\r\nNew\r\n")
    run = Import.objects.get()

    for step in ("apply", "answer", "discard"):
        assert editor.get(address(run, step)).status_code == 403
    assert Import.objects.exists()
    assert not Agreement.objects.exists()


def test_import_that_is_not_there_is_said_to_be_missing(editor: Client) -> None:
    response = editor.get(reverse("admin:agreements_import_change", args=["9" * 30]), follow=True)

    assert "doesn’t exist" in response.content.decode()


def test_new_parties_are_made_for_those_who_may(editor: Client) -> None:
    upload(editor, "title,parties\r\nA,Atlantis\r\n")
    run = Import.objects.get()

    editor.post(address(run, "answer"), {"creates_parties": "on"})
    page = page_of(editor, run)
    assert "1 new party" in page
    assert "Atlantis (Other)" in page
    editor.post(address(run, "apply"), {"creates_parties": "on"})

    assert Party.objects.get().name == "Atlantis"
