"""What is typed into the search box, as terms."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements.search.queries import MOST_TERMS, SearchQuery, Term


def terms(*texts: str) -> tuple[Term, ...]:
    """Terms as "a b" for a phrase, "a*" for a beginning and "a/b" for two spellings."""
    return tuple(map(_term, texts))


def _term(text: str) -> Term:
    first, *others = (tuple(each.split()) for each in text.rstrip("*").split("/"))
    return Term(first, text.endswith("*"), tuple(others))


@pytest.mark.parametrize(
    ("text", "wanted", "unwanted"),
    [
        pytest.param("social", ["social*"], [], id="one word is a beginning"),
        pytest.param("social protection", ["social", "protection*"], [], id="the last word is"),
        pytest.param("Şəki  İLİ ", ["seki/shaki/sheki", "ili*"], [], id="folded"),
        pytest.param('"social protection"', ["social protection"], [], id="phrase is whole"),
        pytest.param("“social protection”", ["social protection"], [], id="typographic quotes"),
        pytest.param("«социальная защита»", ["sotsialnaya zashchita"], [], id="Russian quotes"),
        pytest.param('"social"', ["social"], [], id="quoted word is whole"),
        pytest.param('"social prot', ["social prot*"], [], id="quotes left open"),
        pytest.param('health "social protection" lab', ["health", "social protection", "lab*"], [], id="mixed"),
        pytest.param("health -japan", ["health"], ["japan*"], id="exclusion"),
        pytest.param("-japan health", ["health*"], ["japan*"], id="exclusion first"),
        pytest.param('health -"japan"', ["health"], ["japan"], id="exclusion of a whole word"),
        pytest.param('health -"social protection"', ["health"], ["social protection"], id="excluded phrase"),
        pytest.param("−japan health", ["health*"], ["japan*"], id="minus sign"),
        pytest.param("-japan", [], ["japan*"], id="only an exclusion"),
        pytest.param("AGR-0001", ["agr 0001*"], [], id="hyphen inside is no exclusion"),
        pytest.param("Baku – Tashkent - x", ["baku", "tashkent", "x*"], [], id="dashes between"),
        pytest.param("labour labour labour", ["labour", "labour*"], [], id="each once"),
        pytest.param("NEAR(a b) OR c* ^title:d AND NOT {e}", ["near a", "b", "or", "c", "title d", "and", "not", "e*"], [], id="no operators"),
        pytest.param("a & b | !c <-> d:*", ["a", "b", "c", "d*"], [], id="none of the other database"),
        pytest.param('"', [], [], id="a quote"),
        pytest.param('""', [], [], id="two quotes"),
        pytest.param('- -- -"" … %_\\', [], [], id="punctuation"),
        pytest.param("\x00\ud800", [], [], id="NUL and a surrogate"),
        pytest.param("", [], [], id="empty"),
    ],
)  # fmt: skip
def test_query_is_read(text, wanted, unwanted):
    query = SearchQuery.read(text)

    assert query == SearchQuery(terms(*wanted), terms(*unwanted))
    assert bool(query) == bool(wanted or unwanted)


def test_pasted_page_is_asked_for_by_its_beginning():
    query = SearchQuery.read(" ".join(f"w{n} -x{n}" for n in range(5_000)))

    assert len(query.wanted) == len(query.unwanted) == MOST_TERMS
    assert query.wanted[0] == Term(("w0",))


@given(st.text(alphabet=st.one_of(st.sampled_from('"- ab*'), st.characters())))
def test_any_text_is_read(text):
    query = SearchQuery.read(text)

    assert all(term.words and all(term.words) for term in (*query.wanted, *query.unwanted))
    assert not any(term.is_prefix for term in (*query.wanted[:-1], *query.unwanted))
