"""A separate process reads and imports uploaded files: with limits, and either completely or not at all."""

import signal
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agreements.domain.choices import ImportState, ImportWork
from agreements.domain.permissions import StaffRole
from agreements.exchange.importing import runs, working
from agreements.exchange.importing.refusals import ImportRefusedError
from agreements.models import Agreement, Import
from tests.colleagues import colleague
from tests.database_urls import database_url

AT = timezone.now()


def uploaded(content: str = "title\r\nNew\r\n") -> Import:
    file = ContentFile(content.encode(), name="list.csv")
    by = User.objects.filter(username="editor").first() or colleague(StaffRole.EDITOR)
    return runs.stored(file, profile="", encoding="", by=by, at=AT)


def page_of(client: Client, run: Import) -> str:
    return client.get(reverse("admin:agreements_import_change", args=[run.pk])).content.decode()


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes that have not done anything yet."""
    monkeypatch.setattr(working, "begin", lambda run, by: None)


@pytest.mark.django_db
def test_page_shows_what_is_being_done_until_there_is_a_result(client: Client, slow: None) -> None:
    run = uploaded()
    client.force_login(run.by)
    working.start(run, ImportWork.PREVIEW, by=run.by, at=timezone.now())

    page = page_of(client, run)
    assert "The file is being read." in page
    assert '<a href="">Check again</a>' in page
    Import.objects.update(rows=7)
    assert "7 rows are being checked." in page_of(client, run)

    working.carry_out(run.pk, run.by.pk)
    page = page_of(client, run)
    assert "Nothing has been imported yet." in page
    assert "Check again" not in page


@pytest.mark.django_db
def test_two_processes_never_work_on_one_import(slow: None) -> None:
    run = uploaded()
    working.start(run, ImportWork.PREVIEW, by=run.by, at=AT)

    with pytest.raises(ImportRefusedError, match="is already being processed"):
        working.start(run, ImportWork.PREVIEW, by=run.by, at=AT)


@pytest.mark.django_db
def test_process_that_never_came_back_is_given_up_and_can_be_tried_again(
    client: Client, slow: None
) -> None:
    run = uploaded()
    client.force_login(run.by)
    working.start(run, ImportWork.PREVIEW, by=run.by, at=timezone.now() - timedelta(seconds=100))
    assert "The file is being read." in page_of(client, run)
    Import.objects.update(work_began_at=timezone.now() - timedelta(seconds=working.SECONDS + 20))

    page = page_of(client, run)

    assert "The import was interrupted, so nothing was imported. Try again." in page
    assert reverse("admin:agreements_import_discard", args=[run.pk]) in page
    run.refresh_from_db()
    working.start(run, ImportWork.PREVIEW, by=run.by, at=timezone.now())
    assert run.work == ImportWork.PREVIEW


@pytest.mark.django_db
def test_file_refused_after_a_while_says_why_and_is_discarded_at_a_click(
    client: Client, slow: None
) -> None:
    run = uploaded("title,title\r\n1,2\r\n")
    client.force_login(run.by)
    working.start(run, ImportWork.PREVIEW, by=run.by, at=timezone.now())
    working.carry_out(run.pk, run.by.pk)

    assert "Two columns are named" in page_of(client, run)
    client.post(reverse("admin:agreements_import_discard", args=[run.pk]))

    assert not Import.objects.exists()
    assert not Path(run.file.path).exists()


@pytest.mark.django_db
def test_import_discarded_before_its_process_begins_is_left_alone(slow: None) -> None:
    run = uploaded()
    working.start(run, ImportWork.PREVIEW, by=run.by, at=AT)
    runs.discard(run)

    working.carry_out(run.pk or 0, User.objects.get().pk)

    assert not Import.objects.exists()


# Real processes. Each test forks, so the database must be one that other processes see.


def in_a_fork(monkeypatch: pytest.MonkeyPatch, work: Any, run: Import) -> Import:
    """Supervise this function instead of the import."""
    monkeypatch.setattr(working, "carry_out", work)
    Import.objects.filter(pk=run.pk).update(work=ImportWork.PREVIEW, work_began_at=AT)
    working.supervise(run.pk, run.by.pk)
    run.refresh_from_db()
    return run


def endless(run: int, by: int) -> None:
    while True:
        pass


def boundless(run: int, by: int) -> None:
    held = [bytearray(1 << 24) for _n in range(10_000)]
    assert held


def killed_while_it_writes(run: int, by: int) -> None:
    def apply(*args: object, **how: object) -> None:
        signal.raise_signal(signal.SIGKILL)

    runs.look = apply  # type: ignore[assignment]
    working_carry_out(run, by)


def broken(run: int, by: int) -> None:
    raise LookupError("a mistake in the program")


working_carry_out = working.carry_out


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("work", "why"),
    [
        pytest.param(endless, "minutes or 64 MB", id="too much time"),
        pytest.param(boundless, "minutes or 64 MB", id="too much memory"),
        pytest.param(killed_while_it_writes, "needs more than", id="killed"),
        pytest.param(broken, "An error in the program", id="mistake"),
    ],
)
def test_process_that_is_ended_leaves_a_sentence_and_no_record(
    monkeypatch: pytest.MonkeyPatch, work: Any, why: str, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(working, "CPU_SECONDS", 1)
    monkeypatch.setattr(working, "MEGABYTES", 64)
    run = in_a_fork(monkeypatch, work, uploaded())

    assert why in run.problem
    assert (run.work, run.state) == ("", ImportState.UPLOADED)
    assert not run.records.exists()
    assert not Agreement.objects.exists()


@pytest.mark.own_process
@pytest.mark.django_db(transaction=True)
def test_file_is_read_and_imported_by_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    database = settings_of_the_database()
    for name, value in database.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(working, "_SECONDS_TO_WAIT", 60)
    run = uploaded()

    working.start(run, ImportWork.PREVIEW, by=run.by, at=AT)
    assert (run.state, run.created, run.problem) == (ImportState.PREVIEWED, 1, "")
    working.start(run, ImportWork.APPLY, by=run.by, at=AT)

    assert run.state == ImportState.APPLIED
    assert Agreement.objects.get().title == "New"


def settings_of_the_database() -> dict[str, str]:
    """The environment in which another process uses the database and files of this test."""
    return {
        "DATABASE_URL": database_url(),
        "DOCUMENTS_ROOT": str(settings.STORAGES["documents"]["OPTIONS"]["location"]),
        "DJANGO_SETTINGS_MODULE": "mou_tracker.settings",
    }
