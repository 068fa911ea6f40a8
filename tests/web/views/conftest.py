"""Reads pages as the words that a visitor sees."""

import re
from collections.abc import Callable
from html import unescape

import pytest
from django.test import Client
from django.utils.html import strip_tags

Shown = Callable[..., str]


@pytest.fixture
def shown(client: Client) -> Shown:
    """A function that requests a URL, expects 200 and returns the words within `<main>`."""

    def shown(path: str) -> str:
        response = client.get(path)
        assert response.status_code == 200, response.status_code
        return words_in(response.content.decode())

    return shown


def words_in(html: str) -> str:
    """Return the text within `<main>`, with whitespace collapsed."""
    main = html.partition("<main")[2].partition("</main>")[0].partition(">")[2]
    return re.sub(r"\s+", " ", unescape(strip_tags(main))).strip()
