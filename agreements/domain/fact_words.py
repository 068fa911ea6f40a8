"""The wording of facts on the public page that need more than a value, such as the reason why it is missing."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from agreements.domain.choices import Stage, TermKind
from agreements.domain.partial_dates import PartialDate
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
    return _date_or(_("not signed"), agreement.signed, agreement)


def entry_into_force(agreement: "Agreement") -> Said:
    """Return when it entered into force, or why there is no such date."""
    return _date_or(_("not concluded"), agreement.in_force, agreement)


def _date_or(absent: str, value: PartialDate | None, agreement: "Agreement") -> Said:
    """Return the date; without one, the reason why it is missing, unless the event must have happened."""
    if value:
        return Said(value, PART_DATE)
    is_concluded = agreement.stage == Stage.CONCLUDED
    return Said(NOT_KNOWN if is_concluded else absent, is_known=False)


def term(agreement: "Agreement") -> Said:
    """Return how long it is meant to last."""
    words = term_in_words(agreement)
    return Said(words) if words else Said(NOT_KNOWN, is_known=False)


def term_in_words(agreement: "Agreement") -> str:
    """Say how long the agreement is meant to last; empty if that is not known."""
    length = months_in_words(agreement.term_months) if agreement.term_months else ""
    match agreement.term_kind:
        case TermKind.FIXED:
            return length or _("fixed; its length is not known")
        case TermKind.INDEFINITE:
            return _("indefinite")
        case TermKind.AUTOMATIC_RENEWAL if length:
            return _("renewed automatically, for %(length)s each time") % {"length": length}
        case TermKind.AUTOMATIC_RENEWAL:
            return _("renewed automatically")
    return ""


def months_in_words(months: int) -> str:
    """Return a length in years if it is whole years, else in months: "3 years", "18 months"."""
    if months % 12 == 0:
        return ngettext("%(n)d year", "%(n)d years", months // 12) % {"n": months // 12}
    return ngettext("%(n)d month", "%(n)d months", months) % {"n": months}


def end(agreement: "Agreement") -> Said:
    """Return when it ends by its own terms, and whether that date was computed."""
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
    days = agreement.notice_days
    if days is None:
        return Said(NOT_KNOWN, is_known=False)
    shown = number_format(days, force_grouping=True)
    words = ngettext("%(shown)s day before the end", "%(shown)s days before the end", days)
    return Said(words % {"shown": shown})
