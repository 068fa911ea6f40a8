"""The CSV address: the rows of the page, whole. What all formats have in common is tested with the other files."""

import csv
import io

import pytest
from hypothesis import HealthCheck, given, settings

from tests.registers import QUERIES

pytestmark = pytest.mark.django_db


def body(response) -> str:
    return b"".join(response.streaming_content).decode()


def test_excel_asks_for_the_byte_order_mark(client):
    assert body(client.get("/agreements.csv?excel=1")).startswith("\ufeffref,")
    assert body(client.get("/agreements.csv?excel=0")).startswith("ref,")


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
