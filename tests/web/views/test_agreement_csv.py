"""The parameter that only the CSV has. Tests for all formats are in `test_agreement_files`."""

import pytest

pytestmark = pytest.mark.django_db


def body(response) -> str:
    return b"".join(response.streaming_content).decode()


def test_excel_asks_for_the_byte_order_mark(client):
    assert body(client.get("/agreements.csv?excel=1")).startswith("\ufeffref,")
    assert body(client.get("/agreements.csv?excel=0")).startswith("ref,")
