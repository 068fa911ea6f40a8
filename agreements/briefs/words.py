"""The words of a brief that do not depend on what it is about, each a whole pattern that can be translated.

They are read in the language of the brief, so each function is called while that language is active.
"""

from datetime import date
from typing import TYPE_CHECKING

from django.utils.formats import number_format
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from agreements.domain.choices import Stage, TermKind
from agreements.domain.deadlines import notice_deadline
from agreements.domain.partial_dates import day_in_words, in_words
from agreements.domain.plain_text import one_line
from agreements.domain.states import states
from agreements.domain.subjects import subject_of

if TYPE_CHECKING:
    from agreements.models import Agreement, Commitment

INFERRED = "°"
NONE = "–"


def headings() -> dict[str, str]:
    """Return the headings and the names of the columns."""
    return {
        "brief": _("Brief"),
        "talks": _("For the talks"),
        "events": _("Latest events"),
        "list": _("Agreements"),
        "subject": _("Subject"),
        "ref": _("Reference"),
        "signed": pgettext("date", "Signed"),
        "ends": _("Ends"),
        "status": _("Status"),
        "signings": _("Who signed last"),
        "about": _("About this brief"),
        "made_from": _("Every line with its sources:"),
        "nothing": _("No published agreements match."),
    }


def shortened(text: str, longest: int) -> str:
    """Return the text on one line, cut after a whole word if it is longer than this."""
    line = one_line(text)
    if len(line) <= longest:
        return line
    cut = line[: longest - 1]
    return (cut.rpartition(" ")[0] or cut).rstrip(",;:.–- ") + "…"


def country(code: str) -> str:
    """Return the name of a country in the language of the brief."""
    state = states().get(code)
    return state.label(get_language() or "en") if state else code


def number(count: int) -> str:
    return number_format(count, force_grouping=True)


def titled(title: str, kind: str, longest: int) -> str:
    """Return what the agreement is about, with its kind unless that is empty or the title is kept whole and names it."""
    subject = subject_of(title)
    if subject == title or not kind:
        return shortened(subject, longest)
    return _("%(subject)s, %(kind)s") % {
        "subject": shortened(subject, longest),
        "kind": kind.lower(),
    }


def signed(agreement: "Agreement", *, is_inferred: bool) -> str:
    """Return when it was signed, marked if that is inferred, or why there is no date."""
    if agreement.signed:
        return in_words(agreement.signed) + (INFERRED if is_inferred else "")
    return _("not known") if agreement.stage == Stage.CONCLUDED else _("not signed")


def ends(agreement: "Agreement", *, is_inferred: bool) -> str:
    """Return the last day in force, marked if that is inferred, or why there is none."""
    if agreement.known_end:
        return in_words(agreement.known_end) + (INFERRED if is_inferred else "")
    if agreement.stage != Stage.CONCLUDED:
        return NONE
    if agreement.term_kind == TermKind.INDEFINITE:
        return _("no set end")
    if agreement.term_kind == TermKind.AUTOMATIC_RENEWAL:
        return _("renews automatically")
    return _("not known")


def ending(agreement: "Agreement", day: date) -> str:
    """Say when it ends, and the last day for notice if that is still to come."""
    end = {"end": in_words(agreement.known_end) if agreement.known_end else _("not known")}
    last = notice_deadline(agreement, day)
    if last is None or last < day:
        return _("ends: %(end)s") % end
    return _("ends: %(end)s; last day for notice: %(day)s") % {**end, "day": day_in_words(last)}


def not_in_force(agreement: "Agreement") -> str:
    """Say when it was signed, of an agreement that no source says is in force."""
    when = in_words(agreement.signed) if agreement.signed else _("not known")
    return _("signed: %(day)s") % {"day": when}


def not_concluded(agreement: "Agreement", status: str) -> str:
    """Say how far the talks are, and when a source last reported that."""
    if agreement.stage_reported is None:
        return status
    reported = in_words(agreement.stage_reported)
    return _("%(status)s; reported: %(day)s") % {"status": status, "day": reported}


def more(count: int) -> str:
    """Say how many more there are than are shown; empty if none."""
    if count <= 0:
        return ""
    return ngettext("and %(n)s more", "and %(n)s more", count) % {"n": number(count)}


def due(commitment: "Commitment") -> str:
    """Say when a commitment is due, who made it, and how far it is."""
    when = in_words(commitment.due) if commitment.due else _("not known")
    known = {"day": when, "progress": commitment.get_progress_display().lower()}
    if commitment.party is None:
        return _("due: %(day)s; progress: %(progress)s") % known
    known["party"] = shortened(commitment.party.name, 80)
    return _("due: %(day)s; %(party)s; progress: %(progress)s") % known


def late(commitment: "Commitment", day: date) -> str:
    """Say by how many days it is overdue at least; empty if it is not."""
    if commitment.due is None or not commitment.is_overdue(day):
        return ""
    days = (day - commitment.due.latest).days
    return ngettext("%(n)s day late", "%(n)s days late", days) % {"n": number(days)}
