"""The briefs of parties and selections: what they say, and what nobody but staff sees."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from agreements.domain.permissions import StaffRole
from agreements.models import Agreement, Party
from tests.briefs.test_word import text_of
from tests.colleagues import colleague
from tests.factories import (
    AgreementFactory,
    AreaFactory,
    CommitmentFactory,
    EventFactory,
    EvidenceFactory,
    LanguageVersionFactory,
    PartyFactory,
    SignatoryFactory,
)
from tests.registers import COLUMNS
from tests.web.views.conftest import Shown

pytestmark = pytest.mark.django_db

QUERIES = COLUMNS + 24
PAGE, FILE = "/parties/turkiye/brief/", "/parties/turkiye/brief.docx"
ADDRESSES = [PAGE, FILE, "/agreements/brief/?country=TR", "/agreements/brief.docx?country=TR"]


@pytest.fixture
def ours(settings: Settings) -> Party:
    """Azerbaijan, whose side the register is on."""
    settings.OUR_SIDE = "AZ"
    return PartyFactory(name="Azerbaijan", slug="azerbaijan", kind="state", country="AZ")


@pytest.fixture
def visit(ours: Party) -> Party:
    """Türkiye with a ministry and four agreements with us, one of them a draft, and one with somebody else."""
    state = PartyFactory(name="Türkiye", slug="turkiye", kind="state", country="TR")
    body = PartyFactory(name="Ministry of Labour", slug="tr-labour", parent=state)
    soon = timezone.localdate() + timedelta(days=40)
    ending = AgreementFactory(
        title="Memorandum between the ministries of Türkiye and Azerbaijan on labour inspection",
        summary="Inspectors visit each other.",
        signed="2020-02-03",
        in_force="2020-02-03",
        term_kind="fixed",
        expires_stated=soon.isoformat(),
        notice_days=30,
        parties=[ours, body],
        areas=[AreaFactory(name="Labour")],
    )
    EvidenceFactory(agreement=ending, fact="signed", basis="inferred")
    CommitmentFactory(agreement=ending, text="Train the inspectors", party=ours, due="2020-05")
    CommitmentFactory(agreement=ending, text="Send the list", party=body, is_public=False)
    CommitmentFactory(agreement=ending, text="Already done", progress="fulfilled")
    EventFactory(agreement=ending, date="2024-03-18", place="Baku", note="They reviewed the plan.")
    SignatoryFactory(agreement=ending, name="A. Minister", title="Minister of Labour")
    AgreementFactory(title="Social security", signed="2019", parties=[ours, state])
    AgreementFactory(title="Prosthetics workshop", stage="negotiation", parties=[ours, state])
    AgreementFactory(title="Hidden plan", draft=True, parties=[ours, state])
    AgreementFactory(title="With somebody else", parties=[state, PartyFactory(country="JP")])
    return state


def body_of(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    is_file = ".docx" in address
    return text_of(response.content) if is_file else response.content.decode()


def test_brief_says_what_the_minister_needs(shown: Shown, visit: Party) -> None:
    page = shown(PAGE)

    assert "Türkiye and Azerbaijan" in page
    assert "3 agreements 1 in force 1 signed, not known to be in force" in page
    assert "1 ending within 365 days 1 proposed or in negotiation" in page
    assert "Labour inspection (AGR-0001): ends: " in page
    assert "last day for notice: " in page
    assert "Meeting, 18 March 2024, Baku: They reviewed the plan." in page
    assert "Labour inspection, memorandum of understanding AGR-0001 3 February 2020° " in page
    assert "Inspectors visit each other." in page
    assert "° marks a date" in page
    assert "A. Minister, Minister of Labour" in page
    assert "rest on 1 source." in page
    assert "http://127.0.0.1:8000/parties/turkiye/brief/?as_of=" in page
    assert "With somebody else" not in page


def test_word_file_says_the_same(client: Client, visit: Party) -> None:
    response = client.get(FILE)

    assert "wordprocessingml" in response["Content-Type"]
    assert ".docx" in response["Content-Disposition"]
    text = text_of(response.content)
    for part in ("Türkiye and Azerbaijan", "Inspectors visit each other.", "3 February 2020°"):
        assert part in text


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("who", ["guest", "visitor", "former staff", "reader", "reader's handout"])
def test_only_staff_see_commitments_and_nobody_sees_drafts(
    client: Client, visit: Party, address: str, who: str
) -> None:
    if who == "visitor":
        client.force_login(User.objects.create_user("visitor"))
    elif who == "former staff":
        reader = colleague(StaffRole.READER)
        reader.is_staff = False
        reader.save()
        client.force_login(reader)
    elif who != "guest":
        client.force_login(colleague(StaffRole.READER))
    if who == "reader's handout":
        address += "&internal=0" if "?" in address else "?internal=0"
    else:
        address += "&internal=1" if "?" in address else "?internal=1"

    response, text = client.get(address), body_of(client, address)

    is_internal = who == "reader"
    for said in ("Train the inspectors", "Send the list", "Internal"):
        assert (said in text) is is_internal
    assert "Already done" not in text
    assert "Hidden plan" not in text
    assert "Cookie" in response["Vary"]
    may_be_kept = "no-store" not in response.get("Cache-Control", "")
    assert may_be_kept is (not who.startswith("reader"))


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("lang=fr", "lang: Write one of en, az, ru"),
        ("by=colour", "by: Write one of area, status"),
        ("internal=yes", "internal: Write one of 0, 1"),
        ("with=Atlantis", "with: Write the code of a country"),
        ("country=JP", "country: The URL names the party already."),
        ("party=azerbaijan", "party: The URL names the party already."),
        ("signed_from=never", "signed_from: "),
        ("statsu=signed", "statsu: There is no such parameter."),
    ],
)
@pytest.mark.parametrize("address", [PAGE, FILE])
def test_bad_values_are_named(
    client: Client, visit: Party, address: str, query: str, named: str
) -> None:
    response = client.get(f"{address}?{query}")

    assert response.status_code == 400
    assert named in response.content.decode()


def test_brief_of_a_selection_has_no_other_side(client: Client, visit: Party) -> None:
    response = client.get("/agreements/brief/?with=AZ")

    assert response.status_code == 400
    assert "with: Only the brief of a party has another side." in response.content.decode()


@pytest.mark.parametrize("end", ["brief/", "brief.docx"])
def test_parties_that_nobody_sees_have_no_brief_and_merged_ones_lead_on(
    client: Client, visit: Party, end: str
) -> None:
    secret = PartyFactory(slug="secret")
    AgreementFactory(draft=True, parties=[secret])
    visit.slug = "turkey"
    visit.save()

    assert client.get(f"/parties/nowhere/{end}").status_code == 404
    assert client.get(f"/parties/secret/{end}").status_code == 404
    moved = client.get(f"/parties/turkiye/{end}?lang=az")
    assert (moved.status_code, moved["Location"]) == (301, f"/parties/turkey/{end}?lang=az")
    assert moved["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    ("address", "title", "count"),
    [
        (PAGE, "Türkiye and Azerbaijan", "3 agreements"),
        (f"{PAGE}?with=any", "Türkiye", "4 agreements"),
        (f"{PAGE}?with=japan", "Türkiye and Japan", "1 agreement"),
        (f"{PAGE}?with=UZ", "Türkiye and Uzbekistan", "0 agreements"),
        (f"{PAGE}?status=negotiation", "Türkiye and Azerbaijan", "1 agreement"),
        ("/parties/azerbaijan/brief/", "Azerbaijan", "3 agreements"),
        ("/parties/tr-labour/brief/", "Ministry of Labour and Azerbaijan", "1 agreement"),
        ("/agreements/brief/?status=signed", "Brief: Signed agreements", "2 agreements"),
    ],
)
def test_our_side_is_preset_and_can_be_changed(
    shown: Shown, visit: Party, address: str, title: str, count: str
) -> None:
    page = shown(address)

    assert f"{title} Brief on" in page
    assert f"{count} " in page
    assert ("No published agreements match." in page) is count.startswith("0")


def test_without_our_side_a_brief_lists_all_agreements_of_the_party(
    shown: Shown, visit: Party, settings: Settings
) -> None:
    settings.OUR_SIDE = ""

    page = shown(PAGE)

    assert "4 agreements" in page
    assert "(Azerbaijan)" in page


def test_brief_is_in_the_language_asked_for(shown: Shown, visit: Party) -> None:
    ending = Agreement.objects.get(ref="AGR-0001")
    LanguageVersionFactory(
        agreement=ending, language="az", title="Əmək müfəttişliyi haqqında memorandum"
    )

    azerbaijani, russian = shown(f"{PAGE}?lang=az"), shown(f"{PAGE}?lang=ru")

    assert "Türkiyə və Azərbaycan" in azerbaijani
    assert "Əmək müfəttişliyi haqqında memorandum" in azerbaijani
    assert "Турция и Азербайджан" in russian
    assert "3 соглашения 1 действуют" in russian
    assert "18 марта 2024 г." in russian
    assert "For the talks" not in azerbaijani + russian


def test_groups_are_areas_or_statuses(shown: Shown, visit: Party) -> None:
    by_area, by_status = shown(PAGE), shown(f"{PAGE}?by=status")

    assert by_area.index("Status Labour") < by_area.index("No area recorded")
    assert "Status In negotiation Prosthetics workshop" in by_status


def test_long_brief_lists_sixty_and_counts_the_rest_with_as_many_queries(
    client: Client, visit: Party, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    body_of(client, PAGE)
    with django_assert_max_num_queries(QUERIES):
        body_of(client, PAGE)
    ours = Party.objects.get(slug="azerbaijan")
    for number in range(64):
        agreement = AgreementFactory(signed=f"{1950 + number}", parties=[ours, visit])
        EvidenceFactory(agreement=agreement, fact="signed")
        SignatoryFactory(agreement=agreement)

    with django_assert_max_num_queries(QUERIES):
        page = body_of(client, PAGE)

    assert page.count('class="brief-ref"') == 60
    assert "Listed: 60, first those that have not ended; 7 more agreements" in page
    assert "Inspectors visit each other." not in page


def test_markup_in_a_title_is_shown_as_text(client: Client, visit: Party) -> None:
    AgreementFactory(
        title="<script>alert(1)</script>",
        signed="2024",
        parties=[visit, Party.objects.get(slug="azerbaijan")],
    )

    assert "<script>alert" not in body_of(client, PAGE)
    assert "<script>alert(1)</script>" in body_of(client, FILE)
