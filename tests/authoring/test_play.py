"""Every part of every notebook is played, and every notebook runs as learners get it."""

from __future__ import annotations

import os
import re
import shutil
import time
from pathlib import Path

import nbclient
import nbformat
import pytest

from curriculum import catalog
from curriculum.authoring.rehearse import Rehearsal, rehearse

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = [(topic.id, name) for topic in catalog.load() for name in topic.notebooks]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=NOTEBOOKS, ids=["/".join(n) for n in NOTEBOOKS])
def rehearsal(request: pytest.FixtureRequest) -> Rehearsal:
    topic, name = request.param
    return rehearse(ROOT / "source" / topic / f"{name}.py")


def test_solutions_stubs_mistakes_and_alternatives_get_what_they_deserve(
    rehearsal: Rehearsal,
) -> None:
    assert not rehearsal.faults, "\n".join(rehearsal.faults)


def test_every_figure_has_a_text_for_those_who_cannot_see_it(rehearsal: Rehearsal) -> None:
    offenders = []
    for cell in rehearsal.executed.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            html = "".join(data.get("text/html", ""))
            if {"image/png", "image/svg+xml", "image/jpeg"} & set(data):
                offenders.append(f"a bare picture, use widgets.show: {cell.source[:80]}")
            for tag in re.findall(r"<img[^>]*>", html):
                alt = re.search(r'alt="([^"]*)"', tag)
                if not alt or len(alt[1]) < 20:
                    offenders.append(f"no alt text, or a short one: {cell.source[:80]}")
            view = "application/vnd.jupyter.widget-view+json"
            if view in data:  # ours give a still picture alone where no learner is
                offenders.append(f"a widget with no still picture: {cell.source[:80]}")
    assert not offenders, "\n".join(offenders)


@pytest.mark.parametrize("topic, name", NOTEBOOKS)
def test_a_release_runs_from_top_to_bottom_before_anything_is_written(
    topic: str, name: str, tmp_path: Path
) -> None:
    notebook = nbformat.read(ROOT / "release" / topic / f"{name}.ipynb", 4)
    run(notebook, tmp_path)


@pytest.mark.parametrize("topic, name", NOTEBOOKS)
def test_a_solved_notebook_runs_within_its_budget(topic: str, name: str, tmp_path: Path) -> None:
    from curriculum.authoring import source as src

    notebook = src.read_notebook(ROOT / "source" / topic / f"{name}.py")
    notebook.cells = [cell for cell in notebook.cells if not src.is_authoring(cell)]
    started = time.monotonic()
    run(notebook, tmp_path)
    took = time.monotonic() - started
    budget = catalog.load()[topic].seconds[name]
    assert took < budget, f"took {took:.0f} s of {budget} s"


def run(notebook: nbformat.NotebookNode, folder: Path) -> None:
    """Run a notebook as nbgrader would, with the network off; an error in a cell is raised."""
    client = nbclient.NotebookClient(
        notebook, timeout=120, resources={"metadata": {"path": str(folder)}}
    )
    environment = {**os.environ, "NBGRADER_EXECUTION": "test", **no_network(folder)}
    client.execute(env=environment)


def no_network(folder: Path) -> dict[str, str]:
    """Make every connection to anything but this machine fail in the kernel's Python.

    Kernels talk to their client over the loopback device, so a namespace of their own would cut
    them off; a `sitecustomize` refuses other addresses instead.
    """
    site = folder / "no_network"
    site.mkdir(exist_ok=True)
    shutil.copy(Path(__file__).with_name("no_network.py"), site / "sitecustomize.py")
    return {"PYTHONPATH": os.pathsep.join([str(site), os.environ.get("PYTHONPATH", "")])}


def test_the_network_is_really_off(tmp_path: Path) -> None:
    cell = nbformat.v4.new_code_cell(
        "import socket\nsocket.create_connection(('192.0.2.1', 80), timeout=2)"
    )
    with pytest.raises(nbclient.exceptions.CellExecutionError, match="network is off"):
        run(nbformat.v4.new_notebook(cells=[cell]), tmp_path)
