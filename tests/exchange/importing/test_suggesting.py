"""What the columns of a foreign file probably are, and what their texts probably mean."""

from pathlib import Path

import pytest

from agreements.exchange.importing.mapping.choices import Choices
from agreements.exchange.importing.mapping.suggesting import meanings, suggested
from agreements.exchange.importing.mapping.surveys import surveyed
from agreements.exchange.importing.mapping.targets import targets
from agreements.exchange.importing.mapping.words import beginnings, codes_of, words_of
from agreements.exchange.importing.readers import opened
from tests.exchange.importing.files import csv_file


def suggestions(folder: Path, *lines: str) -> Choices:
    return suggested(surveyed(opened(csv_file(folder, *lines)), 1_000))


def becomes(choices: Choices) -> dict[str, str]:
    return {heading: choice.target for heading, choice in choices.columns.items()}


ENGLISH = (
    "S/N;Partner Institution;Country;Type;Date signed;Duration;Expiry date;E-mail;Status",
    "1;University of Vienna;Austria;MoU;15.03.2021;3 years;15.03.2024;h@x.at;Expired",
    "2;UNESCO;France;Agreement;March 2021;Indefinite;TBD;;Active",
)
AZERBAIJANI = (
    "№;Tərəfdaş;Ölkə;Növü;İmzalanma tarixi;Müddəti;Bitmə tarixi;E-poçt;Vəziyyəti",
    "1;Vyana Universiteti;Avstriya;Memorandum;15.03.2021;3 il;15.03.2024;h@x.at;Müddəti bitib",
    "2;YUNESKO;Fransa;Saziş;mart 2021;müddətsiz;;;Qüvvədədir",
)
RUSSIAN = (
    "№ п/п;Партнер;Страна;Вид документа;Дата подписания;Срок действия;Действует до;Почта;Статус",
    "1;Венский университет;Австрия;Меморандум;15.03.2021;3 года;15.03.2024;h@x.at;Истек",
    "2;ЮНЕСКО;Франция;Соглашение;март 2021;бессрочно;;;Действует",
)


@pytest.mark.parametrize("lines", [ENGLISH, AZERBAIJANI, RUSSIAN], ids=["en", "az", "ru"])
def test_columns_of_a_tracker_are_found_in_three_languages(
    tmp_path: Path, lines: tuple[str, ...]
) -> None:
    choices = suggestions(tmp_path, *lines)

    assert list(becomes(choices).values()) == [
        "", "party", "country", "kind", "signed", "duration", "expires_stated", "internal_notes", "status",
    ]  # fmt: skip
    assert list(choices.values["kind"].values()) == ["mou", "agreement"]
    assert list(choices.values["status"].values()) == ["expired", "in_force"]


def test_heading_in_capitals_and_with_more_words_is_known(tmp_path: Path) -> None:
    choices = suggestions(tmp_path, "TITLE,DATE SIGNED (dd.mm.yyyy)", "A,15.03.2021")

    assert becomes(choices) == {"TITLE": "title", "DATE SIGNED (dd.mm.yyyy)": "signed"}


def test_labels_and_codes_of_the_register_are_known(tmp_path: Path) -> None:
    choices = suggestions(tmp_path, "title,legal_nature,Entry into force", "A,binding,2021")

    assert becomes(choices) == {
        "title": "title", "legal_nature": "legal_nature", "Entry into force": "in_force",
    }  # fmt: skip


def test_column_whose_cells_are_no_dates_is_no_date(tmp_path: Path) -> None:
    choices = suggestions(tmp_path, "Title,Date", "A,first week", "B,second week")

    assert becomes(choices)["Date"] == ""


def test_two_columns_never_become_the_same_date(tmp_path: Path) -> None:
    choices = suggestions(tmp_path, "Title,Date,Date signed", "A,2020,2021")

    assert becomes(choices) == {"Title": "title", "Date": "", "Date signed": "signed"}


def test_column_of_states_is_found_by_what_stands_in_it(tmp_path: Path) -> None:
    choices = suggestions(tmp_path, "Title,With whom", "A,Georgia", "B,Türkiyə", "C,Казахстан")

    assert becomes(choices)["With whom"] == "party"


def test_running_number_is_not_offered_as_an_identifier(tmp_path: Path) -> None:
    running = suggestions(tmp_path, "No,Title", "1,A", "2,B")
    (tmp_path / "second").mkdir()
    own = suggestions(tmp_path / "second", "No,Title", "2021/7,A", "2021/9,B")

    assert (becomes(running)["No"], becomes(own)["No"]) == ("", "identifier")


def test_title_is_made_of_kind_and_partner_where_no_column_has_one(tmp_path: Path) -> None:
    assert suggestions(tmp_path, *ENGLISH).title_pattern == "{Type} with {Partner Institution}"


def test_unit_of_a_length_is_read_from_the_heading(tmp_path: Path) -> None:
    choices = suggestions(tmp_path, "Title,Duration (years)", "A,3")

    assert choices.columns["Duration (years)"].unit == "years"


def test_dates_that_are_month_first_in_one_row_suggest_that_order(tmp_path: Path) -> None:
    choices = suggestions(tmp_path, "Title,Signed", "A,03/25/2021", "B,03/04/2021")

    assert choices.order == "month-first"


def test_years_of_two_digits_get_a_last_year_that_the_clerk_sees(tmp_path: Path) -> None:
    with_short_years = suggestions(tmp_path, "Title,Signed", "A,25.03.21")
    (tmp_path / "second").mkdir()
    without = suggestions(tmp_path / "second", "Title,Signed", "A,25.03.2021")

    assert (with_short_years.two_digit_years, without.two_digit_years) == (2049, None)


@pytest.mark.parametrize(
    ("target", "text", "code"),
    [
        ("kind", "MOU", "mou"),
        ("kind", "Memorandum of Understanding on labour", "mou"),
        ("kind", "Меморандум", "mou"),
        ("kind", "Letter of intent", "letter_of_intent"),
        ("stage", "Under discussion", "negotiation"),
        ("status", "Действует", "in_force"),
        ("legal_nature", "not legally binding", "non_binding"),
        ("kind", "N/A", ""),
    ],
)
def test_text_is_taken_for_the_code_that_people_mean(target: str, text: str, code: str) -> None:
    assert meanings(target, [text]) == {text: code}


def test_text_that_nobody_knows_is_left_to_the_clerk() -> None:
    assert meanings("kind", ["Xyz"]) == {}


def test_every_suggested_code_is_one_of_the_register() -> None:
    for target in targets().values():
        if target.has_values and (codes := dict(codes_of(target.code))):
            assert set(words_of(target.code).values()) <= set(codes)


def test_titles_that_begin_with_a_kind_have_it(tmp_path: Path) -> None:
    choices = suggestions(
        tmp_path, "Title of MoU;Partner", "MoU on trade;Japan", "Protocol on x;Peru"
    )

    assert (choices.kind, choices.kind_of_title) == ("mou", True)
    assert beginnings("kind")["protocol "] == "protocol"
    first = next(
        word for word in beginnings("kind") if "memorandum of understanding on".startswith(word)
    )
    assert first == "memorandum of understanding "
    assert not any("mountain rescue agreement".startswith(word) for word in beginnings("kind"))


def test_kind_of_a_column_is_not_taken_from_the_title(tmp_path: Path) -> None:
    choices = suggestions(tmp_path, "Title;Type", "MoU on trade;Protocol")

    assert (choices.kind, choices.kind_of_title) == ("", False)


def test_publisher_of_addresses_is_their_host(tmp_path: Path) -> None:
    choices = suggestions(
        tmp_path, "Title;Link", "A;https://www.mfa.example/a", "B;https://mfa.example/b"
    )

    assert (becomes(choices)["Link"], choices.publisher) == ("source_url", "mfa.example")
