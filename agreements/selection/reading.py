"""A query string as it is read: without blanks, with the present slugs of renamed rows, each thing that is wrong named.

`Selection` reads the parameters of agreements here, the API those of its other lists.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _

from agreements.selection.declarations import BRANCHES
from agreements.selection.fields import did_you_mean, is_slug

# Appended by mailings and search engines; never meant for us.
_TRACKING = ("utm_", "mc_")
_TRACKING_NAMES = frozenset({"fbclid", "gclid", "msclkid", "yclid"})


@dataclass(frozen=True)
class Problem:
    """One thing about a query string that could not be understood, for the person who sent it."""

    parameter: str
    label: str
    message: str

    def __str__(self) -> str:
        return f"{self.parameter}: {self.message}"


def without_blanks(query: QueryDict) -> QueryDict:
    """Drop what a browser sends for fields that were left empty."""
    given = QueryDict(mutable=True)
    for name, values in query.lists():
        if filled := [value for value in values if value.strip()]:
            given.setlist(name, filled)
    return given


def with_present_slugs(query: QueryDict) -> QueryDict:
    """Read a slug that a party or an area had before as the one it has now."""
    given = query.copy()
    for branch in BRANCHES:
        if slugs := query.getlist(branch.name):
            now = branch.rows.renamed(filter(is_slug, slugs))
            given.setlist(branch.name, [now.get(slug, slug) for slug in slugs])
    return given


def refuse_repetition(form: forms.Form, given: QueryDict, repeatable: Collection[str]) -> None:
    """Add an error to each field of the form that is given several values and may have one only."""
    for name in form.fields.keys() - repeatable:
        if len(set(given.getlist(name))) > 1:
            form.add_error(
                name, _("This is given more than once, with different values. Give it once.")
            )


def unknown_parameters(given: Iterable[str], known: Collection[str]) -> list[Problem]:
    """Name those of the given parameters that are not known, each with the nearest one that is."""
    return [
        Problem(name, name, _("There is no such parameter.") + did_you_mean(name, known))
        for name in given
        if name not in known and not (name.startswith(_TRACKING) or name in _TRACKING_NAMES)
    ]


def canonical(given: QueryDict, defaults: Mapping[str, str]) -> QueryDict:
    """Return these parameters sorted, without the rest, what is the default and the page."""
    query = QueryDict(mutable=True)
    for name in sorted(defaults):
        values = sorted(set(given.getlist(name)))
        if values and values != [defaults[name]] and name != "page":
            query.setlist(name, values)
    return query


def changed(query: QueryDict, values: Mapping[str, str]) -> str:
    """Return a query string, sorted, with these values in place of what was given for their parameters."""
    other = query.copy()
    for name, value in values.items():
        other[name] = value
    return urlencode(sorted((name, value) for name, given in other.lists() for value in given))
