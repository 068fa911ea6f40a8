"""How facts are written on the public pages: partial dates, statuses, terms, footnotes, languages."""

import re
from datetime import date, datetime
from typing import Any

from django import template
from django.core.paginator import Page
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import get_language

from agreements.domain.choices import RelationKind, Role, Status
from agreements.domain.data_dictionary import verification_in_words
from agreements.domain.declarations import Fact
from agreements.domain.fact_words import Said
from agreements.domain.languages import language_in_words
from agreements.domain.partial_dates import PartialDate, day_in_words, in_words, machine_readable
from agreements.domain.value_types import PartDate, Text
from agreements.models import Agreement, Party, Relation

register = template.Library()

MOST_PARTIES_IN_A_ROW = 4
_LANGUAGE_TAG = re.compile(r"[a-z]{2,3}(-[A-Za-z]{2,8})?")


@register.filter
def partial_date(value: PartialDate | None) -> SafeString | str:
    """Write the date in words, inside a `time` element if HTML has a machine-readable form of it."""
    if value is None:
        return ""
    machine = machine_readable(value)
    words = in_words(value)
    return format_html('<time datetime="{}">{}</time>', machine, words) if machine else words


@register.filter
def day(value: date | datetime) -> SafeString | str:
    """Write a day, or the local day of a moment, in the same form as the dates of agreements."""
    on = localtime(value).date() if isinstance(value, datetime) else value
    return format_html('<time datetime="{}">{}</time>', on.isoformat(), day_in_words(on))


@register.inclusion_tag("agreements/_status.html")
def status_badge(code: str) -> dict[str, str]:
    """Render the status with this code as a badge."""
    return {"code": code, "label": str(Status(code).label)}


@register.inclusion_tag("agreements/_footnotes.html")
def footnotes(notes: Any, fact: str, again: bool = False) -> dict[str, object]:
    """Show the numbers of the footnotes that support `fact`.

    `again` repeats them elsewhere on the page, where the footnote does not link back to.
    """
    return {"notes": notes.of(fact), "again": again}


@register.filter
def said_of(fact: Fact, agreement: Agreement) -> Said | None:
    """Return what the page says about this fact of the agreement, None if it says nothing."""
    return fact.said_of(agreement)


@register.filter
def shown(said: Said) -> SafeString | str:
    """Write what is said: a date with its machine-readable form, free text in its own direction of writing."""
    match said.type:
        case PartDate():
            return partial_date(said.value)
        case Text():
            return format_html("<bdi>{}</bdi>", said.value)
        case None:
            return str(said.value)
    return said.type.words(said.value)


@register.inclusion_tag("agreements/_parties_in_brief.html")
def parties_in_brief(agreement: Agreement) -> dict[str, object]:
    """Name the first parties of an agreement, each with its state, and say how many more there are."""
    participations = list(agreement.participations.all())
    parties = [p.party for p in participations if p.role == Role.PARTY]
    rest = len(parties) - MOST_PARTIES_IN_A_ROW
    # naming one more party takes no more room than "and 1 more"
    shown = parties if rest <= 1 else parties[:MOST_PARTIES_IN_A_ROW]
    return {"parties": shown, "more": len(parties) - len(shown)}


@register.filter
def name_then(party: Party, agreement: Agreement) -> str:
    """Return the name that the party had when it signed, if it is another today."""
    return party.name_in_use(agreement.signed or agreement.in_force, get_language() or "en")


@register.simple_tag
def page_numbers(page: Page) -> list[int | str]:
    """Return the numbers of the pages around this one, of the first and the last, with ellipses between."""
    return list(page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1))


@register.filter
def number(value: int) -> str:
    """Write a whole number with the separators of the language, 8,131 in English."""
    return number_format(value, force_grouping=True)


@register.filter
def inverse_label(relation: Relation) -> str:
    """Return the relation's name as seen from its target."""
    return str(RelationKind(relation.kind).inverse_label)


@register.filter
def language_name(code: str) -> str:
    """Return the language of an ISO 639 code or a BCP 47 tag, or the code itself if it is not known."""
    return language_in_words(code)


@register.filter
def language_tag(code: str) -> str:
    """Return the code if it is valid in a `lang` attribute, otherwise an empty string."""
    return code if _LANGUAGE_TAG.fullmatch(code) else ""


@register.filter
def verification_sentence(agreement: Agreement) -> str:
    """Return a sentence that explains the agreement's level of verification."""
    return verification_in_words(agreement.verification)
