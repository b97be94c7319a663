"""Honest work that is unusual loses no point: each file is a right submission with an oddity.

`target/` holds submissions to the course that attacks aim at, `topic/` to a small topic of this
course's own style; `attacks/submission.py` describes the files. What a file does not answer is
answered as the reference solution does.

All are graded by `curriculum grade`, once with tests in a process of their own and once with
everything in one process. Where one process itself is what costs points, the file says so in a
line `# together: …`, and which tests.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import classroom
import corpus
import course as courses
import jupytext
import nbformat
import pytest
from nbgrader.api import Gradebook

sys.path.append(str(courses.ROOT / "tests" / "attacks"))
import submission
import target
from submission import Submission

from curriculum.grading import nbgrader_api

pytestmark = [pytest.mark.slow, pytest.mark.sandbox, pytest.mark.timeout(1200)]

HERE = Path(__file__).parent
TOGETHER = "\nc.Execute.run_tests_apart = False\n"
TOPIC_ANSWERS = ("mean_square", "step", "count_above")

TO_TARGET = [
    replace(one, answers={**target.RIGHT, **one.answers})
    for one in submission.read_all((HERE / "target").glob("*.py"))
]
TO_TOPIC = submission.read_all((HERE / "topic").glob("*.py"), TOPIC_ANSWERS)

Points = dict[str, float | None]


@dataclass(frozen=True)
class Graded:
    """A course whose submissions were graded, and its copy where tests ran in one process."""

    apart: Path
    together: Path
    topic: str
    notebook: str
    said: str

    def points(self, course: Path, student: str) -> Points:
        """Give the machine's points by test cell."""
        course_id = "attacked" if self.topic == target.TOPIC else "ml_interviews"
        with closing(Gradebook(f"sqlite:///{course / 'gradebook.db'}", course_id)) as book:
            found = book.find_submission_notebook(self.notebook, self.topic, student)
            return {grade.name: grade.auto_score for grade in found.grades}

    def failed(self, course: Path, student: str) -> str:
        """Say what went wrong in the test cells of a submission."""
        path = course / "autograded" / student / self.topic / f"{self.notebook}.ipynb"
        cells = nbformat.read(path, 4).cells
        return "\n".join(
            f"{cell.metadata.nbgrader.grade_id}: {output.ename}: {output.evalue}"
            for cell in cells
            if cell.metadata.get("nbgrader", {}).get("grade")
            for output in cell.outputs
            if output.output_type == "error"
        )


def grade_both_ways(folder: Path, course: Path, topic: str, notebook: str) -> Graded:
    """Grade a course and a copy of it with everything in one process; write the feedback."""
    copy = shutil.copytree(course, folder / "together")
    with (copy / "nbgrader_config.py").open("a") as config:
        config.write(TOGETHER)
    said = courses.run(course, "curriculum", "grade", topic, "--workers=2", check=False).stdout
    feedback = subprocess.Popen(
        ["nbgrader", "generate_feedback", topic],
        cwd=course,
        env=courses.environment(course),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        courses.run(copy, "curriculum", "grade", topic, "--workers=1", check=False)
    finally:
        feedback.wait()
    return Graded(course, copy, topic, notebook, said)


@pytest.fixture(scope="module")
def to_target(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Graded]:
    folder = tmp_path_factory.mktemp("target")
    course = folder / "course"
    source = course / "source" / target.TOPIC
    source.mkdir(parents=True)
    (course / "nbgrader_config.py").write_text(target.CONFIG)
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = jupytext.reads(target.SOURCE, "py:percent")
    notebook.metadata = nbformat.from_dict({"kernelspec": spec})
    nbformat.write(notebook, source / f"{target.NOTEBOOK}.ipynb")
    nbgrader_api.generate_assignment(target.TOPIC, course)
    released = nbformat.read(
        course / "release" / target.TOPIC / f"{target.NOTEBOOK}.ipynb", nbformat.NO_CONVERT
    )
    for one in chosen(request, TO_TARGET):
        one.hand_in(released, course / "submitted" / one.name / target.TOPIC)
    yield grade_both_ways(folder, course, target.TOPIC, target.NOTEBOOK)


@pytest.fixture(scope="module")
def to_topic(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Graded]:
    folder = tmp_path_factory.mktemp("topic")
    course = courses.make_course(folder / "course", **{"2_build": classroom.BUILD})
    courses.run(course, "curriculum", "build", courses.TOPIC)
    made = corpus.read(courses.TOPIC, course)
    for one in chosen(request, TO_TOPIC):
        place = course / "submitted" / one.name / courses.TOPIC
        solved = {name: made.solved[name] for name in TOPIC_ANSWERS}
        whole = replace(one, answers={**solved, **one.answers})
        whole.hand_in(made.released["2_build"], place, "2_build")
    yield grade_both_ways(folder, course, courses.TOPIC, "2_build")


def chosen(request: pytest.FixtureRequest, all_of_them: list[Submission]) -> list[Submission]:
    """Give those that this run of pytest asks for."""
    asked = {item.callspec.id for item in request.session.items if hasattr(item, "callspec")}
    return [one for one in all_of_them if one.name in asked]


def by_name(found: list[Submission]) -> pytest.MarkDecorator:
    """Run a test once for each submission."""
    return pytest.mark.parametrize("one", found, ids=[one.name for one in found])


def test_there_are_enough_of_them() -> None:
    assert len(TO_TARGET) >= 60
    assert len(TO_TOPIC) >= 15
    assert len({one.says for one in [*TO_TARGET, *TO_TOPIC]}) == len(TO_TARGET) + len(TO_TOPIC)


@by_name(TO_TARGET)
def test_it_earns_all_points(to_target: Graded, one: Submission) -> None:
    earns_all(to_target, one, target.TESTS)


@by_name(TO_TOPIC)
def test_it_earns_all_points_of_the_topic(to_topic: Graded, one: Submission) -> None:
    earns_all(to_topic, one, {"mean_square_test": 3, "step_test": 4, "count_above_test": 2})


def earns_all(graded: Graded, one: Submission, most: dict[str, float]) -> None:
    apart = graded.points(graded.apart, one.name)
    assert apart == most, f"{one.says}\n{graded.failed(graded.apart, one.name)}"
    together = graded.points(graded.together, one.name)
    lost = {name for name in most if together[name] != most[name]}
    expected = set(one.facts.get("together", "").split())
    assert lost == expected, f"{one.says}\n{graded.failed(graded.together, one.name)}"
    page = graded.apart / "feedback" / one.name / graded.topic / f"{graded.notebook}.html"
    total = sum(most.values())
    assert re.search(rf"Score: {total:g}(\.0)? / {total:g}(\.0)?\b", page.read_text())
