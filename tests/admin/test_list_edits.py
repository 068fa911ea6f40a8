"""Values typed into the list of commitments: only edits are saved, and nobody's change is overwritten."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agreements.curation.history.past import entries_of
from agreements.curation.history.recording import recorded
from agreements.domain.choices import Progress, Publication
from agreements.domain.permissions import StaffRole
from agreements.models import Agreement, Commitment
from tests.colleagues import colleague
from tests.factories import AgreementFactory, CommitmentFactory
from tests.forms import filled_in

pytestmark = pytest.mark.django_db
LIST = reverse("admin:agreements_commitment_changelist")


@pytest.fixture
def publisher(client: Client) -> Client:
    client.force_login(colleague(StaffRole.PUBLISHER))
    return client


@pytest.fixture
def commitments() -> list[Commitment]:
    agreement = AgreementFactory(draft=True)
    with recorded():
        made: list[Commitment] = CommitmentFactory.create_batch(2, agreement=agreement)
    return made


def opened(client: Client) -> dict[str, list[str]]:
    return filled_in(client.get(LIST), "form-TOTAL_FORMS")


def save(client: Client, form: dict[str, Any], **changes: Any) -> Any:
    return client.post(LIST, form | changes | {"_save": "Save"})


def place(form: dict[str, list[str]], commitment: Commitment) -> str:
    """Return the prefix of the names of a row's fields."""
    [name] = [n for n, v in form.items() if n.endswith("-id") and v == [str(commitment.pk)]]
    return name.removesuffix("-id")


def progress(commitment: Commitment) -> str:
    commitment.refresh_from_db()
    return commitment.progress


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def test_what_is_typed_is_saved_with_a_version(
    publisher: Client, commitments: list[Commitment]
) -> None:
    form = opened(publisher)
    row = place(form, commitments[0])

    response = save(
        publisher,
        form,
        **{f"{row}-progress": "fulfilled", f"{row}-reviewed": "2026-01-31", "why": "Told"},
    )

    assert response.status_code == 302
    assert progress(commitments[0]) == Progress.FULFILLED
    entry = entries_of(Agreement, commitments[0].agreement_id)[0]
    assert entry.why == "Told"
    [change] = entry.changes.rows
    assert [(f.label, f.before, f.after) for f in change.fields] == [
        ("Progress", "Unknown", "Fulfilled"),
        ("Last reviewed", "", "31 January 2026"),
    ]


def test_rows_that_nobody_typed_into_are_left_as_others_made_them(
    publisher: Client, commitments: list[Commitment]
) -> None:
    first, second = commitments
    form = opened(publisher)
    Commitment.objects.filter(pk=second.pk).update(progress=Progress.DROPPED)

    save(publisher, form, **{f"{place(form, first)}-progress": "fulfilled"})

    assert (progress(first), progress(second)) == (Progress.FULFILLED, Progress.DROPPED)


def test_another_field_of_the_row_is_left_as_others_made_it(
    publisher: Client, commitments: list[Commitment]
) -> None:
    first = commitments[0]
    form = opened(publisher)
    Commitment.objects.filter(pk=first.pk).update(reviewed="2026-02-01")

    response = save(publisher, form, **{f"{place(form, first)}-progress": "fulfilled"})

    assert response.status_code == 302
    assert progress(first) == Progress.FULFILLED
    assert str(first.reviewed) == "2026-02-01"


@pytest.mark.parametrize(("answer", "stored"), [("theirs", "dropped"), ("yours", "fulfilled")])
def test_a_value_that_both_changed_is_chosen(
    publisher: Client, commitments: list[Commitment], answer: str, stored: str
) -> None:
    first, second = commitments
    form = opened(publisher)
    Commitment.objects.filter(pk=first.pk).update(progress=Progress.DROPPED)

    response = save(
        publisher,
        form,
        **{
            f"{place(form, first)}-progress": "fulfilled",
            f"{place(form, second)}-progress": "under_way",
        },
    )

    assert response.status_code == 409
    assert (progress(first), progress(second)) == ("dropped", "unknown")
    [choice] = [choice for row in response.context["rows"] for choice in row.choices]
    assert (choice.base, choice.theirs, choice.yours) == ("Unknown", "Dropped", "Fulfilled")
    again = filled_in(response, "form-TOTAL_FORMS")
    assert save(publisher, again).status_code == 409
    done = save(publisher, again, **{f"take--{choice.take}": answer})
    assert done.status_code == 302
    assert (progress(first), progress(second)) == (stored, "under_way")


def test_the_same_value_by_both_is_no_conflict(
    publisher: Client, commitments: list[Commitment]
) -> None:
    form = opened(publisher)
    Commitment.objects.filter(pk=commitments[0].pk).update(progress=Progress.FULFILLED)

    response = save(publisher, form, **{f"{place(form, commitments[0])}-progress": "fulfilled"})

    assert response.status_code == 302


def test_a_row_that_is_gone_is_named_and_the_rest_kept(
    publisher: Client, commitments: list[Commitment]
) -> None:
    first, second = commitments
    form = opened(publisher)
    rows = place(form, first), place(form, second)
    first.delete()

    response = save(
        publisher, form, **{f"{rows[0]}-progress": "fulfilled", f"{rows[1]}-progress": "under_way"}
    )

    assert response.status_code == 409
    assert "Somebody deleted this row" in text(response)
    again = filled_in(response, "form-TOTAL_FORMS")
    assert save(publisher, again).status_code == 302
    assert progress(second) == "under_way"


def test_what_cannot_be_read_comes_back_as_it_was_typed(
    publisher: Client, commitments: list[Commitment]
) -> None:
    form = opened(publisher)

    response = save(publisher, form, **{f"{place(form, commitments[0])}-reviewed": "yesterday"})

    assert response.status_code == 200
    assert 'value="yesterday"' in text(response)
    assert "Enter a valid date." in text(response)


def test_a_published_record_needs_a_reason(publisher: Client) -> None:
    commitment = CommitmentFactory()
    form = opened(publisher)
    changed = {f"{place(form, commitment)}-progress": "fulfilled"}

    refused = save(publisher, form, **changed)
    done = save(publisher, filled_in(refused, "form-TOTAL_FORMS"), why="Reported")

    assert "Give a reason for the change below" in text(refused)
    assert (refused.status_code, done.status_code) == (200, 302)
    assert progress(commitment) == Progress.FULFILLED
    assert entries_of(Agreement, commitment.agreement_id)[0].why == "Reported"


def test_a_row_of_a_closed_agreement_is_not_edited_in_the_list(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    client.force_login(colleague(StaffRole.EDITOR))
    commitment = CommitmentFactory(agreement__publication=Publication.PUBLISHED)
    form = opened(client)

    response = save(
        client, form, **{f"{place(form, commitment)}-progress": "fulfilled", "why": "x"}
    )

    assert "so only publishers can change it" in text(response)
    assert progress(commitment) == Progress.UNKNOWN
    refused = json.loads(caplog.messages[-1])
    assert refused["event"] == "closed_refused"
    assert commitment.agreement.ref in refused["of"]


def test_saving_the_list_untouched_writes_nothing(
    publisher: Client, commitments: list[Commitment]
) -> None:
    before = entries_of(Agreement, commitments[0].agreement_id)

    assert save(publisher, opened(publisher)).status_code == 302

    assert entries_of(Agreement, commitments[0].agreement_id) == before
