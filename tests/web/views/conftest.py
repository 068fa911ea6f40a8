"""How the tests of pages read them: as the words a visitor sees."""

import re
from collections.abc import Callable
from html import unescape

import pytest
from django.test import Client
from django.utils.html import strip_tags

Shown = Callable[..., str]


@pytest.fixture
def shown(client: Client) -> Shown:
    """A function from an address to the words within `<main>` of its page, which must answer 200."""

    def shown(path: str) -> str:
        response = client.get(path)
        assert response.status_code == 200, response.status_code
        return words_in(response.content.decode())

    return shown


def words_in(html: str) -> str:
    """The text of the page's main part, with every run of blanks as one."""
    main = html.partition("<main")[2].partition("</main>")[0].partition(">")[2]
    return re.sub(r"\s+", " ", unescape(strip_tags(main))).strip()
