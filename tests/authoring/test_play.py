"""Every part of every notebook is played, and every notebook runs as learners get it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from curriculum import catalog, execution
from curriculum.authoring.rehearse import Rehearsal, rehearse, rehearse_apart
from curriculum.execution import preload

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = [(topic.id, name) for topic in catalog.load() for name in topic.notebooks]

pytestmark = pytest.mark.slow

CAME_THROUGH = "the mistake gets full points"


@pytest.fixture(scope="module", params=NOTEBOOKS, ids=["/".join(n) for n in NOTEBOOKS])
def rehearsal(request: pytest.FixtureRequest) -> Rehearsal:
    topic, name = request.param
    return played(rehearse, ROOT / "source" / topic / f"{name}.py")


def played(play: Callable[[Path], Rehearsal], path: Path) -> Rehearsal:
    """Play a notebook; once more where a mistake came through, as a slow one may on a busy machine.

    A right answer must not lose a point, not even once.
    """
    rehearsal = play(path)
    slipped = [fault for fault in rehearsal.faults if fault.endswith(CAME_THROUGH)]
    return play(path) if slipped == rehearsal.faults != [] else rehearsal


def test_solutions_stubs_mistakes_and_alternatives_get_what_they_deserve(
    rehearsal: Rehearsal,
) -> None:
    assert not rehearsal.faults, "\n".join(rehearsal.faults)


@pytest.mark.sandbox
def test_tests_in_a_process_of_their_own_give_the_same_points(rehearsal: Rehearsal) -> None:
    apart = played(rehearse_apart, rehearsal.path)
    assert not apart.faults, "\n".join(apart.faults)
    if earned(apart) != earned(rehearsal):  # a mistake may seem slow on a busy machine, too
        apart = rehearse_apart(rehearsal.path)
    assert earned(apart) == earned(rehearsal)
    assert apart.signs == (), "what people write in good faith must not look like tampering"


def earned(rehearsal: Rehearsal) -> list[tuple[str, str, str, float]]:
    return [(part.exercise, part.kind, part.name, part.points) for part in rehearsal.played]


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


@pytest.mark.sandbox
@pytest.mark.parametrize("topic, name", NOTEBOOKS)
def test_a_release_runs_from_top_to_bottom_before_anything_is_written(
    topic: str, name: str
) -> None:
    run(nbformat.read(ROOT / "release" / topic / f"{name}.ipynb", 4))


@pytest.mark.sandbox
@pytest.mark.parametrize("topic, name", NOTEBOOKS)
def test_a_solved_notebook_runs_within_its_budget(topic: str, name: str) -> None:
    from curriculum.authoring import source as src

    notebook = src.read_notebook(ROOT / "source" / topic / f"{name}.py")
    notebook.cells = [cell for cell in notebook.cells if not src.is_authoring(cell)]
    took = run(notebook)
    budget = catalog.load()[topic].seconds[name]
    assert took < budget, f"took {took:.0f} s of {budget} s"


def run(notebook: nbformat.NotebookNode) -> float:
    """Run a notebook in the sandbox, which has no network; gives the seconds that it took."""
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    job = execution.Job(
        "notebook", json.dumps(notebook).encode(), preload=preload.modules(code), threads=1
    )
    ran = execution.execute(job)
    assert ran.facts["warm"], ran.facts.get("why_cold")
    assert not ran.stops
    said = [
        f"{output.ename}: {output.evalue}\n{cell.source[:200]}"
        for cell in nbformat.reads(ran.notebook.decode(), 4).cells
        for output in cell.get("outputs", [])
        if output.output_type == "error"
    ]
    assert not said, "\n".join(said)
    return ran.facts["seconds"]
