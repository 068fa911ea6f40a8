"""The data dictionary is complete, and describes nothing that the register does not have."""

import inspect

import pytest
from django.db.models import TextChoices

from agreements.domain import choices
from agreements.domain.data_dictionary import (
    VERIFICATION,
    VOCABULARIES,
    Vocabulary,
)
from agreements.domain.facts import EvidenceCode

# Vocabularies that no public file or parameter contains.
FOR_STAFF = {
    choices.ChangeKind,
    choices.ImportState,
    choices.ImportWork,
    choices.MailKind,
    choices.ProposalState,
    choices.PublicationVerb,
    choices.PublishingOutcome,
    choices.Reading,
    choices.ReminderRule,
    choices.ReminderState,
    choices.ReviewNews,
    choices.RowChangeKind,
    choices.RowOutcome,
}


def test_every_vocabulary_is_described() -> None:
    existing = {
        kind
        for _, kind in inspect.getmembers(choices, inspect.isclass)
        if issubclass(kind, TextChoices) and kind is not TextChoices
    }

    assert {vocabulary.codes_of for vocabulary in VOCABULARIES} == {
        EvidenceCode,
        *(existing - FOR_STAFF),
    }


@pytest.mark.parametrize("vocabulary", VOCABULARIES, ids=lambda vocabulary: vocabulary.slug)
def test_meanings_are_given_for_all_codes_of_a_vocabulary_or_none(vocabulary: Vocabulary) -> None:
    meanings = [bool(entry.meaning) for entry in vocabulary]

    assert all(meanings) or not any(meanings)
    assert len(meanings) == len(vocabulary.codes_of)


def test_every_level_of_verification_has_its_sentence() -> None:
    assert all(entry.meaning for entry in VERIFICATION)
