"""A file that comes again: what staff have done meanwhile is kept, and told; what both changed is refused."""

from pathlib import Path

import pytest

from agreements.models import Agreement, Participation
from tests.factories import PartyFactory
from tests.importing.files import counts, imported, looked_at, remedies
from tests.importing.test_foreign_files import uk_file

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
