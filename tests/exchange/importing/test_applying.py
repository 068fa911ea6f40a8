"""An import is all or nothing, even if it is refused, overtaken by a change or another import, or cut off halfway."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from django.db import OperationalError, connection, connections

from agreements.curation.history.past import entries_of
from agreements.domain.permissions import StaffRole
from agreements.exchange.importing import runs, writing
from agreements.exchange.importing.refusals import ImportRefusedError, RegisterChangedError
from agreements.models import (
    Agreement,
    Evidence,
    Import,
    ImportedRecord,
    Participation,
    Party,
    SearchEntry,
    Source,
)
from agreements.models.references import ReferenceCounter
from tests.colleagues import colleague
from tests.exchange.importing.files import begun, counts, csv_file, imported, looked_at
from tests.exchange.importing.test_foreign_files import uk_file
from tests.factories import AgreementFactory, SignatoryFactory

WRITTEN = (Agreement, Party, Participation, Source, Evidence, SearchEntry, Import, ImportedRecord)


def rows() -> dict[str, int]:
    return {model.__name__: model.objects.count() for model in WRITTEN}


def treaties(count: int, **values: str) -> list[dict[str, str]]:
    return [
        {
            "treaty_id": str(n),
            "title": f"Treaty {n}",
            "document_urls": f"https://t.example/{n}",
            **values,
        }
        for n in range(1, count + 1)
    ]


@pytest.mark.django_db
def test_number_of_queries_does_not_grow_with_the_rows(
    tmp_path: Path, django_assert_max_num_queries: Any
) -> None:
    path = uk_file(tmp_path, *treaties(150))

    with django_assert_max_num_queries(145):
        run = imported(path, creates_parties=True)

    assert counts(run) == {"created": 150}


@pytest.mark.django_db
def test_every_record_of_an_import_is_in_the_history(tmp_path: Path) -> None:
    editor = colleague(StaffRole.EDITOR)

    run = imported(uk_file(tmp_path, *treaties(2)), by=editor, creates_parties=True)

    for agreement in Agreement.objects.all():
        [entry] = entries_of(Agreement, agreement.pk)
        assert entry.by == editor
        assert entry.why == f"Import {run.pk}: uk.csv"
        assert len(entry.state.rows["participations"]) == 2
    assert len(entries_of(Party, Party.objects.first().pk)) == 1
    assert len(entries_of(Source, Source.objects.first().pk)) == 1


@pytest.mark.django_db
def test_register_that_changed_since_the_preview_stops_the_import(tmp_path: Path) -> None:
    path = uk_file(tmp_path, *treaties(3))
    run, file = begun(path, creates_parties=True)
    runs.look(run, file)
    imported(uk_file(tmp_path, treaties(1)[0], name="other.csv"), creates_parties=True)
    before = rows()

    with pytest.raises(RegisterChangedError, match="Check the preview again"):
        runs.apply(run, file)

    assert rows() == before


@pytest.mark.django_db
def test_import_is_applied_once(tmp_path: Path) -> None:
    run, file = begun(uk_file(tmp_path, {}), creates_parties=True)
    runs.look(run, file)
    runs.apply(run, file)
    before = rows()

    with pytest.raises(ImportRefusedError, match="already applied"):
        runs.apply(run, file)

    assert rows() == before


@pytest.mark.django_db
def test_file_with_nothing_new_is_not_imported(tmp_path: Path) -> None:
    path = uk_file(tmp_path, {})
    imported(path, creates_parties=True)
    run, file = begun(path)
    runs.look(run, file)

    with pytest.raises(ImportRefusedError, match="nothing to import"):
        runs.apply(run, file)


@pytest.mark.django_db
def test_connection_that_is_lost_in_the_middle_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, file = begun(uk_file(tmp_path, *treaties(30)), creates_parties=True)
    runs.look(run, file)
    before = rows()

    def lost(*_args: Any) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(writing, "keep_lines", lost)
    with pytest.raises(ImportRefusedError, match="or unavailable, so nothing was imported"):
        runs.apply(run, file)

    assert rows() == before


@pytest.mark.django_db
def test_editor_without_the_right_to_add_parties_makes_none(tmp_path: Path) -> None:
    editor = colleague(StaffRole.EDITOR)
    for group in editor.groups.all():
        group.permissions.filter(codename="add_party").delete()

    run, _outcome = looked_at(uk_file(tmp_path, {}), by=editor, creates_parties=True)

    assert counts(run) == {"refused": 1}


@pytest.mark.django_db(transaction=True)
def test_same_file_imported_twice_at_the_same_moment_doubles_nothing(tmp_path: Path) -> None:
    path = uk_file(tmp_path, *treaties(20))
    barrier = Barrier(2)

    def take_in(_number: int) -> str:
        try:
            run, file = begun(path, creates_parties=True)
            runs.look(run, file)
            barrier.wait(timeout=20)
            runs.apply(run, file)
        except ImportRefusedError as error:
            return str(error)
        else:
            return "imported"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as threads:
        told = list(threads.map(take_in, range(2)))

    assert told.count("imported") == 1, told
    assert Agreement.objects.count() == 20
    assert Participation.objects.count() == 40
    assert Party.objects.count() == 2
    assert Source.objects.count() == 20
    assert Import.objects.count() == 1
    assert counts(looked_at(path)[0]) == {"unchanged": 20}
    assert connection.is_usable()


@pytest.mark.django_db
@pytest.mark.parametrize("edit", ["a long text", "a row"])
def test_edit_that_the_preview_does_not_show_stops_the_import_as_well(
    tmp_path: Path, edit: str
) -> None:
    agreement = AgreementFactory(ref="AGR-0001", draft=True, summary="x" * 600)
    signatory = SignatoryFactory(agreement=agreement, name="Anna", title="Minister")
    path = csv_file(tmp_path, "ref,summary,signatories", "AGR-0001,Short,Bela")
    run, file = begun(path)
    runs.look(run, file)
    if edit == "a row":
        signatory.title = "Prime minister"
        signatory.save()
    else:
        agreement.summary += " and a sentence of staff"
        agreement.save()

    with pytest.raises(RegisterChangedError):
        runs.apply(run, file)

    assert agreement.signatories.get().name == "Anna"


@pytest.mark.django_db
def test_references_of_the_file_are_not_taken_for_its_new_records(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "ref,title", ",New", "AGR-0001,First", ",Newer", "AGR-0003,Third")

    assert counts(imported(path)) == {"created": 4}

    assert dict(Agreement.objects.values_list("title", "ref")) == {
        "First": "AGR-0001",
        "Third": "AGR-0003",
        "New": "AGR-0004",
        "Newer": "AGR-0005",
    }


@pytest.mark.django_db
def test_references_of_a_file_that_failed_are_free_for_the_next_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = csv_file(tmp_path, "ref,title", "AGR-0001,First", ",Second")
    run, file = begun(path)
    runs.look(run, file)

    def lost(*_args: Any) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    with monkeypatch.context() as patched:
        patched.setattr(writing, "keep_lines", lost)
        with pytest.raises(ImportRefusedError):
            runs.apply(run, file)

    assert counts(imported(path)) == {"created": 2}


@pytest.mark.django_db
@pytest.mark.parametrize("step", ["taking references", "keeping the preview"])
def test_busy_database_is_a_refusal_at_every_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    run, file = begun(csv_file(tmp_path, "title", "First"))
    runs.look(run, file)

    def busy(*_args: Any, **_named: Any) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(ReferenceCounter, "take", busy)
    monkeypatch.setattr(runs, "_take_up", busy)
    do = runs.apply if step == "taking references" else runs.look_and_keep
    with pytest.raises(ImportRefusedError, match="the database is busy"):
        do(run, file)


@pytest.mark.django_db
def test_import_that_finds_no_reference_left_is_refused(tmp_path: Path) -> None:
    ReferenceCounter.objects.update_or_create(pk=1, defaults={"last": 10**12 - 1})

    with pytest.raises(ImportRefusedError, match="No reference is left"):
        imported(csv_file(tmp_path, "title", "First"))
