"""A change that the public sees changes ETags, `updated_at`, feeds and sitemap; one that only staff see does not."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from agreements.counting.register_version import current
from agreements.curation.history.recording import recorded
from agreements.domain.choices import Publication, RelationKind
from agreements.models import (
    Agreement,
    LinkCheck,
    Participation,
    Party,
    PartyName,
    Source,
)
from tests.factories import (
    AgreementFactory,
    CommitmentFactory,
    DocumentFactory,
    EventFactory,
    EvidenceFactory,
    IdentifierFactory,
    LanguageVersionFactory,
    ParticipationFactory,
    PartyFactory,
    RelationFactory,
    SignatoryFactory,
    SourceFactory,
)

# On PostgreSQL a transaction moves the version once, however much it changes: each change needs its own transaction.
pytestmark = pytest.mark.django_db(transaction=True)

Register = Any


@pytest.fixture
def register() -> Register:
    """A published agreement with everything around it, and a draft that names all the same things."""
    state = PartyFactory(name="State")
    seen = PartyFactory(name="Seen", parent=state)
    hidden = PartyFactory(name="Hidden", parent=state)
    source = SourceFactory(url="https://news.example.org/seen")
    hidden_source = SourceFactory(url="https://news.example.org/hidden")
    published = AgreementFactory(title="Published", internal_notes="Ask again in May.")
    other = AgreementFactory(title="Also published")
    draft = AgreementFactory(title="Draft", draft=True, signed="2020-01-01")
    ParticipationFactory(agreement=published, party=seen)
    ParticipationFactory(agreement=draft, party=seen)
    ParticipationFactory(agreement=draft, party=hidden)
    EvidenceFactory(agreement=published, source=source)
    EvidenceFactory(agreement=draft, source=source, fact="title")
    EvidenceFactory(agreement=draft, source=hidden_source)
    return SimpleNamespace(
        published=published,
        other=other,
        draft=draft,
        state=state,
        seen=seen,
        hidden=hidden,
        source=source,
        hidden_source=hidden_source,
        private=DocumentFactory(agreement=published, is_public=False, title="Private"),
        internal=CommitmentFactory(
            agreement=published, is_public=False, party=PartyFactory(name="Promising")
        ),
        named=RelationFactory(agreement=draft, target=published, kind=RelationKind.AMENDS),
        check=LinkCheck.objects.create(url=source.url, last_seen_alive=timezone.now()),
        hidden_check=LinkCheck.objects.create(url=hidden_source.url),
        user=User.objects.create_superuser("chief"),
    )


def marks(register: Register) -> dict[str, object]:
    """Everything by which the public notices a change: ETags, feed and sitemap."""
    pages = [
        "/",
        "/agreements/",
        register.published.get_absolute_url(),
        register.seen.get_absolute_url(),
        "/agreements.csv",
        "/agreements.atom",
        "/api/v1/agreements/",
    ]
    client = Client()
    found: dict[str, object] = {}
    for page in pages:
        response = client.get(page)
        found[page] = response.headers.get("ETag")  # none once the page is gone
    for page in ("/sitemap-agreements.xml", "/sitemap-parties.xml"):
        found[page] = client.get(page).content
    return found


def published_at() -> dict[int, object]:
    """When each published agreement changed."""
    return dict(Agreement.objects.published().values_list("pk", "updated_at"))


def saved(row: Any, **values: object) -> None:
    """Read the row again, change it and save it, as the admin does: with its history."""
    row = type(row)._base_manager.get(pk=row.pk)
    for name, value in values.items():
        setattr(row, name, value)
    with recorded():
        row.save()


HIDDEN: dict[str, Callable[[Register], object]] = {
    "a draft is saved": lambda r: saved(r.draft, title="Other draft"),
    "a draft names a published one": lambda r: RelationFactory(
        agreement=r.draft, target=r.other, kind=RelationKind.SUPERSEDES
    ),
    "its relation is changed": lambda r: saved(r.named, note="As amended"),
    "its relation is deleted": lambda r: r.named.delete(),
    "a published one names a draft": lambda r: RelationFactory(
        agreement=r.published, target=r.draft
    ),
    "a draft is in review": lambda r: saved(r.draft, publication=Publication.IN_REVIEW),
    "a draft names a public party": lambda r: ParticipationFactory(
        agreement=r.draft, party=r.state
    ),
    "somebody signs a draft for it": lambda r: SignatoryFactory(agreement=r.draft, party=r.seen),
    "a draft rests on a public source": lambda r: EventFactory(agreement=r.draft, source=r.source),
    "internal notes": lambda r: saved(r.published, internal_notes="They answered."),
    "nothing": lambda r: saved(r.published),
    "who is responsible": lambda r: r.published.responsible.add(r.user),
    "a private document is changed": lambda r: saved(r.private, title="Still private"),
    "a private document is added": lambda r: DocumentFactory(
        agreement=r.published, is_public=False
    ),
    "a private document is deleted": lambda r: r.private.delete(),
    "an internal commitment is added": lambda r: CommitmentFactory(
        agreement=r.published, is_public=False
    ),
    "an internal commitment is changed": lambda r: saved(r.internal, text="Still internal"),
    "what an internal commitment names": lambda r: saved(r.internal.party, name="Renamed again"),
    "an internal commitment is deleted": lambda r: r.internal.delete(),
    "an import recognises it": lambda r: IdentifierFactory(
        agreement=r.published, scheme="imported-row"
    ),
    "a new party": lambda r: PartyFactory(parent=r.seen),
    "a party that only drafts name": lambda r: saved(r.hidden, name="Renamed", country="UZ"),
    "its other name": lambda r: PartyName.objects.create(party=r.hidden, name="Alias"),
    "a public party, unchanged": lambda r: saved(r.seen),
    "a new source": lambda r: SourceFactory(),
    "a source that only drafts name": lambda r: saved(r.hidden_source, note="Syndicated"),
    "a public source, unchanged": lambda r: saved(r.source),
    "a link is claimed": lambda r: LinkCheck.objects.update(claimed_at=timezone.now()),
    "a link does not answer": lambda r: LinkCheck.objects.update(
        link_problem="Gone", link_checked_at=timezone.now()
    ),
    "a hidden link answers": lambda r: LinkCheck.objects.filter(pk=r.hidden_check.pk).update(
        last_seen_alive=timezone.now()
    ),
    "derived again": lambda r: Agreement.objects.all().refresh_derived(),
    "a draft is deleted": lambda r: Agreement.objects.get(pk=r.draft.pk).delete(),
}


def test_what_only_staff_see_moves_no_public_mark(register: Register) -> None:
    before = marks(register)
    moved = []

    for name, change in HIDDEN.items():
        revision, changed_at = current(), published_at()
        change(register)
        if current() != revision or published_at() != changed_at:
            moved.append(name)

    assert not moved
    assert marks(register) == before


# whether `updated_at` moves too: an agreement that its party or source changes has not changed itself
SEEN: dict[str, tuple[bool, Callable[[Register], object]]] = {
    "its title": (True, lambda r: saved(r.published, title="Renamed")),
    "its public notes": (True, lambda r: saved(r.published, public_notes="See also.")),
    "notes and title": (
        True,
        lambda r: saved(r.published, title="Renamed again", internal_notes="They answered."),
    ),
    "a draft is published": (True, lambda r: saved(r.draft, publication=Publication.PUBLISHED)),
    "relation of two published ones": (
        True,
        lambda r: RelationFactory(agreement=r.published, target=r.other),
    ),
    "a document is shown": (True, lambda r: saved(r.private, is_public=True)),
    "a commitment is shown": (True, lambda r: saved(r.internal, is_public=True)),
    "an identifier": (True, lambda r: IdentifierFactory(agreement=r.published)),
    "a language version": (True, lambda r: LanguageVersionFactory(agreement=r.published)),
    "a row is added": (True, lambda r: EventFactory(agreement=r.published)),
    "a public party": (False, lambda r: saved(r.seen, name="Renamed")),
    "a party above it": (False, lambda r: saved(r.state, name="Renamed")),
    "its other name": (False, lambda r: PartyName.objects.create(party=r.seen, name="Alias")),
    "its parent": (False, lambda r: Party.objects.filter(pk=r.seen.pk).update(parent=None)),
    "a public source": (False, lambda r: Source.objects.filter(pk=r.source.pk).update(note="No")),
    "a link answers": (
        False,
        lambda r: LinkCheck.objects.filter(pk=r.check.pk).update(last_seen_alive=timezone.now()),
    ),
    "a row is deleted": (
        True,
        lambda r: Participation.objects.get(agreement=r.published, party=r.seen).delete(),
    ),
    "withdrawn": (True, lambda r: saved(r.other, publication=Publication.WITHDRAWN)),
}


def test_what_the_public_sees_moves_them(register: Register) -> None:
    before = marks(register)
    unmoved = []

    for name, (is_own, change) in SEEN.items():
        revision, changed_at = current(), published_at()
        change(register)
        if current() == revision or (published_at() != changed_at) != is_own:
            unmoved.append(name)

    assert not unmoved
    after = marks(register)
    assert all(after[name] != before[name] for name in before)


def test_publishing_what_supersedes_a_published_one_changes_what_is_said_of_it(
    register: Register,
) -> None:
    named = register.published
    saved(register.named, kind=RelationKind.SUPERSEDES)
    before = marks(register)

    saved(register.draft, publication=Publication.PUBLISHED)

    named.refresh_from_db()
    assert named.superseded_on is not None
    assert marks(register)["/agreements/"] != before["/agreements/"]


def test_staff_see_internal_notes_at_once_and_forms_opened_before_are_outdated(
    register: Register, admin_client: Client
) -> None:
    page = f"/admin/agreements/agreement/{register.published.pk}/change/"
    token = Agreement.objects.get(pk=register.published.pk).edit_token

    saved(register.published, internal_notes="They answered.")

    assert "They answered." in admin_client.get(page).content.decode()
    assert Agreement.objects.get(pk=register.published.pk).edit_token != token


def test_a_draft_always_says_when_it_was_changed(register: Register) -> None:
    draft = Agreement.objects.get(pk=register.draft.pk)

    DocumentFactory(agreement=draft, is_public=False)

    assert Agreement.objects.get(pk=draft.pk).updated_at > draft.updated_at
