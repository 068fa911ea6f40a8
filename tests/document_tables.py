"""Writes the tables in documents and scripts that are generated from the declarations: `make tables`.

tests/domain/test_facts.py fails if a document differs from the declarations.
"""

import json
import os
import re
import textwrap
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from agreements.selection.declared import Filter

ROOT = Path(__file__).resolve().parent.parent


def columns() -> str:
    """The columns of the CSV."""
    from agreements.domain.facts import COLUMNS

    rows = [f"| `{value.name}` | {value.dictionary_meaning} |" for value in COLUMNS]
    return "\n".join(["| column | holds |", "| --- | --- |", *rows])


def fields() -> str:
    """The fields of an agreement that a profile can contain."""
    from agreements.domain.facts import ENTERED

    *names, last = [f"`{name}`" for name in ENTERED if name != "title"]
    text = f"`title` (required), {', '.join(names)} and {last}"
    beginning = " " * len("`[fields]` takes ")
    return textwrap.fill(text, 100, initial_indent=beginning).lstrip()


def parameters() -> str:
    """The parameters of the list, each with its values and meaning."""
    from agreements.selection.declarations import PARAMETERS

    rows = [
        f"| `{declared.name}` | {_values(declared)} | {declared.meaning} |"
        for declared in PARAMETERS
    ]
    return "\n".join(["| parameter | values | meaning |", "| --- | --- | --- |", *rows])


def _values(declared: "Filter") -> str:
    """Return the codes that it accepts or, if there are many, its values in words."""
    from agreements.selection.declared import Choice, Codes, Marked

    if isinstance(declared, Codes) and len(declared.codes) > 8:
        return "codes, listed at `/data/`"
    if not isinstance(declared, Codes | Choice | Marked):
        return str(declared.values)
    codes = [str(code) for code, _label in declared.options["choices"] if code]
    return " ".join(f"`{code}`" for code in codes)


def spellings() -> str:
    """The rules by which scripts fold names and what is typed, as the search does."""
    from agreements.search.letters import as_data

    lines = (f"    {name}: {_js(value)}," for name, value in as_data().items())
    return "\n".join(["  const RULES = {", *lines, "  };"])


def _js(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


class Line(NamedTuple):
    """A requirement in the list of docs/security.md."""

    number: str
    level: int
    asks: str
    verdict: str
    evidence: str


_LINE = re.compile(
    r"^\| (V[\d.]+) \| ([12]) \| ([^|]+) \| (pass|pass, operator|fail|n/a) \| ([^|]+) \|$",
    re.MULTILINE,
)


def asvs_lines(text: str) -> list[Line]:
    """Return the requirements in the list of this text."""
    return [Line(number, int(level), *rest) for number, level, *rest in _LINE.findall(text)]


def verdicts() -> str:
    """How many requirements of each level have which verdict."""
    lines = asvs_lines((ROOT / "docs/security.md").read_text(encoding="utf-8"))
    counts = Counter((line.level, line.verdict) for line in lines)
    head = ["", "pass", "pass, operator", "fail", "n/a"]
    rows = [
        [f"level {level}", *(str(counts[level, verdict]) for verdict in head[1:])]
        for level in (1, 2)
    ]
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(row)} |" for row in [head, rule, *rows])


# For each document: the text before and after the generated part, and the function that generates it.
TABLES: dict[str, list[tuple[str, str, Callable[[], str]]]] = {
    "docs/using-the-data.md": [
        ("<!-- filters: begin -->\n\n", "\n\n<!-- filters: end -->", parameters),
        ("<!-- columns: begin -->\n\n", "\n\n<!-- columns: end -->", columns),
    ],
    "docs/security.md": [("<!-- totals: begin -->\n\n", "\n\n<!-- totals: end -->", verdicts)],
    "static/js/folding.js": [("// rules: begin\n", "\n  // rules: end", spellings)],
    # no comments as markers here, because Help would show them
    "docs/importing.md": [("`[fields]` takes ", ". For codes, see `/data/`.", fields)],
}


def written(name: str, text: str) -> str:
    """Return the text of this document with its generated tables brought up to date."""
    for before, behind, made in TABLES[name]:
        head, found, rest = text.partition(before)
        _old, found_too, tail = rest.partition(behind)
        assert found, before
        assert found_too, behind
        text = f"{head}{before}{made()}{behind}{tail}"
    return text


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mou_tracker.settings")
    django.setup()
    for document in TABLES:
        path = ROOT / document
        path.write_text(written(document, path.read_text(encoding="utf-8")), encoding="utf-8")
