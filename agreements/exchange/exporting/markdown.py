"""The selection as a Markdown table (GitHub's dialect): the CSV's columns, streamed in constant memory."""

import re
from collections.abc import Iterable, Iterator

from agreements.domain.facts import COLUMNS
from agreements.domain.plain_text import one_line
from agreements.exchange.exporting.extracts import LICENCE, LICENCE_ADDRESS, REGISTER, Extract
from agreements.exchange.exporting.rows import row_blocks

# An underscore between letters is not markup, so most URLs stay as they are.
_MARKUP = re.compile(r"[\\`*|<~\[\]]|(?<!\w)_|_(?!\w)|&(?=#?\w+;)")
_FREE_TEXT = [column.is_free_text for column in COLUMNS]


def stream_markdown(extract: Extract) -> Iterator[str]:
    """Yield the description of the selection, and its table, a block of rows at a time.

    Seven queries per thousand rows.
    """
    yield f"# {plain(extract.words)}\n\n{REGISTER}, <{extract.page}>, {extract.day.isoformat()}, "
    yield f"[{LICENCE}]({LICENCE_ADDRESS})\n\n"
    if extract.remark:
        yield f"{plain(extract.remark)}\n\n"
    yield _line(column.name for column in COLUMNS) + _line("---" for _column in COLUMNS)
    for rows in row_blocks(extract.agreements, extract.day):
        yield "".join(_line(_cells(row)) for row in rows)


def plain(text: str) -> str:
    """Return the text on one line, with all markup escaped."""
    return _MARKUP.sub(r"\\\g<0>", one_line(text))


def _cells(row: list[str]) -> Iterator[str]:
    for cell, is_free in zip(row, _FREE_TEXT, strict=True):
        yield plain(cell) if is_free else cell


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |\n"
