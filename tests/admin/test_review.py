"""The reading desk: the queue, the page of a record in review, and deciding about the version that was read."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agreements.curation import workflow
from agreements.curation.history.recording import recorded
from agreements.curation.review_queue import waiting_for
from agreements.domain.choices import Publication, PublicationVerb
from agreements.domain.facts import EvidenceCode
from agreements.domain.permissions import StaffRole
from agreements.models import Agreement, PublicationStep
from tests.colleagues import colleague
from tests.factories import (
    AgreementFactory,
    CommitmentFactory,
    EvidenceFactory,
    PartyFactory,
    SourceFactory,
)

pytestmark = pytest.mark.django_db
QUEUE = reverse("admin:agreements_agreement_review_queue")
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def address(agreement: Agreement, page: str = "review") -> str:
    return reverse(f"admin:agreements_agreement_{page}", args=[agreement.pk])


def text_of(response: Any) -> str:
    return " ".join(response.content.decode().split())


def said(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


@pytest.fixture
def editor() -> User:
    return colleague(StaffRole.EDITOR)


@pytest.fixture
def publisher() -> User:
    return colleague(StaffRole.PUBLISHER)


@pytest.fixture
def as_publisher(client: Client, publisher: User) -> Client:
    client.force_login(publisher)
    return client


def submitted(by: User, *, days: int = 0, reason: str = "", **fields: Any) -> Agreement:
    """A complete record that was submitted `days` after noon."""
    agreement = AgreementFactory(draft=True, parties=PartyFactory.create_batch(2), **fields)
    EvidenceFactory(agreement=agreement)
    return submit(agreement, by, days=days, reason=reason)


def submit(agreement: Agreement, by: User, *, days: int = 0, reason: str = "") -> Agreement:
    at = NOON + timedelta(days=days)
    return workflow.take(PublicationVerb.SUBMIT, agreement, by=by, at=at, reason=reason)


def decision(agreement: Agreement, step: str, **more: Any) -> dict[str, Any]:
    stored = Agreement.objects.get(pk=agreement.pk)
    return {"edit_token": stored.edit_token, "step": step, **more}


# The queue


def test_queue_lists_the_oldest_first_in_few_queries(as_publisher: Client, editor: User) -> None:
    new, old = (submitted(editor, days=days, title=f"Day {days}") for days in (5, 1))
    AgreementFactory(draft=True, title="A draft")

    with CaptureQueriesContext(
        connection,
    ) as few:
        page = text_of(as_publisher.get(QUEUE))
    for days in range(10, 15):
        submitted(editor, days=days)
    with CaptureQueriesContext(connection) as many:
        as_publisher.get(QUEUE)

    assert page.index(address(old)) < page.index(address(new))
    assert "2 records wait for review" in page
    assert "A draft" not in page
    assert len(many) == len(few) <= 15


def test_count_is_for_those_who_can_decide(editor: User, publisher: User) -> None:
    submitted(editor)

    assert [waiting_for(each) for each in (editor, publisher)] == [0, 1]


def test_empty_queue_says_so(as_publisher: Client) -> None:
    assert "Nothing waits for review." in text_of(as_publisher.get(QUEUE))


# The page


def test_new_record_shows_who_submitted_it_with_which_words(
    as_publisher: Client, editor: User
) -> None:
    agreement = submitted(editor, reason="From the <gazette>.", internal_notes="Ask the unit.")

    page = text_of(as_publisher.get(address(agreement)))

    assert "<strong>editor</strong> submitted it on 21 November 2026" in page
    assert "From the &lt;gazette&gt;." in page
    assert "Nobody has reviewed it before" in page
    assert "Ask the unit." in page, "what the public page will not show"
    assert page.count("<h1") == 1
    assert 'value="publish"' in page
    assert "/delete/" not in page


def test_changes_since_the_last_decision_are_shown_fact_by_fact(
    as_publisher: Client, publisher: User, editor: User
) -> None:
    agreement = submitted(editor, place="Belgrade")
    take = {"by": publisher, "at": NOON + timedelta(days=1), "reason": "Which city?"}
    workflow.take(PublicationVerb.RETURN, agreement, **take)
    source = SourceFactory(publisher="The Gazette")
    with recorded(by=editor):
        changed = Agreement.objects.get(pk=agreement.pk)
        changed.place = "Baku"
        changed.save()
        place = EvidenceCode.PLACE
        EvidenceFactory(
            agreement=changed, fact=place, source=source, locator="p. 12", note="“in Baku”"
        )
        CommitmentFactory(agreement=changed, text="Send the list", is_public=False)
    submit(agreement, editor, days=2)

    page = text_of(as_publisher.get(address(agreement)))

    assert "Changed since it was returned" in page
    assert "Which city?" in page
    assert '<del dir="auto">Belgrade</del>' in page
    assert '<ins dir="auto">Baku</ins>' in page
    assert "New evidence (stated): <bdi>The Gazette" in page
    assert "<bdi>p. 12</bdi>: <bdi>“in Baku”</bdi>" in page
    assert "Publishing shows 1 changed fact to the public." in page
    changes = page.partition('class="review-changes"')[2].partition("</section>")[0]
    assert changes.count('class="internal"') == 2, "the commitment and its row"
    assert '<dt class="changed">Place' in page


def test_page_takes_as_many_queries_for_many_rows(as_publisher: Client, editor: User) -> None:
    agreement = submitted(editor)
    as_publisher.get(address(agreement))
    with CaptureQueriesContext(connection) as few:
        as_publisher.get(address(agreement))
    for number in range(10):
        EvidenceFactory(agreement=agreement, locator=str(number))
        CommitmentFactory(agreement=agreement)
        submitted(editor, days=number)
    with CaptureQueriesContext(connection) as many:
        as_publisher.get(address(agreement))

    assert len(many) <= len(few) + 2 < 100


@pytest.mark.parametrize("role", [StaffRole.READER, StaffRole.EDITOR])
def test_others_read_but_cannot_decide(client: Client, editor: User, role: StaffRole) -> None:
    agreement = submitted(editor)
    client.force_login(colleague(role, username="somebody"))

    page = text_of(client.get(address(agreement)))
    answer = client.post(address(agreement), decision(agreement, "publish"))

    assert 'value="publish"' not in page
    assert ('value="recall"' in page) is (role == StaffRole.EDITOR)
    assert answer.status_code == 403
    agreement.refresh_from_db()
    assert agreement.publication == Publication.IN_REVIEW


# Deciding


def test_publishing_opens_the_next_record(as_publisher: Client, editor: User) -> None:
    first, second = (submitted(editor, days=days) for days in (1, 2))

    answer = as_publisher.post(address(first), decision(first, "publish"), follow=True)

    first.refresh_from_db()
    assert first.is_public
    assert answer.redirect_chain == [(address(second), 302)]
    page = text_of(answer)
    assert f"{first.ref}</a>: Published." in page
    assert f"{first.ref}: Published by you" in page
    last = as_publisher.post(address(second), decision(second, "publish"))
    assert last["Location"] == QUEUE


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        ({"why": "Which page?"}, "Which page?"),
        ({"ground": ["source", "nonsense"]}, "A source cannot be followed."),
        ({"ground": ["duplicate"], "why": "See 2."}, "It looks like a duplicate. See 2."),
    ],
    ids=["words", "tick", "both"],
)
def test_record_is_returned_with_a_reason(
    as_publisher: Client, editor: User, sent: dict[str, Any], reason: str
) -> None:
    agreement = submitted(editor)

    as_publisher.post(address(agreement), decision(agreement, "return", **sent))

    step = PublicationStep.objects.last()
    assert step is not None
    assert (step.verb, step.reason) == ("return", reason)


def test_returning_without_a_reason_is_refused_in_place(as_publisher: Client, editor: User) -> None:
    agreement = submitted(editor)

    answer = as_publisher.post(address(agreement), decision(agreement, "return"))

    assert answer.status_code == 409
    page = text_of(answer)
    assert "Say why, for the next person who works on this record." in page
    assert '<details class="review-return" open>' in page


@pytest.mark.parametrize("step", ["publish", "return"])
def test_decision_about_an_older_version_is_refused_and_keeps_the_words(
    as_publisher: Client, editor: User, step: str
) -> None:
    agreement = submitted(editor)
    sent = decision(agreement, step, why="My words.")
    with recorded(by=editor):
        changed = Agreement.objects.get(pk=agreement.pk)
        changed.title = "Another title"
        changed.save()

    answer = as_publisher.post(address(agreement), sent)

    assert answer.status_code == 409
    assert "Somebody has changed it since you opened the page." in text_of(answer)
    assert "Another title" in text_of(answer)
    assert ("My words." in text_of(answer)) is (step == "return") or step == "publish"
    agreement.refresh_from_db()
    assert agreement.publication == Publication.IN_REVIEW


def test_decision_taken_twice_is_refused_with_a_sentence(
    as_publisher: Client, editor: User
) -> None:
    agreement = submitted(editor)
    sent = decision(agreement, "publish")
    as_publisher.post(address(agreement), sent)

    answer = as_publisher.post(address(agreement), sent)

    assert answer["Location"] == QUEUE
    assert any("This one is now “Published”" in each for each in said(answer))
    assert PublicationStep.objects.filter(verb="publish").count() == 1


def test_record_that_lacks_a_source_is_not_published(as_publisher: Client, editor: User) -> None:
    agreement = AgreementFactory(draft=True, parties=PartyFactory.create_batch(2))
    submit(agreement, editor)

    answer = as_publisher.post(address(agreement), decision(agreement, "publish"))

    assert answer.status_code == 409
    assert "It cannot be published yet." in text_of(answer)


def test_record_that_is_not_in_review_leads_to_its_page(as_publisher: Client) -> None:
    agreement = AgreementFactory()

    answer = as_publisher.get(address(agreement))

    assert answer["Location"] == address(agreement, "change")
    assert said(answer) == [f"{agreement.ref} is not in review: it is now “Published”."]
