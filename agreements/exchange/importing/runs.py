"""Takes an import from its file to the register: previewed first, then applied exactly as shown, or not at all.

`look` plans a file and writes nothing to the register. `apply` plans it again with the records locked, and writes; if
the result differs from the preview, nothing is written. The admin and the command call both.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django.contrib.auth.models import User
from django.core.files import File
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from agreements.curation.duplicate_parties import refresh_parties
from agreements.curation.history.completeness import IncompleteError
from agreements.domain.choices import PLANNED_OUTCOMES, ImportState, RowOutcome
from agreements.exchange.importing.corrected import CorrectedTable, carried_over
from agreements.exchange.importing.kept_cells import Room
from agreements.exchange.importing.mapping.surveys import surveyed
from agreements.exchange.importing.planning import Incoming, Planner
from agreements.exchange.importing.profiles import (
    REGISTER,
    FileRules,
    Profile,
    file_rules,
    find,
    from_table,
    recognised,
)
from agreements.exchange.importing.readers import Table, opened
from agreements.exchange.importing.readers.heads import OWN, REASON, ROW
from agreements.exchange.importing.records import as_json
from agreements.exchange.importing.refusals import (
    ImportRefusedError,
    RegisterChangedError,
    refused_if_overtaken,
)
from agreements.exchange.importing.report import QUESTION, lines_of, unknown_parties
from agreements.exchange.importing.statements import Statement
from agreements.exchange.importing.values import plain
from agreements.exchange.importing.writing import Writer, keep_left_out, keep_lines
from agreements.models import Import, ImportedAddition
from agreements.models.references import NoReferenceLeftError, ReferenceCounter, number_of
from agreements.serving.query_planner import gather_statistics

Progress = Callable[[int], object]
MOST_TOLD = 200
# nothing has been imported yet, so the file may be read again, confirmed or discarded
UNDECIDED = (ImportState.UPLOADED, ImportState.PREVIEWED)
_DISCARDED = gettext_lazy(
    "The preview has been discarded, so nothing was done. Import the file again."
)
_OVERTAKEN = {
    "clashing": gettext_lazy(
        "Someone else changed the same records at the same moment, so nothing was imported. "
        "Import the file again."
    ),
    "busy": gettext_lazy(
        "Another import is running, or the database is busy or unavailable, so nothing was "
        "imported. Try again in a few minutes."
    ),
}


@dataclass
class Outcome:
    """The result of an import: how many rows have each outcome, which are refused first, and why all are.

    `rows_of` has the rows of each problem, by its column, value and remedy, in the order of the file.
    """

    counts: Counter[str] = field(default_factory=Counter)
    new_refs: int = 0
    refused: list[Statement] = field(default_factory=list)
    rows_of: dict[tuple[str, str, str], list[int]] = field(default_factory=dict)
    digest: Any = field(default_factory=hashlib.sha256)

    @classmethod
    def of(cls, run: Import) -> "Outcome":
        """Return the result of an import that has not begun; what staff corrected belongs to what the preview shows."""
        outcome = cls()
        corrected = json.dumps([run.corrections, sorted(run.left_out)], sort_keys=True)
        outcome.digest.update(corrected.encode())
        return outcome

    def add(self, block: Iterable[Statement]) -> None:
        for each in block:
            self.counts[each.outcome.value] += 1
            # what the preview shows; its words are cut short, so old and new values are included in full
            facts = {name: as_json(value) for name, value in each.new_facts.items()}
            shown = (each.row, each.outcome.value, each.changes, facts, each.before())
            self.digest.update(repr(shown).encode())
            if each.outcome == RowOutcome.CREATED and not each.ref:
                self.new_refs += 1
            if each.outcome == RowOutcome.REFUSED:
                self._note_refused(each)

    def _note_refused(self, statement: Statement) -> None:
        if len(self.refused) < MOST_TOLD:
            self.refused.append(statement)
        for problem in statement.problems:
            key = (problem.column, problem.value, problem.remedy)
            self.rows_of.setdefault(key, []).append(problem.row)


def begun(
    path: Path, *, name: str, profile: str = "", encoding: str = "", by: User | None, at: datetime
) -> tuple[Import, Incoming]:
    """Return an unsaved import of this file, with its profile detected if none is named.

    `profile` is the name of a profile, or the path of a TOML file. Raises `ImportRefusedError` for a file or profile
    that cannot be read.
    """
    run = Import(file_name=name[-255:], profile=profile, encoding=encoding, by=by, uploaded_at=at)
    return run, file_of(run, path, by=by, at=at)


def file_of(run: Import, path: Path, *, by: User | None, at: datetime) -> Incoming:
    """Return the file of an import that is at this path. Raises `ImportRefusedError`."""
    return identified(run, _opened(run, path, _file_rules(run)), by, at)


def stored(file: File, *, profile: str, encoding: str, by: User, at: datetime) -> Import:
    """Store an uploaded file that nobody has read yet, and return its import."""
    return Import.objects.create(
        file=file,
        file_name=str(file.name)[-255:],
        profile=profile,
        encoding=encoding,
        by=by,
        uploaded_at=at,
        state=ImportState.UPLOADED,
    )


def _opened(run: Import, path: Path, rules: FileRules) -> Table:
    encoding = run.encoding or rules.encoding
    table = opened(
        path, name=run.file_name, encoding=encoding, sheets=rules.sheets, head=rules.head
    )
    with path.open("rb") as file:
        run.sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    if run.corrections or run.left_out:
        return CorrectedTable(table, run.corrections, run.left_out)
    return table


def identified(run: Import, table: Table, by: User | None, at: datetime) -> Incoming:
    """Return the file of an import with what its columns mean, and record on the import the profile that says so.

    Raises `ProfileError` if the profile does not fit the file.
    """
    meant = _profile_of(run, table)
    if meant:
        meant.check_headings(table.headings)
    run.profile = meant.name[:60] if meant else REGISTER
    return Incoming(table, meant, by, at)


def _profile_of(run: Import, table: Table) -> Profile | None:
    """Return the profile of an import: the one made for it, the one named, or one that knows the columns."""
    if run.mapping:
        return from_table(run.profile, run.mapping)
    if run.profile == REGISTER or (not run.profile and _is_own(table)):
        return None
    return find(run.profile) if run.profile else recognised(table.headings)


def _is_own(table: Table) -> bool:
    """Whether these are the register's own columns: both that name a record, or one of them beside none of others."""
    there = set(filter(None, table.headings)) - {ROW, REASON}
    naming = {"ref", "title"} & there
    return len(naming) == 2 or (bool(naming) and there <= OWN)


def is_foreign(run: Import, table: Table) -> bool:
    """Whether nobody has said yet what the columns of this file mean, and no profile knows them."""
    if run.mapping or run.profile:
        return False
    return not _is_own(table) and recognised(table.headings) is None


def look(
    run: Import, file: Incoming, *, progress: Progress = lambda count: None, is_kept: bool = False
) -> Outcome:
    """Plan the import and set the result on `run`; nothing is written. Raises `ImportRefusedError`.

    If the preview `is_kept`, its lines are stored.
    """
    planner = Planner(run, file, last_given=ReferenceCounter.last_given())
    outcome, room = Outcome.of(run), Room()
    for block in planner.blocks(file.table.rows()):
        outcome.add(block)
        if is_kept:
            keep_lines(run, block, room)
        progress(len(block))
    if is_kept:
        keep_left_out(run, file, room)
    for name in PLANNED_OUTCOMES:
        setattr(run, name, outcome.counts[name])
    run.new_refs = outcome.new_refs
    run.plan_digest = outcome.digest.hexdigest()
    run.notes = lines_of(file.table, planner)
    run.unknown_parties = unknown_parties(planner)
    return outcome


def look_and_keep(run: Import, file: Incoming) -> Outcome:
    """Plan the import and store `run` with the lines of its preview; an applied import stays as it is.

    Raises `ImportRefusedError`.
    """
    with refused_if_overtaken(ImportRefusedError, **_OVERTAKEN), transaction.atomic():
        _take_up(run, file)
        outcome = look(run, file, is_kept=True)
        run.save()
        return outcome


def forget_other_columns(run: Import, table: Table) -> None:
    """Forget what was chosen for the columns of a file that has others, now that it is read in another way."""
    if run.mapping and not set(run.mapping["recognised_by"]) <= set(table.headings):
        run.mapping, run.profile = {}, ""


def look_through(run: Import, table: Table, most: int) -> None:
    """Record on the import what its file holds. Too many rows raise `ImportRefusedError`, which names the command."""
    survey = surveyed(table.table if isinstance(table, CorrectedTable) else table, most + 1)
    before = run.survey.get("sheets", ())
    if lost := carried_over(run, before, survey.sheets, survey.headings):
        survey.notes.append(_forgotten(lost))
    run.rows, run.survey = survey.rows, survey.as_json()
    if run.rows > most:
        sentence = _(
            "The file has more than %(most)d rows. Larger files are imported on the server: "
            "manage.py import_agreements %(file)s --profile %(profile)s"
        )
        names = {"most": most, "file": run.file_name, "profile": run.profile or "FILE.toml"}
        raise ImportRefusedError(sentence % names)


def _forgotten(count: int) -> str:
    sentence = ngettext(
        "%(n)d cell or row that you had corrected or left out is no longer read, so that was forgotten.",
        "%(n)d cells or rows that you had corrected or left out are no longer read, so that was forgotten.",
        count,
    )
    return sentence % {"n": count}


def keep_survey(run: Import) -> None:
    """Store what the file of an import holds. What an earlier preview showed is gone: the file is read otherwise now."""
    with refused_if_overtaken(ImportRefusedError, **_OVERTAKEN), transaction.atomic():
        _lock_preview(run)
        run.records.all().delete()
        run.state = ImportState.UPLOADED
        run.save()


def apply(run: Import, file: Incoming, *, progress: Progress = lambda count: None) -> Outcome:
    """Import the file as `look` has shown it, in one transaction, and return what was done.

    Raises `RegisterChangedError` if it would now do something else, and `ImportRefusedError` if rows are refused and
    `run` is not partial, if it is already applied, or if the database fails. After any of these nothing is written.
    """
    _refuse_incomplete(run)
    try:
        with refused_if_overtaken(ImportRefusedError, **_OVERTAKEN):
            last, refs = ReferenceCounter.last_given(), []
            # Taken beforehand, so that staff who enter a record need not wait for a long import to end.
            if run.new_refs and not _gives_new_references(file, last):
                refs = ReferenceCounter.take(run.new_refs)
            with transaction.atomic():
                outcome = _apply(run, file, last, refs, progress)
            gather_statistics()
            _compare_parties(run)
            return outcome
    except (IncompleteError, NoReferenceLeftError) as error:
        raise ImportRefusedError(str(error)) from error


def _compare_parties(run: Import) -> None:
    """Compare the parties that an import added with those there were, for staff to review."""
    added = run.additions.filter(what=ImportedAddition.What.PARTY)
    refresh_parties(added.values_list("key", flat=True))


def _gives_new_references(file: Incoming, last: int) -> bool:
    """Whether the file gives references of our pattern that no record has had: only the register's own files may."""
    refs = () if file.profile else (plain(row.cells.get("ref")) for row in file.table.rows())
    return any((number_of(ref) or 0) > last for ref in refs)


def _behind_those_of_the_file(run: Import, file: Incoming, planner: Planner) -> list[str]:
    """Return new references after those that the file gives itself.

    They are taken within the transaction: a failed import must not use up the references in its file.
    """
    for _block in planner.blocks(file.table.rows()):
        pass
    ReferenceCounter.mark_given_up_to(planner.recognition.highest_given)
    return ReferenceCounter.take(run.new_refs)


def _apply(run: Import, file: Incoming, last: int, refs: list[str], progress: Progress) -> Outcome:
    # Keep other imports out until this one has ended: each locks the very first import.
    Import.objects.select_for_update(nowait=True, no_key=True).order_by("pk").first()
    _take_up(run, file)
    if run.new_refs and not refs:
        refs = _behind_those_of_the_file(run, file, Planner(run, file, last_given=last))
    planner = Planner(run, file, last_given=last, lock=True)
    writer = Writer(run, planner, refs=refs)
    outcome = Outcome.of(run)
    for block in planner.blocks(file.table.rows()):
        # before writing, which fills in the references
        outcome.add(block)
        writer.write(block)
        progress(len(block))
    if outcome.digest.hexdigest() != run.plan_digest:
        raise RegisterChangedError
    keep_left_out(run, file, writer.room)
    run.state, run.applied_at, run.by = ImportState.APPLIED, file.at, file.by or run.by
    run.save()
    return outcome


def _take_up(run: Import, file: Incoming) -> None:
    """Lock a preview and remove its lines; store a new one with its file."""
    if run.pk is None:
        with file.table.path.open("rb") as content:
            run.file.save(run.file_name, File(content), save=False)
        run.save()
    _lock_preview(run)
    run.records.all().delete()
    if run.state == ImportState.UPLOADED:
        run.state = ImportState.PREVIEWED


def discard(run: Import) -> None:
    """Delete a preview with its lines and its file. Raises `ImportRefusedError` if it is already applied or discarded."""
    with transaction.atomic():
        _lock_preview(run)
        run.delete()
    run.file.delete(save=False)


def refuse_decided(run: Import, states: Container[str] = UNDECIDED) -> None:
    """Raise `ImportRefusedError` if the import is discarded, or in another state than these."""
    with transaction.atomic():
        _lock_preview(run, states)


def _lock_preview(run: Import, states: Container[str] = UNDECIDED) -> None:
    found = Import.objects.select_for_update().filter(pk=run.pk)
    state = found.values_list("state", flat=True).first()
    if state is None:
        raise ImportRefusedError(_DISCARDED)
    if state not in states:
        sentence = _("This import is already %(state)s. Nothing was done.")
        raise ImportRefusedError(sentence % {"state": ImportState(state).label.lower()})


def _refuse_incomplete(run: Import) -> None:
    if asked := [str(line["text"]) for line in run.notes if line["kind"] == QUESTION]:
        sentence = _(
            "The file raises questions, so nothing was imported. Answer them first: %(asked)s"
        )
        raise ImportRefusedError(sentence % {"asked": " ".join(asked)})
    if run.refused and not run.is_partial:
        sentence = ngettext(
            (
                "%(n)d row was refused, so nothing was imported. Correct it, or import the others without"
                " it."
            ),
            (
                "%(n)d rows were refused, so nothing was imported. Correct them, or import the others "
                "without them."
            ),
            run.refused,
        )
        raise ImportRefusedError(sentence % {"n": run.refused})
    if not run.writes:
        raise ImportRefusedError(
            _("There is nothing to import: the register already has all of it.")
        )


@contextmanager
def stored_table(run: Import) -> Iterator[Table]:
    """The file of a stored import as a table, on this machine for the duration of the block.

    Raises `ImportRefusedError` if the file is gone or cannot be read.
    """
    try:
        stored = run.file.open("rb")
    except FileNotFoundError as error:
        raise ImportRefusedError(_DISCARDED) from error
    with stored, uploaded_file(stored) as path:
        yield _opened(run, path, _file_rules(run))


def _file_rules(run: Import) -> FileRules:
    """Return how the file of an import is read: as staff chose, or else as its profile says."""
    if run.reading or run.mapping or run.profile in ("", REGISTER):
        return file_rules(run.reading or run.mapping.get("file", {}))
    return find(run.profile).file


@contextmanager
def uploaded_file(file: File) -> Iterator[Path]:
    """A path to a copy of this file, for the duration of the block."""
    with NamedTemporaryFile(prefix="import-") as copy:
        for chunk in file.chunks():
            copy.write(chunk)
        copy.flush()
        yield Path(copy.name)
