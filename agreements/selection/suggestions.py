"""“Did you mean”: corrects the typos of a search that found nothing, using the register's own vocabulary.

`Selection` calls this when it is empty. The vocabulary includes words of drafts, which must not be revealed, so a
suggestion must find a record that the reader can see.
"""

from collections.abc import Iterator
from itertools import islice, product

from agreements.models import Agreement, SearchWord
from agreements.models.querysets import AgreementQuerySet
from agreements.search import SearchQuery, Word, similar_words, words

# A longer query is pasted text, which rarely contains typos.
MOST_WORDS = 8
_MOST_TRIED = 10


def suggestion(text: str, among: AgreementQuerySet) -> str | None:
    """Return the query with its mistyped words replaced if it then finds any of these agreements, otherwise None.

    A word is mistyped if no published agreement contains it. One or two queries per word, and at most ten to try the
    suggestions.
    """
    wanted = {word for term in SearchQuery.read(text).wanted for word in term.words}
    present = [word for word in words(text) if word.folded in wanted]
    if len(present) > MOST_WORDS:
        return None
    unknown = [
        word
        for word in present
        if not _is_known(text[word.start : word.end], is_last=word is present[-1])
    ]
    tried = islice(_corrections(text, unknown), _MOST_TRIED) if unknown else ()
    return next((query for query in tried if among.containing(query).exists()), None)


def _is_known(word: str, *, is_last: bool) -> bool:
    published = Agreement.objects.published()
    return published.containing(word if is_last else f'"{word}"').exists()


def _corrections(text: str, unknown: list[Word]) -> Iterator[str]:
    """Yield the text with similar words instead of the unknown ones, the closest first."""
    for replacements in product(
        *(similar_words(SearchWord.objects.all(), word.folded) for word in unknown)
    ):
        corrected = text
        # From the end, so that the positions of earlier words stay the same.
        for word, replacement in reversed(list(zip(unknown, replacements, strict=True))):
            corrected = corrected[: word.start] + replacement + corrected[word.end :]
        yield corrected
