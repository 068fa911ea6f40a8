"""The model field: every way to write a date also writes its days, and nothing but dates is ever stored."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.core import serializers
from django.core.exceptions import FieldError, ValidationError
from django.db import IntegrityError, connection, models, transaction

from agreements.domain.partial_dates import (
    OPEN_END,
    OPEN_START,
    DayColumn,
    PartialDate,
    PartialDateError,
    PartialDateField,
)
from tests.domain.partial_dates.letters import Letter, stored

parse = PartialDate.parse
AUGUST = (date(2023, 8, 1), date(2023, 8, 31))


# ------------------------------------------------------------------ on an instance


@pytest.mark.parametrize(
    ("assigned", "expected"),
    [
        (None, None),
        ("", None),
        ("2023-08", parse("2023-08")),
        (parse("2023-08~"), parse("2023-08~")),
        (date(2022, 5, 25), parse("2022-05-25")),
    ],
    ids=str,
)
def test_what_is_assigned_is_a_date_at_once(assigned: Any, expected: PartialDate | None) -> None:
    letter = Letter(signed=assigned)
    assert letter.signed == expected
    letter = Letter()
    letter.signed = assigned
    assert letter.signed == expected


def test_the_days_follow_the_date_before_it_is_saved() -> None:
    letter = Letter(signed="2023-08")
    assert (letter.signed_earliest, letter.signed_latest) == AUGUST
    letter.signed = None
    assert (letter.signed_earliest, letter.signed_latest) == (None, None)


def test_the_days_cannot_be_set() -> None:
    letter = Letter(signed="2023-08", signed_earliest=date(1999, 1, 1))
    letter.signed_latest = date(1999, 1, 1)
    assert (letter.signed_earliest, letter.signed_latest) == AUGUST


@pytest.mark.parametrize("assigned", ["2023-13", "August 2023", " 2023", 20, 2.5], ids=repr)
def test_what_is_no_date_is_refused_by_validation(assigned: Any) -> None:
    letter = Letter(signed=assigned)
    with pytest.raises(ValidationError) as refused:
        letter.full_clean(validate_constraints=False)
    assert list(refused.value.message_dict) == ["signed"]


def test_validation_says_why() -> None:
    with pytest.raises(ValidationError, match="There is no month 13"):
        Letter(signed="2023-13").clean_fields()


@pytest.mark.parametrize("text", ["", "2018?", "2022-05-25%/2022-05-26%", "2020/.."])
def test_a_date_is_valid(letters: None, text: str) -> None:
    letter = Letter(signed=text)
    letter.full_clean()
    assert str(letter.signed or "") == text


def test_a_required_date_must_be_there() -> None:
    field = PartialDateField()
    with pytest.raises(ValidationError):
        field.clean(None, Letter())
    assert field.clean("2018", Letter()) == parse("2018")


# ------------------------------------------------------------------ what is stored


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("", None, None),
        ("2022-05-25", date(2022, 5, 25), date(2022, 5, 25)),
        ("2023-08~", *AUGUST),
        ("2018", date(2018, 1, 1), date(2018, 12, 31)),
        ("2020/2021-06", date(2020, 1, 1), date(2021, 6, 30)),
        ("2020/..", date(2020, 1, 1), OPEN_END),
        ("../2021", OPEN_START, date(2021, 12, 31)),
    ],
)
def test_saving_writes_text_and_days(
    letters: None, text: str, earliest: date | None, latest: date | None
) -> None:
    letter = Letter.objects.create(signed=text)
    assert stored(letter) == (text, earliest, latest)
    loaded = Letter.objects.get()
    assert loaded.signed == (parse(text) if text else None)
    assert (loaded.signed_earliest, loaded.signed_latest) == (earliest, latest)


def test_saving_again_writes_the_days_of_the_new_date(letters: None) -> None:
    letter = Letter.objects.create(signed="2018")
    letter.signed = parse("2023-08")
    letter.save()
    assert stored(letter) == ("2023-08", *AUGUST)
    letter.signed = None
    letter.save()
    assert stored(letter) == ("", None, None)


def test_update_fields_takes_the_days_along(letters: None) -> None:
    letter = Letter.objects.create(signed="2018", received="2018")
    letter.signed, letter.received = parse("2023-08"), parse("2024")
    letter.save(update_fields=["signed"])
    assert stored(letter) == ("2023-08", *AUGUST)
    letter.refresh_from_db()
    assert letter.received == parse("2018")
    assert letter.received_latest == date(2018, 12, 31)


def test_update_fields_without_the_date_leaves_the_days(letters: None) -> None:
    letter = Letter.objects.create(signed="2018")
    letter.signed, letter.subject = parse("2023-08"), "new"
    letter.save(update_fields=["subject"])
    assert stored(letter) == ("2018", date(2018, 1, 1), date(2018, 12, 31))


def test_update_or_create_takes_the_days_along(letters: None) -> None:
    Letter.objects.create(subject="one", signed="2018")
    letter, _created = Letter.objects.update_or_create(
        subject="one", defaults={"signed": parse("2023-08")}
    )
    assert stored(letter) == ("2023-08", *AUGUST)


def test_bulk_create_writes_the_days(letters: None) -> None:
    Letter.objects.bulk_create([Letter(signed="2023-08"), Letter(), Letter(signed="2020/..")])
    days = Letter.objects.order_by("id").values_list("signed_earliest", "signed_latest")
    assert list(days) == [AUGUST, (None, None), (date(2020, 1, 1), OPEN_END)]


def test_bulk_update_and_update_write_all_three_columns(letters: None) -> None:
    letter = Letter.objects.create(signed="2018")
    letter.signed = parse("2023-08")
    Letter.objects.bulk_update([letter], ["signed", "signed_earliest", "signed_latest"])
    assert stored(letter) == ("2023-08", *AUGUST)
    Letter.objects.update(**PartialDateField.columns("signed", "2020/.."))
    assert stored(letter) == ("2020/..", date(2020, 1, 1), OPEN_END)
    Letter.objects.update(**PartialDateField.columns("signed", None))
    assert stored(letter) == ("", None, None)


@contextmanager
def refused(error: type[Exception], match: str | None = None) -> Iterator[None]:
    """Expect the error, and roll back what it interrupted."""
    with pytest.raises(error, match=match), transaction.atomic():
        yield


def test_no_statement_can_write_the_text_without_the_days(letters: None) -> None:
    letter = Letter.objects.create(signed="2018")
    letter.signed = parse("2023-08")
    alone = "Write signed, signed_earliest, signed_latest together"
    with refused(FieldError, alone):
        Letter.objects.update(signed="2023-08")
    with refused(FieldError, alone):
        Letter.objects.update(signed=models.F("received"), subject="new")
    with refused(FieldError, alone):
        Letter.objects.bulk_update([letter], ["signed"])
    with refused(FieldError, alone):
        Letter.objects.bulk_create(
            [letter], update_conflicts=True, unique_fields=["id"], update_fields=["signed"]
        )
    assert stored(letter) == ("2018", date(2018, 1, 1), date(2018, 12, 31))


def test_a_conflicting_row_is_updated_whole(letters: None) -> None:
    letter = Letter.objects.create(signed="2018")
    Letter.objects.bulk_create(
        [Letter(id=letter.pk, signed="2023-08")],
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["signed", "signed_earliest", "signed_latest"],
    )
    assert stored(letter) == ("2023-08", *AUGUST)


@pytest.mark.parametrize("assigned", ["2023-13", "August 2023", models.F("received")], ids=repr)
def test_what_is_no_date_is_never_saved(letters: None, assigned: Any) -> None:
    letter = Letter.objects.create(signed="2018")
    letter.signed = assigned
    with refused(PartialDateError):
        letter.save()
    with refused(PartialDateError):
        letter.save(update_fields=["signed"])
    with refused(PartialDateError):
        Letter(signed=assigned).save()
    with refused(PartialDateError):
        Letter.objects.bulk_create([Letter(signed=assigned)])
    assert stored(Letter.objects.get()) == ("2018", date(2018, 1, 1), date(2018, 12, 31))


@pytest.mark.parametrize(
    "columns",
    [
        ("''", "'2018-01-01'", "'2018-12-31'"),
        ("'2018'", "NULL", "NULL"),
        ("'2018'", "'2018-01-01'", "NULL"),
        ("'2018'", "NULL", "'2018-12-31'"),
        ("'2018'", "'2018-12-31'", "'2018-01-01'"),
    ],
    ids=" ".join,
)
def test_the_table_itself_refuses_days_that_belong_to_no_text(
    letters: None, columns: tuple[str, str, str]
) -> None:
    letter = Letter.objects.create(signed="2020")
    with refused(IntegrityError), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE letters_letter SET signed = {}, signed_earliest = {}, signed_latest = {}"
            " WHERE id = {}".format(*columns, letter.pk)
        )


# ------------------------------------------------------------------ deferred fields


def test_a_deferred_date_is_loaded_when_asked_for(letters: None) -> None:
    Letter.objects.create(signed="2023-08")
    letter = Letter.objects.defer("signed").get()
    assert (letter.signed_earliest, letter.signed_latest) == AUGUST
    assert letter.signed == parse("2023-08")


def test_the_days_come_with_a_date_that_is_loaded_alone(
    letters: None, django_assert_num_queries: Any
) -> None:
    Letter.objects.create(signed="2023-08")
    letter = Letter.objects.only("signed").get()
    with django_assert_num_queries(0):
        assert (letter.signed_earliest, letter.signed_latest) == AUGUST


@pytest.mark.parametrize("loaded", [("signed",), ("subject",), ("signed_latest",)], ids=str)
def test_a_date_set_on_an_instance_loaded_in_part_is_saved_whole(
    letters: None, loaded: tuple[str, ...]
) -> None:
    Letter.objects.create(signed="2018", subject="kept")
    letter = Letter.objects.only(*loaded).get()
    letter.signed = parse("2023-08")
    letter.save()
    assert stored(letter) == ("2023-08", *AUGUST)
    assert Letter.objects.get().subject == "kept"


def test_refreshing_the_date_refreshes_the_days(letters: None) -> None:
    letter = Letter.objects.create(signed="2018")
    Letter.objects.update(**PartialDateField.columns("signed", "2023-08"))
    letter.refresh_from_db(fields=["signed"])
    assert (letter.signed_earliest, letter.signed_latest) == AUGUST


# ------------------------------------------------------------------ queries


def test_the_text_is_looked_up_in_whichever_form(letters: None) -> None:
    letter = Letter.objects.create(signed="2023-08")
    empty = Letter.objects.create()
    assert Letter.objects.get(signed="2023-08") == letter
    assert Letter.objects.get(signed=parse("2023-08")) == letter
    assert Letter.objects.get(signed__in=["2018", parse("2023-08")]) == letter
    assert Letter.objects.get(signed__startswith="202") == letter
    assert Letter.objects.get(signed="") == empty
    assert Letter.objects.get(signed_latest=date(2023, 8, 31)) == letter
    assert Letter.objects.get(signed_latest__isnull=True) == empty


def test_looking_up_what_is_no_date_is_an_error(letters: None) -> None:
    with pytest.raises(PartialDateError, match="no month 13"):
        Letter.objects.filter(signed="2023-13").exists()


def test_values_are_dates_too(letters: None) -> None:
    Letter.objects.create(signed="2023-08")
    Letter.objects.create()
    values = Letter.objects.order_by("id").values_list("signed", flat=True)
    assert list(values) == [parse("2023-08"), None]


# ------------------------------------------------------------------ fixtures


@pytest.fixture
def known_to_serializers(monkeypatch: pytest.MonkeyPatch) -> None:
    registry = SimpleNamespace(get_model={"letters.letter": Letter}.__getitem__)
    monkeypatch.setattr("django.core.serializers.python.apps", registry)


@pytest.mark.parametrize("text", ["", "2023-08~", "2020/.."])
def test_a_fixture_holds_the_text_and_loads_the_days(
    letters: None, known_to_serializers: None, text: str
) -> None:
    letter = Letter.objects.create(signed=text)
    before = stored(letter)

    dump = serializers.serialize("json", [letter])
    letter.delete()
    (loaded,) = serializers.deserialize("json", dump)
    loaded.save()

    assert (f'"signed": "{text}"' if text else '"signed": null') in dump
    assert "earliest" not in dump
    assert stored(Letter.objects.get()) == before


def test_a_fixture_with_an_impossible_date_is_refused(known_to_serializers: None) -> None:
    dump = '[{"model": "letters.letter", "pk": 1, "fields": {"signed": "2023-13"}}]'
    with pytest.raises(serializers.base.DeserializationError, match="no month 13"):
        list(serializers.deserialize("json", dump))


# ------------------------------------------------------------------ the columns


@pytest.mark.parametrize("name", ["signed_earliest", "signed_latest", "received_earliest"])
def test_a_day_column_is_a_date_with_an_index_that_no_form_shows(letters: None, name: str) -> None:
    column = Letter._meta.get_field(name)
    assert isinstance(column, DayColumn)
    assert column.db_type(connection) == "date"
    assert (column.null, column.editable) == (True, False)
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, "letters_letter")
    assert [name] in [each["columns"] for each in found.values() if each["index"]]


def test_the_database_sorts_as_the_values_do(letters: None) -> None:
    texts = ["2021", "2020/..", "2020", "2020-01", "../2021", "2020-01-01", "2020-02"]
    Letter.objects.bulk_create([Letter(signed=text) for text in texts])
    in_order = Letter.objects.order_by("signed_earliest", "signed_latest")
    assert [letter.signed for letter in in_order] == sorted(map(PartialDate.parse, texts))
