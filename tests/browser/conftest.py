"""A register with records that are hard to lay out, and the rules that every page must keep."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from agreements.domain.choices import Basis, EventKind, PartyKind, PeriodKind, Role
from agreements.domain.facts import EvidenceCode
from agreements.models import Agreement, Area, Party, Tombstone
from tests.browser.axe import Axe
from tests.factories import (
    AgreementFactory,
    AreaFactory,
    CommitmentFactory,
    DocumentFactory,
    EventFactory,
    EvidenceFactory,
    IdentifierFactory,
    LanguageVersionFactory,
    MembershipFactory,
    ParticipationFactory,
    PartyFactory,
    PartyNameFactory,
    PeriodFactory,
    PersonFactory,
    PersonNameFactory,
    RelationFactory,
    SignatoryFactory,
    SourceFactory,
)
from tests.snapshots import put_back

LONG_WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
LONG_TITLE = ("Agreement on the reciprocal promotion of investments " * 10)[:513]
ARABIC = "مذكرة تفاهم بشأن التعاون في مجال الحماية الاجتماعية وإعادة التأهيل"
CYRILLIC = "Министерство труда и социальной защиты населения"


@pytest.fixture
def register(transactional_db: None) -> Agreement:
    """Makes every kind of row, in awkward sizes and scripts, and returns the agreement that has them all."""
    put_back(_make_register)
    return Agreement.objects.get(ref="AGR-0001")


def _make_register() -> None:
    state = PartyFactory(name="Azerbaijan", slug="azerbaijan", kind=PartyKind.STATE, country="AZ")
    ministry = PartyFactory(name=CYRILLIC, slug="ministry", parent=state)
    PartyNameFactory(party=ministry, name=ARABIC, language="ar")
    field = AreaFactory(name="Social protection", slug="social-protection")
    areas = [field, AreaFactory(name="Rehabilitation", slug="rehabilitation", parent=field)]
    agreement = AgreementFactory(
        ref="AGR-0001",
        title=ARABIC,
        summary="They exchange nurses and experience.",
        signed="2023-10~",
        in_force="2024-01-01",
        term_kind="automatic_renewal",
        term_months=36,
        notice_days=90,
        review_due="2025-06",
        place="Baku",
        public_notes="The text has not been seen.",
        responsible_unit="International department",
        text_availability="confidential",
        parties=[ministry, PartyFactory(name=LONG_WORD)],
        areas=areas,
    )
    _add_everything(agreement, ministry=ministry)
    _add_others(areas)


def _add_everything(agreement: Agreement, *, ministry: Party) -> None:
    source = SourceFactory(
        slug="gazette",
        publisher="Gazette",
        title=LONG_TITLE[:500],
        url=f"https://e.example/{LONG_WORD}",
    )
    for fact in EvidenceCode:
        basis = Basis.INFERRED if fact == EvidenceCode.SIGNED else Basis.STATED
        EvidenceFactory(agreement=agreement, fact=fact, source=source, basis=basis, note="A note.")
    EvidenceFactory(agreement=agreement, fact=EvidenceCode.PLACE, basis=Basis.CONTRADICTED)
    ParticipationFactory(agreement=agreement, role=Role.DEPOSITARY)
    person = PersonFactory(slug="minister", name=ARABIC[:40])
    PersonNameFactory(person=person, name=CYRILLIC, language="ru")
    SignatoryFactory(
        agreement=agreement, name=ARABIC[:40], title="Minister", party=ministry, person=person
    )
    EventFactory(agreement=agreement, kind=EventKind.DISCUSSED, date="2020", source=source)
    EventFactory(agreement=agreement, kind=EventKind.MEETING, date="2998", party=ministry)
    EventFactory(agreement=agreement, kind=EventKind.RATIFIED, note=LONG_WORD * 3)
    CommitmentFactory(agreement=agreement, due="2024", party=ministry)
    DocumentFactory(agreement=agreement, uploaded=True, language="ar", title=LONG_WORD)
    protocol = AgreementFactory(title=LONG_WORD * 4)
    RelationFactory(agreement=agreement, target=protocol)
    PeriodFactory(agreement=agreement, kind=PeriodKind.SUSPENSION, first="2024-05", last="2025")
    PeriodFactory(agreement=agreement, kind=PeriodKind.RENEWAL, first="2027-02", by=protocol)
    IdentifierFactory(agreement=agreement)
    IdentifierFactory(agreement=agreement, scheme="other", value=LONG_WORD)
    LanguageVersionFactory(agreement=agreement, language="ar", title=ARABIC, status="authentic")
    LanguageVersionFactory(agreement=agreement, language="de", title=LONG_WORD)
    _add_parties_over_time(agreement)
    Tombstone.objects.create(
        ref="AGR-9999", title=LONG_TITLE, reason=LONG_WORD, withdrawn_at="2026-01-02T03:04:05Z"
    )


def _add_parties_over_time(agreement: Agreement) -> None:
    union = PartyFactory(name="Economic union", slug="union", binds_members=True)
    for number in range(3):
        MembershipFactory(organisation=union, since="1991", until="2031" if number else "2009")
    ParticipationFactory(agreement=agreement, party=union, signed="2023", consent="pending")
    ParticipationFactory(
        agreement=agreement,
        party=PartyFactory(name=CYRILLIC * 2, country="GE"),
        name_as_signed=ARABIC,
        consent="accession",
        consented="1993-12-03",
        withdrawal_notified="2008-08",
        in_force_until="2009-08-18",
        ended_by="withdrawal",
        reservations=f"{LONG_TITLE}\n\n{LONG_WORD}",
    )


def _add_others(areas: list[Area]) -> None:
    parties = [PartyFactory(name=f"Contracting State {n}", state=True) for n in range(60)]
    AgreementFactory(title=LONG_TITLE, parties=parties, signed="1999", areas=areas[:1])
    AgreementFactory(title="A proposal", stage="proposed", parties=parties[:2])
    for number in range(28):
        AgreementFactory(signed=f"{1990 + number}", parties=parties[number : number + 2])


PageIsSound = Callable[..., None]

# Axe leaves out the size of targets unless asked; what is only advice is left out in turn.
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
OF_WCAG = {
    "runOnly": {"type": "tag", "values": WCAG},
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations"],
}
TARGET_SIZE = {"runOnly": {"type": "rule", "values": ["target-size"]}}
# What `page_is_sound` asks: also the best practices that axe knows, and in the admin the size of targets.
EVERYTHING = {"resultTypes": ["violations"]}
WITH_TARGET_SIZE = EVERYTHING | {"rules": {"target-size": {"enabled": True}}}
# All that another colour scheme can break.
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}


def violations_of(
    page: Page, options: dict[str, Any] | None = None, *, context: str | None = None
) -> list[tuple[str, list[str]]]:
    """Return which rules of WCAG 2.2 AA the page breaks, each with the first elements that do.

    `context` is a selector of the only parts to look at.
    """
    found = Axe().run(page, context, options or OF_WCAG).response["violations"]
    return [(each["id"], [node["html"][:200] for node in each["nodes"]][:3]) for each in found]


@pytest.fixture
def page_is_sound() -> PageIsSound:
    """A function that fails unless the page, in its current state, keeps the rules for every page."""

    def page_is_sound(page: Page, *, in_other_colours: bool = False) -> None:
        """Look at everything; at a page that was sound at this width `in_other_colours`, only at these."""
        everything = WITH_TARGET_SIZE if "/admin/" in page.url else EVERYTHING
        found = violations_of(page, COLOURS if in_other_colours else everything)
        assert not found, found
        assert page.locator("h1").count() == 1
        # data blocks are not run
        inline = "[style], style, script:not([src], [type='application/ld+json'])"
        assert page.locator(inline).count() == 0
        assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]

    return page_is_sound
