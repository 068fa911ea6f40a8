"""The feed and the calendar of a selection: what is in them, that they are valid, and that they stay the same."""

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape
from itertools import pairwise
from xml.etree import ElementTree

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements.exchange.exporting.extracts import Extract
from agreements.exchange.feeds.atom import MOST_ENTRIES, atom
from agreements.exchange.feeds.calendar import known_days, stream_calendar
from agreements.models import Agreement
from tests.factories import AgreementFactory, AreaFactory, PartyFactory

TODAY = date(2026, 11, 21)
SITE = "http://127.0.0.1:8000"
HOSTILE = [
    pytest.param("]]> </title><evil/> &amp; \"'", id="markup"),
    pytest.param("b\x01c\x1bd\ufffee", id="control characters"),
    pytest.param("two\r\nBEGIN:VEVENT\r\nEND:VCALENDAR", id="lines of a calendar"),
    pytest.param("a\rUID:x\x85b\u2028c", id="other line breaks"),
    pytest.param('a;b,c:d"e\\f\\n', id="separators"),
    pytest.param("Əməkdaşlıq 🤝" * 30, id="long and not ASCII"),
    pytest.param("=cmd|'/c calc'!A1", id="formula"),
]


def extract(agreements=None, words="Agreements with Azerbaijan", day=TODAY) -> Extract:
    agreements = Agreement.objects.order_by("ref") if agreements is None else agreements
    return Extract(agreements, words, "country=AZ", day)


# ------------------------------------------------------------------ Atom

ATOM = "{http://www.w3.org/2005/Atom}"


def feed(**options) -> ElementTree.Element:
    """Return the feed of the agreements, checked against the requirements of RFC 4287."""
    root = ElementTree.fromstring(atom(extract(**options)))  # noqa: S314 - written by ourselves
    assert root.tag == f"{ATOM}feed"
    assert len(root.findall(f"{ATOM}author/{ATOM}name")) == 1
    for part in [root, *root.findall(f"{ATOM}entry")]:
        for name in ("id", "title", "updated"):
            assert len(part.findall(ATOM + name)) == 1, name
        assert re.match(r"https?://", part.findtext(f"{ATOM}id"))
        assert datetime.fromisoformat(part.findtext(f"{ATOM}updated")).tzinfo is not None
        assert [a.get("href") for a in part.findall(f"{ATOM}link[@rel='alternate']")] != []
        assert all(content.get("type") == "html" for content in part.findall(f"{ATOM}summary"))
    ids = [entry.findtext(f"{ATOM}id") for entry in root.findall(f"{ATOM}entry")]
    assert len(ids) == len(set(ids))
    return root


def entries(**options) -> list[ElementTree.Element]:
    return feed(**options).findall(f"{ATOM}entry")


@pytest.mark.django_db
def test_feed_says_what_it_is_and_where():
    root = feed()

    links = {link.get("rel"): link.get("href") for link in root.findall(f"{ATOM}link")}
    assert root.findtext(f"{ATOM}title") == "Agreements with Azerbaijan"
    assert root.findtext(f"{ATOM}id") == f"{SITE}/agreements.atom?country=AZ"
    assert links == {
        "self": f"{SITE}/agreements.atom?country=AZ",
        "alternate": f"{SITE}/agreements/?country=AZ",
    }
    assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == "en"


@pytest.mark.django_db
def test_entry_tells_of_the_agreement():
    agreement = AgreementFactory(
        ref="AGR-0042", title="On care", signed="2023-10~", summary="First.\n<b>Second</b>",
        published_at=datetime(2025, 1, 2, tzinfo=UTC), areas=[AreaFactory(slug="health")],
        parties=[
            PartyFactory(name="Azerbaijan", country="AZ", state=True),
            PartyFactory(name="Ministry of Care", country="UZ"),
        ],
    )  # fmt: skip

    (entry,) = entries()
    agreement.refresh_from_db()

    assert entry.findtext(f"{ATOM}title") == "On care"
    assert entry.findtext(f"{ATOM}id") == f"{SITE}/agreements/AGR-0042/"
    assert entry.find(f"{ATOM}link").get("href") == f"{SITE}/agreements/AGR-0042/"
    assert entry.findtext(f"{ATOM}published") == "2025-01-02T00:00:00+00:00"
    assert entry.findtext(f"{ATOM}updated") == agreement.updated_at.isoformat()
    assert [area.get("term") for area in entry.findall(f"{ATOM}category")] == ["health"]
    assert entry.findtext(f"{ATOM}summary") == (
        "<p>Memorandum of understanding between Azerbaijan and Ministry of Care (Uzbekistan), "
        "signed about October 2023</p><p>First.\n&lt;b&gt;Second&lt;/b&gt;</p>"
    )


@pytest.mark.django_db
def test_newest_changes_come_first_and_fifty_at_most():
    for n in range(MOST_ENTRIES + 5):
        agreement = AgreementFactory()
        changed = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=n * 7 % 60)
        Agreement.objects.filter(pk=agreement.pk).update(updated_at=changed)

    times = [entry.findtext(f"{ATOM}updated") for entry in entries()]

    newest = sorted(Agreement.objects.values_list("updated_at", flat=True), reverse=True)
    assert times == [moment.isoformat() for moment in newest[:50]]
    assert all(later >= earlier for later, earlier in pairwise(times))


@pytest.mark.django_db
def test_feed_changed_when_its_newest_entry_did():
    agreement = AgreementFactory()

    assert feed().findtext(f"{ATOM}updated") == agreement.updated_at.isoformat()


@pytest.mark.django_db
def test_feed_without_entries_is_valid_and_does_not_pretend_to_have_changed():
    assert feed().findtext(f"{ATOM}updated") == "2026-11-21T00:00:00+00:00"
    assert atom(extract()) == atom(extract())


@pytest.mark.django_db
@pytest.mark.parametrize("title", HOSTILE)
def test_any_title_is_text_in_the_feed(title):
    AgreementFactory(title=title, summary=title)

    (entry,) = entries(words=title)

    assert entry.findtext(f"{ATOM}title") == _shown(title)
    assert _shown(unescape(entry.findtext(f"{ATOM}summary"))).endswith(f"<p>{_shown(title)}</p>")


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 30])
def test_queries_of_the_feed_do_not_grow(count, django_assert_num_queries):
    for _n in range(count):
        AgreementFactory(parties=[PartyFactory()], areas=[AreaFactory()])

    with django_assert_num_queries(3):
        atom(extract())


# ------------------------------------------------------------------ the calendar


def calendar(**options) -> str:
    """Return the calendar of the agreements, each line checked against the requirements of RFC 5545."""
    content = b"".join(stream_calendar(extract(**options)))
    lines = content.split(b"\r\n")
    assert lines.pop() == b""
    assert (lines[0], lines[-1]) == (b"BEGIN:VCALENDAR", b"END:VCALENDAR")
    assert all(len(line) <= 75 for line in lines)
    assert not re.search(rb"[\x00-\x08\x0a-\x1f\x7f]", b"".join(lines))
    return content.decode()


def events(**options) -> list[dict[str, str]]:
    """Return the properties of each event in the calendar, unfolded and unescaped."""
    text = calendar(**options).replace("\r\n ", "")
    found = re.findall("BEGIN:VEVENT\r\n(.*?)END:VEVENT\r\n", text, re.DOTALL)
    return [
        {name: re.sub(r"\\(.)", _meant, value) for name, value in _lines(event)} for event in found
    ]


def _lines(event: str):
    return (line.split(":", 1) for line in event.splitlines())


def _meant(escape: re.Match[str]) -> str:
    return "\n" if escape[1] in "nN" else escape[1]


def days(**options) -> list[tuple[str, str, str]]:
    return [
        (event["UID"], event["DTSTART;VALUE=DATE"], event["SUMMARY"]) for event in events(**options)
    ]


@pytest.mark.django_db
def test_event_tells_of_the_agreement():
    party = PartyFactory(name="Ministry of Care", country="UZ")
    AgreementFactory(ref="AGR-0042", title="On care", signed="2023-08-15", parties=[party])
    Agreement.objects.update(updated_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))

    assert events() == [
        {
            "UID": "AGR-0042-signed@127.0.0.1",
            "DTSTAMP": "20260102T030405Z",
            "LAST-MODIFIED": "20260102T030405Z",
            "DTSTART;VALUE=DATE": "20230815",
            "SUMMARY": "Signed: On care",
            "DESCRIPTION": "Memorandum of understanding of Ministry of Care (Uzbekistan), signed 15 August 2023\n"
            f"{SITE}/agreements/AGR-0042/",
            "URL": f"{SITE}/agreements/AGR-0042/",
            "TRANSP": "TRANSPARENT",
        }
    ]


FIXED = {"term_kind": "fixed", "in_force": "2025-01-31", "term_months": 36}
RENEWED = {"term_kind": "automatic_renewal", "in_force": "2020-01-01", "term_months": 24}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({"signed": "2023-08-15"}, ["signed 2023-08-15"], id="signed"),
        pytest.param({"signed": "2023-08"}, [], id="signed in a month"),
        pytest.param({"signed": "2023-08-15~"}, [], id="signed about a day"),
        pytest.param({"signed": "2023-08-15/2023-08-16"}, [], id="signed within days"),
        pytest.param({}, [], id="unknown"),
        pytest.param({"signed": "2023-08-15", "stage": "proposed"}, [], id="proposed"),
        pytest.param({**FIXED, "stage": "negotiation"}, [], id="in negotiation"),
        pytest.param({**FIXED, "stage": "abandoned"}, [], id="abandoned"),
        pytest.param({"signed": "2027-02-01"}, ["signed 2027-02-01"], id="to be signed"),
        pytest.param(FIXED, ["end 2028-01-31"], id="end that is counted"),
        pytest.param({**FIXED, "in_force": "2025-01"}, [], id="end in a month"),
        pytest.param(
            {**FIXED, "expires_stated": "2027-12-31"}, ["end 2027-12-31"], id="end that is named"
        ),
        pytest.param(
            {**FIXED, "notice_days": 90}, ["end 2028-01-31", "notice 2027-11-02"], id="notice"
        ),
        pytest.param(
            {**FIXED, "notice_days": 0}, ["end 2028-01-31", "notice 2028-01-31"], id="notice till the end"
        ),
        pytest.param(
            {**FIXED, "in_force": "2025-01", "notice_days": 90}, ["notice 2027-10-03"], id="notice before a month, the earliest"
        ),
        pytest.param({"term_kind": "indefinite", "notice_days": 90}, [], id="no end"),
        pytest.param(
            RENEWED | {"notice_days": 30},
            ["end-2028-01-01 2028-01-01", "notice-2028-01-01 2027-12-02"],
            id="renewed",
        ),
        pytest.param(RENEWED | {"in_force": "2020"}, [], id="renewed, since a year"),
        pytest.param({"terminated": "2025-06-01"}, ["terminated 2025-06-01"], id="terminated"),
        pytest.param({"terminated": "2025-06"}, [], id="terminated in a month"),
        pytest.param(
            FIXED | {"notice_days": 90, "terminated": "2026-06-01"},
            ["terminated 2026-06-01"],
            id="terminated before its end",
        ),
        pytest.param(
            FIXED | {"notice_days": 90, "terminated": "2026-06"}, [], id="terminated in a month before its end"
        ),
        pytest.param(
            FIXED | {"terminated": "2028-01-31"}, ["terminated 2028-01-31"], id="terminated on the day it ends"
        ),
        pytest.param(
            FIXED | {"terminated": "2029-01-01"}, ["end 2028-01-31"], id="terminated after its end"
        ),
        pytest.param(RENEWED | {"terminated": "2024-06-01"}, ["terminated 2024-06-01"], id="renewed no more"),
        pytest.param(
            RENEWED | {"terminated": "2030-06-01"},
            ["terminated 2030-06-01", "end-2028-01-01 2028-01-01"],
            id="renewed till its termination",
        ),
        pytest.param(FIXED | {"superseded_on": date(2026, 1, 1)}, [], id="superseded before its end"),
        pytest.param(
            FIXED | {"superseded_on": date(2029, 1, 1)}, ["end 2028-01-31"], id="superseded after its end"
        ),
        pytest.param(
            {"terminated": "2027-06-01", "superseded_on": date(2026, 1, 1)}, [], id="superseded before its termination"
        ),
        pytest.param({"review_due": "2027-03-01"}, ["review 2027-03-01"], id="review"),
        pytest.param({"review_due": "2027-03"}, [], id="review in a month"),
        pytest.param({"review_due": "2027-03-01~"}, [], id="review about a day"),
        pytest.param({"review_due": "2027-03-01/.."}, [], id="review after a day"),
        pytest.param(
            {"review_due": "2027-03-01", "stage": "proposed"}, ["review 2027-03-01"], id="review of a proposal"
        ),
        pytest.param({"review_due": "2027-03-01", "stage": "abandoned"}, [], id="review of what was given up"),
        pytest.param(
            FIXED | {"review_due": "2029-03-01"}, ["end 2028-01-31", "review 2029-03-01"], id="review after its end"
        ),
        pytest.param(
            {"terminated": "2026-06-01", "review_due": "2027-03-01"}, ["terminated 2026-06-01"], id="terminated before its review"
        ),
        pytest.param(
            {"terminated": "2026-06", "review_due": "2026-06-30"}, [], id="review on the last day of its termination"
        ),
        pytest.param(
            {"superseded_on": date(2026, 1, 1), "review_due": "2027-03-01"}, [], id="superseded before its review"
        ),
    ],
)  # fmt: skip
def test_days_that_are_known_to_the_day(facts, expected):
    superseded_on = facts.get("superseded_on")
    agreement = AgreementFactory(**{k: v for k, v in facts.items() if k != "superseded_on"})
    agreement.superseded_on = superseded_on

    found = known_days(Agreement.objects.get() if not superseded_on else agreement, TODAY)

    assert [f"{known.key} {known.day}" for known in found] == expected


@pytest.mark.django_db
def test_a_last_day_for_notice_that_depends_on_an_unknown_day_says_so():
    AgreementFactory(title="A", **FIXED | {"in_force": "2023-12"}, notice_days=30)

    assert days() == [
        ("AGR-0001-notice@127.0.0.1", "20261101", "Last day for notice at the earliest: A")
    ]


@pytest.mark.django_db
def test_every_event_has_an_id_of_its_own_that_stays():
    AgreementFactory(
        ref="AGR-0001",
        title="A",
        signed="2023-08-15",
        **FIXED,
        notice_days=10,
        review_due="2027-05-01",
    )
    AgreementFactory(ref="AGR-0002", title="B", signed="2023-08-15", **RENEWED, notice_days=10)

    assert days() == [
        ("AGR-0001-signed@127.0.0.1", "20230815", "Signed: A"),
        ("AGR-0001-end@127.0.0.1", "20280131", "Last day in force: A"),
        ("AGR-0001-notice@127.0.0.1", "20280121", "Last day for notice: A"),
        ("AGR-0001-review@127.0.0.1", "20270501", "Review due: A"),
        ("AGR-0002-signed@127.0.0.1", "20230815", "Signed: B"),
        ("AGR-0002-end-2028-01-01@127.0.0.1", "20280101", "Last day of this period: B"),
        ("AGR-0002-notice-2028-01-01@127.0.0.1", "20271222", "Last day for notice: B"),
    ]


@pytest.mark.django_db
def test_review_that_is_put_off_stays_the_same_event():
    agreement = AgreementFactory(ref="AGR-0001", title="A", review_due="2027-05-01")
    agreement.review_due = "2028-05-01"
    agreement.save()

    assert days() == [("AGR-0001-review@127.0.0.1", "20280501", "Review due: A")]


@pytest.mark.django_db
def test_unchanged_register_has_the_same_calendar_byte_for_byte():
    AgreementFactory(signed="2023-08-15", **RENEWED, notice_days=10)

    first = calendar(day=TODAY)

    assert calendar(day=TODAY + timedelta(days=30)) == first
    Agreement.objects.update(updated_at=datetime(2027, 1, 1, tzinfo=UTC))
    assert calendar() != first


@pytest.mark.django_db
def test_calendar_says_what_it_leaves_out():
    AgreementFactory(signed="2023-08")

    read = icalendar.Calendar.from_ical(calendar(words="Agreements with Azerbaijan"))

    assert read["NAME"] == read["X-WR-CALNAME"] == "Agreements with Azerbaijan"
    assert "not dates such as “August 2023”" in read["DESCRIPTION"]
    assert f"{SITE}/agreements/?country=AZ" in read["DESCRIPTION"]
    assert read["SOURCE"] == f"{SITE}/agreements.ics?country=AZ"
    assert read["REFRESH-INTERVAL"].dt == timedelta(days=1)
    assert read.walk("VEVENT") == []


@pytest.mark.django_db
@pytest.mark.parametrize("title", HOSTILE)
def test_any_title_is_text_in_the_calendar(title):
    AgreementFactory(title=title, signed="2023-08-15")

    (event,) = events(words=title)

    assert event["SUMMARY"] == f"Signed: {_shown(title)}"
    assert event["UID"] == "AGR-0001-signed@127.0.0.1"


@given(st.text(max_size=200))
def test_any_name_of_a_selection_leaves_the_calendar_whole(words):
    content = b"".join(stream_calendar(extract(Agreement.objects.none(), words=words)))

    read = icalendar.Calendar.from_ical(content)

    assert len(content.replace(b"\r\n ", b"").split(b"\r\n")) == 13
    assert read["VERSION"] == "2.0"


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 30])
def test_queries_of_the_calendar_do_not_grow(count, django_assert_num_queries):
    for _n in range(count):
        AgreementFactory(signed="2023-08-15", parties=[PartyFactory()])

    with django_assert_num_queries(2):
        calendar()


def _shown(text: str) -> str:
    """Return the text on one line, without the characters that XML cannot contain."""
    legible = re.sub("[\x00-\x08\x0e-\x1b\x1f\ufffe]", "\ufffd", text)
    return " ".join(legible.split())
