"""manage.py staff_login: the first login to a register on your own machine."""

import stat
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def var_dir(settings: Settings, tmp_path: Path) -> Path:
    settings.VAR_DIR = tmp_path
    return tmp_path


def run() -> str:
    output = StringIO()
    call_command("staff_login", stdout=output)
    return output.getvalue()


def printed_password(output: str) -> str:
    return output.rpartition("password ")[2].strip()


def test_printed_login_opens_the_admin(client: Client) -> None:
    output = run()

    answer = client.post(
        "/admin/login/?next=/admin/", {"username": "staff", "password": printed_password(output)}
    )
    assert answer.status_code == 302
    assert client.get("/admin/").status_code == 200
    assert "http://127.0.0.1:8000/admin/" in output


def test_second_run_changes_nothing_and_prints_the_same() -> None:
    first = run()
    user = get_user_model().objects.get()

    assert run() == first
    assert get_user_model().objects.get().password == user.password


def test_password_file_is_readable_by_its_owner_only(var_dir: Path) -> None:
    run()

    assert stat.S_IMODE((var_dir / "staff-password").stat().st_mode) == 0o600


def test_password_differs_from_machine_to_machine(var_dir: Path) -> None:
    first = printed_password(run())
    (var_dir / "staff-password").unlink()
    get_user_model().objects.all().delete()

    assert printed_password(run()) != first


def test_changed_password_is_not_printed_wrongly(var_dir: Path) -> None:
    kept = printed_password(run())
    user = get_user_model().objects.get()
    user.set_password("one that I chose myself")
    user.save()

    output = run()

    assert kept not in output
    assert "the password you chose" in output
    user.refresh_from_db()
    assert user.check_password("one that I chose myself")


def test_new_database_gets_the_stored_login() -> None:
    first = run()
    get_user_model().objects.all().delete()

    assert run() == first


def test_public_site_is_refused(settings: Settings) -> None:
    settings.IS_PUBLIC = True

    with pytest.raises(CommandError, match="createsuperuser"):
        run()
    assert not get_user_model().objects.exists()
