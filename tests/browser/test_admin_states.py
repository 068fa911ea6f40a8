"""Every screen of the admin, wide and narrow, keeps WCAG 2.2 AA, with targets of at least 24 × 24 px.

The screens are the URLs that an administrator may open, so that a new one is looked at too. Pages that need an
encounter (conflicts, merges, imports under way, single sign-on) are looked at in the tests of these encounters.
"""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect

from agreements.curation.history.past import versions_of
from agreements.curation.history.recording import recorded
from agreements.models import Agreement
from tests.admin.test_sweep import ADMINISTRATORS, ALL, EDITORS, PUBLISHERS, TABLE, address_of
from tests.browser.axe import Axe
from tests.browser.conftest import OF_WCAG, TARGET_SIZE, violations_of
from tests.conftest import OpenPage
from tests.factories import (
    AgreementFactory,
    AreaFactory,
    CommitmentFactory,
    DocumentFactory,
    EventFactory,
    EvidenceFactory,
    PartyFactory,
    PersonFactory,
    SignatoryFactory,
    SourceFactory,
)

LIST = reverse("admin:agreements_agreement_changelist")
# answers for scripts, the public page, and what other files look at: before the login, and without a login
NO_SCREENS = {
    "jsi18n",
    "agreements_agreement_likeness",
    "agreements_agreement_preview",
    "agreements_agreement_read_date",
    "agreements_area_suggestions",
    "agreements_party_in_place",
    "agreements_party_likeness",
    "agreements_party_suggestions",
    "agreements_source_chosen",
    "password_reset",
    "password_reset_done",
    "password_reset_confirm",
}
# Their pages are drawn by the templates of the others.
ALIKE = ("area", "document", "event", "evidence", "person", "signatory")
WIDE_TOO = (
    "changelist",
    "agreement_change",
    "agreement_history",
    "index",
    "user_change",
    "account",
)
# Colours are the same at every width.
WITHOUT_COLOURS = OF_WCAG | {"rules": {"color-contrast": {"enabled": False}}}
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}


def screens() -> Iterator[str]:
    """Yield the names of the URLs to open."""
    open_to_administrators = (ALL, EDITORS, PUBLISHERS, ADMINISTRATORS)
    for name, statuses in TABLE.items():
        _app, _, rest = name.partition("_")
        is_alike = rest.startswith(ALIKE) and not rest.endswith(("changelist", "change"))
        if statuses in open_to_administrators and name not in NO_SCREENS and not is_alike:
            yield name


@pytest.fixture
def staff(open_page: OpenPage, transactional_db: None) -> Page:
    """A browser in which an administrator is logged in, and a draft with one row of every kind, each with the id 1."""
    clerk = User.objects.create_superuser("clerk", email="clerk@e.example")
    User.objects.create_user("somebody", is_staff=True)
    with recorded(by=clerk):
        _make_one_of_each()
    draft = Agreement.objects.get(pk=1)
    with recorded(by=clerk, why="A better title"):
        draft.title = "Another title"
        draft.save()
    client = Client()
    client.force_login(clerk)
    page = open_page("/admin/login/")
    cookies = [{"name": name, "value": client.cookies[name].value} for name in client.cookies]
    everywhere = page.url.partition("/admin/")[0]
    page.context.add_cookies([{**cookie, "url": everywhere} for cookie in cookies])
    page.emulate_media(reduced_motion="reduce")
    return page


def _make_one_of_each() -> None:
    parties = [PartyFactory(id=1, country="AZ"), PartyFactory(country="UZ")]
    draft = AgreementFactory(
        id=1, draft=True, signed="2024-05-03", areas=[AreaFactory(id=1)], parties=parties
    )
    source = SourceFactory(id=1)
    EventFactory(id=1, agreement=draft, party=parties[0])
    PersonFactory(id=1)
    EvidenceFactory(id=1, agreement=draft, source=source)
    for factory in (CommitmentFactory, DocumentFactory, SignatoryFactory):
        factory(id=1, agreement=draft)
    AgreementFactory(signed="2024-05-03", parties=parties, in_force="2020")


def complaints(page: Page, *, wide: bool) -> Iterator[str]:
    """Yield what is wrong with the page as it is, narrow and perhaps wide, with every section open."""
    # the menus of filters, of which one is open at a time, cover what is below them
    sections = "document.querySelectorAll('details:not([name])')"
    page.evaluate(f"for (const each of {sections}) each.open = true")
    looks = [(360, OF_WCAG), *([(1280, WITHOUT_COLOURS)] if wide else [])]
    for width, options in looks:
        page.set_viewport_size({"width": width, "height": 800})
        yield from (f"{page.url} at {width} px: too small: {each}" for each in small_targets(page))
        page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
        for rule, nodes in violations_of(page, options):
            yield f"{page.url} at {width} px breaks {rule}: {nodes}"
        if (shown := page.evaluate("document.documentElement.scrollWidth")) > width:
            yield f"{page.url} at {width} px is {shown} px wide"


def small_targets(page: Page) -> Iterator[str]:
    """Yield the targets that are too small when the page is looked at from its top.

    Axe takes off a target what lies over it at this moment: of one that the bar of buttons at the bottom of the window
    half covers, it counts the other half. That is no size of the target, since one who scrolls on has all of it; what has
    the focus is never behind the bar (`test_what_has_the_focus_is_not_behind_the_bar`). So each target that axe names is
    measured by axe once more in the middle of the window, and is too small if it is so there as well.
    """
    page.evaluate("scrollTo(0, 0)")
    for violation in Axe().run(page, None, TARGET_SIZE).response["violations"]:
        for node in violation["nodes"]:
            [target] = node["target"]
            page.locator(target).evaluate("each => each.scrollIntoView({block: 'center'})")
            if violations_of(page, TARGET_SIZE, context=target):
                yield node["html"][:200]


# The elements in the content that are behind a bar while they have the focus.
BEHIND_THE_BAR = """() => {
  const bars = [...document.querySelectorAll(".submit-row, .saving, .main-buttons")];
  const staying = bars.filter((bar) => getComputedStyle(bar).position === "sticky");
  const behind = [];
  scrollTo(0, 0);
  for (const each of document.querySelectorAll("#content :is(a[href], button, input, select, textarea, summary)")) {
    if (!each.checkVisibility() || staying.some((bar) => bar.contains(each))) continue;
    each.focus();
    const { top, bottom } = each.getBoundingClientRect();
    const covers = (bar) => {
      const area = bar.getBoundingClientRect();
      return top < area.bottom && bottom > area.top;
    };
    if (document.activeElement === each && staying.some(covers)) behind.push(each.outerHTML.slice(0, 150));
  }
  return [staying.length, behind];
}"""


@pytest.mark.parametrize(
    ("model", "width", "stays"),
    [
        ("agreement", 360, True),
        ("agreement", 1280, False),  # the buttons are in the card beside the form
        ("document", 360, False),
        ("document", 800, True),
        ("document", 1280, True),
        ("party", 1280, True),
    ],
)
def test_what_has_the_focus_is_not_behind_the_bar(
    staff: Page, model: str, width: int, stays: bool
) -> None:
    Agreement.objects.update(publication="published")
    staff.set_viewport_size({"width": width, "height": 800})
    staff.goto(reverse(f"admin:agreements_{model}_change", args=[1]))

    staying, behind = staff.evaluate(BEHIND_THE_BAR)

    assert bool(staying) == stays
    assert behind == []


def test_every_screen_keeps_the_rules(staff: Page) -> None:
    found: list[str] = []
    for name in screens():
        answer = staff.goto(address_of(name))
        assert answer is not None
        assert answer.ok, name
        found += complaints(staff, wide=name.endswith(WIDE_TOO))

    assert not found, "\n".join(found)


def test_states_within_the_screens_keep_the_rules(staff: Page) -> None:
    found: list[str] = []
    newest, oldest = versions_of(Agreement, 1).values_list("pk", flat=True)
    version = reverse("admin:agreements_agreement_version", args=[1, oldest])
    compare = reverse("admin:agreements_agreement_compare", args=[1])
    for path in (
        f"{LIST}?publication__exact=draft&country=AZ",
        f"{LIST}?q=nothing",
        version,
        f"{compare}?from={oldest}&to={newest}",
    ):
        answer = staff.goto(path)
        assert answer is not None
        assert answer.ok, path
        found += complaints(staff, wide=True)

    staff.goto(LIST)
    for menu in staff.locator(".filter summary").all():
        menu.click()
        expect(staff.locator(".filter [open] .menu :is(ul, p)").first).to_be_attached()
        found += [
            f"An open menu breaks {each}"
            for each in violations_of(staff, context=".filter [open] .menu")
        ]

    for add in ("agreement", "source"):
        staff.goto(reverse(f"admin:agreements_{add}_add"))
        staff.locator("[name=_save]").first.click()
        found += complaints(staff, wide=False)

    staff.goto(reverse("admin:agreements_event_changelist"))
    staff.locator(".action-select").first.check()
    found += complaints(staff, wide=True)
    staff.get_by_label("Action:").select_option("delete_selected")
    staff.get_by_role("button", name="Go").click()
    found += complaints(staff, wide=False)

    assert not found, "\n".join(found)


@pytest.mark.parametrize("path", ["/admin/", LIST, "/admin/agreements/agreement/1/change/"])
def test_dark_colours_keep_the_rules(staff: Page, path: str) -> None:
    staff.emulate_media(color_scheme="dark", reduced_motion="reduce")
    staff.goto(path)

    assert violations_of(staff, COLOURS) == []
