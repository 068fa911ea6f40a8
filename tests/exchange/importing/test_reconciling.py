"""Which party a file means by a name: known by any spelling, chosen by staff, offered, or created."""

from typing import Any

import pytest

from agreements.exchange.importing.answers import NEW
from agreements.exchange.importing.names import key_of
from agreements.exchange.importing.profiles import PartyRules
from agreements.exchange.importing.reconciling import NewParty, PartyBook, Unknown
from agreements.exchange.importing.statements import Named
from agreements.models import Party
from tests.factories import PartyFactory, PartyNameFactory

pytestmark = pytest.mark.django_db


def test_party_is_found_by_any_of_its_names_and_by_its_country() -> None:
    netherlands = PartyFactory(name="Netherlands", country="NL", state=True, short_name="NLD")
    labour = PartyFactory(name="Ministry of Labour", country="AZ")
    PartyNameFactory(party=labour, name="Əmək nazirliyi")
    book = PartyBook()

    for spelling in ("NETHERLANDS THE", "netherlands", "nld", "Netherlands (Kingdom of the)"):
        assert book.find(Named(spelling)) == netherlands.pk, spelling
    for spelling in ("LABOUR, MINISTRY OF", "emek nazirliyi"):
        assert book.find(Named(spelling)) == labour.pk, spelling


def test_state_known_under_a_name_of_ours_is_found_by_its_iso_name() -> None:
    state = PartyFactory(name="Republic of Turkey", country="TR", state=True)
    PartyFactory(name="Ministry of Interior", country="TR")

    assert PartyBook().find(Named("TÜRKIYE")) == state.pk


def test_name_is_the_same_with_its_own_initials_behind_it() -> None:
    union = PartyFactory(name="European Union")
    office = PartyFactory(name="European Patent Office (EPO)")
    PartyFactory(name="Virgin Islands (BR)")
    book = PartyBook()

    assert book.find(Named("European Union (EU)")) == union.pk
    assert book.find(Named("EUROPEAN PATENT OFFICE")) == office.pk
    assert isinstance(book.find(Named("Virgin Islands")), Unknown)


def test_close_names_are_offered_and_never_taken() -> None:
    uzbekistan = PartyFactory(name="Uzbekistan", country="UZ", state=True)

    found = PartyBook().find(Named("Uzbekistann"))

    assert found == Unknown("Uzbekistann", ((uzbekistan.pk, "Uzbekistan"),))
    assert "Is it one of these: Uzbekistan?" in found.remedy


def test_namesakes_are_told_apart_by_the_record_or_offered() -> None:
    first, second = (PartyFactory(name="Ministry of Labour", country=code) for code in ("AZ", "UZ"))
    book = PartyBook()

    assert book.find(Named("Ministry of Labour"), among=[second.pk]) == second.pk
    found = book.find(Named("Ministry of Labour"))
    assert isinstance(found, Unknown)
    assert found.is_ambiguous
    assert [key for key, _name in found.offered] == [first.pk, second.pk]


def test_namesake_that_bears_the_name_itself_goes_before_one_that_had_it() -> None:
    own = PartyFactory(name="Sudan", country="SD", state=True)
    other = PartyFactory(name="South Sudan", country="SS", state=True)
    PartyNameFactory(party=other, name="Sudan")

    assert PartyBook().find(Named("Sudan")) == own.pk


def test_answer_counts_before_every_rule() -> None:
    PartyFactory(name="Georgia", country="GE", state=True)
    other = PartyFactory(name="State of Georgia", country="US")
    book = PartyBook(answers={key_of("Georgia"): other.pk, key_of("Texas"): NEW, "gone": 999_999})

    assert book.find(Named("GEORGIA")) == other.pk
    assert book.chosen == {"GEORGIA": other.pk}
    assert isinstance(book.find(Named("Texas")), NewParty)
    assert isinstance(book.find(Named("Gone")), Unknown)


def test_spellings_of_one_new_party_make_one_party() -> None:
    rules = PartyRules(known={"HAYTI": "Haiti"}, tidy_capitals=True)
    book = PartyBook(rules, creates=True)

    found = [book.find(Named(name)) for name in ("HAITI", "Hayti", "Haiti", "SAXONY", "Saxony")]

    assert [new.party.name for new in book.made] == ["Haiti", "Saxony"]
    assert found[0] is found[1] is found[2]
    assert found[3] is found[4]
    assert (book.made[0].party.kind, book.made[0].party.country) == ("state", "HT")
    assert (book.made[1].party.kind, book.made[1].party.country) == ("other", "")
    assert [row.name for row in book.made[0].names()] == ["HAITI", "Hayti"]


def test_new_party_gets_an_address_that_is_free() -> None:
    taken = PartyFactory(name="x", slug="saxony")
    taken.slug = "x"
    taken.save()
    book = PartyBook(creates=True)

    new = book.find(Named("Saxony"))

    assert isinstance(new, NewParty)
    assert new.party.slug == "saxony-2"


def test_dependent_territory_is_no_state() -> None:
    new = PartyBook(creates=True).find(Named("Gibraltar"))

    assert isinstance(new, NewParty)
    assert (new.party.kind, new.party.country) == ("other", "GI")


@pytest.mark.parametrize("creates", [True, False])
@pytest.mark.parametrize(
    ("name", "why"),
    [("a; b", "cannot contain a semicolon"), ("x" * 300, "at most 255 characters")],
    ids=["semicolon", "too long"],
)
def test_name_that_no_party_can_have_is_refused_with_the_reason(
    name: str, why: str, creates: bool
) -> None:
    found = PartyBook(creates=creates).find(Named(name))

    assert isinstance(found, Unknown)
    assert why in found.remedy
    assert "create a new party" not in found.remedy


def test_party_that_resembles_a_known_one_says_so() -> None:
    PartyFactory(name="Bahrain", country="BH", state=True)

    new = PartyBook(creates=True).find(Named("Bharain"))

    assert isinstance(new, NewParty)
    assert new.resembles == ("Bahrain",)
    assert Party.objects.count() == 1


def test_import_asks_even_if_the_register_has_one_of_them_or_none() -> None:
    south = PartyFactory(name="Republic of Korea", country="KR", state=True)
    book = PartyBook(creates=True)

    korea, congo = book.find(Named("Korea")), book.find(Named("Congo"))

    assert isinstance(korea, Unknown)
    assert korea.offered == ((south.pk, "Republic of Korea"),)
    assert isinstance(congo, Unknown)
    assert "Democratic Republic of the Congo, Republic of the Congo" in congo.remedy
    assert book.find(Named("Korea", country="KR")) == south.pk


def test_new_party_of_an_empty_register_is_the_state_itself() -> None:
    book = PartyBook(creates=True)

    made: Any = book.find(Named("СССР"))
    again = book.find(Named("Soviet Union"))

    assert again is made
    assert (made.party.name, made.party.country, made.party.kind) == (
        "Soviet Union",
        "SUHH",
        "state",
    )


def test_answer_describes_the_new_party_and_all_spellings_with_it_mean_one() -> None:
    answer = {"name": "Labour Institute", "kind": "research_institute", "country": "AZ"}
    book = PartyBook(answers={key_of("Lab. Inst."): answer, key_of("Inst. of Labour"): answer})

    made: Any = book.find(Named("Lab. Inst."))

    assert book.find(Named("Inst. of Labour")) is made
    party = made.party
    assert (party.name, party.kind, party.country) == (
        "Labour Institute",
        "research_institute",
        "AZ",
    )
    assert [row.name for row in made.names()] == ["Inst. of Labour", "Lab. Inst."]
    assert [new.party.slug for new in book.made] == ["labour-institute"]


def test_spelling_in_capitals_makes_no_second_new_party() -> None:
    book = PartyBook(answers={key_of("Unesco"): NEW})

    assert book.find(Named("UNESCO")) is book.find(Named("Unesco"))
    assert len(book.made) == 1


def test_answer_splits_a_name_or_says_that_it_names_nobody() -> None:
    answers = {
        key_of("Foo and Bar"): {"parts": ["Foo", "to be named"]},
        key_of("to be named"): {"nothing": True},
        # leads back to itself
        key_of("Round"): {"parts": ["Round", "Foo"]},
    }
    book = PartyBook(answers=answers)

    assert book.names_in("Foo and Bar", 2) == ["Foo"]
    assert book.names_in("to be named", 3) == []
    assert book.names_in("Round", 4) == ["Round", "Foo"]
    assert {key: asked.rows for key, asked in book.asked.items()} == {
        "foo bar": [2],
        "to be named": [2, 3],
        "round": [4],
    }


def test_new_party_in_an_answer_counts_only_for_those_who_may_create_one() -> None:
    answers = {key_of("Foo"): NEW, key_of("Bar"): {"name": "Bar", "kind": "ngo", "country": ""}}
    book = PartyBook(answers=answers, may_make=False, creates=True)

    assert isinstance(book.find(Named("Foo")), Unknown)
    assert isinstance(book.find(Named("Bar")), Unknown)
    assert not book.made


def test_unknown_name_is_counted_with_its_rows_and_spellings() -> None:
    book = PartyBook()

    for row, name in enumerate(["UNESCO", "Unesco", "UNESCO", "Atlantis"], 2):
        book.find(Named(name, row=row))

    asked = book.asked["unesco"]
    assert (asked.name, asked.count, asked.rows) == ("UNESCO", 3, [2, 3, 4])
    assert asked.spellings == ["UNESCO", "Unesco"]
