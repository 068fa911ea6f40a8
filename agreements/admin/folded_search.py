"""The search of the staff's lists and pickers: it finds what the public search finds, in any alphabet and spelling.

A screen names its columns of spellings in `searched`. Each word typed must be in one of them, or as typed in one of
`search_fields` (references, URLs, checksums), or in the title or reference of the row's agreement.
"""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.text import smart_split, unescape_string_literal

from agreements.models.querysets import spelled
from agreements.search import Found, SearchQuery, spellings

# More words than anybody types into the search of a list.
MOST_WORDS = 30


class FoldedSearch(admin.ModelAdmin):
    # the columns of spellings, such as "searched" and "party__searched"
    searched: tuple[str, ...] = ("searched",)
    # whether the title of the row's agreement is searched
    searches_agreement = False

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        for word in searched_words(search_term):
            queryset = queryset.filter(self._contains(word))
        return queryset, False

    def _contains(self, word: str) -> Q:
        found = Q(pk__in=[])
        for column in self.searched:
            found |= spelled(word, column)
        for column in self.search_fields:
            found |= Q(**{f"{column}__icontains": word})
        if self.searches_agreement and (wanted := SearchQuery.read(word).wanted):
            found |= Q(agreement__in=Found(wanted, in_title=True))
        return found


def searched_words(typed: str) -> list[str]:
    """Return the words to search for, or what was typed if none has letters or digits: that finds nothing."""
    words = [_unquoted(word) for word in smart_split(typed)]
    return [word for word in words if spellings(word)][:MOST_WORDS] or words[:1]


def _unquoted(word: str) -> str:
    is_quoted = word[:1] in "\"'" and word[:1] == word[-1:] and len(word) > 1
    return unescape_string_literal(word) if is_quoted else word
