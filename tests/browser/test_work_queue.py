"""The staff home and "What I follow" in a real browser: what an Editor and a Publisher find and do there."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from agreements.curation import workflow
from agreements.domain.choices import PublicationVerb
from agreements.domain.permissions import StaffRole
from agreements.models import Agreement
from tests.browser.conftest import LONG_WORD, PageIsSound
from tests.colleagues import PASSWORD, colleague
from tests.conftest import OpenPage
from tests.factories import AgreementFactory, CommitmentFactory, EvidenceFactory, PartyFactory

LogIn = Callable[..., Page]


@pytest.fixture
def log_in(open_page: OpenPage) -> LogIn:
    """A function that logs a person in with a separate browser and returns the staff home."""

    def log_in(person: User, **options: object) -> Page:
        page = open_page("/admin/", **options)
        page.get_by_label("Username").fill(person.username)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_role("heading", name="Missing")).to_be_visible()
        return page

    return log_in


@pytest.fixture
def editor(transactional_db: None) -> User:
    return colleague(StaffRole.EDITOR, password=PASSWORD)


@pytest.fixture
def publisher(transactional_db: None) -> User:
    return colleague(StaffRole.PUBLISHER, password=PASSWORD)


@pytest.fixture
def submitted(editor: User) -> Agreement:
    """A record that the editor submitted for review, among others that need work."""
    soon = str(date.today() + timedelta(days=20))  # noqa: DTZ011 - far enough from every boundary
    AgreementFactory(title=LONG_WORD, in_force="2020", expires_stated=soon)
    CommitmentFactory(due="2020")
    draft = AgreementFactory(title="On labour", draft=True, parties=PartyFactory.create_batch(2))
    EvidenceFactory(agreement=draft)
    workflow.take(PublicationVerb.SUBMIT, draft, by=editor, at=draft.created_at)
    return draft


def test_record_goes_to_the_publisher_and_back_by_the_queue(
    log_in: LogIn, editor: User, publisher: User, submitted: Agreement
) -> None:
    theirs = log_in(publisher)
    theirs.get_by_role("link", name="To review", exact=True).click()
    expect(theirs.locator("#result_list tbody tr")).to_have_count(1)
    theirs.get_by_role("link", name=submitted.ref).click()
    expect(theirs.get_by_role("heading", level=1)).to_be_visible()
    workflow.take(
        PublicationVerb.RETURN,
        submitted,
        by=publisher,
        at=submitted.created_at,
        reason="Which page?",
    )

    mine = log_in(editor)
    expect(mine.get_by_text("To review")).to_have_count(0)
    mine.get_by_role("link", name="Returned to me", exact=True).click()
    expect(mine.locator("#result_list tbody tr")).to_have_count(1)
    mine.get_by_role("link", name=submitted.ref).click()
    expect(mine.get_by_text("Which page?").first).to_be_visible()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_first_page_is_sound(
    log_in: LogIn,
    publisher: User,
    submitted: Agreement,
    page_is_sound: PageIsSound,
    width: int,
    dark: bool,
) -> None:
    page = log_in(publisher, width=width, dark=dark)

    page_is_sound(page)


def test_first_page_works_without_javascript(
    log_in: LogIn, editor: User, submitted: Agreement
) -> None:
    page = log_in(editor, javascript=False)

    page.get_by_role("link", name="1 Commitments overdue").click()

    expect(page.locator("#result_list tbody tr")).to_have_count(1)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_following_an_agreement_a_selection_and_a_calendar(
    log_in: LogIn,
    editor: User,
    submitted: Agreement,
    page_is_sound: PageIsSound,
    width: int,
    dark: bool,
) -> None:
    page = log_in(editor, width=width, dark=dark)
    page.goto(f"/admin/agreements/agreement/{submitted.pk}/change/")
    page.get_by_role("button", name="Follow", exact=True).click()
    expect(page.get_by_role("button", name="Stop following")).to_be_visible()

    page.get_by_role("link", name="What I follow").click()
    page.get_by_label("URL of a filtered list").fill("/parties/")
    page.get_by_role("button", name="Follow this selection").click()
    expect(page.get_by_text("not a URL of the list")).to_be_visible()
    page_is_sound(page)
    page.get_by_label("URL of a filtered list").fill("/agreements/?status=in_force")
    page.get_by_role("button", name="Follow this selection").click()
    expect(page.get_by_role("link", name="In force agreements", exact=True)).to_be_visible()

    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Make a URL").click()
    expect(page.locator("code")).to_contain_text("/calendar/")
    page_is_sound(page)
    page.get_by_role("button", name=f"Stop following {submitted}").click()
    expect(page.get_by_text("press “Follow”")).to_be_visible()
