"""A notebook run warm has the outputs of one run in a cold ipykernel, cell by cell."""

from __future__ import annotations

import difflib
import functools
import json
from collections.abc import Callable
from dataclasses import dataclass

import faithful
import pytest
from faithful import Session
from nbformat import NotebookNode

pytestmark = [pytest.mark.slow, pytest.mark.sandbox]

#: Its values are drawn anew each time; it has a test of its own.
CHANCE = "chance"
NOTEBOOKS = [name for name in faithful.names() if name != CHANCE]


@dataclass(frozen=True)
class OnPurpose:
    """A cell whose outputs differ, and why that is right."""

    notebook: str
    cell: str
    cold: str
    warm: str
    reason: str


SUPPRESSED = "ERROR: An error occurred while showtraceback was disabled"
SAYS_WHAT = "where no traceback is shown, the student still reads what the error was"
LONE = "text that is no Unicode loses its bad characters, not its cell"
PRELOADED = "what the warm process has imported is there before the notebook imports it"
PICTURES = "figures are ready before the first cell; in a cold kernel, after the one that imports"
NO_HISTORY = "nobody asks for the history of a graded notebook, and none is kept"
OWN_STREAM = "the stream is another one; what Python says of it is the same"
LATER = "a warning about what is being shown stands before it, where it was given"
BITS = "numbers of more than 64 bits don't go over the wire"
SAFE_PATH = "nothing can be imported from the folder that the warm process was started in"
NO_FILE = "there are no sockets, and so no file that describes them"

ON_PURPOSE = [
    OnPurpose("awaiting", "a task group that fails", SUPPRESSED, "ExceptionGroup: ", SAYS_WHAT),
    OnPurpose("failing", "a group", SUPPRESSED, "ExceptionGroup: several", SAYS_WHAT),
    OnPurpose("failing", "a handler of IPython's", SUPPRESSED, "ZeroDivisionError: ", SAYS_WHAT),
    OnPurpose("failing", "tracebacks switched off", SUPPRESSED, "ZeroDivisionError: ", SAYS_WHAT),
    OnPurpose("magics", "an unknown magic", SUPPRESSED, "UsageError: Line magic", SAYS_WHAT),
    OnPurpose("magics", "an unknown cell magic", SUPPRESSED, "UsageError: Cell magic", SAYS_WHAT),
    OnPurpose("magics", "who connects", "shell_port", "Could not get connection info", NO_FILE),
    OnPurpose("looking", "arguments of the kernel itself", "arguments: -f", "rate=0.1", NO_FILE),
    OnPurpose("looking", "of a class", "inspect.py", "_patched_getfile", PRELOADED),
    OnPurpose("warned", "the filters", "ResourceWarning", "SymPyDeprecationWarning", PRELOADED),
    OnPurpose("looking", "the interpreter", "safe_path=False", "safe_path=True", SAFE_PATH),
    OnPurpose("figures", "which backend", "False, 100.0", "True, 100.0", PICTURES),
    OnPurpose(
        "ending", "settings that differ from the defaults", "backend", "interactive", PICTURES
    ),
    OnPurpose("history", "hashes of cells", "(True, True)", "(False, True)", NO_HISTORY),
    OnPurpose("streams", "what is no text", "iostream.py", "shell.py", OWN_STREAM),
    OnPurpose("streams", "after closing", "iostream.py", "shell.py", OWN_STREAM),
    OnPurpose("texts", "not a number in JSON", '"nan": "nan"', '"nan": "nan"', LATER),
    OnPurpose("texts", "big integers in JSON", "1180591620717411303424", "out of range", BITS),
    OnPurpose("texts", "a lone surrogate printed", "ERROR:tornado", "lone ? surrogate", LONE),
    OnPurpose("texts", "in an error", "UnicodeEncodeError", "ValueError", LONE),
    OnPurpose("texts", "displayed", "UnicodeEncodeError", "lone ? surrogate", LONE),
]


@functools.cache
def cold(name: str) -> Session:
    return faithful.normalised(faithful.run_cold(name))


def differing(one: Session, other: Session) -> dict[str, str]:
    """Give the cells whose outputs differ, each with the lines that do."""
    found = {}
    for title in one.cells:
        pair = [session.cells[title].text().splitlines() for session in (one, other)]
        if pair[0] != pair[1]:
            lines = list(difflib.unified_diff(*pair, "one", "other", lineterm="", n=1))
            found[title] = "\n".join([f"--- {title}", *(line[:400] for line in lines[2:40])])
    return found


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_two_cold_runs_are_equal(name: str) -> None:
    """What is left out of the comparison is enough for what differs by itself."""
    again = faithful.normalised(faithful.run_cold(name))
    found = differing(cold(name), again)
    unlike = {known.cell for known in ON_PURPOSE if known.notebook == name}
    assert set(found) <= unlike, "\n".join(found.values())
    assert cold(name).widgets == again.widgets


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_warm_run_equals_a_cold_one(name: str) -> None:
    warm = faithful.normalised(faithful.run_warm(name))
    found = differing(cold(name), warm)
    for known in ON_PURPOSE:
        if known.notebook == name:
            texts = [run.cells[known.cell].text() for run in (cold(name), warm)]
            assert known.cold in texts[0], f"{known.cell}: {texts[0][:2000]}"
            assert known.warm in texts[1], f"{known.cell}: {texts[1][:2000]}"
            found.pop(known.cell)
    assert not found, "\n".join(found.values())
    assert cold(name).widgets == warm.widgets


def drawn(run: Callable[[str], NotebookNode]) -> dict[str, object]:
    """Give the random numbers of one run."""
    notebook = run(CHANCE)
    texts = ["".join(o.get("text", "") for o in cell.outputs) for cell in notebook.cells[:2]]
    in_cell, in_child = (json.loads(text) for text in texts)
    return {**in_cell, **{f"in a child: {n}": value for n, value in enumerate(in_child)}}


def test_what_is_random_in_a_cold_kernel_is_random_and_what_is_fixed_is_the_same() -> None:
    first, second = drawn(faithful.run_cold), drawn(faithful.run_cold)
    one, other = drawn(faithful.run_warm), drawn(faithful.run_warm)
    wrong = [
        name
        for name, value in first.items()
        if (value == second[name]) != (one[name] == other[name])
        or (value == second[name] and value != one[name])
    ]
    assert wrong == []
    assert sum(first[name] == second[name] for name in first) >= 3


def test_hashes_of_text_are_fixed_for_all_forks_of_a_process() -> None:
    """The one thing that a fork can't draw anew: nothing may depend on it, as in any Python."""
    reports = [faithful.run_warm(CHANCE).cells[2].outputs[0].data["text/plain"] for _ in range(2)]
    assert reports == ["True", "True"]
