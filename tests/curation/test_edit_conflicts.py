"""Who has changed what since the base: every combination of three values, and of three rows."""

import pytest

from agreements.curation.edit_conflicts import (
    Presence,
    TypedRecord,
    TypedRow,
    Unread,
    Who,
    compare,
    compare_values,
    same,
)
from agreements.curation.history.states import Named, Row, State

LABOUR, HEALTH = Named(1, "Labour"), Named(2, "Health")


@pytest.mark.parametrize(
    ("base", "theirs", "yours", "who"),
    [
        pytest.param("a", "a", "a", None, id="nobody"),
        pytest.param("a", "b", "a", Who.THEY, id="they"),
        pytest.param("a", "a", "b", Who.YOU, id="you"),
        pytest.param("a", "b", "c", Who.BOTH, id="both"),
        pytest.param("a", "b", "b", None, id="both the same"),
        pytest.param(None, "", None, None, id="empty in two ways"),
        pytest.param((), None, (), None, id="no links"),
        pytest.param("x\ny", "x\ny", "x\r\ny", None, id="line ends of a form"),
        pytest.param("x", "x", " x ", None, id="blanks around"),
        pytest.param(1, 1, 2, Who.YOU, id="numbers"),
        pytest.param(0, 0, None, Who.YOU, id="nought is not empty"),
        pytest.param(False, True, False, Who.THEY, id="ticks"),
        pytest.param(LABOUR, LABOUR, HEALTH, Who.YOU, id="another row"),
        pytest.param(LABOUR, Named(1, "Renamed"), LABOUR, None, id="renamed"),
        pytest.param((LABOUR,), (LABOUR, HEALTH), (LABOUR,), Who.THEY, id="links"),
        pytest.param("a", "a", Unread("a"), Who.YOU, id="not understood"),
    ],
)
def test_a_field(base: object, theirs: object, yours: object, who: Who | None) -> None:
    found = compare_values({"f": base}, {"f": theirs}, {"f": yours})  # type: ignore[dict-item]

    assert [conflict.who for conflict in found] == ([who] if who else [])


def test_without_a_base_both_have_changed_what_differs() -> None:
    found = compare_values(None, {"f": "a", "g": "b"}, {"f": "a", "g": "c"})

    assert [(conflict.name, conflict.who) for conflict in found] == [("g", Who.BOTH)]


def test_a_field_that_the_base_did_not_have_is_both_sides() -> None:
    found = compare_values({}, {"new": "a"}, {"new": "b"})

    assert [conflict.who for conflict in found] == [Who.BOTH]


def test_fields_that_the_form_does_not_have_are_left_out() -> None:
    assert compare_values({"hidden": "a"}, {"hidden": "b"}, {}) == []


def stored(text: str | None) -> list[Row]:
    return [] if text is None else [Row(7, text, {"name": text})]


@pytest.mark.parametrize(
    ("base", "theirs", "yours", "is_removed", "found"),
    [
        pytest.param("a", "a", "a", False, None, id="nobody"),
        pytest.param("a", "b", "a", False, (Presence.CHANGED, Who.THEY), id="they changed"),
        pytest.param("a", "a", "b", False, (Presence.CHANGED, Who.YOU), id="you changed"),
        pytest.param("a", "b", "c", False, (Presence.CHANGED, Who.BOTH), id="both changed"),
        pytest.param(
            "a", None, "a", False, (Presence.REMOVED_BY_THEM, Who.THEY), id="they removed"
        ),
        pytest.param(
            "a", None, "b", False, (Presence.REMOVED_BY_THEM, Who.BOTH), id="removed and changed"
        ),
        pytest.param("a", "a", "a", True, (Presence.REMOVED_BY_YOU, Who.YOU), id="you removed"),
        pytest.param(
            "a", "b", "a", True, (Presence.REMOVED_BY_YOU, Who.BOTH), id="changed and removed"
        ),
        pytest.param("a", None, "a", True, None, id="both removed"),
    ],
)
def test_a_row(base: str, theirs: str | None, yours: str, is_removed: bool, found: object) -> None:
    typed = TypedRecord({}, {"rows": [TypedRow(7, 0, {"name": yours}, is_removed)]})

    conflict = compare(
        State({}, {"rows": stored(base)}), State({}, {"rows": stored(theirs)}), typed
    )

    assert [(row.presence, row.who) for row in conflict.rows] == ([found] if found else [])


def test_rows_that_one_side_added() -> None:
    yours = TypedRecord({}, {"rows": [TypedRow("new-0", 0, {"name": "mine"})]})

    conflict = compare(State({}, {"rows": []}), State({}, {"rows": stored("theirs")}), yours)

    assert [(row.presence, row.who) for row in conflict.rows] == [
        (Presence.ADDED_BY_YOU, Who.YOU),
        (Presence.ADDED_BY_THEM, Who.THEY),
    ]


def test_without_a_base_a_removed_row_is_asked_about() -> None:
    yours = TypedRecord({}, {"rows": [TypedRow(7, 0, {"name": "a"}, is_removed=True)]})

    [row] = compare(None, State({}, {"rows": stored("a")}), yours).rows

    assert row.who == Who.BOTH


def test_rows_that_the_form_does_not_have_are_left_out() -> None:
    assert not compare(State({}, {}), State({}, {"other": stored("a")}), TypedRecord({}))


def test_what_was_not_understood_is_the_same_as_itself_alone() -> None:
    assert same(Unread("x"), Unread("x"))
    assert not same(Unread("x"), "x")
