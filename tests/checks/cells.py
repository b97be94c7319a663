"""Test cells for the tests of checks: what nbgrader and a learner would see of a report."""

from __future__ import annotations

import itertools
import linecache
from collections.abc import Callable
from typing import Any

from nbformat.v4 import new_code_cell, new_output
from nbgrader.utils import determine_grade

from curriculum import checks
from curriculum.checks.report import MIME


def outcome(body: Callable[[], Any], points: float = 2) -> dict:
    """Run one check and return its line of the report."""
    return report(body, points=points).as_dict()["checks"][0]


def report(*bodies: Callable[[], Any], points: float = 2) -> checks.Report:
    """Run each body as one check of an exercise."""
    check = checks.start("exercise")
    for number, body in enumerate(bodies):
        with check(f"check {number}", points=points):
            body()
    return check.report()


def run_cells(*sources: str) -> checks.Report:
    """Run cells as a kernel does, each with a file name of its own; give the last one's report."""
    space: dict[str, Any] = {"checks": checks, "__name__": "__main__"}
    for number, source in enumerate(sources):
        name = f"<cell {number} {next(_NUMBERS)}>"
        linecache.cache[name] = (len(source), None, source.splitlines(True), name)
        exec(compile(source, name, "exec"), space)
    return space["check"].report()


_NUMBERS = itertools.count()


def message(body: Callable[[], Any]) -> str:
    """What the learner reads when the body's comparison fails; the body must fail."""
    line = outcome(body)
    assert line["status"] == "failed", line
    return line["message"]


def graded(result: checks.Report, max_points: float) -> float:
    """The points that nbgrader gives a test cell whose last line shows this report."""
    bundle = result._repr_mimebundle_()
    output = new_output("execute_result", data=dict(bundle), execution_count=1)
    assert set(bundle) == {"text/plain", "text/html", MIME}
    cell = new_code_cell("", outputs=[output])
    cell.metadata["nbgrader"] = {"grade": True, "solution": False, "points": max_points}
    return determine_grade(cell)[0]
