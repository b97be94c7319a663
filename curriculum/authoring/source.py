"""Read a topic's sources, and refuse the bad ones with file, cell and reason.

A source notebook is `source/<topic>/N_name.py`, Jupytext's py:percent. Its exercises are read
here into a plain structure; `refuse` says what is wrong with it, and `rehearse` runs it.
"""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import jupytext
import nbformat
from nbformat import NotebookNode

AUTHORING_TAGS = ("mistake", "alternative")
"""Cells with these tags stay with the authors: they never reach `release/`."""

BEGIN_SOLUTION, END_SOLUTION = "### BEGIN SOLUTION", "### END SOLUTION"
BEGIN_HIDDEN, END_HIDDEN = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"
BEGIN_NOTES, END_NOTES = "### BEGIN MARK SCHEME", "### END MARK SCHEME"
REGIONS = ((BEGIN_SOLUTION, END_SOLUTION), (BEGIN_HIDDEN, END_HIDDEN), (BEGIN_NOTES, END_NOTES))

TEST_SUFFIX = "_test"
"""The test cell of exercise `x` has the grade_id `x_test`."""

KERNELSPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


class SourceError(ValueError):
    """A topic's sources are refused; the message has one line for each reason."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


@dataclass(frozen=True)
class Problem:
    """One reason to refuse a source: which file, which cell, why."""

    file: str
    cell: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file}, {self.cell}: {self.reason}"


@dataclass(frozen=True)
class Variant:
    """A mistake or an alternative: a whole other text for a solution cell."""

    kind: str
    exercise: str
    name: str
    cell: NotebookNode


@dataclass
class Exercise:
    """A solution cell, its test cell, and what else people write in its place."""

    id: str
    solution: NotebookNode
    test: NotebookNode | None = None
    variants: list[Variant] = field(default_factory=list)

    @property
    def points(self) -> float:
        """Points of the test cell."""
        assert self.test is not None
        return float(self.test.metadata.nbgrader["points"])

    def named(self, kind: str) -> list[Variant]:
        """Give the variants of one kind, `"mistake"` or `"alternative"`."""
        return [variant for variant in self.variants if variant.kind == kind]


def read_notebook(path: Path) -> NotebookNode:
    """Read a py:percent source as a notebook, the same bytes giving the same notebook.

    Cell ids come from the text that learners get, since the text form keeps none. A digest of the
    whole text would let a short answer be found by trying.

    Raises
    ------
    SourceError
        The file can't be read, or holds no cells.
    """
    try:
        notebook = jupytext.reads(path.read_text(encoding="utf-8"), fmt="py:percent")
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise SourceError([Problem(str(path), "whole file", f"can't be read: {error}.")]) from None
    seen: dict[str, int] = {}
    for cell in notebook.cells:
        cell.metadata.pop("lines_to_next_cell", None)
        shown = f"{cell.cell_type}\n{released_text(cell.source)}"
        digest = hashlib.sha256(shown.encode()).hexdigest()[:10]
        seen[digest] = seen.get(digest, 0) + 1
        cell.id = digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"
    notebook.metadata = NotebookNode(kernelspec=NotebookNode(KERNELSPEC))
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return notebook


def write_notebook(notebook: NotebookNode) -> str:
    """Give the text of an `.ipynb` file."""
    return nbformat.writes(notebook, version=4) + "\n"


def grading(cell: NotebookNode) -> NotebookNode:
    """Give nbgrader's metadata of a cell, empty where there is none."""
    return cell.metadata.get("nbgrader", NotebookNode())


def is_authoring(cell: NotebookNode) -> bool:
    """Tell whether a cell is an author's: a mistake or an alternative."""
    return any(tag in cell.metadata.get("tags", []) for tag in AUTHORING_TAGS)


def is_solution(cell: NotebookNode) -> bool:
    """Tell whether a cell is code that the learner writes."""
    return cell.cell_type == "code" and bool(grading(cell).get("solution"))


def is_test(cell: NotebookNode) -> bool:
    """Tell whether a cell is an autograded test."""
    meta = grading(cell)
    return cell.cell_type == "code" and bool(meta.get("grade")) and not meta.get("solution")


def exercises(notebook: NotebookNode) -> list[Exercise]:
    """Collect a notebook's autograded exercises, in order.

    Malformed ones are left incomplete: `problems` is what reports them.
    """
    found: dict[str, Exercise] = {}
    for cell in notebook.cells:
        grade_id = grading(cell).get("grade_id", "")
        if is_solution(cell):
            found[grade_id] = Exercise(grade_id, cell)
        elif is_test(cell):
            exercise = found.get(grade_id.removesuffix(TEST_SUFFIX))
            if exercise and grade_id.endswith(TEST_SUFFIX):
                exercise.test = cell
        elif is_authoring(cell):
            variant = _variant(cell)
            if variant and variant.exercise in found:
                found[variant.exercise].variants.append(variant)
    return list(found.values())


def _variant(cell: NotebookNode) -> Variant | None:
    for kind in AUTHORING_TAGS:
        named = cell.metadata.get(kind)
        if isinstance(named, dict) and {"exercise", "name"} <= set(named):
            return Variant(kind, str(named["exercise"]), str(named["name"]), cell)
    return None


def without_region(text: str, begin: str, end: str, *, instead: str = "") -> str:
    """Cut every region between two marker lines out of a text."""
    pattern = re.compile(
        rf"^([ \t]*){re.escape(begin)}.*?^[ \t]*{re.escape(end)}[^\n]*(?:\n|\Z)", re.S | re.M
    )
    lines = instead.splitlines()
    return pattern.sub(lambda m: "".join(f"{m[1]}{line}\n" for line in lines), text)


def regions(text: str, begin: str, end: str) -> Iterator[str]:
    """Give the text of every region between two marker lines."""
    pattern = re.compile(
        rf"^[ \t]*{re.escape(begin)}[^\n]*\n(.*?)^[ \t]*{re.escape(end)}", re.S | re.M
    )
    yield from (match[1] for match in pattern.finditer(text))


def stub(solution: str) -> str:
    """Give what a learner gets in place of a solution cell's text."""
    return without_region(
        solution,
        BEGIN_SOLUTION,
        END_SOLUTION,
        instead="# YOUR CODE HERE\nraise NotImplementedError()",
    )


def released_text(text: str) -> str:
    """Give what learners get of a cell's text."""
    text = stub(text)
    for begin, end in REGIONS[1:]:
        text = without_region(text, begin, end)
    return text


def telling_lines(code: str) -> set[str]:
    """Give the lines of code that would give a solution away, white space folded.

    Short lines, comments and docstrings are left out: `return w` tells nothing.
    """
    try:
        tree = ast.parse(_dedent(code))
    except SyntaxError:
        return set()
    lines: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt) and not _is_text(node):
            lines.update(ast.unparse(node).splitlines())
    return {folded for line in lines if len(folded := fold(line)) >= 24 and _acts(folded)}


def fold(line: str) -> str:
    """Take all white space and quotes' differences out of a line of code."""
    return re.sub(r"\s+", "", line).replace('"', "'")


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _acts(line: str) -> bool:
    """Tell a line that computes something from one that anybody would write."""
    ordinary = line.startswith(("def", "class", "import", "from", "raise", "#"))
    seeds = re.search(r"default_rng\(|manual_seed\(", line)
    return not ordinary and not seeds and bool(re.search(r"[-+*/@(\[]", line))


def _dedent(code: str) -> str:
    body = [line for line in code.splitlines() if line.strip()]
    indent = min((len(line) - len(line.lstrip()) for line in body), default=0)
    return "\n".join(line[indent:] for line in code.splitlines())
