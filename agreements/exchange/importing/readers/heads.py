"""Finds the row of a sheet that names its columns, below whatever title or note stands above it."""

from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise, takewhile

from django.utils.translation import gettext as _

from agreements.domain.facts import COLUMNS
from agreements.domain.partial_dates.values import quoted
from agreements.exchange.importing.readers.tables import of_sheet
from agreements.exchange.importing.refusals import FileRefusedError

MOST_COLUMNS = 500
# The head is looked for in the first rows of a table that are not empty, and these among its first rows.
ROWS_LOOKED_AT = 20
FURTHEST_ROW_LOOKED_AT = 1_000
# A title or a note above a table fills fewer of its columns than the head does.
_LEAST_SHARE = 0.6

# A row of nothing but these names is the head of one of the register's own files.
OWN = frozenset(column.name for column in COLUMNS)

# the headings of what a download of refused rows adds to each row
ROW, REASON = "row in the file", "reason"

NumberedCells = tuple[int, Sequence[str]]


@dataclass(frozen=True)
class Head:
    """The names of the columns, empty for a column without one, and the number of the row they end in."""

    row: int
    headings: list[str]
    notes: list[str]

    @property
    def is_own(self) -> bool:
        """Whether these are names of the register's own columns, and no others."""
        return OWN.issuperset(filter(None, self.headings))


def beginning(rows: Iterable[NumberedCells], head: int = 0) -> list[NumberedCells]:
    """Return the rows of a table among which the head is, out of all its rows: the last one, if `head` is its number."""
    last = min(head or FURTHEST_ROW_LOOKED_AT, FURTHEST_ROW_LOOKED_AT)
    first = takewhile(lambda row: row[0] <= last, rows)
    filled = ((number, cells) for number, cells in first if any(map(str.strip, cells)))
    return list(deque(filled, ROWS_LOOKED_AT) if head else islice(filled, ROWS_LOOKED_AT))


def found_head(rows: Sequence[NumberedCells], *, head: int = 0, sheet: str = "") -> Head:
    """Return the head among the first rows of a table that are not empty. Raises `FileRefusedError`.

    It is the first row that fills most of the columns. If it has names for groups of columns above it, or the names of
    single columns below it, each heading is made of both. If the user says that it ends in row `head`, that one is taken.
    `sheet` is the name of the sheet, if the notes must tell it.
    """
    filled = [(number, _stripped(cells)) for number, cells in rows]
    if head:
        return _known_head(filled, head, sheet)
    if not filled:
        raise FileRefusedError(_("The file is empty. Its first row must name the columns."))
    place = _place_of_head([cells for _number, cells in filled])
    above = [cells for _number, cells in filled[:place]]
    number, cells = filled[place]
    following = filled[place + 1] if place + 1 < len(filled) else (0, [])
    if above and _is_repeated(cells) and _count(above[-1]) > 1:
        cells = _joined(above.pop(), cells)
    elif _names_parts(cells, following[1]):
        number, cells = following[0], _joined(cells, following[1])
    return _head(number, cells, sheet, above)


def _known_head(filled: list[tuple[int, list[str]]], head: int, sheet: str) -> Head:
    if not filled or filled[-1][0] != head:
        sentence = _(
            "Row %(row)s cannot name the columns: it is empty, or beyond row %(most)d. Choose another row for "
            "the headings."
        )
        raise FileRefusedError(
            sentence % {"row": of_sheet(head, sheet), "most": FURTHEST_ROW_LOOKED_AT}
        )
    *above, cells = [cells for _number, cells in filled]
    is_in_two_rows = above and (
        _names_parts(above[-1], cells) or (_is_repeated(cells) and _count(above[-1]) > 1)
    )
    if is_in_two_rows:
        cells = _joined(above.pop(), cells)
    return _head(head, cells, sheet, above)


def _head(number: int, cells: list[str], sheet: str, above: Sequence[Sequence[str]]) -> Head:
    notes = _notes(of_sheet(number, sheet), above)
    if OWN.issuperset(map(folded, filter(None, cells))):
        # the register's own files have each of their columns once
        return Head(number, checked(cells), notes)
    headings = _numbered(cells)
    renamed = [name for name, before in zip(headings, cells, strict=True) if name != before]
    if renamed:
        sentence = _("Several columns have the same name, so these were numbered: %(names)s.")
        names = ", ".join(f"“{quoted(name)}”" for name in renamed)
        notes.append(sentence % {"names": names})
    return Head(number, checked(headings), notes)


def _numbered(headings: Sequence[str]) -> list[str]:
    """Return the headings with a number after each that an earlier column has already: “Date”, “Date (2)”."""
    taken = {folded(name) for name in headings}
    seen: Counter[str] = Counter()
    made = []
    for name in headings:
        seen[folded(name)] += 1
        numbered = name
        while name and seen[folded(name)] > 1:
            numbered = f"{name} ({seen[folded(name)]})"
            if folded(numbered) not in taken:
                taken.add(folded(numbered))
                break
            seen[folded(name)] += 1
        made.append(numbered)
    return made


def _place_of_head(rows: Sequence[Sequence[str]]) -> int:
    own = next((n for n, cells in enumerate(rows) if OWN.issuperset(filter(None, cells))), None)
    if own is not None:
        return own
    least = max(map(_count, rows)) * _LEAST_SHARE
    return next(n for n, cells in enumerate(rows) if _count(cells) >= least)


def _stripped(cells: Sequence[str]) -> list[str]:
    """Return the cells without blanks around their texts, and without empty ones at the end."""
    texts = [" ".join(cell.split()) if "\n" in cell else cell.strip() for cell in cells]
    while texts and not texts[-1]:
        texts.pop()
    return texts


def _count(cells: Sequence[str]) -> int:
    return sum(map(bool, cells))


def _is_repeated(cells: Sequence[str]) -> bool:
    return any(n > 1 for name, n in Counter(map(folded, cells)).items() if name)


def _names_parts(upper: Sequence[str], lower: Sequence[str]) -> bool:
    """Whether the lower row names the columns of groups that the upper row names, such as those of merged cells."""
    gaps = {n for n, (one, next_one) in enumerate(pairwise(upper), start=1) if one and not next_one}
    if len(lower) > len(upper):
        gaps.add(len(upper))
    named = {n for n, text in enumerate(lower) if text}
    grouped = gaps | {n - 1 for n in gaps}
    return bool(gaps) and grouped <= named and 0 not in named


def _joined(upper: Sequence[str], lower: Sequence[str]) -> list[str]:
    width = max(len(upper), len(lower))
    group, made = "", []
    for n in range(width):
        above = upper[n] if n < len(upper) else ""
        below = lower[n] if n < len(lower) else ""
        group = above or (group if below else "")
        made.append(" ".join(filter(None, [group, below])))
    return made


def checked(headings: list[str]) -> list[str]:
    """Return the headings. Raises `FileRefusedError` if there are too many, or two alike."""
    if len(headings) > MOST_COLUMNS:
        sentence = _("The first row has more than %(most)d columns. Remove those you do not need.")
        raise FileRefusedError(sentence % {"most": MOST_COLUMNS})
    if _is_repeated(headings):
        counts = Counter(map(folded, filter(None, headings)))
        twice = next(name for name, n in counts.items() if n > 1)
        sentence = _(
            "Two columns are named “%(name)s”, so it is unclear which one counts. Remove or rename "
            "one."
        )
        raise FileRefusedError(sentence % {"name": quoted(twice)})
    return headings


def folded(heading: str) -> str:
    """Return a heading as it is compared: without regard to capitals and to how many blanks are in it."""
    return " ".join(heading.casefold().split())


def _notes(row: str, above: Sequence[Sequence[str]]) -> list[str]:
    if not above:
        return []
    sentence = _(
        "The headings were found in row %(row)s. What stands above was left out: %(texts)s."
    )
    rows = (" ".join(filter(None, cells)) for cells in above)
    texts = ", ".join(f"“{quoted(text)}”" for text in rows if text)
    return [sentence % {"row": row, "texts": texts}]
