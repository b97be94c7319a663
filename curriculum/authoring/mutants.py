"""Break reference solutions in every small way, and see which breaks the tests let pass.

A *mutant* is a reference solution with one operator, comparison, constant, boolean, loop or
negation changed. A test that gives it full points doesn't look there, or the change changes
nothing (`x >= 0` and `x > 0` where both branches give 0 for 0). Cosmic Ray changes the code; the
sandbox's executor runs it; what survives is compared with the topic's list of survivors that
somebody has explained.
"""

from __future__ import annotations

import ast
import copy
import difflib
import json
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from curriculum import execution
from curriculum.authoring import source as src
from curriculum.authoring.rehearse import part_of, read_part
from curriculum.execution import preload
from curriculum.sandbox import limits

BINARY = {
    "Add": ("Sub", "Mul"),
    "Sub": ("Add", "Mul"),
    "Mul": ("Div", "Add"),
    "Div": ("Mul", "Sub"),
    "FloorDiv": ("Div", "Mul"),
    "Mod": ("FloorDiv", "Mul"),
    "Pow": ("Mul", "Div"),
    "BitAnd": ("BitOr",),
    "BitOr": ("BitAnd",),
}
"""What each arithmetic operator is replaced by: more would raise an error, or say the same."""

COMPARISONS = {
    "Lt": ("LtE", "GtE"),
    "LtE": ("Lt", "Gt"),
    "Gt": ("GtE", "LtE"),
    "GtE": ("Gt", "Lt"),
    "Eq": ("NotEq",),
    "NotEq": ("Eq",),
    "Is": ("IsNot",),
    "IsNot": ("Is",),
}
"""What each comparison is replaced by: its boundary moved, and its opposite."""

OTHERS = (
    "AddNot", "NumberReplacer", "ReplaceAndWithOr", "ReplaceOrWithAnd", "ReplaceTrueWithFalse",
    "ReplaceFalseWithTrue", "ReplaceBreakWithContinue", "ReplaceContinueWithBreak",
    "ReplaceUnaryOperator_Delete_Not", "ReplaceUnaryOperator_Delete_USub",
    "ReplaceUnaryOperator_Delete_Invert", "ZeroIterationForLoop", "ExceptionReplacer",
)  # fmt: skip

CELL_SECONDS = 20
"""A mutant that takes longer loops for ever: reference solutions take a second or two."""


class MutationError(RuntimeError):
    """Mutants can't be made or run here; the message is one sentence."""


@dataclass(frozen=True)
class Mutant:
    """One change of one solution.

    Parameters
    ----------
    exercise : str
        Its grade_id.
    before, after : str
        The line that is changed, without the space around it, and what it becomes.
    code : str
        The whole cell.
    """

    exercise: str
    before: str
    after: str
    code: str

    def __str__(self) -> str:
        return f"{self.exercise}: `{self.before}` → `{self.after}`"

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells it from the others."""
        return self.exercise, self.before, self.after


@dataclass(frozen=True)
class Survivor:
    """A change that the tests let pass, and why; `equivalent` where it changes no result."""

    exercise: str
    before: str
    after: str
    why: str
    equivalent: bool


@dataclass(frozen=True)
class Outcome:
    """What became of the mutants of a notebook."""

    path: Path
    caught: list[Mutant]
    survived: list[Mutant]

    def share(self, known: Iterable[Survivor]) -> float:
        """Give the share that is caught of those that aren't known to be equivalent."""
        same = {(k.exercise, k.before, k.after) for k in known if k.equivalent}
        telling = [one for one in self.survived if one.key not in same]
        total = len(self.caught) + len(telling)
        return len(self.caught) / total if total else 1.0

    def unexplained(self, known: Iterable[Survivor]) -> list[Mutant]:
        """Give those that survived and that nobody has explained."""
        explained = {(k.exercise, k.before, k.after) for k in known}
        return [one for one in self.survived if one.key not in explained]


def mutants(exercise: str, code: str) -> Iterator[Mutant]:
    """Give every mutant of a solution cell, changed only between its solution's marks.

    Parameters
    ----------
    exercise : str
        Its grade_id.
    code : str
        The cell.

    Raises
    ------
    MutationError
        Cosmic Ray isn't installed.
    """
    try:
        from cosmic_ray.mutating import mutate_code
        from cosmic_ray.plugins import get_operator
    except ImportError:
        raise MutationError(
            'Mutants are made by Cosmic Ray: pip install "ml-interview-curriculum[dev]".'
        ) from None
    lines = code.splitlines()
    seen = set()
    for name in _operators():
        operator, occurrence = get_operator(f"core/{name}")(), 0
        while (changed := mutate_code(code, operator, occurrence)) is not None:
            occurrence += 1
            place = _first_difference(lines, changed.splitlines())
            if place is None or not _in_solution(lines, place) or changed in seen:
                continue
            if not _parses(changed):
                continue
            seen.add(changed)
            after = changed.splitlines()[place]
            yield Mutant(exercise, lines[place].strip(), after.strip(), changed)


def _operators() -> Iterator[str]:
    for kind, table in (("Binary", BINARY), ("Comparison", COMPARISONS)):
        for old, replacements in table.items():
            for new in replacements:
                yield f"Replace{kind}Operator_{old}_{new}"
    yield from OTHERS


def _first_difference(before: list[str], after: list[str]) -> int | None:
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    changes = [code[1] for code in matcher.get_opcodes() if code[0] != "equal"]
    return changes[0] if changes else None


def _in_solution(lines: list[str], place: int) -> bool:
    opened = [n for n, line in enumerate(lines) if line.strip() == src.BEGIN_SOLUTION]
    closed = [n for n, line in enumerate(lines) if line.strip() == src.END_SOLUTION]
    return any(a < place < b for a, b in zip(opened, closed, strict=True))


def _parses(code: str) -> bool:
    try:
        ast.parse(code)
    except SyntaxError:
        return False
    return True


def try_all(path: Path) -> Iterator[tuple[str, Outcome]]:
    """Run every mutant of a notebook against its exercise's tests, an exercise at a time.

    Parameters
    ----------
    path : Path
        A text source, `source/<topic>/N_name.py`.

    Yields
    ------
    (str, Outcome)
        The exercise, and what became of its mutants.

    Raises
    ------
    MutationError
        Mutants can't be made, or the reference solution itself fails.
    """
    notebook = src.read_notebook(path)
    for exercise in src.exercises(notebook):
        waiting = list(mutants(exercise.id, exercise.solution.source))
        caught: list[Mutant] = []
        survived: list[Mutant] = []
        while waiting:
            done = _run(path, notebook, exercise, waiting)
            for mutant, full in zip(waiting, done, strict=False):
                (survived if full else caught).append(mutant)
            waiting = waiting[len(done) :]
        yield exercise.id, Outcome(path, caught, survived)


def _run(
    path: Path, notebook: NotebookNode, exercise: src.Exercise, waiting: list[Mutant]
) -> list[bool]:
    """Say of each mutant whether it gets full points; fewer answers where one ended the process."""
    script = copy.copy(notebook)
    script.cells = list(_cells_before(notebook, exercise))
    tests = []
    for name, code in [
        ("solution", exercise.solution.source),
        *((str(m), m.code) for m in waiting),
    ]:
        body, test = part_of(exercise, "mutant", name, code)
        script.cells += [body, test]
        tests.append(len(script.cells) - 1)
    for number, cell in enumerate(script.cells):
        cell.id = f"mutant-{number}"
    code = [cell.source for cell in script.cells]
    job = execution.Job(
        path.stem,
        json.dumps(script).encode(),
        limits=limits.Limits(
            cell_seconds=CELL_SECONDS,
            notebook_seconds=CELL_SECONDS * len(script.cells),
            cpu_seconds=2 * CELL_SECONDS * len(script.cells),
        ),
        preload=preload.modules(code),
        protect=False,  # it is the authors' own code
        threads=1,
    )
    ran = execution.execute(job)
    cells = nbformat.reads(ran.notebook.decode(), 4).cells
    not_run = min((s.cell for s in ran.stops if s.kind == limits.NOT_RUN), default=len(cells))
    points = [read_part(cells[place], path) for place in tests]
    if points[0].points != points[0].max_points:
        raise MutationError(f"{path.name}, {exercise.id}: the reference solution fails its tests.")
    # The one that ended the process is caught: its own test is the first that wasn't run.
    answered = sum(place < not_run for place in tests[1:])
    answered = max(1, min(len(waiting), answered + (not_run < len(cells))))
    return [p.points == p.max_points and t < not_run for p, t in zip(points, tests, strict=True)][
        1 : answered + 1
    ]


def _cells_before(notebook: NotebookNode, exercise: src.Exercise) -> Iterator[NotebookNode]:
    """Give what an exercise may need of the notebook above it: its code with the solutions."""
    for cell in notebook.cells:
        if cell.get("id") == exercise.solution.get("id"):
            return
        if cell.cell_type != "code" or src.is_authoring(cell) or src.is_test(cell):
            continue
        if "hints" not in cell.metadata.get("tags", []):
            yield copy.deepcopy(cell)


def known_survivors(file: Path) -> dict[str, list[Survivor]]:
    """Read a topic's explained survivors: notebook → survivors; empty where there is no file."""
    if not file.exists():
        return {}
    found: dict[str, list[Survivor]] = {}
    for one in tomllib.loads(file.read_text(encoding="utf-8")).get("survivor", []):
        notebook = one.pop("notebook")
        found.setdefault(notebook, []).append(Survivor(**one))
    return found
