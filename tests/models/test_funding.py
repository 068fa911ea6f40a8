"""The agreed funding: an exact amount, typed in any format, with a currency, and never one without the other."""

import csv
import io
import json
import re
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client

from agreements.curation.history.recording import recorded
from agreements.curation.history.states import state_of
from agreements.exchange.importing.values import value_of
from agreements.models import Agreement
from tests.factories import AgreementFactory, EvidenceFactory

pytestmark = pytest.mark.django_db

HALVES: list[dict[str, Any]] = [
    {"funding_amount": Decimal("1000"), "funding_currency": ""},
    {"funding_amount": None, "funding_currency": "EUR"},
]


def funded(amount: str = "1000", currency: str = "EUR", **fields: Any) -> Agreement:
    agreement: Agreement = AgreementFactory(
        funding_amount=Decimal(amount), funding_currency=currency, **fields
    )
    return agreement


@pytest.mark.parametrize("half", HALVES, ids=["no currency", "no amount"])
def test_half_is_refused_by_form_and_database(half: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="both an amount and its currency"):
        Agreement(title="Any", **half).clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        AgreementFactory(**half)


@pytest.mark.parametrize(
    "wrong", [{"funding_amount": "-1"}, {"funding_amount": "1.005"}, {"funding_currency": "EURO"}]
)
def test_what_is_no_money_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Agreement(
            title="A", **{"funding_amount": 1, "funding_currency": "EUR"} | wrong
        ).full_clean()


@pytest.mark.parametrize(
    ("amount", "words"),
    [("1000", "1,000 EUR"), ("1250000.5", "1,250,000.50 EUR"), ("0", "0 EUR")],
)
def test_page_says_it(client: Client, amount: str, words: str) -> None:
    agreement = funded(amount)
    EvidenceFactory(agreement=agreement, fact="funding")

    page = client.get(agreement.get_absolute_url()).content.decode()

    row = page.partition("<dt>Funding</dt>")[2].partition("</dd>")[0]
    assert words in row
    assert "#note-1" in row


def test_page_says_that_it_is_not_stated_where_none_is_known(client: Client) -> None:
    page = client.get(AgreementFactory().get_absolute_url()).content.decode()

    assert re.search(r"<strong>Not stated:</strong>\s*[^<]*\bfunding\b", page)


def test_files_hold_exact_amounts(client: Client) -> None:
    funded("9999999999999.99", title="A")
    AgreementFactory(title="B")

    lines = b"".join(client.get("/agreements.csv?sort=title").streaming_content).decode()
    document = b"".join(client.get("/agreements.json?sort=title").streaming_content)

    pairs = [("9999999999999.99", "EUR"), ("", "")]
    cells = csv.DictReader(io.StringIO(lines, newline=""))
    assert [(row["funding_amount"], row["funding_currency"]) for row in cells] == pairs
    records = json.loads(document)["agreements"]
    assert [(r["funding_amount"] or "", r["funding_currency"] or "") for r in records] == pairs


@pytest.mark.parametrize("text", ["1000", "1000.0", "1,000.00", "1 000"])
def test_amount_typed_otherwise_is_the_same(text: str) -> None:
    before = Agreement.objects.get(pk=funded().pk)
    after = Agreement.objects.get(pk=before.pk)

    after.funding_amount = value_of("funding_amount", text)

    assert state_of(after) == state_of(before)


def test_history_and_log_tell_a_change() -> None:
    with recorded():
        agreement = funded()
    agreement.changes.all().delete()

    with recorded():
        agreement.funding_amount = Decimal("2000.50")
        agreement.save()

    assert [str(change) for change in agreement.changes.all()] == ["Changed: funding"]
