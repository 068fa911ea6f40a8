"""Filtering in a real browser: by keyboard, with and without JavaScript."""

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from agreements.models import Agreement
from tests.browser.axe import Axe
from tests.factories import AgreementFactory, PartyFactory
from tests.registers import make_varied_register
from tests.search.spelled_names import SAME, pairs
from tests.snapshots import put_back

pytestmark = pytest.mark.django_db(transaction=True)
FOLDING = Path(__file__).parents[2] / "static/js/folding.js"


@pytest.fixture
def register(transactional_db):
    put_back(make_varied_register)


def count(page: Page) -> int:
    return int(page.locator("[data-announced] strong").inner_text())


def refs(page: Page) -> list[str]:
    return page.locator(".row-ref").all_inner_texts()


@pytest.mark.usefixtures("register")
def test_ticking_a_choice_changes_results_counts_and_address_together(open_page):
    page = open_page("/agreements/")
    whole = count(page)
    promised = int(
        page.locator("#facet-status .choice", has_text="Expired")
        .locator(".facet-count")
        .inner_text()
    )

    page.locator("#id_status-expired").check()

    expect(page.locator(".filter-chips")).to_contain_text("Expired")
    assert count(page) == promised < whole
    assert page.url.endswith("/agreements/?status=expired")
    assert "Expired agreements" in page.title()
    expect(page.locator("[data-announce]")).to_contain_text(str(promised))
    expect(page.locator("#id_status-expired")).to_be_focused()


@pytest.mark.usefixtures("register")
def test_back_shows_the_selection_before(open_page):
    page = open_page("/agreements/?sort=ref")
    before = refs(page)
    page.locator("#id_status-expired").check()
    page.wait_for_url("**status=expired")

    page.go_back()

    expect(page.locator(".filter-chips")).to_have_count(0)
    assert refs(page) == before


@pytest.mark.usefixtures("register")
def test_typing_searches_and_keeps_what_is_typed(open_page):
    page = open_page("/agreements/")

    page.get_by_role("searchbox", name="Search", exact=True).press_sequentially("trade", delay=30)

    page.wait_for_url("**q=trade")
    expect(page.get_by_role("searchbox", name="Search", exact=True)).to_have_value("trade")
    expect(page.get_by_role("searchbox", name="Search", exact=True)).to_be_focused()
    assert 0 < count(page) < Agreement.objects.published().count()


@pytest.mark.usefixtures("register")
def test_all_instead_of_any_is_chosen_at_the_head_of_a_facet(open_page):
    page = open_page("/agreements/?country=AZ&country=UZ")
    whole = count(page)

    page.get_by_text("all", exact=True).click()

    page.wait_for_url("**country_match=all")
    expect(page.locator("h1")).to_contain_text("Azerbaijan and Uzbekistan")
    assert count(page) < whole
    expect(page.locator("#id_country_match-all")).to_be_checked()
    expect(page.locator("#id_country_match-all")).to_be_focused()


@pytest.mark.usefixtures("register")
def test_menu_of_downloads_closes_on_escape_and_elsewhere(open_page):
    page = open_page("/agreements/")
    menu = page.locator(".downloads")
    for close in (lambda: page.keyboard.press("Escape"), lambda: page.locator("h1").click()):
        menu.locator("summary").click()
        expect(menu.get_by_role("navigation")).to_be_visible()
        close()
        expect(menu.get_by_role("navigation")).to_be_hidden()


@pytest.mark.usefixtures("register")
def test_removing_a_chip_takes_one_filter_away(open_page):
    page = open_page("/agreements/?status=expired&kind=mou")

    page.locator(".chip", has_text="Expired").click()

    page.wait_for_url("**/agreements/?kind=mou")
    expect(page.locator(".chip")).to_have_count(1)


@pytest.mark.usefixtures("register")
def test_without_javascript_the_same_form_submits(open_page):
    page = open_page("/agreements/", javascript=False)
    page.locator("#id_status-expired").check()

    page.locator("#show-agreements").click()

    assert "status=expired" in page.url
    assert refs(page) == refs(open_page("/agreements/?status=expired"))


@pytest.mark.usefixtures("register")
def test_the_whole_way_by_keyboard_alone(open_page):
    page = open_page("/agreements/")
    summary = page.locator("summary", has_text="Status")
    for _n in range(40):
        page.keyboard.press("Tab")
        if summary.evaluate("element => element === document.activeElement"):
            break
    page.keyboard.press("Tab")
    page.keyboard.press("Space")

    page.wait_for_url("**status=**")
    expect(page.locator(".chip")).to_have_count(1)


@pytest.mark.usefixtures("register")
@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize(
    "query",
    [
        "",
        "status=expired&country=AZ&signed_from=2010",
        "q=nothingatall",
        "status=nonsense",
        "signed_from=2018&signed_to=2018",
    ],
)
def test_no_state_breaks_a_rule_of_accessibility(open_page, width, query):
    page = open_page(f"/agreements/?{query}", width=width)
    page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")

    found = Axe().run(page)

    assert found.violations_count == 0, found.generate_report()


@pytest.mark.usefixtures("register")
def test_button_says_what_is_left_and_leads_to_it_on_a_phone(open_page):
    page = open_page("/agreements/", width=360)
    page.locator(".filters > summary").click()
    page.locator("#id_status-expired").check()
    page.wait_for_url("**status=expired")
    left = count(page)
    expect(page.locator("#show-agreements")).to_have_text(f"Show {left} agreements")

    page.locator("#show-agreements").click()

    expect(page.locator("[data-filters]")).not_to_have_attribute("open", "")
    expect(page.locator("#list-head")).to_be_in_viewport()
    expect(page.locator(".filters > summary")).to_be_focused()


@pytest.mark.usefixtures("register")
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_focus_shows_on_fields_and_boxes(open_page, dark):
    page = open_page("/agreements/", dark=dark)

    for field in (page.locator("#id_q"), page.locator("#facet-status input").first):
        field.focus()
        assert field.evaluate("field => getComputedStyle(field).outlineStyle") == "solid"


@pytest.fixture
def many_parties(transactional_db) -> None:
    parties = [PartyFactory(name=f"Body {n}", slug=f"body-{n}") for n in range(20)]
    sought = [PartyFactory(name=name) for name in ("Aliyev", "Məmmədov")]
    for _n in range(2):
        AgreementFactory(parties=parties)
    AgreementFactory(parties=[*sought, PartyFactory(name="Çelik", slug="celik")])


def shown_in(facet: Locator) -> list[str]:
    return facet.locator(".choice label [dir]").all_inner_texts()


@pytest.mark.usefixtures("many_parties")
@pytest.mark.parametrize("typed", ["celik", "ÇELİK", "Əliyev", "алиев", "mammadov"])
def test_box_of_a_long_facet_finds_a_choice_in_any_spelling(open_page, typed):
    page = open_page("/agreements/")
    facet = page.locator("#facet-party")
    assert len(shown_in(facet)) == 10
    facet.get_by_role("link", name="All 23 parties…").click()
    expect(page.locator("#find-party")).to_be_focused()
    expect(facet.locator(".choice")).to_have_count(23)

    page.keyboard.type(typed)

    expect(facet.locator(".choice")).to_have_count(1)
    expect(page.locator("[data-announce]")).to_contain_text("1 choice has")
    expect(page.locator("#find-party")).to_have_value(typed)
    assert page.url.endswith("/agreements/")


@pytest.mark.usefixtures("many_parties")
def test_box_says_that_nothing_matches_and_never_submits_the_form(open_page):
    page = open_page("/agreements/")
    page.get_by_role("link", name="All 23 parties…").click()

    page.locator("#find-party").press_sequentially("nobody", delay=20)
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")

    expect(page.locator("#facet-party")).to_contain_text("No choice has “nobody” in its name")
    assert page.url.endswith("/agreements/")
    page.get_by_role("link", name="Show fewer").click()
    expect(page.locator("#facet-party .choice")).to_have_count(10)


@pytest.mark.usefixtures("many_parties")
def test_open_facet_stays_open_while_values_are_chosen_by_keyboard(open_page):
    page = open_page("/agreements/")
    facet = page.locator("#facet-party")
    facet.get_by_role("link", name="All 23 parties…").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#find-party")).to_be_focused()
    page.keyboard.type("body 1")
    expect(facet.locator(".choice")).to_have_count(11)

    page.locator("#id_party-body-1").focus()
    page.keyboard.press("Space")
    page.wait_for_url("**party=body-1")
    expect(page.locator("#id_party-body-1")).to_be_focused()
    assert facet.locator(".facet-match").count() == 0
    page.locator("#id_party-body-12").focus()
    page.keyboard.press("Space")

    page.wait_for_url("**party=body-1&party=body-12")
    expect(facet.locator(".facet-match")).to_be_visible()
    expect(page.locator("#find-party")).to_have_value("body 1")
    expect(facet.locator(".choice")).to_have_count(11)
    expect(page.locator("[data-announce]")).to_contain_text("2 agreements")


@pytest.mark.usefixtures("register")
def test_value_is_left_out_by_the_box_beside_it(open_page):
    page = open_page("/agreements/?country=AZ")
    box = page.get_by_role("checkbox", name="without Azerbaijan")

    page.locator("#id_country-AZ").focus()
    page.keyboard.press("Tab")
    expect(box).to_be_focused()
    page.keyboard.press("Space")

    page.wait_for_url("**/agreements/?country=-AZ")
    expect(page.locator("h1")).to_contain_text("not with Azerbaijan")
    expect(box).to_be_checked()
    expect(box).to_be_focused()
    expect(page.locator("#id_country-AZ")).not_to_be_checked()
    page.locator("#id_country-AZ").check()
    page.wait_for_url("**/agreements/?country=AZ")
    expect(box).not_to_be_checked()


@pytest.mark.usefixtures("many_parties")
def test_without_javascript_all_choices_are_a_page_that_leads_back(open_page):
    page = open_page("/agreements/?kind=mou&party=body-3", javascript=False)
    page.get_by_role("link", name="All 23 parties…").click()
    page.locator("#id_party--body-7").check()

    page.locator("#id_find").fill("celik")
    page.keyboard.press("Enter")
    page.wait_for_url("**find=celik**")

    assert set(shown_in(page.locator("form"))) == {"Body 3", "Body 7", "Çelik"}
    page.get_by_role("checkbox", name="Çelik").first.check()
    page.locator("#id_party-body-3").uncheck()
    page.get_by_role("button", name="Show agreements").click()
    assert page.url.endswith("/agreements/?kind=mou&party=-body-7&party=celik")
    assert refs(page) == ["AGR-0003"]


@pytest.mark.usefixtures("many_parties")
@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_all_choices_are_sound_on_their_page_and_in_the_facet(
    open_page, page_is_sound, width, dark
):
    for query in ("party=body-1&party=body-2&party=-body-3&find=celik", "find=nobody", ""):
        page = open_page(f"/agreements/choices/party/?{query}", width=width, dark=dark)
        page_is_sound(page)
    page_is_sound(open_page("/agreements/choices/signed_year/", width=width, dark=dark))
    page = open_page("/agreements/?party=body-1&party=body-2", width=width, dark=dark)
    if width == 360:
        page.locator(".filters > summary").click()
    page.get_by_role("link", name="All 23 parties…").click()
    expect(page.locator("#find-party")).to_be_focused()
    page_is_sound(page)


def test_script_folds_as_the_search_does(transactional_db, open_page):
    """The names that the search takes for the same, in any script."""
    page = open_page("/about/")
    page.evaluate(FOLDING.read_text())

    missed = page.evaluate(
        """pairs => pairs.filter(([one, other]) => {
          const folded = window.folding.folded(one);
          return !window.folding.sought(other)(folded);
        })""",
        [list(pair) for pair in pairs(SAME)],
    )

    assert missed == []


@pytest.mark.usefixtures("register")
def test_typing_only_the_sign_of_a_phrase_is_answered(open_page):
    page = open_page("/agreements/")

    page.locator("#id_q").press_sequentially('"')

    expect(page.locator("#results")).to_contain_text("There are no words to search for")
