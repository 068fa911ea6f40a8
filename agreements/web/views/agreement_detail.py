"""The page of one agreement: every fact with a footnote that says where it comes from.

Only published records have this page, even for staff. For other records the admin shows it as a preview.
"""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.generic import DetailView

from agreements.domain.choices import Basis, Publication, Role
from agreements.domain.facts import ROWS_OF_PAGE
from agreements.exchange.citations import Citation, json_ld, meta_tags
from agreements.models import (
    Agreement,
    Commitment,
    Document,
    Event,
    Evidence,
    LinkCheck,
    Relation,
    Signatory,
    Source,
)
from agreements.models.querysets import AgreementQuerySet
from agreements.selection.fields import DayField
from agreements.web.footnotes import Footnotes
from agreements.web.timeline import timeline
from agreements.web.views.errors import refused

MOST_CHANGES = 10


class AgreementDetailView(DetailView):
    """Shows the status today, or on the day in `as_of`; an invalid day returns 400."""

    model = Agreement
    slug_field = slug_url_kwarg = "ref"

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        self.today = timezone.localdate()
        try:
            asked = DayField(required=False).clean(request.GET.get("as_of", "").strip())
        except ValidationError as error:
            return refused(request, [f"as_of: {message}" for message in error.messages])
        self.day: date = asked or self.today
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Agreement]:
        """Fetch everything the page shows, with one query for each kind of row."""
        return self.records().with_parties().with_areas().prefetch_related(*_rows_of_page())

    def records(self) -> AgreementQuerySet:
        """Return the agreements that have this page."""
        return Agreement.objects.published()

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        agreement = self.object
        notes = Footnotes(agreement.evidence.all())
        participations = list(agreement.participations.all())
        sources, citation = _sources(notes, agreement), Citation(agreement, self.today)
        _note_last_seen(sources, agreement)
        return super().get_context_data(
            today=self.today,
            is_today=self.day == self.today,
            other_day=None if self.day == self.today else self.day,
            standing=agreement.standing(self.day),
            period_end=agreement.period_end(self.day),
            facts=ROWS_OF_PAGE,
            notes=notes,
            parties=[p for p in participations if p.role == Role.PARTY],
            other_participations=[p for p in participations if p.role != Role.PARTY],
            timeline=timeline(agreement, agreement.events.all(), self.day),
            timeline_has_source=any(
                note.evidence.basis != Basis.CONTRADICTED for note in notes.of("events")
            ),
            commitments=[
                (commitment, commitment.is_overdue(self.today))
                for commitment in agreement.commitments.all()
            ],
            changes=agreement.changes.all()[:MOST_CHANGES],
            sources=sources,
            permanent_url=citation.url,
            citation=citation,
            meta_tags=meta_tags(citation),
            json_ld=json_ld(citation, sources),
            **kwargs,
        )


class AgreementPreviewView(AgreementDetailView):
    """The page that a record will have once it is published. The admin checks permissions and serves it.

    `back` is the URL of the record in the admin.
    """

    back = ""

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        response = super().get(request, *args, **kwargs)
        response["X-Robots-Tag"] = "noindex"
        return response

    def records(self) -> AgreementQuerySet:
        return Agreement.objects.all()

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        return super().get_context_data(is_preview=True, back=self.back, **kwargs)


def _rows_of_page() -> list[Prefetch]:
    public = Publication.PUBLISHED
    return [
        Prefetch("signatories", Signatory.objects.select_related("party")),
        Prefetch("evidence", Evidence.objects.select_related("source")),
        Prefetch("events", Event.objects.select_related("party", "source")),
        Prefetch("commitments", Commitment.objects.select_related("party")),
        # the URL of a document needs its agreement
        Prefetch("documents", Document.objects.filter(is_public=True).select_related("agreement")),
        Prefetch(
            "relations_out",
            Relation.objects.filter(target__publication=public).select_related("target"),
        ),
        Prefetch(
            "relations_in",
            Relation.objects.filter(agreement__publication=public).select_related("agreement"),
        ),
    ]


def _sources(notes: Footnotes, agreement: Agreement) -> list[Source]:
    """Return the sources of the footnotes, then those that only events name, each once."""
    of_events = [event.source for event in agreement.events.all() if event.source]
    return list(dict.fromkeys([*notes.sources, *of_events]))


def _note_last_seen(sources: list[Source], agreement: Agreement) -> None:
    """Set `last_seen_alive` of sources and documents to when their URL last responded, or None."""
    rows: list[tuple[Any, str]] = [(source, source.url) for source in sources]
    rows += [(document, document.address) for document in agreement.documents.all()]
    checks = LinkCheck.objects.by_url(address for _row, address in rows if address)
    for row, address in rows:
        row.last_seen_alive = checks[address].last_seen_alive if address in checks else None
