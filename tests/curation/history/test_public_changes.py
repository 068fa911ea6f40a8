"""What the public log says about a change, and above all what it does not say."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from agreements.curation.history.past import entries_of, latest_versions
from agreements.curation.history.recording import recorded
from agreements.curation.history.states import kept_fields
from agreements.domain.choices import ChangeKind, Publication, RelationKind
from agreements.domain.facts import LOGGED
from agreements.models import RECORDS, Agreement, Change
from tests.factories import (
    AgreementFactory,
    AreaFactory,
    CommitmentFactory,
    DocumentFactory,
    EventFactory,
    EvidenceFactory,
    IdentifierFactory,
    LanguageVersionFactory,
    ParticipationFactory,
    PartyFactory,
    PeriodFactory,
    RelationFactory,
    SignatoryFactory,
)

pytestmark = pytest.mark.django_db


def published(**fields: Any) -> Agreement:
    """A published agreement with one version and an empty log."""
    with recorded():
        agreement: Agreement = AgreementFactory(**fields)
    Change.objects.all().delete()
    return agreement


def logged() -> list[tuple[str, list[str]]]:
    return [(change.kind, change.facts) for change in Change.objects.all()]


def change(agreement: Agreement, **values: Any) -> None:
    with recorded():
        stored = Agreement.objects.get(pk=agreement.pk)
        for name, value in values.items():
            setattr(stored, name, value)
        stored.save()


FIELDS: dict[str, tuple[dict[str, Any], str]] = {
    "title": ({"title": "New"}, "title"),
    "summary": ({"summary": "New"}, "summary"),
    "kind": ({"kind": "treaty"}, "kind"),
    "legal nature": ({"legal_nature": "binding"}, "legal_nature"),
    "stage": ({"stage": "abandoned"}, "stage"),
    "date of signature": ({"signed": "2023-08"}, "signed"),
    "place": ({"place": "Baku"}, "place"),
    "entry into force": ({"in_force": "2023"}, "in_force"),
    "term": ({"term_kind": "indefinite"}, "term"),
    "named end": ({"expires_stated": "2030"}, "expires"),
    "termination": ({"terminated": "2024"}, "terminated"),
    "notice": ({"notice": "P30D"}, "notice"),
    "review": ({"review_due": "2026"}, "review"),
    "day of the stage": ({"stage_reported": "2020"}, "stage_reported"),
    "unit": ({"responsible_unit": "Unit"}, "responsible_unit"),
    "public notes": ({"public_notes": "Note"}, "notes"),
    "availability of the text": ({"text_availability": "confidential"}, "text"),
    "note on parties": ({"parties_note": "The other is not named."}, "parties"),
}


@pytest.mark.parametrize(("values", "fact"), FIELDS.values(), ids=FIELDS)
def test_a_public_field_is_named(values: dict[str, Any], fact: str) -> None:
    agreement = published()

    change(agreement, **values)

    assert logged() == [(ChangeKind.CHANGED, [fact])]


ROWS: dict[str, tuple[Callable[[Agreement], Any], str]] = {
    "party": (lambda a: ParticipationFactory(agreement=a), "parties"),
    "signatory": (lambda a: SignatoryFactory(agreement=a), "signatories"),
    "event": (lambda a: EventFactory(agreement=a), "events"),
    "commitment": (lambda a: CommitmentFactory(agreement=a), "commitments"),
    "evidence": (lambda a: EvidenceFactory(agreement=a), "evidence"),
    "period": (lambda a: PeriodFactory(agreement=a, last="2030"), "periods"),
    "public document": (lambda a: DocumentFactory(agreement=a), "documents"),
    "identifier": (lambda a: IdentifierFactory(agreement=a), "identifiers"),
    "language version": (lambda a: LanguageVersionFactory(agreement=a), "languages"),
    "relation": (lambda a: RelationFactory(agreement=a), "relations"),
    "area": (lambda a: a.areas.add(AreaFactory()), "areas"),
}


@pytest.mark.parametrize(("write", "fact"), ROWS.values(), ids=ROWS)
def test_a_public_row_is_named(write: Callable[[Agreement], Any], fact: str) -> None:
    agreement = published()

    with recorded():
        write(agreement)

    of_agreement = Change.objects.filter(agreement=agreement)
    assert [(each.kind, each.facts) for each in of_agreement] == [(ChangeKind.CHANGED, [fact])]


SECRET: dict[str, Callable[[Agreement], Any]] = {
    "internal notes": lambda a: change(a, internal_notes="Ask the minister"),
    "private document": lambda a: DocumentFactory(agreement=a, is_public=False),
    "internal commitment": lambda a: CommitmentFactory(agreement=a, is_public=False),
    "identifier of an import": lambda a: IdentifierFactory(agreement=a, scheme="imported-row"),
    "evidence of internal commitments": lambda a: EvidenceFactory(agreement=a, fact="commitments"),
    "evidence of hidden relations": lambda a: EvidenceFactory(agreement=a, fact="relations"),
    "evidence of hidden periods": lambda a: EvidenceFactory(agreement=a, fact="periods"),
    "relation to a draft": lambda a: RelationFactory(
        agreement=a, target=AgreementFactory(draft=True)
    ),
    "extension by a draft": lambda a: PeriodFactory(
        agreement=a, last="2030", by=AgreementFactory(draft=True)
    ),
    "nothing": lambda a: change(a),
}


@pytest.mark.parametrize("write", SECRET.values(), ids=SECRET)
def test_what_the_public_does_not_see_is_not_named(write: Callable[[Agreement], Any]) -> None:
    agreement = published()

    with recorded(why="A reason for staff"):
        write(agreement)

    assert not Change.objects.filter(agreement=agreement).exists()


def test_a_private_document_beside_a_public_change_is_not_told_of() -> None:
    agreement = published()

    with recorded():
        DocumentFactory(agreement=agreement, is_public=False)
        change(agreement, title="New")

    assert logged() == [(ChangeKind.CHANGED, ["title"])]


def test_a_document_that_becomes_private_is_a_change_of_the_documents() -> None:
    agreement = published()
    with recorded():
        document = DocumentFactory(agreement=agreement)
    Change.objects.all().delete()

    with recorded():
        document.is_public = False
        document.save()

    assert logged() == [(ChangeKind.CHANGED, ["documents"])]


def test_facts_stand_in_the_order_of_the_page() -> None:
    agreement = published()

    with recorded():
        EventFactory(agreement=agreement)
        change(agreement, place="Baku", title="New")

    assert str(Change.objects.get()) == "Changed: title, place of signature, timeline"


def test_nothing_is_told_of_drafts_until_they_are_published() -> None:
    with recorded():
        agreement = AgreementFactory(draft=True)
    change(agreement, title="Worked on")

    assert logged() == []
    change(
        agreement, publication=Publication.PUBLISHED, published_at="2026-01-01T00:00Z", title="New"
    )
    assert logged() == [(ChangeKind.PUBLISHED, [])]


def test_what_changed_while_it_was_withdrawn_is_not_told() -> None:
    agreement = published(published_at="2026-01-01T00:00Z")
    change(agreement, publication=Publication.WITHDRAWN)
    change(agreement, title="Changed in the dark")

    change(agreement, publication=Publication.PUBLISHED, place="Baku")

    assert logged() == [(ChangeKind.PUBLISHED_AGAIN, [])]


def test_a_published_record_without_history_begins_with_its_next_change() -> None:
    agreement = AgreementFactory(title="Before")
    assert logged() == []

    change(agreement, title="After")

    assert logged() == [(ChangeKind.CHANGED, ["title"])]


def test_an_import_is_logged_in_few_queries(django_assert_max_num_queries: Any) -> None:
    target = AgreementFactory()
    with recorded():
        agreements = AgreementFactory.create_batch(20)
        for agreement in agreements:
            RelationFactory(agreement=agreement, target=target, kind=RelationKind.AMENDS)
    Change.objects.all().delete()

    with django_assert_max_num_queries(20 * 12 + 60), recorded():
        for agreement in agreements:
            agreement.signed = date(2024, 5, 1).isoformat()
            agreement.save()

    assert Change.objects.count() == 20


def test_the_log_goes_with_its_agreement() -> None:
    agreement = published(parties=PartyFactory.create_batch(1))
    change(agreement, title="New")

    with recorded():
        agreement.delete()

    assert not Change.objects.exists()


def test_evidence_by_a_document_is_told_as_far_as_the_public_sees_it() -> None:
    agreement = published()
    with recorded():
        hidden = DocumentFactory(agreement=agreement, is_public=False)
        other = DocumentFactory(agreement=agreement, is_public=False)
        row = EvidenceFactory(agreement=agreement, source=None, document=hidden)
    Change.objects.all().delete()

    with recorded():
        row.document, row.locator = other, "page 3"
        row.save()
    assert logged() == []

    with recorded():
        other.is_public = True
        other.save()
    assert logged() == [(ChangeKind.CHANGED, ["documents", "evidence"])]


def test_what_an_earlier_release_did_not_keep_is_no_change() -> None:
    """Its versions lack the columns that came later; the first change after an upgrade is told of alone."""
    agreement = published()
    with recorded():
        CommitmentFactory(agreement=agreement)
        EvidenceFactory(agreement=agreement)
    version = latest_versions(Agreement, [agreement.pk]).get()
    kept = json.loads(version.serialized_data)
    del kept["values"]["text_availability"], kept["rows"]["languages"]
    del kept["rows"]["commitments"][0][2]["is_public"], kept["rows"]["evidence"][0][2]["document"]
    version.serialized_data = json.dumps(kept)
    version.save()
    Change.objects.all().delete()

    change(agreement, place="Baku")

    assert logged() == [(ChangeKind.CHANGED, ["place"])]
    [entry, *_earlier] = entries_of(Agreement, agreement.pk)
    assert [field.name for field in entry.changes.fields] == ["place"]
    assert not entry.changes.rows


def test_every_field_is_either_told_of_or_known_to_be_for_staff() -> None:
    """A new field must go into one of the two lists, so that nobody forgets to decide whether it is public."""
    told = {value.name for fact in LOGGED.values() for value in fact.entered} - {"internal_notes"}
    told |= {"areas"}
    for_staff = {"internal_notes", "kept_apart", "publication", "responsible"}
    follows = {"ref", "published_at", "created_at"}

    assert {column.name for column in kept_fields(Agreement)} == told | for_staff | follows


def test_every_row_is_either_told_of_or_known_to_be_for_staff() -> None:
    told = {fact.rows for fact in LOGGED.values()}

    assert set(RECORDS[Agreement]) == told - {"", "areas"}


@pytest.mark.parametrize(
    ("publication", "told"),
    [("published", [("changed", ["relations"])]), ("withdrawn", []), ("draft", [])],
)
def test_a_relation_that_goes_with_what_it_names_is_told_if_it_was_seen(
    publication: str, told: list[Any]
) -> None:
    with recorded():
        target = AgreementFactory(publication=publication)
        RelationFactory(agreement=AgreementFactory(), target=target)
    Change.objects.all().delete()

    with recorded():
        target.delete()

    assert logged() == told
