"""Agreements in the API: the selection of the page with the records of the JSON file, or an error with reasons."""

import json
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from typing import Any
from urllib.parse import urlsplit

import pytest

from agreements.models import Agreement
from agreements.web.api.serializers import AgreementPageSerializer, AgreementSerializer
from tests.factories import (
    AgreementFactory,
    AreaFactory,
    CommitmentFactory,
    DocumentFactory,
    EventFactory,
    EvidenceFactory,
    IdentifierFactory,
    LanguageVersionFactory,
    PartyFactory,
    PeriodFactory,
    RelationFactory,
    SignatoryFactory,
)
from tests.registers import COLUMNS
from tests.web.api.answers import assert_described

pytestmark = pytest.mark.django_db
URL = "/api/v1/agreements/"
SORTS = ["signed", "-signed", "title", "ref", "-updated", "relevance"]


@pytest.fixture
def ask(client):
    """A function that requests a URL and returns its JSON."""

    def ask(address: str = URL, expected: int = 200, /, **asked: Any) -> Any:
        parts = urlsplit(address)
        response = client.get(f"{parts.path}?{parts.query}" if parts.query else parts.path, asked)
        assert response.status_code == expected, response.content
        form = "application/json" if expected == 200 else "application/problem+json"
        assert response["Content-Type"] == form
        return response.json()

    return ask


@pytest.fixture
def whole_agreement():
    """An agreement with a row of every kind."""
    state = PartyFactory(country="AZ", state=True)
    agreement = AgreementFactory(
        title="Care", summary="Of care", signed="2022-05~", in_force="2023-01-01", term_kind="fixed", term_months=36,
        notice_days=30, review_due="2024-09", place="Baku", responsible_unit="Unit", public_notes="Notes",
        parties=[state, PartyFactory(parent=state), PartyFactory(country="")], areas=[AreaFactory()],
    )  # fmt: skip
    SignatoryFactory(agreement=agreement, title="Minister", party=state, signed="2022-05-26")
    EvidenceFactory(agreement=agreement, locator="paragraph 2", note="By the headline")
    EventFactory(agreement=agreement, date="2022", note="Talks", party=state)
    CommitmentFactory(agreement=agreement, due="2024", reviewed=date(2025, 1, 1), party=state)
    DocumentFactory(agreement=agreement, language="az")
    DocumentFactory(agreement=agreement, uploaded=True)
    IdentifierFactory(agreement=agreement)
    LanguageVersionFactory(agreement=agreement, title="Qayğı", status="authentic")
    base = AgreementFactory(title="Base")
    RelationFactory(agreement=agreement, target=base)
    PeriodFactory(agreement=agreement, first="2020", last="2040", note="Notes", by=base)
    RelationFactory(agreement=AgreementFactory(title="Later"), target=agreement, kind="supersedes")
    return agreement


def refs(body: Any) -> list[str]:
    return [record["ref"] for record in body["results"]]


def walk(ask, relation: str, address: str, **asked: Any) -> list[list[str]]:
    """Follow this link from page to page and return the references on each."""
    body = ask(address, **asked)
    pages = [refs(body)]
    while body[relation]:
        body = ask(body[relation])
        pages.append(refs(body))
    return pages


def last_page(ask, address: str, **asked: Any) -> str:
    """Return the URL of the last page."""
    while following := ask(address, **asked)["next"]:
        address, asked = following, {}
    return address


# What it answers


def test_it_works_with_nothing(ask):
    body = ask()

    assert (body["count"], body["results"], body["next"], body["previous"]) == (0, [], None, None)


def test_it_says_what_it_is_a_selection_of(ask):
    AgreementFactory()

    told = ask(status="signed", as_of="2024-05-01")["selection"]

    assert told["words"] == "Signed agreements, as of 1 May 2024"
    assert told["query"] == "as_of=2024-05-01&status=signed"
    assert told["url"].endswith("/agreements/?as_of=2024-05-01&status=signed")
    assert told["as_of"] == "2024-05-01"


@pytest.mark.usefixtures("whole_agreement")
def test_answer_is_as_the_schema_describes_it(ask):
    body = ask()

    assert_described(body, AgreementPageSerializer())
    assert len(body["results"]) == 3


@pytest.mark.usefixtures("whole_agreement")
def test_no_list_of_a_record_goes_undescribed_for_being_empty(ask):
    records = ask()["results"]

    lists = {name for record in records for name, value in record.items() if value == []}
    filled = {name for record in records for name in record if record[name]}
    assert lists <= filled


@pytest.mark.usefixtures("whole_agreement")
def test_records_are_those_of_the_files(ask, client):
    body, file = ask(), client.get("/agreements.json")

    whole = b"".join(file.streaming_content).decode()

    assert body["results"] == json.loads(whole)["agreements"]
    assert body["selection"] == json.loads(whole)["selection"]


def test_one_agreement_is_the_record_of_its_file(ask, client, whole_agreement):
    record = ask(f"{URL}{whole_agreement.ref}/")

    assert record == client.get(f"/agreements/{whole_agreement.ref}.json").json()
    assert_described(record, AgreementSerializer())


def test_status_of_one_agreement_is_that_of_the_day(ask, whole_agreement):
    address = f"{URL}{whole_agreement.ref}/"

    assert ask(address, as_of="2022-12-31")["status"] == "signed"
    assert ask(address, as_of="2023-01-01")["status"] == "in_force"
    assert [p["parameter"] for p in ask(address, 400, as_of="soon")["problems"]] == ["as_of"]
    assert [p["parameter"] for p in ask(address, 400, asof="2023")["problems"]] == ["asof"]


@pytest.mark.parametrize("publication", ["draft", "in_review", "withdrawn"])
def test_what_is_not_published_does_not_exist(client, admin_client, publication):
    hidden = AgreementFactory(publication=publication)
    AgreementFactory(title="Shown", parties=[PartyFactory()])
    RelationFactory(agreement=Agreement.objects.get(title="Shown"), target=hidden)

    for reader in (client, admin_client):
        body = reader.get(URL).json()
        assert body["count"] == len(body["results"]) == 1
        assert body["results"][0]["relations"] == []
        assert reader.get(f"{URL}{hidden.ref}/").status_code == 404


# One page after another


@pytest.mark.usefixtures("varied_register")
def test_pages_follow_one_another_in_both_directions_in_any_order(ask):
    for sort in SORTS:
        whole = walk(ask, "next", URL, sort=sort, q="care", per_page=100)[0]

        forwards = walk(ask, "next", URL, sort=sort, q="care")
        backwards = walk(ask, "previous", last_page(ask, URL, sort=sort, q="care"))

        assert list(chain(*forwards)) == whole, sort
        assert backwards[::-1] == forwards, sort
        assert len(forwards) == 2, sort


def test_ties_and_unknown_dates_are_passed_one_by_one(ask):
    for signed in ["", "2020", "2020-05"] * 20:
        AgreementFactory(title="Same", signed=signed)
    Agreement.objects.update(updated_at=datetime(2026, 1, 1, tzinfo=UTC))

    for sort in SORTS:
        found = list(chain(*walk(ask, "next", URL, sort=sort)))

        assert len(found) == len(set(found)) == 60, sort


@pytest.mark.parametrize("sort", ["-signed", "-updated", "title"])
def test_what_is_added_before_the_cursor_moves_nothing(ask, sort):
    now = datetime(2026, 1, 1, 12, 30, 15, 123456, tzinfo=UTC)
    for n in range(30):
        agreement = AgreementFactory(title=f"T{n:02d}", signed=f"20{20 - n % 10}")
        Agreement.objects.filter(pk=agreement.pk).update(updated_at=now - timedelta(seconds=n))
    before = walk(ask, "next", URL, sort=sort, per_page=50)[0]
    first = ask(sort=sort)

    AgreementFactory(title="A newcomer", signed="2024")
    second = ask(first["next"])

    assert refs(first) + refs(second) == before
    assert second["count"] == 31


def test_page_after_rows_that_have_gone_is_the_rest(ask):
    for _n in range(30):
        AgreementFactory()
    first = ask(sort="ref")
    Agreement.objects.filter(ref__in=refs(first)).update(publication="withdrawn")

    rest = ask(first["next"])

    assert refs(rest) == [f"AGR-{n:04d}" for n in range(26, 31)]
    assert refs(ask(rest["previous"])) == []


def test_links_stand_in_the_header_and_in_the_body(client):
    for _n in range(60):
        AgreementFactory()

    first = client.get(URL, {"kind": "mou"})
    second = client.get(first.json()["next"])

    assert first["Link"] == (
        f'<http://127.0.0.1:8000{URL}?kind=mou>; rel="first", <{first.json()["next"]}>; rel="next"'
    )
    assert f'<{second.json()["previous"]}>; rel="prev"' in second["Link"]
    assert second.json()["next"].startswith(f"http://127.0.0.1:8000{URL}?kind=mou&cursor=")
    assert refs(client.get(second.json()["previous"]).json()) == refs(first.json())


def test_pages_have_numbers_too(ask):
    for _n in range(60):
        AgreementFactory()

    third, beyond = ask(sort="ref", page=3), ask(sort="ref", page=4)

    assert refs(third) == [f"AGR-{n:04d}" for n in range(51, 61)]
    assert third["next"] is None
    assert refs(ask(third["previous"])) == [f"AGR-{n:04d}" for n in range(26, 51)]
    assert (beyond["results"], beyond["count"], beyond["previous"]) == ([], 60, None)


def test_length_of_a_page_may_change_on_the_way(ask):
    for _n in range(60):
        AgreementFactory()
    following = ask(sort="ref")["next"]

    assert len(ask(f"{following}&per_page=50")["results"]) == 35


def test_cursor_stays_short_however_long_a_title_is(ask):
    for n in range(26):
        AgreementFactory(title="Ə" * 1990 + str(n))

    following = ask(sort="title")["next"]

    assert len(following) < 1000
    assert len(ask(following)["results"]) == 1


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda cursor: "nonsense", id="nonsense"),
        pytest.param(lambda cursor: cursor[:-1], id="cut off"),
        pytest.param(lambda cursor: cursor + "x", id="prolonged"),
        pytest.param(lambda cursor: "\0", id="nul"),
        pytest.param(lambda cursor: "ə" * 5000, id="long"),
        pytest.param(lambda cursor: "W10:1:x", id="forged"),
    ],
)
def test_malformed_cursor_is_refused(ask, spoil):
    for _n in range(26):
        AgreementFactory()
    cursor = ask()["next"].partition("cursor=")[2]

    body = ask(URL, 400, cursor=spoil(cursor))

    assert [problem["parameter"] for problem in body["problems"]] == ["cursor"]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"sort": "title"}, id="another order"),
        pytest.param({"kind": "mou"}, id="another filter"),
        pytest.param({"page": 2}, id="with a page"),
    ],
)
def test_cursor_holds_for_its_query_alone(ask, other):
    for _n in range(26):
        AgreementFactory()
    cursor = ask()["next"].partition("cursor=")[2]

    assert [p["parameter"] for p in ask(URL, 400, cursor=cursor, **other)["problems"]] == ["cursor"]


def test_two_cursors_are_refused(ask):
    assert ask(f"{URL}?cursor=a&cursor=b", 400)["problems"][0]["message"].startswith(
        "This was given"
    )


# Less of each, and more at once


@pytest.mark.parametrize(
    "given", ["fields=title&fields=ref", "fields=title,ref", "fields=ref, title,", "fields=title"]
)
def test_only_the_fields_asked_for(ask, whole_agreement, given):
    ref = whole_agreement.ref
    expected = {"ref": ref, "title": "Care"}

    assert [row for row in ask(f"{URL}?{given}")["results"] if row["ref"] == ref] == [expected]
    assert ask(f"{URL}{ref}/?{given}") == expected


def test_fields_stay_the_same_on_all_pages(ask):
    AgreementFactory.create_batch(5)

    pages = walk(ask, "next", URL, fields="ref", per_page=2)
    body = ask(URL, fields="ref", per_page=2)

    assert [len(page) for page in pages] == [2, 2, 1]
    assert "fields=ref" in body["next"]
    assert "per_page=2" in body["next"]
    assert [row.keys() for row in ask(body["next"])["results"]] == [{"ref"}] * 2


# What it refuses


@pytest.mark.parametrize(
    ("query", "problems"),
    [
        ("status=nonsense", {"status": "“nonsense” is not a known value."}),
        ("party=99999999999999999999999", {"party": "There is no entry named"}),
        ("sattus=in_force", {"sattus": "There is no such parameter. Did you mean “status”?"}),
        ("curser=x", {"curser": "There is no such parameter. Did you mean “cursor”?"}),
        ("excel=1", {"excel": "There is no such parameter."}),
        ("format=json", {"format": "There is no such parameter."}),
        ("status=x&kind=y&colour=red", {"status": "", "kind": "", "colour": ""}),
        ("per_page=1001", {"per_page": "Ensure this value is less than or equal to 1000."}),
        ("per_page=x", {"per_page": "Enter a whole number."}),
        ("fields=ref,titel", {"fields": "“titel” is not a known value. Did you mean “title”?"}),
        ("fields=internal_notes", {"fields": "“internal_notes” is not a known value."}),
        ("per_pages=5", {"per_pages": "There is no such parameter. Did you mean “per_page”?"}),
        ("feilds=ref", {"feilds": "There is no such parameter. Did you mean “fields”?"}),
        ("page=0", {"page": ""}),
        ("q=%00", {"q": ""}),
        ("as_of=2024-01-01&as_of=2025-01-01", {"as_of": "This was given more than once"}),
    ],
)
def test_what_is_not_understood_is_refused_and_named(ask, query, problems):
    AgreementFactory()

    body = ask(f"{URL}?{query}", 400)

    told = {problem["parameter"]: problem["message"] for problem in body["problems"]}
    assert told.keys() == problems.keys()
    assert all(told[name].startswith(start) for name, start in problems.items())
    assert body["detail"]


def test_tracking_parameters_are_ignored(ask):
    AgreementFactory()

    assert ask(utm_source="newsletter", gclid=1)["count"] == 1


# What it costs


def test_number_of_queries_does_not_depend_on_the_rows(
    client, django_assert_num_queries, whole_agreement
):
    with django_assert_num_queries(15 + COLUMNS):
        client.get(URL)
    parties, areas = [PartyFactory(parent=PartyFactory(state=True))], [AreaFactory()]
    for _n in range(99):
        EvidenceFactory(agreement=AgreementFactory(parties=parties, areas=areas, signed="2020"))

    with django_assert_num_queries(15 + COLUMNS):
        assert len(client.get(URL, {"per_page": 100}).json()["results"]) == 100


def test_one_agreement_costs_what_a_page_does(client, django_assert_num_queries, whole_agreement):
    with django_assert_num_queries(14):
        client.get(f"{URL}{whole_agreement.ref}/")
