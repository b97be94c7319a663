"""A class to test grading with, in seconds: a topic of three notebooks, run by a plain `exec`."""

from __future__ import annotations

import ast
import contextlib
import io
import json
import os
import shutil
import signal
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import nbformat
from classroom import Score, answered
from course import ROOT
from nbformat import NotebookNode, v4
from nbgrader.api import Gradebook

from curriculum.execution.job import Job, Ran
from curriculum.grading import nbgrader_api
from curriculum.grading.class_run import ClassRun, Listener, Row, Wish
from curriculum.grading.workers import LocalWorkers

TOPIC = "sums"
NOTEBOOKS = ("one", "say", "two")

RIGHT = {
    "double": "def double(x):\n    return 2 * x\n",
    "triple": "def triple(x):\n    return 3 * x\n",
}
ANSWER = {"explain": "You add the number to itself, says the student."}
NEGATE = {"negate": "def negate(x):\n    return -x\n"}

_STUB = "### BEGIN SOLUTION\n    return {}\n    ### END SOLUTION"
_PARTIAL = """\
passed = 0
passed += double(1) == 2
### BEGIN HIDDEN TESTS
passed += double(5) == 10
### END HIDDEN TESTS
float(passed)
"""


def _cell(kind: str, grade_id: str, text: str, points: float | None = None) -> NotebookNode:
    flags = {
        "answer": {"grade": False, "locked": False, "solution": True},
        "test": {"grade": True, "locked": True, "solution": False},
        "say": {"grade": True, "locked": False, "solution": True},
    }
    meta = {"grade_id": grade_id, "schema_version": 3, "task": False, **flags[kind]}
    if points is not None:
        meta["points"] = points
    new = v4.new_markdown_cell if kind == "say" else v4.new_code_cell
    return new(text, metadata={"nbgrader": meta})


def _source() -> dict[str, NotebookNode]:
    spec = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    one = [
        v4.new_code_cell("import math"),
        _cell("answer", "double", "def double(x):\n    " + _STUB.format("2 * x")),
        _cell("test", "double_test", _PARTIAL, 2),
        _cell("answer", "triple", "def triple(x):\n    " + _STUB.format("3 * x")),
        _cell("test", "triple_test", "assert triple(2) == 6", 3),
    ]
    two = [
        _cell("answer", "negate", "def negate(x):\n    " + _STUB.format("-x")),
        _cell("test", "negate_test", "assert negate(2) == -2", 4),
    ]
    say = [_cell("say", "explain", "### BEGIN SOLUTION\nAdd it.\n### END SOLUTION", 5)]
    cells = {"one": one, "say": say, "two": two}
    return {name: v4.new_notebook(cells=cells[name], metadata=spec) for name in NOTEBOOKS}


def make_course(folder: Path, extra_config: str = "") -> Path:
    """Make a course with the topic generated, its gradebook ready."""
    folder.mkdir(parents=True)
    config = (ROOT / "nbgrader_config.py").read_text()
    config += '\nc.GenerateAssignment.pop("preprocessors")\n' + extra_config
    (folder / "nbgrader_config.py").write_text(config)
    source = folder / "source" / TOPIC
    source.mkdir(parents=True)
    for name, notebook in _source().items():
        nbformat.write(notebook, source / f"{name}.ipynb")
    nbgrader_api.generate_assignment(TOPIC, folder)
    return folder


class SmallClass:
    """A course in a folder, and what happens in it."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def copy(self, folder: Path) -> SmallClass:
        """Copy the course; a gradebook's copy is as good as another's."""
        shutil.copytree(self.root, folder)
        return SmallClass(folder)

    def released(self, name: str) -> NotebookNode:
        return nbformat.read(self.root / "release" / TOPIC / f"{name}.ipynb", 4)

    def submitted(self, student: str) -> Path:
        return self.root / "submitted" / student / TOPIC

    def autograded(self, student: str) -> Path:
        return self.root / "autograded" / student / TOPIC

    def hand_in(self, student: str, answers: Mapping[str, str] | None = None, **files: Any) -> Path:
        """Hand in all notebooks with these answers; `files` replace notebooks, None leaves out."""
        folder = self.submitted(student)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        given = {**RIGHT, **NEGATE, **ANSWER} if answers is None else dict(answers)
        for name in NOTEBOOKS:
            notebook = self.released(name)
            ids = {c.metadata.get("nbgrader", {}).get("grade_id") for c in notebook.cells}
            text = nbformat.writes(answered(notebook, {k: v for k, v in given.items() if k in ids}))
            text = files.pop(name, text)
            if text is not None:
                content = text if isinstance(text, bytes) else text.encode()
                (folder / f"{name}.ipynb").write_bytes(content)
        for name, content in files.items():
            (folder / name).write_text(content)
        return folder

    def changed(self, name: str, change: Any, answers: Mapping[str, str] = {}) -> str:
        """Give the text of a right notebook after a change."""
        notebook = self.released(name)
        ids = {c.metadata.get("nbgrader", {}).get("grade_id") for c in notebook.cells}
        given = {**RIGHT, **NEGATE, **ANSWER, **answers}
        answered(notebook, {k: v for k, v in given.items() if k in ids})
        text = change(notebook)
        return text if isinstance(text, str) else v4.writes(notebook)  # as it is, valid or not

    def run(
        self,
        *students: str,
        pool: Any = None,
        listener: Any = None,
        runs: Any = None,
        **wish: Any,
    ) -> list[Row]:
        """Grade, with notebooks run in this process."""
        config = nbgrader_api.load_config(self.root)
        asked = Wish(self.root, TOPIC, students, **wish)
        with closing(ClassRun(asked, config, runs or run_plainly)) as run:
            return run.grade(pool or one_thread, listener or Listener())

    def grade(self, *students: str, **wish: Any) -> dict[str, Row]:
        """Grade, and give the rows by student."""
        return {row.student: row for row in self.run(*students, **wish)}

    @contextmanager
    def gradebook(self) -> Iterator[Gradebook]:
        config = nbgrader_api.load_config(self.root)
        course = nbgrader_api.course_directory(config, root=str(self.root))
        with closing(Gradebook(course.db_url, "ml_interviews")) as book:
            yield book

    def scores(self, student: str) -> dict[str, Score]:
        """Give the score of each graded cell."""
        with self.gradebook() as book:
            return {
                grade.name: Score(
                    grade.auto_score,
                    grade.manual_score,
                    grade.needs_manual_grade,
                    grade.max_score,
                )
                for notebook in book.find_submission(TOPIC, student).notebooks
                for grade in notebook.grades
            }

    def points(self, student: str) -> dict[str, float | None]:
        return {name: score.auto for name, score in self.scores(student).items()}

    def has_submission(self, student: str) -> bool:
        with self.gradebook() as book:
            return student in {s.student.id for s in book.assignment_submissions(TOPIC)}


FULL = {"double_test": 2.0, "triple_test": 3.0, "negate_test": 4.0, "explain": None}


# A plain way to run notebooks.


def run_plainly(data: bytes) -> bytes:
    """Answer as `workers.run` does."""
    return b"ran:" + executed(Job.from_bytes(data)).to_bytes()


def executed(job: Job) -> Ran:
    plain = json.loads(job.notebook)
    space: dict[str, Any] = {"FILES": job.files}
    count = 0
    for cell in plain["cells"]:
        if cell["cell_type"] == "code" and "skip" not in cell["metadata"].get("tags", []):
            count += 1
            cell["execution_count"] = count
            cell["outputs"] = list(_outputs("".join(cell["source"]), space, count))
    return Ran(json.dumps(plain).encode())


def _outputs(text: str, space: dict[str, Any], count: int) -> Iterator[dict[str, Any]]:
    out, err = io.StringIO(), io.StringIO()
    value, error = None, None
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            value = _value(text, space)
    except Exception as raised:
        error = raised
    for name, stream in (("stdout", out), ("stderr", err)):
        if stream.getvalue():
            yield {"output_type": "stream", "name": name, "text": stream.getvalue()}
    if error is not None:
        name = type(error).__name__
        yield {"output_type": "error", "ename": name, "evalue": str(error), "traceback": [name]}
    elif value is not None:
        data = {"text/plain": repr(value)}
        yield {
            "output_type": "execute_result",
            "execution_count": count,
            "metadata": {},
            "data": data,
        }


def _value(text: str, space: dict[str, Any]) -> Any:
    tree = ast.parse(text)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), space)
    return eval(compile(ast.Expression(last.value), "cell", "eval"), space) if last else None


@contextmanager
def one_thread() -> Iterator[tuple[Any, int]]:
    with ThreadPoolExecutor(1) as pool:
        yield pool, 1


@contextmanager
def processes(number: int = 2) -> Iterator[tuple[LocalWorkers, int]]:
    """Run notebooks plainly in processes that can be killed."""
    pool = LocalWorkers(number, run_in_a_process, warm=lambda job: None)
    try:
        yield pool, number
    finally:
        pool.shutdown(cancel_futures=True)


def run_in_a_process(data: bytes) -> bytes:
    """Run plainly; a notebook can ask for its worker's end, once or always."""
    text = Job.from_bytes(data).notebook.decode()
    once = os.environ.get("TEST_KILLED_ONCE", "")
    if "KILL THE WORKER" in text:
        os.kill(os.getpid(), signal.SIGKILL)
    if "KILL ONCE" in text and once and not Path(once).exists():
        Path(once).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    if "SLEEP" in text:
        time.sleep(float(os.environ.get("TEST_SLEEP", "0.5")))
    return run_plainly(data)
