"""The records that come with the register: every fact matches its source, and none comes from anywhere else."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.http import QueryDict
from pytest_django.plugin import DjangoDbBlocker

from agreements.curation.quality_checks import findings_of
from agreements.domain.choices import Basis, Publication, Role
from agreements.domain.durations import Duration
from agreements.domain.facts import FACTS as DECLARED
from agreements.domain.facts import EvidenceCode
from agreements.domain.partial_dates import PartialDate, in_words
from agreements.models import Agreement, Area, Evidence, Participation, Party, Signatory, Source
from agreements.models.references import ReferenceCounter
from agreements.selection.selection import Selection

FIXTURES = [
    Path(settings.BASE_DIR) / "fixtures" / name
    for name in ("areas.json", "azernews.json", "further.json")
]
REFS = [f"AGR-{number:04d}" for number in range(1, 10)]
TODAY = date(2026, 11, 21)

# Each test sees the rows that `loaded` created; what the test writes itself is rolled back.
pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def loaded(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """All three fixtures by Django's own loaddata, once for this file; gone again after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("loaddata", *FIXTURES, verbosity=0)
        yield
        transaction.set_rollback(True)


# ------------------------------------------------------------------ what each record says

# Facts that a record leaves out are listed here as well: unknown must stay unknown.
UNSAID: dict[str, Any] = {
    "legal_nature": "not_assessed",
    "stage": "concluded",
    "place": "",
    "in_force": None,
    "term": ("unknown", ""),
    "expires": None,
    "terminated": None,
    "notice": None,
    "areas": set(),
    "signatories": [],
    "events": [],
    "commitments": [],
    "publication": "published",
}
AZERNEWS_UZBEKISTAN = "https://www.azernews.az/business/216367.html"
AZERNEWS_JAPAN = "http://www.today.az/news/politics/198310.html"
PROPAKISTANI = (
    "https://propakistani.pk/2022/05/26/"
    "pakistan-and-azerbaijan-to-enhance-cooperation-in-labour-employment/"
)
BUSINESS_RECORDER = (
    "https://www.brecorder.com/news/40175915/"
    "labour-employment-social-protection-pakistan-azerbaijan-sign-mou-on-cooperation"
)
AZERNEWS_SERBIA = "https://www.azernews.az/business/191959.html"
AZERNEWS_SERBIAN_DRAFT = "https://www.azernews.az/business/178255.html"
AZERNEWS_GERMANY = "https://www.azernews.az/business/176970.html"
NEWS_AZ = (
    "https://news.az/news/azerbaijans-agency-for-state-support-to-ngos-"
    "turkeys-ministry-of-interior-ink-memorandum-of-co-op"
)
LOKMAT_TIMES = (
    "https://www.lokmattimes.com/international/"
    "union-cabinet-approves-mou-between-india-papua-new-guinea-in-digital-solutions/"
)

AZ_MINISTRY = "Ministry of Labour and Social Protection of the Population (Azerbaijan, AZ)"
UZ_AGENCY = "National Agency for Social Protection under the President (Uzbekistan, UZ)"
MINISTER = "Minister of Labour and Social Protection"

FACTS: dict[str, dict[str, Any]] = {
    "AGR-0001": {
        "title": "Memorandum of understanding “On cooperation in the field of social protection”",
        "kind": "mou",
        "parties": [
            AZ_MINISTRY,
            UZ_AGENCY,
        ],
        "signed": "2023-10~",
        "signed_in_words": "about October 2023",
        "signatories": [
            ("Sahil Babayev", MINISTER, AZ_MINISTRY, ""),
            (
                "Mansurbek Olloyorov",
                "Director",
                UZ_AGENCY,
                "M.Olloyerov",
            ),
        ],
        "areas": {
            "social-legislation",
            "digitalisation",
            "vulnerable-groups",
            "children-adoption",
            "mediation",
            "disability-assessment",
            "rehabilitation",
            "experience-exchange",
        },
        "sources": {AZERNEWS_UZBEKISTAN},
        "verification": "single_source",
        "status": "signed",
    },
    "AGR-0002": {
        "title": "Agreement establishing the Supreme Interstate Council of Azerbaijan and Uzbekistan",
        "kind": "agreement",
        "parties": ["Azerbaijan (AZ)", "Uzbekistan (UZ)"],
        "signed": "2023-08",
        "signed_in_words": "August 2023",
        "signatories": [
            ("Ilham Aliyev", "President", "Azerbaijan (AZ)", ""),
            ("Shavkat Mirziyoyev", "President", "Uzbekistan (UZ)", ""),
        ],
        "sources": {AZERNEWS_UZBEKISTAN},
        "verification": "single_source",
        "status": "signed",
    },
    "AGR-0003": {
        "title": "Proposed memorandum of understanding on medical and social rehabilitation and on "
        "prosthetic and orthopaedic services for persons with disabilities",
        "kind": "mou",
        "stage": "proposed",
        "parties": [AZ_MINISTRY, "Japan (JP)"],
        "signed": None,
        "signed_in_words": None,
        "areas": {"disability-inclusion", "rehabilitation", "prosthetics-orthotics"},
        "events": [("discussed", "2020-10-08?", None)],
        "sources": {AZERNEWS_JAPAN},
        "verification": "single_source",
        "status": "proposed",
    },
    "AGR-0004": {
        "title": "Memorandum of understanding between Pakistan and Azerbaijan on labour, "
        "employment and social protection",
        "kind": "mou",
        "parties": ["Pakistan (PK)", "Azerbaijan (AZ)"],
        "signed": "2022-05-25",
        "signed_in_words": "25 May 2022",
        "place": "Baku",
        "areas": {"labour", "employment", "social-protection"},
        "events": [("meeting", "2022-05-10", None)],
        "commitments": ["Form a joint working group."],
        "sources": {
            PROPAKISTANI,
            BUSINESS_RECORDER,
        },
        "verification": "corroborated",
        "status": "signed",
    },
    "AGR-0005": {
        "title": "Agreement on mutual social security between Serbia and Azerbaijan",
        "kind": "agreement",
        "parties": ["Serbia (RS)", "Azerbaijan (AZ)"],
        "signed": "2022-04~",
        "signed_in_words": "about April 2022",
        "signatories": [
            ("Sahil Babayev", MINISTER, "Azerbaijan (AZ)", ""),
            (
                "Darija Kisic Tepavcevic",
                "Minister of Labour, Employment, Veteran and Social Affairs",
                "Serbia (RS)",
                "",
            ),
        ],
        "areas": {"social-security-pensions"},
        "events": [("discussed", "2021-04-22", None)],
        "sources": {
            AZERNEWS_SERBIA,
            AZERNEWS_SERBIAN_DRAFT,
        },
        "verification": "single_source",
        "status": "signed",
    },
    "AGR-0006": {
        "title": "Memorandum of understanding between Serbia and Azerbaijan on labour, "
        "employment and social protection",
        "kind": "mou",
        "parties": ["Serbia (RS)", "Azerbaijan (AZ)"],
        "signed": "2021",
        "signed_in_words": "2021",
        "areas": {"labour", "employment", "social-protection"},
        "sources": {AZERNEWS_SERBIA},
        "verification": "single_source",
        "status": "signed",
    },
    "AGR-0007": {
        "title": "Memorandum of understanding between the labour ministries of Germany and "
        "Azerbaijan",
        "kind": "mou",
        "parties": ["Federal Ministry of Labour and Social Affairs (Germany, DE)", AZ_MINISTRY],
        "signed": "2018",
        "signed_in_words": "2018",
        "events": [("discussed", "2021-03", None)],
        "sources": {AZERNEWS_GERMANY},
        "verification": "single_source",
        "status": "signed",
    },
    "AGR-0008": {
        "title": "Memorandum of understanding on joint activities between the Agency for State "
        "Support to Non-Governmental Organisations of Azerbaijan and the Ministry of Interior "
        "of Türkiye",
        "kind": "mou",
        "parties": [
            "Agency for State Support to Non-Governmental Organisations (Azerbaijan, AZ)",
            "Ministry of Interior (Türkiye, TR)",
        ],
        "signed": "2022-01-28",
        "signed_in_words": "28 January 2022",
        "place": "Ankara",
        "signatories": [
            (
                "Aygun Aliyeva",
                "Executive Director",
                "Agency for State Support to Non-Governmental Organisations (Azerbaijan, AZ)",
                "",
            ),
            (
                "Erkan Kilic",
                "Director of the Civil Society Relations Department",
                "Ministry of Interior (Türkiye, TR)",
                "",
            ),
        ],
        "sources": {NEWS_AZ},
        "verification": "single_source",
        "status": "signed",
    },
    "AGR-0009": {
        "title": "Memorandum of understanding between India and Papua New Guinea on digital "
        "solutions",
        "kind": "mou",
        "parties": [
            "Ministry of Electronics and Information Technology (India, IN)",
            "Ministry of Information and Communications Technology (Papua New Guinea, PG)",
        ],
        "signed": "2023-07-28",
        "signed_in_words": "28 July 2023",
        "in_force": "2023-07-28",
        "term": ("fixed", "P3Y"),
        "expires": "2026-07-28",
        "areas": {"ict-digital-government"},
        "events": [("approved", "2023-10-11", "India (IN)")],
        "sources": {LOKMAT_TIMES},
        "verification": "single_source",
        "status": "expired",
    },
}

CASES = [
    pytest.param(ref, fact, expected, id=f"{ref} {fact}")
    for ref, facts in FACTS.items()
    for fact, expected in (UNSAID | facts).items()
]


def party_in_words(party: Party) -> str:
    inside = f"{party.parent}, {party.country}" if party.parent else str(party.country)
    return f"{party} ({inside})"


def written(value: PartialDate | Duration | None) -> str | None:
    return str(value) if value else None


def facts_of(agreement: Agreement) -> dict[str, Any]:
    """What the register says about an agreement, under the names that FACTS uses."""
    return {
        "title": agreement.title,
        "kind": agreement.kind,
        "legal_nature": agreement.legal_nature,
        "stage": agreement.stage,
        "place": agreement.place,
        "signed": written(agreement.signed),
        "signed_in_words": in_words(agreement.signed) if agreement.signed else None,
        "in_force": written(agreement.in_force),
        "term": (agreement.term_kind, written(agreement.term) or ""),
        "expires": written(agreement.expires),
        "terminated": written(agreement.terminated),
        "notice": written(agreement.notice),
        "publication": agreement.publication,
        "verification": agreement.verification,
        "status": agreement.standing(TODAY, TODAY).status,
        "areas": {area.slug for area in agreement.areas.all()},
        "parties": [
            party_in_words(row.party)
            for row in agreement.participations.all()
            if row.role == Role.PARTY
        ],
        "signatories": [
            (row.name, row.title, party_in_words(row.party), row.as_published)
            for row in agreement.signatories.all()
        ],
        "events": [
            (row.kind, written(row.date), row.party and party_in_words(row.party))
            for row in agreement.events.all()
        ],
        "commitments": [row.text for row in agreement.commitments.all()],
        "sources": {row.source.url for row in agreement.evidence.all()},
    }


@pytest.mark.parametrize(("ref", "fact", "expected"), CASES)
def test_record_says_what_its_source_says(ref: str, fact: str, expected: Any) -> None:
    assert facts_of(Agreement.objects.get(ref=ref))[fact] == expected


def test_there_are_these_records_and_no_others() -> None:
    assert list(Agreement.objects.values_list("ref", flat=True)) == REFS == list(FACTS)


@pytest.mark.parametrize(
    ("url", "publisher", "author", "published"),
    [
        (AZERNEWS_UZBEKISTAN, "Azernews", "Qabil Ashirov", "2023-10-20"),
        (
            AZERNEWS_JAPAN,
            "Azernews",
            "Ayya Lmahamad",
            "2020-10",
        ),
        (
            PROPAKISTANI,
            "ProPakistani",
            "",
            "2022-05-26",
        ),
        (
            BUSINESS_RECORDER,
            "Business Recorder",
            "",
            "2022-05-27",
        ),
        (AZERNEWS_SERBIA, "Azernews", "Ayya Lmahamad", "2022-04-08"),
        (AZERNEWS_SERBIAN_DRAFT, "Azernews", "", "2021-04"),
        (AZERNEWS_GERMANY, "Azernews", "Ayya Lmahamad", "2021-03-15"),
        (
            NEWS_AZ,
            "News.Az",
            "",
            "2022-01-28",
        ),
        (
            LOKMAT_TIMES,
            "Lokmat Times",
            "",
            "2023-10-11",
        ),
    ],
)
def test_source_is_named(url: str, publisher: str, author: str, published: str) -> None:
    source = Source.objects.get(url=url)

    assert (source.publisher, source.author, str(source.published)) == (
        publisher,
        author,
        published,
    )
    assert source.language == "en"


def test_every_source_is_used() -> None:
    assert Source.objects.count() == 9
    assert not Source.objects.filter(evidence__isnull=True).exists()


# ------------------------------------------------------------------ the traps


def test_uzbek_memorandum_is_not_dated_as_its_source_is() -> None:
    agreement = Agreement.objects.get(ref="AGR-0001")
    source = agreement.evidence.first().source

    assert str(source.published) == "2023-10-20"
    assert source.published_at.isoformat() == "2023-10-20T13:54:00+00:00"
    assert not agreement.signed.is_exact
    assert agreement.signed.is_approximate


def test_uzbek_agency_is_found_by_its_garbled_name_and_goes_by_its_real_one() -> None:
    garbled = "under the President of the Republic of Azerbaijan and Uzbekistan"

    agency = Party.objects.named(garbled).get()

    assert agency.slug == "uz-national-agency-for-social-protection"
    assert agency.name == "National Agency for Social Protection under the President"
    assert agency.names.get(name__endswith=garbled).kind == "as_published"


def test_council_is_agreed_by_the_states_themselves() -> None:
    parties = Party.objects.filter(participations__agreement__ref="AGR-0002")

    assert {(party.kind, party.parent) for party in parties} == {("state", None)}
    assert Party.objects.filter(signatories__agreement__ref="AGR-0002", kind="state").count() == 2


def test_council_may_have_been_signed_on_any_day_of_august() -> None:
    week = "signed_from=2023-08-15&signed_to=2023-08-20"

    possible = Selection(QueryDict(week), today=date(2026, 11, 21)).agreements
    certain = Selection(QueryDict(f"{week}&certainty=certain"), today=date(2026, 11, 21)).agreements

    assert [agreement.ref for agreement in possible] == ["AGR-0002"]
    assert not certain.exists()


def test_ambassador_took_part_in_the_talks_and_signed_nothing() -> None:
    talks = Agreement.objects.get(ref="AGR-0003").events.get()

    assert "Junichi Wada" in talks.note
    assert "Sahil Babayev" in talks.note
    assert not Signatory.objects.filter(name__contains="Wada").exists()
    assert talks.date.is_uncertain


def test_talks_with_japan_are_dated_by_inference() -> None:
    evidence = Evidence.objects.get(
        agreement__ref="AGR-0003", fact=EvidenceCode.EVENTS, basis=Basis.INFERRED
    )

    assert evidence.locator == "paragraph 1"
    assert "2020" in evidence.note


def test_source_on_japan_is_a_copy_without_a_day() -> None:
    source = Source.objects.get(url__contains="today.az")

    assert "syndicated" in source.note
    assert source.published.precision == "month"
    assert source.published_at is None


def test_those_who_agreed_to_sign_are_not_those_who_signed() -> None:
    agreement = Agreement.objects.get(ref="AGR-0004")

    assert "Sajid Hussain Turi" in agreement.events.get().note
    assert "Khazar Farhadov" in agreement.events.get().note
    assert not agreement.signatories.exists()


def test_pakistani_memorandum_has_two_publishers() -> None:
    publishers = Source.objects.filter(evidence__agreement__ref="AGR-0004").values_list("publisher")

    assert {publisher for (publisher,) in publishers} == {"ProPakistani", "Business Recorder"}


def test_serbian_agreement_was_signed_at_a_distance_and_so_nowhere() -> None:
    agreement = Agreement.objects.get(ref="AGR-0005")

    assert "videoconference" in agreement.summary
    assert not agreement.place
    assert "draft" in agreement.events.get().note


def test_german_memorandum_was_talked_of_again() -> None:
    assert "update" in Agreement.objects.get(ref="AGR-0007").events.get().note.lower()


def test_indian_cabinet_approved_what_was_in_force_already() -> None:
    approval = Agreement.objects.get(ref="AGR-0009").events.get()

    assert "cabinet" in approval.note
    assert approval.date > approval.agreement.in_force


@pytest.mark.parametrize(
    ("day", "status"),
    [
        pytest.param(date(2023, 7, 27), "not_yet_concluded", id="the day before its signature"),
        pytest.param(date(2023, 7, 28), "in_force", id="from the day of its signature"),
        pytest.param(date(2025, 1, 1), "in_force", id="within its three years"),
        pytest.param(date(2026, 7, 28), "in_force", id="its last day"),
        pytest.param(date(2026, 7, 29), "expired", id="the day after"),
        pytest.param(TODAY, "expired", id="since"),
    ],
)
def test_indian_memorandum_lasts_three_years(day: date, status: str) -> None:
    agreement = Agreement.objects.with_status(day).get(ref="AGR-0009")

    assert agreement.standing(day).status == agreement.status == status


@pytest.mark.parametrize(
    ("country", "refs"),
    [
        pytest.param("UZ", ["AGR-0001", "AGR-0002"], id="Uzbekistan, its agency's too"),
        pytest.param("JP", ["AGR-0003"], id="Japan"),
        pytest.param("AZ", REFS[:-1], id="Azerbaijan, its bodies' too"),
        pytest.param("PG", ["AGR-0009"], id="Papua New Guinea"),
        pytest.param("AM", [], id="a country that has none"),
    ],
)
def test_records_are_found_by_country(country: str, refs: list[str]) -> None:
    found = Agreement.objects.published().of_countries([country])

    assert sorted(found.values_list("ref", flat=True)) == refs


# ------------------------------------------------------------------ evidence


def filled_facts(agreement: Agreement) -> set[str]:
    """The facts that the record states."""
    given = {fact.code for fact in DECLARED if fact.has_evidence and fact.is_given(agreement)}
    # a computed end rests on the facts it is computed from
    return given | ({"expires"} if agreement.expires else set())


@pytest.mark.parametrize("ref", REFS)
def test_every_fact_and_nothing_else_rests_on_evidence(ref: str) -> None:
    agreement = Agreement.objects.get(ref=ref)

    supported = set(agreement.evidence.values_list("fact", flat=True))

    assert supported == filled_facts(agreement)


@pytest.mark.parametrize(
    ("ref", "fact"),
    [
        pytest.param("AGR-0001", EvidenceCode.SIGNED, id="month of the Uzbek memorandum"),
        pytest.param("AGR-0003", EvidenceCode.PARTIES, id="who would sign with Japan"),
        pytest.param("AGR-0004", EvidenceCode.SIGNED, id="day of the Pakistani memorandum"),
        pytest.param("AGR-0005", EvidenceCode.SIGNED, id="month of the Serbian agreement"),
        pytest.param("AGR-0006", EvidenceCode.SIGNED, id="year of the Serbian memorandum"),
        pytest.param("AGR-0007", EvidenceCode.PARTIES, id="which German ministry"),
        pytest.param("AGR-0007", EvidenceCode.EVENTS, id="month of the German talks"),
        pytest.param("AGR-0009", EvidenceCode.IN_FORCE, id="day the Indian memorandum took effect"),
        pytest.param("AGR-0009", EvidenceCode.EXPIRES, id="day it ended"),
    ],
)
def test_what_the_source_does_not_say_outright_is_inferred(ref: str, fact: EvidenceCode) -> None:
    bases = Evidence.objects.filter(agreement__ref=ref, fact=fact).values_list("basis", flat=True)

    assert set(bases) == {Basis.INFERRED}


def test_what_is_inferred_says_from_what() -> None:
    inferred = Evidence.objects.filter(basis=Basis.INFERRED)

    assert inferred.exists()
    assert not inferred.filter(note="")


def test_evidence_says_where_in_the_source() -> None:
    for locator in Evidence.objects.values_list("locator", flat=True):
        assert re.fullmatch(r"paragraph [1-9][0-9]?", locator)


def test_every_event_names_a_source_that_its_evidence_names() -> None:
    for agreement in Agreement.objects.filter(events__isnull=False):
        cited = set(
            agreement.evidence.filter(fact=EvidenceCode.EVENTS).values_list("source_id", flat=True)
        )
        assert {event.source_id for event in agreement.events.all()} <= cited


# ------------------------------------------------------------------ areas and parties

AREA_TREE = {
    "labour": [],
    "employment": [],
    "vocational-training": [],
    "labour-inspection-osh": [],
    "migration-labour": [],
    "social-protection": [
        "social-security-pensions",
        "social-legislation",
        "vulnerable-groups",
        "children-adoption",
        "mediation",
    ],
    "disability-inclusion": ["rehabilitation", "prosthetics-orthotics", "disability-assessment"],
    "digitalisation": ["ict-digital-government"],
    "experience-exchange": [],
    "health": [],
    "education": [],
    "science-technology": [],
    "energy": [],
    "transport": [],
    "trade-investment": [],
    "agriculture": [],
    "environment-climate": [],
    "culture-tourism": [],
    "youth-sport": [],
    "justice-security": [],
    "disaster-management": [],
    "statistics": [],
    "finance-tax": [],
}


def test_areas_form_this_tree_in_this_order() -> None:
    tree = {
        area.slug: [sub.slug for sub in area.children.all()]
        for area in Area.objects.filter(parent=None)
    }

    assert tree == AREA_TREE
    assert list(tree) == list(AREA_TREE)
    assert Area.objects.count() == sum(1 + len(subs) for subs in AREA_TREE.values())


def test_every_area_says_in_a_sentence_what_belongs_to_it() -> None:
    for area in Area.objects.all():
        assert re.fullmatch(r"[A-Z][^.]{20,}\.", area.description), area.slug
        assert area.name
        assert area.name != area.slug


def test_bodies_belong_to_the_state_whose_country_they_carry() -> None:
    for party in Party.objects.select_related("parent"):
        assert party.country
        assert (party.parent is None) == (party.kind == "state")
        if party.parent:
            assert party.parent.country == party.country


def test_every_party_takes_part_in_an_agreement_or_has_a_body_that_does() -> None:
    taking_part = Participation.objects.values_list("party", flat=True)
    states_of_those = Party.objects.filter(pk__in=taking_part).values_list("parent", flat=True)

    assert set(Party.objects.values_list("pk", flat=True)) <= {*taking_part, *states_of_those}


# ------------------------------------------------------------------ the texts

ABOUT_WAR = re.compile(
    r"\b(war|wars|armed|army|armies|milit\w*|troop\w*|soldier\w*|aggress\w*|occup(y|ied|ier)\w*"
    r"|liberat\w*|terror\w*|artiller\w*|weapon\w*|kill\w*|wound\w*|attack\w*|enem\w*|provocat\w*"
    r"|armenia\w*|karabakh|fuzuli|battle\w*|fight\w*|victor\w*|martyr\w*|casualt\w*)\b",
    re.IGNORECASE,
)


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.name)
def test_nothing_of_a_war_is_in_the_texts(path: Path) -> None:
    assert not ABOUT_WAR.search(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("ref", REFS)
def test_summary_is_one_to_three_sentences(ref: str) -> None:
    summary = Agreement.objects.get(ref=ref).summary

    assert 1 <= len(re.findall(r"[.!?](?:\s|$)", summary)) <= 3
    assert summary.endswith(".")


# ------------------------------------------------------------------ the files


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.name)
def test_file_is_pretty_printed_and_names_no_ids(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    rows = json.loads(text)

    assert text == json.dumps(rows, ensure_ascii=False, indent=2) + "\n"
    assert all(row.keys() == {"model", "fields"} for row in rows)


def test_every_row_is_valid_and_nothing_is_odd() -> None:
    for model in (Area, Party, Source, Agreement, Participation, Signatory, Evidence):
        for row in model._default_manager.all():
            row.full_clean()
    assert [str(finding) for each in Agreement.objects.all() for finding in findings_of(each)] == []


def test_loading_again_adds_nothing_and_keeps_the_day_of_entry() -> None:
    models = (Area, Party, Source, Agreement, Participation, Signatory, Evidence)
    before = Counter({model: model._default_manager.count() for model in models})
    entered = list(Agreement.objects.values_list("ref", "created_at"))

    call_command("loaddata", *FIXTURES, verbosity=0)

    assert Counter({model: model._default_manager.count() for model in models}) == before
    assert list(Agreement.objects.values_list("ref", "created_at")) == entered


def test_loaded_records_are_published_and_their_references_taken() -> None:
    assert not Agreement.objects.exclude(publication=Publication.PUBLISHED).exists()
    assert not Agreement.objects.filter(published_at=None).exists()
    assert ReferenceCounter.take() == ["AGR-0010"]
