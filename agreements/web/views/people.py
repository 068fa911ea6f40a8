"""The page of a person: the published agreements they signed, in which posts, and every spelling of their name.

A person has a page only while a published agreement says that they signed it.
"""

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.utils import timezone
from django.views.generic import ListView
from django.views.generic.detail import SingleObjectMixin

from agreements.domain.choices import Publication
from agreements.models import Party, Person, Signatory

SIGNATURES_ON_A_PAGE = 50
MOST_POSTS = 50
MOST_SPELLINGS = 50


@dataclass(frozen=True)
class Post:
    """A position in which somebody signed, and the parties they signed for, if known."""

    title: str
    parties: list[Party]


class PersonDetailView(SingleObjectMixin, ListView):  # type: ignore[misc]  # as Django documents it
    template_name = "agreements/person_detail.html"
    paginate_by = SIGNATURES_ON_A_PAGE

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        people, slug = Person.objects.in_public(), self.kwargs["slug"]
        try:
            self.object = self.get_object(queryset=people)
        except Http404:
            current = people.renamed([slug]).get(slug)
            if current is None:
                raise
            moved = HttpResponsePermanentRedirect(Person(slug=current).get_absolute_url())
            # a browser would remember the redirect forever
            moved["Cache-Control"] = "no-cache"
            return moved
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> Any:
        return (
            self._signed()
            .select_related("agreement", "party", "second_party", "third_party")
            .order_by("-agreement__signed_latest", "agreement__ref")
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, object]:
        return super().get_context_data(
            person=self.object,
            today=timezone.localdate(),
            posts=self._posts(),
            spellings=self._spellings(),
            **kwargs,
        )

    def _signed(self) -> Any:
        return Signatory.objects.filter(
            person=self.object, agreement__publication=Publication.PUBLISHED
        )

    def _posts(self) -> list[Post]:
        columns = ("title", "party_id", "second_party_id", "third_party_id")
        rows = self._signed().exclude(title="").order_by(*columns)
        found = list(rows.values_list(*columns).distinct()[:MOST_POSTS])
        parties = Party.objects.in_bulk({key for _title, *keys in found for key in keys if key})
        return [
            Post(title, [parties[key] for key in dict.fromkeys(keys) if key in parties])
            for title, *keys in found
        ]

    def _spellings(self) -> list[tuple[str, str]]:
        """Return every other spelling with its language: those entered, then those under which they signed."""
        known = {self.object.name: ""}
        for name in self.object.names.all()[:MOST_SPELLINGS]:
            known.setdefault(name.name, name.language)
        for column in ("name", "as_published"):
            signed = self._signed().exclude(**{column: ""}).order_by(column)
            for name in signed.values_list(column, flat=True).distinct()[:MOST_SPELLINGS]:
                known.setdefault(name, "")
        del known[self.object.name]
        return list(known.items())
