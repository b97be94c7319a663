"""The floors of the house: a room imports only from its own floor and from those below."""

import ast
import importlib.util

import pytest
from course import ROOT

PACKAGE = ROOT / "curriculum"
FLOORS = [
    {"__init__", "events", "files", "catalog", "checks", "data", "sandbox"},
    {"widgets", "execution"},
    {"learner"},
    {"grading", "authoring"},
    {"hub"},
    {"cli", "lab", "__main__"},
]
FOR_NOTEBOOKS = {"checks", "data", "widgets", "learner"}


def room(module):
    """Give the room of a module: `learner` for `curriculum.learner.log`."""
    return [*module.split("."), "__init__"][1]


def floor(name):
    """Count floors from the ground; fails for a room that has none."""
    (number,) = [n for n, rooms in enumerate(FLOORS) if name in rooms]
    return number


def imported(code, package=""):
    """Give every module of the curriculum that a text of Python imports, as dotted names."""
    found = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            start = importlib.util.resolve_name(base, package) if node.level else base
            found.add(start)
            # `from curriculum import checks` imports a room, not a name of the package.
            found.update(f"{start}.{alias.name}" for alias in node.names if start == "curriculum")
    return {name for name in found if name.split(".")[0] == "curriculum"} - {"curriculum"}


def modules():
    return sorted(path for path in PACKAGE.rglob("*.py") if "extension" not in path.parts)


def dotted(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def package_of(path):
    name = dotted(path)
    return name if path.name == "__init__.py" else name.rpartition(".")[0]


def test_imports_are_found_in_every_form():
    code = (
        "import curriculum.cli\nfrom curriculum import checks, data\n"
        "def f():\n    from curriculum.learner.log import Log\n"
        "from . import words\nfrom .report import MIME\nimport numpy\n"
    )
    assert imported(code, "curriculum.checks") == {
        "curriculum.cli",
        "curriculum.checks",
        "curriculum.data",
        "curriculum.learner.log",
        "curriculum.checks.report",
    }


@pytest.mark.parametrize("path", modules(), ids=dotted)
def test_a_room_imports_only_from_below(path):
    here = room(dotted(path))
    wrong = [
        name
        for name in imported(path.read_text(), package_of(path))
        if floor(room(name)) > floor(here)
    ]
    assert wrong == []


@pytest.mark.parametrize("path", sorted((ROOT / "source").glob("*/*.py")), ids=dotted)
def test_notebooks_import_only_what_is_for_them(path):
    names = imported(path.read_text())
    assert "curriculum.learner" in names
    assert {room(name) for name in names} <= FOR_NOTEBOOKS
