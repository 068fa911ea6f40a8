"""The exactly known dates of a selection as a calendar (RFC 5545): signatures, ends, notice deadlines and reviews.

A calendar cannot show "August 2023", so it contains exact dates only, and the earliest possible last days for notice.
Every event is identified by the agreement and by what happens, and stamped with the record's last change: as long as the
register does not change, its calendar is the same byte for byte whenever it is fetched.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vDuration, vText

from agreements.domain.choices import Stage, TermKind
from agreements.domain.deadlines import notice_deadline
from agreements.domain.partial_dates import OPEN_END, OPEN_START, PartialDate
from agreements.domain.plain_text import one_line
from agreements.exchange.citations import Citation
from agreements.exchange.exporting.extracts import REGISTER, Extract
from agreements.models import Agreement

READ_AT_ONCE = 1000
REFRESHED_EVERY = timedelta(days=1)
END = b"END:VCALENDAR\r\n"


@dataclass(frozen=True)
class KnownDay:
    """Something that happens to an agreement on a day; `key` identifies it permanently among the agreement's days.

    `about` names the part that it concerns, if not the agreement as a whole; `is_internal` if the public does not see it.
    """

    key: str
    label: str
    day: date
    about: str = ""
    is_internal: bool = False


def stream_calendar(extract: Extract) -> Iterator[bytes]:
    """Yield the calendar of this extract, one event at a time; two queries per thousand agreements."""
    description = _(
        "This calendar shows exact dates only, not dates such as “August 2023”. "
        "The whole selection: %(url)s"
    ) % {"url": extract.page}
    description = " ".join(filter(None, [description, extract.remark]))
    source = extract.address("agreement_ics")
    yield beginning(extract.words, description, page=extract.page, source=source)
    agreements = extract.agreements.with_parties().iterator(chunk_size=READ_AT_ONCE)
    for agreement in agreements:
        for known in known_days(agreement, extract.day):
            yield event(known, Citation(agreement, extract.day)).to_ical()
    yield END


def known_days(agreement: Agreement, day: date) -> Iterator[KnownDay]:
    """Yield the exact dates of an agreement; no query.

    Before its conclusion an agreement has only the review. If it renews automatically, the end is that of the period
    that includes `day`. Dates after an earlier termination or supersession are left out, by the same rule as the status.
    """
    if agreement.stage == Stage.CONCLUDED:
        yield from _from_signature_to_end(agreement, day)
    review = _latest(agreement.review_due)
    if _is_exact(agreement.review_due) and review < _cut_short(agreement):
        yield KnownDay("review", _("Review due"), review)


def _from_signature_to_end(agreement: Agreement, day: date) -> Iterator[KnownDay]:
    if agreement.signed and agreement.signed.is_exact:
        yield KnownDay("signed", _("Signed"), agreement.signed.earliest)
    superseded, terminated = agreement.superseded_on or OPEN_END, _latest(agreement.terminated)
    if terminated <= min(superseded, _latest(agreement.expires)) and _is_exact(
        agreement.terminated
    ):
        yield KnownDay("terminated", _("Terminated"), terminated)
    end = agreement.expires or agreement.period_end(day)
    if end and end.latest < min(superseded, terminated):
        yield from _end_and_notice(agreement, end, day)


def _end_and_notice(agreement: Agreement, end: PartialDate, day: date) -> Iterator[KnownDay]:
    renews = agreement.term_kind == TermKind.AUTOMATIC_RENEWAL
    # the end of the next period is another event, and does not move this one
    which = f"-{end.latest}" if renews else ""
    if end.is_exact:
        label = _("Last day of this period") if renews else _("Last day in force")
        yield KnownDay(f"end{which}", label, end.latest)
    deadline = notice_deadline(agreement, day)
    if deadline is not None:
        is_certain = end.precision == "day"
        label = _("Last day for notice") if is_certain else _("Last day for notice at the earliest")
        yield KnownDay(f"notice{which}", label, deadline)


def _cut_short(agreement: Agreement) -> date:
    """Return the day from which the agreement is no longer reviewed, `OPEN_END` if there is none."""
    if agreement.stage == Stage.ABANDONED:
        return OPEN_START
    return min(agreement.superseded_on or OPEN_END, _latest(agreement.terminated))


def _latest(value: PartialDate | None) -> date:
    return value.latest if value else OPEN_END


def _is_exact(value: PartialDate | None) -> bool:
    return value is not None and value.is_exact


def event(
    known: KnownDay, citation: Citation, *, url: str = "", is_confidential: bool = False
) -> Event:
    """Return the calendar event of this day; `url` replaces that of the agreement's public page.

    A confidential event says nothing about the agreement except its reference.
    """
    agreement = citation.agreement
    url = url or citation.url
    changed = agreement.updated_at.astimezone(UTC)
    happening = Event()
    happening.add("uid", f"{agreement.ref}-{known.key}@{urlsplit(settings.BASE_URL).hostname}")
    # Without a METHOD this is when the event last changed (RFC 5545, 3.8.7.2), not when it was sent.
    happening.add("dtstamp", changed)
    happening.add("last-modified", changed)
    happening.add("dtstart", known.day)
    what = agreement.ref if is_confidential else known.about or agreement.title
    about = "" if is_confidential else _text(citation.description) + "\n"
    happening.add("summary", _text(f"{known.label}: {what}"))
    happening.add("description", about + url)
    happening.add("url", url)
    happening.add("transp", "TRANSPARENT")
    return happening


def beginning(title: str, description: str, *, page: str, source: str) -> bytes:
    """Return the head of a calendar with this title and description, shown at `page` and fetched from `source`."""
    name, about = vText(_text(title)), vText(_text(description))
    calendar = Calendar()
    calendar.add("prodid", f"-//{REGISTER}//Register of agreements//EN")
    calendar.add("version", "2.0")
    # The properties of RFC 7986, each with the one that most programs knew before it.
    for key, value in (
        ("name", name), ("x-wr-calname", name),
        ("description", about), ("x-wr-caldesc", about),
        ("x-published-ttl", vDuration(REFRESHED_EVERY)),
    ):  # fmt: skip
        calendar.add(key, value)
    calendar.add("refresh-interval", REFRESHED_EVERY, parameters={"VALUE": "DURATION"})
    calendar.add("source", source, parameters={"VALUE": "URI"})
    calendar.add("url", page)
    return calendar.to_ical().removesuffix(END)


def _text(text: str) -> str:
    # the library reads a backslash before a capital N as a line break
    return one_line(text).replace("\\N", "\\n")
