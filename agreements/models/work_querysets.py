"""The status of agreements on a given day, and what staff have to do about them.

The staff home and the reminders use these queries. `AgreementQuerySet` includes them.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any, Self

from django.contrib.auth.models import User
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, Concat, Length, StrIndex

from agreements.domain.choices import (
    DocumentKind,
    EventKind,
    PeriodKind,
    Publication,
    PublicationVerb,
    Role,
    RowOutcome,
    Stage,
    Status,
    TermKind,
)
from agreements.domain.deadlines import day_before, notice_deadline_expression
from agreements.domain.lifecycle import PROLONGING, running_on, status_expression
from agreements.models.edit_tokens import TokenedQuerySet

SEEN_DOCUMENTS = (DocumentKind.SIGNED_TEXT, DocumentKind.CERTIFIED_COPY)
# The dates of an agreement that events of these kinds tell, if no single party took the step.
DATED_BY_EVENTS = {
    EventKind.SIGNED_BY_PARTY: "signed",
    EventKind.ENTERED_INTO_FORCE: "in_force",
    EventKind.TERMINATED: "terminated",
}
# Events of these kinds tell of its periods in the same way.
DATING_PERIODS = (EventKind.SUSPENDED, EventKind.RESUMED, EventKind.RENEWED)
CUT_SHORT = (Status.TERMINATED, Status.SUPERSEDED, Status.ABANDONED)


class WorkQuerySet(TokenedQuerySet):
    # The status on a given day

    def with_status(self, day: date, today: date | None = None) -> Self:
        """Annotate `status`, the code of the status on `day`; `today` is the register's calendar day if not given."""
        return self.annotate(status=status_expression(day, self._rows("periods"), today))

    def having_status(self, statuses: Iterable[str], day: date, today: date | None = None) -> Self:
        then = status_expression(day, self._rows("periods"), today)
        return self.alias(status_then=then).filter(status_then__in=list(statuses))

    def running(self, day: date, today: date | None = None) -> Self:
        """Agreements that are concluded and have not ended on `day`, even if they are suspended."""
        return self.filter(running_on(day, self._rows("periods"), today))

    def ending_within(self, *, days: int, day: date) -> Self:
        """Agreements not yet ended on `day` whose term ends within `days` days, `day` itself included."""
        until = min(date.max.toordinal() - 1, day.toordinal() + days)
        return self.running(day, day).filter(
            expires_latest__gte=day, expires_latest__lte=date.fromordinal(until)
        )

    # What needs doing about it, on a day that is taken for today: what is stated without a date counts

    def not_withdrawn(self) -> Self:
        """Agreements that staff still maintain: all except those withdrawn for good."""
        return self.exclude(publication=Publication.WITHDRAWN)

    def returned_to(self, user: User) -> Self:
        """Drafts that this user was the last to submit, and that a publisher has since returned."""
        steps = self._rows("publication_steps")
        latest = ~Exists(steps.filter(agreement=OuterRef("agreement"), pk__gt=OuterRef("pk")))
        resubmitted = steps.filter(
            agreement=OuterRef("agreement"), verb=PublicationVerb.SUBMIT, pk__gt=OuterRef("pk")
        )
        mine = steps.filter(~Exists(resubmitted), by=user, verb=PublicationVerb.SUBMIT)
        returned = steps.filter(latest, verb=PublicationVerb.RETURN)
        return self.filter(
            publication=Publication.DRAFT,
            pk__in=returned.filter(agreement__in=mine.values("agreement")).values("agreement"),
        )

    def submitted_by(self, user: User) -> Self:
        """Records in review that this user was the last to submit."""
        submissions = self._rows("publication_steps").filter(verb=PublicationVerb.SUBMIT)
        later = submissions.filter(agreement=OuterRef("agreement"), pk__gt=OuterRef("pk"))
        mine = submissions.filter(~Exists(later), by=user)
        return self.filter(publication=Publication.IN_REVIEW, pk__in=mine.values("agreement"))

    def with_likely_duplicates(self) -> Self:
        """Unpublished, manually entered agreements that share their date (more exact than a year), and two parties, the
        title or a source, with another agreement, unless staff have said that the two are not the same.

        These are the most certain of the duplicates that `agreements.curation.duplicate_agreements` finds for a single
        agreement. Imports report duplicates beforehand, and published records have been reviewed. So only a few
        agreements are compared, each with those of the same day.
        """
        parties = self._participations.filter(role=Role.PARTY).order_by()
        own = parties.filter(agreement=OuterRef(OuterRef(OuterRef("pk"))))
        common = parties.filter(agreement=OuterRef("pk"), party__in=own.values("party"))
        cited = self._rows("evidence").filter(agreement=OuterRef(OuterRef(OuterRef("pk"))))
        same_date = self.model._default_manager.filter(
            ~Q(pk=OuterRef("pk")),
            signed_earliest=OuterRef("signed_earliest"),
            signed=OuterRef("signed"),
        ).order_by()
        apart = Concat(Value(" "), OuterRef("kept_apart"), Value(" "))
        named = Concat(Value(" "), F("ref"), Value(" "))
        twin = same_date.alias(
            place_apart=StrIndex(apart, named),
            common=Subquery(common.values("agreement").annotate(n=models.Count("pk")).values("n")),
        ).filter(
            Q(title__iexact=OuterRef("title"))
            | Q(common__gte=2)
            | Exists(
                self._rows("evidence").filter(
                    agreement=OuterRef("pk"), source__in=cited.values("source")
                )
            ),
            place_apart=0,
        )
        imported = self._rows("imported_records").filter(
            agreement=OuterRef("pk"), outcome=RowOutcome.CREATED
        )
        waiting = self.alias(known=Length("signed")).filter(
            ~Exists(imported),
            publication__in=(Publication.DRAFT, Publication.IN_REVIEW),
            known__gte=len("YYYY-MM"),
        )
        return waiting.filter(Exists(twin))

    def without_source(self) -> Self:
        return self.filter(~Exists(self._rows("evidence").filter(agreement=OuterRef("pk"))))

    def without_parties(self) -> Self:
        """Agreements that name no party."""
        parties = self._participations.filter(agreement=OuterRef("pk"), role=Role.PARTY)
        return self.filter(~Exists(parties))

    def with_notice_deadline(self, day: date) -> Self:
        """Annotate `notice_deadline`, the last day for notice as of `day`; NULL where there is none."""
        return self.annotate(notice_deadline=notice_deadline_expression(day))

    def notice_due(self, *, since: date, until: date) -> Self:
        """Agreements running on `since` whose last day for notice lies between the two days, both included."""
        known = self.filter(notice__isnull=False).running(since, since)
        return known.with_notice_deadline(since).filter(notice_deadline__range=(since, until))

    def dormant(self, *, day: date, since: date) -> Self:
        """Agreements running on `day` with at least one known date, but none after `since`.

        The dates are the signature, the entry into force and the dated events. An agreement without any date is not
        dormant: its dates are missing. Nor is one with a period, such as a renewal, that began after `since`.
        """
        dated = self._rows("events").filter(date_latest__isnull=False)
        begun = self._rows("periods").filter(first_latest__isnull=False, is_public=True)
        recent = (
            Q(signed_latest__gt=since)
            | Q(in_force_latest__gt=since)
            | Q(pk__in=dated.filter(date_latest__gt=since).values("agreement"))
            | Q(pk__in=begun.filter(first_latest__gt=since).values("agreement"))
        )
        known = (
            Q(signed_latest__isnull=False)
            | Q(in_force_latest__isnull=False)
            | Q(pk__in=dated.values("agreement"))
        )
        return self.running(day, day).filter(known).exclude(recent)

    def review_due_by(self, until: date, *, day: date) -> Self:
        """Agreements whose review is due by `until`; those ended early by `day` are no longer reviewed."""
        reviewed = self.filter(review_due_latest__lte=until)
        kept = [status for status in Status if status not in CUT_SHORT]
        return reviewed.having_status(kept, day, day)

    def without_signatories(self) -> Self:
        """Concluded agreements without a known signatory."""
        return self._concluded_without(self._rows("signatories"))

    def without_signed_text(self) -> Self:
        """Concluded agreements without a signed text or a certified copy, whether public or not."""
        return self._concluded_without(self._rows("documents").filter(kind__in=SEEN_DOCUMENTS))

    def without_end_of_fixed_term(self) -> Self:
        """Concluded agreements of a fixed term whose end is neither recorded nor can be computed."""
        return self.filter(stage=Stage.CONCLUDED, term_kind=TermKind.FIXED, expires="")

    def with_disagreeing_dates(self, day: date) -> Self:
        """Agreements whose stage and dates, as of `day`, cannot all be right.

        These are the checks of `agreements.curation.quality_checks`, in SQL: a signature, an entry into force or a
        termination before the conclusion, a signature in the future, a conclusion without any date, an end or an entry
        into force before the date that must precede it, an event that tells a date which the agreement lacks or
        contradicts.
        """
        start = Coalesce("in_force_earliest", "signed_earliest")
        return self.filter(
            Q(stage__in=(Stage.PROPOSED, Stage.NEGOTIATION), signed_earliest__isnull=False)
            | ~Q(stage=Stage.CONCLUDED) & ~Q(in_force="", terminated="")
            | Q(stage=Stage.CONCLUDED, signed="", in_force="", expires_stated="", terminated="")
            | Q(signed_earliest__gt=day)
            | Q(in_force_latest__lt=F("signed_earliest"))
            | Q(terminated_latest__lt=F("signed_earliest"))
            | Q(expires_stated_latest__lt=start)
            | Q(term_kind=TermKind.INDEFINITE, expires_stated_latest__isnull=False)
            | Q(pk__in=self._told_otherwise().values("agreement"))
        )

    def _told_otherwise(self) -> "models.QuerySet[Any]":
        """Return the events without a party whose date the agreement or its periods lack or contradict.

        As `agreements.curation.told_dates` compares them.
        """
        disagrees = self._told_otherwise_of_periods()
        for kind, name in DATED_BY_EVENTS.items():
            disagrees |= Q(kind=kind) & (
                Q(**{f"agreement__{name}": ""})
                | Q(**{f"agreement__{name}_latest__lt": F("date_earliest")})
                | Q(**{f"agreement__{name}_earliest__gt": F("date_latest")})
            )
        return self._rows("events").filter(disagrees, party=None, date_latest__isnull=False)

    def _told_otherwise_of_periods(self) -> Q:
        of_it = self._rows("periods").filter(agreement=OuterRef("agreement"))
        suspensions = of_it.filter(kind=PeriodKind.SUSPENSION)
        begins = suspensions.filter(
            first_latest__gte=OuterRef("date_earliest"), first_earliest__lte=OuterRef("date_latest")
        )
        ends = suspensions.filter(
            last_latest__gte=day_before(OuterRef("date_earliest")),
            last_earliest__lte=OuterRef("date_latest"),
        )
        carries_on = of_it.filter(
            Q(last="") | Q(last_latest__gte=OuterRef("date_earliest")), kind__in=PROLONGING
        )
        has_end = ~Q(agreement__term_kind=TermKind.AUTOMATIC_RENEWAL) & ~Q(agreement__expires="")
        return (
            Q(~Exists(begins), kind=EventKind.SUSPENDED)
            | Q(~Exists(ends), kind=EventKind.RESUMED)
            | Q(has_end, ~Exists(carries_on), kind=EventKind.RENEWED)
        )

    def linking_to(self, addresses: "models.QuerySet[Any, Any]") -> Self:
        """Agreements with a document, or with a source of a fact or an event, at one of these URLs."""
        linked = (
            self._rows("documents").filter(address__in=addresses),
            self._rows("evidence").filter(source__url__in=addresses),
            self._rows("events").filter(source__url__in=addresses),
        )
        return self.filter(
            Q(*(("pk__in", rows.values("agreement")) for rows in linked), _connector=Q.OR)
        )

    # The neighbouring models, without importing them

    @property
    def _participations(self) -> "models.QuerySet[models.Model]":
        return self._rows("participations")

    def _rows(self, accessor: str) -> "models.QuerySet[models.Model]":
        related = self.model._meta.get_field(accessor).related_model
        return related._default_manager.all()

    def _concluded_without(self, rows: "models.QuerySet[models.Model]") -> Self:
        return self.filter(~Exists(rows.filter(agreement=OuterRef("pk"))), stage=Stage.CONCLUDED)
