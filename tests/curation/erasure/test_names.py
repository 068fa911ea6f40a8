"""Where a name stands in a text, and the text without it."""

import json

import pytest

from agreements.curation.erasure.names import Name, NameRefusedError

ERASED = "[name erased]"


def name(*spellings: str) -> Name:
    return Name(spellings or ["Əli Məmmədov", "Məmmədov, Əli"], ERASED)


@pytest.mark.parametrize(
    ("text", "without"),
    [
        ("Signed by Əli Məmmədov in Baku", f"Signed by {ERASED} in Baku"),
        ("ƏLİ MƏMMƏDOV", ERASED),
        ("Eli Memmedov", ERASED),
        ("E\u0301li Memmedov", ERASED),
        ("Məmmədov,  Əli; Əli\nMəmmədov", f"{ERASED}; {ERASED}"),
        ("“Əli Məmmədov”, Əli Məmmədov.", f"“{ERASED}”, {ERASED}."),
        # other words, and parts of words
        ("Əli Məmmədova", None),
        ("Məmmədov", None),
        ("Vəli Məmmədov", None),
        ("", None),
        # addresses and slugs
        ("https://x.az/eli-memmedov/2", "https://x.az/name-erased/2"),
        ("See https://x.az/?q=eli+memmedov.", "See https://x.az/?q=name-erased."),
        ("q=%C6%8Fli+M%C9%99mm%C9%99dov&sort=title", "q=name-erased&sort=title"),
        ("https://x.az/%C6%8Fli%20M%C9%99mm%C9%99dov", "https://x.az/name-erased"),
        ("eli-memmedov", "name-erased"),
        ("100% of Əli Məmmədov", f"100% of {ERASED}"),
        # what is not JSON although it begins so
        ("[Əli Məmmədov]", f"[{ERASED}]"),
        ("{Əli Məmmədov", f"{{{ERASED}"),
    ],
)
def test_text_is_left_without_the_name(text: str, without: str | None) -> None:
    replaced, places = name().without(text)

    assert replaced == (text if without is None else without)
    assert (places > 0) == (without is not None)
    assert name().stands_in(text) == (without is not None)
    assert not name().stands_in(replaced)


@pytest.mark.parametrize("is_ascii", [True, False])
def test_json_in_a_text_stays_as_it_was_written(is_ascii: bool) -> None:
    kept = {
        "tokens": ["abc"],
        "values": {"note": "Said:\nƏli Məmmədov", "slug": "eli-memmedov", "n": 1, "none": None},
        "rows": [["Ərizə", {"Əli Məmmədov": True}]],
    }
    text = json.dumps(kept, ensure_ascii=is_ascii)

    replaced, places = name().without(text)

    assert places == 3
    assert replaced.isascii() == is_ascii
    assert replaced.startswith('{"tokens": ["abc"], "values"')
    assert json.loads(replaced) == {
        "tokens": ["abc"],
        "values": {"note": f"Said:\n{ERASED}", "slug": "name-erased", "n": 1, "none": None},
        "rows": [["Ərizə", {ERASED: True}]],
    }


@pytest.mark.parametrize(
    ("longest", "without"), [(30, f"To {ERASED}"), (12, "To …"), (None, f"To {ERASED}")]
)
def test_ellipsis_stands_where_there_is_no_room(longest: int | None, without: str) -> None:
    assert name("Əli").without("To Əli", longest=longest)[0] == without


def test_longest_spelling_goes_first() -> None:
    assert name("Əli", "Əli Əli oğlu").without("Əli Əli oğlu")[0] == ERASED


def test_digest_knows_the_name_in_any_order_and_spelling_and_does_not_hold_it() -> None:
    one, same = name("Əli Məmmədov", "Ali Mammadov"), name("ALI MAMMADOV", "Eli Memmedov")

    assert one.digest == same.digest
    assert one.digest != name("Ali Mammadov").digest
    assert "ali" not in one.digest


@pytest.mark.parametrize(
    ("spellings", "replacement", "why"),
    [
        ([" ", ""], ERASED, "Give the name"),
        (["Li"], ERASED, "at least three letters"),
        (["12 345"], ERASED, "at least three letters"),
        (["a" * 201], ERASED, "at most 200"),
        ([f"Name {n}" for n in range(21)], ERASED, "at most 20"),
        (["Əli Məmmədov"], " ", "what stands in place"),
        (["Əli Məmmədov"], "x" * 61, "at most 60"),
        (["Əli Məmmədov"], "the late Eli Memmedov", "contains the name itself"),
        (["Əli Məmmədov"], "a; b", "semicolon"),
    ],
)
def test_unusable_name_is_refused(spellings: list[str], replacement: str, why: str) -> None:
    with pytest.raises(NameRefusedError, match=why):
        Name(spellings, replacement)


@pytest.mark.parametrize(
    "text", ["%" * 100_000, "a" * 100_000 + "%4", "Əli " * 25_000, "[" * 5_000, "=" * 100_000]
)
def test_hostile_text_takes_no_time_to_speak_of(text: str) -> None:
    assert name("Əli Məmmədov").without(text)[1] == 0
