"""The differences between two states, in the words of the fields, and which rows were added, removed or changed."""

from typing import Any

import pytest

from agreements.curation.history.differences import contents, differences
from agreements.curation.history.states import Named, Row, State
from agreements.curation.history.words import value_in_words
from agreements.domain.choices import RowChangeKind
from agreements.models import Agreement, Commitment, Document, Party, Source

VALUES = {
    "choice": (Agreement, "kind", "mou", "Memorandum of understanding"),
    "partial date": (Agreement, "signed", "2023-10~", "about October 2023"),
    "day": (Commitment, "reviewed", "2026-01-31", "31 January 2026"),
    # the register's time zone, four hours ahead of UTC
    "moment": (Source, "published_at", "2023-10-20T13:54:00+00:00", "20 October 2023, 17:54"),
    "country": (Party, "country", "AZ", "Azerbaijan"),
    "unknown code": (Agreement, "kind", "pamphlet", "pamphlet"),
    "number": (Document, "size", 0, "0"),
    "length": (Agreement, "notice", "P0D", "0 days"),
    "ticked": (Document, "is_public", True, "yes"),
    "not ticked": (Document, "is_public", False, "no"),
    "party": (Commitment, "party", Named(3, "Ministry"), "Ministry"),
    "areas": (Agreement, "areas", (Named(1, "Labour"), Named(2, "Health")), "Labour, Health"),
    "no areas": (Agreement, "areas", (), ""),
    "nothing": (Agreement, "title", "", ""),
    "none": (Commitment, "party", None, ""),
}


@pytest.mark.parametrize(("model", "name", "value", "words"), VALUES.values(), ids=VALUES)
def test_value_in_words(model: Any, name: str, value: Any, words: str) -> None:
    assert value_in_words(model._meta.get_field(name), value, {}) == words


def test_a_file_is_called_as_it_was_uploaded() -> None:
    column = Document._meta.get_field("file")

    assert value_in_words(column, "AGR-0001/3f.pdf", {"file_name": "scan.pdf"}) == "scan.pdf"
    assert value_in_words(column, "AGR-0001/3f.pdf", {}) == "a file"


def party(key: int, name: str, position: int = 0) -> Row:
    values = {"party": Named(key, name), "role": "party", "position": position}
    return Row(key, name, values)


def test_rows_that_came_and_went_are_named() -> None:
    found = differences(
        Agreement,
        State({}, {"participations": [party(1, "One")]}),
        State({}, {"participations": [party(2, "Two", position=1)]}),
    )

    assert [(row.kind, row.what, row.name) for row in found.rows] == [
        (RowChangeKind.REMOVED, "Party", "One"),
        (RowChangeKind.ADDED, "Party", "Two"),
    ]
    assert [field.label for field in found.rows[1].fields] == ["Party", "Role"]


def test_a_new_place_in_the_order_is_a_change() -> None:
    found = differences(
        Agreement,
        State({}, {"participations": [party(1, "One")]}),
        State({}, {"participations": [party(1, "One", position=4)]}),
    )

    [row] = found.rows
    assert [(field.label, field.before, field.after) for field in row.fields] == [
        ("Order", "0", "4")
    ]


def test_a_row_entered_anew_under_another_id_is_no_change() -> None:
    before, after = party(1, "One"), party(1, "One")
    anew = Row(99, after.name, after.values)

    assert not differences(
        Agreement, State({}, {"participations": [before]}), State({}, {"participations": [anew]})
    )


@pytest.mark.parametrize(("before", "after", "kinds"), [(2, 1, ["removed"]), (1, 2, ["added"])])
def test_of_rows_that_are_alike_each_stands_for_one(
    before: int, after: int, kinds: list[str]
) -> None:
    def alike(first: int, count: int) -> State:
        rows = [party(1, "One")] * count
        return State(
            {}, {"participations": [Row(first + n, r.name, r.values) for n, r in enumerate(rows)]}
        )

    found = differences(Agreement, alike(1, before), alike(11, after))

    assert [row.kind.value for row in found.rows] == kinds


def test_a_renamed_party_is_no_change_of_the_agreement() -> None:
    assert not differences(
        Agreement,
        State({}, {"participations": [party(1, "Old name")]}),
        State({}, {"participations": [party(1, "New name")]}),
    )


def test_empty_in_another_way_is_no_change() -> None:
    assert not differences(Agreement, State({"signed": None}, {}), State({"signed": ""}, {}))


def test_a_state_of_an_older_register_is_read() -> None:
    """A version may lack fields and rows that were introduced later, and contain some that no longer exist."""
    old = State.read(
        '{"tokens": ["t"], "values": {"title": "Old", "gone": 1}, "rows": {"gone": []}, "former_slugs": []}'
    )

    found = differences(Agreement, old, State({"title": "New"}, {}))

    assert [(field.before, field.after) for field in found.fields] == [("Old", "New")]
    assert [field.after for field in contents(Agreement, old).fields] == ["Old"]


def test_columns_that_an_earlier_release_lacked_are_no_change() -> None:
    earlier = State({"title": "A"}, {"signatories": [Row(1, "Ann", {"name": "Ann"})]})
    with_more = {"name": "Ann", "second_party": None, "person": None, "position": 0}
    later = State(
        {"title": "A", "text_availability": "unknown"}, {"signatories": [Row(1, "Ann", with_more)]}
    )

    assert not differences(Agreement, earlier, later)
    assert earlier.completed(Agreement) == later.completed(Agreement)


def test_commitments_of_an_earlier_release_were_public() -> None:
    earlier = State({"title": "A"}, {"commitments": [Row(1, "Meet", {"text": "Meet"})]})
    later = State(
        {"title": "A"}, {"commitments": [Row(1, "Meet", {"text": "Meet", "is_public": True})]}
    )

    assert not differences(Agreement, earlier, later)


def test_a_state_of_an_earlier_release_has_lengths_instead_of_numbers() -> None:
    written = State({"title": "Old", "term_months": 36, "notice_days": 0}, {}).written()
    without = State({"term_months": None, "notice_days": None}, {}).written()

    assert State.read(written).values == {"title": "Old", "term": "P3Y", "notice": "P0D"}
    assert State.read(without).values == {"term": None, "notice": None}


def test_a_state_is_written_and_read_as_it_was() -> None:
    state = State(
        {"title": "“Ə”\n", "areas": (Named(1, "Labour"),), "notice": "P0D", "signed": None},
        {"participations": [party(1, "One")]},
        tokens=("b", "a"),
        former_slugs=("old",),
    )

    again = State.read(state.written())

    assert (again, again.tokens, again.former_slugs) == (state, ("b", "a"), ("old",))
