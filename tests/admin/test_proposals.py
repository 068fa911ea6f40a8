"""An editor proposes a change to a published record; a publisher takes it over, wholly or in part, or returns it."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from agreements.curation import proposals as curated
from agreements.curation.history.past import entries_of
from agreements.curation.history.recording import recorded
from agreements.curation.review_queue import queue, waiting_for
from agreements.domain.choices import ProposalState
from agreements.domain.permissions import StaffRole
from agreements.models import Agreement, Commitment, Event, Evidence, Proposal
from tests.colleagues import colleague
from tests.factories import (
    PDF_BYTES,
    AgreementFactory,
    CommitmentFactory,
    EventFactory,
    EvidenceFactory,
    PartyFactory,
    SourceFactory,
)
from tests.forms import filled_in

pytestmark = pytest.mark.django_db
WHY = "The gazette gives the day."


def address(agreement: Agreement, page: str, *more: int) -> str:
    return reverse(f"admin:agreements_agreement_{page}", args=[agreement.pk, *more])


def text_of(response: Any) -> str:
    return " ".join(response.content.decode().split())


def said(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


@pytest.fixture
def agreement() -> Agreement:
    made = AgreementFactory(title="Before", place="Baku", parties=PartyFactory.create_batch(2))
    EvidenceFactory(agreement=made)
    EventFactory(agreement=made, place="Ganja")
    CommitmentFactory(agreement=made, text="Send the list")
    return made


@pytest.fixture
def editor() -> User:
    return colleague(StaffRole.EDITOR)


@pytest.fixture
def as_editor(editor: User) -> Client:
    client = Client()
    client.force_login(editor)
    return client


@pytest.fixture
def as_publisher() -> Client:
    client = Client()
    client.force_login(colleague(StaffRole.PUBLISHER))
    return client


def propose(client: Client, agreement: Agreement, **changes: Any) -> Any:
    """Fill in the page on which a change is proposed, change this and send it."""
    page = address(agreement, "propose")
    form = filled_in(client.get(page), "edit_token")
    return client.post(page, {**form, "why": WHY, "_continue": "1", **changes})


def take(client: Client, proposal: Proposal, **answers: Any) -> Any:
    page = address(proposal.agreement, "proposal", proposal.pk)
    form = filled_in(client.get(page), "base_token")
    return client.post(page, {**form, "_continue": "1", **answers})


def stored(agreement: Agreement) -> Agreement:
    return Agreement.objects.get(pk=agreement.pk)


# Proposing


def test_proposal_leaves_the_record_as_it_is_and_waits(
    as_editor: Client, agreement: Agreement
) -> None:
    token = stored(agreement).edit_token

    answer = propose(as_editor, agreement, title="After", step="publish")

    assert answer["Location"] == address(agreement, "change")
    assert said(answer) == [
        f"Your change to {agreement.ref} is proposed. A publisher will decide about it."
    ]
    assert stored(agreement).title == "Before"
    assert stored(agreement).edit_token == token
    assert [entry.changes for entry in entries_of(Agreement, agreement.pk)] == [None]
    proposal = Proposal.objects.get()
    assert (proposal.why, proposal.state) == (WHY, ProposalState.WAITING)
    assert [(each.agreement, each.proposal) for each in queue()] == [(agreement.pk, proposal.pk)]
    assert "waits for a publisher" in text_of(as_editor.get(address(agreement, "change")))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, "You have changed nothing, so there is nothing to propose."),
        ({"title": "After", "why": ""}, "Give a reason for the change."),
        ({"title": ""}, "This field is required."),
        ({"title": "After", "signed": "nonsense"}, "nonsense"),
        ({"title": "After", "evidence-0-DELETE": "on"}, "Source"),
        (
            {"documents-0-file": SimpleUploadedFile("a.pdf", PDF_BYTES), "title": "After"},
            "Documents: a proposal cannot contain files.",
        ),
    ],
    ids=["nothing", "no reason", "invalid", "unreadable", "incomplete", "file"],
)
def test_proposal_is_checked_like_any_change(
    as_editor: Client, agreement: Agreement, changes: dict[str, Any], sentence: str
) -> None:
    answer = propose(as_editor, agreement, **changes)

    shown = as_editor.get(answer["Location"]) if answer.status_code == 302 else answer
    assert sentence in text_of(shown)
    assert not Proposal.objects.exists()
    assert stored(agreement).title == "Before"
    assert ("After</textarea>" in text_of(shown)) is (changes.get("title") == "After")


@pytest.mark.parametrize(
    ("role", "status"),
    [(StaffRole.READER, 403), (StaffRole.EDITOR, 200), (StaffRole.PUBLISHER, 302)],
)
def test_editors_alone_propose(
    client: Client, agreement: Agreement, role: StaffRole, status: int
) -> None:
    client.force_login(colleague(role))
    page = address(agreement, "propose")

    assert client.get(page).status_code == status
    client.post(page, {"title": "After", "why": WHY, "edit_token": agreement.edit_token})

    offered = f'href="{page}"' in text_of(client.get(address(agreement, "change")))
    assert offered is (role == StaffRole.EDITOR)
    assert stored(agreement).title == "Before"


def test_page_of_the_record_stays_closed(as_editor: Client, agreement: Agreement) -> None:
    form = filled_in(as_editor.get(address(agreement, "propose")), "edit_token")

    as_editor.post(address(agreement, "change"), {**form, "title": "After", "why": WHY})

    assert stored(agreement).title == "Before"


def test_one_record_has_a_bounded_number_of_proposals(
    as_editor: Client, agreement: Agreement, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(curated, "MOST_WAITING", 1)
    propose(as_editor, agreement, title="After")

    answer = propose(as_editor, agreement, title="Later")

    assert said(answer)[-1].startswith("1 proposals for it already wait.")
    assert Proposal.objects.count() == 1


def test_public_sees_nothing_of_a_proposal(
    client: Client, as_editor: Client, agreement: Agreement
) -> None:
    url = agreement.get_absolute_url()
    before = {page: client.get(page).content for page in (url, f"{url[:-1]}.json")}

    propose(as_editor, agreement, title="Proposed title")

    for page, content in before.items():
        assert b"Proposed title" not in client.get(page).content
        assert client.get(page).content == content


# Deciding


def _proposed(as_editor: Client, agreement: Agreement) -> Proposal:
    """A change of two facts, a new event, a removed event and new evidence."""
    event = agreement.events.get()
    source = SourceFactory(publisher="The Gazette")
    propose(
        as_editor,
        agreement,
        title="After",
        place="Sumqayit",
        **{
            "events-0-DELETE": "on",
            "events-TOTAL_FORMS": "2",
            "events-1-kind": event.kind,
            "events-1-place": "Shaki",
            "events-1-date": "2024",
            "evidence-TOTAL_FORMS": "2",
            "evidence-1-fact": "place",
            "evidence-1-source": str(source.pk),
            "evidence-1-basis": "stated",
            "evidence-1-locator": "p. 12",
        },
    )
    return Proposal.objects.get()


def test_publisher_takes_all_of_it(
    as_editor: Client, as_publisher: Client, agreement: Agreement
) -> None:
    proposal = _proposed(as_editor, agreement)
    page = text_of(as_publisher.get(address(agreement, "proposal", proposal.pk)))

    answer = take(as_publisher, proposal)

    assert WHY in page
    assert "Proposed:" in page
    assert "Sumqayit" in page
    assert answer["Location"] == reverse("admin:agreements_agreement_review_queue")
    changed = stored(agreement)
    assert (changed.title, changed.place) == ("After", "Sumqayit")
    assert [event.place for event in Event.objects.all()] == ["Shaki"]
    assert Evidence.objects.filter(locator="p. 12", source__publisher="The Gazette").exists()
    assert Commitment.objects.count() == 1
    proposal.refresh_from_db()
    assert (proposal.state, str(proposal.decided_by)) == (ProposalState.TAKEN, "publisher")
    entry = entries_of(Agreement, agreement.pk)[0]
    assert str(entry.by) == "publisher"
    assert entry.why == f"{WHY} Proposed by editor."
    assert waiting_for(proposal.by) == 0


def test_publisher_takes_part_of_it(
    as_editor: Client, as_publisher: Client, agreement: Agreement
) -> None:
    proposal = _proposed(as_editor, agreement)

    take(
        as_publisher,
        proposal,
        **{"take--title": "theirs", "take-row--events-0": "keep", "take-row--events-1": "drop"},
    )

    changed = stored(agreement)
    assert (changed.title, changed.place) == ("Before", "Sumqayit")
    assert [event.place for event in Event.objects.all()] == ["Ganja"]
    proposal.refresh_from_db()
    assert proposal.state == ProposalState.TAKEN


def test_taking_nothing_is_refused(
    as_editor: Client, as_publisher: Client, agreement: Agreement
) -> None:
    propose(as_editor, agreement, title="After")
    proposal = Proposal.objects.get()

    answer = take(as_publisher, proposal, **{"take--title": "theirs"})

    assert answer.status_code == 409
    assert "You took nothing of it." in text_of(answer)
    proposal.refresh_from_db()
    assert proposal.is_waiting


def test_what_others_changed_since_is_kept_or_asked_about(
    as_editor: Client, as_publisher: Client, agreement: Agreement
) -> None:
    propose(as_editor, agreement, title="After", place="Sumqayit")
    with recorded(by=None):
        changed = stored(agreement)
        changed.title, changed.summary = "Meanwhile", "A new summary"
        changed.save()
    proposal = Proposal.objects.get()

    asked = take(as_publisher, proposal)
    assert asked.status_code == 409, "both changed the title"
    assert stored(agreement).title == "Meanwhile"
    take(as_publisher, proposal, **{"take--title": "yours"})

    changed = stored(agreement)
    assert (changed.title, changed.place) == ("After", "Sumqayit")
    assert changed.summary == "A new summary"


def test_proposal_is_decided_about_once(
    as_editor: Client, as_publisher: Client, agreement: Agreement
) -> None:
    propose(as_editor, agreement, title="After")
    proposal = Proposal.objects.get()
    page = address(agreement, "proposal", proposal.pk)
    form = filled_in(as_publisher.get(page), "base_token")
    take(as_publisher, proposal)

    again = as_publisher.post(page, {**form, "_continue": "1"})
    returned = as_publisher.post(page, {"decision": "returned", "answer": "Too late"})

    for answer in (again, returned):
        assert answer.status_code == 409
        assert "Somebody has already decided about the proposal" in text_of(answer)


@pytest.mark.parametrize(
    ("who", "sent", "state"),
    [
        ("publisher", {"decision": "returned", "answer": "Which page?"}, ProposalState.RETURNED),
        ("publisher", {"decision": "returned", "answer": " "}, ProposalState.WAITING),
        ("editor", {"decision": "recalled"}, ProposalState.RECALLED),
        ("editor", {"decision": "returned", "answer": "Me"}, ProposalState.WAITING),
        ("other", {"decision": "recalled"}, ProposalState.WAITING),
        ("other", {"title": "After", "why": "x"}, ProposalState.WAITING),
    ],
)
def test_who_returns_and_recalls(
    as_editor: Client,
    as_publisher: Client,
    agreement: Agreement,
    who: str,
    sent: dict[str, str],
    state: ProposalState,
) -> None:
    propose(as_editor, agreement, title="After")
    proposal = Proposal.objects.get()
    other = Client()
    other.force_login(colleague(StaffRole.EDITOR, username="other"))
    client = {"publisher": as_publisher, "editor": as_editor, "other": other}[who]

    client.post(address(agreement, "proposal", proposal.pk), sent)

    proposal.refresh_from_db()
    assert proposal.state == state
    assert stored(agreement).title == "Before"
    if state == ProposalState.RETURNED:
        assert "Which page?" in text_of(as_editor.get(address(agreement, "change")))


def test_author_reads_the_proposal_in_words(as_editor: Client, agreement: Agreement) -> None:
    propose(as_editor, agreement, title="After")
    proposal = Proposal.objects.get()

    page = text_of(as_editor.get(address(agreement, "proposal", proposal.pk)))

    assert '<del dir="auto">Before</del>' in page
    assert '<ins dir="auto">After</ins>' in page


def test_proposal_goes_with_its_record(as_editor: Client, agreement: Agreement) -> None:
    propose(as_editor, agreement, title="After")

    agreement.delete()

    assert not Proposal.objects.exists()
