"""Signs of tampering are told to the instructor, never to students, and change no grade."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import corpus
import nbformat
import numpy as np
import pytest
from nbformat import NotebookNode, v4
from small_class import FULL, RIGHT, TOPIC, SmallClass, executed

from curriculum.execution import Job, Ran, Sign
from curriculum.execution.signs import KINDS
from curriculum.grading import nbgrader_api, signs
from curriculum.grading.class_run import GRADED, Row
from curriculum.grading.naming import named
from curriculum.grading.progress import Progress, summary

# What code names.

NAMES = {
    "import sys\nsys._getframe(1)": "line 2 names sys._getframe, which looks at the code that",
    "from sys import _getframe as g": "names sys._getframe",
    "import inspect as i\ni.stack()": "names inspect.stack",
    "def f(frame): return frame.f_back": "names f_back",
    "import sys\ngetattr(sys, '_getframe')": "names sys._getframe",
    "import gc\ngc.get_objects()": "names gc.get_objects",
    "import ctypes": "names ctypes",
    "import nbgrader.api": "names nbgrader",
    "from curriculum import execution": "names curriculum.execution",
    "get_ipython().ast_transformers.append(1)": "names ast_transformers",
    "get_ipython().input_transformers_post": "names input_transformers_post",
    "get_ipython().set_custom_exc((), print)": "names set_custom_exc",
    "get_ipython().events.register('pre_run_cell', print)": "names events.register",
    "import numpy as np\nnp.allclose = lambda *a: True": "line 2 changes numpy.allclose",
    "import numpy as np\na, np.linalg.norm = 1, max": "changes numpy.linalg.norm",
    "import numpy.testing as t\ndel t.assert_allclose": "changes numpy.testing.assert_allclose",
    "from curriculum import checks\nsetattr(checks, 'close', print)": "changes curriculum.checks",
    "import builtins\nbuiltins.sum = max": "changes builtins.sum",
    "import sys\nsys.modules['numpy'] = None": "changes sys.modules",
    "class A:\n def __eq__(self, other):\n  'Same.'\n  return True": "equal everything",
    "class A:\n    __eq__ = lambda self, other: True": "equal everything",
    "class A: pass\nA().__class__ = int": "assigns __class__",
    "import base64\nexec(base64.b64decode(b'eA=='))": "runs text that it decodes first",
    "exec(bytes.fromhex('70').decode())": "runs text that it decodes first",
    "open('/proc/self/maps')": "names /proc/",
    "!cat ../gradebook.db": "names gradebook.db",
    "%%bash\nls .nbgrader.log": "line 2 names .nbgrader",
    "text = '### BEGIN HIDDEN TESTS'": "names BEGIN HIDDEN",
}


@pytest.mark.parametrize("code", NAMES, ids=lambda code: code.replace("\n", "; ")[:40])
def test_what_an_answer_has_no_need_of_is_named(code: str) -> None:
    said = [f"line {line} {what}" for _, line, what in named({0: code})]
    assert any(NAMES[code].removeprefix("line 2 ") in one for one in said), said
    if NAMES[code].startswith("line 2"):
        assert any(one.startswith(NAMES[code]) for one in said), said


@pytest.mark.parametrize(
    "code",
    [
        "import numpy as np\nnp.float = float\nnp.trapz = np.trapezoid",
        "import pandas as pd\npd.options.display.float_format = '{:.2f}'.format",
        "import torch\ntorch.backends.cudnn.deterministic = True",
        "import numpy as np\nnp.random.seed(0)\nx = np.zeros(3)\nx.shape = (3, 1)",
        "import sys, inspect\nprint(sys.version, inspect.signature(print))\nsys.path.append('.')",
        "import matplotlib.pyplot as plt\nplt.rcParams['figure.dpi'] = 100",
        "class A:\n    def __eq__(self, other):\n        return self.x == other.x",
        "class A:\n    def __init__(self):\n        self.allclose = lambda: True",
        "# sys._getframe and /proc/ in a comment are no code",
        "exec('x = 1')\nprint(b'a'.decode())",
        "text = open('data.csv').read()\nimport json\njson.loads('{}')",
        "def f(:",
        "%matplotlib inline\n!ls\n%time 1",
        "\0",
        "(" * 1000,
        "-" * 40_000 + "1",
        "a" + ".a" * 20_000,
        "f(" * 80 + ")" * 80,
        "x" * 100_000,
    ],
    ids=range(19),
)
def test_what_people_write_is_no_sign(code: str) -> None:
    assert list(named({0: code})) == []


def test_what_was_handed_out_may_be_named() -> None:
    handed_out = "import inspect\nprint(inspect.currentframe())"
    assert list(named({0: handed_out})) != []
    assert list(named({0: handed_out, 1: "inspect.currentframe()"}, [handed_out])) == []


def test_too_much_to_read_is_not_read() -> None:
    assert list(named(dict.fromkeys(range(40), "import ctypes\n" + "#" * 20_000))) == []


TELLING = {"segfaulting": "names ctypes"}
"""Submissions of the corpus that do what only attacks do, if for another reason."""


def test_no_honest_submission_names_anything() -> None:
    topic = corpus.read("gradient_descent")
    for name, make in corpus.SUBMISSIONS.items():
        notes = [
            line for notebook, cells in make(topic).items() for line in own(topic, notebook, cells)
        ]
        assert all(TELLING.get(name, "nothing") in line for line in notes), (name, notes)
        assert bool(notes) == (name in TELLING)
    for part in topic.parts:
        for text in (part.solution, *part.mistakes, *part.alternatives):
            assert list(named({0: text})) == []


def own(topic: corpus.Topic, name: str, notebook: NotebookNode) -> Iterator[str]:
    released = [cell.source for cell in topic.released[name].cells if cell.cell_type == "code"]
    lines = signs.noted(Ran(b""), notebook, released)
    return (line for said in lines.values() for line in said)


# Lines of a comment.


def test_lines_are_added_below_and_cut_out_again() -> None:
    lines = ["numpy.allclose was replaced.", "line 2 names ctypes."]
    for before in (None, "No response."):
        comment = signs.with_lines(before, lines)
        assert comment.count(signs.MARK) == 3
        assert comment.startswith(before or signs.MARK)
        assert signs.without_lines(comment) == before
    assert (
        signs.without_lines("Well done.\n\nThe mean is fine.") == "Well done.\n\nThe mean is fine."
    )


@pytest.mark.parametrize(
    "around",
    ["{}", "Please see me.\n{}\nThe rest is fine.", "> {}", "- {}", "Please see me. {}"],
)
def test_a_comment_saved_around_the_lines_loses_them_alone(around: str) -> None:
    comment = around.format(signs.with_lines(None, ["numpy.allclose was replaced."]))
    kept = signs.without_lines(comment) or ""
    assert "instructor" not in kept and "numpy" not in kept
    assert ("Please see me." in kept) == ("Please see me." in around)
    assert ("The rest is fine." in kept) == ("The rest is fine." in around)


def test_every_kind_of_sign_has_its_sentence() -> None:
    assert set(signs._SENTENCES) == set(KINDS)


def cell(code: str, **meta: object) -> NotebookNode:
    flags = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3}
    return v4.new_code_cell(
        code, execution_count=7, metadata={"nbgrader": {**flags, **meta}} if meta else {}
    )


def test_a_sign_is_noted_on_the_answer_where_it_was_seen_or_on_the_one_before() -> None:
    notebook = v4.new_notebook(
        cells=[
            cell("setup = 1"),
            cell("mine = 1"),
            cell("a = 1", grade_id="a", solution=True),
            cell("assert a", grade_id="a_test", grade=True, locked=True, points=1),
            cell("mine = 2"),
            cell("b = 1", grade_id="b", solution=True),
            v4.new_markdown_cell("end"),
        ]
    )
    found = [Sign(place, "replaced", f"numpy.f{place}") for place in (0, 1, 2, 3, 4, 5, 6, 99)]
    lines = signs.noted(Ran(b"", signs=tuple(found)), notebook, ["setup = 1"])
    assert lines == {
        "a": [
            "numpy.f1 was replaced or deleted, when cell [7] ran.",
            "numpy.f2 was replaced or deleted, when this cell ran.",
            "numpy.f3 was replaced or deleted, when cell [7] ran.",
            "numpy.f4 was replaced or deleted, when cell [7] ran.",
        ],
        "b": ["numpy.f5 was replaced or deleted, when this cell ran."],
    }
    assert signs.noted(Ran(b"", signs=tuple(found)), v4.new_notebook(cells=[cell("1")])) == {}


# A class. It is run by a plain `exec`, in this process.


@pytest.fixture(autouse=True)
def _patches_end_with_a_test(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(np, "allclose", np.allclose)


PATCHING = (
    "import numpy as np\ndef double(x):\n    np.allclose = lambda *a: True\n    return 2 * x\n"
)


def comments(small: SmallClass, student: str) -> dict[str, str | None]:
    with small.gradebook() as book:
        submission = book.find_submission(TOPIC, student)
        return {c.name: c.auto_comment for n in submission.notebooks for c in n.comments}


def graded(small: SmallClass, student: str, **wish: object) -> Row:
    return small.grade(student, **wish)[student]


def test_a_sign_changes_no_grade(small: SmallClass) -> None:
    small.hand_in("ada", {**RIGHT, "double": PATCHING, "negate": "def negate(x):\n    return -x"})
    small.hand_in("ben")
    rows = small.grade()
    assert small.points("ada") == small.points("ben") | {"explain": 0}
    assert (rows["ada"].verdict, rows["ada"].notes) == (rows["ben"].verdict, ()) == (GRADED, ())
    assert (rows["ada"].signs, rows["ben"].signs) == (("one",), ())
    said = comments(small, "ada")
    assert said["double"] == signs.with_lines(None, ["line 3 of this cell changes numpy.allclose."])
    assert {said["triple"], said["negate"]} == {None}
    assert set(comments(small, "ben").values()) == {None}
    assert "1 submission with signs of tampering" in (text := summary(rows.values(), 1))
    assert "ada (one)" in text and "ben" not in text and "red" not in text
    assert ", signs of tampering" in Progress()._row(rows["ada"])
    assert "signs" not in Progress()._row(rows["ben"])


def test_the_lines_go_when_the_next_submission_shows_nothing(small: SmallClass) -> None:
    small.hand_in("ada", {**RIGHT, "double": PATCHING})
    graded(small, "ada")
    with small.gradebook() as book:
        book.find_comment("double", "one", TOPIC, "ada").manual_comment = "Mine."
        book.db.commit()
    graded(small, "ada", force=True)
    assert signs.MARK in (comments(small, "ada")["double"] or "")

    def without_the_answer(notebook: NotebookNode) -> str:
        ids = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells]
        del notebook.cells[ids.index("double")]
        return v4.writes(notebook)

    small.hand_in("ada", RIGHT, one=small.changed("one", without_the_answer))
    assert graded(small, "ada").signs == ()
    assert comments(small, "ada")["double"] is None
    with small.gradebook() as book:
        assert book.find_comment("double", "one", TOPIC, "ada").manual_comment == "Mine."


def test_what_the_process_was_seen_to_do_is_noted_below_what_nbgrader_says(
    small: SmallClass,
) -> None:
    """No answer was written: nbgrader says so, and the sign comes from a cell before."""

    def runs(data: bytes) -> bytes:
        job = Job.from_bytes(data)
        seen = (Sign(1, "trace", "settrace"),) if job.name == "one" else ()
        return b"ran:" + dataclasses.replace(executed(job), signs=seen).to_bytes()

    def own_cell(notebook: NotebookNode) -> str:
        notebook.cells.insert(1, v4.new_code_cell("mine = 1"))
        return v4.writes(notebook)

    notebook = small.released("one")
    small.hand_in("ada", {}, one=own_cell(notebook))
    (row,) = small.run("ada", runs=runs)
    assert row.signs == ("one",)
    first, *rest = (comments(small, "ada")["double"] or "").splitlines()
    assert first == "No response."
    assert rest[1:] == [
        f"{signs.MARK}code was installed that follows every step of Python (settrace),"
        " when cell [2] ran."
    ]


def test_a_course_may_go_without(small: SmallClass) -> None:
    with (small.root / "nbgrader_config.py").open("a") as file:
        file.write("\nc.Execute.note_signs = False\n")
    small.hand_in("ada", {**RIGHT, "double": PATCHING})
    row = graded(small, "ada")
    assert (row.signs, comments(small, "ada")["double"]) == ((), None)


@pytest.mark.slow
@pytest.mark.sandbox
def test_nbgraders_own_commands_note_them_and_feedback_has_none(small: SmallClass) -> None:
    hiding = (
        "import numpy\ndef double(x):\n    setattr(numpy, 'all' + 'close', max)\n    return 2 * x"
    )
    small.hand_in("ada", {**RIGHT, "double": hiding, "negate": "def negate(x):\n    return -x"})
    small.hand_in("ben", {**RIGHT, "double": PATCHING})
    config = nbgrader_api.load_config(small.root)
    course = nbgrader_api.course_directory(config, root=str(small.root), assignment_id=TOPIC)
    nbgrader_api.autograde(course, config)
    assert small.points("ada") == {**FULL, "explain": 0}
    said = (comments(small, "ada")["double"] or "").splitlines()
    assert all(line.startswith(signs.MARK) for line in said)
    # Both looks see it: the code says where, the process what.
    assert f"{signs.MARK}line 3 of this cell changes numpy." in said
    assert f"{signs.MARK}numpy.allclose was replaced or deleted, when cell [3] ran." in said
    with small.gradebook() as book:
        comment = book.find_comment("double", "one", TOPIC, "ben")
        comment.manual_comment = f"Please see me.\n{comment.auto_comment}"
        book.db.commit()
    nbgrader_api.generate_feedback(course, config)
    for student in ("ada", "ben"):
        page = (small.root / "feedback" / student / TOPIC / "one.html").read_text()
        assert "For the instructor" not in page and "tampering" not in page
        assert "numpy" in page  # the student's own code is there
    assert "Please see me." in page
    graded_notebook = nbformat.read(small.autograded("ada") / "one.ipynb", 4)
    assert "tampering" not in v4.writes(graded_notebook)
