"""Entering identifiers, language versions, internal commitments and evidence by documents on the agreement's page."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agreements.models import Agreement
from tests.admin.sent import agreement_form
from tests.factories import AgreementFactory, DocumentFactory, EvidenceFactory, IdentifierFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def agreement() -> Agreement:
    agreement: Agreement = AgreementFactory(draft=True)
    return agreement


def page_of(agreement: Agreement) -> str:
    return reverse("admin:agreements_agreement_change", args=[agreement.pk])


def sent(client: Client, agreement: Agreement, **rows: object) -> list[str]:
    """Send the page's form; return what it refuses."""
    response = client.post(page_of(agreement), agreement_form(of=agreement, **rows))
    if response.status_code == 302:
        return []
    forms = [
        form for inline in response.context["inline_admin_formsets"] for form in inline.formset
    ]
    return [message for form in forms for errors in form.errors.values() for message in errors]


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ({"scheme": "DOI", "value": "https://doi.org/10.1000/182"}, "doi 10.1000/182"),
        ({"scheme": "celex", "value": " CELEX:32016R0679 "}, "celex 32016R0679"),
        ({"scheme": "Our-Files", "value": "5/2023"}, "Our-Files 5/2023"),
        (
            {"scheme": "united Nations registration number ", "value": "I-54669"},
            "un-registration I-54669",
        ),
        (
            {"scheme": "Legislation of Azerbaijan (e-qanun.az)", "value": "46816"},
            "e-qanun 46816",
        ),
    ],
)
def test_identifier_is_stored_in_its_usual_form(
    admin_client: Client, agreement: Agreement, typed: dict[str, str], stored: str
) -> None:
    assert sent(admin_client, agreement, identifiers=[typed]) == []

    assert str(agreement.identifiers.get()) == stored


@pytest.mark.parametrize(
    ("typed", "refusal"),
    [
        ({"scheme": "celex", "value": "7"}, "A value of “CELEX number” looks like 22021A0430(01)."),
        ({"scheme": "imported-row", "value": "7"}, "This scheme is for imports only."),
        ({"scheme": "un-registration", "value": "I-7"}, "Another agreement already has this"),
        ({"scheme": "two words", "value": "7"}, "Choose a scheme from the list"),
        ({"scheme": "other", "value": "x" * 201}, "at most 200 characters"),
    ],
)
def test_bad_identifier_is_refused_and_stays_in_the_form(
    admin_client: Client, agreement: Agreement, typed: dict[str, str], refusal: str
) -> None:
    IdentifierFactory(scheme="un-registration", value="I-7")

    [message] = sent(admin_client, agreement, identifiers=[typed])

    assert message.startswith(refusal) or refusal in message
    assert not agreement.identifiers.exists()


def test_identifiers_of_imports_are_neither_shown_nor_lost(
    admin_client: Client, agreement: Agreement
) -> None:
    IdentifierFactory(agreement=agreement, scheme="imported-row", value="digest")

    assert b"digest" not in admin_client.get(page_of(agreement)).content
    assert sent(admin_client, agreement, title="Renamed") == []

    assert agreement.identifiers.get().value == "digest"


def test_languages_are_entered_with_what_counts(admin_client: Client, agreement: Agreement) -> None:
    typed = {"language": "SR-latn", "status": "authentic", "prevails": "on", "title": "Sporazum"}

    assert sent(admin_client, agreement, languages=[typed]) == []

    version = agreement.languages.get()
    assert (version.language, version.prevails, version.title) == ("sr-Latn", True, "Sporazum")
    for wrong, refusal in (
        ({"language": "Serbian"}, "“Serbian” is not a language tag."),
        ({"language": "en", "status": "translation", "prevails": "on"}, "A translation cannot"),
    ):
        [message, *_same] = sent(admin_client, AgreementFactory(draft=True), languages=[wrong])
        assert message.startswith(refusal)


def test_new_commitments_are_internal_until_marked_public(
    admin_client: Client, agreement: Agreement
) -> None:
    typed = [{"text": "One"}, {"text": "Two", "is_public": "on"}]

    assert sent(admin_client, agreement, commitments=typed) == []

    assert {row.text: row.is_public for row in agreement.commitments.all()} == {
        "One": False,
        "Two": True,
    }


def test_evidence_rests_on_a_document_of_the_same_agreement(
    admin_client: Client, agreement: Agreement
) -> None:
    own, other = DocumentFactory(agreement=agreement, title="Own text"), DocumentFactory()

    assert other.title not in admin_client.get(page_of(agreement)).content.decode()
    row = {"fact": "title", "document": own.pk}
    assert sent(admin_client, agreement, evidence=[row]) == []
    assert agreement.evidence.get().document == own

    second = AgreementFactory(draft=True)
    [message] = sent(admin_client, second, evidence=[{"fact": "title", "document": own.pk}])
    assert message.startswith("Select a valid choice.")
    [message] = sent(admin_client, second, evidence=[{"fact": "title"}])
    assert message == "Choose either a source or one of the agreement's documents."


def test_document_that_is_evidence_cannot_be_removed_or_moved(
    admin_client: Client, agreement: Agreement
) -> None:
    document = DocumentFactory(agreement=agreement)
    EvidenceFactory(agreement=agreement, source=None, document=document)
    url = reverse("admin:agreements_document_delete", args=[document.pk])

    page = admin_client.get(url)
    assert page.status_code == 200
    assert b"cannot be deleted because it is used here" in page.content
    admin_client.post(url, {"post": "yes", f"edit_token-{document.pk}": agreement.edit_token})
    assert agreement.documents.exists()

    document.agreement = AgreementFactory(draft=True)
    with pytest.raises(Exception, match="cannot move to another agreement"):
        document.full_clean()


def test_page_costs_the_same_with_many_documents_and_evidence(
    admin_client: Client, agreement: Agreement
) -> None:
    documents = [DocumentFactory(agreement=agreement) for _n in range(10)]
    for document in documents[:2]:
        EvidenceFactory(agreement=agreement, source=None, document=document)

    def queries() -> int:
        with CaptureQueriesContext(connection) as made:
            admin_client.get(page_of(agreement))
        return len(made)

    queries()
    few = queries()
    for document in documents[2:]:
        EvidenceFactory(agreement=agreement, source=None, document=document)
    assert queries() == few
