"""What a pasted URL or byline says about a source, with what the register knows: the source itself, or its publisher.

The page of an agreement shows it while you type, and reads it again on saving.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count
from django.utils import timezone

from agreements.domain.bylines import Byline, read_byline
from agreements.domain.partial_dates import PartialDate, in_words
from agreements.models import Source
from agreements.models.sources import page_of
from agreements.search import fold

_LEAST_WORDS_OF_A_TITLE = 3
_MOST_PARTS = 10


@dataclass(frozen=True)
class Understood:
    """The values of a new source; `known` is the source that the register already has for the same page."""

    known: Source | None = None
    url: str = ""
    publisher: str = ""
    title: str = ""
    author: str = ""
    published: PartialDate | None = None
    published_at: datetime | None = None
    language: str = ""

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
    rest = list(read.rest[:_MOST_PARTS])
    publisher = _publisher(read, rest)
    titles = [
        part for part in rest if part != publisher and len(part.split()) >= _LEAST_WORDS_OF_A_TITLE
    ]
    moment = read.moment
    if moment is not None and timezone.is_naive(moment):
        moment = timezone.make_aware(moment)
    return Understood(
        url=page_of(read.url),
        publisher=publisher or read.host,
        title=titles[0] if len(titles) == 1 else "",
        author=_without(read.author, publisher),
        published=read.published,
        published_at=moment,
        language=read.language,
    )


def _publisher(read: Byline, rest: list[str]) -> str:
    """Return who the register says publishes on this site, or which publisher or site the text names."""
    if read.host:
        of_site = Source.objects.of_host(read.host).values("publisher").order_by()
        most = of_site.annotate(n=Count("pk")).order_by("-n", "publisher").first()
        if most:
            return str(most["publisher"])
        named = [part for part in rest if _is_name_of(read.host, part)]
        return named[0] if named else ""
    if not rest:
        return ""
    known = Source.objects.filter(publisher__in=rest).order_by("publisher")
    return known.values_list("publisher", flat=True).first() or ""


def _is_name_of(host: str, part: str) -> bool:
    """Return whether this is the site's own name, as Azernews is that of azernews.az."""
    name = fold(part).replace(" ", "")
    return bool(name) and name in host.split(".")


def _without(author: str, publisher: str) -> str:
    """Return the author without the publisher, which often follows the name."""
    if publisher and author.casefold().endswith(f" {publisher.casefold()}"):
        return author[: -len(publisher)].strip()
    return author
