"""How the lists of the admin are drawn: each cell with the name of its column, which cards on narrow screens show."""

import re
from collections.abc import Iterable, Iterator
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
        label = "" if "action" in header.get("class_attrib", "") else capfirst(str(header["text"]))
        is_cell = _CELL.match(str(cell))
        if is_cell is None:
            yield conditional_escape(cell)
            continue
        role = "rowheader" if is_cell[1] == "th" else "cell"
        start = format_html('<{} role="{}" data-label="{}"', mark_safe(is_cell[1]), role, label)  # noqa: S308
        yield mark_safe(start + str(cell)[is_cell.end() :])  # noqa: S308 - Django escaped the cell
