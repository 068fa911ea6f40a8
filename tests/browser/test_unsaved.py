"""Nothing typed is lost: leaving asks first, the browser keeps what was typed and offers it again, Enter moves on."""

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Dialog, Page, expect

from agreements.models import Agreement
from agreements.security.sessions import end_sessions
from tests.browser.axe import Axe
from tests.conftest import OpenPage
from tests.factories import AgreementFactory, AreaFactory, PartyFactory

PASSWORD = "known to this test alone"
ADD = "/admin/agreements/agreement/add/"


@pytest.fixture
def staff(transactional_db: None) -> User:
    return User.objects.create_superuser("clerk", password=PASSWORD)


def log_in(page: Page, user: str = "clerk") -> None:
    page.get_by_label("Username").fill(user)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


def logged_in(open_page: OpenPage, path: str, user: str = "clerk", **as_visitor: object) -> Page:
    page = open_page(f"/admin/login/?next={path}", **as_visitor)
    log_in(page, user)
    page.wait_for_url(f"**{path}")
    return page


def kept(page: Page) -> int:
    return int(
        page.evaluate("Object.keys(localStorage).filter(k => k.startsWith('unsaved:')).length")
    )


def type_title(page: Page, text: str) -> None:
    page.locator("#id_title").click()
    page.keyboard.type(text)


def suggest(page: Page, label: str, typed: str, row: str = "") -> None:
    """Choose by typing in a field that suggests."""
    field = page.locator(row or "body").get_by_role("combobox", name=label)
    field.fill(typed)
    page.get_by_role("listbox").get_by_role("option", name=typed).first.click()


def wait_until_kept(page: Page, number: int = 1) -> None:
    """Wait until this many entries are kept, and until the card is up to date, which asks the server."""
    for _tenth in range(100):
        if kept(page) == number:
            break
        page.wait_for_timeout(100)
    assert kept(page) == number
    page.wait_for_timeout(800)
    page.wait_for_load_state("networkidle")


def test_leaving_asks_only_if_something_was_typed_and_not_on_saving(
    open_page: OpenPage, staff: User
) -> None:
    page = logged_in(open_page, ADD)
    asked: list[str] = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", answer)
    page.locator("#id_summary").click()
    page.goto("/admin/agreements/party/add/")
    assert asked == []

    page.get_by_label("Name", exact=False).first.click()
    page.keyboard.type("Ministry")
    page.goto(ADD)
    assert asked == ["beforeunload"]

    type_title(page, "On labour")
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_text("was added successfully")).to_be_visible()
    assert asked == ["beforeunload"]
    # what was saved is no longer kept; the party is
    wait_until_kept(page, 1)


def test_what_was_typed_is_offered_after_a_crash_with_its_rows_and_choices(
    open_page: OpenPage, staff: User
) -> None:
    PartyFactory(name="Moldova", state=True)
    area = AreaFactory(name="Labour")
    page = logged_in(open_page, ADD, bypass_csp=True)
    type_title(page, "On labour")
    suggest(page, "Party", "Moldova", row="#participations-1")
    suggest(page, "Add an area", "Labour")
    page.locator("#section-timeline > summary").click()
    for _row in range(2):
        page.get_by_role("button", name="Add another Event").click()
    page.locator("#id_events-1-note").fill("Talks in Baku")
    page.locator("#id_kind").select_option("protocol")
    wait_until_kept(page)
    stored = page.evaluate("Object.values(localStorage).join()")
    assert "On labour" not in stored
    assert "Baku" not in stored

    again = page.context.new_page()
    address = page.url
    page.close(run_before_unload=False)
    again.goto(address)
    bar = again.locator(".unsaved-bar")
    expect(bar).to_contain_text("was not saved")
    assert Axe().run(again).response["violations"] == []
    bar.get_by_role("button", name="Restore it").click()

    expect(again.locator("#id_title")).to_have_value("On labour")
    party = again.locator("#participations-1").get_by_role("combobox", name="Party")
    expect(party).to_have_value("Moldova")
    expect(again.locator("#id_events-1-note")).to_have_value("Talks in Baku")
    expect(again.locator("#id_kind")).to_have_value("protocol")
    expect(again.locator(f"input[name=areas][value='{area.pk}']")).to_be_checked()
    expect(again.get_by_text("Nothing is saved until you press a button.")).to_be_visible()
    if not again.locator("#section-timeline").get_attribute("open"):
        again.locator("#section-timeline").evaluate("each => { each.open = true }")
    again.locator("#id_events-1-kind").select_option("meeting")
    again.get_by_role("button", name="Save and continue editing").click()
    expect(again.get_by_text("was added successfully")).to_be_visible()
    wait_until_kept(again, 0)
    agreement = Agreement.objects.get()
    assert agreement.areas.get() == area
    assert agreement.participations.get().party.name == "Moldova"


def test_refused_form_is_kept_under_its_id_and_forgotten_once_saved(
    open_page: OpenPage, staff: User
) -> None:
    page = logged_in(open_page, ADD)
    type_title(page, "On labour")
    page.locator("#id_signed").fill("31 February 2022")
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.locator(".error-summary")).to_be_visible()
    assert page.locator(".unsaved-bar").count() == 0

    page.locator("#id_signed").fill("28 February 2022")
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_text("was added successfully")).to_be_visible()
    wait_until_kept(page, 0)


def test_ended_login_loses_nothing(open_page: OpenPage, staff: User) -> None:
    page = logged_in(open_page, ADD)
    type_title(page, "On labour")
    wait_until_kept(page)
    end_sessions(staff)

    page.goto(ADD)
    log_in(page)
    page.get_by_role("button", name="Restore it").click()
    expect(page.locator("#id_title")).to_have_value("On labour")
    wait_until_kept(page)

    end_sessions(staff)
    page.get_by_role("button", name="Save and continue editing").click()
    log_in(page)
    page.get_by_role("button", name="Send it now").click()
    expect(page.get_by_text("was added successfully")).to_be_visible()
    wait_until_kept(page, 0)


def test_record_changed_since_is_compared_instead_of_overwritten(
    open_page: OpenPage, staff: User
) -> None:
    draft = AgreementFactory(draft=True, title="Draft", place="")
    path = f"/admin/agreements/agreement/{draft.pk}/change/"
    page = logged_in(open_page, path)
    page.locator("#id_place").click()
    page.keyboard.type("Baku")
    wait_until_kept(page)
    draft.place = "Chisinau"
    draft.save()

    page.goto(path)
    expect(page.locator(".unsaved-bar")).to_contain_text("changed since")
    expect(page.get_by_role("button", name="Restore it")).to_be_hidden()
    page.get_by_role("button", name="Save it now").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Somebody saved this while you were editing"
    )
    expect(page.locator("body")).to_contain_text("Chisinau")


def test_others_at_the_same_browser_are_offered_nothing(open_page: OpenPage, staff: User) -> None:
    User.objects.create_superuser("other", password=PASSWORD)
    page = logged_in(open_page, ADD)
    type_title(page, "On labour")
    wait_until_kept(page)
    page.context.clear_cookies()

    page.goto(f"/admin/login/?next={ADD}")
    log_in(page, "other")
    page.wait_for_url(lambda address: "login" not in address)
    expect(page.locator("#id_title")).to_be_visible()
    wait_until_kept(page, 0)
    assert page.locator(".unsaved-bar").count() == 0


def test_discarding_and_logging_out_forget(open_page: OpenPage, staff: User) -> None:
    page = logged_in(open_page, ADD)
    type_title(page, "On labour")
    wait_until_kept(page)
    page.goto("/admin/")
    expect(page.locator(".unsaved-bar").get_by_role("link", name="Open the page")).to_be_visible()
    page.get_by_role("button", name="Discard it").click()
    assert kept(page) == 0

    page.goto(ADD)
    type_title(page, "On health")
    wait_until_kept(page)
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_text("You are logged out")).to_be_visible()
    wait_until_kept(page, 0)


def test_enter_moves_on_and_saves_only_from_a_button(open_page: OpenPage, staff: User) -> None:
    page = logged_in(open_page, ADD)
    page.locator("#id_title").click()
    page.keyboard.type("On")
    page.keyboard.press("Enter")
    expect(page.locator("#id_title")).to_have_value("On")
    expect(page.locator("#id_title")).not_to_be_focused()
    page.locator("#id_summary").focus()
    page.keyboard.type("On")
    page.keyboard.press("Enter")
    page.keyboard.type("labour")
    expect(page.locator("#id_summary")).to_have_value("On\nlabour")

    page.locator("#id_signed").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#id_place")).to_be_focused()
    assert not Agreement.objects.exists()

    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("was added successfully")).to_be_visible()
    assert Agreement.objects.count() == 1
