"""“Did you mean”: typos are corrected from the register's own words, and drafts are not revealed."""

import pytest

from agreements.models import Agreement, SearchWord
from agreements.search import similar_words
from agreements.selection.suggestions import suggestion
from tests.factories import AgreementFactory, PartyFactory, SignatoryFactory
from tests.snapshots import put_back

pytestmark = pytest.mark.django_db


def suggested(query: str) -> str | None:
    return suggestion(query, Agreement.objects.published())


@pytest.fixture
def register():
    put_back(two_agreements_and_a_draft)


def two_agreements_and_a_draft():
    agreement = AgreementFactory(
        title="Memorandum on rehabilitation and social protection",
        parties=[PartyFactory(name="Azərbaycan")],
    )
    SignatoryFactory(agreement=agreement, name="Ilham Aliyev")
    AgreementFactory(title="Agreement on energy")
    AgreementFactory(title="Secret negotiations on uranium", draft=True)


@pytest.mark.usefixtures("register")
@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        pytest.param("rehabilitaton", "rehabilitation", id="letter missing"),
        pytest.param("rehabiilitation", "rehabilitation", id="letter doubled"),
        pytest.param("rehabilitatoin", "rehabilitation", id="letters exchanged"),
        pytest.param("rehabilitatiom", "rehabilitation", id="last letter wrong"),
        pytest.param("tehabilitation", "rehabilitation", id="first letter wrong"),
        pytest.param("ehabilitation", "rehabilitation", id="first letter missing"),
        pytest.param("rehablitaton", "rehabilitation", id="two letters missing"),
        pytest.param("Azerbaican", "azerbaycan", id="name"),
        pytest.param("Азербайчан", "azerbaycan", id="another alphabet"),
        pytest.param("social rehabilitaton", "social rehabilitation", id="one word of two"),
        pytest.param("sosial protecton", "social protection", id="both words"),
        pytest.param('"sosial protection"', '"social protection"', id="in a phrase"),
        pytest.param("protecton -energy", "protection -energy", id="beside an exclusion"),
        pytest.param("  Enrgy!  ", "  energy!  ", id="the rest stays as typed"),
    ],
)
def test_slip_is_corrected(typed, meant):
    assert not Agreement.objects.published().containing(typed).exists()

    assert suggested(typed) == meant


@pytest.mark.usefixtures("register")
@pytest.mark.parametrize(
    "typed",
    [
        pytest.param("rehabilitation energy", id="right words that no record has together"),
        pytest.param("rehabilitaton energy", id="nor would the corrected ones find any"),
        pytest.param("xylophone", id="nothing like it"),
        pytest.param("uraniun", id="word of a draft"),
        pytest.param("uranium", id="word of a draft, spelled well"),
        pytest.param("secret negotiaton", id="words of a draft"),
        pytest.param("sok", id="too short to guess"),
        pytest.param("20233", id="number"),
        pytest.param("-rehabilitaton", id="only left out"),
        pytest.param("…", id="no words"),
        pytest.param("a" * 10_000, id="endless"),
        pytest.param(" ".join(f"wrod{n}" for n in range(50)), id="pasted text"),
    ],
)
def test_nothing_is_suggested(typed):
    assert suggested(typed) is None


@pytest.mark.usefixtures("register")
def test_suggestion_finds_something_within_the_other_filters():
    energy = Agreement.objects.published().filter(title__contains="energy")

    assert suggestion("rehabilitaton", energy) is None
    assert suggestion("enrgy", energy) == "energy"


def test_word_of_a_draft_does_not_stand_in_the_way_of_a_public_one():
    AgreementFactory(title="Protectoin", draft=True)
    AgreementFactory(title="Protection")

    assert suggested("protectoin") == "protection"


def test_word_that_is_gone_is_not_suggested():
    AgreementFactory(title="Rehabilitation").delete()

    assert SearchWord.objects.filter(word="rehabilitation").exists()
    assert suggested("rehabilitaton") is None


def test_number_of_queries_is_bounded(django_assert_max_num_queries):
    for n in range(30):
        AgreementFactory(title=f"Protection{chr(97 + n % 26)}{chr(97 + n // 26)}", draft=True)

    with django_assert_max_num_queries(8 + 8 + 10):
        assert suggested(" ".join(f"protectio{chr(97 + n)}" for n in range(8))) is None


SLIPS = {
    "missing": lambda word, n: word[:n] + word[n + 1 :],
    "doubled": lambda word, n: word[: n + 1] + word[n:],
    "wrong": lambda word, n: word[:n] + "q" + word[n + 1 :],
    "exchanged": lambda word, n: word[:n] + word[n : n + 2][::-1] + word[n + 2 :],
}


@pytest.mark.parametrize("slip", SLIPS.values(), ids=SLIPS)
@pytest.mark.parametrize("word", ["energy", "genders", "statistics", "digitalisation"])
def test_single_slip_anywhere_is_found(word, slip):
    """A typo leaves one half of the word intact, so comparing halves misses none."""
    SearchWord.objects.bulk_create(SearchWord(word=w) for w in (word, "unlike", "others"))

    for typed in {slip(word, n) for n in range(len(word))} - {word}:
        assert similar_words(SearchWord.objects.all(), typed)[:1] == [word], typed
