"""What a query string selects and refuses, and what the selection is called."""

from datetime import date

import pytest
from django.http import QueryDict

from agreements.models import Agreement
from agreements.selection.selection import Selection
from tests.factories import (
    AgreementFactory,
    AreaFactory,
    DocumentFactory,
    EvidenceFactory,
    ParticipationFactory,
    PartyFactory,
    PartyNameFactory,
    SignatoryFactory,
    SourceFactory,
)
from tests.snapshots import put_back

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 21)


def select(query: str) -> Selection:
    return Selection(QueryDict(query), today=TODAY)


def titles(query: str) -> list[str]:
    selection = select(query)
    assert selection.is_valid, selection.errors
    return [agreement.title for agreement in selection.agreements]


@pytest.fixture
def register():
    put_back(few_agreements)


def few_agreements():
    """A few agreements with different values to filter by."""
    azerbaijan = PartyFactory(slug="azerbaijan", name="Azerbaijan", country="AZ", kind="state")
    ministry = PartyFactory(slug="az-labour", name="Labour Ministry", parent=azerbaijan)
    uzbekistan = PartyFactory(slug="uzbekistan", name="Uzbekistan", country="UZ", kind="state")
    japan = PartyFactory(slug="japan", name="Japan", country="JP", kind="state")
    social = AreaFactory(slug="social-protection", name="Social protection")
    pensions = AreaFactory(slug="pensions", name="Pensions", parent=social)
    energy = AreaFactory(slug="energy", name="Energy")
    PartyNameFactory(party=uzbekistan, name="Oʻzbekiston")
    expired = AgreementFactory(
        title="expired", kind="agreement", legal_nature="binding", signed="2010-05-05", in_force="2010-06-01",
        term_kind="fixed", term_months=60, parties=[ministry, japan], areas=[pensions],
    )  # fmt: skip
    running = AgreementFactory(
        title="running", summary="Exchange of nurses", signed="2023-08", in_force="2024-01-01",
        term_kind="fixed", term_months=36, parties=[azerbaijan, uzbekistan], areas=[social, energy],
    )  # fmt: skip
    AgreementFactory(title="proposed", stage="proposed", parties=[ministry])
    AgreementFactory(title="draft", draft=True, parties=[uzbekistan], signed="2020", areas=[energy])
    SignatoryFactory(agreement=expired, name="Mansurbek Olloyorov")
    DocumentFactory(agreement=expired, kind="signed_text")
    for publisher in ("Azernews", "Trend"):
        EvidenceFactory(agreement=running, source=SourceFactory(publisher=publisher))
    ParticipationFactory(
        agreement=running, party=PartyFactory(slug="un", name="UN", country=""), role="depositary"
    )


@pytest.mark.usefixtures("register")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["running", "expired", "proposed"]),
        ("status=in_force", ["running"]),
        ("status=in_force&status=proposed", ["running", "proposed"]),
        ("status=expired", ["expired"]),
        ("status=in_force&as_of=2012-01-01", ["expired"]),
        ("as_of=2023-08-31&status=signed", ["running"]),
        ("kind=agreement", ["expired"]),
        ("legal_nature=binding", ["expired"]),
        ("area=social-protection", ["running", "expired"]),
        ("area=pensions", ["expired"]),
        ("area=pensions&area=energy", ["running", "expired"]),
        ("country=AZ", ["running", "expired", "proposed"]),
        ("country=UZ&country=JP", ["running", "expired"]),
        ("country=FR", []),
        ("party=azerbaijan", ["running", "expired", "proposed"]),
        ("party=az-labour", ["expired", "proposed"]),
        ("party=un", ["running"]),
        ("country=AZ&area=energy", ["running"]),
        ("signed_from=2023-08-15&signed_to=2023-08-20", ["running"]),
        ("signed_from=2023-08-15&signed_to=2023-08-20&certainty=certain", []),
        ("signed_from=August+2023&certainty=certain", ["running"]),
        ("signed_to=2010", ["expired"]),
        ("verification=document_seen", ["expired"]),
        ("verification=corroborated", ["running"]),
        ("verification=unverified", ["proposed"]),
        ("has_document=true", ["expired"]),
        ("has_document=false", ["running", "proposed"]),
        ("expires_within=60", ["running"]),
        ("expires_within=40", []),
        ("expires_within=41", ["running"]),
        ("expires_within=365&as_of=2015-01-01", ["expired"]),
        ("q=nurses", ["running"]),
        ("q=olloyorov", ["expired"]),
        ("q=O%CA%BBzbekiston", ["running"]),
        ("q=exchange+labour", []),
        ("q=AGR-0001", ["expired"]),
        ("q=%25", []),
        ("sort=signed", ["expired", "running", "proposed"]),
        ("sort=-signed", ["running", "expired", "proposed"]),
        ("sort=title", ["expired", "proposed", "running"]),
        ("sort=ref", ["expired", "running", "proposed"]),
        ("sort=-updated", ["running", "expired", "proposed"]),
        ("sort=relevance&q=e", ["expired", "running"]),
        ("q=e", ["expired", "running"]),
        ("q=e&sort=-signed", ["running", "expired"]),
        ("q=azerbaijan+-japan", ["running", "proposed"]),
        ("area=social-protection&area=-pensions", ["running"]),
        ("area=-energy", ["expired", "proposed"]),
        ("country=-JP", ["running", "proposed"]),
        ("party=azerbaijan&party=-az-labour", ["running"]),
        ("status=-proposed&status=-expired", ["running"]),
        ("kind=-agreement&legal_nature=-binding", ["running", "proposed"]),
        ("country=AZ&country=UZ&no_other_parties=true", ["running"]),
        ("country=AZ&no_other_parties=true", ["proposed"]),
        ("party=az-labour&party=japan&no_other_parties=true", ["expired"]),
        ("country=AZ&party=uzbekistan&no_other_parties=true", ["running"]),
        ("no_other_parties=true", ["running", "expired", "proposed"]),
        ("plurality=bilateral", ["running", "expired"]),
        ("unknown=signed", []),
        ("unknown=areas", ["proposed"]),
        ("unknown=-areas", ["running", "expired"]),
        ("publisher=azernews", ["running"]),
        ("basis=stated", ["running"]),
        ("term=fixed", ["running", "expired"]),
        ("sort=party", ["running", "expired", "proposed"]),
        ("sort=party&country=AZ", ["expired", "proposed", "running"]),
        ("sort=relevance", ["running", "expired", "proposed"]),
        ("status=&country=&signed_from=+&q=", ["running", "expired", "proposed"]),
        ("utm_source=mail&fbclid=1", ["running", "expired", "proposed"]),
    ],
)  # fmt: skip
def test_query_selects_published_agreements(query, found):
    if query == "sort=-updated":
        for title in ("proposed", "expired", "running"):
            Agreement.objects.get(title=title).save()

    assert titles(query) == found


@pytest.mark.usefixtures("register")
@pytest.mark.parametrize(
    ("query", "parameter", "sentence"),
    [
        ("status=nonsense", "status", "“nonsense” is not a known value"),
        ("status=in-force", "status", "Did you mean “in_force”?"),
        ("status=in_force&status=nonsense", "status", "nonsense"),
        ("status=-nonsense", "status", "“nonsense” is not a known value"),
        ("area=-energi", "area", "Did you mean “energy”?"),
        ("country=-uz", "country", "Did you mean “UZ”?"),
        ("unknown=title", "unknown", "is not a known value"),
        ("subject=%00", "subject", "Null characters"),
        ("subject=" + "x" * 300, "subject", "at most 201"),
        ("no_other_parties=maybe", "no_other_parties", "Known values: true, false"),
        ("kind=MOU", "kind", "Did you mean “mou”?"),
        ("legal_nature=x", "legal_nature", "Known values: binding"),
        ("verification=x", "verification", "x"),
        ("area=energi", "area", "Did you mean “energy”?"),
        ("party=99999999999999999999999", "party", "There is no entry named"),
        ("party=uzbekistann", "party", "Did you mean “uzbekistan”?"),
        ("party=%00", "party", "There is no entry named"),
        ("party=%27%3B+DROP+TABLE", "party", "There is no entry named"),
        ("country=uz", "country", "Did you mean “UZ”?"),
        ("country=XX", "country", "XX"),
        ("signed_from=2023-13", "signed_from", "13"),
        ("signed_to=30+February+2023", "signed_to", "28 days"),
        ("signed_from=2023&signed_to=2022", "signed_to", "before its start"),
        ("certainty=maybe", "certainty", "Known values: certain, possible"),
        ("has_document=maybe", "has_document", "Known values: true, false"),
        ("expires_within=soon", "expires_within", "whole number"),
        ("expires_within=-1", "expires_within", "greater than or equal to 0"),
        ("expires_within=99999999999999999999", "expires_within", "less than or equal to"),
        ("expires_within=" + "9" * 5000, "expires_within", "whole number"),
        ("as_of=2024", "as_of", "YYYY-MM-DD"),
        ("as_of=2023-02-30", "as_of", "YYYY-MM-DD"),
        ("as_of=0001-01-01", "as_of", "1000 to 2999"),
        ("as_of=9999-12-31", "as_of", "1000 to 2999"),
        ("as_of=2024-01-01&as_of=2025-01-01", "as_of", "more than once"),
        ("sort=nonsense", "sort", "Known values"),
        ("per_page=26", "per_page", "25, 50, 100"),
        ("page=0", "page", "greater than or equal to 1"),
        ("page=x", "page", "whole number"),
        ("q=" + "x" * 201, "q", "at most 200"),
        ("q=%00", "q", "Null characters"),
    ],
)
def test_bad_value_is_named_and_selects_nothing(query, parameter, sentence):
    selection = select(query)

    assert not selection.is_valid
    assert [problem.parameter for problem in selection.errors] == [parameter]
    assert sentence in selection.errors[0].message
    assert list(selection.agreements) == []


@pytest.mark.usefixtures("register")
def test_every_bad_value_of_a_query_is_named():
    errors = select("status=x&country=YY&page=0").errors

    assert {problem.parameter for problem in errors} == {"status", "country", "page"}


def test_party_known_only_from_a_draft_does_not_exist_for_the_public():
    AgreementFactory(draft=True, parties=[PartyFactory(slug="secret", name="Secret Service")])
    AgreementFactory(parties=[PartyFactory(slug="secrets", name="Public")])

    message = select("party=secret").errors[0].message

    assert "There is no entry named “secret”" in message
    assert "Did you mean “secrets”?" in message


@pytest.mark.parametrize(
    ("query", "near"),
    [("sattus=in_force", "status"), ("signedfrom=2020", "signed_from"), ("zzz=1", None)],
)
def test_unknown_parameter_is_reported_with_the_nearest(query, near):
    selection = select(query)

    assert selection.is_valid
    assert len(selection.unknown) == len(selection.warnings) == 1
    assert (f"Did you mean “{near}”?" in selection.warnings[0]) == bool(near)


@pytest.mark.parametrize(
    ("query", "canonical"),
    [
        ("", ""),
        ("page=3&per_page=25&sort=-signed&certainty=possible", ""),
        ("status=signed&kind=mou&status=in_force&q=", "kind=mou&status=in_force&status=signed"),
        ("utm_source=x&unheard_of=1&sort=title", "sort=title"),
        ("per_page=50", "per_page=50"),
        ("q=care&sort=relevance", "q=care"),
        ("q=care&sort=-signed", "q=care&sort=-signed"),
        ("sort=relevance", "sort=relevance"),
    ],
)
def test_canonical_query_is_sorted_and_without_defaults(query, canonical):
    assert select(query).canonical_query == canonical


@pytest.mark.usefixtures("register")
@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", "Agreements"),
        (
            "status=signed&area=pensions&country=UZ&as_of=2026-11-21",
            "Signed agreements on pensions with Uzbekistan, as of 21 November 2026",
        ),
        ("status=signed&status=in_force", "Signed or in force agreements"),
        ("party=az-labour", "Agreements with Labour Ministry"),
        ("signed_from=2023-08&signed_to=2024", "Agreements signed from August 2023 to 2024"),
        ("signed_from=2023&certainty=certain", "Agreements certainly signed from 2023"),
        ("expires_within=1", "Agreements ending within 1 day"),
        ("kind=mou&q=care", "Agreements (memorandum of understanding) containing “care”"),
        ("status=nonsense", "Agreements"),
        (
            "area=social-protection&area=-pensions",
            "Agreements on social protection, but not on pensions",
        ),
        ("country=UZ&country=-JP", "Agreements with Uzbekistan, but not with Japan"),
        ("status=-expired&status=-proposed", "Agreements, not expired or proposed"),
        (
            "kind=-mou&as_of=2026-11-21",
            "Agreements, but no memorandum of understanding, as of 21 November 2026",
        ),
        ("country=UZ&party=azerbaijan", "Agreements with Uzbekistan and with Azerbaijan"),
        (
            "country=UZ&party=azerbaijan&no_other_parties=true",
            "Agreements with Uzbekistan and Azerbaijan and with nobody else",
        ),
        ("plurality=bilateral&term=fixed", "Bilateral agreements (term: fixed term)"),
        (
            "unknown=signed&unknown=place",
            "Agreements with unknown date of signature or place of signature",
        ),
        ("unknown=-signed", "Agreements, with known date of signature"),
        ("basis=inferred", "Agreements with a fact that is inferred"),
        (
            "place=tashkent&publisher=azernews",
            "Agreements signed at “tashkent” resting on “azernews”",
        ),
        ("subject=postal", "Agreements on the subject “postal”"),
        (
            "has_commitment=true&has_relation=false",
            "Agreements with commitments not related to other agreements",
        ),
    ],
)
def test_selection_in_words(query, words):
    assert select(query).words == words


@pytest.mark.usefixtures("register")
def test_chips_say_what_is_left_out_and_remove_it() -> None:
    chips = select("area=social-protection&area=-pensions&area=-energy").chips

    assert [(chip.joint, chip.value, chip.query) for chip in chips] == [
        ("", "Social protection", "area=-energy&area=-pensions"),
        ("and", "not Energy", "area=-pensions&area=social-protection"),
        ("and", "not Pensions", "area=-energy&area=social-protection"),
    ]


@pytest.mark.usefixtures("register")
def test_what_is_left_out_may_be_the_way_out() -> None:
    ways = select("area=pensions&area=-social-protection").ways_out

    assert [(way.value, way.query, way.count) for way in ways] == [
        ("Pensions", "area=-social-protection", 1),
        ("not Social protection", "area=pensions", 1),
    ]


@pytest.mark.usefixtures("register")
def test_nobody_else_is_canonical_only_with_somebody() -> None:
    assert select("no_other_parties=true").canonical_query == ""
    assert select("party=japan&no_other_parties=true").canonical_query == (
        "no_other_parties=true&party=japan"
    )
