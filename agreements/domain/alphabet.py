"""The alphabetical order of titles, the same on both databases and in every language at once.

A title has no language of its own, so the alphabets are merged: a letter that a language counts as its own follows the
letter it is made from (Ç after C, Ə after E, Ё after Е), and a letter that only bears an accent (é) sorts like the plain
one. Capitals, punctuation and marks do not count. Digits precede letters, Latin precedes other alphabets.
"""

import re
import unicodedata

# Titles that begin with so many equal characters are not worth telling apart.
LONGEST_KEY = 200

_LATIN = "abcçdeəfgğhıijklmnoöpqrsştuüvwxyz"
_CYRILLIC = "абвгґғѓдђеәёєжҗзѕиіїйјкқҝќлљмнңњоөпрстћуўұүфхҳһцчҷҹџшщъыьэюя"
# Letters that sort like others: Danish, German, Icelandic, Polish, Croatian.
_LIKE = {"ø": "ö", "æ": "ae", "œ": "oe", "ß": "ss", "ł": "l", "đ": "d", "ð": "d", "þ": "th"}

_WORD = re.compile(r"[^\W_]+")
_APOSTROPHES = re.compile("[’‘ʻʼ'`´]")
_DOTTED = "i\u0307"


def _places() -> dict[str, str]:
    """Return a character for each letter: those of an alphabet follow one another in Unicode, as databases compare them."""
    latin = {letter: chr(ord("A") + place) for place, letter in enumerate(_LATIN)}
    return latin | {letter: chr(0x400 + place) for place, letter in enumerate(_CYRILLIC)}


_PLACES = _places()


def sort_key(text: str) -> str:
    """Return a key whose order, compared character by character, is the alphabetical order of texts; it is not readable."""
    beginning = unicodedata.normalize("NFKC", text[: 2 * LONGEST_KEY]).casefold()
    plain = _APOSTROPHES.sub("", unicodedata.normalize("NFC", beginning.replace(_DOTTED, "i")))
    words = _WORD.findall(plain)
    return " ".join("".join(map(_place, word)) for word in words)[:LONGEST_KEY]


def _place(letter: str) -> str:
    if letter in _PLACES:
        return _PLACES[letter]
    parts = _LIKE.get(letter) or unicodedata.normalize("NFKD", letter)
    return "".join(_PLACES.get(part, part) for part in parts if not unicodedata.combining(part))
