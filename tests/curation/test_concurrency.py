"""People who save one record at the same moment: real requests, each in its own thread with its own connection.

Every trial makes a small register, lets two or three people open the same pages, and has them all press the button at
once. No response may be an error, and nothing that was saved may be lost: of those who began with the same version and
wrote the same thing, one succeeds and the others are shown what changed.

`CONCURRENCY_TRIALS=1000 pytest tests/curation/test_concurrency.py` runs more trials than the usual forty.
"""

import os
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, connections
from django.test import Client
from django.urls import reverse

from agreements.curation.history.past import entries_of
from agreements.curation.history.recording import recorded
from agreements.curation.history.states import state_of
from agreements.domain.choices import EventKind, Publication, RelationKind
from agreements.models import Agreement, Commitment, Event, Participation, Removal
from tests.factories import (
    AgreementFactory,
    CommitmentFactory,
    EvidenceFactory,
    PartyFactory,
)
from tests.forms import filled_in

TRIALS = int(os.environ.get("CONCURRENCY_TRIALS", "40"))
PEOPLE = 3

pytestmark = pytest.mark.django_db(transaction=True)

Request = Callable[[], Any]


def url(record: Any, page: str = "change", *args: Any) -> str:
    return reverse(f"admin:agreements_{record._meta.model_name}_{page}", args=[record.pk, *args])


def opened(person: Client, record: Any) -> dict[str, list[str]]:
    return filled_in(person.get(url(record)), "edit_token")


def saving(person: Client, record: Any, form: dict[str, Any], **changes: Any) -> Request:
    sent = form | changes | {"_continue": "1", "why": "A trial"}
    return lambda: person.post(url(record), sent)


def at_once(requests: list[Request]) -> list[int]:
    """Send the requests at the same moment and return their status codes, in order."""
    start = Barrier(len(requests))

    def send(request: Request) -> int:
        try:
            start.wait(timeout=30)
            response = request()
            return int(response.status_code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(requests)) as threads:
        return list(threads.map(send, requests))


@pytest.fixture
def people() -> list[Client]:
    found = []
    for number in range(PEOPLE):
        client = Client()
        client.force_login(User.objects.create_superuser(f"person{number}"))
        found.append(client)
    return found


def new_agreement(**fields: Any) -> Agreement:
    with recorded():
        agreement: Agreement = AgreementFactory(
            title="Before", parties=PartyFactory.create_batch(2), **{"draft": True, **fields}
        )
        EvidenceFactory(agreement=agreement)
    return agreement


def kept_as_stored(agreement: Agreement) -> bool:
    """Whether the latest version equals the stored record."""
    [latest] = entries_of(Agreement, agreement.pk, count=1)
    return latest.state == state_of(Agreement.objects.get(pk=agreement.pk))


def one_came_through(codes: list[int]) -> int:
    """Return whose request succeeded, if all others had to be shown what changed."""
    assert Counter(codes) == {302: 1, 409: len(codes) - 1}, codes
    return codes.index(302)


# What people do at once


def same_field(people: list[Client]) -> None:
    agreement = new_agreement()
    forms = [opened(person, agreement) for person in people]

    codes = at_once(
        [
            saving(person, agreement, form, title=f"Title {number}")
            for number, (person, form) in enumerate(zip(people, forms, strict=True))
        ]
    )

    winner = one_came_through(codes)
    assert Agreement.objects.get(pk=agreement.pk).title == f"Title {winner}"
    assert kept_as_stored(agreement)


def new_rows(people: list[Client]) -> None:
    agreement = new_agreement()
    forms = [opened(person, agreement) for person in people]

    codes = at_once(
        [
            saving(
                person,
                agreement,
                form,
                **{
                    "events-TOTAL_FORMS": "1",
                    "events-0-kind": EventKind.MEETING,
                    "events-0-note": f"Note {number}",
                },
            )
            for number, (person, form) in enumerate(zip(people, forms, strict=True))
        ]
    )

    winner = one_came_through(codes)
    assert [event.note for event in Event.objects.filter(agreement=agreement)] == [f"Note {winner}"]
    assert kept_as_stored(agreement)


def own_screens(people: list[Client]) -> None:
    agreement = new_agreement()
    with recorded():
        commitments = CommitmentFactory.create_batch(len(people), agreement=agreement)
    forms = [opened(*pair) for pair in zip(people, commitments, strict=True)]

    codes = at_once(
        [
            saving(person, commitment, form, text=f"Text {number}")
            for number, (person, commitment, form) in enumerate(
                zip(people, commitments, forms, strict=True)
            )
        ]
    )

    assert codes == [302] * len(people)
    texts = Commitment.objects.filter(agreement=agreement).values_list("text", flat=True)
    assert set(texts) == {f"Text {number}" for number in range(len(people))}
    assert kept_as_stored(agreement)


def list_edits(people: list[Client]) -> None:
    agreement = new_agreement()
    with recorded():
        commitments = CommitmentFactory.create_batch(len(people) + 1, agreement=agreement)
    address = (
        reverse("admin:agreements_commitment_changelist") + f"?agreement__id__exact={agreement.pk}"
    )
    requests = []
    contested, *own = commitments
    for person, commitment, code in zip(
        people, own, ("fulfilled", "dropped", "under_way"), strict=True
    ):
        form = filled_in(person.get(address), "form-TOTAL_FORMS")
        places = {form[name][0]: name.removesuffix("-id") for name in form if name.endswith("-id")}
        changed = {f"{places[str(each.pk)]}-progress": code for each in (contested, commitment)}
        requests.append(
            lambda person=person, sent=form | changed | {"_save": "1"}: person.post(address, sent)
        )

    winner = one_came_through(at_once(requests))

    stored = dict(Commitment.objects.filter(agreement=agreement).values_list("pk", "progress"))
    assert stored[own[winner].pk] == stored[contested.pk]
    assert Counter(stored.values())["unknown"] == len(people) - 1
    assert kept_as_stored(agreement)


def deletion_and_edit(people: list[Client]) -> None:
    agreement = new_agreement()
    editor, remover, *_ = people
    form = opened(editor, agreement)
    confirmation = filled_in(remover.get(url(agreement, "delete")), "post")

    codes = at_once(
        [
            saving(editor, agreement, form, title="Edited"),
            lambda: remover.post(url(agreement, "delete"), confirmation),
        ]
    )

    winner = one_came_through(codes)
    is_there = Agreement.objects.filter(pk=agreement.pk, title="Edited").exists()
    assert is_there is (winner == 0)
    assert Removal.objects.filter(key=agreement.pk).exists() is not is_there


def restore_and_edit(people: list[Client]) -> None:
    agreement = new_agreement()
    with recorded():
        agreement.title = "Second"
        agreement.save()
    editor, restorer, *_ = people
    form = opened(editor, agreement)
    first = entries_of(Agreement, agreement.pk)[-1]
    page = url(agreement, "version", first.key)
    wish = filled_in(restorer.get(page), "edit_token")

    codes = at_once(
        [
            saving(editor, agreement, form, title="Edited"),
            lambda: restorer.post(page, wish),
        ]
    )

    winner = one_came_through(codes)
    assert Agreement.objects.get(pk=agreement.pk).title == ["Edited", "Before"][winner]
    assert kept_as_stored(agreement)


def action_and_edit(people: list[Client]) -> None:
    agreement = new_agreement()
    editor, publisher, *_ = people
    form = opened(editor, agreement)
    chosen = {"action": "publish", "_selected_action": [agreement.pk], "index": "0"}
    address = reverse("admin:agreements_agreement_changelist")

    codes = at_once(
        [
            saving(editor, agreement, form, title="Edited"),
            lambda: publisher.post(address, chosen),
        ]
    )

    stored = Agreement.objects.get(pk=agreement.pk)
    assert codes[1] == 302
    assert stored.publication == Publication.PUBLISHED
    assert (stored.title == "Edited") is (codes[0] == 302)
    assert codes[0] in (302, 409)
    assert kept_as_stored(agreement)


def crossing_relations(people: list[Client]) -> None:
    pair = [new_agreement(draft=False), new_agreement(draft=False)]
    forms = [opened(person, agreement) for person, agreement in zip(people, pair, strict=False)]

    codes = at_once(
        [
            saving(
                people[number],
                pair[number],
                forms[number],
                **{
                    "relations_out-TOTAL_FORMS": "1",
                    "relations_out-0-kind": kind,
                    "relations_out-0-target": pair[1 - number].pk,
                },
            )
            for number, kind in enumerate((RelationKind.SUPERSEDES, RelationKind.AMENDS))
        ]
    )

    assert codes == [302, 302]
    assert all(agreement.relations_out.count() == 1 for agreement in pair)
    assert all(map(kept_as_stored, pair))


def parties_and_agreements(people: list[Client]) -> None:
    agreement = new_agreement()
    party = Participation.objects.filter(agreement=agreement).first().party
    forms = opened(people[0], agreement), opened(people[1], party), opened(people[2], party)

    codes = at_once(
        [
            saving(people[0], agreement, forms[0], title="Edited"),
            saving(people[1], party, forms[1], name="Renamed one"),
            saving(people[2], party, forms[2], name="Renamed other"),
        ]
    )

    assert codes[0] == 302
    winner = one_came_through(codes[1:])
    party.refresh_from_db()
    assert party.name == ["Renamed one", "Renamed other"][winner]


def resolved_conflicts(people: list[Client]) -> None:
    agreement = new_agreement()
    first, second, third = people
    forms = [opened(person, agreement) for person in people]
    saving(first, agreement, forms[0], title="First")()
    pages = [
        saving(person, agreement, form, title=f"Mine {number}")()
        for number, (person, form) in enumerate(zip((second, third), forms[1:], strict=True))
    ]
    answers = [filled_in(page, "edit_token") | {"take--title": "yours"} for page in pages]

    codes = at_once(
        [
            saving(person, agreement, form)
            for person, form in zip((second, third), answers, strict=True)
        ]
    )

    winner = one_came_through(codes)
    assert Agreement.objects.get(pk=agreement.pk).title == f"Mine {winner}"
    assert kept_as_stored(agreement)


KINDS = (
    same_field,
    new_rows,
    own_screens,
    list_edits,
    deletion_and_edit,
    restore_and_edit,
    action_and_edit,
    crossing_relations,
    parties_and_agreements,
    resolved_conflicts,
)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_nothing_is_lost_and_nobody_sees_a_fault(
    people: list[Client], kind: Callable[[list[Client]], None]
) -> None:
    for number in range(max(1, TRIALS // len(KINDS))):
        try:
            kind(people)
        except AssertionError as lost:
            message = f"trial {number} of {kind.__name__} on {connection.vendor}: {lost}"
            raise AssertionError(message) from lost
