"""The page of one agreement: every fact has its footnotes, and unknown facts are shown as unknown."""

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from agreements.domain.choices import Basis, DocumentKind, EventKind, PartyKind, Role
from agreements.domain.facts import EvidenceCode
from agreements.models import Agreement
from tests.factories import (
    PDF_BYTES,
    PDF_SHA256,
    AgreementFactory,
    AreaFactory,
    CommitmentFactory,
    DocumentFactory,
    EventFactory,
    EvidenceFactory,
    ParticipationFactory,
    PartyFactory,
    PeriodFactory,
    RelationFactory,
    SignatoryFactory,
    SourceFactory,
)
from tests.web.views.conftest import Shown

NOON = datetime(2026, 11, 21, 12, tzinfo=ZoneInfo("Asia/Baku"))
pytestmark = [pytest.mark.django_db]


@pytest.fixture(autouse=True)
def that_day():
    with time_machine.travel(NOON):
        yield


def html(client: Client, agreement: Agreement) -> str:
    return client.get(agreement.get_absolute_url()).content.decode()


def test_it_works_with_a_title_alone(shown: Shown) -> None:
    page = shown(AgreementFactory(title="On care", ref="AGR-0042").get_absolute_url())

    assert "On care" in page
    assert "Reference AGR-0042" in page
    assert "http://127.0.0.1:8000/agreements/AGR-0042/" in page


@pytest.mark.parametrize(
    "words",
    [
        "Talks none recorded",
        "Signed not known",
        "Entry into force not known",
        "Last day by its terms not known",
        "None recorded: termination, related agreements, commitments, sources.",
        "Not known: parties, signatories, cooperation areas, term, notice.",
        "Not assessed: legal nature.",
        "Not stated: place, funding.",
        "No known dates: timeline.",
        "None public: documents.",
        "No evidence has been recorded",
        "Responsible unit none named",
        "Unverified: No source is recorded",
    ],
)
def test_what_is_unknown_is_said_to_be(shown: Shown, words: str) -> None:
    assert words in shown(AgreementFactory().get_absolute_url())


def test_review_that_nobody_has_set_is_not_missed(shown: Shown) -> None:
    assert "Review" not in shown(AgreementFactory().get_absolute_url())


def test_unknown_fact_that_a_source_contradicts_keeps_its_row_and_footnote(shown: Shown) -> None:
    agreement = AgreementFactory()
    for fact in (EvidenceCode.NOTICE, EvidenceCode.SIGNATORIES):
        EvidenceFactory(agreement=agreement, fact=fact, basis=Basis.CONTRADICTED)

    page = shown(agreement.get_absolute_url())

    assert "Notice not known Footnote 2 contradicted" in page
    assert "Signatories Footnote 1 contradicted not known" in page
    assert "Not known: parties, cooperation areas, term." in page


def test_heading_is_the_subject_and_the_whole_title_follows(client: Client, shown: Shown) -> None:
    title = "Memorandum of understanding between Pakistan and Azerbaijan on labour"
    agreement = AgreementFactory(
        title=title, parties=[PartyFactory(country="PK"), PartyFactory(country="AZ")]
    )

    assert f"Labour Full title: {title}" in shown(agreement.get_absolute_url())
    page = html(client, agreement)
    assert page.count("<h1") == 1
    assert 'href="/agreements/?country=AZ&amp;country=PK&amp;country_match=all"' in page
    assert "Full title" not in shown(AgreementFactory(title="On care").get_absolute_url())


@pytest.mark.parametrize(
    "words",
    ["Signed not signed", "Entry into force not concluded", "None; not signed: signatories."],
)
def test_a_proposal_is_not_signed_rather_than_signed_at_an_unknown_time(
    shown: Shown, words: str
) -> None:
    assert words in shown(AgreementFactory(stage="proposed").get_absolute_url())


def test_it_shows_every_fact(shown: Shown) -> None:
    agreement = AgreementFactory(
        summary="They exchange nurses.",
        kind="protocol",
        legal_nature="non_binding",
        signed="2023-08",
        place="Tashkent",
        in_force="2024-01-01",
        term_kind="fixed",
        term_months=36,
        notice_days=90,
        review_due="2026-03",
        parties_note="The other party is not named.",
        responsible_unit="International department",
        public_notes="The text is short.",
        internal_notes="Nobody may read this.",
    )

    page = shown(agreement.get_absolute_url())

    for words in (
        "They exchange nurses.",
        "Kind Protocol",
        "Legal nature Non-binding",
        "Signed August 2023",
        "Place Tashkent",
        "Entry into force 1 January 2024",
        "Term 3 years",
        "Last day by its terms 1 January 2027 (counted from the entry into force)",
        "Notice 90 days before the end",
        "Review due March 2026",
        "Parties not known The other party is not named.",
        "Responsible unit International department",
        "Remarks The text is short.",
        "Record updated 21 November 2026",
    ):
        assert words in page
    assert "Nobody may read this." not in page


@pytest.mark.parametrize("publication", ["draft", "in_review", "withdrawn"])
@pytest.mark.parametrize("visitor", ["guest", "admin"])
def test_what_is_not_published_does_not_exist(
    client: Client, admin_client: Client, publication: str, visitor: str
) -> None:
    agreement = AgreementFactory(publication=publication)
    browser = admin_client if visitor == "admin" else client

    assert browser.get(agreement.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("path", ["/agreements/AGR-9999/", "/agreements/agr-0001/"])
def test_unknown_reference_is_not_found(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


# ------------------------------------------------------------------ the status


def test_status_has_its_reason_and_its_day(shown: Shown) -> None:
    agreement = AgreementFactory(in_force="2023-07-28", term_kind="fixed", term_months=36)

    page = shown(agreement.get_absolute_url())

    assert "Expired The 3-year term from 28 July 2023 ended (28 July 2026)." in page
    assert "Status today, 21 November 2026." in page


def test_status_of_another_day(shown: Shown) -> None:
    agreement = AgreementFactory(in_force="2023-07-28", term_kind="fixed", term_months=36)

    page = shown(f"{agreement.get_absolute_url()}?as_of=2025-01-01")

    assert "In force Since 28 July 2023; its term ends 28 July 2026." in page
    assert "Status on 1 January 2025. Show today’s status" in page


def test_renewed_agreement_says_when_its_period_ends(shown: Shown) -> None:
    agreement = AgreementFactory(
        in_force="2024-03-01", term_kind="automatic_renewal", term_months=24
    )

    assert "the current period ends 1 March 2028" in shown(agreement.get_absolute_url())


@pytest.mark.parametrize("day", [date(999, 12, 31), date(3000, 1, 1)])
def test_days_outside_the_years_of_the_register_break_no_page(shown: Shown, day: date) -> None:
    agreement = AgreementFactory(expires_stated="1000", notice="P30D", in_force="1000")
    EvidenceFactory(agreement=agreement, source__retrieved=day)

    assert f"accessed {day.day} " in shown(f"{agreement.get_absolute_url()}?as_of=1000-12-31")


def test_last_day_for_notice_says_on_what_it_depends(shown: Shown) -> None:
    agreement = AgreementFactory(in_force="2023-12", term_kind="fixed", term="P3Y", notice="P30D")

    page = shown(f"{agreement.get_absolute_url()}?as_of=2026-10-01")

    words = "1 November 2026 at the earliest, depending on the day it entered into force"
    assert f"last day for notice: {words}." in page
    assert "1 December 2026" not in page
    assert "last day for notice" not in shown(f"{agreement.get_absolute_url()}?as_of=2027-01-01")


def test_old_style_date_stands_beside_the_date_of_signature(shown: Shown, client: Client) -> None:
    agreement = AgreementFactory(signed="1813-10-24", signed_old_style="12 October 1813")

    page = shown(agreement.get_absolute_url())

    assert "Signed 24 October 1813 (12 October 1813 Old Style)" in page
    record = client.get(f"/agreements/{agreement.ref}.json").json()
    assert record["signed_old_style"] == "12 October 1813"


def test_an_initial_term_unlike_the_renewed_ones_is_shown_as_such(shown: Shown) -> None:
    agreement = AgreementFactory(
        in_force="2020-03-01",
        term_kind="automatic_renewal",
        term="P3Y",
        renewal="P1Y",
        notice="P6M",
    )

    page = shown(f"{agreement.get_absolute_url()}?as_of=2023-06-01")

    assert "Term 3-year term, then renewed for 1 year at a time" in page
    assert "Notice 6 months before the end" in page
    assert "the current period ends 1 March 2024; last day for notice: 1 September 2023." in page


@pytest.mark.parametrize(
    "given",
    ["2025-13-01", "2025", "yesterday", "2025-02-29", "0999-12-31", "3000-01-01", "2025-01-01?"],
)
def test_day_that_cannot_be_read_is_refused_and_named(client: Client, given: str) -> None:
    agreement = AgreementFactory()

    response = client.get(agreement.get_absolute_url(), {"as_of": given})

    assert response.status_code == 400
    assert "<li>as_of: Give a " in response.content.decode()
    assert f'href="{agreement.get_absolute_url()}"' in response.content.decode()


@pytest.mark.parametrize("day", ["1000-01-01", "2999-12-31", " 2025-01-01 ", ""])
def test_farthest_days_and_blanks_are_understood(client: Client, day: str) -> None:
    agreement = AgreementFactory(
        in_force="2024", term_kind="automatic_renewal", term_months=2400, signed="2020/.."
    )

    response = client.get(agreement.get_absolute_url(), {"as_of": day})

    assert response.status_code == 200


# ------------------------------------------------------------------ evidence


@pytest.fixture
def supported() -> Agreement:
    """An agreement with one piece of evidence for every fact, and a second one for the signature."""
    agreement = AgreementFactory(
        signed="2023-10~",
        in_force="2024",
        terminated="2025",
        plurality_stated="bilateral",
        subject="Trade",
        parties=[PartyFactory()],
    )
    RelationFactory(agreement=agreement)
    PeriodFactory(agreement=agreement, first="2024-03", last="2025")
    CommitmentFactory(agreement=agreement)
    source = SourceFactory(publisher="The Gazette", published="2023-10-20", slug="gazette")
    for fact in reversed(EvidenceCode):
        EvidenceFactory(agreement=agreement, fact=fact, source=source, locator=f"on {fact}")
    EvidenceFactory(
        agreement=agreement,
        fact=EvidenceCode.SIGNED,
        basis=Basis.INFERRED,
        source=SourceFactory(publisher="The Herald"),
        locator="paragraph 9",
        note="The report is of the 20th.",
    )
    return agreement


def test_footnotes_are_numbered_as_they_appear(client: Client, supported: Agreement) -> None:
    page = html(client, supported)

    markers = re.findall(r'<sup class="footnote"><a href="#note-(\d+)"\s+id="fact-(\d+)"', page)
    notes = re.findall(r'<li id="note-(\d+)"', page)
    count = len(EvidenceCode) + 1
    assert markers == [(str(n), str(n)) for n in range(1, count + 1)]
    assert notes == [str(n) for n in range(1, count + 1)]


def test_each_footnote_leads_back_to_its_fact(client: Client, supported: Agreement) -> None:
    page = html(client, supported)

    for number in range(1, len(EvidenceCode) + 2):
        assert page.count(f'id="fact-{number}"') == 1
        assert page.count(f'class="back" href="#fact-{number}"') == 1


def test_footnote_says_how_and_where_the_source_supports_the_fact(
    shown: Shown, supported: Agreement
) -> None:
    page = shown(supported.get_absolute_url())

    assert "Title: stated in The Gazette, 20 October 2023, on title." in page
    assert "Signed: inferred from The Herald, paragraph 9." in page
    assert "The report is of the 20th." in page


def test_fact_that_is_only_inferred_is_marked_beside_it(shown: Shown, supported: Agreement) -> None:
    assert re.search(
        r"Signed about October 2023 Footnote \d+ Footnote \d+ inferred Entry into force",
        shown(supported.get_absolute_url()),
    )


def test_contradicting_source_is_marked(shown: Shown) -> None:
    agreement = AgreementFactory(place="Baku")
    EvidenceFactory(agreement=agreement, fact=EvidenceCode.PLACE, basis=Basis.CONTRADICTED)

    page = shown(agreement.get_absolute_url())

    assert "Place Baku Footnote 1 contradicted" in page
    assert "Unverified" in page


def test_timeline_repeats_the_number_without_a_second_target(
    client: Client, supported: Agreement
) -> None:
    page = html(client, supported)
    timeline = page.partition('class="timeline"')[2].partition("</ol>")[0]

    # the signature has two, and the period has its own at both ends
    assert timeline.count('href="#note-') == 6
    assert 'id="fact-' not in timeline


def test_sources_are_listed_once_with_what_identifies_them(client: Client, shown: Shown) -> None:
    agreement = AgreementFactory()
    source = SourceFactory(
        publisher="The Gazette",
        title="Two agencies sign",
        author="A. Reporter",
        published="2023-10-20",
        retrieved="2026-01-31",
        language="az",
        url="https://gazette.example/1",
        slug="gazette",
        note="A syndicated copy.",
    )
    EvidenceFactory(agreement=agreement, fact=EvidenceCode.TITLE, source=source)
    EvidenceFactory(agreement=agreement, fact=EvidenceCode.PLACE, source=source)
    EventFactory(agreement=agreement, source=source)

    assert (
        "The Gazette “Two agencies sign” by A. Reporter, 20 October 2023 · Azerbaijani"
        " · accessed 31 January 2026 A syndicated copy."
    ) in shown(agreement.get_absolute_url())
    page = html(client, agreement)
    assert page.count('id="source-gazette"') == 1
    assert 'href="https://gazette.example/1"' in page


def test_source_of_an_event_alone_is_listed_too(client: Client) -> None:
    agreement = AgreementFactory()
    EventFactory(agreement=agreement, source=SourceFactory(slug="gazette"))

    page = html(client, agreement)

    assert 'href="#source-gazette"' in page
    assert 'id="source-gazette"' in page


@pytest.mark.parametrize(
    ("publishers", "document", "words"),
    [
        ([], None, "Unverified: No source is recorded for it yet"),
        (
            ["The Gazette"],
            None,
            "Single source: Everything recorded about it comes from one publisher.",
        ),
        (["The Gazette", "The Herald"], None, "Corroborated: Two or more publishers support it."),
        ([], DocumentKind.SIGNED_TEXT, "Document seen: The signed text or a certified copy"),
    ],
    ids=["unverified", "single source", "corroborated", "document seen"],
)
def test_verification_is_explained(
    shown: Shown, publishers: list[str], document: str | None, words: str
) -> None:
    agreement = AgreementFactory()
    for publisher in publishers:
        EvidenceFactory(agreement=agreement, source=SourceFactory(publisher=publisher))
    if document:
        DocumentFactory(agreement=agreement, kind=document)

    assert words in shown(agreement.get_absolute_url())


# ------------------------------------------------------------------ parties and signatories


def test_parties_stand_with_the_state_they_belong_to(shown: Shown, client: Client) -> None:
    state = PartyFactory(name="Azerbaijan", kind=PartyKind.STATE, slug="azerbaijan", country="AZ")
    ministry = PartyFactory(name="Labour Ministry", parent=state)
    agreement = AgreementFactory(parties=[ministry, PartyFactory(name="An agency", country="UZ")])

    page = shown(agreement.get_absolute_url())

    assert "Labour Ministry Ministry, Azerbaijan" in page
    assert "An agency Ministry, Uzbekistan" in page
    assert 'href="/parties/azerbaijan/"' in html(client, agreement)


def test_other_roles_stand_apart(shown: Shown) -> None:
    agreement = AgreementFactory(parties=[PartyFactory(name="A party")])
    ParticipationFactory(
        agreement=agreement, party=PartyFactory(name="The keeper"), role=Role.DEPOSITARY
    )

    page = shown(agreement.get_absolute_url())

    assert re.search(r"A party .* In other roles Depositary The keeper", page)


def test_signatories_stand_with_their_office_and_for_whom(shown: Shown) -> None:
    ministry = PartyFactory(name="Labour Ministry")
    agreement = AgreementFactory(parties=[ministry])
    SignatoryFactory(
        agreement=agreement,
        name="Mansurbek Olloyorov",
        title="Director",
        party=ministry,
        as_published="Olloyerov",
        signed="2023-10-12",
    )
    SignatoryFactory(agreement=agreement, name="Another")

    page = shown(agreement.get_absolute_url())

    assert (
        "Mansurbek Olloyorov Director · for Labour Ministry · on 12 October 2023"
        " · published as “Olloyerov”"
    ) in page
    assert "Another position not stated" in page


# ------------------------------------------------------------------ the rest of the page


def test_areas_lead_to_the_filtered_list(client: Client) -> None:
    agreement = AgreementFactory(areas=[AreaFactory(name="Mediation", slug="mediation")])

    assert '<a class="chip" href="/agreements/?area=mediation">Mediation</a>' in html(
        client, agreement
    )


def test_timeline_tells_events_with_place_party_note_and_source(shown: Shown) -> None:
    agreement = AgreementFactory(signed="2027-05")
    EventFactory(
        agreement=agreement,
        kind=EventKind.RATIFIED,
        date="2020-10-08",
        party=PartyFactory(name="Japan"),
        place="Tokyo",
        note="By its parliament.",
        source=SourceFactory(publisher="The Gazette", published="2020-10"),
    )
    EventFactory(agreement=agreement, kind=EventKind.MEETING, date="2026")
    EventFactory(agreement=agreement, kind=EventKind.AMENDED)

    page = shown(agreement.get_absolute_url())

    assert (
        "Timeline 8 October 2020 Ratified – Japan, Tokyo By its parliament."
        " Source: The Gazette, October 2020"
    ) in page
    assert "2026 may still be to come Meeting No source recorded" in page
    assert "May 2027 still to come Signed" in page
    assert "date not known Amended" in page


@pytest.mark.parametrize(("basis", "is_told"), [(Basis.STATED, False), (Basis.CONTRADICTED, True)])
def test_event_of_a_timeline_that_rests_on_a_source_lacks_none(
    shown: Shown, basis: Basis, is_told: bool
) -> None:
    agreement = AgreementFactory()
    EventFactory(agreement=agreement, kind=EventKind.MEETING, date="2020")
    EvidenceFactory(agreement=agreement, fact=EvidenceCode.EVENTS, basis=basis)

    assert ("No source recorded" in shown(agreement.get_absolute_url())) is is_told


def test_relations_are_read_in_both_directions(shown: Shown) -> None:
    amended = AgreementFactory(title="The first")
    amending = AgreementFactory(title="The second")
    RelationFactory(agreement=amending, target=amended, kind="amends", note="Article 3.")

    assert f"Amended by {amending.ref} The second Article 3." in shown(amended.get_absolute_url())
    assert f"Amends {amended.ref} The first Article 3." in shown(amending.get_absolute_url())


@pytest.mark.parametrize("publication", ["draft", "in_review", "withdrawn"])
def test_relations_to_unpublished_agreements_are_not_shown(shown: Shown, publication: str) -> None:
    agreement = AgreementFactory()
    hidden = AgreementFactory(title="Hidden", publication=publication)
    RelationFactory(agreement=agreement, target=hidden)
    RelationFactory(agreement=hidden, target=agreement, kind="renews")

    page = shown(agreement.get_absolute_url())

    assert "Hidden" not in page
    assert "Related agreements" not in page


def test_public_documents_can_be_taken_away(shown: Shown, client: Client) -> None:
    agreement = AgreementFactory()
    document = DocumentFactory(
        agreement=agreement, uploaded=True, title="The text", kind="signed_text", language="az"
    )
    DocumentFactory(agreement=agreement, title="A report", address="https://example.org/report")

    page = shown(agreement.get_absolute_url())

    assert f"The text Signed text, Azerbaijani, {len(PDF_BYTES)} bytes" in page
    assert f"SHA-256 {PDF_SHA256}" in page
    assert "A report Press release, on another website" in page
    assert f'href="{document.get_absolute_url()}"' in html(client, agreement)
    assert 'href="https://example.org/report"' in html(client, agreement)


def test_private_documents_are_not_mentioned(shown: Shown) -> None:
    agreement = AgreementFactory()
    DocumentFactory(agreement=agreement, title="A secret", is_public=False)

    page = shown(agreement.get_absolute_url())

    assert "A secret" not in page
    assert "None public: documents." in page


def test_commitments_say_by_whom_until_when_and_how_far(shown: Shown) -> None:
    agreement = AgreementFactory()
    CommitmentFactory(
        agreement=agreement,
        text="Visits.",
        party=PartyFactory(name="Japan"),
        due="2025",
        progress="under_way",
        reviewed="2026-01-31",
        note="One took place.",
    )
    CommitmentFactory(agreement=agreement, text="A plan.", due="2027")
    CommitmentFactory(agreement=agreement, text="A talk.")

    page = shown(agreement.get_absolute_url())

    assert (
        "Visits. promised by Japan · due 2025 · progress: under way overdue"
        " · last reviewed 31 January 2026 One took place."
    ) in page
    assert "A plan. promised jointly · due 2027 · progress: unknown" in page
    assert "A talk. promised jointly · due date unknown" in page


@pytest.mark.parametrize(
    "text",
    ["<script>alert(1)</script>", "& < > \" '", "مذكرة تفاهم", "Донор; Ўзбекистон", "x" * 513],
    ids=["script", "signs", "right to left", "Cyrillic", "513 letters"],
)
def test_any_text_is_shown_as_it_is(shown: Shown, client: Client, text: str) -> None:
    agreement = AgreementFactory(title=text, summary=text, place=text[:200])
    EvidenceFactory(agreement=agreement, note=text, locator=text[:200])

    assert "<script>alert" not in html(client, agreement)
    assert text.split(";")[0] in html(client, agreement).replace("&amp;", "&").replace(
        "&lt;", "<"
    ).replace("&gt;", ">").replace("&quot;", '"').replace("&#x27;", "'")


def test_address_without_parameters_is_the_permanent_one(client: Client) -> None:
    agreement = AgreementFactory()

    response = client.get(f"{agreement.get_absolute_url()}?as_of=2025-01-01")

    canonical = f'<link rel="canonical" href="http://127.0.0.1:8000{agreement.get_absolute_url()}">'
    assert canonical in response.content.decode()


def test_queries_do_not_grow_with_the_rows(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    agreement = AgreementFactory()
    for _ in range(2):
        party = PartyFactory(parent=PartyFactory(state=True))
        ParticipationFactory(agreement=agreement, party=party)
        ParticipationFactory(agreement=agreement, party=party, role=Role.WITNESS)
        SignatoryFactory(agreement=agreement, party=party)
        EventFactory(agreement=agreement, party=party, source=SourceFactory())
        CommitmentFactory(agreement=agreement, party=party)
        EvidenceFactory(agreement=agreement)
        DocumentFactory(agreement=agreement, uploaded=True)
        RelationFactory(agreement=agreement)
        RelationFactory(target=agreement)
        agreement.areas.add(AreaFactory())

        with django_assert_num_queries(16):
            client.get(agreement.get_absolute_url())
