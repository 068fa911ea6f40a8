"""README and the documents are short enough to read, their links work, and everything they name exists."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import django
import pytest
from django.conf import settings
from django.core.management import get_commands
from django.utils.text import capfirst

from agreements.staff.home.help import anchor_of
from tests.test_layers import LAYERS

ROOT = Path(settings.BASE_DIR)
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
NAMES = [document.relative_to(ROOT).as_posix() for document in DOCUMENTS]

LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
TRANSLATING = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext_lazy"}
FENCED = re.compile(r"^( *)```.*?^\1```$", re.MULTILINE | re.DOTALL)


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def anchors_of(document: Path) -> set[str]:
    text = FENCED.sub("", document.read_text(encoding="utf-8"))
    return {anchor_of(heading.replace("`", "")) for heading in HEADING.findall(text)}


def test_readme_is_short_and_shows_the_register() -> None:
    readme = text_of("README.md")

    assert len(readme.split()) <= 900
    assert "](docs/screenshot.png)" in readme
    assert {"make run", "make test"} <= {line[:9].strip() for line in readme.splitlines()}


@pytest.mark.parametrize("name", NAMES)
def test_links_lead_somewhere(name: str) -> None:
    document = ROOT / name

    for link in LINK.findall(FENCED.sub("", text_of(name))):
        file, _mark, anchor = link.partition("#")
        if "://" in link:
            continue
        target = (document.parent / file).resolve() if file else document
        assert target.is_file(), link
        assert not anchor or anchor in anchors_of(target), link


@pytest.mark.parametrize("name", NAMES)
def test_commands_exist(name: str) -> None:
    named = set(re.findall(r"manage\.py ([a-z_]+)", text_of(name)))

    assert named <= get_commands().keys()


@pytest.mark.parametrize("name", NAMES)
def test_commands_can_be_pasted(name: str) -> None:
    blocks = re.findall(r"^( *)```sh\n(.*?)^\1```$", text_of(name), re.MULTILINE | re.DOTALL)
    named = {word for _, block in blocks for word in re.findall(r"\bmanage ([a-z_]+)", block)}

    for _, block in blocks:
        read = subprocess.run(
            ["bash", "-n"], input=block, capture_output=True, text=True, check=False
        )
        assert read.returncode == 0, block + read.stderr
        assert "…" not in block
    assert named <= get_commands().keys()


@pytest.mark.parametrize("name", NAMES)
def test_files_exist(name: str) -> None:
    named = re.findall(
        r"`((?:agreements|benchmarks|deploy|docs|fixtures|tests)/[^`]*)`", text_of(name)
    )

    assert [file for file in named if not (ROOT / file.partition("::")[0]).exists()] == []


def test_every_room_is_in_the_layout() -> None:
    rooms = {room for layer in LAYERS for room in layer}
    layout = set(re.findall(r"`(\w+)(?:/|\.py)`", text_of("CONTRIBUTING.md")))

    assert rooms <= layout


def test_every_setting_of_the_environment_is_explained_once() -> None:
    settings_file = text_of("mou_tracker/settings.py").partition("derived from it")[0]
    read = re.findall(r'\(\s*"([A-Z_]+)"', settings_file)
    explained = re.findall(r"^\| `([A-Z_]+)` \|", text_of("docs/operating.md"), re.MULTILINE)

    assert sorted(read) == sorted(explained)


def test_every_decision_has_a_status_and_a_day_and_is_in_the_contents() -> None:
    head, *sections = re.split(r"^## ", text_of("docs/decisions.md"), flags=re.MULTILINE)
    titles = [section.partition("\n")[0] for section in sections]
    undated = [
        title
        for title, section in zip(titles, sections, strict=True)
        if not re.match(r".+\n\n(Accepted|Superseded), \d{4}-\d{2}-\d{2}[.,]", section)
    ]

    assert re.findall(r"^- \[(.+)\]", head, re.MULTILINE) == titles
    assert undated == ["Measurements"]


def labels() -> Iterator[str]:
    """Yield every translatable text of the register and of Django's admin, as it appears on a page."""
    for module in (ROOT / "agreements").rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in TRANSLATING:
                yield from (str(text.value) for text in node.args if isinstance(text, ast.Constant))
    for template in (ROOT / "templates").rglob("*.html"):
        yield from re.findall(r'{% translate "(.+?)"', template.read_text(encoding="utf-8"))
    for app in ("admin", "auth"):
        catalogue = Path(django.__path__[0], "contrib", app, "locale/en/LC_MESSAGES/django.po")
        yield from re.findall(r'^msgid "(.+)"$', catalogue.read_text("utf-8"), re.MULTILINE)


def test_labels_that_the_staff_guide_quotes_are_on_the_pages() -> None:
    guide = text_of("docs/staff.md")
    quoted = re.findall(r'\*\*(.+?)\*\*|"([^"]+)"', " ".join(guide.split()))
    named = {part for pair in quoted for label in pair if label for part in label.split(" → ")}

    assert len(named) >= 15
    assert {capfirst(label) for label in named} <= {capfirst(label) for label in labels()}
