"""Grading on a Dask cluster: workers that were started by themselves, and share no file system."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
import small_class
from small_class import FULL, NEGATE, RIGHT, SmallClass
from test_faults import children, wait_for

from curriculum.grading import workers
from curriculum.grading.nbgrader_api import GradingError


@contextmanager
def dask(*command: str, **environment: str) -> Iterator[subprocess.Popen]:
    """Run one of Dask's own commands."""
    program = Path(sys.executable).with_name("dask")
    process = subprocess.Popen(
        [str(program), *command],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    file = tmp_path_factory.mktemp("dask") / "scheduler.json"
    with dask("scheduler", "--port", "0", "--no-dashboard", "--scheduler-file", str(file)):
        wait_for(file.exists, 60)
        yield file


@pytest.fixture(scope="module")
def address(scheduler: Path) -> str:
    return str(json.loads(scheduler.read_text())["address"])


@contextmanager
def worker(scheduler: Path, folder: Path, **environment: str) -> Iterator[subprocess.Popen]:
    one = ("--nthreads", "1", "--no-dashboard", "--local-directory", str(folder))
    with dask("worker", "--scheduler-file", str(scheduler), *one, **environment) as process:
        yield process


def test_nobody_at_the_address_is_said() -> None:
    with (
        pytest.raises(GradingError, match=r"No cluster answers at tcp://127\.0\.0\.1:1"),
        workers.cluster("tcp://127.0.0.1:1", seconds=1),
    ):
        pass


def test_without_dask_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(GradingError, match="needs Dask"), workers.cluster("tcp://x:1"):
        pass


def test_a_cluster_without_workers_is_said(address: str) -> None:
    with pytest.raises(GradingError, match="has no workers yet"), workers.cluster(address):
        pass


@pytest.mark.slow
@pytest.mark.sandbox
def test_two_workers_grade_a_class(
    small: SmallClass, scheduler: Path, address: str, tmp_path: Path
) -> None:
    """With the real execution, in the sandbox of the worker's machine."""
    for number in range(3):
        small.hand_in(f"s{number}", **{"data.txt": str(number)})
    with worker(scheduler, tmp_path / "a"), worker(scheduler, tmp_path / "b"):
        with workers.cluster(address, at_least=2) as (_, slots):
            assert slots == 2
        rows = small.grade(pool=partial(workers.cluster, address), runs=workers.run_alone)
    assert {row.verdict for row in rows.values()} == {"graded"}, rows
    for number in range(3):
        assert small.points(f"s{number}") == FULL


@pytest.mark.slow
def test_a_worker_that_is_killed_costs_nobody_anything(
    small: SmallClass, scheduler: Path, address: str, tmp_path: Path
) -> None:
    small.hand_in("ada", {**RIGHT, **NEGATE, "double": RIGHT["double"] + "# SLEEP"})
    small.hand_in("ben", {**RIGHT, **NEGATE})
    with worker(scheduler, tmp_path / "a", TEST_SLEEP="3") as nanny:
        (process,) = wait_for(lambda: children(nanny.pid, "spawn_main"), 60)
        with workers.cluster(address, at_least=1):
            pass
        code = (
            f"import sys, time, os, signal\ntime.sleep(1.5); os.kill({process}, signal.SIGKILL)\n"
        )
        subprocess.Popen([sys.executable, "-c", code])
        began = time.monotonic()
        rows = small.grade(
            pool=partial(workers.cluster, address), runs=small_class.run_in_a_process
        )
        assert time.monotonic() - began > 1.5
    assert {row.verdict for row in rows.values()} == {"graded"}, rows
    assert not Path(f"/proc/{process}").exists()
