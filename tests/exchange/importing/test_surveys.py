"""What a file holds before anybody has said what its columns mean."""

import json
from datetime import date
from pathlib import Path

from agreements.exchange.importing.mapping.surveys import (
    LONGEST_TEXT,
    MOST_TEXTS,
    ColumnSurvey,
    Survey,
    surveyed,
)
from agreements.exchange.importing.readers import opened
from tests.exchange.importing.files import csv_file, workbook


def survey_of(path: Path, most_rows: int = 1_000) -> Survey:
    return surveyed(opened(path), most_rows)


def column(survey: Survey, heading: str) -> ColumnSurvey:
    return next(each for each in survey.columns if each.heading == heading)


def test_survey_counts_the_rows_and_shows_the_first_texts_of_each_column(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "Partner,Type", "A,MoU", "B,MoU", ",MoU", "C,Treaty", "D,MoU")

    survey = survey_of(path)

    assert survey.rows == 5
    assert survey.headings == ["Partner", "Type"]
    assert (column(survey, "Partner").filled, column(survey, "Partner").samples) == (
        4,
        ["A", "B", "C"],
    )
    assert column(survey, "Type").texts == {"MoU": 4, "Treaty": 1}


def test_texts_of_a_column_of_names_are_not_listed(tmp_path: Path) -> None:
    rows = [f"Agreement no. {n} on a matter,{n % 3}" for n in range(MOST_TEXTS + 1)]

    survey = survey_of(csv_file(tmp_path, "Title,Class", *rows))

    assert column(survey, "Title").texts == {}
    assert column(survey, "Class").texts == {"0": 67, "1": 67, "2": 67}


def test_survey_is_bounded_whatever_a_cell_holds(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "Title,Note", *(f"T{n},{'x' * 5_000}{n}" for n in range(150)))

    survey = survey_of(path)

    assert max(map(len, column(survey, "Note").samples)) == LONGEST_TEXT
    assert len(json.dumps(survey.as_json())) < 20_000


def test_survey_stops_at_the_most_rows(tmp_path: Path) -> None:
    assert survey_of(csv_file(tmp_path, "Title", *map(str, range(50))), most_rows=20).rows == 20


def test_dates_that_can_be_read_in_one_order_only_are_counted(tmp_path: Path) -> None:
    path = csv_file(
        tmp_path, "Signed", "25/03/2021", "03/25/2021", "03/04/2021", "05.05.2021", "12-Mar-19"
    )

    signed = column(survey_of(path), "Signed")

    assert (signed.day_first, signed.month_first, signed.either) == (1, 1, 1)
    assert signed.short_years == 1


def test_real_dates_of_a_workbook_are_dates_whatever_they_look_like(tmp_path: Path) -> None:
    rows = [["Signed"], [date(2021, 3, 15)], [date(2021, 3, 25)], ["TBD"]]

    signed = column(survey_of(workbook(tmp_path, rows)), "Signed")

    assert (signed.dates, signed.filled, signed.day_first) == (2, 3, 0)


def test_running_number_is_told_from_a_number_of_ones_own(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "No,File,One", "1,17,x", "2,18,1", "ASIA,,", "3,20,")

    survey = survey_of(path)

    assert column(survey, "No").is_running_number
    assert not column(survey, "File").is_running_number
    assert not column(survey, "One").is_running_number


def test_survey_is_kept_as_json_and_read_again(tmp_path: Path) -> None:
    survey = survey_of(csv_file(tmp_path, "Partner,Type", "A,MoU"))

    assert Survey.from_json(json.loads(json.dumps(survey.as_json()))) == survey
