"""Matches are found in folded words and marked in the original letters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements.search import SearchQuery, excerpt, pieces
from agreements.templatetags.search_marks import marked, marked_excerpt


def shown(text: str, query: str) -> str:
    """The text with its matches in square brackets."""
    found = pieces(text, SearchQuery.read(query))
    return "".join(f"[{piece.text}]" if piece.is_match else piece.text for piece in found)


@pytest.mark.parametrize(
    ("text", "query", "marks"),
    [
        pytest.param("Social protection", "protection", "Social [protection]", id="word"),
        pytest.param("Social protection", "prot", "Social [protection]", id="beginning marks the word"),
        pytest.param("Azərbaycan və Oʻzbekiston", "ozbekiston", "Azərbaycan və [Oʻzbekiston]", id="shorter when folded"),
        pytest.param("Straße nach Ærø", "aero strasse", "[Straße] nach [Ærø]", id="longer when folded"),
        pytest.param("Алиев, Мирзиёев", "mirziyoyev", "Алиев, [Мирзиёев]", id="transliterated"),
        pytest.param("½ day", "2", "[½] day", id="two words at one place"),
        pytest.param("the social and social protection", '"social protection"', "the social and [social protection]", id="phrase"),
        pytest.param("social, protection", '"social protection"', "[social, protection]", id="phrase across a comma"),
        pytest.param("a b c b a", '"a b" "b c"', "[a b c] b a", id="overlapping phrases"),
        pytest.param("Japan and Japan", "and -japan", "Japan [and] Japan", id="what is left out is not marked"),
        pytest.param("protection", "rot", "protection", id="not in the middle of a word"),
        pytest.param("", "a", "", id="empty text"),
        pytest.param("a", "", "a", id="empty query"),
    ],
)  # fmt: skip
def test_matches_are_marked(text, query, marks):
    assert shown(text, query) == marks


@given(st.text(), st.text())
def test_pieces_are_the_text(text, query):
    found = pieces(text, SearchQuery.read(query))

    assert "".join(piece.text for piece in found) == text
    assert all(piece.text for piece in found)


@given(st.text(min_size=1))
def test_every_word_of_a_text_is_marked_when_the_text_is_searched_for(text):
    found = pieces(text, SearchQuery.read(f'"{text.replace(chr(34), " ")}"'))

    assert not any(character.isalnum() for p in found if not p.is_match for character in p.text)


LONG = " ".join(f"word{n}" for n in range(100))


@pytest.mark.parametrize(
    ("query", "starts", "ends"),
    [
        pytest.param('"word0"', "word0 ", "word35…", id="at the beginning"),
        pytest.param('"word50"', "…word42 ", "word77…", id="in the middle"),
        pytest.param('"word99"', "…word64 ", "word99", id="at the end"),
        pytest.param(f'"{LONG}"', "word0", "word99", id="a match as long as the text"),
    ],
)
def test_excerpt_shows_the_first_match_in_its_context(query, starts, ends):
    text = "".join(piece.text for piece in excerpt(LONG, SearchQuery.read(query)))

    assert text.startswith(starts)
    assert text.endswith(ends)


def test_short_text_is_its_own_excerpt():
    assert (
        "".join(p.text for p in excerpt("(All of it.)", SearchQuery.read("all"))) == "(All of it.)"
    )


def test_text_without_a_match_has_no_excerpt():
    assert excerpt(LONG, SearchQuery.read("absent")) == []
    assert marked_excerpt(LONG, SearchQuery.read("absent")) == ""


HOSTILE = "<script>alert('x')</script> & <b>"


@pytest.mark.parametrize("query", ["", "script", "alert x", "b", '"script alert x script b"'])
def test_marked_text_is_escaped(query):
    html = marked(HOSTILE, SearchQuery.read(query))

    assert html.replace("<mark>", "").replace("</mark>", "") == (
        "&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt; &amp; &lt;b&gt;"
    )
    assert ("<mark>" in html) == bool(query)


def test_marked_excerpt_is_escaped():
    html = marked_excerpt(f"{HOSTILE} {LONG}", SearchQuery.read("script"))

    assert html.startswith(
        "&lt;<mark>script</mark>&gt;alert(&#x27;x&#x27;)&lt;/<mark>script</mark>&gt;"
    )
    assert html.endswith("word30…")


def test_text_without_a_query_is_escaped_alone():
    assert marked("a < b", None) == "a &lt; b"
