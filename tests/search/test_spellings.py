"""One table of names that find each other, and one of names that do not, wherever people search."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agreements.models import Agreement, Party
from agreements.search import MOST_KEYS, indexed, spellings, words
from agreements.selection.choices import Choice, Choices
from tests.factories import (
    AgreementFactory,
    AreaFactory,
    CommitmentFactory,
    DocumentFactory,
    EventFactory,
    EvidenceFactory,
    PartyFactory,
    PartyNameFactory,
    PersonFactory,
    SignatoryFactory,
    SourceFactory,
)
from tests.search.spelled_names import DIFFERENT, SAME, pairs

pytestmark = pytest.mark.django_db


def meet(one: str, other: str) -> bool:
    [first], [second] = words(one), words(other)
    return bool({*first.keys} & {*second.keys})


@pytest.mark.parametrize(("one", "other"), pairs(SAME))
def test_spellings_of_one_name_have_a_key_in_common(one: str, other: str) -> None:
    assert meet(one, other)


@pytest.mark.parametrize(("one", "other"), pairs(DIFFERENT))
def test_different_names_have_none(one: str, other: str) -> None:
    assert not meet(one, other)


def test_word_has_few_keys() -> None:
    longest = "XəqçşğöüəıcёіїєґəƏxəvəqəcə"

    assert all(len(word.keys) <= MOST_KEYS for word in words(f"{longest} {' '.join(SAME)}"))
    assert len(spellings(" ".join(SAME * 20))) <= MOST_KEYS
    assert (
        sum(
            len(word.keys)
            for word in words("exchange of experience in taxation and quality of expertise")
        )
        == 9
    )


# Wherever people search


Search = Callable[[str], set[str]]


@pytest.fixture
def searches(client: Client, admin_client: Client) -> dict[str, Search]:
    """Each search, as a function that returns the texts it finds."""

    def titles(response: Any, key: str = "results") -> set[str]:
        return {each["title"] for each in response.json()[key]}

    def listed(screen: str, shown: Callable[[Any], str]) -> Search:
        address = reverse(f"admin:agreements_{screen}_changelist")
        return lambda q: {
            shown(row) for row in admin_client.get(address, {"q": q}).context["cl"].result_list
        }

    def picked(model: str, field: str, view: str = "admin:autocomplete") -> Search:
        asked = {"app_label": "agreements", "model_name": model, "field_name": field}
        return lambda q: {
            found.get("name", found["text"])
            for found in admin_client.get(reverse(view), {**asked, "term": q}).json()["results"]
        }

    return {
        "list": lambda q: {
            row.title for row in client.get("/agreements/", {"q": q}).context["agreements"]
        },
        "API": lambda q: titles(client.get("/api/v1/agreements/", {"q": q})),
        "API of parties": lambda q: {
            row["name"] for row in client.get("/api/v1/parties/", {"q": q}).json()["results"]
        },
        "page of parties": lambda q: {
            row.name for row in client.get("/parties/", {"q": q}).context["page_obj"].object_list
        },
        "staff's agreements": listed("agreement", lambda row: row.title),
        "staff's parties": listed("party", lambda row: row.name),
        "staff's signatories": listed("signatory", lambda row: row.name),
        "staff's people": listed("person", lambda row: row.name),
        "person picker": picked("signatory", "person"),
        "party picker": picked("signatory", "party", "admin:agreements_party_choices"),
        "source picker": lambda q: {
            text.partition(": ")[2] for text in picked("evidence", "source")(q)
        },
        "agreement picker": lambda q: {
            text.partition(" ")[2] for text in picked("signatory", "agreement")(q)
        },
    }


def enter(name: str) -> None:
    party = PartyFactory(name=name, country="")
    agreement = AgreementFactory(title=name, parties=[party])
    SignatoryFactory(agreement=agreement, name=name, person=PersonFactory(name=name))
    SourceFactory(publisher="Daily", title=name, published=None)


@pytest.mark.parametrize("line", SAME)
def test_name_is_found_by_its_other_spellings_everywhere(
    searches: dict[str, Search], line: str
) -> None:
    first, *others = line.split()
    enter(first)

    missed = [
        (where, typed)
        for where, search in searches.items()
        for typed in others
        if search(typed) != {first}
    ]

    assert missed == []


@pytest.mark.parametrize("line", DIFFERENT)
def test_name_is_not_found_by_a_different_one_anywhere(
    searches: dict[str, Search], line: str
) -> None:
    first, *others = line.split()
    enter(first)

    found = [
        (where, typed) for where, search in searches.items() for typed in others if search(typed)
    ]

    assert found == []


@pytest.mark.parametrize(("one", "other"), pairs(SAME))
def test_facet_finds_all_spellings_of_its_choices(one: str, other: str) -> None:
    choices = [Choice(str(n), f"Body {n}", 1, is_chosen=False) for n in range(20)]
    by_label = Choices([*choices, Choice("one", one, 1, is_chosen=False)])
    by_other_name = Choices(choices, names=lambda value: indexed(one) if value == "7" else "")

    assert [choice.value for choice in by_label.found(other)] == ["one"]
    assert [choice.value for choice in by_other_name.found(other)] == ["7"]


def test_parties_are_found_in_the_facet_by_their_other_names(client: Client) -> None:
    parties = [PartyFactory(name=f"Body {n}", country="") for n in range(20)]
    for party in parties[:7]:
        PartyNameFactory(party=party, name="Məmmədov İnstitutu")
    AgreementFactory(parties=parties)

    found = client.get("/agreements/choices/party/?find=mammadov+institutu").context["found"]

    assert {choice.value for choice in found.shown} == {party.slug for party in parties[:7]}


def test_phrase_is_found_in_any_spelling() -> None:
    agreement = AgreementFactory(title="Heydər Əliyev adına mərkəz, Müller")

    for query in (
        '"Heydar Aliyev"',
        '"heyder eliyev"',
        '"Гейдар Алиев"',
        '"ƏLİYEV ADINA"',
        "mueller",
    ):
        assert list(Agreement.objects.containing(query)) == [agreement], query
    assert not Agreement.objects.containing('"Aliyev Heydar"').exists()


# The staff's other lists


ROWS: dict[str, Callable[[], Any]] = {
    "area": lambda: AreaFactory(name="Çelik sənayesi"),
    "event": lambda: EventFactory(note="Çelik sənayesi"),
    "commitment": lambda: CommitmentFactory(text="Çelik sənayesi"),
    "evidence": lambda: EvidenceFactory(note="Çelik sənayesi"),
    "document": lambda: DocumentFactory(title="Çelik sənayesi"),
    "source": lambda: SourceFactory(title="Çelik sənayesi"),
    "signatory": lambda: SignatoryFactory(title="Çelik sənayesi"),
}


@pytest.mark.parametrize("screen", ROWS)
@pytest.mark.parametrize(
    "typed", ["celik", "ÇELİK", "chelik", "celik senayesi", "sanayesi", "– çelik", '"celik"']
)
def test_staff_find_a_row_however_it_is_typed(
    admin_client: Client, screen: str, typed: str
) -> None:
    row = ROWS[screen]()
    address = reverse(f"admin:agreements_{screen}_changelist")

    found = admin_client.get(address, {"q": typed}).context["cl"].result_list
    missing = admin_client.get(address, {"q": f"{typed} absent"}).context["cl"].result_list

    assert [each.pk for each in found] == [row.pk]
    assert list(missing) == []


@pytest.mark.parametrize("typed", ["–", "%", "_", "' \"", "x" * 5_000, "zq " * 3_000, "\\"])
def test_staff_may_type_anything(admin_client: Client, typed: str) -> None:
    SignatoryFactory()

    for screen in ("signatory", "party"):
        address = reverse(f"admin:agreements_{screen}_changelist")
        assert list(admin_client.get(address, {"q": typed}).context["cl"].result_list) == []


def test_row_is_found_by_the_title_or_reference_of_its_agreement(admin_client: Client) -> None:
    row = SignatoryFactory(agreement=AgreementFactory(title="Gömrük sahəsində"))
    address = reverse("admin:agreements_signatory_changelist")

    for typed in ("gomruk", row.agreement.ref, row.agreement.ref[-4:], "sahasinda"):
        found = admin_client.get(address, {"q": typed}).context["cl"].result_list
        assert list(found) == [row], typed


# Excluding


@pytest.mark.parametrize("typed", ["migra", "əliy", "Алие", "Kiev", '"migration"'])
def test_exclusion_excludes_what_the_word_finds(typed: str) -> None:
    AgreementFactory(title="Migration, Əliyev, Київ")
    kept = AgreementFactory(title="Trade")

    assert Agreement.objects.containing(typed).count() == 1
    assert list(Agreement.objects.containing(f"-{typed}")) == [kept]


def test_quoted_exclusion_is_of_the_whole_word() -> None:
    AgreementFactory(title="Migration")

    assert Agreement.objects.containing('-"migra"').count() == 1


# Derived columns


def test_columns_follow_their_row() -> None:
    party = PartyFactory(name="Əmək", short_name="ƏN")
    party.name = "Şəki"
    party.save(update_fields=["name"])

    assert Party.objects.get().searched == "¶ seki ¶ shaki ¶ sheki ¶ en ¶ an ¶"


def test_finding_a_party_is_one_query(django_assert_num_queries: Any) -> None:
    PartyFactory(name="Əmək")

    with django_assert_num_queries(1):
        assert [party.name for party in Party.objects.named("amak")] == ["Əmək"]
