"""The search on the list page: matches are marked, typos corrected, and drafts not revealed."""

import pytest

from tests.factories import AgreementFactory, AreaFactory, PartyFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def get(client):
    def get(**query):
        response = client.get("/agreements/", query)
        assert response.status_code == 200
        return response

    return get


def titles(response) -> list[str]:
    return [agreement.title for agreement in response.context["agreements"]]


def test_matches_are_marked_in_title_and_summary(get):
    AgreementFactory(
        title="Şəki üzrə əməkdaşlıq", summary=f"{'Before. ' * 60}A park in Şəki. {'After. ' * 60}"
    )

    page = get(q="seki").content.decode()

    assert "<mark>Şəki</mark> üzrə əməkdaşlıq</bdi></a>" in page
    assert "A park in <mark>Şəki</mark>." in page
    assert page.count("Before.") < 20


def test_without_a_search_nothing_is_marked(get):
    AgreementFactory(title="Care", summary="Of the elderly")

    page = get().content.decode()

    assert "<mark>" not in page
    assert "Of the elderly" not in page


def test_hostile_title_is_escaped_around_its_marks(get):
    AgreementFactory(title="<script>alert(1)</script>", summary="<img src=x onerror=alert(2)>")

    page = get(q="alert").content.decode()

    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "&lt;script&gt;<mark>alert</mark>(1)" in page
    assert "onerror=<mark>alert</mark>(2)&gt;" in page


def test_best_match_comes_first_unless_another_order_is_asked_for(get):
    AgreementFactory(title="Homes", summary="care", signed="2024")
    AgreementFactory(title="Care", signed="2001")

    assert titles(get(q="care")) == ["Care", "Homes"]
    assert titles(get(q="care", sort="-signed")) == ["Homes", "Care"]
    assert get(q="care").context["selection"].canonical_query == "q=care"


def test_slip_is_corrected_in_a_link_that_keeps_the_other_filters(get):
    AgreementFactory(title="Rehabilitation", parties=[PartyFactory(country="UZ")])

    page = get(q="rehabilitaton", country="UZ", page="1").content.decode()

    assert "Did you mean" in page
    assert 'href="?q=rehabilitation&amp;country=UZ"' in page


@pytest.mark.parametrize(
    "query",
    [
        pytest.param({"q": "rehabilitation"}, id="found as it is"),
        pytest.param({"q": "uraniun"}, id="known from a draft alone"),
        pytest.param({"q": "rehabilitaton", "country": "JP"}, id="nothing there in that country"),
        pytest.param({"q": "rehabilitaton", "status": "nonsense"}, id="bad filter"),
        pytest.param({"status": "expired"}, id="no search"),
    ],
)
def test_no_suggestion(get, query):
    AgreementFactory(title="Rehabilitation", parties=[PartyFactory(country="UZ")])
    AgreementFactory(title="Uranium", draft=True)

    page = get(**query).content.decode()

    assert "did-you-mean" not in page


def test_suggestion_is_escaped(get):
    AgreementFactory(title="Rehabilitation")

    page = get(q="<b>rehabilitaton").content.decode()

    assert "<b>rehab" not in page


def test_form_asks_for_no_order_of_its_own(get):
    """If the form sent an order, it would count as chosen, and the best match would never come first."""
    AgreementFactory()

    form = get(q="x").context["selection"].form

    assert form["sort"].value() is None
    assert next(iter(form.fields["sort"].choices))[0] == ""


def test_search_costs_as_many_queries_for_many_rows(client, django_assert_num_queries):
    def ask():
        return client.get("/agreements/", {"q": "care homes", "per_page": 100})

    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    AgreementFactory(title="Care homes", areas=[AreaFactory()], parties=[PartyFactory()])
    with CaptureQueriesContext(connection) as one:
        ask()
    for _n in range(60):
        AgreementFactory(title="Care homes", areas=[AreaFactory()], parties=[PartyFactory()])

    with django_assert_num_queries(len(one)):
        assert len(titles(ask())) == 61


@pytest.mark.parametrize("query", ["-", '"', "?", "…", "😀", "\u200b"])
@pytest.mark.parametrize(
    "path",
    [
        "/agreements/",
        "/agreements.csv",
        "/agreements.atom",
        "/statistics/",
        *(
            f"/statistics/{table}.csv"
            for table in ("years", "statuses", "kinds", "areas", "countries")
        ),
        "/api/v1/agreements/",
    ],
)
def test_search_for_nothing_but_punctuation_is_answered(client, path, query):
    AgreementFactory(title="Care")

    assert client.get(path, {"q": query}).status_code == 200
