"""Titles are sorted as the alphabets of their languages have it, on either database alike."""

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements.domain.alphabet import LONGEST_KEY, sort_key
from agreements.models import Agreement
from tests.factories import AgreementFactory

# In alphabetical order; titles with = between them are equal.
ORDERS = {
    "Azerbaijani": "ad az bəy cız çay dağ den dəniz el ən fil gül ğ hava ılıq il işıq kitab qala sarı səs şam tut ulduz üzüm xan yol zəng",
    "C and Ç": "car cz çar dar",
    "E and Ə": "ez əb fa",
    "S and Ş": "sz şa ta",
    "O, Ö and U, Ü": "oz öa pa uz üa va",
    "capitals": "ABA abb ABC Ça ÇB",
    "accents": "resume=résumé=RÉSUMÉ resumes",
    "dots on i": "ışıq İL=il",
    "Russian": "Ель Ёж Жук Зима Игла Йод Край",
    "Ukrainian": "Гора Ґанок Дім Ехо Єва Жук Ива Іва Їжак Йод",
    "digits and alphabets": "10 2 Az Зет 日本",
    "punctuation": "“Aa”=aa=(Aa) Ab A-c=a.c",
    "German and Danish": "Masse=Maße ol øl pa",
}


def groups(line: str) -> list[list[str]]:
    return [group.split("=") for group in line.split()]


@pytest.mark.parametrize(
    "line", [ORDERS[name] for name in ORDERS if name != "punctuation"], ids=lambda line: line[:20]
)
def test_keys_follow_the_alphabet(line: str) -> None:
    for first, second in pairwise(groups(line)):
        assert {sort_key(a) < sort_key(b) for a in first for b in second} == {True}, (first, second)
    for group in groups(line):
        assert len(set(map(sort_key, group))) == 1, group


def test_punctuation_does_not_count() -> None:
    assert sort_key("“On care”, of 2020") == sort_key("on care of 2020")
    assert sort_key("O'zbekiston") == sort_key("Oʻzbekiston") == sort_key("ozbekiston")
    assert sort_key("a b") < sort_key("ab")
    assert sort_key("–") == sort_key("") == ""


@given(st.text())
def test_any_text_has_a_key(text: str) -> None:
    key = sort_key(text)

    assert len(key) <= LONGEST_KEY
    assert sort_key(text.upper().lower()) == sort_key(text.lower()) or not text.isascii()


def test_endless_title_is_sorted_by_its_beginning() -> None:
    assert sort_key("a" * 5_000) == sort_key("a" * LONGEST_KEY)


TITLES = (
    "Az",
    "az",
    "Ça",
    "Cz",
    "Da",
    "Eb",
    "Əa",
    "Fa",
    "Sz",
    "Şa",
    "Ta",
    "Oz",
    "Öa",
    "Uz",
    "Üa",
    "ELM",
    "elm",
    "Ель",
    "Ёж",
    "Жук",
    "“Aa”",
    "2 a",
)
SORTED = [
    "2 a",
    "“Aa”",
    "Az",
    "az",
    "Cz",
    "Ça",
    "Da",
    "Eb",
    "ELM",
    "elm",
    "Əa",
    "Fa",
    "Oz",
    "Öa",
    "Sz",
    "Şa",
    "Ta",
    "Uz",
    "Üa",
    "Ель",
    "Ёж",
    "Жук",
]


@pytest.mark.django_db
def test_database_sorts_titles_by_the_alphabet() -> None:
    titles = [*TITLES]
    Random(1).shuffle(titles)
    for title in titles:
        AgreementFactory(title=title)

    found = list(Agreement.objects.in_order("title").values_list("title", flat=True))

    assert found == sorted(found, key=sort_key)
    assert [t.casefold() for t in found] == [t.casefold() for t in SORTED]


@pytest.mark.django_db
def test_order_follows_a_title_that_changes() -> None:
    first, second = AgreementFactory(title="Care"), AgreementFactory(title="Çay")
    first.title = "Əmək"
    first.save(update_fields=["title"])

    assert list(Agreement.objects.in_order("title")) == [second, first]
