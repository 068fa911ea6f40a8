"""The parameter table of the documentation, made from the declarations.

`manage.py write_parameter_table` writes it between two marks in a Markdown file; a test fails when a file is out of
date.
"""

from collections.abc import Iterator

from django.utils.translation import override

from agreements.selection.declarations import PARAMETERS
from agreements.selection.declared import Choice, Codes, Filter

BEGIN, END = "<!-- filters: begin -->", "<!-- filters: end -->"
_MOST_NAMED = 8


class NoMarksError(ValueError):
    """The document lacks the two marks around the table."""


def with_parameter_table(document: str) -> str:
    """Return the Markdown with the current table between the marks. Raises `NoMarksError`."""
    before, begin, rest = document.partition(BEGIN)
    _stale, end, after = rest.partition(END)
    if not (begin and end):
        raise NoMarksError
    with override("en"):
        table = "\n".join(_lines())
    return f"{before}{begin}\n\n{table}\n\n{end}{after}"


def _lines() -> Iterator[str]:
    yield "| parameter | values | meaning |"
    yield "| --- | --- | --- |"
    for declared in PARAMETERS:
        yield f"| `{declared.name}` | {_values(declared)} | {declared.meaning} |"


def _values(declared: Filter) -> str:
    if isinstance(declared, Codes) and len(declared.codes) > _MOST_NAMED:
        return "codes, listed at `/data/`"
    if not isinstance(declared, Codes | Choice):
        return str(declared.values)
    codes = [str(code) for code, _label in declared.options["choices"] if code]
    return " ".join(f"`{code}`" for code in codes)
