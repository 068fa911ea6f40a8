"""Reads a length of time as people type it, in English, Azerbaijani and Russian: “3 years”, “18 ay”, “120 дней”, P3Y."""

import re

from django.utils.translation import gettext as _

from agreements.domain.durations.values import Duration, DurationError
from agreements.domain.partial_dates.values import quoted
from agreements.domain.partial_dates.vocabulary import folded

LONGEST = 60
_YEARS, _MONTHS, _WEEKS, _DAYS = "years", "months", "weeks", "days"
_WORDS = {
    folded(word): unit
    for unit, words in {
        _YEARS: "year years yr yrs y il illik ili год года лет г л",
        _MONTHS: "month months mo mos m ay aylıq ayı месяц месяца месяцев мес м",
        _WEEKS: "week weeks wk wks w həftə həftəlik неделя недели недель нед",
        _DAYS: "day days d gün günlük день дня дней дн",
    }.items()
    for word in words.split()
}
# numbers in words, as far as terms have them
_NUMBERS = {
    folded(word): number
    for number, words in {
        1: "one bir один одного", 2: "two iki два две двух", 3: "three üç три трех", 4: "four dörd четыре четырех",
        5: "five beş пять пяти", 6: "six altı шесть шести", 7: "seven yeddi семь семи", 8: "eight səkkiz восемь восьми",
        9: "nine doqquz девять девяти", 10: "ten on десять десяти", 12: "twelve двенадцать двенадцати",
        15: "fifteen пятнадцать", 18: "eighteen восемнадцать", 20: "twenty iyirmi двадцать", 24: "twenty-four",
        25: "twenty-five", 30: "thirty otuz тридцать", 36: "thirty-six", 50: "fifty əlli пятьдесят",
        60: "sixty altmış шестьдесят", 90: "ninety doxsan девяносто", 99: "ninety-nine",
    }.items()
    for word in words.split()
}  # fmt: skip
# “five years”, “five (5) years”
_IN_WORDS = re.compile(
    r"([^\W\d_]+(?:-[^\W\d_]+)?)(?:\s*\(\s*([0-9]{1,3})\s*\))?[-\s\u00a0]+(?=[^\W\d_])"
)
# “1.5 years”, “2,5 года”: half years are whole months
_HALF = re.compile(r"([0-9]{1,3})[.,]5[-\s\u00a0]*([^\W\d_]+)\.?")
_BETWEEN = r"(?:\s*(?:,|\band\b|\bvə\b|\bи\b)?\s*)"
_PART = re.compile(r"([0-9][0-9 \u00a0\u202f,]*)[-\s\u00a0]*([^\W\d_]+)\.?" + _BETWEEN)
_SEPARATED = re.compile(r"[ ,\u00a0\u202f]")
_THOUSANDS = re.compile(r"[0-9]{1,3}(?:[ ,\u00a0\u202f][0-9]{3})+|[0-9]{1,6}")


def read_duration(typed: str) -> Duration:
    """Return the length that the text states. Raises `DurationError`, whose text tells what to write instead."""
    text = typed.strip()
    if len(text) > LONGEST:
        raise DurationError(
            _("This is longer than %(longest)d characters: write only the length, such as 3 years.")
            % {"longest": LONGEST}
        )
    if text[:1] in ("P", "p") and text[1:2].isdigit():
        return Duration.parse(text.upper())
    if text.isdigit():
        raise DurationError(
            _("“%(text)s” has no unit: write %(text)s months, %(text)s days or %(text)s years.")
            % {"text": quoted(text)}
        )
    text = _in_digits(text)
    half = _HALF.fullmatch(text)
    if half and _WORDS.get(folded(half[2])) == _YEARS:
        return Duration(12 * int(half[1]) + 6)
    parts: dict[str, int] = {}
    place = 0
    while place < len(text):
        found = _PART.match(text, place)
        unit = found and _WORDS.get(folded(found[2]))
        if not found or not unit or unit in parts:
            raise _not_understood(text)
        parts[unit] = _number(found[1].strip(" ,\u00a0\u202f"), text)
        place = found.end()
    if not parts:
        raise _not_understood(text)
    months = 12 * parts.get(_YEARS, 0) + parts.get(_MONTHS, 0)
    return Duration(months, 7 * parts.get(_WEEKS, 0) + parts.get(_DAYS, 0))


def _in_digits(text: str) -> str:
    """Return the text with a number in words at its beginning in digits: “five (5) years” is 5 years."""
    found = _IN_WORDS.match(text)
    number = found and _NUMBERS.get(folded(found[1]))
    if not found or not number or found[2] not in (None, str(number)):
        return text
    return f"{number} {text[found.end() :]}"


def _number(digits: str, text: str) -> int:
    if not _THOUSANDS.fullmatch(digits):
        raise _not_understood(text)
    return int(_SEPARATED.sub("", digits))


def _not_understood(text: str) -> DurationError:
    return DurationError(
        _("“%(text)s” is not a length of time: write 3 years, 18 months or 120 days.")
        % {"text": quoted(text)}
    )
