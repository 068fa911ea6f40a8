"""Reads and imports uploaded files in a process of its own, with limits on time and memory.

A file may be crafted to cost more than its size suggests, so the server never opens one: a request records the task and
starts `manage.py work_on_import`, which carries it out and records the result. The import's page polls for that result.
Everything is written in one transaction, so a process that is killed leaves nothing behind.
"""

import os
import subprocess
import sys
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db import connections, transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.domain.choices import ImportState, ImportWork
from agreements.exchange.importing import runs
from agreements.exchange.importing.refusals import ImportRefusedError, RegisterChangedError
from agreements.exchange.importing.undoing import undo
from agreements.models import Import
from agreements.security import security_log
from agreements.uploads.limits import limit_this_process

MOST_ROWS = 20_000
# The processor's time bounds what a file may cost; a busy server needs longer on the clock, so that limit is generous.
# 20,000 rows with five parties each took 82 seconds of the processor, and 307 on the clock while six others worked.
SECONDS = 900
CPU_SECONDS = 240
MEGABYTES = 512
# A small file is read within this time, so the answer to the request already shows the result.
_SECONDS_TO_WAIT = 3
_SLACK = timedelta(seconds=15)
_OUT_OF_MEMORY = 3
# what the security log calls a refusal of this work
_LOGGED: dict[str, str] = {
    ImportWork.APPLY: "import_refused",
    ImportWork.UNDO: "import_undo_refused",
}
_INTERRUPTED = (
    gettext_lazy("The import was interrupted, so nothing was imported. Try again."),
    gettext_lazy("Undoing the import was interrupted, so nothing was undone. Try again."),
)
_started: list[subprocess.Popen[bytes]] = []


def start(run: Import, work: ImportWork, *, by: User, at: datetime, **answers: object) -> None:
    """Start a process that does this for the import, with these answers, and wait a moment for it.

    Raises `ImportRefusedError` if the import is already applied or discarded, or a process is working on it.
    """
    states = (ImportState.APPLIED,) if work == ImportWork.UNDO else runs.UNDECIDED
    free = Import.objects.filter(pk=run.pk, state__in=states, work="")
    if not free.update(work=work, work_began_at=at, problem="", rows=0, **answers):
        runs.refuse_decided(run, states)
        raise ImportRefusedError(_("The file is already being processed. Wait until that is done."))
    begin(run.pk, by.pk)
    run.refresh_from_db()


def begin(run: int, by: int) -> None:
    """Start a process that works on this import for this user, and wait a moment for it."""
    _started[:] = [process for process in _started if process.poll() is None]
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, settings.BASE_DIR / "manage.py", "work_on_import", str(run), str(by)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        # a library's threads would take up memory that the limit counts
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        # a signal to the server's group does not end it; systemd and Docker end it with the server
        start_new_session=True,
    )
    try:
        process.wait(_SECONDS_TO_WAIT)
    except subprocess.TimeoutExpired:
        _started.append(process)


def supervise(run: int, by: int) -> None:
    """Work on the import in a fork of this process, which has limits, and record it if the fork cannot finish."""
    _leave_the_database()
    worker = os.fork()
    if not worker:
        _work_and_exit(run, by)
    status = os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1])
    if status:
        _end(run, _why(status))


def _leave_the_database() -> None:
    """Close all connections, those that wait in PostgreSQL's pools too, so that none is shared with a fork."""
    connections.close_all()
    for connection in connections.all():
        if connection.vendor == "postgresql":
            connection.close_pool()  # type: ignore[attr-defined]


def _work_and_exit(run: int, by: int) -> None:
    status = 1
    try:
        limit_this_process(seconds=SECONDS, cpu_seconds=CPU_SECONDS, megabytes=MEGABYTES)
        carry_out(run, by)
        status = 0
    except MemoryError:
        status = _OUT_OF_MEMORY
    except Exception:  # noqa: BLE001
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stderr.flush()
        os._exit(status)


def _why(status: int) -> str:
    if status == 1:
        return _(
            "An error in the program ended the import, so nothing was imported. Tell the administrator: the server's log "
            "names the error."
        )
    sentence = _(
        "The file needs more than %(minutes)d minutes or %(megabytes)d MB, so nothing was imported. Save only the sheet "
        "you need as CSV and import that, or ask for it to be imported on the server: manage.py import_agreements."
    )
    return sentence % {"minutes": CPU_SECONDS // 60, "megabytes": MEGABYTES}


def carry_out(key: int, by: int) -> None:
    """Do what is recorded on the import, and record the result: a preview, an import, or the problem."""
    run = Import.objects.filter(pk=key).exclude(work="").first()
    if run is None:
        return
    user, work = User.objects.get(pk=by), run.work
    # saved with the result, in its transaction
    run.work = ""
    try:
        problem = _carried_out(run, work, user)
    except ImportRefusedError as error:
        problem = str(error)
    if not problem:
        return
    if event := _LOGGED.get(work):
        security_log.note_refusal(event, of=str(run), user=str(user), why=problem)
    if work == ImportWork.SURVEY:
        # a preview of the file as it was read before is no longer what would be imported
        Import.objects.filter(pk=key, state=ImportState.PREVIEWED).update(
            state=ImportState.UPLOADED
        )
    _end(key, problem)


def _carried_out(run: Import, work: str, by: User) -> str:
    """Do this work and record the result; return why the preview was made again instead, empty if it was not."""
    if work == ImportWork.UNDO:
        undo(run, by=by, at=timezone.now())
        return ""
    with runs.stored_table(run) as table:
        if work == ImportWork.SURVEY:
            runs.forget_other_columns(run, table)
        is_foreign = runs.is_foreign(run, table)
        file = None if is_foreign else runs.identified(run, table, by, timezone.now())
        if work == ImportWork.SURVEY or not run.survey:
            runs.look_through(run, table, MOST_ROWS)
        if work == ImportWork.SURVEY or file is None:
            runs.keep_survey(run)
            return ""
        Import.objects.filter(pk=run.pk).update(rows=run.rows)
        if work == ImportWork.APPLY:
            try:
                runs.apply(run, file)
            except RegisterChangedError as error:
                runs.look_and_keep(run, file)
                return str(error)
            return ""
        runs.look_and_keep(run, file)
    return ""


def settle(run: Import, at: datetime) -> None:
    """Record that a process has ended silently, as when the machine stopped, once it can no longer be running."""
    limit = timedelta(seconds=SECONDS) + _SLACK
    if run.work and run.work_began_at and at > run.work_began_at + limit:
        _end(run.pk, _INTERRUPTED[run.work == ImportWork.UNDO])
        run.refresh_from_db()


def _end(key: int, problem: str | Promise) -> None:
    with transaction.atomic():
        Import.objects.filter(pk=key).exclude(state=ImportState.APPLIED, work="").update(
            work="", problem=str(problem)
        )
