"""What an executed cell earns: nbgrader's rules, with three differences on purpose.

Text on stderr is no failure; partial credit that is no number between 0 and the cell's points
earns nothing; a test cell that never ran earns nothing. `docs/instructors.md` has the table.
"""

from __future__ import annotations

from logging import Logger

from nbformat import NotebookNode
from nbgrader.utils import determine_grade, is_solution


def points(cell: NotebookNode, log: Logger | None = None) -> tuple[float | None, float]:
    """Give the points of a graded cell, None where a person has to judge it, and the most.

    Parameters
    ----------
    cell : NotebookNode
        With `grade` set in its nbgrader metadata, and executed if it is code.
    log : Logger, optional
        Is told what looks wrong with the test.
    """
    if is_solution(cell) or cell.cell_type != "code":
        earned, most = determine_grade(cell, log)
        return earned, most
    most = float(cell.metadata["nbgrader"]["points"])
    return _tested(cell, most, log), most


def _tested(cell: NotebookNode, most: float, log: Logger | None) -> float:
    if not ran(cell) or any(output.output_type == "error" for output in cell.outputs):
        return 0.0
    results = [output for output in cell.outputs if output.output_type == "execute_result"]
    if not results:
        return most
    said = _as_text(results[0])
    try:
        credit = float(said)
    except ValueError:
        if log:
            log.warning("The test's result %.80r is no number; it counts as passed.", said)
        return most
    if 0 <= credit <= most:  # false for nan
        return credit
    if log:
        log.warning("The test's result %s is not between 0 and %s; it earns nothing.", said, most)
    return 0.0


def ran(cell: NotebookNode) -> bool:
    """Tell whether a code cell was run; one without code has nothing to run."""
    return bool(cell.get("execution_count") or cell.outputs or not cell.source.strip())


def _as_text(result: NotebookNode) -> str:
    said = result.get("data", {}).get("text/plain", "")
    # nbgrader takes a list of one line for a number, and a list of several for none.
    return said if isinstance(said, str) else "\n".join(map(str, said))
