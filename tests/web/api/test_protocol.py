"""What all URLs of the API have in common: read-only JSON, the same for everybody, open to scripts on any page."""

import json

import pytest
from django.test import Client

from tests.factories import AgreementFactory, AreaFactory, PartyFactory

pytestmark = pytest.mark.django_db
ADDRESSES = [
    "/api/v1/",
    "/api/v1/schema/",
    "/api/v1/agreements/",
    "/api/v1/agreements/AGR-0001/",
    "/api/v1/parties/",
    "/api/v1/parties/state/",
    "/api/v1/areas/",
    "/api/v1/areas/care/",
]


@pytest.fixture(autouse=True)
def register():
    AgreementFactory(
        parties=[PartyFactory(slug="state", state=True)], areas=[AreaFactory(slug="care")]
    )


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_can_be_written(address, method):
    response = getattr(Client(enforce_csrf_checks=True), method)(address)

    assert response.status_code == 405
    assert response["Allow"] == "GET, HEAD, OPTIONS"
    assert response["Content-Type"] == "application/problem+json"
    assert response.json() == {
        "type": "about:blank",
        "title": "Method Not Allowed",
        "status": 405,
        "detail": "The API is read-only: use GET.",
    }


@pytest.mark.parametrize("address", ADDRESSES)
def test_head_and_options(client, address):
    whole, head, options = client.get(address), client.head(address), client.options(address)

    assert head.content == b""
    assert head["Content-Type"] == whole["Content-Type"]
    assert options.status_code == 204
    assert options["Allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize("address", [a for a in ADDRESSES if "schema" not in a])
@pytest.mark.parametrize("accept", ["application/xml", "image/png", "nonsense", "", "*/*"])
def test_programs_get_json_whatever_they_accept(client, address, accept):
    assert client.get(address, headers={"Accept": accept})["Content-Type"] == "application/json"


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("origin", [None, "https://notebook.example"])
def test_scripts_of_any_page_may_read(client, address, origin):
    response = client.get(address, headers={"Origin": origin} if origin else {})

    assert response["Access-Control-Allow-Origin"] == "*"
    assert "Link" in response["Access-Control-Expose-Headers"]
    assert not response.has_header("Access-Control-Allow-Credentials")


@pytest.mark.parametrize(
    "address", ["/agreements.csv", "/agreements.json?status=x", "/agreements/AGR-0001.bib", "/datapackage.json"]
)  # fmt: skip
def test_so_they_may_read_files(client, address):
    assert client.get(address)["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("address", [*ADDRESSES, "/agreements.csv", "/changes.atom"])
def test_browser_that_asks_first_may_send_conditions(client, address):
    asked = {
        "Origin": "https://notebook.example",
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "if-none-match, content-type",
    }

    answer = client.options(address, headers=asked)

    assert (answer.status_code, answer.content) == (204, b"")
    assert answer["Access-Control-Allow-Origin"] == "*"
    allowed = answer["Access-Control-Allow-Headers"].lower().split(", ")
    assert {"if-none-match", "content-type"} <= set(allowed)
    assert answer["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    assert "ETag" in client.get(address)["Access-Control-Expose-Headers"]


@pytest.mark.parametrize("address", ["/", "/agreements/", "/admin/login/"])
def test_browser_that_asks_first_may_not_read_pages(client, address):
    asked = {"Origin": "https://notebook.example", "Access-Control-Request-Method": "GET"}

    assert not client.options(address, headers=asked).has_header("Access-Control-Allow-Origin")


@pytest.mark.parametrize("address", ["/", "/agreements/", "/agreements/AGR-0001/", "/admin/login/"])
def test_pages_are_not_open_to_scripts_of_others(client, address):
    assert not client.get(address).has_header("Access-Control-Allow-Origin")


@pytest.mark.parametrize("address", ADDRESSES)
def test_nobody_is_known(client, admin_client, address):
    answer = client.get(address)

    assert not answer.cookies
    assert "Cookie" not in answer.headers.get("Vary", "")
    assert admin_client.get(address).content == answer.content


@pytest.mark.parametrize(
    "address",
    [
        "/api/v1/nothing/",
        "/api/v1/agreements/agr-1/",
        "/api/v1/agreements/AGR-9999/",
        "/api/v1/agreements/AGR-0001%0A/",
        "/api/v1/agreements/AGR-0001/x/",
        "/api/v1/parties/%00/",
        "/api/v1/areas/../x/",
        "/api/v1/%0A/",
    ],
)
def test_what_is_not_there_is_a_404_in_json(client, address):
    response = client.get(address)

    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["detail"].startswith("There is no such URL")
    assert (response.json()["status"], response.json()["title"]) == (404, "Not Found")
    assert response["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("address", [a for a in ADDRESSES if a != "/api/v1/"])
def test_address_without_its_slash_leads_to_the_one_with_it(client, address):
    response = client.get(f"{address[:-1]}?as_of=2024-01-01")

    assert response.status_code == 301
    assert response["Location"] == f"{address}?as_of=2024-01-01"


def test_letters_of_any_script_stay_what_they_are(client):
    AgreementFactory(title="Əməkdaşlıq haqqında 協定")

    assert "Əməkdaşlıq haqqında 協定" in client.get("/api/v1/agreements/").content.decode()


def test_search_engines_are_sent_to_the_pages(client):
    assert client.get("/api/v1/agreements/")["X-Robots-Tag"] == "noindex"
    assert not client.get("/api/v1/").has_header("X-Robots-Tag")


def test_start_names_addresses_that_answer(client):
    start = client.get("/api/v1/").json()

    names = {"agreements", "facets", "parties", "areas", "schema", "documentation", "licence"}
    assert start.keys() == names
    for name in start.keys() - {"licence"}:
        assert client.get(start[name]).status_code == 200
    json.dumps(start)
