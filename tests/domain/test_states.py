"""The states that come with the register: complete, consistent, and named in three languages."""

import tomllib
from pathlib import Path

import pytest
from django.utils import translation
from django_countries import countries
from django_countries.data import COUNTRIES

from agreements.domain.choices import NameKind, PartyKind
from agreements.domain.partial_dates import PartialDate
from agreements.domain.states import current_code, renamed, states
from agreements.search import fold


def test_every_state_of_iso_3166_1_is_there_with_kosovo_the_union_and_former_states() -> None:
    codes = states().keys()

    assert {*COUNTRIES, "XK", "EU", "SUHH", "CSHH", "YUCS", "CSXX", "DDDE"} <= codes
    assert {len(code) for code in codes} == {2, 4}
    assert {state.code for state in states().values()} == codes


def test_every_state_has_names_that_the_register_can_store() -> None:
    for state in states().values():
        names = [state.name, *state.labels.values(), *(name.name for name in state.names)]
        assert all(names), state.code
        assert all(len(name) <= 255 and ";" not in name for name in names), state.code
        assert state.kind in PartyKind.values
        assert len(state.short_name) <= 60
        assert {name.kind for name in state.names} <= {*NameKind.values}
        days = [day for name in state.names for day in (name.used_from, name.used_until) if day]
        for day in [*days, *state.successors.values()]:
            assert PartialDate.parse(day), state.code


def test_each_name_is_there_once_in_a_state() -> None:
    for state in states().values():
        names = [state.name, *(name.name for name in state.names)]
        assert len(names) == len({name.casefold() for name in names}), state.code


def test_only_names_that_people_must_be_asked_about_belong_to_several_states() -> None:
    owners: dict[str, set[str]] = {}
    for state in states().values():
        for name in (state.name, *state.labels.values(), *(each.name for each in state.names)):
            owners.setdefault(fold(name), set()).add(state.code)

    shared = {name: codes for name, codes in owners.items() if len(codes) > 1}

    assert shared == {
        **{fold(name): {"KR", "KP"} for name in ("Korea", "Koreya", "Корея")},
        **{fold(name): {"CG", "CD"} for name in ("Congo", "Konqo", "Конго")},
        fold("Virgin Islands"): {"VG", "VI"},
    }


def test_former_state_names_its_successors_and_ends_when_the_last_takes_over() -> None:
    former = [state for state in states().values() if len(state.code) == 4]

    assert former
    for state in former:
        assert state.successors.keys() <= states().keys(), state.code
        assert state.successors, state.code
        assert state.existed_until, state.code
    assert states()["SUHH"].successors["AZ"] == "1991-10-18"
    assert states()["CSHH"].successors == {"CZ": "1993-01-01", "SK": "1993-01-01"}


def test_state_that_only_changed_its_name_is_one_state() -> None:
    assert current_code("ZRCD") == "CD"
    assert current_code("TR") == "TR"
    assert not renamed().keys() & states().keys()
    assert {*renamed().values()} <= states().keys()


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("en", ["Germany", "Soviet Union", "Kosovo", "Holy See"]),
        ("az", ["Almaniya", "Sovet İttifaqı", "Kosovo", "Vatikan"]),
        ("ru", ["Германия", "Советский Союз", "Косово", "Ватикан"]),
        ("fr", ["Germany", "Soviet Union", "Kosovo", "Holy See"]),
    ],
)
def test_labels_of_countries_are_in_the_language_of_the_reader(
    language: str, names: list[str]
) -> None:
    with translation.override(language):
        assert [countries.name(code) for code in ("DE", "SUHH", "XK", "VA")] == names
        assert all(name for _code, name in countries)


def test_data_file_is_written_from_the_current_table(project_root: Path) -> None:
    table = tomllib.loads((project_root / "fixtures/states/states.toml").read_text("utf-8"))
    stale = "Run `make states`."

    assert {**table["states"], **table["former"]}.keys() <= states().keys(), stale
    assert table["renamed"] == renamed(), stale
    for code, said in {**table["states"], **table["former"]}.items():
        names = {states()[code].name, *(name.name for name in states()[code].names)}
        former = {entry.partition("|")[0].strip() for entry in said.get("former", ())}
        typed = {said.get("official", ""), *said.get("also", ()), *said.get("az", ()), *former}
        known = {name.casefold() for name in names}
        assert {name.casefold() for name in typed if name} <= known, (code, stale)
