"""Profiles as strangers write them: errors are named, and the shipped profiles are valid."""

from pathlib import Path

import pytest

from agreements.domain.value_types import PART_DATE
from agreements.exchange.importing import profiles
from agreements.exchange.importing.profiles import Cell
from agreements.exchange.importing.refusals import ProfileError
from agreements.exchange.importing.values import value_of

MINIMAL = '[fields]\ntitle = "name"\n'


def written(folder: Path, text: str) -> Path:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_shipped_profiles_are_read() -> None:
    assert set(profiles.shipped()) == {"uk-treaties", "wipo-treaties"}


def test_example_of_the_guide_is_a_profile() -> None:
    guide = Path("docs/importing.md").read_text(encoding="utf-8")
    example = guide.split("```toml\n")[1].partition("```")[0]

    profile = profiles.from_table("example", profiles.table_of(example.encode(), "example"))

    assert [rules.always for rules in profile.parties] == ["Ministry of Labour", ""]
    assert {"duration", "status", "internal_notes"} <= profile.fields.keys()


@pytest.mark.django_db
def test_profile_is_found_by_name_and_by_path(tmp_path: Path) -> None:
    assert profiles.find("uk-treaties").identifier.scheme == "uk-treaties-online"
    assert profiles.find(str(written(tmp_path, MINIMAL))).name == "mine"
    with pytest.raises(ProfileError, match="no profile “moon”"):
        profiles.find("moon")


@pytest.mark.django_db
def test_shipped_profile_is_recognised_by_its_columns() -> None:
    uk = profiles.find("uk-treaties")

    assert profiles.recognised([*uk.recognised_by, *uk.columns]) == uk
    assert profiles.recognised(["title", "date"]) is None


def test_missing_columns_are_named(tmp_path: Path) -> None:
    profile = profiles.read(written(tmp_path, MINIMAL))

    with pytest.raises(
        ProfileError, match=r"lacks the column “name”.*Its columns are: title, date"
    ):
        profile.check_headings(["title", "date"])


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("title = ", "is not valid TOML", id="no TOML"),
        pytest.param("", "fields.title is missing", id="empty"),
        pytest.param(
            "[fields]\ntitel = 'x'", "fields.titel is not known here", id="misspelt field"
        ),
        pytest.param(MINIMAL + "[colour]\n", "colour is not known here", id="unknown part"),
        pytest.param(
            MINIMAL + "kind = { always = 'pact' }", "“pact” is not one of: mou", id="no code"
        ),
        pytest.param(MINIMAL + "place = 3", "must be the name of a column or a table", id="number"),
        pytest.param(MINIMAL + "place = {}", "fields.place needs a column", id="no column"),
        pytest.param(
            MINIMAL + "place = { column = 'p', take = 'best' }", "must be one of: first", id="take"
        ),
        pytest.param(MINIMAL + "[identifier]\nscheme = 'x'", "needs both a scheme", id="half"),
        pytest.param(
            MINIMAL + "[identifier]\nscheme = 'a b'\ncolumn = 'c'", "letters, digits", id="scheme"
        ),
        pytest.param(MINIMAL + "[[events]]\ndate = 'd'", "events 1 needs a kind", id="event"),
        pytest.param(MINIMAL + "[events]\nkind = 'd'", "must be a list of tables", id="events"),
        pytest.param(MINIMAL + "[source]\ntitle = 't'", "needs a publisher", id="source"),
        pytest.param(MINIMAL + "[rows]\nfilled = 'x'", "rows.filled must be a list", id="filled"),
        pytest.param(MINIMAL + "[rows]\nonly = 'x'", "rows.only must be a table", id="only"),
        pytest.param(
            MINIMAL + "[parties]\ncolumn = 'p'\nkind = 'clan'", "“clan” is not one", id="party"
        ),
        pytest.param("fields = 3", "fields must be a table", id="no table"),
    ],
)
def test_what_is_wrong_in_a_profile_is_named(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(ProfileError, match=why):
        profiles.read(written(tmp_path, text))


def test_profile_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match="cannot be opened"):
        profiles.find(str(tmp_path / "gone.toml"))


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        pytest.param(Cell(columns=("a",)), "one", id="column"),
        pytest.param(Cell(columns=("empty", "b")), "two", id="first that is filled"),
        pytest.param(Cell(always="x"), "x", id="always"),
        pytest.param(Cell(columns=("a",), values={"one": "1"}), "1", id="value"),
        pytest.param(Cell(columns=("b",), values={"one": "1"}, otherwise="0"), "0", id="otherwise"),
        pytest.param(Cell(columns=("empty",), otherwise="0"), "0", id="otherwise, if empty"),
        pytest.param(Cell(columns=("b",), beginning={"tw": "T"}), "T", id="beginning"),
        pytest.param(Cell(columns=("path",), replace={"\\": "/"}), "a/b", id="replace"),
        pytest.param(Cell(columns=("list",), separators=(" / ", "/", "&")), "x; y; z", id="parts"),
        pytest.param(Cell(columns=("a",), before="no. "), "no. one", id="before"),
        pytest.param(Cell(columns=("gone",)), "", id="not there"),
    ],
)
def test_entry_makes_a_text_of_a_row(cell: Cell, expected: str) -> None:
    row = {"a": " one ", "b": "Two", "empty": " ", "path": "a\\b", "list": "x/ y & z / x"}

    assert cell.text(row).lower() == expected.lower()


@pytest.mark.parametrize(
    ("text", "form", "expected"),
    [
        ("05/06/1972", "%d/%m/%Y", "1972-06-05"),
        ("06/1972", "%m/%Y", "1972-06"),
        ("1972", "%Y", "1972"),
        ("12 Nov 1895", "%d %b %Y", "1895-11-12"),
    ],
)
def test_date_is_as_exact_as_its_form(text: str, form: str, expected: str) -> None:
    assert str(PART_DATE.read(text, ("%d.%m.%y", form))) == expected


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("signed", "31/02/2020", "not a date in the format %d/%m/%Y"),
        ("signed", "01/01/0099", "year 0099"),
        ("term_months", "three", "not a whole number"),
        ("term_months", "-3", "not a whole number"),
        ("term", "three", "not a length of time"),
        ("term", "36", "has no unit"),
        ("notice", "P", "not a"),
        ("kind", "pact", "“pact” is not one of"),
    ],
)
def test_value_that_cannot_be_read_is_refused_with_a_remedy(name: str, text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        value_of(name, text, ("%d/%m/%Y",))


def test_code_is_read_by_its_label_too() -> None:
    assert value_of("kind", "Exchange of Notes") == "exchange_of_notes"
