"""The page of one agreement: every fact with a footnote that says where it comes from.

Only published records have this page, even for staff. For other records the admin shows it as a preview.
"""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.generic import DetailView

from agreements.domain.choices import Basis, EventKind, Publication, Role, Takes
from agreements.domain.deadlines import notice_deadline_in_words
from agreements.domain.declarations import Fact
from agreements.domain.facts import ROWS_OF_PAGE
from agreements.domain.lifecycle import RUNNING
from agreements.domain.partial_dates import OPEN_END, PartialDate
from agreements.domain.participation import days_of, in_clauses, takes_part_as
from agreements.exchange.citations import Citation, json_ld, meta_tags
from agreements.models import (
    Agreement,
    Commitment,
    Document,
    Event,
    Evidence,
    ExternalIdentifier,
    LinkCheck,
    Membership,
    Party,
    Period,
    Relation,
    Signatory,
    Source,
)
from agreements.models.querysets import AgreementQuerySet
from agreements.selection.declared import ALL
from agreements.selection.fields import DayField
from agreements.selection.rows import row_of
from agreements.statistics.time_bars import TimeBars
from agreements.web.absent import absent, is_absent
from agreements.web.footnotes import Footnotes
from agreements.web.timeline import timeline
from agreements.web.views.errors import refused

MOST_CHANGES = 10
TALKS = (
    EventKind.DISCUSSED,
    EventKind.NEGOTIATION_ROUND,
    EventKind.MEETING,
    EventKind.INITIALLED,
)


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
        return (
            self.records()
            .with_parties(over_time=True)
            .with_names_of_their_time()
            .with_areas()
            .prefetch_related(*_rows_of_page())
        )

    def records(self) -> AgreementQuerySet:
        """Return the agreements that have this page."""
        return Agreement.objects.published()

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        agreement = self.object
        notes = Footnotes(agreement.evidence.all())
        participations = list(agreement.participations.all())
        for participation in participations:
            _note_over_time(participation, self.day, agreement.in_force)
        sources, citation = _sources(notes, agreement), Citation(agreement, self.today)
        _note_last_seen(sources, agreement)
        rows = _rows(agreement, participations, sources, self.day)
        return super().get_context_data(
            today=self.today,
            is_today=self.day == self.today,
            other_day=None if self.day == self.today else self.day,
            standing=agreement.standing(self.day, self.today),
            period_end=agreement.period_end(self.day),
            last_day_for_notice=self._last_day_for_notice(),
            facts=_facts(agreement, notes, is_step=False),
            steps_of_life=_facts(agreement, notes, is_step=True),
            talks=_talks(agreement),
            row=row_of(agreement, self.day),
            between=_between(participations),
            time_bars=TimeBars.drawn([agreement], self.day, self.today),
            absent=absent(agreement, notes, rows),
            sections={code for code, found in rows.items() if found or notes.of(code)},
            notes=notes,
            parties=[p for p in participations if p.role == Role.PARTY],
            binding=_binding(participations, self.day),
            other_participations=[p for p in participations if p.role != Role.PARTY],
            timeline=rows["events"],
            timeline_has_source=any(
                note.evidence.basis != Basis.CONTRADICTED for note in notes.of("events")
            ),
            has_periods=bool(agreement.periods.all() or notes.of("periods")),
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

    def _last_day_for_notice(self) -> str:
        """Return it in words while the agreement runs; nobody can give notice of one that has ended."""
        if self.object.standing(self.day, self.today).status not in RUNNING:
            return ""
        return notice_deadline_in_words(self.object, self.day)


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


def _rows_of_page() -> list[Prefetch | str]:
    public = Publication.PUBLISHED
    return [
        Prefetch(
            "signatories",
            Signatory.objects.select_related("party", "second_party", "third_party", "person"),
        ),
        Prefetch("periods", Period.objects.filter(is_public=True).select_related("by")),
        # the URL of a document needs its agreement
        Prefetch(
            "evidence",
            Evidence.objects.in_public().select_related("source", "document__agreement"),
        ),
        Prefetch("identifiers", ExternalIdentifier.objects.in_public()),
        "languages",
        Prefetch("events", Event.objects.select_related("party", "source")),
        Prefetch("commitments", Commitment.objects.in_public().select_related("party")),
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


def _rows(
    agreement: Agreement, participations: list[Any], sources: list[Source], day: date
) -> dict[str, Any]:
    """Return what the page shows of the facts in other tables, by the code of the fact; empty where there is nothing."""
    return {
        "parties": participations or agreement.parties_note,
        "signatories": agreement.signatories.all(),
        "areas": agreement.areas.all(),
        "languages": agreement.languages.all(),
        "identifiers": agreement.identifiers.all(),
        "events": timeline(agreement, agreement.events.all(), day),
        "relations": [*agreement.relations_out.all(), *agreement.relations_in.all()],
        "commitments": agreement.commitments.all(),
        "documents": agreement.documents.all(),
        "evidence": sources,
    }


def _facts(agreement: Agreement, notes: Footnotes, *, is_step: bool) -> list[Fact]:
    """Return the facts with something to say; the first steps of an agreement's life also say that they are unknown."""
    return [
        fact
        for fact in ROWS_OF_PAGE
        if fact.page
        and fact.page.is_step == is_step
        and ((is_step and fact.page.says) or not is_absent(fact, agreement, notes))
    ]


def _talks(agreement: Agreement) -> Event | None:
    """Return the first recorded talks, those without a date last."""
    held = [event for event in agreement.events.all() if event.kind in TALKS]
    return min(held, key=lambda each: each.date.earliest if each.date else OPEN_END, default=None)


def _between(participations: list[Any]) -> str:
    """Return the query of all agreements of the same two countries; empty unless it is of two."""
    codes = {str(p.party.country) for p in participations if p.role == Role.PARTY} - {""}
    if len(codes) != 2:
        return ""
    return urlencode({"country": sorted(codes), "country_match": ALL}, doseq=True)


def _sources(notes: Footnotes, agreement: Agreement) -> list[Source]:
    """Return the sources of the footnotes, then those that only events name, each once."""
    of_events = [event.source for event in agreement.events.all() if event.source]
    return list(dict.fromkeys([*notes.sources, *of_events]))


def _note_over_time(participation: Any, day: date, in_force: PartialDate | None) -> None:
    """Set `takes_part_as` and `clauses` of a participation with a history of its own; both are empty without one."""
    if not participation.has_own_history:
        participation.takes_part_as, participation.clauses = "", []
        return
    takes = takes_part_as(participation, day, in_force)
    participation.takes_part_as = "" if takes in (Takes.PART, Takes.BOUND) else takes.label
    participation.clauses = list(in_clauses(participation))


def _binding(participations: list[Any], day: date) -> list[tuple[Party, list[Membership]]]:
    """Return the organisations whose members the agreement binds on the day, with these; no query without one."""
    organisations = {
        p.party_id: p.party
        for p in participations
        if p.role == Role.PARTY and p.party.binds_members and _is_within(*days_of(p), day)
    }
    if not organisations:
        return []
    members: dict[int, list[Membership]] = {key: [] for key in organisations}
    rows = Membership.objects.filter(organisation__in=organisations).select_related("member")
    for row in rows.order_by("member__name", "id"):
        since = row.since.earliest if row.since else None
        until = row.until.latest if row.until else None
        if _is_within(since, until, day):
            members[row.organisation_id].append(row)
    keys = [row.member_id for rows_of_one in members.values() for row in rows_of_one]
    public = set(Party.objects.in_public().filter(pk__in=keys).values_list("pk", flat=True))
    for rows_of_one in members.values():
        for row in rows_of_one:
            row.other, row.is_linked = row.member, row.member_id in public  # type: ignore[attr-defined]
    return [
        (organisations[key], rows_of_one) for key, rows_of_one in members.items() if rows_of_one
    ]


def _is_within(first: date | None, last: date | None, day: date) -> bool:
    return (first is None or first <= day) and (last is None or day <= last)


def _note_last_seen(sources: list[Source], agreement: Agreement) -> None:
    """Set `last_seen_alive` of sources and documents to when their URL last responded, or None."""
    rows: list[tuple[Any, str]] = [(source, source.url) for source in sources]
    rows += [(document, document.address) for document in agreement.documents.all()]
    checks = LinkCheck.objects.by_url(address for _row, address in rows if address)
    for row, address in rows:
        row.last_seen_alive = checks[address].last_seen_alive if address in checks else None
