"""Tells rows that are no records from the others: totals, signatures and notes below a table; and rows given twice.

Only a text that is clearly one of these, in the languages of the files that the register gets, costs its row. Any other
row stays, however little it fills.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from django.utils.translation import gettext as _

from agreements.domain.partial_dates.values import quoted
from agreements.exchange.importing.readers.tables import Row
from agreements.exchange.importing.remarks import Remarks

MOST_COMPARED = 250_000
LONGEST_FOOTER = 300
LONGEST_NUMBER = 40
# English, Azerbaijani, Russian, Turkish, French, German and Spanish, as `_folded` writes them
_TOTALS = (
    "total", "totals", "grand total", "subtotal", "sub-total", "sum", "total number", "in total",
    "cəmi", "cəm", "yekun", "ümumi say", "ümumi cəm",
    "итого", "всего", "итог", "общее количество", "общий итог",
    "toplam", "genel toplam", "ara toplam",
    "total général", "sous-total", "somme", "nombre total",
    "gesamt", "summe", "insgesamt", "gesamtsumme", "gesamtzahl", "zwischensumme",
    "suma", "total general", "en total", "número total",
)  # fmt: skip
# what a signature begins with, whatever follows
_SIGNATURES = (
    "prepared by", "compiled by", "approved by", "checked by", "reviewed by", "updated by", "last updated",
    "hazırlayan", "hazırladı", "hazırlayıb", "tərtib edən", "tərtib etdi", "təsdiq edən", "təsdiq etdi", "son yenilənmə",
    "подготовил", "подготовила", "подготовлено", "составил", "составила", "составлено", "исполнитель", "утвердил",
    "проверил", "дата обновления",
    "hazırlayanlar", "onaylayan", "son güncelleme",
    "préparé par", "établi par", "élaboré par", "rédigé par", "mis à jour le", "mise à jour",
    "erstellt von", "erstellt am", "bearbeitet von", "geprüft von", "zusammengestellt von",
    "preparado por", "elaborado por", "actualizado por", "actualizado el", "revisado por",
)  # fmt: skip
# what a note begins with, if a colon follows
_NOTES = (
    "note", "notes", "source", "sources", "remark", "remarks", "qeyd", "mənbə", "примечание", "примечания", "источник",
    "not", "kaynak", "remarque", "quelle", "anmerkung", "hinweis", "stand", "fuente", "nota",
)  # fmt: skip
_PAGE = r"(?:page|səhifə|страница|стр\.?|sayfa|seite|página)\s*\d+(?:\s*\S{1,5}\s*\d+)?"
_NUMBER = re.compile(r"[\d\s.,'%()+−-]*\d[\d\s.,'%()+−-]*")


def without_footers(
    rows: Iterable[Row], headings: Sequence[str], remarks: Remarks
) -> Iterator[Row]:
    """Yield the rows that are no footers; tell of these, and of rows that are there twice."""
    named = sum(map(bool, headings))
    seen = Repeats(remarks)
    for row in rows:
        if text := _footer(row, named):
            remark = _("“%(text)s” is a total or a footer, so its row was left out")
            further = _("further totals and footers; their rows were left out")
            said = {"text": quoted(text)}
            remarks.note_text("footers", text, remark % said, further, row.number)
            continue
        seen.note(row)
        yield row


class Repeats:
    """Tells of rows that say exactly what an earlier one says, by digests of a limited number of rows."""

    def __init__(self, remarks: Remarks) -> None:
        self._remarks = remarks
        self._seen: set[int] = set()

    def note(self, row: Row) -> None:
        said = hash(repr([*row.cells.items()]))
        if said in self._seen:
            self._remarks.note(
                _("rows that repeat an earlier row exactly; they were read"), row.number
            )
        elif len(self._seen) < MOST_COMPARED:
            self._seen.add(said)
        else:
            self._remarks.note(
                _("rows that were not compared with all others, since there are too many"),
                row.number,
            )


def _footer(row: Row, named: int) -> str:
    """Return the text of a row that is clearly a footer of a table with so many columns; empty for any other."""
    filled = [text for cell in row.cells.values() if (text := str(cell).strip())]
    if not filled or len(filled) >= named or len(filled[0]) > LONGEST_FOOTER:
        return ""
    first, others = _folded(filled[0]), filled[1:]
    is_total = _IS_TOTAL.fullmatch(first) and all(map(_is_number, others))
    is_note = len(filled) * 2 <= named and len(filled) <= 2 and _IS_NOTE.fullmatch(first)
    return " ".join(filled) if is_total or is_note else ""


def _is_number(text: str) -> bool:
    return len(text) <= LONGEST_NUMBER and bool(_NUMBER.fullmatch(text))


def _folded(text: str) -> str:
    """Return the text without regard to capitals, nor to the dots of Turkish and Azerbaijani ones."""
    return text.casefold().replace("i\N{COMBINING DOT ABOVE}", "i").replace("ı", "i")


def _any_of(words: Iterable[str]) -> str:
    longest_first = sorted({_folded(word) for word in words}, key=len, reverse=True)
    return f"(?:{'|'.join(map(re.escape, longest_first))})"


# "Total", "Total: 7", "Total 7 agreements", "Total number of agreements: 7"
_IS_TOTAL = re.compile(
    rf"{_any_of(_TOTALS)}"
    r"(?:[\s.:=–—-]*|\s+\d[\d.,\s]*(?:[^\W\d]+\s*){0,2}\.?|[^\d:]{0,40}[:=–—-]\s*\d[\d.,\s]*(?:[^\W\d]+\s*){0,3}\.?)"
)
_IS_NOTE = re.compile(rf"{_any_of(_SIGNATURES)}(?!\w).*|{_any_of(_NOTES)}\s*:.*|{_PAGE}", re.DOTALL)
