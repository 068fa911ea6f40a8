"""Reads how long an agreement lasts as registers say it in words: its term, and what kind of term that is.

“5 years”, “36 ay” and “на 3 года” are fixed terms, “5 years (auto-renewed)” is renewed automatically, and “until
terminated” has no end.
"""

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from agreements.domain.choices import TermKind
from agreements.domain.durations import Duration, DurationError, read_duration
from agreements.domain.partial_dates.values import quoted
from agreements.search import fold

LONGEST = 200


@dataclass(frozen=True)
class Term:
    """The kind of a term, its length if it has one, and that of a renewal if it is another.

    `unread` is a remark after the length that changes nothing here, such as “renewable”.
    """

    kind: str
    length: Duration | None = None
    renewal: Duration | None = None
    unread: str = ""


_WITHOUT_END = frozenset(map(fold, (
    TermKind.INDEFINITE.value, "indefinitely", "indefinite period", "indefinite term", "indefinite duration",
    "for an indefinite period", "for an indefinite term", "for an indefinite period of time", "unlimited",
    "unlimited period", "unlimited duration", "unlimited term", "without limit", "without limit of time", "no limit",
    "without term", "open-ended", "open ended", "openended", "permanent", "permanently", "perpetual", "in perpetuity",
    "evergreen", "no end", "no end date", "no expiry", "no expiration", "no expiry date", "no expiration date",
    "does not expire", "until terminated", "until termination", "until termination by either party",
    "until terminated by either party", "until denounced", "until cancelled", "until further notice",
    "müddətsiz", "müddətsizdir", "qeyri-müəyyən", "qeyri-müəyyən müddət", "qeyri-müəyyən müddətə",
    "qeyri-məhdud", "qeyri-məhdud müddətə", "müddəti məhdud deyil", "müddət məhdudiyyəti olmadan", "daimi",
    "xitam verilənədək", "xitam verilənə qədər", "ləğv edilənədək", "ləğv edilənə qədər", "ləğv olunanadək",
    "ləğv olunana qədər",
    "бессрочно", "бессрочный", "бессрочное", "бессрочная", "неопределенный срок", "на неопределенный срок",
    "неограниченно", "неограниченный", "неограниченный срок", "на неограниченный срок", "без ограничения срока",
    "без срока", "постоянно", "до расторжения", "до прекращения", "до денонсации", "до отмены",
)))  # fmt: skip
_UNKNOWN = frozenset(
    map(fold, (TermKind.UNKNOWN.value, "not stated", "not defined", "не определен"))
)
_RENEWED_IN_AZ_OR_RU = (
    "avtomatik uzadılır", "avtomatik uzadılan", "avtomatik uzadılma", "avtomatik uzadılmaqla", "avtomatik yenilənir",
    "avtomatik yenilənmə", "avtomatik yenilənən", "avtomatik olaraq uzadılır", "avtomatik olaraq yenilənir",
    "avtomatik surətdə uzadılır",
    "автоматическое продление", "автоматическим продлением", "автоматическая пролонгация",
    "автоматической пролонгацией", "автопролонгация", "автопролонгацией", "автопродление",
    "автоматически продлевается", "автоматически продляется", "автоматически продлен", "продлевается автоматически",
    "автоматически пролонгируется", "пролонгируется автоматически",
)  # fmt: skip
# The words, folded, that say that a term is renewed by itself; what follows is the length of the renewal.
_RENEWED = re.compile(
    r"(?:(?:and|with|subject to|is|c|s|so|i|ve)\s+)*"
    r"(?:auto(?:matic(?:ally)?)?\s*(?:renew(?:ed|s|al|ing|able)?|exten(?:ded|ds|d|sion)|prolong(?:ed|ation))"
    r"|(?:renew(?:ed|s|al|able)?|exten(?:ded|ds|sion)|prolonged)\s+automatic(?:ally)?"
    r"|tacit(?:ly)?\s+(?:renew(?:ed|al|able)?|exten(?:ded|sion)|prolongation)"
    r"|(?:renewed|renewal)\s+(?:by\s+)?tacit(?:ly)?(?:\s+agreement)?"
    rf"|{'|'.join(sorted(map(fold, _RENEWED_IN_AZ_OR_RU), key=len, reverse=True))})\b"
    r"(?:\s+(?:for|every|by|each|na|kazdye|a|an|another|further|additional|successive|subsequent|equal|the|same"
    r"|periods?|terms?|of)\b)*"
)
_RENEWABLE = frozenset(map(fold, (
    "renewable", "extendable", "extendible", "can be renewed", "may be renewed", "may be extended", "can be extended",
    "with possible extension", "with possible renewal", "with option to renew", "with possibility of renewal",
    "renewable by mutual consent", "renewable by mutual agreement", "renewable upon mutual consent",
    "renewable upon mutual agreement", "uzadıla bilər", "yenilənə bilər", "с возможностью продления",
    "может быть продлен", "может быть продлено", "продлеваемый", "с правом продления",
)))  # fmt: skip
# words around a length that add nothing to it
_BEFORE = re.compile(
    r"(?:(?:valid|in force|effective|fixed|initial|term|duration|period|validity|for|of|a|an|the|is|time"
    r"|срок|сроком|действует|на|в течение|müddəti|müddət)[\s:]+)+",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"[\s,]+(?:müddətinə|müddətində|müddətə|müddətli|term|period|in total|from signature|from (?:the )?date of signature"
    r"|after signature|from entry into force|since signature|со дня подписания|с даты подписания|imzalandığı gündən)$",
    re.IGNORECASE,
)
# where a remark on the length may begin
_REMARK = re.compile(
    r"\s*(?:[(\[,;–—]|\s-\s)"
    r"|\s+(?=(?:auto|tacit|renew|exten|with|may|can|subject|and\s|c\s|с\s|может|avtomatik|авто|və\s))",
    re.IGNORECASE,
)


def read_term(text: str, unit: str = "") -> Term:
    """Return the term that a text says in words; `unit` is that of a number alone.

    Raises `DurationError`, whose text tells what to write instead.
    """
    typed = " ".join(text.split())
    if len(typed) > LONGEST:
        raise _not_understood(typed)
    said = fold(typed)
    if said in _WITHOUT_END:
        return Term(TermKind.INDEFINITE)
    if said in _UNKNOWN:
        return Term(TermKind.UNKNOWN)
    if renewed := _renewed(typed):
        return renewed
    if length := _length(typed, unit):
        return Term(TermKind.FIXED, length)
    for found in _REMARK.finditer(typed):
        length, remark = _length(typed[: found.start()], unit), typed[found.end() :].strip(" ()[]")
        if length and (renewed := _renewed(remark)):
            # a renewal as long as the first term needs no length of its own
            other = None if renewed.renewal == length else renewed.renewal
            return Term(renewed.kind, length, other)
        if length and fold(remark) in _RENEWABLE:
            return Term(TermKind.FIXED, length, unread=remark)
    raise _not_understood(typed)


def is_without_end(text: str) -> bool:
    """Return whether a text says that there is no end."""
    return fold(text) in _WITHOUT_END


def _renewed(text: str) -> Term | None:
    """Return the term if the text says nothing but that it is renewed by itself, and for how long."""
    said = fold(text)
    found = _RENEWED.match(said)
    if not found:
        return None
    rest = said[found.end() :].split()
    if not rest:
        return Term(TermKind.AUTOMATIC_RENEWAL)
    # the length as it was typed, which has as many words as its folded form
    typed = " ".join(text.replace("-", " ").split()[-len(rest) :])
    length = _length(f"1 {typed}" if len(rest) == 1 else typed)
    return Term(TermKind.AUTOMATIC_RENEWAL, renewal=length) if length else None


def _length(text: str, unit: str = "") -> Duration | None:
    plain = _AFTER.sub("", _BEFORE.sub("", text.strip(" .,;:()[]"), count=1)).strip(" .,;:")
    if plain.isascii() and plain.isdigit() and unit:
        plain = f"{plain} {unit}"
    try:
        return read_duration(plain) if plain else None
    except DurationError:
        return None


def _not_understood(text: str) -> DurationError:
    return DurationError(
        _(
            "“%(text)s” does not say how long the agreement lasts: write 3 years, 18 months, 5 years (automatic renewal) "
            "or indefinite."
        )
        % {"text": quoted(text)}
    )
