"""The declared filters as a FilterSet, which parses and validates them; pages, files and the API all use it.

Filters narrow the column store, not a database query; the agreements with the remaining keys are then fetched. Invalid
values never get this far: `Selection` calls `is_valid` first and shows nothing if it fails.
"""

from copy import copy
from datetime import date
from functools import cached_property
from typing import Any, Self

import django_filters

from agreements.counting.column_store import (
    Condition,
    Counts,
    Mask,
    Seen,
    bound_members,
    current_columns,
)
from agreements.domain.choices import Status
from agreements.domain.lifecycle import is_past
from agreements.models import Agreement
from agreements.models.querysets import AgreementQuerySet
from agreements.selection.declarations import FILTERS
from agreements.selection.declared import (
    Filter,
    asks_through,
    found_in_title,
    keys_of_parties,
)
from agreements.selection.fields import divided
from agreements.selection.forms import AgreementFilterForm


def _may_have_been(seen: Seen) -> Mask:
    return ~seen.having_status([Status.NOT_YET_CONCLUDED])


class _DeclaredFilter(django_filters.Filter):
    def __init__(self, declared: Filter) -> None:
        super().__init__(label=declared.label, help_text=declared.help_text, **declared.options)
        self.field_class = declared.field_class

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        """Share the field: each form copies it anyway, and copying hundreds of choices takes long."""
        self.field  # noqa: B018 - made once, for all the copies
        return copy(self)


class AgreementFilterSet(django_filters.FilterSet):
    class Meta:
        model = Agreement
        fields: list[str] = []
        form = AgreementFilterForm

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    @classmethod
    def get_filters(cls) -> dict[str, django_filters.Filter]:
        return {declared.name: _DeclaredFilter(declared) for declared in FILTERS}

    @property
    def day(self) -> date:
        """The day the status is computed for."""
        return self.form.cleaned_data.get("as_of") or self.today

    @cached_property
    def conditions(self) -> dict[str, Condition]:
        """The conditions by key. Areas and parties need one query each, a search one or two.

        Agreements that were certainly concluded after a past day are in no selection of it unless asked for by status.
        """
        asked = self.form.cleaned_data
        found = [(declared.key, declared.condition(asked)) for declared in FILTERS]
        found += [(declared.key_without, declared.exclusion(asked)) for declared in FILTERS]
        conditions = {key: condition for key, condition in found if condition}
        if is_past(self.day, self.today):
            conditions.setdefault("status", _may_have_been)
        return conditions

    @cached_property
    def counts(self) -> Counts:
        """The counts over the selection. A search needs one more query."""
        return Counts(
            current_columns(),
            self.conditions,
            day=self.day,
            today=self.today,
            ahead=found_in_title(self.form.cleaned_data["q"]),
            through=bound_members() if asks_through(self.form.cleaned_data) else (),
            asked=self.asked_for,
        )

    @cached_property
    def asked_for(self) -> list[int]:
        """The keys of the countries and parties asked for, if the list is sorted by the others; one query."""
        asked = self.form.cleaned_data
        codes, slugs = (divided(asked[name])[0] for name in ("country", "party"))
        return keys_of_parties(codes, slugs) if asked["sort"] == "party" and codes + slugs else []

    @property
    def counts_of_all(self) -> Counts:
        """The counts over everything that existed on the day, whatever else is asked."""
        counts = self.counts.of_all
        is_of_past = is_past(self.day, self.today)
        return counts.also(status=_may_have_been) if is_of_past else counts

    def filter_queryset(self, queryset: AgreementQuerySet) -> AgreementQuerySet:
        return self._narrowed(queryset)

    def without(self, key: str) -> AgreementQuerySet:
        """Return the agreements that meet every condition except this one, in no particular order."""
        return self._narrowed(self.queryset.all(), key)

    def _narrowed(self, queryset: AgreementQuerySet, *without: str) -> AgreementQuerySet:
        is_narrowed = self.conditions.keys() - set(without)
        return queryset.with_keys(self.counts.keys(*without)) if is_narrowed else queryset

    def offer_what_occurs(self) -> None:
        """Let the form's widgets offer what the public register contains; three queries, for pages only."""
        for declared in FILTERS:
            if declared.offered:
                chosen = self.data.getlist(declared.name)
                self.form.fields[declared.name].widget.choices = declared.offered(chosen)
