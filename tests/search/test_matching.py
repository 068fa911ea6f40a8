"""What a query finds, in which order, on whichever database the tests run, compared with plain Python."""

from itertools import product
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements.models import Agreement
from agreements.search import fold, words
from tests.factories import (
    AgreementFactory,
    AreaFactory,
    PartyFactory,
    PartyNameFactory,
    SignatoryFactory,
)
from tests.properties import tried
from tests.search.registers import WORDS, make_register, searched_texts
from tests.snapshots import put_back

pytestmark = pytest.mark.django_db


def refs(query: str) -> list[str]:
    found = Agreement.objects.containing(query).in_order("relevance", query)
    return list(found.values_list("ref", flat=True))


# ------------------------------------------------------------------ against plain Python

# The spellings of a phrase, and whether its last word may be longer.
Term = tuple[list[list[str]], bool]


def stands(term: Term, text: str) -> bool:
    spelled, is_prefix = term
    return any(_stands(words, text, is_prefix) for words in spelled)


def _stands(words: list[str], text: str, is_prefix: bool) -> bool:
    present = text.split()
    return any(
        here[:-1] == words[:-1]
        and (here[-1].startswith(words[-1]) if is_prefix else here[-1] == words[-1])
        for n in range(len(present) - len(words) + 1)
        for here in [present[n : n + len(words)]]
    )


def stands_somewhere(term: Term, texts: list[str]) -> bool:
    return any(stands(term, text) for text in texts)


# A part of a query: the words of a term as they are typed, whether in quotes, whether left out.
PARTS = st.lists(
    st.tuples(
        st.lists(
            st.sampled_from(WORDS).flatmap(
                lambda word: st.sampled_from([word, word[:2], word[:1]])
            ),
            min_size=1,
            max_size=3,
        ),
        st.booleans(),
        st.sampled_from([False, False, True]),
    ),
    max_size=3,
)


def typed(words: list[str], is_quoted: bool, is_left_out: bool) -> str:
    text = f'"{" ".join(words)}"' if is_quoted else "·".join(words)
    return f"-{text}" if is_left_out else text


def mixed(texts: list[str]) -> list[list[str]]:
    """Every mixture of the keys of these words; there are too few to have any left out."""
    return [list(keys) for keys in product(*(word.keys for word in words(" ".join(texts))))]


@pytest.fixture
def register():
    put_back(sixty_agreements)
    return list(Agreement.objects.order_by("pk"))


def sixty_agreements():
    make_register(Random(20231020), agreements=60)


def test_query_finds_what_a_plain_comparison_finds(register):
    texts = {row.ref: searched_texts(row) for row in register}

    @tried(150)
    @given(PARTS)
    def compare(parts):
        query = " ".join(typed(*part) for part in parts)
        terms = [(mixed(words), is_quoted, is_left_out) for words, is_quoted, is_left_out in parts]
        terms = [term for term in terms if term[0] != [[]]]
        wanted = [(words, False) for words, _quoted, left_out in terms if not left_out]
        unwanted = [(words, not quoted) for words, quoted, left_out in terms if left_out]
        if wanted and not terms[-1][1] and not terms[-1][2]:
            wanted[-1] = (wanted[-1][0], True)

        expected = {
            ref
            for ref, parts in texts.items()
            for everything in [parts["title"] + parts["beside"]]
            if all(stands_somewhere(term, everything) for term in wanted)
            and not any(stands_somewhere(term, everything) for term in unwanted)
        }

        found = refs(query)

        assert set(found) == (expected if terms else set())
        in_title = [
            all(stands_somewhere(term, texts[ref]["title"]) for term in wanted) for ref in found
        ]
        assert in_title == sorted(in_title, reverse=True)

    compare()


# What a database can store at all.
STORABLE = st.characters(exclude_categories=["Cs"], exclude_characters="\x00")


def test_any_text_is_found_by_its_words():
    agreement = AgreementFactory()

    @tried(50)
    @given(st.text(STORABLE, max_size=60), st.data())
    def compare(text, data):
        agreement.title = f"x {text}"
        agreement.save()
        word = data.draw(st.sampled_from(["x", *fold(text).split()]))

        assert refs(f'"{word}"') == refs(word[: len(word) // 2 + 1]) == ["AGR-0001"]
        assert refs(f'"x {text.replace(chr(34), " ")}"') == ["AGR-0001"]
        assert refs(f'{word} -"x"') == []

    compare()


# ------------------------------------------------------------------ what is searched


@pytest.fixture
def agreement():
    state = PartyFactory(name="Uzbekistan", short_name="UZB")
    PartyNameFactory(party=state, name="Ўзбекистон")
    agency = PartyFactory(name="National Agency", parent=PartyFactory(name="Cabinet", parent=state))
    PartyNameFactory(party=agency, name="Milliy agentligi")
    field = AreaFactory(name="Disability inclusion")
    made = AgreementFactory(
        title="On cooperation", summary="Exchange of nurses.", place="Toshkent", parties=[agency],
        areas=[AreaFactory(name="Rehabilitation", parent=field)], internal_notes="confidential",
        responsible_unit="Protocol", public_notes="remark",
    )  # fmt: skip
    SignatoryFactory(agreement=made, name="Mansurbek Olloyorov", as_published="Olloyerov")
    return made


@pytest.mark.parametrize(
    "query",
    [
        "on cooperation", "COOPERATION", "AGR-0001", "agr 0001", '"exchange of nurses"', "toshkent", "national agency",
        "milliy", "cabinet", "uzbekistan", "UZB", "Oʻzbekiston", "Ўзбекистон", "olloyorov", "Olloyerov", "оллоёров",
        "rehabilitation", "disability", "nurses uzbekistan rehabilitation", "reha", "-japan", "cooperation -japan",
    ],
)  # fmt: skip
def test_agreement_is_found_by(agreement, query):
    assert refs(query) == [agreement.ref]


@pytest.mark.parametrize(
    "query",
    [
        "habilitation", "nurs exchange", '"nurses of exchange"', '"exchange of nurse"', "cooperation -nurses",
        '"agency milliy"', '"cooperation agr"', '"nurses olloyorov"', "confidential", "protocol", "remark", "japan",
        "cooperation japan", "-cooperation",
    ],
)  # fmt: skip
@pytest.mark.usefixtures("agreement")
def test_agreement_is_not_found_by(query):
    assert refs(query) == []


HOSTILE = {
    "nothing": "",
    "blanks": " \t\n\u00a0\u3000",
    "punctuation": "%_\\ '' ()[]{} *^:;,.!?/ & | <-> ¶ –",
    "NUL": "\x00",
    "surrogates": "\ud800\udfff",
    "only quotes": '"""',
    "a bracket in quotes": '"("',
}


@pytest.mark.parametrize("query", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.usefixtures("agreement")
def test_query_that_folds_to_nothing_finds_nothing(query):
    assert refs(query) == []


@pytest.mark.parametrize(
    "query",
    [
        pytest.param('" OR 1=1 --', id="quote"),
        pytest.param("'; DROP TABLE agreements_agreement; --", id="apostrophe"),
        pytest.param("NEAR(cooperation nurses, 2)", id="NEAR"),
        pytest.param("cooperation AND", id="dangling AND"),
        pytest.param("title:cooperation ^on {title body}: x", id="columns"),
        pytest.param("cooper* + on*", id="stars"),
        pytest.param("a\\'b \\", id="backslashes"),
        pytest.param("co\x00op NUL\x00", id="NUL inside"),
        pytest.param("\u202eנבט\u202c العربية", id="right to left"),
        pytest.param("\ud800 cooperation", id="surrogate"),
        pytest.param("😀 cooperation 👩‍👩‍👧", id="emoji"),
        pytest.param("a" * 10_000, id="one long word"),
        pytest.param("word " * 10_000, id="one word often"),
        pytest.param(" ".join(f"w{n}" for n in range(10_000)), id="many words"),
        pytest.param(" ".join(f"-w{n}" for n in range(10_000)), id="many exclusions"),
        pytest.param('"' + " ".join(f"w{n}" for n in range(10_000)), id="one long phrase"),
        pytest.param("-".join("ab" for _n in range(10_000)), id="one long compound"),
        pytest.param('"' * 10_001, id="quotes"),
        pytest.param("-" * 10_000, id="hyphens"),
        pytest.param("(" * 10_000, id="brackets"),
    ],
)
@pytest.mark.usefixtures("agreement")
def test_hostile_query_is_answered(query):
    assert refs(query) in ([], ["AGR-0001"])
    assert list(Agreement.objects.containing(query).values_list("ref")) == [
        (ref,) for ref in refs(query)
    ]


# ------------------------------------------------------------------ in which order


def test_titles_come_first_then_the_latest_then_the_reference():
    beside = AgreementFactory(title="A", summary="care", signed="2024")
    part = AgreementFactory(title="Care", summary="homes", signed="2023")
    undated, twin = AgreementFactory(title="Homes of care"), AgreementFactory(title="Care homes")
    old = AgreementFactory(title="Care in homes", signed="2001")
    new = AgreementFactory(title="Homes, and care", signed="2002-05")

    assert refs("care homes") == [row.ref for row in (new, old, undated, twin, part)]
    assert refs("care")[-1] == beside.ref
    assert refs("-nothing")[0] == beside.ref


def test_reference_counts_as_title():
    AgreementFactory(title="Later", summary="renews AGR-0002", signed="2024")
    named = AgreementFactory(title="Named", signed="2001")

    assert refs("agr-0002") == [named.ref, "AGR-0001"]


def test_search_narrows_what_it_is_given():
    AgreementFactory(title="Care", draft=True)
    shown = AgreementFactory(title="Care")

    assert list(Agreement.objects.published().containing("care")) == [shown]
    assert Agreement.objects.none().containing("care").count() == 0


def test_search_is_one_query(django_assert_num_queries):
    AgreementFactory(title="Care homes")

    with django_assert_num_queries(1):
        assert len(Agreement.objects.containing('care "care homes" -x').in_order("relevance", "c"))
