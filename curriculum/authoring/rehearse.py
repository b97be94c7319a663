"""Play every part before learners do: solution, stub, mistakes, alternatives.

One fresh kernel runs the whole notebook from top to bottom with the reference solutions. Where an
exercise comes, everything that people may write in the solution's place is run in turn, each
followed by the test cell, and the solution last, so that what follows finds it. The points are
read by nbgrader's own rule.
"""

from __future__ import annotations

import copy
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import nbclient
import nbformat
from nbformat import NotebookNode, from_dict

from curriculum import execution
from curriculum.authoring import source as src
from curriculum.authoring.refuse import notebook_problems
from curriculum.execution import Sign, preload

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""Environment of a kernel that leaves the other cores to other kernels: as notebooks are graded."""

CHECK_TYPE = "application/vnd.curriculum.check+json"
"""Media type under which `checks.report` leaves its verdict in a notebook."""


@dataclass(frozen=True)
class Played:
    """What one part earned, and what the learner who wrote it would read."""

    notebook: str
    exercise: str
    kind: str
    name: str
    points: float
    max_points: float
    verdict: dict = field(default_factory=dict)

    @property
    def fault(self) -> str:
        """Say what is wrong with the grading of this part; empty where all is well."""
        earned = f"{self.points:g} of {self.max_points:g} points"
        if self.kind == "stub":
            return f"the untouched stub gets {earned}" if self.points else ""
        if self.kind != "mistake":
            return "" if self.points == self.max_points else f"gets {earned}: {self._failed()}"
        if self.points >= self.max_points:
            return "the mistake gets full points"
        told = [check.get("mistake") for check in self.verdict.get("checks", [])]
        return "" if self.name in told else f"is not told by name; named: {told}: {self._failed()}"

    def _failed(self) -> str:
        checks = self.verdict.get("checks", [])
        said = [f"{c['name']}: {c['message']}" for c in checks if c["status"] != "passed"]
        return "; ".join(said) or "no verdict"

    def __str__(self) -> str:
        part = f"{self.kind} {self.name!r}" if self.name else self.kind
        where = f"{self.notebook}, {self.exercise}, {part}"
        return f"{where}: {self.fault or f'{self.points:g} of {self.max_points:g} points'}"


@dataclass(frozen=True)
class Rehearsal:
    """A played notebook; played apart, it has what looked like tampering."""

    path: Path
    played: list[Played]
    executed: NotebookNode
    signs: tuple[Sign, ...] = ()

    @property
    def faults(self) -> list[str]:
        """Everything that would make the grading untrustworthy."""
        return [str(part) for part in self.played if part.fault]


def rehearse(path: Path, *, timeout: float = 120) -> Rehearsal:
    """Play every part of a notebook.

    Parameters
    ----------
    path : Path
        A text source, `source/<topic>/N_name.py`.
    timeout : float
        Seconds that a cell may take.

    Raises
    ------
    SourceError
        The notebook is refused.
    nbclient.exceptions.CellExecutionError
        A cell that is no part (prose code, a figure) raises.
    """
    notebook = src.read_notebook(path)
    problems = list(notebook_problems(path, notebook))
    if problems:
        raise src.SourceError(problems)
    script, parts = _script(notebook)
    client = nbclient.NotebookClient(
        script,
        timeout=timeout,
        extra_arguments=["--log-level=40"],  # a kernel's own warnings are no news here
        resources={"metadata": {"path": str(path.parent)}},
    )
    # Lessons see by this variable, which nbgrader sets too, that no learner is there.
    client.execute(env={**os.environ, **ONE_THREAD, "NBGRADER_EXECUTION": "rehearse"})
    played = [read_part(part, path) for part in parts]
    return Rehearsal(path, played, script)


def rehearse_apart(path: Path) -> Rehearsal:
    """Play every part of a notebook as a class is graded: its tests in a process of their own.

    What is at fault here and not in `rehearse` is a test that does not work from outside: it passes
    an object of its own, such as a model, to the learner's code. Let it pass plain data or a
    function instead.

    Parameters
    ----------
    path : Path
        A text source, `source/<topic>/N_name.py`.

    Raises
    ------
    ExecutionError
        No process can be made for it on this machine, or none where its tests run apart.
    """
    notebook = src.read_notebook(path)
    code = [c.source for c in notebook.cells if c.cell_type == "code" and not src.is_authoring(c)]
    script, parts = _script(notebook)
    ids = {str(src.grading(cell)["grade_id"]) for cell in script.cells if src.is_test(cell)}
    job = execution.Job(
        path.stem,
        json.dumps(script).encode(),
        preload=preload.modules(code),
        protect=False,  # it is the authors' own code
        threads=1,
        apart=tuple(ids),
        imports=preload.aliases(code),
    )
    ran = execution.execute(job)
    if ids and not ran.facts["apart"]:
        raise execution.ExecutionError(
            f"The tests of {path.name} can't run apart: {ran.facts['why_cold']}"
        )
    script = nbformat.reads(ran.notebook.decode(), 4)
    played = {cell.id: cell for cell in script.cells}
    return Rehearsal(path, [read_part(played[part.id], path) for part in parts], script, ran.signs)


def _script(notebook: NotebookNode) -> tuple[NotebookNode, list[NotebookNode]]:
    """Order the cells as a rehearsal runs them; also give the test cells whose points count."""
    by_test = {id(exercise.test): exercise for exercise in src.exercises(notebook)}
    script = copy.copy(notebook)
    script.cells, parts = [], []
    for cell in notebook.cells:
        if src.is_authoring(cell) or src.is_solution(cell):
            continue
        if not src.is_test(cell):
            script.cells.append(copy.deepcopy(cell))
            continue
        for part, test in _parts(by_test[id(cell)]):
            script.cells += [part, test]
            parts.append(test)
    for number, cell in enumerate(script.cells):
        cell.id = f"rehearsal-{number}"
    return script, parts


def _parts(exercise: src.Exercise) -> Iterator[tuple[NotebookNode, NotebookNode]]:
    yield part_of(exercise, "stub", "", src.stub(exercise.solution.source))
    for variant in [*exercise.named("mistake"), *exercise.named("alternative")]:
        yield part_of(exercise, variant.kind, variant.name, variant.cell.source)
    yield part_of(exercise, "solution", "", exercise.solution.source)


def part_of(
    exercise: src.Exercise, kind: str, name: str, text: str
) -> tuple[NotebookNode, NotebookNode]:
    """Give a cell that stands in the solution's place, and the test cell that comes after it."""
    assert exercise.test is not None
    body = from_dict({**exercise.solution, "source": text, "outputs": [], "metadata": {}})
    test = copy.deepcopy(exercise.test)
    test.metadata["rehearsal"] = {"exercise": exercise.id, "kind": kind, "name": name}
    test.metadata["tags"] = ["raises-exception"]
    return body, test


def read_part(test: NotebookNode, path: Path) -> Played:
    """Read from an executed test cell what the part before it earned."""
    from nbgrader.utils import determine_grade  # slow to import

    points, max_points = determine_grade(test)
    part = test.metadata["rehearsal"]
    return Played(
        notebook=f"{path.parent.name}/{path.stem}",
        exercise=part["exercise"],
        kind=part["kind"],
        name=part["name"],
        points=float(points or 0),
        max_points=float(max_points),
        verdict=verdict(test),
    )


def verdict(test: NotebookNode) -> dict:
    """Read what the checks of an executed test cell decided; empty where they left no verdict."""
    for output in test.get("outputs", []):
        found = output.get("data", {}).get(CHECK_TYPE)
        if found:
            return found
    errors = [o for o in test.get("outputs", []) if o["output_type"] == "error"]
    if not errors:
        return {}
    said = re.sub(r"\x1b\[[0-9;]*m", "", f"{errors[0]['ename']}: {errors[0]['evalue']}")
    failed = {"name": "the test cell", "status": "failed", "message": said, "mistake": None}
    return {"checks": [failed]}
