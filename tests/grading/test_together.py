"""Test cells that don't work apart are found in the teacher's notebook, named, and run in one."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import nbformat
import pytest
from nbformat import v4
from nbgrader.api import Gradebook

from curriculum.grading import nbgrader_api, together, workers
from curriculum.grading.class_run import ClassRun, Listener, Wish

pytestmark = [pytest.mark.slow, pytest.mark.sandbox]

TOPIC, NAME = "mixed", "work"
CONFIG = """\
from curriculum.grading import plug
c = get_config()
plug.into(c)
"""
FIT = "def fit(model, X, y):\n    return model.fit(X, y).coef_\n"
DOUBLE = "def double(x):\n    return 2 * x\n"
WITH_A_MODEL = (
    "from sklearn.linear_model import LinearRegression\n"
    "assert abs(fit(LinearRegression(), [[0.0], [1.0]], [0.0, 3.0])[0] - 3) < 1e-9"
)
FROM_BEFORE = "assert double(three) == 6"
PLAIN = "three = 3\nassert double(2) == 4"


def cell(kind: str, name: str, text: str, points: int = 0) -> nbformat.NotebookNode:
    flags = {"grade": kind == "test", "locked": kind == "test", "solution": kind == "answer"}
    meta = {"grade_id": name, "schema_version": 3, "task": False, **flags}
    if points:
        meta["points"] = points
    if kind == "answer":
        text = f"### BEGIN SOLUTION\n{text}\n### END SOLUTION"
    return v4.new_code_cell(text, metadata={"nbgrader": meta})


def source(*tests: tuple[str, str]) -> nbformat.NotebookNode:
    answers = [cell("answer", "fit", FIT), cell("answer", "double", DOUBLE)]
    spec = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    cells = [*answers, *(cell("test", name, text, 2) for name, text in tests)]
    return v4.new_notebook(cells=cells, metadata=spec)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setattr(together, "user_cache_path", lambda name: folder)
    monkeypatch.setattr(together.released, "environment", lambda: "this one")
    together._known.cache_clear()
    return folder


def course(folder: Path, *tests: tuple[str, str]) -> Path:
    (folder / "source" / TOPIC).mkdir(parents=True)
    (folder / "nbgrader_config.py").write_text(CONFIG)
    nbformat.write(source(*tests), folder / "source" / TOPIC / f"{NAME}.ipynb")
    nbgrader_api.generate_assignment(TOPIC, folder)
    return folder


def grade(root: Path, answers: dict[str, str]) -> tuple[dict[str, float], list[str]]:
    handed = nbformat.read(root / "release" / TOPIC / f"{NAME}.ipynb", 4)
    for one in handed.cells:
        one.source = answers.get(one.metadata.nbgrader.grade_id, one.source)
    folder = root / "submitted" / "ada" / TOPIC
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(handed, folder / f"{NAME}.ipynb")
    said: list[str] = []
    listener = Listener()
    listener.remark = said.append  # type: ignore[method-assign]
    with closing(ClassRun(Wish(root, TOPIC), nbgrader_api.whole_config(root))) as run:
        run.grade(lambda: workers.local(1), listener)
    config = nbgrader_api.whole_config(root)
    at = nbgrader_api.course_directory(config, root=str(root))
    with closing(Gradebook(at.db_url, at.course_id)) as book:
        submission = book.find_submission_notebook(NAME, TOPIC, "ada")
        return {one.name: one.auto_score for one in submission.grades}, said


def test_a_test_that_passes_a_model_runs_with_the_students_work(tmp_path, cache):
    root = course(tmp_path / "course", ("plain", PLAIN), ("model", WITH_A_MODEL))
    points, said = grade(root, {"fit": FIT, "double": DOUBLE})
    assert points == {"plain": 2, "model": 2}
    (sentence,) = [one for one in said if "model" in one]
    assert sentence.startswith("work, model: the test does not work from outside the student's")
    assert "LinearRegression" in sentence and together.ADVICE in sentence
    assert not [one for one in said if one.startswith("work, plain")]


def test_nothing_a_student_writes_brings_a_test_into_their_process(tmp_path, cache):
    root = course(tmp_path / "course", ("plain", PLAIN))
    cheat = (
        "class Same:\n    def __eq__(self, other): return True\ndef double(x):\n    return Same()\n"
    )
    assert grade(root, {"double": cheat})[0] == {"plain": 0}
    raising = (
        "class NotPlainError(TypeError): pass\ndef double(x):\n"
        "    raise NotPlainError('A LinearRegression can\\'t be passed')\n"
    )
    assert grade(root, {"double": raising})[0] == {"plain": 0}


def test_an_object_that_looks_like_an_array_is_not_taken_for_one(tmp_path, cache):
    looks = "import numpy as np\nZ = double(np.ones(3))\nassert Z.mean() == 2"
    root = course(tmp_path / "course", ("plain", PLAIN), ("looks", looks))
    duck = (
        "class Duck(int):\n    def mean(self): return 2\n"
        "def double(x):\n    return Duck(4) if type(x) is int else Duck(9)\n"
    )
    assert grade(root, {"double": duck})[0] == {"plain": 2, "looks": 0}
    assert grade(root, {"double": "def double(x):\n    return x + x\n"})[0]["looks"] == 2


def test_what_builds_on_such_a_test_goes_with_it(tmp_path, cache):
    both = "three = 3\n" + WITH_A_MODEL
    root = course(tmp_path / "course", ("model", both), ("later", FROM_BEFORE))
    assert grade(root, {"fit": FIT, "double": DOUBLE})[0] == {"model": 2, "later": 2}


def test_it_is_found_once(tmp_path, cache, monkeypatch):
    root = course(tmp_path / "course", ("model", WITH_A_MODEL))
    assert grade(root, {"fit": FIT})[0] == {"model": 2}
    (kept,) = (cache / "together").iterdir()
    assert list(json.loads(kept.read_text())["lost"]) == ["model"]
    together._known.cache_clear()
    monkeypatch.setattr(together, "execute", None)
    points, said = grade(root, {"fit": FIT + "\n"})
    assert points == {"model": 2}
    assert [one for one in said if "model" in one]
