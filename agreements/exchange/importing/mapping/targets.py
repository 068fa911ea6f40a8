"""What a column of a file can become: the targets that the wizard offers, in their groups.

Most are values that staff enter, and follow from the declared facts. The others are those that a profile has entries of
their own for: parties with their country, areas, what the other register calls the agreement, and the source.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agreements.domain.facts import ENTERED
from agreements.domain.sections import ENDING, SIGNATURE, TERM
from agreements.domain.value_types import DURATION, PART_DATE, Codes
from agreements.exchange.importing.profile_rules import DURATION as DURATION_ENTRY
from agreements.exchange.importing.profile_rules import STATUS
from agreements.models import Agreement

PARTY, COUNTRY, AREAS, IDENTIFIER = "party", "country", "areas", "identifier"
DURATION_IN_WORDS = DURATION_ENTRY
SOURCE_TITLE, SOURCE_URL, SOURCE_WHERE = "source_title", "source_url", "source_where"
# the entries of a profile's [source], by their targets
OF_SOURCE = {SOURCE_TITLE: "title", SOURCE_URL: "url", SOURCE_WHERE: "where"}
# A cell with two dates is a period: it begins with one of these, and ends with the end of the term.
BEGINS_PERIOD = {
    "signed": _("date of signature (or a period)"),
    "in_force": _("entry into force (or a period)"),
}
END = "expires_stated"
# Several columns may become one of these; any other target has one column.
REPEATABLE = frozenset({"", PARTY, COUNTRY, "internal_notes", "public_notes", "summary"})
LABELLED = ("internal_notes", "public_notes", "summary")
# one column of words says both
_SAID_BY_DURATION = frozenset({"term"})

AGREEMENT, DATES, PARTIES, SOURCE, REST = (
    _("The agreement"),
    _("Dates and term"),
    _("Parties"),
    _("Source"),
    _("Notes and the rest"),
)


@dataclass(frozen=True)
class Target:
    """Something that a column can become. `has_values` if each of its texts stands for a code."""

    code: str
    label: str | Promise
    group: str | Promise
    has_values: bool = False
    is_date: bool = False


@cache
def targets() -> dict[str, Target]:
    """Return all targets by their codes, in the order in which they are offered."""
    return {each.code: each for each in sorted(_all(), key=lambda each: _GROUPS.index(each.group))}


_GROUPS = (AGREEMENT, PARTIES, DATES, SOURCE, REST)


def grouped() -> Iterator[tuple[str | Promise, list[Target]]]:
    """Yield the groups with their targets."""
    for group in _GROUPS:
        yield group, [each for each in targets().values() if each.group is group]


def _column(name: str) -> str | Promise:
    label: str | Promise = getattr(Agreement._meta.get_field(name), "verbose_name", name)
    return label


def _all() -> Iterator[Target]:
    for name, value in ENTERED.items():
        if name in _SAID_BY_DURATION:
            continue
        section = value.form.section if value.form else None
        is_time = value.type in (PART_DATE, DURATION) or section in (SIGNATURE, TERM, ENDING)
        is_first = name in ("title", "summary", "kind", "legal_nature", "stage")
        yield Target(
            name,
            BEGINS_PERIOD.get(name) or _column(name),
            AGREEMENT if is_first else DATES if is_time and name != "place" else REST,
            has_values=isinstance(value.type, Codes) and name != "funding_currency",
            is_date=value.type is PART_DATE,
        )
        if name == "stage":
            yield Target(
                STATUS,
                _("status in the file, compared with the computed one"),
                AGREEMENT,
                has_values=True,
            )
    yield Target(AREAS, _("cooperation areas"), AGREEMENT, has_values=True)
    yield Target(IDENTIFIER, _("their own number of the agreement"), AGREEMENT)
    yield Target(PARTY, _("a party"), PARTIES)
    yield Target(COUNTRY, _("the country of the party"), PARTIES)
    yield Target(DURATION_IN_WORDS, _("the length of the term, in words"), DATES)
    yield Target(SOURCE_TITLE, _("title of the source"), SOURCE)
    yield Target(SOURCE_URL, _("address of the source"), SOURCE)
    yield Target(SOURCE_WHERE, _("place in the source"), SOURCE)
