"""Says what each column of a file probably is, and what each text in it probably means.

A column's heading decides, by the names in `headings.toml` and those of the register's own facts; what stands in the
column confirms or forbids it. A clerk sees each suggestion before it counts.
"""

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from pathlib import Path
from urllib.parse import urlsplit

from agreements.domain.choices import Kind, PartyKind, Role, Stage
from agreements.exchange.importing.date_columns import DateColumns
from agreements.exchange.importing.mapping.choices import Choices, ColumnChoice
from agreements.exchange.importing.mapping.surveys import ColumnSurvey, Survey
from agreements.exchange.importing.mapping.targets import (
    COUNTRY,
    DURATION_IN_WORDS,
    END,
    IDENTIFIER,
    PARTY,
    REPEATABLE,
    SOURCE_URL,
    targets,
)
from agreements.exchange.importing.mapping.words import words_of
from agreements.exchange.importing.names import country_of
from agreements.exchange.importing.profile_rules import (
    DAY_FIRST,
    MONTH_FIRST,
    STATUS,
    Cell,
    DateRules,
)
from agreements.exchange.importing.status_words import status_meant
from agreements.exchange.importing.term_words import is_without_end, read_term
from agreements.exchange.importing.values import is_placeholder
from agreements.search import fold

HERE = Path(__file__).parent
# Years of two digits mean this year at the latest, unless the clerk says otherwise.
LAST_OF_TWO_DIGITS = 2049
# A name within a longer heading must have at least this many letters: "no" is part of many words and phrases.
_SHORTEST_WITHIN = 4
_MOST_LOOKED_AT = 40
_LEAST_SHARE = 0.6
_HAS_DATE = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{2,4}|(?<!\d)(?:19|20)\d{2}(?!\d)")
# what the unit of a length is called in a heading
_UNITS = {
    "years": ("year", "years", "yrs", "il", "лет", "год", "года", "годы"),
    "months": ("month", "months", "ay", "месяцев", "месяца", "месяцы", "мес"),
    "days": ("day", "days", "gün", "дней", "дни", "день"),
}


def suggested(survey: Survey) -> Choices:
    """Return what the columns probably are, and what holds for all rows."""
    choices = Choices({column.heading: ColumnChoice() for column in survey.columns})
    taken: set[str] = set()
    # the surest first, so that "Date signed" is the date of signature and not "Date" before it
    ranked = sorted(
        (
            (length, -place, column, target)
            for place, column in enumerate(survey.columns)
            for length, target in _candidates(column)
        ),
        key=lambda each: each[:2],
        reverse=True,
    )
    for _length, _place, column, target in ranked:
        choice = choices.columns[column.heading]
        if not choice.target and (target in REPEATABLE or target not in taken):
            choice.target = target
            taken.add(target)
    _by_content(survey, choices, taken)
    for column in survey.columns:
        choice = choices.columns[column.heading]
        if choice.target == DURATION_IN_WORDS:
            choice.unit = _unit(column.heading)
    of_heading = {column.heading: column for column in survey.columns}
    for each in targets().values():
        for heading in choices.of(each.code) if each.has_values else ():
            choices.values[each.code] = meanings(each.code, of_heading[heading].texts)
    _say_for_all_rows(survey, choices)
    return choices


def meanings(target: str, texts: Iterable[str]) -> dict[str, str]:
    """Return the code that each text probably means, "" for a placeholder; texts that are unclear are left out."""
    found = {}
    for text in texts:
        meant = "" if is_placeholder(text) else _meaning(target, text)
        if meant is not None:
            found[text] = meant
    return found


def _meaning(target: str, text: str) -> str | None:
    if target == STATUS:
        status = status_meant(text)
        return status.value if status else None
    known, key = words_of(target), fold(text)
    if key in known:
        return known[key]
    within = [word for word in known if f" {word} " in f" {key} " and len(word) >= _SHORTEST_WITHIN]
    return known[max(within, key=len)] if within else None


def unread(target: str, unit: str, texts: Iterable[str]) -> list[str]:
    """Return those of these texts of a date or a length that the register cannot read and that seem to say something."""
    can = partial(can_be_read, target, unit)
    return [text for text in texts if not is_placeholder(text) and not can(text)]


def can_be_read(target: str, unit: str, text: str) -> bool:
    """Whether the register can read a text as a date, or as the length of a term; `unit` is that of a number alone."""
    if target == DURATION_IN_WORDS:
        return _reads(lambda: read_term(text, unit))
    if target == END and is_without_end(text):
        return True
    # one that is impossible in this order may be possible in the other, which is a question about the column
    orders = (DAY_FIRST, MONTH_FIRST)
    return any(_reads(partial(_date, target, text, order)) for order in orders)


def _date(target: str, text: str, order: str) -> object:
    dates = DateColumns(DateRules(order=order, two_digit_years=LAST_OF_TWO_DIGITS))
    until = "" if target == END else END
    return dates.read(text, Cell(until=until), entry=target, column="", row=0)


def _reads(read: Callable[[], object]) -> bool:
    try:
        read()
    except ValueError:
        return False
    return True


def is_date(choice: ColumnChoice) -> bool:
    """Whether the column becomes a date."""
    return choice.target in targets() and targets()[choice.target].is_date


# Headings


def _candidates(column: ColumnSurvey) -> Iterator[tuple[int, str]]:
    """Yield the targets that the heading may mean, with the length of the name by which it does."""
    heading = fold(column.heading)
    if not column.filled:
        return
    for name, target in _names().items():
        is_whole = name == heading
        is_within = len(name) >= _SHORTEST_WITHIN and f" {name} " in f" {heading} "
        if (is_whole or is_within) and _fits(column, target):
            # a name that is the whole heading outdoes any that is part of it
            yield len(name) + 1_000 * is_whole, target


@cache
def _names() -> dict[str, str]:
    """Return the targets by the names of their columns, folded."""
    written = tomllib.loads((HERE / "headings.toml").read_text(encoding="utf-8"))
    names: dict[str, str] = {}
    for target, listed in written.items():
        for name in listed.split(";"):
            names.setdefault(fold(name), target)
    for code, each in targets().items():
        names.setdefault(fold(code), code)
        names.setdefault(fold(str(each.label)), code)
    return {name: target for name, target in names.items() if name and target in targets()}


# Contents


def _fits(column: ColumnSurvey, target: str) -> bool:
    """Whether what stands in the column can be what its heading says."""
    if target == IDENTIFIER:
        # a running number changes with every row that is inserted
        return not column.is_running_number and max(column.texts.values(), default=1) == 1
    if target in targets() and targets()[target].is_date:
        return column.dates > 0 or _share(column, _is_date) >= _LEAST_SHARE
    if target == DURATION_IN_WORDS:
        return _share(column, _is_duration) >= _LEAST_SHARE or bool(_unit(column.heading))
    if target == SOURCE_URL:
        return bool(column.links) or _share(column, _is_url) >= _LEAST_SHARE
    return True


def _by_content(survey: Survey, choices: Choices, taken: set[str]) -> None:
    """Find the columns of states and of addresses by what stands in them."""
    for column in survey.columns:
        choice = choices.columns[column.heading]
        if choice.target or not column.filled:
            continue
        if _share(column, lambda text: bool(country_of(text))) >= _LEAST_SHARE:
            choice.target = COUNTRY if PARTY in taken else PARTY
            taken.add(choice.target)
        elif SOURCE_URL not in taken and _share(column, _is_url) >= _LEAST_SHARE:
            choice.target = SOURCE_URL
            taken.add(SOURCE_URL)


def _share(column: ColumnSurvey, is_one: Callable[[str], bool]) -> float:
    """Return the share of the texts that say something of which this is true."""
    first = list(column.texts or column.samples)[:_MOST_LOOKED_AT]
    texts = [text for text in first if not is_placeholder(text)]
    return sum(map(is_one, texts)) / len(texts) if texts else 0.0


def _is_date(text: str) -> bool:
    """Whether a text is a date, has one, or has the two of a period."""
    return can_be_read("signed", "", text) or _HAS_DATE.search(text) is not None


def _is_duration(text: str) -> bool:
    return can_be_read(DURATION_IN_WORDS, "years", text)


def _is_url(text: str) -> bool:
    return text.startswith(("http://", "https://", "www."))


def _unit(heading: str) -> str:
    words = fold(heading).split()
    return next(
        (unit for unit, names in _UNITS.items() if any(fold(name) in words for name in names)), ""
    )


# What holds for all rows


def _say_for_all_rows(survey: Survey, choices: Choices) -> None:
    # a heading with braces cannot be a part of a pattern
    parties, kind = (
        [name for name in choices.of(target) if not {*name} & {*"{}"}] for target in (PARTY, "kind")
    )
    if not choices.of("title") and parties:
        other = " – ".join(f"{{{name}}}" for name in parties)
        choices.title_pattern = f"{{{kind[0]}}} with {other}" if kind else f"Agreement with {other}"
    if not choices.of("kind"):
        choices.kind = _kind_of_all(survey, choices)
        choices.kind_of_title = bool(choices.of("title"))
    choices.notes_status = bool(choices.of(STATUS))
    for heading in choices.of(SOURCE_URL):
        choices.publisher = _host(survey, heading)
    if not choices.of("stage") and not choices.of(STATUS):
        choices.stage = Stage.CONCLUDED.value
    dates = [column for column in survey.columns if is_date(choices.columns[column.heading])]
    if any(column.short_years for column in dates):
        choices.two_digit_years = LAST_OF_TWO_DIGITS
    if any(each.month_first for each in dates) and not any(each.day_first for each in dates):
        choices.order = MONTH_FIRST
    for heading in parties:
        choices.columns[heading].role = Role.PARTY.value
        choices.columns[heading].kind = _kind_of_parties(survey, heading)


def _kind_of_all(survey: Survey, choices: Choices) -> str:
    """Return the kind that the heading of the titles names, or the titles above the table: “Title of MoU”, “MoU tracker”."""
    for text in (*choices.of("title"), *survey.notes, *survey.sheets):
        words = fold(text).split()
        named = [word.rstrip("s") for word in words] + words
        for word in named:
            if code := words_of("kind").get(word):
                return code
    return Kind.AGREEMENT.value


def _host(survey: Survey, heading: str) -> str:
    """Return the host of the first address in a column, which stands for who publishes it; empty if there is none."""
    column = next(each for each in survey.columns if each.heading == heading)
    addresses = filter(_is_url, [column.first_link, *column.samples])
    first = next(addresses, "")
    host = urlsplit(first if "//" in first else f"//{first}").hostname or ""
    return host.removeprefix("www.")


def _kind_of_parties(survey: Survey, heading: str) -> str:
    """Return the kind of party that a column holds, by its heading; empty where the names tell."""
    words = fold(heading).split()
    kinds = {
        "university": PartyKind.UNIVERSITY,
        "ministry": PartyKind.MINISTRY,
        "country": PartyKind.STATE,
    }
    return next((kind.value for word, kind in kinds.items() if word in words), "")
