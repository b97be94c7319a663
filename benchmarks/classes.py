"""Classes to grade: a course in a folder, with submissions of every kind.

The submissions come from `tests/corpus.py`. Three topics can be chosen: any topic of the
curriculum, `realistic` (a plain nbgrader assignment of 8 answers and 12 tests), and `tiny` (one
answer and one test, where all time that is spent is the grader's own).
"""

from __future__ import annotations

import itertools
import shutil
import sys
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import jupytext
import nbformat

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

import corpus
import course as courses
from classroom import with_metadata
from course import ROOT

from curriculum.authoring import source as src
from curriculum.authoring import topics
from curriculum.grading import nbgrader_api

REALISTIC, TINY = "realistic", "tiny"
CELL_SECONDS = 30.0
"""Time limit of a cell for both graders: stock nbgrader's default."""

OURS, TOGETHER, STOCK = "ours", "ours, tests in one process", "stock"
_CONFIGS = {
    OURS: "",
    TOGETHER: "c.Execute.run_tests_apart = False\n",
    STOCK: """\
c = get_config()
c.CourseDirectory.course_id = "ml_interviews"
c.CourseDirectory.ignore = [".ipynb_checkpoints", "*.pyc", "__pycache__", "feedback", "*.py"]
""",
}
"""Lines of `nbgrader_config.py`: after the course's own, or, for stock nbgrader, in its place."""

PLAIN_SOURCE = 'c.GenerateAssignment.pop("preprocessors")\n'

TINY_SOURCE = """
# %% ANSWER double
def double(x):
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION


# %% TEST double_test 1
assert double(2) == 4
"""


@dataclass(frozen=True)
class Klass:
    """A class that has handed in.

    Parameters
    ----------
    topic : str
        The assignment.
    folder : Path
        The course, never graded itself: `copy` gives one that can be.
    kinds : dict of str to str
        Student → what kind of submission it is.
    cell_seconds : float
        Time limit of a cell, for both graders.
    """

    topic: str
    folder: Path
    kinds: dict[str, str]
    cell_seconds: float = CELL_SECONDS

    def copy(self, folder: Path, how: str = OURS, students: Collection[str] = ()) -> Path:
        """Copy the course with some of its students, to be graded one way or another."""
        ignored = shutil.ignore_patterns("submitted")
        shutil.copytree(self.folder, folder, ignore=ignored)
        for student in students or self.kinds:
            shutil.copytree(self.folder / "submitted" / student, folder / "submitted" / student)
        with (folder / "nbgrader_config.py").open("w" if how == STOCK else "a") as config:
            config.write(_CONFIGS[how])
            config.write(f"c.Execute.timeout = {self.cell_seconds:.0f}\n")
        return folder

    def honest(self) -> list[str]:
        """List the students whose submissions end by themselves."""
        return [student for student, kind in self.kinds.items() if kind in corpus.HONEST]

    def others(self) -> list[str]:
        """List the students whose submissions loop, crash or take all memory."""
        return [student for student, kind in self.kinds.items() if kind not in corpus.HONEST]

    def sample(self, number: int) -> list[str]:
        """Choose honest submissions, each kind as often as its share of the class asks for."""
        honest = self.honest()
        counts = Counter(self.kinds[student] for student in honest)
        shares = {kind: number * count / len(honest) for kind, count in counts.items()}
        taken = {kind: int(share) for kind, share in shares.items()}
        for kind in sorted(shares, key=lambda kind: taken[kind] - shares[kind]):
            if sum(taken.values()) < number:
                taken[kind] += 1
        chosen = []
        for kind, most in taken.items():
            chosen += [student for student in honest if self.kinds[student] == kind][:most]
        return chosen

    def mixture(self) -> str:
        """Say what was handed in."""
        counts = Counter(self.kinds.values())
        return ", ".join(f"{count} {kind.replace('_', ' ')}" for kind, count in counts.items())


def make(topic: str, number: int, folder: Path, cell_seconds: float = CELL_SECONDS) -> Klass:
    """Make a class.

    Parameters
    ----------
    topic : str
        A topic of the curriculum, `"realistic"` or `"tiny"`.
    number : int
        How many submissions.
    folder : Path
        Is made; the course goes there.
    cell_seconds : float
        Time limit of a cell, for both graders.
    """
    written = _plain_course(topic, folder) if topic in (REALISTIC, TINY) else _course(topic, folder)
    kinds = {}
    made = (
        itertools.repeat(("right", corpus.SUBMISSIONS["right"](written)), number)
        if topic == TINY
        else corpus.mixed(written, number)
    )
    for place, (kind, notebooks) in enumerate(made):
        student = f"student{place:04}"
        corpus.write(notebooks, folder / "submitted" / student / topic)
        kinds[student] = kind
    return Klass(topic, folder, kinds, cell_seconds)


def _course(topic: str, folder: Path) -> corpus.Topic:
    """Make a course with a topic of the curriculum."""
    folder.mkdir(parents=True)
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    ignored = shutil.ignore_patterns("*.ipynb", "__pycache__")
    shutil.copytree(ROOT / "source" / topic, folder / "source" / topic, ignore=ignored)
    topics.write_source_notebooks(folder / "source" / topic)
    nbgrader_api.generate_assignment(topic, folder)
    return corpus.read(topic, folder)


def _plain_course(topic: str, folder: Path) -> corpus.Topic:
    """Make a course with an assignment that knows nothing of the curriculum."""
    text = TINY_SOURCE
    if topic == REALISTIC:
        text = (ROOT / "benchmarks" / "realistic" / "assignment.py").read_text()
    source = jupytext.reads(with_metadata(text), fmt="py:percent")
    source.metadata = nbformat.from_dict({"kernelspec": src.KERNELSPEC})
    place = folder / "source" / topic
    place.mkdir(parents=True)
    config = (ROOT / "nbgrader_config.py").read_text()
    (folder / "nbgrader_config.py").write_text(config + PLAIN_SOURCE)
    (place / "assignment.ipynb").write_text(src.write_notebook(source))
    nbgrader_api.generate_assignment(topic, folder)
    released = nbformat.read(folder / "release" / topic / "assignment.ipynb", 4)
    parts = [
        corpus.Part("assignment", src.grading(cell)["grade_id"], corpus.plain(cell.source))
        for cell in source.cells
        if src.is_solution(cell)
    ]
    return corpus.Topic({"assignment": released}, parts)


def environment(course: Path) -> dict[str, str]:
    """Give the environment in which both graders run."""
    return {**courses.environment(course), "PYTHONPATH": str(ROOT)}
