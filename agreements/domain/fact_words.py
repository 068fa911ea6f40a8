"""The wording of facts on the public page that need more than a value, such as the reason why it is missing."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.domain.choices import Stage, TermKind
from agreements.domain.durations import as_adjective, duration_in_words
from agreements.domain.partial_dates import PartialDate, in_words
from agreements.domain.value_types import PART_DATE, ValueType

if TYPE_CHECKING:
    from agreements.models import Agreement

NOT_KNOWN = gettext_lazy("not known")


@dataclass(frozen=True)
class Said:
    """A value with its type, or words where it has none; `aside` is added in muted text."""

    value: Any
    type: ValueType | None = None
    is_known: bool = True
    aside: str | Promise = ""


def signature(agreement: "Agreement") -> Said:
    """Return when it was signed, or why there is no such date."""
    said = _date_or(_("not signed"), agreement.signed, agreement)
    if not agreement.signed_old_style:
        return said
    old = _("(%(date)s Old Style)") % {"date": agreement.signed_old_style}
    return replace(said, aside=old)


def entry_into_force(agreement: "Agreement") -> Said:
    """Return when it entered into force, or why there is no such date."""
    return _date_or(_("not concluded"), agreement.in_force, agreement)


def _date_or(absent: str, value: PartialDate | None, agreement: "Agreement") -> Said:
    """Return the date; without one, the reason why it is missing, unless the event must have happened."""
    if value:
        return Said(value, PART_DATE)
    is_concluded = agreement.stage == Stage.CONCLUDED
    return Said(NOT_KNOWN if is_concluded else absent, is_known=False)


def no_signatories(agreement: "Agreement") -> Said:
    """Return why nobody is named who signed it."""
    is_concluded = agreement.stage == Stage.CONCLUDED
    return Said(NOT_KNOWN if is_concluded else _("none; not signed"), is_known=False)


def term(agreement: "Agreement") -> Said:
    """Return how long it is meant to last."""
    words = term_in_words(agreement)
    return Said(words) if words else Said(NOT_KNOWN, is_known=False)


def term_in_words(agreement: "Agreement") -> str:
    """Say how long the agreement is meant to last; empty if that is not known."""
    words = _kind_of_term(agreement)
    if agreement.minimum_term is None:
        return words
    least = _("at least %(length)s") % {"length": duration_in_words(agreement.minimum_term)}
    return f"{words}; {least}" if words else least


def _kind_of_term(agreement: "Agreement") -> str:
    term, renewal = agreement.term, agreement.renewal
    match agreement.term_kind:
        case TermKind.FIXED if term:
            return duration_in_words(term)
        case TermKind.FIXED:
            return _("fixed; its length is not known")
        case TermKind.INDEFINITE:
            return _("indefinite")
        case TermKind.AUTOMATIC_RENEWAL if term and renewal and renewal != term:
            return _("%(term)s term, then renewed for %(renewal)s at a time") % {
                "term": as_adjective(term),
                "renewal": duration_in_words(renewal),
            }
        case TermKind.AUTOMATIC_RENEWAL if step := renewal or term:
            length = duration_in_words(step)
            return _("renewed automatically, for %(length)s each time") % {"length": length}
        case TermKind.AUTOMATIC_RENEWAL:
            return _("renewed automatically")
    return ""


def end(agreement: "Agreement") -> Said:
    """Return when it ends, and whether that date was computed or moved by a renewal or an extension."""
    if agreement.expires and agreement.expires != agreement.term_end:
        moved = _("(moved by a renewal or an extension)")
        if agreement.term_end:
            shown = {"end": in_words(agreement.term_end)}
            moved = _("(moved from %(end)s by a renewal or an extension)") % shown
        return Said(agreement.expires, PART_DATE, aside=moved)
    if agreement.expires:
        counted = "" if agreement.expires_stated else _("(counted from the entry into force)")
        return Said(agreement.expires, PART_DATE, aside=counted)
    if agreement.term_kind == TermKind.INDEFINITE:
        return Said(_("no end is set"))
    if agreement.term_kind == TermKind.AUTOMATIC_RENEWAL:
        return Said(_("no end is set; it renews itself"))
    return Said(NOT_KNOWN, is_known=False)


def notice(agreement: "Agreement") -> Said:
    """Return how long before the end notice must be given."""
    if agreement.notice is None:
        return Said(NOT_KNOWN, is_known=False)
    length = duration_in_words(agreement.notice)
    return Said(_("%(length)s before the end") % {"length": length})
