"""Grades the attacks with `curriculum grade`: all of them in one run, honest work among them."""

from __future__ import annotations

import ctypes
import multiprocessing
import re
import subprocess
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import target
import world as worlds
from submission import Submission
from world import Outcome, World

from curriculum.grading import nbgrader_api
from curriculum.grading.nbgrader_api import GradingError

ATTACKS = Path(__file__).parent
CONFIG = f"""\
{target.CONFIG}
c.Execute.cell_seconds = 5
c.Execute.call_seconds = 2
c.Execute.notebook_seconds = 15
c.Execute.cpu_seconds = 15
c.Execute.memory_mb = 400
c.Execute.disk_mb = 60
c.Execute.file_mb = 30
c.Execute.output_mb = 0.5
c.Execute.processes = 24
"""
"""Short limits: what never ends is ended soon."""

_ROW = re.compile(r"^(graded|mended|RED)\s+(.+?)(?:: .*)?$", re.MULTILINE)
_CHILD_SUBREAPER = 36


@dataclass(frozen=True)
class Run:
    """A run over a class.

    Parameters
    ----------
    world : World
        The course after it.
    said : str
        What the command printed.
    status : int
        Its exit status; 1 says that a row is red.
    left : list of str
        Processes and files that outlived it.
    changed : list of str
        What it changed that grading must leave as it is.
    """

    world: World
    said: str
    status: int
    left: list[str]
    changed: list[str]
    _outcomes: dict[str, Outcome] = field(default_factory=dict)

    @property
    def rows(self) -> dict[str, str]:
        """Give the verdict on each submission, as it was printed."""
        return {name: verdict for verdict, name in _ROW.findall(self.said)}

    def outcome(self, one: Submission) -> Outcome:
        if one.name not in self._outcomes:
            self._outcomes[one.name] = worlds.outcome(self.world, one)
        return self._outcomes[one.name]

    def words(self, one: Submission) -> str:
        return self.outcome(one).words(one)


def grade(world: World, submissions: Iterable[Submission]) -> Run:
    """Hand in, grade with two workers, and make the feedback."""
    submissions = list(submissions)
    for one in submissions:
        world.hand_in(one)
    state = world.state()
    with _adopting():
        before = {child.pid for child in psutil.Process().children()}
        done = subprocess.run(
            ["curriculum", "grade", target.TOPIC, "--workers", "2"],
            cwd=world.course,
            env=world.environment(),
            capture_output=True,
            text=True,
            timeout=1200,
        )
        started = [c for c in psutil.Process().children(recursive=True) if c.pid not in before]
        _, alive = psutil.wait_procs(started, timeout=10)  # what was killed takes a moment to end
    left = [*map(str, alive), *worlds.left_behind(world)]
    changed = list(worlds.changes(state, world.state()))
    _make_feedback(world, [one.name for one in submissions])
    return Run(world, done.stdout + done.stderr, done.returncode, left, changed)


@contextmanager
def _adopting() -> Iterator[None]:
    """Let what loses its parent become a child of this process."""
    libc = ctypes.CDLL(None)
    libc.prctl(_CHILD_SUBREAPER, 1, 0, 0, 0)
    try:
        yield
    finally:
        libc.prctl(_CHILD_SUBREAPER, 0, 0, 0, 0)


def _make_feedback(world: World, students: list[str]) -> None:
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        list(pool.map(_feedback, [world.course] * 2, [students[::2], students[1::2]]))


def _feedback(course: Path, students: list[str]) -> None:
    config = nbgrader_api.load_config(course)
    for student in students:
        places = {"root": str(course), "assignment_id": target.TOPIC, "student_id": student}
        with suppress(GradingError):  # there is no notebook
            nbgrader_api.generate_feedback(nbgrader_api.course_directory(config, **places), config)
