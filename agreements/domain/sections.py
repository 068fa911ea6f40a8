"""The sections of the page on which staff enter an agreement.

The table of facts assigns values to them; the admin draws them, in the order of `SECTIONS`. Those that every record
needs are always open; the others are folded while they are empty.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Section:
    """A part of the page. `code` names it in the markup; an optional one is folded while it is empty."""

    code: str
    name: Promise
    is_optional: bool = True


SOURCE = Section("source", _("Source"), is_optional=False)
WHAT = Section("what", _("What and who"), is_optional=False)
SIGNATURE = Section("signature", _("Signature"), is_optional=False)
TERM = Section("term", _("Force and term"), is_optional=False)
TIMELINE = Section("timeline", _("Timeline"))
ENDING = Section("ending", _("End, notice and review"))
PERIODS = Section("periods", _("Renewals and suspensions"))
DOCUMENTS = Section("documents", _("Documents"))
LANGUAGES = Section("languages", _("Languages of the text"))
RELATED = Section("related", _("Related agreements"))
LEGAL = Section("legal", _("Legal nature and text"))
IDENTIFIERS = Section("identifiers", _("Identifiers"))
FUNDING = Section("funding", _("Funding"))
NOTE = Section("note", _("Public note, unit"))
COMMITMENTS = Section("commitments", _("Commitments"))
PEOPLE = Section("people", _("Responsible people"))
INTERNAL = Section("internal", _("Internal notes"))

SECTIONS = (
    *(SOURCE, WHAT, SIGNATURE, TERM, TIMELINE, ENDING, PERIODS, DOCUMENTS, LANGUAGES, RELATED),
    *(LEGAL, IDENTIFIERS, FUNDING, NOTE, COMMITMENTS, PEOPLE, INTERNAL),
)
