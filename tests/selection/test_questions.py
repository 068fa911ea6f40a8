"""Every question in docs/questions.md can be asked, and has the answer that plain Python finds in the same records."""

import csv
import json
import re
from collections import Counter
from itertools import combinations
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.http import QueryDict

from agreements.models import Agreement
from tests.factories import (
    AgreementFactory,
    AreaFactory,
    CommitmentFactory,
    DocumentFactory,
    EvidenceFactory,
    IdentifierFactory,
    ParticipationFactory,
    PartyFactory,
    RelationFactory,
    SignatoryFactory,
    SourceFactory,
)
from tests.selection.by_hand import TODAY, Facts, in_order, selected

DOCUMENT = Path(__file__).parents[2] / "docs" / "questions.md"
URLS = re.findall(r"\| `(/[^`]+)` \|", DOCUMENT.read_text(encoding="utf-8"))
LISTS = [url for url in URLS if url.startswith("/agreements/")]
FILES = [url for url in URLS if url.startswith("/statistics/")]


@pytest.fixture(scope="module")
def _noon():
    with time_machine.travel(f"{TODAY}T12:00:00+04:00", tick=False):
        yield


@pytest.fixture
def register(db, _noon):
    """Agreements among which every question finds some, but not all."""
    states = {
        code: PartyFactory(country=code, name=code, state=True)
        for code in ("FR", "DE", "GB", "IS", "TR", "UZ")
    }
    union = PartyFactory(country="EU", name="Union", binds_members=True)
    social, health = (AreaFactory(slug=slug) for slug in ("social-security-pensions", "health"))
    labour = AreaFactory(slug="labour")
    migration = AreaFactory(slug="labour-migration", parent=labour)

    def made(codes, areas=(), **facts):
        return AgreementFactory(
            parties=[states[code] for code in codes], areas=list(areas), **facts
        )

    made(
        ["FR", "DE"],
        [social],
        signed="1955-03-01",
        in_force="1956",
        title="Pensions",
        kind="convention",
    )
    made(
        ["FR", "DE", "GB"],
        [social, labour],
        signed="1958",
        in_force="1950-05-05",
        terminated="1964-02-01",
    )
    made(
        ["GB", "IS"],
        [labour, health],
        signed="1930-04-05",
        in_force="1931",
        place="Lisbon, Portugal",
    )
    made(
        ["DE", "GB"],
        [migration],
        signed="1935",
        in_force="1936-01-01",
        subject="EXTRADITION",
        kind="treaty",
    )
    made(
        ["TR", "UZ"],
        signed="2024-05-05",
        term_kind="automatic_renewal",
        in_force="2024-06-01",
        term_months=12,
    )
    made(["TR", "FR"], signed="2025", term_kind="fixed", in_force="2026-01-01", term_months=12)
    made(["IS"], stage="concluded", title="A widow's pension")
    made(["GB", "IS"], signed="1950-02", in_force="1950")
    ParticipationFactory(agreement=AgreementFactory(signed="2001"), party=union)

    whole = made(["UZ", "GB"], signed="2023-08")
    SignatoryFactory(agreement=whole, name="Sahil Babayev")
    IdentifierFactory(agreement=whole, scheme="un-registration", value="4711")
    DocumentFactory(agreement=whole)
    CommitmentFactory(agreement=whole)
    RelationFactory(agreement=whole, target=made(["FR", "UZ"], signed="2022"))
    azernews = SourceFactory(publisher="Azernews")
    for basis in ("stated", "inferred", "contradicted"):
        EvidenceFactory(
            agreement=whole,
            source=azernews,
            basis=basis,
            fact={"stated": "title", "inferred": "kind"}.get(basis, "signed"),
        )
    AgreementFactory(
        draft=True, parties=list(states.values()), areas=[labour, health], signed="1950"
    )
    return [Facts.of(agreement) for agreement in Agreement.objects.published()]


@pytest.mark.parametrize("url", LISTS)
def test_question_has_the_same_answer_everywhere(client, register, url):
    query = urlsplit(url).query
    asked = QueryDict(query, mutable=True)
    day = client.get(url).context["selection"].as_of
    sort = asked.get("sort", "relevance" if "q" in asked else "-signed")

    found = [
        facts.agreement.ref for facts in in_order(selected(register, asked, day), asked, sort, day)
    ]

    assert found
    assert "sort" in asked or len(found) < len(register)
    page = client.get(url)
    assert [row.ref for row in page.context["agreements"]] == found
    assert page.context["result_count"] == len(found)
    api = client.get(f"/api/v1/agreements/?{query}").json()
    assert [row["ref"] for row in api["results"]] == found
    document = json.loads(client.get(f"/agreements.json?{query}").getvalue())
    assert [row["ref"] for row in document["agreements"]] == found


@pytest.mark.parametrize("url", FILES)
def test_file_of_counts_is_what_plain_python_counts(client, register, url):
    name = Path(urlsplit(url).path).stem
    asked = parse_qs(urlsplit(url).query)
    [country] = asked.get("country", [""])
    lines = list(csv.DictReader(client.get(url).content.decode().splitlines()))
    among = [facts for facts in register if not country or country in countries(facts)]

    assert lines
    assert COUNTED[name](lines, among, country)


def countries(facts):
    return {taking.country for taking in facts.takings} - {""}


def _stock(lines, among, _country):
    def standing(line):
        day = type(TODAY).fromisoformat(line["day"])
        return Counter(facts.status(day) for facts in among)

    codes = ("in_force", "signed", "undetermined")
    return all(int(line[code]) == standing(line)[code] for line in lines for code in codes)


def _countries(lines, among, _country):
    counted = Counter(code for facts in among for code in countries(facts))
    return {line["code"]: int(line["agreements"]) for line in lines} == counted


def _pairs(lines, among, _country):
    pairs = (frozenset(pair) for facts in among for pair in combinations(countries(facts), 2))
    told = {
        frozenset((line["country"], line["other_country"])): int(line["agreements"])
        for line in lines
    }
    return told == Counter(pairs)


def _areas_and_countries(lines, among, _country):
    counted = Counter(
        (area, code) for facts in among for area in facts.areas for code in countries(facts)
    )
    return {(line["area"], line["country"]): int(line["agreements"]) for line in lines} == counted


def _days(first, last):
    exact = [each for each in (first, last) if each and each.earliest == each.latest]
    return (
        [(last.earliest - first.earliest).days]
        if len(exact) == 2 and first.earliest <= last.earliest
        else []
    )


def _waits(lines, among, _country):
    days = [n for facts in among for n in _days(facts.agreement.signed, facts.agreement.in_force)]
    return sum(int(line["agreements"]) for line in lines) == len(days)


def _lifetimes(lines, among, _country):
    ended = [
        (facts.agreement.in_force, facts.agreement.terminated or facts.agreement.expires)
        for facts in among
    ]
    return sum(int(line["agreements"]) for line in lines) == sum(
        len(_days(*each)) for each in ended
    )


COUNTED = {
    "in-force": _stock,
    "countries": _countries,
    "country-pairs": _pairs,
    "areas-countries": _areas_and_countries,
    "to-entry-into-force": _waits,
    "lifetimes": _lifetimes,
}
