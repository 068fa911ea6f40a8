"""Undoing an import leaves nothing of it; if records have been edited since, nothing is undone and they are named."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, connection
from django.test.utils import CaptureQueriesContext

from agreements.curation.history.past import entries_of
from agreements.curation.history.recording import recorded
from agreements.curation.merging.merges import merge
from agreements.domain.permissions import StaffRole
from agreements.exchange.exporting.csv import stream_csv
from agreements.exchange.importing import undoing
from agreements.exchange.importing.obstacles import obstacles
from agreements.exchange.importing.undoing import UndoRefusedError, undo
from agreements.models import (
    Agreement,
    Change,
    Import,
    Participation,
    Party,
    PartyName,
    Relation,
    Removal,
    SearchEntry,
    Source,
)
from tests.colleagues import colleague
from tests.exchange.importing.files import AT, DAY, counts, csv_file, imported, looked_at
from tests.exchange.importing.test_applying import treaties
from tests.exchange.importing.test_foreign_files import uk_file
from tests.factories import AgreementFactory, AreaFactory, PartyFactory, RelationFactory

pytestmark = pytest.mark.django_db


def content() -> str:
    """The whole register as CSV, without timestamps."""
    rows = "".join(stream_csv(Agreement.objects.order_by("ref"), day=DAY))
    return re.sub(r"[0-9-]{10}T[0-9:]{8}Z", "", rows)


def test_created_records_go_with_all_that_was_made_for_them(tmp_path: Path) -> None:
    kept = AgreementFactory(parties=[PartyFactory(name="United Kingdom", country="GB", state=True)])
    before = content()
    run = imported(uk_file(tmp_path, *treaties(3)), creates_parties=True)

    undone = undo(run, by=None, at=AT)

    assert (undone.removed, undone.put_back, undone.parties, undone.sources) == (3, 0, 1, 3)
    assert content() == before
    assert Agreement.objects.get() == kept
    assert [party.name for party in Party.objects.all()] == ["United Kingdom"]
    assert not Source.objects.exists()
    assert SearchEntry.objects.count() == 1
    run.refresh_from_db()
    assert (run.state, run.undone_at) == ("undone", AT)
    assert run.records.count() == 3
    assert Removal.objects.filter(record="agreements.agreement").count() == 3


def test_undone_import_can_be_imported_again(tmp_path: Path) -> None:
    path = uk_file(tmp_path, *treaties(3))
    undo(imported(path, creates_parties=True), by=None, at=AT)

    run = imported(path, creates_parties=True)

    assert counts(run) == {"created": 3}


def test_changed_records_are_put_back_rows_and_all(tmp_path: Path) -> None:
    imported(uk_file(tmp_path, *treaties(2)), creates_parties=True)
    agreement = Agreement.objects.first()
    agreement.signatories.create(name="Somebody")
    before, changes = content(), Change.objects.count()
    run = imported(
        uk_file(
            tmp_path,
            *treaties(
                2,
                parties="FRANCE ; NETHERLANDS THE",
                signed_event_location="Paris",
                terminated_event_date="01/01/1950",
                subject="",
            ),
        ),
        creates_parties=True,
    )
    assert content() != before

    undone = undo(run, by=None, at=AT)

    assert (undone.removed, undone.put_back, undone.parties) == (0, 2, 1)
    assert content() == before
    assert not Agreement.objects.containing("france").exists()
    assert Agreement.objects.containing("united kingdom").count() == 2
    assert Change.objects.count() == changes
    assert entries_of(Agreement, agreement.pk)[0].why == f"Import {run.pk} undone: uk.csv"


def test_imports_are_undone_one_after_the_other_from_the_last(tmp_path: Path) -> None:
    first = imported(uk_file(tmp_path, {}), creates_parties=True)
    second = imported(uk_file(tmp_path, {"signed_event_location": "Paris"}))

    with pytest.raises(UndoRefusedError, match="AGR-0001: it has been edited since"):
        undo(first, by=None, at=AT)
    undo(second, by=None, at=AT)
    undo(first, by=None, at=AT)

    assert not Agreement.objects.exists()


@pytest.mark.parametrize("edit", ["field", "row", "party", "published", "deleted row"])
def test_edited_record_keeps_the_import_from_being_undone(tmp_path: Path, edit: str) -> None:
    run = imported(uk_file(tmp_path, *treaties(2)), creates_parties=True)
    agreement = Agreement.objects.get(title="Treaty 2")
    if edit == "field":
        agreement.summary = "Ours."
        agreement.save()
    elif edit == "row":
        agreement.signatories.create(name="Somebody")
    elif edit == "party":
        Participation.objects.create(agreement=agreement, party=PartyFactory())
    elif edit == "published":
        agreement.publication = "published"
        agreement.save()
    else:
        agreement.participations.first().delete()
    before = content()

    [obstacle] = obstacles(run, by=None)
    with pytest.raises(UndoRefusedError, match="AGR-0002: it has been edited since"):
        undo(run, by=None, at=AT)

    assert (obstacle.key, obstacle.ref) == (agreement.pk, "AGR-0002")
    assert content() == before
    assert Import.objects.get(pk=run.pk).state == "applied"


def test_record_that_was_only_saved_again_is_no_obstacle(tmp_path: Path) -> None:
    run = imported(uk_file(tmp_path, {}), creates_parties=True)
    agreement = Agreement.objects.get()
    with recorded(why="nothing"):
        agreement.save()

    assert obstacles(run, by=None) == []


def test_record_that_others_refer_to_is_an_obstacle(tmp_path: Path) -> None:
    run = imported(uk_file(tmp_path, {}), creates_parties=True)
    RelationFactory(target=Agreement.objects.get())

    [obstacle] = obstacles(run, by=None)

    assert obstacle.reason == "other records refer to it."
    Relation.objects.all().delete()
    assert obstacles(run, by=None) == []


def test_record_that_was_deleted_since_is_no_obstacle_if_the_import_made_it(tmp_path: Path) -> None:
    run = imported(uk_file(tmp_path, *treaties(2)), creates_parties=True)
    Agreement.objects.get(title="Treaty 1").delete()

    assert undo(run, by=None, at=AT).removed == 1


def test_party_that_is_used_or_edited_since_stays(tmp_path: Path) -> None:
    run = imported(
        uk_file(tmp_path, {"parties": "FRANCE ; PRUSSIA ; SAXONY"}), creates_parties=True
    )
    AgreementFactory(parties=[Party.objects.get(name="France")])
    prussia = Party.objects.get(name="Prussia")
    prussia.kind = "state"
    prussia.save()

    undo(run, by=None, at=AT)

    assert sorted(party.name for party in Party.objects.all()) == ["France", "Prussia"]


def test_spelling_that_was_chosen_for_the_import_goes_with_it(tmp_path: Path) -> None:
    france = PartyFactory(name="France", country="FR", state=True)
    run = imported(uk_file(tmp_path, {"parties": "FRANKREICH"}), answers={"frankreich": france.pk})
    assert PartyName.objects.get().name == "FRANKREICH"

    undo(run, by=None, at=AT)

    assert not PartyName.objects.exists()


def test_editor_cannot_undo_what_changed_a_published_record(tmp_path: Path) -> None:
    AgreementFactory(ref="AGR-0001", place="Baku")
    run = imported(csv_file(tmp_path, "ref,place", "AGR-0001,Ganja"))

    [obstacle] = obstacles(run, by=colleague(StaffRole.EDITOR))

    assert obstacle.reason == "only a publisher may change it."
    undo(run, by=colleague(StaffRole.PUBLISHER), at=AT)
    assert Agreement.objects.get().place == "Baku"


def test_only_what_is_applied_is_undone(tmp_path: Path) -> None:
    run = imported(uk_file(tmp_path, {}), creates_parties=True)
    undo(run, by=None, at=AT)

    with pytest.raises(UndoRefusedError, match="Only an applied import"):
        undo(run, by=None, at=AT)


def test_number_of_queries_does_not_grow_with_the_records(
    tmp_path: Path, django_assert_max_num_queries: Any
) -> None:
    run = imported(uk_file(tmp_path, *treaties(150)), creates_parties=True)

    with django_assert_max_num_queries(170):
        undo(run, by=None, at=AT)

    assert not Agreement.objects.exists()
    assert looked_at(uk_file(tmp_path, {}))[0].refused == 1


@pytest.fixture
def exchanged(tmp_path: Path) -> tuple[Import, Party]:
    """An import that replaced Yland with Zland, and the party Yland."""
    x, y, _z = (PartyFactory(name=name) for name in ("Xland", "Yland", "Zland"))
    AgreementFactory(ref="AGR-0001", draft=True, parties=[x, y])
    return imported(csv_file(tmp_path, "ref,parties", "AGR-0001,Xland; Zland")), y


@pytest.mark.parametrize("how", ["deleted", "merged"])
def test_party_that_would_be_put_back_and_is_gone_is_an_obstacle(
    exchanged: tuple[Import, Party], how: str
) -> None:
    run, party = exchanged
    if how == "merged":
        merge(PartyFactory(name="Wland"), party, by=None, at=AT)
    else:
        with recorded():
            party.delete()

    [obstacle] = obstacles(run, by=None)

    assert obstacle.ref == "AGR-0001"
    assert "party “Yland”. Restore that first" in obstacle.reason
    with pytest.raises(UndoRefusedError, match="AGR-0001: it used to refer to something"):
        undo(run, by=None, at=AT)


def test_area_that_would_be_put_back_and_is_gone_is_an_obstacle(tmp_path: Path) -> None:
    area = AreaFactory(slug="health", name="Health")
    AreaFactory(slug="labour")
    AgreementFactory(ref="AGR-0001", draft=True, areas=[area])
    run = imported(csv_file(tmp_path, "ref,areas", "AGR-0001,labour"))
    area.delete()

    [obstacle] = obstacles(run, by=None)

    assert "it used to refer to something" in obstacle.reason


def test_identifier_that_another_record_has_by_now_is_an_obstacle(tmp_path: Path) -> None:
    imported(uk_file(tmp_path, {}), creates_parties=True)
    run = imported(uk_file(tmp_path, {"signed_event_location": "Paris"}))
    line = run.records.get()
    line.before["rows:identifiers"] = [{"scheme": "un-registration", "value": "7"}]
    line.save()
    other = AgreementFactory()
    other.identifiers.create(scheme="un-registration", value="7")

    [obstacle] = obstacles(run, by=None)

    assert obstacle.reason == (
        f"its identifier un-registration 7 now belongs to {other.ref}. Remove it there first."
    )


@pytest.mark.parametrize(
    ("fault", "told"),
    [(IntegrityError, "deleted or given to another record"), (OperationalError, "busy")],
)
def test_database_that_gives_way_is_a_refusal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: type[Exception], told: str
) -> None:
    run = imported(uk_file(tmp_path, {}), creates_parties=True)

    def fail(*_args: Any) -> None:
        raise fault("deadlock detected")

    monkeypatch.setattr(undoing, "_remove_names", fail)
    with pytest.raises(UndoRefusedError, match=told):
        undo(run, by=None, at=AT)

    assert Agreement.objects.count() == 1


def test_records_are_held_in_the_order_of_their_ids(tmp_path: Path) -> None:
    run = imported(uk_file(tmp_path, *treaties(2)), creates_parties=True)

    with CaptureQueriesContext(connection) as captured:
        obstacles(run, by=None, lock=True)

    first = next(q["sql"] for q in captured if '"edit_token"' in q["sql"])
    assert 'ORDER BY "agreements_agreement"."id" ASC' in first
