"""The states of the world with their names: ISO 3166-1, Kosovo (XK), the European Union (EU) and those of ISO 3166-3.

`states.json` holds them; `make states` writes it. Labels of countries come from here in every language that has them,
imports recognise the names, and `manage.py seed` enters the states as parties.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.functional import lazy
from django.utils.translation import get_language

FILE = Path(__file__).with_name("states.json")


@dataclass(frozen=True)
class StateName:
    """Another name of a state; `kind` is a code of `NameKind`, the days are EDTF texts and may be empty."""

    name: str
    kind: str
    language: str
    used_from: str
    used_until: str
    note: str


@dataclass(frozen=True)
class State:
    """A state by its ISO 3166 code: two letters, or four for a former one. `name` is English, `labels` others by language.

    `successors` are codes with the day, in EDTF, on which each succeeded this state; `kind` is a code of `PartyKind`.
    """

    code: str
    slug: str
    kind: str
    name: str
    labels: dict[str, str]
    short_name: str
    names: tuple[StateName, ...]
    successors: dict[str, str]
    existed_until: str

    def label(self, language: str) -> str:
        """Return the name in this language, such as "ru" or "az-Latn"; in English if there is none."""
        return self.labels.get(language.partition("-")[0], self.name)


@cache
def _data() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return data


@cache
def states() -> dict[str, State]:
    """Return every state by its code."""
    return {values["code"]: _state(values) for values in _data()["states"]}


def stored_text(code: str) -> str:
    """Return what the file says about a state, as one text, to compare with what it said before."""
    return _texts()[code]


@cache
def _texts() -> dict[str, str]:
    return {values["code"]: json.dumps(values, sort_keys=True) for values in _data()["states"]}


def _state(values: dict[str, Any]) -> State:
    return State(
        code=values["code"],
        slug=values["slug"],
        kind=values["kind"],
        name=values["name"],
        labels={language: values[language] for language in ("az", "ru")},
        short_name=values.get("short", ""),
        names=tuple(StateName(*row) for row in values["names"]),
        successors=values.get("successors", {}),
        existed_until=values.get("until", ""),
    )


def renamed() -> dict[str, str]:
    """Return the codes of ISO 3166-3 under which a state was known before it changed its name, with its code of today.

    Zaire (ZRCD) and the Democratic Republic of the Congo (CD) are the same state.
    """
    codes: dict[str, str] = _data()["renamed"]
    return codes


def current_code(code: str) -> str:
    """Return the code that the register uses for a state; one that no state has stays as it is."""
    return renamed().get(code, code)


def _label(code: str) -> str:
    return states()[code].label(get_language() or "en")


def country_labels() -> dict[str, Any]:
    """Return the label of every code, in the language of the reader, for `COUNTRIES_OVERRIDE`."""
    label = lazy(_label, str)
    return {code: label(code) for code in states()}
