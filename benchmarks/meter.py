"""What a command takes: time on the wall, CPU of all its processes, memory of each kind of them.

CPU is user plus system time of everything that the command started and that has ended, as
`getrusage(RUSAGE_CHILDREN)` counts it. This process adopts orphans (`PR_SET_CHILD_SUBREAPER`), so
none escapes. Processes that were there before, as a cluster's workers, are read from /proc.

Memory is the proportional set size (PSS): a page that several processes share counts for each of
them by its share, so that a sum over processes counts no page twice.
"""

from __future__ import annotations

import ctypes
import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

MB = 1 << 20
SUBREAPER = 36
ZYGOTE, WORKER = "curriculum.execution.zygote", "multiprocessing.spawn"


@dataclass
class Taken:
    """What a command took.

    Parameters
    ----------
    wall, cpu : float
        Seconds.
    output : str
        Everything that it said.
    status : int
        How it ended.
    memory : list of Memory
        One for each look.
    """

    wall: float
    cpu: float
    output: str
    status: int
    memory: list[Memory] = field(default_factory=list)


@dataclass(frozen=True)
class Memory:
    """PSS in MB by kind of process, at one moment."""

    coordinator: float
    workers: float
    zygotes: float
    notebooks: float

    @property
    def work(self) -> float:
        """Everything but the coordinator."""
        return self.workers + self.zygotes + self.notebooks


def measure(
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    *,
    memory: bool = False,
    others: Iterable[psutil.Process] = (),
) -> Taken:
    """Run a command to its end.

    Parameters
    ----------
    command : sequence of str
        Program and arguments.
    folder : Path
        Where it runs.
    environment : mapping
        All of it.
    memory : bool
        Look at its memory twice a second, which takes some CPU by itself.
    others : iterable of psutil.Process
        Processes that work for it without being its children; their CPU counts, too.
    """
    ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
    others = list(others)
    before, began = _ended_cpu() + sum(map(tree_cpu, others)), time.monotonic()
    looks: list[Memory] = []
    with subprocess.Popen(
        command, cwd=folder, env=dict(environment), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
    ) as process:  # fmt: skip
        ended = threading.Event()
        looker = threading.Thread(target=_look, args=(process.pid, ended, looks), daemon=True)
        if memory:
            looker.start()
        assert process.stdout is not None
        output = process.stdout.read()
        status = process.wait()
        ended.set()
        if memory:
            looker.join()
    wall = time.monotonic() - began
    _reap(keep={other.pid for other in others})
    cpu = _ended_cpu() + sum(map(tree_cpu, others)) - before
    return Taken(wall, cpu, output, status, looks)


def _ended_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def tree_cpu(process: psutil.Process) -> float:
    """Give the CPU seconds of a process and of all below it, those that have ended among them."""
    total = 0.0
    for one in [process, *process.children(recursive=True)]:
        try:
            times = one.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


def _reap(keep: set[int], seconds: float = 10) -> None:
    """Wait for orphans that came to this process."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        left = [child for child in psutil.Process().children() if child.pid not in keep]
        if not left:
            return
        for child in left:
            try:
                os.waitpid(child.pid, os.WNOHANG)
            except ChildProcessError:
                return  # somebody waits for it: a Popen of ours
        time.sleep(0.1)


def _look(pid: int, ended: threading.Event, looks: list[Memory]) -> None:
    while not ended.wait(0.5):
        try:
            looks.append(memory_of(psutil.Process(pid)))
        except (psutil.Error, OSError):
            continue


def memory_of(coordinator: psutil.Process) -> Memory:
    """Look at a running `curriculum grade`, or at a cluster's worker in its place."""
    sums = dict.fromkeys(("coordinator", "workers", "zygotes", "notebooks"), 0.0)

    def walk(process: psutil.Process, kind: str) -> None:
        sums[kind] += pss(process.pid)
        for child in process.children():
            try:
                below = _kind(" ".join(child.cmdline()), kind)
                walk(child, below)
            except psutil.Error:
                continue

    walk(coordinator, "coordinator")
    return Memory(**sums)


def _kind(command: str, above: str) -> str:
    if above in ("zygotes", "notebooks"):
        return "notebooks"  # a fork keeps its zygote's command line
    if ZYGOTE in command:
        return "zygotes"
    return "workers" if WORKER in command or above == "workers" else above


def pss(pid: int) -> float:
    """Give the proportional set size of a process in MB; 0 where it is gone or hidden."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    line = next((line for line in text.splitlines() if line.startswith("Pss:")), "Pss: 0")
    return int(line.split()[1]) / 1024


def progress(what: str) -> None:
    """Say what is being measured now, to whoever waits."""
    print(f"[{time.strftime('%H:%M:%S')}] {what}", file=sys.stderr, flush=True)
