"""Single sign-on in a real browser: to the provider and back, under the Content-Security-Policy, at 360 px."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from agreements.domain.permissions import StaffRole
from agreements.models import StaffSession
from tests.browser.conftest import PageIsSound
from tests.colleagues import group_of
from tests.conftest import OpenPage
from tests.staff.accounts.providers import provider, use

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def is_no_wider(page: Page) -> None:
    # with its style sheets
    page.wait_for_load_state()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])
def test_clerk_goes_to_the_provider_and_back_and_loses_nothing(
    transactional_db: None,
    settings: Settings,
    live_server: LiveServer,
    open_page: OpenPage,
    page_is_sound: PageIsSound,
    javascript: bool,
) -> None:
    group_of(StaffRole.ADMINISTRATOR)
    settings.BASE_URL = live_server.url
    with provider(anna={"preferred_username": "anna", "groups": ["heads"]}) as issuer:
        use(settings, issuer)
        page = open_page(
            "/admin/login/?next=/admin/agreements/area/add/", width=360, javascript=javascript
        )
        # the provider's page asks for a style sheet from elsewhere
        page.route(re.compile("^https://"), lambda route: route.fulfill(body=""))
        if not javascript:  # axe is a script, and would never end
            page_is_sound = is_no_wider
        page_is_sound(page)
        page.get_by_role("button", name="Log in with the ministry").click()
        page.get_by_role("button", name="anna").click()
        page.get_by_label("Name:", exact=True).fill("Labour")
        page.get_by_label("Slug:", exact=True).fill("labour")
        StaffSession.objects.update(expire_date=timezone.now())
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_text("What you typed is kept")).to_be_visible()
        page_is_sound(page)

        page.get_by_role("button", name="Log in with the ministry").click()
        page.get_by_role("button", name="anna").first.click()
        page.get_by_role("button", name="Send it now").click()
        expect(page.get_by_text("was added successfully")).to_be_visible()
        page.goto("/admin/account/")
        page_is_sound(page)

        page.get_by_role("button", name="Log out", exact=True).click()
        expect(page.get_by_text("You are logged out of the register")).to_be_visible()
        page_is_sound(page)
        page.get_by_role("link", name="Log out of the ministry too").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("End Session")

        page.goto("/admin/login/")
        page.get_by_role("button", name="Log in with the ministry").click()
        page.get_by_role("button", name="Deny").click()
        # this provider's refusal lacks the state, so that nothing shows which login it refuses
        expect(page.get_by_role("heading", level=1)).to_have_text("You are not logged in")
        page_is_sound(page)
