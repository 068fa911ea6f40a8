"""The filters by a text that agreements or their sources contain: the place of signature and the publisher.

`declarations` lists them among the others. Both read words as the search does: in any spelling, the last one possibly only
the beginning of a word.
"""

from functools import cache
from itertools import islice

import numpy as np
from django.db import router
from django.db.models import Q

from agreements.counting.column_store import Keys
from agreements.domain.choices import Publication
from agreements.models import Agreement, Event, Evidence, Source
from agreements.search import SearchQuery, Word, found_keys, words
from agreements.selection.declared import ByText

# More words than a name has; the rest of a text pasted into the field is not read.
MOST_WORDS = 12


class Places(ByText):
    """The place of signature; one query of the search index and one for the places of what it finds."""

    def found(self, text: str) -> Keys:
        wanted = SearchQuery.read(_plain(text)).wanted
        if not wanted:
            return _keys([])
        found = Agreement.objects.published().exclude(place="")
        found = found.with_keys(found_keys(wanted, router.db_for_read(Agreement)))
        is_meant = cache(lambda place: has_words(place, text))
        rows = found.order_by().values_list("pk", "place").iterator()
        return _keys([key for key, place in rows if is_meant(place)])


class Publishers(ByText):
    """The publisher of a source, in words or as the code made of its name; three queries."""

    def found(self, text: str) -> Keys:
        publishers = _publishers(text)
        sources = Source.objects.filter(publisher__in=publishers)
        of_published = {"agreement__publication": Publication.PUBLISHED}
        keys: set[int] = set()
        for rows in (Evidence.objects.in_public(), Event.objects.all()) if publishers else ():
            resting = rows.filter(source__in=sources.values("pk"), **of_published).order_by()
            keys.update(resting.values_list("agreement_id", flat=True))
        return _keys(list(keys))


def _publishers(text: str) -> list[str]:
    """Return the publishers that are meant: the one whose name makes this code, otherwise those with these words."""
    may_have = Q()
    for word in _words(text):
        spelled = Q()
        for key in word.keys:
            # every word of a spelling follows a blank
            spelled |= Q(searched__contains=f" {key}")
        may_have &= spelled
    if not may_have:
        return []
    named = (
        Source.objects.filter(may_have).order_by().values_list("publisher", flat=True).distinct()
    )
    found = [publisher for publisher in named if has_words(publisher, text)]
    return [each for each in found if code_of_publisher(each) == text] or found


def code_of_publisher(name: str) -> str:
    return "-".join(word.folded for word in words(name))


def has_words(text: str, wanted: str) -> bool:
    """Whether a text has all these words, in any spelling; the last one may be the beginning of a word."""
    present = {key for word in words(text) for key in word.keys}
    *whole, last = [word.keys for word in _words(wanted)] or [()]
    return all(present & {*keys} for keys in whole) and any(p.startswith(last) for p in present)


def _plain(text: str) -> str:
    """Return the words of a text without the signs that a search would read as operators."""
    return " ".join(text[word.start : word.end] for word in _words(text))


def _words(text: str) -> list[Word]:
    return list(islice(words(text), MOST_WORDS))


def _keys(keys: list[int]) -> Keys:
    return np.array(keys, np.int64)
