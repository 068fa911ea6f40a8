"""From draft to published and back: who may take which step, what it changes, and why it is refused."""

import contextlib
import threading
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction

from agreements.curation import workflow
from agreements.curation.history.past import entries_of
from agreements.curation.workflow import (
    NotAllowedError,
    Statement,
    StepError,
)
from agreements.domain.choices import Basis, Publication, PublicationVerb, RelationKind, Role
from agreements.domain.facts import EvidenceCode
from agreements.domain.permissions import StaffRole
from agreements.models import Agreement, PublicationStep
from tests.colleagues import colleague
from tests.factories import (
    AgreementFactory,
    EvidenceFactory,
    ParticipationFactory,
    PartyFactory,
    RelationFactory,
    SourceFactory,
)

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
EARLIER = datetime(2025, 1, 1, tzinfo=UTC)
WHY = "The second party is misspelt."

DRAFT, IN_REVIEW = Publication.DRAFT, Publication.IN_REVIEW
PUBLISHED, WITHDRAWN = Publication.PUBLISHED, Publication.WITHDRAWN
SUBMIT, RECALL, RETURN = PublicationVerb.SUBMIT, PublicationVerb.RECALL, PublicationVerb.RETURN
PUBLISH, WITHDRAW = PublicationVerb.PUBLISH, PublicationVerb.WITHDRAW

ENDS = {
    (SUBMIT, DRAFT): IN_REVIEW,
    (SUBMIT, WITHDRAWN): IN_REVIEW,
    (RECALL, IN_REVIEW): DRAFT,
    (RETURN, IN_REVIEW): DRAFT,
    (PUBLISH, DRAFT): PUBLISHED,
    (PUBLISH, IN_REVIEW): PUBLISHED,
    (PUBLISH, WITHDRAWN): PUBLISHED,
    (WITHDRAW, PUBLISHED): WITHDRAWN,
}


def ready(**fields: Any) -> Agreement:
    """An agreement with everything that publishing requires."""
    agreement = AgreementFactory(parties=PartyFactory.create_batch(2), **fields)
    EvidenceFactory(agreement=agreement)
    return agreement


@pytest.fixture
def editor() -> User:
    return colleague(StaffRole.EDITOR)


@pytest.fixture
def publisher() -> User:
    return colleague(StaffRole.PUBLISHER)


@pytest.mark.parametrize("publication", Publication)
@pytest.mark.parametrize("verb", PublicationVerb)
def test_each_step_begins_and_ends_where_it_says(
    verb: PublicationVerb, publication: Publication, publisher: User
) -> None:
    agreement = ready(publication=publication)
    end = ENDS.get((verb, publication))

    refusal = contextlib.nullcontext() if end else pytest.raises(StepError)
    with refusal as refused:
        workflow.take(verb, agreement, by=publisher, at=NOON, reason=WHY)

    agreement.refresh_from_db()
    assert agreement.publication == (end or publication)
    assert PublicationStep.objects.count() == (end is not None)
    assert refused is None or f"“{publication.label}”" in str(refused.value)


@pytest.mark.parametrize(
    ("role", "verbs"),
    [
        (StaffRole.READER, set()),
        (StaffRole.EDITOR, {SUBMIT, RECALL}),
        (StaffRole.PUBLISHER, set(PublicationVerb)),
        (StaffRole.ADMINISTRATOR, set(PublicationVerb)),
    ],
)
def test_who_takes_which_step(role: StaffRole, verbs: set[PublicationVerb]) -> None:
    user, taken, offered = colleague(role), set(), set()
    for verb, publication in ENDS:
        agreement = ready(publication=publication)
        offered |= {step.verb for step in workflow.steps_for(user, agreement)}
        try:
            workflow.take(verb, agreement, by=user, at=NOON, reason=WHY)
        except NotAllowedError:
            agreement.refresh_from_db()
            assert agreement.publication == publication
        else:
            taken.add(verb)

    assert taken == verbs
    # a publisher says why
    assert offered == (verbs - {RECALL} if PUBLISH in verbs else verbs)


def test_who_is_no_longer_staff_takes_none(publisher: User) -> None:
    publisher.is_staff = False

    with pytest.raises(NotAllowedError, match="Only publishers"):
        workflow.take(PUBLISH, ready(draft=True), by=publisher, at=NOON)


def test_step_keeps_who_when_and_why(editor: User, publisher: User) -> None:
    agreement = ready(draft=True)

    workflow.take(SUBMIT, agreement, by=editor, at=EARLIER)
    workflow.take(RETURN, agreement, by=publisher, at=NOON, reason=f"  {WHY}\n")

    assert list(PublicationStep.objects.values_list("verb", "by", "at", "reason")) == [
        (SUBMIT, editor.pk, EARLIER, ""),
        (RETURN, publisher.pk, NOON, WHY),
    ]


def test_step_is_a_version_of_the_record(publisher: User) -> None:
    agreement = ready()

    workflow.take(WITHDRAW, agreement, by=publisher, at=NOON, reason=WHY)

    entry = entries_of(Agreement, agreement.pk)[0]
    assert entry.state.values["publication"] == WITHDRAWN
    assert (entry.by, entry.why) == (publisher, f"Withdrawn: {WHY}")


@pytest.mark.parametrize("reason", ["", "   \n"])
@pytest.mark.parametrize(("verb", "publication"), [(RETURN, IN_REVIEW), (WITHDRAW, PUBLISHED)])
def test_reason_is_asked(
    verb: PublicationVerb, publication: Publication, reason: str, publisher: User
) -> None:
    agreement = ready(publication=publication)

    with pytest.raises(StepError, match="Say why"):
        workflow.take(verb, agreement, by=publisher, at=NOON, reason=reason)

    agreement.refresh_from_db()
    assert agreement.publication == publication


@pytest.mark.parametrize("verb", [RETURN, WITHDRAW])
def test_database_refuses_such_a_step_without_a_reason(
    verb: PublicationVerb, publisher: User
) -> None:
    with pytest.raises(IntegrityError, match="publication_step_says_why"), transaction.atomic():
        PublicationStep.objects.create(
            agreement=AgreementFactory(), verb=verb, by=publisher, at=NOON
        )


@pytest.mark.parametrize(
    ("roles", "note", "has_source", "words"),
    [
        ([Role.PARTY, Role.PARTY], "", True, []),
        ([Role.PARTY], "The other is not named.", True, []),
        ([], "None is named.", True, []),
        ([Role.PARTY], "", True, ["Parties"]),
        ([Role.PARTY], "  ", True, ["Parties"]),
        ([Role.PARTY, Role.DEPOSITARY], "", True, ["Parties"]),
        ([Role.PARTY, Role.PARTY], "", False, ["Source"]),
        ([], "", False, ["Parties", "Source"]),
    ],
)
def test_what_publishing_asks_for(
    roles: list[Role], note: str, has_source: bool, words: list[str], publisher: User
) -> None:
    agreement = AgreementFactory(draft=True, parties_note=note)
    for role in roles:
        ParticipationFactory(agreement=agreement, role=role)
    if has_source:
        EvidenceFactory(agreement=agreement)

    assert [sentence.split(":")[0] for sentence in workflow.lacking(agreement)] == words
    if words:
        with pytest.raises(StepError, match="cannot be published yet") as refusal:
            workflow.take(PUBLISH, agreement, by=publisher, at=NOON)
        assert all(sentence in str(refusal.value) for sentence in workflow.lacking(agreement))
    else:
        assert workflow.take(PUBLISH, agreement, by=publisher, at=NOON).is_public


def test_blank_title_is_not_published(publisher: User) -> None:
    agreement = ready(draft=True, title="  ")

    with pytest.raises(StepError, match="Title: there is none"):
        workflow.take(PUBLISH, agreement, by=publisher, at=NOON)


@pytest.mark.parametrize(("before", "after"), [(None, NOON), (EARLIER, EARLIER)])
def test_first_publication_is_kept(
    before: datetime | None, after: datetime, publisher: User
) -> None:
    agreement = ready(publication=WITHDRAWN, published_at=before)

    workflow.take(PUBLISH, agreement, by=publisher, at=NOON)

    agreement.refresh_from_db()
    assert agreement.published_at == after


def test_step_touches_the_publication_alone_and_the_moment_of_the_change(publisher: User) -> None:
    stale = ready(draft=True)
    Agreement.objects.update(title="Corrected meanwhile")

    workflow.take(PUBLISH, stale, by=publisher, at=NOON)

    stored = Agreement.objects.get()
    assert stored.title == "Corrected meanwhile"
    assert stored.updated_at > stale.updated_at


def test_stale_copy_does_not_take_the_step_again(publisher: User) -> None:
    stale = ready(draft=True)
    workflow.take(PUBLISH, stale, by=publisher, at=EARLIER)

    with pytest.raises(StepError, match="This one is now “Published”"):
        workflow.take(PUBLISH, stale, by=publisher, at=NOON)

    assert PublicationStep.objects.get().at == EARLIER


def test_deleted_record_is_said_to_be(publisher: User) -> None:
    agreement = ready(draft=True)
    Agreement.objects.all().delete()

    with pytest.raises(StepError, match="has since been deleted"):
        workflow.take(PUBLISH, agreement, by=publisher, at=NOON)


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_publishes() -> None:
    agreement, publisher = ready(draft=True), colleague(StaffRole.PUBLISHER)
    start, outcomes = threading.Barrier(2), []

    def publish() -> None:
        start.wait()
        try:
            workflow.take(PUBLISH, agreement, by=publisher, at=NOON)
            outcomes.append("published")
        except StepError:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=publish) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["published", "refused"]
    assert PublicationStep.objects.count() == 1


def test_publication_decides_whether_another_is_superseded(publisher: User) -> None:
    later = ready(draft=True, signed="2022-05-25")
    earlier = RelationFactory(agreement=later, kind=RelationKind.SUPERSEDES).target

    workflow.take(PUBLISH, later, by=publisher, at=NOON)
    earlier.refresh_from_db()
    after_publication = earlier.superseded_on
    workflow.take(WITHDRAW, later, by=publisher, at=NOON, reason=WHY)
    earlier.refresh_from_db()

    assert str(after_publication) == "2022-05-25"
    assert earlier.superseded_on is None


def test_cite_adds_what_is_not_there() -> None:
    agreement, source = AgreementFactory(), SourceFactory()
    EvidenceFactory(agreement=agreement, source=source, fact=EvidenceCode.TITLE, locator="headline")
    EvidenceFactory(agreement=agreement, fact=EvidenceCode.SIGNED)

    said = [
        Statement(EvidenceCode.TITLE),
        Statement(EvidenceCode.SIGNED),
        Statement(EvidenceCode.TITLE, locator="paragraph 2"),
        Statement(EvidenceCode.TITLE, Basis.INFERRED, locator="headline", note="Already there."),
    ]
    added = workflow.cite(agreement, source=source, statements=said)

    assert [(row.fact, row.basis, row.locator) for row in added] == [
        (EvidenceCode.SIGNED, Basis.STATED, ""),
        (EvidenceCode.TITLE, Basis.STATED, "paragraph 2"),
    ]
    assert agreement.evidence.count() == 4
