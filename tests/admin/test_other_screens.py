"""The screens of areas, sources and rows of all agreements: each list works, whatever its rows contain."""

import json
from itertools import combinations
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agreements.models import Area, Document, Source
from tests.factories import (
    AgreementFactory,
    AreaFactory,
    CommitmentFactory,
    DocumentFactory,
    EventFactory,
    EvidenceFactory,
    PartyFactory,
    SignatoryFactory,
    SourceFactory,
)
from tests.forms import filled_in

pytestmark = pytest.mark.django_db


def url(model: str, page: str = "changelist", *args: Any) -> str:
    return reverse(f"admin:agreements_{model}_{page}", args=args)


def listed(client: Client, model: str, **query: str) -> list[str]:
    return [str(row) for row in client.get(url(model), query).context["cl"].result_list]


def test_no_part_of_a_screen_takes_the_private_name_of_another() -> None:
    screens = [type(screen) for screen in admin.site._registry.values()]
    parts = {
        screen: [part for part in screen.__mro__ if part.__module__.startswith("agreements.admin")]
        for screen in screens
    }
    taken = {
        (one.__name__, other.__name__, name)
        for screen in screens
        for one, other in combinations(parts[screen], 2)
        if not issubclass(one, other)
        for name in vars(one).keys() & vars(other).keys()
        if name.startswith("_") and not name.startswith("__")
    }

    assert len(parts[screens[0]]) >= 2
    assert taken == set()


def test_areas_are_listed_as_a_tree(admin_client: Client) -> None:
    labour = AreaFactory(name="Labour", position=1)
    health = AreaFactory(name="Health", position=2)
    AreaFactory(name="Hospitals", parent=health, position=0)
    migration = AreaFactory(name="Migration", parent=labour, position=9)
    AreaFactory(name="Seasonal work", parent=migration)

    page = admin_client.get(url("area"))

    assert [(area.name, area.depth) for area in page.context["cl"].result_list] == [
        ("Labour", 0),
        ("Migration", 1),
        ("Seasonal work", 2),
        ("Health", 0),
        ("Hospitals", 1),
    ]


def test_searched_areas_are_listed_without_their_parents(admin_client: Client) -> None:
    AreaFactory(name="Migration", parent=AreaFactory(name="Labour"))

    assert listed(admin_client, "area", q="migra") == ["Migration"]


def test_area_that_agreements_carry_is_not_deleted(admin_client: Client) -> None:
    area = AreaFactory(name="Labour", slug="labour")
    AgreementFactory.create_batch(2, areas=[area])
    page = reverse("admin:agreements_area_delete", args=[area.pk])

    asked = admin_client.get(page)
    admin_client.post(page, {"post": "yes", f"edit_token-{area.pk}": area.edit_token})
    admin_client.post(
        url("area"),
        {
            "action": "delete_selected",
            "_selected_action": area.pk,
            "post": "yes",
            f"edit_token-{area.pk}": area.edit_token,
        },
    )

    told = asked.content.decode()
    assert "2 agreements are in the area “Labour”" in told
    assert f"{url('agreement')}?area=labour" in told
    assert "Remove it there first" in told
    assert area.agreements.count() == 2


def test_area_that_no_agreement_carries_is_deleted(admin_client: Client) -> None:
    area = AreaFactory()
    page = reverse("admin:agreements_area_delete", args=[area.pk])

    admin_client.post(page, filled_in(admin_client.get(page), "post"))

    assert not Area.objects.exists()


def test_area_is_entered(admin_client: Client) -> None:
    parent = AreaFactory()

    admin_client.post(
        url("area", "add"), {"name": "Ports", "slug": "ports", "parent": parent.pk, "position": 3}
    )

    assert Area.objects.get(slug="ports").parent == parent


def test_source_is_entered_with_no_more_than_its_address(admin_client: Client) -> None:
    response = admin_client.post(
        url("source", "add"),
        {"url": "news.example/article", "publisher": "The Daily", "published": "May 2022"},
    )

    source = Source.objects.get()
    assert response.status_code == 302
    assert source.url == "https://news.example/article"
    assert (str(source.published), source.slug) == ("2022-05", "the-daily-2022-05")


@pytest.mark.parametrize(
    ("typed", "is_taken"),
    [
        ("https://news.example/a?id=1&utm_source=mail&utm_medium=x", False),
        ("https://news.example/a?fbclid=abc&id=1", False),
        ("https://NEWS.example/a?id=1&gclid=abc#third-paragraph", False),
        ("https://news.example/a?id=2", True),
        ("https://news.example/a", True),
        ("https://news.example/a?id=1#/records/5", True),
        ("https://news.example/ab?id=1", True),
    ],
)
def test_address_that_leads_to_a_known_page_is_refused(
    admin_client: Client, typed: str, is_taken: bool
) -> None:
    known = SourceFactory(url="https://news.example/a?id=1")

    response = admin_client.post(url("source", "add"), {"url": typed, "publisher": "The Daily"})

    assert Source.objects.count() == (2 if is_taken else 1)
    if not is_taken:
        sentence, _offer = response.context["adminform"].form.errors["url"]
        assert f"“{known}” ({known.url})" in sentence


@pytest.mark.parametrize("typed", ["https://news.example/a", "https://news.example/a?utm_source=x"])
def test_popup_for_a_source_that_is_there_offers_to_choose_it(
    admin_client: Client, typed: str
) -> None:
    known = SourceFactory(url="https://news.example/a", title="Ministers sign")
    form = {"url": typed, "publisher": "The Daily", "_popup": "1"}

    page = admin_client.post(url("source", "add"), form).content.decode()

    chosen = reverse("admin:agreements_source_chosen", args=[known.pk])
    # in the list of errors and next to the field
    assert page.count(f'<a href="{chosen}">Choose it</a>') == 2
    assert "Choose that one: search for its title, publisher or URL." in page
    answer = admin_client.get(chosen)
    assert json.loads(answer.context["popup_response_data"]) == {
        "value": str(known.pk),
        "obj": str(known),
    }
    assert "admin/js/popup_response.js" in answer.content.decode()


def test_page_for_a_source_that_is_there_leads_to_it(admin_client: Client) -> None:
    known = SourceFactory(url="https://news.example/a")

    page = admin_client.post(
        url("source", "add"), {"url": known.url, "publisher": "The Daily"}
    ).content.decode()

    assert f'<a href="{url("source", "change", known.pk)}">Open it</a>' in page


def test_source_is_chosen_by_who_may_see_sources(client: Client, django_user_model: Any) -> None:
    client.force_login(django_user_model.objects.create_user("newcomer", is_staff=True))
    chosen = reverse("admin:agreements_source_chosen", args=[SourceFactory().pk])

    assert client.get(chosen).status_code == 403


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({"title": "Ministers sign"}, "Daily, May 2022: Ministers sign"),
        ({"title": "", "url": "https://www.daily.example/a/"}, "Daily, May 2022: daily.example/a"),
        ({"title": "Ministers sign", "published": None}, "Daily: Ministers sign"),
    ],
    ids=["title", "no title", "no date"],
)
def test_source_is_chosen_by_its_publisher_date_and_title(
    admin_client: Client, fields: dict[str, Any], shown: str
) -> None:
    source = SourceFactory(**{"publisher": "Daily", "published": "2022-05", **fields})
    evidence = EvidenceFactory(source=source)
    asked = {"app_label": "agreements", "model_name": "evidence", "field_name": "source"}

    [found] = admin_client.get(reverse("admin:autocomplete"), {**asked, "term": "daily"}).json()[
        "results"
    ]
    page = admin_client.get(url("agreement", "change", evidence.agreement_id)).content.decode()

    assert found["text"] == shown
    assert f'<option value="{source.pk}" selected>{shown}</option>' in page


@pytest.mark.parametrize(
    ("term", "found"),
    [
        ("october 2023", ["On the day"]),
        ("2023-10-20", ["On the day"]),
        ("2023", ["On the day", "2023"]),
    ],
)
def test_source_is_found_by_the_date_that_its_choice_shows(
    admin_client: Client, term: str, found: list[str]
) -> None:
    SourceFactory(title="On the day", published="2023-10-20")
    SourceFactory(title="2023", published="2022")
    asked = {"app_label": "agreements", "model_name": "evidence", "field_name": "source"}

    results = admin_client.get(reverse("admin:autocomplete"), {**asked, "term": term}).json()[
        "results"
    ]

    titles = {Source.objects.get(pk=result["id"]).title for result in results}
    assert titles == set(found)


def test_source_that_was_known_twice_before_can_still_be_changed(admin_client: Client) -> None:
    SourceFactory(url="https://news.example/a")
    twin = SourceFactory(url="https://news.example/a#end", publisher="Before")
    form = {"url": twin.url, "publisher": "After", "slug": twin.slug, "edit_token": twin.edit_token}

    admin_client.post(url("source", "change", twin.pk), form)

    twin.refresh_from_db()
    assert twin.publisher == "After"


@pytest.mark.parametrize(
    "typed",
    [
        "azernews",
        "memorandum",
        "216367",
        "ashirov",
        "HTTP://www.azernews.az/business/216367.html?utm_source=mail#top",
    ],
)
def test_sources_are_found_by(admin_client: Client, typed: str) -> None:
    SourceFactory(
        publisher="Azernews",
        title="Memorandum signed",
        author="Qabil Ashirov",
        url="https://www.azernews.az/business/216367.html",
    )
    SourceFactory(publisher="The Daily")

    assert len(listed(admin_client, "source", q=typed)) == 1


def test_sources_count_the_facts_that_rest_on_them(admin_client: Client) -> None:
    source = SourceFactory()
    EvidenceFactory(source=source)
    EvidenceFactory(source=source)

    row = admin_client.get(url("source")).context["cl"].result_list[0]

    assert row.fact_count == 2


ROWS = {
    "commitment": lambda: CommitmentFactory(party=PartyFactory(), due="2024"),
    "document": lambda: DocumentFactory(uploaded=True),
    "event": lambda: EventFactory(party=PartyFactory(), source=SourceFactory(), date="2023-08"),
    "evidence": EvidenceFactory,
    "signatory": lambda: SignatoryFactory(party=PartyFactory()),
    "source": SourceFactory,
}


@pytest.mark.parametrize("model", ROWS)
def test_list_costs_the_same_for_many_rows(admin_client: Client, model: str) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert admin_client.get(url(model)).status_code == 200
        return len(captured)

    ROWS[model]()
    with_one = queries()
    for _row in range(10):
        ROWS[model]()

    assert queries() == with_one


@pytest.mark.parametrize("model", ROWS)
def test_row_is_opened_and_saved_unchanged(admin_client: Client, model: str) -> None:
    row = ROWS[model]()
    page = admin_client.get(url(model, "change", row.pk))
    form = page.context["adminform"].form
    typed = {name: form[name].value() for name in form.fields}
    sent = {name: value for name, value in typed.items() if value is not None and name != "file"}
    sent["why"] = "Looked at again"

    response = admin_client.post(url(model, "change", row.pk), sent)

    stored = type(row).objects.get(pk=row.pk)
    assert response.status_code == 302, response.context["errors"]
    unchanged = [f.attname for f in row._meta.concrete_fields if f.name != "edit_token"]
    assert [getattr(stored, name) for name in unchanged] == [
        getattr(row, name) for name in unchanged
    ]


def test_document_is_seen_by_who_may_only_look(client: Client, django_user_model: Any) -> None:
    reader = django_user_model.objects.create_user("reader", is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_document"))
    client.force_login(reader)
    document = DocumentFactory(uploaded=True)

    page = client.get(url("document", "change", document.pk)).content.decode()

    assert f'<a href="{document.get_absolute_url()}">text.pdf</a>' in page
    assert document.file.name not in page
    assert document.sha256 in page


def test_document_elsewhere_has_no_download(admin_client: Client) -> None:
    document = DocumentFactory()

    page = admin_client.get(url("document")).content.decode()

    assert Document.objects.get() == document
    assert "/documents/" not in page


def test_agreement_is_found_where_another_names_it(admin_client: Client) -> None:
    sought = AgreementFactory(title="On labour")
    AgreementFactory(title="On health")
    asked = {"app_label": "agreements", "model_name": "relation", "field_name": "target"}

    found = admin_client.get(reverse("admin:autocomplete"), {**asked, "term": "labour"}).json()

    assert [result["id"] for result in found["results"]] == [str(sought.pk)]
