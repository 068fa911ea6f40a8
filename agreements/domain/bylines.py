"""Reads what people copy from the head of an article: its URL, author, date, time and language.

“By Nigar Abbasova 12 November 2026 18:05 (UTC+04:00) Azernews https://…” is taken apart; what is left over, such as the
headline, is returned as it stands, without the running text of the article. Nothing is guessed: what cannot be read
stays empty.
`agreements.curation.pasted_sources` asks the register what it knows about the rest.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from agreements.domain.partial_dates.values import PartialDate, PartialDateError
from agreements.domain.partial_dates.vocabulary import WORDS, Meaning, folded

LONGEST = 2000
_MOST_WORDS_IN_A_NAME = 5

_URL = re.compile(r"https?://[^\s<>\"“”«»]+", re.IGNORECASE)
_WORD = r"[^\W\d_]{3,12}\.?"
_YEAR = r"(?P<y>[12]\d{3})(?!\d)"
_DATES = tuple(
    re.compile(rf"(?<![\d./-])(?:{pattern})", re.IGNORECASE)
    for pattern in (
        rf"(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[\s.]*(?:of\s+)?(?P<m>{_WORD})[\s,]*{_YEAR}",
        rf"(?P<m>{_WORD})\s*(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s*,?\s+{_YEAR}",
        rf"(?P<d>\d{{1,2}})(?P<by>[./-])(?P<m>\d{{1,2}})(?P=by){_YEAR}",
        rf"{_YEAR}(?P<by>[./-])(?P<m>\d{{1,2}})(?P=by)(?P<d>\d{{1,2}})(?!\d)",
    )
)
# what Azerbaijani and Russian add to a year
_AFTER_YEAR = re.compile(
    r"\s*(?:-?c[iıuü]\s+il\b|\s+il\b|\s*г(?:ода|\.)?(?!\w)|-ci\b)", re.IGNORECASE
)
_CLOCK = r"(?P<hour>[01]?\d|2[0-3])[:.](?P<minute>[0-5]\d)(?:[:.][0-5]\d)?(?![\d.])\s*(?P<half>[ap]\.?m\b\.?)?"
_ZONE = r"(?P<zone>(?:UTC|GMT)?\s*(?P<sign>[+−-])\s*(?P<zh>[01]?\d)(?::?(?P<zm>[0-5]\d))?(?!\d)|UTC\b|GMT\b|Z\b)"
_TIME_AFTER = re.compile(
    rf"[\s,|·•–—-]*(?:T(?=\d)|at\s+|saat\s+|в\s+)?[\[(]?\s*{_CLOCK}\s*\]?\)?\s*[\[(]?\s*(?:{_ZONE})?\s*[\])]?",
    re.IGNORECASE,
)
_TIME_BEFORE = re.compile(rf"(?<![\d:.]){_CLOCK}\s*(?:{_ZONE})?[\s,|·•–—-]*$", re.IGNORECASE)
_PUBLISHED = re.compile(
    r"(?:published|posted|\bdate|dərc\s+\w+|опубликован\w*|yayın\w*)\s*(?:on|at)?\s*:?\s*$",
    re.IGNORECASE,
)

_AUTHOR = re.compile(
    r"^(?P<prefix>By|Author|Müəllif|Автор|Yazar)(?:\s*:\s*|\s+)(?P<name>.+)$", re.IGNORECASE
)
_NAME = re.compile(r"[^\W\d_][\w'’.-]*(?:\s+[^\W\d_][\w'’.-]*)*")
# “Skopje, 14 November 2017 (MIA) - The mayor …”; dates and URLs have become \x00
_PLACE = r"[^\W\d_][\w'’-]*(?: [^\W\d_][\w'’-]*){0,3}"
_TAG = r"[^()\n]{2,60}"
_DATELINE = re.compile(
    rf"\s*(?:\((?P<before>{_TAG})\)\s*)?(?P<place>{_PLACE}(?:,\s*{_PLACE}){{0,2}})"
    r"(?P<day>\s*[,.]?\s*\x00)?"
    rf"(?:\s*[,.]?\s*\((?P<after>{_TAG})\)|\s*[.,]\s+(?P<capitals>[^\W\d_]{{4,20}})(?!\w))?"
    r"\s*(?P<end>[:–—-])?"
)
_DAY_ALONE = re.compile(rf"(?P<m1>{_WORD})\s*\d{{1,2}}(?!\w)|(?<!\w)\d{{1,2}}\s+(?P<m2>{_WORD})")
_LEAST_WORDS_OF_A_SENTENCE = 8
_LEAST_WORDS_BEFORE_A_DAY = 4
_SENTENCE_ENDS = re.compile(r"[^\W\d_]{3,}[.!?][\"”’»)]*\s+[\"“«(]*[^\W\d_]|[.!?][\"”’»)]*\s*$")
_PARTING = re.compile(r"[\n\r\t|·•]|\s[–—-]\s|\s{3,}|\x00")
_EDGES = " \t,.;:|·•–—-"

# what names of newspapers and agencies end in; each alone is the label of a section
_OF_NEWSPAPERS = (
    "news", "times", "post", "gazette", "herald", "daily", "weekly", "tribune", "journal", "press", "agency", "telegraph",
    "chronicle", "observer", "inform", "xeberler", "qezeti", "agentliyi", "haber", "ajansi", "gazetesi", "novosti", "gazeta",
    "vestnik", "izvestiya",
)  # fmt: skip
_NO_PUBLISHERS = frozenset(
    {
        *("latest", "top", "more", "breaking", "related", "release"),
        *("staff", "admin", "editor", "agencies", "correspondent"),
    }
)
_LONGEST_MASTHEAD = 4
_SITE_NAME = re.compile(r"[^\W\d_][\w-]+\.[a-z]{2,3}", re.IGNORECASE)

_ENGLISH = frozenset(
    word
    for words in (
        "january february march april may june july august september october november december",
        "jan feb mar apr jun jul aug sep sept oct nov dec",
    )
    for word in words.split()
)
_TURKISH = {
    folded(name): number
    for number, name in enumerate(
        [
            "ocak",
            "şubat",
            "mart",
            "nisan",
            "mayıs",
            "haziran",
            "temmuz",
            "ağustos",
            "eylül",
            "ekim",
            "kasım",
            "aralık",
        ],
        1,
    )
}
_WEEKDAYS = {
    "en": "monday tuesday wednesday thursday friday saturday sunday",
    "az": "bazar bazarertəsi çərşənbəaxşamı cüməaxşamı",
    "ru": "понедельник вторник среда четверг пятница суббота воскресенье",
    "tr": "pazartesi salı çarşamba perşembe cuma cumartesi pazar",
}
_WEEKDAY_OF = {
    folded(word): language for language, words in _WEEKDAYS.items() for word in words.split()
}
# words that no other of these languages has
_USUAL = {
    "en": "the and of with has have was were date published posted updated",
    "ru": "и на для между дата опубликовано",
    "tr": "ve için tarih",
    "az": "və ilə üçün tarix",
}
_USUAL_IN = {word: language for language, words in _USUAL.items() for word in words.split()}
_AUTHOR_IN = {"by": "en", "author": "en", "müəllif": "az", "автор": "ru", "yazar": "tr"}
_LANGUAGE_OF_PATH = {
    **{code: code for code in ("en", "az", "ru", "tr")},
    "eng": "en", "aze": "az", "rus": "ru", "tur": "tr",
}  # fmt: skip


@dataclass(frozen=True)
class Byline:
    """What was read. `moment` has a time zone only if the text names one; `rest` is what was not understood, in order.

    `named` are names of newspapers and agencies: alone on a line, in the dateline, or where an author would stand.
    """

    url: str = ""
    author: str = ""
    published: PartialDate | None = None
    moment: datetime | None = None
    language: str = ""
    rest: tuple[str, ...] = ()
    named: tuple[str, ...] = ()

    @property
    def host(self) -> str:
        """The site of the URL, without “www.”; empty without a URL."""
        return host_of(self.url)


def host_of(url: str) -> str:
    """Return the site of a URL, without “www.”; empty if it names none."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def read_byline(text: str) -> Byline:
    """Return what the first `LONGEST` characters of a pasted text say about an article.

    Days come before months (04.11.2025 is 4 November). Of several dates, the one with a time counts, or the one that
    is called the day of publication; otherwise none does.
    """
    text = text[:LONGEST].replace("\x00", " ")
    address = _URL.search(text)
    url = _bare(address[0]) if address and host_of(address[0]) else ""
    left = _URL.sub("\x00", text)
    dated = _the_one(list(_dates_in(left)))
    evident = set(_languages_of(url))
    if dated:
        evident = evident or set(dated.languages)
        left = f"{left[: dated.start]}\x00{left[dated.end :]}"
    head, named = _head_of(left)
    segments = [each for part in _PARTING.split(head) if (each := _without_weekday(part))]
    author, prefix, rest = _author_among(segments)
    if author and " " not in author:
        # “By Azernews”: a person has two names
        named, author = [*named, *filter(_is_publisher, [author])], ""
    if len(evident) != 1:
        # “May” is the month in English and in Azerbaijani
        said = set(_languages_in_words(left, prefix))
        evident = evident & said or evident or said
    return Byline(
        url=url,
        author=author,
        published=PartialDate.of(dated.year, dated.month, dated.day, "") if dated else None,
        moment=dated.moment if dated else None,
        language=evident.pop() if len(evident) == 1 else "",
        rest=tuple(rest),
        named=tuple(named),
    )


def _bare(url: str) -> str:
    """Return the URL without the punctuation of the sentence around it."""
    bare = url.rstrip(".,;:!?'’»”")
    while (
        bare
        and bare[-1] in ")]"
        and bare.count(bare[-1]) > bare.count("(" if bare[-1] == ")" else "[")
    ):
        bare = bare[:-1].rstrip(".,;:!?'’»”")
    return bare


# Dates


class _Dated(NamedTuple):
    year: int
    month: int
    day: int
    start: int
    end: int
    moment: datetime | None
    languages: frozenset[str]
    is_called_published: bool


def _dates_in(text: str) -> Iterator[_Dated]:
    taken = 0
    found = sorted(
        (match for pattern in _DATES for match in pattern.finditer(text)),
        key=lambda m: (m.start(), -m.end()),
    )
    for match in found:
        if match.start() >= taken and (dated := _dated(text, match)):
            taken = dated.end
            yield dated


def _dated(text: str, match: re.Match[str]) -> _Dated | None:
    month, languages = _month(match["m"])
    year, day = int(match["y"]), int(match["d"])
    try:
        PartialDate.of(year, month, day, "")
    except PartialDateError:
        return None
    start, end = match.span()
    end = suffix.end() if (suffix := _AFTER_YEAR.match(text, end)) else end
    after, before = _TIME_AFTER.match(text, end), _TIME_BEFORE.search(text, 0, start)
    clock = after or before
    return _Dated(
        year,
        month,
        day,
        before.start() if before and not after else start,
        after.end() if after else end,
        _moment(datetime(year, month, day), clock) if clock else None,  # noqa: DTZ001 - the text may name no zone
        languages,
        bool(_PUBLISHED.search(text, max(0, start - 40), start)),
    )


def _month(text: str) -> tuple[int, frozenset[str]]:
    """Return the number of a month, 0 if there is none of this name, and the languages in which it is called so."""
    word = folded(text.rstrip("."))
    if word.isdecimal():
        return int(word), frozenset()
    meaning, number = WORDS.get(word, (Meaning.NOTHING, 0))
    languages = {"en"} if word in _ENGLISH else set()
    if meaning is Meaning.MONTH and (word not in _ENGLISH or word == "may"):
        languages.add("az" if word.isascii() else "ru")
    if word in _TURKISH:
        languages.add("tr")
        number = _TURKISH[word]
    return (number if meaning is Meaning.MONTH or word in _TURKISH else 0), frozenset(languages)


def _moment(day: datetime, clock: re.Match[str]) -> datetime:
    hour, half = int(clock["hour"]), (clock["half"] or "").lower()
    if half and hour <= 12:
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    at = day.replace(hour=hour, minute=int(clock["minute"]))
    if not clock["zone"]:
        return at
    offset = timedelta(hours=int(clock["zh"] or 0), minutes=int(clock["zm"] or 0))
    if offset > timedelta(hours=14):
        return at
    return at.replace(tzinfo=timezone(-offset if clock["sign"] in ("-", "−") else offset))


def _the_one(found: list[_Dated]) -> _Dated | None:
    """Return the date of publication among these; None if they leave it open."""
    timed = [each for each in found if each.moment]
    named = [each for each in found if each.is_called_published]
    for among in (named, timed, found):
        if len({each[:3] for each in among}) == 1:
            return among[0]
    return None


# Lines


def _head_of(text: str) -> tuple[str, list[str]]:
    """Return the text without its running text and datelines, and the newspapers and agencies that these lines name."""
    kept: list[str] = []
    mastheads: list[str] = []
    agencies: list[str] = []
    for line in text.splitlines():
        agency = _agency_of(line)
        if agency is not None:
            agencies += filter(_is_publisher, [agency])
        elif not _is_running_text(line):
            kept.append(line)
            mastheads += filter(_is_masthead, [line.strip(_EDGES)])
    return "\n".join(kept), [*mastheads, *agencies]


def _agency_of(line: str) -> str | None:
    """Return the agency that the dateline at the beginning of the line names, perhaps none; None without a dateline."""
    found = _DATELINE.match(_DAY_ALONE.sub(_without_day, line))
    if not found or _AUTHOR.match(line.strip()) or not _is_capitalised(found["place"]):
        return None
    day, end, after = found["day"], found["end"], found["after"]
    capitals = found["capitals"] if (found["capitals"] or "").isupper() else ""
    is_lead = bool(end) and len(line[found.end() :].split()) >= _LEAST_WORDS_OF_A_SENTENCE
    if not (
        (found["before"] and (day or end))
        or capitals
        or (after and (day or (end and found["place"].isupper())))
        or (day and is_lead)
    ):
        return None
    return re.split(r"\s[–—-]\s", found["before"] or after or capitals)[0].strip()


def _without_day(match: re.Match[str]) -> str:
    return "\x00" if _month(match["m1"] or match["m2"])[0] else match[0]


def _is_running_text(line: str) -> bool:
    return len(line.split()) >= _LEAST_WORDS_OF_A_SENTENCE and bool(_SENTENCE_ENDS.search(line))


def _is_masthead(line: str) -> bool:
    """Return whether a line is only the name of a newspaper or an agency: “KAZINFORM”, “The Arunachal Times”."""
    parts = line.split()
    is_name = len(parts) <= _LONGEST_MASTHEAD and _NAME.fullmatch(line)
    if not is_name or _AUTHOR.match(line):
        return False
    held = [folded(part) for part in parts]
    is_of_one = len(parts) == 1 and line.isupper() and line.isalpha() and len(line) > 2
    is_site = bool(_SITE_NAME.fullmatch(line))
    is_named = any(word.endswith(_OF_NEWSPAPERS) for word in held)
    is_label = all(word in _OF_NEWSPAPERS for word in held)
    return (is_of_one or is_site or (is_named and not is_label)) and _is_publisher(line)


def _is_publisher(name: str) -> bool:
    words = {folded(word) for word in name.split()}
    return bool(words) and _is_capitalised(name) and not words & _NO_PUBLISHERS


def _is_capitalised(text: str) -> bool:
    return all(word[0].isupper() for word in re.findall(r"[^\W\d_][\w'’-]*", text))


# Author and language


def _without_weekday(part: str) -> str:
    words = part.strip(_EDGES).split()
    while words and folded(words[0].strip(_EDGES)) in _WEEKDAY_OF:
        del words[0]
    while words and folded(words[-1].strip(_EDGES)) in _WEEKDAY_OF and not _ends_on_a_day(words):
        del words[-1]
    return " ".join(words).strip(_EDGES).lstrip(")]").rstrip("([").strip(_EDGES)


def _ends_on_a_day(words: list[str]) -> bool:
    """Return whether the weekday at the end belongs to a sentence: “They signed a treaty on Tuesday”."""
    return len(words) > _LEAST_WORDS_BEFORE_A_DAY and words[-2] == "on"


def _author_among(segments: list[str]) -> tuple[str, str, list[str]]:
    """Return the author, the word that says so, and the other segments."""
    for place, segment in enumerate(segments):
        name, _comma, more = segment.partition(",")
        said = _AUTHOR.match(name)
        if said and _is_name(said["name"]):
            rest = [*segments[:place], *filter(None, [more.strip(_EDGES)]), *segments[place + 1 :]]
            return said["name"].strip(_EDGES), said["prefix"], rest
    return "", "", segments


def _is_name(text: str) -> bool:
    words = text.split()
    return (
        len(words) <= _MOST_WORDS_IN_A_NAME
        and bool(_NAME.fullmatch(text.strip()))
        and all(word[0].isupper() for word in words)
    )


def _languages_of(url: str) -> Iterator[str]:
    """Yield the languages that the URL names as a folder, a subdomain or a parameter."""
    if not url:
        return
    parts = urlsplit(url)
    named = [(parts.hostname or "").partition(".")[0], *parts.path.split("/")[1:3]]
    asked = parse_qs(parts.query)
    named += [*asked.get("lang", ()), *asked.get("language", ())]
    yield from (
        _LANGUAGE_OF_PATH[each.lower()] for each in named if each.lower() in _LANGUAGE_OF_PATH
    )


def _languages_in_words(text: str, prefix: str) -> Iterator[str]:
    if prefix:
        yield _AUTHOR_IN[prefix.lower()]
    for word in re.findall(r"[^\W\d_]+", text):
        if language := _WEEKDAY_OF.get(folded(word)):
            yield language
        if language := _USUAL_IN.get(word.lower()):
            yield language
    if "ə" in text.lower():
        yield "az"
