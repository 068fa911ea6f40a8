"""Reads query strings: drops blanks, replaces former slugs with current ones, and names every error.

`Selection` uses it for the parameters of agreements, and the API for those of its other lists.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _

from agreements.domain.states import current_code
from agreements.selection.declarations import NAMED
from agreements.selection.fields import WITHOUT, did_you_mean, is_slug

# Added by mailings and search engines; not meant for us.
_TRACKING = ("utm_", "mc_")
_TRACKING_NAMES = frozenset({"fbclid", "gclid", "msclkid", "yclid"})


@dataclass(frozen=True)
class Problem:
    """One problem with a query string, explained to the user who sent it."""

    parameter: str
    label: str
    message: str

    def __str__(self) -> str:
        return f"{self.parameter}: {self.message}"


def without_blanks(query: QueryDict) -> QueryDict:
    """Drop the empty values that browsers send for fields left empty."""
    given = QueryDict(mutable=True)
    for name, values in query.lists():
        if filled := [value for value in values if value.strip()]:
            given.setlist(name, filled)
    return given


def with_present_slugs(query: QueryDict) -> QueryDict:
    """Replace former slugs of parties, areas and people, and former codes of countries, with the current ones."""
    given = with_present_codes(query)
    for each in NAMED:
        if values := query.getlist(each.name):
            slugs = [value.removeprefix(WITHOUT) for value in values]
            now = each.rows.renamed(filter(is_slug, slugs))
            given.setlist(each.name, [_under(value, now) for value in values])
    return given


def with_present_codes(query: QueryDict) -> QueryDict:
    """Return a copy in which a state that has changed its name and code, such as ZRCD, has the code of today."""
    given = query.copy()
    if codes := query.getlist("country"):
        now = {
            code: current_code(code) for value in codes for code in [value.removeprefix(WITHOUT)]
        }
        given.setlist("country", list(dict.fromkeys(_under(value, now) for value in codes)))
    return given


def _under(value: str, now: Mapping[str, str]) -> str:
    """Return a value under its present name, still with its sign."""
    name = value.removeprefix(WITHOUT)
    return value.removesuffix(name) + now.get(name, name)


def refuse_repetition(form: forms.Form, given: QueryDict, repeatable: Collection[str]) -> None:
    """Add an error to each form field that has several values but accepts only one."""
    for name in form.fields.keys() - repeatable:
        if len(set(given.getlist(name))) > 1:
            form.add_error(
                name, _("This was given more than once, with different values. Give it only once.")
            )


def unknown_parameters(given: Iterable[str], known: Collection[str]) -> list[Problem]:
    """Return the given parameters that are unknown, each with the closest known one."""
    return [
        Problem(name, name, _("There is no such parameter.") + did_you_mean(name, known))
        for name in given
        if name not in known and not (name.startswith(_TRACKING) or name in _TRACKING_NAMES)
    ]


def canonical(
    given: QueryDict, defaults: Mapping[str, str], qualified: Mapping[str, Collection[str]]
) -> QueryDict:
    """Return these parameters sorted, without blanks, defaults, the page, and those without any `qualified` one."""
    query = QueryDict(mutable=True)
    for name in sorted(defaults):
        values = sorted(set(given.getlist(name)))
        if not any(each in given for each in qualified.get(name) or (name,)):
            continue
        if values and values != [defaults[name]] and name != "page":
            query.setlist(name, values)
    return query


def changed(query: QueryDict, values: Mapping[str, str]) -> str:
    """Return a sorted query string with these values instead of those given for their parameters."""
    other = query.copy()
    for name, value in values.items():
        other[name] = value
    return urlencode(sorted((name, value) for name, given in other.lists() for value in given))
