"""What an executed cell earns: nbgrader's rules, with the differences that the docs list."""

from __future__ import annotations

import pytest
from nbformat import NotebookNode, v4
from nbgrader.utils import determine_grade
from small_class import FULL, NEGATE, RIGHT, SmallClass

from curriculum.grading import scores

ERROR = v4.new_output("error", ename="E", evalue="no", traceback=["no"])
STDERR = v4.new_output("stream", name="stderr", text="mind this")
STDOUT = v4.new_output("stream", name="stdout", text="7.5")
FIGURE = v4.new_output("display_data", {"image/png": "x", "text/plain": "<Figure>"})


def result(text: str) -> NotebookNode:
    return v4.new_output("execute_result", {"text/plain": text}, execution_count=1)


def graded(*outputs: NotebookNode, count: int | None = 1, source: str = "f()") -> NotebookNode:
    meta = {"grade": True, "solution": False, "locked": True, "points": 5, "grade_id": "t"}
    return v4.new_code_cell(
        source, outputs=list(outputs), execution_count=count, metadata={"nbgrader": meta}
    )


SAME = {
    "nothing said": (graded(), 5),
    "printed": (graded(STDOUT), 5),
    "a figure": (graded(FIGURE), 5),
    "an error": (graded(ERROR), 0),
    "an error after text": (graded(STDOUT, FIGURE, ERROR), 0),
    "part": (graded(result("2.5")), 2.5),
    "none": (graded(result("0")), 0),
    "all": (graded(result("5.0")), 5),
    "small": (graded(result("1e-3")), 0.001),
    "printed and part": (graded(STDOUT, result("1")), 1),
    "no number": (graded(result("'well done'")), 5),
    "a tuple": (graded(result("(1, 5)")), 5),
    "nothing to run": (graded(count=None, source="  \n"), 5),
}


@pytest.mark.parametrize(("cell", "points"), SAME.values(), ids=SAME)
def test_as_nbgrader(cell: NotebookNode, points: float) -> None:
    assert scores.points(cell) == (points, 5)
    assert determine_grade(cell) == (points, 5)


DIFFERENT = {
    "a warning": (graded(STDERR), 5),
    "a warning and part": (graded(STDERR, result("2")), 2),
    "below nothing": (graded(result("-1")), 0),
    "more than all": (graded(result("5.1")), 0),
    "endless": (graded(result("inf")), 0),
    "not a number": (graded(result("nan")), 0),
    "part, then an error": (graded(result("5"), ERROR), 0),
    "never run": (graded(count=None), 0),
}


@pytest.mark.parametrize(("cell", "points"), DIFFERENT.values(), ids=DIFFERENT)
def test_unlike_nbgrader_on_purpose(cell: NotebookNode, points: float) -> None:
    assert scores.points(cell) == (points, 5)
    try:
        stock = determine_grade(cell)
    except ValueError:
        return
    assert stock != (points, 5)


@pytest.mark.parametrize("data", [{}, {"text/plain": ["2"]}, {"text/plain": ["2", "3"]}])
def test_results_of_other_shapes(data: dict) -> None:
    cell = graded()
    cell.outputs = [NotebookNode(output_type="execute_result", data=NotebookNode(data))]
    wanted = 2.0 if data.get("text/plain") == ["2"] else 5.0
    assert scores.points(cell) == (wanted, 5)


def test_answers_in_words_wait_for_a_person() -> None:
    meta = {"grade": True, "solution": True, "locked": False, "points": 4, "grade_id": "w"}
    cell = v4.new_markdown_cell("An answer.", metadata={"nbgrader": meta})
    assert scores.points(cell) == (None, 4)


@pytest.mark.parametrize(
    ("answer", "points"),
    [
        ("import sys\ndef double(x):\n    print('hm', file=sys.stderr)\n    return 2 * x", 2.0),
        ("class N(int):\n    __eq__ = lambda s, o: 40\ndef double(x):\n    return N(x)", 0.0),
        ("class N(int):\n    __eq__ = lambda s, o: -3\ndef double(x):\n    return N(x)", 0.0),
    ],
    ids=["stderr", "too much", "negative"],
)
def test_in_the_gradebook(small: SmallClass, answer: str, points: float) -> None:
    small.hand_in("ada", {**RIGHT, **NEGATE, "double": answer})
    assert small.grade()["ada"].verdict == "graded"
    assert small.points("ada") == FULL | {"double_test": points, "explain": 0.0}


def test_a_test_that_was_not_run_earns_nothing(small: SmallClass) -> None:
    """Wherever it ran: the answer of the worker says that this cell was skipped."""

    def skip(notebook) -> None:
        notebook.cells[4].metadata.tags = ["skip"]

    small.hand_in("ada", one=small.changed("one", skip))
    small.grade()
    assert small.points("ada")["triple_test"] == 0
