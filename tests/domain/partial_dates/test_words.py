"""Dates as shown in each language, and that the shown text can be typed again."""

import pytest
from django.utils import translation
from hypothesis import given

from agreements.domain.partial_dates import PartialDate, in_words, machine_readable, read
from tests.domain.partial_dates.strategies import partial_dates


@pytest.mark.parametrize(
    ("text", "english", "azerbaijani", "russian"),
    [
        ("2022-05-25", "25 May 2022", "25 May 2022", "25 мая 2022 г."),
        ("2022-03-01", "1 March 2022", "1 Mart 2022", "1 марта 2022 г."),
        ("2023-08", "August 2023", "Avqust 2023", "Август 2023 г."),
        ("2018", "2018", "2018", "2018"),
        ("2023-10~", "about October 2023", "təxminən Oktyabr 2023", "около октября 2023 г."),
        ("2018~", "about 2018", "təxminən 2018", "около 2018 г."),
        ("2018?", "2018 (uncertain)", "2018 (ehtimal)", "2018 (вероятно)"),
        (
            "2018%",
            "about 2018 (uncertain)",
            "təxminən 2018 (ehtimal)",
            "около 2018 г. (вероятно)",
        ),
        (
            "2020-05/2021-06",
            "May 2020 to June 2021",
            "May 2020 – İyun 2021",
            "с мая 2020 г. до июня 2021 г. включительно",
        ),
        (
            "2020~/2021-06-03",
            "about 2020 to 3 June 2021",
            "təxminən 2020 – 3 İyun 2021",
            "с около 2020 г. до 3 июня 2021 г. включительно",
        ),
        ("2020/..", "since 2020", "2020 tarixindən", "с 2020 г."),
        ("2020-05/..", "since May 2020", "May 2020 tarixindən", "с мая 2020 г."),
        ("../2021", "until 2021", "2021 tarixinədək", "до 2021 г. включительно"),
    ],
)
def test_dates_are_shown_in_the_language_of_the_page(
    text: str, english: str, azerbaijani: str, russian: str
) -> None:
    shown = {}
    for language in ("en", "az", "ru"):
        with translation.override(language):
            shown[language] = in_words(PartialDate.parse(text))
    assert shown == {"en": english, "az": azerbaijani, "ru": russian}


def test_english_puts_the_day_first_everywhere() -> None:
    for language in ("en-us", "en-gb"):
        with translation.override(language):
            assert in_words(PartialDate.parse("2022-05-25")) == "25 May 2022"


@pytest.mark.parametrize("language", ["en", "az", "ru"])
@given(value=partial_dates)
def test_what_is_shown_is_read_as_the_same_date(language: str, value: PartialDate) -> None:
    with translation.override(language):
        assert read(in_words(value)) == value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2022-05-25", "2022-05-25"),
        ("2023-08", "2023-08"),
        ("2018", "2018"),
        ("2018?", "2018"),
        ("2023-10~", "2023-10"),
        ("2022-05-25%", "2022-05-25"),
        ("2020/2021", None),
        ("2020/..", None),
        ("../2021", None),
    ],
)
def test_html_is_given_the_part_that_is_known(text: str, expected: str | None) -> None:
    assert machine_readable(PartialDate.parse(text)) == expected
