"""How the lists of the admin are drawn: each cell with the name of its column, which cards on narrow screens show."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst

register = template.Library()

_CELL = re.compile(r"<(td|th)\b")


@register.filter
def named(cells: Iterable[str], headers: list[dict[str, Any]]) -> Iterator[SafeString]:
    """Yield the cells of a row, as Django draws them, each with its role and the name of its column."""
    for cell, header in zip(cells, headers, strict=False):
        is_cell = _CELL.match(str(cell))
        if is_cell is None:
            yield conditional_escape(cell)
            continue
        label = "" if "action" in header.get("class_attrib", "") else str(header["text"])
        yield mark_safe(_start(is_cell[1], label) + str(cell)[is_cell.end() :])  # noqa: S308 - Django escaped the cell


@lru_cache(maxsize=1_000)
def _start(tag: str, label: str) -> SafeString:
    role = "rowheader" if tag == "th" else "cell"
    return format_html(
        '<{} role="{}" data-label="{}"',
        mark_safe(tag),  # noqa: S308 - one of two
        role,
        capfirst(label),
    )
