"""Merges while others write: nobody waits forever, nothing is lost, nothing fails for the wrong reason."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from agreements.curation.history.recording import recorded
from agreements.curation.merging import merges
from agreements.curation.merging.merges import merge, undo
from agreements.curation.merging.obstacles import MergeError
from agreements.domain.permissions import StaffRole
from agreements.models import Agreement, Participation, Party, PartyMerge
from tests.admin.sent import agreement_form
from tests.colleagues import colleague
from tests.factories import AgreementFactory, PartyFactory
from tests.search.registers import assert_current
from tests.threads import run_at_once

pytestmark = pytest.mark.django_db(transaction=True)
AT = datetime(2026, 11, 21, 12, tzinfo=UTC)


def edit(agreement: Agreement, add: Party) -> Callable[[], None]:
    """Do what the agreement's page does: lock the record, write it, and then add a row that names a party."""

    def job() -> None:
        with transaction.atomic(), recorded():
            held = Agreement.objects.select_for_update().get(pk=agreement.pk)
            held.summary = f"Edited: {held.title}"
            held.save()
            time.sleep(0.05)
            # a clerk may have chosen the party before it was merged away
            if Party.objects.filter(pk=add.pk).exists():
                Participation.objects.create(agreement=held, party=add, role="observer")

    return job


@pytest.mark.parametrize("_trial", range(5))
def test_merge_while_its_agreements_are_edited(_trial: int) -> None:
    kept, other = PartyFactory(), PartyFactory()
    agreements = [AgreementFactory(parties=[other]) for _number in range(6)]
    new = AgreementFactory()

    outcomes = run_at_once(
        lambda: merge(kept, other, by=None, at=AT),
        *(edit(agreement, other) for agreement in reversed(agreements[3:])),
        edit(agreements[0], kept),
        edit(new, kept),
    )

    assert isinstance(outcomes[0], PartyMerge), outcomes
    assert not [outcome for outcome in outcomes[1:] if outcome is not None]
    assert not Participation.objects.filter(party=other.pk).exists()
    edited = Agreement.objects.filter(summary__startswith="Edited")
    assert edited.count() == 5
    assert_current()


@pytest.mark.parametrize("_trial", range(5))
def test_both_directions_at_once(_trial: int) -> None:
    one, two = PartyFactory(), PartyFactory()
    AgreementFactory(parties=[one])
    AgreementFactory(parties=[two])

    outcomes = run_at_once(
        lambda: merge(one, two, by=None, at=AT), lambda: merge(two, one, by=None, at=AT)
    )

    made = [outcome for outcome in outcomes if isinstance(outcome, PartyMerge)]
    refused = [outcome for outcome in outcomes if isinstance(outcome, MergeError)]
    assert (len(made), len(refused)) == (1, 1), outcomes
    assert "has just been merged into" in str(refused[0])
    assert Participation.objects.filter(party=made[0].kept_id).count() == 2


def test_merge_is_undone_once_by_two_at_once() -> None:
    kept, other = PartyFactory(), PartyFactory()
    AgreementFactory(parties=[other])
    merged = merge(kept, other, by=None, at=AT)

    outcomes = run_at_once(*[lambda: undo(merged, by=None, at=AT)] * 2)

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["UndoError", "Undone"]
    assert Participation.objects.get().party_id == other.pk


@pytest.mark.parametrize("_trial", range(3))
def test_undo_while_its_agreements_are_edited(_trial: int) -> None:
    kept, other = PartyFactory(), PartyFactory()
    agreements = [AgreementFactory(parties=[other]) for _number in range(4)]
    merged = merge(kept, other, by=None, at=AT)

    outcomes = run_at_once(
        lambda: undo(merged, by=None, at=AT), *(edit(a, kept) for a in reversed(agreements))
    )

    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert Participation.objects.filter(party=other, role="party").count() == 4
    assert Participation.objects.filter(party=kept, role="observer").count() == 4
    assert_current()


def test_merges_of_overlapping_parties() -> None:
    kept, one, two = PartyFactory(), PartyFactory(), PartyFactory()
    for _number in range(4):
        AgreementFactory(parties=[one, two, PartyFactory()])

    outcomes = run_at_once(
        lambda: merge(kept, one, by=None, at=AT), lambda: merge(kept, two, by=None, at=AT)
    )

    assert [type(outcome) for outcome in outcomes] == [PartyMerge, PartyMerge], outcomes
    assert Participation.objects.filter(party=kept).count() == 4
    assert_current()


def test_clerk_who_names_the_party_that_is_just_being_merged_away_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The form is validated while the party still exists; when the row is written, it is gone."""
    kept, other = PartyFactory(name="Ministry of Labour"), PartyFactory(name="Labor")
    clerk = colleague(StaffRole.EDITOR)
    is_merging = threading.Event()

    def slowly(keys: list[int]) -> None:
        is_merging.set()
        time.sleep(1)

    def enter() -> Any:
        client = Client()
        client.force_login(clerk)
        assert is_merging.wait(20)
        row = {"party": other.pk}
        return client.post(
            reverse("admin:agreements_agreement_add"),
            agreement_form(title="Typed with care", participations=[row]),
        )

    monkeypatch.setattr(merges, "refresh_search", slowly)

    merged, response = run_at_once(lambda: merge(kept, other, by=None, at=AT), enter)

    assert isinstance(merged, PartyMerge), merged
    assert response.status_code == 200
    assert "Select a valid choice" in response.content.decode()
    assert "Typed with care" in response.content.decode()
    assert not Agreement.objects.exists()
