"""Reads what people type for a date as a partial date: `08.2023`, `25 мая 2022 г.`, `since 2020`.

The text is split into words, numbers and signs; `vocabulary` says what the words mean, and two
tables here define which arrangements form a date, and which arrangements of dates an interval.
Anything else is refused with a reason, never guessed. The form field calls `read`.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

from django.utils.translation import gettext as _

from agreements.domain.partial_dates.values import (
    PartialDate,
    PartialDateError,
    early_year,
    qualifier_of,
    quoted,
)
from agreements.domain.partial_dates.vocabulary import WORDS, Meaning, folded
from agreements.domain.partial_dates.words import in_words

LONGEST = 100

# The dashes of all keyboards and word processors, as a hyphen or as a long dash.
_DASHES = str.maketrans("‐‑﹣－−‒―﹘", "-----–––")
_LONG_DASHES = str.maketrans("–—", "--")

_EDTF_SIDE = r"(?:[0-9]{4}(?:-[0-9]{2}){0,2}[?~%]?|\.\.)"
_EDTF = re.compile(rf"{_EDTF_SIDE}(?:/{_EDTF_SIDE})?")

# A short dash or slash directly between letters and digits joins the parts of a date; any other one,
# and every long dash, separates two dates.
_TOKEN = re.compile(
    r"""
    (?P<number> [0-9]+)
        (?: -? (?: st|nd|rd|th | er | c[iıuü]|s[iı]|d[əae]|[iıuü] | го|[еймя] ) (?!\w) )?
    | (?P<word> (?: [^\W\d_][\u0300-\u036f]* )+ )
    | (?P<joint> (?<=\w)[-/](?=\w) | (?<=[0-9])\.(?=\s*[0-9]) )
    | (?P<and> [-–—]+ | / )
    | (?P<qualifier> [?~%] )
    | (?P<nothing> [\s,()«»„“”"] | \.(?!\.) )
    | (?P<unknown> \d+ | [^\w\s]+ | . )
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)

# The possible orders in a date (year, month in letters, number), and which part each one is.
_DATES = {
    "Y": "y",
    "MY": "my",
    "NY": "my",
    "YM": "ym",
    "YN": "ym",
    "NMY": "dmy",
    "MNY": "mdy",
    "YMN": "ymd",
    "YNM": "ydm",
    "YNN": "ymd",
    "NNY": "dmy",
}
_PARTS = {Meaning.YEAR: "Y", Meaning.MONTH: "M", Meaning.NUMBER: "N"}

# The possible words around dates (D): from, to, and. Which date is the start, which the end.
_INTERVALS: dict[str, tuple[int | None, int | None]] = {
    "FD": (0, None),
    "DF": (0, None),
    "FDF": (0, None),
    "TD": (None, 0),
    "DT": (None, 0),
    "DTD": (0, 1),
    "DAD": (0, 1),
    "FDTD": (0, 1),
    "FDAD": (0, 1),
    "DFDT": (0, 1),
}
_AROUND = {Meaning.FROM: "F", Meaning.TO: "T", Meaning.AND: "A"}


_SIMPLER: tuple[tuple[re.Pattern[str], Callable[..., str]], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), form)
    for pattern, form in (
        (r"(\d{4})-XX(?:-XX)?", lambda year: year),
        (r"(\d{4}-\d{2})-XX", lambda month: month),
        (r"(\d{3})X", lambda decade: f"{decade}0/{decade}9"),
        (r"(\d{2})XX", lambda century: f"{century}00/{century}99"),
        (r"\[([\d-]+)\.\.([\d-]+)\]", lambda first, last: f"{first}/{last}"),
        (r"([\d-]+[?~%]?)/", lambda first: f"{first}/.."),
        (r"/([\d-]+[?~%]?)", lambda last: f"../{last}"),
        (r"(\d{4})[ /-]?Q([1-4])", lambda year, number: _quarter(year, number)),
        (r"Q([1-4])[ /-]?(\d{4})", lambda number, year: _quarter(year, number)),
    )
)


class Token(NamedTuple):
    """A word, number or sign in its place in the text, what it means, and its number if any."""

    match: re.Match[str]
    meaning: Meaning
    value: int = 0


def read(text: str) -> PartialDate:
    """Return the date that a person means by this text.

    Accepts every EDTF text, and dates in numbers or with the names of months in English, Azerbaijani
    and Russian, with words for “about”, “possibly”, “since”, “until” and “from … to …”. Ambiguous
    texts: `05/06/2022` is the fifth of June, `2020-12` is a month as in EDTF, and in “about 2020 to
    2022” only the start is approximate. Raises `PartialDateError` and nothing else, whatever the
    text.
    """
    typed = _cleaned(text)
    edtf = _simpler(typed.translate(_LONG_DASHES))
    if not edtf or _EDTF.fullmatch(edtf):
        return PartialDate.parse(edtf)
    order, dates = _arranged(_tokens(typed))
    if order == "D":
        return _date(dates[0])
    if order not in _INTERVALS:
        raise PartialDateError(
            _(
                "“%(text)s” is neither a date nor an interval: write 2022, since 2020, or 2020 to 2022."
            )
            % {"text": quoted(typed)}
        )
    if len(dates) == 2:
        dates = [_completed(*dates), dates[1]]
    values = [_date(tokens) for tokens in dates]
    start, end = (None if place is None else values[place] for place in _INTERVALS[order])
    return PartialDate.between(start, end)


def _simpler(text: str) -> str:
    """Return EDTF of level 1 or 2, and quarters, as an interval or as a less precise date; any other text as it is."""
    for pattern, form in _SIMPLER:
        if found := pattern.fullmatch(text):
            return form(*found.groups())
    return text


def _quarter(year: str, number: str) -> str:
    last = int(number) * 3
    return f"{year}-{last - 2:02}/{year}-{last:02}"


def _cleaned(text: str) -> str:
    """Return the text without the invisible characters that pasted text may contain."""
    if len(text) > LONGEST:
        raise PartialDateError(
            _(
                "This is longer than %(longest)d characters: write only the date, such as 25 May 2022."
            )
            % {"longest": LONGEST}
        )
    visible = "".join(char for char in text if unicodedata.category(char) != "Cf")
    return unicodedata.normalize("NFC", visible).translate(_DASHES).strip()


def _tokens(text: str) -> Iterator[Token]:
    for match in _TOKEN.finditer(text):
        token = _token(match)
        if token.meaning is not Meaning.NOTHING:
            yield token


def _token(match: re.Match[str]) -> Token:
    kind = match.lastgroup
    if kind == "number":
        return _number(match)
    if kind == "word":
        return _word(match)
    if kind == "qualifier":
        return Token(match, Meaning(match[0]))
    if kind == "unknown":
        raise _not_understood(match[0])
    return Token(match, Meaning(kind))


def _number(match: re.Match[str]) -> Token:
    digits = match["number"]
    if len(digits) == 3:
        raise early_year(int(digits))
    if len(digits) not in (1, 2, 4):
        raise PartialDateError(
            _("“%(digits)s” is not a day, a month or a four-digit year: write 25.05.2022.")
            % {"digits": quoted(digits)}
        )
    return Token(match, Meaning.YEAR if len(digits) == 4 else Meaning.NUMBER, int(digits))


def _word(match: re.Match[str]) -> Token:
    try:
        meaning, value = WORDS[folded(match[0])]
    except KeyError:
        raise _not_understood(match[0]) from None
    if meaning is Meaning.EXCLUDING:
        raise PartialDateError(
            _(
                "“%(word)s” does not say whether the date itself is included: "
                "write since 2020 or until 2021, with the first or last date included."
            )
            % {"word": quoted(match[0])}
        )
    if meaning is Meaning.SEASON:
        raise PartialDateError(
            _("“%(word)s” is not a month: write the months, such as March 2021 to May 2021.")
            % {"word": quoted(match[0])}
        )
    return Token(match, meaning, value)


def _not_understood(part: str) -> PartialDateError:
    return PartialDateError(
        _("“%(part)s” is not understood: write the date as 25 May 2022, 08.2023 or 2018.")
        % {"part": quoted(part)}
    )


def _arranged(tokens: Iterable[Token]) -> tuple[str, list[list[Token]]]:
    """Return the order of the dates and the words around them, as in `_INTERVALS`, and each date."""
    order, dates = "", []
    for around, run in groupby(tokens, lambda token: _AROUND.get(token.meaning)):
        found = [] if around else _parted(list(run))
        order += around or "A".join("D" * len(found))
        dates += found
    return order, dates


def _parted(tokens: list[Token]) -> list[list[Token]]:
    """Return the dates of `2020-2022` or `05/2020-06/2021`, where only one joint separates two dates."""
    partings = [
        [tokens[:place], tokens[place + 1 :]]
        for place, token in enumerate(tokens)
        if token.meaning is Meaning.JOINT
    ]
    of_dates = [
        sides
        for sides in partings
        if all(_shape(side) in _DATES for side in (_completed(*sides), sides[1]))
    ]
    return of_dates[0] if len(of_dates) == 1 else [tokens]


def _completed(start: list[Token], end: list[Token]) -> list[Token]:
    """Return the start of an interval with the month and the year that only its end has: `15–16 March 2021`."""
    shape, whole = _shape(start), _shape(end)
    ends_alike = whole in ("NMY", "NNY", "MNY", "MY") and whole.startswith(shape)
    if not shape or shape == whole or not ends_alike:
        return start
    dated = [token for token in end if token.meaning in _PARTS]
    return [*start, *dated[len(shape) :]]


def _date(tokens: list[Token]) -> PartialDate:
    shape = _shape(tokens)
    if reason := _reason_against(tokens, shape):
        raise PartialDateError(reason % {"text": quoted(_text_of(tokens))})
    numbers = [token.value for token in tokens if token.meaning in _PARTS]
    part = dict(zip(_DATES[shape], numbers, strict=True))
    if shape == "YN" and part["m"] > 12 and part["m"] == (part["y"] + 1) % 100:
        return PartialDate.between(PartialDate.of(part["y"]), PartialDate.of(part["y"] + 1))
    if shape == "NNY" and part["m"] > 12:
        _refuse_as_swapped(_text_of(tokens), part)
    return PartialDate.of(part["y"], part.get("m"), part.get("d"), _qualifier(tokens))


def _shape(tokens: list[Token]) -> str:
    return "".join(_PARTS.get(token.meaning, "") for token in tokens)


def _text_of(tokens: list[Token]) -> str:
    first, last = tokens[0].match, tokens[-1].match
    return first.string[first.start() : last.end()]


def _qualifier(tokens: list[Token]) -> str:
    meanings = {token.meaning for token in tokens}
    both = Meaning.UNCERTAIN_AND_APPROXIMATE in meanings
    return qualifier_of(
        uncertain=both or Meaning.UNCERTAIN in meanings,
        approximate=both or Meaning.APPROXIMATE in meanings,
    )


def _reason_against(tokens: list[Token], shape: str) -> str | None:
    """Return why this arrangement is not a single date; None if it is one."""
    joints = {token.match[0] for token in tokens if token.meaning is Meaning.JOINT}
    if "Y" not in shape:
        return _("“%(text)s” has no four-digit year: write 25 May 2022, 08.2023 or 2018.")
    if shape not in _DATES:
        return _("“%(text)s” is not one date: write 25 May 2022, or May 2020 to June 2021.")
    if "M" not in shape and len(joints) > 1:
        return _("“%(text)s” mixes dots, dashes and slashes: write 25.05.2022.")
    return None


def _refuse_as_swapped(text: str, part: dict[str, int]) -> None:
    """Suggest the other order of day and month in words, if that is in the calendar."""
    day, month, year = part["m"], part["d"], part["y"]
    meant = in_words(PartialDate.of(year, month, day))
    raise PartialDateError(
        _("There is no month %(month)d in “%(text)s”: write %(meant)s if that is meant.")
        % {"text": quoted(text), "month": day, "meant": meant}
    )
