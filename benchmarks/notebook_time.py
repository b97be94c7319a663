"""What each notebook takes to run with the reference solutions, in a kernel of its own.

Baseline: a notebook that only has the import statements of the same cells, in a fresh kernel too.
So the ratio says how much of the wait is the notebook's own work. Each is run once, from the start
of the kernel to the answer to its last cell, with one thread for each library, as notebooks are
graded.

Run: `python -m benchmarks.notebook_time [topic ...]` (or `make bench`).
"""

from __future__ import annotations

import argparse
import ast
import copy
import os
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import nbclient
import nbformat
from nbformat import NotebookNode

from curriculum.authoring import source as src
from curriculum.authoring.rehearse import ONE_THREAD

SOURCE = Path(__file__).resolve().parent.parent / "source"


def solved(notebook: NotebookNode) -> NotebookNode:
    """Return a notebook as it is run here: solutions and tests, no mistakes and alternatives."""
    found = copy.copy(notebook)
    found.cells = [copy.deepcopy(c) for c in notebook.cells if not src.is_authoring(c)]
    return found


def imports(cells: Iterable[str]) -> str:
    """Return the import statements of some code, each once, in the order they come.

    Parameters
    ----------
    cells : iterable of str
        Plain Python, cell by cell; imports inside functions and blocks count too, for they run.

    Returns
    -------
    str
        One statement a line.
    """
    found: dict[str, None] = {}
    for cell in cells:
        for node in ast.walk(ast.parse(cell)):
            if isinstance(node, ast.Import | ast.ImportFrom):
                found[ast.unparse(node)] = None
    return "\n".join(sorted(found, key=lambda line: "__future__" not in line))


def seconds(notebook: NotebookNode, folder: Path) -> float:
    """Run a notebook in a kernel of its own; return the wall seconds.

    The kernel's start counts; its end, which nobody waits for, does not.

    Raises
    ------
    nbclient.exceptions.CellExecutionError
        A cell raises.
    """
    client = nbclient.NotebookClient(
        notebook,
        timeout=600,
        extra_arguments=["--log-level=40"],
        resources={"metadata": {"path": str(folder)}},
    )
    began = time.perf_counter()
    with client.setup_kernel(env={**os.environ, **ONE_THREAD, "NBGRADER_EXECUTION": "benchmark"}):
        for number, cell in enumerate(notebook.cells):
            client.execute_cell(cell, number)
        return time.perf_counter() - began


def measure(path: Path) -> tuple[float, float]:
    """Return the seconds of a notebook with its solutions, and of its imports alone."""
    notebook = solved(src.read_notebook(path))
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    bare = nbformat.v4.new_notebook(metadata=notebook.metadata)
    bare.cells = [nbformat.v4.new_code_cell(imports(code))]
    # The bare one first: it also brings the libraries' files into the page cache for both.
    baseline = seconds(bare, path.parent)
    return seconds(notebook, path.parent), baseline


def main(arguments: Sequence[str] = ()) -> None:
    """Measure some topics, or all of them, and print the table."""
    topics = sorted(folder.name for folder in SOURCE.iterdir() if list(folder.glob("[0-9]_*.py")))
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("topics", nargs="*", metavar="topic", help=f"of {', '.join(topics)}")
    asked = parser.parse_args(arguments).topics
    if unknown := set(asked) - set(topics):
        parser.error(f"no such topic: {', '.join(sorted(unknown))}")
    print(f"{'notebook':32} {'solved':>8} {'imports':>8} {'ratio':>6}")
    for topic in asked or topics:
        total = base = 0.0
        for path in sorted((SOURCE / topic).glob("[0-9]_*.py")):
            took, baseline = measure(path)
            total, base = total + took, base + baseline
            line(f"{topic}/{path.stem}", took, baseline)
        line(f"{topic}, all", total, base)


def line(name: str, took: float, baseline: float) -> None:
    """Print a line of the table."""
    print(f"{name:32} {took:6.2f} s {baseline:6.2f} s {took / baseline:6.1f}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
