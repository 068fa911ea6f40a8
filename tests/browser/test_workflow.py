"""Three people, each with a separate browser, take a record from draft to publication; a fourth adds a colleague."""

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from agreements.domain.choices import Publication
from agreements.domain.permissions import StaffRole
from agreements.models import Agreement, PublicationStep
from tests.browser.axe import Axe
from tests.colleagues import PASSWORD, colleague, group_of
from tests.conftest import OpenPage
from tests.factories import AgreementFactory, EvidenceFactory, PartyFactory, SourceFactory

WHY = "The source is the evening edition: please say which page."


def logged_in(open_page: OpenPage, username: str, path: str = "/admin/", **visitor: object) -> Page:
    page = open_page(f"/admin/login/?next={path}", **visitor)
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password", exact=False).first.fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(f"**{path}")
    return page


def choose(page: Page, label: str, row: str, found: str) -> None:
    page.locator(f"#{row}").get_by_role("combobox", name=label).fill(found)
    page.get_by_role("listbox").get_by_role("option", name=found).first.click()


@pytest.fixture
def staff(transactional_db: None) -> None:
    for role in (StaffRole.READER, StaffRole.EDITOR, StaffRole.PUBLISHER, StaffRole.ADMINISTRATOR):
        colleague(role, password=PASSWORD)


@pytest.fixture
def source(transactional_db: None) -> None:
    PartyFactory(name="Ministry of Labour", country="AZ")
    PartyFactory(name="Agency for Social Protection", country="UZ")
    SourceFactory(publisher="The Evening Post", title="Memorandum signed")


@pytest.mark.usefixtures("staff", "source")
def test_record_is_submitted_returned_submitted_again_and_published(open_page: OpenPage) -> None:
    editor = logged_in(open_page, "editor", "/admin/agreements/agreement/add/")
    editor.get_by_role("textbox", name="Title:", exact=True).fill("Memorandum on social protection")
    choose(editor, "Party", "participations-0", "Ministry of Labour")
    choose(editor, "Party", "participations-1", "Agency for Social Protection")
    editor.locator(".field-source .select2").get_by_role("combobox").last.click()
    editor.locator(".select2-dropdown").get_by_role("searchbox").fill("Evening")
    editor.get_by_role("listbox").get_by_role("option", name="Evening").click()
    editor.get_by_role("button", name="Save and submit for review").click()
    expect(editor.get_by_text("was saved. Submitted for review.")).to_be_visible()
    expect(
        editor.get_by_text("cannot be changed until a publisher has reviewed it")
    ).to_be_visible()
    expect(editor.get_by_role("button", name="Save", exact=True)).to_have_count(0)
    agreement = Agreement.objects.get()
    address = f"/admin/agreements/agreement/{agreement.pk}/change/"

    publisher = logged_in(open_page, "publisher", address)
    publisher.get_by_role("button", name="Save and return").click()
    refusal = publisher.locator(".why .errorlist")
    expect(refusal).to_have_text("Say why, for the next person who works on this record.")
    publisher.get_by_label("Reason for the change").fill(WHY)
    publisher.get_by_role("button", name="Save and return").click()
    expect(publisher.get_by_text("was saved. Returned to the editors.")).to_be_visible()

    editor.goto(address)
    expect(editor.locator(".sent-back")).to_contain_text(WHY)
    editor.get_by_role("textbox", name="Place of signature:").fill("Baku")
    editor.get_by_role("button", name="Save and submit for review").click()
    expect(editor.get_by_text("was saved. Submitted for review.")).to_be_visible()

    visitor = open_page(agreement.get_absolute_url())
    expect(visitor.get_by_role("heading", level=1)).to_have_text("Page not found")
    publisher.goto(address)
    publisher.get_by_role("link", name="Preview").click()
    expect(publisher.get_by_role("note")).to_contain_text("In review")
    expect(publisher.get_by_role("heading", level=1)).to_have_text("Social protection")
    publisher.get_by_role("link", name="Back to the record").click()
    publisher.get_by_role("button", name="Save and publish").click()
    expect(publisher.get_by_text("was saved. Published.")).to_be_visible()

    visitor.reload()
    expect(visitor.get_by_role("heading", level=1)).to_have_text("Social protection")
    expect(visitor.get_by_text("Baku")).to_be_visible()
    assert list(PublicationStep.objects.values_list("verb", "by__username")) == [
        ("submit", "editor"),
        ("return", "publisher"),
        ("submit", "editor"),
        ("publish", "publisher"),
    ]


@pytest.mark.usefixtures("staff")
def test_chosen_records_are_withdrawn_with_a_reason(open_page: OpenPage) -> None:
    parties = PartyFactory.create_batch(2)
    chosen = [AgreementFactory(parties=parties) for _ in range(2)]
    for agreement in chosen:
        EvidenceFactory(agreement=agreement)
    page = logged_in(open_page, "publisher", "/admin/agreements/agreement/")

    page.locator("#action-toggle").check()
    page.locator("select[name=action]").select_option("withdraw")
    page.get_by_role("button", name="Go", exact=True).or_(
        page.get_by_role("button", name="Run the selected action")
    ).click()
    page.get_by_label("Reason:").fill(WHY)
    page.get_by_label("Reason for the public:").fill("Entered twice")
    page.get_by_role("button", name="Withdraw", exact=True).click()

    expect(page.get_by_text("2 agreements: Withdrawn.")).to_be_visible()
    assert set(Agreement.objects.values_list("publication", flat=True)) == {Publication.WITHDRAWN}


@pytest.mark.usefixtures("staff")
def test_administrator_adds_a_colleague_who_logs_in(open_page: OpenPage) -> None:
    page = logged_in(open_page, "administrator", "/admin/auth/user/add/")
    page.get_by_label("Username").fill("aygun")
    page.get_by_label("First name").fill("Aygün")
    page.get_by_role("checkbox", name=StaffRole.EDITOR).check()
    page.locator("#id_password1").fill(PASSWORD)
    page.locator("#id_password2").fill(PASSWORD)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was added successfully")).to_be_visible()

    added = User.objects.get(username="aygun")
    assert list(added.groups.all()) == [group_of(StaffRole.EDITOR)]
    colleagues_page = open_page("/admin/login/?next=/admin/agreements/agreement/add/")
    colleagues_page.get_by_label("Username").fill("aygun")
    colleagues_page.get_by_label("Password").fill(PASSWORD)
    colleagues_page.get_by_role("button", name="Log in").click()
    for name in ("New password:", "New password confirmation:"):
        colleagues_page.get_by_label(name, exact=True).fill("only aygun knows this one")
    colleagues_page.get_by_role("button", name="Choose this password").click()
    expect(colleagues_page.get_by_role("button", name="Save and submit for review")).to_be_visible()
    expect(colleagues_page.get_by_role("button", name="Save and publish")).to_have_count(0)


# Each page as seen by the person who sees most of it.
PAGES = {
    "editor": ("draft", "in_review", "preview", "published_party"),
    "publisher": ("in_review", "returned", "published", "reason"),
    "administrator": ("users", "user", "add_user"),
}


@pytest.mark.usefixtures("staff")
@pytest.mark.parametrize("width", [1280, 360], ids=["wide", "phone"])
@pytest.mark.parametrize("who", PAGES)
def test_pages_are_accessible_and_fit(open_page: OpenPage, who: str, width: int) -> None:
    addresses = _addresses()
    # axe injects its rules into the page as a script with its own styles
    page = logged_in(open_page, who, "/admin/", bypass_csp=True, width=width)

    found = {}
    for name in PAGES[who]:
        page.goto(addresses[name])
        if name == "reason":
            page.locator("#action-toggle").check()
            page.locator("select[name=action]").select_option("withdraw")
            page.get_by_role("button", name="Go", exact=True).click()
            expect(page.get_by_role("button", name="Withdraw", exact=True)).to_be_visible()
        violations = [violation["id"] for violation in Axe().run(page).response["violations"]]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            violations.append("too wide")
        if violations:
            found[name] = violations

    assert found == {}


def _addresses() -> dict[str, str]:
    publisher = User.objects.get(username=StaffRole.PUBLISHER.lower())
    parties = PartyFactory.create_batch(2)
    made = {
        name: AgreementFactory(publication=publication, parties=parties)
        for name, publication in {
            "draft": Publication.DRAFT,
            "in_review": Publication.IN_REVIEW,
            "returned": Publication.DRAFT,
            "published": Publication.PUBLISHED,
        }.items()
    }
    for agreement in made.values():
        EvidenceFactory(agreement=agreement)
    at = made["returned"].created_at
    PublicationStep.objects.create(
        agreement=made["returned"], verb="return", by=publisher, at=at, reason=WHY
    )
    base = "/admin/agreements/agreement"
    pages = {name: f"{base}/{agreement.pk}/change/" for name, agreement in made.items()}
    return {
        **pages,
        "preview": f"{base}/{made['draft'].pk}/preview/",
        "reason": f"{base}/",
        "published_party": f"/admin/agreements/party/{parties[0].pk}/change/",
        "users": "/admin/auth/user/",
        "user": f"/admin/auth/user/{publisher.pk}/change/",
        "add_user": "/admin/auth/user/add/",
    }
