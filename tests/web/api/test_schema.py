"""The OpenAPI schema is complete and correct; generated requests test the API against it."""

from typing import Any

import pytest
import schemathesis
import yaml
from django.core import signals
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.validation import validate_schema
from schemathesis import checks

from agreements.selection.declarations import PARAMETERS
from agreements.selection.filters import AgreementFilterSet
from tests.factories import AgreementFactory, AreaFactory, EvidenceFactory, PartyFactory
from tests.properties import tried

URL = "/api/v1/schema/"
LISTS = ["/api/v1/agreements/", "/api/v1/parties/", "/api/v1/areas/"]
RECORDS = {
    "/api/v1/agreements/{ref}/": "404",
    "/api/v1/parties/{slug}/": "301",
    "/api/v1/areas/{slug}/": "301",
}

schema = schemathesis.openapi.from_wsgi(URL, get_wsgi_application())


@pytest.fixture
def document(client) -> Any:
    return client.get(URL).json()


# What it says


def test_it_is_valid_and_was_made_without_a_warning(document):
    validate_schema(document)

    assert document["openapi"] == "3.1.0"
    assert not GENERATOR_STATS


def test_it_holds_every_address_of_the_api(document):
    assert document["paths"].keys() == {"/api/v1/", "/api/v1/facets/", *LISTS, *RECORDS}
    assert all(operations.keys() == {"get"} for operations in document["paths"].values())


def operations(document: Any) -> dict[str, Any]:
    return {path: methods["get"] for path, methods in document["paths"].items()}


def test_agreements_take_the_contracts_parameters_and_a_cursor(document):
    parameters = operations(document)["/api/v1/agreements/"]["parameters"]

    named = {parameter["name"] for parameter in parameters}
    own = {"cursor", "fields"}
    assert named == {*AgreementFilterSet.base_filters, *own}
    assert named == {said.name for said in PARAMETERS if not said.is_for_files} | own


def test_every_parameter_is_explained_and_has_an_example(document):
    for path, operation in operations(document).items():
        for parameter in operation.get("parameters", []):
            [example] = parameter["examples"].values()
            assert example["value"], (path, parameter)
            assert parameter["in"] == "path" or parameter["description"], (path, parameter)


@pytest.mark.parametrize(
    ("name", "described"),
    [
        ("status", {"type": "array", "items": {"type": "string", "pattern": "^-?(proposed|negotiation|signed|provisionally_applied|in_force|suspended|expired|terminated|superseded|abandoned|not_yet_concluded|undetermined)$"}}),
        ("certainty", {"type": "string", "enum": ["certain", "possible"]}),
        ("has_document", {"type": "string", "enum": ["true", "false"]}),
        ("per_page", {"type": "integer", "minimum": 1, "maximum": 1000}),
        ("expires_within", {"type": "integer", "minimum": 0, "maximum": 36500}),
        ("page", {"type": "integer", "minimum": 1, "maximum": 1000000000}),
        ("as_of", {"type": "string", "format": "date"}),
        ("q", {"type": "string", "maxLength": 200}),
        ("subject", {"type": "array", "items": {"type": "string", "maxLength": 201}}),
        ("area", {"type": "array", "items": {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$"}}),
    ],
)  # fmt: skip
def test_parameters_say_what_they_take(document, name, described):
    parameters = operations(document)["/api/v1/agreements/"]["parameters"]

    [parameter] = [parameter for parameter in parameters if parameter["name"] == name]
    assert parameter["schema"] == described


def test_every_answer_is_declared(document):
    answers = {path: set(each["responses"]) for path, each in operations(document).items()}

    assert answers["/api/v1/"] == {"200", "405"}
    assert all(answers[path] == {"200", "400", "405"} for path in LISTS)
    assert all(
        answers[path] >= {"200", "400", "404", "405", more} for path, more in RECORDS.items()
    )


@pytest.mark.parametrize(
    ("query", "accept", "media_type"),
    [
        ("", "*/*", "application/json"),
        ("", "text/html,application/xhtml+xml,*/*;q=0.8", "application/json"),
        ("", "application/vnd.oai.openapi+json", "application/vnd.oai.openapi+json"),
        ("", "application/yaml", "application/yaml"),
        ("", "application/vnd.oai.openapi", "application/vnd.oai.openapi"),
        ("?format=yaml", "*/*", "application/yaml"),
        ("?format=json", "text/html", "application/json"),
    ],
)
def test_it_comes_as_json_or_yaml(client, document, query, accept, media_type):
    response = client.get(f"{URL}{query}", headers={"Accept": accept})

    assert response["Content-Type"].partition(";")[0] == media_type
    assert yaml.safe_load(response.content) == document


def test_another_format_is_refused(client):
    response = client.get(f"{URL}?format=xml")

    assert response.status_code == 400
    assert response.json()["problems"] == [{"parameter": "format", "message": "Use json or yaml."}]


# Whether the API keeps it


@pytest.fixture
def connection_kept():
    """Keep requests from closing the connection, whose transaction holds the test's rows, as Django's client does."""
    signals.request_started.disconnect(close_old_connections)
    signals.request_finished.disconnect(close_old_connections)
    yield
    signals.request_started.connect(close_old_connections)
    signals.request_finished.connect(close_old_connections)


@pytest.fixture
def register(db, connection_kept):
    """Makes the records that the schema's examples name, so that requests find something."""
    state = PartyFactory(slug="azerbaijan", country="AZ", state=True)
    area = AreaFactory(slug="social-protection")
    AgreementFactory(signed="2023-08", parties=[state, PartyFactory(parent=state)], areas=[area])
    EvidenceFactory(agreement=AgreementFactory())


def negative_data_rejection(context: Any, response: Any, case: Any) -> Any:
    """Expect an error for everything the schema does not allow, except blanks, which forms send for empty fields."""
    given = [each if isinstance(each, list) else [each] for each in (case.query or {}).values()]
    if any(not str(one).strip() for each in given for one in each):
        return None
    return checks.negative_data_rejection(context, response, case)


@pytest.mark.usefixtures("register")
@schema.parametrize()
@tried(8)
def test_api_keeps_what_the_schema_promises(case):
    case.call_and_validate(
        # the client offers encodings that it does not decode
        headers={"Accept-Encoding": "identity"},
        checks=[
            checks.not_a_server_error,
            checks.status_code_conformance,
            checks.content_type_conformance,
            checks.response_headers_conformance,
            checks.response_schema_conformance,
            checks.allow_header_conformance,
            checks.unsupported_method,
            negative_data_rejection,
        ],
    )
