"""One record as it is cited: the parts from which every citation format is built."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_countries import countries

from agreements.domain.choices import Kind, Role, Stage
from agreements.domain.identifiers import IMPORTED_ROW
from agreements.domain.partial_dates import PartialDate, in_words
from agreements.domain.partial_dates.values import Point
from agreements.domain.plain_text import one_line
from agreements.domain.urls import permanent
from agreements.exchange.exporting.extracts import REGISTER
from agreements.models import Agreement, ExternalIdentifier, Party

MOST_NAMED = 4


@dataclass(frozen=True)
class Citation:
    """The citation of an agreement, accessed on `today`. With its parties, areas and
    identifiers already fetched, it needs no query."""

    agreement: Agreement
    today: date

    @property
    def title(self) -> str:
        return one_line(self.agreement.title)

    @property
    def summary(self) -> str:
        return one_line(self.agreement.summary)

    @property
    def instrument(self) -> str:
        """The kind as a noun: “Other” is no name for an instrument."""
        is_named = self.agreement.kind != Kind.OTHER
        return self.agreement.get_kind_display() if is_named else str(Kind.AGREEMENT.label)

    @cached_property
    def identifiers(self) -> list[ExternalIdentifier]:
        """Its identifiers elsewhere, in their order, which the caller may have fetched."""
        rows = self.agreement.identifiers.all()
        return [row for row in rows if row.scheme != IMPORTED_ROW]

    @property
    def doi(self) -> str:
        """The DOI if it has exactly one; a citation has room for one."""
        found = [row.value for row in self.identifiers if row.scheme == "doi" and row.url]
        return found[0] if len(found) == 1 else ""

    @property
    def areas(self) -> list[str]:
        return [one_line(area.name) for area in self.agreement.areas.all()]

    @cached_property
    def url(self) -> str:
        return permanent(self.agreement.get_absolute_url())

    @property
    def signed(self) -> Point | None:
        """The date of signature, possibly qualified; None if it is unknown or an interval."""
        date = self.agreement.signed
        return date.start if date and not date.is_interval else None

    @property
    def plain_date(self) -> Point | None:
        """The date of signature if it is neither approximate nor uncertain, for formats that cannot say "about"."""
        return self.signed if self.signed and not self.signed.qualifier else None

    @property
    def description(self) -> str:
        """Who agreed and when: “Memorandum of understanding between A and B, signed August 2023”."""
        return f"{self._kind_and_parties}, {self._when}"

    @property
    def text(self) -> str:
        """The full citation in the active language, as a person would write it in a footnote."""
        return _(
            "%(title)s. %(description)s. %(register)s, %(ref)s, %(url)s (accessed %(day)s)."
        ) % {
            "title": self.title,
            "description": self.description,
            "register": REGISTER,
            "ref": self.agreement.ref,
            "url": self.url,
            "day": in_words(PartialDate.from_date(self.today)),
        }

    @property
    def _when(self) -> str:
        if self.agreement.signed:
            return _("signed %(date)s") % {"date": in_words(self.agreement.signed)}
        if self.agreement.stage == Stage.CONCLUDED:
            return _("date of signature unknown")
        return self.agreement.get_stage_display().lower()

    @property
    def _kind_and_parties(self) -> str:
        participations = self.agreement.participations.all()
        names = [_with_country(row.party) for row in participations if row.role == Role.PARTY]
        if not names:
            return self.instrument
        if len(names) == 1:
            return _("%(kind)s of %(party)s") % {"kind": self.instrument, "party": names[0]}
        return _("%(kind)s between %(parties)s") % {
            "kind": self.instrument,
            "parties": _listed(names),
        }


def _with_country(party: Party) -> str:
    """Return the party's name and country, which tells one ministry of the interior from another."""
    name = one_line(party.name)
    if not party.country or party.is_country:
        return name
    return f"{name} ({countries.name(party.country)})"


def _listed(names: list[str]) -> str:
    """Return all names if there are few, otherwise the first ones and how many others there are."""
    rest = len(names) - MOST_NAMED
    if rest > 1:
        others = ngettext("%(n)d other", "%(n)d others", rest) % {"n": rest}
        names = [*names[:MOST_NAMED], others]
    return get_text_list(names, _("and"))
