"""The directions of imports: a module of ``agreements`` uses what lies below it, never what lies above.

A module that is in no layer fails, so that whoever adds one says where it belongs. What is imported for
type checkers alone (``if TYPE_CHECKING:``) does not count: it is not there when the program runs.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

APP = "agreements"
ROOT = Path(__file__).resolve().parent.parent

LAYERS = [
    ["choices"],
    [
        "addresses",
        "completeness",
        "deadlines",
        "document_contents",
        "kept_secrets",
        "lifecycle",
        "partial_dates",
        "pdf_scripts",
        "permissions",
        "plain_text",
        "resting",
        "search_text",
        "secret_addresses",
    ],
    ["querysets", "search_index"],
    ["models"],
    [
        "calendar_addresses",
        "charts",
        "chronology",
        "citations",
        "columns",
        "conflicts",
        "dictionary",
        "duplicates",
        "exporting",
        "follow_up",
        "footnotes",
        "generating",
        "history",
        "importing",
        "link_checking",
        "merging",
        "orphaned_files",
        "lifelines",
        "migrations",
        "oddities",
        "overview",
        "portfolios",
        "reminders",
        "revisions",
        "second_step",
        "seeding",
        "session_store",
        "suggestions",
        "twins",
        "workflow",
    ],
    [
        "facets",
        "feeds",
        "filters",
        "following",
        "forms",
        "kept_answers",
        "selection",
        "sitemaps",
        "statistics",
        "templatetags",
        "wording",
    ],
    [
        "accounts",
        "admin",
        "api",
        "audit",
        "checks",
        "client_address",
        "desk",
        "management",
        "replicas",
        "shared_cache",
        "staticfiles",
        "time_limits",
        "views",
        "warming",
    ],
    ["apps", "urls"],
]
LAYER = {name: height for height, names in enumerate(LAYERS) for name in names}

# Neighbours in one layer that may use one another, one way: (who, whom).
NEIGHBOURS = {
    ("admin", "views"),
    ("accounts", "audit"),
    ("accounts", "client_address"),
    ("accounts", "desk"),
    ("admin", "desk"),
    ("admin", "audit"),
    ("audit", "client_address"),
    ("charts", "columns"),
    ("citations", "exporting"),
    ("columns", "revisions"),
    ("oddities", "twins"),
    ("overview", "columns"),
    ("portfolios", "columns"),
    ("seeding", "history"),
    ("conflicts", "history"),
    ("facets", "filters"),
    ("generating", "revisions"),
    ("document_contents", "pdf_scripts"),
    ("deadlines", "lifecycle"),
    ("deadlines", "partial_dates"),
    ("filters", "forms"),
    ("follow_up", "history"),
    ("following", "selection"),
    ("importing", "exporting"),
    ("importing", "history"),
    ("importing", "oddities"),
    ("lifecycle", "partial_dates"),
    ("merging", "duplicates"),
    ("merging", "history"),
    ("migrations", "revisions"),
    ("querysets", "search_index"),
    ("reminders", "follow_up"),
    ("selection", "facets"),
    ("selection", "filters"),
    ("selection", "forms"),
    ("selection", "wording"),
    ("statistics", "facets"),
    ("templatetags", "facets"),
    ("statistics", "selection"),
    ("management", "audit"),
    ("views", "audit"),
    ("workflow", "history"),
}


def part(module: str) -> str:
    """The part of the application a dotted name belongs to: ``agreements.models.areas`` → models."""
    return module.split(".")[1] if "." in module else ""


def modules() -> Iterator[tuple[str, Path]]:
    """Every module of the application, as its dotted name and its file."""
    for path in sorted((ROOT / APP).rglob("*.py")):
        name = path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")
        yield name.removesuffix(".__init__"), path


def running_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Every node below this one but those under ``if TYPE_CHECKING:``."""
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
    """Why this module may not import that one; None when it may."""
    if target.split(".")[0] == "mou_tracker":
        return (
            f"{importer} imports {target}: the application knows nothing of the project around it."
        )
    own, other = part(importer), part(target)
    if target.split(".")[0] != APP or not {own, other} <= LAYER.keys():
        return None
    if own == other or LAYER[other] < LAYER[own] or (own, other) in NEIGHBOURS:
        return None
    where = "above" if LAYER[other] > LAYER[own] else "beside"
    return f"{importer} imports {target}, which lies {where} it."


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


def test_no_two_neighbours_use_one_another() -> None:
    assert not {(who, whom) for who, whom in NEIGHBOURS if (whom, who) in NEIGHBOURS}
    assert all(LAYER[who] == LAYER[whom] for who, whom in NEIGHBOURS)


@pytest.mark.parametrize(
    ("importer", "source", "where"),
    [
        pytest.param("models.areas", "from agreements.workflow import take", "above", id="from"),
        pytest.param("models.areas", "import agreements.views.lists", "above", id="import"),
        pytest.param("models.areas", "from agreements import views", "above", id="of the app"),
        pytest.param("models.areas", "from ..views import lists", "above", id="relative"),
        pytest.param("models.areas", "from .. import urls", "above", id="relative, of the app"),
        pytest.param("models.areas", "def f():\n    import agreements.urls", "above", id="within"),
        pytest.param("workflow", "from agreements import seeding", "beside", id="neighbour"),
        pytest.param("workflow", "from . import seeding", "beside", id="relative neighbour"),
        pytest.param("choices", "from mou_tracker import settings", "around", id="project"),
        pytest.param("models.areas", "from agreements.models.sources import Source", "", id="own"),
        pytest.param("models.areas", "from .sources import Source", "", id="own, relative"),
        pytest.param("models.areas", "from agreements import choices", "", id="below"),
        pytest.param("models.areas", "from django.db import models", "", id="library"),
        pytest.param(
            "querysets", "if TYPE_CHECKING:\n    import agreements.models", "", id="types"
        ),
    ],
)
def test_a_wrong_direction_is_seen(importer: str, source: str, where: str) -> None:
    name = f"{APP}.{importer}"

    found = [complaint(name, target) for target in imported(source, name.rpartition(".")[0])]

    assert [where in why if where else False for why in found if why] == ([True] if where else [])
