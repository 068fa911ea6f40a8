"""docs/security.md gives a verdict on every requirement of ASVS 5.0.0, levels 1 and 2, and its evidence exists."""

import re
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings

from tests.asvs import lines_up_to
from tests.document_tables import Line, asvs_lines

ROOT = Path(settings.BASE_DIR)
TEXT = (ROOT / "docs/security.md").read_text(encoding="utf-8")
ASKED = lines_up_to(2)
MOST_FAILS = {1: 0, 2: 6}

FILE = re.compile(r"[a-z_./]+/[\w./-]+|[\w.-]+\.(?:py|toml|md)")
SETTING = re.compile(r"[A-Z]+(?:_[A-Z]+)+")


def named_in(line: Line) -> list[str]:
    return re.findall(r"`([^`]+)`", line.evidence)


def test_the_standard_has_as_many_lines_as_it_says() -> None:
    assert Counter(lines_up_to(3).values()) == {1: 70, 2: 183, 3: 92}


def test_every_line_stands_once_in_order_with_its_level() -> None:
    assert [(line.number, line.level) for line in asvs_lines(TEXT)] == list(ASKED.items())


def test_every_verdict_rests_on_something() -> None:
    empty = []
    for line in asvs_lines(TEXT):
        is_shown = "`" in line.evidence or "](" in line.evidence
        if not (is_shown if line.verdict != "n/a" else line.evidence):
            empty.append(line.number)

    assert empty == []


@pytest.mark.parametrize("chapter", sorted({number.partition(".")[0] for number in ASKED}))
def test_what_is_named_as_evidence_exists(chapter: str) -> None:
    named = {
        name
        for line in asvs_lines(TEXT)
        if line.number.startswith(f"{chapter}.")
        for name in named_in(line)
    }

    assert [name for name in sorted(named) if not _exists(name)] == []


def _exists(name: str) -> bool:
    """Whether the file exists, with the test in it, or the setting does; other code is only quoted."""
    file, _mark, test = name.partition("::")
    if FILE.fullmatch(file):
        path = ROOT / file
        return path.exists() and (not test or f"def {test}(" in path.read_text(encoding="utf-8"))
    return not SETTING.fullmatch(name) or hasattr(settings, name)


def test_few_fail_and_each_says_why() -> None:
    failed = {line.number: line.level for line in asvs_lines(TEXT) if line.verdict == "fail"}
    _head, _title, reasons = TEXT.partition("\n## What fails")
    explained = re.findall(r"^- \*\*(V[\d.]+)\.\*\* \S.{80,}", reasons, re.MULTILINE)

    assert explained == list(failed)
    assert all(list(failed.values()).count(level) <= most for level, most in MOST_FAILS.items()), (
        failed
    )


def test_what_is_left_to_the_operator_is_asked_of_them() -> None:
    left = [line for line in asvs_lines(TEXT) if line.verdict == "pass, operator"]
    _head, _title, rest = TEXT.partition("\n## What we ask of the operator")
    asked = re.findall(r"^(\d+)\. ", rest.partition("\n## ")[0], re.MULTILINE)
    points = [re.findall(r"\[the operator, (\d+)\]", line.evidence) for line in left]

    assert all(points)
    assert {point for each in points for point in each} <= set(asked)
