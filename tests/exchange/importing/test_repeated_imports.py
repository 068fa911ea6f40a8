"""Importing a file again: changes by staff are kept and reported; values that both have changed are refused."""

from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from agreements.curation.erasure.erasing import erase
from agreements.curation.erasure.names import Name
from agreements.models import Agreement, Event, Participation
from tests.exchange.importing.files import counts, csv_file, imported, looked_at, remedies
from tests.exchange.importing.test_foreign_files import uk_file
from tests.factories import PartyFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def agreement(tmp_path: Path) -> Agreement:
    imported(uk_file(tmp_path, {}), creates_parties=True)
    return Agreement.objects.get()


def edited(agreement: Agreement, **values: str) -> None:
    agreement.refresh_from_db()
    for name, value in values.items():
        setattr(agreement, name, value)
    agreement.save()


def test_what_staff_corrected_is_kept_and_listed(tmp_path: Path, agreement: Agreement) -> None:
    edited(agreement, title="Convention on Parcels (corrected)")

    run, outcome = looked_at(uk_file(tmp_path, {}))

    assert counts(run) == {"kept": 1}
    assert outcome.refused == []


def test_other_fields_of_such_a_record_are_still_brought_up_to_date(
    tmp_path: Path, agreement: Agreement
) -> None:
    edited(agreement, title="Convention on Parcels (corrected)")

    run = imported(uk_file(tmp_path, {"signed_event_location": "Paris"}))

    assert counts(run) == {"changed": 1}
    agreement.refresh_from_db()
    assert (agreement.title, agreement.place) == ("Convention on Parcels (corrected)", "Paris")
    assert run.records.get().changes == [
        ["Place of signature", "London; The Hague", "Paris"],
        ["Title", "Convention on Parcels (corrected)", "Convention on Parcels", "kept"],
    ]


def test_what_both_changed_is_refused_unless_the_import_shall_overwrite(
    tmp_path: Path, agreement: Agreement
) -> None:
    edited(agreement, place="Utrecht")
    path = uk_file(tmp_path, {"signed_event_location": "Paris"})

    run, outcome = looked_at(path)

    assert counts(run) == {"refused": 1}
    assert "Staff have changed this since the last import, to: Utrecht" in remedies(outcome)
    imported(path, overwrites=True)
    agreement.refresh_from_db()
    assert agreement.place == "Paris"


def test_what_staff_added_and_removed_around_the_record_stays_so(
    tmp_path: Path, agreement: Agreement
) -> None:
    agreement.participations.first().delete()
    Participation.objects.create(
        agreement=agreement, party=PartyFactory(name="Luxembourg"), position=9
    )
    agreement.evidence.filter(fact="place").delete()
    path = uk_file(tmp_path, {})

    run, _outcome = looked_at(path)

    assert counts(run) == {"kept": 1}
    changed = uk_file(tmp_path, {"parties": "FRANCE ; UNITED KINGDOM"})
    run, outcome = looked_at(changed, creates_parties=True)
    assert counts(run) == {"refused": 1}
    assert "Staff have changed this since the last import, to:" in remedies(outcome)


def test_empty_cell_takes_nothing_away(tmp_path: Path, agreement: Agreement) -> None:
    run, _outcome = looked_at(uk_file(tmp_path, {"signed_event_location": "", "parties": ""}))

    assert counts(run) == {"unchanged": 1}


def test_import_that_was_undone_is_no_measure_any_more(
    tmp_path: Path, agreement: Agreement
) -> None:
    run = imported(uk_file(tmp_path, {"signed_event_location": "Paris"}))
    run.state = "undone"
    run.save()
    edited(agreement, place="London; The Hague")

    again, _outcome = looked_at(uk_file(tmp_path, {"signed_event_location": "Paris"}))

    assert counts(again) == {"changed": 1}


# Its rows


def test_place_that_staff_gave_an_event_of_the_file_stays(
    tmp_path: Path, agreement: Agreement
) -> None:
    path = uk_file(tmp_path, {"adopted_event_date": "01/02/1895"})
    imported(path)
    agreement.events.update(place="Geneva")

    assert counts(looked_at(path)[0]) == {"unchanged": 1}
    imported(uk_file(tmp_path, {"adopted_event_date": "01/02/1895", "subject": "", "title": "New"}))
    assert agreement.events.get().place == "Geneva"


def test_basis_and_note_that_staff_gave_the_files_evidence_stay_unless_overwritten(
    tmp_path: Path, agreement: Agreement
) -> None:
    path = uk_file(tmp_path, {})
    row = agreement.evidence.get(fact="signed")
    row.basis, row.note = "contradicted", "The original has another day."
    row.save()

    assert counts(looked_at(path)[0]) == {"unchanged": 1}
    assert counts(looked_at(path, overwrites=True)[0]) == {"changed": 1}


MINISTRY = """
[identifier]
scheme = "min-register"
column = "No"

[fields]
title = "Title"

[[events]]
kind = "meeting"
date = "Met"
place = "Where"
"""


@pytest.fixture
def met(tmp_path: Path) -> Any:
    """Return a function that writes the file of a ministry that says where a meeting was."""
    (tmp_path / "ministry.toml").write_text(MINISTRY)
    return lambda place: csv_file(tmp_path, "No,Title,Met,Where", f"1,On roads,2020,{place}")


def test_place_of_an_event_follows_the_file_until_staff_have_changed_it(
    tmp_path: Path, met: Any
) -> None:
    profile = tmp_path / "ministry.toml"
    imported(met(""), profile=profile)
    event = Event.objects.get()

    assert counts(imported(met("Baku"), profile=profile)) == {"changed": 1}
    assert counts(imported(met("Sheki"), profile=profile)) == {"changed": 1}
    event.refresh_from_db()
    assert event.place == "Sheki"
    assert counts(looked_at(met(""), profile=profile)[0]) == {"unchanged": 1}

    event.place = "Ganja"
    event.save()
    assert counts(looked_at(met("Sheki"), profile=profile)[0]) == {"unchanged": 1}
    run, outcome = looked_at(met("Tokyo"), profile=profile)
    assert counts(run) == {"refused": 1}
    assert "Tokyo|Staff have changed this since the last import, to: Ganja" in remedies(outcome)
    imported(met("Tokyo"), profile=profile, overwrites=True)
    assert Event.objects.get().place == "Tokyo"


def test_memory_of_an_import_without_details_keeps_what_is_there(tmp_path: Path, met: Any) -> None:
    profile = tmp_path / "ministry.toml"
    run = imported(met("Baku"), profile=profile)
    line = run.records.get()
    del line.stated["details:events"]
    line.save()

    assert counts(looked_at(met("Sheki"), profile=profile)[0]) == {"unchanged": 1}


# Records that staff have merged or removed


def test_two_rows_whose_records_staff_made_one_do_not_garble_it(tmp_path: Path) -> None:
    rows = {"title": "Treaty 1"}, {"treaty_id": "2", "title": "Treaty 2"}
    imported(uk_file(tmp_path, *rows), creates_parties=True)
    kept, doubled = Agreement.objects.order_by("ref")
    doubled.delete()
    kept.identifiers.create(scheme="uk-treaties-online", value="2")

    run, outcome = looked_at(uk_file(tmp_path, *rows))

    assert counts(run) == {"unchanged": 1, "refused": 1}
    assert "3|ref|uk-treaties-online 2|Row 2 is the same agreement" in remedies(outcome)
    imported(uk_file(tmp_path, rows[1]))
    assert {each.value for each in kept.identifiers.all()} == {"1", "2"}


def test_row_by_reference_and_row_by_content_that_are_one_record_are_refused(
    tmp_path: Path,
) -> None:
    imported(csv_file(tmp_path, "ref,title,place", ",Tee,Baku"))
    ref = Agreement.objects.get().ref

    run, outcome = looked_at(
        csv_file(tmp_path, "ref,title,place", f"{ref},Tee changed,Paris", ",Tee,Baku")
    )

    assert counts(run) == {"changed": 1, "refused": 1}
    assert "Row 2 is the same agreement" in remedies(outcome)


def test_record_that_staff_removed_does_not_come_back_unless_overwritten(
    tmp_path: Path, agreement: Agreement
) -> None:
    agreement.delete()
    path = uk_file(tmp_path, {}, {"treaty_id": "2"})

    run = imported(path)

    assert counts(run) == {"created": 1, "kept": 1}
    assert run.records.get(outcome="kept").changes == [
        ["record", "nothing: AGR-0001 was deleted", "Convention on Parcels", "kept"]
    ]
    assert counts(imported(path, overwrites=True)) == {"created": 1, "unchanged": 1}
    assert Agreement.objects.count() == 2


ERASED = "Zübeydə Quluzadə"


def erased() -> None:
    erase(Name([ERASED], "[name “erased”]"), by=None, reason="Request 7", at=timezone.now())


def by_title(folder: Path, title: str) -> Path:
    return uk_file(folder, {"title": title})


def by_signatory(folder: Path, name: str) -> Path:
    return csv_file(folder, "ref,title,signatories", f"AGR-0001,A letter,Somebody; {name}")


@pytest.mark.parametrize(("file", "column"), [(by_title, "title"), (by_signatory, "signatories")])
def test_name_that_was_erased_does_not_come_back_with_the_same_file(
    tmp_path: Path, file: Any, column: str
) -> None:
    imported(file(tmp_path, ERASED), creates_parties=True)
    erased()

    run, outcome = looked_at(file(tmp_path, ERASED), creates_parties=True)

    assert counts(run) == {"refused": 1}
    assert f"2|{column}||A person's name was erased here" in remedies(outcome)
    assert ERASED not in remedies(outcome)
    # once the file is corrected, it is as good as any other
    run, _outcome = looked_at(file(tmp_path, "[name “erased”]"), creates_parties=True)
    assert counts(run) == {"unchanged": 1}
    run, _outcome = looked_at(file(tmp_path, ERASED), creates_parties=True, overwrites=True)
    assert counts(run) == {"changed": 1}
