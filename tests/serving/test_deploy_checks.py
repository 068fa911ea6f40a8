"""The system checks: what each refuses, and that the documented production settings pass them all."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import CheckMessage, run_checks
from django.db import connection
from pytest_django import Settings

from agreements.serving.deploy_checks import PRODUCTION
from tests.servers import free_port

DOCUMENTED = {
    "BASE_URL": "https://register.gov.example",
    "SECRET_KEY": "only-for-this-test-0123456789-abcdefghijklmnopqrstuvwxyz",
    "DATABASE_URL": "postgres://register@127.0.0.1/register",
    "DOCUMENTS_ROOT": "/srv/register/documents",
    "STATIC_ROOT": "/srv/register/static",
    "PROXIES": "1",
}


@pytest.fixture
def public(settings: Settings, tmp_path: Path) -> Settings:
    """A public site that passes all checks."""
    settings.IS_PUBLIC = True
    settings.BASE_URL = "https://register.gov.example"
    settings.ALLOWED_HOSTS = ["register.gov.example"]
    settings.SECRET_KEY = "k" * 50
    settings.DOCUMENTS_ROOT = tmp_path / "documents"
    settings.STATIC_ROOT = tmp_path / "static"
    return settings


def complaints() -> list[CheckMessage]:
    return run_checks(tags=[PRODUCTION])


def python(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """What a new process prints if only these of our variables are set."""
    clean = {name: os.environ[name] for name in ("HOME", "LANG", "PATH") if name in os.environ}
    return subprocess.run(
        [sys.executable, *arguments],
        env=clean | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_safe_public_site_passes(public: Settings) -> None:
    assert complaints() == []


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        pytest.param("SECRET_KEY", "", "agreements.E001", id="no key"),
        pytest.param("SECRET_KEY", "k" * 49, "agreements.E001", id="short key"),
        pytest.param("DEBUG", True, "agreements.E002", id="debug"),
        pytest.param("BASE_URL", "http://register.gov.example", "agreements.E003", id="http"),
        pytest.param("ALLOWED_HOSTS", ["a.gov.example", "*"], "agreements.E004", id="any host"),
        pytest.param("GENERATED_RECORDS", True, "agreements.E006", id="made-up records"),
    ],
)
def test_unsafe_public_site_is_refused(public: Settings, name: str, value: Any, error: str) -> None:
    setattr(public, name, value)

    assert [complaint.id for complaint in complaints()] == [error]


SIGN_ON: dict[str, Any] = {
    "OIDC_ISSUER": "https://login.gov.example",
    "OIDC_CLIENT_ID": "register",
    "OIDC_CLIENT_SECRET": "s3cret",
    "OIDC_ROLES": {"registrars": "Publisher"},
}


@pytest.mark.parametrize(
    ("changed", "error", "named"),
    [
        pytest.param({"OIDC_ISSUER": ""}, "E020", "OIDC_ISSUER is missing", id="no provider"),
        pytest.param({"OIDC_CLIENT_SECRET": ""}, "E020", "OIDC_CLIENT_SECRET is", id="no secret"),
        pytest.param({"OIDC_ROLES": {}}, "E020", "OIDC_ROLES is missing", id="no roles"),
        pytest.param({"OIDC_ISSUER": "http://h"}, "E021", "OIDC_ISSUER uses plain", id="http"),
        pytest.param({"OIDC_ROLES": {"a": "Boss"}}, "E022", "Boss", id="unknown role"),
    ],
)
def test_half_single_sign_on_is_refused(
    public: Settings, changed: dict[str, Any], error: str, named: str
) -> None:
    for name, value in (SIGN_ON | changed).items():
        setattr(public, name, value)

    (complaint,) = complaints()
    assert complaint.id == f"agreements.{error}"
    assert named in complaint.msg
    assert "s3cret" not in str(complaint)


def test_name_of_a_provider_that_is_not_set_is_refused(public: Settings) -> None:
    public.OIDC_NAME = "the ministry"

    (complaint,) = complaints()
    assert complaint.id == "agreements.E020"
    assert "OIDC_ISSUER" in complaint.msg


def test_whole_single_sign_on_passes(public: Settings) -> None:
    for name, value in SIGN_ON.items():
        setattr(public, name, value)

    assert complaints() == []


def test_local_site_may_debug_over_http(public: Settings) -> None:
    public.IS_PUBLIC = False
    public.DEBUG = True
    public.BASE_URL = "http://127.0.0.1:8000"

    assert complaints() == []


@pytest.mark.parametrize(
    ("documents", "static"),
    [
        pytest.param("static/documents", "static", id="documents among the static files"),
        pytest.param("files", "files/static", id="static files among the documents"),
        pytest.param("files", "files", id="one folder for both"),
    ],
)
def test_documents_among_static_files_are_refused(
    public: Settings, tmp_path: Path, documents: str, static: str
) -> None:
    public.DOCUMENTS_ROOT, public.STATIC_ROOT = tmp_path / documents, tmp_path / static

    assert [complaint.id for complaint in complaints()] == ["agreements.E005"]


@pytest.mark.parametrize("name", ["DATABASE_URL", "DOCUMENTS_ROOT"])
def test_records_inside_the_application_cause_a_warning_at_deployment(name: str) -> None:
    environment = {key: value for key, value in DOCUMENTED.items() if key != name}

    answer = python("manage.py", "check", "--deploy", "--fail-level", "WARNING", **environment)

    assert answer.returncode != 0
    assert f"(agreements.W001) {name} lies inside the application's own folder" in answer.stderr


@pytest.mark.parametrize(
    ("name", "value", "host"),
    [
        pytest.param("DATABASE_URL", "postgres://u:p@db.gov.example/r", "db.gov.example", id="database"),
        pytest.param("DATABASE_URL", "postgres://u@10.0.0.5/r?sslmode=require", "10.0.0.5", id="of any name"),
        pytest.param("DATABASE_URL", "postgres://u@/r?host=db.gov.example", "db.gov.example", id="in the query"),
        pytest.param("DATABASE_REPLICA_URLS", "postgres://u@two.gov.example/r", "two.gov.example", id="replica"),
        pytest.param("CACHE_URL", "redis://:p@cache.gov.example/0", "cache.gov.example", id="cache"),
        pytest.param("EMAIL_URL", "smtp://mail.gov.example", "mail.gov.example", id="mail"),
        pytest.param("CLAMD", "tcp://scanner.gov.example:3310", "scanner.gov.example", id="scanner"),
    ],
)  # fmt: skip
def test_plain_connection_to_another_machine_causes_a_warning(
    name: str, value: str, host: str
) -> None:
    answer = python(
        "manage.py", "check", "--deploy", "--fail-level", "WARNING", **(DOCUMENTED | {name: value})
    )

    assert answer.returncode != 0
    assert f"(agreements.W002) {name} connects to {host} " in answer.stderr


def test_protected_connections_and_those_within_this_machine_cause_none() -> None:
    answer = python(
        "manage.py", "check", "--deploy", "--fail-level", "WARNING",
        **DOCUMENTED | {
            "DATABASE_URL": "postgres://u@db.gov.example/r?sslmode=verify-full",
            "DATABASE_REPLICA_URLS": "postgres://u@/r?host=/run/postgresql, postgres://u@[::1]/r",
            "CACHE_URL": "rediss://:p@cache.gov.example/0",
            "EMAIL_URL": "smtp+tls://mail.gov.example",
            "CLAMD": "tcp://127.0.0.1:3310",
        },
    )  # fmt: skip

    assert answer.returncode == 0, answer.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BASE_URL", "https://register.example.org"),
        ("ALLOWED_HOSTS", "www.example.org"),
        ("EMAIL_URL", "smtp+tls://user:s3cret@mail.example.org"),
        ("DEFAULT_FROM_EMAIL", "Register <register@example.org>"),
        ("SECURITY_CONTACT", "security@example.org"),
    ],
)
def test_placeholder_that_nobody_replaced_causes_a_warning(name: str, value: str) -> None:
    answer = python("manage.py", "check", "--deploy", **(DOCUMENTED | {name: value}))

    assert answer.returncode == 0
    (warning,) = [line for line in answer.stderr.splitlines() if "agreements.W003" in line]
    assert "example.org is a placeholder, and still in " in warning
    assert name in warning
    assert "s3cret" not in answer.stderr


def of_the_database() -> list[CheckMessage]:
    found = run_checks(tags=[PRODUCTION], include_deployment_checks=True, databases=["default"])
    return [complaint for complaint in found if complaint.id == "agreements.W004"]


@pytest.mark.postgresql
@pytest.mark.django_db
def test_server_whose_role_may_change_the_schema_causes_a_warning(project_root: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute((project_root / "deploy" / "roles.sql").read_text())
        cursor.execute("SET LOCAL ROLE register_owner")
        of_the_owner = of_the_database()
        cursor.execute("SET LOCAL ROLE register")
        of_the_server = of_the_database()

    assert len(of_the_owner) == 1
    assert "may change the schema" in of_the_owner[0].msg
    assert of_the_server == []


def test_database_that_does_not_answer_stops_no_start() -> None:
    nowhere = DOCUMENTED | {"DATABASE_URL": f"postgres://register@127.0.0.1:{free_port()}/register"}

    answer = python("manage.py", "check", "--deploy", "--database", "default", **nowhere)

    assert answer.returncode == 0, answer.stderr


def test_documented_production_settings_pass_all_checks() -> None:
    answer = python("manage.py", "check", "--deploy", "--fail-level", "WARNING", **DOCUMENTED)

    assert answer.returncode == 0, answer.stderr
    assert "no issues" in answer.stdout


@pytest.mark.parametrize(
    ("change", "error"),
    [
        pytest.param({"SECRET_KEY": ""}, "agreements.E001", id="no key"),
        pytest.param({"DEBUG": "1"}, "agreements.E002", id="debug"),
        pytest.param({"BASE_URL": "http://register.gov.example"}, "agreements.E003", id="http"),
        pytest.param({"ALLOWED_HOSTS": "*"}, "agreements.E004", id="any host"),
        pytest.param({"GENERATED_RECORDS": "1"}, "agreements.E006", id="made-up records"),
    ],
)
def test_server_refuses_to_start_an_unsafe_public_site(change: dict[str, str], error: str) -> None:
    answer = python("-c", "import mou_tracker.wsgi", **(DOCUMENTED | change))

    assert answer.returncode != 0
    assert error in answer.stderr
