"""The CSV address: the page's selection, whole, or a refusal that names what was not understood."""

import csv
import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agreements.choices import Kind, LegalNature, Status, Verification
from tests.factories import (
    AgreementFactory,
    AreaFactory,
    DocumentFactory,
    EvidenceFactory,
    PartyFactory,
)

pytestmark = pytest.mark.django_db


def body(response) -> str:
    return b"".join(response.streaming_content).decode()


def refs(client, query: str = "") -> list[str]:
    response = client.get(f"/agreements.csv?{query}")
    assert response.status_code == 200, response.content
    return [row["ref"] for row in csv.DictReader(io.StringIO(body(response), newline=""))]


def test_it_is_a_csv_attachment(client):
    AgreementFactory()

    response = client.get("/agreements.csv")

    assert response["Content-Type"].startswith("text/csv; charset=utf-8")
    assert response["Content-Disposition"] == 'attachment; filename="agreements.csv"'
    assert response.streaming
    assert body(response).count("\r\n") == 2


def test_addresses_in_it_are_whole(client):
    AgreementFactory()

    assert "http://testserver/agreements/AGR-0001/" in body(client.get("/agreements.csv"))


def test_it_holds_the_complete_selection_whatever_the_page(client):
    for _n in range(120):
        AgreementFactory()

    assert len(refs(client, "page=2&per_page=25")) == 120


@pytest.mark.parametrize("publication", ["draft", "in_review", "withdrawn"])
def test_it_hides_what_is_not_published(client, admin_client, publication):
    AgreementFactory(publication=publication)

    assert refs(client) == refs(admin_client) == []


@pytest.mark.parametrize(
    ("query", "lines"),
    [
        ("status=nonsense", ["status: “nonsense” is not a known value."]),
        ("party=99999999999999999999999", ["party: There is no entry named"]),
        ("sattus=in_force", ["sattus: There is no such parameter. Did you mean “status”?"]),
        ("status=x&kind=y&colour=red", ["status: ", "kind: ", "colour: "]),
        ("excel=maybe", ["excel: Give 1"]),
        ("q=%00", ["q: "]),
    ],
)
def test_what_is_not_understood_is_refused_and_named(client, query, lines):
    AgreementFactory()

    response = client.get(f"/agreements.csv?{query}")

    assert response.status_code == 400
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    told = response.content.decode().splitlines()
    assert len(told) == 1 + len(lines)
    for line, start in zip(told[1:], lines, strict=True):
        assert line.startswith(start)


def test_excel_asks_for_the_byte_order_mark(client):
    assert body(client.get("/agreements.csv?excel=1")).startswith("\ufeffref,")
    assert body(client.get("/agreements.csv?excel=0")).startswith("ref,")


def test_tracking_parameters_are_ignored(client):
    AgreementFactory()

    assert refs(client, "utm_source=newsletter&gclid=1") == ["AGR-0001"]


def test_head_request_has_the_same_headers(client):
    assert client.head("/agreements.csv")["Content-Type"].startswith("text/csv")


# Any combination of values, repeated or left out, understood or contradictory: the file and the page hold the same.
QUERIES = st.fixed_dictionaries(
    {},
    optional={
        "q": st.sampled_from(["care", "ministry 1", "zzz"]),
        "status": st.lists(st.sampled_from(Status.values), max_size=3),
        "kind": st.lists(st.sampled_from(Kind.values[:3]), max_size=2),
        "legal_nature": st.lists(st.sampled_from(LegalNature.values), max_size=2),
        "area": st.lists(st.sampled_from(["top", "below", "other"]), max_size=2),
        "country": st.lists(st.sampled_from(["AZ", "UZ", "JP"]), max_size=2),
        "party": st.lists(st.sampled_from(["state", "body", "partner"]), max_size=2),
        "signed_from": st.sampled_from(["2010", "2015-06", "2018-01-01"]),
        "signed_to": st.sampled_from(["2018-02", "2022", "2024-05-05"]),
        "certainty": st.sampled_from(["possible", "certain"]),
        "verification": st.lists(st.sampled_from(Verification.values), max_size=2),
        "has_document": st.sampled_from(["true", "false"]),
        "expires_within": st.sampled_from(["0", "400", "4000"]),
        "as_of": st.sampled_from(["2012-01-01", "2019-06-30", "2026-11-21"]),
        "sort": st.sampled_from(["signed", "-signed", "title", "ref", "-updated", "relevance"]),
    },
)


@pytest.fixture
def varied_register():
    top = AreaFactory(slug="top")
    areas = [top, AreaFactory(slug="below", parent=top), AreaFactory(slug="other")]
    state = PartyFactory(slug="state", country="AZ", state=True)
    parties = [
        state,
        PartyFactory(slug="body", parent=state),
        PartyFactory(slug="partner", country="UZ"),
        PartyFactory(slug="another", country="JP"),
    ]
    dates = ["", "2010", "2015-06", "2018-02-03", "2018~", "2012/2019", "2020/..", "../2016"]
    stages = ["concluded", "concluded", "concluded", "proposed", "negotiation", "abandoned"]
    for n in range(60):
        agreement = AgreementFactory(
            title=f"{'Care' if n % 3 else 'Trade'} {n % 7}",
            kind=Kind.values[n % 3],
            legal_nature=LegalNature.values[n % 4],
            stage=stages[n % 6],
            signed=dates[n % 8],
            in_force=dates[(n // 2) % 8],
            term_kind="fixed" if n % 2 else "unknown",
            term_months=24 + n if n % 2 else None,
            terminated="2019-01-01" if n % 11 == 0 else "",
            parties=[parties[n % 4], parties[(n + 1 + n % 3) % 4]] if n % 10 else [],
            areas=[areas[n % 3]] if n % 5 else [],
            draft=n % 13 == 0,
        )
        for _source in range(n % 3):
            EvidenceFactory(agreement=agreement)
        if n % 9 == 0:
            DocumentFactory(agreement=agreement, kind="signed_text", is_public=bool(n % 2))


@pytest.mark.usefixtures("varied_register")
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=QUERIES)
def test_rows_equal_the_pages_rows_for_any_filters(client, query):
    asked = {name: value for name, value in query.items() if value}
    found, number, page = [], 0, None
    first = client.get("/agreements/", asked | {"per_page": "25"}).context
    if not first["selection"].is_valid:
        assert client.get("/agreements.csv", asked).status_code == 400
        return
    for number in range(1, first["paginator"].num_pages + 1):
        page = client.get("/agreements/", asked | {"per_page": "25", "page": number}).context
        found += [(agreement.ref, agreement.status) for agreement in page["agreements"]]

    response = client.get("/agreements.csv", asked)
    rows = list(csv.DictReader(io.StringIO(body(response), newline="")))

    assert [(row["ref"], row["status"]) for row in rows] == found
    assert len(rows) == first["result_count"]
