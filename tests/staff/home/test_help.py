"""Help inside the admin: the guides of docs/ as pages for anyone on the staff."""

import re
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from agreements.domain.permissions import StaffRole
from agreements.staff.home.help import GUIDES, read_guide
from tests.colleagues import colleague

pytestmark = pytest.mark.django_db


class Page(HTMLParser):
    """What a test asks of a page: the headings with their ids, all ids, and where links lead."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.headings: list[tuple[str, str | None]] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append((tag, found.get("id")))
        if identifier := found.get("id"):
            self.ids.append(identifier)
        if tag == "a":
            self.links.append(found.get("href") or "")


@pytest.fixture
def as_reader(client: Client) -> Client:
    client.force_login(colleague(StaffRole.READER))
    return client


@pytest.mark.parametrize("name", GUIDES)
def test_guest_is_sent_to_the_login(client: Client, name: str) -> None:
    url = reverse(f"admin:{name}")

    assert client.get(url).url == f"{reverse('admin:login')}?next={url}"


@pytest.mark.parametrize(
    ("name", "title", "sentence"),
    [
        ("help", "Staff guide", "Each reminder is sent once."),
        ("help_importing", "Importing files", "An empty cell removes the value"),
    ],
)
def test_reader_sees_the_guide(as_reader: Client, name: str, title: str, sentence: str) -> None:
    page = as_reader.get(reverse(f"admin:{name}")).content.decode()

    assert f"<h1>{title}</h1>" in page
    assert sentence in page
    assert page.count("<h1") == 1
    assert " style=" not in page


@pytest.mark.parametrize("name", GUIDES)
def test_every_heading_of_the_guide_has_an_anchor_in_the_contents(
    as_reader: Client, name: str
) -> None:
    html = as_reader.get(reverse(f"admin:{name}")).content.decode()
    text = Page(html[html.index('class="guide-text"') :])
    page = Page(html)

    assert text.headings
    assert {f"#{anchor}" for _tag, anchor in text.headings} <= set(page.links)
    assert len(page.ids) == len(set(page.ids))


@pytest.mark.parametrize("name", GUIDES)
def test_every_link_of_the_guide_leads_somewhere(as_reader: Client, name: str) -> None:
    url = reverse(f"admin:{name}")
    page = Page(as_reader.get(url).content.decode())
    html = as_reader.get(url).content.decode()
    links = Page(html[html.index('class="guide"') : html.index('id="footer"')]).links

    for link in links:
        target = urlsplit(urljoin(url, link))
        assert as_reader.get(target.path).status_code == 200
        assert target.path != url or not target.fragment or target.fragment in page.ids


def test_staff_home_and_header_link_to_help(as_reader: Client) -> None:
    links = Page(as_reader.get(reverse("admin:index")).content.decode()).links

    assert links.count(reverse("admin:help")) == 3
    assert reverse("admin:help_importing") in links


def test_html_in_a_guide_is_shown_as_text() -> None:
    guide = read_guide(
        "# A <b>title</b>\n\n<script>alert(1)</script>\n\n[x](javascript:alert(1))\n"
    )

    assert guide.title == "A <b>title</b>"
    assert "<script" not in guide.body
    assert "href" not in guide.body


def test_guides_link_to_one_another_and_keep_other_links() -> None:
    guide = read_guide("# T\n\n[a](importing.md#limits) [b](#here) [c](https://example.org/)\n")

    assert f'href="{reverse("admin:help_importing")}#limits"' in guide.body
    assert 'href="#here"' in guide.body
    assert 'href="https://example.org/"' in guide.body
