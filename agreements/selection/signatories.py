"""The filter by who signed: words of a name or position in any spelling, or one person by the code of their page.

`declarations` lists it among the others.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from django.db.models import Q

from agreements.counting.column_store import Keys
from agreements.domain.choices import Publication
from agreements.models import Person, PersonName, Signatory
from agreements.models.people import PersonQuerySet
from agreements.search import words
from agreements.selection.declared import ByText
from agreements.selection.fields import is_slug

if TYPE_CHECKING:
    from agreements.selection.wording import Wording

# More words than a name has; the rest of a text pasted into the field is not read.
MOST_WORDS = 12


@dataclass(frozen=True, kw_only=True)
class Signatories(ByText):
    """Who signed, by name or by the slug of a person."""

    rows: PersonQuerySet

    def found(self, text: str) -> Keys:
        rows = Signatory.objects.filter(
            _named(text), agreement__publication=Publication.PUBLISHED
        ).order_by()
        return np.fromiter(rows.values_list("agreement_id", flat=True).iterator(), np.int64)

    def names(self, text: str) -> dict[str, str]:
        """Return the name of the person with this slug; empty if the text is not one."""
        person = _person(text)
        return {text: person.name} if person else {}

    def shown(self, value: str, wording: "Wording") -> str:
        return wording.names[self.name].get(value, value)


def holds(row: Signatory, text: str) -> bool:
    """Whether the filter finds this row, whose person and their names are fetched, by the text; no query."""
    if row.person and row.person.slug == text:
        return True
    names = [row.name, row.as_published, row.title]
    if row.person:
        names += [row.person.name, *(each.name for each in row.person.names.all())]
    present = {key for name in names for word in words(name) for key in word.keys}
    wanted = [word.keys for word in words(text)][:MOST_WORDS]
    return bool(wanted) and all(
        any(each.startswith(key) for each in present for key in keys) for keys in wanted
    )


def _person(text: str) -> Person | None:
    """Return the public person with this slug. A single word is a name: several people may have it."""
    if not (is_slug(text) and "-" in text):
        return None
    return Person.objects.in_public().filter(slug=text).first()


def _named(text: str) -> Q:
    """Whether a signatory is the person with this slug; without one, whether a word of a name or of the position begins
    with each of these.
    """
    if person := _person(text):
        return Q(person=person)
    wanted = [word.keys for word in words(text)][:MOST_WORDS]
    return _having_all(wanted) if wanted else Q(pk__in=[])


def _having_all(wanted: Iterable[tuple[str, ...]]) -> Q:
    found = Q()
    for keys in wanted:
        own = Q()
        for key in keys:
            # every word of a spelling follows a blank
            own |= Q(searched__contains=f" {key}")
        people = Person.objects.filter(own).values("pk")
        otherwise = PersonName.objects.filter(own).values("person")
        found &= own | Q(person__in=people) | Q(person__in=otherwise)
    return found
