"""The filters of the list of agreements; each calls the queryset method of the same meaning."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from agreements.curation.work_queue import QUESTIONS, Asked, Question
from agreements.domain.choices import OF_PAST_DAYS, Status
from agreements.domain.permissions import Person
from agreements.models import Area, Participation, as_tree
from agreements.security.people import logged_in


class StatusFilter(admin.SimpleListFilter):
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


class FollowUpFilter(admin.SimpleListFilter):
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


class AreaFilter(admin.SimpleListFilter):
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


class CountryFilter(admin.SimpleListFilter):
    """The countries that occur; each includes the state and all of its bodies."""

    title = _("country")
    parameter_name = "country"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        occurring = Participation.objects.exclude(party__country="").order_by()
        codes = occurring.values_list("party__country", flat=True).distinct()
        return sorted(((str(code), countries.name(code)) for code in codes), key=lambda c: c[1])

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Any]:
        return queryset if self.value() is None else queryset.of_countries([self.value()])
