"""The page of an agreement in a real browser: its metadata is there and violates no policy."""

import json

import pytest

from tests.browser.axe import Axe
from tests.conftest import OpenPage
from tests.factories import AgreementFactory, EvidenceFactory, PartyFactory


@pytest.fixture
def hostile_record(transactional_db: None) -> None:
    agreement = AgreementFactory(
        title="</script><script>alert(1)</script> & “care”",
        signed="2023-08",
        parties=[PartyFactory(name="Ministry of Care " * 12), PartyFactory()],
    )
    EvidenceFactory(agreement=agreement)


# `open_page` fails the test if the browser logs a violation of the Content-Security-Policy.
@pytest.mark.usefixtures("hostile_record")
def test_linked_data_are_read_and_not_run(open_page: OpenPage) -> None:
    page = open_page("/agreements/AGR-0001/")

    blocks = page.locator("script[type='application/ld+json']")
    assert blocks.count() == page.locator("script:not([src])").count() == 1
    assert (
        json.loads(blocks.text_content())["name"] == "</script><script>alert(1)</script> & “care”"
    )
    assert page.locator("meta[name='citation_title']").count() == 1


@pytest.mark.usefixtures("hostile_record")
@pytest.mark.parametrize("path", ["/agreements/AGR-0001/", "/agreements/"])
@pytest.mark.parametrize("width", [360, 1280])
def test_cite_box_and_downloads_are_accessible_at_any_width(
    open_page: OpenPage, path: str, width: int
) -> None:
    page = open_page(path, width=width)
    page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")

    assert Axe().run(page).violations_count == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width
