"""Help inside the admin: the staff guide and the guide to importing, made from the same files that `docs/` holds.

`accounts.site` adds the pages to the admin, for anyone who can log in there.
"""

import re
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

from agreements.staff.accounts.pages import admin_page

# The files of docs/ that are shown, by the name of the URL that shows them.
GUIDES = {"help": "staff.md", "help_importing": "importing.md"}

_markdown = MarkdownIt("commonmark", {"html": False}).enable("table")


@dataclass
class Section:
    """A heading in the list of contents, with the headings below it."""

    anchor: str
    title: str
    parts: list["Section"] = field(default_factory=list)


@dataclass(frozen=True)
class Guide:
    """A document as a page: its title, its contents, and the rest as HTML."""

    title: str
    contents: list[Section]
    body: SafeString


@require_safe
def show_guide(request: HttpRequest, name: str) -> HttpResponse:
    guide = _guide(name)
    others = [(reverse(f"admin:{other}"), _guide(other).title) for other in GUIDES if other != name]
    return admin_page(request, "help", guide.title, guide=guide, others=others)


@cache
def _guide(name: str) -> Guide:
    """Return the guide of this URL name, read once per process."""
    file = Path(settings.BASE_DIR) / "docs" / GUIDES[name]
    return read_guide(file.read_text(encoding="utf-8"))


def read_guide(text: str) -> Guide:
    """Return a Markdown document that begins with its title as a guide; HTML in it is escaped.

    Headings get the anchors that GitHub gives them, so that the same links work in both places.
    """
    # The admin's page shows the title itself, so the three tokens of that heading are left out.
    _opening, title, _closing, *tokens = _markdown.parse(text)
    contents: list[Section] = []
    for opening, words in pairwise(tokens):
        if opening.type == "heading_open":
            section = Section(anchor_of(_plain(words)), _plain(words))
            opening.attrSet("id", section.anchor)
            (contents if opening.tag == "h2" else contents[-1].parts).append(section)
    for link in (child for token in tokens for child in token.children or []):
        if link.type == "link_open":
            link.attrSet("href", _here(str(link.attrGet("href"))))
    html = _markdown.renderer.render(tokens, _markdown.options, {})
    return Guide(_plain(title), contents, mark_safe(html))  # noqa: S308 - our own file, its HTML escaped


def anchor_of(heading: str) -> str:
    """Return the anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _plain(words: Token) -> str:
    return "".join(child.content for child in words.children or [])


def _here(href: str) -> str:
    """Return the link as Help has it: another guide is at its own URL."""
    file, mark, anchor = href.partition("#")
    pages = {shown: name for name, shown in GUIDES.items()}
    return f"{reverse(f'admin:{pages[file]}')}{mark}{anchor}" if file in pages else href
