"""A class in a folder: an instructor's course, an exchange, and students in folders of their own.

Everything is carried by nbgrader's own commands, as in a class with a shared file system.

One machine and one account stand for many people here. nbgrader takes a student's name from the
account (on a hub, from JUPYTERHUB_USER, and only where the account is called jovyan), unless
`CourseDirectory.student_id` says otherwise, which is what `nbgrader submit --student=ID` sets.
So each student's folder has a configuration with a `student_id`, and an `Exchange.cache`, where
nbgrader keeps what was submitted from there and looks for its feedback. Nothing of the course is
in that folder, as on a hub. `nbgrader collect` warns of every submission whose file belongs to
another account ("cheating attempt?"): that check is off here.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import course as courses
import nbformat
from bs4 import BeautifulSoup
from nbformat import NotebookNode
from nbgrader.api import Gradebook


def with_metadata(text: str) -> str:
    """Write out nbgrader's metadata where a cell's header says in one word what the cell is."""
    kinds = {
        "ANSWER": {"grade": False, "locked": False, "solution": True},
        "TEST": {"grade": True, "locked": True, "solution": False},
        "SAY": {"grade": True, "locked": False, "solution": True},
        "NOTES": {"grade": False, "locked": True, "solution": False},
    }

    def header(match: re.Match[str]) -> str:
        meta = {"grade_id": match[2], "schema_version": 3, "task": False, **kinds[match[1]]}
        if match[3]:
            meta["points"] = int(match[3])
        return f"nbgrader={json.dumps(meta)}"

    return re.sub(rf"({'|'.join(kinds)}) (\w+)(?: (\d+))?$", header, text, flags=re.M)


BUILD = with_metadata('''
# %%
import numpy as np

# %% [markdown]
# ## Exercise 1 · Mean square

# %% ANSWER mean_square
def mean_square(x):
    """Give the mean of the squares of `x`, shape (n,), a float."""
    ### BEGIN SOLUTION
    return float(np.mean(np.asarray(x) ** 2))
    ### END SOLUTION


# %% TEST mean_square_test 3
check = checks.start("mean_square")
with check("one number", points=1):
    checks.close(mean_square(np.array([3.0])), 9.0, given="x = [3]")
### BEGIN HIDDEN TESTS
with check("two numbers", points=2):
    checks.close(
        mean_square(np.array([1.0, 3.0])),
        5.0,
        given="x = [1, 3]",
        mistakes=[
            checks.Mistake("sum instead of mean", "Divide by how many there are.", 10.0),
            checks.Mistake("square of the mean", "Square each number first.", 4.0),
            checks.Mistake("root taken", "The root is not asked for.", 5.0**0.5),
        ],
    )
### END HIDDEN TESTS
check.report()

# %% tags=["mistake"] mistake={"exercise": "mean_square", "name": "sum instead of mean"}
def mean_square(x):
    return float(np.sum(np.asarray(x) ** 2))


# %% [markdown]
# ## Exercise 2 · One step

# %% ANSWER step
def step(w, gradient, learning_rate):
    """Go one step downhill from `w`, shape (d,), and leave `w` as it is."""
    ### BEGIN SOLUTION
    moved_weights = w - learning_rate * gradient
    return moved_weights
    ### END SOLUTION


# %% TEST step_test 4
check = checks.start("step")
with check("a gradient of zero moves nothing", points=1):
    stayed = step(np.array([1.0, 2.0]), np.zeros(2), 0.1)
    checks.close(stayed, np.array([1.0, 2.0]), given="w = [1, 2], gradient = [0, 0]")
### BEGIN HIDDEN TESTS
with check("the step goes downhill", points=2):
    checks.close(
        step(np.array([1.0, 2.0]), np.array([10.0, -10.0]), 0.1),
        np.array([0.0, 3.0]),
        given="w = [1, 2], gradient = [10, -10], η = 0.1",
        mistakes=[
            checks.Mistake("wrong sign", "The gradient points uphill.", np.array([2.0, 1.0])),
            checks.Mistake("no learning rate", "Scale it by η.", np.array([-9.0, 12.0])),
            checks.Mistake("only the sign", "Its size counts too.", np.array([0.9, 2.1])),
        ],
    )
with check("its input is left alone", points=1):
    checks.unchanged(step, np.array([1.0, 2.0]), np.array([1.0, 1.0]), 0.1)
### END HIDDEN TESTS
check.report()

# %% tags=["mistake"] mistake={"exercise": "step", "name": "wrong sign"}
def step(w, gradient, learning_rate):
    return w + learning_rate * gradient


# %% [markdown]
# ## Exercise 3 · Count

# %% ANSWER count_above
def count_above(x, threshold):
    """Count the numbers of `x` that lie above `threshold`."""
    ### BEGIN SOLUTION
    return int(np.sum(np.asarray(x) > threshold))
    ### END SOLUTION


# %% TEST count_above_test 2
check = checks.start("count_above")
with check("one of three", points=1):
    checks.equal(count_above([1.0, 2.0, 3.0], 2.0), 1, given="x = [1, 2, 3], threshold = 2")
### BEGIN HIDDEN TESTS
with check("all of three", points=1):
    checks.equal(count_above([1.0, 2.0, 3.0], 0.0), 3, given="x = [1, 2, 3], threshold = 0")
### END HIDDEN TESTS
check.report()
''')

SAY = with_metadata("""
# %% [markdown]
# ## Explain a step
#
# | points | |
# |---|---|
# | 2 | says that the gradient points uphill |
# | 2 | says what the learning rate does |

# %% [markdown] SAY explain_step 4
# A step moves against the gradient, which points uphill, as far as the learning rate says.

# %% [markdown] NOTES explain_step_notes
# Notes for the grader.
#
# ### BEGIN MARK SCHEME
# A staff candidate brings up curvature without being asked.
# ### END MARK SCHEME
""")

GRADER_NOTE = "A staff candidate brings up curvature without being asked."


@dataclass(frozen=True)
class Score:
    """What the gradebook keeps of one graded cell."""

    auto: float | None
    manual: float | None
    needs_a_person: bool
    max_points: float


class Room:
    """An instructor's course with an exchange."""

    def __init__(self, folder: Path, course: Path) -> None:
        self.folder = folder
        self.course = course
        self.exchange = folder / "exchange"
        self.exchange.mkdir()
        self.exchange.chmod(0o777)

    def nbgrader(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a command as the instructor, in the course's folder."""
        command = ["nbgrader", *arguments, f"--Exchange.root={self.exchange}"]
        if arguments[0] == "collect":
            command.append("--ExchangeCollect.check_owner=False")
        return courses.run(self.course, *command, check=check)

    def student(self, name: str) -> Student:
        """Give a student a folder, with the configuration that a hub would give them."""
        folder = self.folder / "students" / name
        folder.mkdir(parents=True)
        (folder / "nbgrader_config.py").write_text(
            "c = get_config()\n"
            'c.CourseDirectory.course_id = "ml_interviews"\n'
            f'c.CourseDirectory.student_id = "{name}"\n'
            f'c.Exchange.root = "{self.exchange}"\n'
            f'c.Exchange.cache = "{folder / ".cache"}"\n'
        )
        return Student(name, folder, self)

    def hand_in(self, student: str, topic: str, **notebooks: str) -> None:
        """Put notebooks where `nbgrader collect` would put a student's."""
        folder = self.course / "submitted" / student / topic
        folder.mkdir(parents=True)
        for name, text in notebooks.items():
            (folder / f"{name}.ipynb").write_text(text)

    def released(self, topic: str, notebook: str) -> NotebookNode:
        """Read what students get."""
        return nbformat.read(self.course / "release" / topic / f"{notebook}.ipynb", 4)

    @contextmanager
    def gradebook(self) -> Iterator[Gradebook]:
        """Open the gradebook."""
        with closing(
            Gradebook(f"sqlite:///{self.course / 'gradebook.db'}", "ml_interviews")
        ) as book:
            yield book

    def scores(self, topic: str, student: str) -> dict[str, dict[str, Score]]:
        """Give the score of each graded cell of a submission, by notebook and grade_id."""
        with self.gradebook() as book:
            submission = book.find_submission(topic, student)
            return {
                notebook.name: {
                    grade.name: Score(
                        grade.auto_score,
                        grade.manual_score,
                        grade.needs_manual_grade,
                        grade.max_score,
                    )
                    for grade in notebook.grades
                }
                for notebook in submission.notebooks
            }

    def points(self, topic: str, student: str, notebook: str) -> dict[str, float | None]:
        """Give the points that the machine gave, by grade_id."""
        scores = self.scores(topic, student)[notebook]
        return {grade_id: score.auto for grade_id, score in scores.items()}

    def grade_by_hand(
        self, topic: str, student: str, notebook: str, grade_id: str, points: float, comment: str
    ) -> None:
        """Give points and a comment, as the formgrader writes them."""
        with self.gradebook() as book:
            grade = book.find_grade(grade_id, notebook, topic, student)
            grade.manual_score, grade.needs_manual_grade = points, False
            book.find_comment(grade_id, notebook, topic, student).manual_comment = comment
            book.db.commit()

    def autograded(self, topic: str, student: str, notebook: str) -> NotebookNode:
        """Read a graded notebook."""
        path = self.course / "autograded" / student / topic / f"{notebook}.ipynb"
        return nbformat.read(path, 4)

    def has_autograded(self, topic: str, student: str) -> bool:
        """Tell whether a submission came through autograding."""
        return (self.course / "autograded" / student / topic).exists()


@dataclass(frozen=True)
class Student:
    """Somebody with a folder of their own, who sees nothing but the exchange."""

    name: str
    folder: Path
    room: Room

    def nbgrader(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a command in the student's folder."""
        done = subprocess.run(
            ["nbgrader", *arguments],
            cwd=self.folder,
            env=courses.environment(self.room.course),
            capture_output=True,
            text=True,
        )
        if check and done.returncode != 0:
            raise AssertionError(f"{self.name}: {arguments} failed:\n{done.stdout}\n{done.stderr}")
        return done

    def write(self, topic: str, notebook: str, answers: Mapping[str, str]) -> None:
        """Write answers into the fetched notebook, by grade_id."""
        path = self.folder / topic / f"{notebook}.ipynb"
        path.write_text(nbformat.writes(answered(nbformat.read(path, 4), answers)))

    def feedback(self, topic: str, notebook: str) -> str:
        """Read the text of the fetched feedback page."""
        pages = list((self.folder / topic / "feedback").glob(f"*/{notebook}.html"))
        assert len(pages) == 1, pages
        return page_text(pages[0])


def answered(notebook: NotebookNode, answers: Mapping[str, str]) -> NotebookNode:
    """Write answers into the cells with these grade_ids."""
    left = dict(answers)
    for cell in notebook.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        if grade_id in left:
            cell.source = left.pop(grade_id)
    assert not left, f"no such cells: {sorted(left)}"
    return notebook


def page_text(page: Path) -> str:
    """Read what a page shows, white space folded."""
    soup = BeautifulSoup(page.read_text(), "html.parser")
    for unseen in soup(["script", "style"]):
        unseen.decompose()
    return re.sub(r"\s+", " ", soup.get_text(" "))
