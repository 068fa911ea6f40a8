"""Lengths of time: what people type, ISO 8601, words, storage, and what is refused with its reason."""

from datetime import date

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from agreements.domain.durations import (
    LONGEST_DAYS,
    LONGEST_MONTHS,
    Duration,
    DurationError,
    DurationField,
    as_adjective,
    duration_in_words,
    read_duration,
)
from agreements.domain.partial_dates import PartialDate
from agreements.models import Agreement
from tests.factories import AgreementFactory

any_length = st.one_of(
    st.builds(Duration, months=st.integers(0, LONGEST_MONTHS)),
    st.builds(Duration, days=st.integers(0, LONGEST_DAYS)),
)


@pytest.mark.parametrize(
    ("typed", "iso"),
    [
        ("3 years", "P3Y"),
        (" 3 Years ", "P3Y"),
        ("1 year", "P1Y"),
        ("three years", "P3Y"),
        ("Five (5) years", "P5Y"),
        ("beş il", "P5Y"),
        ("пять лет", "P5Y"),
        ("eighteen months", "P18M"),
        ("1.5 years", "P18M"),
        ("2,5 года", "P30M"),
        ("36 months", "P3Y"),
        ("18 months", "P18M"),
        ("18-month", "P18M"),
        ("1 year 6 months", "P18M"),
        ("1 year, 6 months", "P18M"),
        ("1 year and 6 months", "P18M"),
        ("120 days", "P120D"),
        ("1,000 days", "P1000D"),
        ("1 000 days", "P1000D"),
        ("2 weeks", "P14D"),
        ("0 days", "P0D"),
        ("P3Y", "P3Y"),
        ("p18m", "P18M"),
        ("P1Y6M", "P18M"),
        ("P2W", "P14D"),
        ("P120D", "P120D"),
        ("3 il", "P3Y"),
        ("18 ay", "P18M"),
        ("120 gün", "P120D"),
        ("2 həftə", "P14D"),
        ("3 года", "P3Y"),
        ("5 лет", "P5Y"),
        ("1 год и 6 месяцев", "P18M"),
        ("120 дней", "P120D"),
        ("6 мес.", "P6M"),
    ],
)
def test_what_people_type_is_read(typed: str, iso: str) -> None:
    assert str(read_duration(typed)) == iso


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("36", "“36” has no unit: write 36 months, 36 days or 36 years"),
        ("some years", "not a length of time: write 3 years"),
        ("three (2) years", "not a length of time"),
        ("3 moons", "not a length of time"),
        ("years", "not a length of time"),
        ("-3 years", "not a length of time"),
        ("1.3 years", "not a length of time"),
        ("1.5 months", "not a length of time"),
        ("3 years 2 years", "not a length of time"),
        ("1 0 years", "not a length of time"),
        ("1 year 15 days", "both months and days has no certain end"),
        ("P1Y15D", "both months and days has no certain end"),
        ("P", "not a length of time"),
        ("P3", "not an ISO 8601 duration"),
        ("P1H", "not an ISO 8601 duration"),
        ("PT1H", "not a length of time"),
        ("201 years", "longer than 200 years"),
        ("9999999 days", "not a length of time"),
        ("3 years" * 100, "longer than 60 characters"),
        ("", "not a length of time"),
        ("٣ years", "not a length of time"),
    ],
)
def test_what_is_no_length_is_refused_with_a_remedy(typed: str, why: str) -> None:
    with pytest.raises(DurationError, match=why):
        read_duration(typed)


@pytest.mark.parametrize("language", ["en", "az", "ru"])
@given(length=any_length)
def test_words_and_iso_text_are_read_as_the_same_length(language: str, length: Duration) -> None:
    with translation.override(language):
        assert read_duration(duration_in_words(length)) == length
    assert Duration.parse(str(length)) == length
    assert read_duration(str(length)) == length


@pytest.mark.parametrize(
    ("iso", "words", "adjective"),
    [
        ("P3Y", "3 years", "3-year"),
        ("P1Y", "1 year", "1-year"),
        ("P18M", "18 months", "18-month"),
        ("P1M", "1 month", "1-month"),
        ("P120D", "120 days", "120-day"),
        ("P1D", "1 day", "1-day"),
        ("P1000D", "1,000 days", "1000-day"),
    ],
)
def test_words(iso: str, words: str, adjective: str) -> None:
    assert duration_in_words(Duration.parse(iso)) == words
    assert as_adjective(Duration.parse(iso)) == adjective


@pytest.mark.parametrize(
    ("start", "length", "times", "end"),
    [
        ("2022-07-22", "P120D", 1, "2022-11-19"),
        ("2024-08-31", "P6M", 1, "2025-02-28"),
        ("2024-08-31", "P6M", 2, "2025-08-31"),
        ("2024-02-29", "P1Y", 4, "2028-02-29"),
        ("2023", "P1Y", 2, "2025"),
        ("2022-07", "P120D", 1, "2022-10-29/2022-11-28"),
    ],
)
def test_end_of_successive_periods(start: str, length: str, times: int, end: str) -> None:
    assert str(Duration.parse(length).after(PartialDate.parse(start), times)) == end


@pytest.mark.parametrize(
    ("end", "length", "day"),
    [
        ("2027-09-01", "P6M", "2027-03-01"),
        ("2027-08-31", "P6M", "2027-02-28"),
        ("2026-12-01", "P30D", "2026-11-01"),
        ("2026-12-01", "P0D", "2026-12-01"),
    ],
)
def test_day_so_long_before(end: str, length: str, day: str) -> None:
    found = Duration.parse(length).before(date.fromisoformat(end))

    assert found == date.fromisoformat(day)


@pytest.mark.parametrize("start", ["2999-12-31", "9999"])
def test_end_beyond_the_calendar_is_refused(start: str) -> None:
    with pytest.raises(ValueError, match="not between 1000 and 2999"):
        Duration(days=1).after(PartialDate.parse(start))


@pytest.mark.django_db
@pytest.mark.parametrize("iso", ["P3Y", "P18M", "P120D", "P0D", None])
def test_a_stored_length_comes_back_as_it_was(iso: str | None) -> None:
    AgreementFactory(notice=iso)

    stored = Agreement.objects.get().notice

    assert (stored and str(stored)) == iso
    assert Agreement.objects.filter(notice=iso).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("value", ["soon", 30])
def test_what_is_no_length_is_refused_by_validation_and_never_stored(value: object) -> None:
    agreement = AgreementFactory()
    agreement.notice = value

    with pytest.raises(ValidationError, match="not an ISO 8601 duration"):
        agreement.full_clean()
    with pytest.raises(DurationError):
        agreement.save()


def test_form_shows_words_keeps_what_is_refused_and_says_why() -> None:
    class Form(forms.Form):
        length = DurationField(blank=True).formfield()

    shown = Form(initial={"length": Duration(months=36)})
    refused = Form({"length": "36"})

    assert 'value="3 years"' in str(shown["length"])
    assert not refused.is_valid()
    assert 'value="36"' in str(refused["length"])
    assert "has no unit" in refused.errors["length"][0]
    assert Form({"length": " "}).is_valid()
