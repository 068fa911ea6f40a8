"""What machines look for: robots.txt, security.txt, the sitemaps, the Data Package and the heads of pages."""

import html
import re
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest
import time_machine
from django.test import Client

from agreements.models import Agreement, Party
from agreements.web.sitemaps import SITEMAPS, AgreementSitemap
from agreements.web.views.discovery import SECURITY_CONTACT_HOLDS_FOR
from tests.factories import (
    AgreementFactory,
    AreaFactory,
    PartyFactory,
    PersonFactory,
    SignatoryFactory,
)
from tests.snapshots import put_back

BASE = "https://register.example.org"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


@pytest.fixture(autouse=True)
def base_url(settings):
    settings.BASE_URL = BASE


# robots.txt


def test_robots_may_read_all_but_the_admin_and_endless_lists(client):
    response = client.get("/robots.txt")

    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response.content.decode().splitlines() == [
        "User-agent: *",
        "Disallow: /admin/",
        "Disallow: /calendar/",
        "Disallow: /agreements/?",
        "Disallow: /statistics/?",
        "Disallow: /agreements/brief/?",
        "Disallow: /agreements/choices/",
        "Allow: /agreements/?page=",
        "",
        f"Sitemap: {BASE}/sitemap.xml",
    ]


# security.txt


@time_machine.travel("2026-11-21T21:30:00Z")
def test_security_contact_is_published_for_half_a_year(client, settings):
    settings.SECURITY_CONTACT = "mailto:security@example.org"

    response = client.get("/.well-known/security.txt")

    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response.content.decode().splitlines() == [
        "Contact: mailto:security@example.org",
        "Expires: 2027-05-20T00:00:00Z",
        f"Canonical: {BASE}/.well-known/security.txt",
    ]


def test_security_contact_holds_for_less_than_a_year():
    assert timedelta(days=30) < SECURITY_CONTACT_HOLDS_FOR < timedelta(days=365)


def test_without_a_contact_there_is_no_security_txt(client, settings):
    settings.SECURITY_CONTACT = ""

    assert client.get("/.well-known/security.txt").status_code == 404


@pytest.mark.parametrize("path", ["/robots.txt", "/datapackage.json", "/.well-known/security.txt"])
def test_they_are_for_reading(path):
    assert Client(enforce_csrf_checks=True).post(path).status_code in (403, 405)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/agreements/",
        "/agreements.csv",
        "/api/v1/",
        "/robots.txt",
        "/sitemap-areas.xml",
        "/admin/login/",
    ],
)
def test_trace_is_not_answered(client, db, path):
    assert client.trace(path).status_code == 405


# The sitemap


def located(response) -> dict[str, str | None]:
    """Return the URLs in a sitemap or an index, each with its date."""
    assert response.status_code == 200
    assert response["Content-Type"] == "application/xml; charset=utf-8"
    return {
        entry.findtext(f"{SITEMAP}loc"): entry.findtext(f"{SITEMAP}lastmod")
        for entry in ElementTree.fromstring(response.content)  # noqa: S314 - our own
    }


@pytest.fixture
def register(db):
    put_back(parties_and_areas)


def parties_and_areas():
    state = PartyFactory(slug="state", state=True)
    body = PartyFactory(slug="body", parent=state)
    top = AreaFactory(slug="top")
    below = AreaFactory(slug="below", parent=top)
    AreaFactory(slug="empty")
    old = AgreementFactory(parties=[body], areas=[below])
    new = AgreementFactory(parties=[state], areas=[top])
    AgreementFactory(draft=True, parties=[PartyFactory(slug="secret")], areas=[below])
    Agreement.objects.update(updated_at=datetime(2026, 11, 1, tzinfo=UTC))
    Agreement.objects.filter(pk=old.pk).update(updated_at=datetime(2025, 5, 5, tzinfo=UTC))
    Agreement.objects.filter(pk=new.pk).update(updated_at=datetime(2026, 6, 6, tzinfo=UTC))


@pytest.mark.usefixtures("register")
def test_index_names_every_section(client):
    index = located(client.get("/sitemap.xml"))

    assert [address.rpartition("/")[2] for address in index] == [
        f"sitemap-{section}.xml" for section in SITEMAPS
    ]
    assert {day[:10] for day in index.values()} == {"2026-06-06"}


@pytest.mark.usefixtures("register")
@pytest.mark.parametrize(
    ("section", "pages"),
    [
        ("agreements", {"/agreements/AGR-0001/": "2025-05-05", "/agreements/AGR-0002/": "2026-06-06"}),
        ("parties", {"/parties/body/": "2025-05-05", "/parties/state/": "2026-06-06"}),
        ("areas", {"/areas/below/": "2025-05-05", "/areas/top/": "2026-06-06", "/areas/empty/": None}),
        ("pages", {"/": "2026-06-06", "/agreements/": "2026-06-06", "/parties/": "2026-06-06",
                   "/areas/": "2026-06-06", "/changes/": "2026-06-06", "/statistics/": "2026-06-06", "/about/": None, "/data/": None,
                   "/api/v1/": None}),
    ],
)  # fmt: skip
def test_sections_name_what_is_published_and_when_it_changed(client, section, pages):
    found = located(client.get(f"/sitemap-{section}.xml"))

    assert found == {f"{BASE}{path}": day for path, day in pages.items()}


@pytest.mark.usefixtures("register")
def test_every_page_in_it_is_there_and_calls_itself_so(client):
    for section in SITEMAPS:
        for address in located(client.get(f"/sitemap-{section}.xml")):
            page = client.get(address.removeprefix(BASE), headers={"Accept": "text/html"})
            assert page.status_code == 200, address
            assert head(page)["canonical"] == address


def test_empty_register_has_a_sitemap_too(client, db):
    assert located(client.get("/sitemap.xml"))
    assert located(client.get("/sitemap-agreements.xml")) == {}


def test_large_section_comes_in_pages(client, db, monkeypatch):
    monkeypatch.setattr(AgreementSitemap, "limit", 2)
    for _n in range(5):
        AgreementFactory()

    files = [address for address in located(client.get("/sitemap.xml")) if "agreements" in address]
    found = [
        list(located(client.get(address.removeprefix("http://testserver")))) for address in files
    ]

    assert [len(each) for each in found] == [2, 2, 1]
    assert len({address for each in found for address in each}) == 5


def test_no_sitemap_is_larger_than_the_protocol_allows():
    assert all(section.limit <= 50_000 for section in SITEMAPS.values())


@pytest.mark.parametrize(
    "address", ["/sitemap-agreements.xml?p=2", "/sitemap-agreements.xml?p=x", "/sitemap-x.xml"]
)
def test_sitemap_that_is_not_there(client, db, address):
    assert client.get(address).status_code == 404


@pytest.mark.usefixtures("register")
def test_number_of_queries_does_not_depend_on_the_rows(client, django_assert_num_queries):
    costs = {
        "/sitemap.xml": 18,
        "/sitemap-agreements.xml": 2,
        "/sitemap-parties.xml": 2,
        "/sitemap-people.xml": 2,
        "/sitemap-areas.xml": 2,
    }
    for rows in (1, 40):
        for _n in range(rows):
            agreement = AgreementFactory(
                parties=[PartyFactory(parent=PartyFactory())], areas=[AreaFactory()]
            )
            SignatoryFactory(agreement=agreement, person=PersonFactory())
        for address, queries in costs.items():
            with django_assert_num_queries(queries):
                client.get(address)


# The heads of the pages


def head(response) -> dict[str, str]:
    """Return the canonical URL and the Open Graph properties of a page."""
    page = response.content.decode()
    canonical = re.findall(r'<link rel="canonical"\s+href="([^"]*)"', page)
    assert len(canonical) <= 1
    found = re.findall(r'<meta property="og:([a-z:_]+)"\s+content="([^"]*)"', page)
    assert len(found) == len(dict(found))
    return {
        name: html.unescape(value)
        for name, value in [*zip(["canonical"], canonical, strict=False), *found]
    }


@pytest.mark.parametrize(
    ("asked", "canonical"),
    [
        ("/", "/"),
        ("/?utm_source=x", "/"),
        ("/about/", "/about/"),
        ("/agreements/", "/agreements/"),
        (
            "/agreements/?status=signed&kind=mou&sort=-signed",
            "/agreements/?kind=mou&status=signed",
        ),
        ("/agreements/?page=1&gclid=1", "/agreements/"),
        ("/agreements/?page=2", "/agreements/?page=2"),
        ("/agreements/?kind=mou&page=2", "/agreements/?kind=mou&page=2"),
        ("/agreements/AGR-0001/?as_of=2024-01-01", "/agreements/AGR-0001/"),
        ("/parties/state/?page=2", "/parties/state/?page=2"),
        ("/parties/?q=care", "/parties/?q=care"),
        ("/parties/?q=", "/parties/"),
        ("/statistics/?kind=mou&x=1", "/statistics/?kind=mou"),
    ],
)
def test_page_has_one_address(client, db, asked, canonical):
    state = PartyFactory(slug="state", state=True)
    for _n in range(30):
        AgreementFactory(parties=[state])

    found = head(client.get(asked))

    assert found["canonical"] == found["url"] == f"{BASE}{canonical}"


def test_page_says_what_it_shows_where_it_is_shared(client, db):
    agreement = AgreementFactory(title='Care & "cure"', summary="Of <care>\nand cure.")

    found = head(client.get(f"/agreements/{agreement.ref}/"))

    assert found == {
        "canonical": f"{BASE}/agreements/AGR-0001/",
        "url": f"{BASE}/agreements/AGR-0001/",
        "type": "article",
        "site_name": "MoU Tracker",
        "title": 'AGR-0001: Care & "cure"',
        "description": "Of <care> and cure.",
        "image": f"{BASE}/static/img/card.png",
        "image:width": "1200",
        "image:height": "630",
        "image:alt": "MoU Tracker",
    }


def test_list_is_shared_as_what_it_selects(client, db):
    found = head(client.get("/agreements/?status=in_force"))

    assert found["title"] == "In force agreements"
    assert found["type"] == "website"


@pytest.mark.parametrize("address", ["/nowhere/", "/agreements/AGR-9999/"])
def test_error_pages_have_no_address_of_their_own(client, db, address):
    response = client.get(address)

    assert response.status_code == 404
    assert head(response) == {}


def test_picture_is_what_its_properties_say(project_root):
    picture = (project_root / "static" / "img" / "card.png").read_bytes()

    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    assert (int.from_bytes(picture[16:20]), int.from_bytes(picture[20:24])) == (1200, 630)


# Former URLs


@pytest.mark.parametrize(
    ("asked", "location"),
    [
        ("/parties/old/", "/parties/new/"),
        ("/parties/old/?page=2&x=%C9%99", "/parties/new/?page=2&x=%C9%99"),
    ],
)
def test_former_address_of_a_party_leads_on(client, db, asked, location):
    party = PartyFactory(slug="old")
    AgreementFactory(parties=[party])
    party.slug = "new"
    party.save()

    response = client.get(asked)

    assert response.status_code == 301
    assert response["Location"] == location


def test_former_address_of_an_area_leads_on(client, db):
    area = AreaFactory(slug="areas")
    area.slug = "new"
    area.save()

    assert client.get("/areas/areas/")["Location"] == "/areas/new/"


def test_former_address_of_what_is_not_public_leads_nowhere(client, admin_client):
    party = PartyFactory(slug="old")
    AgreementFactory(parties=[party], draft=True)
    party.slug = "new"
    party.save()

    assert client.get("/parties/old/").status_code == 404
    assert admin_client.get("/parties/old/").status_code == 404
    assert Party.objects.get().former_slugs.count() == 1


def test_sitemap_index_names_the_sites_own_address_by_whatever_name_it_is_asked(client, db):
    index = client.get("/sitemap.xml", headers={"Host": "localhost"}).content.decode()

    assert index.count("<loc>https://register.example.org/sitemap-") == index.count("<loc>") == 5


def test_icon_is_found_at_its_usual_url(client, project_root):
    response = client.get("/favicon.ico")

    assert response["Content-Type"] == "image/vnd.microsoft.icon"
    assert response.content == (project_root / "static" / "img" / "favicon.ico").read_bytes()
    assert response.content[:4] == b"\0\0\1\0"


def test_title_names_the_page(client, db):
    AgreementFactory.create_batch(26)

    assert "<title>Agreements – MoU Tracker</title>" in client.get("/agreements/").content.decode()
    second = client.get("/agreements/?page=2").content.decode()
    assert "<title>Agreements, page 2 – MoU Tracker</title>" in second


@pytest.mark.parametrize(
    "path", ["/agreements/?country=AZ", "/statistics/?country=AZ", "/parties/azerbaijan/"]
)
def test_each_page_describes_itself(client, db, path):
    AgreementFactory(parties=[PartyFactory(name="Azerbaijan", slug="azerbaijan", country="AZ")])

    [described] = re.findall(
        r'<meta name="description"\s+content="([^"]*)"', client.get(path).content.decode()
    )

    assert "Azerbaijan" in described
    assert "A public register of memoranda" not in described
