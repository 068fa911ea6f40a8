"""A selection as people say it: the whole in a phrase, and each filter by itself.

Page titles, feed titles, file names and chart captions take `phrase`; the list shows `chips`, each of which takes one
filter away. `Selection` calls both with what its form has understood.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_countries import countries

from agreements.domain.choices import Certainty, Kind, LegalNature, Status, Verification
from agreements.domain.partial_dates import PartialDate, in_words
from agreements.models import Area, Party

_CODES: dict[str, Any] = {
    "status": Status,
    "kind": Kind,
    "legal_nature": LegalNature,
    "verification": Verification,
}
_NAMED: dict[str, Any] = {"area": Area, "party": Party}
# How the list is drawn, not what is in it.
_DRAWN = frozenset({"sort", "per_page", "page"})


@dataclass(frozen=True)
class Chip:
    """One active filter: what it is called, and the query string of the selection without it."""

    parameter: str
    label: str
    value: str
    query: str


class Wording:
    """The words for one understood query; names of areas and parties are looked up once."""

    def __init__(self, form: Any, canonical: QueryDict) -> None:
        self.form = form
        self.asked = form.cleaned_data
        self.canonical = canonical
        self._names = {name: _names_of(model, self.asked[name]) for name, model in _NAMED.items()}

    # The whole

    def phrase(self) -> str:
        """Return the selection as a phrase, such as “Signed agreements on rehabilitation with Uzbekistan”."""
        clauses = [self._subject(), *filter(None, self._clauses())]
        if self.asked["as_of"]:
            clauses[-1] += ","
            clauses.append(_("as of %(day)s") % {"day": _day(self.asked["as_of"])})
        return " ".join(clauses)

    def _subject(self) -> str:
        adjectives = [
            _either(self._labels(name)) for name in ("status", "legal_nature", "verification")
        ]
        described = ", ".join(adjective.lower() for adjective in adjectives if adjective)
        subject = (
            _("%(described)s agreements") % {"described": described}
            if described
            else _("agreements")
        )
        return subject[:1].upper() + subject[1:]

    def _clauses(self) -> list[str]:
        asked = self.asked
        kinds = _either(self._labels("kind")).lower()
        fields = _either([label.lower() for label in self._labels("area")])
        partners = _either(self._labels("country") + self._labels("party"))
        documents = {
            "true": _("with a public document"),
            "false": _("without a public document"),
        }
        return [
            _("(%(kinds)s)") % {"kinds": kinds} if kinds else "",
            _("on %(areas)s") % {"areas": fields} if fields else "",
            _("with %(partners)s") % {"partners": partners} if partners else "",
            _period(asked["signed_from"], asked["signed_to"], asked["certainty"]),
            _ending(asked["expires_within"]),
            documents.get(asked["has_document"], ""),
            _sought(asked["q"]),
        ]

    def _labels(self, name: str) -> list[str]:
        return [self._label(name, value) for value in self.asked[name]]

    def _label(self, name: str, value: str) -> str:
        if name in _CODES:
            return str(_CODES[name](value).label)
        if name in _NAMED:
            return self._names[name].get(value, value)
        return str(dict(countries).get(value, value))

    # One by one

    def chips(self) -> list[Chip]:
        """Return the active filters in the order of the form, each with the query that drops it."""
        return [chip for name in self.form.fields if name not in _DRAWN for chip in self._of(name)]

    def _of(self, name: str) -> Iterator[Chip]:
        label = str(self.form.fields[name].label)
        for value in self.canonical.getlist(name):
            yield Chip(name, label, self._shown(name, value), self._without(name, value))

    def _shown(self, name: str, value: str) -> str:
        match name:
            case "status" | "kind" | "legal_nature" | "verification" | "area" | "party" | "country":
                return self._label(name, value)
            case "signed_from" | "signed_to":
                return in_words(self.asked[name])
            case "as_of":
                return _day(self.asked[name])
            case "certainty":
                return str(Certainty(value).label)
            case "has_document":
                return _("yes") if value == "true" else _("no")
        return value

    def _without(self, name: str, value: str) -> str:
        rest = self.canonical.copy()
        rest.setlist(name, [other for other in rest.getlist(name) if other != value])
        return rest.urlencode()


def _names_of(model: Any, slugs: list[str]) -> dict[str, str]:
    """Return the names of these rows by slug, in the order of the names; no query for none."""
    if not slugs:
        return {}
    rows = model.objects.filter(slug__in=slugs).order_by("name")
    return dict(rows.values_list("slug", "name"))


def _either(words: list[str]) -> str:
    return get_text_list(words, _("or"))


def _day(day: Any) -> str:
    return in_words(PartialDate.from_date(day))


def _period(start: PartialDate | None, end: PartialDate | None, certainty: str) -> str:
    if start is None and end is None:
        return ""
    dates = {"start": start and in_words(start), "end": end and in_words(end)}
    if start is not None and start == end:
        at = _("signed on %(start)s") if start.precision == "day" else _("signed in %(start)s")
        period = at % dates
    elif start is not None and end is not None:
        period = _("signed from %(start)s to %(end)s") % dates
    elif start is not None:
        period = _("signed from %(start)s") % dates
    else:
        period = _("signed until %(end)s") % dates
    return f"{_('certainly')} {period}" if certainty == Certainty.CERTAIN else period


def _sought(q: str) -> str:
    """Quote plain words; a search with signs of its own is shown as it was typed."""
    if not q:
        return ""
    if '"' in q or any(word.startswith("-") for word in q.split()):
        return _("found by the search %(q)s") % {"q": q}
    return _("containing “%(q)s”") % {"q": q}


def _ending(days: int | None) -> str:
    if days is None:
        return ""
    return ngettext("ending within %(n)d day", "ending within %(n)d days", days) % {"n": days}
