"""How test cells work apart, and which don't: found by running the teacher's own notebook.

A test cell that runs in a process of its own reaches the student's work by calls with plain data.
Most do without knowing. One that passes an object of its own to the student's code, or looks at its
source text, can't: it loses points there although the reference solution is right, and keeps them
in one process. Only the teacher's notebook decides this, before any student's is run.

It also shows for which attributes a test asks objects that are no plain data. A student's are asked
for no others: a test that takes the `.mean()` of an array would else believe any object with a
method of that name.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.coursedir import CourseDirectory
from platformdirs import user_cache_path

from curriculum import files
from curriculum.authoring import source as src
from curriculum.authoring.rehearse import verdict
from curriculum.execution import Job, close, execute
from curriculum.grading import nbgrader_api, released, scores

MakesJob = Callable[[NotebookNode, str], Job]

ADVICE = "let it pass plain data or a function, and look at plain data that comes back"

MEANWHILE = "Until then it runs in the student's process, which can cheat it."


@dataclass(frozen=True)
class Unsplit:
    """A test cell that does not work apart.

    Parameters
    ----------
    notebook, cell : str
        Where it stands: the notebook's name and the cell's grade_id.
    reason : str
        The error that it ends with there.
    """

    notebook: str
    cell: str
    reason: str

    def __str__(self) -> str:
        return (
            f"{self.notebook}, {self.cell}: the test does not work from outside the student's"
            f" process ({self.reason}): {ADVICE}."
        )


def in_course(root: Path, topic: str) -> list[Unsplit]:
    """Find the test cells of a topic that don't work apart, for its authors."""
    from curriculum.grading.converter import Converter  # it imports this module

    converter = Converter(root, topic, nbgrader_api.whole_config(root))
    execute = converter.execute
    execute.rehearse_tests = execute.run_tests_apart
    execute.run_student_code_unprotected = True  # it is the authors' own code
    return list(execute.about(converter.course, topic, converter.masters()).unsplit)


Lost = dict[str, str]
"""Test cell that must not run apart → the reason."""
Asked = dict[str, list[str]]
"""Test cell that works apart → the attributes for which it asks."""


def find(
    course: CourseDirectory, topic: str, job: MakesJob
) -> tuple[list[Unsplit], dict[str, Asked]]:
    """Find how the test cells of a topic work apart, and which don't, by running its source.

    What was found is kept for the next time, by all that decides it: the notebooks' text, what
    lies beside them, the limits and the installed packages.

    Parameters
    ----------
    course : CourseDirectory
        Where the source is; where there is none, nothing is found.
    topic : str
        The assignment.
    job : callable
        Gives what a worker would have to do for a notebook and its name, all its tests apart.

    Raises
    ------
    ExecutionError
        No process can be made for it on this machine.
    """
    found: list[Unsplit] = []
    asks: dict[str, Asked] = {}
    for path in sorted(
        Path(course.format_path(course.source_directory, ".", topic)).glob("*.ipynb")
    ):
        notebook = nbformat.read(path, as_version=4)
        notebook.cells = [cell for cell in notebook.cells if not src.is_authoring(cell)]
        asked = replace(job(notebook, path.stem), threads=None)
        if asked.apart:
            lost, asks[path.stem] = _known(asked.to_bytes())
            found += [Unsplit(path.stem, cell, reason) for cell, reason in lost.items()]
    return found, asks


@functools.lru_cache(maxsize=64)
def _known(asked: bytes) -> tuple[Lost, Asked]:
    key = hashlib.sha256(asked + released.environment().encode()).hexdigest()
    kept = user_cache_path("ml-interview-curriculum") / "together" / f"{key}.json"
    try:
        known = json.loads(kept.read_text(encoding="utf-8"))
        return dict(known["lost"]), dict(known["asked"])
    except (OSError, ValueError, KeyError, TypeError):
        lost, asks = _played(Job.from_bytes(asked))
        files.write_text(kept, json.dumps({"lost": lost, "asked": asks}))
        return lost, asks


def _played(job: Job) -> tuple[Lost, Asked]:
    try:
        return _compared(job)
    finally:
        close()


def _compared(job: Job) -> tuple[Lost, Asked]:
    apart, asked = _run(job)
    suspects = {cell: said for cell, (points, said) in apart.items() if points < 1}
    if not suspects:
        return {}, asked
    in_one, _ = _run(replace(job, apart=()))
    lost = {cell: said for cell, said in suspects.items() if in_one[cell][0] > apart[cell][0]}
    while lost:
        # What a cell apart has defined is not there for one that runs with the student's work.
        left = tuple(cell for cell in job.apart if cell not in lost)
        rest, asked = _run(replace(job, apart=left))
        short = {cell: said for cell, (points, said) in rest.items() if points < in_one[cell][0]}
        if not short:
            break
        if short.keys() <= lost.keys():
            return dict.fromkeys(job.apart, "it builds on such a test") | lost, {}
        lost = short | lost
    return lost, asked


def _run(job: Job) -> tuple[dict[str, tuple[float, str]], Asked]:
    """Give each test cell's share of its points and its error, and what tests apart asked for."""
    ran = execute(job)
    notebook = nbformat.reads(ran.notebook.decode(), 4)
    found = {}
    for cell in notebook.cells:
        if src.is_test(cell):
            earned, most = scores.points(cell)
            share = (earned or 0.0) / most if most else 1.0
            found[str(cell.metadata["nbgrader"]["grade_id"])] = (share, _said(cell))
    # One that did not come to its end may have more to ask for.
    asked = ran.facts.get("asked", {})
    return found, {cell: names for cell, names in asked.items() if found[cell][0] == 1}


def _said(cell: NotebookNode) -> str:
    checks = verdict(cell).get("checks", [])
    failed = [check for check in checks if check["status"] != "passed"]
    return failed[0]["message"].strip().split("\n")[0] if failed else "it earns less there"
