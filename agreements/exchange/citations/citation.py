"""One record as it is cited: the parts that every format of citations is put together from."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_countries import countries

from agreements.domain.choices import PartyKind, Role, Stage
from agreements.domain.partial_dates import PartialDate, in_words
from agreements.domain.partial_dates.values import Point
from agreements.domain.plain_text import one_line
from agreements.domain.urls import permanent
from agreements.exchange.exporting.extracts import REGISTER
from agreements.models import Agreement, Party

MOST_NAMED = 4


@dataclass(frozen=True)
class Citation:
    """The citation of an agreement whose parties and areas are fetched, read on `today`; no query."""

    agreement: Agreement
    today: date

    @property
    def title(self) -> str:
        return one_line(self.agreement.title)

    @property
    def summary(self) -> str:
        return one_line(self.agreement.summary)

    @property
    def kind(self) -> str:
        return self.agreement.get_kind_display()

    @property
    def areas(self) -> list[str]:
        return [one_line(area.name) for area in self.agreement.areas.all()]

    @cached_property
    def address(self) -> str:
        return permanent(self.agreement.get_absolute_url())

    @property
    def signed(self) -> Point | None:
        """The date of signature, if it is one, so that parts of it may be given; maybe a qualified one."""
        date = self.agreement.signed
        return date.start if date and not date.is_interval else None

    @property
    def plain_date(self) -> Point | None:
        """The same, if it is approximate and uncertain in nothing: what formats without "about" may give."""
        return self.signed if self.signed and not self.signed.qualifier else None

    @property
    def description(self) -> str:
        """What was agreed by whom and when: “Memorandum of understanding between A and B, signed August 2023”."""
        return f"{self._kind_and_parties}, {self._when}"

    @property
    def text(self) -> str:
        """The whole citation in the active language, as a person would write it into a footnote."""
        return _(
            "%(title)s. %(description)s. %(register)s, %(ref)s, %(address)s (read %(day)s)."
        ) % {
            "title": self.title,
            "description": self.description,
            "register": REGISTER,
            "ref": self.agreement.ref,
            "address": self.address,
            "day": in_words(PartialDate.from_date(self.today)),
        }

    @property
    def _when(self) -> str:
        if self.agreement.signed:
            return _("signed %(date)s") % {"date": in_words(self.agreement.signed)}
        if self.agreement.stage == Stage.CONCLUDED:
            return _("date of signature not known")
        return self.agreement.get_stage_display().lower()

    @property
    def _kind_and_parties(self) -> str:
        participations = self.agreement.participations.all()
        names = [_named(row.party) for row in participations if row.role == Role.PARTY]
        if not names:
            return self.kind
        if len(names) == 1:
            return _("%(kind)s of %(party)s") % {"kind": self.kind, "party": names[0]}
        return _("%(kind)s between %(parties)s") % {"kind": self.kind, "parties": _listed(names)}


def _named(party: Party) -> str:
    """Name the party with its country, by which one ministry of the interior is told from another."""
    name = one_line(party.name)
    return (
        f"{name} ({countries.name(party.country)})"
        if party.country and party.kind != PartyKind.STATE
        else name
    )


def _listed(names: list[str]) -> str:
    """Name all of a few, or the first of many and how many more there are."""
    rest = len(names) - MOST_NAMED
    if rest > 1:
        others = ngettext("%(n)d other", "%(n)d others", rest) % {"n": rest}
        names = [*names[:MOST_NAMED], others]
    return get_text_list(names, _("and"))
