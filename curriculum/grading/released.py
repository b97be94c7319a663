"""A topic as it was handed out: what its notebooks import, what lies beside them, its version."""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import find_all_files

from curriculum.execution import names
from curriculum.execution import preload as preloading
from curriculum.grading import intake
from curriculum.grading.ledger import digest
from curriculum.grading.nbgrader_api import GradingError
from curriculum.sandbox.plan import NAMESPACES, make_plan

if TYPE_CHECKING:
    from curriculum.grading.together import Unsplit

_NOT_GRADING = ("authoring/", "lab/", "cli.py", "__main__.py", "grading/classview/")
"""Parts of the package that no grade depends on."""


@dataclass(frozen=True)
class About:
    """What running a topic's notebooks needs to know of them as they were handed out.

    Parameters
    ----------
    preload : tuple of str
        The modules that they import: one list for all, so that one warm process serves them all.
    imports : dict
        Notebook → name → what its authors import by that name.
    masters : tuple of str
        The files beside the source.
    unsplit : tuple of Unsplit
        The test cells that don't work in a process of their own.
    code : dict
        Notebook → the code of its cells.
    asked : dict
        Notebook → test cell → the attributes for which it asks the reference solution's objects.
    given : dict
        Notebook → test cell → what it defines for cells below, as released.
    """

    preload: tuple[str, ...] = ()
    imports: dict[str, dict[str, str]] = field(default_factory=dict)
    masters: tuple[str, ...] = ()
    unsplit: tuple[Unsplit, ...] = ()
    code: dict[str, tuple[str, ...]] = field(default_factory=dict)
    asked: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    given: dict[str, dict[str, str]] = field(default_factory=dict)


def about(course: CourseDirectory, topic: str, masters: Iterable[str]) -> About:
    """Read what running a topic's notebooks needs to know of them; `masters` are as in `About`.

    Raises
    ------
    GradingError
        Notebooks would see the course, answer key and gradebook included.
    """
    if make_plan(NAMESPACES).shows(course.root):
        raise GradingError(
            f"The course in {course.root} stands within the Python environment that notebooks see:"
            " move it, or make the environment in a folder of its own, such as .venv."
        )
    code = {path.stem: _code(path, time) for path, time in _notebooks(course, topic)}
    return About(
        preloading.modules(cell for cells in code.values() for cell in cells),
        {name: preloading.aliases(cells) for name, cells in code.items()},
        tuple(masters),
        code=code,
        given=_given(course, topic),
    )


def _notebooks(course: CourseDirectory, topic: str) -> list[tuple[Path, int]]:
    for step in (course.release_directory, course.source_directory):
        folder = Path(course.format_path(step, ".", topic))
        found = sorted(folder.glob("*.ipynb"))
        if found:
            return [(path, path.stat().st_mtime_ns) for path in found]
    return []


def _given(course: CourseDirectory, topic: str) -> dict[str, dict[str, str]]:
    """Tell what the test cells of the release define; the source has hidden tests."""
    folder = Path(course.format_path(course.release_directory, ".", topic))
    found = sorted(folder.glob("*.ipynb"))
    return {path.stem: _defined(path, path.stat().st_mtime_ns) for path in found}


@functools.lru_cache(maxsize=64)
def _defined(path: Path, time: int) -> dict[str, str]:
    known = set(preloading.aliases(_code(path, time)))
    found = {}
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        meta = cell["metadata"].get("nbgrader", {})
        if cell["cell_type"] == "code" and meta.get("grade") and not meta.get("solution"):
            text = names.given("".join(cell["source"]), known)
            known |= names.defined(text)
            found[str(meta["grade_id"])] = text
    return {grade_id: text for grade_id, text in found.items() if text}


def order(course: CourseDirectory, topic: str, notebook: str) -> tuple[str, ...]:
    """List the grade_ids of a notebook as they follow each other; a database keeps no order."""
    for path, time in _notebooks(course, topic):
        if path.stem == notebook:
            return _grade_ids(path, time)
    return ()


@functools.lru_cache(maxsize=64)
def _grade_ids(path: Path, time: int) -> tuple[str, ...]:
    plain = json.loads(path.read_text(encoding="utf-8"))
    metas = [cell["metadata"].get("nbgrader", {}) for cell in plain["cells"]]
    return tuple(str(meta["grade_id"]) for meta in metas if meta.get("grade_id"))


@functools.lru_cache(maxsize=64)
def _code(path: Path, time: int) -> tuple[str, ...]:
    plain = json.loads(path.read_text(encoding="utf-8"))
    code = [cell for cell in plain["cells"] if cell["cell_type"] == "code"]
    return tuple("".join(cell["source"]) for cell in code)


def masters(course: CourseDirectory, topic: str, kept: Iterable[str] = ()) -> dict[str, bytes]:
    """Read the files beside the source, which go over what students handed in.

    Parameters
    ----------
    course : CourseDirectory
        Where the source is, and which names to ignore.
    topic : str
        The assignment.
    kept : iterable of str
        Files that students may change: nbgrader's `Autograde.exclude_overwriting`.
    """
    folder = Path(course.format_path(course.source_directory, ".", topic))
    return {name: (folder / name).read_bytes() for name in master_names(course, topic, kept)}


def master_names(course: CourseDirectory, topic: str, kept: Iterable[str] = ()) -> list[str]:
    """List the files that `masters` reads."""
    folder = Path(course.format_path(course.source_directory, ".", topic))
    found = map(Path, find_all_files(str(folder), [*course.ignore, "*.ipynb"]))
    return sorted({path.relative_to(folder).as_posix() for path in found} - set(kept))


def version(book: Gradebook, topic: str, beside: dict[str, bytes]) -> str:
    """Tell the topic as it is in the gradebook from any other state of it."""
    parts: list[Any] = [topic]
    for notebook in sorted(book.find_assignment(topic).notebooks, key=lambda n: n.name):
        parts += [notebook.name, notebook.kernelspec]
        for cell in sorted(notebook.source_cells, key=lambda c: c.name):
            parts += [cell.name, cell.cell_type, cell.locked, cell.source, cell.checksum]
        for cell in sorted([*notebook.grade_cells, *notebook.task_cells], key=lambda c: c.name):
            parts += [cell.name, cell.max_score]
    book.db.rollback()
    for name, content in beside.items():
        parts += [name, hashlib.sha256(content).hexdigest()]
    return digest(parts)


def environment() -> str:
    """Tell the installed packages and the code that grades from any other state of them."""
    found = importlib.metadata.distributions()
    parts = sorted({f"{one.metadata['Name']} {one.version}" for one in found})
    package = Path(intake.__file__).resolve().parents[1]
    for path in sorted(package.rglob("*.py")):
        name = path.relative_to(package)
        if not name.as_posix().startswith(_NOT_GRADING):
            parts += [str(name), hashlib.sha256(path.read_bytes()).hexdigest()]
    return digest(parts)
