"""The public pages reveal nothing about unpublished records, not even a number.

Every public URL is requested before and after the register gains drafts, records in review, withdrawn ones and private
documents; each response must be the same, byte for byte and header for header. Staff read the same on it, apart from links of their
own and the internal part of briefs, which says that it is internal; and what guests get is the same after staff have asked.
A new URL fails here until it says how to request it. `admin/test_sweep.py` checks what staff get in the admin.
"""

import io
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
import time_machine
from django.core.cache import cache
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from pytest_django import DjangoDbBlocker, Settings

from agreements.curation import workflow
from agreements.curation.history.recording import recorded
from agreements.domain.choices import (
    DocumentKind,
    Kind,
    LegalNature,
    Publication,
    PublicationVerb,
    RelationKind,
)
from agreements.domain.permissions import StaffRole
from agreements.exchange.exporting.formats import LIST_FORMATS, PARTICIPATIONS
from agreements.models import Agreement, Document, DocumentVersion, Person
from agreements.serving import response_cache
from agreements.web.sitemaps import SITEMAPS
from tests.colleagues import colleague
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
    PartyFactory,
    PartyNameFactory,
    PeriodFactory,
    PersonFactory,
    PersonNameFactory,
    RelationFactory,
    SignatoryFactory,
    SourceFactory,
)

pytestmark = pytest.mark.django_db
HIDDEN = (Publication.DRAFT, Publication.IN_REVIEW, Publication.WITHDRAWN)
# A word that occurs in everything that must be hidden from the public, and nowhere else.
WORD = "zyxomma"

ENTERED = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
GAINED = datetime(2026, 11, 21, 12, 10, tzinfo=UTC)
ASKED = datetime(2026, 11, 21, 12, 20, tzinfo=UTC)


# ------------------------------------------------------------------ the register


def make_what_is_public() -> None:
    """Make two published agreements, one of which has rows of every kind, some hidden and some shown."""
    state = PartyFactory(slug="public-state", name="Publicland", country="AZ", state=True)
    parties = [PartyFactory(slug="public-ministry", parent=state), PartyFactory(country="UZ")]
    area = AreaFactory(slug="public-area")
    AreaFactory(slug="unused-area", parent=area)
    source = SourceFactory(slug="public-source")
    shown = AgreementFactory(
        ref="AGR-0001",
        title="On labour",
        signed="2020-05-05",
        parties=parties,
        areas=[area],
        internal_notes=f"{WORD} notes",
    )
    EvidenceFactory(agreement=shown, source=source)
    EventFactory(agreement=shown, date="2020", source=source)
    signer = PersonFactory(slug="public-person", name="Public Person")
    SignatoryFactory(agreement=shown, name="Public Person", person=signer, party=parties[0])
    DocumentFactory(id=100, agreement=shown, uploaded=True)
    private = {"agreement": shown, "is_public": False, "kind": DocumentKind.SIGNED_TEXT}
    DocumentFactory(id=101, uploaded=True, title=f"{WORD} text", **private)
    DocumentFactory(id=102, address=f"https://{WORD}.example/", **private)
    AgreementFactory(ref="AGR-0002", title="On health", signed="2021", parties=parties[:1])
    with recorded(why=f"{WORD} reason"):
        shown.place, shown.internal_notes = "Baku", f"{WORD} notes, longer"
        shown.save()
    # rows of a published record that refer to an unpublished one
    target = AgreementFactory(ref="AGR-9000", draft=True, title=f"{WORD} target")
    RelationFactory(agreement=shown, target=target, note=f"{WORD} relation")
    PeriodFactory(agreement=shown, last="2019", by=target, note=f"{WORD} extension")


def make_what_is_hidden() -> None:
    """Make an agreement in each unpublished state, with everything that could leak."""
    publisher = colleague(StaffRole.PUBLISHER, username=WORD)
    draft, in_review, withdrawn = (_make_draft(number) for number in (1, 2, 3))
    with recorded(by=publisher, why=f"{WORD} reason"):
        draft.place = f"{WORD} place"
        draft.save()
    workflow.take(PublicationVerb.SUBMIT, in_review, by=publisher, at=GAINED)
    workflow.take(PublicationVerb.PUBLISH, withdrawn, by=publisher, at=GAINED)
    workflow.take(
        PublicationVerb.WITHDRAW, withdrawn, by=publisher, at=GAINED, reason=f"{WORD} reason"
    )
    assert {
        *Agreement.objects.filter(ref__startswith="AGR-9").values_list("publication", flat=True)
    } == {*HIDDEN}


def _make_draft(number: int) -> Agreement:
    shown = Agreement.objects.get(ref="AGR-0001")
    public_state = shown.participations.first().party.parent
    state = PartyFactory(slug=f"{WORD}-{number}", name=f"{WORD} land", country="TV", state=True)
    body = PartyFactory(slug=f"{WORD}-body-{number}", name=f"{WORD} office", parent=public_state)
    PartyNameFactory(party=body, name=f"{WORD} spelling")
    source = SourceFactory(slug=f"{WORD}-source-{number}", publisher=f"{WORD} gazette")
    public_area = shown.areas.get()
    hidden = AgreementFactory(
        ref=f"AGR-900{number}",
        draft=True,
        title=f"{WORD} treaty",
        summary=f"On {WORD}",
        place=f"{WORD} city",
        public_notes=f"{WORD} notes",
        responsible_unit=f"{WORD} unit",
        parties_note=f"{WORD} parties",
        kind=Kind.TREATY,
        legal_nature=LegalNature.BINDING,
        signed="1999-09-09",
        in_force="1999-09-09",
        term_kind="fixed",
        term_months=12 * 28,
        parties=[state, body, shown.participations.first().party],
        areas=[public_area, public_area.children.get()],
    )
    signer = PersonFactory(slug=f"{WORD}-person-{number}", name=f"{WORD} person")
    PersonNameFactory(person=signer, name=f"{WORD} spelling")
    SignatoryFactory(agreement=hidden, name=f"{WORD} signatory", party=body, person=signer)
    shown_signer = Person.objects.get(slug="public-person")
    SignatoryFactory(
        agreement=hidden, name=f"{WORD} alias", title=f"{WORD} post", person=shown_signer
    )
    MembershipFactory(organisation=body, member=state)
    body.participations.update(reservations=f"{WORD} reservation")
    EventFactory(agreement=hidden, date="1998", place=f"{WORD} place", party=body, source=source)
    EventFactory(agreement=hidden, date="1998", source=shown.evidence.get().source)
    CommitmentFactory(agreement=hidden, text=f"{WORD} promise", due="2020", party=body)
    PeriodFactory(agreement=hidden, kind="suspension", first="2020", note=f"{WORD} suspension")
    PeriodFactory(agreement=shown, kind="suspension", first="2020", by=hidden, note=WORD)
    # internal rows of a published agreement are as hidden as a draft
    CommitmentFactory(
        agreement=shown, text=f"{WORD} promise", due="2020", party=body, is_public=False
    )
    IdentifierFactory(agreement=shown, scheme="imported-row", value=f"{WORD} row {number}")
    IdentifierFactory(agreement=hidden, scheme=WORD, value=f"{WORD} {number}")
    LanguageVersionFactory(agreement=hidden, title=f"{WORD} title", summary=f"{WORD} summary")
    EvidenceFactory(agreement=hidden, source=source)
    EvidenceFactory(agreement=hidden, source=shown.evidence.get().source)
    DocumentFactory(id=900 + number, agreement=hidden, uploaded=True, title=f"{WORD} text")
    private = {"uploaded": True, "is_public": False, "kind": DocumentKind.SIGNED_TEXT}
    DocumentFactory(id=910 + number, agreement=hidden, title=f"{WORD} text", **private)
    for kind in (RelationKind.SUPERSEDES, RelationKind.AMENDS):
        RelationFactory(agreement=hidden, target=shown, kind=kind, note=f"{WORD} relation")
    return hidden


# ------------------------------------------------------------------ the URLs

SELECTIONS = (
    "",
    f"?q={WORD}",
    # similar enough to be suggested if anything public contained it
    f"?q={WORD[:-2]}a",
    f"?identifier={WORD}:{WORD}+1",
    f"?identifier={WORD}+row+1",
    f"?party={WORD}-1",
    f"?party={WORD}-body-1",
    "?party=public-state",
    "?country=TV",
    "?country=AZ",
    "?area=unused-area",
    "?area=public-area",
    "?kind=treaty",
    "?legal_nature=binding",
    "?status=in_force",
    "?status=superseded",
    "?signed_to=1999",
    "?verification=document_seen",
    "?verification=corroborated",
    "?has_document=true",
    "?expires_within=36500",
    "?sort=title",
    "?sort=-updated",
    "?sort=relevance&q=on",
    "?labels=1",
    f"?signatory={WORD}",
    "?country=AZ&country=TV&country_match=all",
)
REFS = ("AGR-0001", "AGR-0002", *(f"AGR-900{number}" for number in range(4)))
PARTIES = ("public-state", "public-ministry", f"{WORD}-1", f"{WORD}-body-1")
AREAS = ("public-area", "unused-area")
DOCUMENTS = {
    100: "AGR-0001",
    101: "AGR-0001",
    102: "AGR-0001",
    **{900 + number: f"AGR-900{number}" for number in (1, 2, 3)},
    **{910 + number: f"AGR-900{number}" for number in (1, 2, 3)},
}
TABLES = (
    "in-force", "years", "statuses", "kinds", "areas", "countries", "areas-countries", "country-pairs",
    "to-entry-into-force", "lifetimes", "nothing",
)  # fmt: skip


def selections(path: str, *more: str) -> list[str]:
    return [path + query for query in (*SELECTIONS, *more)]


def below(path: str, names: tuple[str, ...], *endings: str) -> list[str]:
    return [f"{path}{name}{ending}" for name in names for ending in endings or ("/",)]


ADDRESSES: dict[str, list[str]] = {
    "home": ["/"],
    "agreement_list": selections("/agreements/", "?page=2", "?per_page=100"),
    "agreement_choices": [
        *below(
            "/agreements/choices/", ("party", "country", "area", "kind", "signed_year", "nothing")
        ),
        *selections("/agreements/choices/party/"),
        f"/agreements/choices/party/?find={WORD}",
        f"/agreements/choices/country/?find={WORD}&country=TV",
        "/agreements/choices/party/?find=ministry&page=2",
    ],
    **{kind.name: selections(f"/agreements.{kind.extension}") for kind in LIST_FORMATS},
    PARTICIPATIONS.name: selections("/participations.csv"),
    "agreements_brief": [f"/agreements/brief/{query}" for query in SELECTIONS[:9]],
    "agreements_brief_docx": [f"/agreements/brief.docx{query}" for query in SELECTIONS[:4]],
    "party_brief": below("/parties/", PARTIES, "/brief/"),
    "party_brief_docx": below("/parties/", PARTIES, "/brief.docx"),
    "agreement_detail": [*below("/agreements/", REFS), "/agreements/AGR-0001/?as_of=2030-01-01"],
    "agreement_file": below("/agreements/", REFS, ".json", ".bib", ".ris"),
    "document_download": [f"/agreements/{ref}/documents/{key}/" for key, ref in DOCUMENTS.items()],
    "document_version": [
        f"/agreements/{ref}/documents/{key}/versions/{version}/"
        for key, ref in DOCUMENTS.items()
        for version in (1, 2, 3)
    ],
    "private_calendar": [f"/calendar/{'x' * 43}.ics"],
    "statistics": selections("/statistics/"),
    "map": selections("/map/"),
    "statistics_csv": [
        f"/statistics/{table}.csv{query}" for query in SELECTIONS[:4] for table in TABLES
    ],
    "party_list": ["/parties/", f"/parties/?q={WORD}", "/parties/?q=ministry", "/parties/?page=2"],
    "party_detail": below("/parties/", PARTIES),
    "person_detail": below("/people/", ("public-person", f"{WORD}-person-1")),
    "area_list": ["/areas/"],
    "area_detail": below("/areas/", AREAS),
    "changes": ["/changes/", "/changes/?before=3", "/changes/?before=999999"],
    "changes_atom": ["/changes.atom"],
    "about": ["/about/"],
    "data": ["/data/"],
    "api_root": ["/api/v1/"],
    "api_schema": ["/api/v1/schema/"],
    "api_agreements": selections("/api/v1/agreements/", "?per_page=25"),
    "api_facets": selections("/api/v1/facets/", "?facet=party&most=3"),
    "api_agreement": below("/api/v1/agreements/", REFS),
    "api_parties": ["/api/v1/parties/", f"/api/v1/parties/?q={WORD}"],
    "api_party": below("/api/v1/parties/", PARTIES),
    "api_areas": ["/api/v1/areas/"],
    "api_area": below("/api/v1/areas/", AREAS),
    r"^[\s\S]*/\Z": ["/api/v1/nowhere/"],
    "datapackage": ["/datapackage.json"],
    "robots": ["/robots.txt"],
    "favicon": ["/favicon.ico"],
    "security": ["/.well-known/security.txt"],
    "sitemap_index": ["/sitemap.xml"],
    "sitemap": below("/sitemap-", tuple(SITEMAPS), ".xml"),
}
# Not pages, but they only say where to find the site.
SIGNPOSTS = {"robots", "favicon", "security", "sitemap_index", "sitemap"}
# Withdrawn after publication: its URLs answer 410, and what lists changes names it, but nothing else of it.
GONE = "AGR-9003"
TELL_OF_IT = {"/changes/", "/changes.atom"}
# These say when something was withdrawn last.
OF_THE_DAY = {"sitemap", "sitemap_index"}
# Secrets and staff's files: a guest gets a page that says they were not found.
WITHHELD = {"private_calendar", "document_version"}
# What staff alone see: the links beside the heading, and open commitments in briefs.
STAFF_LINKS = re.compile(rb'<div class="staff-links".*?</div>', re.DOTALL)
WITH_INTERNAL_PARTS = {name for name in ADDRESSES if "brief" in name}
BRIEFS = [
    *ADDRESSES["agreements_brief"][:1],
    *ADDRESSES["agreements_brief_docx"][:1],
    *ADDRESSES["party_brief"][:2],
    *ADDRESSES["party_brief_docx"][:2],
]
# The internal parts of a brief: the word at its head, the sections of that word, and what then has nothing in it.
INTERNAL_PARTS = (
    re.compile(rb"\xc2\xb7 <strong class=\"brief-internal\">Internal</strong>"),
    re.compile(rb"<section> <h2> [^<]*<span class=\"brief-internal\">Internal</span>.*?</section>"),
    re.compile(rb"<div class=\"brief-columns\"> *</div>"),
)
# An answer to a session is kept by no other cache.
OF_A_SESSION = {"private, no-cache", "private, no-store"}
# status, headers, content
Answer = tuple[int, dict[str, str], bytes]
# By URL: the answer, and the status of a conditional request.
Answers = dict[str, tuple[Answer, int]]
# How each response is compared apart from its bytes: whether a reader's copy is still current.
CONDITIONS = {"HTTP_IF_MODIFIED_SINCE": "Sat, 21 Nov 2026 12:05:00 GMT"}


def public_names(patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
    """The name of each URL outside the admin, or its pattern if it has none."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver) and pattern.namespace != "admin":
            yield from public_names(pattern.url_patterns)
        elif isinstance(pattern, URLPattern):
            yield pattern.name or str(pattern.pattern)


def body_of(response: HttpResponseBase) -> bytes:
    """The bytes of a response; for a workbook, the contents of its sheets."""
    content = b"".join(response) if response.streaming else response.content  # type: ignore[attr-defined]
    if content[:2] != b"PK":
        return content
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return b"\n".join(book.read(name) for name in sorted(book.namelist()))


def answer(client: Client, address: str, **headers: str) -> Answer:
    response = client.get(address, **headers)
    kept = {name: value for name, value in response.headers.items() if name != "Content-Length"}
    return response.status_code, kept, body_of(response)


def answers(client: Client, addresses: list[str]) -> Answers:
    with time_machine.travel(ASKED, tick=False):
        return {
            address: (answer(client, address), answer(client, address, **CONDITIONS)[0])
            for address in addresses
        }


def logged_in(role: StaffRole) -> Client:
    client = Client()
    client.force_login(colleague(role))
    return client


def logged_in_early(role: StaffRole) -> Client:
    """A colleague's client, logged in before the register gained what is hidden."""
    with time_machine.travel(ENTERED, tick=False):
        return logged_in(role)


def asked_by(client: Client, *, most: int = 4) -> Iterator[tuple[str, str, Answer]]:
    """The name of each URL whose answers staff share with guests, its first addresses, and what the client gets."""
    with time_machine.travel(ASKED, tick=False):
        for name, addresses in ADDRESSES.items():
            if name in OF_THE_DAY | {"document_download", "document_version"}:
                continue
            for address in addresses[:most]:
                if GONE not in address and address not in TELL_OF_IT:
                    yield name, address, answer(client, address)


def shared(headers: dict[str, str]) -> dict[str, object]:
    """The headers of an answer, apart from those that only say that it belongs to a session."""
    kept: dict[str, object] = {
        name: value
        for name, value in headers.items()
        if name != "Cache-Control" or value not in OF_A_SESSION
    }
    return kept | {"Vary": {*headers.get("Vary", "").split(", ")} - {"", "Cookie"}}


def without_links(content: bytes) -> bytes:
    return b" ".join(STAFF_LINKS.sub(b"", content).split())


def article(content: bytes) -> bytes:
    """The brief within its page, with plain spaces."""
    found = re.search(rb"<article.*</article>", content, re.DOTALL)
    assert found
    return b" ".join(found[0].split())


def without_internal_parts(brief: bytes) -> bytes:
    for part in INTERNAL_PARTS:
        brief, found = part.subn(b"", brief)
        assert found, part
    return b" ".join(brief.split())


# ------------------------------------------------------------------ the sweep


@pytest.fixture(scope="module", autouse=True)
def before(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Answers]:
    """The responses to a guest before the hidden records exist; the tests share the register with them."""
    with django_db_blocker.unblock(), transaction.atomic():
        with time_machine.travel(ENTERED, tick=False):
            make_what_is_public()
        every_address = [address for addresses in ADDRESSES.values() for address in addresses]
        yet_public = answers(Client(), every_address)
        with time_machine.travel(GAINED, tick=False):
            make_what_is_hidden()
        with django_db_blocker.block():
            yield yet_public
        transaction.set_rollback(True)


def test_every_public_address_is_swept() -> None:
    assert set(public_names(get_resolver().url_patterns)) == set(ADDRESSES)


@pytest.mark.parametrize("name", ADDRESSES)
def test_what_is_hidden_changes_no_answer(name: str, before: Answers) -> None:
    after = answers(Client(), ADDRESSES[name])

    for address, (now, conditional) in after.items():
        if GONE in address:
            assert (now[0], conditional) == (410, 410), address
        elif address in TELL_OF_IT:
            assert GONE.encode() in now[2], address
        elif name in OF_THE_DAY:
            assert (now[0], GONE.encode() in now[2]) == (200, False), address
        else:
            assert now[0] in {200, 400, 404}, address
            assert now == before[address][0], address
            assert conditional == before[address][1], address
        if WORD[:-2] not in address:
            assert WORD.encode() not in now[2].lower(), address


def test_every_text_names_its_encoding(before: Answers) -> None:
    kinds = {answer[1]["Content-Type"] for answer, _conditional in before.values()}
    texts = {kind for kind in kinds if kind.startswith("text/") or "xml;" in f"{kind};"}

    assert len(texts) >= 6
    assert [kind for kind in texts if "charset=utf-8" not in kind and "sheet" not in kind] == []


def test_over_http_pages_lead_to_https_and_data_is_refused(
    settings: Settings, before: Answers
) -> None:
    settings.SECURE_SSL_REDIRECT = True

    for name, (address, *_) in ADDRESSES.items():
        now = Client().get(address)

        kind = before[address][0][1]["Content-Type"]
        is_page = name in SIGNPOSTS or (kind.startswith("text/html") and name not in WITHHELD)
        assert now.status_code == (301 if is_page else 403), address


@pytest.mark.parametrize("role", StaffRole)
def test_staff_are_shown_what_everybody_is(role: StaffRole, before: Answers) -> None:
    for name, address, (status, headers, content) in asked_by(logged_in_early(role)):
        guest = before[address][0]
        assert (status, shared(headers)) == (guest[0], shared(guest[1])), address
        if name not in WITH_INTERNAL_PARTS:
            assert without_links(content) == without_links(guest[2]), address
        if content != guest[2]:
            assert headers["Cache-Control"] in OF_A_SESSION, address


@pytest.mark.parametrize("role", StaffRole)
@pytest.mark.parametrize("address", BRIEFS)
def test_briefs_of_staff_mark_what_only_they_see(
    role: StaffRole, address: str, before: Answers
) -> None:
    staff, guest = logged_in_early(role), before[address][0]
    with time_machine.travel(ASKED, tick=False):
        _status, headers, internal = answer(staff, address)
        _status, handout_headers, handout = answer(staff, f"{address}?internal=0")

    assert {headers["Cache-Control"], handout_headers["Cache-Control"]} == {"private, no-store"}
    assert WORD.encode() in internal
    assert b"AGR-900" not in internal
    if address.endswith(".docx"):
        assert b"Internal" in internal
        assert handout == guest[2]
    else:
        assert article(handout) == article(guest[2])
        assert article(internal) != article(guest[2])
        assert without_internal_parts(article(internal)) == article(guest[2])


@pytest.fixture
def response_cache_on(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The response cache works, although the tests of this module are within a transaction."""
    outside = SimpleNamespace(in_atomic_block=False)
    monkeypatch.setattr(response_cache, "connections", defaultdict(lambda: outside))
    cache.clear()
    yield
    cache.clear()


@pytest.mark.usefixtures("response_cache_on")
def test_guests_get_the_same_whether_staff_asked_before_or_not() -> None:
    staff, guest = logged_in_early(StaffRole.PUBLISHER), Client()
    alone = list(asked_by(guest, most=2))
    cache.clear()

    first = list(asked_by(staff, most=2))
    after_staff = list(asked_by(guest, most=2))
    after_guests = list(asked_by(staff, most=2))

    assert after_staff == alone
    for (_name, address, now), (_same, _too, earlier) in zip(after_guests, first, strict=True):
        assert without_links(now[2]) == without_links(earlier[2]), address
    tagged = {name for name, _address, (_status, headers, _body) in alone if "ETag" in headers}
    assert tagged >= WITH_INTERNAL_PARTS | {"home", "agreement_list", "agreement_detail"}


def test_something_is_shown_at_all(before: Answers) -> None:
    shown = {
        name: [address for address in addresses if before[address][0][0] == 200]
        for name, addresses in ADDRESSES.items()
    }

    assert {name for name, addresses in shown.items() if not addresses} == {
        r"^[\s\S]*/\Z",
        "document_version",
        "private_calendar",
        "security",
    }
    assert shown["agreement_detail"][:2] == ["/agreements/AGR-0001/", "/agreements/AGR-0002/"]
    assert shown["document_download"] == ["/agreements/AGR-0001/documents/100/"]
    assert len(shown["statistics_csv"]) == (len(TABLES) - 1) * 4


@pytest.mark.parametrize("role", [None, *StaffRole])
def test_documents_are_handed_to_staff_and_kept_by_nobody(role: StaffRole | None) -> None:
    client = logged_in(role) if role else Client()
    uploaded = set(Document.objects.exclude(file="").values_list("pk", flat=True))

    handed_out = {}
    for key, ref in DOCUMENTS.items():
        status, headers, _body = answer(client, f"/agreements/{ref}/documents/{key}/")
        if status == 200:
            handed_out[key] = headers
    files = [answer(client, _version_address(version)) for version in DocumentVersion.objects.all()]

    assert set(handed_out) == (uploaded if role else {100})
    assert {status for status, *_rest in files} == ({200} if role else {404, 410})
    for key, headers in handed_out.items():
        assert headers["Content-Disposition"].startswith("attachment")
        assert headers["Cache-Control"] == ("no-cache" if key == 100 else "private, no-store")


def _version_address(version: DocumentVersion) -> str:
    document = version.document
    return reverse(
        "agreements:document_version", args=[document.agreement.ref, document.pk, version.pk]
    )


def test_what_is_published_then_shows_everywhere() -> None:
    """Shows that the sweep looks in the right places: it would find the hidden records if they were public."""
    Agreement.objects.filter(ref__startswith="AGR-900").update(publication=Publication.PUBLISHED)

    telling = {
        name
        for name, addresses in ADDRESSES.items()
        for address in addresses
        if "?" not in address
        and WORD not in address
        and WORD.encode() in answer(Client(), address)[2].lower()
    }

    assert telling >= {
        "home",
        "agreement_list",
        *(kind.name for kind in (*LIST_FORMATS, PARTICIPATIONS)),
        "agreement_detail",
        "agreement_file",
        "party_list",
        "party_detail",
        "person_detail",
        "api_agreements",
        "api_agreement",
        "api_parties",
        "changes",
        "changes_atom",
        "sitemap",
    }
