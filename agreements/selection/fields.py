"""The form fields of the filters: every value is either understood or reported as an error."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from difflib import get_close_matches
from typing import Any, Self

from django import forms
from django.core import validators
from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.domain.partial_dates.values import FIRST_YEAR, LAST_YEAR
from agreements.models.columns import supported_day


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word closest in spelling, if any is close."""
    close = get_close_matches(word.casefold()[:100], {k.casefold(): None for k in known}, n=1)
    return next((k for k in known if close and k.casefold() == close[0]), None)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a sentence that suggests the closest known word, or an empty text."""
    near = nearest(word, known)
    return " " + _("Did you mean “%(near)s”?") % {"near": near} if near else ""


def codes_of(choices: Any) -> list[str]:
    """Return the codes of a field's choices, without the blank one."""
    return [str(code) for code, _label in choices if code]


# In front of a value of a facet: without it.
WITHOUT = "-"


def divided(values: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return the values asked for and, without the sign in front of them, those to leave out."""
    values = list(values)
    kept = [value for value in values if not value.startswith(WITHOUT)]
    return kept, [value.removeprefix(WITHOUT) for value in values if value.startswith(WITHOUT)]


def is_slug(text: str) -> bool:
    """Return whether the text can be a slug at all, so that it is worth a database query."""
    try:
        validate_slug(text)
    except ValidationError:
        return False
    return len(text) <= 120


class _FixedChoices(forms.ChoiceField):
    """A field whose copies share its choices: nobody changes those of one field."""

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        memo[id(self.choices)] = self.choices
        return super().__deepcopy__(memo)


class CodesField(_FixedChoices, forms.MultipleChoiceField):
    """One or more codes from a fixed set, each possibly with a sign that leaves it out."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, *, can_leave_out: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.can_leave_out = can_leave_out

    def validate(self, value: Sequence[str]) -> None:
        codes = codes_of(self.choices)
        for given in _values_named(value, self):
            if given not in codes:
                raise ValidationError(self._refusal(given, codes), code="invalid_choice")

    @staticmethod
    def _refusal(given: str, codes: Sequence[str]) -> str:
        refusal = _("“%(given)s” is not a known value.") % {"given": given[:100]}
        listed = _("Known values: %(codes)s.") % {"codes": ", ".join(codes)}
        return refusal + (did_you_mean(given, codes) or (f" {listed}" if len(codes) <= 20 else ""))


def _values_named(values: Sequence[str], field: Any) -> list[str]:
    kept, left_out = divided(values)
    return [*kept, *left_out] if field.can_leave_out else list(values)


class TextsField(forms.MultipleChoiceField):
    """One or more texts of any wording, each possibly with a sign that leaves it out."""

    can_leave_out = True

    def __init__(self, *, longest: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.longest = longest

    def validate(self, value: Sequence[str]) -> None:
        if any(len(given) > self.longest for given in value):
            raise ValidationError(
                _("Give at most %(longest)d characters.") % {"longest": self.longest},
                code="max_length",
            )
        for given in value:
            validators.ProhibitNullCharactersValidator()(given)


class CodeField(_FixedChoices):
    """One code from a fixed set."""

    def validate(self, value: str) -> None:
        codes = codes_of(self.choices)
        if value and value not in codes:
            raise ValidationError(
                _("“%(given)s” is not a known value. Known values: %(codes)s.")
                % {"given": value[:100], "codes": ", ".join(codes)},
                code="invalid_choice",
            )


class SlugsField(forms.MultipleChoiceField):
    """One or more rows by their slugs; cleaned to the list of slugs.

    `rows` are those that the reader can see. `choices` defines only what the widget offers, which may be fewer.
    """

    widget = forms.SelectMultiple

    def __init__(
        self, *, rows: "QuerySet[Any]", can_leave_out: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.rows = rows
        self.can_leave_out = can_leave_out

    def validate(self, value: Sequence[str]) -> None:
        value = _values_named(value, self)
        wanted = [slug for slug in value if is_slug(slug)]
        found = (
            set(self.rows.filter(slug__in=wanted).values_list("slug", flat=True))
            if wanted
            else set()
        )
        for given in value:
            if given not in found:
                raise ValidationError(
                    _("There is no entry named “%(given)s”.") % {"given": given[:100]}
                    + did_you_mean(given, self._similar(given)),
                    code="invalid_choice",
                )

    def _similar(self, given: str) -> list[str]:
        # Typos are rarely in the first letters, so a few hundred alphabetical neighbours are enough to search.
        beginning = given[:2] if is_slug(given[:2] or "?") else ""
        return list(
            self.rows.filter(slug__startswith=beginning).values_list("slug", flat=True)[:500]
        )


class DayField(forms.DateField):
    """A full date, YYYY-MM-DD, in the years the register supports."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

    def __init__(self, **kwargs: Any) -> None:
        refusal = gettext_lazy("Give a full day as YYYY-MM-DD, such as 2024-05-01.")
        super().__init__(input_formats=["%Y-%m-%d"], error_messages={"invalid": refusal}, **kwargs)

    def to_python(self, value: Any) -> date | None:
        day = super().to_python(value)
        if day is not None:
            supported_day(day)
        return day


# a “+” that was not escaped in a query string arrives as a blank
_UNESCAPED_OFFSET = re.compile(r" (\d{2}:?\d{2})$")


class MomentField(forms.Field):
    """A moment in ISO 8601 with its offset from UTC; a day alone means its beginning on the register's clock."""

    widget = forms.TextInput

    def to_python(self, value: Any) -> datetime | None:
        if value in self.empty_values:
            return None
        text = _UNESCAPED_OFFSET.sub(r"+\1", str(value).strip())
        moment = self._read(text)
        if not FIRST_YEAR <= moment.year <= LAST_YEAR:
            raise ValidationError(
                _("Give a moment in the years %(first)d to %(last)d.")
                % {"first": FIRST_YEAR, "last": LAST_YEAR},
                code="year",
            )
        return moment.astimezone(UTC)

    @staticmethod
    def _read(text: str) -> datetime:
        try:
            if day := parse_date(text):
                return timezone.make_aware(datetime.combine(day, time.min))
            moment = parse_datetime(text)
        except ValueError:
            moment = None
        if moment is None:
            raise ValidationError(
                _("Give a moment in ISO 8601, such as 2026-11-30T09:00:00Z, or a day."),
                code="invalid",
            )
        if timezone.is_naive(moment):
            raise ValidationError(
                _("Add the offset from UTC, for example Z: 2026-11-30T09:00:00Z."), code="offset"
            )
        return moment
