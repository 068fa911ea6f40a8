"""Logged-in staff see "Edit" and "Follow" on public pages, by their rights; visitors' pages stay the same for everybody."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from agreements.domain.permissions import StaffRole
from agreements.models import Agreement, Follow
from tests.colleagues import colleague
from tests.factories import (
    AgreementFactory,
    AreaFactory,
    PartyFactory,
    PersonFactory,
    SignatoryFactory,
)

# Nothing read within a transaction is cached.
pytestmark = pytest.mark.django_db(transaction=True)
PAGES = {
    "agreement": "/agreements/AGR-0001/",
    "party": "/parties/state/",
    "area": "/areas/field/",
    "person": "/people/minister/",
}


@pytest.fixture(autouse=True)
def agreement() -> Any:
    cache.clear()
    party, area = PartyFactory(slug="state"), AreaFactory(slug="field")
    made = AgreementFactory(ref="AGR-0001", signed="2020", parties=[party], areas=[area])
    SignatoryFactory(agreement=made, party=party, person=PersonFactory(slug="minister"))
    yield made
    cache.clear()


def staff_part(client: Client, path: str) -> str:
    found = re.search(r'<div class="staff-links".*?</div>', client.get(path).content.decode(), re.S)
    return found[0] if found else ""


@pytest.mark.parametrize(
    ("role", "edited", "followed"),
    [
        (StaffRole.READER, set(), {"agreement", "party", "area"}),
        (StaffRole.EDITOR, {"agreement", "party", "person"}, {"agreement", "party", "area"}),
        (StaffRole.ADMINISTRATOR, set(PAGES), {"agreement", "party", "area"}),
        (None, set(), set()),
    ],
)
def test_each_role_is_offered_what_it_may_do(
    client: Client, role: StaffRole | None, edited: set[str], followed: set[str]
) -> None:
    someone = colleague(role) if role else User.objects.create_user("none", is_staff=True)
    client.force_login(someone)

    parts = {name: staff_part(client, path) for name, path in PAGES.items()}

    assert {name for name, part in parts.items() if ">Edit<" in part} == edited
    assert {name for name, part in parts.items() if ">Follow<" in part} == followed


def test_visitors_never_get_the_page_of_a_colleague(client: Client) -> None:
    editor, visitor = Client(), client
    editor.force_login(colleague(StaffRole.EDITOR))

    for path in PAGES.values():
        theirs = editor.get(path)
        assert theirs["Cache-Control"] == "private, no-cache"
        assert "Cookie" in theirs["Vary"]
        assert "ETag" not in theirs
        for page in (visitor.get(path), visitor.get(path)):
            assert "staff-links" not in page.content.decode()
            assert "Cookie" not in page.get("Vary", "")
            assert page["Cache-Control"] == "public, no-cache"
        assert staff_part(editor, path)


def test_somebody_elses_session_shows_nothing(client: Client) -> None:
    client.force_login(User.objects.create_user("member"))
    assert staff_part(client, PAGES["agreement"]) == ""

    client.cookies["sessionid"] = "made-up"
    assert staff_part(client, PAGES["agreement"]) == ""


def test_following_from_a_page_and_stopping(client: Client, agreement: Agreement) -> None:
    client.force_login(colleague(StaffRole.EDITOR))

    client.post(reverse("admin:follow_agreement", args=[agreement.pk]))
    part = staff_part(client, PAGES["agreement"])
    [pasted] = re.findall(r'name="pasted" value="([^"]*)"', staff_part(client, PAGES["party"]))
    client.post(reverse("admin:following"), {"pasted": pasted})

    assert "Stop following" in part
    assert {(follow.agreement, follow.query) for follow in Follow.objects.all()} == {
        (agreement, ""),
        (None, "party=state"),
    }
