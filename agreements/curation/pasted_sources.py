"""What a pasted URL or byline says about a source, with what the register knows: the source itself, or its publisher.

The page of an agreement shows it while you type, and reads it again on saving.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_

from django.db.models import Count, Q
from django.utils import timezone

from agreements.domain.bylines import Byline, read_byline
from agreements.domain.partial_dates import PartialDate, in_words
from agreements.domain.states import states
from agreements.models import Source
from agreements.models.sources import page_of
from agreements.search import fold

_LEAST_WORDS_OF_A_TITLE = 3
_MOST_PARTS = 10


@dataclass(frozen=True)
class Understood:
    """The values of a new source; `known` is the source that the register already has for the same page.

    `is_guess` says that the publisher is only the site of the URL.
    """

    known: Source | None = None
    url: str = ""
    publisher: str = ""
    title: str = ""
    author: str = ""
    published: PartialDate | None = None
    published_at: datetime | None = None
    language: str = ""
    is_guess: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing was read."""
        return self == Understood()

    def as_typed(self) -> dict[str, str]:
        """Return the values as people would type them into the form of a source, empty where nothing was read."""
        return {
            **{
                name: getattr(self, name)
                for name in ("url", "publisher", "title", "author", "language")
            },
            "published": in_words(self.published) if self.published else "",
            "published_at": self.published_at.isoformat(" ", "minutes")
            if self.published_at
            else "",
        }


def understood(text: str) -> Understood:
    """Return what a pasted text says; up to three queries. A time without a zone is one of the register's own zone."""
    read = read_byline(text)
    known = Source.objects.of_page(read.url) if read.url else None
    if known is not None:
        return Understood(known=known, url=known.url)
    rest = read.rest[:_MOST_PARTS]
    known_names = _known_publishers([read.author, *read.named, *rest])
    publisher = _publisher(read, known_names)
    names = {*known_names, *map(fold, (publisher, *read.named))}
    titles = [part for part in rest if fold(part) not in names and _is_title(part)]
    moment = read.moment
    if moment is not None and timezone.is_naive(moment):
        moment = timezone.make_aware(moment)
    return Understood(
        url=page_of(read.url),
        publisher=publisher or read.host,
        title=titles[0] if len(titles) == 1 else "",
        author="" if fold(read.author) in known_names else _without(read.author, publisher),
        published=read.published,
        published_at=moment,
        language=read.language,
        is_guess=bool(read.host and not publisher),
    )


def _known_publishers(parts: Sequence[str]) -> dict[str, str]:
    """Return the publishers of the register that these parts of a text are, by their folded names, in this order."""
    asked = reduce(or_, (Q(publisher__iexact=part) for part in parts if part), Q(pk__in=[]))
    found = Source.objects.filter(asked).order_by("publisher").values_list("publisher", flat=True)
    held = {fold(name): name for name in found.distinct()}
    return {fold(part): held[fold(part)] for part in parts if fold(part) in held}


def _publisher(read: Byline, known: dict[str, str]) -> str:
    """Return who the register says publishes on this site, or which publisher or site the text names; may be empty."""
    if read.host:
        of_site = Source.objects.of_host(read.host).values("publisher").order_by()
        most = of_site.annotate(n=Count("pk")).order_by("-n", "publisher").first()
        if most:
            return str(most["publisher"])
    parts = (*read.named, read.author, *read.rest[:_MOST_PARTS])
    of_host = (part for part in parts if read.host and _is_name_of(read.host, part))
    return next(iter((*of_host, *known.values(), *read.named)), "")


def _is_title(part: str) -> bool:
    """Return whether a part can be a headline: three words with letters, whole brackets, and more than a place."""
    worded = [word for word in part.split() if any(letter.isalpha() for letter in word)]
    is_whole = all(part.count(one) == part.count(other) for one, other in ("()", "[]"))
    return len(worded) >= _LEAST_WORDS_OF_A_TITLE and is_whole and not _is_place(part)


def _is_place(part: str) -> bool:
    """Return whether this is a place as datelines name it: “Dubai, United Arab Emirates”."""
    _town, comma, state = part.rpartition(",")
    return bool(comma) and fold(state) in {fold(each.name) for each in states().values()}


def _is_name_of(host: str, part: str) -> bool:
    """Return whether this is the site's own name, as Azernews is that of azernews.az."""
    name = fold(part).replace(" ", "")
    return bool(name) and name in host.split(".")


def _without(author: str, publisher: str) -> str:
    """Return the author without the publisher, which often follows the name, or is all that stands there."""
    if publisher and fold(author) == fold(publisher):
        return ""
    if publisher and author.casefold().endswith(f" {publisher.casefold()}"):
        return author[: -len(publisher)].strip()
    return author
