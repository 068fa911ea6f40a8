"""What people type: every format that is read, and every reason for refusing one."""

from datetime import date

import pytest
from django.utils import translation
from django.utils.dateformat import format as formatted
from hypothesis import example, given
from hypothesis import strategies as st

from agreements.domain.partial_dates import PartialDate, PartialDateError, read
from agreements.domain.partial_dates.vocabulary import WORDS, Meaning, all_words, folded
from tests.domain.partial_dates.strategies import partial_dates

# ------------------------------------------------------------------ in numbers


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("2022-05-25", "2022-05-25"),
        ("2022-05", "2022-05"),
        ("2022", "2022"),
        ("2018?", "2018?"),
        ("2023-10~", "2023-10~"),
        ("2018%", "2018%"),
        ("2020/2021-06~", "2020/2021-06~"),
        ("2020/..", "2020/.."),
        ("../2021", "../2021"),
        ("25.05.2022", "2022-05-25"),
        ("25/05/2022", "2022-05-25"),
        ("25-05-2022", "2022-05-25"),
        ("25 05 2022", "2022-05-25"),
        ("25. 5. 2022", "2022-05-25"),
        ("25.05.2022.", "2022-05-25"),
        ("1.5.2022", "2022-05-01"),
        ("08.2023", "2023-08"),
        ("8/2023", "2023-08"),
        ("8-2023", "2023-08"),
        ("2023.08.25", "2023-08-25"),
        ("2023/08/25", "2023-08-25"),
        ("2023/8", "2023-08"),
        ("2023-8", "2023-08"),
        ("(2023)", "2023"),
        ("?2018", "2018?"),
        ("~2018", "2018~"),
        ("2018 (?)", "2018?"),
        ("25.05.2022?", "2022-05-25?"),
        ("~25.05.2022?", "2022-05-25%"),
    ],
)
def test_numbers_are_read(typed: str, expected: str) -> None:
    assert str(read(typed)) == expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("1998-XX", "1998"),
        ("1998-xx-xx", "1998"),
        ("2021-03-XX", "2021-03"),
        ("199X", "1990/1999"),
        ("19XX", "1900/1999"),
        ("[1981-09..1981-10]", "1981-09/1981-10"),
        ("1998/", "1998/.."),
        ("/1998-05~", "../1998-05~"),
        ("2021-Q1", "2021-01/2021-03"),
        ("Q4 2021", "2021-10/2021-12"),
        ("2021/22", "2021/2022"),
        ("1999-00", None),
        ("2021/13", None),
        ("mid-2021", "2021~"),
        ("late March 2021", "2021-03~"),
        ("«15» марта 2021 г.", "2021-03-15"),
        ("Monday, 15 March 2021", "2021-03-15"),
        ("понедельник, 15 марта 2021 года", "2021-03-15"),
        ("15-16 March 2021", "2021-03-15/2021-03-16"),
        ("15–16.03.2021", "2021-03-15/2021-03-16"),
        ("15 March – 2 April 2021", "2021-03-15/2021-04-02"),
        ("March to May 2021", "2021-03/2021-05"),
        ("May-June 2021", "2021-05/2021-06"),
        ("10–12 May 2022", "2022-05-10/2022-05-12"),
        ("15 Mart 2021 Pazartesi", "2021-03-15"),
        ("3 Ağustos 2021", "2021-08-03"),
        ("1er août 2021", "2021-08-01"),
        ("le 15 février 2021", "2021-02-15"),
        ("15. März 2021", "2021-03-15"),
        ("Dezember 2021", "2021-12"),
        ("15 de marzo de 2021", "2021-03-15"),
    ],
)
def test_what_other_registers_write_is_read(typed: str, expected: str | None) -> None:
    if expected is None:
        with pytest.raises(PartialDateError):
            read(typed)
    else:
        assert str(read(typed)) == expected


def test_season_is_refused_by_name() -> None:
    with pytest.raises(PartialDateError, match="“spring” is not a month: write the months"):
        read("spring 2021")


def test_the_day_comes_before_the_month() -> None:
    assert str(read("05/06/2022")) == "2022-06-05"


@pytest.mark.parametrize(
    "typed", ["2020-12", "2004-06", "2020–12", "2020—12", "2020−12", "2020‑12"]
)
def test_a_year_and_two_digits_are_a_month_and_no_range(typed: str) -> None:
    assert read(typed).precision == "month"


# ------------------------------------------------------------------ in words


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("August 2023", "2023-08"),
        ("august 2023", "2023-08"),
        ("AUGUST 2023", "2023-08"),
        ("Aug 2023", "2023-08"),
        ("Aug. 2023", "2023-08"),
        ("August, 2023", "2023-08"),
        ("August of 2023", "2023-08"),
        ("in August 2023", "2023-08"),
        ("2023 August", "2023-08"),
        ("Aug-2023", "2023-08"),
        ("25 May 2022", "2022-05-25"),
        ("May 25, 2022", "2022-05-25"),
        ("May 25th, 2022", "2022-05-25"),
        ("25th of May 2022", "2022-05-25"),
        ("the 25th of May, 2022", "2022-05-25"),
        ("1st June 2022", "2022-06-01"),
        ("2ND JUNE 2022", "2022-06-02"),
        ("on 3rd Sept. 2022", "2022-09-03"),
        ("25-May-2022", "2022-05-25"),
        ("25May2022", "2022-05-25"),
        ("2022 May 25", "2022-05-25"),
        ("about October 2023", "2023-10~"),
        ("circa 2018", "2018~"),
        ("c. 2018", "2018~"),
        ("ca. 2018", "2018~"),
        ("around May 2020", "2020-05~"),
        ("approximately 2018", "2018~"),
        ("approx. 2018", "2018~"),
        ("possibly 2018", "2018?"),
        ("2018, uncertain", "2018?"),
        ("2018 (uncertain)", "2018?"),
        ("perhaps about 2018", "2018%"),
        ("about 2018?", "2018%"),
    ],
)
def test_english_is_read(typed: str, expected: str) -> None:
    assert str(read(typed)) == expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("avqust 2023", "2023-08"),
        ("Avqust 2023", "2023-08"),
        ("avq. 2023", "2023-08"),
        ("2023-cü ilin avqustu", "2023-08"),
        ("2023-cü il avqust", "2023-08"),
        ("2023-cü ilin avqustunda", "2023-08"),
        ("2023-cü ilin avqust ayı", "2023-08"),
        ("2023-CÜ İLİN AVQUSTU", "2023-08"),
        ("iyun 2021", "2021-06"),
        ("İyun 2021", "2021-06"),
        ("İYUN 2021", "2021-06"),
        ("IYUN 2021", "2021-06"),
        ("ıyun 2021", "2021-06"),
        ("i\u0307yun 2021", "2021-06"),
        ("25 may 2022", "2022-05-25"),
        ("25 may 2022-ci il", "2022-05-25"),
        ("25 may 2022-ci ildə", "2022-05-25"),
        ("2022-ci il 25 may", "2022-05-25"),
        ("2022-ci ilin mayın 25-i", "2022-05-25"),
        ("2022-ci ilin may ayının 25-də", "2022-05-25"),
        ("6 oktyabr 2026-cı il", "2026-10-06"),
        ("2018-ci il", "2018"),
        ("25 may 2022-ci il tarixində", "2022-05-25"),
        ("təxminən oktyabr 2023", "2023-10~"),
        ("texminen oktyabr 2023", "2023-10~"),
        ("təqribən 2018", "2018~"),
        ("ehtimal ki 2018", "2018?"),
        ("2018 (ehtimal)", "2018?"),
    ],
)
def test_azerbaijani_is_read(typed: str, expected: str) -> None:
    assert str(read(typed)) == expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("август 2023", "2023-08"),
        ("август 2023 г.", "2023-08"),
        ("Август 2023 года", "2023-08"),
        ("в августе 2023 года", "2023-08"),
        ("авг. 2023", "2023-08"),
        ("25 мая 2022", "2022-05-25"),
        ("25 мая 2022 г.", "2022-05-25"),
        ("25 мая 2022 года", "2022-05-25"),
        ("25-го мая 2022 года", "2022-05-25"),
        ("25 МАЯ 2022", "2022-05-25"),
        ("май 2022", "2022-05"),
        ("маи\u0306 2022", "2022-05"),
        ("2018 год", "2018"),
        ("от 25 мая 2022 г.", "2022-05-25"),
        ("в 2018 году", "2018"),
        ("около 2018 г.", "2018~"),
        ("около октября 2023 г.", "2023-10~"),
        ("примерно октябрь 2023", "2023-10~"),
        ("ок. 2018", "2018~"),
        ("предположительно 2018", "2018?"),
        ("возможно, 2018", "2018?"),
    ],
)
def test_russian_is_read(typed: str, expected: str) -> None:
    assert str(read(typed)) == expected


@pytest.mark.parametrize(
    "typed",
    [
        " 25 May 2022 ",
        "25\u00a0May\u00a02022",
        "25\u202fMay\u20092022",
        "25\tMay\n2022",
        "\ufeff25 May 2022",
        "\u200e25 May 2022\u200f",
        "25 M\u00aday 2022",
    ],
    ids=ascii,
)
def test_space_and_invisible_signs_do_not_count(typed: str) -> None:
    assert str(read(typed)) == "2022-05-25"


# ------------------------------------------------------------------ ranges


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("2020–2022", "2020/2022"),
        ("2020-2022", "2020/2022"),
        ("2020 - 2022", "2020/2022"),
        ("2020 — 2022", "2020/2022"),
        ("2020−2022", "2020/2022"),
        ("2020 -- 2022", "2020/2022"),
        ("2020 / 2022", "2020/2022"),
        ("2020-05 – 2021-06", "2020-05/2021-06"),
        ("2020-05–2021-06", "2020-05/2021-06"),
        ("2020-5/2021-6", "2020-05/2021-06"),
        ("05/2020-06/2021", "2020-05/2021-06"),
        ("05.2020-06.2021", "2020-05/2021-06"),
        ("25.05.2020-30.06.2021", "2020-05-25/2021-06-30"),
        ("25-05-2020-30-06-2021", "2020-05-25/2021-06-30"),
        ("May 2020-June 2021", "2020-05/2021-06"),
        ("May 2020 – June 2021", "2020-05/2021-06"),
        ("May 2020 to June 2021", "2020-05/2021-06"),
        ("from May 2020 to June 2021", "2020-05/2021-06"),
        ("from May 2020 until 3 June 2021", "2020-05/2021-06-03"),
        ("between 2020 and 2021", "2020/2021"),
        ("2018? to about 2020", "2018?/2020~"),
        ("about 2018 to 2020", "2018~/2020"),
        ("since 2020", "2020/.."),
        ("from May 2020", "2020-05/.."),
        ("2020 onwards", "2020/.."),
        ("since about 2020", "2020~/.."),
        ("until 2021", "../2021"),
        ("up to June 2021", "../2021-06"),
        ("till 25.05.2022", "../2022-05-25"),
        ("2020–2022-ci illər", "2020/2022"),
        ("2020-ci ildən 2022-ci ilədək", "2020/2022"),
        ("2020-dən 2022-yə qədər", "2020/2022"),
        ("2020-ci ildən", "2020/.."),
        ("2020-ci ildən bəri", "2020/.."),
        ("2022-ci ilədək", "../2022"),
        ("2022-ci ilə qədər", "../2022"),
        ("с 2020 по 2022 годы", "2020/2022"),
        ("с мая 2020 г. по июнь 2021 г.", "2020-05/2021-06"),
        ("с мая 2020 по 3 июня 2021", "2020-05/2021-06-03"),
        ("между 2020 и 2021", "2020/2021"),
        ("май 2020 – июнь 2021", "2020-05/2021-06"),
        ("с 2020 года", "2020/.."),
        ("начиная с 2020 года", "2020/.."),
        ("от 2020 до 2021 г.", "2020/2021"),
        ("до 2021 г.", "../2021"),
    ],
)
def test_ranges_are_read(typed: str, expected: str) -> None:
    assert str(read(typed)) == expected


# ------------------------------------------------------------------ refusals


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "There is no date: write"),
        ("   \u200f ", "There is no date: write"),
        ("2022" + " " * 97, "longer than 100 characters"),
        ("x" * 1_000_000, "longer than 100 characters"),
        ("25 Flóréal 2022", "“Flóréal” is not understood"),
        ("Augst 2023", "“Augst” is not understood"),
        ("təxmini 2022", "“təxmini” is not understood"),
        ("2022-05-25T10:00", "“T” is not understood"),
        ("25 May '22", "“'” is not understood"),
        ("25\x002022", "“�” is not understood"),
        ("2022\ud800", "“�” is not understood"),
        ("٢٠٢٢", "“٢٠٢٢” is not understood"),
        ("２０２２", "“２０２２” is not understood"),
        ("May 2022 🎉", "“🎉” is not understood"),
        ("2020 - ..", "“..” is not understood"),
        ("th May 2022", "“th” is not understood"),
        ("dek 2022", "“dek” is not understood"),
        ("2022-dək", "“dək” is not understood"),
        ("2022 11abc", "“abc” is not understood"),
        ("22", "“22” has no four-digit year: write 25 May 2022"),
        ("843", "The register holds no dates before 1000"),
        ("10 August 843", "The year 0843 is not between 1000 and 2999"),
        ("25.05.0980", "The register holds no dates before 1000"),
        ("0999-12-31", "The register holds no dates before 1000"),
        ("25.05.22", "“25.05.22” has no four-digit year"),
        ("May 22", "“May 22” has no four-digit year"),
        ("25 May", "“25 May” has no four-digit year"),
        ("from 20 to 2022", "“20” has no four-digit year"),
        ("about", "“about” has no four-digit year"),
        ("?", "“?” has no four-digit year"),
        ("20220525", "“20220525” is not a day, a month or a four-digit year"),
        ("May 202", "The year 0202 is not between 1000 and 2999: check its four digits"),
        ("1" * 100, "is not a day"),
        ("13/2023", "no month 13: months run from 1 to 12"),
        ("00.2023", "no month 0"),
        ("30 February 2023", "February 2023 has 28 days, so there is no day 30: write 2023-02"),
        ("31 iyun 2022", "June 2022 has 30 days"),
        ("May 0, 2022", "no day 0"),
        ("May 999", "The register holds no dates before 1000"),
        ("May 0999", "The year 0999 is not between 1000 and 2999"),
        ("May 3000", "The year 3000 is not between 1000 and 2999"),
        ("05/25/2022", "There is no month 25 in “05/25/2022”: write 25 May 2022 if that is meant"),
        ("02/30/2022", "February 2022 has 28 days"),
        ("13/13/2022", "no month 13"),
        ("2020-5-2021", "“2020-5-2021” is not one date"),
        ("2020-5/2021", "“2020-5/2021” is not one date"),
        ("2020 2021", "“2020 2021” is not one date"),
        ("1 2 3 2021", "“1 2 3 2021” is not one date"),
        ("May 5 6 2021", "is not one date"),
        ("5-10.2022", "“5-10.2022” mixes dots, dashes and slashes"),
        ("25/05.2022", "mixes dots, dashes and slashes"),
        ("before 2021", "“before” does not say whether the date itself is included"),
        ("after May 2020", "“after” does not say whether"),
        ("после 2020", "“после” does not say whether"),
        ("2021-ci ildən əvvəl", "“əvvəl” does not say whether"),
        ("2020 –", "“2020 –” is neither a date nor an interval: write 2022, since 2020"),
        ("– 2020", "is neither a date nor an interval"),
        ("since", "is neither a date nor an interval"),
        ("from 2020 to", "is neither a date nor an interval"),
        ("2020 to 2021 to 2022", "is neither a date nor an interval"),
        ("and 2021", "is neither a date nor an interval"),
        ("()", "is neither a date nor an interval"),
        ("2021 to 2020", "The end 2020 is before the start 2021"),
        ("../..", "cannot be open at both ends"),
        ("2023-13", "no month 13"),
        ("2023-02-30", "February 2023 has 28 days"),
    ],
    ids=lambda text: ascii(text[:40]),
)
def test_what_cannot_be_read_is_refused_with_the_part_and_the_reason(
    typed: str, reason: str
) -> None:
    with pytest.raises(PartialDateError) as refused:
        read(typed)
    assert reason in str(refused.value)


def test_a_refusal_is_in_the_language_of_the_reader() -> None:
    with translation.override("ru"), pytest.raises(PartialDateError) as refused:
        read("05/25/2022")
    assert "месяца 25 нет. Напишите 25 мая 2022 г." in str(refused.value)


# ------------------------------------------------------------------ all texts


@given(partial_dates)
def test_every_edtf_text_is_read_as_itself(value: PartialDate) -> None:
    assert read(str(value)) == value


anything = st.text(max_size=120)
pieces = st.sampled_from(
    [
        *("2022", "2021", "0999", "25", "5", "0", "13", "may", "мая", "avqustun", "İyun", "25th"),
        *("2022-ci", "since", "to", "and", "between", "qədər", "about", "possibly", "г.", "ilin"),
        *(
            "?",
            "~",
            "%",
            ".",
            ",",
            "-",
            "–",
            "/",
            "..",
            "(",
            ")",
            "\x00",
            "٢",
            "\u202e",
            "ﷺ",
            "before",
        ),
    ]
)
nearly_dates = st.builds(
    str.join, st.sampled_from(["", " ", "-", "/", ".", " - "]), st.lists(pieces, max_size=9)
)


@given(st.one_of(anything, nearly_dates))
@example("\u0130" * 100)
@example("\u0307")
@example("2022 \u0345")
def test_any_text_is_read_or_refused_with_a_sentence(text: str) -> None:
    try:
        value = read(text)
    except PartialDateError as refused:
        assert ": " in str(refused) or str(refused).endswith("2021.")  # noqa: PT017
    else:
        assert read(str(value)) == value


# ------------------------------------------------------------------ the vocabulary


def test_no_word_means_two_things() -> None:
    meanings: dict[str, set[tuple[Meaning, int]]] = {}
    for word, meaning in all_words():
        meanings.setdefault(word, set()).add(meaning)
    assert {word: found for word, found in meanings.items() if len(found) > 1} == {}


@pytest.mark.parametrize("language", ["en", "az", "ru"])
@pytest.mark.parametrize("letter", ["F", "E", "M", "N"])
def test_django_s_own_names_of_months_are_known(language: str, letter: str) -> None:
    with translation.override(language):
        names = [formatted(date(2022, month, 1), letter).rstrip(".") for month in range(1, 13)]
    months = [WORDS.get(folded(name)) for name in names if folded(name) != "dek"]
    assert months == [(Meaning.MONTH, month) for month in range(1, len(months) + 1)]
