"""The about page explains scope and method, without any query."""

from django.test import Client

from agreements.domain.choices import Verification
from tests.web.views.conftest import words_in


def test_it_says_how_the_register_is_kept(client: Client) -> None:
    page = words_in(client.get("/about/").content.decode())

    for words in ("Scope", "Three separate states", "Partial dates", "What we do not do"):
        assert words in page


def test_it_explains_every_level_of_verification(client: Client) -> None:
    page = words_in(client.get("/about/").content.decode())

    for level in Verification:
        assert str(level.label) in page


def test_every_page_leads_to_how_we_know(client: Client) -> None:
    page = client.get("/about/").content.decode()

    assert 'href="/about/#evidence"' in page
    assert 'id="evidence"' in page
