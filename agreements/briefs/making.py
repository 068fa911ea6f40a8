"""Computes a brief: what is in force, what ends, what is open and who signed, as words in the language asked for."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, npgettext, pgettext

from agreements.briefs import words
from agreements.briefs.asking import Asked
from agreements.briefs.brief import (
    Brief,
    Figure,
    Line,
    Point,
    Points,
    Promises,
    Signing,
)
from agreements.briefs.fetching import CURRENT, SOON, TALKS, Rows
from agreements.briefs.promises import promises_of
from agreements.domain.choices import Status
from agreements.domain.partial_dates import day_in_words, in_words
from agreements.domain.urls import permanent
from agreements.models import Agreement, Event, Party, Signatory

# More lines than this leave no room for a summary of each.
LONG = 15
LONGEST_SUBJECT, LONGEST_IN_POINT, LONGEST_IN_LONG_LIST = 150, 90, 60
LONGEST_SUMMARY, LONGEST_NOTE = 140, 120
MOST_PEOPLE = 6


def brief_of(asked: Asked, *, may_see_internal: bool) -> Brief:
    """Return the brief; the commitments are in it only for somebody who may see internal parts and wants them.

    `asked` must have no problems.
    """
    with translation.override(asked.language):
        is_internal = may_see_internal and asked.wants_internal
        return _Making(asked, is_internal=is_internal).brief()


class _Making:
    """One brief in the making."""

    def __init__(self, asked: Asked, *, is_internal: bool) -> None:
        self.asked, self.is_internal = asked, is_internal
        self.selection, self.day = asked.selection, asked.selection.as_of
        self.rows = Rows(self.selection, asked.language)
        self.is_long = len(self.rows.listed) > LONG

    def brief(self) -> Brief:
        day, lines = day_in_words(self.day), tuple(self._lines())
        return Brief(
            language=self.asked.language,
            title=self._title(),
            subtitle=self._subtitle(),
            day=day,
            as_of=_("status as of %(day)s") % {"day": day},
            internal=_("Internal") if self.is_internal else "",
            figures=tuple(self._figures()),
            points=tuple(self._points()),
            events=tuple(map(self._event, self.rows.events(self.day))),
            lines=lines,
            notes=tuple(self._notes(lines)),
            signings=tuple(self._signing(*signed) for signed in self.rows.signings),
            commitments=self._commitments() if self.is_internal else (),
            sources=self._sources(),
            url=self.asked.address,
            headings=words.headings(),
            is_long=self.is_long,
        )

    # What it is about

    def _title(self) -> str:
        party = self.asked.party
        if party is None:
            return _("Brief: %(selection)s") % {
                "selection": words.shortened(self.selection.words, 160)
            }
        if not self.asked.side:
            return words.shortened(_name(party), 160)
        sides = {
            "party": words.shortened(_name(party), 160),
            "other": words.country(self.asked.side),
        }
        return _("%(party)s and %(other)s") % sides

    def _subtitle(self) -> str:
        if self.asked.party is None:
            return _("Brief on a selection of agreements")
        if self.asked.side:
            return _("Brief on the agreements between the two")
        return _("Brief on the agreements of this party")

    def _figures(self) -> Iterator[Figure]:
        by_status = self.selection.counts.by_status()

        def count(*statuses: Status) -> int:
            return sum(by_status[status] for status in statuses)

        total = self.selection.count
        yield _figure(total, npgettext("key figure", "agreement", "agreements", total))
        yield _figure(count(Status.IN_FORCE), _("in force"))
        yield _figure(count(Status.SIGNED), _("signed, not known to be in force"))
        yield _figure(self.rows.ending.count, _("ending within %(n)s days") % {"n": SOON})
        yield _figure(count(*TALKS), _("proposed or in negotiation"))

    # For the talks

    def _points(self) -> Iterator[Points]:
        rows = self.rows
        for heading, found, say in (
            (_("Ending soon"), rows.ending, lambda a: words.ending(a, self.day)),
            (_("Signed, not known to be in force"), rows.signed_only, words.not_in_force),
            (_("Proposed or in negotiation"), rows.in_talks, self._talks),
        ):
            if found.count:
                points = tuple(self._point(a, say(a)) for a in found.agreements)
                yield Points(heading, points, words.more(found.count - len(points)))

    def _talks(self, agreement: Agreement) -> str:
        return words.not_concluded(agreement, _status(agreement).lower())

    def _point(self, agreement: Agreement, said: str) -> Point:
        return Point(
            self._with_partner(agreement, LONGEST_IN_POINT), agreement.ref, _url(agreement), said
        )

    def _event(self, event: Event) -> Point:
        agreement = next(a for a in self.rows.listed if a.pk == event.agreement_id)
        told = {
            "event": event.get_kind_display(),
            "day": in_words(event.date) if event.date else "",
        }
        said = _("%(event)s, %(day)s") % told
        if event.place:
            said = _("%(event)s, %(day)s, %(place)s") % {
                **told,
                "place": words.shortened(event.place, 60),
            }
        if event.note:
            note = words.shortened(event.note, LONGEST_NOTE)
            said = _("%(said)s: %(note)s") % {"said": said, "note": note}
        return self._point(agreement, said)

    # The list

    def _lines(self) -> Iterator[Line]:
        keyed = sorted(((self._group(a), a) for a in self.rows.listed), key=lambda row: row[0][0])
        for (_place, group), rows in groupby(keyed, key=lambda row: row[0]):
            for number, (_key, agreement) in enumerate(rows):
                yield self._line(agreement, "" if number else group)

    def _group(self, agreement: Agreement) -> tuple[tuple[int, int, str], str]:
        """Return where the group of this agreement stands in the list, and its name."""
        if self.asked.grouping == "status":
            place = list(Status).index(Status(agreement.status))  # type: ignore[attr-defined]
            has_ended = Status(agreement.status) not in CURRENT  # type: ignore[attr-defined]
            return (int(has_ended), place, ""), _status(agreement)
        first = min(
            agreement.areas.all(), key=lambda area: (area.position, area.name), default=None
        )
        if first is None:
            return (1, 0, ""), _("No area recorded")
        return (0, first.position, first.name), first.name

    def _line(self, agreement: Agreement, group: str) -> Line:
        is_inferred = {
            fact: (agreement.pk, fact) in self.rows.inferred for fact in ("signed", "expires")
        }
        longest = LONGEST_IN_LONG_LIST if self.is_long else LONGEST_SUBJECT
        return Line(
            group=group,
            subject=self._with_partner(agreement, longest),
            summary="" if self.is_long else self._summary(agreement),
            ref=agreement.ref,
            url=_url(agreement),
            signed=words.signed(agreement, is_inferred=is_inferred["signed"]),
            ends=words.ends(agreement, is_inferred=is_inferred["expires"]),
            status=_status(agreement),
            status_code=agreement.status,  # type: ignore[attr-defined]
        )

    def _subject(self, agreement: Agreement, longest: int) -> str:
        version = self.rows.versions.get(agreement.pk)
        title = (version and version.title) or agreement.title
        kind = agreement.get_kind_display() if longest == LONGEST_SUBJECT else ""
        return words.titled(title, kind, longest)

    def _with_partner(self, agreement: Agreement, longest: int) -> str:
        """Return the subject, with the other countries unless the brief itself is about them."""
        subject = self._subject(agreement, longest)
        if self.asked.side:
            return subject
        own = str(self.asked.party.country) if self.asked.party else settings.OUR_SIDE
        rows = agreement.participations.all()
        codes = dict.fromkeys(str(row.party.country) for row in rows if row.party.country)
        others = [words.country(code) for code in codes if code != own]
        if not others:
            return subject
        partners = ", ".join(others[:2])
        if rest := words.more(len(others) - 2):
            partners = f"{partners} {rest}"
        return _("%(subject)s (%(partners)s)") % {"subject": subject, "partners": partners}

    def _summary(self, agreement: Agreement) -> str:
        version = self.rows.versions.get(agreement.pk)
        text = (version and version.summary) or agreement.summary
        return words.shortened(text, LONGEST_SUMMARY)

    def _notes(self, lines: Sequence[Line]) -> Iterator[str]:
        if any(words.INFERRED in line.signed + line.ends for line in lines):
            yield _("° marks a date that a source does not state but lets one infer.")
        listed, rest = len(self.rows.listed), self.selection.count - len(self.rows.listed)
        if rest > 0:
            shown = {"listed": words.number(listed), "n": words.number(rest)}
            yield (
                ngettext(
                    "Listed: %(listed)s, first those that have not ended; %(n)s more agreement is in the register.",
                    "Listed: %(listed)s, first those that have not ended; %(n)s more agreements are in the register.",
                    rest,
                )
                % shown
            )

    # People, promises and sources

    def _signing(self, agreement: Agreement, people: Sequence[Signatory]) -> Signing:
        named = "; ".join(map(_signatory, people[:MOST_PEOPLE]))
        if rest := words.more(len(people) - MOST_PEOPLE):
            named = f"{named} {rest}"
        signed = words.signed(agreement, is_inferred=(agreement.pk, "signed") in self.rows.inferred)
        return Signing(
            self._with_partner(agreement, LONGEST_IN_POINT),
            agreement.ref,
            _url(agreement),
            signed,
            named,
        )

    def _commitments(self) -> tuple[Promises, ...]:
        refs = {agreement.pk: agreement.ref for agreement in self.rows.listed}
        return tuple(promises_of(self.asked, self.rows.commitments(), refs, self.day))

    def _sources(self) -> str:
        count = self.rows.sources
        sentence = ngettext(
            "The agreements listed rest on %(n)s source.",
            "The agreements listed rest on %(n)s sources.",
            count,
        )
        return sentence % {"n": words.number(count)}


def _figure(count: int, label: str) -> Figure:
    return Figure(words.number(count), label)


def _status(agreement: Agreement) -> str:
    return str(Status(agreement.status).label)  # type: ignore[attr-defined]


def _url(agreement: Agreement) -> str:
    return permanent(agreement.get_absolute_url())


def _name(party: Party) -> str:
    """Return the name of a state in the language of the brief, of any other party as the register has it."""
    return words.country(str(party.country)) if party.is_country and party.country else party.name


def _signatory(row: Signatory) -> str:
    known = {"name": words.shortened(row.name, 80), "title": words.shortened(row.title, 80)}
    if not row.title:
        return known["name"]
    return pgettext("signatory", "%(name)s, %(title)s") % known
