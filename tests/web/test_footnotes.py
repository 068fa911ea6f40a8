"""Footnotes are numbered in the order of the facts on the page, one number for each piece of evidence."""

import pytest

from agreements.domain.facts import EvidenceCode
from agreements.models import Agreement, Evidence
from agreements.web.footnotes import ORDER_OF_APPEARANCE, Footnotes
from tests.factories import AgreementFactory, EvidenceFactory, SourceFactory


def footnotes(agreement: Agreement) -> Footnotes:
    return Footnotes(Evidence.objects.filter(agreement=agreement).select_related("source"))


@pytest.mark.django_db
def test_numbers_follow_the_page_and_not_the_order_of_entry() -> None:
    agreement = AgreementFactory()
    for fact in (EvidenceCode.AREAS, EvidenceCode.SIGNED, EvidenceCode.TITLE, EvidenceCode.SIGNED):
        EvidenceFactory(agreement=agreement, fact=fact)

    notes = footnotes(agreement)

    assert [(note.number, note.evidence.fact) for note in notes] == [
        (1, "title"),
        (2, "signed"),
        (3, "signed"),
        (4, "areas"),
    ]
    assert [note.number for note in notes.of("signed")] == [2, 3]
    assert notes.of("place") == []


@pytest.mark.django_db
def test_each_source_is_listed_once_in_the_order_of_the_numbers() -> None:
    agreement = AgreementFactory()
    late, early = SourceFactory(), SourceFactory()
    EvidenceFactory(agreement=agreement, fact=EvidenceCode.AREAS, source=late)
    EvidenceFactory(agreement=agreement, fact=EvidenceCode.TITLE, source=early)
    EvidenceFactory(agreement=agreement, fact=EvidenceCode.PLACE, source=early)

    assert footnotes(agreement).sources == [early, late]


def test_no_fact_is_without_a_place() -> None:
    assert sorted(ORDER_OF_APPEARANCE) == sorted(EvidenceCode)
