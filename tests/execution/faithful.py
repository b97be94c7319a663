"""One notebook run two ways, and its outputs in a form in which equal runs are equal.

The notebooks stand in `notebooks/*.ipy`: cells in the py:percent form, each with a title, magics
as they are typed.
"""

from __future__ import annotations

import copy
import json
import os
import re
import signal
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import nbformat
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode
from nbgrader.preprocessors import Execute

from curriculum.execution import Job, execute, preload
from curriculum.sandbox.limits import Limits

NOTEBOOKS = Path(__file__).with_name("notebooks")

FILES: dict[str, bytes] = {
    "data.csv": b"a,b\n1,2\n",
    "helper.py": (
        b'"""Stands beside the notebook."""\n'
        b"import warnings\n\n\n"
        b"def twice(x):\n    return 2 * x\n\n\n"
        b'def warns():\n    warnings.warn("from a module")\n\n\n'
        b"def fails(n):\n    return n / 0\n"
    ),
    "sub/__init__.py": b"",
    "sub/inner.py": b"VALUE = 'inner'\n",
}
"""What is handed in beside each notebook."""


ENVIRONMENT = {
    "NBGRADER_EXECUTION": "autograde",
    "LANG": "C.UTF-8",
    "TZ": "UTC",
    "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
}
"""As an instructor with an active environment has it."""

PRELOADED = preload.modules(
    [
        "import matplotlib.pyplot, numpy, pandas, scipy.optimize, scipy.stats, sklearn, torch",
        "import sklearn.cluster, sklearn.ensemble, sklearn.linear_model, sklearn.model_selection",
        "import ipywidgets, joblib, curriculum.checks, curriculum.learner, curriculum.widgets",
    ]
)
"""As much as a topic may want: what a notebook does not import must not show either."""

LIMITS = Limits(memory_mb=4096, output_mb=64, processes=256)


@dataclass(frozen=True)
class Rule:
    """A difference between two runs that means nothing."""

    pattern: str
    instead: str
    reason: str

    def __call__(self, text: str) -> str:
        return re.sub(self.pattern, self.instead, text)


RANDOM_NAME = re.compile(
    r"(?<![0-9a-f])(?:[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?![0-9a-f])"
)
WIDGETS = "application/vnd.jupyter.widget-state+json"
DURATION = r"\d+(?:\.\d+)?(?:e[+-]\d+)? ?(?:ns|[µμu]s|ms|s|min|h)\b"

RULES = (
    Rule(r"\b0x[0-9a-f]{6,16}\b", "0xADDRESS", "objects lie where there is room"),
    Rule(r"ipykernel_\d+", "ipykernel_N", "cells' files are named by the kernel's process"),
    Rule(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?",
        "TIMESTAMP",
        "Matplotlib writes when an SVG was made",
    ),
    Rule(rf"{DURATION} ± {DURATION} per loop", "TIME ± TIME per loop", "%timeit measures"),
    Rule(
        rf"(?m)^(?:(CPU times): .*|(Wall time): {DURATION})$",
        r"\1\2 TIME",
        "%time measures, and leaves out what was 0",
    ),
    Rule(r"(?m)^(Ran \d+ tests? in) [\d.]+s$", r"\1 TIME", "unittest measures"),
    Rule(r"(?m)^Compiler? *time: .*\n", "", "%time says so only where parsing took over 0.1 s"),
    Rule(r"(?<=Task-)\d+", "N", "asyncio counts all tasks, the kernel's own among them"),
    Rule(r"(?<=Thread-)\d+", "N", "Python counts all threads, the kernel's own among them"),
    Rule(r"(Process|[Ww]orker)-\d+(?::\d+)?", r"\1-N", "Python counts all processes"),
    Rule(r"\b(pid|parent|process)([= ])\d+", r"\1\2N", "a process has another number each time"),
)
"""Every normalisation of text, with its reason; `normalised` has those of structure."""


@dataclass(frozen=True)
class Cell:
    """A cell of a notebook that was run."""

    title: str
    count: int | None
    outputs: list[dict[str, Any]]

    def text(self) -> str:
        """Give the cell for people to compare line by line."""
        return json.dumps([self.count, self.outputs], indent=1, ensure_ascii=False, sort_keys=True)


@dataclass(frozen=True)
class Session:
    """A notebook that was run."""

    cells: dict[str, Cell]
    widgets: list[str]
    raw: NotebookNode


def names() -> list[str]:
    """List the notebooks."""
    return sorted(path.stem for path in NOTEBOOKS.glob("*.ipy"))


def read(name: str) -> NotebookNode:
    """Read a notebook; a cell's title is in its metadata."""
    pieces = re.split(r"^# %% (.+)\n", (NOTEBOOKS / f"{name}.ipy").read_text(), flags=re.M)
    cells = []
    for title, text in zip(pieces[1::2], pieces[2::2], strict=True):
        cell = nbformat.v4.new_code_cell(text.strip("\n"), metadata={"title": title})
        cell.id = f"cell-{len(cells)}"
        cells.append(cell)
    assert pieces[0] == "" and len({cell.metadata.title for cell in cells}) == len(cells), name
    spec = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": spec})


def run_cold(name: str, *, seconds: int = 120) -> NotebookNode:
    """Run a notebook as stock nbgrader does: in a new ipykernel, with stock settings."""
    notebook = copy.deepcopy(read(name))
    with tempfile.TemporaryDirectory(prefix="cold-") as folder:
        write_files(Path(folder), FILES)
        resources = {"metadata": {"path": folder}}
        # A program in a shell's background ignores it, and so do all that it starts.
        signal.signal(signal.SIGQUIT, signal.SIG_DFL)
        with mock.patch.dict(os.environ, ENVIRONMENT):
            os.environ.pop("PYTEST_CURRENT_TEST", None)  # ipykernel captures less where it is set
            os.environ.pop("COLUMNS", None)  # of pytest's own terminal
            try:
                Execute(timeout=seconds).preprocess(notebook, resources)
            except DeadKernelError:
                notebook.metadata["kernel_died"] = True
        places = {os.path.realpath(folder): "WORK"}
    notebook.metadata["places"] = places
    return notebook


def run_warm(name: str, limits: Limits = LIMITS) -> NotebookNode:
    """Run a notebook as graded notebooks are."""
    notebook = read(name)
    titles = [cell.metadata.title for cell in notebook.cells]
    job = Job(name, nbformat.writes(notebook).encode(), FILES, limits, PRELOADED)
    ran = execute(job)
    done = nbformat.reads(ran.notebook.decode(), 4)
    assert ran.facts["warm"], ran.facts
    for cell, title in zip(done.cells, titles, strict=True):
        cell.metadata.title = title
    done.metadata["places"] = {"/home/learner/work": "WORK", "~/work": "WORK", "/home/learner": "~"}
    return done


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write what was handed in with a notebook."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def normalised(notebook: NotebookNode) -> Session:
    """Give the outputs of a notebook without what differs between two equal runs."""
    # IPython writes a home as ~, and a graded notebook has one of its own.
    places = {**notebook.metadata["places"], os.path.expanduser("~"): "~"}
    names: dict[str, str] = {}
    cells = {}
    for cell in notebook.cells:
        outputs = [_deep(_short(output), places, names) for output in _joined(cell.outputs)]
        title = cell.metadata.title
        cells[title] = Cell(title, cell.execution_count, outputs)
    return Session(cells, _widgets(notebook), notebook)


def _joined(outputs: list[NotebookNode]) -> list[dict[str, Any]]:
    """Join what a stream wrote between two outputs of other kinds.

    In how many pieces text arrives, and how stdout's and stderr's take turns, depends on time.
    """
    joined: list[dict[str, Any]] = []
    streams: dict[str, dict[str, Any]] = {}
    for output in outputs:
        if output.output_type != "stream":
            streams.clear()
            joined.append(json.loads(json.dumps(output)))
        elif output.name in streams:
            streams[output.name]["text"] += output.text
        else:
            streams[output.name] = dict(output)
            joined.append(streams[output.name])
            joined[-len(streams) :] = sorted(joined[-len(streams) :], key=lambda o: o["name"])
    return joined


def _short(output: dict[str, Any]) -> dict[str, Any]:
    """Keep each frame of a long traceback once.

    How many calls fit before Python stops a recursion depends on how many are the kernel's own.
    """
    if len(output.get("traceback", [])) < 100:
        return output
    return {**output, "traceback": list(dict.fromkeys(output["traceback"]))}


def _widgets(notebook: NotebookNode) -> list[str]:
    """List the widgets' states without their names, which are random, as is their order."""
    kept = notebook.metadata.get("widgets", {}).get(WIDGETS, {"state": {}})["state"]
    states = [json.dumps(state, sort_keys=True) for state in kept.values()]
    return sorted(RANDOM_NAME.sub("NAME", state) for state in states)


def _deep(value: Any, places: dict[str, str], names: dict[str, str]) -> Any:
    if isinstance(value, str):
        return _text(value, places, names)
    if isinstance(value, dict):
        return {_text(k, places, names): _deep(v, places, names) for k, v in value.items()}
    if isinstance(value, list):
        return [_deep(v, places, names) for v in value]
    return value


def _text(text: str, places: dict[str, str], names: dict[str, str]) -> str:
    for place, called in places.items():
        text = text.replace(place, called)
    for rule in RULES:
        text = rule(text)
    # Widgets and displays have random names; equal names stay equal.
    return RANDOM_NAME.sub(lambda match: names.setdefault(match[0], f"NAME-{len(names)}"), text)
