"""The JSON document: a description of the selection, every public fact, and nothing else."""

import json
from datetime import UTC, date, datetime

import pytest

from agreements.domain.facts import COLUMNS
from agreements.domain.participation import OVER_TIME
from agreements.exchange.exporting import blocks
from agreements.exchange.exporting import json as json_module
from agreements.exchange.exporting.extracts import Extract
from agreements.exchange.exporting.json import stream_json
from agreements.models import Agreement
from tests.copies import multiply_agreement, peak_while
from tests.factories import (
    AgreementFactory,
    AreaFactory,
    CommitmentFactory,
    DocumentFactory,
    EventFactory,
    EvidenceFactory,
    IdentifierFactory,
    LanguageVersionFactory,
    ParticipationFactory,
    PartyFactory,
    PeriodFactory,
    PersonFactory,
    RelationFactory,
    SignatoryFactory,
    SourceFactory,
)

TODAY = date(2026, 11, 21)
SITE = "http://127.0.0.1:8000"
NOTHING_OVER_TIME = {**dict.fromkeys(OVER_TIME), "takes_part_as": "takes_part"}
MOMENT = datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC)


def chunks(agreements=None):
    agreements = Agreement.objects.order_by("ref") if agreements is None else agreements
    return stream_json(Extract(agreements, "Agreements with Azerbaijan", "country=AZ", TODAY))


def document(agreements=None):
    return json.loads("".join(chunks(agreements)))


@pytest.mark.django_db
@pytest.mark.parametrize("count", [0, 1, 3, 4, 13])
def test_it_is_one_document_that_counts_what_it_holds(monkeypatch, count):
    monkeypatch.setattr(blocks, "BLOCK_ROWS", 3)
    agreements = AgreementFactory.create_batch(count)

    told = document()

    assert list(told) == ["selection", "agreements", "count"]
    assert [record["ref"] for record in told["agreements"]] == [row.ref for row in agreements]
    assert told["count"] == count


@pytest.mark.django_db
def test_it_says_what_it_is_a_selection_of():
    assert document()["selection"] == {
        "words": "Agreements with Azerbaijan",
        "query": "country=AZ",
        "url": f"{SITE}/agreements/?country=AZ",
        "as_of": "2026-11-21",
        "undetermined": 0,
        "licence": "https://creativecommons.org/licenses/by/4.0/",
    }


@pytest.mark.django_db
def test_every_fact_of_a_full_record():
    azerbaijan = PartyFactory(slug="az", name="Azerbaijan", country="AZ", state=True)
    japan = PartyFactory(slug="jp", name="Japan", country="JP", state=True)
    agreement = AgreementFactory(
        ref="AGR-0042", title="On care", legal_nature="non_binding", signed="2023-08", in_force="2023-09-01",
        term_kind="fixed", term_months=36, expires_stated="2026-08-31", notice_days=90, terminated="2025~",
        stage_reported="2023-08",
        review_due="2024-05", text_availability="confidential",
        place="Baku", summary="Ours", parties_note="A third one is not named.", responsible_unit="Unit", public_notes="Note", internal_notes="Secret",
        published_at=MOMENT, parties=[japan, azerbaijan], areas=[AreaFactory(slug="care", name="Care")],
    )  # fmt: skip
    ParticipationFactory(
        agreement=agreement, party=PartyFactory(slug="un", name="UN", kind="international_organisation"),
        role="depositary", position=9, consent="accession", consented="2023-10", in_force_until="2025-03-04",
        ended_by="withdrawal", reservations="Text",
    )  # fmt: skip
    SignatoryFactory(
        agreement=agreement, name="First", title="Minister", party=japan, as_published="Frist", signed="2023-08-02",
        second_party=azerbaijan, person=PersonFactory(slug="first"),
    )  # fmt: skip
    source = SourceFactory(
        slug="gazette", publisher="Gazette", title="No 5", author="A. B.", url="https://g.example/5",
        published="2023-08-20", published_at=MOMENT, retrieved=date(2026, 1, 1), language="en", note="Copy",
    )  # fmt: skip
    EvidenceFactory(
        agreement=agreement, source=source, fact="signed", basis="inferred", locator="p. 2", note="Month only"
    )  # fmt: skip
    EventFactory(
        agreement=agreement, kind="discussed", date="2022", party=japan, place="Tokyo", note="Talks",
        source=SourceFactory(slug="event-source", publisher="B", title="T", url=""),
    )  # fmt: skip
    CommitmentFactory(
        agreement=agreement, text="Send experts", party=azerbaijan, due="2024-01", progress="under_way",
        reviewed=date(2024, 2, 3), note="Two so far",
    )  # fmt: skip
    LanguageVersionFactory(agreement=agreement, language="az")
    LanguageVersionFactory(
        agreement=agreement, language="ja", status="authentic", prevails=True, title="協定", summary="要約"
    )  # fmt: skip
    IdentifierFactory(agreement=agreement, scheme="our-files", value="5/2023")
    IdentifierFactory(agreement=agreement, scheme="celex", value="22021A0430(01)")
    upload = DocumentFactory(agreement=agreement, kind="annex", title="Annex", uploaded=True)
    DocumentFactory(
        agreement=agreement, kind="signed_text", title="Text", address="https://t.example/", language="az"
    )  # fmt: skip
    later = AgreementFactory(ref="AGR-0050", title="Later one", signed="2026-01-05")
    RelationFactory(agreement=later, target=agreement, kind="supersedes", note="Whole")
    PeriodFactory(
        agreement=agreement,
        kind="renewal",
        first="2026-09",
        last="2027-08-31",
        by=later,
        note="For a year",
    )
    RelationFactory(agreement=agreement, target=later, kind="under")
    Agreement.objects.update(updated_at=MOMENT)

    record = document()["agreements"][0]

    assert record == {
        "ref": "AGR-0042",
        "title": "On care",
        "summary": "Ours",
        "kind": "mou",
        "plurality": "bilateral",
        "plurality_stated": None,
        "subject": None,
        "legal_nature": "non_binding",
        "stage": "concluded",
        "stage_reported": "2023-08",
        "status": "terminated",
        "status_as_of": "2026-11-21",
        "signed": "2023-08",
        "signed_earliest": "2023-08-01",
        "signed_latest": "2023-08-31",
        "signed_old_style": None,
        "place": "Baku",
        "in_force": "2023-09-01",
        "in_force_earliest": "2023-09-01",
        "in_force_latest": "2023-09-01",
        "term_kind": "fixed",
        "term": "P3Y",
        "term_months": 36,
        "renewal": None,
        "minimum_term": None,
        "expires_stated": "2026-08-31",
        "expires": "2027-08-31",
        "ends_earliest": "2025-01-01",
        "ends_latest": "2025-12-31",
        "notice": "P90D",
        "notice_days": 90,
        "terminated": "2025~",
        "superseded_on": "2026-01-05",
        "review_due": "2024-05",
        "text_availability": "confidential",
        "languages": [
            {
                "language": "ja",
                "status": "authentic",
                "prevails": True,
                "title": "協定",
                "summary": "要約",
            },
            {
                "language": "az",
                "status": "unknown",
                "prevails": False,
                "title": None,
                "summary": None,
            },
        ],
        "identifiers": [
            {
                "scheme": "celex",
                "value": "22021A0430(01)",
                "url": "https://eur-lex.europa.eu/legal-content/EN/TXT/?uri=CELEX:22021A0430(01)",
            },
            {"scheme": "our-files", "value": "5/2023", "url": None},
        ],
        "parties": [
            {
                "role": "party",
                "slug": "jp",
                "name": "Japan",
                "kind": "state",
                "country": "JP",
                **NOTHING_OVER_TIME,
            },
            {
                "role": "party",
                "slug": "az",
                "name": "Azerbaijan",
                "kind": "state",
                "country": "AZ",
                **NOTHING_OVER_TIME,
            },
            {
                "role": "depositary",
                "slug": "un",
                "name": "UN",
                "kind": "international_organisation",
                "country": None,
                **NOTHING_OVER_TIME,
                "consent": "accession",
                "consented": "2023-10",
                "in_force_until": "2025-03-04",
                "ended_by": "withdrawal",
                "reservations": "Text",
                "takes_part_as": "former",
            },
        ],
        "funding_amount": None,
        "funding_currency": None,
        "parties_note": "A third one is not named.",
        "countries": ["AZ", "JP"],
        "areas": [{"slug": "care", "name": "Care"}],
        "signatories": [
            {
                "name": "First",
                "title": "Minister",
                "as_published": "Frist",
                "signed": "2023-08-02",
                "party": "jp",
                "second_party": "az",
                "third_party": None,
                "person": "first",
            }
        ],
        "events": [
            {
                "kind": "discussed",
                "date": "2022",
                "place": "Tokyo",
                "note": "Talks",
                "party": "jp",
                "source": "event-source",
            }
        ],
        "periods": [
            {
                "kind": "renewal",
                "first": "2026-09",
                "last": "2027-08-31",
                "note": "For a year",
                "by": "AGR-0050",
            }
        ],
        "relations": [
            {
                "kind": "under",
                "ref": "AGR-0050",
                "title": "Later one",
                "note": None,
                "url": f"{SITE}/agreements/AGR-0050/",
            }
        ],
        "inverse_relations": [
            {
                "kind": "supersedes",
                "ref": "AGR-0050",
                "title": "Later one",
                "note": "Whole",
                "url": f"{SITE}/agreements/AGR-0050/",
            }
        ],
        "commitments": [
            {
                "text": "Send experts",
                "due": "2024-01",
                "progress": "under_way",
                "reviewed": "2024-02-03",
                "note": "Two so far",
                "party": "az",
            }
        ],
        "documents": [
            {
                "kind": "annex",
                "title": "Annex",
                "language": None,
                "size": upload.size,
                "sha256": upload.sha256,
                "url": f"{SITE}/agreements/AGR-0042/documents/{upload.pk}/",
            },
            {
                "kind": "signed_text",
                "title": "Text",
                "language": "az",
                "size": None,
                "sha256": None,
                "url": "https://t.example/",
            },
        ],
        "verification": "document_seen",
        "evidence": [
            {
                "fact": "signed",
                "basis": "inferred",
                "locator": "p. 2",
                "note": "Month only",
                "source": "gazette",
                "document": None,
            }
        ],
        "sources": [
            {
                "slug": "gazette",
                "publisher": "Gazette",
                "title": "No 5",
                "author": "A. B.",
                "url": "https://g.example/5",
                "published": "2023-08-20",
                "published_at": "2026-01-02T03:04:05Z",
                "retrieved": "2026-01-01",
                "language": "en",
                "note": "Copy",
            },
            {
                "slug": "event-source",
                "publisher": "B",
                "title": "T",
                "author": None,
                "url": None,
                "published": None,
                "published_at": None,
                "retrieved": None,
                "language": None,
                "note": None,
            },
        ],
        "responsible_unit": "Unit",
        "public_notes": "Note",
        "url": f"{SITE}/agreements/AGR-0042/",
        "published_at": "2026-01-02T03:04:05Z",
        "updated_at": "2026-01-02T03:04:05Z",
    }
    # Every column of the CSV is here under the same name.
    assert {column.name for column in COLUMNS} <= record.keys()


@pytest.mark.django_db
def test_what_is_not_known_is_null_and_zero_is_not():
    AgreementFactory(title="unknown")
    AgreementFactory(title="open", signed="../2020", notice_days=0)

    unknown, half_known = document()["agreements"]

    assert [unknown[name] for name in ("signed", "signed_earliest", "place", "notice_days")] == [
        None
    ] * 4
    assert unknown["parties"] == unknown["evidence"] == []
    assert (half_known["signed_earliest"], half_known["signed_latest"]) == (None, "2020-12-31")
    assert (half_known["notice"], half_known["notice_days"]) == ("P0D", 0)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("length", "months", "days"),
    [
        ("P3Y", 36, None),
        ("P18M", 18, None),
        ("P1M", 1, None),
        ("P120D", None, 120),
        (None, None, None),
    ],
)
def test_numbers_of_earlier_releases_stay_where_the_unit_is_theirs(length, months, days):
    AgreementFactory(term_kind="fixed", term=length, notice=length)

    [record] = document()["agreements"]

    assert (record["term"], record["term_months"]) == (length, months)
    assert (record["notice"], record["notice_days"]) == (length, days)


@pytest.mark.django_db
def test_nothing_is_told_that_the_public_may_not_see():
    agreement = AgreementFactory(internal_notes="SECRET")
    document = DocumentFactory(agreement=agreement, title="SECRET", is_public=False)
    EvidenceFactory(agreement=agreement, source=None, document=document, locator="SECRET")
    CommitmentFactory(agreement=agreement, text="SECRET", is_public=False)
    IdentifierFactory(agreement=agreement, scheme="imported-row", value="SECRET")
    # footnotes of what is not shown would tell that it exists
    for fact in ("commitments", "relations"):
        EvidenceFactory(agreement=agreement, fact=fact, note="SECRET")
    draft = AgreementFactory(title="SECRET", draft=True)
    RelationFactory(agreement=agreement, target=draft, note="SECRET")
    RelationFactory(agreement=draft, target=agreement, kind="supersedes", note="SECRET")

    assert "SECRET" not in "".join(chunks(Agreement.objects.published()))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "title",
    ['"]}', "\\", "two\r\nlines", "\x01\x1f\u2028", "</script>", "Əməkdaşlıq 🤝"],
    ids=["quotes", "backslash", "line breaks", "control characters", "markup", "scripts"],
)
def test_any_title_comes_back_unchanged(title):
    AgreementFactory(title=title)

    assert document()["agreements"][0]["title"] == title


@pytest.mark.django_db
def test_queries_do_not_grow_with_the_rows_of_a_block(django_assert_num_queries):
    party = PartyFactory()
    for _n in range(30):
        EvidenceFactory(agreement=AgreementFactory(parties=[party]))

    with django_assert_num_queries(14):
        document()


@pytest.mark.django_db
def test_each_block_costs_thirteen_queries(monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(blocks, "BLOCK_ROWS", 3)
    for _n in range(7):
        EvidenceFactory(agreement=AgreementFactory())

    with django_assert_num_queries(1 + 13 * 3):
        document()


@pytest.mark.django_db
def test_failure_halfway_leaves_a_document_that_is_none(monkeypatch):
    AgreementFactory.create_batch(2)
    monkeypatch.setattr(blocks, "BLOCK_ROWS", 1)
    monkeypatch.setattr(json_module, "blocks", _first_and_no_more)
    received: list[str] = []

    with pytest.raises(ConnectionError):
        list(map(received.append, chunks()))

    assert "AGR-" in received[-1]
    with pytest.raises(json.JSONDecodeError):
        json.loads("".join(received))


def _first_and_no_more(agreements, day):
    yield next(blocks.blocks(agreements, day))
    raise ConnectionError


@pytest.mark.django_db
def test_ten_thousand_records_stream_in_constant_memory():
    agreement = AgreementFactory(summary="words " * 20, parties=[PartyFactory(), PartyFactory()])
    EvidenceFactory(agreement=agreement)
    EventFactory(agreement=agreement, note="talks")
    multiply_agreement(10_000)
    keys = list(Agreement.objects.order_by("ref").values_list("pk", flat=True)[:1_000])

    few_rows, few_peak = peak_while(lambda: _streamed(Agreement.objects.filter(pk__in=keys)))
    all_rows, all_peak = peak_while(lambda: _streamed(Agreement.objects.order_by("ref")))

    assert (few_rows, all_rows) == (1_000, 10_000)
    assert all_peak < 2 * few_peak + 2_000_000


def _streamed(agreements) -> int:
    """Return the number of records, read a chunk at a time."""
    return sum(chunk.count('"public_notes": ') for chunk in chunks(agreements))
