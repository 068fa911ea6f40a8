"""The data dictionary leaves nothing out and promises nothing that the register does not do."""

import inspect

import pytest
from django.db.models import TextChoices
from django.http import QueryDict
from django.test import Client

from agreements.domain import choices
from agreements.domain.data_dictionary import (
    PARAMETERS,
    VERIFICATION,
    VOCABULARIES,
    Parameter,
    Vocabulary,
)
from agreements.domain.facts import EvidenceCode
from agreements.selection.filters import AgreementFilterSet
from agreements.selection.selection import FILE_PARAMETERS, REPEATABLE
from tests.factories import AgreementFactory, AreaFactory, PartyFactory

# Words that no file or parameter of the public's holds.
FOR_STAFF = {
    choices.ChangeKind,
    choices.ImportState,
    choices.PublicationVerb,
    choices.ReminderRule,
    choices.ReminderState,
    choices.RowChangeKind,
    choices.RowOutcome,
}


def test_every_parameter_is_described_once() -> None:
    described = [parameter.name for parameter in PARAMETERS]

    assert sorted(described) == sorted({*AgreementFilterSet.base_filters, *FILE_PARAMETERS})
    assert {p.name for p in PARAMETERS if p.is_for_files} == FILE_PARAMETERS


def test_what_may_be_repeated_is_said_to_be() -> None:
    said = {p.name for p in PARAMETERS if str(p.values).startswith("one or more")}

    assert said == REPEATABLE


@pytest.mark.django_db
@pytest.mark.parametrize("parameter", PARAMETERS, ids=lambda parameter: parameter.name)
def test_every_example_is_about_its_parameter_and_understood(
    client: Client, parameter: Parameter, examples_resolve: None
) -> None:
    assert parameter.name in QueryDict(parameter.example)

    assert client.get(f"/agreements.csv?{parameter.example}").status_code == 200


@pytest.fixture
def examples_resolve() -> None:
    """The rows that the examples name."""
    AgreementFactory(
        parties=[PartyFactory(slug="azerbaijan")], areas=[AreaFactory(slug="social-protection")]
    )


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
