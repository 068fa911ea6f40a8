"""The guide to the API in a real browser: accessible, and readable on any screen."""

import pytest

from tests.browser.axe import Axe
from tests.conftest import OpenPage

WIDER_THAN_THE_SCREEN = (
    "document.documentElement.scrollWidth > document.documentElement.clientWidth"
)


@pytest.mark.usefixtures("transactional_db")
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_page_is_accessible_at_any_width(open_page: OpenPage, width: int, dark: bool) -> None:
    page = open_page("/api/v1/", width=width, dark=dark)

    report = Axe().run(page)

    assert page.locator("h1").text_content() == "The API"
    assert not report.response["violations"], report.generate_report()
    assert not page.evaluate(WIDER_THAN_THE_SCREEN)
