"""Kill and remove what a notebook leaves behind where no namespace ends with it."""

from __future__ import annotations

import os
import shutil
import signal
import time
from contextlib import suppress
from pathlib import Path

from curriculum.sandbox import processes
from curriculum.sandbox.plan import Plan

_SHARED_MEMORY = Path("/dev/shm")


def wait(child: int) -> int:
    """Collect everything that ends until this child does, or this process is told to end.

    SIGTERM and SIGCHLD must be blocked; the first is what the kernel sends when the parent ends.
    """
    while True:
        told = signal.sigwait({signal.SIGTERM, signal.SIGCHLD})
        if told == signal.SIGTERM:
            return signal.SIGKILL
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == child:
                return status
            if pid == 0:
                break


def kill(*, everything: bool) -> None:
    """Kill every descendant of this process, and collect what they used.

    Parameters
    ----------
    everything : bool
        Kill all that this process may kill, at once. Else, its descendants are looked for; it must
        be one that orphans come to.
    """
    while True:
        if everything:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(-1, signal.SIGKILL)
        else:
            processes.kill_below(os.getpid())
        if not _collect():
            return
        time.sleep(0.002)


def _collect() -> bool:
    """Collect what has ended; tells whether there is anything left."""
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return False
        if pid == 0:
            return True


def shared_memory() -> frozenset[str]:
    """Name what there is of shared memory."""
    try:
        return frozenset(path.name for path in _SHARED_MEMORY.iterdir())
    except OSError:
        return frozenset()


def clean(plan: Plan, before: frozenset[str]) -> None:
    """Remove a notebook's files.

    Parameters
    ----------
    plan : Plan
        Of the notebook.
    before : frozenset of str
        What there was of shared memory when it began.
    """
    shutil.rmtree(plan.home, ignore_errors=True)
    user = os.geteuid() if plan.user is None else plan.user
    new = [_SHARED_MEMORY / name for name in shared_memory() - before]
    mine = [path for path in new if _owner(path) == user]
    # A user that is somebody else too: what is in use may be another notebook's.
    used = _mapped() if mine and plan.user is None else ""
    for path in mine:
        if str(path) not in used:
            with suppress(OSError):
                path.unlink()


def _owner(path: Path) -> int | None:
    try:
        return path.lstat().st_uid
    except OSError:
        return None


def _mapped() -> str:
    """Give the names of the files that this user's processes have in memory."""
    texts = []
    for maps in Path("/proc").glob("[0-9]*/maps"):
        with suppress(OSError):
            texts.append(maps.read_text(errors="replace"))
    return "\n".join(texts)
