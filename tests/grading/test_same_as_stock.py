"""Honest work earns what stock nbgrader gives it, cell by cell, and its cells say the same.

One course is graded by `nbgrader autograde` as nbgrader comes, with its own preprocessors and a
cold kernel for each notebook, and two copies of it by `curriculum grade`: one as it is configured,
with tests in a process of their own, and one with everything in one process, as stock has it.
"""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import classroom
import corpus
import course as courses
import nbformat
import pytest
from classroom import Room, Score
from nbformat import NotebookNode

sys.path.append(str(courses.ROOT / "tests" / "execution"))
import faithful

pytestmark = [pytest.mark.slow, pytest.mark.sandbox, pytest.mark.timeout(3600)]

STOCK = """
c.pop("Autograde")
c.Execute.timeout = 120
c.Execute.extra_arguments = ["--log-level=40"]
"""
"""Added to a course's configuration, it leaves nbgrader's own grading."""

TOGETHER = "\nc.Execute.run_tests_apart = False\n"

SMALL = (
    "right",
    "alternative",
    "wrong",
    "partial",
    "untouched",
    "one_answered",
    "warned",
    "magical",
    "plotting",
    "untested_error",
    "slow",
    "asking",
    "misspelt",
    "leaving",
)
REAL = ("right", "partial")


@dataclass(frozen=True)
class Class:
    """A class that was graded three times."""

    topic: str
    ours: Room
    together: Room
    stock: Room


def grade_each_way(
    folder: Path, course: Path, topic: str, kinds: tuple[str, ...], left_out: tuple[str, ...] = ()
) -> Class:
    """Hand in submissions of these kinds to three courses, and grade each its own way."""
    courses.run(course, "curriculum", "build", topic)
    made = corpus.read(topic, course)
    for kind in kinds:
        place = course / "submitted" / kind / topic
        corpus.write(corpus.SUBMISSIONS[kind](made), place)
        for name in left_out:
            (place / f"{name}.ipynb").unlink()
    stock, together = (
        copied(course, folder / "stock", STOCK),
        copied(course, folder / "t", TOGETHER),
    )
    ours = Room(folder, course)
    stock.nbgrader("autograde", topic)
    for room in (ours, together):
        # It says of a notebook that was not handed in that something is wrong.
        courses.run(room.course, "curriculum", "grade", topic, check=not left_out)
    return Class(topic, ours, together, stock)


def copied(course: Path, folder: Path, lines: str) -> Room:
    """Copy a course, with some more lines of configuration."""
    folder.mkdir()
    shutil.copytree(course, folder / "course")
    with (folder / "course" / "nbgrader_config.py").open("a") as config:
        config.write(lines)
    return Room(folder, folder / "course")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Class:
    folder = tmp_path_factory.mktemp("small")
    bodies = {"2_build": classroom.BUILD, "4_say": classroom.SAY}
    course = courses.make_course(folder / "course", **bodies)
    # Two notebooks say nothing that the others don't: stock takes seconds to start a kernel.
    return grade_each_way(folder, course, courses.TOPIC, SMALL, left_out=("1_see", "3_use"))


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Class:
    folder = tmp_path_factory.mktemp("real")
    course = courses.copy_project(folder / "course")
    return grade_each_way(folder, course, "gradient_descent", REAL)


@pytest.mark.parametrize("kind", SMALL)
def test_scores_of_the_small_topic(small: Class, kind: str) -> None:
    wanted = scores(small, small.stock, kind)
    assert scores(small, small.ours, kind) == wanted
    assert scores(small, small.together, kind) == wanted


@pytest.mark.parametrize("kind", SMALL)
def test_outputs_of_the_small_topic(small: Class, kind: str) -> None:
    compare_outputs(small, kind)


@pytest.mark.parametrize("kind", REAL)
def test_scores_of_the_real_topic(real: Class, kind: str) -> None:
    wanted = scores(real, real.stock, kind)
    assert scores(real, real.ours, kind) == wanted
    assert scores(real, real.together, kind) == wanted


@pytest.mark.parametrize("kind", REAL)
def test_outputs_of_the_real_topic(real: Class, kind: str) -> None:
    compare_outputs(real, kind)


def test_the_class_is_worth_comparing(small: Class) -> None:
    totals = {
        kind: sum(
            s.auto or 0 for n in scores(small, small.stock, kind).values() for s in n.values()
        )
        for kind in SMALL
    }
    assert len(set(totals.values())) >= 5, totals
    assert totals["right"] > totals["partial"] > totals["untouched"] == 0


def scores(klass: Class, room: Room, student: str) -> dict[str, dict[str, Score]]:
    """Give all that the gradebook has of a submission: points, and what waits for a person."""
    return room.scores(klass.topic, student)


def compare_outputs(klass: Class, student: str) -> None:
    """Compare every cell of a submission: text, outputs, counts, and metadata of nbgrader."""
    handed_in = klass.ours.course / "submitted" / student / klass.topic
    for name in sorted(path.stem for path in handed_in.glob("*.ipynb")):
        stock, ours = (
            room.autograded(klass.topic, student, name) for room in (klass.stock, klass.together)
        )
        assert [cell_itself(cell) for cell in ours.cells] == [
            cell_itself(cell) for cell in stock.cells
        ]
        assert said(ours, klass.together) == said(stock, klass.stock)


def cell_itself(cell: NotebookNode) -> tuple[str, str, dict]:
    return cell.cell_type, cell.source, cell.metadata.get("nbgrader", {})


def said(notebook: NotebookNode, room: Room) -> dict[str, tuple]:
    """Give the outputs of a graded notebook, without what differs between two equal runs."""
    for index, cell in enumerate(notebook.cells):
        cell.metadata.title = str(index)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    plain = nbformat.v4.new_notebook(cells=code, metadata=notebook.metadata)
    home = {"/home/learner/work": "WORK", "~/work": "WORK", "/home/learner": "~"}
    folders = {str(path): "WORK" for path in (room.course / "autograded").glob("*/*")}
    plain.metadata["places"] = {**folders, os.path.realpath(room.course): "COURSE", **home}
    cells = faithful.normalised(plain).cells
    return {title: (cell.count, cell.outputs) for title, cell in cells.items()}
