"""The guide to the API, which browsers get at the URL where programs find the endpoints. Its examples run."""

import html
import re
import subprocess
import sys

import pytest

from tests.factories import AgreementFactory, AreaFactory, PartyFactory

URL = "/api/v1/"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


def examples(page: str, language: str) -> list[str]:
    found = re.findall(rf'<code class="language-{language}">(.*?)</code>', page, re.DOTALL)
    return [html.unescape(example) for example in found]


@pytest.fixture
def page(client, db) -> str:
    return client.get(URL, headers={"Accept": BROWSER}).content.decode()


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        pytest.param(BROWSER, "text/html; charset=utf-8", id="browser"),
        pytest.param("text/html", "text/html; charset=utf-8", id="html alone"),
        pytest.param("*/*", "application/json", id="curl"),
        pytest.param("application/json, text/plain, */*", "application/json", id="script"),
        pytest.param("image/png", "application/json", id="neither"),
        pytest.param(None, "application/json", id="nothing said"),
    ],
)
def test_people_get_a_page_and_programs_addresses(client, accept, media_type):
    response = client.get(URL, headers={"Accept": accept} if accept else {})

    assert response["Content-Type"] == media_type
    assert "Accept" in response["Vary"]


def test_page_is_whole(page):
    assert page.count("<h1") == 1
    assert "<script" not in page
    assert "style=" not in page
    for language in ("sh", "python", "r"):
        assert examples(page, language)


def test_page_names_every_address_with_the_parameters_it_takes(page):
    rows = [re.sub(r"<[^>]+>|\s+", " ", row) for row in re.findall(r"<tr.*?</tr>", page, re.DOTALL)]

    [parties] = [row for row in rows if "all their names" in row]
    [party] = [row for row in rows if "One party" in row]
    assert re.findall(r"[a-z_]+", parties.split("names.")[1]) == [
        "per_page",
        "q",
        "country",
        "kind",
        "cursor",
    ]
    assert party.split("page.")[1].strip() == "none"


@pytest.mark.parametrize("language", ["sh", "python", "r"])
def test_addresses_in_the_examples_answer(client, db, page, language):
    AgreementFactory(areas=[AreaFactory(slug="social-protection")])

    for example in examples(page, language):
        addresses = re.findall(r'"http://127.0.0.1:8000(/[^"]+)"', example)
        assert addresses
        for address in addresses:
            assert client.get(address).status_code == 200, address


def test_python_examples_run(client, live_server, settings):
    settings.BASE_URL = live_server.url
    area = AreaFactory(slug="social-protection")
    parties = [PartyFactory(name="Ministry of Care"), PartyFactory(name="Agency of Health")]
    for n in range(120):
        AgreementFactory(title=f"Care {n}", areas=[area], signed="2023-08", parties=parties)
    page = client.get(URL, headers={"Accept": BROWSER}).content.decode()

    printed = [
        subprocess.run(
            [sys.executable, "-W", "error", "-c", example], capture_output=True, text=True, check=False
        )
        for example in examples(page, "python")
    ]  # fmt: skip

    assert [run.returncode for run in printed] == [0, 0], [run.stderr for run in printed]
    plain, pandas = (run.stdout for run in printed)
    assert "Agreements on area" in plain
    assert plain.count("Care ") == 120
    assert re.search(r"^mou +signed +120$", pandas, re.MULTILINE)
    assert re.search(r"^\[200 rows x \d+ columns\]$", pandas, re.MULTILINE)
