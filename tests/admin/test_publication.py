"""How staff publish a record: buttons that save first, actions of the list, reasons, and the preview."""

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.contrib.messages import get_messages
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agreements.admin import publication
from agreements.curation import workflow
from agreements.domain.choices import Publication, PublicationVerb
from agreements.domain.permissions import StaffRole
from agreements.models import Agreement, PublicationStep
from tests.admin.sent import agreement_form
from tests.colleagues import colleague
from tests.factories import AgreementFactory, DocumentFactory, EvidenceFactory, PartyFactory

pytestmark = pytest.mark.django_db
LIST = reverse("admin:agreements_agreement_changelist")
ADD = reverse("admin:agreements_agreement_add")
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
WHY = "The second party is misspelt."


def address(page: str, agreement: Agreement) -> str:
    return reverse(f"admin:agreements_agreement_{page}", args=[agreement.pk])


def ready(**fields: Any) -> Agreement:
    agreement = AgreementFactory(parties=PartyFactory.create_batch(2), **fields)
    EvidenceFactory(agreement=agreement)
    return agreement


def publication_of(agreement: Agreement) -> str:
    agreement.refresh_from_db()
    return agreement.publication


def said(response: Any) -> list[tuple[str, str]]:
    return [
        (message.level_tag, str(message))
        for message in get_messages(response.wsgi_request)
        if message.level_tag != "warning"
    ]


@pytest.fixture
def editor(client: Client) -> Client:
    client.force_login(colleague(StaffRole.EDITOR))
    return client


@pytest.fixture
def publisher() -> Client:
    client = Client()
    client.force_login(colleague(StaffRole.PUBLISHER))
    return client


# The buttons of the page


def buttons(page: str) -> set[str]:
    return {
        verb for verb in PublicationVerb if f'name="step" value="{verb}"' in " ".join(page.split())
    }


@pytest.mark.parametrize(
    ("role", "publication", "offered"),
    [
        (StaffRole.READER, Publication.DRAFT, set()),
        (StaffRole.READER, Publication.IN_REVIEW, set()),
        (StaffRole.EDITOR, Publication.DRAFT, {"submit"}),
        (StaffRole.EDITOR, Publication.IN_REVIEW, {"recall"}),
        (StaffRole.EDITOR, Publication.PUBLISHED, set()),
        (StaffRole.EDITOR, Publication.WITHDRAWN, {"submit"}),
        (StaffRole.PUBLISHER, Publication.DRAFT, {"submit", "publish"}),
        (StaffRole.PUBLISHER, Publication.IN_REVIEW, {"return", "publish"}),
        (StaffRole.PUBLISHER, Publication.PUBLISHED, {"withdraw"}),
        (StaffRole.PUBLISHER, Publication.WITHDRAWN, {"submit", "publish"}),
    ],
)
def test_page_offers_the_steps_that_may_be_taken(
    client: Client, role: StaffRole, publication: Publication, offered: set[str]
) -> None:
    client.force_login(colleague(role))

    page = client.get(address("change", ready(publication=publication))).content.decode()

    assert buttons(page) == offered
    assert ("Required for “Save and return”." in page) is ("return" in offered)


def test_button_saves_what_was_typed_and_takes_the_step(editor: Client) -> None:
    agreement = ready(draft=True)

    response = editor.post(
        address("change", agreement), agreement_form(of=agreement, title="Typed", step="submit")
    )

    assert publication_of(agreement) == Publication.IN_REVIEW
    assert agreement.title == "Typed"
    assert response["Location"] == address("change", agreement)
    assert said(response) == [("success", f"{agreement.ref} was saved. Submitted for review.")]


def test_new_record_is_published_from_its_first_page(publisher: Client) -> None:
    parties = [{"party": party.pk} for party in PartyFactory.create_batch(2)]
    source = EvidenceFactory().source

    publisher.post(
        ADD,
        agreement_form(
            title="New",
            participations=parties,
            source=source.pk,
            step="publish",
        ),
    )

    assert Agreement.objects.get(title="New").is_public


def test_refused_step_keeps_what_was_typed_and_says_why(publisher: Client) -> None:
    agreement = AgreementFactory(draft=True)

    response = publisher.post(
        address("change", agreement), agreement_form(of=agreement, title="Typed", step="publish")
    )

    assert publication_of(agreement) == Publication.DRAFT
    assert agreement.title == "Typed"
    ((level, sentence),) = said(response)
    assert level == "error"
    assert sentence.startswith(f"{agreement.ref} was saved, but “Publish” was refused: ")
    assert all(lack in sentence for lack in workflow.lacking(agreement))
    assert not PublicationStep.objects.exists()


def test_faulty_form_takes_no_step_and_keeps_the_reason(publisher: Client) -> None:
    agreement = ready(publication=Publication.IN_REVIEW)

    response = publisher.post(
        address("change", agreement), agreement_form(of=agreement, title="", step="return", why=WHY)
    )

    assert response.status_code == 200
    assert response.context["adminform"].form["why"].value() == WHY
    assert publication_of(agreement) == Publication.IN_REVIEW


def test_step_that_is_not_one_only_saves(editor: Client) -> None:
    agreement = ready(draft=True)

    editor.post(
        address("change", agreement), agreement_form(of=agreement, title="Typed", step="destroy")
    )

    assert (publication_of(agreement), agreement.title) == (Publication.DRAFT, "Typed")


def test_publication_is_not_a_field(publisher: Client) -> None:
    agreement = ready(draft=True)

    publisher.post(
        address("change", agreement), agreement_form(of=agreement, publication="published")
    )

    assert publication_of(agreement) == Publication.DRAFT


def test_editor_cannot_publish_by_a_made_up_request(editor: Client) -> None:
    draft, in_review = ready(draft=True), ready(publication=Publication.IN_REVIEW)

    response = editor.post(address("change", draft), agreement_form(of=draft, step="publish"))
    refused = editor.post(address("step", in_review), {"step": "publish"})

    assert said(response)[0][0] == "error"
    assert refused.status_code == 403
    assert publication_of(draft) == Publication.DRAFT
    assert publication_of(in_review) == Publication.IN_REVIEW


def test_returned_record_shows_the_reason_until_it_is_submitted_again(
    editor: Client, publisher: Client
) -> None:
    agreement = ready(publication=Publication.IN_REVIEW)

    publisher.post(
        address("change", agreement), agreement_form(of=agreement, step="return", why=f"<b>{WHY}")
    )
    returned = editor.get(address("change", agreement)).content.decode()
    editor.post(address("change", agreement), agreement_form(of=agreement, step="submit"))
    submitted = editor.get(address("change", agreement)).content.decode()

    assert f"&lt;b&gt;{WHY}" in returned.split('class="sent-back"')[1].split("</div>")[0]
    assert 'class="sent-back"' not in submitted
    assert WHY in submitted.split("publication-steps")[1]


@pytest.mark.parametrize(
    ("publication", "step"),
    [(Publication.IN_REVIEW, "return"), (Publication.PUBLISHED, "withdraw")],
)
def test_missing_reason_is_asked_for_and_what_was_typed_stays(
    publisher: Client, publication: Publication, step: str
) -> None:
    agreement = ready(publication=publication, title="Stored")

    asked = publisher.post(
        address("change", agreement),
        agreement_form(of=agreement, title="Typed", step=step, why=" "),
    )

    form = asked.context["adminform"].form
    assert form.errors["why"] == ["Say why, for the next person who works on this record."]
    assert form["title"].value() == "Typed"
    assert (publication_of(agreement), agreement.title) == (publication, "Stored")


def test_reason_page_takes_the_step(publisher: Client) -> None:
    agreement = ready()

    asked = publisher.post(address("step", agreement), {"step": "withdraw"}).content.decode()
    given = publisher.post(
        address("step", agreement), {"step": "withdraw", "why": WHY, "public_reason": "Twice"}
    )

    assert "Say why, for the next person who works on this record." in asked
    assert f'action="{address("step", agreement)}"' in asked
    assert given["Location"] == address("change", agreement)
    assert publication_of(agreement) == Publication.WITHDRAWN
    assert PublicationStep.objects.get().reason == WHY


def test_reason_that_came_too_late_is_not_lost(publisher: Client) -> None:
    agreement = ready(draft=True)

    response = publisher.post(
        address("step", agreement), {"step": "withdraw", "why": WHY, "public_reason": "Twice"}
    )

    page = response.content.decode()
    assert "This one is now “Draft”." in page
    assert f">{WHY}</textarea>" in page


# Records that are closed


@pytest.mark.parametrize(
    ("publication", "words"),
    [
        (Publication.IN_REVIEW, "is in review and cannot be changed"),
        (Publication.PUBLISHED, "is published, so only publishers can change it"),
    ],
)
def test_closed_record_says_why_and_takes_nothing(
    editor: Client, publication: Publication, words: str
) -> None:
    agreement = ready(publication=publication, title="Stored")

    shown = editor.get(address("change", agreement)).content.decode()
    response = editor.post(
        address("change", agreement),
        agreement_form(of=agreement, title="Typed before", place="Baku"),
    )

    page = response.content.decode()
    assert words in shown
    assert 'name="_save"' not in shown
    assert words in page
    assert "Nothing was saved, but what you typed is still here." in page
    assert "Typed before" in page
    agreement.refresh_from_db()
    assert (agreement.title, agreement.place) == ("Stored", "")


def test_editor_takes_a_record_back_from_review(editor: Client) -> None:
    agreement = ready(publication=Publication.IN_REVIEW)

    page = editor.get(address("change", agreement)).content.decode()
    response = editor.post(address("step", agreement), {"step": "recall"})

    assert f'formaction="{address("step", agreement)}"' in page
    assert said(response) == [("success", f"{agreement.ref}: Taken back from review.")]
    assert publication_of(agreement) == Publication.DRAFT


def test_reader_is_refused_and_changes_nothing(client: Client) -> None:
    client.force_login(colleague(StaffRole.READER))
    agreement = ready(publication=Publication.IN_REVIEW, title="Stored")

    answers = [
        client.post(
            address("change", agreement), agreement_form(of=agreement, title="Typed")
        ).status_code,
        client.post(address("step", agreement), {"step": "recall"}).status_code,
        client.post(ADD, agreement_form()).status_code,
    ]

    assert answers == [403, 403, 403]
    assert publication_of(agreement) == Publication.IN_REVIEW
    assert Agreement.objects.get().title == "Stored"


@pytest.mark.parametrize("page", ["step", "preview"])
def test_record_that_is_gone_leads_to_the_list(editor: Client, page: str) -> None:
    for missing in ("999", "9" * 30, "x"):
        response = editor.get(reverse(f"admin:agreements_agreement_{page}", args=[missing]))

        assert response.status_code == 302, missing


class DeadlockError(Exception):
    sqlstate = "40P01"


@pytest.fixture
def deadlocked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the database abort the first step that is taken."""
    take, calls = workflow.take, []

    def taken(*args: Any, **kwargs: Any) -> Agreement:
        done = take(*args, **kwargs)
        calls.append(done)
        if len(calls) == 1:
            raise OperationalError from DeadlockError()
        return done

    monkeypatch.setattr(workflow, "take", taken)


@pytest.mark.usefixtures("deadlocked_once")
def test_step_is_taken_again_after_a_deadlock(editor: Client) -> None:
    agreement = ready(draft=True)

    response = editor.post(address("step", agreement), {"step": "submit"})

    assert response.status_code == 302
    assert publication_of(agreement) == Publication.IN_REVIEW
    assert said(response) == [("success", f"{agreement.ref}: Submitted for review.")]
    assert (PublicationStep.objects.count(), LogEntry.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [("x" * 5000, "x" * 1000), ("Mis\0spelt", "Misspelt")],
    ids=["endless", "with a null"],
)
def test_reason_of_a_step_is_taken_as_that_of_a_change_is(
    publisher: Client, sent: str, kept: str
) -> None:
    agreement = ready()

    publisher.post(
        address("step", agreement), {"step": "withdraw", "why": sent, "public_reason": "Twice"}
    )

    assert PublicationStep.objects.get().reason == kept


def test_reloaded_step_leads_back_to_the_record(editor: Client) -> None:
    agreement = ready(draft=True)

    response = editor.get(address("step", agreement))

    assert response["Location"] == address("change", agreement)


def test_published_record_stays_as_complete_as_it_had_to_be(publisher: Client) -> None:
    agreement = ready()
    first, second = agreement.participations.all()
    evidence = agreement.evidence.get()
    parties = [
        {"id": first.pk, "agreement": agreement.pk, "party": first.party_id},
        {"id": second.pk, "agreement": agreement.pk, "party": second.party_id, "DELETE": "on"},
    ]
    source = {
        "id": evidence.pk,
        "agreement": agreement.pk,
        "fact": evidence.fact,
        "source": evidence.source_id,
        "DELETE": "on",
    }

    def save(**sent: Any) -> str:
        form = agreement_form(of=agreement, **sent)
        return publisher.post(address("change", agreement), form).content.decode()

    assert "names two parties" in save(stored_rows=2, participations=parties)
    assert "rests on a source" in save(stored_rows=1, evidence=[source])
    assert (agreement.participations.count(), agreement.evidence.count()) == (2, 1)

    save(stored_rows=2, participations=parties, parties_note="The other is not named.")
    assert agreement.participations.count() == 1
    assert "names two parties" in save()


# The list


def act(client: Client, action: str, *chosen: Agreement, **more: Any) -> Any:
    data = {"action": action, "_selected_action": [row.pk for row in chosen], **more}
    return client.post(LIST, data)


@time_machine.travel(NOON, tick=False)
def test_those_that_can_take_the_step_take_it_and_the_others_are_named(publisher: Client) -> None:
    drafts = [ready(draft=True) for _ in range(2)]
    bare = [AgreementFactory(draft=True) for _ in range(2)]
    published = ready()

    response = act(publisher, "publish", *drafts, *bare, published)

    assert {publication_of(row) for row in drafts} == {Publication.PUBLISHED}
    assert {row.published_at for row in drafts} == {NOON}
    assert {publication_of(row) for row in bare} == {Publication.DRAFT}
    done, *refused = said(response)
    assert done == ("success", "2 agreements: Published.")
    assert [sentence.split(":")[0] for _level, sentence in refused] == [
        f"{bare[0].ref}, {bare[1].ref}",
        published.ref,
    ]
    assert "It cannot be published yet." in refused[0][1]
    assert {entry.object_repr for entry in LogEntry.objects.all()} == {str(row) for row in drafts}


@pytest.mark.usefixtures("deadlocked_once")
def test_chosen_records_take_the_step_again_after_a_deadlock(publisher: Client) -> None:
    chosen = [AgreementFactory(draft=True) for _ in range(3)]

    response = act(publisher, "submit", *chosen)

    assert response.status_code == 302
    assert {publication_of(agreement) for agreement in chosen} == {Publication.IN_REVIEW}
    assert said(response) == [("success", "3 agreements: Submitted for review.")]
    assert PublicationStep.objects.count() == LogEntry.objects.count() == 3


def test_chosen_records_are_locked_in_the_order_of_all_other_writers(publisher: Client) -> None:
    chosen = [AgreementFactory(draft=True, ref=ref) for ref in ("AGR-9999", "AGR-10000")]

    act(publisher, "submit", *reversed(chosen))

    taken = PublicationStep.objects.order_by("pk").values_list("agreement", flat=True)
    assert list(taken) == [agreement.pk for agreement in chosen]


def test_list_asks_the_reason_and_then_acts(publisher: Client) -> None:
    chosen = [ready(), ready()]

    asked = act(publisher, "withdraw", *chosen)
    again = act(publisher, "withdraw", *chosen, why=" ")
    before = {publication_of(row) for row in chosen}
    response = act(publisher, "withdraw", *chosen, why=WHY, public_reason="Twice")

    page = asked.content.decode()
    assert all(f'name="_selected_action" value="{row.pk}"' in page for row in chosen)
    assert "Say why" not in page
    assert "Say why" in again.content.decode()
    assert before == {Publication.PUBLISHED}
    assert {publication_of(row) for row in chosen} == {Publication.WITHDRAWN}
    assert said(response) == [("success", "2 agreements: Withdrawn.")]
    assert set(PublicationStep.objects.values_list("reason", flat=True)) == {WHY}


@pytest.mark.parametrize(
    ("role", "actions"),
    [
        (StaffRole.READER, set()),
        (StaffRole.EDITOR, {"submit", "recall"}),
        (
            StaffRole.PUBLISHER,
            {"submit", "recall", "return_with_reason", "publish", "withdraw", "delete_selected"},
        ),
    ],
)
def test_list_offers_each_role_its_steps(
    client: Client, role: StaffRole, actions: set[str]
) -> None:
    client.force_login(colleague(role))
    agreement = ready(publication=Publication.IN_REVIEW)
    names = {"submit", "recall", "return_with_reason", "publish", "withdraw", "delete_selected"}

    page = client.get(LIST).content.decode()
    for action in names - actions:
        act(client, action, agreement, why=WHY, post="yes")

    assert {name for name in names if f'value="{name}"' in page} == actions
    assert publication_of(agreement) == Publication.IN_REVIEW


def test_too_many_at_once_are_refused(publisher: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publication, "MOST_AT_ONCE", 1)
    chosen = [ready(draft=True), ready(draft=True)]

    response = act(publisher, "publish", *chosen)

    assert said(response) == [("error", "You selected 2 agreements. Select at most 1 at a time.")]
    assert not PublicationStep.objects.exists()


# The preview


@pytest.mark.parametrize(
    "publication", [Publication.DRAFT, Publication.IN_REVIEW, Publication.WITHDRAWN]
)
def test_preview_is_the_public_page_for_staff_alone(
    client: Client, publication: Publication
) -> None:
    client.force_login(colleague(StaffRole.READER))
    agreement = ready(publication=publication, parties_note="Third one not named.")
    DocumentFactory(agreement=agreement, is_public=False, title="Kept from the public")

    offered = client.get(address("change", agreement)).content.decode()
    response = client.get(address("preview", agreement))

    page = response.content.decode()
    assert f'href="{address("preview", agreement)}"' in offered
    assert (response.status_code, response["X-Robots-Tag"]) == (200, "noindex")
    assert "no-store" in response["Cache-Control"]
    assert '<meta name="robots" content="noindex">' in page
    assert f'href="{address("change", agreement)}"' in page
    assert str(publication.label) in page
    assert "Third one not named." in page
    assert "Kept from the public" not in page
    assert client.get(agreement.get_absolute_url()).status_code == 404


def test_preview_of_a_published_record_is_its_page(editor: Client) -> None:
    agreement = ready()

    offered = editor.get(address("change", agreement)).content.decode()
    response = editor.get(address("preview", agreement))

    assert response["Location"] == agreement.get_absolute_url()
    assert address("preview", agreement) not in offered


def test_page_costs_the_same_however_many_steps_were_taken(publisher: Client) -> None:
    agreement = ready(draft=True)
    user = colleague(StaffRole.PUBLISHER, username="another")

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert publisher.get(address("change", agreement)).status_code == 200
        return len(captured)

    workflow.take(PublicationVerb.SUBMIT, agreement, by=user, at=NOON)
    workflow.take(PublicationVerb.RECALL, agreement, by=user, at=NOON)
    with_two = queries()
    for _time in range(5):
        workflow.take(PublicationVerb.SUBMIT, agreement, by=user, at=NOON)
        workflow.take(PublicationVerb.RECALL, agreement, by=user, at=NOON)

    assert queries() == with_two
