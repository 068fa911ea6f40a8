"""Citations of a record: what they say, that the programs they are for can read them, and that no title breaks them."""

import json
import re
from datetime import UTC, date, datetime

import pytest
import rispy
from django.utils.translation import override
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pybtex.database import parse_string

from agreements.exchange.citations import Citation, bibtex, json_ld, meta_tags, ris
from agreements.exchange.exporting.json import encoded
from agreements.models import Agreement
from tests.factories import (
    AgreementFactory,
    AreaFactory,
    IdentifierFactory,
    ParticipationFactory,
    PartyFactory,
    SourceFactory,
)

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 21)
ADDRESS = "http://127.0.0.1:8000/agreements/AGR-0042/"

DATES = [
    # signed, in words, BibTeX, RIS, plain
    pytest.param("2022-05-25", "25 May 2022", ("2022", "May", "25"), ("2022", "2022/05/25/"), "2022-05-25", id="day"),
    pytest.param("2023-08", "August 2023", ("2023", "August", None), ("2023", "2023/08//"), "2023-08", id="month"),
    pytest.param("2018", "2018", ("2018", None, None), ("2018", "2018///"), "2018", id="year"),
    pytest.param(
        "2023-10~", "about October 2023", ("2023", "October", None),
        ("2023", "2023/10//about October 2023"), None, id="about a month",
    ),
    pytest.param(
        "2018?", "2018 (uncertain)", ("2018", None, None),
        ("2018", "2018///2018 (uncertain)"), None, id="uncertain",
    ),
    pytest.param("2012/2019", "2012 to 2019", ("2012 to 2019", None, None), (None, None), None, id="interval"),
    pytest.param("2020/..", "since 2020", ("since 2020", None, None), (None, None), None, id="open"),
]  # fmt: skip

HOSTILE = [
    pytest.param("50 % & more_of #1 for $5 ~ x^2 \\LaTeX{} }{ {", id="LaTeX"),
    pytest.param('@misc{x, title = "y"}', id="BibTeX"),
    pytest.param("two\r\nER  - \r\nTY  - JOUR\nTI  - evil", id="RIS"),
    pytest.param("</script><script>alert(1)</script><!-- ]]>", id="markup"),
    pytest.param("a\x01b\x1fc\u2028d\x85e", id="control characters"),
    pytest.param("Əməkdaşlıq haqqında “memorandum” 🤝", id="scripts"),
]


def citation(**facts) -> Citation:
    AgreementFactory(ref="AGR-0042", **facts)
    return Citation(Agreement.objects.with_parties().with_areas().get(ref="AGR-0042"), TODAY)


def entry(cited: Citation):
    """Return the BibTeX entry as a program that processes bibliographies reads it."""
    database = parse_string(bibtex(cited), "bibtex")
    assert list(database.entries) == ["AGR-0042"]
    return database.entries["AGR-0042"]


def record(cited: Citation) -> dict:
    """Return the RIS record as a program that reads RIS does."""
    (found,) = rispy.loads(ris(cited))
    return found


# ------------------------------------------------------------------ for people


def test_citation_names_title_parties_date_register_and_address():
    cited = citation(
        title="On care", signed="2023-10~",
        parties=[
            PartyFactory(name="Ministry of Care", country="AZ"),
            PartyFactory(name="Uzbekistan", country="UZ", state=True),
        ],
    )  # fmt: skip

    assert cited.text == (
        "On care. Memorandum of understanding between Ministry of Care (Azerbaijan) and Uzbekistan, signed about "
        f"October 2023. MoU Tracker, AGR-0042, {ADDRESS} (accessed 21 November 2026)."
    )


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"signed": "2023-08"}, "signed August 2023"),
        ({}, "date of signature unknown"),
        ({"stage": "proposed"}, "proposed"),
        ({"stage": "negotiation"}, "in negotiation"),
        ({"stage": "abandoned"}, "abandoned"),
    ],
)
def test_citation_never_says_more_about_the_signature_than_is_known(facts, expected):
    assert citation(**facts).description == f"Memorandum of understanding, {expected}"


def test_kind_other_is_no_noun_in_prose():
    parties = [PartyFactory(name=name, state=True) for name in ("Argentina", "United Kingdom")]

    cited = citation(kind="other", parties=parties)

    assert cited.description.startswith("Agreement between Argentina and United Kingdom, ")
    for text in (cited.text, bibtex(cited), ris(cited), encoded(json_ld(cited, []))):
        assert "Other" not in text
    assert "M3  - Agreement" in ris(cited)


def test_identifiers_elsewhere_are_cited_without_what_only_imports_use():
    cited = citation()
    agreement = cited.agreement
    assert "doi" not in entry(cited).fields
    assert "number" not in entry(cited).fields
    IdentifierFactory(agreement=agreement, scheme="celex", value="22021A0430(01)")
    IdentifierFactory(agreement=agreement, scheme="our-files", value="5_{%\r\nER  - ")
    IdentifierFactory(agreement=agreement, scheme="doi", value="10.1000/182")
    IdentifierFactory(agreement=agreement, scheme="imported-row", value="digest")
    cited = Citation(agreement, cited.today)

    assert entry(cited).fields["doi"] == "10.1000/182"
    assert entry(cited).fields["number"].startswith("CELEX number 22021A0430(01); our-files 5")
    assert record(cited)["doi"] == "10.1000/182"
    told = json.loads(str(json_ld(cited, [])))["mainEntity"]["identifier"]
    assert told[0] == "AGR-0042"
    assert {"@type": "PropertyValue", "propertyID": "our-files"}.items() <= told[3].items()
    assert "digest" not in bibtex(cited) + ris(cited) + str(json_ld(cited, []))


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (0, "Memorandum of understanding"),
        (1, "Memorandum of understanding of P0"),
        (2, "Memorandum of understanding between P0 and P1"),
        (5, "Memorandum of understanding between P0, P1, P2, P3 and P4"),
        (6, "Memorandum of understanding between P0, P1, P2, P3 and 2 others"),
        (290, "Memorandum of understanding between P0, P1, P2, P3 and 286 others"),
    ],
)
def test_many_parties_are_named_by_the_first_of_them(count, expected):
    cited = citation(parties=[PartyFactory(name=f"P{n}") for n in range(count)])
    ParticipationFactory(agreement=cited.agreement, role="witness", position=999)

    assert cited.description == f"{expected}, date of signature unknown"


def test_citation_is_in_the_language_of_the_reader():
    cited = citation(signed="2023-08")

    with override("ru"):
        assert "ноября" in cited.text


# ------------------------------------------------------------------ for reference managers


def test_bibtex_entry_of_a_full_record():
    cited = citation(
        title="On care", summary="First.\nSecond.", signed="2022-05-25",
        parties=[PartyFactory(name="A"), PartyFactory(name="B")],
        areas=[AreaFactory(name="Health"), AreaFactory(name="Care")],
    )  # fmt: skip

    assert entry(cited).type == "misc"
    assert dict(entry(cited).fields) == {
        "title": "{On care}",
        "year": "2022",
        "month": "May",
        "day": "25",
        "howpublished": "MoU Tracker, AGR-0042",
        "note": "Memorandum of understanding between A and B, signed 25 May 2022",
        "abstract": "First. Second.",
        "keywords": "Care, Health",
        "url": ADDRESS,
        "urldate": "2026-11-21",
    }


def test_ris_record_of_a_full_record():
    cited = citation(
        title="On care", summary="First.\nSecond.", signed="2022-05-25",
        areas=[AreaFactory(name="Health"), AreaFactory(name="Care")],
    )  # fmt: skip

    assert ris(cited).split("\r\n") == [
        "TY  - RPRT",
        "ID  - AGR-0042",
        "TI  - On care",
        "PB  - MoU Tracker",
        "SN  - AGR-0042",
        "M3  - Memorandum of understanding",
        "PY  - 2022",
        "DA  - 2022/05/25/",
        "AB  - First. Second.",
        "KW  - Care",
        "KW  - Health",
        "N1  - Memorandum of understanding, signed 25 May 2022",
        f"UR  - {ADDRESS}",
        "Y2  - 2026/11/21/",
        "ER  - ",
        "",
    ]
    assert record(cited)["keywords"] == ["Care", "Health"]


@pytest.mark.parametrize(("signed", "words", "in_bibtex", "in_ris", "plain"), DATES)
def test_dates_known_in_part_stay_so_in_every_format(signed, words, in_bibtex, in_ris, plain):
    cited = citation(signed=signed)

    fields, tags = entry(cited).fields, record(cited)
    assert tuple(fields.get(name) for name in ("year", "month", "day")) == in_bibtex
    assert (tags.get("year"), tags.get("date")) == in_ris
    assert f"signed {words}" in fields["note"]
    assert tags["notes"] == [f"Memorandum of understanding, signed {words}"]
    assert linked(cited)["mainEntity"].get("dateCreated") == plain
    assert dict(meta_tags(cited))["DC.date"] == signed
    assert dict(meta_tags(cited)).get("citation_publication_date") == (
        plain and plain.replace("-", "/")
    )


def test_a_record_without_a_date_claims_none():
    cited = citation(stage="proposed")

    assert not {"year", "month", "day"} & entry(cited).fields.keys()
    assert not {"year", "date"} & record(cited).keys()
    assert not {"DC.date", "citation_publication_date"} & dict(meta_tags(cited)).keys()


@pytest.mark.parametrize("title", HOSTILE)
def test_any_title_stays_within_its_field(title):
    cited = citation(title=title, summary=title, areas=[AreaFactory(name=title)])

    shown = " ".join(re.sub("[\x01\x1f]", "\ufffd", title).split())
    assert _read(entry(cited).fields["title"][1:-1]) == shown
    assert _read(entry(cited).fields["abstract"]) == shown
    assert record(cited)["title"] == record(cited)["abstract"] == shown
    assert record(cited)["type_of_reference"] == "RPRT"
    assert linked(cited)["name"] == shown


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=st.text(min_size=1, max_size=100))
def test_braces_balance_and_lines_hold_for_any_title(title):
    cited = Citation(Agreement(ref="AGR-0042", title=title, pk=0), TODAY)

    text = bibtex(cited)

    assert entry(cited).fields["url"] == ADDRESS
    assert text.count("{") == text.count("}")
    assert [line[:6] for line in ris(cited).split("\r\n")[:4]] == [
        "TY  - ",
        "ID  - ",
        *_title(cited),
    ]


def _title(cited: Citation) -> list[str]:
    return ["TI  - ", "PB  - "] if cited.title else ["PB  - ", "SN  - "]


def _read(field: str) -> str:
    """Undo the escapes of LaTeX's special characters, as LaTeX does."""
    named = {
        "backslash": "\\",
        "braceleft": "{",
        "braceright": "}",
        "asciitilde": "~",
        "asciicircum": "^",
    }
    return re.sub(
        r"\\text(\w+)\{\}|\\(.)", lambda found: named[found[1]] if found[1] else found[2], field
    )  # fmt: skip


# ------------------------------------------------------------------ for machines that read the page


def linked(cited: Citation, sources=()) -> dict:
    text = json_ld(cited, sources)
    assert not re.search("[<>&\u2028\u2029]", text)
    return json.loads(text)


def test_linked_data_tell_the_page_from_the_agreement():
    cited = citation(
        title="On care", summary="Ours", signed="2022-05-25", place="Baku",
        published_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        parties=[PartyFactory(slug="care", name="Ministry of Care", website="https://care.example/")],
        areas=[AreaFactory(slug="health", name="Health")],
    )  # fmt: skip
    ParticipationFactory(agreement=cited.agreement, role="witness", position=9)
    source = SourceFactory(
        publisher="Azernews", title="Signed", url="https://a.example/1", author="Q. A.", published="2023-10-20",
        language="en",
    )  # fmt: skip
    vague = SourceFactory(publisher="B", title="", url="https://b.example/", published="2020~")

    page = linked(cited, [source, vague])

    assert page.pop("mainEntity") == {
        "@type": "CreativeWork",
        "@id": f"{ADDRESS}#agreement",
        "name": "On care",
        "identifier": "AGR-0042",
        "genre": "Memorandum of understanding",
        "abstract": "Ours",
        "dateCreated": "2022-05-25",
        "locationCreated": {"@type": "Place", "name": "Baku"},
        "creator": [
            {
                "@type": "GovernmentOrganization",
                "name": "Ministry of Care",
                "url": "http://127.0.0.1:8000/parties/care/",
                "sameAs": "https://care.example/",
            }
        ],
        "about": [
            {
                "@type": "DefinedTerm",
                "name": "Health",
                "termCode": "health",
                "url": "http://127.0.0.1:8000/areas/health/",
            }
        ],
    }
    assert page.pop("dateModified")
    assert page == {
        "@context": "https://schema.org",
        "@type": "WebPage",
        "@id": ADDRESS,
        "url": ADDRESS,
        "name": "On care",
        "inLanguage": "en",
        "datePublished": "2026-01-02T03:04:05Z",
        "license": "https://creativecommons.org/licenses/by/4.0/",
        "isPartOf": {"@type": "WebSite", "name": "MoU Tracker", "url": "http://127.0.0.1:8000/"},
        "isBasedOn": [
            {
                "@type": "CreativeWork",
                "name": "Signed",
                "url": "https://a.example/1",
                "publisher": {"@type": "Organization", "name": "Azernews"},
                "author": {"@type": "Person", "name": "Q. A."},
                "datePublished": "2023-10-20",
                "inLanguage": "en",
            },
            {
                "@type": "CreativeWork",
                "name": "https://b.example/",
                "url": "https://b.example/",
                "publisher": {"@type": "Organization", "name": "B"},
            },
        ],
    }


def test_meta_tags_make_a_report_of_the_register():
    cited = citation(
        title="On care", signed="2023-08", areas=[AreaFactory(name="Health"), AreaFactory(name="Care")]
    )  # fmt: skip

    assert meta_tags(cited) == [
        ("DC.title", "On care"),
        ("DC.type", "Text"),
        ("DC.identifier", ADDRESS),
        ("DC.publisher", "MoU Tracker"),
        ("DC.date", "2023-08"),
        ("DC.description", "Memorandum of understanding, signed August 2023"),
        ("DC.rights", "https://creativecommons.org/licenses/by/4.0/"),
        ("DC.subject", "Care"),
        ("DC.subject", "Health"),
        ("citation_title", "On care"),
        ("citation_technical_report_institution", "MoU Tracker"),
        ("citation_technical_report_number", "AGR-0042"),
        ("citation_publication_date", "2023/08"),
        ("citation_abstract_html_url", ADDRESS),
        ("citation_public_url", ADDRESS),
        ("citation_keywords", "Care; Health"),
        ("citation_language", "en"),
    ]
