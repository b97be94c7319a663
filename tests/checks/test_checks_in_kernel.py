"""A test cell in a real kernel: what nbgrader reads, and what it must not see."""

from __future__ import annotations

import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.utils import determine_grade

from curriculum.checks import MIME

pytestmark = pytest.mark.slow

LEARNER = """
import logging, os, subprocess, sys, warnings
import numpy as np
logging.basicConfig()
old = sys.stderr
%precision 2

def noisy(x):
    logging.warning("logged")
    warnings.warn("warned")
    np.log(np.zeros(2))
    print("printed")
    print("kept", file=old)
    sys.stderr.write("direct")
    os.write(2, b"below")
    subprocess.run([sys.executable, "-c", "import sys; sys.stderr.write('child')"])
    return np.float64(2) * x

def leaves(x):
    sys.exit(1)

def stub(x):
    raise NotImplementedError()
"""

TEST = """
from curriculum import checks
check = checks.start("noisy")
with check("doubles", points=2):
    checks.close(noisy(2.0), 4.0)
with check("triples", points=1):
    checks.close(noisy(2.0), 6.0, given="x = 2")
with check("stays", points=1):
    checks.close(leaves(2.0), 6.0)
with check("exists", points=1):
    checks.close(missing(2.0), 6.0)
check.report()
"""

STUBS = """
check = checks.start("stub")
with check("one", points=2):
    checks.close(stub(2.0), 4.0)
check.report()
"""


KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)"}}


def graded_cell(source: str, points: float):
    cell = new_code_cell(source)
    cell.metadata["nbgrader"] = {
        "grade": True,
        "solution": False,
        "locked": True,
        "points": points,
        "grade_id": f"cell_{points}",
        "schema_version": 3,
        "task": False,
    }
    return cell


@pytest.fixture(scope="module")
def notebook():
    cells = [new_code_cell(LEARNER), graded_cell(TEST, 5), graded_cell(STUBS, 2)]
    made = new_notebook(cells=cells, metadata=KERNEL)
    NotebookClient(made, timeout=120, kernel_name="python3").execute()
    return made


def test_the_outputs_are_one_result_and_no_stderr(notebook):
    for cell in notebook.cells[1:]:
        assert [output.output_type for output in cell.outputs] == ["execute_result"], cell.outputs


def test_nbgrader_reads_the_points(notebook):
    assert notebook.cells[1].outputs[0].data["text/plain"] == "2.0"
    assert [determine_grade(cell) for cell in notebook.cells[1:]] == [(2.0, 5.0), (0.0, 2.0)]


def test_programs_read_the_verdict(notebook):
    data = notebook.cells[1].outputs[0].data[MIME]
    statuses = [check["status"] for check in data["checks"]]
    assert statuses == ["passed", "failed", "failed", "not_attempted"]
    notes = " ".join(data["checks"][0]["notes"])
    for part in ("logged", "warned", "divide", "printed", "kept", "direct", "below", "child"):
        assert part in notes
    assert "`missing` is not defined" in data["checks"][3]["message"]
    assert notebook.cells[2].outputs[0].data[MIME]["attempted"] is False


def test_the_notebook_is_valid_and_becomes_a_page(notebook):
    nbformat.validate(notebook)
    page, _ = HTMLExporter().from_notebook_node(notebook)
    assert "<caption>noisy: 2 of 5 points</caption>" in page
    assert "Not attempted yet: stub" in page
