"""The URLs of all files and feeds: the same selection, errors and names in every format."""

import csv
import io
import json
import re
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import openpyxl
import pytest
from django.conf import settings as django_settings
from hypothesis import given

from agreements.domain.facts import COLUMNS
from agreements.exchange.exporting import xlsx
from agreements.exchange.exporting.formats import LIST_FORMATS, RECORD_FORMATS
from agreements.models import Agreement
from agreements.web.views.agreement_files import SelectionFileView
from tests.factories import AgreementFactory, AreaFactory, EvidenceFactory, PartyFactory
from tests.properties import tried
from tests.registers import QUERIES

pytestmark = pytest.mark.django_db

ALL = [kind.extension for kind in LIST_FORMATS]
OF_ONE = [kind.extension for kind in RECORD_FORMATS]
ATOM = "{http://www.w3.org/2005/Atom}"
every_format = pytest.mark.parametrize("extension", ALL)


def content(response) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def rows(extension: str, body: bytes) -> list[tuple[str, str]]:
    """Return the reference and status of each agreement, as a program that reads the format finds them."""
    if extension == "csv":
        found = list(csv.DictReader(io.StringIO(body.decode(), newline="")))
    elif extension == "md":
        header, _rule, *lines = table_of(body)
        found = [dict(zip(header, line, strict=True)) for line in lines]
    elif extension == "json":
        found = json.loads(body)["agreements"]
    elif extension == "xlsx":
        header, *lines = openpyxl.load_workbook(io.BytesIO(body)).worksheets[0].values
        found = [dict(zip(header, line, strict=True)) for line in lines]
    else:
        raise NotImplementedError(f"Teach `rows` to read .{extension}.")
    return [(row["ref"], row["status"]) for row in found]


def table_of(body: bytes) -> list[list[str]]:
    """Return the cells of a Markdown table, unescaped."""
    lines = [line[2:-2] for line in body.decode().splitlines() if line.startswith("| ")]
    return [
        [re.sub(r"\\([^A-Za-z0-9\s])", r"\1", cell) for cell in line.split(" | ")] for line in lines
    ]


def refs(extension: str, body: bytes) -> list[str]:
    """Return the references in order, each once."""
    if extension == "atom":
        root = ElementTree.fromstring(body)  # noqa: S314 - written by ourselves
        return [entry.split("/")[-2] for entry in _texts(root, f"{ATOM}entry/{ATOM}id")]
    if extension == "ics":
        return list(dict.fromkeys(re.findall(r"^UID:(AGR-\d+)-", body.decode(), re.MULTILINE)))
    return [ref for ref, _status in rows(extension, body)]


def _texts(root: ElementTree.Element, path: str) -> list[str]:
    return [found.text or "" for found in root.findall(path)]


# ------------------------------------------------------------------ responses


def test_every_format_is_in_the_table_below():
    assert [extension for extension, *_said in SAID] == ALL


SAID = [
    ("csv", "text/csv; charset=utf-8; header=present", "attachment", True),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "attachment", True),
    ("json", "application/json", "attachment", True),
    ("md", "text/markdown; charset=utf-8", "attachment", True),
    ("atom", "application/atom+xml; charset=utf-8", "inline", False),
    ("ics", "text/calendar; charset=utf-8", "attachment", True),
]  # fmt: skip


@pytest.mark.parametrize(("extension", "media_type", "disposition", "is_streamed"), SAID)
def test_each_format_is_what_it_says(client, extension, media_type, disposition, is_streamed):
    AgreementFactory(signed="2023-08-15")

    response = client.get(f"/agreements.{extension}?as_of=2026-11-21")

    assert response.status_code == 200
    assert response["Content-Type"] == media_type
    assert response["Content-Disposition"] == (
        f'{disposition}; filename="agreements-as-of-21-november-2026.{extension}"'
    )
    assert response.streaming is is_streamed
    assert refs(extension, content(response)) == ["AGR-0001"]


@every_format
def test_addresses_begin_with_the_sites_own(client, extension):
    AgreementFactory(signed="2023-08-15")

    body = content(client.get(f"/agreements.{extension}", headers={"host": "localhost"}))

    if extension == "xlsx":
        body = str([*openpyxl.load_workbook(io.BytesIO(body)).worksheets[0].values]).encode()
    body = body.replace(b"\r\n ", b"")
    assert f"{django_settings.BASE_URL}/agreements/AGR-0001/".encode() in body
    assert b"localhost" not in body


@every_format
def test_it_holds_the_complete_selection_whatever_the_page(client, extension):
    AgreementFactory.create_batch(40, signed="2023-08-15")

    response = client.get(f"/agreements.{extension}?page=2&per_page=25")

    assert len(refs(extension, content(response))) == 40


@every_format
@pytest.mark.parametrize("publication", ["draft", "in_review", "withdrawn"])
def test_it_hides_what_is_not_published(client, admin_client, extension, publication):
    AgreementFactory(publication=publication, signed="2023-08-15")

    for visitor in (client, admin_client):
        assert refs(extension, content(visitor.get(f"/agreements.{extension}"))) == []


@every_format
@pytest.mark.parametrize(
    ("query", "lines"),
    [
        ("status=nonsense", ["status: “nonsense” is not a known value."]),
        ("party=99999999999999999999999", ["party: There is no entry named"]),
        ("sattus=in_force", ["sattus: There is no such parameter. Did you mean “status”?"]),
        ("status=x&kind=y&colour=red", ["status: ", "kind: ", "colour: "]),
        ("as_of=yesterday", ["as_of: Give a full day"]),
        ("excel=maybe", ["excel: Use 1"]),
        ("q=%00", ["q: "]),
    ],
)
def test_every_format_refuses_the_same_in_the_same_words(client, extension, query, lines):
    AgreementFactory()

    response = client.get(f"/agreements.{extension}?{query}")

    assert response.status_code == 400
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert "Content-Disposition" not in response
    told = response.content.decode().splitlines()
    assert told[0] == "The query was not understood, so nothing was selected."
    assert len(told) == 1 + len(lines)
    for line, start in zip(told[1:], lines, strict=True):
        assert line.startswith(start)


@every_format
def test_what_another_format_understands_is_no_mistake(client, extension):
    response = client.get(f"/agreements.{extension}?excel=1&utm_source=newsletter")

    assert response.status_code == 200
    content(response)


@every_format
def test_head_request_has_the_same_headers(client, extension):
    path = f"/agreements.{extension}?as_of=2026-11-21"
    asked, only_head = client.get(path), client.head(path)

    for header in ("Content-Type", "Content-Disposition"):
        assert only_head[header] == asked[header]
    content(asked)
    for response in (asked, only_head):
        response.close()


@pytest.mark.parametrize(
    "extension", [kind.extension for kind in LIST_FORMATS if kind.text is None]
)
def test_head_request_does_not_make_the_file(client, extension, monkeypatch):
    monkeypatch.setattr(SelectionFileView, "_made", None)

    response = client.head(f"/agreements.{extension}")

    assert response.status_code == 200
    assert content(response) == b""
    assert client.head(f"/agreements.{extension}?bad=1").status_code == 400


@every_format
def test_queries_do_not_grow_with_the_rows(client, extension, django_assert_num_queries):
    expected = {"csv": 7, "xlsx": 8, "json": 14, "md": 7, "atom": 3, "ics": 2}[extension]
    party, area = PartyFactory(), AreaFactory()
    for _count in (1, 29):
        for _n in range(_count):
            agreement = AgreementFactory(signed="2023-08-15", parties=[party], areas=[area])
            EvidenceFactory(agreement=agreement)
        with django_assert_num_queries(expected):
            content(client.get(f"/agreements.{extension}"))


@pytest.mark.parametrize(
    ("title", "written"),
    [
        ("Care | labour", "Care \\| labour"),
        ("a\\|b", "a\\\\\\|b"),
        ("*Care*, _labour_ & `code`", "\\*Care\\*, \\_labour\\_ & \\`code\\`"),
        ("<script>&lt;", "\\<script>\\&lt;"),
        ("two\nlines", "two lines"),
        ("snake_case ~ [x](y)", "snake_case \\~ \\[x\\](y)"),
    ],
)
def test_table_in_markdown_holds_text_and_no_markup(client, title, written):
    AgreementFactory(title=title, place="Baku | Ganja")

    body = content(client.get("/agreements.md"))

    assert f"| AGR-0001 | {written} | mou |" in body.decode()
    header, rule, row = table_of(body)
    assert len(header) == len(rule) == len(row) == len(COLUMNS)
    assert dict(zip(header, row, strict=True))["place"] == "Baku | Ganja"


# ------------------------------------------------------------------ one selection


@pytest.mark.usefixtures("varied_register")
@tried(20)
@given(query=QUERIES)
def test_page_files_and_api_hold_the_same_agreements_for_any_query(client, query):
    asked = {name: value for name, value in query.items() if value}
    answers = {extension: client.get(f"/agreements.{extension}", asked) for extension in ALL}
    api = client.get("/api/v1/agreements/", asked)
    page = client.get("/agreements/", asked | {"per_page": "25"})
    codes = {answer.status_code for answer in (*answers.values(), api)}
    if codes == {400}:
        assert len({answer.content for answer in answers.values()}) == 1
        assert api.json()["problems"]
        assert not page.context["selection"].is_valid
        return
    assert codes == {200}
    bodies = {extension: content(answer) for extension, answer in answers.items()}

    selected = rows("csv", bodies["csv"])
    records = {record["ref"]: record for record in json.loads(bodies["json"])["agreements"]}

    for extension in set(ALL) - {"atom", "ics"}:
        assert rows(extension, bodies[extension]) == selected, extension
    assert _rows_of_pages(client, asked) == selected
    assert _rows_of_api(client, api) == selected
    assert page.context["result_count"] == api.json()["count"] == len(selected)
    # The feed: the same agreements, the last changed first, fifty at most.
    newest = rows("csv", content(client.get("/agreements.csv", asked | {"sort": "-updated"})))
    assert refs("atom", bodies["atom"]) == [ref for ref, _status in newest[:50]]
    # The calendar: in the same order, all that were signed on a known day, and none without a known day. The earliest last
    # day for notice is known even if the end is not.
    in_calendar = refs("ics", bodies["ics"])
    assert in_calendar == [ref for ref, _status in selected if ref in in_calendar]
    for ref, record in records.items():
        ends = [record["expires"], record["terminated"], record["superseded_on"]]
        concluded = record["stage"] == "concluded"
        if concluded and _is_a_day(record["signed"]):
            assert ref in in_calendar
        elif not concluded or not (any(map(_is_a_day, ends)) or record["notice"]):
            assert ref not in in_calendar


def _rows_of_pages(client, asked) -> list[tuple[str, str]]:
    found, number, last = [], 0, 1
    while number < last:
        number += 1
        page = client.get("/agreements/", asked | {"per_page": "25", "page": number}).context
        found += [(agreement.ref, agreement.status) for agreement in page["agreements"]]
        last = page["paginator"].num_pages
    return found


def _rows_of_api(client, response) -> list[tuple[str, str]]:
    body = response.json()
    found = [(record["ref"], record["status"]) for record in body["results"]]
    while body["next"]:
        body = client.get(body["next"]).json()
        found += [(record["ref"], record["status"]) for record in body["results"]]
    return found


def _is_a_day(date: str | None) -> bool:
    return re.fullmatch(r"\d{4}-\d{2}-\d{2}", date or "") is not None


# ------------------------------------------------------------------ file names


@pytest.mark.parametrize(
    ("query", "language", "expected"),
    [
        pytest.param("", "en", 'filename="agreements-2026-11-21.csv"', id="all"),
        pytest.param(
            "status=signed&area=rehabilitation&country=UZ", "en",
            'filename="signed-agreements-on-rehabilitation-with-uzbekistan-2026-11-21.csv"', id="words",
        ),
        pytest.param(
            "as_of=2024-05-01", "en", 'filename="agreements-as-of-1-may-2024.csv"', id="the day is in the words"
        ),
        pytest.param(
            "q=a%22%3B%0d%0aX-Evil:%20b/../c", "en",
            'filename="agreements-found-by-the-search-a-x-evil-bc-2026-11-21.csv"', id="hostile",
        ),
        pytest.param(
            "q=" + "long " * 40, "en",
            f'filename="agreements-containing-{"-".join(["long"] * 15)}-2026-11-21.csv"', id="long",
        ),
        pytest.param(
            "q=" + "ə" * 3, "en",
            "filename=\"agreements-2026-11-21.csv\"; "
            "filename*=UTF-8''agreements-containing-%C9%99%C9%99%C9%99-2026-11-21.csv", id="not ASCII",
        ),
    ],
)  # fmt: skip
def test_file_is_named_after_the_selection(client, time_machine, query, language, expected):
    time_machine.move_to(datetime(2026, 11, 21, 12, tzinfo=UTC))
    AreaFactory(slug="rehabilitation", name="Rehabilitation")

    response = client.get(f"/agreements.csv?{query}", headers={"accept-language": language})

    assert response["Content-Disposition"] == f"attachment; {expected}"
    content(response)


# ------------------------------------------------------------------ what is special about each


def test_workbook_that_excel_cannot_hold_is_refused_with_the_remedy(client, monkeypatch):
    monkeypatch.setattr(xlsx, "MOST_AGREEMENTS", 2)
    AgreementFactory.create_batch(3)

    response = client.get("/agreements.xlsx")

    assert response.status_code == 400
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response.content.decode() == (
        "An Excel sheet can hold 2 agreements, but this selection has 3. Narrow it with a filter, "
        "or download the CSV or the JSON, which have no limit.\n"
    )


def test_workbook_that_fails_is_no_half_file(client, monkeypatch):
    client.raise_request_exception = False
    monkeypatch.setattr(xlsx, "row_blocks", _break_off)

    response = client.get("/agreements.xlsx")

    assert response.status_code == 500
    assert "Content-Disposition" not in response


def _break_off(*args):
    yield []
    raise ConnectionError


def test_feed_reader_is_told_that_nothing_has_changed(client):
    agreement = AgreementFactory()
    first = client.get("/agreements.atom")

    def again():
        return client.get("/agreements.atom", headers={"if-none-match": first["ETag"]})

    assert (again().status_code, again().content) == (304, b"")
    later = agreement.updated_at + timedelta(minutes=1)
    Agreement.objects.update(updated_at=later)
    assert again().status_code == 200


# ------------------------------------------------------------------ one agreement


@pytest.mark.parametrize(
    ("extension", "media_type", "disposition", "beginning"),
    [
        ("json", "application/json", "inline", '{\n  "ref": "AGR-0042",'),
        ("bib", "application/x-bibtex; charset=utf-8", "attachment", "@misc{AGR-0042,\n"),
        (
            "ris",
            "application/x-research-info-systems; charset=utf-8",
            "attachment",
            "TY  - RPRT\r\n",
        ),
    ],
)
def test_each_format_of_one_agreement(client, extension, media_type, disposition, beginning):
    AgreementFactory(ref="AGR-0042")

    response = client.get(f"/agreements/AGR-0042.{extension}")

    assert response.status_code == 200
    assert response["Content-Type"] == media_type
    assert response["Content-Disposition"] == f'{disposition}; filename="AGR-0042.{extension}"'
    assert response.content.decode().startswith(beginning)


def test_json_of_one_agreement_is_its_record_in_the_list(client):
    agreement = AgreementFactory(parties=[PartyFactory()], areas=[AreaFactory()])
    EvidenceFactory(agreement=agreement)

    in_list = json.loads(content(client.get("/agreements.json?as_of=2020-01-01")))["agreements"]

    assert [client.get("/agreements/AGR-0001.json?as_of=2020-01-01").json()] == in_list


def test_status_of_one_agreement_is_that_of_the_day_asked_for(client):
    AgreementFactory(in_force="2020-01-01", term_kind="fixed", term_months=12)

    def status(query: str) -> tuple[str, str]:
        record = client.get(f"/agreements/AGR-0001.json?{query}").json()
        return record["status"], record["status_as_of"]

    assert status("as_of=2020-06-01") == ("in_force", "2020-06-01")
    assert status("as_of=2020-06-01&as_of=2020-06-01")[0] == "in_force"
    assert status("as_of=")[0] == "expired"


@pytest.mark.parametrize("extension", OF_ONE)
@pytest.mark.parametrize(
    ("query", "line"),
    [
        ("as_of=2020", "as_of: Give a full day"),
        ("as_of=2020-01-01&as_of=2021-01-01", "as_of: This was given more than once"),
        ("as-of=2020-01-01", "as-of: There is no such parameter. Did you mean “as_of”?"),
        ("status=signed", "status: There is no such parameter."),
    ],
)
def test_what_is_not_understood_of_one_agreement_is_refused(client, extension, query, line):
    AgreementFactory()

    response = client.get(f"/agreements/AGR-0001.{extension}?{query}")

    assert response.status_code == 400
    assert response.content.decode().splitlines()[1].startswith(line)


@pytest.mark.parametrize("extension", OF_ONE)
@pytest.mark.parametrize("publication", ["draft", "in_review", "withdrawn"])
def test_what_is_not_published_has_no_files(admin_client, extension, publication):
    AgreementFactory(publication=publication)

    assert admin_client.get(f"/agreements/AGR-0001.{extension}").status_code == 404


@pytest.mark.parametrize(
    "path", ["AGR-0002.json", "AGR-0001.csv", "AGR-0001.json/", "agr-0001.json", "AGR-0001.json%0A"]
)
def test_other_addresses_do_not_exist(client, path):
    AgreementFactory()

    assert client.get(f"/agreements/{path}").status_code == 404


@pytest.mark.parametrize(("extension", "expected"), [("json", 14), ("bib", 4), ("ris", 4)])
def test_queries_of_one_agreement(client, extension, expected, django_assert_num_queries):
    agreement = AgreementFactory(
        parties=[PartyFactory() for _n in range(9)], areas=[AreaFactory(), AreaFactory()]
    )
    EvidenceFactory(agreement=agreement)

    with django_assert_num_queries(expected):
        client.get(f"/agreements/AGR-0001.{extension}")


# ------------------------------------------------------------------ links to them


def _alternates(response) -> dict[str, str]:
    links = re.findall(
        r"<link rel=\"alternate\"\s+href=\"(.*?)\"\s+type=\"(.*?)\"", response.content.decode()
    )
    return {media_type: address for address, media_type in links}


def test_list_leads_to_every_format_of_its_selection(client):
    AgreementFactory(signed="2023-08-15", kind="mou")

    page = client.get("/agreements/?kind=mou&page=1")

    assert _alternates(page) == {
        kind.media_type: f"/agreements.{kind.extension}?kind=mou" for kind in LIST_FORMATS
    }
    for address in _alternates(page).values():
        assert page.content.decode().count(f'href="{address}"') == 2
        response = client.get(address)
        assert response.status_code == 200
        content(response)


def test_list_that_is_not_understood_leads_to_no_file(client):
    assert _alternates(client.get("/agreements/?kind=nonsense")) == {}


def test_page_of_an_agreement_leads_to_its_files_and_says_how_to_cite_it(client):
    AgreementFactory(title="On <care>", signed="2023-10~")

    page = client.get("/agreements/AGR-0001/")

    text = page.content.decode()
    assert _alternates(page) == {
        kind.media_type: f"/agreements/AGR-0001.{kind.extension}" for kind in RECORD_FORMATS
    }
    for address in _alternates(page).values():
        assert text.count(f'href="{address}"') == 2
    assert "On &lt;care&gt;. Memorandum of understanding, signed about October 2023. MoU" in text
    assert '<meta name="citation_title" content="On &lt;care&gt;">' in text
    assert '<meta name="DC.date" content="2023-10~">' in text


def test_linked_data_of_the_page_are_json_that_nothing_can_leave(client):
    AgreementFactory(title="</script><script>alert(1)</script><!--")

    text = client.get("/agreements/AGR-0001/").content.decode()

    (block,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', text, re.DOTALL)
    assert json.loads(block)["name"] == "</script><script>alert(1)</script><!--"
    assert "<script>alert" not in text
