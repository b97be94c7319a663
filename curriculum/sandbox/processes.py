"""Read from /proc what a notebook's processes use, and kill them.

Everything here looks from outside and trusts nothing that a process says of itself.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_TICK = os.sysconf("SC_CLK_TCK")
_PROC = Path(f"/proc/self/task/{os.getpid()}/children").exists()
"""Whether there is all that is read here; elsewhere psutil knows some of it."""


@dataclass
class Tree:
    """A process and everything that descends from it.

    Parameters
    ----------
    pid : int
        Of the process that `confine` was called in; it need not be alive.

    Notes
    -----
    Memory is what nobody else has the use of: private memory, shared memory and swap, but no
    pages of files, which the kernel can drop. A process that was forked from a warm one shares
    much with it until either writes: `baseline`, called when a notebook begins, finds how much.
    """

    pid: int
    _shell: int | None = field(default=None, repr=False)
    _warm: int = field(default=0, repr=False)
    _stack: int = field(default=0, repr=False)

    @property
    def shell(self) -> int | None:
        """The process that runs the cells, to send signals to; None while there is none."""
        if self._shell is None:
            # Beside the first process of its own world, or below a keeper.
            first, *others = children(self.pid) or [0]
            for shell in (others or children(first))[:1]:
                self._shell = shell
        return self._shell

    def pids(self) -> list[int]:
        """List the processes that are alive, this one first, each parent before its children."""
        return [self.pid, *below(self.pid)] if _tasks(self.pid) else []

    def baseline(self) -> None:
        """Take what the shell has now for what the warm process had."""
        shell = self.shell
        if shell is not None:
            self._warm, self._stack = _private(shell), _stat(shell).stack

    def memory(self, *, exact: bool = False) -> int:
        """Give what the processes have together beyond the warm one, in bytes.

        Parameters
        ----------
        exact : bool
            By default memory that several processes share is counted for each, which is quick and
            never too little. Exactly, it is counted once: some milliseconds for each process.
        """
        pids = self.pids()
        if exact:
            return max(0, sum(_proportional(pid) for pid in pids) - self._warm)
        return sum(self._beyond(pid) for pid in pids)

    def exceeds(self, size: int) -> bool:
        """Tell whether the processes have more than `size` bytes beyond the warm one."""
        return self.memory() > size and self.memory(exact=True) > size

    def _beyond(self, pid: int) -> int:
        # The outer two of the processes that confine starts have what the warm one had.
        forked = bool(self._stack) and _stat(pid).stack == self._stack
        return max(0, _private(pid) - (self._warm if forked else 0))

    def cpu_seconds(self) -> float:
        """Give the processor time of all processes, of those that have ended too.

        What a process whose parent ignores its children's ends had used is lost; a notebook's time
        by the clock holds for it all the same.
        """
        return sum(_stat(pid).seconds for pid in self.pids())

    def threads(self) -> int:
        """Count processes and threads together."""
        return sum(len(_tasks(pid)) for pid in self.pids())

    def kill(self, seconds: float = 5) -> bool:
        """Kill everything, and wait until it is gone; tells whether it is.

        The process `pid` itself and its oldest child are left to end by themselves, with their
        counting and cleaning done, unless that takes longer than half of `seconds`.
        """
        start = time.monotonic()
        spared = children(self.pid)[:1]
        while (passed := time.monotonic() - start) < seconds:
            kill_below(self.pid, spared if passed < seconds / 2 else ())
            if not running_below(self.pid):
                return True
            time.sleep(0.005)
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        return not running_below(self.pid)


def children(pid: int) -> list[int]:
    """List a process's children, the oldest first."""
    if not _PROC:
        return [child.pid for child in _ask(pid, "children") or []]
    found: list[int] = []
    for task in _tasks(pid):
        with suppress(OSError):
            text = Path(f"/proc/{pid}/task/{task}/children").read_text()
            found.extend(int(child) for child in text.split())
    return found


def below(pid: int) -> list[int]:
    """List a process's descendants, each parent before its children."""
    found: list[int] = []
    ahead = [pid]
    while ahead:
        new = [child for parent in ahead for child in children(parent)]
        found += new
        ahead = new
    return found


def outside(pid: int, ancestor: int) -> int | None:
    """Find the number that a process has here, which inside bubblewrap is another.

    Parameters
    ----------
    pid : int
        As it is known inside.
    ancestor : int
        The process here that started bubblewrap's world.
    """
    for found in below(ancestor):
        numbers = _status(found).get("NSpid", "").split()
        if len(numbers) > 1 and numbers[-1] == str(pid) and numbers[0] == str(found):
            return found
    return None


def running_below(pid: int) -> list[int]:
    """List the descendants that have not ended."""
    return [child for child in below(pid) if _stat(child).state not in "ZX"]


def kill_below(pid: int, spared: Collection[int] = ()) -> None:
    """Kill a process's descendants, but for those that are spared.

    They are stopped first: so none can fork faster than it is found.
    """
    for number in (signal.SIGSTOP, signal.SIGKILL):
        seen = set(spared)
        while new := set(running_below(pid)) - seen:
            for child in new:
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(child, number)
            seen |= new


def tasks_of(user: int) -> int:
    """Count a user's processes and threads on this machine."""
    count = 0
    for pid in _all():
        status = _status(pid)
        if status.get("Uid", "").split()[:1] == [str(user)]:
            count += int(status.get("Threads", "1"))
    return count


def _all() -> Iterator[int]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            yield int(entry.name)


def _ask(pid: int, what: str) -> Any:
    """Ask psutil about a process."""
    import psutil  # takes long to import, and is hardly ever needed

    with suppress(psutil.Error):
        return getattr(psutil.Process(pid), what)()
    return None


def _tasks(pid: int) -> list[str]:
    if not _PROC:
        return [str(thread.id) for thread in _ask(pid, "threads") or []]
    try:
        return [entry.name for entry in Path(f"/proc/{pid}/task").iterdir()]
    except OSError:
        return []


def _status(pid: int) -> dict[str, str]:
    try:
        text = Path(f"/proc/{pid}/status").read_text(errors="replace")
    except OSError:
        return {}
    pairs = (line.partition(":") for line in text.splitlines())
    return {name: value.strip() for name, _, value in pairs}


def _private(pid: int) -> int:
    """Give a process's own memory, what is swapped out included, in bytes."""
    if not _PROC:
        memory = _ask(pid, "memory_info")
        return memory.rss if memory else 0
    status = _status(pid)
    parts = (status.get(name, "0") for name in ("RssAnon", "RssShmem", "VmSwap"))
    return sum(int(part.split()[0]) for part in parts) << 10


def _proportional(pid: int) -> int:
    """Give the same, with each page divided by the number of processes that have it."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        lines = {line.split()[0]: int(line.split()[1]) for line in text.splitlines()[1:]}
        return sum(lines[name] for name in ("Pss_Anon:", "Pss_Shmem:", "SwapPss:")) << 10
    except (OSError, KeyError, IndexError, ValueError):
        return _private(pid)


@dataclass(frozen=True)
class _Stat:
    state: str = "X"
    seconds: float = 0
    stack: int = 0


def _stat(pid: int) -> _Stat:
    if not _PROC:
        times, state = _ask(pid, "cpu_times"), _ask(pid, "status")
        return _Stat("Z" if state == "zombie" else "R", sum(times[:4])) if times else _Stat()
    try:
        text = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return _Stat()
    parts = text.rpartition(")")[2].split()
    ticks = sum(int(part) for part in parts[11:15])
    return _Stat(parts[0], ticks / _TICK, int(parts[25]))
