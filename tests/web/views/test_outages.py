"""A busy database or a full disk while somebody saves: the 503 keeps what was typed, to be sent again with one click."""

import errno
import os
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from psycopg_pool import PoolTimeout
from pytest_django import Settings

from agreements.domain.choices import DocumentKind
from agreements.models import Agreement, Document
from agreements.serving import outages
from agreements.serving.outages import Outage, outage_of
from tests.admin.sent import agreement_form
from tests.document_store import store_documents_in
from tests.factories import AgreementFactory

pytestmark = pytest.mark.django_db(transaction=True)

ADD = "/admin/agreements/agreement/add/"
HOSTILE = "<script>alert('“é”')</script> & \"quotes\""


def sqlite_error(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("the driver's own words")
    error.sqlite_errorcode = code
    return error


DRIVER_ERRORS: dict[str, dict[str, Exception]] = {
    "sqlite": {
        "busy": sqlite_error(sqlite3.SQLITE_BUSY_SNAPSHOT),
        "full": sqlite_error(sqlite3.SQLITE_FULL),
        "I/O": sqlite_error(sqlite3.SQLITE_IOERR_WRITE),
    },
    "postgresql": {
        "cancelled": psycopg.errors.QueryCanceled(),
        "lock": psycopg.errors.LockNotAvailable(),
        "disk full": psycopg.errors.DiskFull(),
        "lost": psycopg.OperationalError("server closed the connection unexpectedly"),
        "closed": psycopg.InterfaceError("the connection is closed"),
        "no connection": PoolTimeout("couldn't get a connection after 5.00 sec"),
        "shutting down": psycopg.errors.AdminShutdown(),
    },
}
KINDS = DRIVER_ERRORS[connection.vendor]


@contextmanager
def driver_fails(error: Exception) -> Iterator[None]:
    """Every statement that writes agreements raises what the driver would."""

    def execute(run: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith(("INSERT", "UPDATE")) and "agreements_agreement" in sql:
            with connection.wrap_database_errors:
                raise error
        return run(sql, *rest)

    with connection.execute_wrapper(execute):
        yield


@contextmanager
def sqlite_is_busy() -> Iterator[None]:
    """Another connection is writing for longer than ours waits."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 20")
    other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.close()
        connection.close()


@contextmanager
def postgresql_waits(limit: str) -> Iterator[None]:
    """Another connection holds the agreements for longer than ours may wait."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET {limit} = '200ms'")
    params = {**connection.get_connection_params()}
    known = {
        key: params[key] for key in ("host", "port", "user", "password", "dbname") if key in params
    }
    with psycopg.connect(**known) as other:
        other.execute("LOCK TABLE agreements_agreement IN EXCLUSIVE MODE")
        yield
    with connection.cursor() as cursor:
        cursor.execute(f"RESET {limit}")


FAILURES: list[Any] = [
    *(pytest.param(lambda e=e: driver_fails(e), id=name) for name, e in KINDS.items()),
    *(
        [pytest.param(sqlite_is_busy, id="really busy")]
        if connection.vendor == "sqlite"
        else [
            pytest.param(lambda limit=limit: postgresql_waits(limit), id=f"really {limit}")
            for limit in ("statement_timeout", "lock_timeout")
        ]
    ),
]


class SentAgain(HTMLParser):
    """The form of the page that offers to send again."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.action, self.data, self.files = "", {}, []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form" and given.get("method") == "post":
            self.action = given.get("action") or ""
        elif tag == "input" and self.action and given.get("type") == "file":
            self.files.append(given["name"])
        elif tag == "input" and self.action and given.get("type") == "hidden":
            self.data.setdefault(given["name"], []).append(given["value"])


@pytest.fixture
def editor(admin_user: Any) -> Client:
    """A browser that checks CSRF tokens, as a real one does."""
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(admin_user)
    return client


def token(client: Client, page: str) -> dict[str, str]:
    return {"csrfmiddlewaretoken": client.get(page).context["csrf_token"]}


@pytest.mark.parametrize("failing", FAILURES)
@pytest.mark.parametrize("is_new", [True, False], ids=["add", "change"])
def test_form_is_kept_and_saved_once_when_it_is_sent_again(
    editor: Client, is_new: bool, failing: Callable[[], AbstractContextManager[None]]
) -> None:
    stored = None if is_new else AgreementFactory(draft=True, title="As it was")
    page = ADD if stored is None else f"/admin/agreements/agreement/{stored.pk}/change/"
    sent = agreement_form(of=stored, title=HOSTILE) | token(editor, page)
    before = list(Agreement.objects.values("title", "edit_token"))

    with failing():
        response = editor.post(page, sent)

    shown = response.content.decode()
    assert response.status_code == 503
    assert response["Retry-After"] == "30"
    assert "<script>alert" not in shown
    assert "driver" not in shown
    assert list(Agreement.objects.values("title", "edit_token")) == before

    again = SentAgain(shown)
    assert again.action == page
    assert editor.post(again.action, again.data).status_code == 302
    assert Agreement.objects.get().title == HOSTILE


@pytest.mark.parametrize(
    ("path", "data"),
    [
        pytest.param("/admin/login/", {"username": "ann", "password": "s3cret-typed"}, id="login"),
        pytest.param("/admin/password_change/", {"old_password": "s3cret-typed"}, id="password"),
    ],
)
def test_passwords_are_never_repeated(
    editor: Client, path: str, data: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = data | token(editor, ADD)

    with every_statement_fails():
        response = editor.post(path, sent)

    assert response.status_code == 503
    assert "s3cret" not in response.content.decode()
    assert "go back and submit it again" in response.content.decode()


@contextmanager
def every_statement_fails() -> Iterator[None]:
    """As when the database is gone, even for what comes before the view, such as the session."""

    def execute(*call: Any) -> Any:
        with connection.wrap_database_errors:
            raise next(iter(KINDS.values()))

    with connection.execute_wrapper(execute):
        yield


def test_database_that_is_gone_before_the_view_keeps_the_form_as_well(editor: Client) -> None:
    sent = agreement_form(title="Typed") | token(editor, ADD)

    with every_statement_fails():
        response = editor.post(ADD, sent)

    again = SentAgain(response.content.decode())
    assert response.status_code == 503
    assert again.data["title"] == ["Typed"]
    assert editor.post(again.action, again.data).status_code == 302


def test_forged_form_is_not_offered(editor: Client) -> None:
    token(editor, ADD)

    with every_statement_fails():
        response = editor.post(ADD, agreement_form(title="Forged"))

    assert response.status_code in {403, 503}
    assert "Forged" not in response.content.decode()


def test_what_was_saved_before_something_else_failed_is_not_offered_again(
    editor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = agreement_form(title="Typed") | token(editor, ADD)

    def full(*args: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(
        "django.contrib.messages.middleware.MessageMiddleware.process_response", full
    )
    response = editor.post(ADD, sent)

    assert response.status_code == 503
    assert "it was probably saved" in response.content.decode()
    assert not SentAgain(response.content.decode()).action
    assert Agreement.objects.count() == 1


def test_login_page_pages_for_everybody_and_api_answer_503(client: Client) -> None:
    client.raise_request_exception = False
    with every_statement_fails():
        answers = [client.get(path) for path in ("/", "/agreements/", "/api/v1/agreements/")]
        client.cookies["sessionid"] = "of-somebody"
        answers.append(client.get("/admin/"))

    assert [answer.status_code for answer in answers] == [503] * 4
    assert "detail" in answers[2].json()


# Files


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A real disk of one megabyte."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(tmp_path)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode != 0:
        pytest.skip(f"no small disk can be mounted: {mounted.stderr.decode()}")
    yield tmp_path
    subprocess.run(["umount", "--lazy", str(tmp_path)], check=True)


@pytest.fixture
def small_store(tiny_disk: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The document store on the small disk, nearly full."""
    return store_documents_in(tiny_disk, settings, monkeypatch)


def with_file(size: int) -> dict[str, Any]:
    text = SimpleUploadedFile("Text.txt", b"The parties agree.\n" * (size // 19))
    row = {"kind": DocumentKind.OTHER, "title": "The text", "file": text}
    return agreement_form(title="Typed", documents=[row])


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("size", [1_500_000, 4_000_000], ids=["in memory", "temporary file"])
def test_full_disk_leaves_no_file_and_keeps_what_was_typed(
    editor: Client, small_store: Path, size: int
) -> None:
    response = editor.post(ADD, with_file(size) | token(editor, ADD))

    again = SentAgain(response.content.decode())
    assert response.status_code == 503
    assert again.files == ["documents-0-file"]
    assert files_in(small_store) == []
    assert not Agreement.objects.exists()

    upload = SimpleUploadedFile("Text.txt", b"The parties agree.\n")
    saved = editor.post(again.action, again.data | {"documents-0-file": upload})
    assert saved.status_code == 302
    [file] = files_in(small_store)
    assert Document.objects.get().file.path == str(file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


def test_full_disk_for_temporary_files_keeps_what_was_typed(
    editor: Client, tiny_disk: Path, settings: Settings
) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = str(tiny_disk)

    response = editor.post(ADD, with_file(4_000_000) | token(editor, ADD))

    again = SentAgain(response.content.decode())
    assert response.status_code == 503
    assert again.data["title"] == ["Typed"]
    assert again.files == ["documents-0-file"]
    assert files_in(tiny_disk) == []


def test_save_that_is_rolled_back_leaves_no_file(editor: Client) -> None:
    storage: Any = storages["documents"]
    before = set(files_in(Path(storage.location)))
    sent = with_file(200) | token(editor, ADD)

    def execute(run: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith("INSERT") and "agreements_documentversion" in sql:
            with connection.wrap_database_errors:
                raise next(iter(KINDS.values()))
        return run(sql, *rest)

    with connection.execute_wrapper(execute):
        assert editor.post(ADD, sent).status_code == 503

    assert set(files_in(Path(storage.location))) == before


def test_full_disk_is_degraded_for_monitoring(
    client: Client, small_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nearly_full = client.get("/healthz")
    monkeypatch.setattr(outages, "LEAST_FREE", 0)
    with_room = client.get("/healthz")
    (small_store / "much").write_bytes(bytes(1024 * 1024))
    full = client.get("/healthz")

    assert nearly_full.status_code == with_room.status_code == full.status_code == 200
    assert nearly_full.json()["status"] == "degraded"
    assert "200 MB" in nearly_full.json()["reason"]
    assert with_room.json() == {"status": "ok"}
    assert full.json() == {
        "status": "degraded",
        "reason": "The disk for documents cannot be written to: No space left on device.",
    }


# Which errors count


@pytest.mark.parametrize(
    ("error", "outage"),
    [
        pytest.param(OSError(errno.EDQUOT, "quota"), Outage.NO_SPACE, id="quota"),
        pytest.param(FileNotFoundError(errno.ENOENT, "no"), None, id="missing file"),
        pytest.param(sqlite_error(sqlite3.SQLITE_ERROR), None, id="wrong SQL"),
        pytest.param(psycopg.errors.UndefinedTable(), None, id="no table"),
        pytest.param(psycopg.errors.UniqueViolation(), None, id="not unique"),
        pytest.param(psycopg.errors.DeadlockDetected(), Outage.BUSY, id="deadlock"),
        pytest.param(psycopg.errors.DiskFull(), Outage.NO_SPACE, id="disk full"),
        pytest.param(LookupError(), None, id="bug"),
        pytest.param(None, None, id="nothing"),
    ],
)
def test_bugs_are_no_outages(error: Exception | None, outage: Outage | None) -> None:
    assert outage_of(error) is outage
