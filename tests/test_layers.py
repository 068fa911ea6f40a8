"""The directions of imports: a room of ``agreements`` uses the rooms below it, never one above or next to it.

A package that is in no layer fails the test, so that anyone who adds one decides where it belongs. Imports for type
checkers only (``if TYPE_CHECKING:``) do not count.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

APP = "agreements"
ROOT = Path(__file__).resolve().parent.parent

# From the ground up. A room may use any room in a row above it in this list, but none in its own row.
LAYERS = [
    ["domain", "search", "uploads"],
    ["models"],
    ["counting", "security"],
    ["curation"],
    ["serving"],
    ["selection"],
    ["exchange", "upkeep"],
    ["statistics", "briefs"],
    ["notifications", "templatetags"],
    ["web", "staff", "management"],
    ["admin"],
    ["apps", "migrations", "urls"],
]
LAYER = {name: height for height, names in enumerate(LAYERS) for name in names}


def part(module: str) -> str:
    """The part of the application a dotted name belongs to: ``agreements.models.areas`` → models."""
    return module.split(".")[1] if "." in module else ""


def modules() -> Iterator[tuple[str, Path]]:
    """Every module of the application, as its dotted name and its file."""
    for path in sorted((ROOT / APP).rglob("*.py")):
        name = path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")
        yield name.removesuffix(".__init__"), path


def running_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Every node below this one except those under ``if TYPE_CHECKING:``."""
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING")):
            yield child
            yield from running_nodes(child)


def imported(source: str, package: str) -> Iterator[str]:
    """The dotted name of everything that a module of this package imports."""
    for node in running_nodes(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")[: len(package.split(".")) - node.level + 1]
            base = ".".join([*(parents if node.level else []), *filter(None, [node.module])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def complaint(importer: str, target: str) -> str | None:
    """Return why this module may not import that one; None if it may."""
    if target.split(".")[0] == "mou_tracker":
        return f"{importer} imports {target}: the application must not depend on the project around it."
    own, other = part(importer), part(target)
    if target.split(".")[0] != APP or not {own, other} <= LAYER.keys():
        return None
    if own == other or LAYER[other] < LAYER[own]:
        return None
    where = "above" if LAYER[other] > LAYER[own] else "next to"
    return f"{importer} imports {target}, which is {where} it."


def complaints_of(name: str, path: Path) -> list[str]:
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    targets = imported(path.read_text(), package)
    return [why for target in targets if (why := complaint(name, target))]


def test_every_module_is_in_a_layer() -> None:
    homeless = {part(name) for name, _ in modules()} - LAYER.keys() - {""}

    assert not homeless, f"Say in LAYERS where these belong: {', '.join(sorted(homeless))}."


def test_every_layer_names_modules_that_exist() -> None:
    assert LAYER.keys() <= {part(name) for name, _ in modules()}


def test_imports_point_down() -> None:
    found = [why for name, path in modules() if name != APP for why in complaints_of(name, path)]

    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("importer", "source", "where"),
    [
        pytest.param(
            "models.areas", "from agreements.curation.workflow import take", "above", id="from"
        ),
        pytest.param("models.areas", "import agreements.web.views.lists", "above", id="import"),
        pytest.param("models.areas", "from agreements import web", "above", id="of the app"),
        pytest.param("models.areas", "from ..web import views", "above", id="relative"),
        pytest.param("models.areas", "from .. import urls", "above", id="relative, of the app"),
        pytest.param("models.areas", "def f():\n    import agreements.urls", "above", id="within"),
        pytest.param("web.pages", "from agreements.staff import home", "next to", id="next to"),
        pytest.param("web.pages", "from ..staff import home", "next to", id="relative, next to"),
        pytest.param("domain.choices", "from mou_tracker import settings", "around", id="project"),
        pytest.param("models.areas", "from agreements.models.sources import Source", "", id="own"),
        pytest.param("models.areas", "from .sources import Source", "", id="own, relative"),
        pytest.param("models.areas", "from agreements.domain import choices", "", id="below"),
        pytest.param("models.areas", "from django.db import models", "", id="library"),
        pytest.param(
            "search.entries", "if TYPE_CHECKING:\n    import agreements.models", "", id="types"
        ),
    ],
)
def test_a_wrong_direction_is_seen(importer: str, source: str, where: str) -> None:
    name = f"{APP}.{importer}"

    found = [complaint(name, target) for target in imported(source, name.rpartition(".")[0])]

    assert [where in why if where else False for why in found if why] == ([True] if where else [])
