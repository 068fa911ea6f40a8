"""What a brief is asked for: its selection, its language and its parameters, read from a query string.

Bad values are collected as problems, each with what to write instead, so that page and Word file refuse the same things.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.conf import settings
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from agreements.domain.states import current_code, states
from agreements.domain.urls import permanent
from agreements.models import Party
from agreements.selection.reading import Problem, without_blanks
from agreements.selection.selection import Selection

LANGUAGES = {"en": "English", "az": "Azərbaycanca", "ru": "Русский"}
GROUPINGS = ("area", "status")
ANY = "any"
# what only briefs read; the rest selects agreements
OWN = ("lang", "by", "internal", "with")


@dataclass(frozen=True)
class Asked:
    """A brief as somebody asked for it: of one party, or of any selection if `party` is None."""

    query: QueryDict
    today: date
    party: Party | None = None

    @cached_property
    def given(self) -> QueryDict:
        return without_blanks(self.query)

    @property
    def language(self) -> str:
        """The language of the brief; English unless asked otherwise."""
        return self.given.get("lang", "en")

    @property
    def grouping(self) -> str:
        return self.given.get("by", GROUPINGS[0])

    @property
    def wants_internal(self) -> bool:
        """Whether somebody who may see internal parts wants them in this copy."""
        return self.given.get("internal", "1") == "1"

    @cached_property
    def side(self) -> str:
        """The code of the country whose agreements with the party it lists; empty for all of the party's agreements.

        It is preset by `OUR_SIDE`, except in the briefs of that country's own bodies.
        """
        if self.party is None:
            return ""
        own = str(self.party.country)
        preset = settings.OUR_SIDE if own != settings.OUR_SIDE else ""
        asked = self.given.get("with", preset)
        return "" if asked == ANY else _code_of(asked)

    @cached_property
    def selection(self) -> Selection:
        """The selection, in which the party and the other side count as filters like any others."""
        query = self.given.copy()
        for name in OWN:
            query.pop(name, None)
        if self.party is not None:
            query.setlist("party", [self.party.slug])
        if self.side:
            query.setlist("country", [self.side])
        return Selection(query, today=self.today, further=())

    @cached_property
    def problems(self) -> list[Problem]:
        """Everything that was not understood; if there is anything, there is no brief."""
        selection = self.selection
        return [*self._own_problems(), *selection.errors, *selection.unknown]

    def _own_problems(self) -> Iterator[Problem]:
        allowed = {"lang": tuple(LANGUAGES), "by": GROUPINGS, "internal": ("0", "1")}
        for name, values in allowed.items():
            if any(value not in values for value in self.given.getlist(name)):
                known = {"values": ", ".join(values)}
                yield Problem(name, name, _("Write one of %(values)s, or leave it out.") % known)
        if self.party is None:
            if "with" in self.given:
                yield Problem("with", "with", _("Only the brief of a party has another side."))
            return
        for name in ("party", "country"):
            if name in self.given:
                why = _("The URL names the party already. Name the other side as with=AZ.")
                yield Problem(name, name, why)
        if any(value != ANY and not _code_of(value) for value in self.given.getlist("with")):
            yield Problem(
                "with",
                "with",
                _(
                    "Write the code of a country, such as AZ, or “any” for all agreements of this party."
                ),
            )

    def path(self, extension: str = "") -> str:
        """Return the path of this brief as a page, or as a file with this extension."""
        return path_of(self.party, extension)

    def query_with(self, **values: str) -> str:
        """Return the query string of this brief with these values instead of its own; empty ones are left out."""
        own = {name: str(self.given[name]) for name in OWN if name in self.given} | values
        kept = self.selection.canonical.copy()
        if self.party is not None:
            kept.pop("party", None)
            if self.side:
                kept.pop("country", None)
        for name in sorted(own):
            if own[name]:
                kept[name] = own[name]
        return kept.urlencode()

    @property
    def address(self) -> str:
        """The full URL with which the same brief can be made again."""
        explicit = {"with": self.side} if self.side else {}
        query = self.query_with(internal="", as_of=self.selection.as_of.isoformat(), **explicit)
        return permanent(f"{self.path()}?{query}")


def path_of(party: Party | None, extension: str = "") -> str:
    """Return the path of the brief of a party, or of a selection, as a page or as a file."""
    of, keys = ("party", [party.slug]) if party else ("agreements", [])
    return reverse(
        f"agreements:{of}_brief_{extension}" if extension else f"agreements:{of}_brief", args=keys
    )


def _code_of(asked: str) -> str:
    """Return the code of a country given by its code or by the slug of its page; empty if there is none."""
    code = current_code(asked.upper())
    if code in states():
        return code
    return next((state.code for state in states().values() if state.slug == asked), "")
