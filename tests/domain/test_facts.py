"""Every declared fact is wherever its declaration says; these tests check everything that is not derived from it."""

import csv
import io
import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib import admin
from django.test import Client
from django.utils.html import escape
from django.utils.text import capfirst

from agreements.curation.history.differences import contents
from agreements.curation.history.recording import recorded
from agreements.curation.history.states import kept_fields, state_of
from agreements.domain.declarations import Fact, From, Value
from agreements.domain.durations import Duration
from agreements.domain.facts import (
    COLUMNS,
    ENTERED,
    FACTS,
    LOGGED,
    PUBLIC,
    ROWS_OF_PAGE,
    STORED,
    VALUES,
    EvidenceCode,
)
from agreements.domain.partial_dates import PartialDate
from agreements.domain.value_types import (
    Amount,
    Codes,
    Length,
    Listed,
    PartDate,
    Text,
    Whole,
    type_of,
)
from agreements.exchange.importing.records import FACETS
from agreements.exchange.importing.values import value_of
from agreements.models import Agreement, Change
from agreements.web.api.serializers import AgreementSerializer
from agreements.web.footnotes import ORDER_OF_APPEARANCE
from tests import document_tables
from tests.factories import AgreementFactory, EvidenceFactory

ROOT = Path(settings.BASE_DIR)
# People's scripts rely on these.
CONTRACT = [
    "ref",
    "title",
    "kind",
    "legal_nature",
    "stage",
    "status",
    "status_as_of",
    "signed",
    "signed_earliest",
    "signed_latest",
    "in_force",
    "expires",
    "terminated",
    "parties",
    "countries",
    "areas",
    "signatories",
    "place",
    "verification",
    "sources",
    "summary",
    "url",
    "updated_at",
    "funding_amount",
    "funding_currency",
    "term",
    "renewal",
    "expires_stated",
    "notice",
    "minimum_term",
    "identifiers",
    "languages",
    "term_kind",
    "stage_reported",
    "signed_old_style",
    "plurality",
    "in_force_earliest",
    "in_force_latest",
    "ends_earliest",
    "ends_latest",
    "subject",
]
# Columns of the agreement that no fact declares: its publication, and who gets reminders.
FOR_STAFF = {"kept_apart", "publication", "responsible"}

every_entered = pytest.mark.parametrize("value", ENTERED.values(), ids=ENTERED)
every_fact = pytest.mark.parametrize("fact", FACTS, ids=[fact.code for fact in FACTS])


def sample(value: Value) -> Any:
    """A value that is known, and differs from that of a new agreement."""
    match value.type:
        case _ if value.name == "term_kind":
            return "automatic_renewal"  # which has every length
        case Codes() as codes:
            model_default = Agreement._meta.get_field(value.name).get_default()
            return next(c for c in codes.values if c not in (codes.unknown, model_default))
        case Whole():
            return 7
        case Amount():
            return Decimal("1234567.5")
        case PartDate():
            return PartialDate.parse("2023-08")
        case Length():
            return Duration(months=7)
        case Text():
            return f"Sampled {value.name.replace('_', ' ')}"
    raise NotImplementedError(f"Say what a sample of {value.type} is.")


def full(**fields: Any) -> Agreement:
    """A published agreement in which every fact is known."""
    samples = {name: sample(value) for name, value in ENTERED.items()}
    agreement: Agreement = AgreementFactory(**(samples | fields))
    return agreement


def test_codes_and_names_are_declared_once() -> None:
    assert len({fact.code for fact in FACTS}) == len(FACTS)
    assert len(VALUES) == sum(len(fact.values) for fact in FACTS)
    places = [fact.page.at for fact in FACTS if fact.page]
    assert len(set(places)) == len(places)


def test_columns_keep_their_places_and_new_ones_come_behind() -> None:
    taken = {value.column.at for value in COLUMNS if value.column}
    assert len(taken) == len(COLUMNS)
    assert taken == {*range(1, max(taken) + 1)}
    assert [value.name for value in COLUMNS] == CONTRACT
    assert all(value.dictionary_meaning for value in COLUMNS)


@every_entered
def test_model_has_a_column_of_that_type(value: Value) -> None:
    column = Agreement._meta.get_field(value.name)

    assert type(type_of(column)) is type(value.type)
    if isinstance(value.type, Codes):
        assert type_of(column).values == value.type.values
    assert column.help_text


def test_every_column_of_the_model_is_declared_or_known_to_be_for_staff() -> None:
    kept = {column.name for column in kept_fields(Agreement)}
    listed = {value.name for value in VALUES.values() if isinstance(value.type, Listed)}
    stored = {column.name for column in Agreement._meta.concrete_fields}

    assert kept - {"created_at"} <= {*VALUES, *FOR_STAFF}
    assert set(STORED) <= stored
    assert not listed & stored


@every_entered
def test_staff_form_asks_for_it(value: Value) -> None:
    fieldsets = admin.site.get_model_admin(Agreement).fieldsets
    asked = re.findall(r"\w+", str([options["fields"] for _name, options in fieldsets]))

    assert asked.count(value.name) == 1


def test_footnotes_number_all_evidence() -> None:
    assert sorted(ORDER_OF_APPEARANCE) == sorted(EvidenceCode.values)


@every_entered
def test_files_may_state_it(value: Value) -> None:
    text = value.type.cell(sample(value))

    assert value.type.json(value_of(value.name, text)) == value.type.json(sample(value))


def test_rows_that_are_facts_can_be_imported() -> None:
    importable = {fact.code for fact in FACTS if fact.rows} - {"documents"}

    assert importable <= FACETS.keys()


def test_schema_describes_the_record() -> None:
    fields = AgreementSerializer().fields

    assert list(fields) == [value.name for value in PUBLIC]
    assert not [n for n in fields if VALUES[n].is_filled and fields[n].allow_null]


@pytest.mark.django_db
@pytest.mark.parametrize("fact", ROWS_OF_PAGE, ids=[fact.code for fact in ROWS_OF_PAGE])
def test_page_shows_it_with_its_footnote(client: Client, fact: Fact) -> None:
    agreement = full()
    if fact.has_evidence:
        EvidenceFactory(agreement=agreement, fact=fact.code)

    page = client.get(agreement.get_absolute_url()).content.decode()

    row = page.partition(f"<dt>{escape(fact.heading)}</dt>")[2].partition("</dd>")[0]
    assert row
    assert ('href="#note-1"' in row) is fact.has_evidence
    assert 'class="unknown"' not in row


@pytest.mark.django_db
def test_files_hold_it(client: Client) -> None:
    agreement = full()

    [record] = json.loads(b"".join(client.get("/agreements.json").streaming_content))["agreements"]
    lines = b"".join(client.get("/agreements.csv").streaming_content).decode()
    [cells] = csv.DictReader(io.StringIO(lines, newline=""))
    answer = client.get(f"/api/v1/agreements/{agreement.ref}/").json()

    assert answer == record
    assert list(record) == [value.name for value in PUBLIC]
    for name, value in ENTERED.items():
        if value.is_public:
            assert record[name] == value.type.json(sample(value)), name
        if value.column:
            assert cells[name] == value.type.cell(sample(value)), name


@pytest.mark.django_db
def test_history_says_it_in_words() -> None:
    agreement = Agreement.objects.get(pk=full().pk)

    told = {
        change.label: change.after for change in contents(Agreement, state_of(agreement)).fields
    }

    for name, value in ENTERED.items():
        label = capfirst(str(Agreement._meta.get_field(name).verbose_name))
        assert told[label] == value.type.words(sample(value)), name


@pytest.mark.django_db
@every_entered
def test_typed_again_it_is_no_change(value: Value) -> None:
    """A typed value is compared before it is stored: 1000 equals 1000.00."""
    before = full()

    after = Agreement.objects.get(pk=before.pk)

    assert state_of(before) == state_of(after)


@pytest.mark.django_db
@pytest.mark.parametrize("fact", LOGGED.values(), ids=LOGGED)
def test_public_log_names_a_change_of_it(fact: Fact) -> None:
    names = [value.name for value in fact.entered if value.is_public]
    if not names:
        return
    with recorded():
        agreement = AgreementFactory(term_kind="fixed" if fact.code == "term" else "unknown")
    Change.objects.all().delete()

    with recorded():
        for name in names:
            setattr(agreement, name, sample(VALUES[name]))
        agreement.save()

    assert [change.facts for change in Change.objects.all()] == [[fact.code]]


@pytest.mark.django_db
@every_entered
def test_search_finds_what_is_searched(client: Client, value: Value) -> None:
    if not isinstance(value.type, Text):
        assert not value.is_searched
        return
    AgreementFactory(**{value.name: "Xylographica"})

    found = client.get("/agreements/?q=xylographica").context["result_count"]

    assert found == int(value.is_searched)


def test_documents_are_those_of_the_declarations() -> None:
    for name in document_tables.TABLES:
        text = (ROOT / name).read_text(encoding="utf-8")
        assert text == document_tables.written(name, text), f"Run make tables ({name})"


@every_fact
def test_what_is_logged_supported_or_shown_is_public(fact: Fact) -> None:
    is_told = fact.log or fact.has_evidence or fact.page

    assert not is_told or any(value.is_public for value in fact.values)
    assert all(value.source is From.STAFF for value in fact.entered)
