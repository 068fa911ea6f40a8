"""Files as offices keep them: each habit says what it means or is reported, and none makes a false record."""

from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from agreements.exchange.importing.names import known_parts
from agreements.exchange.importing.refusals import ProfileError
from agreements.exchange.importing.remarks import MOST_TEXTS
from agreements.models import Agreement, Import
from tests.exchange.importing.files import counts, csv_file, imported, looked_at, remedies
from tests.factories import PartyFactory

pytestmark = pytest.mark.django_db

PROFILE = '[identifier]\nscheme = "x"\ncolumn = "no"\n[fields]\ntitle = "title"\n'


def profile(folder: Path, more: str = "") -> str:
    path = folder / "mine.toml"
    path.write_text(PROFILE + more, encoding="utf-8")
    return str(path)


def told(run: Import) -> list[str]:
    return [line["text"] for line in run.notes if line["kind"] in ("note", "trivial")]


def parties_of(agreement: Agreement) -> list[str]:
    return [row.party.name for row in agreement.participations.all()]


def test_empty_columns_last_and_parties_joined_by_semicolons(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "no,title,parties,,", "1,A,France,,", '2,B,"Japan; Peru",,')

    run = imported(
        path, profile=profile(tmp_path, '[parties]\ncolumn = "parties"'), creates_parties=True
    )

    assert counts(run) == {"created": 2}
    assert parties_of(Agreement.objects.get(title="B")) == ["Japan", "Peru"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Azerbaijan and Turkey", ["Azerbaijan", "Türkiye"]),
        ("Azərbaycan və Gürcüstan", ["Azerbaijan", "Georgia"]),
        ("Россия и Грузия", ["Russia", "Georgia"]),
        ("Trinidad and Tobago", ["Trinidad and Tobago"]),
        (
            "Trinidad and Tobago and Bosnia and Herzegovina",
            ["Trinidad and Tobago", "Bosnia and Herzegovina"],
        ),
        ("Trinidad and Tobago, Chile and Peru", ["Trinidad and Tobago", "Chile", "Peru"]),
        ("Ministry of Labour and Social Affairs", ["Ministry of Labour and Social Affairs"]),
        ("Ministry of Labour and India", ["Ministry of Labour and India"]),
        ("Ministry of Pensions and India", ["Ministry of Pensions", "India"]),
    ],
)
def test_names_are_cut_only_where_all_parts_are_known(
    tmp_path: Path, text: str, names: list[str]
) -> None:
    PartyFactory(name="Ministry of Pensions")
    path = csv_file(tmp_path, "no,title,parties", f'1,A,"{text}"')

    imported(path, profile=profile(tmp_path, '[parties]\ncolumn = "parties"'), creates_parties=True)

    assert parties_of(Agreement.objects.get()) == names


def test_separator_of_a_profile_does_not_cut_within_brackets(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "no,title,parties", '1,A,"EFTA (Iceland, Norway), Agency (X), Chile"')
    rules = '[parties]\ncolumn = "parties"\nseparators = [", "]'

    imported(path, profile=profile(tmp_path, rules), creates_parties=True)

    assert parties_of(Agreement.objects.get()) == ["EFTA (Iceland, Norway)", "Agency (X)", "Chile"]


def test_nul_in_a_party_is_refused_however_it_stands(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "no,title,parties", "1,A,X\x007\x00", *["2,B,Y"] * 99)

    _run, outcome = looked_at(path, profile=profile(tmp_path, '[parties]\ncolumn = "parties"'))

    assert "NUL" in remedies(outcome)


def test_names_in_a_long_chain_are_cut_in_no_time() -> None:
    asked: list[str] = []

    def knows(name: str) -> bool:
        asked.append(name)
        return name in ("A", "A and A")

    chain = " and ".join(["A"] * 40)
    assert known_parts(f"{chain} and X", knows) == [f"{chain} and X"]
    assert len(asked) < 1_000
    assert len(known_parts(chain, knows)) == 20


def test_new_parties_are_those_of_the_rows_that_are_not_refused(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "title,parties,kind", "A,Agency X,mou", "B,Agency Y,pact")

    run, _outcome = looked_at(path, creates_parties=True, is_partial=True)

    assert [line["text"] for line in run.notes if line["kind"] == "new party"] == [
        "Agency X (Other)"
    ]


def test_own_side_stands_before_the_partner_and_alone_without_one(tmp_path: Path) -> None:
    rules = (
        '[parties]\ncolumn = "partner"\nbefore = "Azerbaijan; "\nseparators = ["; "]\n'
        'values = { "N/A" = "" }\notherwise = "Azerbaijan"\n'
    )
    path = csv_file(tmp_path, "no,title,partner", "1,A,Sweden", "2,B,N/A", "3,C,")

    imported(path, profile=profile(tmp_path, rules), creates_parties=True)

    assert [parties_of(each) for each in Agreement.objects.order_by("title")] == [
        ["Azerbaijan", "Sweden"],
        ["Azerbaijan"],
        ["Azerbaijan"],
    ]


def test_value_that_means_nothing_lets_the_next_column_speak(tmp_path: Path) -> None:
    rules = 'signed = { columns = ["one", "two"], values = { "n/a" = "" } }'
    path = csv_file(tmp_path, "no,title,one,two", "1,A,n/a,2022", "2,B,,2023", "3,C,n/a,n/a")

    imported(path, profile=profile(tmp_path, rules))

    dates = Agreement.objects.order_by("title").values_list("signed", flat=True)
    assert [str(each or "") for each in dates] == ["2022", "2023", ""]


def test_what_a_profile_assumes_is_inferred_and_told(tmp_path: Path) -> None:
    rules = (
        'kind = { column = "kind", values = { "MoU" = "mou" }, otherwise = "agreement" }\n'
        '[source]\npublisher = { always = "P" }\ntitle = { always = "List" }'
    )
    path = csv_file(tmp_path, "no,title,kind", "1,A,MoU", "2,B,", "3,C,Pact")

    run = imported(path, profile=profile(tmp_path, rules))

    bases = {
        each.title: (each.kind, each.evidence.get(fact="kind").basis)
        for each in Agreement.objects.all()
    }
    assert bases == {
        "A": ("mou", "stated"),
        "B": ("agreement", "inferred"),
        "C": ("agreement", "inferred"),
    }
    assert "column “kind”: “Pact” has no value in the profile; taken for “agreement”" in told(run)


def test_of_many_texts_that_fall_to_a_default_only_the_first_are_named(tmp_path: Path) -> None:
    rules = 'kind = { column = "kind", values = { "MoU" = "mou" }, otherwise = "other" }\n'
    path = csv_file(tmp_path, "no,title,kind", *[f"{n},A{n},Pact {n}" for n in range(30)])

    run, _outcome = looked_at(path, profile=profile(tmp_path, rules))

    lines = [line for line in run.notes if line["kind"] in ("note", "trivial")]
    assert len(lines) == MOST_TEXTS + 1
    assert lines[-1]["text"] == "column “kind”: further texts without a value; taken for “other”"
    assert lines[-1]["count"] == 30 - MOST_TEXTS


@pytest.mark.parametrize("nothing", ["N/A", "-", "TBD", "ongoing", "31.12.9999", "yoxdur", "н/д"])
def test_placeholder_says_nothing_and_is_told_once(tmp_path: Path, nothing: str) -> None:
    path = csv_file(tmp_path, "no,title,signed", *[f"{n},A{n},{nothing}" for n in range(3)])

    run = imported(path, profile=profile(tmp_path, 'signed = "signed"'))

    assert counts(run) == {"created": 3}
    assert told(run) == [f"column “signed”: “{nothing}” says nothing"]


@pytest.mark.parametrize(
    "text",
    [
        "2021-03-15T00:00:00", "2021-03-15 00:00:00", "2021-03-15T09:30:00Z", "44270", "44270.5", "20210315",
    ],
)  # fmt: skip
@pytest.mark.parametrize("formats", ["", '[dates]\nformats = ["%d/%m/%Y"]\n'], ids=["typed", "set"])
def test_day_as_programs_write_it_is_read(tmp_path: Path, text: str, formats: str) -> None:
    path = csv_file(tmp_path, "no,title,signed", f"1,A,{text}")

    imported(path, profile=profile(tmp_path, f'signed = "signed"\n{formats}'))

    assert str(Agreement.objects.get().signed) == "2021-03-15"


def book_of(folder: Path, *rows: list[Any], formats: dict[str, str] | None = None) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for place, number_format in (formats or {}).items():
        book.active[place].number_format = number_format
    book.save(folder / "file.xlsx")
    return folder / "file.xlsx"


@pytest.mark.parametrize("formats", ["", '[dates]\nformats = ["%d/%m/%Y"]\n'], ids=["typed", "set"])
def test_real_date_is_taken_as_its_cell_shows_it(tmp_path: Path, formats: str) -> None:
    path = book_of(
        tmp_path,
        ["no", "title", "signed"],
        [1, "A", date(2021, 3, 1)],
        [2, "B", date(2022, 1, 1)],
        [3, "C", date(2023, 8, 1)],
        formats={"C2": "mmm yyyy", "C3": "yyyy"},
    )

    imported(path, profile=profile(tmp_path, f'signed = "signed"\n{formats}'))

    dates = Agreement.objects.order_by("title").values_list("signed", flat=True)
    assert [str(each) for each in dates] == ["2021-03", "2022", "2023-08-01"]


def test_cell_without_a_value_costs_the_cell_and_not_the_row(tmp_path: Path) -> None:
    path = book_of(
        tmp_path,
        ["no", "title", "signed", "days"],
        [1, "A", "#N/A", "=1+1"],
        [2, "B", "2022", "#REF!"],
    )

    run = imported(path, profile=profile(tmp_path, 'signed = "signed"'))

    assert counts(run) == {"created": 2}
    assert set(told(run)) == {
        "column “signed”: a spreadsheet error (#N/A); taken for empty",
        # and what is lost in columns that are not taken, for these look empty
        "column “days”: a formula without a stored value: open the file, save it and try again; taken for empty",
        "column “days”: a spreadsheet error (#REF!); taken for empty",
    }


def test_error_in_the_registers_own_file_removes_nothing(tmp_path: Path) -> None:
    path = book_of(tmp_path, ["title", "place", "status"], ["A", "#N/A", "#N/A"])

    _run, outcome = looked_at(path)

    assert remedies(outcome) == (
        "2|place||The cell holds a spreadsheet error (#N/A). Type its value."
    )


def test_columns_that_the_profile_does_not_read_are_told(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "no,title,note,rest", "1,A,x,", "2,B,y,")

    run = imported(path, profile=profile(tmp_path))

    assert told(run) == ["column “note” is not taken"]


@pytest.mark.parametrize(
    ("formats", "why"),
    [
        ("%d %B", "“%d %B” has no year"),
        ("DD/MM/YYYY", "“DD/MM/YYYY” has no year"),
        ("%Q %Y", "“%Q %Y” is no format for dates"),
    ],
)
@pytest.mark.parametrize("place", ["file", "field"])
def test_format_without_a_year_or_of_another_language_refuses_the_profile(
    tmp_path: Path, formats: str, why: str, place: str
) -> None:
    of_file = f'[dates]\nformats = ["{formats}"]\n'
    of_field = f'signed = {{ column = "signed", formats = ["{formats}"] }}\n'
    path = csv_file(tmp_path, "no,title,signed", "1,A,15 March")

    with pytest.raises(ProfileError, match=why):
        looked_at(path, profile=profile(tmp_path, of_file if place == "file" else of_field))


def test_end_and_status_of_a_new_record_in_our_own_columns(tmp_path: Path) -> None:
    path = csv_file(
        tmp_path,
        "title,signed,expires,status,term,term_kind",
        "A,2021-03-15,2024-03-15,expired,,",
        "B,2021-03-15,2024-03-15,expired,3 years,fixed",
    )

    run = imported(path)

    ends = dict(Agreement.objects.values_list("title", "expires_stated"))
    assert {title: str(end or "") for title, end in ends.items()} == {"A": "2024-03-15", "B": ""}
    assert told(run) == [
        "column “status” of a new record is not read: the register computes it",
        "column “expires” of a new record is not read: the register computes it",
    ]


def test_word_in_brackets_that_is_no_role_is_refused(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "title,parties", "A,Ministry of X [lead agency]")

    _run, outcome = looked_at(path)

    assert "“lead agency” is not a role. The roles are: party, " in remedies(outcome)


def test_brackets_in_a_name_of_another_register_are_told(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "no,title,parties", "1,A,Ministry of X [lead agency]")

    run, _outcome = looked_at(
        path, profile=profile(tmp_path, '[parties]\ncolumn = "parties"'), creates_parties=True
    )

    assert told(run) == [
        "“Ministry of X [lead agency]”: what is in brackets is no role; it stays part of the name"
    ]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("Dept. of Biomedicine; Sassari", "cannot contain a semicolon"),
        ("A very long name of a ministry " * 10, "at most 255"),
    ],
)
def test_why_a_name_cannot_be_a_party_is_said(tmp_path: Path, name: str, why: str) -> None:
    path = csv_file(tmp_path, "no,title,parties", f'1,A,"{name}"')

    _run, outcome = looked_at(
        path, profile=profile(tmp_path, '[parties]\ncolumn = "parties"'), creates_parties=True
    )

    assert why in remedies(outcome)
