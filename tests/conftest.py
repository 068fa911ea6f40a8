"""The fixtures that every test can use, and the rules for which tests run.

They set up the databases, the browser and the number of examples that Hypothesis tries. Under REQUIRE_ALL=1 no test may
be skipped.
"""

import asyncio
import gc
import os
import shutil
from collections.abc import Callable, Generator, Iterable, Iterator
from ctypes.util import find_library
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.core.management.color import Style
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import StateApps
from django.test.client import MULTIPART_CONTENT, RequestFactory
from django.utils.http import urlencode
from hypothesis import settings as hypothesis_settings
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from tests.alike import ALIKE

Report = pytest.TestReport | pytest.CollectReport

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FORM_CONTENT = "application/x-www-form-urlencoded"
# Collecting garbage less often saves a tenth of the time.
gc.set_threshold(100_000, 50, 100)

# As root there is no sandbox; the other options keep the browser from calling home.
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# The same few examples on every run; HYPOTHESIS_PROFILE=thorough tries many, HYPOTHESIS_PROFILE=explore looks for new
# ones. No deadline: a busy machine is not a wrong answer.
hypothesis_settings.register_profile(
    "quick", derandomize=True, deadline=None, database=None, max_examples=50
)
hypothesis_settings.register_profile(
    "thorough", hypothesis_settings.get_profile("quick"), max_examples=500
)
hypothesis_settings.register_profile("explore", deadline=None, max_examples=2_000)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


# ------------------------------------------------------------------ which tests run


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--of-the-database",
        action="store_true",
        help="leave out what another database answers alike: tests that ask none, those in the browser, and tests/alike.py",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out tests marked for the other database and, on request, tests that use no database."""
    other = "sqlite" if connection.vendor == "postgresql" else "postgresql"
    left_out = {item for item in items if item.get_closest_marker(other)}
    if config.getoption("of_the_database"):
        left_out |= {item for item in items if not _is_of_the_database(item)}
    if left_out:
        config.hook.pytest_deselected(items=[item for item in items if item in left_out])
        items[:] = [item for item in items if item not in left_out]


def _is_of_the_database(item: pytest.Item) -> bool:
    asked_for = set(getattr(item, "fixturenames", ()))
    if "chromium" in asked_for or _is_alike(item, asked_for):
        return False
    return bool(
        asked_for & {"db", "transactional_db", "django_db_setup"}
        or any(item.get_closest_marker(name) for name in ("django_db", "sqlite", "postgresql"))
    )


def _is_alike(item: pytest.Item, asked_for: set[str]) -> bool:
    """Whether its file is in tests/alike.py, and nothing in the test says that the database matters."""
    if item.nodeid.partition("::")[0] not in ALIKE:
        return False
    marker = item.get_closest_marker("django_db")
    commits = "transactional_db" in asked_for or (marker and marker.kwargs.get("transaction"))
    return not commits and not item.get_closest_marker("postgresql")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, Report, Report]:
    """Under REQUIRE_ALL=1 turn a skipped test into a failure: something is missing on this machine."""
    report = yield
    return _refused_if_skipped(report)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, Report, Report]:
    """Do the same for a file that is skipped as a whole."""
    report = yield
    return _refused_if_skipped(report)


def _refused_if_skipped(report: Report) -> Report:
    if os.environ.get("REQUIRE_ALL") == "1" and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"Skipped, and REQUIRE_ALL=1 allows no skip: {report.longrepr[-1]}"
    return report


# ------------------------------------------------------------------ the test client


@pytest.fixture(scope="session", autouse=True)
def forms_as_browsers_send_them() -> Iterator[None]:
    """Let the test client encode forms as browsers do: only those with files as multipart, which most pages refuse."""
    as_django = RequestFactory.post

    def post(
        self: RequestFactory,
        path: str,
        data: Any = None,
        content_type: str = MULTIPART_CONTENT,
        **more: Any,
    ) -> Any:
        if content_type is MULTIPART_CONTENT and not _has_files(data or {}):
            sent = {
                name: [str(value) for value in _values(held)] for name, held in (data or {}).items()
            }
            data, content_type = urlencode(sent, doseq=True), FORM_CONTENT
        return as_django(self, path, data, content_type, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RequestFactory, "post", post)
        yield


@pytest.fixture(scope="session", autouse=True)
def slots_for_every_export() -> Iterator[None]:
    """Most tests leave a file unread, which no server does. The tests of the slots set their own number."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("agreements.serving.export_slots._slots", BoundedSemaphore(100_000))
        yield


def _has_files(data: dict[str, Any]) -> bool:
    return any(hasattr(value, "read") for held in data.values() for value in _values(held))


def _values(held: Any) -> Iterable[Any]:
    return held if isinstance(held, list | tuple | set) else [held]


# ------------------------------------------------------------------ the database


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Put SQLite in a file that only this process uses, so that the live server's threads see what the test wrote."""
    if connection.vendor == "sqlite":
        name = tmp_path_factory.mktemp("database") / "test.sqlite3"
        connection.settings_dict["TEST"]["NAME"] = str(name)


@pytest.fixture(autouse=True)
def quick_recovery_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Digest recovery codes in no time, as the hasher in the test settings does with passwords."""
    monkeypatch.setattr("agreements.security.two_factor.DIGEST_MEMORY", 8)


@pytest.fixture(scope="session", autouse=True)
def quick_flush() -> Iterator[None]:
    """Empty tables with DELETE: for many small tables PostgreSQL is a hundred times faster than with TRUNCATE."""
    if connection.vendor != "postgresql":
        yield
        return
    operations = type(connection.ops)
    truncate = operations.sql_flush

    def sql_flush(self: Any, style: Style, tables: list[str], **how: bool) -> list[str]:
        if how.get("reset_sequences"):
            return truncate(self, style, tables, **how)
        # In one transaction, because foreign keys are checked at its end.
        return [f"DELETE FROM {self.quote_name(table)}" for table in tables]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(operations, "sql_flush", sql_flush)
        yield


@pytest.fixture
def migrate(transactional_db: None) -> Iterator[Callable[[str], StateApps]]:
    """A function that migrates the register to one of its migrations and returns the models as of that migration.

    It runs the command rather than its executor, because the command drops the triggers and creates them again.
    """

    def migrate(name: str) -> StateApps:
        call_command("migrate", "agreements", name, verbosity=0)
        return MigrationLoader(connection).project_state(("agreements", name)).apps

    yield migrate
    call_command("migrate", verbosity=0)


@pytest.fixture
def varied_register(db: None) -> None:
    """Sixty agreements that differ in everything that filters look at."""
    # Models can only be imported once Django is set up, and this file is also read without it.
    from tests.registers import make_varied_register
    from tests.snapshots import put_back

    put_back(make_varied_register)


# ------------------------------------------------------------------ uploaded files


@pytest.fixture(autouse=True)
def files_read_here(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read uploaded files in this process, which is quicker, unless the test is marked `own_process`."""
    if not request.node.get_closest_marker("own_process"):
        from agreements.exchange.importing import working
        from agreements.uploads import contents, inspecting

        monkeypatch.setattr(contents, "refuse_harmful", inspecting.inspect)
        monkeypatch.setattr(working, "begin", working.carry_out)


# ------------------------------------------------------------------ the browser


@pytest.fixture(scope="session")
def started_chromium() -> Iterator[tuple[Browser, asyncio.AbstractEventLoop]]:
    """Debian's Chromium, started once per process, and the event loop that Playwright keeps running in this thread."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    if find_library("atomic") is None:
        pytest.skip("nothing to drive Chromium with on this machine: apt-get install libatomic1")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
        loop = asyncio.get_running_loop()
        asyncio._set_running_loop(None)
        yield browser, loop
        asyncio._set_running_loop(loop)
        browser.close()


@pytest.fixture
def chromium(
    started_chromium: tuple[Browser, asyncio.AbstractEventLoop], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Browser]:
    """The browser, for one test.

    Django refuses to query while an event loop is running. Only the test that uses this fixture may, and no other test
    sees the loop.
    """
    browser, loop = started_chromium
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    asyncio._set_running_loop(loop)
    yield browser
    asyncio._set_running_loop(None)


OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(chromium: Browser, live_server: LiveServer) -> Iterator[OpenPage]:
    """A function that opens a path in a fresh browser, as in ``open_page("/", width=360)``.

    ``width`` in CSS pixels, ``javascript=False`` and ``dark=True`` set up the visitor's browser; any further argument
    goes to Playwright's ``new_context``. The test fails when a page opened this way logs an error or violates the
    Content-Security-Policy, apart from the status of an error page.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        address = message.location["url"]  # empty for what the test itself runs in the page
        pages = {page.url for context in contexts for page in context.pages}
        is_error_page = address in pages and message.text.startswith("Failed to load resource")
        if message.type == "error" and address and not is_error_page:
            complaints.append(f"{address}: {message.text}")

    def open_page(
        path: str, *, width: int = 1280, javascript: bool = True, dark: bool = False, **more: object
    ) -> Page:
        context = chromium.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": 800},
            java_script_enabled=javascript,
            color_scheme="dark" if dark else "light",
            **more,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", note)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not complaints, complaints


@pytest.fixture
def project_root() -> Path:
    """The folder that contains manage.py."""
    return Path(django_settings.BASE_DIR)
