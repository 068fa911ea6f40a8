"""The search in a real browser: readable marks, and a suggestion that works with the keyboard too."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import Axe
from tests.factories import AgreementFactory, PartyFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def register():
    AgreementFactory(
        title="Şəkidə reabilitasiya haqqında <script>alert('no')</script> rehabilitation",
        summary="Rehabilitation of children and adults. " * 12,
        parties=[PartyFactory(name="Azərbaycan")],
    )


def violations(page: Page) -> str:
    found = Axe().run(page)
    return found.generate_report() if found.violations_count else ""


@pytest.mark.usefixtures("register")
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_marked_results_are_accessible(open_page, width, dark):
    page = open_page("/agreements/?q=rehab", width=width, dark=dark)

    expect(page.locator("mark").first).to_have_text("rehabilitation")
    assert page.locator(".row-found mark").count() > 1
    assert not violations(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.usefixtures("register")
@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])
def test_suggestion_is_followed_by_keyboard(open_page, javascript):
    page = open_page("/agreements/?q=rehabilitaton", javascript=javascript)
    suggestion = page.get_by_role("link", name="rehabilitation", exact=True)
    if javascript:
        assert not violations(page)

    suggestion.focus()
    page.keyboard.press("Enter")

    page.wait_for_url("**q=rehabilitation")
    expect(page.locator(".row-title")).to_have_count(1)
