"""Every URL of the admin is for staff only, and only for those with the right to it."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import URLPattern, URLResolver, reverse

from agreements import models

pytestmark = pytest.mark.django_db
# Logging in and out, and the translations for scripts, which every browser may have.
OPEN_TO_ALL = {
    "login",
    "login_code",
    "login_set_up",
    "logout",
    "jsi18n",
    "password_reset",
    "password_reset_confirm",
    "password_reset_done",
    "sign_on",
    "sign_on_back",
}


def admin_addresses() -> Iterator[str]:
    for name, arguments in _named(admin.site.urls[0]):
        if name not in OPEN_TO_ALL:
            yield reverse(f"admin:{name}", args=arguments)


def _named(patterns: list[Any]) -> Iterator[tuple[str, list[str]]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _named(pattern.url_patterns)
        elif isinstance(pattern, URLPattern) and pattern.name:
            wanted = pattern.pattern.regex.groups or len(pattern.pattern.converters)
            yield pattern.name, (["agreements"] if pattern.name == "app_list" else ["1"]) * wanted


def test_there_are_addresses_to_sweep() -> None:
    addresses = list(admin_addresses())

    assert len(addresses) > 60
    assert reverse("admin:agreements_party_choices") in addresses
    assert reverse("admin:agreements_agreement_change", args=["1"]) in addresses


@pytest.mark.parametrize("name", ["status", "kind__exact", "q", "a%00b"])
def test_null_in_an_address_is_refused_with_a_page_that_says_so(
    admin_client: Client, name: str
) -> None:
    address = reverse("admin:agreements_agreement_changelist")

    response = admin_client.get(f"{address}?{name}=a%00")

    assert response.status_code == 400
    assert "It contains a null character" in response.content.decode()
    assert f'href="{address}"' in response.content.decode()


@pytest.mark.parametrize(
    ("view", "model", "field"),
    [
        ("agreement_people", "participation", "party"),
        ("agreement_people", "evidence", "source"),
        ("party_choices", "evidence", "source"),
        ("party_choices", "agreement", "responsible"),
    ],
)
def test_choices_of_one_kind_are_not_asked_for_those_of_another(
    admin_client: Client, view: str, model: str, field: str
) -> None:
    asked = {"app_label": "agreements", "model_name": model, "field_name": field, "term": "x"}

    response = admin_client.get(reverse(f"admin:agreements_{view}"), asked)

    assert response.status_code == 403


@pytest.mark.parametrize("who", ["anonymous", "not staff"])
def test_nobody_but_staff_gets_in(client: Client, django_user_model: Any, who: str) -> None:
    if who == "not staff":
        client.force_login(django_user_model.objects.create_user("somebody"))

    let_in = [
        address
        for address in admin_addresses()
        for response in (client.get(address), client.post(address))
        if response.status_code != 302 or not response["Location"].startswith("/admin/login/")
    ]

    assert let_in == []


def test_staff_without_rights_see_no_record(client: Client, django_user_model: Any) -> None:
    client.force_login(django_user_model.objects.create_user("newcomer", is_staff=True))

    for model in REGISTERED:
        for page in ("changelist", "add"):
            address = reverse(f"admin:agreements_{model._meta.model_name}_{page}")
            assert client.get(address).status_code == 403, address


REGISTERED = (
    models.Agreement,
    models.Area,
    models.Commitment,
    models.Document,
    models.Erasure,
    models.Event,
    models.Evidence,
    models.Import,
    models.ImportProfile,
    models.Party,
    models.PartyMerge,
    models.Person,
    models.PublishingRun,
    models.Signatory,
    models.Source,
)


def test_every_model_has_a_screen_or_a_place_on_one() -> None:
    screens = {model for model in admin.site._registry if model._meta.app_label == "agreements"}
    on_a_page = {
        inline.model for model in screens for inline in admin.site._registry[model].inlines
    }
    kept_by_the_register_itself = {
        models.CalendarAddress,
        models.Change,
        models.DocumentVersion,
        models.Follow,
        models.FormerAreaSlug,
        models.FormerPartySlug,
        models.FormerPersonSlug,
        models.ImportedAddition,
        models.ImportedRecord,
        models.InitialPassword,
        models.LikelyDuplicate,
        models.PartyComparison,
        models.DocumentText,
        models.PublishingItem,
        models.LinkCheck,
        models.MergedRow,
        models.OutgoingMail,
        models.Proposal,
        models.ProviderAccount,
        models.PublicationStep,
        models.Reminder,
        models.ReminderRun,
        models.ReviewMailsOff,
        models.Removal,
        models.RevisionShard,
        models.SearchEntry,
        models.SearchWord,
        models.SeededRecord,
        models.Sighting,
        models.StaffSession,
        models.Tombstone,
        models.TouchedAgreement,
    }
    named = [getattr(models, name) for name in models.__all__]

    assert screens == set(REGISTERED)
    assert screens | on_a_page | kept_by_the_register_itself == {
        model for model in named if isinstance(model, type)
    }


def test_front_page_leads_to_every_screen_and_to_the_accounts(admin_client: Client) -> None:
    page = admin_client.get(reverse("admin:index")).content.decode()

    assert "MoU Tracker" in page
    for model in REGISTERED:
        assert reverse(f"admin:agreements_{model._meta.model_name}_changelist") in page
    assert reverse("admin:auth_user_changelist") in page
    assert reverse("admin:auth_group_changelist") in page
    assert '<a href="/">View site</a>' in page
