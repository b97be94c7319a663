"""Check a notebook where the course is not: in a class, hidden tests stay with the instructor."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

import nbclient
import nbformat

from curriculum import catalog
from curriculum.grading.alone import Progress
from curriculum.grading.nbgrader_api import GradingError
from curriculum.grading.results import Attempt, NotebookResult, read_results, read_work


def check(
    topic: str,
    *,
    work: Path,
    notebook: str | None = None,
    progress: Progress = lambda doing, done, total: None,
) -> Attempt:
    """Run what a learner has saved and read its visible checks; nothing is kept or changed.

    Parameters
    ----------
    topic, notebook, progress
        As in `curriculum.grading.alone.check`.
    work : Path
        The folder that holds the topic's folder, as `nbgrader fetch` made it.

    Raises
    ------
    CatalogError, GradingError
        In one sentence: what is wrong, where, and what to do.
    """
    entry = catalog.load()[topic]
    names = [notebook] if notebook else list(entry.notebooks)
    results = []
    for number, name in enumerate(names):
        progress(f"Running {name}", number, len(names))
        results.append(_run(work / topic / f"{name}.ipynb", name))
    progress("Done", len(names), len(names))
    now = datetime.now().astimezone().isoformat(timespec="seconds")
    return Attempt(topic, str(work / topic), now, results)


def _run(path: Path, name: str) -> NotebookResult:
    ran = nbformat.reads(read_work(path), 4)
    client = nbclient.NotebookClient(
        ran,
        timeout=120,
        allow_errors=True,
        extra_arguments=["--log-level=40"],
        resources={"metadata": {"path": str(path.parent)}},
    )
    try:
        client.execute(env={**os.environ, "NBGRADER_EXECUTION": "validate"})
    except (nbclient.exceptions.CellTimeoutError, nbclient.exceptions.DeadKernelError) as error:
        reason = str(error).split("\n")[0]
        raise GradingError(f"{path.name} could not be run to its end: {reason}") from None
    return NotebookResult(name, list(read_results(ran)), feedback="", hidden=False)
