"""Who may change which rows, parties and sources, on their own screens and in their lists."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agreements.curation.history.past import entries_of
from agreements.curation.history.recording import recorded
from agreements.domain.choices import Publication, PublicationVerb
from agreements.domain.permissions import StaffRole
from agreements.models import Agreement, Area, Event, Party, Source
from tests.admin.sent import deletion, opened
from tests.colleagues import colleague
from tests.factories import (
    AgreementFactory,
    AreaFactory,
    CommitmentFactory,
    DocumentFactory,
    EventFactory,
    EvidenceFactory,
    ParticipationFactory,
    PartyFactory,
    RelationFactory,
    SignatoryFactory,
    SourceFactory,
)

pytestmark = pytest.mark.django_db
ROWS = {
    "event": EventFactory,
    "commitment": CommitmentFactory,
    "signatory": SignatoryFactory,
    "evidence": EvidenceFactory,
    "document": DocumentFactory,
}
CLOSED = (Publication.IN_REVIEW, Publication.PUBLISHED)


def url(model: str, page: str = "changelist", *args: Any) -> str:
    return reverse(f"admin:agreements_{model}_{page}", args=args)


def as_typed(client: Client, model: str, row: Any) -> dict[str, Any]:
    """Return what a browser would send from the row's page, as it is filled in."""
    form = client.get(url(model, "change", row.pk)).context["adminform"].form
    values = {name: form[name].value() for name in form.fields}
    sent = {name: value for name, value in values.items() if value is not None and name != "file"}
    return {**sent, "why": "The source says so"}


@pytest.fixture
def editor(client: Client) -> Client:
    client.force_login(colleague(StaffRole.EDITOR))
    return client


@pytest.fixture
def publisher() -> Client:
    client = Client()
    client.force_login(colleague(StaffRole.PUBLISHER))
    return client


@pytest.mark.parametrize("publication", Publication)
@pytest.mark.parametrize("model", ROWS)
def test_row_is_as_open_as_its_agreement(
    editor: Client, publisher: Client, model: str, publication: Publication
) -> None:
    row = ROWS[model](agreement=AgreementFactory(publication=publication))
    typed = as_typed(publisher, model, row)

    page = editor.get(url(model, "change", row.pk)).content.decode()
    saved = editor.post(url(model, "change", row.pk), typed)
    deleted = editor.post(url(model, "delete", row.pk), deletion(row.agreement, of=row))

    closed = publication in CLOSED
    assert ('name="_save"' not in page) is closed
    assert ('class="closed-note"' in page) is closed
    assert saved.status_code == (200 if closed else 302)
    assert deleted.status_code == (403 if closed else 302)
    assert type(row).objects.filter(pk=row.pk).exists() is closed


@pytest.mark.parametrize("publication", CLOSED)
def test_row_is_not_moved_to_a_closed_agreement(editor: Client, publication: Publication) -> None:
    row = EventFactory(agreement=AgreementFactory(draft=True), note="Before")
    closed = AgreementFactory(publication=publication)
    typed = as_typed(editor, "event", row) | {"agreement": closed.pk, "note": "Typed"}

    moved = editor.post(url("event", "change", row.pk), typed)
    added = editor.post(url("event", "add"), {"agreement": closed.pk, "kind": "meeting"})

    assert closed.ref in moved.context["adminform"].form.errors["agreement"][0]
    assert closed.ref in added.context["adminform"].form.errors["agreement"][0]
    assert "Typed" in moved.content.decode()
    assert [(event.pk, event.note) for event in Event.objects.all()] == [(row.pk, "Before")]


def test_chosen_rows_of_published_agreements_are_not_deleted(editor: Client) -> None:
    open_row = EventFactory(agreement=AgreementFactory(draft=True))
    closed_row = EventFactory()

    for chosen in ([open_row, closed_row], [closed_row]):
        editor.post(
            url("event"),
            {
                "action": "delete_selected",
                "_selected_action": [row.pk for row in chosen],
                "post": "yes",
            },
        )

    assert set(Event.objects.all()) == {open_row, closed_row}


SHARED = {
    "party": (
        PartyFactory,
        lambda party, agreement: ParticipationFactory(party=party, agreement=agreement),
    ),
    "source": (
        SourceFactory,
        lambda source, agreement: EvidenceFactory(source=source, agreement=agreement),
    ),
}
NO_NAMES = {
    f"{rows}-{forms}_FORMS": 0
    for rows in ("names", "succeeded_by", "memberships")
    for forms in ("TOTAL", "INITIAL")
}


@pytest.mark.parametrize("publication", Publication)
@pytest.mark.parametrize("model", SHARED)
def test_shared_record_is_open_until_it_is_published(
    editor: Client, publisher: Client, model: str, publication: Publication
) -> None:
    factory, use = SHARED[model]
    row = factory()
    use(row, AgreementFactory(publication=publication))
    typed = as_typed(publisher, model, row) | NO_NAMES

    page = editor.get(url(model, "change", row.pk)).content.decode()
    saved = editor.post(url(model, "change", row.pk), typed)
    by_publisher = publisher.post(url(model, "change", row.pk), typed | opened(row))

    closed = publication == Publication.PUBLISHED
    assert ("Published agreements use it" in page) is closed
    assert saved.status_code == (200 if closed else 302)
    assert by_publisher.status_code == 302


@pytest.mark.parametrize("model", SHARED)
def test_closed_form_gives_back_what_was_typed(
    editor: Client, publisher: Client, model: str
) -> None:
    factory, use = SHARED[model]
    row = factory()
    use(row, AgreementFactory())
    field = {"party": "name", "source": "publisher"}[model]
    typed = as_typed(publisher, model, row) | NO_NAMES | {field: "Typed with care"}

    page = editor.post(url(model, "change", row.pk), typed).content.decode()

    assert "Typed with care" in page
    assert "what you typed is still here" in page
    assert not type(row).objects.filter(**{field: "Typed with care"}).exists()


def test_editor_adds_parties_and_sources(editor: Client) -> None:
    editor.post(url("party", "add"), {"name": "New ministry", "kind": "ministry", **NO_NAMES})
    editor.post(url("source", "add"), {"publisher": "New daily", "title": "Signed"})

    assert Party.objects.filter(name="New ministry").exists()
    assert Source.objects.filter(publisher="New daily").exists()


@pytest.mark.parametrize("role", StaffRole)
def test_areas_are_for_administrators(client: Client, role: StaffRole) -> None:
    client.force_login(colleague(role))
    area = AreaFactory(name="Before")
    typed = {"name": "After", "slug": area.slug, "position": 0}

    changed = client.post(url("area", "change", area.pk), typed | opened(area)).status_code
    added = client.post(url("area", "add"), {**typed, "slug": "new"}).status_code
    seen = client.get(url("area", "change", area.pk)).status_code

    is_administrator = role == StaffRole.ADMINISTRATOR
    assert (changed, added) == ((302, 302) if is_administrator else (403, 403))
    assert seen == 200
    assert set(Area.objects.values_list("name", flat=True)) == (
        {"After"} if is_administrator else {"Before"}
    )


@pytest.mark.parametrize(
    ("who", "answer"), [("editor", 302), ("colleague", 403)], ids=["own", "a colleague's"]
)
def test_editor_takes_an_own_draft_away(editor: Client, who: str, answer: int) -> None:
    others = colleague(StaffRole.EDITOR, username="colleague")
    author = others if who == "colleague" else User.objects.get(username="editor")
    with recorded(by=author):
        draft = AgreementFactory(draft=True)
        SignatoryFactory(agreement=draft)

    response = editor.post(url("agreement", "delete", draft.pk), deletion(draft))

    assert response.status_code == answer
    assert Agreement.objects.exists() is (answer == 403)


@pytest.mark.parametrize("closed", CLOSED)
def test_editor_deletes_no_own_draft_that_a_closed_record_names(
    editor: Client, closed: Publication
) -> None:
    with recorded(by=User.objects.get(username="editor")):
        draft = AgreementFactory(draft=True)
    naming = AgreementFactory(publication=closed)
    RelationFactory(agreement=naming, target=draft)

    page = editor.get(url("agreement", "delete", draft.pk))
    refused = editor.post(url("agreement", "delete", draft.pk), deletion(draft))

    for response in (page, refused):
        assert "cannot be deleted because it is used here" in response.content.decode()
        assert naming.ref in response.content.decode()
    assert naming.relations_out.count() == 1


def test_editor_takes_an_own_draft_away_that_an_open_record_names(editor: Client) -> None:
    with recorded(by=User.objects.get(username="editor")):
        draft = AgreementFactory(draft=True)
    RelationFactory(agreement=AgreementFactory(draft=True), target=draft)

    response = editor.post(url("agreement", "delete", draft.pk), deletion(draft))

    assert response.status_code == 302
    assert not Agreement.objects.filter(pk=draft.pk).exists()


def test_draft_that_a_published_record_names_is_deleted_with_a_reason_only(client: Client) -> None:
    client.force_login(colleague(StaffRole.PUBLISHER))
    naming, draft = AgreementFactory(), AgreementFactory(draft=True)
    RelationFactory(agreement=naming, target=draft)
    address = url("agreement", "delete", draft.pk)

    page = client.get(address).content.decode()
    refused = client.post(address, deletion(draft) | {"why": ""})
    done = client.post(address, deletion(draft))

    assert "Required, because the public sees this record or one that refers to it." in page
    assert "or that a published record refers to." in refused.content.decode()
    assert (refused.status_code, done.status_code) == (400, 302)
    assert entries_of(Agreement, naming.pk)[0].why == "The source says so"


def test_editor_deletes_no_own_record_that_was_submitted_once(editor: Client) -> None:
    author = User.objects.get(username="editor")
    with recorded(by=author):
        submitted, published = AgreementFactory(draft=True), AgreementFactory()
    submitted.publication_steps.create(verb=PublicationVerb.SUBMIT, by=author, at=timezone.now())
    submitted.publication_steps.create(verb=PublicationVerb.RECALL, by=author, at=timezone.now())

    answers = [
        editor.post(url("agreement", "delete", row.pk), deletion(row)).status_code
        for row in (submitted, published)
    ]

    assert answers == [403, 403]
    assert Agreement.objects.count() == 2


@pytest.mark.parametrize("role", StaffRole)
def test_records_are_deleted_by_publishers(client: Client, role: StaffRole) -> None:
    client.force_login(colleague(role))
    draft, published = AgreementFactory(draft=True), AgreementFactory()

    answers = {
        client.post(url("agreement", "delete", row.pk), deletion(row)).status_code
        for row in (draft, published)
    }

    may = role in (StaffRole.PUBLISHER, StaffRole.ADMINISTRATOR)
    assert answers == ({302} if may else {403})
    assert Agreement.objects.count() == (0 if may else 2)
