"""The role that serves the register can do everything it needs to, and nothing that only `migrate` does.

Each test makes the roles of deploy/roles.sql within its own transaction, which is rolled back.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import ProgrammingError, connection, transaction
from django.test import Client
from psycopg.errors import InsufficientPrivilege

from agreements.domain.permissions import StaffRole
from agreements.models import Agreement, Area
from tests.colleagues import PASSWORD, colleague
from tests.exchange.importing.files import imported
from tests.exchange.importing.test_applying import treaties
from tests.exchange.importing.test_foreign_files import uk_file
from tests.factories import AgreementFactory
from tests.forms import filled_in

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db]


@pytest.fixture
def roles(db: None, project_root: Path) -> None:
    """The roles, in a database whose tables exist."""
    with connection.cursor() as cursor:
        cursor.execute((project_root / "deploy" / "roles.sql").read_text())


@contextmanager
def acting_as(role: str) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {role}")
        yield
        cursor.execute("RESET ROLE")


def is_refused(statement: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    except ProgrammingError as error:
        return isinstance(error.__cause__, InsufficientPrivilege)
    return False


def test_staff_work_and_visitors_read_under_the_serving_role(
    roles: None, client: Client, tmp_path: Path
) -> None:
    colleague(StaffRole.PUBLISHER, username="clerk", password=PASSWORD)
    agreement = AgreementFactory(title="On labour")

    with acting_as("register"):
        client.post("/admin/login/", {"username": "clerk", "password": PASSWORD})
        page = f"/admin/agreements/agreement/{agreement.pk}/change/"
        form = filled_in(client.get(page), "edit_token")
        form |= {"title": "On work and labour", "why": "A better title"}
        saved = client.post(page, form)
        run = imported(uk_file(tmp_path, *treaties(3)), creates_parties=True)
        found = Client().get("/agreements/?q=work")
        for command in ("rebuild_search", "send_reminders", "clearsessions", "verify"):
            call_command(command, stdout=StringIO())

    agreement.refresh_from_db()
    assert saved.status_code == 302
    assert agreement.title == "On work and labour"
    assert run.created == 3
    assert agreement.ref in found.content.decode()


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE more (id int)",
        "ALTER TABLE agreements_agreement ADD COLUMN more int",
        "DROP TABLE agreements_follow",
        "TRUNCATE agreements_agreement CASCADE",
        "ALTER TABLE agreements_agreement DISABLE TRIGGER USER",
        "CREATE TRIGGER more AFTER INSERT ON agreements_area EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        "SET session_replication_role = replica",
        "CREATE ROLE more",
        "DELETE FROM django_migrations",
        "UPDATE auth_permission SET codename = codename",
        "SELECT * FROM pg_authid",
    ],
)
def test_serving_role_is_refused(roles: None, statement: str) -> None:
    with acting_as("register"):
        assert is_refused(statement)


def test_serving_role_uses_what_the_owner_creates_later(roles: None) -> None:
    with acting_as("register_owner"), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE later (id serial PRIMARY KEY, name text)")

    with acting_as("register"), connection.cursor() as cursor:
        cursor.execute("INSERT INTO later (name) VALUES ('a') RETURNING id")
        assert cursor.fetchone() == (1,)
        assert is_refused("TRUNCATE later")
        assert is_refused("DROP TABLE later")


def test_roles_may_be_made_again(roles: None, project_root: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute((project_root / "deploy" / "roles.sql").read_text())
        cursor.execute(
            "SELECT bool_or(rolsuper OR rolcreaterole) FROM pg_roles WHERE rolname LIKE 'register%'"
        )
        assert cursor.fetchone() == (False,)
    assert Agreement.objects.count() == Area.objects.count() == 0


def _make_role(name: str) -> None:
    """Another database of this server may have it already."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM pg_roles WHERE rolname = %s", [name])
        if not cursor.fetchone():
            cursor.execute(f"CREATE ROLE {name} LOGIN")


@pytest.fixture
def owned_by_the_serving_role(db: None) -> None:
    """The database as the guide creates it: everything in it belongs to `register`, and so does the database itself."""
    _make_role("register")
    _give_to_register(connection.settings_dict["NAME"])
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'ALTER TABLE "{table}" OWNER TO register')


def _give_to_register(database: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f'ALTER DATABASE "{database}" OWNER TO register')


def owner_of(database: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT datdba::regrole::text FROM pg_database WHERE datname = %s", [database]
        )
        return str(cursor.fetchone()[0])


def test_what_the_serving_role_owned_passes_to_the_owner(
    owned_by_the_serving_role: None, project_root: Path
) -> None:
    with connection.cursor() as cursor:
        cursor.execute((project_root / "deploy" / "roles.sql").read_text())

    with acting_as("register_owner"), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE agreements_area ADD COLUMN more int")
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('more', '1', now())"
        )
    with acting_as("register"):
        Area.objects.create(name="Labour", slug="labour")
        assert is_refused("DELETE FROM django_migrations")
        assert is_refused("ALTER TABLE agreements_area DROP COLUMN more")


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE more (id int)",
        "CREATE SCHEMA more",
        "DROP SCHEMA public CASCADE",
        "DROP TABLE django_migrations",
        "ALTER TABLE agreements_agreement DISABLE TRIGGER USER",
    ],
)
def test_serving_role_that_owned_the_database_is_refused(
    owned_by_the_serving_role: None, project_root: Path, statement: str
) -> None:
    with acting_as("register"):
        assert not is_refused("CREATE TABLE before (id int)")

    with connection.cursor() as cursor:
        cursor.execute((project_root / "deploy" / "roles.sql").read_text())

    assert owner_of(connection.settings_dict["NAME"]) == "register_owner"
    with acting_as("register"):
        assert is_refused(statement)


def test_other_databases_of_the_serving_role_remain_its_own(
    owned_by_the_serving_role: None, project_root: Path
) -> None:
    _give_to_register("template1")

    with connection.cursor() as cursor:
        cursor.execute((project_root / "deploy" / "roles.sql").read_text())

    assert owner_of("template1") == "register"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("ALTER ROLE register SUPERUSER", "is a superuser"),
        ("GRANT register_owner TO register", "is a member of register_owner"),
    ],
    ids=["superuser", "member of the owner"],
)
def test_serving_role_that_nothing_can_be_denied_is_named(
    db: None, project_root: Path, change: str, why: str
) -> None:
    _make_role("register")
    _make_role("register_owner")
    with connection.cursor() as cursor:
        cursor.execute(change)
        with pytest.raises(ProgrammingError, match=f"register {why}"), transaction.atomic():
            cursor.execute((project_root / "deploy" / "roles.sql").read_text())
