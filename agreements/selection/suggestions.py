"""“Did you mean”: a search that found nothing, with its slips corrected from the register's own vocabulary.

`Selection` asks when it is empty. Nothing is suggested but what finds a record that the reader may see: the vocabulary
knows the words of drafts too, and must not tell them.
"""

from collections.abc import Iterator
from itertools import islice, product

from agreements.models import Agreement, SearchWord
from agreements.models.querysets import AgreementQuerySet
from agreements.search import SearchQuery, Word, similar_words, words

# A longer query is a pasted text, whose words are seldom mistyped.
MOST_WORDS = 8
_MOST_TRIED = 10


def suggestion(text: str, among: AgreementQuerySet) -> str | None:
    """Return the query with its mistyped words replaced if it then finds something among these agreements, else None.

    A word is mistyped that no published agreement has. Costs a query or two a word and ten at most to try them out.
    """
    wanted = {word for term in SearchQuery.read(text).wanted for word in term.words}
    present = [word for word in words(text) if word.folded in wanted]
    if len(present) > MOST_WORDS:
        return None
    unknown = [word for word in present if not _is_known(word, is_last=word is present[-1])]
    tried = islice(_corrections(text, unknown), _MOST_TRIED) if unknown else ()
    return next((query for query in tried if among.containing(query).exists()), None)


def _is_known(word: Word, *, is_last: bool) -> bool:
    published = Agreement.objects.published()
    return published.containing(word.folded if is_last else f'"{word.folded}"').exists()


def _corrections(text: str, unknown: list[Word]) -> Iterator[str]:
    """Yield the text with similar words in place of the unknown ones, the nearest first."""
    for replacements in product(
        *(similar_words(SearchWord.objects.all(), word.folded) for word in unknown)
    ):
        corrected = text
        # From the end, so that the places of the words before stay what they are.
        for word, replacement in reversed(list(zip(unknown, replacements, strict=True))):
            corrected = corrected[: word.start] + replacement + corrected[word.end :]
        yield corrected
