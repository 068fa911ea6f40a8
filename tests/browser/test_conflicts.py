"""Two browsers edit one record: the second to save chooses between both edits, at any width, with and without scripts.

`open_page` fails a test whose pages log an error or violate the Content-Security-Policy.
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page, expect

from agreements.curation.history.past import entries_of
from agreements.curation.history.recording import recorded
from agreements.domain.permissions import StaffRole
from agreements.models import Agreement, Removal
from tests.browser.axe import Axe
from tests.colleagues import PASSWORD, colleague
from tests.conftest import OpenPage
from tests.factories import (
    AgreementFactory,
    AreaFactory,
    CommitmentFactory,
    DocumentFactory,
    EvidenceFactory,
    PartyFactory,
    SignatoryFactory,
    SourceFactory,
)

LONG_WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"


def logged_in(open_page: OpenPage, username: str, path: str, **visitor: object) -> Page:
    page = open_page(f"/admin/login/?next={path}", **visitor)
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password", exact=False).first.fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(f"**{path}")
    return page


def url(record: Any, page: str = "change", *args: Any) -> str:
    return reverse(f"admin:agreements_{record._meta.model_name}_{page}", args=[record.pk, *args])


def is_sound(page: Page) -> None:
    """Fail if axe finds a fault or the page does not fit its width."""
    violations = Axe().run(page).response["violations"]
    found = [(v["id"], [node["html"] for node in v["nodes"]][:3]) for v in violations]
    assert not found, found
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]


@pytest.fixture
def agreement(transactional_db: None) -> Agreement:
    for name in ("leyla", "rashad"):
        colleague(StaffRole.PUBLISHER, username=name, password=PASSWORD)
    with recorded():
        made: Agreement = AgreementFactory(
            draft=True,
            title="Memorandum on labour",
            signed="2023-08",
            parties=[PartyFactory(name="Ministry of Labour"), PartyFactory(name=LONG_WORD)],
            areas=[AreaFactory(name="Labour"), AreaFactory(name="Health")],
        )
        SignatoryFactory(agreement=made, name="A. Person", title="Minister")
        SignatoryFactory(agreement=made, name="Removed Person")
        CommitmentFactory(agreement=made, text="Meet yearly")
        EvidenceFactory(agreement=made)
        DocumentFactory(agreement=made)
    return made


def change_in_every_way(agreement: Agreement) -> None:
    """Make the changes that a colleague makes while the page is open."""
    with recorded(why="The gazette has it"):
        agreement.title, agreement.place, agreement.signed = (
            f"Theirs {LONG_WORD}",
            "Baku",
            "2023-09",
        )
        agreement.kind = "treaty"
        agreement.save()
        agreement.areas.set(list(agreement.areas.all())[:1])
        first, second = agreement.signatories.all()
        first.name = "B. Person"
        first.save()
        second.delete()
        SignatoryFactory(agreement=agreement, name="New Person")


@pytest.mark.parametrize(
    "visitor",
    [
        pytest.param({"width": 1280}, id="wide"),
        pytest.param({"width": 360}, id="phone"),
        pytest.param({"width": 1280, "dark": True}, id="dark"),
    ],
)
def test_conflict_is_settled_in_the_browser(
    open_page: OpenPage, agreement: Agreement, visitor: dict[str, Any]
) -> None:
    page = logged_in(open_page, "leyla", url(agreement), **visitor)
    change_in_every_way(agreement)
    page.locator("#id_title").fill("Mine")
    page.locator("#id_summary").fill("My summary")
    page.locator("#id_signed").fill("October 2023")
    page.locator("#id_signatories-0-name").fill("C. Person")
    page.get_by_role("button", name="Save", exact=True).click()

    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Somebody saved this while you were editing"
    )
    expect(page.get_by_text("The gazette has it")).to_be_visible()
    is_sound(page)
    title = page.get_by_role("group", name="Title", exact=True)
    expect(title.get_by_text(f"Theirs {LONG_WORD}")).to_be_visible()
    page.get_by_role("button", name="Save", exact=True).click()
    # the browser itself requires a choice
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Somebody saved this while you were editing"
    )
    title.get_by_label("Yours:").first.check()
    page.locator("#id_title").fill("Mine, corrected")
    page.get_by_role("group", name="Signed", exact=True).get_by_label("Theirs:").check()
    page.get_by_role("group", name="Name", exact=True).get_by_label("Yours:").first.check()
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url(f"**{url(agreement)}")

    stored = Agreement.objects.get()
    assert (stored.title, stored.summary, stored.place) == ("Mine, corrected", "My summary", "Baku")
    assert (str(stored.signed), stored.kind) == ("2023-09", "treaty")
    assert [row.name for row in stored.signatories.all()] == ["C. Person", "New Person"]


def test_conflict_is_settled_without_javascript(open_page: OpenPage, agreement: Agreement) -> None:
    page = logged_in(open_page, "leyla", url(agreement), javascript=False)
    with recorded():
        agreement.title = "Theirs"
        agreement.save()
    page.locator("#id_title").fill("Mine")
    page.get_by_role("button", name="Save", exact=True).click()

    title = page.get_by_role("group", name="Title", exact=True)
    title.get_by_label("Yours:").first.check()
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url(f"**{url(agreement)}")

    assert Agreement.objects.get().title == "Mine"
    assert Agreement.objects.get().participations.count() == 2


def test_typing_beside_theirs_ticks_yours(open_page: OpenPage, agreement: Agreement) -> None:
    page = logged_in(open_page, "leyla", url(agreement))
    with recorded():
        agreement.title = "Theirs"
        agreement.save()
    page.locator("#id_title").fill("Mine")
    page.get_by_role("button", name="Save", exact=True).click()
    title = page.get_by_role("group", name="Title", exact=True)
    title.get_by_label("Theirs:").check()

    page.locator("#id_title").fill("Mine again")

    expect(title.get_by_label("Yours:").first).to_be_checked()
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url(f"**{url(agreement)}")
    assert Agreement.objects.get().title == "Mine again"


def test_calendar_beside_theirs_ticks_yours(open_page: OpenPage, agreement: Agreement) -> None:
    with recorded():
        source = SourceFactory(published_at="2023-10-20T13:54Z")
    page = logged_in(open_page, "leyla", url(source))
    with recorded():
        source.published_at = "2023-10-21T13:54Z"
        source.save()
    page.locator("details:has(#id_published_at_0) summary").click()
    page.locator("#id_published_at_0").fill("2023-10-22")
    page.get_by_role("button", name="Save", exact=True).click()
    moment = page.get_by_role("group", name="Moment of publication", exact=True)
    moment.get_by_label("Theirs:").check()

    moment.get_by_role("link", name="Today").click()

    expect(moment.get_by_label("Yours:").first).to_be_checked()


def test_name_taken_away_beside_theirs_ticks_yours(
    open_page: OpenPage, agreement: Agreement
) -> None:
    people = {user.username: user for user in User.objects.all()}
    with recorded():
        agreement.responsible.set([people["leyla"]])
    page = logged_in(open_page, "leyla", url(agreement))
    with recorded():
        agreement.responsible.clear()
    page.locator("#id_responsible").evaluate(
        "(field, key) => field.append(new Option('rashad', key, true, true))",
        str(people["rashad"].pk),
    )
    page.get_by_role("button", name="Save", exact=True).click()
    group = page.get_by_role("group", name="Responsible", exact=False)
    expect(group.get_by_label("Yours:").first).not_to_be_checked()
    group.get_by_label("Theirs:").check()

    group.locator(".select2-selection__choice__remove").first.click()

    expect(group.get_by_label("Yours:").first).to_be_checked()


PAGES: dict[str, Callable[[Agreement], str]] = {
    "history": lambda a: url(a, "history"),
    "comparison": lambda a: (
        url(a, "compare")
        + "?from={}&to={}".format(*(entry.key for entry in entries_of(Agreement, a.pk)))
    ),
    "version": lambda a: url(a, "version", entries_of(Agreement, a.pk)[-1].key),
    "deletion": lambda a: url(a, "delete"),
    "deleted": lambda a: reverse("admin:agreements_agreement_deleted"),
    "deleted one": lambda a: reverse(
        "admin:agreements_agreement_deleted_one", args=[Removal.objects.get().pk]
    ),
    "list of commitments": lambda a: reverse("admin:agreements_commitment_changelist"),
}


@pytest.mark.parametrize("width", [1280, 360])
def test_pages_of_the_history_are_sound(
    open_page: OpenPage, agreement: Agreement, width: int
) -> None:
    change_in_every_way(agreement)
    other = AgreementFactory(title=LONG_WORD)
    with recorded(why="Entered twice"):
        other.delete()
    page = logged_in(open_page, "leyla", url(agreement, "history"), width=width)

    for address in PAGES.values():
        page.goto(address(agreement))
        is_sound(page)


def test_a_deleted_record_is_brought_back_in_the_browser(
    open_page: OpenPage, agreement: Agreement
) -> None:
    page = logged_in(open_page, "leyla", url(agreement, "delete"))
    page.get_by_label("Reason for the deletion:").fill("Entered twice")
    page.get_by_role("button", name="Yes, I’m sure").click()
    page.goto(reverse("admin:agreements_agreement_deleted"))
    page.get_by_role("link", name=agreement.ref).click()
    expect(page.get_by_text("Entered twice")).to_be_visible()
    page.get_by_label("Reason for restoring it:").fill("It was another one")
    page.get_by_role("button", name="Restore this version").click()
    page.wait_for_url(f"**{url(agreement)}")

    assert Agreement.objects.get().ref == agreement.ref
