"""The benchmark of grading runs, and prints every part of its tables."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from course import ROOT


@pytest.mark.slow
@pytest.mark.sandbox
def test_a_quick_run_of_the_benchmark_of_grading_prints_its_tables() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.grading", "--quick"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    for row in ("stock", "ours, 1 worker", "ours, Dask, 2 workers", "floor: the cells' code alone",
                "floor with IPython's shell", "4 submissions", "nothing new"):  # fmt: skip
        assert f"| {row}" in done.stdout, done.stdout
    assert "0 of them unlike" in done.stdout
    assert "Running the tests in a process of their own takes" in done.stdout
    assert "Memory with 1 worker" in done.stdout
