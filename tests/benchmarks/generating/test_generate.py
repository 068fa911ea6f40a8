"""A generated register has the rows that the application would store, depends only on the seed, and is uneven."""

import hashlib
import re
from collections import Counter
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from agreements.domain.choices import (
    OF_PAST_DAYS,
    Kind,
    LegalNature,
    Publication,
    Status,
    TermKind,
    Verification,
)
from agreements.exchange.exporting.csv import stream_csv
from agreements.models import (
    Agreement,
    Document,
    Participation,
    Party,
    PartyName,
    SearchEntry,
    SearchWord,
    Source,
)
from agreements.models.derived import refresh_derived_columns
from benchmarks.generating import RegisterNotEmptyError, generate, running
from benchmarks.generating.lives import LATEST
from benchmarks.generating.tables import TABLES, Table
from tests.benchmarks.generating.registers import digest_of_all_rows, rows_of
from tests.factories import AgreementFactory, AreaFactory

pytestmark = pytest.mark.django_db(transaction=True)

MANY = 300
# Digests of all rows and of the CSV for this size and seed, the same on both databases.
DIGESTS = ("14af1409a2163743", "72b3ccf9e4ce220a")


@pytest.fixture
def register() -> None:
    generate(MANY, seed=7)


@pytest.mark.parametrize("table", TABLES, ids=[table.name for table in TABLES])
def test_every_column_is_written_unless_it_may_stay_unknown(table: Table) -> None:
    columns = [field for field in table.model._meta.local_concrete_fields if not field.generated]
    needed = {column.column for column in columns if not column.null}

    assert len(table.written) == len(set(table.written))
    assert needed <= set(table.written) <= {column.column for column in columns}


def test_so_many_are_published_and_a_few_are_not(register: None) -> None:
    published = Agreement.objects.published().count()
    states = set(Agreement.objects.values_list("publication", flat=True))

    assert (published, Agreement.objects.count()) == (MANY, MANY + MANY * 3 // 100)
    assert Publication.DRAFT in states


def test_what_is_derived_is_what_the_application_derives(register: None) -> None:
    before = rows_of(Agreement)

    Agreement.objects.all().refresh_derived()

    assert rows_of(Agreement) == before


def test_the_search_has_nothing_to_bring_up_to_date(register: None) -> None:
    words = set(SearchWord.objects.values_list("word", flat=True))

    assert Agreement.objects.all().refresh_search() == 0
    assert SearchEntry.objects.count() == Agreement.objects.count()
    assert words == _words_of_entries()


def _words_of_entries() -> set[str]:
    texts = SearchEntry.objects.values_list("title", "body")
    found = {word for title, body in texts for word in f"{title} {body}".split()}
    return {word for word in found if len(word) >= 4 and word.isalpha()}


def test_every_record_is_as_a_form_would_take_it(register: None) -> None:
    """A constraint costs a query for each row, so of large tables only some rows are asked about, all over the table."""
    for table in TABLES:
        rows = table.model._base_manager.order_by("pk")
        for row in rows[:: max(1, rows.count() // 100)]:
            row.full_clean()


def test_ends_and_days_are_those_of_the_dates(register: None) -> None:
    for agreement in Agreement.objects.all():
        stored = (agreement.expires, agreement.expires_earliest, agreement.expires_latest)
        end = agreement.end_of_term()
        assert stored == (end, end and end.earliest, end and end.latest)
        assert agreement.signed_latest == (agreement.signed and agreement.signed.latest)


def test_folded_names_are_those_of_the_names(register: None) -> None:
    for model in (Party, PartyName):
        for row in model.objects.all():
            assert row.folded_name == row._meta.get_field("folded_name").pre_save(row, add=False)


def test_derived_columns_are_up_to_date(register: None) -> None:
    assert refresh_derived_columns(dry_run=True) == 0
    assert Party.objects.exclude(searched="").exists()


def test_search_finds_a_word_of_a_title(register: None) -> None:
    titled = Agreement.objects.published().get(ref="AGR-0002")

    found = Agreement.objects.containing(titled.title.replace("-", " "))

    assert titled in found


def test_same_seed_makes_the_same_rows_and_another_seed_others(register: None) -> None:
    first = digest_of_all_rows()

    call_command("flush", interactive=False, verbosity=0)
    generate(MANY, seed=7)
    again = digest_of_all_rows()
    call_command("flush", interactive=False, verbosity=0)
    generate(MANY, seed=8)

    assert again == first
    assert digest_of_all_rows() != first


def test_rows_and_csv_are_those_of_the_other_database_too(
    register: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "BASE_URL", "")
    agreements = Agreement.objects.published().in_order("-signed")
    lines = stream_csv(agreements, day=LATEST)

    csv = hashlib.sha256("".join(lines).encode()).hexdigest()

    assert (digest_of_all_rows()[:16], csv[:16]) == DIGESTS


def test_blocks_do_not_change_what_is_published_or_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "BLOCK", 70)

    generate(MANY, seed=7)

    refs = list(Agreement.objects.order_by("pk").values_list("ref", flat=True))
    assert refs == [f"AGR-{number:04d}" for number in range(1, len(refs) + 1)]
    assert Agreement.objects.published().count() == MANY
    assert Source.objects.exists()


def test_every_status_and_code_occurs() -> None:
    generate(2_000)

    agreements = Agreement.objects.published()

    statuses = agreements.with_status(LATEST, today=LATEST).values_list("status", flat=True)
    # none has periods, and a day that is not past leaves nothing undetermined
    of_periods = (Status.SUSPENDED, Status.PROVISIONALLY_APPLIED)
    assert set(statuses) == set(Status.values) - {*of_periods, *OF_PAST_DAYS}
    for name, choices in (
        # it always has a kind that is known
        ("kind", {*Kind.values} - {Kind.UNKNOWN}),
        ("legal_nature", {*LegalNature.values}),
        ("term_kind", {*TermKind.values}),
        ("verification", {*Verification.values}),
    ):
        assert set(agreements.values_list(name, flat=True)) == choices
    assert set(Document.objects.values_list("is_public", flat=True)) == {True, False}


def test_few_parties_take_part_in_most(register: None) -> None:
    parts = Counter(Participation.objects.values_list("party", flat=True))
    busiest = sum(number for _party, number in parts.most_common(len(parts) // 10))

    assert busiest > parts.total() * 0.3
    assert Party.objects.filter(kind="state").count() == 200


def test_next_record_of_staff_gets_the_next_reference_and_key(register: None) -> None:
    last = Agreement.objects.count()

    entered = AgreementFactory()

    assert entered.ref == f"AGR-{last + 1:04d}"
    assert entered.pk > last


def test_indexes_and_triggers_stand_as_before() -> None:
    before = definitions()

    generate(MANY)

    assert definitions() == before


def test_indexes_and_triggers_stand_as_before_after_a_failure() -> None:
    before = definitions()

    with pytest.raises(ZeroDivisionError):
        generate(MANY, advance=lambda agreements: 1 // (agreements and 0))

    assert definitions() == before


def definitions() -> set[tuple[str, ...]]:
    statement = {
        "sqlite": "SELECT type, name FROM sqlite_master",
        "postgresql": "SELECT 'index', indexdef FROM pg_indexes WHERE schemaname = 'public' "
        "UNION ALL SELECT 'constraint', conname FROM pg_constraint "
        "UNION ALL SELECT 'trigger', tgname FROM pg_trigger WHERE NOT tgisinternal",
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return set(cursor.fetchall())


@pytest.mark.parametrize("make", [AgreementFactory, AreaFactory], ids=["agreement", "area"])
def test_register_that_holds_records_is_left_alone(make: Any) -> None:
    make()
    before = Agreement.objects.count()

    with pytest.raises(RegisterNotEmptyError, match="DATABASE_URL"):
        generate(10)

    assert Agreement.objects.count() == before


def test_command_says_what_it_wrote_and_refuses_a_second_time(
    capsys: pytest.CaptureFixture[str],
) -> None:
    call_command("generate_register", "40", "--seed", "3")

    assert re.search(r"41 agreements, .* in \d+ s\.", capsys.readouterr().out)
    with pytest.raises(CommandError, match="holds records"):
        call_command("generate_register", "40")


@pytest.mark.parametrize("number", ["0", "-1", "many", "1.5"])
def test_command_refuses_what_is_no_number(number: str) -> None:
    with pytest.raises(CommandError):
        call_command("generate_register", number)
