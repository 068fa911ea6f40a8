"""Migrations may rebuild every table that triggers watch, in a new or old database or after a failed migration."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.test import Client

from agreements.counting.register_version import are_missing, current, touched_since
from agreements.models import Agreement
from agreements.web.views.health import _shipped_migrations
from tests.factories import AgreementFactory, ParticipationFactory

PLACE = Agreement._meta.get_field("place").clone()
PLACE.max_length += 1
# Columns of the first release that are there no longer, with the SQL for their values now.
REPLACED = {"term_months": "term", "notice_days": "-notice"}
# SQLite rebuilds the table for each of these.
REBUILDING = (
    migrations.AlterField("agreement", "place", PLACE),
    migrations.AddField("agreement", "probe", models.BooleanField(db_default=False)),
    migrations.AddField("party", "probe", models.BooleanField(db_default=False)),
    migrations.AddField("searchentry", "probe", models.BooleanField(db_default=False)),
)


@pytest.fixture
def empty_database(transactional_db: None, tmp_path: Path) -> Iterator[None]:
    """A database without tables, which everything reads and writes until the test ends."""
    with _another_database(tmp_path, is_empty=True):
        yield


@pytest.fixture
def migrated_database(transactional_db: None, tmp_path: Path) -> Iterator[None]:
    """The same with all tables but no records."""
    with _another_database(tmp_path, is_empty=False):
        yield


@contextmanager
def _another_database(tmp_path: Path, *, is_empty: bool) -> Iterator[None]:
    usual = connection.settings_dict["NAME"]
    if connection.vendor == "postgresql":
        ours = f"{usual}_other"
        # a database can only be copied while nobody is connected to it
        _connect_to("postgres")
        copied = "template1" if is_empty else usual
        _execute(
            f'DROP DATABASE IF EXISTS "{ours}"', f'CREATE DATABASE "{ours}" TEMPLATE "{copied}"'
        )
    else:
        ours = str(tmp_path / "other.sqlite3")
        if not is_empty:
            _execute(f"VACUUM INTO '{ours}'")
    _connect_to(ours)
    yield
    _connect_to(usual)
    if connection.vendor == "postgresql":
        _execute(f'DROP DATABASE "{ours}"')


def _connect_to(name: str) -> None:
    connection.close()
    if connection.vendor == "postgresql":
        connection.close_pool()
    connection.settings_dict["NAME"] = name
    # this also leaves a transaction that a failed migration left open
    connection.connect()
    ContentType.objects.clear_cache()


def _execute(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@pytest.fixture
def release(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """A function that adds a migration with these operations, as the next release would; without any, it removes it."""
    load_ours = MigrationLoader.load_disk

    def release(*operations: Any) -> None:
        def load_disk(loader: MigrationLoader) -> None:
            load_ours(loader)
            ours = {key for key in loader.disk_migrations if key[0] == "agreements"}
            known = loader.disk_migrations.values()
            [last] = ours - {key for migration in known for key in migration.dependencies}
            probe = migrations.Migration("9999_probe", "agreements")
            probe.dependencies = [last]
            probe.operations = list(operations)
            loader.disk_migrations["agreements", probe.name] = probe

        monkeypatch.setattr(MigrationLoader, "load_disk", load_disk if operations else load_ours)
        _shipped_migrations.cache_clear()

    yield release
    _shipped_migrations.cache_clear()


def run_migrate(*target: str) -> None:
    call_command("migrate", *target, verbosity=0)


def assert_changes_are_noted(client: Client) -> None:
    agreement = AgreementFactory(title="Fisheries")
    assert agreement in Agreement.objects.containing("fisheries")
    before = current()
    agreement.title = "Fisheries and ports"
    agreement.save()
    assert touched_since(before, current()) == {agreement.pk}
    party = ParticipationFactory(agreement=agreement).party
    party.name, before = "Renamed", current()
    party.save()
    assert current() != before
    assert client.get("/healthz").status_code == 200


@pytest.mark.usefixtures("empty_database")
def test_a_new_database_goes_through_a_migration_that_rebuilds_what_is_watched(release, client):
    release(*REBUILDING)

    run_migrate()

    assert_changes_are_noted(client)


@pytest.mark.usefixtures("migrated_database")
def test_what_a_migration_writes_after_a_rebuild_is_found(release, client):
    AgreementFactory(title="Ports")

    def rename(apps: Any, schema_editor: Any) -> None:
        apps.get_model("agreements", "SearchEntry").objects.update(title="harbours")

    release(*REBUILDING, migrations.RunPython(rename))
    run_migrate()

    assert Agreement.objects.containing("harbours").count() == 1
    assert not Agreement.objects.containing("ports").exists()
    assert_changes_are_noted(client)


@pytest.mark.usefixtures("migrated_database")
@pytest.mark.sqlite  # PostgreSQL has generated columns instead
def test_a_missing_trigger_of_the_search_is_told_and_made_good(client):
    _execute("DROP TRIGGER agreements_searchentry_added")
    agreement, before = AgreementFactory(title="Ports"), current()
    assert client.get("/healthz").status_code == 503

    run_migrate()

    assert agreement in Agreement.objects.containing("ports")
    assert current() != before
    assert_changes_are_noted(client)


@pytest.mark.usefixtures("migrated_database")
def test_going_back_takes_them_along_and_lets_agreements_be_written(release, client):
    release(*REBUILDING)
    run_migrate()
    AgreementFactory()

    run_migrate("agreements", "0013")

    Agreement.objects.update(place="Baku")
    run_migrate()
    assert_changes_are_noted(client)


@pytest.mark.usefixtures("empty_database")
def test_a_migration_that_failed_is_told_and_made_good_by_either_release(release, client):
    def fail(apps: Any, schema_editor: Any) -> None:
        raise LookupError

    for is_new in (True, False):
        release(*REBUILDING, migrations.RunPython(fail))
        with pytest.raises(LookupError):
            run_migrate()
        assert client.get("/healthz").status_code == 503

        # the release before
        release()
        assert are_missing(connection) is (is_new or connection.vendor == "sqlite")
        run_migrate()
        assert_changes_are_noted(client)

    release(*REBUILDING)
    run_migrate()
    assert_changes_are_noted(client)


@pytest.mark.usefixtures("empty_database")
@pytest.mark.parametrize("stops", [[], ["0014"]], ids=["at once", "by way of the first triggers"])
def test_an_old_database_keeps_its_rows_from_the_first_migration_to_the_last(
    stops, release, client
):
    run_migrate("agreements", "0001_initial")
    _fill(MigrationLoader(connection).project_state(("agreements", "0001_initial")).apps)
    before = _rows()
    for name in stops:
        run_migrate("agreements", name)
        # those of tables that later migrations create cannot be there yet
        assert _are_noted("agreements_agreement")
    release(*REBUILDING)

    run_migrate()

    assert _rows(before) == before
    assert Agreement.objects.containing("baki").get().ref == "AGR-0001"
    assert_changes_are_noted(client)


def _are_noted(table: str) -> bool:
    """Whether there is a trigger that notes changes of this table."""
    catalogue = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
    }
    with connection.cursor() as cursor:
        cursor.execute(catalogue[connection.vendor])
        return any(name.startswith(f"revision_{table}") for (name,) in cursor.fetchall())


def _fill(apps: Any) -> None:
    """Write a row or two into each of the main tables of the first release."""

    def make(model: str, **facts: Any) -> Any:
        return apps.get_model("agreements", model).objects.create(**facts)

    # historical models have no custom methods
    apps.get_model("agreements", "Agreement").end_of_term = lambda agreement: agreement.expires
    area = make("Area", slug="transport", name="Transport")
    make("Area", slug="rail", name="Rail", parent=area)
    state = make("Party", slug="azerbaijan", name="Azerbaijan", kind="state", country="AZ")
    body = make("Party", slug="port", name="Port of Baku", parent=state, country="AZ")
    make("PartyName", party=body, name="Bakı Limanı", language="az")
    draft = make("Agreement", ref="AGR-0002", title="A draft")
    agreement = make(
        "Agreement",
        ref="AGR-0001",
        title="On ports",
        signed="2023-08",
        in_force="2023-08-28",
        expires="2026-08-28",
        term_kind="fixed",
        term_months=36,
        notice_days=90,
        publication="published",
        internal_notes="Seen by staff",
    )
    agreement.areas.add(area)
    source = make("Source", slug="azernews", publisher="Azernews", url="https://a.example/1")
    own = {"agreement": agreement}
    make("Participation", party=body, **own)
    make("Signatory", name="A. Person", party=body, signed="2023-08-02", **own)
    make("Event", kind="discussed", date="2022", source=source, **own)
    make("Evidence", fact="signed", source=source, locator="paragraph 9", **own)
    make("Relation", kind="implements", target=draft, **own)
    make("Commitment", text="To meet", due="2024-03", party=body, **own)
    make("Document", kind="signed_text", title="Text", address="https://a.example/2", **own)
    make("ReferenceCounter", last=2)


def _rows(of: dict[tuple[str, ...], list[Any]] | None = None) -> dict[tuple[str, ...], list[Any]]:
    """Return the rows of all our tables, by table and columns; only the columns `of` an earlier result, if given.

    A column that is there no longer is given as what replaced it.
    """
    with connection.cursor() as cursor:

        def ask(query: str) -> list[Any]:
            cursor.execute(query)
            return cursor.fetchall()

        now = {} if of is None else REPLACED
        if of is None:
            introspection = connection.introspection
            of = {
                (
                    table,
                    *(column.name for column in introspection.get_table_description(cursor, table)),
                ): []
                for table in introspection.table_names(cursor)
                if table.startswith("agreements_")
            }
        return {
            (table, *columns): ask(
                f"SELECT {', '.join(now.get(column, column) for column in columns)} FROM {table} ORDER BY id"
            )
            for table, *columns in of
        }
