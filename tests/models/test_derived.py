"""`superseded_on` and `verification` follow from other rows, and stay correct whichever of these changes."""

from datetime import date

import pytest

from agreements.models import Agreement, Evidence
from tests.factories import (
    AgreementFactory,
    DocumentFactory,
    EvidenceFactory,
    RelationFactory,
    SourceFactory,
)

pytestmark = pytest.mark.django_db


def superseded_on(agreement: Agreement) -> date | None:
    return Agreement.objects.get(pk=agreement.pk).superseded_on


def verification(agreement: Agreement) -> str:
    return Agreement.objects.get(pk=agreement.pk).verification


def supersede(**later):
    old, new = AgreementFactory(signed="2000"), AgreementFactory(**later)
    return old, new, RelationFactory(agreement=new, target=old, kind="supersedes")


def test_superseded_from_the_entry_into_force_of_the_later_agreement():
    old, _new, _relation = supersede(signed="2010-01-01", in_force="2011")

    assert superseded_on(old) == date(2011, 12, 31)


def test_superseded_from_its_signature_when_its_force_is_not_known():
    old, _new, _relation = supersede(signed="2010-01-01")

    assert superseded_on(old) == date(2010, 1, 1)


def test_not_superseded_while_the_later_one_may_never_take_effect(client):
    old, _new, _relation = supersede(signed="2010-01-01", in_force="2011/..")

    assert superseded_on(old) is None
    assert client.get("/agreements/").status_code == 200


def test_earliest_of_two_later_agreements_counts():
    old, _new, _relation = supersede(signed="2010-01-01")
    RelationFactory(agreement=AgreementFactory(signed="2009-01-01"), target=old, kind="supersedes")

    assert superseded_on(old) == date(2009, 1, 1)


def test_amending_does_not_supersede():
    old = AgreementFactory()
    RelationFactory(agreement=AgreementFactory(signed="2010"), target=old, kind="amends")

    assert superseded_on(old) is None


@pytest.mark.parametrize(
    "later",
    [
        {"publication": "draft"},
        {"publication": "withdrawn"},
        {"stage": "negotiation"},
        {"signed": ""},
    ],
)
def test_later_agreement_supersedes_only_published_concluded_and_dated(later):
    old, _new, _relation = supersede(**{"signed": "2010-01-01"} | later)

    assert superseded_on(old) is None


def test_publishing_redating_and_withdrawing_the_later_agreement_moves_it():
    old, new, _relation = supersede(signed="2010-01-01", draft=True)

    new.publication = "published"
    new.save()
    assert superseded_on(old) == date(2010, 1, 1)
    new.in_force = "2012-05-01"
    new.save()
    assert superseded_on(old) == date(2012, 5, 1)
    new.publication = "withdrawn"
    new.save()
    assert superseded_on(old) is None


def test_removing_the_relation_or_the_later_agreement_restores():
    old, _new, relation = supersede(signed="2010-01-01")
    relation.delete()
    assert superseded_on(old) is None

    other, later, _relation = supersede(signed="2010-01-01")
    later.delete()
    assert superseded_on(other) is None


def test_saving_the_old_agreement_from_a_stale_copy_keeps_what_is_derived():
    old, _new, relation = supersede(signed="2010-01-01")
    stale = Agreement.objects.get(pk=old.pk)
    relation.delete()

    stale.title = "Another title"
    stale.save()

    assert superseded_on(old) is None


def test_no_evidence_is_unverified():
    assert verification(AgreementFactory()) == "unverified"


def test_one_publisher_is_a_single_source_however_many_articles():
    agreement = AgreementFactory()
    for _n in range(3):
        EvidenceFactory(
            agreement=agreement, source=SourceFactory(publisher="Azernews"), fact="signed"
        )

    assert verification(agreement) == "single_source"


def test_two_publishers_corroborate_and_case_makes_no_second():
    agreement = AgreementFactory()
    EvidenceFactory(agreement=agreement, source=SourceFactory(publisher="Azernews"))
    EvidenceFactory(agreement=agreement, source=SourceFactory(publisher="AZERNEWS"))
    assert verification(agreement) == "single_source"

    EvidenceFactory(agreement=agreement, source=SourceFactory(publisher="Trend"))
    assert verification(agreement) == "corroborated"


def test_contradicting_source_supports_nothing():
    agreement = AgreementFactory()
    EvidenceFactory(agreement=agreement, basis="contradicted")

    assert verification(agreement) == "unverified"


def test_only_a_public_signed_text_is_a_document_seen():
    agreement = AgreementFactory()
    private = DocumentFactory(agreement=agreement, kind="signed_text", is_public=False)
    DocumentFactory(agreement=agreement, kind="press_release")
    assert verification(agreement) == "unverified"

    private.is_public = True
    private.save()
    assert verification(agreement) == "document_seen"

    private.delete()
    assert verification(agreement) == "unverified"


def test_evidence_removed_moved_or_its_source_renamed_counts_at_once():
    first, second = AgreementFactory(), AgreementFactory()
    evidence = EvidenceFactory(agreement=first, source=SourceFactory(publisher="A"))
    other = EvidenceFactory(agreement=first, source=SourceFactory(publisher="B"))
    assert verification(first) == "corroborated"

    other.source.publisher = "A"
    other.source.save()
    assert verification(first) == "single_source"

    evidence.agreement = second
    evidence.save()
    other.delete()
    assert (verification(first), verification(second)) == ("unverified", "single_source")


def test_bulk_writers_refresh_many_at_once(django_assert_num_queries):
    agreements = [AgreementFactory() for _n in range(20)]
    source = SourceFactory()
    Evidence.objects.bulk_create(
        Evidence(agreement=agreement, source=source, fact="title") for agreement in agreements
    )

    with django_assert_num_queries(1):
        written = Agreement.objects.all().refresh_derived()

    assert written == 20
    assert {verification(agreement) for agreement in agreements} == {"single_source"}


@pytest.mark.parametrize("kind", ["supersedes_in_part", "terminates", "corrects"])
def test_other_relations_supersede_nothing(kind):
    old, new = AgreementFactory(signed="2000"), AgreementFactory(signed="2010-01-01")
    RelationFactory(agreement=new, target=old, kind=kind)

    assert superseded_on(old) is None


@pytest.mark.parametrize(
    ("is_public", "expected"), [(True, "single_source"), (False, "unverified")]
)
def test_evidence_by_a_document_counts_if_everybody_can_read_it(is_public, expected):
    document = DocumentFactory(kind="press_release", is_public=is_public)
    agreement = document.agreement

    for fact in ("title", "signed"):
        EvidenceFactory(agreement=agreement, source=None, document=document, fact=fact)
    assert verification(agreement) == expected

    EvidenceFactory(agreement=agreement)
    assert verification(agreement) == ("corroborated" if is_public else "single_source")
