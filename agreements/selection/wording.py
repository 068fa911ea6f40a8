"""A selection in words: as one phrase, and filter by filter.

Page titles, feed titles, file names and chart captions use `phrase`; the list shows `chips`, each of which removes one
filter. `Selection` calls both with the validated values of its form.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from django.http import QueryDict
from django.utils.formats import number_format
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements.domain.partial_dates import day_in_words
from agreements.selection.fields import WITHOUT, divided

if TYPE_CHECKING:
    from agreements.selection.declared import Branches, Filter
    from agreements.selection.signatories import Signatories


@dataclass(frozen=True)
class Chip:
    """One active filter: its text, and the query string of the selection without it.

    `joint` is the word that joins it to the one before: “or” where either is enough, otherwise “and”.
    """

    parameter: str
    label: str
    value: str
    query: str
    joint: str = ""
    is_left_out: bool = False


def undetermined_in_words(count: int, day: date) -> str:
    """Say of how many selected agreements the dates cannot tell where they stood on a past day; empty if of none."""
    sentence = ngettext(
        "For %(n)s of them, the known dates cannot say where it stood on %(day)s; its status is “undetermined”.",
        "For %(n)s of them, the known dates cannot say where they stood on %(day)s; their status is “undetermined”.",
        count,
    )
    shown = {"n": number_format(count, force_grouping=True), "day": day_in_words(day)}
    return sentence % shown if count else ""


class Wording:
    """The words for one validated query; the names of areas and parties are looked up only once."""

    def __init__(
        self,
        filters: "Sequence[Filter]",
        named: "Sequence[Branches | Signatories]",
        asked: dict[str, Any],
        canonical: QueryDict,
    ) -> None:
        self.filters = {declared.name: declared for declared in filters}
        self.asked = asked
        self.canonical = canonical
        self.names = {each.name: each.names(asked[each.name]) for each in named}

    def phrase(self) -> str:
        """Return the selection as a phrase, such as “Signed agreements on rehabilitation with Uzbekistan”."""
        clauses = sorted(
            (declared.clause for declared in self.filters.values() if declared.clause),
            key=lambda clause: clause.place,
        )
        said = [self._subject(), *filter(None, (clause.words(self) for clause in clauses))]
        for declared in self.filters.values():
            if left_out := self._left_out(declared):
                said[-1] += ","
                said.append(left_out)
        if self.asked["as_of"]:
            said[-1] += ","
            day = self.filters["as_of"].shown("", self)
            said.append(_("as of %(day)s") % {"day": day})
        return " ".join(said)

    def _subject(self) -> str:
        adjectives = [
            either(self.labels(name)).lower()
            for name, declared in self.filters.items()
            if declared.is_adjective and self.labels(name)
        ]
        described = ", ".join(adjectives)
        subject = (
            _("%(described)s agreements") % {"described": described}
            if described
            else _("agreements")
        )
        return subject[:1].upper() + subject[1:]

    def labels(self, name: str) -> list[str]:
        """Return the values asked for by a repeatable parameter, in words."""
        return [self.filters[name].shown(value, self) for value in divided(self.asked[name])[0]]

    def _left_out(self, declared: "Filter") -> str:
        """Return the clause for the values that a parameter leaves out; empty if there are none."""
        if not declared.can_leave_out:
            return ""
        values = divided(self.asked[declared.name])[1]
        words = either([declared.shown(value, self) for value in values])
        shown = words if declared.has_names else words.lower()
        return str(declared.without) % {"values": shown} if values else ""

    def joined(self, name: str, labels: list[str] | None = None) -> str:
        """Return the values given for a parameter as one text, with “or” or “and”, as it must have any or all."""
        labels = self.labels(name) if labels is None else labels
        return get_text_list(labels, self._joint(name))

    def _joint(self, name: str) -> str:
        declared: Any = self.filters[name]
        is_all = hasattr(declared, "asks_for_all") and declared.asks_for_all(self.asked)
        return _("and") if is_all else _("or")

    def chips(self) -> list[Chip]:
        """Return the active filters in the order of the form, each with the query without it."""
        found = [
            chip
            for declared in self.filters.values()
            if declared.has_chip
            for chip in self._of(declared)
        ]
        return found[:1] + [
            replace(
                chip,
                joint=self._joint(chip.parameter)
                if chip.parameter == before.parameter and not chip.is_left_out
                else _("and"),
            )
            for before, chip in pairwise(found)
        ]

    def _of(self, declared: "Filter") -> Iterator[Chip]:
        given = self.canonical.getlist(declared.name)
        kept, left_out = divided(given) if declared.can_leave_out else (given, [])
        for value in kept:
            yield self._chip(declared, value, declared.shown(value, self))
        for value in left_out:
            shown = _("not %(value)s") % {"value": declared.shown(value, self)}
            yield replace(self._chip(declared, f"{WITHOUT}{value}", shown), is_left_out=True)

    def _chip(self, declared: "Filter", value: str, shown: str) -> Chip:
        rest = self.canonical.copy()
        given = rest.getlist(declared.name)
        rest.setlist(declared.name, [other for other in given if other != value])
        return Chip(declared.name, str(declared.label), shown, rest.urlencode())


def either(words: list[str]) -> str:
    return get_text_list(words, _("or"))
