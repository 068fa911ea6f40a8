"""A name to erase: where it stands in a text, in any spelling given, and the text without it.

Words are compared as the search compares them, and whole: “Əli Məmmədov” finds “Али Маммедов” only if that folds to the
same words, never “Əli Məmmədova”. An administrator who erases a name gives its other spellings and its inflected forms.
"""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote, unquote

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.crypto import salted_hmac
from django.utils.text import slugify
from django.utils.translation import gettext as _

from agreements.models.erasures import LONGEST_REPLACEMENT
from agreements.models.parties import refuse_separator
from agreements.search import fold, words

MOST_SPELLINGS = 20
LONGEST_SPELLING = 200
_FEWEST_LETTERS = 3

# Everything between blanks and the punctuation that no word contains: as many or fewer words than `words` finds.
_RUN = re.compile(r"[^\x00-\x20!-&(-/:-@\[-_{-~]+")
_MOST_REMEMBERED = 200_000
# Blanks that JSON writes as escapes, whose letter would look like the beginning of a word.
_AFTER_BLANK = re.compile(r"\\[nrtbf]([^\x00-\x20!-&(-/:-@\[-_{-~]+)")
_TOKEN = re.compile(r"[^\s\"<>]+")
_SAFE = ":/?#[]@!$&'()*+,;=%-._~"
_LONGEST_TOKEN = 2_000
_SLUG = re.compile(r"[a-z0-9]+([-_][a-z0-9]+)+")
_SLUG_KEYS = frozenset({"slug", "former_slugs"})
# What stands for the name where there is no room for more.
_SHORTEST = "…"


class NameRefusedError(ValueError):
    """A name that cannot be erased as it was given; the text says why and what to do."""


class Name:
    """The spellings of a name, and what replaces them."""

    def __init__(self, spellings: Iterable[str], replacement: str) -> None:
        """Raises `NameRefusedError`."""
        given = list(dict.fromkeys(" ".join(each.split()) for each in spellings if each.strip()))
        self.replacement = " ".join(replacement.split())
        _refuse_unusable(given, self.replacement)
        # the longest first, so that “Əli Əli oğlu” is not left with “oğlu”
        folded = {tuple(fold(each).split()) for each in given}
        self.variants = sorted(folded, key=lambda variant: (-len(variant), variant))
        # its words in every way in which the search indexes them
        self.words = {key for each in given for word in words(each) for key in word.keys}
        self._by_first: dict[str, list[tuple[str, ...]]] = {}
        for variant in self.variants:
            self._by_first.setdefault(variant[0], []).append(variant)
        self._slug = slugify(self.replacement) or "erased"
        self._seen: dict[str, bool] = {}
        if self.stands_in(self.replacement) or self.stands_in(self._slug):
            raise NameRefusedError(
                _("The replacement contains the name itself. Choose other words for it.")
            )

    @property
    def digest(self) -> str:
        """A keyed hash of the folded spellings: it tells only those who have the key whether this name was erased."""
        text = "\n".join(" ".join(variant) for variant in sorted(self.variants))
        return salted_hmac(
            __name__, text, secret=settings.SECRET_KEY, algorithm="sha256"
        ).hexdigest()

    # Where it stands

    def may_stand_in(self, text: str) -> bool:
        """Whether it is worth looking closely: quick, and never wrong where it says no."""
        if self._has_first_word(_RUN.findall(text)):
            return True
        if "\\" in text and ("\\u" in text or self._has_first_word(_AFTER_BLANK.findall(text))):
            return True
        return "%" in text and self._has_first_word(_RUN.findall(unquote(text)))

    def _has_first_word(self, runs: list[str]) -> bool:
        if len(self._seen) > _MOST_REMEMBERED:
            self._seen.clear()
        seen = self._seen
        for run in set(runs):
            if (is_first := seen.get(run)) is None:
                is_first = any(word.folded in self._by_first for word in words(run))
                seen[run] = is_first
            if is_first:
                return True
        return False

    def stands_in(self, text: str) -> bool:
        return self.may_stand_in(text) and self.without(text)[1] > 0

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield the beginning and end of each place where it stands, in order, without overlaps."""
        found = list(words(text))
        place = 0
        while place < len(found):
            length = next(
                (
                    len(variant)
                    for variant in self._by_first.get(found[place].folded, ())
                    if tuple(w.folded for w in found[place : place + len(variant)]) == variant
                ),
                0,
            )
            if length:
                yield found[place].start, found[place + length - 1].end
            place += length or 1

    # The text without it

    def without(
        self,
        text: str,
        *,
        longest: int | None = None,
        is_slug: bool = False,
        is_folded: bool = False,
    ) -> tuple[str, int]:
        """Return the text with the replacement for each place, and the number of places.

        In addresses, query strings and slugs it is written as a slug. JSON is read and written again. Where the result
        would be longer than `longest`, an ellipsis stands for the name.
        """
        if not self.may_stand_in(text):
            return text, 0
        if text[:1] in ("[", "{") and (parsed := _parsed(text)) is not None:
            value, places = self.in_value(parsed)
            is_ascii = "\\u" in text
            return (json.dumps(value, ensure_ascii=is_ascii), places) if places else (text, 0)
        instead = fold(self.replacement) if is_folded else self.replacement
        replaced, places = self._replaced(text, self._slug if is_slug else instead)
        if longest is not None and len(replaced) > longest:
            replaced, places = self._replaced(text, "x" if is_slug or is_folded else _SHORTEST)
        return replaced, places

    def _replaced(self, text: str, instead: str) -> tuple[str, int]:
        places = 0

        def unescaped(found: re.Match[str]) -> str:
            nonlocal places
            if "%" not in found[0]:
                return found[0]
            plain, count = self._in_plain(unquote(found[0]), self._slug)
            places += count
            return quote(plain, safe=_SAFE) if count else found[0]

        text = _TOKEN.sub(unescaped, text) if "%" in text else text
        text, count = self._in_plain(text, instead)
        return text, places + count

    def _in_plain(self, text: str, instead: str) -> tuple[str, int]:
        parts, end, places = [], 0, 0
        for start, stop in self.spans(text):
            parts += [text[end:start], self._slug if _is_address(text, start, stop) else instead]
            end, places = stop, places + 1
        return "".join([*parts, text[end:]]), places

    def in_value(self, value: Any, key: str = "") -> tuple[Any, int]:
        """Return a value of JSON without the name in its texts and keys, and the number of places."""
        if isinstance(value, str):
            return self.without(value, is_slug=key in _SLUG_KEYS)
        if isinstance(value, list):
            done = [self.in_value(each, key) for each in value]
            return [each for each, _count in done], sum(count for _each, count in done)
        if isinstance(value, dict):
            new, places = {}, 0
            for name, inside in value.items():
                (told, of_name), (kept, of_value) = self.without(name), self.in_value(inside, name)
                new[told] = kept
                places += of_name + of_value
            return new, places
        return value, 0


def _is_address(text: str, start: int, stop: int) -> bool:
    """Whether this place is within one token, and that is an address, a query string or a slug."""
    before = text[max(0, start - _LONGEST_TOKEN) : start].split(" ")[-1].split("\n")[-1]
    after = text[stop : stop + _LONGEST_TOKEN].split(" ")[0].split("\n")[0]
    token = f"{before}{text[start:stop]}{after}"
    if len(token.split()) != 1:
        return False
    return "://" in token or "=" in token or _SLUG.fullmatch(token) is not None


def _parsed(text: str) -> Any:
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, list | dict) else None


def _refuse_unusable(spellings: list[str], replacement: str) -> None:
    if not spellings:
        raise NameRefusedError(_("Give the name, each spelling on a line of its own."))
    if len(spellings) > MOST_SPELLINGS:
        text = _("Give at most %(most)d spellings at a time.")
        raise NameRefusedError(text % {"most": MOST_SPELLINGS})
    for spelling in spellings:
        if len(spelling) > LONGEST_SPELLING:
            text = _("“%(name)s…” is too long: a spelling has at most %(most)d characters.")
            raise NameRefusedError(text % {"name": spelling[:40], "most": LONGEST_SPELLING})
        if sum(map(str.isalpha, fold(spelling))) < _FEWEST_LETTERS:
            text = _("“%(name)s” is too short to be a name: give at least three letters.")
            raise NameRefusedError(text % {"name": spelling})
    if not replacement:
        raise NameRefusedError(_("Say what stands in place of the name."))
    if len(replacement) > LONGEST_REPLACEMENT:
        text = _("The replacement is too long: at most %(most)d characters.")
        raise NameRefusedError(text % {"most": LONGEST_REPLACEMENT})
    try:
        refuse_separator(replacement)
    except ValidationError as error:
        raise NameRefusedError(" ".join(error.messages)) from error
