"""The page that erases a name: who may open it, what it shows first, and that it asks for the password."""

import logging
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse

from agreements.admin import erasures
from agreements.domain.permissions import StaffRole
from agreements.models import Agreement, Document, Erasure
from tests.colleagues import colleague
from tests.factories import AgreementFactory, DocumentFactory

pytestmark = pytest.mark.django_db

URL = reverse("admin:agreements_erasure_erase")
LIST = reverse("admin:agreements_erasure_changelist")
NAME = "Zübeydə Quluzadə"
PASSWORD = "correct horse battery"
ASKED = {"spellings": NAME, "replacement": "[name erased]", "reason": "Request 7"}


@pytest.fixture
def administrator(client: Client) -> Client:
    client.force_login(
        colleague(StaffRole.ADMINISTRATOR, username="administrator", password=PASSWORD)
    )
    return client


def previewed(client: Client, **more: str) -> dict[str, str]:
    """Ask for the places and return what the form would send to erase the name."""
    page = client.post(URL, {**ASKED, **more, "preview": "1"})
    return {
        **ASKED,
        **more,
        "previewed": page.context["seal"],
        "current_password": PASSWORD,
        "erase": "1",
    }


@pytest.mark.parametrize("role", [StaffRole.READER, StaffRole.EDITOR, StaffRole.PUBLISHER])
def test_only_administrators_may(client: Client, role: StaffRole) -> None:
    client.force_login(colleague(role, password=PASSWORD))
    AgreementFactory(title=f"Letter of {NAME}")

    assert client.get(URL).status_code == 403
    assert client.get(LIST).status_code == 403
    assert (
        client.post(URL, {**ASKED, "erase": "1", "current_password": PASSWORD}).status_code == 403
    )
    assert NAME in Agreement.objects.get().title


def test_superuser_may(client: Client) -> None:
    client.force_login(User.objects.create_superuser("root"))

    assert client.get(URL).status_code == 200


def test_places_are_shown_before_and_after_and_nothing_is_written(administrator: Client) -> None:
    agreement = AgreementFactory(ref="AGR-0007", title=f"Letter of {NAME} to <b>")

    page = administrator.post(URL, {**ASKED, "preview": "1"})

    text = page.content.decode()
    assert "Agreement AGR-0007" in text
    assert f"Letter of {NAME} to &lt;b&gt;" in text
    assert "Letter of [name erased] to &lt;b&gt;" in text
    assert 'name="current_password"' in text
    assert page["Cache-Control"].startswith("max-age=0")
    agreement.refresh_from_db()
    assert NAME in agreement.title
    assert not Erasure.objects.exists()


def test_name_is_erased_with_the_password(
    administrator: Client, caplog: pytest.LogCaptureFixture
) -> None:
    AgreementFactory(title=f"Letter of {NAME}")
    sent = previewed(administrator)

    with caplog.at_level(logging.INFO):
        response = administrator.post(URL, sent, follow=True)

    done = Erasure.objects.get()
    text = response.content.decode()
    assert Agreement.objects.get().title == "Letter of [name erased]"
    assert (done.by.username, done.reason) == ("administrator", "Request 7")  # type: ignore[union-attr]
    assert response.redirect_chain[0][0] == reverse(
        "admin:agreements_erasure_change", args=[done.pk]
    )
    assert "The name was erased in" in text
    assert "agreements.Agreement.title: 1" in text
    assert '"name_erased"' in caplog.text
    assert NAME not in text
    assert NAME not in caplog.text
    assert not any(NAME in str(entry) for entry in LogEntry.objects.values_list())
    assert administrator.get(LIST).status_code == 200


@pytest.mark.parametrize("given", [{}, {"current_password": "wrong"}], ids=["none", "wrong"])
def test_without_the_password_nothing_is_erased_and_what_was_typed_stays(
    administrator: Client, given: dict[str, str]
) -> None:
    AgreementFactory(title=f"Letter of {NAME}")
    sent = previewed(administrator)
    del sent["current_password"]

    response = administrator.post(URL, {**sent, **given})

    text = response.content.decode()
    assert "errorlist" in text
    assert "Request 7" in text
    assert f"Letter of {NAME}" in text
    assert NAME in Agreement.objects.get().title


def test_name_that_was_not_previewed_is_shown_first(administrator: Client) -> None:
    AgreementFactory(title=f"Letter of {NAME}")
    AgreementFactory(title="Letter of Somebody")
    sent = previewed(administrator)

    response = administrator.post(URL, {**sent, "spellings": "Somebody"})

    assert "is not the one whose places you saw" in response.content.decode()
    assert Agreement.objects.filter(title="Letter of Somebody").exists()


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ({"spellings": " "}, "This field is required."),
        ({"spellings": "Ab"}, "at least three letters"),
        ({"replacement": f"not {NAME}"}, "contains the name itself"),
        ({"reason": f"Asked by {NAME}"}, "contains the name itself"),
        ({"spellings": "x" * 10_000}, "at most"),
        ({"spellings": "Zu\0"}, "Null characters"),
    ],
)
def test_refused_form_says_why_and_keeps_what_was_typed(
    administrator: Client, typed: dict[str, str], why: str
) -> None:
    for sent in (
        {**ASKED, **typed, "preview": "1"},
        {**ASKED, **typed, "erase": "1", "current_password": PASSWORD},
    ):
        response = administrator.post(URL, sent)

        assert response.status_code == 200
        assert why in response.content.decode()
        assert sent["replacement"] in response.content.decode()


def test_chosen_documents_are_removed(
    administrator: Client, django_capture_on_commit_callbacks: Any
) -> None:
    agreement = AgreementFactory(title=f"Letter of {NAME}")
    document = DocumentFactory(
        agreement=agreement, address="", file=ContentFile(NAME.encode(), name="a.txt")
    )
    page = administrator.post(URL, {**ASKED, "preview": "1"})
    [listed] = page.context["found"].documents
    sent = previewed(administrator)

    with django_capture_on_commit_callbacks(execute=True):
        administrator.post(URL, {**sent, "remove": [str(listed.version), "9" * 30, "x"]})

    assert f'value="{listed.version}"' in page.content.decode()
    assert not Document.objects.filter(pk=document.pk).exists()
    assert Erasure.objects.get().documents_removed == 1


def test_too_large_register_is_left_to_the_command(
    administrator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasures, "MOST_ROWS", -1)

    for response in (administrator.get(URL), administrator.post(URL, {**ASKED, "erase": "1"})):
        assert "manage.py erase_person" in response.content.decode()
    assert not Erasure.objects.exists()
