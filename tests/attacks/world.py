"""The course that is attacked, all that is worth attacking around it, and what became of it."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sqlite3
import stat
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jupytext
import markup
import nbformat
import target
from markup import hostile
from nbconvert.exporters import HTMLExporter
from nbformat import NotebookNode
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.server_extensions.formgrader import handlers
from submission import Submission
from traitlets.config import Config

from curriculum.grading import nbgrader_api

SECRETS = {
    "hidden tests": target.SECRET,
    "reference solutions": target.SOLVED,
    "another student's answer": "neighbour-5d1c90",
    "a file of the instructor's": "at-home-40e6af",
    "the grader's environment": "environment-b8d213",
    "the gradebook": "gradebook-91cc37",
    "the exchange": "exchange-2f60da",
    "what another submission left": "left-77d5e0",
}
"""What must not be seen → text that stands in it."""

MARK = markup.MARK
"""In the names of files that attacks try to leave, and in scripts that they try to run."""

BYSTANDERS = ("aaron", "mia", "zoe")
"""Hand in honest work, and come first, in between and last."""

_OWN_PLACES = {".cache", ".config", ".ipython", ".local"}
"""Folders of a home in which programs keep what they like."""
_LEFT_IN = (*sys.path, "/tmp", "/var/tmp", "/dev/shm", "~", "~/.cache", "~/.ipython", "~/.local")
_STATIC = ("assignment", "notebook", "base_cell", "grade_cells", "solution_cells", "source_cell",
           "task_cells", "course")  # fmt: skip


def bystander(name: str) -> Submission:
    """Make honest work: all right, or in mia's case half of it."""
    kept = ("mean", "answer", "median") if name == "mia" else target.ANSWERS
    answers = {grade_id: target.RIGHT[grade_id] for grade_id in kept}
    if name == "zoe":
        answers["mean"] = "# " + SECRETS["another student's answer"] + "\n" + answers["mean"]
    return Submission(name, Path(name), "Honest work.", answers=answers)


@dataclass(frozen=True)
class State:
    """All that grading must leave as it is: files by path, and rows of the gradebook by table."""

    files: dict[str, Any]
    rows: dict[str, list[tuple]]


@dataclass(frozen=True)
class World:
    """A course, an exchange and the instructor's home, in one folder.

    Parameters
    ----------
    folder : Path
        Holds all of it.
    config : Config
        The course's, as it was before anybody could change it.
    """

    folder: Path
    config: Config

    @classmethod
    def make(cls, folder: Path, config: str) -> World:
        """Generate the assignment, and plant the secrets."""
        course = folder / "course"
        source = course / "source" / target.TOPIC
        source.mkdir(parents=True)
        (course / "nbgrader_config.py").write_text(config)
        world = cls(folder, nbgrader_api.load_config(course))
        notebook = jupytext.reads(target.SOURCE, "py:percent")
        notebook.metadata = NotebookNode(
            kernelspec={"name": "python3", "display_name": "Python 3", "language": "python"}
        )
        nbformat.write(notebook, source / f"{target.NOTEBOOK}.ipynb")
        nbgrader_api.generate_assignment(target.TOPIC, world.course)
        world._plant()
        return world

    def _plant(self) -> None:
        for folder in (".ssh", ".cache", ".ipython", ".jupyter", ".local"):
            (self.home / folder).mkdir(parents=True)
        for name in (".ssh/id_ed25519", "notes.txt"):
            (self.home / name).write_text(SECRETS["a file of the instructor's"])
        inbound = self.exchange / "attacked" / "inbound" / "zoe+target+2026-01-01 10:00:00 UTC"
        inbound.mkdir(parents=True)
        (inbound / f"{target.NOTEBOOK}.ipynb").write_text(SECRETS["the exchange"])
        with self.gradebook() as book:
            book.add_student("nobody", last_name=SECRETS["the gradebook"])

    @property
    def course(self) -> Path:
        return self.folder / "course"

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def exchange(self) -> Path:
        return self.folder / "exchange"

    def copy(self, folder: Path) -> World:
        shutil.copytree(self.folder, folder)
        return World(folder, self.config)

    def environment(self) -> dict[str, str]:
        """Give the environment of the instructor's commands."""
        here = str(Path(sys.executable).parent)
        cache = os.environ.get("XDG_CACHE_HOME") or str(Path("~/.cache").expanduser())
        return {
            "PATH": os.pathsep.join([here, os.environ["PATH"]]),
            "HOME": str(self.home),
            "XDG_CACHE_HOME": cache,  # of fonts, which take long to look through
            "GRADER_TOKEN": SECRETS["the grader's environment"],
            "LANG": "C.UTF-8",
        }

    def hand_in(self, one: Submission) -> None:
        released = nbformat.read(
            self.course / "release" / target.TOPIC / f"{target.NOTEBOOK}.ipynb", 4
        )
        one.hand_in(released, self.course / "submitted" / one.name / target.TOPIC)

    @contextmanager
    def gradebook(self) -> Iterator[Gradebook]:
        url = f"sqlite:///{self.course / 'gradebook.db'}"
        with closing(Gradebook(url, "attacked")) as book:
            yield book

    # What became of it.

    def state(self) -> State:
        """Read what grading must not change."""
        places = [self.home, self.exchange, *(self.course / n for n in _COURSE)]
        files = {
            str(path.relative_to(self.folder)): _content(path)
            for place in places
            for path in [place, *sorted(place.rglob("*"))]
            if MARK in path.name or not _OWN_PLACES & set(path.parts)
        }
        with closing(sqlite3.connect(self.course / "gradebook.db")) as db:
            rows = {name: sorted(db.execute(f"select * from {name}"), key=repr) for name in _STATIC}
        return State(files, rows)

    def points(self, student: str) -> dict[str, float | None]:
        """Give the points that the gradebook has, by test cell."""
        with self.gradebook() as book:
            try:
                found = book.find_submission(target.TOPIC, student)
            except MissingEntry:
                return {}
            return {grade.name: grade.score for one in found.notebooks for grade in one.grades}

    def comments(self, student: str) -> str:
        with self.gradebook() as book:
            try:
                found = book.find_submission(target.TOPIC, student)
            except MissingEntry:
                return ""
            return "\n".join(
                f"{comment.name}: {comment.comment}"
                for one in found.notebooks
                for comment in sorted(one.comments, key=lambda c: c.name)
                if comment.comment
            )

    def graded(self, student: str) -> str:
        """Give the text of the graded notebook, or nothing."""
        return self._text(Path("autograded", student, target.TOPIC, f"{target.NOTEBOOK}.ipynb"))

    def feedback(self, student: str) -> str:
        """Give the feedback's HTML, or nothing."""
        return self._text(Path("feedback", student, target.TOPIC, f"{target.NOTEBOOK}.html"))

    def shown(self, student: str) -> str:
        """Give what a student's own cells said, and the comments that they get."""
        graded = self.graded(student)
        cells = nbformat.reads(graded, 4).cells if graded else []
        own = [cell for cell in cells if not cell.metadata.get("nbgrader", {}).get("grade")]
        return "\n".join([repr(own), self.comments(student)])

    def _text(self, path: Path) -> str:
        path = self.course / path
        return path.read_text(errors="replace") if path.is_file() else ""

    def formgrader_page(self, student: str) -> str:
        """Give the page on which the instructor looks at a submission, as the formgrader does."""
        path = self.course / "autograded" / student / target.TOPIC / f"{target.NOTEBOOK}.ipynb"
        if not path.is_file():
            return ""
        config = Config()
        config.HTMLExporter.template_name = "formgrade"
        config.HTMLExporter.extra_template_basedirs = [handlers.template_path]
        config.merge(self.config)
        names = ("assignment_id", "notebook_id", "submission_id", "base_url", "student",
                 "last_name", "first_name", "notebook_path")  # fmt: skip
        resources = {**dict.fromkeys(names, "x"), "index": 0, "total": 1}
        return HTMLExporter(config=config).from_filename(str(path), resources=resources)[0]

    def bystander(self, name: str) -> tuple:
        """Give all that there is of an honest submission, for comparison with another world."""
        folder = self.course / "autograded" / name
        files = {str(p.relative_to(folder)): _content(p) for p in sorted(folder.rglob("*"))}
        return self.points(name), self.comments(name), files, _times_out(self.feedback(name))


_COURSE = ("source", "release", "submitted", "nbgrader_config.py")


def _content(path: Path) -> Any:
    """Give a file's bytes and rights; of a link where it leads, of anything else what it is."""
    status = path.lstat()
    kind = stat.S_IFMT(status.st_mode)
    if stat.S_ISLNK(status.st_mode):
        return kind, os.readlink(path)
    if stat.S_ISREG(status.st_mode):
        with path.open("rb") as file:
            return status.st_mode, hashlib.file_digest(file, "sha256").hexdigest()
    return status.st_mode


def _times_out(html: str) -> str:
    return re.sub(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d[^<]*", "TIME", html)


@dataclass(frozen=True)
class Outcome:
    """What a submission came to.

    Parameters
    ----------
    points : dict
        By test cell.
    seen : tuple of str
        Secrets that stand where the student can read them.
    harmed : tuple of str
        What else is not as it would be without it.
    runs : tuple of str
        Its scripts that run when a page is opened.
    """

    points: dict[str, float | None] = field(default_factory=dict)
    seen: tuple[str, ...] = ()
    harmed: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()

    @property
    def earned(self) -> float:
        return sum(points or 0 for points in self.points.values())

    def words(self, one: Submission) -> str:
        """Say it in words, for a table."""
        said = []
        if self.earned > float(one.facts.get("honest", 0)):
            said.append(f"{self.earned:g} of {sum(target.TESTS.values())} points")
        if self.seen:
            said.append(f"shows {_and(self.seen)}")
        said += self.harmed
        said += self.runs
        return "; ".join(said) or "nothing"


def outcome(
    world: World, one: Submission, harmed: tuple[str, ...] = (), *, stock: bool = False
) -> Outcome:
    """Read what a submission came to from the gradebook and the files.

    nbgrader's own feedback shows everybody the hidden tests. So with `stock`, a feedback page is
    searched for secrets only where the attack wants one.
    """
    own, feedback = one.text(), world.feedback(one.name)
    shown = world.shown(one.name)
    if not stock or one.facts.get("wants") == "secret":
        shown += feedback
    seen = tuple(name for name, secret in SECRETS.items() if secret in shown and secret not in own)
    runs = []
    if markup.MARK in own:
        pages = {"feedback page": feedback, "formgrader's page": world.formgrader_page(one.name)}
        runs = [f"its script runs on the {name}" for name, html in pages.items() if hostile(html)]
    return Outcome(world.points(one.name), seen, harmed, tuple(runs))


def changes(before: State, after: State) -> Iterator[str]:
    """Say what is not as it was."""
    paths = {
        path
        for path in before.files.keys() | after.files.keys()
        if before.files.get(path) != after.files.get(path)
    }
    for top in sorted({"/".join(path.split("/")[:2]) for path in paths}):
        yield f"changes {top.removeprefix('course/')}"
    if before.rows != after.rows:
        yield "changes the gradebook"


def _and(words: tuple[str, ...]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def left_behind(world: World) -> list[str]:
    """List files that somebody's code left where others would find them."""
    folders = {Path(name or ".").expanduser() for name in _LEFT_IN} | {world.folder, world.home}
    return [
        str(path)
        for folder in sorted(folders)
        if folder.is_dir()
        for path in folder.glob(f"*{MARK}*")
    ]
