"""The filters of the lists of agreements and commitments; each calls the queryset method of the same meaning."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from agreements.admin.filter_bar import CountedFilter, TabFilter
from agreements.curation.history.past import begun_by
from agreements.curation.work_queue import QUESTIONS, Asked, Question, counts
from agreements.domain.choices import OF_PAST_DAYS, Status
from agreements.domain.permissions import Person
from agreements.models import Agreement, Area, Participation, as_tree
from agreements.models.counts import count_below
from agreements.security.people import logged_in


def of(user: User, found: Any) -> QuerySet[Any]:
    """Return those of the agreements that this user is responsible for or entered."""
    entered = begun_by(user, Agreement.objects.order_by()).values("pk")
    given = Agreement.responsible.through.objects.filter(user=user).values("agreement")
    return found.filter(Q(pk__in=given) | Q(pk__in=entered))


class StatusFilter(CountedFilter):
    title = _("status today")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [
            (status.value, str(status.label)) for status in Status if status not in OF_PAST_DAYS
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Any]:
        if self.value() is None:
            return queryset
        return queryset.having_status([self.value()], timezone.localdate())

    def counts(self, request: HttpRequest, found: Any) -> dict[str, int]:
        then = found.with_status(timezone.localdate())
        return dict(then.values_list("status").annotate(n=Count("pk")))


class FollowUpFilter(CountedFilter):
    """The questions of the work queue that share a parameter, for those who may ask them."""

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [
            (question.value, str(question.label)) for question in self._questions_for(request.user)
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Any]:
        if self.value() is None:
            return queryset
        for question in self._questions_for(request.user):
            if question.value == self.value():
                return question.rows(queryset, Asked(logged_in(request), timezone.localdate()))
        return queryset.none()

    def counts(self, request: HttpRequest, found: Any) -> dict[str, int]:
        questions = self._questions_for(request.user)
        counted = counts(questions, Asked(logged_in(request), timezone.localdate()), found)
        return {question.value: counted[question.code] for question in questions}

    def _questions_for(self, user: Person) -> list[Question]:
        return [
            question
            for question in QUESTIONS
            if question.parameter == self.parameter_name and question.may_be_asked_by(user)
        ]


class EndFilter(FollowUpFilter):
    title = _("end")
    parameter_name = "ends"


class AttentionFilter(FollowUpFilter):
    title = _("what needs doing")
    parameter_name = "follow_up"


class MissingFilter(FollowUpFilter):
    title = _("what is missing")
    parameter_name = "missing"


class DueFilter(FollowUpFilter):
    title = _("due")
    parameter_name = "due"


class MineFilter(TabFilter):
    """The agreements that the user is responsible for, or entered."""

    title = _("mine")
    parameter_name = "mine"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("yes", str(_("Mine")))]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Any]:
        if self.value() is None:
            return queryset
        return of(logged_in(request), queryset) if self.value() == "yes" else queryset.none()


class AreaFilter(CountedFilter):
    """An area includes everything below it."""

    title = _("cooperation area")
    parameter_name = "area"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [
            (area.slug, "\N{EM SPACE}" * depth + area.name)
            for area, depth in as_tree(Area.objects.all())
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Any]:
        return queryset if self.value() is None else queryset.in_areas([self.value()])

    def counts(self, request: HttpRequest, found: Any) -> dict[str, int]:
        return count_below(Area, found)


class CountryFilter(CountedFilter):
    """The countries that occur; each includes the state and all of its bodies."""

    title = _("country")
    parameter_name = "country"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return sorted(((code, name) for code, name in countries), key=lambda each: each[1])

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Any]:
        return queryset if self.value() is None else queryset.of_countries([self.value()])

    def counts(self, request: HttpRequest, found: Any) -> dict[str, int]:
        taking_part = Participation.objects.order_by()
        if found.query.where:
            taking_part = taking_part.filter(agreement__in=found.values("pk"))
        of_states = taking_part.exclude(party__country="").values_list("party__country")
        counted = of_states.annotate(n=Count("agreement", distinct=True))
        return {str(code): n for code, n in counted}
