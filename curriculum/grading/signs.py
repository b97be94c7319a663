"""Signs of tampering, noted for the instructor: they change no grade.

What the student's process was seen to do (`curriculum.execution.signs`) and what the student's own
code names (`curriculum.grading.naming`) become lines of the comment on an answer. Every such line
begins with `MARK`, by which it is kept from students.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from nbformat import NotebookNode
from nbgrader.utils import is_locked, is_solution, is_task

from curriculum.execution import Ran
from curriculum.grading import naming

MARK = "For the instructor: "
HEAD = (
    "signs of tampering. They change no grade, may be harmless, and are not shown to students:"
    " look at the code."
)
MOST = 12
"""Lines of one comment."""

Lines = dict[str, list[str]]
"""grade_id of an answer → what is noted on it."""

_SENTENCES = {
    "replaced": "{name} was replaced or deleted",
    "overridden": "the kernel's own {name} was replaced",
    "part": "the kernel's {name} was replaced",
    "ast_transformer": "an AST transformer was installed, which can rewrite other cells",
    "input_transformer": "an input transformer was installed, which can rewrite other cells",
    "exception_handler": "a handler of exceptions was installed",
    "event": "a function was registered that runs with other cells ({name})",
    "printer": "how results are written was changed",
    "trace": "code was installed that follows every step of Python ({name})",
    "import_hook": "imports were changed (sys.{name})",
    "gc_callback": "a function was registered that runs with the garbage collector",
    "stream": "sys.{name} was replaced",
    "signal": "{name} is ignored or handled, so that the code can't be stopped",
}
_OURS = re.compile(rf"{re.escape(MARK.strip())}.*", re.MULTILINE)


def noted(ran: Ran, notebook: NotebookNode, released: Sequence[str] = ()) -> Lines:
    """Say what looks like tampering in a notebook that was run, for each answer.

    Parameters
    ----------
    ran : Ran
        What came of running it.
    notebook : NotebookNode
        The same notebook, read.
    released : sequence of str
        Code of the cells as they were handed out, which nobody is to blame for.
    """
    lines: Lines = {}
    handed_out = {code.strip() for code in released}
    own = [_is_students(cell, handed_out) for cell in notebook.cells]
    for sign in ran.signs:
        cell = notebook.cells[sign.cell] if sign.cell < len(notebook.cells) else None
        if cell is not None and sign.kind in _SENTENCES and (own[sign.cell] or is_locked(cell)):
            said = _SENTENCES[sign.kind].format(name=sign.name)
            _add(lines, notebook, sign.cell, f"{said}, when {_place(cell)} ran.")
    codes = {index: cell.source for index, cell in enumerate(notebook.cells) if own[index]}
    for index, line, name in naming.named(codes, released):
        place = _place(notebook.cells[index])
        _add(lines, notebook, index, f"line {line} of {place} {name}.")
    return lines


def _is_students(cell: NotebookNode, handed_out: set[str]) -> bool:
    return (
        cell.cell_type == "code"
        and not is_locked(cell)
        and bool(cell.source.strip())
        and cell.source.strip() not in handed_out
    )


def _place(cell: NotebookNode) -> str:
    if is_solution(cell):
        return "this cell"
    count = cell.get("execution_count")
    return f"cell [{count}]" if isinstance(count, int) else "another cell"


def _add(lines: Lines, notebook: NotebookNode, index: int, line: str) -> None:
    """Note a line on the answer in which something was seen, or else on the one before it."""
    answers = [
        number for number, cell in enumerate(notebook.cells) if is_solution(cell) or is_task(cell)
    ]
    if not answers:
        return
    place = max((number for number in answers if number <= index), default=answers[0])
    said = lines.setdefault(notebook.cells[place].metadata["nbgrader"]["grade_id"], [])
    if line not in said and len(said) < MOST:
        said.append(line)


def with_lines(comment: str | None, lines: Iterable[str]) -> str:
    """Give a comment with lines for the instructor below what it says."""
    said = [comment] if comment else []
    return "\n".join([*said, *(f"{MARK}{line}" for line in (HEAD, *lines))])


def without_lines(comment: str | None) -> str | None:
    """Give a comment without the lines for the instructor; None where nothing is left.

    Parameters
    ----------
    comment : str, optional
        Also one that an instructor has written around such lines.
    """
    if comment is None or MARK.strip() not in comment:
        return comment
    kept = []
    for line in comment.splitlines():
        rest = _OURS.sub("", line)
        if rest == line or rest.strip(" \t>*-_`"):
            kept.append(rest.rstrip() if rest != line else line)
    return "\n".join(kept).strip() or None


def forget(comments: Iterable[Any]) -> None:
    """Take the lines of an earlier run out of nbgrader's own comments."""
    for comment in comments:
        if comment.auto_comment and MARK in comment.auto_comment:
            comment.auto_comment = without_lines(comment.auto_comment)
