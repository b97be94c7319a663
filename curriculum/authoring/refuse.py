"""Say what is wrong with a topic's sources, before anything is built from them."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterator
from pathlib import Path

from nbformat import NotebookNode

from curriculum import catalog as catalogue
from curriculum.authoring import source as src
from curriculum.authoring.source import Problem


def check_topic(folder: Path, catalog: catalogue.Catalog) -> None:
    """Refuse a topic whose sources would build into something wrong.

    Parameters
    ----------
    folder : Path
        `source/<topic>`.
    catalog : Catalog
        The table of contents that must name the topic and its notebooks.

    Raises
    ------
    SourceError
        With every reason found, each naming file and cell.
    """
    problems = list(topic_problems(folder, catalog))
    if problems:
        raise src.SourceError(problems)


def topic_problems(folder: Path, catalog: catalogue.Catalog) -> Iterator[Problem]:
    """Give every reason to refuse a topic."""
    if folder.name not in catalog:
        reason = f"topic {folder.name!r} is not in {catalog.path.name}; add an entry for it."
        yield Problem(str(folder), "whole topic", reason)
        return
    expected = catalog[folder.name].notebooks
    present = sorted(path.stem for path in folder.glob("*.py"))
    if tuple(present) != expected:
        reason = (
            f"has {', '.join(present) or 'no notebooks'}; the catalogue says {', '.join(expected)}."
        )
        yield Problem(str(folder), "whole topic", reason)
    notebooks = {}
    for name in present:
        path = folder / f"{name}.py"
        try:
            notebooks[path] = src.read_notebook(path)
        except src.SourceError as error:
            yield from error.problems
    for path, notebook in notebooks.items():
        yield from notebook_problems(path, notebook)
    yield from _leaks(notebooks)


def notebook_problems(path: Path, notebook: NotebookNode) -> Iterator[Problem]:
    """Give every reason to refuse one notebook, as far as it can be told from it alone."""
    file = f"{path.parent.name}/{path.name}"
    for check in (_syntax, _markers, _grade_ids, _points, _tests, _variants):
        for cell, reason in check(notebook):
            yield Problem(file, cell_name(notebook, cell), reason)


def cell_name(notebook: NotebookNode, cell: NotebookNode) -> str:
    """Name a cell so that an author finds it: its number, and its grade_id or first line."""
    number = next(i for i, other in enumerate(notebook.cells, 1) if other is cell)
    label = src.grading(cell).get("grade_id") or cell.source.strip().split("\n")[0][:50] or "empty"
    return f"cell {number} ({label})"


Reasons = Iterator[tuple[NotebookNode, str]]


def _syntax(notebook: NotebookNode) -> Reasons:
    for cell in notebook.cells:
        if cell.cell_type != "code" or cell.source.lstrip().startswith(("%", "!")):
            continue
        try:
            ast.parse(cell.source)
        except SyntaxError as error:
            yield cell, f"is no Python: line {error.lineno}: {error.msg}."


_MARKER = re.compile(r"#+\s*(BEGIN|END)\b")
_MARKERS = ", ".join(repr(mark) for pair in src.REGIONS for mark in pair)


def _markers(notebook: NotebookNode) -> Reasons:
    for cell in notebook.cells:
        lines = [line.strip() for line in cell.source.splitlines()]
        for line in lines:
            if _MARKER.match(line) and not any(line in pair for pair in src.REGIONS):
                yield cell, f"{line!r} is no marker; the markers are {_MARKERS}."
        for begin, end in src.REGIONS:
            marks = [line for line in lines if line in (begin, end)]
            if marks != [begin, end] * (len(marks) // 2):
                yield cell, f"{begin!r} and {end!r} must come in pairs, in this order."
        if src.is_authoring(cell) and any(mark in lines for pair in src.REGIONS for mark in pair):
            yield cell, "a mistake or an alternative holds its text without markers."
        if src.is_solution(cell) and not src.is_authoring(cell) and src.BEGIN_SOLUTION not in lines:
            yield (
                cell,
                f"a solution must stand between {src.BEGIN_SOLUTION!r} and {src.END_SOLUTION!r}.",
            )
        if not src.is_solution(cell) and src.BEGIN_SOLUTION in lines:
            yield (
                cell,
                "solution text outside a solution cell: it has no nbgrader metadata for one.",
            )
        if not src.is_test(cell) and src.BEGIN_HIDDEN in lines:
            yield cell, "hidden tests outside a test cell."
        locked = src.grading(cell).get("locked") and cell.cell_type == "markdown"
        if not locked and src.BEGIN_NOTES in lines:
            yield cell, "notes for the grader must stand in a locked Markdown cell."


def _grade_ids(notebook: NotebookNode) -> Reasons:
    seen: set[str] = set()
    for cell in notebook.cells:
        if "nbgrader" not in cell.metadata:
            continue
        grade_id = src.grading(cell).get("grade_id")
        if not grade_id:
            yield cell, "has nbgrader metadata and no grade_id."
        elif grade_id in seen:
            yield cell, f"duplicate grade_id {grade_id!r}: each must be unique in its notebook."
        elif src.is_authoring(cell):
            yield cell, "a mistake or an alternative must have no nbgrader metadata."
        seen.add(str(grade_id))


def _points(notebook: NotebookNode) -> Reasons:
    for cell in notebook.cells:
        meta = src.grading(cell)
        if not meta.get("grade"):
            continue
        points = meta.get("points")
        if not isinstance(points, int | float) or isinstance(points, bool) or not points > 0:
            yield cell, "points missing: a graded cell states a number above zero."
        elif src.is_test(cell):
            yield from _share_of_points(cell, float(points))


def _share_of_points(cell: NotebookNode, points: float) -> Reasons:
    try:
        tree = ast.parse(cell.source)
    except SyntaxError:
        return
    values = _points_stated(tree)
    loops = [node for node in ast.walk(tree) if isinstance(node, ast.For | ast.While)]
    if any(_points_stated(loop) for loop in loops):
        yield cell, "a check in a loop earns its points every time round: take it out of the loop."
    constants = [value.value for value in values if isinstance(value, ast.Constant)]
    stated = [value for value in constants if isinstance(value, int | float)]
    if len(stated) < len(values):
        yield cell, "write the points of each check as a number, so that they can be added up."
        return
    total = math.fsum(stated)
    if not math.isclose(total, points):
        yield cell, f"its checks add up to {total:g} points, its nbgrader metadata say {points:g}."
    last = tree.body[-1]
    if not (isinstance(last, ast.Expr) and ast.unparse(last).endswith(".report()")):
        yield cell, "a test cell must end with `check.report()`: nbgrader reads the points there."


def _points_stated(tree: ast.AST) -> list[ast.expr]:
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [word.value for call in calls for word in call.keywords if word.arg == "points"]


def _tests(notebook: NotebookNode) -> Reasons:
    solutions: set[str] = set()
    tested: set[str] = set()
    for cell in notebook.cells:
        grade_id = str(src.grading(cell).get("grade_id", ""))
        if src.is_solution(cell):
            solutions.add(grade_id)
        elif src.is_test(cell):
            exercise = grade_id.removesuffix(src.TEST_SUFFIX)
            tested.add(exercise)
            if exercise == grade_id or exercise not in solutions:
                yield (
                    cell,
                    f"a test cell without a solution: no solution cell {exercise!r} comes before it"
                    f" (a test's grade_id is its exercise's with {src.TEST_SUFFIX!r}).",
                )
    for cell in notebook.cells:
        if src.is_solution(cell) and src.grading(cell).get("grade_id") not in tested:
            yield cell, "a solution cell without a test."


def _variants(notebook: NotebookNode) -> Reasons:
    known: dict[str, NotebookNode] = {}
    for cell in notebook.cells:
        if src.is_test(cell):
            known[src.grading(cell).get("grade_id", "").removesuffix(src.TEST_SUFFIX)] = cell
        if not src.is_authoring(cell):
            continue
        variant = src._variant(cell)
        if variant is None:
            yield cell, 'names no exercise: write e.g. mistake={"exercise": "…", "name": "…"}.'
        elif variant.exercise not in known:
            yield cell, f"{variant.kind} of {variant.exercise!r}: no such exercise before it."
        elif variant.kind == "mistake" and not _names(known[variant.exercise], variant.name):
            yield (
                cell,
                f"the test of {variant.exercise!r} never names the mistake {variant.name!r}.",
            )


def _names(test: NotebookNode, mistake: str) -> bool:
    try:
        nodes = list(ast.walk(ast.parse(test.source)))
    except SyntaxError:
        return True
    strings = {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    # `checks.choice` names a wrong answer after its letter.
    return mistake in strings or mistake.removeprefix("answer ") in strings


def _leaks(notebooks: dict[Path, NotebookNode]) -> Iterator[Problem]:
    """Find lines of a solution that stand in another cell which learners get."""
    solutions = {
        line: exercise.id
        for notebook in notebooks.values()
        for exercise in src.exercises(notebook)
        for region in src.regions(exercise.solution.source, src.BEGIN_SOLUTION, src.END_SOLUTION)
        for line in src.telling_lines(region)
    }
    for path, notebook in notebooks.items():
        for cell in notebook.cells:
            if src.is_authoring(cell):
                continue
            shown = src.released_text(cell.source)
            told = {src.fold(line) for line in shown.splitlines()}
            if cell.cell_type == "code":  # written another way: a comment, brackets, quotes
                told |= src.telling_lines(shown)
            for line in sorted(told & set(solutions)):
                yield Problem(
                    f"{path.parent.name}/{path.name}",
                    cell_name(notebook, cell),
                    f"solution text outside its markers: `{line}` solves {solutions[line]!r}.",
                )
