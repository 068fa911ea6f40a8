"""Parties, areas and signatories in a real browser: suggested, created, ordered and removed, by keyboard and by mouse."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from agreements.domain.choices import PartyKind
from agreements.models import Agreement, Party
from tests.browser.axe import Axe
from tests.browser.test_admin_entry import PASSWORD, logged_in, row
from tests.conftest import OpenPage
from tests.factories import AgreementFactory, AreaFactory, PartyFactory, SignatoryFactory

ADD = "/admin/agreements/agreement/add/"


@pytest.fixture
def states(transactional_db: None) -> list[Party]:
    User.objects.create_superuser("clerk", password=PASSWORD)
    work = AreaFactory(name="Labour")
    AreaFactory(name="Employment", parent=work)
    AreaFactory(name="Health")
    named = {"Azerbaijan": "AZ", "Moldova": "MD", "Georgia": "GE"}
    return [PartyFactory(name=name, state=True, country=code) for name, code in named.items()]


def party_in(page: Page, number: int) -> Locator:
    return row(page, "participations", number).get_by_role("combobox", name="Party")


def suggested(page: Page) -> Locator:
    return page.get_by_role("listbox").get_by_role("option")


def type_and_enter(page: Page, field: Locator, typed: str) -> None:
    """Type as a person does, and take the first suggestion, even before it is shown."""
    field.focus()
    page.keyboard.type(typed)
    page.keyboard.press("Enter")


def in_order(page: Page, group: str, field: str) -> list[str]:
    inputs = page.locator(f"#{group}-group .ordered-row:not(.empty-form) {field}")
    return [each.input_value() for each in inputs.all()]


def violations(page: Page) -> list[tuple[str, list[str]]]:
    found = Axe().run(page).response["violations"]
    return [(each["id"], [node["html"] for node in each["nodes"]][:2]) for each in found]


@pytest.mark.usefixtures("states")
def test_everything_is_chosen_by_keyboard(open_page: OpenPage) -> None:
    page = logged_in(open_page, ADD, bypass_csp=True)
    page.locator("#id_title").fill("Memorandum on labour")
    areas = page.get_by_role("combobox", name="Add an area")
    expect(page.get_by_role("button", name="Add Labour")).to_be_visible()
    type_and_enter(page, areas, "empl")
    expect(page.locator(".chips")).to_contain_text("Employment")
    type_and_enter(page, areas, "heal")
    expect(page.locator(".chips li")).to_have_count(2)
    page.keyboard.press("Backspace")
    expect(page.locator(".chips li")).to_have_count(1)
    page.get_by_role("button", name="Add Labour").press("Enter")

    party_in(page, 0).focus()
    page.keyboard.type("a")
    expect(suggested(page)).not_to_have_count(0)
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(suggested(page)).to_have_count(0)
    type_and_enter(page, party_in(page, 0), "zer")
    expect(party_in(page, 0)).to_have_value("Azerbaijan")
    # typing on replaces what was chosen
    type_and_enter(page, party_in(page, 1), "georg")
    expect(party_in(page, 1)).to_have_value("Georgia")
    page.keyboard.type("mol")
    expect(suggested(page).first).to_contain_text("Moldova")
    page.keyboard.press("Tab")
    expect(party_in(page, 1)).to_have_value("Moldova")

    signatory, second = (row(page, "signatories", number) for number in range(2))
    signatory.get_by_label("Name:", exact=True).focus()
    page.keyboard.type("A. Person")
    expect(second).to_be_visible()
    expect(signatory.get_by_label("Name:", exact=True)).to_have_value("A. Person")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(signatory.get_by_role("button", name="Azerbaijan")).to_be_focused()
    signatory.get_by_role("button", name="Moldova").press("Space")
    signatory.get_by_role("button", name="Azerbaijan").press("Space")
    second.get_by_label("Name:", exact=True).fill("B. Person")
    # one for each party
    expect(row(page, "signatories", 2)).to_have_count(0)
    page.get_by_role("button", name="Add a signatory").press("Space")
    expect(row(page, "signatories", 2).get_by_label("Name:", exact=True)).to_be_focused()
    row(page, "signatories", 1).get_by_role("button", name="Move up").press("Enter")
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_text("was added successfully")).to_be_visible()

    agreement = Agreement.objects.get()
    assert {area.name for area in agreement.areas.all()} == {"Employment", "Labour"}
    assert [str(each.party) for each in agreement.participations.all()] == ["Azerbaijan", "Moldova"]
    assert [(each.name, [str(party) for party in each.signed_for]) for each in agreement.signatories.all()] == [
        ("B. Person", []),
        ("A. Person", ["Moldova", "Azerbaijan"]),
    ]  # fmt: skip


@pytest.mark.parametrize("width", [360, 1280])
def test_new_party_is_created_over_the_page(
    open_page: OpenPage, states: list[Party], width: int
) -> None:
    PartyFactory(name="Ministry of Labor", kind=PartyKind.MINISTRY, country="MD")
    page = logged_in(open_page, ADD, width=width, bypass_csp=True)
    dialog = page.get_by_role("dialog", name="New party")

    type_and_enter(page, party_in(page, 0), "Agency of Health of Moldova")
    expect(dialog.get_by_label("Kind:")).to_have_value("agency")
    expect(dialog.get_by_label("Country:")).to_have_value("MD")
    expect(dialog.get_by_role("combobox", name="Part of")).to_have_value("Moldova")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert dialog.evaluate("dialog => dialog.scrollWidth - dialog.clientWidth") == 0
    dialog.get_by_label("Name:", exact=True).fill("Agency; of Health")
    page.keyboard.press("Enter")
    expect(dialog).to_contain_text("A name cannot contain a semicolon")
    dialog.get_by_label("Name:", exact=True).fill("Agency of Health")
    dialog.get_by_role("button", name="Create and choose").click()
    expect(party_in(page, 0)).to_have_value("Agency of Health (Moldova)")
    expect(party_in(page, 0)).to_be_focused()

    type_and_enter(page, party_in(page, 1), "Ministry of Labour of Moldova")
    expect(dialog).to_contain_text("There is already “Ministry of Labor (Moldova)”")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(party_in(page, 1)).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.type(" ")
    suggested(page).last.click()
    dialog.get_by_role("button", name="Use that one").click()
    expect(party_in(page, 1)).to_have_value("Ministry of Labor (Moldova)")
    expect(row(page, "signatories", 0).locator(".signed-for button")).to_have_text(
        ["Agency of Health", "Ministry of Labor"]
    )
    assert Party.objects.filter(parent=states[1]).get().name == "Agency of Health"


@pytest.mark.usefixtures("states")
def test_party_like_the_text_is_seen_before_it_is_taken(open_page: OpenPage) -> None:
    PartyFactory(name="Ministry of Labor", kind=PartyKind.MINISTRY, country="MD")
    page = logged_in(open_page, ADD)
    party_in(page, 0).focus()
    page.keyboard.type("Ministry of Labour of Moldova")
    expect(suggested(page).first).to_contain_text("Ministry of Labor (Moldova)")
    expect(suggested(page).last).to_contain_text("Create “Ministry of Labour of Moldova”…")

    page.keyboard.press("Enter")

    expect(party_in(page, 0)).to_have_value("Ministry of Labor (Moldova)")


@pytest.mark.usefixtures("states")
def test_new_party_is_completed_by_keyboard(open_page: OpenPage) -> None:
    page = logged_in(open_page, ADD)
    type_and_enter(page, party_in(page, 0), "Lake Research Association")
    country = page.get_by_role("dialog", name="New party").get_by_label("Country:")

    expect(country).to_be_focused()
    page.keyboard.type("Geo")
    page.keyboard.press("Enter")

    expect(party_in(page, 0)).to_have_value("Lake Research Association (Georgia)")
    assert Party.objects.get(name="Lake Research Association").kind == PartyKind.NGO


@pytest.mark.usefixtures("states")
def test_text_that_chose_nothing_is_not_dropped(open_page: OpenPage) -> None:
    page = logged_in(open_page, ADD)
    page.locator("#id_title").fill("Memorandum")
    type_and_enter(page, party_in(page, 0), "mold")
    expect(party_in(page, 0)).to_have_value("Moldova")
    party_in(page, 1).fill("Atlantis")
    page.get_by_role("button", name="Save and continue editing").click()

    expect(party_in(page, 1)).to_be_focused()
    expect(row(page, "participations", 1)).to_contain_text("Choose a party from the list")
    assert not Agreement.objects.exists()
    party_in(page, 1).fill("")
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_text("was added successfully")).to_be_visible()
    assert Agreement.objects.get().participations.count() == 1


def test_rows_keep_their_order_through_moves_removals_and_a_refusal(
    open_page: OpenPage, states: list[Party]
) -> None:
    agreement = AgreementFactory(draft=True, parties=states[:2])
    SignatoryFactory(agreement=agreement, name="Old", party=states[2])
    page = logged_in(open_page, reverse("admin:agreements_agreement_change", args=[agreement.pk]))
    add = page.get_by_role("button", name="Add a party")
    keys = [str(state.pk) for state in states]

    add.click()
    expect(party_in(page, 2)).to_be_focused()
    add.click()
    type_and_enter(page, party_in(page, 3), "georg")
    expect(party_in(page, 3)).to_have_value("Georgia")
    third = row(page, "participations", 3)
    for _step in range(3):
        third.get_by_role("button", name="Move up").click()
    expect(third.get_by_role("button", name="Move down")).to_be_focused()
    row(page, "participations", 2).get_by_role("button", name="Remove").click()
    order = in_order(page, "participations", 'select[name$="-party"]')
    assert order == [keys[2], keys[0], keys[1]]
    assert in_order(page, "participations", 'input[name$="-position"]') == ["0", "1", "2"]

    # Azerbaijan is stored: it goes when the form is saved, and can be put back until then
    first = row(page, "participations", 0)
    first.get_by_role("button", name="Remove").click()
    expect(row(page, "signatories", 0).locator(".signed-for button")).to_have_text(
        ["Georgia", "Moldova"]
    )
    first.get_by_role("button", name="Put back").click()
    row(page, "participations", 1).get_by_role("button", name="Remove").click()
    page.locator("#id_signed").fill("31 February 2022")
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.locator(".error-summary")).to_be_visible()
    page.wait_for_load_state()
    assert in_order(page, "participations", 'select[name$="-party"]')[0] == keys[2]

    page.locator("#id_signed").fill("2022")
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    assert [each.party for each in agreement.participations.all()] == [states[2], states[0]]
    assert agreement.signatories.get().party == states[2]


def test_page_is_whole_without_scripts(open_page: OpenPage, states: list[Party]) -> None:
    agreement = AgreementFactory(draft=True, parties=states[:2])
    SignatoryFactory(agreement=agreement, name="A. Person")
    path = reverse("admin:agreements_agreement_change", args=[agreement.pk])
    page = logged_in(open_page, path, javascript=False)

    page.get_by_text("All areas").click()
    page.get_by_role("checkbox", name="Employment").check()
    row(page, "participations", 0).get_by_label("Order").fill("5")
    row(page, "signatories", 0).get_by_label("Signed for:", exact=True).select_option("Moldova")
    page.get_by_role("button", name="Save and continue editing").click()

    agreement.refresh_from_db()
    assert [area.name for area in agreement.areas.all()] == ["Employment"]
    assert [each.party for each in agreement.participations.all()] == [states[1], states[0]]
    assert agreement.signatories.get().party == states[1]
