"""Filtering in a real browser: by keyboard, with and without JavaScript."""

import pytest
from playwright.sync_api import Page, expect

from agreements.models import Agreement
from tests.browser.axe import Axe
from tests.factories import AgreementFactory, PartyFactory
from tests.registers import make_varied_register
from tests.search.spelled_names import SAME, pairs
from tests.snapshots import put_back

pytestmark = pytest.mark.django_db(transaction=True)

# types each word into the box, and returns the choices that stay, by value
SHOWN = """(box, words) => words.map((word) => {
  box.value = word;
  box.dispatchEvent(new Event("input", { bubbles: true }));
  const choices = box.closest("details").querySelectorAll(".choice:not([hidden]) input");
  return [...choices].map((input) => input.value);
})"""


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

    page.get_by_label("Expired").check()

    expect(page.locator(".filter-chips")).to_contain_text("Expired")
    assert count(page) == promised < whole
    assert page.url.endswith("/agreements/?status=expired")
    assert "Expired agreements" in page.title()
    expect(page.locator("[data-announce]")).to_contain_text(str(promised))
    expect(page.get_by_label("Expired")).to_be_focused()


@pytest.mark.usefixtures("register")
def test_back_shows_the_selection_before(open_page):
    page = open_page("/agreements/?sort=ref")
    before = refs(page)
    page.get_by_label("Expired").check()
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

    page.get_by_text("all", exact=True).nth(1).click()

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
    page.get_by_label("Expired").check()

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
    page.get_by_label("Expired").check()
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


@pytest.mark.parametrize("typed", ["celik", "ÇELİK", "Əliyev", "алиев", "mammadov"])
def test_box_of_a_long_facet_finds_a_choice_in_any_spelling(transactional_db, open_page, typed):
    parties = [PartyFactory(name=f"Body {n}") for n in range(20)]
    sought = [PartyFactory(name=name) for name in ("Çelik", "Aliyev", "Məmmədov")]
    for _n in range(2):
        AgreementFactory(parties=parties)
    AgreementFactory(parties=sought)
    page = open_page("/agreements/")
    rest = page.locator("#facet-party .facet-rest")
    rest.locator("summary").click()

    rest.locator("[data-facet-search]").fill(typed)

    expect(rest.locator(".choice:visible")).to_have_count(1)


def test_box_of_a_long_facet_folds_labels_as_the_search_does(transactional_db, open_page):
    """The names that the search takes for the same, in any script; single words only, for each is one party's name."""
    same = [(one, other) for one, other in pairs(SAME) if " " not in one + other]
    parties = [PartyFactory(name=f"Body {n}") for n in range(20)]
    for _n in range(2):
        AgreementFactory(parties=parties)
    by_name = {one: PartyFactory(name=one) for one in dict.fromkeys(one for one, _other in same)}
    AgreementFactory(parties=list(by_name.values()))
    page = open_page("/agreements/")
    box = page.locator("#facet-party .facet-rest [data-facet-search]")

    shown = box.evaluate(SHOWN, [other for _one, other in same])

    missed = [
        (one, other)
        for (one, other), slugs in zip(same, shown, strict=True)
        if by_name[one].slug not in slugs
    ]
    assert not missed
    assert max(len(slugs) for slugs in shown) < len(by_name) / 4


@pytest.mark.usefixtures("register")
def test_typing_only_the_sign_of_a_phrase_is_answered(open_page):
    page = open_page("/agreements/")

    page.locator("#id_q").press_sequentially('"')

    expect(page.locator("#results")).to_contain_text("There are no words to search for")
