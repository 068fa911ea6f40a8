"""Areas, sources and what is followed up across agreements: each list works, whatever its rows hold."""

from typing import Any

import pytest
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

pytestmark = pytest.mark.django_db


def url(model: str, page: str = "changelist", *args: Any) -> str:
    return reverse(f"admin:agreements_{model}_{page}", args=args)


def listed(client: Client, model: str, **query: str) -> list[str]:
    return [str(row) for row in client.get(url(model), query).context["cl"].result_list]


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


@pytest.mark.parametrize("typed", ["azernews", "memorandum", "216367", "ashirov"])
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
