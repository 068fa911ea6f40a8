"""The tables in the documents that are made of the declarations: `python -m tests.document_tables` writes them anew.

tests/domain/test_facts.py fails where a document says something else than the declarations do.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

Tables = dict[str, Callable[[], str]]


def columns() -> str:
    """The columns of the CSV."""
    from agreements.domain.facts import COLUMNS

    rows = [f"| `{value.name}` | {value.dictionary_meaning} |" for value in COLUMNS]
    return "\n".join(["| column | holds |", "| --- | --- |", *rows])


def fields() -> str:
    """What a profile may state of an agreement."""
    from agreements.domain.facts import ENTERED

    *names, last = [f"`{name}`" for name in ENTERED if name != "title"]
    return f"`title` (required), {', '.join(names)} and {last}"


TABLES: dict[str, Tables] = {
    "docs/using-the-data.md": {"columns": columns},
    "docs/importing.md": {"fields": fields},
}


def written(text: str, tables: Tables) -> str:
    """Return the document with what stands between its marks made anew."""
    for mark, made in tables.items():
        begin, end = f"<!-- {mark}: begin -->", f"<!-- {mark}: end -->"
        pattern = re.compile(f"({begin}\\s*).*?(\\s*{end})", re.DOTALL)
        assert pattern.search(text), f"There is no {begin}"
        text = pattern.sub(lambda found, made=made: f"{found[1]}{made()}{found[2]}", text)
    return text


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    for document, marked in TABLES.items():
        path = ROOT / document
        path.write_text(written(path.read_text(encoding="utf-8"), marked), encoding="utf-8")
