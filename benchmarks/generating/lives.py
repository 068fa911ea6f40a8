"""The life of a generated agreement: its stage, its dates in every partial form, its term, and the resulting end.

All days are before or around `LATEST`, and do not depend on the day of generation.
"""

from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from agreements.domain import lifecycle
from agreements.domain.choices import Stage, TermKind
from agreements.domain.durations import Duration
from agreements.domain.partial_dates import PartialDate, PartialDateField
from benchmarks.generating.draws import Draws, shares

LATEST = date(2026, 6, 30)
_YEARS = 75
_DAY, _YEAR = timedelta(days=1), timedelta(days=365)

# d is a day, m its month, y its year; e, n and z are the same for a later day.
_SHAPES = shares(
    {
        "{d}": 680, "{d}?": 10, "{d}~": 8, "{m}": 120, "{m}~": 35, "{m}?": 8, "{m}%": 6, "{y}": 75, "{y}~": 20, "{y}?": 8,
        "{d}/{e}": 8, "{m}/{n}": 6, "{y}/{z}": 6, "{y}/..": 4, "{m}/..": 2, "../{y}": 4,
    }
)  # fmt: skip
_STAGES = shares(
    {Stage.CONCLUDED.value: 88, Stage.PROPOSED.value: 5, Stage.NEGOTIATION.value: 4, Stage.ABANDONED.value: 3}
)  # fmt: skip
_TERMS = shares(
    {
        TermKind.FIXED.value: 42,
        TermKind.INDEFINITE.value: 18,
        TermKind.AUTOMATIC_RENEWAL.value: 18,
        TermKind.UNKNOWN.value: 22,
    }
)
_OF_SOME_LENGTH = {TermKind.FIXED.value, TermKind.AUTOMATIC_RENEWAL.value}
# Months, or the negative number of days, as the database holds them.
_LENGTHS = shares({60: 30, 36: 25, 12: 14, 24: 12, 120: 8, 18: 4, 240: 3, 6: 2, 48: 2, -120: 1})
_NOTICE = (-30, -60, -90, 6)

# The text of a partial date and its two days, as the database holds them.
Columns = tuple[str, str | None, str | None]


class Life(NamedTuple):
    stage: str
    signed: str
    in_force: str
    term_kind: str
    term: int | None
    renewal: int | None
    expires_stated: str
    notice: int | None
    terminated: str
    review_due: str
    expires: Columns


def life(draws: Draws) -> Life:
    """Return the dates of an agreement; most are concluded and from the last thirty years."""
    stage = draws.of(_STAGES)
    is_concluded = stage == Stage.CONCLUDED
    day = LATEST - timedelta(days=int(_YEARS * 365 * draws.random() ** 2))
    signed = partly_known(draws, day) if draws.chance(0.96 if is_concluded else 0.03) else ""
    in_force = _start(draws, signed, day) if is_concluded else ""
    term_kind = draws.of(_TERMS)
    term = draws.of(_LENGTHS) if term_kind in _OF_SOME_LENGTH and draws.chance(0.92) else None
    is_renewed = term_kind == TermKind.AUTOMATIC_RENEWAL and term
    stated = partly_known(draws, day + draws.below(20) * _YEAR) if draws.chance(0.08) else ""
    return Life(
        stage=stage,
        signed=signed,
        in_force=in_force,
        term_kind=term_kind,
        term=term,
        renewal=12 if is_renewed and draws.chance(0.3) else None,
        expires_stated=stated,
        notice=draws.of(_NOTICE) if draws.chance(0.25) else None,
        terminated=_termination(draws, day) if is_concluded and draws.chance(0.05) else "",
        review_due=partly_known(draws, LATEST + draws.below(900) * _DAY)
        if draws.chance(0.04)
        else "",
        expires=_end(term_kind, term, in_force, stated),
    )


def _start(draws: Draws, signed: str, day: date) -> str:
    """On signature, later, or unknown."""
    when = draws.random()
    if when < 0.4:
        return signed
    return partly_known(draws, day + draws.below(700) * _DAY) if when < 0.72 else ""


def _termination(draws: Draws, day: date) -> str:
    return partly_known(draws, day + draws.below(15 * 365) * _DAY)


def partly_known(draws: Draws, day: date) -> str:
    """Return a date that is as partial as registers' dates usually are: EDTF, in all its forms."""
    shape = draws.of(_SHAPES)
    text = day.isoformat()
    if shape == "{d}":
        return text
    later = (day + (40 + draws.below(400)) * _DAY).isoformat()
    return shape.format(
        d=text, m=text[:7], y=text[:4], e=later, n=later[:7], z=f"{int(later[:4]) + 1}"
    )


@lru_cache(maxsize=200_000)
def columns(text: str) -> Columns:
    """Return the values for the three columns of a partial date, as the model's field would write them."""
    _text, earliest, latest = PartialDateField.columns("date", text).values()
    return text, earliest and earliest.isoformat(), latest and latest.isoformat()


@lru_cache(maxsize=100_000)
def _end(term_kind: str, term: int | None, in_force: str, stated: str) -> Columns:
    end = lifecycle.end_of_term(
        term_kind=term_kind,
        term=_length(term),
        in_force=_date(in_force),
        expires_stated=_date(stated),
    )
    return columns(str(end or ""))


def _length(number: int | None) -> Duration | None:
    if number is None:
        return None
    return Duration(months=number) if number > 0 else Duration(days=-number)


def _date(text: str) -> PartialDate | None:
    return PartialDate.parse(text) if text else None


def reached(life: Life) -> str | None:
    """Return the day from which an agreement supersedes another: its start, or else its signature."""
    return columns(life.in_force)[2] or columns(life.signed)[2]
