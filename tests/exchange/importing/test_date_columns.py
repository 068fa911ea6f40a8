"""Columns of dates, read as one: their order, their century, periods, and what stands behind a date."""

from pathlib import Path

import pytest
from django.core.management import call_command

from agreements.exchange.importing import runs
from agreements.exchange.importing.refusals import ImportRefusedError
from agreements.models import Agreement
from tests.exchange.importing.files import begun, counts, csv_file, imported, looked_at, remedies
from tests.exchange.importing.profile_files import profile, told

pytestmark = pytest.mark.django_db


def dates_of(*names: str) -> list[tuple[str, ...]]:
    rows = Agreement.objects.order_by("title").values_list(*names)
    return [tuple(str(each or "") for each in row) for row in rows]


# Day or month first


def test_cell_that_can_only_have_the_month_first_raises_a_question(tmp_path: Path) -> None:
    path = csv_file(
        tmp_path,
        "no,title,Date",
        "1,A,03/04/2021",
        "2,B,03/25/2021",
        "3,C,25/03/2021",
        "4,D,12/31/2020",
    )
    run, file = begun(path, profile=profile(tmp_path, 'signed = "Date"\n'), is_partial=True)
    runs.look(run, file)

    [asked] = [line for line in run.notes if line["kind"] == "question"]
    assert asked["text"].startswith(
        "Column “Date”: “03/25/2021” can only have the month first, and “25/03/2021” only the day."
    )
    assert 'order = "month-first"' in asked["remedy"]
    assert "“fields.signed”" in asked["remedy"]
    assert (asked["about"], asked["column"], asked["count"], asked["rows"]) == (
        "order",
        "Date",
        2,
        [3, 5],
    )
    with pytest.raises(ImportRefusedError, match="Answer them first: Column “Date”"):
        runs.apply(run, file)
    assert not Agreement.objects.exists()


@pytest.mark.parametrize("place", ["[dates]", "entry"])
@pytest.mark.parametrize(
    ("order", "date", "refused"),
    [
        ("month-first", "2021-03-04", "4|Date|25/03/2021|There is no month 25 in “25/03/2021”"),
        ("day-first", "2021-04-03", "3|Date|03/25/2021|There is no month 25 in “03/25/2021”"),
    ],
)
def test_order_in_the_profile_answers_the_question(
    tmp_path: Path, place: str, order: str, date: str, refused: str
) -> None:
    rules = f'signed = {{ column = "Date", order = "{order}" }}\n'
    if place == "[dates]":
        rules = f'signed = "Date"\n[dates]\norder = "{order}"\n'
    path = csv_file(tmp_path, "no,title,Date", "1,A,03/04/2021", "2,B,03/25/2021", "3,C,25/03/2021")

    run, outcome = looked_at(path, profile=profile(tmp_path, rules))
    imported(path, profile=profile(tmp_path, rules), is_partial=True)

    assert told(run, "question") == []
    assert remedies(outcome).startswith(refused)
    assert dates_of("signed")[0] == (date,)


def test_dates_whose_order_no_cell_shows_are_told_with_how_one_was_read(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "no,title,Date", "1,A,03/04/2021", "2,B,05/05/2021", "3,C,1-2-2021")

    run = imported(path, profile=profile(tmp_path, 'signed = "Date"\n'))

    assert told(run) == [
        "column “Date”: no cell shows whether the day or the month comes first; “03/04/2021” was read as 3 April 2021"
    ]


@pytest.mark.parametrize("date", ["03.04.2021", "2021-04-03", "3 April 2021", "08/2021", "2021/22"])
def test_dates_that_leave_nothing_open_raise_neither_question_nor_remark(
    tmp_path: Path, date: str
) -> None:
    path = csv_file(tmp_path, "no,title,Date", f"1,A,{date}")

    run = imported(path, profile=profile(tmp_path, 'signed = "Date"\n'))

    assert (told(run), told(run, "question")) == ([], [])


def test_formats_say_the_order_themselves(tmp_path: Path) -> None:
    rules = 'signed = "Date"\n[dates]\nformats = ["%m/%d/%Y"]\n'
    path = csv_file(tmp_path, "no,title,Date", "1,A,03/04/2021", "2,B,03/25/2021")

    run = imported(path, profile=profile(tmp_path, rules))

    assert told(run, "question") == []
    assert dates_of("signed") == [("2021-03-04",), ("2021-03-25",)]


def test_column_that_two_entries_read_is_asked_about_once(tmp_path: Path) -> None:
    rules = 'signed = "Date"\n[[events]]\nkind = "ratified"\ndate = "Date"\n'
    path = csv_file(tmp_path, "no,title,Date", "1,A,25.03.21")

    run, _outcome = looked_at(path, profile=profile(tmp_path, rules))

    [asked] = [line for line in run.notes if line["kind"] == "question"]
    assert asked["count"] == 1


# Years of two digits


@pytest.mark.parametrize(
    ("text", "date", "year"),
    [
        ("25.05.22", "2022-05-25", 2022),
        ("12-Mar-19", "2019-03-12", 2019),
        ("12 mart 98", "1998-03-12", 1998),
        ("1/2/50", "1950-02-01", 1950),
    ],
)
def test_years_of_two_digits_are_read_and_asked_about(
    tmp_path: Path, text: str, date: str, year: int
) -> None:
    path = csv_file(tmp_path, "no,title,Date", f"1,A,{text}")
    rules = 'signed = "Date"\n'

    run, outcome = looked_at(path, profile=profile(tmp_path, rules))

    assert remedies(outcome) == ""
    [asked] = [line for line in run.notes if line["kind"] == "question"]
    assert f"“{text}” has a year of two digits, which was read as {year}." in asked["text"]
    assert asked["about"] == "two_digit_years"
    with pytest.raises(ImportRefusedError, match="has a year of two digits"):
        imported(path, profile=profile(tmp_path, rules))
    imported(path, profile=profile(tmp_path, f"{rules}[dates]\ntwo_digit_years = 2049\n"))
    assert dates_of("signed") == [(date,)]


@pytest.mark.parametrize(("last", "year"), [(2049, "2022"), (2021, "1922"), (1999, "1922")])
@pytest.mark.parametrize("formats", ["", '[dates]\nformats = ["%d/%m/%Y", "%d/%m/%y"]\n'])
def test_profile_says_which_is_the_last_year_of_two_digits(
    tmp_path: Path, last: int, year: str, formats: str
) -> None:
    rules = f'signed = {{ column = "Date", two_digit_years = {last} }}\n{formats}'
    path = csv_file(tmp_path, "no,title,Date", "1,A,25/05/22")

    run = imported(path, profile=profile(tmp_path, rules))

    assert dates_of("signed") == [(f"{year}-05-25",)]
    assert told(run, "question") == []


def test_format_with_a_year_of_two_digits_is_asked_about(tmp_path: Path) -> None:
    rules = 'signed = "Date"\n[dates]\nformats = ["%d/%m/%Y", "%d/%m/%y"]\n'
    path = csv_file(tmp_path, "no,title,Date", "1,A,25/05/2022", "2,B,26/05/22")

    run, _outcome = looked_at(path, profile=profile(tmp_path, rules))

    [asked] = [line for line in run.notes if line["kind"] == "question"]
    assert (asked["about"], asked["count"], asked["rows"]) == ("two_digit_years", 1, [3])


def test_day_and_month_without_a_year_are_not_taken_for_a_year_of_two_digits(
    tmp_path: Path,
) -> None:
    path = csv_file(tmp_path, "no,title,Date", "1,A,5 May - 16 June 2021")

    run = imported(path, profile=profile(tmp_path, 'signed = "Date"\n'), is_partial=True)

    assert told(run, "question") == []


def test_command_prints_questions_and_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = csv_file(tmp_path, "no,title,Date", "1,A,25.05.22")

    with pytest.raises(SystemExit) as left:
        call_command("import_agreements", path, profile=profile(tmp_path, 'signed = "Date"\n'))

    assert left.value.code == 1
    printed = capsys.readouterr()
    assert "Question: Column “Date”: “25.05.22” has a year of two digits" in printed.err
    assert "in “fields.signed” or in [dates]. Cells: 1 (rows 2)" in printed.err
    assert "(nothing was written)" in printed.out
    assert not Agreement.objects.exists()


# Periods


@pytest.mark.parametrize(
    ("text", "first", "last", "kind"),
    [
        ("15.03.2021-15.03.2024", "2021-03-15", "2024-03-15", "unknown"),
        ("15.03.2021 – 15.03.2024", "2021-03-15", "2024-03-15", "unknown"),
        ("2021-03-15 - 2024-03-15", "2021-03-15", "2024-03-15", "unknown"),
        ("2021–2024", "2021", "2024", "unknown"),
        ("from 1 May 2020 to 30 April 2023", "2020-05-01", "2023-04-30", "unknown"),
        ("с 01.05.2020 по 30.04.2023", "2020-05-01", "2023-04-30", "unknown"),
        ("01.05.2020 – бессрочно", "2020-05-01", "", "indefinite"),
        ("01.05.2020 - until terminated", "2020-05-01", "", "indefinite"),
        ("01.05.2020 – present", "2020-05-01", "", "unknown"),
        ("since 2020", "2020", "", "unknown"),
        ("until 2024", "", "2024", "unknown"),
        ("2020-12", "2020-12", "", "unknown"),
        ("15 March 2021", "2021-03-15", "", "unknown"),
    ],
)
def test_period_in_one_cell_gives_beginning_and_end(
    tmp_path: Path, text: str, first: str, last: str, kind: str
) -> None:
    rules = 'in_force = { column = "Period", until = "expires_stated" }\n'
    path = csv_file(tmp_path, "no,title,Period", f"1,A,{text}")

    run = imported(path, profile=profile(tmp_path, rules))

    assert counts(run) == {"created": 1}
    assert dates_of("in_force", "expires_stated", "term_kind") == [(first, last, kind)]


def test_end_of_its_own_column_goes_before_that_of_a_period(tmp_path: Path) -> None:
    rules = 'in_force = { column = "Period", until = "expires_stated" }\nexpires_stated = "End"\n'
    path = csv_file(tmp_path, "no,title,Period,End", "1,A,2021–2024,2023", "2,B,2021–2024,")

    imported(path, profile=profile(tmp_path, rules))

    assert dates_of("in_force", "expires_stated") == [("2021", "2023"), ("2021", "2024")]


def test_other_entry_of_the_same_column_takes_the_beginning_of_a_period(tmp_path: Path) -> None:
    rules = 'signed = "Period"\nin_force = { column = "Period", until = "expires_stated" }\n'
    path = csv_file(tmp_path, "no,title,Period", "1,A,2021–2024")

    imported(path, profile=profile(tmp_path, rules))

    assert dates_of("signed", "in_force", "expires_stated") == [("2021", "2021", "2024")]


def test_period_follows_the_formats_and_the_order_of_the_profile(tmp_path: Path) -> None:
    rules = (
        'in_force = { column = "One", until = "expires_stated", formats = ["%d/%m/%Y"] }\n'
        'signed = { column = "Two", until = "review_due", order = "month-first" }\n'
    )
    path = csv_file(
        tmp_path, "no,title,One,Two", "1,A,01/02/2021 - 03/04/2024,01/02/2021 - 03/04/2024"
    )

    imported(path, profile=profile(tmp_path, rules))

    assert dates_of("in_force", "expires_stated", "signed", "review_due") == [
        ("2021-02-01", "2024-04-03", "2021-01-02", "2024-03-04")
    ]


# What stands beside a date


def test_place_behind_a_date_is_offered(tmp_path: Path) -> None:
    rules = 'signed = "Date"\nplace = "Place"\n'
    path = csv_file(
        tmp_path,
        "no,title,Date,Place",
        '1,A,"15.03.2021, Baku",',
        '2,B,"16.03.2021, Baku",Baku',
        '3,C,"17.03.2021, Baku",Ganja',
    )

    run = imported(path, profile=profile(tmp_path, rules))

    assert dates_of("signed", "place") == [
        ("2021-03-15", ""),
        ("2021-03-16", "Baku"),
        ("2021-03-17", "Ganja"),
    ]
    assert told(run) == [
        "column “Date”: “Baku” stands behind the date and is not taken; if it is the place, move it to a column of its own",
        "column “Date”: “Baku” stands behind the date and is not taken, as another column states the place",
    ]


def test_day_numbers_of_a_spreadsheet_are_told(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "no,title,Date", "1,A,44270", "2,B,44271.5")

    run = imported(path, profile=profile(tmp_path, 'signed = "Date"\n'))

    assert dates_of("signed") == [("2021-03-15",), ("2021-03-16",)]
    assert told(run) == [
        "column “Date”: numbers of five digits were read as a spreadsheet's day numbers: “44270” was read as 15 March 2021"
    ]
