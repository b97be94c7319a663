"""The class view as a notebook: it reads without being run, and goes on from there with pandas."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode, v4

from curriculum.authoring.source import KERNELSPEC
from curriculum.grading.classview import View, page, statistics
from curriculum.grading.classview.tables import text

_MARK = "curriculum_class_view"
_SECTIONS: list[tuple[str, str, list[tuple[str, str]]]] = [
    ("Points", "", [("pictures", "points")]),
    ("Exercises", page.EXERCISES, [("pictures", "exercises"), ("tables", "exercises")]),
    ("How points are spread", page.POINTS, [("tables", "points")]),
    (
        "Named mistakes",
        page.MISTAKES,
        [("pictures", "mistakes"), ("tables", "mistakes"), ("examples", "")],
    ),
    ("Tests", page.TESTS, [("pictures", "tests"), ("tables", "tests")]),
    ("Single checks", page.CHECKS, [("tables", "checks")]),
    ("Students", page.STUDENTS, [("tables", "students")]),
]


def notebook(view: View, course: Path, made: datetime) -> str:
    """Give the text of the notebook.

    Parameters
    ----------
    view : View
        What it shows.
    course : Path
        Whose gradebook it reads when it is run.
    made : datetime
        When the gradebook was read.
    """
    cells = list(_cells(view, course, made))
    for number, cell in enumerate(cells):
        cell.id = f"class-view-{number}"
    new = v4.new_notebook(cells=cells, metadata={"kernelspec": dict(KERNELSPEC)})
    new.metadata[_MARK] = _digest(new)
    return nbformat.writes(new) + "\n"


def is_untouched(content: str) -> bool:
    """Tell whether a text is a notebook of this module's that nobody has changed.

    Running and saving it changes no cell's text.
    """
    try:
        found: Any = nbformat.reads(content, 4)
        return bool(found.metadata.get(_MARK) == _digest(found))
    except Exception:  # damaged, in whatever way nbformat trips over it
        return False


def _digest(nb: NotebookNode) -> str:
    cells = [[cell.cell_type, cell.source] for cell in nb.cells]
    return hashlib.sha256(json.dumps(cells).encode()).hexdigest()


def _cells(view: View, course: Path, made: datetime) -> Iterator[NotebookNode]:
    topic = view.numbers.topic
    yield v4.new_markdown_cell(
        f"# {text(view.numbers.title)}: where the class is\n\n"
        f"Read from the gradebook on {made:%d %B %Y, %H:%M} UTC. For teachers: it has names and"
        " grades, and is never released to students.\n\n"
        "Run all cells for the numbers of now. `view.tables[…].frame` is a pandas frame to go on"
        " with."
    )
    code = (
        "from curriculum.grading import classview\n\n"
        f"view = classview.load({topic!r}, {str(course)!r})"
    )
    yield v4.new_code_cell(code, execution_count=1)
    count = 1
    for title, says, parts in _SECTIONS:
        shown = [part for part in parts if _has(view, *part)]
        if not shown:
            continue
        too_few = title == "Tests" and not view.numbers.enough
        note = f"<p>Too few students: it takes {statistics.ENOUGH}.</p>" if too_few else ""
        yield v4.new_markdown_cell(f"## {title}\n\n{note}{says}".rstrip())
        for kind, name in shown:
            count += 1
            yield _shown(view, kind, name, count)


def _has(view: View, kind: str, name: str) -> bool:
    return bool(view.numbers.mistakes) if kind == "examples" else name in getattr(view, kind)


def _shown(view: View, kind: str, name: str, count: int) -> NotebookNode:
    """Make a cell that shows something, with what it shows."""
    thing: Any = view.examples if kind == "examples" else getattr(view, kind)[name]
    code = "view.examples" if kind == "examples" else f"view.{kind}[{name!r}]"
    if kind == "pictures":
        data = thing._repr_mimebundle_()
    else:
        data = {"text/html": thing._repr_html_(), "text/plain": repr(thing)}
    output = v4.new_output("execute_result", data, execution_count=count)
    return v4.new_code_cell(code, outputs=[output], execution_count=count)
