"""What staff say that an unknown name of a party means: how an import stores it, and what makes it wrong.

An answer is stored under the key of the spelling: the id of a party, "new", `{"name": …, "kind": …, "country": …}` for a
new party that staff described, `{"parts": […]}` for the names of several parties, or `{"nothing": true}`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements.domain.choices import PartyKind
from agreements.domain.partial_dates.values import quoted
from agreements.domain.states import states
from agreements.models import Party

# A new party is meant, and the file says all that is known about it.
NEW = "new"
LONGEST_NAME = 255
MOST_PARTS = 20


@dataclass(frozen=True)
class Existing:
    """A party of the register, by its id."""

    key: int


@dataclass(frozen=True)
class New:
    """A new party; without a name, it is what the file says."""

    name: str = ""
    kind: str = ""
    country: str = ""

    def as_party(self) -> Party:
        """Return the party, unsaved and without a slug."""
        return Party(name=self.name, kind=self.kind, country=self.country)


@dataclass(frozen=True)
class Parts:
    """The names of several parties."""

    names: tuple[str, ...]


@dataclass(frozen=True)
class Nothing:
    """The text names no party."""


Answer = Existing | New | Parts | Nothing


def read(stored: Any) -> Answer | None:
    """Return a stored answer; None for what no answer looks like."""
    match stored:
        case bool():
            return None
        case int():
            return Existing(stored)
        case "new":
            return New()
        case {"parts": [*names]}:
            return Parts(tuple(map(str, names)))
        case {"nothing": True}:
            return Nothing()
        case {"name": str(name), "kind": str(kind), "country": str(country)}:
            return New(name, kind, country)
    return None


def read_all(stored: Mapping[str, Any], *, may_make: bool = True) -> dict[str, Answer]:
    """Return the stored answers by their key, without new parties for somebody who may not create any."""
    answers = ((key, read(each)) for key, each in stored.items())
    return {
        key: answer
        for key, answer in answers
        if answer is not None and (may_make or not isinstance(answer, New))
    }


def written(answer: Answer) -> Any:
    """Return an answer as an import stores it."""
    match answer:
        case Existing(key):
            return key
        case New(name, kind, country):
            return {"name": name, "kind": kind, "country": country} if name else NEW
        case Parts(names):
            return {"parts": list(names)}
        case Nothing():
            return {"nothing": True}


def why_wrong(answer: Answer) -> str:
    """Return why this cannot be the answer, and what to do; empty if it can. Whether an id exists is not looked up."""
    match answer:
        case New(name, kind, country) if name:
            return _why_no_party(answer, kind, country)
        case Parts(names):
            return _why_no_parts(names)
    return ""


def _why_no_party(new: New, kind: str, country: str) -> str:
    if kind not in PartyKind.values:
        return _("Choose the kind of the new party.")
    if country and country not in states():
        sentence = _("“%(country)s” is not a country. Choose one from the list.")
        return sentence % {"country": quoted(country)}
    if kind == PartyKind.STATE and not country:
        return _("A state needs its country. Choose one from the list.")
    if why := why_no_name(new.as_party()):
        return _("This cannot be the name of a new party. %(why)s") % {"why": why}
    return ""


def _why_no_parts(names: tuple[str, ...]) -> str:
    if not 1 < len(names) <= MOST_PARTS:
        sentence = _("Write each party on a line of its own, from two to %(most)d of them.")
        return sentence % {"most": MOST_PARTS}
    if any(len(name) > LONGEST_NAME for name in names):
        sentence = ngettext(
            "The name of a party has at most %(most)d character. Shorten it.",
            "The name of a party has at most %(most)d characters. Shorten it.",
            LONGEST_NAME,
        )
        return sentence % {"most": LONGEST_NAME}
    return ""


def why_no_name(party: Party) -> str:
    """Return why the register cannot have this party; empty if it can."""
    try:
        party.clean_fields(exclude=["slug"])
    except ValidationError as error:
        return " ".join(error.messages)
    return ""
