"""Time bars: certain, possible and unknown parts, and their positions on the scale."""

from datetime import date
from typing import Any

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from agreements.models import Agreement
from agreements.selection.selection import Selection
from agreements.statistics.counts import Statistics
from agreements.statistics.time_bars import (
    AFTER,
    BEFORE,
    MOST_LINES,
    MOST_TICKS,
    TimeBars,
)
from tests.factories import AgreementFactory

DAY = date(2026, 11, 21)
FIXED = {"term_kind": "fixed", "in_force": "2020-01-31", "term_months": 120}
LASTING = {"term_kind": "indefinite"}
LEFT, RIGHT = "left", "right"


def agreement(superseded_on: date | None = None, **facts: Any) -> Agreement:
    """Return an agreement that is not in the database, with its end computed as if it were saved."""
    built: Agreement = AgreementFactory.build(ref="AGR-0001", **facts)
    built.expires = built.end_of_term()
    built.superseded_on = superseded_on
    return built


def drawn(*agreements: Agreement) -> TimeBars:
    return TimeBars.drawn(agreements, DAY)


def edges(share: str, width: str) -> tuple[float, float]:
    since = float(share.removesuffix("%"))
    return since, since + float(width.removesuffix("%"))


def at(lines: TimeBars, edge: str) -> float:
    """Return the position of a day on this scale; `left` and `right` are beyond it."""
    beyond = {LEFT: BEFORE, RIGHT: AFTER}
    return beyond[edge] if edge in beyond else lines.scale.position(date.fromisoformat(edge))


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({}, [], id="no date"),
        pytest.param({"stage": "negotiation"}, [], id="negotiation without a date"),
        pytest.param({**LASTING}, [], id="without an end, and without a start"),
        pytest.param(
            {"signed": "2020-01-31", **FIXED}, ["certain 2020-01-31 2030-01-31"], id="known to the day"
        ),
        pytest.param(
            {"signed": "2019-05-01", **FIXED}, ["certain 2019-05-01 2030-01-31"], id="from the signature"
        ),
        pytest.param(FIXED, ["certain 2020-01-31 2030-01-31"], id="from the entry into force"),
        pytest.param(
            {**FIXED, "signed": "2021-01-01"}, ["certain 2020-01-31 2030-01-31"], id="in force before signature"
        ),
        pytest.param(
            {**FIXED, "in_force": "2020"},
            ["possible 2020-01-01 2020-12-31", "certain 2020-12-31 2030-01-01", "possible 2030-01-01 2030-12-31"],
            id="year only",
        ),
        pytest.param({"signed": "2020-05-05"}, ["fading 2020-05-05 right"], id="end not known"),
        pytest.param(
            {"signed": "2020-05"},
            ["possible 2020-05-01 2020-05-31", "fading 2020-05-31 right"],
            id="month, end not known",
        ),
        pytest.param(
            {"signed": "2020-05-05", "in_force": "2021"},
            ["certain 2020-05-05 2026-11-21", "fading 2026-11-21 right"],
            id="in force, end not known",
        ),
        pytest.param(
            {"signed": "2020-05-05", **LASTING},
            ["certain 2020-05-05 2026-11-21", "possible 2026-11-21 right"],
            id="goes on after today",
        ),
        pytest.param(
            {"signed": "2027-05-05", **LASTING}, ["possible 2027-05-05 right"], id="begins after today and goes on"
        ),
        pytest.param({"signed": "2020/.."}, ["fading 2020-01-01 right"], id="open end of the start"),
        pytest.param(
            {"signed": "../2020"},
            ["rising left 2020-12-31", "fading 2020-12-31 right"],
            id="open start, end not known",
        ),
        pytest.param(
            {"signed": "../2020", "terminated": "2024-02-02"},
            ["rising left 2020-12-31", "certain 2020-12-31 2024-02-02"],
            id="open start",
        ),
        pytest.param({"terminated": "2024-02-02"}, ["rising left 2024-02-02"], id="start not known"),
        pytest.param(
            {"terminated": "2024"},
            ["rising left 2024-01-01", "possible 2024-01-01 2024-12-31"],
            id="start not known, end in a year",
        ),
        pytest.param({"terminated": "../2024"}, ["rising left 2024-12-31"], id="start not known, open end"),
        pytest.param(
            {"signed": "2020-05-05", "terminated": "2022/.."},
            ["certain 2020-05-05 2022-01-01", "fading 2022-01-01 right"],
            id="end open after a year",
        ),
        pytest.param(
            {"signed": "2020-05-05", "terminated": "../2022"}, ["possible 2020-05-05 2022-12-31"], id="end open before a year"
        ),
        pytest.param(
            {"signed": "../2020", "terminated": "2010/.."}, ["possible left right"], id="nothing certain at all"
        ),
        pytest.param(
            {"signed": "2020", "terminated": "2020-06-01"}, ["possible 2020-01-01 2020-06-01"], id="end within the start"
        ),
        pytest.param(
            {"signed": "2022-02-02", "terminated": "2020-01-01"}, ["possible 2020-01-01 2022-02-02"], id="end before the start"
        ),
        pytest.param(
            {**FIXED, "terminated": "2025-05-05"}, ["certain 2020-01-31 2025-05-05"], id="terminated before its end"
        ),
        pytest.param(
            {**FIXED, "superseded_on": date(2024, 4, 4)}, ["certain 2020-01-31 2024-04-04"], id="superseded before its end"
        ),
    ],
)  # fmt: skip
def test_line_shows_what_is_known(facts: dict[str, Any], expected: list[str]) -> None:
    lines = drawn(agreement(**facts))

    (line,) = lines.lines
    pieces = [piece.split() for piece in expected]
    assert [piece.kind for piece in line.pieces] == [kind for kind, *_ in pieces]
    for piece, (_kind, since, until) in zip(line.pieces, pieces, strict=True):
        assert edges(piece.x, piece.width) == pytest.approx(
            (at(lines, since), at(lines, until)), abs=0.03
        )


def test_one_day_can_be_seen() -> None:
    (line,) = drawn(agreement(signed="2022-01-01", terminated="2022-01-01")).lines

    assert [(piece.kind, piece.width) for piece in line.pieces] == [("certain", "0.80%")]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({"signed": "2020", **LASTING}, (False, True), id="goes on"),
        pytest.param({"signed": "2020"}, (False, False), id="end not known"),
        pytest.param({"signed": "2020-01-01", "terminated": "2998"}, (False, True), id="ends after the scale"),
        pytest.param({"signed": "1850", "terminated": "2020"}, (True, False), id="begins before the scale"),
        pytest.param({"signed": "1850", "terminated": "1870"}, (True, False), id="all before the scale"),
        pytest.param({"signed": "2900", "terminated": "2950"}, (False, True), id="all after the scale"),
        pytest.param({}, (False, False), id="no date"),
    ],
)  # fmt: skip
def test_arrow_says_that_it_goes_beyond_the_scale(
    facts: dict[str, Any], expected: tuple[bool, bool]
) -> None:
    usual = [agreement(signed=f"{2018 + n}-05-05") for n in range(5)]

    line = drawn(agreement(**facts), *usual).lines[0]

    assert (line.arrow_left, line.arrow_right) == expected
    assert bool(line.pieces) == bool(facts)


DATES = st.sampled_from(
    ["", "1000", "1850-02", "2010/..", "../2016", "2019~", "2020-02-29", "2020/2031", "2027-03", "2999"]
)  # fmt: skip


@given(
    st.lists(
        st.builds(
            agreement,
            signed=DATES,
            in_force=DATES,
            terminated=DATES,
            expires_stated=DATES,
            term_kind=st.sampled_from(["fixed", "indefinite", "automatic_renewal", "unknown"]),
            stage=st.sampled_from(["proposed", "negotiation", "concluded", "abandoned"]),
            superseded_on=st.sampled_from([None, date(2020, 1, 1)]),
        ),
        max_size=6,
    ),
    st.dates(date(1001, 1, 1), date(2998, 12, 31)),
)
def test_any_dates_are_drawn_within_the_picture(agreements: list[Agreement], day: date) -> None:
    found = TimeBars.drawn(agreements, day)

    assert len(found.lines) == len(agreements)
    assert found.scale.first <= day <= found.scale.last
    assert 1 <= len(found.scale.ticks) <= MOST_TICKS
    for line in found.lines:
        assert line.words
        for piece in line.pieces:
            since, until = edges(piece.x, piece.width)
            assert BEFORE <= since < until <= AFTER + 1


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({}, "date of signature unknown, end unknown"),
        ({"stage": "negotiation"}, "not signed"),
        ({"stage": "abandoned", "signed": "2021"}, "signed 2021"),
        ({"signed": "2023-10~"}, "signed about October 2023, end unknown"),
        ({"in_force": "2023", **LASTING}, "in force from 2023, no set end"),
        (
            {"signed": "2023", "in_force": "2023", "term_kind": "automatic_renewal"},
            "signed 2023, renews automatically",
        ),
        (
            {"signed": "2019", **FIXED},
            "signed 2019, in force from 31 January 2020, term ends 31 January 2030",
        ),
        ({"signed": "2019", "terminated": "2020"}, "signed 2019, terminated 2020"),
        (
            {"signed": "2019", "superseded_on": date(2020, 5, 6)},
            "signed 2019, superseded 6 May 2020",
        ),
    ],
)
def test_words_say_what_the_line_shows(facts: dict[str, Any], words: str) -> None:
    (line,) = drawn(agreement(**facts)).lines

    assert ", ".join(line.words) == words


def test_scale_is_of_whole_years_with_today_on_it() -> None:
    lines = drawn(agreement(signed="2023-10~"))

    assert [tick.label for tick in lines.scale.ticks] == ["2023", "2024", "2025", "2026", "2027"]
    assert lines.day_x == f"{lines.scale.position(DAY):.2f}%"
    assert lines.day_anchor == "end"


@pytest.mark.parametrize(
    ("signed", "scale"),
    [
        pytest.param(["1850", "1870"], (1850, 2027), id="all long ago"),
        pytest.param(["1850", "2024", "2025", "2026"], (1964, 2027), id="one long ago"),
        pytest.param(["2026", "2998"], (2026, 2047), id="one far ahead"),
    ],
)
def test_scale_holds_the_day_and_all_but_what_would_squeeze_the_others(
    signed: list[str], scale: tuple[int, int]
) -> None:
    lines = drawn(*(agreement(signed=each, **LASTING) for each in signed))

    assert (lines.scale.first.year, lines.scale.last.year) == scale
    assert lines.scale.first <= DAY <= lines.scale.last


def test_nothing_has_a_scale_and_no_dates() -> None:
    lines = drawn()

    assert (lines.lines, lines.has_dates) == ([], False)
    assert [tick.label for tick in lines.scale.ticks] == ["2026", "2027"]
    assert not drawn(agreement(), agreement(stage="proposed")).has_dates


def test_a_thousand_lines_are_laid_out() -> None:
    lines = drawn(*(agreement(signed=f"{1900 + n // 8}") for n in range(1000)))

    assert len(lines.lines) == 1000
    assert lines.has_dates


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, MOST_LINES + 10])
def test_newest_are_taken_in_two_queries(
    count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    AgreementFactory(title="Undated")
    for n in range(count):
        AgreementFactory(signed=str(1990 + n))

    found = Statistics(Selection(QueryDict(), today=DAY))
    assert found.selection.count == count + 1
    with django_assert_num_queries(2):
        lines = found.time_bars.lines

    newest = [str(1990 + n) for n in reversed(range(count))][:MOST_LINES]
    assert [str(line.agreement.signed) for line in lines[: len(newest)]] == newest
    assert len(lines) == min(count + 1, MOST_LINES)
