"""Decides whether two spellings are the same name, ignoring capitals, accents, alphabet and inversion.

"NETHERLANDS THE", "Congo, Democratic Republic of" and "St Lucia" are compared as Netherlands, Democratic Republic of
Congo and Saint Lucia. Names that are only similar do not match: `reconciling` offers them to the user.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache, lru_cache

from django_countries import countries, data

from agreements.domain.states import states
from agreements.search import fold

_UNSAID = frozenset({"the", "and"})
_WRITTEN_OUT = {"st": "saint", "rep": "republic", "govt": "government"}
# An inverted name leaves one of these words at its end.
_HANGING = frozenset({"of", "the"})
_SMALL = frozenset({"and", "de", "des", "for", "in", "of", "on", "or", "the", "to", "und", "von"})
_WITH_INITIALS = re.compile(r"(?P<name>.+?) \((?P<initials>[A-Z]{2,8})\)")
# what may join the names of several parties in one cell
_JOINT = re.compile(r"(\s*[;/]\s*|\s*,\s+|\s+(?:and|&|və|ilə|ve|и|und|et|y|e)\s+)", re.IGNORECASE)
MOST_PIECES = 81
MOST_REMEMBERED = 10_000
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


# Files repeat the names of their parties.
@lru_cache(maxsize=MOST_REMEMBERED)
def key_of(name: str) -> str:
    """Return the key that all spellings of a name share; empty if it has no letters or digits."""
    words = fold(name).split()
    return " ".join(_WRITTEN_OUT.get(word, word) for word in words if word not in _UNSAID)


def keys_of(name: str) -> list[str]:
    """Return the keys of a name, with and without its initials: "European Union (EU)" is European Union."""
    found = _WITH_INITIALS.fullmatch(name.strip())
    capitals = "".join(re.findall(r"\b[A-ZÀ-Þ]", found["name"])) if found else ""
    bare = [found["name"]] if found and found["initials"] == capitals else []
    return [key for key in map(key_of, [name, *bare]) if key]


def turned_keys(name: str) -> Iterator[str]:
    """Yield the keys of the name put back in its usual order, if it looks inverted."""
    words = fold(name).split()
    if "," not in name and not (words and words[-1] in _HANGING):
        return
    said = key_of(name).split()
    for place in range(1, len(said)):
        yield " ".join([*said[place:], *said[:place]])


def known_parts(text: str, knows: Callable[[str], bool]) -> list[str]:
    """Return the names that are joined in this text, if all of them are known; otherwise the whole text.

    "Azerbaijan and Turkey" are two; "Trinidad and Tobago" and "Ministry of Labour and Social Affairs" stay whole.
    """
    pieces = _JOINT.split(text)
    if len(pieces) == 1 or len(pieces) > MOST_PIECES or knows(text):
        return [text]
    # the known names that each end of the text consists of, by the piece it begins with
    ends: dict[int, list[str]] = {len(pieces) + 1: []}
    for start in range(len(pieces) - 1, -1, -2):
        for end in range(len(pieces), start, -2):
            name = "".join(pieces[start:end]).strip()
            if end + 1 in ends and knows(name):
                ends[start] = [name, *ends[end + 1]]
                break
    return ends.get(0, [text])


def parts_offered(text: str) -> list[str]:
    """Return the names that this text may join, for staff to correct; empty if nothing looks joined."""
    pieces = _JOINT.split(text)[::2]
    lines = [line for piece in pieces for line in piece.splitlines()]
    names = list(dict.fromkeys(filter(None, (" ".join(line.split()) for line in lines))))
    return names if len(names) > 1 else []


def country_of(name: str) -> str:
    """Return the ISO 3166 code of the country with this name, in any usual form; empty if there is none, or several."""
    codes = countries_of(name)
    return next(iter(codes)) if len(codes) == 1 else ""


@lru_cache(maxsize=MOST_REMEMBERED)
def countries_of(name: str) -> frozenset[str]:
    """Return the codes of all countries that go by this name: North and South Korea are both called Korea."""
    known = _countries()
    keys = [key_of(name), *turned_keys(name)]
    return next((known[key] for key in keys if key in known), frozenset())


def country_meant(text: str) -> str:
    """Return the ISO 3166 code of the country that a text means: its name in any usual form, or its code."""
    return country_of(text) or countries.alpha2(text.strip().upper())


def country_name(code: str) -> str:
    """Return the usual English name of a country; empty if the code is unknown."""
    state = states().get(code)
    return state.name if state else ""


def presentable(name: str, *, tidies_capitals: bool) -> str:
    """Return the name for a new party: on one line, in its usual order and, if asked for, not all in capitals."""
    plain = " ".join(name.split())
    head, comma, tail = plain.partition(",")
    if comma and "," not in tail and (tail.split() or [""])[-1].casefold() in _HANGING:
        plain = f"{tail.strip()} {head}"
    return _in_small_letters(plain) if tidies_capitals and plain.isupper() else plain


def _in_small_letters(name: str) -> str:
    def written(match: re.Match[str]) -> str:
        word = match[0].lower()
        return word if word in _SMALL and match.start() else word[0].upper() + word[1:]

    return _WORD.sub(written, name)


@cache
def _countries() -> dict[str, frozenset[str]]:
    """Return the countries of every key."""
    found: dict[str, set[str]] = {}
    for name, code in _country_names():
        for key in (key_of(name), *turned_keys(name)):
            found.setdefault(key, set()).add(code)
    return {key: frozenset(codes) for key, codes in found.items() if key}


def _country_names() -> Iterator[tuple[str, str]]:
    # as ISO 3166-1 writes them
    for code, name in data.COUNTRIES.items():
        yield str(name), code
        # "Iran (Islamic Republic of)": both with and without what is in brackets
        bare, bracket, _rest = str(name).partition(" (")
        if bracket and code not in _TOLD_APART_BY_BRACKETS:
            yield bare, code
    for code, names in countries.OLD_NAMES.items():
        for name in names:
            yield str(name), code
    for code, state in states().items():
        yield state.name, code
        for other in state.names:
            yield other.name, code


# Without their brackets these would be another country: Congo, Korea, the Virgin Islands, Saint Martin.
_TOLD_APART_BY_BRACKETS = frozenset({"CD", "KP", "KR", "VG", "VI", "MF", "SX"})
