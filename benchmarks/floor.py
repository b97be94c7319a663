"""The floor: what the code of the cells takes by itself, in a fork of a process with all imports.

Run as ``python -m benchmarks.floor WAY SECONDS NOTEBOOK…``. It imports what the notebooks import,
then for each notebook forks a child that runs its code cells one after the other, and prints one
JSON object a line: seconds of CPU and on the wall, and the most memory (PSS in MB) that child and
parent had together beyond what the parent had alone (`imports_mb`).

WAY is `exec`: the cells' text is compiled and executed, nothing is shown, no figure is drawn. Or it
is `shell`: IPython's shell runs the cells, without a kernel.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import signal
import sys
import tempfile
import time
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

from benchmarks.meter import pss
from curriculum.execution import preload


def main(way: str, seconds: str, *paths: str) -> None:
    """Measure notebooks."""
    notebooks = [_code(Path(path)) for path in paths]
    os.environ["NBGRADER_EXECUTION"] = "autograde"
    os.environ["MPLBACKEND"] = (
        "agg" if way == "exec" else "module://matplotlib_inline.backend_inline"
    )
    _import(preload.modules([cell for cells in notebooks for cell in cells]))
    if way == "shell":
        importlib.import_module("IPython.core.interactiveshell")
    gc.collect()
    gc.freeze()
    alone = pss(os.getpid())
    run = {"exec": _exec, "shell": _shell}[way]
    for path, cells in zip(paths, notebooks, strict=True):
        print(json.dumps({"path": path, **_forked(cells, run, float(seconds), alone)}), flush=True)


def _code(path: Path) -> list[str]:
    plain = json.loads(path.read_text())
    return ["".join(c["source"]) for c in plain["cells"] if c["cell_type"] == "code"]


def _import(names: tuple[str, ...]) -> None:
    for name in names:
        module, _, attribute = name.partition(":")
        with contextlib.suppress(Exception):
            imported = importlib.import_module(module)
            if attribute and not hasattr(imported, attribute):
                importlib.import_module(f"{module}.{attribute}")


def _forked(
    cells: list[str], run: Callable[[list[str], float], None], seconds: float, alone: float
) -> dict[str, float]:
    began = time.monotonic()
    pid = os.fork()
    if pid == 0:
        _child(cells, run, seconds)
    most = 0.0
    while True:
        done, _, used = os.wait4(pid, os.WNOHANG)
        if done:
            break
        most = max(most, pss(os.getpid()) + pss(pid) - alone)
        time.sleep(0.05)
    wall = time.monotonic() - began
    return {
        "cpu": used.ru_utime + used.ru_stime,
        "wall": wall,
        "memory_mb": most,
        "imports_mb": alone,
    }


def _child(cells: list[str], run: Callable[[list[str], float], None], seconds: float) -> NoReturn:
    try:
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            nowhere = os.open(os.devnull, os.O_RDWR)
            for fd in (0, 1, 2):
                os.dup2(nowhere, fd)
            run(cells, seconds)
    finally:
        os._exit(0)


@contextlib.contextmanager
def _stopped_after(seconds: float) -> Iterator[None]:
    """Stop a cell that goes on for too long; a cell that fails is as good as another."""

    def stop(number: int, frame: types.FrameType | None) -> NoReturn:
        raise TimeoutError

    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    except BaseException:
        pass
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _exec(cells: list[str], seconds: float) -> None:
    space = vars(sys.modules["__main__"])
    for number, text in enumerate(cells):
        with _stopped_after(seconds):
            exec(compile(text, f"cell {number}", "exec"), space)


def _shell(cells: list[str], seconds: float) -> None:
    from IPython.core.interactiveshell import InteractiveShell
    from matplotlib_inline.backend_inline import _enable_matplotlib_integration

    shell = InteractiveShell.instance()
    with contextlib.suppress(Exception):
        _enable_matplotlib_integration()
    for text in cells:
        with _stopped_after(seconds):
            shell.run_cell(text, store_history=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
