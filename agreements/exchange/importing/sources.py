"""Finds the source that a statement cites, or creates it: by its slug, its URL, or its publisher and title."""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from django.core.exceptions import ValidationError
from django.utils.text import slugify
from django.utils.translation import gettext as _

from agreements.exchange.importing.statements import Cited
from agreements.models import Source


@dataclass(eq=False)
class NewSource:
    """A source that an import will create under a free slug, with its `pk` once created."""

    cited: Cited
    slug: str
    pk: int | None = None

    def as_row(self) -> Source:
        """Return the source, unsaved."""
        cited = self.cited
        return Source(
            slug=self.slug,
            publisher=cited.publisher,
            title=cited.title[:500],
            url=cited.url,
            language=cited.language,
            **dict(cited.more),
        )


class SourceBook:
    """The sources that a block of statements cites, looked up together; sources created earlier are remembered."""

    def __init__(self) -> None:
        self.labels: dict[int, str] = {}
        self._found: dict[Cited, int | NewSource | str] = {}
        self._slugs: set[str] = set()
        # id, URL and title of each existing source
        self._by_slug: dict[str, tuple[int, str, str]] = {}
        # sources created for this file, by URL or else by publisher and title: two rows may cite one source
        self._new: dict[tuple[str, ...], NewSource] = {}

    def look_up(self, cited: Iterable[Cited]) -> None:
        """Find or create all of these; a few queries."""
        new = [one for one in dict.fromkeys(cited) if one not in self._found]
        slugs = {one: _wanted_slugs(one) for one in new}
        of_slug = Source.objects.filter(slug__in=[one.slug for one in new if one.slug])
        for slug, key, url, title in of_slug.values_list("slug", "pk", "url", "title"):
            self._by_slug[slug] = (key, url, title)
        of_url = Source.objects.filter(url__in=[one.url for one in new if one.url])
        by_url = dict(of_url.values_list("url", "pk"))
        self.labels |= {key: url for url, key in by_url.items()}
        titles = [one.title for one in new if one.title and not one.url]
        of_title = Source.objects.filter(title__in=titles).order_by("-pk")
        by_title = {
            (publisher.casefold(), title): key
            for key, publisher, title in of_title.values_list("pk", "publisher", "title")
        }
        wanted = Source.objects.filter(slug__in=[slug for some in slugs.values() for slug in some])
        self._slugs |= set(wanted.values_list("slug", flat=True))
        for one in new:
            stored = self._of_its_slug(one) or by_url.get(one.url)
            stored = stored or by_title.get((one.publisher.casefold(), one.title))
            self._found[one] = stored or self._made(one, slugs[one])

    def find(self, cited: Cited, among: Iterable[int] = ()) -> int | NewSource | str:
        """Return the source's id, the source that will be created, or a sentence that says why there is neither.

        `among` are the record's present sources: a slug alone means one of these before a new source is created.
        """
        found = self._found[cited]
        of_slug, _url, _title = self._by_slug.get(cited.slug, (0, "", ""))
        return of_slug if of_slug in among and not isinstance(found, int) else found

    def label(self, key: "int | NewSource") -> str:
        if isinstance(key, NewSource):
            return key.cited.label
        if key not in self.labels:
            stored = Source.objects.filter(pk=key).values_list("url", "title").first()
            self.labels[key] = next(filter(None, stored or ()), "")
        return self.labels[key]

    def _of_its_slug(self, cited: Cited) -> int | None:
        """Return the source with this slug, unless the rest describes another register's source."""
        key, url, title = self._by_slug.get(cited.slug, (None, "", ""))
        if cited.url and url:
            return key if cited.url == url else None
        is_slug_alone = not (cited.url or cited.title or cited.publisher)
        return key if is_slug_alone or cited.title == title else None

    def _made(self, cited: Cited, slugs: list[str]) -> NewSource | str:
        if known := self._new.get(_identity(cited)):
            return known
        if not cited.publisher:
            return _("The source has no publisher. Enter the source first, or name its publisher.")
        new = NewSource(cited, next(slug for slug in slugs if slug not in self._slugs))
        try:
            new.as_row().clean_fields()
        except ValidationError as error:
            return " ".join(error.messages)
        self._slugs.add(new.slug)
        self._new[_identity(cited)] = new
        return new


def _identity(cited: Cited) -> tuple[str, ...]:
    return (cited.url,) if cited.url else (cited.publisher.casefold(), cited.title)


def _wanted_slugs(cited: Cited) -> list[str]:
    """Return the slugs a source may have, the best first; the others end in digests, which make them unique."""
    words = slugify(f"{cited.publisher[:60]} {cited.title or cited.url}")
    best = cited.slug or words[:100].strip("-") or "source"
    digest = sha256(repr(cited).encode()).hexdigest()
    return [best, *(f"{best[:100]}-{digest[start : start + 8]}" for start in range(0, 48, 8))]
