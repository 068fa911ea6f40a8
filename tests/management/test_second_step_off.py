"""manage.py second_step_off: the way in when the last administrator has lost their phone."""

from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client

from agreements.security import two_factor
from tests.staff.accounts.logins import give_password, is_in, staff, with_two_factor

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk() -> User:
    return staff()


def run(*arguments: str) -> str:
    output = StringIO()
    call_command("second_step_off", *arguments, stdout=output)
    return output.getvalue()


def test_password_is_enough_afterwards(
    client: Client, clerk: User, caplog: pytest.LogCaptureFixture
) -> None:
    with_two_factor(clerk)
    client.force_login(clerk)

    assert "password only. Logins ended: 1." in run("clerk")

    assert not is_in(client)
    assert give_password(client, clerk)["Location"] == "/admin/"
    assert '"event": "second_step_reset", "user": ""' in caplog.text


def test_second_run_and_dry_run_change_nothing(clerk: User) -> None:
    with_two_factor(clerk)

    assert "would be turned off for clerk" in run("clerk", "--dry-run")
    assert two_factor.phone_of(clerk)
    run("clerk")
    assert "Nothing was changed" in run("clerk")


def test_unknown_name_is_refused() -> None:
    with pytest.raises(CommandError, match="no user named clerk"):
        run("clerk")
