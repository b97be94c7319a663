"""Feedback says what came of a hidden test, and quotes no line of it."""

from __future__ import annotations

import json
import linecache
import sys
import textwrap

import page_maker
import pytest
from hostile import notebook
from IPython.core import ultratb
from nbconvert.filters import strip_ansi
from nbformat import NotebookNode, v4

from curriculum.grading.feedback import hidden
from curriculum.grading.preprocessors import HideFromLearners

ANSWER = "def double(x):\n    if x == 3:\n        return helper(x)\n    return x + x\n"
HELPER = "def helper(x):\n    return x / 0\n"
HIDDEN = [
    "# hidden-7c1f53",
    "inputs = [3, 5, 2 ** 10]",
    "for number in inputs:",
    "    assert double(number) == number + number, 'twice a number is the number and itself'",
    "assert double(-1) == -2",
]
TEST = "\n".join(
    ["assert double(2) == 4, 'two'", "### BEGIN HIDDEN TESTS", *HIDDEN, "### END HIDDEN TESTS"]
)
PUBLIC_LINE = TEST.splitlines()[0]
SECRETS = [line.strip() for line in HIDDEN]


def test_cell(*outputs: NotebookNode, source: str = TEST) -> NotebookNode:
    meta = {"grade_id": "double_test", "grade": True, "locked": True, "solution": False,
            "points": 2, "score": 0, "schema_version": 3}  # fmt: skip
    return v4.new_code_cell(source, metadata={"nbgrader": meta}, outputs=list(outputs))


test_cell.__test__ = False  # type: ignore[attr-defined]


def hide(*cells: NotebookNode, answer: str = ANSWER) -> NotebookNode:
    made = notebook(v4.new_code_cell(answer), *cells)
    return HideFromLearners().preprocess(made, {})[0]


def text_of(made: NotebookNode) -> str:
    return page_maker.read(page_maker.make("feedback", made)).get_text()


def raised(source: str, answer: str, mode: str) -> NotebookNode:
    """Run a test, and give what IPython would put out."""
    space: dict[str, object] = {}
    for name, text in (("answer", answer), ("test", source)):
        file = f"/tmp/ipykernel_1/{name}.py"
        linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
        try:
            exec(compile(text, file, "exec"), space)
        except Exception as error:
            found = sys.exc_info()
            formatter = ultratb.AutoFormattedTB(mode=mode, theme_name="neutral")
            lines = formatter.structured_traceback(*found)
            message = str(error)
            return v4.new_output(
                "error", ename=type(error).__name__, evalue=message, traceback=lines
            )
    raise AssertionError("nothing was raised")


def no_secret(text: str) -> bool:
    bare = "".join(strip_ansi(text).split())
    return not any("".join(secret.split()) in bare for secret in SECRETS)


@pytest.mark.parametrize("mode", ["Plain", "Context", "Verbose", "Minimal"])
def test_a_traceback_of_a_hidden_assert_says_type_and_message(mode: str) -> None:
    output = raised(TEST, "def double(x):\n    return 4\n", mode)
    before = "\n".join(output.traceback)
    assert mode == "Minimal" or not no_secret(before), "else this shows nothing"
    made = hide(test_cell(output))
    told = "\n".join(made.cells[1].outputs[0].traceback)
    assert told.splitlines() == [
        "AssertionError: twice a number is the number and itself",
        "    in a hidden test",
    ]
    assert no_secret(text_of(made))


@pytest.mark.parametrize("mode", ["Context", "Verbose"])
def test_the_line_of_the_learners_own_function_stays(mode: str) -> None:
    answer = HELPER + ANSWER
    made = hide(test_cell(raised(TEST, answer, mode)), answer=answer)
    told = made.cells[1].outputs[0].traceback[0].splitlines()
    assert told[:2] == ["ZeroDivisionError: division by zero", "    in a hidden test"]
    assert told[2:] == [
        "    line 5 of your cell: return helper(x)",
        "    line 2 of your cell: return x / 0",
    ]


def test_the_place_that_comes_from_the_other_process_stays() -> None:
    lines = ["ZeroDivisionError: division by zero", "line 2, in helper: return x / 0",
             "line 3, in <module>: assert double(-1) == -2"]  # fmt: skip
    output = v4.new_output(
        "error", ename="ZeroDivisionError", evalue="division by zero", traceback=lines
    )
    made = hide(test_cell(output), answer=HELPER + ANSWER)
    assert made.cells[1].outputs[0].traceback[0].splitlines()[2:] == [
        "    line 2 of your cell: return x / 0"
    ]


def test_a_visible_assert_is_quoted() -> None:
    output = raised(TEST, "def double(x):\n    return 0\n", "Context")
    made = hide(test_cell(output))
    assert made.cells[1].outputs[0].traceback[0].splitlines() == [
        "AssertionError: two",
        f"    line 1 of this test: {PUBLIC_LINE}",
    ]


def test_a_test_without_a_hidden_part_keeps_its_traceback() -> None:
    output = raised(PUBLIC_LINE, "def double(x):\n    return 0\n", "Context")
    kept = "\n".join(output.traceback)
    made = hide(test_cell(output, source=PUBLIC_LINE), test_cell())
    assert made.cells[1].outputs[0].traceback == [kept]


def test_chained_exceptions_are_told_by_the_last() -> None:
    source = TEST.replace(
        HIDDEN[-1], "try:\n    inputs[77]\nexcept IndexError:\n    raise ValueError('second part')"
    )
    output = raised(source, "def double(x):\n    return x + x\n", "Context")
    made = hide(test_cell(output, source=source))
    told = "\n".join(made.cells[1].outputs[0].traceback)
    assert told.splitlines() == ["ValueError: second part", "    in a hidden test"]


def test_a_syntax_error_in_a_hidden_test_shows_no_text() -> None:
    source = TEST.replace(HIDDEN[-1], "assert double(-1) === -2")
    lines = ["  Cell In[3], line 8\n    assert double(-1) === -2\n                         ^\n"]
    output = v4.new_output(
        "error", ename="SyntaxError", evalue="invalid syntax (3.py, line 8)", traceback=lines
    )
    made = hide(test_cell(output, source=source))
    assert made.cells[1].outputs[0].traceback[0].splitlines() == [
        "SyntaxError: invalid syntax (3.py, line 8)",
        "    in a hidden test",
    ]


def test_a_message_that_quotes_the_test_is_left_out() -> None:
    message = f"assert -1 == -2\n +  where -1 = double(-1)\n> {HIDDEN[-1]}\nE  and so on"
    output = v4.new_output("error", ename="AssertionError", evalue=message, traceback=[message])
    told = hide(test_cell(output)).cells[1].outputs[0].traceback[0]
    assert told.startswith("AssertionError: assert -1 == -2\n +  where -1 = double(-1)\n(left out")
    assert "and so on" in told
    assert no_secret(told)


QUOTES = {
    "as it is": "\n".join(HIDDEN),
    "repr": repr("\n".join(HIDDEN)),
    "json": json.dumps({"test": HIDDEN}),
    "numbered": "\n".join(f"\x1b[32m{n:4}\x1b[39m {line}" for n, line in enumerate(HIDDEN)),
    "quoted": textwrap.indent("\n".join(HIDDEN), "> "),
    "word by word": HIDDEN[-1].replace(" ", "\n"),
    "asserted": "double(-1) == -2",
    "frame": f"code_context=['{HIDDEN[3].strip()}']",
}
KINDS = ["stream", "text/plain", "text/html", "text/markdown", "error"]


@pytest.mark.parametrize(
    ("kind", "how"),
    # What a report of checks says, as HTML, may be written as an expression of the test is.
    [(kind, how) for kind in KINDS for how in QUOTES if (kind, how) != ("text/html", "asserted")],
)
def test_what_code_looked_up_of_the_test_is_left_out(kind: str, how: str) -> None:
    """In the cell of the test, and in one of the learner's that runs after it."""

    def output() -> NotebookNode:
        text = f"before\n{QUOTES[how]}\nafter"
        if kind == "stream":
            return v4.new_output("stream", text=text)
        if kind == "error":
            return v4.new_output("error", ename="E", evalue=text, traceback=[text])
        data = {kind: f"<pre>{text}</pre>" if kind == "text/html" else text}
        return v4.new_output("display_data", data=data)

    made = hide(test_cell(output()), v4.new_code_cell("print(In)", outputs=[output()]))
    assert no_secret(text_of(made))
    assert "double(-1) == -2" not in text_of(made)
    assert hidden.LEFT_OUT in text_of(made)


def test_what_a_function_prints_while_it_is_tested_stays_up_to_a_length() -> None:
    made = hide(test_cell(v4.new_output("stream", text="my x is 3\n" + "x" * 10_000)))
    said = made.cells[1].outputs[0].text
    assert said.startswith("my x is 3\n")
    assert len(said) < 5_000
    assert said.endswith("left out)")


def test_a_message_for_learners_is_told_though_it_stands_in_the_test() -> None:
    source = "\n".join(
        ["### BEGIN HIDDEN TESTS", "checks.that(", "    double(0) == 0,",
         '    "Twice nothing is nothing, whatever the sign is."', ")", "### END HIDDEN TESTS"]
    )  # fmt: skip
    message = "Twice nothing is nothing, whatever the sign is."
    output = v4.new_output("display_data", data={"text/html": f"<p>{message}</p>"})
    stream = v4.new_output("stream", text=message)
    made = hide(test_cell(output, stream, source=source))
    assert text_of(made).count(message) == 2


def test_honest_outputs_are_left_alone() -> None:
    texts = ["inputs", "[3, 5, 1024]", "AssertionError", "number", "2 ** 10 = 1024\nassert"]
    cells = [v4.new_code_cell("x", outputs=[v4.new_output("stream", text=t)]) for t in texts]
    made = hide(test_cell(), *cells)
    assert [cell.outputs[0].text for cell in made.cells[2:]] == texts


def test_marks_are_found_as_nbgrader_finds_them() -> None:
    text = (
        "a\n    # BEGIN HIDDEN TESTS please\nb\n    #END HIDDEN TESTS\nc\n### BEGIN HIDDEN TESTS\nd"
    )
    assert hidden.parts(text, "BEGIN HIDDEN TESTS", "END HIDDEN TESTS") == (
        "a\nc",
        "b\nd",
        frozenset({2, 3, 4, 6, 7}),
    )


def test_the_formgrader_shows_the_whole_test() -> None:
    assert "hidden-7c1f53" in page_maker.make("formgrade", notebook(test_cell()))
