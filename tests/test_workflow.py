"""From draft to published and back: what each step changes, and what it leaves alone."""

from datetime import UTC, datetime

import pytest

from agreements import workflow
from agreements.choices import Basis, Fact, Publication, RelationKind
from agreements.models import Agreement
from tests.factories import AgreementFactory, EvidenceFactory, RelationFactory, SourceFactory

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
EARLIER = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("publication", "published_at", "changed", "stamped"),
    [
        (Publication.DRAFT, None, True, NOON),
        (Publication.IN_REVIEW, None, True, NOON),
        (Publication.WITHDRAWN, EARLIER, True, EARLIER),
        (Publication.PUBLISHED, EARLIER, False, EARLIER),
    ],
)
def test_publish(
    publication: Publication, published_at: datetime | None, changed: bool, stamped: datetime
) -> None:
    agreement = AgreementFactory(publication=publication, published_at=published_at)

    published = workflow.publish(Agreement.objects.all(), NOON)

    agreement.refresh_from_db()
    assert published == [agreement] * changed
    assert agreement.publication == Publication.PUBLISHED
    assert agreement.published_at == stamped


@pytest.mark.parametrize("publication", Publication)
def test_withdraw_takes_back_what_is_published_alone(publication: Publication) -> None:
    agreement = AgreementFactory(publication=publication)

    withdrawn = workflow.withdraw(Agreement.objects.all())

    agreement.refresh_from_db()
    was_published = publication == Publication.PUBLISHED
    assert withdrawn == [agreement] * was_published
    assert agreement.publication == (Publication.WITHDRAWN if was_published else publication)


def test_steps_touch_the_publication_alone_and_the_moment_of_the_change() -> None:
    agreement = AgreementFactory(draft=True)
    stale = Agreement.objects.get()
    Agreement.objects.update(title="Corrected meanwhile")

    workflow.publish([stale], NOON)

    stored = Agreement.objects.get()
    assert stored.title == "Corrected meanwhile"
    assert stored.updated_at > agreement.updated_at


def test_publication_decides_whether_another_is_superseded() -> None:
    later = AgreementFactory(draft=True, signed="2022-05-25")
    earlier = RelationFactory(agreement=later, kind=RelationKind.SUPERSEDES).target

    workflow.publish([later], NOON)
    earlier.refresh_from_db()
    after_publication = earlier.superseded_on
    workflow.withdraw([later])
    earlier.refresh_from_db()

    assert str(after_publication) == "2022-05-25"
    assert earlier.superseded_on is None


def test_cite_adds_what_is_not_there() -> None:
    agreement, source = AgreementFactory(), SourceFactory()
    EvidenceFactory(agreement=agreement, source=source, fact=Fact.TITLE, locator="headline")
    EvidenceFactory(agreement=agreement, fact=Fact.SIGNED)

    added = workflow.cite(agreement, source=source, facts=[Fact.TITLE, Fact.SIGNED])

    assert [(row.fact, row.basis, row.locator) for row in added] == [
        (Fact.SIGNED, Basis.STATED, "")
    ]
    assert agreement.evidence.count() == 3
