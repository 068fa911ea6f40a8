"""The reading desk in a browser: approving on a phone, without JavaScript, and no accessibility problem at either width."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page, expect

from agreements.curation import workflow
from agreements.curation.history.recording import recorded
from agreements.domain.choices import PublicationVerb
from agreements.domain.permissions import StaffRole
from agreements.models import Agreement, Proposal, PublicationStep
from tests.browser.conftest import LONG_WORD, PageIsSound
from tests.colleagues import PASSWORD, colleague
from tests.conftest import OpenPage
from tests.factories import AgreementFactory, EvidenceFactory, PartyFactory, SignatoryFactory

QUEUE = reverse("admin:agreements_agreement_review_queue")
MOST_TAPS, MOST_PAGES = 4, 2


def log_in(open_page: OpenPage, person: User, path: str = "/admin/", **visitor: object) -> Page:
    page = open_page(f"/admin/login/?next={path}", **visitor)
    page.get_by_label("Username").fill(person.username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(f"**{path}")
    return page


@pytest.fixture
def editor(transactional_db: None) -> User:
    return colleague(StaffRole.EDITOR, password=PASSWORD)


@pytest.fixture
def publisher(transactional_db: None) -> User:
    return colleague(StaffRole.PUBLISHER, password=PASSWORD)


@pytest.fixture
def waiting(editor: User, publisher: User) -> list[Agreement]:
    """Two records in review, the first of which was returned and corrected before."""
    made = []
    for title in (LONG_WORD * 2, "Second"):
        agreement = AgreementFactory(
            title=title, draft=True, place="Ganja", parties=PartyFactory.create_batch(2)
        )
        EvidenceFactory(agreement=agreement, note=LONG_WORD)
        _take("submit", agreement, editor)
        made.append(agreement)
    _take("return", made[0], publisher, "Which city?")
    with recorded(by=editor):
        corrected = Agreement.objects.get(pk=made[0].pk)
        corrected.place, corrected.internal_notes = "Baku", "Ask again."
        corrected.save()
        EvidenceFactory(agreement=corrected, fact="place", locator="p. 12", note=LONG_WORD)
        SignatoryFactory(agreement=corrected)
    _take("submit", corrected, editor, LONG_WORD)
    PublicationStep.objects.filter(agreement=made[0]).update(at="2026-11-01T12:00Z")
    return made


def _take(verb: str, agreement: Agreement, by: User, reason: str = "") -> None:
    at = agreement.created_at
    workflow.take(PublicationVerb(verb), agreement, by=by, at=at, reason=reason)


def test_record_is_approved_on_a_phone_in_few_taps_and_pages(
    open_page: OpenPage, publisher: User, waiting: list[Agreement]
) -> None:
    """Counted from the staff home: a tap for each press, a page for each that opens before the decision is taken."""
    page = log_in(open_page, publisher, width=360)
    taps, pages = 0, 0
    for target in (
        page.locator(f'a[href="{QUEUE}"]').first,
        page.locator(".review-card a").first,
    ):
        target.click()
        page.wait_for_load_state()
        taps, pages = taps + 1, pages + 1
    publish = page.get_by_role("button", name="Publish")
    expect(publish).to_be_in_viewport(ratio=1)
    expect(page.get_by_text("Delete")).to_have_count(0)
    buttons = (publish, page.get_by_text("Return with reason…"))
    assert all(button.bounding_box()["height"] >= 44 for button in buttons)

    publish.click()
    taps += 1

    expect(page.get_by_text("Published.")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("Second")
    assert Agreement.objects.get(pk=waiting[0].pk).is_public
    assert (taps <= MOST_TAPS, pages <= MOST_PAGES) == (True, True)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_desk_is_sound(
    open_page: OpenPage,
    publisher: User,
    waiting: list[Agreement],
    page_is_sound: PageIsSound,
    width: int,
    dark: bool,
) -> None:
    page = log_in(open_page, publisher, QUEUE, width=width, dark=dark, bypass_csp=True)
    page_is_sound(page)

    page.locator(".review-card a").first.click()
    expect(page.get_by_role("heading", name="Changed since it was returned")).to_be_visible()
    page_is_sound(page)
    page.get_by_text("Return with reason…").click()
    page.get_by_role("button", name="Return", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Say why")
    page_is_sound(page)


def test_record_is_returned_in_place_without_javascript(
    open_page: OpenPage, publisher: User, waiting: list[Agreement]
) -> None:
    page = log_in(open_page, publisher, QUEUE, javascript=False)
    page.locator(".review-card a").first.click()

    page.get_by_text("Return with reason…").click()
    page.get_by_label("A source cannot be followed.").check()
    page.get_by_label("In your words").fill("Which page?")
    page.get_by_role("button", name="Return", exact=True).click()

    expect(page.get_by_text("Returned to the editors.")).to_be_visible()
    step = PublicationStep.objects.latest("pk")
    assert step.reason == "A source cannot be followed. Which page?"


@pytest.mark.parametrize("width", [1280, 360])
def test_change_is_proposed_and_taken_over(
    open_page: OpenPage,
    editor: User,
    publisher: User,
    page_is_sound: PageIsSound,
    width: int,
) -> None:
    agreement = AgreementFactory(title="Before", parties=PartyFactory.create_batch(2))
    EvidenceFactory(agreement=agreement)
    record = reverse("admin:agreements_agreement_change", args=[agreement.pk])
    author = log_in(open_page, editor, record, width=width)
    author.get_by_role("link", name="Propose a change").click()
    author.get_by_role("textbox", name="Title:", exact=True).fill("After")
    author.get_by_label("Reason for the change").fill("The gazette says so.")
    author.get_by_role("button", name="Propose this change").click()
    expect(author.get_by_text("A publisher will decide about it.")).to_be_visible()

    page = log_in(open_page, publisher, QUEUE, width=width, bypass_csp=True)
    page_is_sound(page)
    page.locator(".review-card a").first.click()
    expect(page.get_by_text("The gazette says so.").first).to_be_visible()
    page_is_sound(page)
    page.get_by_role("button", name="Take over what is chosen").click()

    expect(page.get_by_text("Taken over.")).to_be_visible()
    assert Agreement.objects.get().title == "After"
    assert Proposal.objects.get().state == "taken"
