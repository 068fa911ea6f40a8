"""A clerk enters a memorandum from a newspaper article in a real browser, under the strict policy.

`open_page` fails a test whose pages log an error or violate the Content-Security-Policy.
"""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from agreements.domain.choices import Basis, EventKind, Kind, PartyKind
from agreements.models import Agreement, Source
from tests.browser.axe import Axe
from tests.conftest import OpenPage
from tests.factories import (
    AgreementFactory,
    AreaFactory,
    CommitmentFactory,
    DocumentFactory,
    EventFactory,
    EvidenceFactory,
    PartyFactory,
    PartyNameFactory,
    RelationFactory,
    SignatoryFactory,
    SourceFactory,
)

PASSWORD = "known to this test alone"


@pytest.fixture
def staff(transactional_db: None) -> User:
    return User.objects.create_superuser("clerk", password=PASSWORD)


def logged_in(open_page: OpenPage, path: str, **as_visitor: object) -> Page:
    page = open_page(f"/admin/login/?next={path}", **as_visitor)
    page.get_by_label("Username").fill("clerk")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(f"**{path}")
    return page


def choose(page: Page, field: Locator, typed: str, found: str) -> None:
    """Choose as a person does: open the field, type, and click the result."""
    field.click()
    page.locator(".select2-dropdown").get_by_role("searchbox").fill(typed)
    page.get_by_role("listbox").get_by_role("option", name=found).click()


def suggest(field: Locator, typed: str, found: str) -> None:
    """Choose by typing in a field that suggests on the page itself."""
    field.fill(typed)
    field.page.get_by_role("listbox").get_by_role("option", name=found).first.click()


def row(page: Page, group: str, number: int) -> Locator:
    return page.locator(f"#{group}-{number}")


def test_clerk_enters_a_memorandum_from_an_article(open_page: OpenPage, staff: User) -> None:
    azerbaijan = PartyFactory(name="Azerbaijan", kind=PartyKind.STATE, country="AZ")
    PartyFactory(name="Pakistan", kind=PartyKind.STATE, country="PK")
    PartyFactory(name="Ministry of Labour", parent=azerbaijan)
    AreaFactory(name="Labour")
    page = logged_in(open_page, "/admin/agreements/agreement/add/")

    page.get_by_label("Paste a URL or byline").fill(
        "By Ayla Khan 26 May 2022 18:05 (UTC+04:00) The Daily https://daily.example/labour?utm_source=x"
    )
    expect(page.get_by_label("Publisher")).to_have_value("daily.example")
    expect(page.get_by_label("Author")).to_have_value("Ayla Khan")
    page.get_by_label("Publisher").fill("The Daily")

    page.get_by_role("textbox", name="Title:", exact=True).fill(
        "Memorandum on labour and social protection"
    )
    suggest(page.get_by_role("combobox", name="Add an area"), "lab", "Labour")

    first = row(page, "participations", 0).get_by_role("combobox", name="Party")
    suggest(first, "labour azer", "Ministry of Labour (Azerbaijan)")
    second = row(page, "participations", 1).get_by_role("combobox", name="Party")
    suggest(second, "Ministry of Overseas Pakistanis", "Create “Ministry of Overseas Pakistanis”…")
    party = page.get_by_role("dialog", name="New party")
    suggest(party.get_by_role("combobox", name="Part of"), "pak", "Pakistan")
    party.get_by_role("button", name="Create and choose").click()
    expect(second).to_have_value("Ministry of Overseas Pakistanis (Pakistan)")

    page.get_by_role("textbox", name="Signed:", exact=True).fill("25 May 2022")
    page.get_by_role("textbox", name="Place of signature:").fill("Baku")
    page.get_by_role("textbox", name="Signed:", exact=True).fill("25.05.2022")
    expect(page.locator("#id_signed + output")).to_have_text("= Wednesday, 25 May 2022")
    signed, place = (page.locator(f"[data-beside={fact}]") for fact in ("signed", "place"))
    expect(signed.locator("summary")).to_contain_text("Stated")
    signed.locator("summary").click()
    signed.get_by_label("Inferred from this source").check()
    signed.get_by_label("Place in the source").fill("paragraph 3")
    signed.get_by_label("Why it follows").fill("The article calls it yesterday.")
    expect(signed.locator("summary")).to_contain_text("Inferred, paragraph 3")
    place.locator("summary").click()
    place.get_by_label("Not from this source").check()
    expect(place.locator("summary")).not_to_contain_text("Stated")

    page.locator("#section-timeline > summary").click()
    page.get_by_role("button", name="Add another Event").click()
    event = row(page, "events", 0)
    event.get_by_label("Kind").select_option(EventKind.DISCUSSED.value)
    event.get_by_label("Date").fill("10 May 2022")

    page.locator("#section-commitments > summary").click()
    page.get_by_role("button", name="Add another Commitment").click()
    commitment = row(page, "commitments", 0)
    commitment.get_by_label("Commitment").fill("A joint working group")
    commitment.get_by_role("link", name="Today").click()
    expect(commitment.get_by_label("Last reviewed")).not_to_have_value("")

    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_text("was added successfully")).to_be_visible()

    agreement = Agreement.objects.get()
    assert str(agreement.signed) == "2022-05-25"
    assert [str(row.party) for row in agreement.participations.all()] == [
        "Ministry of Labour",
        "Ministry of Overseas Pakistanis",
    ]
    assert agreement.participations.last().party.country == "PK"
    assert {(row.fact, row.basis, row.locator) for row in agreement.evidence.all()} == {
        ("title", Basis.STATED, ""),
        ("kind", Basis.STATED, ""),
        ("stage", Basis.STATED, ""),
        ("areas", Basis.STATED, ""),
        ("parties", Basis.STATED, ""),
        ("events", Basis.STATED, ""),
        ("commitments", Basis.STATED, ""),
        ("signed", Basis.INFERRED, "paragraph 3"),
    }
    source = Source.objects.get()
    assert (source.publisher, source.author, source.language) == ("The Daily", "Ayla Khan", "en")
    assert str(source.published) == "2022-05-26"
    assert agreement.events.get().source == source
    assert agreement.commitments.get().reviewed is not None
    assert agreement.events.get().kind == EventKind.DISCUSSED


def test_calendar_opens_and_sets_a_day(open_page: OpenPage, staff: User) -> None:
    page = logged_in(open_page, "/admin/agreements/source/add/")
    page.get_by_label("Retrieved").fill("")

    page.get_by_role("link", name="Choose a Date").first.click()
    page.locator(".calendarbox:visible").get_by_role("link", name="Today").click()

    expect(page.get_by_label("Retrieved")).not_to_have_value("")


@pytest.fixture
def filled(staff: User) -> Agreement:
    """An agreement with a row of every kind, so that its pages show everything they can."""
    party, area = PartyFactory(country="AZ"), AreaFactory(description="What belongs here.")
    AreaFactory(parent=area)
    PartyNameFactory(party=party)
    agreement = AgreementFactory(signed="2023-10~", parties=[party, PartyFactory()], areas=[area])
    SignatoryFactory(agreement=agreement, party=party)
    EventFactory(agreement=agreement, date="2023-08", party=party)
    DocumentFactory(agreement=agreement, uploaded=True)
    DocumentFactory(agreement=agreement)
    RelationFactory(agreement=agreement)
    RelationFactory(target=agreement)
    CommitmentFactory(agreement=agreement, party=party)
    EvidenceFactory(agreement=agreement)
    return agreement


def known_memorandum() -> Agreement:
    """A published memorandum of two states, with an article as its source."""
    parties = [PartyFactory(name=name, state=True) for name in ("Azerbaijan", "Pakistan")]
    known = AgreementFactory(
        ref="AGR-0004", title="On labour", signed="2022-05-25", parties=parties
    )
    source = SourceFactory(url="https://news.example/labour", publisher="The Daily", title="Signed")
    EvidenceFactory(agreement=known, source=source)
    return known


def choose_party(page: Page, number: int, name: str) -> None:
    field = row(page, "participations", number).get_by_role("combobox", name="Party")
    suggest(field, name, name)


def test_likeness_to_a_known_agreement_is_told_while_one_types(
    open_page: OpenPage, staff: User
) -> None:
    known_memorandum()
    page = logged_in(open_page, "/admin/agreements/agreement/add/", bypass_csp=True)
    top, nearby = page.locator("[data-duplicates]"), page.locator(".duplicates-nearby")

    choose_party(page, 0, "Azerbaijan")
    choose_party(page, 1, "Pakistan")
    expect(top).to_contain_text("AGR-0004 On labour")
    expect(top).to_be_in_viewport()
    expect(nearby).to_be_hidden()
    assert Axe().run(page).response["violations"] == []

    place = page.get_by_role("textbox", name="Place of signature:")
    height = "field => field.getBoundingClientRect().top + scrollY"
    before = place.evaluate(height)
    page.get_by_role("textbox", name="Signed:", exact=True).fill("25 May 2022")
    page.locator("#id_signed").blur()
    expect(top).to_contain_text("was signed on the same day, 25 May 2022")
    assert place.evaluate(height) == before

    # the card is far below on a phone
    page.set_viewport_size({"width": 360, "height": 800})
    expect(page.locator("#section-signature > .duplicates-nearby:last-child")).to_be_visible()
    expect(top).to_be_hidden()

    page.get_by_role("textbox", name="Signed:", exact=True).fill("26 May 2022")
    page.get_by_role("textbox", name="Place of signature:").click()
    expect(nearby).to_have_count(0)
    expect(top).to_have_text("")


def test_next_article_is_entered_from_its_own_source(open_page: OpenPage, staff: User) -> None:
    known = known_memorandum()
    page = logged_in(open_page, "/admin/agreements/agreement/add/")
    page.goto(f"{page.url}?from={known.ref}&with=source")
    title, source = page.locator("#id_title"), page.locator("#id_source")
    expect(title).to_be_focused()
    expect(source).not_to_have_value("")

    pasted = page.get_by_label("Paste a URL or byline")
    pasted.fill("https://a.example/1")
    expect(source).to_have_value("")
    said = page.locator("[data-read-said]")
    expect(said).to_contain_text("This replaces the source that was chosen.")
    expect(said).to_contain_text("The publisher is only the site of the URL")
    pasted.fill("")
    expect(source).to_have_value(str(Source.objects.get().pk))
    pasted.fill("https://a.example/1")
    expect(source).to_have_value("")

    title.fill("On health")
    title.press("Enter")
    expect(title).to_have_value("On health")
    expect(title).not_to_be_focused()
    page.locator("#id_summary").press("Enter")
    expect(page.locator("#id_summary")).to_have_value("\n")
    page.get_by_role("button", name="Save and add another").click()
    expect(page.get_by_text("was added successfully")).to_be_visible()

    assert page.url.endswith("/agreement/add/")
    expect(title).to_have_value("")
    new = Agreement.objects.exclude(pk=known.pk).get()
    assert new.evidence.get(fact="title").source.url == "https://a.example/1"


def test_length_chooses_a_fixed_term(open_page: OpenPage, staff: User) -> None:
    page = logged_in(open_page, "/admin/agreements/agreement/add/")
    length, term = page.locator("#id_term"), page.locator("#id_term_kind")

    length.fill("3 years")
    expect(term).to_have_value("fixed")
    expect(page.get_by_text("“Fixed term” is chosen")).to_be_visible()
    length.fill("")
    expect(term).to_have_value("unknown")
    term.select_option("automatic_renewal")
    length.fill("1 year")
    expect(term).to_have_value("automatic_renewal")
    expect(page.get_by_text("“Fixed term” is chosen")).to_have_count(0)


def test_help_stays_within_its_section(open_page: OpenPage, staff: User) -> None:
    page = logged_in(open_page, "/admin/agreements/agreement/add/", width=1280)
    room = """field => {
        const bottom = (selector) => field.closest(selector).getBoundingClientRect().bottom;
        const help = field.closest(".entry-input").querySelector(".help").getBoundingClientRect();
        return bottom(".entry-section") - help.bottom;
    }"""

    for name in ("summary", "term"):
        field = page.locator(f"#id_{name}")
        field.focus()
        assert field.evaluate(room) > 0, name


def test_list_is_whole_on_a_small_screen(open_page: OpenPage, staff: User) -> None:
    User.objects.update(first_name="Alexandrina", last_name="Constantinopolitan")
    parties = [PartyFactory(name=f"Intergovernmental {name}") for name in ("Council", "Fund")]
    for _twin in range(2):
        AgreementFactory(
            title="Memorandum of understanding on telecommunications",
            term_kind="automatic_renewal",
            signed="2022-09-25",
            in_force="2022-09-25",
            term_months=36,
            publication="in_review",
            parties=parties,
        )

    page = logged_in(open_page, "/admin/agreements/agreement/", width=1280)

    expect(page.locator(".issue").filter(has_text="perhaps entered twice")).to_have_count(2)
    hidden = "list => list.scrollWidth - list.clientWidth"
    assert page.locator("#changelist .results").evaluate(hidden) == 0


def test_likeness_by_title_is_still_told_when_a_party_changes(
    open_page: OpenPage, staff: User
) -> None:
    known_memorandum()
    draft = AgreementFactory(
        draft=True, title="On labour", signed="2022-05-25", parties=[PartyFactory()]
    )
    page = logged_in(open_page, reverse("admin:agreements_agreement_change", args=[draft.pk]))
    top = page.locator("[data-duplicates]")
    expect(top).to_contain_text("has the same title")

    with page.expect_response(lambda response: "/likeness/" in response.url):
        choose_party(page, 0, "Azerbaijan")
    expect(top).to_contain_text("has the same title")

    page.locator("#id_title").fill("On health")
    page.locator("#id_summary").click()
    expect(top).to_have_text("")


def test_likeness_is_told_once_when_a_record_is_opened_and_again_with_a_refused_form(
    open_page: OpenPage, staff: User
) -> None:
    parties = [row.party for row in known_memorandum().participations.all()]
    draft = AgreementFactory(draft=True, signed="2022-05-25", parties=parties)
    page = logged_in(open_page, reverse("admin:agreements_agreement_change", args=[draft.pk]))
    page.wait_for_load_state("networkidle")
    expect(page.get_by_text("was signed on the same day")).to_have_count(1)

    page.goto(reverse("admin:agreements_agreement_add"))
    choose_party(page, 0, "Azerbaijan")
    choose_party(page, 1, "Pakistan")
    page.get_by_role("button", name="Save and continue editing").click()

    expect(page.locator(".error-summary")).to_be_visible()
    expect(page.locator("[data-duplicates]")).to_contain_text("has the same parties")


def test_popup_chooses_the_source_that_is_there_already(open_page: OpenPage, staff: User) -> None:
    known_memorandum()
    page = logged_in(open_page, "/admin/agreements/agreement/add/")

    with page.expect_popup() as opened:
        page.locator("#add_id_source").click()
    popup = opened.value
    popup.get_by_label("URL").fill("https://news.example/labour?utm_source=mail")
    popup.get_by_label("Publisher").fill("The Daily")
    popup.get_by_role("button", name="Save", exact=True).click()
    with popup.expect_event("close"):
        popup.get_by_role("link", name="Choose it").last.click()

    expect(page.locator("#id_source + .select2-container")).to_contain_text("The Daily: Signed")
    expect(page.locator("#id_source")).to_have_value(str(Source.objects.get().pk))
    expect(page.locator("[data-duplicates]")).to_contain_text("rests on the same source")


def test_pasted_address_of_a_known_source_chooses_it(open_page: OpenPage, staff: User) -> None:
    known_memorandum()
    page = logged_in(open_page, "/admin/agreements/agreement/add/")

    page.get_by_label("Paste a URL or byline").fill("https://news.example/labour?utm_source=mail")

    expect(page.locator("#id_source + .select2-container")).to_contain_text("The Daily: Signed")
    expect(page.get_by_text("The register already has this source")).to_be_visible()
    expect(page.get_by_label("Paste a URL or byline")).to_have_value("")
    expect(page.locator("[data-duplicates]")).to_contain_text("rests on the same source")


def said_beside(page: Page) -> dict[str, str]:
    """Return what the buttons beside the facts say, if it is not just “Evidence”."""
    read = "all => all.map(each => [each.dataset.beside, each.querySelector('[data-said]').textContent])"
    said = dict(page.locator("[data-beside]").evaluate_all(read))
    return {fact: words for fact, words in said.items() if words != "Evidence"}


def recorded(agreement: Agreement) -> dict[str, str]:
    return {row.fact: row.get_basis_display() for row in agreement.evidence.all()}


def test_buttons_say_what_is_saved(open_page: OpenPage, staff: User) -> None:
    known = known_memorandum()
    Agreement.objects.filter(pk=known.pk).update(kind=Kind.PROTOCOL, place="Baku")
    page = logged_in(open_page, "/admin/agreements/agreement/add/")
    assert said_beside(page) == {}

    page.goto(f"/admin/agreements/agreement/add/?from={known.ref}&with=source")
    carried = dict.fromkeys(("kind", "stage", "parties", "signed", "place"), "Stated")
    assert said_beside(page) == carried
    page.locator("#id_kind").select_option(Kind.MOU.value)
    page.locator("#id_title").fill("Second memorandum")
    # where nothing is known, nothing is claimed
    page.get_by_role("button", name="This source states everything filled in").click()
    said = said_beside(page)
    assert said == {**carried, "title": "Stated"}
    expect(page.locator("[data-card]")).to_contain_text("Facts stated 6", use_inner_text=True)
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_text("was added successfully")).to_be_visible()

    assert recorded(Agreement.objects.get(title="Second memorandum")) == said


def test_buttons_of_a_copy_say_what_is_saved(open_page: OpenPage, staff: User) -> None:
    known = known_memorandum()
    source = SourceFactory(publisher="The Weekly", title="Signed at last")
    page = logged_in(open_page, "/admin/")
    page.goto(f"/admin/agreements/agreement/add/?from={known.ref}&with=all")
    choose(page, page.locator("#id_source + .select2-container"), "weekly", source.title)
    assert said_beside(page) == {}

    page.locator("#id_title").fill("On health")
    page.locator("#id_term_kind").select_option("automatic_renewal")
    page.locator("details.rarely-used:has(#id_renewal) > summary").click()
    page.locator("#id_renewal").fill("3 years")
    said = said_beside(page)
    assert said == {"title": "Stated", "term": "Stated"}
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_text("was added successfully")).to_be_visible()

    assert recorded(Agreement.objects.get(title="On health")) == said


def test_card_counts_facts_that_the_button_states(open_page: OpenPage, filled: Agreement) -> None:
    page = logged_in(open_page, reverse("admin:agreements_agreement_change", args=[filled.pk]))
    source = SourceFactory(publisher="The Weekly", title="Signed at last")
    choose(page, page.locator("#id_source + .select2-container"), "weekly", source.title)

    page.get_by_role("button", name="This source states everything filled in").click()

    said = len(said_beside(page))
    expect(page.locator("[data-card]")).to_contain_text(f"Facts stated {said}", use_inner_text=True)


def test_card_asks_nothing_once_the_form_is_sent(open_page: OpenPage, filled: Agreement) -> None:
    page = logged_in(open_page, reverse("admin:agreements_agreement_change", args=[filled.pk]))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    # the answer takes its time, as it may for a reviewer who publishes a long record
    page.route("**/change/", lambda route: None)

    page.get_by_role("textbox", name="Place of signature:").fill("Tashkent")
    page.get_by_role("button", name="Save", exact=True).click(no_wait_after=True)
    page.wait_for_timeout(1500)

    assert [url for url in asked if "/card/" in url] == []
    assert any(url.endswith("/change/") for url in asked)
    page.unroute_all(behavior="ignoreErrors")


def test_inference_is_entered_without_the_mouse_and_folds_again(
    open_page: OpenPage, staff: User
) -> None:
    page = logged_in(open_page, "/admin/agreements/agreement/add/")
    page.get_by_label("Paste a URL or byline").fill("https://daily.example/labour")
    expect(page.get_by_label("Publisher")).to_have_value("daily.example")
    expect(page.locator("[data-card]")).not_to_contain_text("Sources: there are none.")
    signed, place = page.locator("#id_signed"), page.locator("#id_place")
    beside = page.locator("[data-beside=signed]")
    height = "document.documentElement.scrollHeight"

    signed.fill("25 May 2022")
    expect(page.locator("#id_signed + output")).to_be_visible()
    before = page.evaluate(height)
    signed.press("Alt+i")
    expect(beside.get_by_label("Why it follows")).to_be_focused()
    assert page.evaluate(height) < before + 220
    expect(beside.locator("summary")).to_contain_text("Inferred: say why")
    page.keyboard.type("The article says “yesterday”.")
    page.keyboard.press("Enter")

    expect(place).to_be_focused()
    expect(beside).not_to_have_attribute("open", "")
    expect(beside.locator("summary")).to_have_text("Evidence of “Signed”: Inferred")
    assert page.evaluate(height) == before
    expect(beside.get_by_label("Why it follows")).to_have_value("The article says “yesterday”.")


def test_choices_beside_a_fact_close_when_the_clerk_moves_on(
    open_page: OpenPage, staff: User
) -> None:
    page = logged_in(open_page, "/admin/agreements/agreement/add/")
    place = page.locator("[data-beside=place]")

    place.locator("summary").click()
    place.get_by_text("Inferred from this source").click()
    expect(place.get_by_label("Why it follows")).to_be_focused()
    page.locator("#id_title").click()
    expect(place).not_to_have_attribute("open", "")
    expect(page.locator("#id_title")).to_be_focused()

    place.locator("summary").click()
    page.keyboard.press("Escape")
    expect(place).not_to_have_attribute("open", "")
    expect(place.locator("summary")).to_be_focused()


def test_second_source_is_added_beside_a_fact(open_page: OpenPage, filled: Agreement) -> None:
    SourceFactory(publisher="The Weekly", title="Signed at last")
    page = logged_in(open_page, reverse("admin:agreements_agreement_change", args=[filled.pk]))

    page.get_by_role("button", name="This source states everything filled in").wait_for()
    signed = page.locator("[data-beside=signed]")
    signed.locator("summary").click()
    signed.get_by_role("button", name="Another source").click()
    choose(page, signed.get_by_role("combobox", name="Source"), "weekly", "Signed at last")
    page.get_by_label("Reason for the change").fill("A second article")
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()

    assert filled.evidence.get(fact="signed").source.publisher == "The Weekly"
    expect(page.locator("[data-beside=signed] summary")).to_contain_text("The Weekly")


def test_party_found_by_another_spelling_is_chosen_by_its_name(
    open_page: OpenPage, staff: User
) -> None:
    agency = PartyFactory(name="National Agency", country="UZ")
    PartyNameFactory(party=agency, name="Milliy agentlik")
    page = logged_in(open_page, "/admin/agreements/agreement/add/")
    field = row(page, "participations", 0).get_by_role("combobox", name="Party")

    suggest(field, "milliy", "“Milliy agentlik”")

    expect(field).to_have_value("National Agency (Uzbekistan)")
    expect(page.locator("#id_participations-0-party option:checked")).to_have_text(
        "National Agency (Uzbekistan)"
    )


@pytest.mark.parametrize("width", [360, 1280])
def test_link_of_an_error_shows_the_label_of_its_field(
    open_page: OpenPage, staff: User, width: int
) -> None:
    page = logged_in(open_page, "/admin/agreements/agreement/add/", width=width)
    page.get_by_role("textbox", name="Signed:", exact=True).fill("31 February 2022")
    page.get_by_role("button", name="Save and continue editing").click()

    page.locator(".error-summary").get_by_role("link", name="Signed").click()

    label = page.locator('label[for="id_signed"]')
    expect(label).to_be_in_viewport(ratio=1)
    is_uncovered = """label => {
        const {left, top, bottom} = label.getBoundingClientRect();
        return label.contains(document.elementFromPoint(left + 5, (top + bottom) / 2));
    }"""
    assert label.evaluate(is_uncovered)


def test_page_follows_a_window_that_gets_narrow(open_page: OpenPage, filled: Agreement) -> None:
    page = logged_in(open_page, reverse("admin:agreements_agreement_change", args=[filled.pk]))
    page.locator(".select2-container:visible").first.wait_for()

    page.set_viewport_size({"width": 360, "height": 800})

    assert page.evaluate("document.documentElement.scrollWidth") == 360


MODELS = (
    "agreement",
    "area",
    "commitment",
    "document",
    "event",
    "evidence",
    "party",
    "signatory",
    "source",
)


def pages_of(agreement: Agreement) -> list[str]:
    """The index, the empty form of an agreement, and the list and a filled form of every model."""
    related = {
        "agreement": agreement,
        "area": agreement.areas.get(),
        "commitment": agreement.commitments.get(),
        "document": agreement.documents.exclude(file="").get(),
        "event": agreement.events.get(),
        "evidence": agreement.evidence.get(),
        "party": agreement.participations.all()[0].party,
        "signatory": agreement.signatories.get(),
        "source": agreement.evidence.get().source,
    }
    pages = [reverse("admin:index"), reverse("admin:agreements_agreement_add")]
    for model in MODELS:
        name = f"admin:agreements_{model}"
        pages += [
            reverse(f"{name}_changelist"),
            reverse(f"{name}_change", args=[related[model].pk]),
        ]
    return pages


def test_every_page_keeps_to_the_policy_and_to_a_phone(
    open_page: OpenPage, filled: Agreement
) -> None:
    page = logged_in(open_page, "/admin/", width=360)

    too_wide = []
    for path in pages_of(filled):
        page.goto(path)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            too_wide.append(path)

    assert too_wide == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_pages_are_accessible(open_page: OpenPage, filled: Agreement, dark: bool) -> None:
    # axe injects its rules into the page as a script with its own styles
    page = logged_in(open_page, "/admin/", dark=dark, bypass_csp=True)
    all_pages = pages_of(filled)

    found = {}
    for path in all_pages[:4] if dark else all_pages:
        page.goto(path)
        violations = [violation["id"] for violation in Axe().run(page).response["violations"]]
        if violations:
            found[path] = violations

    assert found == {}


@pytest.mark.parametrize("typed", ["celik", "ÇELİK", "Əliyev", "алиев"])
def test_box_of_a_long_filter_finds_a_choice_in_any_spelling(
    open_page: OpenPage, staff: User, typed: str
) -> None:
    named = ("Çelik", "Aliyev", *(f"Field {n}" for n in range(12)))
    AgreementFactory(areas=[AreaFactory(name=name) for name in named])
    page = logged_in(open_page, "/admin/agreements/agreement/")
    menu = page.locator(".filter", has=page.locator("summary", has_text="area"))
    menu.locator("summary").click()

    menu.locator("[data-menu-search]").fill(typed)

    expect(menu.locator("li:visible")).to_have_count(1)
