"""Files for people: the columns that somebody reads or prints, with headings and values in words, in their language.

Other files have codes, for programs. These say of each fact what its page says; `csv` and `xlsx` write them when
`labels=1` asks for it.
"""

from collections.abc import Callable, Iterator
from itertools import islice

from django.db.models import Prefetch
from django.utils import translation
from django.utils.translation import pgettext

from agreements.domain.choices import Role, Status
from agreements.domain.facts import FACTS
from agreements.exchange.exporting.csv import BYTE_ORDER_MARK, defuse, lines
from agreements.exchange.exporting.extracts import Extract
from agreements.models import Agreement, Participation, Signatory

LANGUAGES = ("en", "az", "ru")
# More than anybody reads. Each row is put into words one by one, which takes longer than the codes.
MOST_LABELLED = 20_000
_AT_ONCE = 500
SEPARATOR = "; "

# The facts in the order in which people read them, each with the width of its column in characters. What nobody needs
# on paper is left to the other files.
WIDTHS = {
    "reference": 10,
    "title": 40,
    "kind": 15,
    "parties": 34,
    "areas": 18,
    "signed": 13,
    "in_force": 13,
    "expires": 14,
    "status": 12,
    "signatories": 22,
}
_FACTS = {fact.code: fact for fact in FACTS}


def labelled_blocks(extract: Extract) -> Iterator[list[list[str]]]:
    """Yield the headings as the first row, then the rows of the extract in its order, some hundreds at a time.

    Four queries per block. The language is that of the extract, and active only while a block is made.
    """
    with translation.override(extract.language):
        headings = [str(_FACTS[code].heading) for code in WIDTHS]
    yield [headings]
    people = Prefetch("signatories", Signatory.objects.order_by("position", "id"))
    rows = extract.agreements.with_parties().with_areas().prefetch_related(people)
    agreements = rows.iterator(chunk_size=_AT_ONCE)
    while block := list(islice(agreements, _AT_ONCE)):
        with translation.override(extract.language):
            made = [_row(agreement) for agreement in block]
        yield made


def stream_labelled_csv(extract: Extract) -> Iterator[str]:
    """Yield the extract as CSV with labels, a block of rows at a time."""
    mark = BYTE_ORDER_MARK if extract.for_excel else ""
    for rows in labelled_blocks(extract):
        yield mark + lines([[defuse(cell) for cell in row] for row in rows])
        mark = ""


def _row(agreement: Agreement) -> list[str]:
    return [_said(code, agreement) for code in WIDTHS]


def _said(code: str, agreement: Agreement) -> str:
    """Return what the page says about a fact, as text."""
    if code in _ROWS:
        return SEPARATOR.join(_ROWS[code](agreement))
    said = _FACTS[code].said_of(agreement)
    if said is None:
        return ""
    words = said.type.words(said.value) if said.type else str(said.value)
    return f"{words} {said.aside}" if said.aside else words


def _participant(row: Participation) -> str:
    """Return a participant's name with its role unless it is a party."""
    name = row.party.name
    if row.role == Role.PARTY:
        return name
    known = {"name": name, "role": row.get_role_display().lower()}
    return pgettext("participant", "%(name)s (%(role)s)") % known


def _signatory(row: Signatory) -> str:
    known = {"name": row.name, "title": row.title}
    return pgettext("signatory", "%(name)s, %(title)s") % known if row.title else row.name


# What the page does not say in one phrase.
_ROWS: dict[str, Callable[[Agreement], list[str]]] = {
    "reference": lambda agreement: [agreement.ref],
    "parties": lambda agreement: [_participant(row) for row in agreement.participations.all()],
    "areas": lambda agreement: [area.name for area in agreement.areas.all()],
    "signatories": lambda agreement: [_signatory(row) for row in agreement.signatories.all()],
    "status": lambda agreement: [str(Status(agreement.status).label)],  # type: ignore[attr-defined]
}
