"""The selection as a table in Markdown (GitHub's), for pages of text: the CSV's columns, streamed in constant memory."""

import re
from collections.abc import Iterable, Iterator

from agreements.domain.facts import COLUMNS
from agreements.domain.plain_text import one_line
from agreements.domain.urls import permanent
from agreements.domain.value_types import Holds
from agreements.exchange.exporting.extracts import LICENCE, LICENCE_ADDRESS, REGISTER, Extract
from agreements.exchange.exporting.rows import row_blocks

# Between letters an underscore means nothing, so most URLs stay as they are.
_MARKUP = re.compile(r"[\\`*|<~\[\]]|(?<!\w)_|_(?!\w)|&(?=#?\w+;)")
_FREE_TEXT = [column.type.holds is Holds.TEXT for column in COLUMNS]


def stream_markdown(extract: Extract) -> Iterator[str]:
    """Yield what the extract is a selection of, and its table, a block of rows at a time.

    Costs five queries for each thousand rows.
    """
    yield f"# {plain(extract.words)}\n\n{REGISTER}, <{extract.page}>, {extract.day.isoformat()}, "
    yield f"[{LICENCE}]({LICENCE_ADDRESS})\n\n"
    yield _line(column.name for column in COLUMNS) + _line("---" for _column in COLUMNS)
    for rows in row_blocks(extract.agreements, extract.day, permanent):
        yield "".join(_line(_cells(row)) for row in rows)


def plain(text: str) -> str:
    """Return the text on one line, in which nothing is markup."""
    return _MARKUP.sub(r"\\\g<0>", one_line(text))


def _cells(row: list[str]) -> Iterator[str]:
    for cell, is_free in zip(row, _FREE_TEXT, strict=True):
        yield plain(cell) if is_free else cell


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |\n"
