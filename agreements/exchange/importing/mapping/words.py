"""The words that people write for the register's codes, by `values.toml` and the codes' own names."""

import tomllib
from functools import cache
from pathlib import Path

from agreements.domain.choices import Status
from agreements.domain.facts import ENTERED
from agreements.domain.value_types import Codes
from agreements.exchange.importing.profile_rules import STATUS
from agreements.exchange.importing.status_words import OF_FILES
from agreements.search import fold

HERE = Path(__file__).parent
# A shorter word begins too many titles by chance.
_SHORTEST_BEGINNING = 3


@cache
def words_of(target: str) -> dict[str, str]:
    """Return the codes by the words that people write for them, folded."""
    written = tomllib.loads((HERE / "values.toml").read_text(encoding="utf-8")).get(target, {})
    words = {fold(word): code for code, listed in written.items() for word in listed.split(";")}
    for code, label in codes_of(target):
        words |= {fold(code): code, fold(str(label)): code}
    return {word: code for word, code in words.items() if word}


def codes_of(target: str) -> list[tuple[str, str]]:
    """Return the codes that texts of this target may mean, with their labels; of areas none, as the register keeps them."""
    if target == STATUS:
        return [(code, str(Status(code).label)) for code in OF_FILES]
    value = ENTERED.get(target)
    if value is None or not isinstance(value.type, Codes):
        return []
    return [(str(code), str(label)) for code, label in value.type.choices]


@cache
def beginnings(target: str) -> dict[str, str]:
    """Return the codes by the words with which texts begin that have them, the longest first.

    A word counts with the blank after it, so that no other word begins with it.
    """
    written = tomllib.loads((HERE / "values.toml").read_text(encoding="utf-8")).get(target, {})
    words = {
        word.strip(): code
        for code, listed in written.items()
        for word in listed.split(";")
        if code != "other" and len(word.strip()) >= _SHORTEST_BEGINNING
    }
    longest = sorted(words.items(), key=lambda each: len(each[0]), reverse=True)
    return {f"{word} ": code for word, code in longest}
