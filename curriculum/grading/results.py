"""What a checked notebook says: points, verdicts, and answers to compare with."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from curriculum.authoring import source as src
from curriculum.authoring.rehearse import verdict
from curriculum.grading.nbgrader_api import GradingError


@dataclass(frozen=True)
class ExerciseResult:
    """One exercise of a checked notebook.

    `points` is None while a person has to judge it; `model` is then an answer to compare with, in
    HTML, for a learner who has written one.
    """

    exercise: str
    title: str
    points: float | None
    max_points: float
    attempted: bool
    checks: list[dict[str, Any]] = field(default_factory=list)
    model: str = ""

    @property
    def full(self) -> bool:
        """Tell whether nothing is left to win here."""
        return self.points is not None and self.points >= self.max_points


@dataclass(frozen=True)
class NotebookResult:
    """A checked notebook; `hidden` tells whether hidden tests were among the checks."""

    notebook: str
    exercises: list[ExerciseResult]
    feedback: str
    hidden: bool = True

    @property
    def points(self) -> float:
        """Points that the machine gave."""
        return sum(e.points or 0 for e in self.exercises)

    @property
    def max_points(self) -> float:
        """Points that the machine could give."""
        return sum(e.max_points for e in self.exercises if e.points is not None)


@dataclass(frozen=True)
class Attempt:
    """One check, and the folder that keeps it."""

    topic: str
    folder: str
    time: str
    notebooks: list[NotebookResult]

    def as_dict(self) -> dict[str, Any]:
        """Give plain data, with the sums that a reader wants."""
        plain = asdict(self)
        for notebook, result in zip(plain["notebooks"], self.notebooks, strict=True):
            notebook |= {"points": result.points, "max_points": result.max_points}
        return plain


def read_work(path: Path) -> str:
    """Read what the learner saved, as a notebook of today's format.

    Raises
    ------
    GradingError
        It is missing, no notebook, damaged, or of an older format.
    """
    if not path.exists():
        raise GradingError(
            f"{path} does not exist: run `make lab` (or `curriculum prepare`) to get a copy of it."
        )
    try:
        text = path.read_text(encoding="utf-8")
        plain = json.loads(text)
        major = int(plain["nbformat"])
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        raise GradingError(
            f"{path} is not a notebook: it is no valid JSON of one. Open it in a text editor to see"
            " what happened to it, or move it away and run `make lab` for a fresh copy."
        ) from None
    except OSError as error:
        raise GradingError(f"{path} can't be read: {error.strerror}.") from None
    if major < 4:
        raise GradingError(
            f"{path} is in notebook format {major}, and grading needs format 4: open it in"
            " JupyterLab and save it, which brings it up to date."
        )
    if major > 4:
        raise GradingError(
            f"{path} is in notebook format {major}, which is newer than this curriculum: save it in"
            " format 4, or update the curriculum."
        )
    try:
        with warnings.catch_warnings(action="ignore"):  # cells without ids do no harm here
            nbformat.validate(nbformat.from_dict(plain))
    except Exception as error:  # what is damaged enough is not merely invalid
        reason = str(error).split("\n")[0] or "its cells are not as they should be"
        raise GradingError(
            f"{path} is a damaged notebook ({reason}): move it away and run `make lab` for a fresh"
            " copy, then paste your answers into it."
        ) from None
    return text


def read_results(graded: NotebookNode) -> Iterator[ExerciseResult]:
    """Read every exercise's points and verdicts from an executed notebook."""
    from curriculum.grading import scores  # nbgrader is slow to import

    section = heading = ""
    for cell in graded.cells:
        if cell.cell_type == "markdown":
            section, heading = _headings(cell.source, section, heading)
        meta = src.grading(cell)
        if not meta.get("grade") or not meta.get("grade_id"):
            continue
        points, max_points = scores.points(cell)
        exercise = str(meta["grade_id"]).removesuffix(src.TEST_SUFFIX)
        said = verdict(cell)
        checks = said.get("checks", [])
        attempted = said.get("attempted", True) if src.is_test(cell) else points is None
        yield ExerciseResult(exercise, heading, points, max_points, attempted, checks)


def _headings(text: str, section: str, heading: str) -> tuple[str, str]:
    """Give the section and the heading that a text leaves its reader in.

    An exercise is named by its own heading; what has no number of its own, by its section too.
    """
    fenced = False
    for line in text.splitlines():
        if line.lstrip().startswith("```"):
            fenced = not fenced
        level, _, title = line.partition(" ")
        if fenced:  # a comment of an example is no heading
            continue
        if level in ("#", "##"):
            section = heading = title.strip()
        elif level == "###":
            heading = title.strip()
            if not heading.startswith("Exercise"):
                heading = f"{section}: {heading}"
    return section, heading


def with_models(results: list[ExerciseResult], source: NotebookNode) -> list[ExerciseResult]:
    """Lay the authors' answer beside each one that the learner wrote for a person to judge.

    Parameters
    ----------
    results : list of ExerciseResult
        Of one notebook.
    source : NotebookNode
        That notebook as its authors wrote it.
    """
    answers = {str(src.grading(cell).get("grade_id")): cell.source for cell in source.cells}
    return [_with_model(result, answers) for result in results]


def _with_model(result: ExerciseResult, answers: dict[str, str]) -> ExerciseResult:
    if result.points is not None or not result.attempted or result.exercise not in answers:
        return result
    from nbconvert.filters import markdown2html  # slow to import, and rarely needed

    text = answers[result.exercise]
    notes = answers.get(f"{result.exercise}_notes", "")
    for region in src.regions(notes, src.BEGIN_NOTES, src.END_NOTES):
        text += f"\n\n{region}"
    return replace(result, model=markdown2html(text))
