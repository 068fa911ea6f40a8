"""What other registers call an agreement, its languages, whether its text can be read, and what stays internal."""

import json
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from agreements.domain.choices import RelationKind, TextAvailability
from agreements.models import Agreement
from tests.factories import (
    AgreementFactory,
    CommitmentFactory,
    DocumentFactory,
    EvidenceFactory,
    IdentifierFactory,
    LanguageVersionFactory,
    PartyFactory,
    PeriodFactory,
    RelationFactory,
)
from tests.web.views.conftest import Shown

pytestmark = pytest.mark.django_db


def html(client: Client, agreement: Agreement) -> str:
    return client.get(agreement.get_absolute_url()).content.decode()


def everything_public(client: Client, agreement: Agreement) -> Iterator[tuple[str, str]]:
    """Yield every public page, file and feed that tells of an agreement, with its URL."""
    ref = agreement.ref
    for url in (
        f"/agreements/{ref}/",
        *(f"/agreements/{ref}.{name}" for name in ("json", "bib", "ris")),
        *(f"/agreements.{name}" for name in ("csv", "json", "md", "ics", "atom")),
        "/agreements/",
        "/",
        "/changes/",
        "/changes.atom",
        "/statistics/",
        "/sitemap.xml",
        "/api/v1/agreements/",
        f"/api/v1/agreements/{ref}/",
    ):
        response = client.get(url)
        assert response.status_code in (200, 404), url
        content = b"".join(response) if response.streaming else response.content
        yield url, content.decode()


def test_page_says_in_one_line_what_is_not_recorded(shown: Shown) -> None:
    page = shown(AgreementFactory().get_absolute_url())

    assert "Not recorded: text, languages of the text, identifiers." in page


def test_identifiers_are_shown_with_the_name_of_their_scheme_and_a_link(
    client: Client, shown: Shown
) -> None:
    agreement = AgreementFactory()
    IdentifierFactory(agreement=agreement, scheme="doi", value="10.1000/182")
    IdentifierFactory(agreement=agreement, scheme="un-registration", value="I-54669")
    IdentifierFactory(agreement=agreement, scheme="our-files", value="<5/2023>")
    IdentifierFactory(agreement=agreement, scheme="imported-row", value="digest")
    EvidenceFactory(agreement=agreement, fact="identifiers")

    page = shown(agreement.get_absolute_url())

    assert (
        "Identifiers DOI 10.1000/182 our-files <5/2023> United Nations registration number I-54669"
    ) in page
    assert 'href="https://doi.org/10.1000/182"' in html(client, agreement)
    assert 'href="#note-1"' in html(client, agreement)
    assert "digest" not in page


def test_languages_are_shown_with_what_counts(client: Client, shown: Shown) -> None:
    agreement = AgreementFactory()
    LanguageVersionFactory(agreement=agreement, language="ru", status="translation")
    LanguageVersionFactory(agreement=agreement, language="az", status="authentic", title="Saziş")
    LanguageVersionFactory(agreement=agreement, language="tlh")
    LanguageVersionFactory(
        agreement=agreement, language="en", status="authentic", prevails=True, summary="On care."
    )

    page = shown(agreement.get_absolute_url())

    assert (
        "English authentic text prevails Summary in this language: English On care. "
        "Azerbaijani authentic text Saziş Russian translation tlh"
    ) in page
    assert '<cite lang="az" dir="auto">Saziş</cite>' in html(client, agreement)


@pytest.mark.parametrize(
    ("availability", "words"),
    [
        (TextAvailability.PUBLIC, "Text Public"),
        (TextAvailability.CONFIDENTIAL, "Text Confidential"),
        (TextAvailability.NOT_FOUND, "Text Looked for, but not found"),
        (TextAvailability.UNKNOWN, "Not recorded: text,"),
    ],
)
def test_confidential_is_another_answer_than_not_found(
    shown: Shown, availability: TextAvailability, words: str
) -> None:
    agreement = AgreementFactory(text_availability=availability)

    assert words in shown(agreement.get_absolute_url())


def test_page_with_many_of_each_costs_no_more_queries(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    def rows(agreement: Agreement, count: int) -> None:
        document = DocumentFactory(agreement=agreement)
        for n in range(count):
            IdentifierFactory(agreement=agreement)
            LanguageVersionFactory(agreement=agreement, language=f"a{chr(97 + n)}")
            EvidenceFactory(agreement=agreement, source=None, document=document, locator=str(n))

    few, many = AgreementFactory(), AgreementFactory()
    rows(few, 1)
    rows(many, 20)
    client.get(few.get_absolute_url())
    with CaptureQueriesContext(
        connection,
    ) as one:
        client.get(few.get_absolute_url())
    with django_assert_num_queries(len(one)):
        client.get(many.get_absolute_url())


def test_nothing_internal_is_told_by_any_url(client: Client) -> None:
    agreement = AgreementFactory(signed="2024-05-05")
    draft = AgreementFactory(draft=True, title="SECRET draft")
    party = PartyFactory(name="SECRET party", slug="hush")
    CommitmentFactory(
        agreement=agreement, text="SECRET promise", party=party, is_public=False, due="2030-01-01"
    )
    EvidenceFactory(agreement=agreement, fact="commitments", note="SECRET note")
    RelationFactory(agreement=agreement, target=draft, kind="amends", note="SECRET relation")
    EvidenceFactory(agreement=agreement, fact="relations", locator="SECRET place")
    document = DocumentFactory(
        agreement=agreement, is_public=False, title="SECRET text", address="https://secret.example/"
    )
    EvidenceFactory(
        agreement=agreement, fact="signed", source=None, document=document, locator="SECRET page"
    )
    IdentifierFactory(agreement=agreement, scheme="imported-row", value="SECRET row")

    for url, content in everything_public(client, agreement):
        assert "SECRET" not in content, url
        assert "secret.example" not in content, url
        assert draft.ref not in content, url
    assert client.get("/agreements/?q=SECRET").context["result_count"] == 0
    assert client.get("/agreements/?identifier=SECRET+row").context["result_count"] == 0
    assert client.get("/parties/hush/").status_code == 404
    assert client.get(f"/agreements/{agreement.ref}/documents/{document.pk}/").status_code == 404


def test_footnote_by_a_document_links_to_it_only_if_it_is_public(
    client: Client, shown: Shown
) -> None:
    agreement = AgreementFactory()
    document = DocumentFactory(agreement=agreement, title="Signed text")
    EvidenceFactory(
        agreement=agreement, fact="title", source=None, document=document, locator="page 3"
    )

    page = shown(agreement.get_absolute_url())

    assert "Title: stated in the document Signed text, page 3." in page
    assert "commitments, sources." in page
    [record] = json.loads(client.get(f"/agreements/{agreement.ref}.json").content)["evidence"]
    assert (record["source"], record["document"]) == (None, document.address)

    document.is_public = False
    document.save()
    page = shown(agreement.get_absolute_url())

    assert "Title: stated in a document held by the register." in page
    assert "Signed text" not in page
    assert "page 3" not in page
    [record] = json.loads(client.get(f"/agreements/{agreement.ref}.json").content)["evidence"]
    assert (record["source"], record["document"], record["locator"]) == (None, None, None)


@pytest.mark.parametrize("fact", ["relations", "periods", "commitments"])
def test_footnotes_do_not_tell_of_rows_that_are_hidden(shown: Shown, fact: str) -> None:
    agreement = AgreementFactory()
    draft = AgreementFactory(draft=True)
    relation = RelationFactory(agreement=agreement, target=draft)
    commitment = CommitmentFactory(agreement=agreement, is_public=False)
    period = PeriodFactory(agreement=agreement, last="2030", by=draft)
    EvidenceFactory(agreement=agreement, fact=fact, note="By decree.")

    assert "By decree." not in shown(agreement.get_absolute_url())

    draft.publication = "published"
    draft.save()
    commitment.is_public = True
    commitment.save()

    assert relation.target == period.by == draft
    assert "By decree." in shown(agreement.get_absolute_url())


@pytest.mark.parametrize(
    ("kind", "words", "inverse"),
    [
        (RelationKind.TERMINATES, "Terminates", "Terminated by"),
        (RelationKind.SUPERSEDES_IN_PART, "Supersedes in part", "Superseded in part by"),
        (RelationKind.CORRECTS, "Corrects", "Corrected by"),
    ],
)
def test_relations_are_read_from_both_sides(
    shown: Shown, kind: RelationKind, words: str, inverse: str
) -> None:
    earlier = AgreementFactory(title="Earlier", signed="2020-01-01")
    later = AgreementFactory(title="Later", signed="2024-01-01")
    RelationFactory(agreement=later, target=earlier, kind=kind)

    assert f"{words} {earlier.ref} Earlier" in shown(later.get_absolute_url())
    assert f"{inverse} {later.ref} Later" in shown(earlier.get_absolute_url())
    earlier.refresh_from_db()
    assert earlier.superseded_on is None


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("celex:22021A0430(01)", 1),
        ("CELEX:22021a0430(01)", 1),
        ("22021A0430(01)", 1),
        ("doi:22021A0430(01)", 0),
        ("a:b", 1),
        ("other:a:b", 1),
        ("7", 2),
        ("22021A0430", 0),
        ("%", 0),
        ("x" * 261, 0),
    ],
)
def test_list_is_filtered_by_identifier(client: Client, query: str, count: int) -> None:
    IdentifierFactory(scheme="celex", value="22021A0430(01)")
    IdentifierFactory(scheme="other", value="a:b")
    IdentifierFactory(scheme="one", value="7")
    IdentifierFactory(scheme="two", value="7")
    IdentifierFactory(scheme="three", value="7", agreement=AgreementFactory(draft=True))

    assert client.get("/agreements/", {"identifier": query}).context["result_count"] == count
    lines = b"".join(client.get("/agreements.csv", {"identifier": query}).streaming_content)
    assert lines.decode().count("AGR-") >= count


def test_identifier_that_is_too_long_is_refused(client: Client) -> None:
    assert client.get("/agreements.csv", {"identifier": "x" * 262}).status_code == 400


def test_search_finds_identifiers_and_titles_in_other_languages(client: Client) -> None:
    agreement = AgreementFactory()
    identifier = IdentifierFactory(agreement=agreement, scheme="celex", value="22021A0430(01)")
    version = LanguageVersionFactory(agreement=agreement, title="Əmək sazişi")

    def found(q: str) -> int:
        return int(client.get("/agreements/", {"q": q}).context["result_count"])

    assert found("22021A0430(01)") == found("emek sazişi") == 1
    identifier.delete()
    version.title = ""
    version.save()
    assert found("22021A0430(01)") == found("emek sazişi") == 0


def test_staff_preview_is_what_the_public_will_see(admin_client: Client, admin_user: User) -> None:
    agreement = AgreementFactory(draft=True)
    CommitmentFactory(agreement=agreement, text="Internal promise", is_public=False)

    page = admin_client.get(f"/admin/agreements/agreement/{agreement.pk}/preview/")

    assert page.status_code == 200
    assert b"Internal promise" not in page.content
