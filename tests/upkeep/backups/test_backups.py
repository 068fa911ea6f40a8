"""A backup taken while people save, restored elsewhere and into the other database, is the register it was taken of."""

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction
from django.utils import timezone

from agreements.models import Agreement, Document
from agreements.upkeep.backups import BackupError, back_up
from agreements.upkeep.backups.manifest import tables
from tests import office
from tests.database_urls import database_url
from tests.document_store import store_documents_in
from tests.factories import AgreementFactory, PartyFactory

ROOT = Path(__file__).resolve().parents[3]
PDF = office.PDF

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def documents_root(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A document store of this test's own."""
    return store_documents_in(tmp_path / "documents", settings, monkeypatch)


@pytest.fixture
def register(documents_root: Path) -> Agreement:
    call_command("seed", verbosity=0)
    agreement = AgreementFactory(
        title="Порты и əlaqələr", funding_amount="1000.50", funding_currency="AZN"
    )
    document = Document(
        agreement=agreement, kind="signed_text", title="Text", file=ContentFile(PDF, "signed.pdf")
    )
    document.full_clean()
    document.save()
    return agreement


@pytest.fixture
def elsewhere(tmp_path: Path) -> dict[str, str]:
    """The environment of a new machine with an empty SQLite database."""
    return {
        **{
            k: v
            for k, v in os.environ.items()
            if k not in {"DATABASE_URL", "DJANGO_SETTINGS_MODULE"}
        },
        "DATABASE_URL": f"sqlite:///{tmp_path}/elsewhere.sqlite3",
        "DOCUMENTS_ROOT": str(tmp_path / "elsewhere"),
    }


@pytest.fixture
def empty_postgresql(elsewhere: dict[str, str]) -> Iterator[dict[str, str]]:
    """The same with an empty PostgreSQL database, next to the one that the tests use."""
    ours = f"{connection.settings_dict['NAME']}_restored"
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{ours}"')
        cursor.execute(f'CREATE DATABASE "{ours}"')
    yield {**elsewhere, "DATABASE_URL": database_url(ours)}
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE "{ours}" WITH (FORCE)')


def manage(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def content(database: str = "default") -> dict[str, list[str]]:
    """Every row of the register, as text that both databases agree on."""
    return {
        model._meta.db_table: sorted(
            json.dumps([field.value_to_string(row) for field in model._meta.concrete_fields])
            for row in model._base_manager.using(database)
        )
        for model in tables()
        if model._meta.app_label in {"agreements", "reversion"}
        and model._meta.db_table not in {"agreements_revisionshard", "agreements_touchedagreement"}
    }


def content_elsewhere(environment: dict[str, str]) -> dict[str, list[str]]:
    script = (
        "import django; django.setup()\n"
        "import json, sys\n"
        "from tests.upkeep.backups.test_backups import content\n"
        "json.dump(content(), sys.stdout)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT, env={**environment, "DJANGO_SETTINGS_MODULE": "mou_tracker.settings"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return json.loads(done.stdout)


def test_restored_elsewhere_it_is_the_same(
    register: Agreement,
    tmp_path: Path,
    elsewhere: dict[str, str],
    documents_root: Path,
    request: Any,
) -> None:
    if connection.vendor == "postgresql":
        elsewhere = request.getfixturevalue("empty_postgresql")
    before = content()
    call_command("backup", tmp_path / "backup")

    done = manage(elsewhere, "restore", str(tmp_path / "backup"))

    assert done.returncode == 0, done.stderr
    assert "Restored and verified: 10 agreements" in done.stdout
    assert content_elsewhere(elsewhere) == before
    [file] = [path for path in Path(elsewhere["DOCUMENTS_ROOT"]).rglob("*") if path.is_file()]
    assert file.read_bytes() == PDF
    assert file.stat().st_mode & 0o077 == 0


@pytest.mark.postgresql
def test_a_backup_of_sqlite_becomes_a_register_on_postgresql(
    tmp_path: Path, elsewhere: dict[str, str], empty_postgresql: dict[str, str]
) -> None:
    for command in ("migrate", "seed", "rebuild_search"):
        assert manage(elsewhere, command).returncode == 0
    before = content_elsewhere(elsewhere)
    assert manage(elsewhere, "backup", str(tmp_path / "backup")).returncode == 0
    shutil.rmtree(elsewhere["DOCUMENTS_ROOT"], ignore_errors=True)

    done = manage(empty_postgresql, "restore", str(tmp_path / "backup"))

    assert done.returncode == 0, done.stderr
    assert content_elsewhere(empty_postgresql) == before
    # the next record gets a key of its own
    added = manage(
        empty_postgresql,
        "shell", "--no-imports", "-c",
        "from agreements.models import Party; print(Party.objects.create(name='New', kind='state').pk)",
    )  # fmt: skip
    assert added.returncode == 0, added.stderr


def test_taken_while_people_save_it_is_of_one_moment(
    register: Agreement, tmp_path: Path, elsewhere: dict[str, str], request: Any
) -> None:
    if connection.vendor == "postgresql":
        elsewhere = request.getfixturevalue("empty_postgresql")
    started, stopped, failed = threading.Event(), threading.Event(), []

    def save_on() -> None:
        try:
            while not stopped.wait(0.01):
                with transaction.atomic():
                    AgreementFactory(parties=[PartyFactory(), PartyFactory()])
                started.set()
        except Exception as error:  # noqa: BLE001 - whatever it is, the test must see it
            failed.append(error)
        finally:
            connections.close_all()

    writer = threading.Thread(target=save_on)
    writer.start()
    try:
        assert started.wait(10)
        manifest = back_up(tmp_path / "backup", at=timezone.now())
    finally:
        stopped.set()
        writer.join()

    assert not failed
    restored = manage(elsewhere, "restore", str(tmp_path / "backup"))
    assert restored.returncode == 0, restored.stderr
    then, now = content_elsewhere(elsewhere), content()
    # every row is as it is here, and each agreement came with both its parties
    for table in ("agreements_agreement", "agreements_party", "agreements_participation"):
        assert set(then[table]) <= set(now[table])
        assert len(then[table]) == manifest.rows[table] < len(now[table])
    added = manifest.rows["agreements_agreement"] - 10
    seeded = len(now["agreements_participation"]) - 2 * (len(now["agreements_agreement"]) - 10)
    assert manifest.rows["agreements_participation"] == seeded + 2 * added


def test_a_changed_file_of_a_backup_is_named_and_nothing_is_restored(
    register: Agreement, tmp_path: Path, elsewhere: dict[str, str]
) -> None:
    back_up(tmp_path / "backup", at=timezone.now())
    [file] = [path for path in (tmp_path / "backup" / "documents").rglob("*") if path.is_file()]
    file.write_bytes(b"other")

    done = manage(elsewhere, "restore", str(tmp_path / "backup"))

    assert done.returncode == 1
    assert (
        f"documents/{file.relative_to(tmp_path / 'backup' / 'documents')} has changed"
        in done.stderr
    )
    assert not Path(elsewhere["DOCUMENTS_ROOT"]).exists()


def test_an_interrupted_backup_is_not_taken_for_one(
    register: Agreement, tmp_path: Path, monkeypatch: Any
) -> None:
    def full(*args: Any, **kwargs: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", full)

    with pytest.raises(BackupError, match="No space left"):
        back_up(tmp_path / "backup", at=timezone.now())

    assert not list(tmp_path.glob("backup*"))


def test_a_file_that_vanishes_while_it_is_copied_stops_nothing(
    register: Agreement, tmp_path: Path, monkeypatch: Any
) -> None:
    copy = shutil.copyfile

    def vanished(source: Path, *args: Any, **kwargs: Any) -> Any:
        source.unlink()
        return copy(source, *args, **kwargs)

    monkeypatch.setattr(shutil, "copyfile", vanished)

    manifest = back_up(tmp_path / "backup", at=timezone.now())

    assert not [name for name in manifest.files if name.startswith("documents/")]


@pytest.mark.postgresql
def test_a_backup_of_another_release_is_not_moved_to_another_database(
    tmp_path: Path, elsewhere: dict[str, str], empty_postgresql: dict[str, str]
) -> None:
    """The new release takes a backup before it has migrated, so some of its tables do not exist yet."""
    assert manage(elsewhere, "migrate", "agreements", "0018").returncode == 0
    assert manage(elsewhere, "backup", str(tmp_path / "backup")).returncode == 0
    shutil.rmtree(elsewhere["DOCUMENTS_ROOT"], ignore_errors=True)

    for _attempt in range(2):
        done = manage(empty_postgresql, "restore", str(tmp_path / "backup"))
        assert "The backup is of another release" in done.stderr


def test_refuses_to_overwrite(register: Agreement, tmp_path: Path) -> None:
    back_up(tmp_path / "backup", at=timezone.now())

    with pytest.raises(CommandError, match="exists already"):
        call_command("backup", tmp_path / "backup")
    with pytest.raises(CommandError, match=r"not empty.*Nothing was restored"):
        call_command("restore", tmp_path / "backup")


@pytest.mark.postgresql
def test_a_restore_that_fails_says_why_and_leaves_nothing(
    register: Agreement, tmp_path: Path, empty_postgresql: dict[str, str]
) -> None:
    """PostgreSQL's programs name the error first; then comes the statement, which may end in "END $$;"."""
    back_up(tmp_path / "backup", at=timezone.now())
    with psycopg.connect(empty_postgresql["DATABASE_URL"]) as empty:
        empty.execute("DROP SCHEMA public")

    done = manage(empty_postgresql, "restore", str(tmp_path / "backup"))

    assert done.returncode == 1
    assert (
        'pg_restore failed: could not execute query: ERROR:  schema "public" does not exist. Nothing was restored.'
        in done.stderr
    )
    assert not any(Path(empty_postgresql["DOCUMENTS_ROOT"]).rglob("*"))


def test_says_how_many_files_were_uploaded(
    register: Agreement, documents_root: Path, tmp_path: Path, capsys: Any
) -> None:
    call_command("backup", tmp_path / "one")
    shutil.rmtree(documents_root)
    call_command("backup", tmp_path / "none")

    one, none = capsys.readouterr().out.splitlines()
    assert one.startswith(
        f"Backed up into {tmp_path / 'one'}. Agreements: 10, rows of all tables: "
    )
    assert one.endswith(", uploaded files: 1.")
    assert none.endswith(", uploaded files: 0.")


def test_refuses_a_folder_without_a_manifest(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="not a complete backup"):
        call_command("restore", tmp_path)


def test_verify_names_what_is_wrong(register: Agreement, documents_root: Path, capsys: Any) -> None:
    call_command("verify")
    assert capsys.readouterr().out == "The register is whole.\n"
    [file] = [path for path in documents_root.rglob("*") if path.is_file()]
    file.write_bytes(b"other")
    Agreement.objects.filter(pk=register.pk).update(title="Changed by SQL")

    with pytest.raises(CommandError, match="Findings: 3"):
        call_command("verify")

    said = capsys.readouterr().out
    assert "Search entries out of date: 1" in said
    assert "Rows whose spellings or sort keys are out of date: 1" in said
    assert f"{file.relative_to(documents_root)} has changed since it was uploaded" in said


def test_verify_compares_with_a_backup(register: Agreement, tmp_path: Path, capsys: Any) -> None:
    back_up(tmp_path / "backup", at=timezone.now())
    AgreementFactory()

    with pytest.raises(CommandError):
        call_command("verify", backup=tmp_path / "backup")

    assert "agreements_agreement has 11 rows; the backup has 10." in capsys.readouterr().out


def test_only_its_owner_can_read_it(register: Agreement, tmp_path: Path) -> None:
    back_up(tmp_path / "backup", at=timezone.now())

    assert all(
        path.stat().st_mode & 0o077 == 0
        for path in (tmp_path / "backup", *(tmp_path / "backup").rglob("*"))
    )
