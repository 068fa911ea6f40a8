"""No page of the admin fails, whatever stands in its URL or is sent to it, and whatever files the record has."""

from typing import Any

import pytest
from django.contrib import admin
from django.core.files.base import ContentFile
from django.test import Client
from hypothesis import settings

from agreements.domain.choices import Publication
from agreements.domain.permissions import StaffRole
from agreements.models import Agreement, Area, Party
from tests.admin.sent import opened
from tests.admin.test_parties import party_form
from tests.admin.test_sweep import ROWS, SENT, TABLE, address_of, logged_in, register
from tests.factories import PDF_BYTES, DocumentFactory

__all__ = ["register"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("register")]

HOSTILE = {
    "missing": "",
    "text": "abc",
    "huge": "9" * 500,
    "foreign": "4711",
}
if settings.get_current_profile_name() != "quick":
    HOSTILE |= {"null": "1\x00", "negative": "-1", "list": "1,2", "markup": "“><☃"}
# What the admin, its filters and our own pages read from a query string.
READ = (
    "next", "q", "p", "o", "e", "_to_field", "_popup", "_changelist_filters", "all", "step", "follow_up", "missing", "mine", "due",
    "status", "ends", "country", "area", "publication__exact", "id__exact", "parent__id__exact", "source", "agreement",
    "party", "keys", "ids", "key", "title", "term", "app_label", "model_name", "field_name", "query", "from", "to", "base",
    "is_popup", "compare", "a", "b", "version", "token", "uid", "object_id",
)  # fmt: skip


def fields_of(name: str) -> set[str]:
    """The fields of the form on the add page of this URL's model, which Django also fills from the query string."""
    models = {model._meta.label_lower.replace(".", "_"): model for model in admin.site._registry}
    found = [model for label, model in models.items() if name.startswith(f"{label}_")]
    return {field.name for model in found for field in model._meta.get_fields()}


def failing(client: Client, method: str, values: dict[str, str]) -> dict[str, int]:
    """The admin's URLs that answer one of these requests with a fault, each with its status."""
    client.raise_request_exception = False
    send: Any = getattr(client, method)
    statuses = {
        f"{name} {what}": send(
            address_of(name), dict.fromkeys([*READ, *fields_of(name), *SENT], value)
        ).status_code
        for name in TABLE
        for what, value in values.items()
        if name not in {"logout"}
    }
    return {request: status for request, status in statuses.items() if status >= 500}


@pytest.mark.parametrize("value", HOSTILE.items(), ids=HOSTILE)
@pytest.mark.parametrize("method", ["get", "post"])
def test_no_value_makes_a_page_fail(method: str, value: tuple[str, str]) -> None:
    client = logged_in(StaffRole.ADMINISTRATOR)

    assert failing(client, method, dict([value])) == {}


@pytest.mark.parametrize("field", ["party", "agreement", "source", "parent", "target", "areas"])
def test_no_reference_in_the_url_of_an_add_page_makes_it_fail(field: str) -> None:
    client = logged_in(StaffRole.ADMINISTRATOR)
    client.raise_request_exception = False
    adds = [name for name in TABLE if name.endswith("_add")]

    statuses = {
        f"{name} {value}": client.get(address_of(name), {field: value}).status_code
        for name in adds
        for value in HOSTILE.values()
    }

    assert {request: status for request, status in statuses.items() if status >= 500} == {}


@pytest.mark.parametrize(
    "target", ["abc", "//evil.example", "https://evil.example/", "\x00", "http://["]
)
def test_a_strange_target_of_the_login_leads_to_the_staff_home(target: str) -> None:
    client = Client()
    login = {"username": "somebody", "password": "wrong", "next": target}
    logged_in(StaffRole.READER)

    assert client.get("/admin/login/", {"next": target}).status_code == 200
    assert client.post(f"/admin/login/?next={target}", login).status_code == 200


@pytest.mark.parametrize("publication", Publication)
@pytest.mark.parametrize("role", StaffRole)
def test_every_page_of_a_record_with_uploaded_files_opens(
    role: StaffRole, publication: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = logged_in(role)
    agreement = Agreement.objects.get()
    for is_public in (True, False):
        DocumentFactory(
            agreement=agreement,
            is_public=is_public,
            address="",
            file=ContentFile(PDF_BYTES, "signed.pdf"),
        )
    Agreement.objects.update(publication=publication)
    pages = [
        f"agreements_{model}_{page}"
        for model in ("agreement", *ROWS)
        for page in ("change", "changelist")
    ]

    statuses = {name: client.get(address_of(name)).status_code for name in pages}

    assert statuses == dict.fromkeys(pages, 200)


def test_a_public_party_without_its_name_and_slug_is_refused_in_words() -> None:
    client = logged_in(StaffRole.ADMINISTRATOR)
    Agreement.objects.update(publication=Publication.PUBLISHED)
    party = Party.objects.get()

    answer = client.post(
        f"/admin/agreements/party/{party.pk}/change/",
        party_form(name="", slug="", **opened(party)),
    )

    assert answer.status_code == 200
    # an empty slug is made of the name
    assert answer.context["adminform"].form.errors.keys() == {"name"}


def test_an_area_without_its_name_and_slug_is_refused_in_words() -> None:
    client = logged_in(StaffRole.ADMINISTRATOR)
    area = Area.objects.get()

    answer = client.post(
        f"/admin/agreements/area/{area.pk}/change/", {"name": "", "slug": "", **opened(area)}
    )

    assert answer.status_code == 200
    assert answer.context["adminform"].form.errors.keys() >= {"name", "slug"}
